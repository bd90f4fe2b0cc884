// What others remember of this log: roots that kiosks echo, roots that lie published beside the book. A log put back from an older copy,
// or one that was rewritten, is contradicted by them (R6, 29). Repairs nothing: a person must.

import type { LogHead } from '../../db/model/log-root.ts';
import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { logRootAt, logSize } from './log.ts';
import { publishedRoots } from './published.ts';

/** Whoever holds a root that this log does not have. */
export interface Contradiction {
  /** log_shorter: the log ends before it. log_other: it says something else there. */
  readonly code: 'log_shorter' | 'log_other';
  /** Null: it lies in a file beside the book. */
  readonly kiosk: string | null;
  readonly path: string | null;
  readonly held: LogHead;
  /** Entries in the log now. */
  readonly size: number;
}

/** Keeps the root that an up-file says its kiosk holds, and says whether this log contradicts it. */
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
  return contradictionOf(db, { kiosk, path: null }, held);
}

/** Everything that contradicts this log, asked when the county starts: kept echoes, and the roots published in `logFolder`. */
export function contradictions(db: ReadableDatabase, logFolder: string): readonly Contradiction[] {
  const echoes = prepared<[], LogHead & { readonly kiosk: string }>(
    db,
    'SELECT size, root, min(kiosk) AS kiosk FROM log_echo GROUP BY size, root ORDER BY size',
  )
    .all()
    .map((row) => ({ ...row, path: null }));
  const published = publishedRoots(logFolder).map(({ path, head: { size, root } }) => ({ size, root, kiosk: null, path }));
  return [...echoes, ...published].flatMap(({ kiosk, path, size, root }) => contradictionOf(db, { kiosk, path }, { size, root }) ?? []);
}

/** Whether the largest root that a kiosk said it holds contradicts this log: none that we have continues it. */
export function isContradictedBy(db: ReadableDatabase, kiosk: string): boolean {
  const held = prepared<[string], LogHead>(db, 'SELECT size, root FROM log_echo WHERE kiosk = ? ORDER BY size DESC LIMIT 1').get(kiosk);
  return held !== undefined && contradictionOf(db, { kiosk, path: null }, held) !== null;
}

function contradictionOf(db: ReadableDatabase, holder: Pick<Contradiction, 'kiosk' | 'path'>, held: LogHead): Contradiction | null {
  const size = logSize(db);
  if (held.size > size) return { code: 'log_shorter', ...holder, held, size };
  return logRootAt(db, held.size) === held.root ? null : { code: 'log_other', ...holder, held, size };
}
