// What an act does to the accounts: the one place where an event becomes postings. Replaying the events through it
// rebuilds every balance, so it must depend on the event and nothing else (reconciliation.md R1, R6 1 and 5).

import { type Fen, type Points, fen, points, sumFen } from './amounts.ts';
import type { BookEvent, CashMovedBody, CountedDrawer, CreditBody, ReturnBody, SaleBody, SettlementBody, ShiftOpenBody } from './event.ts';
import { assert, never } from './result.ts';

export type Commodity = 'PTS' | 'CNY';

/** One row of the double entry: what leaves is negative, what arrives positive; zero-sum per commodity and event. */
export interface Posting {
  readonly account: AccountCode;
  /** Whose: an account id for `esc`, else ''. */
  readonly holder: string;
  readonly commodity: Commodity;
  readonly amount: number;
}

/** The kiosk's chart of accounts (reconciliation.md R1 and design.md). */
export type AccountCode =
  | 'issuance' // the county, as the other side of the rights it grants
  | 'recycling_issue' // points this kiosk made, for what was brought
  | 'esc' // rights an account holds at this kiosk; never negative
  | 'roam' // clearing: spent here on a roaming allowance
  | 'red' // redeemed at this kiosk: what the county owes the shop, in points
  | 'cash/drawer'
  | 'cash/owner' // where a float comes from
  | 'cash/sales'
  | 'cash/county-receivable' // what the county owes the shop, settled or not
  | 'cash/county-paid' // what it paid, as its files say
  | 'cash/merchant-share' // what the shop leaves to the scheme (schemes.md R28)
  | 'cash/adjustments' // what the county put right
  | 'cash/over-short' // what a count of the drawer was over or short by
  | 'cash/other-payments'
  | 'cash/rounding';

/** How far one event moves an account's cumulative counters (reconciliation.md R3): they only ever grow. */
export interface CounterStep {
  readonly accountId: string;
  /** S: spent from rights held here. */
  readonly spent: Points;
  /** X: spent here on the roaming allowance. */
  readonly roamed: Points;
  /** C: credited here for what was brought. */
  readonly credited: Points;
  /** U: credits of this kiosk that it took back. */
  readonly uncredited: Points;
  /** V: spent rights that a return gave back. */
  readonly unspent: Points;
  /** W: roaming that a return gave back before the county had settled it. */
  readonly unroamed: Points;
  /** B: rights that went back to the county. */
  readonly returned: Points;
  /** G, by a voucher. By a file: its GRANT lines. */
  readonly granted: Points;
}

/**
 * The postings of an event. Those that are not in it are not here: grants of a down-file (grantPostings, from the file's lines), and
 * the rights that a restored kiosk gives up (givenUpPostings, from its balances).
 */
export function postingsOf(event: BookEvent): readonly Posting[] {
  switch (event.kind) {
    case 'SALE':
      return balanced(salePostings(event.body, event.amt));
    case 'SHIFT_OPEN':
      return balanced(shiftPostings(event.body));
    case 'CREDIT':
      return balanced(creditPostings(event.body, event.amt));
    case 'CREDIT_REVERSED':
      return balanced(move('esc', 'recycling_issue', 'PTS', event.amt, event.body.accountId));
    case 'RETURNED':
      return balanced(returnPostings(event.body, event.amt));
    case 'CASH_MOVED':
      return balanced(cashPostings(event.body));
    case 'SHIFT_CLOSED':
    case 'DAY_CLOSED':
      return balanced(countPostings(event.body.drawer));
    case 'SETTLED':
      return balanced(sharePostings(event.body));
    case 'RIGHTS_RETURNED':
      return balanced(move('esc', 'issuance', 'PTS', event.amt, event.body.accountId));
    case 'VOUCHER_IN':
      return balanced(move('issuance', 'esc', 'PTS', event.amt, event.body.accountId));
    case 'START':
    case 'DOWN_APPLIED':
    case 'OPERATOR_IN':
    case 'OPERATOR_OUT':
    case 'PIN_REFUSED':
    case 'LINE_REMOVED':
    case 'REFUSED':
    case 'DRAWER_OPENED':
    case 'REPRINTED':
    case 'APPROVED':
    case 'CLOCK_STEP':
    case 'CREDIT_DISPUTED':
    case 'BAG_REMOVED':
    case 'SCALE_SET':
    case 'SCALE_CHECKED':
    case 'HANDED_OVER':
    case 'NO_SALE':
    case 'DRAWER_COUNTED':
    case 'REPORT_PRINTED':
    case 'VERIFIED':
    case 'BACKED_UP':
    case 'RESTORED':
    case 'KEY_ROTATED':
    case 'NOTICE_TAKEN':
      return [];
    default:
      return never(event);
  }
}

