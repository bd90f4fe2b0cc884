// The payment: everything is computed anew from the book, compared with what the cashier saw, and committed in one
// transaction with its print job. "Paid" is answered after the commit and not before.

import { commandHash } from '../../db/book.ts';
import { lastDown } from '../../db/reference.ts';
import { addFirstPrintJob, newestPrintJob } from '../../db/print-jobs.ts';
import { writeDraft } from '../../db/drafts.ts';
import { findSale, lastReceiptCounter } from '../../db/sales.ts';
import { type Fen, type Points, fen, points, sumPoints } from '../../db/model/amounts.ts';
import { type Shop, type ShopNames, maskName } from '../../db/model/catalogue.ts';
import type { Plain } from '../../db/model/canonical.ts';
import type { Quote, QuotedLine } from '../../db/model/checkout.ts';
import type { Payment, Redemption, SaleBody, SaleLine } from '../../db/model/event.ts';
import { paperNumber } from '../../db/model/paper-number.ts';
import type { PrintState } from '../../db/model/receipt.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { settlementPrice } from '../../db/model/settlement.ts';
import { allowance, takeFrom } from '../../db/model/spending.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { NoticeCode, PaidView } from '../ipc/snapshot.ts';
import { dropUnprovenLines, residentProblem } from './cart.ts';
import { emptyDraft } from './draft.ts';
import { kickDrawer, printSoon } from './printing.ts';
import { cartDigest, currentQuote, currentResident } from './quote.ts';
import { type Engine, type Reference, currentDay, notify, selling } from './till.ts';

export interface PayArgs {
  readonly saleId: string;
  /** What the cashier saw when pressing confirm. */
  readonly shown: { readonly totalFen: number; readonly points: number; readonly payFen: number; readonly digest: string };
  readonly payment: { readonly kind: 'cash'; readonly tenderedFen: number } | { readonly kind: 'other' };
}

/** Why nothing was sold. */
export type PayRefusal =
  | 'sale_unknown' // another cart is open by now
  | 'other_content' // this sale was already paid, with other content
  | 'changed' // a price, a right or the cart changed since the cashier looked
  | 'empty'
  | 'resident_needed'
  | 'points_short'
  | 'too_large'
  | 'tendered_short'
  | 'change_too_large' // a zero too many on the pad
  | 'resident_refused'; // the notice says why

/** More change than this is a slip of the finger: the largest note is 100 yuan. */
const changeMax = fen(100_00);

/**
 * Sells the cart. The same sale id again gives the first answer and sells nothing (R6, 6). What the page says it saw is
 * compared and never used.
 */
export function pay(engine: Engine, args: PayArgs): Result<PaidView, PayRefusal> {
  const { book, reference } = selling(engine);
  const command: Plain = { pay: args.saleId, shown: args.shown, payment: args.payment };
  const before = findSale(book.db, args.saleId);
  if (before !== null) {
    if (before.event.cmdHash !== commandHash(command)) return fail('other_content');
    return ok(paidView(args.saleId, before.event.body, before.event.amt, newestPrintJob(book.db, args.saleId)?.state));
  }
  if (engine.draft.saleId !== args.saleId) return fail('sale_unknown');
  if (dropUnprovenLines(engine)) return fail('changed');

  const who = currentResident(engine);
  const problem = engine.draft.resident === null ? null : residentProblem(engine, engine.draft.resident);
  if (problem !== null) return refuseResident(engine, problem);
  const quote = currentQuote(engine, who);
  if (quote.problem !== null) return fail(quote.problem);
  const payFen = args.payment.kind === 'cash' ? quote.dueCashFen : quote.dueFen;
  if (args.shown.digest !== cartDigest(engine, quote)) return fail('changed');
  if (args.shown.totalFen !== quote.totalFen || args.shown.points !== quote.points || args.shown.payFen !== payFen) return fail('changed');
  const payments = paymentsOf(args.payment, payFen);
  if (!payments.ok) return payments;

  const now = engine.clock.wallMs();
  const redemption = who === null || quote.points === 0 ? null : redemptionOf(quote, who);
  const body: SaleBody = {
    receiptNumber: paperNumber({ kiosk: reference.shop.kiosk, inc: book.head().inc }, '', lastReceiptCounter(book.db) + 1),
    accountId: who?.resident.accountId ?? null,
    schemeVersion: reference.scheme.version,
    priceVersion: lastDown(book.db)?.downSeq ?? 0,
    lines: quote.lines.map((line) => saleLine(engine, line, reference)),
    totalFen: quote.totalFen,
    redemption,
    payments: payments.value,
    roundingFen: args.payment.kind === 'cash' ? quote.roundingFen : fen(0),
    printed: {
      language: who?.resident.language ?? engine.settings.language,
      residentMasked: who === null ? null : maskName(who.resident.name),
      operatorName: engine.operator?.name ?? '',
      shop: namesOf(reference.shop),
    },
  };
  const next = emptyDraft(now);
  const jobId = uuidv7(now);
  book.transact(({ db, append }) => {
    const act = append({
      kind: 'SALE',
      body,
      id: args.saleId,
      day: currentDay(engine),
      op: engine.operator?.id ?? null,
      res: who?.resident.tag ?? null,
      amt: quote.points,
      command,
    });
    addFirstPrintJob(db, { jobId, act });
    writeDraft(book, next);
  });
  engine.draft = next;
  engine.lastSale = paidView(args.saleId, body, quote.points);
  engine.notice = null;
  engine.changed();
  printSoon(engine, jobId);
  if (payments.value.some((payment) => payment.kind === 'cash' && payment.tenderedFen > 0)) void kickDrawer(engine, args.saleId);
  return ok(engine.lastSale);
}

