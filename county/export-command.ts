// `export` lays a county's files out for its committee, or anybody who checks them without the county's book; says what to type next. Decides
// nothing: outsiders-folder.ts does.

import { isAbsolute } from 'node:path';
import type { CountyBook } from './book/county-book.ts';
import type { Terminal } from './log/commands.ts';
import { type LayOutCode, layOutForOutsiders } from './outsiders-folder.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const exportUsage = `       npm run county -- export --data DIR --to /PLACE     all files, the log and the public keys, for who checks them without the book
`;

export const exportCommands: Readonly<Record<'export', BookCommand>> = { export: exportFolder };

async function exportFolder(book: CountyBook, { to }: CommandOptions, terminal: Terminal): Promise<number> {
  if (to === undefined || !isAbsolute(to)) {
    terminal.complain(`--to names a folder by its whole path\nusage:\n${exportUsage}`);
    return 2;
  }
  try {
    const done = await layOutForOutsiders(book, to);
    if (!done.ok) {
      const { zh, en } = refusals[done.code];
      terminal.complain(`${done.path}: ${zh}\n${done.path}: ${en}\n`);
      return 1;
    }
    const { added, kept, kiosks, withoutKey } = done.value;
    terminal.say(toldOf({ place: to, added, kept, kiosks }));
    if (withoutKey.length > 0) terminal.say(keylessText(withoutKey));
    return 0;
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    terminal.complain(`没有导完，再输入一次就接着导：${error.message}\nnot finished; type it again and it goes on: ${error.message}\n`);
    return 1;
  }
}

const refusals: Readonly<Record<LayOutCode, { readonly zh: string; readonly en: string }>> = {
  differs: {
    zh: '与县里的不一样，没有覆盖。两份都留着，先查清是谁改的，再导到别的文件夹',
    en: 'is not what the county has: it was not written over. Keep both, find out who changed which, then export to another folder',
  },
  lost: {
    zh: '账簿里有，县文件夹里没有或已损坏。从备份放回后再导',
    en: 'is named by the book and missing or damaged in the county’s folder: put it back from a backup, then export again',
  },
  other_keys: {
    zh: '是别的县的，或者同一终端的第一把密钥不同。什么也没有复制',
    en: 'is of another county, or has another first key of a kiosk: nothing was copied',
  },
  no_place: {
    zh: '不能放在县文件夹里面，上级文件夹也必须存在。什么也没有复制',
    en: 'lies within the county’s own folder, or in a folder that is not there: nothing was copied',
  },
  busy: { zh: '正在往这里导', en: 'an export to it is going on' },
};

function toldOf(of: { readonly place: string; readonly added: number; readonly kept: number; readonly kiosks: number }): string {
  const { place, added, kept, kiosks } = of;
  const [files, keys] = [typed(place), typed(`${place}/keys.json`)];
  return `已导出到 ${place}：${kiosks} 台终端，新增 ${added} 个文件，原有 ${kept} 个逐字节相同
exported to ${place}: ${kiosks} kiosks, ${added} files added, ${kept} there already, the same byte for byte

接下来核对，两个程序互不相干 / check it next, with two programs that share nothing:
  npm run verify -- --files ${files} --keys ${keys}
  python3 tests/outsider/verify.py --files ${files} --keys ${keys}
监督委员会签名 / the committee signs:
  npm run county -- cosign --data ${files} --key FILE

keys.json 是县里写的：与另外得到的公钥比对后再信。作废的密钥记在 log 里，有签名。
keys.json is the county's word: compare it with keys that came to you by another way. Keys that ended stand in log, signed.
里面没有私钥，但下发的文件有居民姓名、余额和操作员 PIN 的散列；字节是签了名的，去掉姓名就验不了。请像县里一样严加保管。
No private key is in it; but the files to kiosks hold residents' names, balances and hashes of operators' PINs. Their bytes are signed: without
the names nothing could be verified. Keep the folder as the county keeps its own.
`;
}

function keylessText(kiosks: readonly string[]): string {
  const names = kiosks.join(', ');
  return `还没上传过、没有密钥的终端，只有县里发给它们的文件：${names}
of kiosks that sent nothing yet only the county’s files to them are in it, and their keys are not there yet: ${names}
`;
}

/** As a shell takes it for one word. */
function typed(path: string): string {
  return /^[\p{L}\p{N}_./:-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** A full stick, one that was pulled out, a folder that is another user's. */
function isOfDisk(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
