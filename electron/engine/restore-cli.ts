// `npm run restore -- --from FILE --home DIR`: puts a backup back as the home of a kiosk, and says what is back, what is lost, and
// what has to be done: in Chinese and in English, since the owner may stand beside the technician. Ends 0 where it is restored, 1 where it was refused, 2 where it was not asked rightly.

import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { clockText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import { parseRecoveryCode } from '../../db/recovery-code.ts';
import { type Restored, type RestoreFailure, restoreHome } from '../../db/restore.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';

const usage = `usage: npm run restore -- --from FILE --home DIR [--code-file FILE] [--past N]

  --from FILE       a backup: ….jifenbackup
  --home DIR        where the kiosk will live from now on; must not be there yet
  --code-file FILE  holds the recovery code; without it the code is asked for
  --past N          the same backup was put back before, and the county has it as incarnation N: this one is a later one`;

interface Asked {
  readonly from: string;
  readonly home: string;
  readonly codeFile: string | null;
  readonly past: number;
}

async function main(): Promise<number> {
  const asked = readArgs(process.argv.slice(2));
  if (asked === null) {
    console.error(usage);
    return 2;
  }
  const code = parseRecoveryCode(asked.codeFile === null ? await askCode() : readFileSync(asked.codeFile, 'utf8'));
  if (code === null) {
    console.error('没有恢复：恢复码不对。它有七组，每组四个字母，有一个看错了。');
    console.error('nothing was restored: this is no recovery code. It has seven groups of four letters; one of them is read wrong.');
    return 1;
  }
  const outcome = await restoreHome({
    from: asked.from,
    directory: asked.home,
    code,
    clock: { wallMs: () => Date.now(), monoMs: () => performance.now() },
    decode: readKeptFrames,
    past: asked.past,
    report: (line) => console.log(line),
  });
  if (!outcome.ok) {
    const { zh, en } = whyNot(outcome.code);
    console.error(`没有恢复：${zh}。`);
    console.error(`nothing was restored: ${en} (${outcome.detail})`);
    return 1;
  }
  for (const line of [...toldInChinese(outcome.value, asked.home), ...told(outcome.value, asked.home)]) console.log(line);
  return 0;
}

function readArgs(argv: readonly string[]): Asked | null {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        from: { type: 'string' },
        home: { type: 'string' },
        'code-file': { type: 'string' },
        past: { type: 'string', default: '0' },
      },
    });
    const { from, home, 'code-file': codeFile, past } = values;
    if (!/^\d{1,3}$/.test(past)) return null;
    if (from === undefined || home === undefined || (codeFile !== undefined && !existsSync(codeFile))) return null;
    return { from, home, codeFile: codeFile ?? null, past: Number(past) };
  } catch {
    return null; // an option we do not know: the usage says which there are
  }
}

/** One line of the terminal, or of what is piped in. */
async function askCode(): Promise<string> {
  process.stderr.write('recovery code (on the owner’s paper): ');
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line;
  }
  return '';
}

/** What a person has to know. */
function toldInChinese({ facts, inc, incLeaf, newest, closing, lastReceipt, lostEvents }: Restored, home: string): readonly string[] {
  return [
    '',
    `恢复好了：${facts.county} 的终端 ${facts.kiosk}，放在 ${home}，第 ${inc} 次。`,
    `回来了：${newest.day} ${clockText(newest.at, newest.at)} 以前的账（第 ${newest.seq} 条）；${closing === null ? '还没有日结过' : `最后日结的是 ${closing.day}，${closing.number}`}。`,
    lostEvents === null
      ? '没有了：这以后在终端上做的。'
      : lostEvents === 0
        ? '没有了：什么也没有少（按锚点）。'
        : `没有了：这以后的 ${lostEvents} 条（按锚点），里面有卖货、给积分、退货。`,
    `  ${lastReceipt === null ? '里面没有小票。' : `里面最后一张小票是 ${lastReceipt}。`}请把号码更后面的小票都找来：上面的码能证明发生过什么。`,
    '店里要做：打开终端，现金马上可以卖。旧机器和旧文件夹不要再用。',
    `县里要做：把那些小票记进去，再发一份文件，重新给第 ${inc} 次（${incLeaf}）发积分。`,
    '文件到以前，这里不能用积分。备份以前卖的货，要到县里退。',
  ];
}

/** The same in English. */
function told({ facts, inc, incLeaf, newest, closing, lastReceipt, lostEvents }: Restored, home: string): readonly string[] {
  const until = `${clockText(newest.at, newest.at)} of ${newest.day}`;
  return [
    '',
    `Restored: kiosk ${facts.kiosk} of ${facts.county}, in ${home}, incarnation ${inc}.`,
    `What is back: everything until ${until} (event ${newest.seq})${closing === null ? '; no day was closed yet' : `; the last closed day is ${closing.day}, ${closing.number}`}.`,
    lostEvents === null
      ? `What is lost: whatever was done at the kiosk after that.`
      : lostEvents === 0
        ? 'What is lost: nothing, by the anchor.'
        : `What is lost: ${lostEvents} events after that, by the anchor: sales, credits and returns among them.`,
    `  ${lastReceipt === null ? 'No receipt is in it.' : `The last receipt in it is ${lastReceipt}.`} Gather the papers with later numbers: their codes prove what happened.`,
    'What the shop does: start the till. It sells for cash at once. Do not use the old machine or its folder again.',
    `What the county does: enter what the papers say, then send a file that issues the points anew, for incarnation ${inc} of ${incLeaf}.`,
    'Until it has come, points cannot be used here. Goods sold before the backup come back only at the county.',
  ];
}

function whyNot(code: RestoreFailure): { readonly zh: string; readonly en: string } {
  switch (code) {
    case 'file_missing':
      return { zh: '找不到备份文件', en: 'the backup is not there' };
    case 'home_exists':
      return { zh: '那里已经有东西了', en: 'something is there already' };
    case 'not_a_backup':
      return { zh: '这个文件不是终端的备份', en: 'this file is no backup of a kiosk' };
    case 'newer_format':
    case 'book_newer':
      return { zh: '备份是更新的程序做的，请先装那个程序', en: 'it was made by a newer program: install that first' };
    case 'wrong_code':
      return { zh: '这是别的终端的恢复码', en: 'the recovery code is of another kiosk' };
    case 'damaged':
      return { zh: '文件坏了或不完整，请用更早的一份', en: 'the file is damaged or cut off: take an older one' };
    case 'book_false':
      return { zh: '里面的账簿没有通过检查', en: 'the book in it does not verify' };
    case 'no_room':
      return { zh: '磁盘满了', en: 'the disk is full' };
    default:
      return never(code);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error('nothing was restored:', error);
  process.exitCode = 1;
}
