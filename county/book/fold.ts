// What one event of a kiosk does to the county's accounts and to the kiosk's counters (reconciliation.md R1 and R3). What breaks a rule
// but is authentic is posted all the same and raised: it happened, and the merchant handed out goods. Checks no signature.

import type { BookEvent } from '../../db/model/event.ts';
import { type Posting, counterStepOf, postingsOf } from '../../db/model/postings.ts';
import { assert } from '../../db/model/result.ts';
import { prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { type Place, balanceOf, moved } from './ledger.ts';
import { settle } from './settling.ts';

/** Why an event that was posted must be looked at. */
export type ExceptionCode =
  | 'unknown_account'
  | 'denied_account'
  | 'beyond_rights'
  | 'over_sale_cap'
  | 'over_roaming_line'
  | 'over_kiosk_roaming'
  | 'does_not_add_up'
  | 'id_twice'
  | 'return_without_sale'
  | 'return_beyond_sale'
  | 'reversal_without_credit'
  | 'disputed_credit'
  | 'unknown_down_file'
  | 'other_key'
  | 'restored'
  | 'restored_behind'
  | 'settlement_differs';

export interface KioskRow {
  readonly kiosk: string;
  readonly store: string;
  readonly key: string | null;
  readonly state: 'expected' | 'active' | 'quarantined';
  readonly sale_cap: number | null;
  readonly roaming_cap: number | null;
  readonly share_permille: number;
}

/** The kiosk whose file is being posted. */
export interface Folding {
  readonly act: CountyAct;
  readonly kiosk: KioskRow;
  readonly inc: number;
  readonly fileSeq: number;
  readonly raise: (seq: number, code: ExceptionCode, detail: string) => void;
}

/**
 * Posts one event. Returns its postings in the kiosk's own chart, with those of an applied file, for the figures of its day; null
 * where its amounts do not add up.
 */
export function foldEvent(folding: Folding, event: BookEvent, entry: number): readonly Posting[] | null {
  const { act, kiosk, raise } = folding;
  const { own, overfunded } = foldKiosk(folding, event);
  if (own === null) raise(event.seq, 'does_not_add_up', event.kind);
  for (const { account, amount } of overfunded)
    act.post(moved({ account: 'roam', at: kiosk.kiosk }, { account: 'esc', holder: account, at: kiosk.kiosk }, amount));
  switch (event.kind) {
    case 'SALE':
      postSale(folding, event, entry);
      break;
    case 'CREDIT':
      checkTwice(folding, event, entry);
      act.post(moved({ account: 'recycling_issue', at: kiosk.kiosk }, rightsPlace(folding, event.seq, event.body.accountId), event.amt));
      break;
    case 'CREDIT_REVERSED':
      postReversal(folding, event);
      break;
    case 'CREDIT_DISPUTED':
      raise(event.seq, 'disputed_credit', event.body.creditId);
      break;
    case 'RETURNED':
      postReturn(folding, event, entry);
      break;
    case 'SETTLED':
      act.post(settle(folding, event));
      break;
    case 'START':
      if (event.body.kioskKey !== kiosk.key) raise(event.seq, 'other_key', event.body.kioskKey);
      break;
    default: // moves nothing of the county's
  }
  return own;
}

/** What an event does to the kiosk's own books, as the kiosk folds them: its postings and its counters. Moves nothing of the county's. */
export function foldKiosk(
  folding: Folding,
  event: BookEvent,
): { readonly own: readonly Posting[] | null; readonly overfunded: readonly Overfunded[] } {
  const own = ownPostings(event);
  const step = counterStepOf(event);
  if (step !== null) moveCounter(folding, step);
  if (event.kind === 'RESTORED') return { own: giveUp(folding), overfunded: [] };
  if (event.kind !== 'DOWN_APPLIED') return { own, overfunded: [] };
  const applied = applyDown(folding, event.seq, event.body);
  return { own: applied.postings, overfunded: applied.overfunded };
}

/**
 * A restored kiosk gave up every right it had: B rises by as much. What the county holds for its accounts there stays, until it issues
 * it anew by a higher G; it does not yet do so by itself.
 */
function giveUp({ act: { db }, kiosk, inc }: Folding): readonly Posting[] {
  const { held } = prepared<[string, number], { held: number | null }>(
    db,
    'SELECT sum(g - b + c - u - s + v + f) AS held FROM counter WHERE kiosk = ? AND inc = ?',
  ).get(kiosk.kiosk, inc)!; // an aggregate has a row
  prepared(db, 'UPDATE counter SET b = g + c - u - s + v + f WHERE kiosk = ? AND inc = ?').run(kiosk.kiosk, inc);
  return [
    { account: 'esc', holder: '', commodity: 'PTS' as const, amount: -(held ?? 0) },
    { account: 'issuance', holder: '', commodity: 'PTS' as const, amount: held ?? 0 },
  ].filter(({ amount }) => amount !== 0) as readonly Posting[]; // accounts of the kiosk's chart
}

/** Roaming that had come back before the kiosk heard that it was funded: rights there from then on (counter F). */
interface Overfunded {
  readonly account: string;
  readonly amount: number;
}

/** The kiosk's own postings; null where its amounts do not add up, which a kiosk of ours never signs. */
function ownPostings(event: BookEvent): readonly Posting[] | null {
  try {
    return postingsOf(event);
  } catch {
    return null;
  }
}

function postSale({ act, kiosk, raise }: Folding, event: BookEvent & { readonly kind: 'SALE' }, entry: number): void {
  const { redemption, accountId } = event.body;
  checkTwice({ act, raise }, event, entry);
  if (redemption === null) return;
  const { seq } = event;
  const red: Place = { account: 'red', at: kiosk.kiosk };
  if (kiosk.sale_cap !== null && event.amt > kiosk.sale_cap) raise(seq, 'over_sale_cap', `${event.amt} of ${kiosk.sale_cap}`);
  const holder = knownAccount({ act, raise }, seq, accountId);
  if (holder === null) return act.post(moved(suspense(kiosk, accountId ?? ''), red, redemption.fromRights + redemption.fromRoaming));
  takeRights({ act, kiosk, raise }, { seq, holder, amount: redemption.fromRights, to: red });
  const roamed = redemption.fromRoaming;
  if (roamed === 0) return;
  const roam: Place = { account: 'roam', at: kiosk.kiosk };
  act.post(moved(roam, red, roamed));
  checkRoaming({ act, kiosk, raise }, seq, holder, roamed);
  // What lies unallocated funds it at once; the rest is due until an award or a return of rights does (R3, re-arm rule).
  const funded = Math.min(roamed, balanceOf(act.db, { account: 'main', holder }));
  act.post(moved({ account: 'main', holder }, roam, funded));
  act.post(moved({ account: 'due', holder, at: kiosk.kiosk }, roam, roamed - funded));
  fund(act, { kiosk: kiosk.kiosk, account: holder, funded, entry });
}

/** What was spent beyond the rights held here is paid to the merchant all the same (R3, Liability) and waits in suspense. */
function takeRights(
  { act, kiosk, raise }: Pick<Folding, 'act' | 'kiosk' | 'raise'>,
  { seq, holder, amount, to }: { readonly seq: number; readonly holder: string; readonly amount: number; readonly to: Place },
): void {
  const esc: Place = { account: 'esc', holder, at: kiosk.kiosk };
  const held = Math.min(amount, balanceOf(act.db, esc));
  act.post(moved(esc, to, held));
  if (amount === held) return;
  act.post(moved(suspense(kiosk, holder), to, amount - held));
  raise(seq, 'beyond_rights', `${amount - held} of ${holder}`);
}

/** Unsettled roaming within the line of the account and the bound of the kiosk (R6, 3 and 12). */
function checkRoaming({ act, kiosk, raise }: Pick<Folding, 'act' | 'kiosk' | 'raise'>, seq: number, holder: string, roamed: number): void {
  const line = prepared<[string, string], { cap: number | null }>(act.db, 'SELECT cap FROM given WHERE kiosk = ? AND account = ?').get(
    kiosk.kiosk,
    holder,
  );
  const due = -balanceOf(act.db, { account: 'due', holder, at: kiosk.kiosk }) + roamed;
  if (due > (line?.cap ?? 0)) raise(seq, 'over_roaming_line', `${due} of ${line?.cap ?? 0}`);
  if (kiosk.roaming_cap === null) return;
  const all = prepared<[string], { amount: number | null }>(
    act.db,
    `SELECT -sum(amount) AS amount FROM balance WHERE account = 'due' AND kiosk = ?`,
  ).get(kiosk.kiosk)!.amount; // an aggregate has a row
  if ((all ?? 0) + roamed > kiosk.roaming_cap) raise(seq, 'over_kiosk_roaming', `${(all ?? 0) + roamed} of ${kiosk.roaming_cap}`);
}

/** Raises how much of an account's roaming at a kiosk is funded: what the kiosk is next told as Xs. */
export function fund(
  act: CountyAct,
  { kiosk, account, funded, entry }: { readonly kiosk: string; readonly account: string; readonly funded: number; readonly entry: number },
): void {
  if (funded === 0) return;
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, funded, changed_entry) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET funded = funded + excluded.funded, changed_entry = excluded.changed_entry`,
  ).run(kiosk, account, funded, entry);
}

function postReturn({ act, kiosk, raise }: Folding, event: BookEvent & { readonly kind: 'RETURNED' }, entry: number): void {
  const { seq, body, amt } = event;
  const sale = prepared<[number, string, string], { account: string | null; amt: number; back: number }>(
    act.db,
    `SELECT account, amt, (SELECT coalesce(sum(amt), 0) FROM event AS other WHERE other.refers = event.id AND other.kiosk = event.kiosk AND other.entry < ?) AS back
       FROM event WHERE id = ? AND kind = 'SALE' AND kiosk = ?`,
  ).get(entry, body.saleId, kiosk.kiosk);
  if (sale === undefined) raise(seq, 'return_without_sale', body.saleId);
  else if (sale.account !== body.accountId || sale.back + amt > sale.amt) raise(seq, 'return_beyond_sale', body.saleId);
  if (body.redemption === null) return;
  const { toRights, toRoaming } = body.redemption;
  const red: Place = { account: 'red', at: kiosk.kiosk };
  const holder = knownAccount({ act, raise }, seq, body.accountId);
  if (holder === null) return act.post(moved(red, suspense(kiosk, body.accountId ?? ''), toRights + toRoaming));
  act.post(moved(red, { account: 'esc', holder, at: kiosk.kiosk }, toRights));
  const roam: Place = { account: 'roam', at: kiosk.kiosk };
  act.post(moved(red, roam, toRoaming));
  // What was funded before it came back stays in clearing until the kiosk has heard so: then it is rights there (counter F).
  const due: Place = { account: 'due', holder, at: kiosk.kiosk };
  act.post(moved(roam, due, Math.min(toRoaming, -balanceOf(act.db, due))));
}

function postReversal({ act, kiosk, raise }: Folding, event: BookEvent & { readonly kind: 'CREDIT_REVERSED' }): void {
  const { seq, body, amt } = event;
  const credit = prepared<[string, string], { account: string | null; amt: number; back: number }>(
    act.db,
    `SELECT account, amt, (SELECT count(*) FROM event AS other WHERE other.refers = event.id) AS back
       FROM event WHERE id = ? AND kind = 'CREDIT' AND kiosk = ?`,
  ).get(body.creditId, kiosk.kiosk);
  if (credit?.account !== body.accountId || credit.amt !== amt || credit.back > 1) raise(seq, 'reversal_without_credit', body.creditId);
  const issue: Place = { account: 'recycling_issue', at: kiosk.kiosk };
  const holder = knownAccount({ act, raise }, seq, body.accountId);
  if (holder === null) return act.post(moved(suspense(kiosk, body.accountId), issue, amt));
  takeRights({ act, kiosk, raise }, { seq, holder, amount: amt, to: issue });
}

/** Where a credit goes: rights here, or suspense where the county knows no such account. */
function rightsPlace({ act, kiosk, raise }: Folding, seq: number, account: string): Place {
  const holder = knownAccount({ act, raise }, seq, account);
  return holder === null ? suspense(kiosk, account) : { account: 'esc', holder, at: kiosk.kiosk };
}

function suspense({ kiosk }: Pick<KioskRow, 'kiosk'>, holder: string): Place {
  return { account: 'suspense', holder, at: kiosk };
}

/** The account where the county has it, and whether somebody of it may act at all; null: raised as unknown. */
function knownAccount({ act, raise }: Pick<Folding, 'act' | 'raise'>, seq: number, account: string | null): string | null {
  const row =
    account === null
      ? undefined
      : prepared<[string], { is_active: number }>(act.db, 'SELECT is_active FROM account WHERE account = ?').get(account);
  if (row === undefined) {
    raise(seq, 'unknown_account', account ?? 'none');
    return null;
  }
  if (row.is_active === 0) raise(seq, 'denied_account', account!); // it has a row
  return account;
}

/** One id is one act of the whole county (R6, 6): ids are made at random, so a second one was copied. */
function checkTwice({ act, raise }: Pick<Folding, 'act' | 'raise'>, { id, seq }: BookEvent, entry: number): void {
  const other = prepared<[string, number], { entry: number }>(
    act.db,
    `SELECT entry FROM event WHERE id = ? AND kind IN ('SALE', 'CREDIT') AND entry <> ?`,
  ).get(id, entry);
  if (other !== undefined) raise(seq, 'id_twice', id);
}

function moveCounter({ act, kiosk, inc }: Folding, step: NonNullable<ReturnType<typeof counterStepOf>>): void {
  const { accountId, spent, unspent, credited, uncredited, roamed, unroamed } = step;
  const { changes } = prepared(
    act.db,
    `INSERT INTO counter (kiosk, inc, account, s, v, c, u, x, w) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET s = s + excluded.s, v = v + excluded.v, c = c + excluded.c, u = u + excluded.u, x = x + excluded.x, w = w + excluded.w`,
  ).run(kiosk.kiosk, inc, accountId, spent, unspent, credited, uncredited, roamed, unroamed);
  assert(changes === 1, 'a counter moved');
}

/**
 * The kiosk has taken a file of ours: its G and Xs are what the file said. What had come back of the roaming before it heard that it
 * was funded is rights there now.
 */
function applyDown(
  { act, kiosk, inc, raise }: Folding,
  seq: number,
  { downSeq, sha256 }: { readonly downSeq: number; readonly sha256: string },
): { readonly postings: readonly Posting[]; readonly overfunded: readonly Overfunded[] } {
  const { db } = act;
  const sent = prepared<[string, number], { sha256: string; paid_fen: number }>(
    db,
    'SELECT sha256, paid_fen FROM down_file WHERE kiosk = ? AND down_seq = ?',
  ).get(kiosk.kiosk, downSeq);
  if (sent?.sha256 !== sha256) {
    raise(seq, 'unknown_down_file', `${downSeq} ${sha256}`);
    return { postings: [], overfunded: [] };
  }
  const at = { kiosk: kiosk.kiosk, inc, downSeq };
  const sums = prepared<[typeof at], { granted: number | null; settled: number | null }>(
    db,
    `SELECT sum(coalesce(granted - coalesce(g, 0), 0)) AS granted, sum(coalesce(settled - coalesce(xs, 0), 0)) AS settled
       FROM down_line LEFT JOIN counter ON counter.kiosk = down_line.kiosk AND counter.inc = @inc AND counter.account = down_line.account
      WHERE down_line.kiosk = @kiosk AND down_seq = @downSeq`,
  ).get(at)!; // an aggregate has a row
  const over = prepared<[typeof at], Overfunded>(
    db,
    `SELECT counter.account AS account, settled - x + w - f AS amount FROM down_line JOIN counter USING (kiosk, account)
      WHERE down_line.kiosk = @kiosk AND down_seq = @downSeq AND inc = @inc AND settled > xs AND settled - x + w - f > 0`,
  ).all(at);
  prepared(
    db,
    `INSERT INTO counter (kiosk, inc, account, g) SELECT kiosk, @inc, account, granted FROM down_line
      WHERE kiosk = @kiosk AND down_seq = @downSeq AND granted IS NOT NULL
      ON CONFLICT DO UPDATE SET g = excluded.g`,
  ).run(at);
  for (const { account, amount } of over)
    prepared(db, 'UPDATE counter SET f = f + ? WHERE kiosk = ? AND inc = ? AND account = ?').run(amount, kiosk.kiosk, inc, account);
  prepared(
    db,
    `UPDATE counter SET xs = line.settled FROM down_line AS line
      WHERE counter.kiosk = @kiosk AND inc = @inc AND line.kiosk = @kiosk AND line.down_seq = @downSeq AND line.account = counter.account
        AND line.settled IS NOT NULL`,
  ).run(at);
  const overfunded = over.reduce((sum, { amount }) => sum + amount, 0);
  const postings = kioskPostings({ granted: sums.granted ?? 0, settled: sums.settled ?? 0, overfunded, paidFen: sent.paid_fen });
  return { postings, overfunded: over };
}

/** What an applied file moves in the kiosk's own chart, over all holders: what its day's figures add up. */
function kioskPostings(of: {
  readonly granted: number;
  readonly settled: number;
  readonly overfunded: number;
  readonly paidFen: number;
}): Posting[] {
  const row = (account: Posting['account'], amount: number, commodity: Posting['commodity'] = 'PTS'): Posting[] =>
    amount === 0 ? [] : [{ account, holder: '', commodity, amount }];
  return [
    ...row('issuance', -(of.granted + of.settled)),
    ...row('esc', of.granted + of.overfunded),
    ...row('roam', of.settled - of.overfunded),
    ...row('cash/county-receivable', -of.paidFen, 'CNY'),
    ...row('cash/county-paid', of.paidFen, 'CNY'),
  ];
}
