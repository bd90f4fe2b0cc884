// Takes one file of a kiosk into the county's book: in one transaction, wholly or not at all, every leaf, signature, total and counter
// made again by the county (reconciliation.md R4, R6 17–22). Answers each of R4's cases; never refuses what an authentic kiosk did.
//
// A file goes through intake-signed.ts (who signed it), intake-files.ts (kept as it came), up-ahead.ts (read and its signatures checked),
// judge below (its place), intake-post.ts with intake-walk.ts and intake-end.ts (its content), intake-answers.ts (what the kiosk hears).

import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../db/model/result.ts';
import { prepared } from '../../db/sqlite.ts';
import { findChain } from './chains.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { setVoidAside } from './down-void.ts';
import { raiseException } from './exceptions.ts';
import { kioskKeys } from './kiosk-keys.ts';
import { loggedAs } from './logged-files.ts';
import { BadFile } from './read-up.ts';
import { unpack } from './unpack.ts';
import { type UpAhead, readUpAhead } from './up-ahead.ts';
import { type Upload, isThere, keepFile, keptNotes } from './intake-files.ts';
import { type Judging, findKiosk, firstKey, mustBeDue, signedBy, signedByOne } from './intake-signed.ts';
import { type Taken, answerBad, answerText, duplicateOf, keepAnswer, keepUpFile, nextParked, revoked } from './intake-answers.ts';
import { postFile } from './intake-post.ts';

export type { Upload } from './intake-files.ts';
export { findKiosk } from './intake-signed.ts';

/** Takes a file in, and after it those that waited for it. Throws what the disk says: nothing of it is then in the book. */
export async function takeIn(book: CountyBook, upload: Upload): Promise<Taken> {
  const taken = await takeOne(book, upload);
  if (taken.verdict === 'ACCEPTED') await takeParked(book, upload.kiosk);
  return taken;
}

/** Each in a transaction of its own; the kiosk hears of it when it asks again. */
async function takeParked(book: CountyBook, kiosk: string): Promise<void> {
  for (;;) {
    const next = await book.read((db) => nextParked(db, kiosk));
    if (next === null) return;
    const path = join(book.folder.directory, next.path);
    const upload = { kiosk, inc: next.inc, fileSeq: next.fileSeq, data: path, ...keptNotes(path) };
    const { verdict } = await takeOne(book, upload);
    if (verdict !== 'ACCEPTED' && verdict !== 'REJECTED') return; // a refused one has its answer now, and may lie at the number of another
  }
}

async function takeOne(book: CountyBook, upload: Upload): Promise<Taken> {
  const unpacked = join(book.folder.incoming, `${randomUUID()}.unpacked`);
  mkdirSync(book.folder.incoming, { recursive: true });
  let sha256 = nothingHashed;
  let judging: Judging | null = null;
  let isNew = false;
  try {
    const kiosk = await book.read((db) => findKiosk(db, upload.kiosk));
    if (kiosk === null) throw new BadFile('REJECTED', 'unknown kiosk');
    const { key } = kiosk;
    if (key === null && !book.isDemo) throw new BadFile('REJECTED', 'no key of this kiosk is enrolled'); // nothing of it is unpacked
    const known = key === null ? null : signedByOne(book, upload, kiosk, await book.read((db) => kioskKeys(db, { ...kiosk, key })));
    sha256 = known?.note.sha256 ?? sha256;
    const before = known === null ? null : await book.read((db) => duplicateOf(book, db, upload, sha256));
    if (before !== null) return before;
    if (known !== null) await book.read((db) => mustBeDue(db, known, kiosk));
    const unpackedSha = await unpack(upload.data, unpacked);
    const signed = known ?? signedBy(book, upload, kiosk, firstKey(unpacked));
    sha256 = signed.note.sha256;
    if (unpackedSha !== sha256) throw new BadFile('REJECTED', 'the content is not what was signed');
    judging = signed;
    isNew = !isThere(book, upload, sha256);
    const path = await keepFile(book, upload, sha256);
    const ahead = await readUpAhead(unpacked, { kiosk: upload.kiosk, key: signed.key });
    try {
      const taken = await book.transact((act) => judge(act, signed, { ahead, path }));
      if (book.serverEpoch > 1) await book.read((db) => setVoidAside(book, db, upload.kiosk)); // whoever dies before: the next night does
      return taken;
    } finally {
      ahead.close();
    }
  } catch (error) {
    if (!(error instanceof BadFile)) throw error;
    return await answerBad(book, upload, { error, judging, sha256, isNew });
  } finally {
    await rm(unpacked, { force: true });
  }
}

