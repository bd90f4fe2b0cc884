// `carry`: takes in what shops without a network sent on a stick or an SFTP drop, and puts answers and files for them beside it; says what came
// of it and what to do next. Decides nothing: carried.ts does.

import type { Verdict } from '../db/model/up-file.ts';
import type { CountyBook } from './book/county-book.ts';
import { type Carried, type CarriedKiosk, carry } from './carried.ts';
import type { Terminal } from './log/commands.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const carryUsage = `       npm run county -- carry --data DIR --from /STICK [--kiosk ID]    takes in what shops sent on a stick, puts answers and files for them on it
`;

export const carryCommands: Readonly<Record<'carry', BookCommand>> = { carry: carryStick };

async function carryStick(book: CountyBook, { from, kiosk }: CommandOptions, terminal: Terminal): Promise<number> {
  if (from === undefined) {
    terminal.complain(`usage:\n${carryUsage}`);
    return 2;
  }
  try {
    const done = await carry(book, { place: from, only: kiosk ?? null, told: (each) => terminal.say(`${each} …\n`) });
    if (!done.ok) {
      const { zh, en } = refusals[done.code];
      terminal.complain(`${zh}\n${en}\n`);
      return 1;
    }
    terminal.say(toldOf(done.value));
    return 0;
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    terminal.complain(
      `没有做完，已收下的都在账上，再输入一次就接着做：${error.message}\nnot finished; what was taken is taken, type it again: ${error.message}\n`,
    );
    return 1;
  }
}

const refusals = {
  no_place: { zh: '--from 要写 U 盘的完整路径，并且 U 盘要在', en: '--from names the stick, which must be there, by its whole path' },
  nothing_there: {
    zh: 'U 盘上没有本县终端的文件（civicpos/县代码/up）。要给一台终端带文件，加上 --kiosk',
    en: 'there is nothing of this county on it (civicpos/CODE/up); to bring files to a kiosk name it with --kiosk',
  },
  unknown_kiosk: { zh: '本县没有这台终端', en: 'this county has no such kiosk' },
  busy: { zh: '正在读另一个 U 盘，等它做完', en: 'another stick is being read: wait for it' },
} as const;

/** What a clerk reads of an answer. */
const verdictWords = {
  ACCEPTED: '已入账',
  DUPLICATE: '以前收过',
  FORK: '与以前收过的不是同一份，没有入账',
  GAP: '前面还缺文件，等着',
  OUT_OF_BALANCE: '合计不平，没有入账',
  REJECTED: '不能相信，没有入账',
} as const satisfies { readonly [verdict in Verdict]: string };

function toldOf({ kiosks, strangers }: Carried): string {
  const lines = kiosks.map(kioskLine);
  const others =
    strangers.length === 0 ? '' : `不是本县终端，没有动 / no kiosk of this county, left as it is: ${strangers.slice(0, 20).join(', ')}\n`;
  const isAmiss = kiosks.some(({ verdicts, unreadable }) => unreadable.length > 0 || verdicts.some((each) => !wellTaken.has(each)));
  return `${lines.join('')}${others}${isAmiss ? '有没入账的：看 /clerk 的“异常” / something was not posted: see the exceptions under /clerk\n' : ''}
U 盘可以拔了。带回店里，在终端“上传”页再按一次 U 盘，回执和县里的文件就收下了。
新积分在夜里生成：夜间对账后（或 npm run county -- night）再做一次本命令，带回的就是最新的。
The stick can be taken out. At the shop press its key on the kiosk's upload page again: it takes the answers and the county's files.
What the county gives is made at night: after it (or after the command night) do this once more to bring the newest.
`;
}

const wellTaken: ReadonlySet<Verdict> = new Set(['ACCEPTED', 'DUPLICATE']);

function kioskLine({ kiosk, verdicts, unreadable, given }: CarriedKiosk): string {
  const counts = (Object.keys(verdictWords) as Verdict[]).flatMap((verdict) => {
    const n = verdicts.filter((each) => each === verdict).length;
    return n === 0 ? [] : [`${verdictWords[verdict]} ${n} (${verdict})`];
  });
  const bad = unreadable.length === 0 ? '' : `；读不了 ${unreadable.length}：${unreadable.slice(0, 5).join(', ')}`;
  return `${kiosk}: 收到 ${verdicts.length} 个文件${counts.length === 0 ? '' : `：${counts.join('，')}`}${bad}；放上县里文件 ${given} 个\n`;
}
