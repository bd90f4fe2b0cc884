// The last days of a kiosk that does not come back: what the county posted of it and it never settled is paid to its shop all the same
// (reconciliation.md R6, 24 and 25). Only of one whose key is withdrawn, so that nothing of it can be settled a second time.

import { fen, sumFen } from '../../db/model/amounts.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { acceptSettlements } from './acceptance.ts';
import { areLastDaysClosed, countysOwn, settledAdjustments } from './adjustments.ts';
import { type Chain, findChain, newestChain } from './chains.ts';
import type { CountyAct } from './county-book.ts';
import { endOfPage } from './event-pages.ts';
import { raiseException } from './exceptions.ts';
import { type BatchLine, enterBatch, redemption, settleForgotten, shareSaid, shopOf } from './forgotten.ts';
import { moved } from './ledger.ts';
import { isRevoked } from './revoke.ts';
import { frozenBy } from './rights.ts';
import { openDays, worthOf, worthOfAct } from './settling.ts';
import { type Untold, untoldIn } from './told-worth.ts';
import { isUnanswered } from './unanswered.ts';

export type LastDaysRefusal = 'unknown_kiosk' | 'not_revoked' | 'frozen' | 'differs' | 'in_doubt' | 'closed';

/** Whether a kiosk's last days can be closed now: it is withdrawn, and people have answered what is asked about it. */
export function checkLastDays(db: ReadableDatabase, kiosk: string): Result<null, LastDaysRefusal> {
  if (prepared(db, 'SELECT 1 FROM kiosk WHERE kiosk = ?').get(kiosk) === undefined) return fail('unknown_kiosk');
  if (!isRevoked(db, kiosk)) return fail('not_revoked');
  if (frozenBy(db, kiosk) !== null) return fail('frozen');
  const asked = prepared<[string, string], object>(db, `SELECT 1 FROM exception WHERE kiosk = ? AND code = ? AND ${isUnanswered}`);
  if (asked.get(kiosk, 'settlement_differs') !== undefined) return fail('differs');
  if (asked.get(kiosk, 'ended_key') !== undefined) return fail('in_doubt');
  if (areLastDaysClosed(db, kiosk)) return fail('closed');
  return untoldQuestion(db, kiosk) === null ? ok(null) : fail('differs');
}

/** What a person is to say of days that nobody settled: by which file they came, and what was reckoned as nobody told it. */
interface Question {
  readonly inc: number;
  readonly fileSeq: number;
  readonly detail: string;
}

/**
 * As of a settlement (settling.ts): what the kiosk reckoned as the county never told it, which who has its key can sign, is paid only once a
 * person has said so. Null: there is nothing, or it was answered for all that came through this file.
 */
function untoldQuestion(db: ReadableDatabase, kiosk: string): Question | null {
  const chain = newestChain(db, kiosk);
  if (chain === null) return null;
  const { inc, fileSeq, toSeq } = chain;
  const { permille } = shopOf(db, kiosk);
  const after = newestClosing(db, kiosk, inc);
  const sinceThen = { day: '', fromSeq: after + 1, seq: toSeq };
  const detail = untoldText(untoldIn(db, { kiosk, inc, share_permille: permille }, [...openDays(db, kiosk, inc), sinceThen]));
  if (detail === null) return null;
  const answered = prepared<[string, number, number], object>(
    db,
    `SELECT 1 FROM exception JOIN exception_answer ON exception = exception.number
      WHERE kiosk = ? AND inc = ? AND file_seq = ? AND seq = 0 AND code = 'settlement_differs'`,
  ).get(kiosk, inc, fileSeq);
  return answered === undefined ? { inc, fileSeq, detail } : null;
}

/** How much of it there is, and the first of it; pages/detail-words.ts says it in Chinese. Null: there is nothing. */
function untoldText(all: Iterable<Untold>): string | null {
  const named: string[] = [];
  let count = 0;
  let points = 0;
  let worthFen = 0;
  for (const { what, acts } of all) {
    count += 1;
    if (count <= namedMax) named.push(what);
    for (const act of acts) {
      points = sumUpTo(points, act.amt);
      worthFen = sumUpTo(worthFen, worthOfAct(act));
    }
  }
  if (count === 0) return null;
  return `last days: ${count} otherwise than told, ${points} hundredths and ${worthFen} fen: ${named.join(', ')}${count > namedMax ? ', …' : ''}`;
}

/** Of what is asked about so many are named: each can be found on the page of its kiosk, and an exception has 500 letters. */
const namedMax = 3;

/** What was sold and what came back does not cancel out: both are asked about. A key may have signed any number. */
function sumUpTo(sum: number, amount: number): number {
  return Number.isSafeInteger(amount) ? Math.min(sum + Math.abs(amount), Number.MAX_SAFE_INTEGER) : sum;
}

/** Asks people what keeps a kiosk's last days from being closed, where only that does. `at`: epoch ms. */
export function askOfLastDays({ db }: CountyAct, { kiosk, at }: { readonly kiosk: string; readonly at: number }): void {
  const checked = checkLastDays(db, kiosk);
  const question = !checked.ok && checked.code === 'differs' ? untoldQuestion(db, kiosk) : null;
  if (question !== null) raiseException(db, { kiosk, ...question, seq: 0, code: 'settlement_differs', at });
}

