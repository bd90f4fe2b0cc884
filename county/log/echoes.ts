// What others remember of this log: roots that kiosks echo, roots that lie published beside the book. A log put back from an older copy,
// or one that was rewritten, is contradicted by them (R6, 29). What a kiosk alone says, and people have answered for, contradicts no more:
// one stolen key would end the signing for ever. Repairs nothing: a person must.

import { amountMax } from '../../db/model/amounts.ts';
import type { LogHead } from '../../db/model/log-root.ts';
import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { logRootAt, logSize, newestRoot } from './log.ts';
import { publishedRoots } from './published.ts';

/** Whoever holds a root that this log does not have. */
export interface Contradiction {
  /** log_shorter: the log ends before it. log_other: it says something else there. log_spoilt: it is a file that nobody can read any more. */
  readonly code: 'log_shorter' | 'log_other' | 'log_spoilt';
  /** Null: it lies in a file beside the book. */
  readonly kiosk: string | null;
  readonly path: string | null;
  /** Of a spoilt file only the size is known, by its name. */
  readonly held: LogHead;
  /** Entries in the log now. */
  readonly size: number;
}

/** What a kiosk holds, as its exception begins. */
export function heldText({ kiosk, path, held }: Pick<Contradiction, 'kiosk' | 'path' | 'held'>): string {
  return `${kiosk ?? path} holds root ${held.root} of ${held.size} entries`;
}

/**
 * Keeps the root that an up-file says its kiosk holds, and says whether this log contradicts it. Of a root that people have answered for,
 * its kiosk's next files tell nothing new.
 */
export function takeEcho(
  db: WritableDatabase,
  { kiosk, inc, fileSeq }: { readonly kiosk: string; readonly inc: number; readonly fileSeq: number },
  held: LogHead | null,
): Contradiction | null {
  if (held === null) return null;
  const { changes } = prepared(db, 'INSERT INTO log_echo (kiosk, inc, file_seq, size, root) VALUES (?, ?, ?, ?, ?)').run(
    kiosk,
    inc,
    fileSeq,
    held.size,
    held.root,
  );
  assert(changes === 1, 'an echo is kept');
  const found = contradictionOf(db, { kiosk, path: null }, held);
  return found !== null && isAnswered(db, kiosk, fileSeq, held) ? null : found;
}

/** Everything that contradicts this log, asked when the county starts: kept echoes, and the roots published in `logFolder`. */
export function contradictions(db: ReadableDatabase, logFolder: string): readonly Contradiction[] {
  const echoes = prepared<[], LogHead>(db, 'SELECT size, root FROM log_echo GROUP BY size, root ORDER BY size')
    .all()
    .flatMap((held) => contradictionOf(db, { kiosk: null, path: null }, held) ?? [])
    .flatMap((found) => {
      const kiosk = holderOf(db, found.held);
      return kiosk === null ? [] : [{ ...found, kiosk }];
    });
  const published = publishedRoots(logFolder).flatMap(
    ({ path, head: { size, root } }) => contradictionOf(db, { kiosk: null, path }, { size, root }) ?? [],
  );
  return [...echoes, ...published];
}

/** The first kiosk that holds such a root and was not answered for; null: all were. */
function holderOf(db: ReadableDatabase, held: LogHead): string | null {
  const holders = prepared<[number, string], { kiosk: string; fileSeq: number }>(
    db,
    'SELECT kiosk, min(file_seq) AS "fileSeq" FROM log_echo WHERE size = ? AND root = ? GROUP BY kiosk ORDER BY kiosk',
  ).all(held.size, held.root);
  return holders.find(({ kiosk, fileSeq }) => !isAnswered(db, kiosk, fileSeq, held))?.kiosk ?? null;
}

/**
 * Whether the largest root that a kiosk said it holds, or that a lost file gave it, has none of ours that continues it: the log says
 * something else, or no root as large is signed again yet. One that people have answered for is passed over.
 */
export function isContradictedBy(db: ReadableDatabase, kiosk: string): boolean {
  const page = prepared<[string, number, string, number], LogHead & { readonly fileSeq: number }>(
    db,
    `SELECT size, root, min(file_seq) AS "fileSeq" FROM log_echo WHERE kiosk = ? AND (size, root) < (?, ?)
      GROUP BY size, root ORDER BY size DESC, root DESC LIMIT ?`,
  );
  for (let last = { size: amountMax, root: '' }; ;) {
    const rows = page.all(kiosk, last.size, last.root, pageRows);
    for (const { fileSeq, ...held } of rows) {
      const isOther = contradictionOf(db, { kiosk, path: null }, held) !== null;
      if (isOther && isAnswered(db, kiosk, fileSeq, held)) continue;
      return isOther || held.size > (newestRoot(db)?.size ?? 0);
    }
    if (rows.length < pageRows) return false;
    last = rows.at(-1)!; // a full page has one
  }
}

/** Nearly always the first one says it. */
const pageRows = 20;

function contradictionOf(db: ReadableDatabase, holder: Pick<Contradiction, 'kiosk' | 'path'>, held: LogHead): Contradiction | null {
  const size = logSize(db);
  if (held.size > size) return { code: 'log_shorter', ...holder, held, size };
  return logRootAt(db, held.size) === held.root ? null : { code: 'log_other', ...holder, held, size };
}

/**
 * Whether people have answered for all that they were told of a root that a kiosk says it holds. What a file of the county's own gave it
 * (`fileSeq` below 0) is no word of the kiosk's: nobody answers that away.
 */
function isAnswered(db: ReadableDatabase, kiosk: string, fileSeq: number, held: LogHead): boolean {
  if (fileSeq < 0) return false;
  const { told, open } = toldOf(db, { kiosk, path: null, held });
  return told > 0 && open === 0;
}

/** Whether people are told of somebody's root, and nobody has answered yet. */
export function isAsked(db: ReadableDatabase, of: Pick<Contradiction, 'kiosk' | 'path' | 'held'>): boolean {
  return toldOf(db, of).open > 0;
}

function toldOf(
  db: ReadableDatabase,
  of: Pick<Contradiction, 'kiosk' | 'path' | 'held'>,
): { readonly told: number; readonly open: number } {
  const beginning = `${heldText(of)};`;
  const raised = prepared<[string, string], { detail: string; isOpen: number }>(
    db,
    `SELECT detail, CASE WHEN number IN (SELECT exception FROM exception_answer) THEN 0 ELSE 1 END AS "isOpen"
       FROM exception WHERE kiosk = ? AND code = 'log_contradicted' AND detail LIKE ?`,
  )
    .all(of.kiosk ?? '', `${beginning}%`)
    .filter(({ detail }) => detail.startsWith(beginning)); // LIKE takes other letters for the same, and _ for any
  return { told: raised.length, open: raised.filter(({ isOpen }) => isOpen === 1).length };
}
