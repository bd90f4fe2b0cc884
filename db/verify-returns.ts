// Checks returns as the chain passes by: each is derived anew from its sale and the returns of it before, by the rule that the till
// used. Trusts no row: each is compared with its event before it is asked.

import { type Points, points } from './model/amounts.ts';
import { canonical, type Plain } from './model/canonical.ts';
import type { BookEvent, ReturnBody } from './model/event.ts';
import { paperNumber } from './model/paper-number.ts';
import { returnReasons } from './model/reasons.ts';
import { returnQuote } from './model/returns.ts';
import { type ReturnEvent, returnDigest, returnsOf } from './returns.ts';
import type { SaleEvent } from './sales.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import type { Leaves } from './verify-approval.ts';
import type { RulesInForce } from './verify-county.ts';
import type { Fold } from './verify-fold.ts';
import { Lie, besideChain, counted } from './verify-lie.ts';
import { figuresAround } from './verify-ticket.ts';

export interface ReturnChecks {
  /** The next event of the chain, its postings folded already. */
  take(event: BookEvent, place: string, inForce: RulesInForce): void;
  /** The tables hold nothing more than the events made. */
  end(): void;
  close(): void;
  report(): string;
}

/** Nothing came back yet. */
export function returnChecks(db: ReadableDatabase, { fold, leaves }: { readonly fold: Fold; readonly leaves: Leaves }): ReturnChecks {
  const returns = besideChain(
    db,
    'returns',
    'sale_return',
    'seq, return_id, return_number, day, (SELECT sale_id FROM sale WHERE sale.seq = sale_seq) AS sale_id, account_id, points, total_fen',
  );
  const lines = besideChain(db, 'returns', 'return_line', 'seq, n, quantity, total_fen, points_fen, settlement_fen, points');
  let count = 0;
  let restoredSeq = 0;
  return {
    take(event, place, inForce) {
      if (event.kind === 'RESTORED') restoredSeq = event.seq;
      if (event.kind !== 'RETURNED') return;
      count += 1;
      const { seq, id, day, amt, body } = event;
      const [return_number, sale_id, account_id, total_fen] = [body.returnNumber, body.saleId, body.accountId, body.totalFen];
      returns.next({ seq, return_id: id, return_number, day, sale_id, account_id, points: amt, total_fen }, place);
      for (const { n, quantity, totalFen, pointsFen, settlementFen, points: priced } of body.lines)
        lines.next({ seq, n, quantity, total_fen: totalFen, points_fen: pointsFen, settlement_fen: settlementFen, points: priced }, place);
      const number = paperNumber(event, 'T', count);
      if (return_number !== number) throw new Lie('returns', place, `has number ${return_number}, not ${number}`);
      const sale = saleBefore(db, body.saleId, seq);
      if (sale === null) throw new Lie('returns', place, `names a sale ${body.saleId} that was not made`);
      if (sale.seq < restoredSeq) throw new Lie('returns', place, 'gives back what was sold before a backup was put back');
      const fault =
        reasonFault(body) ??
        saleFault(event, sale) ??
        amountFault(event, sale, { db, fold, inForce }) ??
        figuresFault(event, { db, fold, inForce });
      if (fault !== null) throw new Lie('returns', place, fault);
      const digest = returnDigest(sale.id, body.lines, earlierOf(db, event));
      const moneyFen = body.payments.reduce((sum, payment) => sum + payment.fen, 0);
      const approver = leaves.use(body.approvalId, { kind: 'return', saleId: sale.id, digest, points: amt, moneyFen }, event, place);
      if (body.printed.approverName !== inForce.operatorOf(approver)?.name)
        throw new Lie('returns', place, `names ${body.printed.approverName} where ${approver} gave leave`);
    },
    end() {
      returns.end();
      lines.end();
    },
    close() {
      returns.close();
      lines.close();
    },
    report: () => `${counted(count, 'return')} and their numbers without a gap, each the share of its sale that the pieces are`,
  };
}

interface Beside {
  readonly db: ReadableDatabase;
  /** The return is in it already. */
  readonly fold: Fold;
  readonly inForce: RulesInForce;
}

/** A sale as its event says, if it was made before event `seq`. */
function saleBefore(db: ReadableDatabase, saleId: string, seq: number): SaleEvent | null {
  const row = prepared<[string, number], { line: string }>(db, `SELECT line FROM event WHERE id = ? AND kind = 'SALE' AND seq < ?`).get(
    saleId,
    seq,
  );
  return row === undefined ? null : (JSON.parse(row.line) as SaleEvent); // of this kind, and checked when it passed by
}

