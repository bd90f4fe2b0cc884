// Which files of kiosks wait at the county, less those that can never be posted: the kiosk and the county have both lost what the county
// had sent before, or the kiosk's own file before it, and a person was told. Believes neither the county's word for it nor the kiosk's: looks
// where that would lie, and asks the network what came: a book that forgets a file would else be excused for it.

import { hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { upFilePath } from '../../db/up-files.ts';
import type { UpName } from './county.ts';

interface Waiting extends UpName {
  readonly path: string;
}

export interface Places {
  /** The county's. */
  readonly directory: string;
  /** The kiosk's, null where none is. */
  readonly homeOf: (kiosk: string) => string | null;
  /** Whether the county took a file in and still has its bytes, as the network saw it. */
  readonly came: (file: UpName) => boolean;
}

/** How many files wait that may still be posted, or of which nobody was told. */
export function filesParked(db: ReadableDatabase, { directory, homeOf, came }: Places): number {
  const waiting = prepared<[], Waiting>(
    db,
    `SELECT kiosk, inc, file_seq AS fileSeq, path FROM up_file WHERE NOT EXISTS (
       SELECT 1 FROM answer WHERE answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc AND answer.file_seq = up_file.file_seq
         AND answer.sha256 = up_file.sha256 AND verdict <> 'GAP') ORDER BY kiosk, inc, file_seq`,
  ).all();
  const ended = new Map<string, number>(); // kiosk and incarnation, and from which file on nothing of it can come
  for (const file of waiting) {
    const { kiosk, inc, fileSeq, path } = file;
    const name = `${kiosk}/${inc}`;
    const home = homeOf(kiosk);
    if (ended.has(name) || !isOver(db, file)) continue;
    if (isRestored(db, file) && isMissing(db, file, { home, came })) ended.set(name, fileSeq);
    if (!isTold(db, file)) continue;
    const lying = new Set([join(directory, 'down', kiosk), ...(home === null ? [] : [join(home, 'down')])].flatMap(digestsIn));
    const isKnown = (sha256: string): boolean =>
      lying.has(sha256) || prepared(db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND sha256 = ?').get(kiosk, sha256) !== undefined;
    if (appliedBy(join(directory, path)).some((sha256) => !isKnown(sha256))) ended.set(name, fileSeq);
  }
  return waiting.filter(({ kiosk, inc, fileSeq }) => fileSeq < (ended.get(`${kiosk}/${inc}`) ?? Infinity)).length;
}

/** Its kiosk goes on in another incarnation: it has nothing of this one to send any more. */
function isOver(db: ReadableDatabase, { kiosk, inc }: Waiting): boolean {
  return prepared<[string], { newest: number }>(db, 'SELECT max(inc) AS newest FROM chain WHERE kiosk = ?').get(kiosk)!.newest > inc; // an aggregate has a row
}

/** A person was told that the kiosk goes on in another incarnation, and of what it may have forgotten. */
function isRestored(db: ReadableDatabase, { kiosk, inc }: Waiting): boolean {
  const row = prepared<[string, number], object>(
    db,
    `SELECT 1 FROM exception WHERE kiosk = ? AND inc > ? AND code IN ('restored', 'restored_behind')`,
  ).get(kiosk, inc);
  return row !== undefined;
}

/** The first of its incarnation that is to be posted came to the county never, and is not on the kiosk's disk: it was lost on its way. */
function isMissing(
  db: ReadableDatabase,
  { kiosk, inc, fileSeq }: Waiting,
  { home, came }: Pick<Places, 'came'> & { readonly home: string | null },
): boolean {
  const { posted } = prepared<[string, number], { posted: number | null }>(
    db,
    `SELECT max(file_seq) AS posted FROM answer WHERE kiosk = ? AND inc = ? AND verdict = 'ACCEPTED'`,
  ).get(kiosk, inc)!; // an aggregate has a row
  const next = (posted ?? 0) + 1;
  if (next >= fileSeq || came({ kiosk, inc, fileSeq: next })) return false;
  return home === null || !existsSync(upFilePath({ up: join(home, 'up') }, { inc, fileSeq: next }, 'jsonl.gz'));
}

function isTold(db: ReadableDatabase, { kiosk, inc, fileSeq }: Waiting): boolean {
  const row = prepared<[string, number, number], object>(
    db,
    `SELECT 1 FROM exception WHERE kiosk = ? AND inc = ? AND file_seq = ? AND code = 'unknown_down_file'`,
  ).get(kiosk, inc, fileSeq);
  return row !== undefined;
}

function digestsIn(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl.gz')) : [];
  return names.map((name) => hash('sha256', gunzipSync(readFileSync(join(folder, name))), 'base64url'));
}

/** Files of the county that the kiosk applied, by the events of its own. */
function appliedBy(path: string): readonly string[] {
  return gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((line) => line.includes('"kind":"DOWN_APPLIED"'))
    .map((line) => (JSON.parse(line) as { readonly body: { readonly sha256: string } }).body.sha256); // the kiosk's own code wrote it
}