/** The counters an event moves, or null. */
export function counterStepOf(event: BookEvent): CounterStep | null {
  if (event.kind === 'CREDIT') return { ...noStep, accountId: event.body.accountId, credited: event.amt };
  if (event.kind === 'CREDIT_REVERSED') return { ...noStep, accountId: event.body.accountId, uncredited: event.amt };
  if (event.kind === 'RETURNED') {
    const { accountId, redemption } = event.body;
    if (redemption === null || accountId === null) return null;
    return { ...noStep, accountId, unspent: redemption.toRights, unroamed: redemption.toRoaming };
  }
  if (event.kind === 'RIGHTS_RETURNED') return { ...noStep, accountId: event.body.accountId, returned: event.amt };
  if (event.kind === 'VOUCHER_IN') return { ...noStep, accountId: event.body.accountId, granted: event.amt };
  if (event.kind !== 'SALE' || event.body.redemption === null || event.body.accountId === null) return null;
  const { fromRights, fromRoaming } = event.body.redemption;
  return { ...noStep, accountId: event.body.accountId, spent: fromRights, roamed: fromRoaming };
}

const noStep = {
  spent: points(0),
  roamed: points(0),
  credited: points(0),
  uncredited: points(0),
  unspent: points(0),
  unroamed: points(0),
  returned: points(0),
  granted: points(0),
};

/** The postings of one GRANT line whose cumulative value rose by `step` (or fell: never; the caller refuses that). */
export function grantPostings(accountId: string, step: Points): readonly Posting[] {
  assert(step >= 0, 'a grant only grows');
  return balanced(move('issuance', 'esc', 'PTS', step, accountId));
}

/**
 * The postings by which a kiosk that was put back from a backup gives up the rights an account has in it: some of them were perhaps
 * spent in the time that was lost, so all go back and the county issues them anew (reconciliation.md R4). One account after another,
 * in the order of their ids.
 */
export function givenUpPostings(accountId: string, held: Points): readonly Posting[] {
  return balanced(move('esc', 'issuance', 'PTS', held, accountId));
}

/**
 * The postings of one ROAM line whose settled value rose by `step`: the county funded what was spent on the allowance. What was
 * returned before it knew (`overfunded`) belongs to the account, which has it here as rights.
 */
export function settlementPostings(accountId: string, step: Points, overfunded: Points): readonly Posting[] {
  assert(step >= 0 && overfunded >= 0 && overfunded <= step, 'what is settled only grows');
  return balanced([...move('issuance', 'roam', 'PTS', step), ...move('roam', 'esc', 'PTS', overfunded, accountId)]);
}

/** The postings of the county's word that it paid a settlement. */
export function paidPostings(paidFen: Fen): readonly Posting[] {
  return balanced(signedMove('cash/county-receivable', 'cash/county-paid', paidFen));
}

function shiftPostings({ floatFen, drawerBeforeFen, reason }: ShiftOpenBody): readonly Posting[] {
  assert(floatFen >= 0, 'a float is not negative');
  const isOverShort = reason !== undefined && reason !== null;
  return signedMove(isOverShort ? 'cash/over-short' : 'cash/owner', 'cash/drawer', fen(floatFen - drawerBeforeFen));
}

function cashPostings({ direction, fen: amount }: CashMovedBody): readonly Posting[] {
  assert(amount > 0, 'cash that moves is some');
  return direction === 'in' ? move('cash/owner', 'cash/drawer', 'CNY', amount) : move('cash/drawer', 'cash/owner', 'CNY', amount);
}

function countPostings({ countedFen, expectedFen, differenceFen }: CountedDrawer): readonly Posting[] {
  assert(countedFen - expectedFen === differenceFen, 'the difference is what was counted less what was expected');
  return signedMove('cash/over-short', 'cash/drawer', differenceFen);
}

/** The claim on the county becomes what is owed: less the merchant's share, and as the county put it right. */
function sharePostings(body: SettlementBody): readonly Posting[] {
  const { grossFen, shareFen, adjustments, owedFen } = body;
  const adjustedFen = sumFen(adjustments.map((each) => each.fen));
  assert(grossFen - shareFen + adjustedFen === owedFen, 'what is owed is the gross less the share, adjusted');
  return [
    ...signedMove('cash/county-receivable', 'cash/merchant-share', shareFen),
    ...signedMove('cash/adjustments', 'cash/county-receivable', adjustedFen),
  ];
}

