// Sells as the till does (electron/engine/pay.ts), without a till: quote, allowance, event, print job in one transaction.

import type { Book } from '../../db/book.ts';
import { accountState, allGoods, currentScheme, findResident, isFrozen, lastDown } from '../../db/reference.ts';
import { addPrintJob } from '../../db/print-jobs.ts';
import { lastReceiptCounter } from '../../db/sales.ts';
import { type Points, fen, points } from '../../db/model/amounts.ts';
import type { Plain } from '../../db/model/canonical.ts';
import { maskName } from '../../db/model/catalogue.ts';
import { type Quote, type QuoteProblem, type QuotedLine, defaultPricing, quote } from '../../db/model/checkout.ts';
import type { Payment, Redemption, SaleBody, SaleLine } from '../../db/model/event.ts';
import { paperNumber } from '../../db/model/paper-number.ts';
import { settlementPrice } from '../../db/model/settlement.ts';
import { type SpendingInput, allowance, takeFrom } from '../../db/model/spending.ts';
import { dayMs } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { SaleEvent } from '../../db/sales.ts';

export interface SellOptions {
  readonly id?: string;
  readonly resident?: string;
  /** Goods and how many; prices are the county's. */
  readonly goods?: readonly (readonly [goodsId: string, quantity: number])[];
  readonly chosenPoints?: number;
  readonly pay?: 'cash' | 'other';
  readonly day?: string;
  /** What was asked, as the event hashes it. */
  readonly command?: Plain;
}

export const today = '2026-11-21';

/** Sells, or says why the cart cannot be paid. Throws what the book throws. */
export function sell(book: Book, options: SellOptions = {}): SaleEvent | QuoteProblem {
  const priced = price(book, options);
  if (priced.quote.problem !== null) return priced.quote.problem;
  const body = saleBody(book, priced, options.pay ?? 'cash');
  const id = options.id ?? uuidv7(book.clock.wallMs());
  return book.transact(({ db, append }) => {
    const event = append({
      kind: 'SALE',
      body,
      id,
      day: options.day ?? today,
      op: 'op1',
      res: priced.resident?.tag ?? null,
      amt: priced.quote.points,
      command: options.command ?? { sell: id },
    });
    addPrintJob(db, { jobId: uuidv7(book.clock.wallMs()), actId: id, copy: 0 });
    return event as SaleEvent; // appended just above as a SALE
  });
}

/** What an account may spend now, as the till asks. */
export function spendingOf(book: Book, accountId: string, day = today): SpendingInput {
  const account = accountState(book.db, accountId, day);
  const heardAt = lastDown(book.db)!.asOf;
  return {
    scheme: currentScheme(book.db)!,
    counters: account.counters,
    county: {
      balance: account.balance,
      asOf: account.balanceAsOf ?? 0,
      spentHereSince: account.spentHereSince,
      creditedHereSince: account.creditedHereSince,
    },
    roamCap: account.roamCap,
    kioskRoaming: account.kioskRoaming,
    daysSinceDown: Math.max(0, Math.floor((book.clock.wallMs() - heardAt) / dayMs)),
    spentToday: account.spentToday,
    isFrozen: isFrozen(book.db),
  };
}

interface Priced {
  readonly quote: Quote;
  readonly resident: ReturnType<typeof findResident>;
  readonly spending: SpendingInput | null;
}

function price(book: Book, options: SellOptions): Priced {
  const scheme = currentScheme(book.db)!;
  const all = new Map(allGoods(book.db).map((each) => [each.id, each]));
  const resident = options.resident === undefined ? null : findResident(book.db, options.resident);
  const spending = resident === null ? null : spendingOf(book, resident.accountId, options.day);
  const lines = (options.goods ?? [['1', 1]]).map(([goodsId, quantity], i) => {
    const goods = all.get(goodsId)!;
    return { lineId: `l${i}`, goods, quantity, pricedIn: defaultPricing(goods, scheme) };
  });
  const chosenPoints: Points | null = options.chosenPoints === undefined ? null : points(options.chosenPoints);
  return {
    quote: quote({ scheme, lines, usable: spending === null ? null : allowance(spending).usable, chosenPoints }),
    resident,
    spending,
  };
}

function saleBody(book: Book, { quote, resident, spending }: Priced, pay: 'cash' | 'other'): SaleBody {
  const due = pay === 'cash' ? quote.dueCashFen : quote.dueFen;
  const payment: Payment =
    pay === 'cash' ? { kind: 'cash', fen: due, tenderedFen: fen(due + 500), changeFen: fen(500) } : { kind: 'other', fen: due };
  return {
    receiptNumber: paperNumber({ ...book.identity, inc: book.head().inc }, '', lastReceiptCounter(book.db) + 1),
    accountId: resident?.accountId ?? null,
    schemeVersion: currentScheme(book.db)!.version,
    priceVersion: lastDown(book.db)!.downSeq,
    lines: quote.lines.map((line) => asStored(book, line)),
    totalFen: quote.totalFen,
    redemption: spending === null || quote.points === 0 ? null : redemptionOf(quote, spending),
    payments: due === 0 ? [] : [payment],
    roundingFen: pay === 'cash' ? quote.roundingFen : fen(0),
    printed: { language: 'zh', residentMasked: resident === null ? null : maskName(resident.name), operatorName: '卓玛' },
  };
}

function redemptionOf(quote: Quote, spending: SpendingInput): Redemption {
  const before = allowance(spending);
  return {
    ...takeFrom(quote.points, before),
    worthFen: quote.worthFen,
    usableBefore: before.usable,
    usableAfter: points(before.usable - quote.points),
    countyAfter: points(Math.max(0, before.countyBalance - quote.points)),
    countyAsOf: spending.county.asOf,
  };
}

/** A line as the book keeps it: without the cart's own name for it, and with what the county pays for it. */
function asStored(book: Book, line: QuotedLine): SaleLine {
  const { goodsId, zh, bo, size, quantity, pricedIn, unitPrice, totalFen, points: taken, pointsFen } = line;
  const settlementFen = settlementPrice(
    allGoods(book.db).find(({ id }) => id === goodsId)!,
    line,
  );
  const stored = { goodsId, zh, bo, size, quantity, pricedIn, unitPrice, totalFen, points: taken, pointsFen };
  return settlementFen === undefined ? stored : { ...stored, settlementFen };
}