function earlierOf(db: ReadableDatabase, { seq, body }: ReturnEvent): readonly ReturnBody[] {
  return returnsOf(db, body.saleId, seq).map((each) => each.body);
}

function reasonFault({ reason }: ReturnBody): string | null {
  return returnReasons.includes(reason) ? null : `has the reason ${reason}`;
}

/** What it repeats of the sale is what the sale says. */
function saleFault({ res, body }: ReturnEvent, sale: SaleEvent): string | null {
  if (body.accountId !== sale.body.accountId || res !== sale.res) return 'gives back to another than who bought';
  if (body.saleReceiptNumber !== sale.body.receiptNumber || body.saleDay !== sale.day)
    return `names receipt ${body.saleReceiptNumber} of ${body.saleDay}; it was ${sale.body.receiptNumber} of ${sale.day}`;
  const { language, residentMasked } = sale.body.printed;
  return body.printed.language === language && body.printed.residentMasked === residentMasked ? null : 'prints another than who bought';
}

/** The amounts, derived anew. */
function amountFault(event: ReturnEvent, sale: SaleEvent, { db, fold, inForce }: Beside): string | null {
  const { amt, body } = event;
  if (inForce.scheme === null) return 'was made before the county had said any rules';
  const quoted = returnQuote({
    sale: sale.body,
    used: sale.amt,
    before: earlierOf(db, event),
    chosen: body.lines,
    cashRounding: inForce.scheme.cashRounding,
    unsettled: unsettledBefore(event, fold),
  });
  if (!quoted.ok) return quoted.code === 'too_many' ? 'gives back more than was bought' : 'gives nothing back';
  const { points: back, redemption, ...money } = quoted.value;
  const { lines, totalFen, payments, roundingFen } = body;
  if (canonical({ lines, totalFen, payments, roundingFen } as unknown as Plain) !== canonical(money as unknown as Plain))
    return 'gives back other than the share of the sale that the pieces are';
  const told = pointsOf(body.redemption);
  if (back !== amt || canonical(told) !== canonical(pointsOf(redemption)))
    return `gives back ${amt} points, ${told?.toRoaming ?? 0} of them to roaming; it should be ${back}, ${redemption?.toRoaming ?? 0} of them`;
  return null;
}

function pointsOf(
  redemption: Pick<NonNullable<ReturnBody['redemption']>, 'discount' | 'worthFen' | 'pointValueFen' | 'toRights' | 'toRoaming'> | null,
) {
  if (redemption === null) return null;
  const { discount, worthFen, pointValueFen, toRights, toRoaming } = redemption;
  return { discount, worthFen, pointValueFen, toRights, toRoaming };
}

function unsettledBefore({ body }: ReturnEvent, fold: Fold): Points {
  if (body.accountId === null) return points(0);
  return points(fold.unsettled(body.accountId).account + (body.redemption?.toRoaming ?? 0));
}

/** What its paper says could be spent before and after. */
function figuresFault(event: ReturnEvent, beside: Beside): string | null {
  const { seq, day, amt, body } = event;
  const { accountId, redemption, saleDay } = body;
  if (redemption === null || accountId === null) return null;
  const { usableBefore, usableAfter, countyAfter, countyAsOf, toRights, toRoaming } = redemption;
  const possible = figuresAround({ accountId, seq, day }, beside, ({ counters, county, ...after }) => ({
    ...after,
    counters: { ...counters, unspent: points(counters.unspent - toRights), unroamed: points(counters.unroamed - toRoaming) },
    county: { ...county, spentHereSince: points(county.spentHereSince + amt) },
    kioskRoaming: points(after.kioskRoaming + toRoaming),
    spentToday: points(after.spentToday + (saleDay === day ? amt : 0)),
  }));
  const told = canonical({ usableBefore, usableAfter, countyAfter, countyAsOf });
  if (possible.some((each) => canonical({ ...each }) === told)) return null;
  const [usual] = possible;
  return `prints ${usableBefore} usable before and ${usableAfter} after, ${countyAfter} in the county; it was ${usual!.usableBefore}, ${usual!.usableAfter}, ${usual!.countyAfter}`; // one for each age
}
