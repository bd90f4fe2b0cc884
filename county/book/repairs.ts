// What the county does by hand after a kiosk was lost or put back: one person proposes it, another releases it, and then it is done once
// (reconciliation.md R8 2 and 6). Does nothing that one person wants alone.

import { type Result, assert, fail, never, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { repayableAt, shownRepayable, writeOffAdvances } from './advances.ts';
import { type AdjustmentGiven, type AdjustmentRefusal, checkAdjustment, putAdjustment } from './adjustments.ts';
import { personOf } from './awards.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { settleForgotten } from './forgotten.ts';
import { type LastDaysRefusal, askOfLastDays, checkLastDays, settleLastDays } from './last-days.ts';
import { type GivenPaper, type PaperRefusal, enterPaper, judgePaper } from './lost-papers.ts';
import { kiosksWithMoreToSend, serverEpoch } from './put-back.ts';
import { isRevoked } from './revoke.ts';
import { checkRelease, frozenBy, givenUpAmong, releaseKioskIn } from './rights.ts';

export type Repair =
  | { readonly kind: 'lost_papers'; readonly kiosk: string; readonly papers: readonly GivenPaper[] }
  | ({ readonly kind: 'adjust' } & AdjustmentGiven)
  /** The kiosk does not come back: who is at home there moves. */
  | { readonly kind: 'release_kiosk'; readonly kiosk: string; readonly to: string }
  /** The kiosk does not come back: the county settles what it did not. */
  | { readonly kind: 'last_days'; readonly kiosk: string }
  /** What the county advanced there when its book was put back, to one account or to all (null), will never be given a second time. */
  | { readonly kind: 'write_off'; readonly kiosk: string; readonly account: string | null };

/** A paper that is none to enter: its place in the list, from 1. */
export interface PaperFault {
  readonly row: number;
  readonly code: PaperRefusal | 'twice';
}

export type RepairRefusal =
  | AdjustmentRefusal
  | LastDaysRefusal
  | 'is_home'
  | 'faulty'
  | 'nothing'
  | 'no_advance'
  | 'waits'
  | 'unheard'
  | 'stranded'
  | 'may_be_told';

export type Checked =
  | { readonly ok: true; readonly value: { readonly points: number } }
  | { readonly ok: false; readonly code: RepairRefusal; readonly faults: readonly PaperFault[] };

/** Whether a repair can be done now. `points`: of papers, as their codes prove, sales less what came back; of advances what residents get back. */
export function checkRepair(db: ReadableDatabase, county: string, repair: Repair): Checked {
  switch (repair.kind) {
    case 'adjust':
      return checkedBy(checkAdjust(db, repair));
    case 'release_kiosk':
      return checkedBy(checkRelease(db, repair));
    case 'last_days':
      return checkedBy(checkLastDays(db, repair.kiosk));
    case 'lost_papers':
      return checkPapers(db, county, repair);
    case 'write_off':
      return checkWriteOff(db, repair);
    default:
      return never(repair);
  }
}

/** Kiosks whose files may bring home what was advanced, and which are to come: while there is one, nothing is written off. */
export function awaitedKiosks(db: ReadableDatabase): readonly string[] {
  const silent = kiosksWithMoreToSend(db).filter((kiosk) => !isRevoked(db, kiosk));
  const gone = givenUpAmong(db, silent);
  return silent.filter((kiosk) => !gone.includes(kiosk));
}

/**
 * Kiosks that do not come back and still have rights of an account that something was advanced to at another: these may be the same
 * points. Given up (once more), they come home and repay the advance; written off before that, the account would have both.
 */
export function strandedKiosks(
  db: ReadableDatabase,
  repair: { readonly kiosk: string; readonly account: string | null },
): readonly string[] {
  const givenUp = givenUpAmong(db, kiosksWithMoreToSend(db));
  const gone = prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk')
    .all()
    .map(({ kiosk }) => kiosk)
    .filter((kiosk) => kiosk !== repair.kiosk && (isRevoked(db, kiosk) || givenUp.includes(kiosk)));
  if (gone.length === 0) return [];
  const accounts = new Set(repayableAt(db, repair).map(({ account }) => account));
  const holding = prepared<[string], { holder: string }>(
    db,
    `SELECT holder FROM balance WHERE account = 'esc' AND kiosk = ? AND commodity = 'PTS' AND amount > 0`,
  );
  return gone.filter((kiosk) => holding.all(kiosk).some(({ holder }) => accounts.has(holder)));
}

function checkWriteOff(db: ReadableDatabase, repair: Repair & { readonly kind: 'write_off' }): Checked {
  const advances = repayableAt(db, repair);
  if (advances.length === 0) return checkedBy(fail('no_advance'));
  if (awaitedKiosks(db).length > 0) return checkedBy(fail('unheard'));
  if (strandedKiosks(db, repair).length > 0) return checkedBy(fail('stranded'));
  return ok({ points: advances.reduce((sum, { repaid }) => sum + repaid, 0) });
}

/** A file that a book lost as it was put back may have told the shop the same: what such a shop has is known before anything is put right there. */
function checkAdjust(db: ReadableDatabase, repair: Repair & { readonly kind: 'adjust' }): Result<null, RepairRefusal> {
  const checked = checkAdjustment(db, repair);
  return checked.ok && awaitedKiosks(db).includes(repair.kiosk) ? fail('may_be_told') : checked;
}

function checkedBy(checked: Result<null, RepairRefusal>): Checked {
  return checked.ok ? ok({ points: 0 }) : { ...checked, faults: [] };
}

function checkPapers(db: ReadableDatabase, county: string, { kiosk, papers }: Repair & { readonly kind: 'lost_papers' }): Checked {
  const faults: PaperFault[] = [];
  const seen = new Set<string>();
  let points = 0;
  for (const [i, given] of papers.entries()) {
    const judged = judgePaper(db, { county, kiosk }, given);
    if (!judged.ok) {
      faults.push({ row: i + 1, code: judged.code });
      continue;
    }
    const place = `${judged.value.inc} ${judged.value.seq}`;
    if (seen.has(place)) faults.push({ row: i + 1, code: 'twice' });
    seen.add(place);
    points += judged.value.kind === 'sale' ? judged.value.points : -judged.value.points;
  }
  if (faults.length > 0) return { ok: false, code: 'faulty', faults };
  return papers.length === 0 ? { ok: false, code: 'nothing', faults } : ok({ points });
}

/** Keeps a repair that can be done until another person releases it. Returns its number. */
export function proposeRepair(
  book: CountyBook,
  { repair, by }: { readonly repair: Repair; readonly by: string },
): Promise<Result<number, RepairRefusal | 'nobody'>> {
  return book.transact((act) => {
    const { db } = act;
    if (personOf(by) === '') return fail('nobody');
    if (repair.kind === 'last_days') askOfLastDays(act, { kiosk: repair.kiosk, at: book.wallMs() });
    const checked = checkRepair(db, book.code, repair);
    if (!checked.ok) return fail(checked.code);
    if (repair.kind === 'write_off' && waitsAlready(db, repair)) return fail('waits');
    return ok(keepRepair(db, { what: repair, by, at: book.wallMs() }));
  });
}

/** Of the same accounts one waits: who released that would leave this one with nothing to do. */
function waitsAlready(db: ReadableDatabase, of: { readonly kiosk: string; readonly account: string | null }): boolean {
  return waitingRepairs(db).some(
    ({ repair }) =>
      repair.kind === 'write_off' &&
      repair.kiosk === of.kiosk &&
      (repair.account === null || of.account === null || repair.account === of.account),
  );
}

/** A write-off that was done. */
export interface DoneWriteOff {
  readonly number: number;
  readonly kiosk: string;
  readonly account: string | null;
  readonly proposedBy: string;
  readonly releasedBy: string;
  /** When it was released, epoch ms. */
  readonly at: number;
}

/** Those that two persons did, newest first. */
export function doneWriteOffs(db: ReadableDatabase): readonly DoneWriteOff[] {
  return prepared<[], Omit<DoneWriteOff, 'kiosk' | 'account'> & { what: string }>(
    db,
    `SELECT repair.number AS number, what, proposed_by AS "proposedBy", released_by AS "releasedBy", repair_release.at AS at
       FROM repair JOIN repair_release ON repair_release.number = repair.number WHERE what LIKE '%"kind":"write_off"%' ORDER BY repair.number DESC`,
  )
    .all()
    .flatMap(({ what, ...row }) => {
      const repair = JSON.parse(what) as Repair; // keepRepair wrote it
      return repair.kind === 'write_off' ? [{ ...row, kiosk: repair.kiosk, account: repair.account }] : []; // a paper's text may say so, too
    });
}

/** One that waits for another person. */
export interface WaitingRepair {
  readonly number: number;
  readonly repair: Repair;
  readonly proposedBy: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Those that nobody released or withdrew, oldest first. */
export function waitingRepairs(db: ReadableDatabase): readonly WaitingRepair[] {
  const kept = prepared<[], { number: number; what: string; proposedBy: string; at: number }>(
    db,
    `SELECT number, what, proposed_by AS "proposedBy", at FROM repair
      WHERE NOT EXISTS (SELECT 1 FROM repair_release AS done WHERE done.number = repair.number) ORDER BY number`,
  )
    .all()
    .map(({ what, ...row }) => ({ ...row, repair: JSON.parse(what) as Repair | Withdrawal })); // written here
  const withdrawn = new Set(kept.map(({ repair }) => (repair.kind === 'withdrawal' ? repair.of : 0)));
  return kept.flatMap(({ repair, ...row }) => (repair.kind === 'withdrawal' || withdrawn.has(row.number) ? [] : [{ ...row, repair }]));
}

/** A person took a repair away before it was released: kept as a row beside it, which waits for nobody. `of`: its number. */
interface Withdrawal {
  readonly kind: 'withdrawal';
  readonly of: number;
}

/** A repair of that kind as it was proposed, and that nobody released or withdrew. */
function waitingOf(
  db: ReadableDatabase,
  { number, kind }: { readonly number: number; readonly kind: Repair['kind'] },
): Result<WaitingRepair, 'unknown' | 'released' | 'withdrawn'> {
  const row = prepared<[number], { what: string }>(db, 'SELECT what FROM repair WHERE number = ?').get(number);
  if (row === undefined || (JSON.parse(row.what) as Repair | Withdrawal).kind !== kind) return fail('unknown');
  if (prepared(db, 'SELECT 1 FROM repair_release WHERE number = ?').get(number) !== undefined) return fail('released');
  const waiting = waitingRepairs(db).find((each) => each.number === number);
  return waiting === undefined ? fail('withdrawn') : ok(waiting);
}

/** A person takes a repair of that kind away before it is released: nobody releases it then. */
export function withdrawRepair(
  book: CountyBook,
  { number, kind, by }: { readonly number: number; readonly kind: Repair['kind']; readonly by: string },
): Promise<Result<null, 'unknown' | 'released' | 'withdrawn' | 'nobody'>> {
  return book.transact(({ db }) => {
    if (personOf(by) === '') return fail('nobody');
    const waiting = waitingOf(db, { number, kind });
    if (!waiting.ok) return waiting;
    keepRepair(db, { what: { kind: 'withdrawal', of: number }, by, at: book.wallMs() });
    return ok(null);
  });
}

/**
 * Takes away all that wait as a book is put back: since the copy each may have been released, and told to its shop, or withdrawn, and nothing
 * outside the book says so. People propose again what is still right (droppedRepairs). `epoch`: the server epoch that begins.
 */
export function dropWaitingRepairs({ db, at }: CountyAct, epoch: number): void {
  for (const { number } of waitingRepairs(db)) keepRepair(db, { what: { kind: 'withdrawal', of: number }, by: byPutBack(epoch), at });
}

const byPutBack = (epoch: number): string => `put back, epoch ${epoch}`;

/** What was taken away so under an epoch. */
export function droppedRepairs(db: ReadableDatabase, epoch: number): readonly { readonly number: number; readonly repair: Repair }[] {
  const proposed = prepared<[number], { what: string }>(db, 'SELECT what FROM repair WHERE number = ?');
  return prepared<[string], { what: string }>(db, 'SELECT what FROM repair WHERE proposed_by = ? ORDER BY number')
    .all(byPutBack(epoch))
    .flatMap(({ what }) => {
      const kept = JSON.parse(what) as Repair | Withdrawal; // keepRepair wrote it; a clerk may go by any name
      return kept.kind === 'withdrawal' ? [{ number: kept.of, repair: JSON.parse(proposed.get(kept.of)!.what) as Repair }] : [];
    });
}

/** Returns its number. */
function keepRepair(
  db: WritableDatabase,
  { what, by, at }: { readonly what: Repair | Withdrawal; readonly by: string; readonly at: number },
): number {
  const number = prepared<[], { next: number }>(db, 'SELECT coalesce(max(number), 0) + 1 AS next FROM repair').get()!.next; // an aggregate has a row
  const insert = prepared(db, 'INSERT INTO repair (number, what, proposed_by, at) VALUES (?, ?, ?, ?)');
  assert(insert.run(number, JSON.stringify(what), by, at).changes === 1, 'a repair is kept');
  return number;
}

export type ReleaseRefusal = RepairRefusal | 'unknown' | 'released' | 'withdrawn' | 'same_person' | 'nobody' | 'not_shown';

/**
 * Another person releases a repair of that kind, and it is done; what is not true any more since it was proposed is refused, and nothing of
 * it is done. `shown`: of a write-off, the digest of what that person saw (shownRepayable): nothing else is written off.
 */
export function releaseRepair(
  book: CountyBook,
  { number, kind, by, shown }: { readonly number: number; readonly kind: Repair['kind']; readonly by: string; readonly shown?: string },
): Promise<Result<Repair, ReleaseRefusal>> {
  return book.transact((act) => {
    const { db } = act;
    if (personOf(by) === '') return fail('nobody');
    const waiting = waitingOf(db, { number, kind });
    if (!waiting.ok) return waiting;
    const { repair, proposedBy } = waiting.value;
    if (personOf(proposedBy) === personOf(by)) return fail('same_person');
    if (shown !== undefined && repair.kind === 'write_off' && shown !== shownRepayable(repayableAt(db, repair))) return fail('not_shown');
    if (repair.kind === 'last_days') askOfLastDays(act, { kiosk: repair.kiosk, at: book.wallMs() });
    const checked = checkRepair(db, book.code, repair);
    if (!checked.ok) return fail(checked.code);
    prepared(db, 'INSERT INTO repair_release (number, released_by, at) VALUES (?, ?, ?)').run(number, by, book.wallMs());
    perform(act, book.code, repair, { number, by: `${proposedBy}, ${by}`, at: book.wallMs() });
    return ok(repair);
  });
}

/**
 * A book that was put back begins its numbers again where the copy was made: what kiosks were told since has them, too, and of one
 * id they take one amount. The second is for a book that is lost once more with all that it told, whose epoch then comes again as well.
 */
function adjustmentId({ db, at }: CountyAct, number: number): string {
  const epoch = serverEpoch(db);
  return epoch === 1 ? `county-repair-${number}` : `county-repair-${epoch}-${number}-${Math.floor(at / 1_000).toString(36)}`;
}

function perform(
  act: CountyAct,
  county: string,
  repair: Repair,
  { number, by, at }: { readonly number: number; readonly by: string; readonly at: number },
): void {
  const { kiosk } = repair;
  switch (repair.kind) {
    case 'adjust': {
      const entry = act.enter('adjust', `${kiosk} ${repair.fen} by ${by}`);
      putAdjustment(act, { kiosk, id: adjustmentId(act, number), fen: repair.fen, zh: repair.zh, entry });
      return;
    }
    case 'release_kiosk':
      assert(releaseKioskIn(act, { kiosk, to: repair.to, by }).ok, 'it was asked just before');
      return;
    case 'last_days':
      settleLastDays(act, { kiosk, at });
      return;
    case 'write_off':
      writeOffAdvances(act, repair);
      return;
    case 'lost_papers':
      for (const given of repair.papers) {
        const paper = judgePaper(act.db, { county, kiosk }, given);
        assert(paper.ok, 'it was asked just before');
        enterPaper(act, paper.value);
      }
      if (frozenBy(act.db, kiosk) === null) settleForgotten(act, kiosk); // else the answer does, of all together
      return;
    default:
      never(repair);
  }
}
