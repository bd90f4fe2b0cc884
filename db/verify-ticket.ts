// What a credit's ticket says besides its points: what can be used before and after, the county's balance, and which scale
// weighed. Computed again from the book as it stood, by the rule that the desk used.

import { points } from './model/amounts.ts';
import { canonical } from './model/canonical.ts';
import type { BookEvent, CreditBody, ScaleSetBody } from './model/event.ts';
import type { WeighingProof } from './model/recycling.ts';
import { type Counters, type SpendingInput, allowance } from './model/spending.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import type { RulesInForce } from './verify-county.ts';
import type { Fold } from './verify-fold.ts';

type CreditEvent = BookEvent & { readonly kind: 'CREDIT' };

interface Beside {
  readonly db: ReadableDatabase;
  /** The credit is in it already. */
  readonly fold: Fold;
  readonly inForce: RulesInForce;
  readonly setUp: (scaleSetId: string) => ScaleSetBody | null;
}

/** What a ticket says that was not so, or null. Of a credit that the rules allow: there are some. */
export function ticketFault(event: CreditEvent, beside: Beside): string | null {
  const { body } = event;
  const scale = scaleOf(body, beside.setUp);
  if (canonical(body.printed.scale) !== canonical(scale))
    return scale === null ? 'prints a scale where all was counted' : `prints another scale than ${scale.serialNumber}`;
  const { usableBefore, usableAfter, countyAfter, countyAsOf } = body;
  const possible = figuresOf(event, beside);
  if (possible.some((each) => canonical(each) === canonical({ usableBefore, usableAfter, countyAfter, countyAsOf }))) return null;
  const [usual] = possible;
  return `prints ${usableBefore} usable before and ${usableAfter} after, ${countyAfter} in the county; it was ${usual!.usableBefore}, ${usual!.usableAfter}, ${usual!.countyAfter}`; // one for each age
}

/** All that the proofs of its bags say. */
export function proofsOf({ lines }: CreditBody): readonly WeighingProof[] {
  return lines.flatMap(({ bags }) => bags.flatMap(({ measure }) => (measure.kind === 'weighed' ? [measure.proof] : [])));
}

/** The scale that weighed the newest bag; null where all were counted. */
function scaleOf(body: CreditBody, setUp: Beside['setUp']): CreditBody['printed']['scale'] {
  const newest = proofsOf(body)
    .toSorted((a, b) => a.weighedAt - b.weighedAt)
    .at(-1);
  const set = newest === undefined ? null : setUp(newest.scaleSetId);
  return set === null ? null : { serialNumber: set.serialNumber, verifiedOn: set.verifiedOn, isSimulated: set.isSimulated };
}

type CreditFigures = Pick<CreditBody, 'usableBefore' | 'usableAfter' | 'countyAfter' | 'countyAsOf'>;

function figuresOf(event: CreditEvent, beside: Beside): readonly CreditFigures[] {
  const { amt, body } = event;
  return figuresAround({ ...event, accountId: body.accountId }, beside, ({ counters, county, ...after }) => ({
    ...after,
    counters: { ...counters, credited: points(counters.credited - amt) },
    county: { ...county, creditedHereSince: county.creditedHereSince - amt },
  }));
}

type Spending = Omit<SpendingInput, 'daysSinceDown'>;

/**
 * What a paper may say could be spent before and after an act of an account, the act being in the book; `undone` is what the rule
 * of spending was asked before it. How old the kiosk took the county's word to be is not in the book (it halves or stops roaming),
 * so an account with a roaming allowance has up to three answers; the others have one.
 */
export function figuresAround(
  { accountId, seq, day }: { readonly accountId: string; readonly seq: number; readonly day: string },
  { db, fold, inForce }: Pick<Beside, 'db' | 'fold' | 'inForce'>,
  undone: (after: Spending) => Spending,
): readonly CreditFigures[] {
  const scheme = inForce.scheme!; // of an act that the rules allow
  const { balance, asOf, ackSeq, roamCap } = inForce.countyOf(accountId);
  const { spent, credited, spentToday } = movedSince(db, { accountId, ackSeq, seq, day });
  const after: Spending = {
    scheme,
    counters: fold.counters.get(accountId)! as Counters, // the act is in it; the fold holds whole amounts
    county: { balance, asOf, spentHereSince: points(spent), creditedHereSince: credited },
    roamCap,
    kioskRoaming: points(fold.unsettled(accountId).kiosk),
    spentToday: points(spentToday),
    isFrozen: inForce.isFrozen,
  };
  const before = undone(after);
  return [0, scheme.roaming.halfAfterDays + 1, scheme.roaming.staleDays + 1].map((daysSinceDown) => {
    const { usable, countyBalance } = allowance({ ...after, daysSinceDown });
    return {
      usableBefore: allowance({ ...before, daysSinceDown }).usable,
      usableAfter: usable,
      countyAfter: countyBalance,
      countyAsOf: asOf,
    };
  });
}

/**
 * What an account spent less what came back, and was credited less what was taken back, since the county's balance and up to event
 * `seq`; and what it spent that day, less what came back of it.
 */
function movedSince(
  db: ReadableDatabase,
  of: { readonly accountId: string; readonly ackSeq: number; readonly seq: number; readonly day: string },
): { readonly spent: number; readonly credited: number; readonly spentToday: number } {
  return prepared<[typeof of], { spent: number; credited: number; spentToday: number }>(
    db,
    `SELECT (SELECT coalesce(sum(points), 0) FROM sale WHERE account_id = @accountId AND seq > @ackSeq AND seq <= @seq)
          - (SELECT coalesce(sum(points), 0) FROM sale_return WHERE account_id = @accountId AND seq > @ackSeq AND seq <= @seq) AS spent,
        (SELECT coalesce(sum(points), 0) FROM credit WHERE account_id = @accountId AND seq > @ackSeq AND seq <= @seq)
          - (SELECT coalesce(sum(points), 0) FROM credit JOIN credit_reversal ON credit_seq = credit.seq
              WHERE account_id = @accountId AND credit_reversal.seq > @ackSeq AND credit_reversal.seq <= @seq) AS credited,
        (SELECT coalesce(sum(points), 0) FROM sale WHERE account_id = @accountId AND day = @day AND seq <= @seq)
          - (SELECT coalesce(sum(sale_return.points), 0) FROM sale_return JOIN sale ON sale.seq = sale_seq
              WHERE sale_return.account_id = @accountId AND sale.day = @day AND sale_return.seq <= @seq) AS spentToday`,
  ).get(of)!;
}
