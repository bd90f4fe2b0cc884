// Posts one file of a kiosk, line for line: its header, its events, what stands after them, its signatures and its checkpoint.

import type { BookEvent } from '../../db/model/event.ts';
import { rotationFault } from '../../db/model/kiosk-key.ts';
import { checkpointOrigin, checkpointText } from '../../db/model/note.ts';
import type { UpHeader } from '../../db/model/up-file.ts';
import { prepared } from '../../db/sqlite.ts';
import { keepChain } from './chains.ts';
import { settleRows } from '../store/held-rows.ts';
import { contradictionText, logUpFile } from '../log/steps.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { issueAgain } from './vouchers.ts';
import { takeInstead, takeLeftFiles } from './down-evidence.ts';
import { raiseException } from './exceptions.ts';
import { takeNewKey } from './kiosk-keys.ts';
import { type ExceptionCode, readAccounts } from './fold.ts';
import { BadFile } from './read-up.ts';
import type { ReadEvent, UpAhead } from './up-ahead.ts';
import type { Upload } from './intake-files.ts';
import type { Judging } from './intake-signed.ts';
import { LostDownFile } from './intake-answers.ts';
import { readEnd } from './intake-end.ts';
import { concerns, newWalk } from './intake-walk.ts';

/** Posts the file, line for line. Throws BadFile at the first line that is not as it must be: nothing stays. */
export async function postFile(
  act: CountyAct,
  { book, upload, note, checkpoint, kiosk }: Judging,
  ahead: UpAhead,
): Promise<{ readonly posted: { readonly toSeq: number; readonly headLeaf: string }; readonly exceptions: number }> {
  const header = ahead.header();
  checkHeader(header, { note, kiosk });
  let exceptions = 0;
  let rotated: (BookEvent & { readonly kind: 'KEY_ROTATED' }) | null = null;
  const raise = (seq: number, code: ExceptionCode, detail: string): void => {
    exceptions += 1;
    raiseException(act.db, { ...upload, seq, code, detail, at: book.wallMs() });
  };
  const walk = newWalk({ act, kiosk, fileSeq: upload.fileSeq, raise }, header);
  let seq = header.fromSeq - 1;
  for (let part = await ahead.next(); part.length > 0; part = await ahead.next()) {
    readFor({ act, kiosk, inc: header.inc }, part);
    for (const [i, one] of part.entries()) {
      const { event, place } = one;
      seq += 1;
      if (event.county !== book.code || event.kiosk !== kiosk.kiosk) throw new BadFile('OUT_OF_BALANCE', `${place}: of another kiosk`);
      if (event.seq !== seq) throw new BadFile('OUT_OF_BALANCE', `${place}: event ${event.seq} where ${seq} is next`);
      if (event.kind === 'KEY_ROTATED') {
        const fault = seq < header.toSeq ? 'goes past its new key' : rotationFault(event, header.kioskKey);
        if (fault !== null) throw new BadFile('OUT_OF_BALANCE', `${place}: ${fault}`);
        rotated = event;
      }
      walk.begin(event, place); // what is before the file is asked for first: a lost file of the county may be taken up once it is posted
      if (event.kind === 'DOWN_APPLIED' && book.serverEpoch > 1) mustKnowDownFile(book, act, upload, event.body);
      if (event.kind === 'VOUCHER_IN' && book.serverEpoch > 1) mustKnowVoucher(book, act, upload.kiosk, event.body);
      if (event.kind === 'DAY_CLOSED') await settleRows(act.db); // its figures are asked of the book, and that of what this file wrote
      walk.take(event, one);
      if (event.kind === 'DOWN_APPLIED') readFor({ act, kiosk, inc: header.inc }, part.slice(i)); // it may have changed any counter
    }
  }
  await settleRows(act.db);
  const totals = walk.end();
  await readEnd(act.db, ahead.after(), { header, walk: totals, kiosk });
  const wrong = await ahead.wrongSignature();
  if (wrong !== null) throw new BadFile('REJECTED', `line ${wrong}: the signature is not this kiosk's`);
  const origin = checkpointOrigin({ county: book.code, kiosk: kiosk.kiosk, inc: upload.inc });
  if (checkpoint !== checkpointText(origin, totals)) throw new BadFile('OUT_OF_BALANCE', 'checkpoint: another tree head');
  keepChain(act.db, kiosk.kiosk, { ...totals.chain, fileSeq: upload.fileSeq, fileSha: note.sha256 }, totals.growth);
  if (rotated !== null && !takeNewKey(book, act, rotated).ok) throw new BadFile('OUT_OF_BALANCE', 'its new key was known before');
  const contradiction = logUpFile(act.db, upload, header.countyRoot);
  if (contradiction !== null)
    raiseException(act.db, { ...upload, seq: 0, code: 'log_contradicted', detail: contradictionText(contradiction), at: book.wallMs() });
  return { posted: { toSeq: header.toSeq, headLeaf: totals.headLeaf }, exceptions };
}

/** What these events ask for of their accounts, all at once. */
function readFor(of: Parameters<typeof readAccounts>[0], part: readonly ReadEvent[]): void {
  readAccounts(of, [...new Set(part.flatMap(({ event }) => concerns(event).account ?? []))]);
}

/**
 * A book that was put back may have lost a file that the kiosk took. What that granted is not known, so that no counter after it would come
 * out: the kiosk's file waits until the lost one is brought (county/evidence.ts).
 */
function mustKnowDownFile(
  book: CountyBook,
  act: CountyAct,
  { kiosk, fileSeq }: Upload,
  { downSeq, sha256 }: { readonly downSeq: number; readonly sha256: string },
): void {
  const isKnown = (): boolean =>
    prepared(act.db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND down_seq = ? AND sha256 = ?').get(kiosk, downSeq, sha256) !== undefined;
  if (isKnown()) return;
  takeLeftFiles(book, act, kiosk);
  if (!isKnown() && !takeInstead(book, act, { kiosk, downSeq, sha256 }))
    throw new LostDownFile('GAP', `county file ${downSeq} is lost, bring it from folder down of ${kiosk}`, fileSeq);
}

/** One that was lost and is genuine is given again: the kiosk counts it among its rights. */
function mustKnowVoucher(
  book: CountyBook,
  act: CountyAct,
  kiosk: string,
  { accountId: account, number, text }: { readonly accountId: string; readonly number: number; readonly text: string },
): void {
  const given = issueAgain(book, act, { kiosk, account, number, text });
  if (given === null || given.missing === 0) return;
  const detail = `voucher ${number} of ${account} was of ${given.missing} hundredths more than lie unallocated`;
  raiseException(act.db, { kiosk, inc: 0, fileSeq: 0, seq: 0, code: 'put_back', detail, at: book.wallMs() });
}

function checkHeader(header: UpHeader, { note, kiosk }: Pick<Judging, 'note' | 'kiosk'>): void {
  const isSame =
    header.county === note.county &&
    header.kiosk === note.kiosk &&
    header.inc === note.inc &&
    header.fileSeq === note.fileSeq &&
    header.prevFileSha === note.prevFileSha;
  if (!isSame) throw new BadFile('OUT_OF_BALANCE', 'line 1: not the file that the note speaks of');
  if (header.kioskKey !== kiosk.key) throw new BadFile('REJECTED', 'line 1: not the key of this kiosk');
  if (header.toSeq < header.fromSeq) throw new BadFile('OUT_OF_BALANCE', 'line 1: no events');
}
