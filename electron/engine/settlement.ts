// The settlement by which the county pays the shop: made with a closing where the county settles daily, else when the owner prepares
// it; listed with what the county said of it. Computes no amount: db/model/settlement.ts does.

import type { Transaction } from '../../db/book.ts';
import type { SettledEvent } from '../../db/model/settlement.ts';
import { settlementOf, stateOf } from '../../db/model/settlement.ts';
import type { Plain } from '../../db/model/canonical.ts';
import type { SettlementBody } from '../../db/model/event.ts';
import { newestPrintJob } from '../../db/print-jobs.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { currentScheme, currentShop } from '../../db/reference.ts';
import {
  type StoredSettlement,
  countOpenClosings,
  lastSettlementNumber,
  openAdjustments,
  openClosings,
  settlementsBefore,
  strayWords,
  wordsOf,
} from '../../db/settlements.ts';
import type { ReadableDatabase } from '../../db/sqlite.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { OpenSettlementView, SettlementView, StraySettlementWord } from '../ipc/day-views.ts';
import { type Engine, currentDay, earlierEvent, selling } from './till.ts';

/**
 * Settles what was closed, in the transaction of the closing and right after its event, where the county settles daily. Returns
 * the settlement's number, or null where the county settles otherwise. `day` is the closing's.
 */
export function appendSettlement(engine: Engine, transaction: Transaction, day: string): number | null {
  const { reference } = selling(engine);
  if (reference.scheme.settlement?.cycle !== 'day') return null;
  const id = uuidv7(engine.clock.wallMs());
  return append(engine, transaction, { id, day, command: { settle: 'closing' } }).body.number;
}

/** Settles every closing that is not settled: the month's where the county settles monthly. The owner's act. */
export function prepareSettlement(
  engine: Engine,
  { actId }: { readonly actId: string },
): Result<{ readonly number: number }, 'nothing_to_settle'> {
  const { book } = selling(engine);
  const command: Plain = { settle: 'prepared' };
  const earlier = earlierEvent(engine, actId, command);
  if (earlier !== null) return ok({ number: (earlier as SettledEvent).body.number }); // the command is of no other kind
  if (countOpenClosings(book.db) === 0) return fail('nothing_to_settle');
  const { body } = book.transact((transaction) => append(engine, transaction, { id: actId, day: currentDay(engine), command }));
  engine.changed();
  return ok({ number: body.number });
}

/** Settlements of one page, newest first. */
const pageLength = 20;
/** Words of the county that fit no settlement: a few mean a restored book, more would say nothing else. */
const strayMax = 20;

/** The newest settlements before a number (null: the newest of all), how many closings none covers, and words that fit none. */
export function settlements(
  engine: Engine,
  { beforeNumber }: { readonly beforeNumber: number | null },
): {
  readonly settlements: readonly SettlementView[];
  readonly openClosings: number;
  /** What a settlement of those closings would be; null where none is open. */
  readonly open: OpenSettlementView | null;
  /** How the county settles; null where it does not say, and the owner prepares as for a month. */
  readonly cycle: 'day' | 'month' | null;
  readonly strayWords: readonly StraySettlementWord[];
  readonly nextBeforeNumber: number | null;
} {
  const { book, reference } = selling(engine);
  const found = settlementsBefore(book.db, beforeNumber ?? Number.MAX_SAFE_INTEGER, pageLength);
  const last = found.at(-1)?.event.body.number ?? 1;
  return {
    settlements: found.map((each) => settlementView(engine, each)),
    openClosings: countOpenClosings(book.db),
    open: openSettlement(engine),
    cycle: reference.scheme.settlement?.cycle ?? null,
    strayWords: strayWords(book.db, strayMax),
    nextBeforeNumber: last > 1 ? last : null,
  };
}

/** A settlement and what the county said of it. */
function settlementView(engine: Engine, { event }: StoredSettlement): SettlementView {
  const words = wordsOf(selling(engine).book.db, event.body.number);
  return {
    ...event.body,
    actId: event.id,
    at: event.at,
    isPrinted: newestPrintJob(selling(engine).book.db, event.id) !== null,
    ...stateOf(event.body.owedFen, words),
    states: words.map(({ state, day, reference, paidFen }) => ({ state, day, reference, paidFen })),
  };
}

/** What one of all open closings would come to now. Writes nothing. */
function openSettlement(engine: Engine): OpenSettlementView | null {
  const { db } = selling(engine).book;
  if (countOpenClosings(db) === 0) return null;
  const { closings, owedFen } = nextSettlement(engine, db);
  return { closings: closings.length, fromDay: closings[0]!.day, toDay: closings.at(-1)!.day, owedFen }; // there is one, as was just asked
}

function append(
  engine: Engine,
  { db, append }: Transaction,
  { id, day, command }: { readonly id: string; readonly day: string; readonly command: Plain },
): SettledEvent {
  const body = nextSettlement(engine, db);
  return append({ kind: 'SETTLED', body, id, day, op: engine.operator?.id ?? null, command }) as SettledEvent; // the kind that was given
}

/** The settlement of every closing that none covers. */
function nextSettlement(engine: Engine, db: ReadableDatabase): SettlementBody {
  const [scheme, shop] = [currentScheme(db), currentShop(db)];
  assert(scheme !== null && shop !== null, 'a kiosk that sells knows its shop and rules');
  const closings = openClosings(db);
  assert(closings.length > 0, 'a settlement covers at least one closing');
  const { zh, bo, countyZh, countyBo } = shop;
  return settlementOf({
    kiosk: shop.kiosk,
    inc: selling(engine).book.head().inc,
    number: lastSettlementNumber(db) + 1,
    closings,
    scheme,
    adjustments: openAdjustments(db),
    printed: { language: engine.settings.language, operatorName: nameOf(engine), shop: { zh, bo, countyZh, countyBo } },
  });
}

/** As the county's newest file has it, which may be newer than who signed in. */
function nameOf({ operator, reference }: Engine): string {
  return reference?.operators.find(({ id }) => id === operator?.id)?.name ?? '';
}
