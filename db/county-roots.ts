// The roots of the county's log that this kiosk was given: each must continue the one before, and all are kept for ever, so that a
// county which tells another history is contradicted (reconciliation.md R5; R6, 29). Signs nothing and sends nothing.

import type { DownHeader } from './model/down-file.ts';
import { type Member, type Told, isTrulySigned, nextCommittee, openCosigned } from './model/committee.ts';
import type { BookEvent, CountyNotice } from './model/event.ts';
import { type LogHead, type LogRoot, openLogRoot } from './model/log-root.ts';
import { type Result, assert, fail, ok } from './model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from './sqlite.ts';
import { isConsistent } from './tree-proofs.ts';

/**
 * Why a root is not taken: not signed by the county, no checkpoint of its log, of another history than was told before; or who watches the
 * county was changed by another than the committee, or has not signed what it is said to have signed.
 */
export type RootRefusal = 'signature' | 'malformed' | 'log_forked' | 'committee';

/** The newest root held, for the header of the next file up; null where the county never gave one. */
export function newestCountyRoot(db: ReadableDatabase): LogHead | null {
  const row = prepared<[], { size: number; root: string }>(db, 'SELECT size, root FROM county_root ORDER BY down_seq DESC LIMIT 1').get();
  return row === undefined ? null : { size: row.size, root: row.root };
}

/** What a kiosk knows of the county's log and of who watches it. */
export interface Watched {
  /** The newest root held. */
  readonly held: LogHead | null;
  /** The committee's keys, oldest first, those that are not believed among them. */
  readonly members: readonly Told[];
  /** The newest root that the committee signed, with a key that is believed. */
  readonly cosigned: LogHead | null;
}

/** As the book has it. */
export function watched(db: ReadableDatabase): Watched {
  const taken = takenNotices(db);
  const members: Told[] = [];
  const rows = prepared<[], Member & { byNotice: 0 | 1 }>(
    db,
    'SELECT name, key, by_notice AS byNotice FROM committee_key ORDER BY n',
  ).all();
  for (const { name, key, byNotice } of rows) {
    const isTaken = taken.some((each) => each.about === 'committee' && each.name === name && each.key === key);
    members.push({ name, key, isBelieved: isTaken || (byNotice === 0 && (members.at(-1)?.isBelieved ?? true)) });
  }
  const cosigned = prepared<[], LogHead>(db, 'SELECT size, root FROM cosigned_root ORDER BY down_seq DESC LIMIT 1').get() ?? null;
  return { held: newestCountyRoot(db), members, cosigned };
}

/** What people of the shop took by printed notices of the county, oldest first: asked of the events alone. */
export function takenNotices(db: ReadableDatabase): readonly CountyNotice[] {
  const rows = prepared<[], { line: string }>(db, `SELECT line FROM event WHERE kind = 'NOTICE_TAKEN' ORDER BY seq`).all();
  return rows.map(({ line }) => (JSON.parse(line) as BookEvent & { readonly kind: 'NOTICE_TAKEN' }).body); // the book's own line
}

/** Keeps the roots and keys that a file brings, in the transaction that applies it. `sha256`: of the file, as its note signs it. */
export function keepCountyRoot(
  db: WritableDatabase,
  header: RootsOf & Pick<DownHeader, 'downSeq'>,
  { fileKeys, sha256 }: { readonly fileKeys: readonly Uint8Array[]; readonly sha256: string },
): Result<null, RootRefusal> {
  const before = watched(db);
  const isExcused = takenNotices(db).some((each) => each.about === 'file' && each.sha256 === sha256);
  const next = nextWatched(before, header, fileKeys, isExcused);
  if (!next.ok) return next;
  const { held, members, cosigned } = next.value;
  const keep = (sql: string, { size, root }: LogHead, { note, proof }: LogRoot): void => {
    const insert = db.prepare(sql);
    assert(insert.run(header.downSeq, size, root, note, JSON.stringify(proof)).changes === 1, 'a root was kept');
  };
  if (header.countyRoot !== undefined && held !== null)
    keep('INSERT INTO county_root (down_seq, size, root, note, proof) VALUES (?, ?, ?, ?, ?)', held, header.countyRoot);
  for (const [i, { name, key }] of members.entries())
    if (i >= before.members.length) {
      const insert = db.prepare('INSERT INTO committee_key (n, name, key, by_notice, down_seq) VALUES (?, ?, ?, ?, ?)');
      const byNotice = Number(header.committee?.[i]?.notice === true);
      assert(insert.run(i + 1, name, key, byNotice, header.downSeq).changes === 1, 'a key of the committee was kept');
    }
  if (header.cosigned !== undefined && cosigned !== null && cosigned.size > (before.cosigned?.size ?? 0))
    keep('INSERT INTO cosigned_root (down_seq, size, root, note, proof) VALUES (?, ?, ?, ?, ?)', cosigned, header.cosigned);
  return ok(null);
}

type RootsOf = Pick<DownHeader, 'county' | 'countyRoot' | 'committee' | 'cosigned'>;

/**
 * What is known after a file. A root that nobody of the committee signed is taken: it signs later. One that says so and is not, or a
 * committee that changes without its own word, is what the committee is there to find: of a file that breaks this a kiosk takes all but
 * what it says of the committee, and only where a person excused that very file.
 */
export function nextWatched(
  before: Watched,
  header: RootsOf,
  fileKeys: readonly Uint8Array[],
  isExcused = false,
): Result<Watched, RootRefusal> {
  const next = nextCountyRoot(before.held, header, fileKeys);
  if (!next.ok) return next;
  const after = nextCosigned({ ...before, held: next.value }, header, fileKeys);
  return !after.ok && isExcused ? ok({ ...before, held: next.value }) : after;
}

/** What is said of the committee, where `held` is the file's own root. */
function nextCosigned(
  { held, members: known, cosigned: before }: Watched,
  { county, countyRoot, committee, cosigned }: RootsOf,
  fileKeys: readonly Uint8Array[],
): Result<Watched, RootRefusal> {
  const members = nextCommittee(known, county, committee);
  if (members === null) return fail('committee');
  if (countyRoot !== undefined && !isTrulySigned(countyRoot.note, members)) return fail('committee');
  if (cosigned === undefined) return ok({ held, members, cosigned: before });
  const opened = openCosigned(cosigned.note, { county, members, fileKeys });
  if (!opened.ok) return fail(opened.code === 'malformed' ? 'malformed' : 'committee');
  const proof = cosigned.proof.map((each) => Buffer.from(each, 'base64url'));
  const isBegun = held !== null && isConsistent(bytesOf(opened.value), bytesOf(held), proof);
  if (!isBegun) return fail('committee');
  const counts = members.at(-1)?.isBelieved === true && opened.value.size > (before?.size ?? 0);
  return ok({ held, members, cosigned: counts ? opened.value : before });
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