/** A finished sale as the screen shows it. */
function paidView(saleId: string, body: SaleBody, used: Points, print: PrintState = { kind: 'queued' }): PaidView {
  return {
    saleId,
    receiptNumber: body.receiptNumber,
    totalFen: body.totalFen,
    requiredPoints: sumPoints(body.lines.map((line) => (line.pricedIn === 'points' ? line.points : points(0)))),
    points: used,
    worthFen: body.redemption?.worthFen ?? fen(0),
    payments: body.payments,
    usableAfter: body.redemption?.usableAfter ?? null,
    print,
  };
}

function namesOf({ zh, bo, countyZh, countyBo }: Shop): ShopNames {
  return { zh, bo, countyZh, countyBo };
}

/** A line as the book keeps it: without the cart's own name for it, with what the scale said, and what the county pays for it. */
function saleLine({ draft }: Engine, line: QuotedLine, { goods }: Reference): SaleLine {
  const { lineId, goodsId, zh, bo, size, quantity, pricedIn, unitPrice, totalFen, points: taken, pointsFen } = line;
  const weighed = draft.lines.find((each) => each.lineId === lineId)?.weighed;
  const settlementFen = settlementPrice(goods.get(goodsId) ?? {}, line);
  const sold = { goodsId, zh, bo, size, quantity, pricedIn, unitPrice, totalFen, points: taken, pointsFen };
  return { ...sold, ...(settlementFen === undefined ? {} : { settlementFen }), ...(weighed === undefined ? {} : { weighed }) };
}

function refuseResident(engine: Engine, code: NoticeCode): { readonly ok: false; readonly code: 'resident_refused' } {
  notify(engine, code);
  return fail('resident_refused');
}

function paymentsOf(payment: PayArgs['payment'], payFen: Fen): Result<readonly Payment[], 'tendered_short' | 'change_too_large'> {
  if (payment.kind === 'other') return ok(payFen === 0 ? [] : [{ kind: 'other', fen: payFen }]);
  const tenderedFen = fen(payment.tenderedFen);
  if (tenderedFen < payFen) return fail('tendered_short');
  const changeFen = fen(tenderedFen - payFen);
  if (changeFen > changeMax) return fail('change_too_large');
  return ok(tenderedFen === 0 ? [] : [{ kind: 'cash', fen: payFen, tenderedFen, changeFen }]);
}

function redemptionOf(quote: Quote, who: NonNullable<ReturnType<typeof currentResident>>): Redemption {
  const { input } = who;
  const taken = takeFrom(quote.points, who.allowance);
  const after = allowance({
    ...input,
    counters: {
      ...input.counters,
      spent: points(input.counters.spent + taken.fromRights),
      roamed: points(input.counters.roamed + taken.fromRoaming),
    },
    county: { ...input.county, spentHereSince: points(input.county.spentHereSince + quote.points) },
    kioskRoaming: points(input.kioskRoaming + taken.fromRoaming),
    spentToday: points(input.spentToday + quote.points),
  });
  return {
    ...taken,
    worthFen: quote.worthFen,
    usableBefore: who.allowance.usable,
    usableAfter: after.usable,
    countyAfter: after.countyBalance,
    countyAsOf: input.county.asOf,
  };
}