/**
 * Accepts what the kiosk settled, makes a batch of what it did not, and one statement of the county's own with the money of it and of all
 * that the kiosk was to be told and never settled: accepted at once, and paid as any other. `at`: epoch ms, its day.
 */
export function settleLastDays(act: CountyAct, { kiosk, at }: { readonly kiosk: string; readonly at: number }): void {
  const { db } = act;
  acceptSettlements(act, { kiosk, at });
  settleForgotten(act, kiosk);
  const lines = unsettled(db, kiosk);
  if (lines.length > 0) enterBatch(act, kiosk, { lines, name: '终端不再恢复，县代结' });
  const adjustments = unsettledAdjustments(db, kiosk);
  const owedFen = sumFen(adjustments.map((each) => fen(each.fen)));
  const { store } = shopOf(db, kiosk);
  const entry = act.enter('last_days', `${kiosk} ${owedFen}`);
  act.post(moved({ account: 'claims' }, { account: 'merchant', holder: store }, owedFen, 'CNY'));
  const { inc, number } = countysOwn;
  const { changes } = prepared(
    db,
    'INSERT INTO settlement (kiosk, number, merchant, inc, seq, through_closing, points, owed_fen, is_agreed) VALUES (?, ?, ?, ?, 0, 0, 0, ?, 1)',
  ).run(kiosk, number, store, inc, owedFen);
  assert(changes === 1, 'the county’s own statement is written down');
  for (const { id } of adjustments) prepared(db, 'INSERT INTO last_adjustment (kiosk, id, entry) VALUES (?, ?, ?)').run(kiosk, id, entry);
  prepared(
    db,
    `INSERT INTO settlement_word (entry, kiosk, inc, number, state, day, paid_fen, reference) VALUES (?, ?, ?, ?, 'accepted', ?, NULL, '')`,
  ).run(entry, kiosk, inc, number, businessDate(at));
}

/** Closed days that no settlement has, and what came after the newest closing. */
function unsettled(db: ReadableDatabase, kiosk: string): readonly BatchLine[] {
  const chain = newestChain(db, kiosk);
  if (chain === null) return [];
  const { permille } = shopOf(db, kiosk);
  const days = openDays(db, kiosk, chain.inc).map(({ entry, red, before, again, figures, sharePermille }) => ({
    entry,
    points: again === 1 ? 0 : red - before,
    fen: worthOf(figures),
    permille: shareSaid(sharePermille, permille),
  }));
  return [...days, ...openDay(db, kiosk, { chain, after: newestClosing(db, kiosk, chain.inc), permille })];
}

/** The event of it; 0: none. */
function newestClosing(db: ReadableDatabase, kiosk: string, inc: number): number {
  return prepared<[string, number], { after: number }>(
    db,
    'SELECT coalesce(max(event.seq), 0) AS after FROM closing JOIN event USING (entry) WHERE closing.kiosk = ? AND closing.inc = ?',
  ).get(kiosk, inc)!.after; // an aggregate has a row
}

function openDay(
  db: ReadableDatabase,
  kiosk: string,
  { chain, after, permille }: { readonly chain: Chain; readonly after: number; readonly permille: number },
): readonly BatchLine[] {
  const parts: BatchLine[][] = [];
  let through = chain.toSeq;
  for (let of: Chain | null = chain; of !== null && through > after; of = of.baseInc === null ? null : findChain(db, kiosk, of.baseInc)) {
    parts.unshift([...redemptionsIn(db, kiosk, { inc: of.inc, after: Math.max(after, of.baseSeq), through, permille })]);
    through = of.baseSeq;
  }
  return parts.flat();
}

/** A page at a time: of an event only what the shop is paid for it is kept. */
function* redemptionsIn(
  db: ReadableDatabase,
  kiosk: string,
  { inc, after, through, permille }: { readonly inc: number; readonly after: number; readonly through: number; readonly permille: number },
): Generator<BatchLine> {
  const page = prepared<[string, number, number, number], { entry: number; inc: number; seq: number; line: string }>(
    db,
    `SELECT entry, inc, seq, line FROM event WHERE kiosk = ? AND inc = ? AND seq > ? AND seq <= ?
        AND kind IN ('SALE', 'RETURNED') AND amt > 0 AND entry NOT IN (SELECT entry FROM county_batch_line) ORDER BY seq`,
  );
  for (let last = after; ;) {
    const end = endOfPage(db, { kiosk, inc, after: last, through });
    if (end === null) return;
    for (const row of page.all(kiosk, inc, last, end)) yield redemption(db, kiosk, row, permille);
    last = end;
  }
}

/** What the county put right and no settlement has that stands. */
function unsettledAdjustments(db: ReadableDatabase, kiosk: string): readonly { readonly id: string; readonly fen: number }[] {
  const named = settledAdjustments(db, kiosk); // every settlement that stands was accepted just before
  return prepared<[string], { id: string; fen: number }>(db, 'SELECT id, fen FROM adjustment WHERE kiosk = ? ORDER BY entry, id')
    .all(kiosk)
    .filter(({ id }) => !named.has(id));
}
