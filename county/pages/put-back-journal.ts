// What a put-back did, as lines of the journal: which copy, what was taken up, what is lost, what the county advanced. Puts nothing back:
// county/backup-commands.ts does.

import type { Advance } from '../book/advances.ts';
import type { CountyBook } from '../book/county-book.ts';
import type { TakenUp } from '../evidence.ts';
import { countText, pointsText } from './amounts.ts';
import { type ClerkDeed, writeAct } from './clerks.ts';

/** Nobody signs in to put a book back: the command has no name of a person. */
const byCommand = '命令 put-back';

interface Told extends TakenUp {
  /** The copy and its last entry; null: only what lies beside the book was taken up. */
  readonly copy: { readonly name: string; readonly entry: number } | null;
  /** All advances that are open. */
  readonly advances: readonly Advance[];
  /** Name of the file that lists what is lost. */
  readonly report: string;
}

/** Writes them, all at one moment. */
export function journalPutBack(
  book: CountyBook,
  { copy, upFiles, downFiles, awards, takeBacks, lost, advances, report }: Told,
): Promise<void> {
  const deeds: [ClerkDeed, string][] = [];
  if (copy !== null) deeds.push(['put_back', `回到县账第 ${copy.entry} 条为止，备份 ${copy.name}；那以后的操作记录也丢了`]);
  deeds.push([
    'took_up',
    `终端文件 ${upFiles} 份、下行文件 ${downFiles} 份、赋分表 ${awards} 份${takeBacks === 0 ? '' : `、收回 ${takeBacks} 次`}`,
  ]);
  if (lost.length > 0) deeds.push(['put_back_lost', `${countText(lost.length)} 件，逐件见 ${report}`]);
  if (advances.length > 0) {
    const sum = advances.reduce((total, { amount }) => total + amount, 0);
    deeds.push(['put_back_advanced', `${countText(advances.length)} 笔，共 ${pointsText(sum)} 积分，逐户见 ${report}`]);
  }
  const at = book.wallMs();
  return book.transact(({ db }) => {
    for (const [what, about] of deeds) writeAct(db, { name: byCommand, what, about, at });
  });
}