/** The mirror of the part of the sale that came back (reconciliation.md R1). */
function returnPostings(body: ReturnBody, given: Points): readonly Posting[] {
  const { redemption, lines } = body;
  const sum = (of: (line: ReturnBody['lines'][number]) => number): number => lines.reduce((total, line) => total + of(line), 0);
  const rows: Posting[] = [...move('cash/county-receivable', 'cash/sales', 'CNY', fen(sum((line) => line.settlementFen)))];
  if (redemption !== null) {
    assert(body.accountId !== null, 'points go back to an account');
    assert(redemption.toRights + redemption.toRoaming === given, 'what goes back is rights and roaming');
    assert(redemption.discount + sum((line) => line.points) === given, 'the discount and the points of the lines make up what goes back');
    rows.push(...move('red', 'esc', 'PTS', redemption.toRights, body.accountId));
    rows.push(...move('red', 'roam', 'PTS', redemption.toRoaming));
    rows.push(...move('cash/county-receivable', 'cash/sales', 'CNY', redemption.worthFen));
  } else assert(given === 0, 'without points paid none go back');
  for (const payment of body.payments)
    rows.push(...move(payment.kind === 'cash' ? 'cash/drawer' : 'cash/other-payments', 'cash/sales', 'CNY', payment.fen));
  rows.push(...signedMove('cash/sales', 'cash/rounding', body.roundingFen));
  const paid = sumFen([redemption?.worthFen ?? fen(0), ...body.payments.map((payment) => payment.fen)]);
  assert(paid === body.totalFen + body.roundingFen, 'what goes back is the price and its rounding');
  assert(sum((line) => line.totalFen) === body.totalFen, 'the lines sum to the total');
  assert(sum((line) => line.pointsFen) === (redemption?.worthFen ?? 0), 'the lines sum to what the points were worth');
  return rows;
}

function salePostings(body: SaleBody, used: Points): readonly Posting[] {
  const { redemption } = body;
  const holder = body.accountId ?? '';
  const rows: Posting[] = [
    ...move('cash/sales', 'cash/county-receivable', 'CNY', sumFen(body.lines.map((line) => line.settlementFen ?? fen(0)))),
  ];
  if (redemption !== null) {
    assert(body.accountId !== null, 'points come from an account');
    assert(redemption.fromRights + redemption.fromRoaming === used, 'rights and roaming make up the redemption');
    rows.push(...move('esc', 'red', 'PTS', redemption.fromRights, holder));
    rows.push(...move('roam', 'red', 'PTS', redemption.fromRoaming));
    rows.push(...move('cash/sales', 'cash/county-receivable', 'CNY', redemption.worthFen));
  } else assert(used === 0, 'without a redemption no points move');
  for (const payment of body.payments) {
    const into = payment.kind === 'cash' ? 'cash/drawer' : 'cash/other-payments';
    rows.push(...move('cash/sales', into, 'CNY', payment.fen));
    if (payment.kind === 'cash') assert(payment.tenderedFen - payment.changeFen === payment.fen, 'tendered less change is what was paid');
  }
  rows.push(...signedMove('cash/rounding', 'cash/sales', body.roundingFen));
  const paid = sumFen([redemption?.worthFen ?? fen(0), ...body.payments.map((payment) => payment.fen)]);
  assert(paid === body.totalFen + body.roundingFen, 'what is paid is the price and its rounding');
  assert(body.lines.reduce((sum, line) => sum + line.points, 0) === used, 'the points of the lines sum to the redemption (R6, 9)');
  assert(body.lines.reduce((sum, line) => sum + line.totalFen, 0) === body.totalFen, 'the lines sum to the total');
  return rows;
}

function creditPostings(body: CreditBody, given: Points): readonly Posting[] {
  assert(given > 0, 'a credit gives something');
  assert(body.lines.reduce((sum, line) => sum + line.points, 0) === given, 'the points of the lines sum to the credit');
  return move('recycling_issue', 'esc', 'PTS', given, body.accountId);
}

/** Money one way where it is positive, the other way where it is negative. */
function signedMove(from: AccountCode, to: AccountCode, amount: Fen): readonly Posting[] {
  return amount >= 0 ? move(from, to, 'CNY', amount) : move(to, from, 'CNY', fen(-amount));
}

function move(from: AccountCode, to: AccountCode, commodity: Commodity, amount: Fen | Points, holder = ''): readonly Posting[] {
  assert(amount >= 0, 'an amount that moves is not negative');
  if (amount === 0) return [];
  const of = (account: AccountCode): string => (account === 'esc' ? holder : '');
  return [
    { account: from, holder: of(from), commodity, amount: -amount },
    { account: to, holder: of(to), commodity, amount },
  ];
}

function balanced(rows: readonly Posting[]): readonly Posting[] {
  for (const commodity of ['PTS', 'CNY'] as const) {
    const sum = rows.filter((row) => row.commodity === commodity).reduce((total, row) => points(total + row.amount), 0);
    assert(sum === 0, `postings sum to zero in ${commodity}`);
  }
  return rows;
}
