// The roots of the county's log that this kiosk was given: each must continue the one before, and all are kept for ever, so that a
// county which tells another history is contradicted (reconciliation.md R5; R6, 29). Signs nothing and sends nothing.

import type { DownHeader } from './model/down-file.ts';
import { type LogHead, openLogRoot } from './model/log-root.ts';
import { type Result, assert, fail, ok } from './model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from './sqlite.ts';
import { isConsistent } from './tree-proofs.ts';

/** Why a root is not taken: not signed by the county, no checkpoint of its log, or of another history than was told before. */
export type RootRefusal = 'signature' | 'malformed' | 'log_forked';

/** The newest root held, for the header of the next file up; null where the county never gave one. */
export function newestCountyRoot(db: ReadableDatabase): LogHead | null {
  const row = prepared<[], { size: number; root: string }>(db, 'SELECT size, root FROM county_root ORDER BY down_seq DESC LIMIT 1').get();
  return row === undefined ? null : { size: row.size, root: row.root };
}

/** Keeps the root that a file brings, in the transaction that applies it. */
export function keepCountyRoot(
  db: WritableDatabase,
  header: Pick<DownHeader, 'county' | 'downSeq' | 'countyRoot'>,
  fileKeys: readonly Uint8Array[],
): Result<null, RootRefusal> {
  const next = nextCountyRoot(newestCountyRoot(db), header, fileKeys);
  if (!next.ok) return next;
  if (header.countyRoot === undefined || next.value === null) return ok(null);
  const { note, proof } = header.countyRoot;
  const { changes } = db
    .prepare('INSERT INTO county_root (down_seq, size, root, note, proof) VALUES (?, ?, ?, ?, ?)')
    .run(header.downSeq, next.value.size, next.value.root, note, JSON.stringify(proof));
  assert(changes === 1, 'a root was kept');
  return ok(null);
}

/** The root held after a file, where `held` was held before it. A county that gave roots and stops is hiding one. */
export function nextCountyRoot(
  held: LogHead | null,
  { county, countyRoot }: Pick<DownHeader, 'county' | 'countyRoot'>,
  fileKeys: readonly Uint8Array[],
): Result<LogHead | null, RootRefusal> {
  if (countyRoot === undefined) return held === null ? ok(null) : fail('log_forked');
  const opened = openLogRoot(countyRoot.note, county, fileKeys);
  if (!opened.ok) return opened;
  const { size, root } = opened.value;
  const proof = countyRoot.proof.map((each) => Buffer.from(each, 'base64url'));
  const continues = held === null ? proof.length === 0 : isConsistent(bytesOf(held), bytesOf({ size, root }), proof);
  return continues ? ok({ size, root }) : fail('log_forked');
}

function bytesOf({ size, root }: LogHead): { readonly size: number; readonly root: Buffer } {
  return { size, root: Buffer.from(root, 'base64url') };
}