/** Stands in the answer to a file whose note said nothing that can be believed. */
const nothingHashed = Buffer.alloc(32).toString('base64url');

/** Inside the transaction: where the file stands, then its content. Throws BadFile where nothing is to be posted. */
async function judge(act: CountyAct, judging: Judging, at: { readonly ahead: UpAhead; readonly path: string }): Promise<Taken> {
  const { book, upload, note } = judging;
  const { db } = act;
  const kiosk = findKiosk(db, upload.kiosk);
  assert(kiosk !== null, 'a kiosk is never removed');
  const before = duplicateOf(book, db, upload, note.sha256); // two uploads of one file at once: this is the second
  if (before !== null) return before;
  if (kiosk.key !== null) mustBeDue(db, judging, kiosk); // another file may have been posted since it was asked
  keepUpFile(act, judging, at.path);
  const others = prepared<[string, number, number, string, string], { n: number }>(
    db,
    // what another key signed may be a thief's, put there before the kiosk changed its key
    'SELECT count(*) AS n FROM up_file WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 <> ? AND (key IS NULL OR key = ?)',
  ).get(upload.kiosk, upload.inc, upload.fileSeq, note.sha256, judging.key)!.n; // an aggregate has a row
  const chain = findChain(db, upload.kiosk, upload.inc);
  const next = (chain?.fileSeq ?? 0) + 1;
  if (kiosk.state === 'revoked') throw new BadFile('REJECTED', revoked);
  const logged = book.serverEpoch > 1 ? loggedAs(db, { ...upload, sha256: note.sha256 }) : 'none';
  const isOther = logged === 'other' || (others > 0 && logged !== 'this'); // what was posted before the book was put back is no second history
  if (isOther || upload.fileSeq < next) throw new BadFile('FORK', `file ${upload.fileSeq} came with other content before`);
  if (kiosk.state === 'quarantined') throw new BadFile('FORK', 'quarantined');
  if (upload.fileSeq > next) throw new BadFile('GAP', `file ${next} must come first`, next);
  if (note.prevFileSha !== (chain?.fileSha ?? '')) throw new BadFile('FORK', 'does not follow the file that was posted before it');
  if (kiosk.key === null)
    prepared(db, `UPDATE kiosk SET key = ?, state = 'active', code_hash = NULL WHERE kiosk = ? AND key IS NULL`).run(
      judging.key,
      kiosk.kiosk,
    );
  const { posted, exceptions } = await postFile(act, { ...judging, kiosk: { ...kiosk, key: judging.key } }, at.ahead);
  const doubts = kiosk.key === null || kiosk.key === judging.key ? 0 : raiseEndedKey(act, judging);
  const answer = answerText(book, db, upload, {
    sha256: note.sha256,
    verdict: 'ACCEPTED',
    posted,
    want: null,
    exceptions: exceptions + doubts,
    detail: '',
  });
  keepAnswer(act, upload, { sha256: note.sha256, verdict: 'ACCEPTED', note: answer, at: book.wallMs() });
  return { verdict: 'ACCEPTED', note: answer };
}

/** A late file of a machine that is the kiosk no more: posted, since its goods were given, and paid once a person says whose it is. */
function raiseEndedKey({ db }: CountyAct, { book, upload, key }: Judging): number {
  const detail = `signed with a key that is not in force: ${key.slice(0, 8)}`;
  raiseException(db, { ...upload, seq: 0, code: 'ended_key', detail, at: book.wallMs() });
  return 1;
}
