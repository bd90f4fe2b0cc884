// Credits as the recycling desk does (electron/engine/credit.ts), without a desk or a scale: rule, allowance, event, print job
// in one transaction.

import { randomUUID } from 'node:crypto';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import type { Book } from '../../db/book.ts';
import { type CreditEvent, creditedOn, lastTicketCounter } from '../../db/credits.ts';
import { addPrintJob } from '../../db/print-jobs.ts';
import { currentScheme, findResident, lastDown } from '../../db/reference.ts';
import { points } from '../../db/model/amounts.ts';
import type { Plain } from '../../db/model/canonical.ts';
import { type Language, maskName } from '../../db/model/catalogue.ts';
import type { CreditBody } from '../../db/model/event.ts';
import { paperNumber } from '../../db/model/paper-number.ts';
import { type Bag, type CreditQuote, type RecyclingRules, type ShownTare, creditQuote } from '../../db/model/recycling.ts';
import { allowance } from '../../db/model/spending.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { shop } from './county.ts';
import { spendingOf, today } from './sell.ts';

export interface CreditOptions {
  readonly id?: string;
  readonly resident?: string;
  /** 1.234 kg of plastic bottles in a sack, unless said otherwise: 18 points by the rules of 琼结. */
  readonly bags?: readonly Bag[];
  readonly rules?: RecyclingRules;
  readonly day?: string;
  readonly language?: Language;
  readonly approvalId?: string;
  readonly isSimulated?: boolean;
  /** What was asked, as the event hashes it. */
  readonly command?: Plain;
}

/** Credits a resident's account, or says why the bags cannot be credited. Throws what the book throws. */
export function credited(book: Book, options: CreditOptions = {}): CreditEvent | NonNullable<CreditQuote['problem']> {
  const resident = findResident(book.db, options.resident ?? '1');
  if (resident === null) throw new Error('no such resident');
  const { accountId } = resident;
  const day = options.day ?? today;
  const bags = options.bags ?? [weighed('plastic-bottle', 1_354, { by: 'container', id: 'sack', grams: 120 })];
  const { lines, ...quote } = creditQuote({
    rules: options.rules ?? rulesOfQiongjie,
    bags,
    today: creditedOn(book.db, { day, accountId, operatorId: 'op1' }),
  });
  if (quote.problem !== null) return quote.problem;
  const spending = spendingOf(book, accountId, day);
  const { counters, county } = spending;
  const after = allowance({
    ...spending,
    counters: { ...counters, credited: points(counters.credited + quote.points) },
    county: { ...county, creditedHereSince: county.creditedHereSince + quote.points },
  });
  const body: CreditBody = {
    ticketNumber: paperNumber({ ...book.identity, inc: book.head().inc }, 'R', lastTicketCounter(book.db) + 1),
    accountId,
    schemeVersion: currentScheme(book.db)!.version,
    ruleVersion: lastDown(book.db)!.downSeq,
    lines,
    usableBefore: allowance(spending).usable,
    usableAfter: after.usable,
    countyAfter: after.countyBalance,
    countyAsOf: county.asOf,
    approvalId: options.approvalId ?? null,
    printed: {
      language: options.language ?? 'zh',
      residentMasked: maskName(resident.name),
      operatorName: '卓玛',
      shop: { zh: shop.zh, bo: shop.bo, countyZh: shop.countyZh, countyBo: shop.countyBo },
      scale: bags.some(({ measure }) => measure.kind === 'weighed')
        ? { serialNumber: 'XK3190-20517', verifiedOn: '2026-03-01', isSimulated: options.isSimulated ?? false }
        : null,
    },
  };
  const id = options.id ?? uuidv7(book.clock.wallMs());
  return book.transact(({ db, append }) => {
    const event = append({
      kind: 'CREDIT',
      body,
      id,
      day,
      op: 'op1',
      res: resident.tag,
      amt: quote.points,
      command: options.command ?? { credit: id },
    });
    addPrintJob(db, { jobId: uuidv7(book.clock.wallMs()), actId: id, copy: 0 });
    return event as CreditEvent; // appended just above as a CREDIT
  });
}

/** A bag on the scale, at rest. */
export function weighed(materialId: string, readGrams: number, tare: ShownTare = { by: 'none' }): Bag {
  const proof = { scaleSetId: 'set', family: 'st-us', stableBy: 'flag', framesHex: [], weighedAt: 0 } as const;
  return {
    id: randomUUID(),
    materialId,
    measure: { kind: 'weighed', readGrams, tare: tare.by === 'pan' ? { ...tare, proof } : tare, proof },
  };
}

export function counted(materialId: string, pieces: number, isTypedTwice = false): Bag {
  return { id: randomUUID(), materialId, measure: { kind: 'counted', pieces, isTypedTwice } };
}

const rulesOfQiongjie = qiongjie.scheme.recycling!; // its desk takes six materials
