// Returns goods as the till does (electron/engine/returns.ts), without a till: rule, leave, event in the book.

import type { Book } from '../../db/book.ts';
import { addPrintJob } from '../../db/print-jobs.ts';
import { accountState, allOperators, currentScheme } from '../../db/reference.ts';
import { type ReturnEvent, lastReturnCounter, returnDigest, returnsOf } from '../../db/returns.ts';
import type { SaleEvent } from '../../db/sales.ts';
import { points } from '../../db/model/amounts.ts';
import type { ReturnBody } from '../../db/model/event.ts';
import { paperNumber } from '../../db/model/paper-number.ts';
import { type ChosenLine, returnQuote } from '../../db/model/returns.ts';
import { allowance, unsettledRoaming } from '../../db/model/spending.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { shop } from './county.ts';
import { leaveFor } from './recycling.ts';
import { spendingOf, today } from './sell.ts';

export interface BringOptions {
  readonly day?: string;
  /** What a program that lies would write instead. */
  readonly lie?: (event: { readonly body: ReturnBody; readonly amt: number }) => { readonly body: ReturnBody; readonly amt: number };
  /** A leave that was given for something else. */
  readonly approvalId?: string;
}

/** Brings pieces of a sale back, or says why not. Throws what the book throws. */
export function brought(
  book: Book,
  sale: SaleEvent,
  chosen: readonly ChosenLine[],
  { day = today, lie, approvalId: other }: BringOptions = {},
): ReturnEvent | 'nothing_chosen' | 'too_many' {
  const { accountId, receiptNumber, printed } = sale.body;
  const before = returnsOf(book.db, sale.id).map(({ body }) => body);
  const unsettled = accountId === null ? points(0) : unsettledRoaming(accountState(book.db, accountId, day).counters);
  const { cashRounding } = currentScheme(book.db)!;
  const quoted = returnQuote({ sale: sale.body, used: sale.amt, before, chosen, cashRounding, unsettled });
  if (!quoted.ok) return quoted.code;
  const { points: back, redemption, ...quote } = quoted.value;
  const moneyFen = quote.payments.reduce((sum, { fen }) => sum + fen, 0);
  const digest = returnDigest(sale.id, chosen, before);
  const approvalId = other ?? leaveFor(book, { kind: 'return', saleId: sale.id, digest, points: back, moneyFen }, day);
  const body: ReturnBody = {
    returnNumber: paperNumber({ ...book.identity, inc: book.head().inc }, 'T', lastReturnCounter(book.db) + 1),
    saleId: sale.id,
    saleReceiptNumber: receiptNumber,
    saleDay: sale.day,
    accountId,
    reason: 'faulty',
    approvalId,
    ...quote,
    redemption:
      redemption === null || accountId === null ? null : { ...redemption, ...figuresOf(book, { accountId, sale, day, ...redemption }) },
    printed: {
      language: printed.language,
      residentMasked: printed.residentMasked,
      operatorName: '卓玛',
      approverName: allOperators(book.db).find(({ id }) => id === 'op2')?.name ?? '',
      shop: { zh: shop.zh, bo: shop.bo, countyZh: shop.countyZh, countyBo: shop.countyBo },
    },
  };
  const told = lie?.({ body, amt: back }) ?? { body, amt: back };
  const id = uuidv7(book.clock.wallMs());
  return book.transact(({ db, append }) => {
    const event = append({
      kind: 'RETURNED',
      body: told.body,
      amt: points(told.amt),
      id,
      day,
      op: 'op1',
      res: sale.res,
      command: { back: id },
    });
    addPrintJob(db, { jobId: uuidv7(book.clock.wallMs()), actId: id, copy: 0 });
    return event as ReturnEvent; // of that kind
  });
}

function figuresOf(
  book: Book,
  of: { readonly accountId: string; readonly sale: SaleEvent; readonly day: string; readonly toRights: number; readonly toRoaming: number },
): Pick<NonNullable<ReturnBody['redemption']>, 'usableBefore' | 'usableAfter' | 'countyAfter' | 'countyAsOf'> {
  const before = spendingOf(book, of.accountId, of.day);
  const { counters, county } = before;
  const back = of.toRights + of.toRoaming;
  const after = allowance({
    ...before,
    counters: { ...counters, unspent: points(counters.unspent + of.toRights), unroamed: points(counters.unroamed + of.toRoaming) },
    county: { ...county, spentHereSince: points(county.spentHereSince - back) },
    kioskRoaming: points(before.kioskRoaming - of.toRoaming),
    spentToday: points(before.spentToday - (of.sale.day === of.day ? back : 0)),
  });
  return { usableBefore: allowance(before).usable, usableAfter: after.usable, countyAfter: after.countyBalance, countyAsOf: county.asOf };
}
