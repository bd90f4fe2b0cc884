// The sale being prepared: what a scan means, lines, points. Every change is stored before the page sees it.

import { writeDraft } from '../../db/sales.ts';
import { looksLikeCard } from '../../db/model/card.ts';
import type { Goods } from '../../db/model/catalogue.ts';
import { defaultPricing, linesMax, quantityMax } from '../../db/model/checkout.ts';
import { points } from '../../db/model/amounts.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { isRedemptionOpen } from '../../db/model/scheme.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { Notice, NoticeCode } from '../ipc/snapshot.ts';
import { type HeldCard, cardProblem, readCard, refuseCard } from './card.ts';
import { scanAtDesk } from './desk.ts';
import { type Draft, type DraftLine, emptyDraft, machineBoot } from './draft.ts';
import { currentLines, currentQuote } from './quote.ts';
import { type Engine, currentDay, earlierEvent, notify, selling } from './till.ts';

/** A code from any scanner, or typed. What came of it is the notice; nothing is thrown for a strange code. */
export function scan(engine: Engine, text: string): Notice {
  const code = text.trim();
  if (engine.status.kind !== 'selling') return notify(engine, 'stopped');
  if (engine.operator === null) return notify(engine, 'not_signed_in');
  if (engine.shift === null) return notify(engine, 'no_shift');
  if (engine.place === 'desk') return scanAtDesk(engine, code);
  if (looksLikeCard(code)) return scanCard(engine, code);
  const goods = selling(engine).reference.index.byCode.get(code);
  if (goods === undefined) return notify(engine, 'goods_unknown', code.slice(0, 40));
  return add(engine, goods);
}

/** A touch on a picture. */
export function addGoods(engine: Engine, { goodsId }: { readonly goodsId: string }): Notice {
  const goods = selling(engine).reference.goods.get(goodsId);
  return goods === undefined ? notify(engine, 'goods_unknown', goodsId) : add(engine, goods);
}

/** Changes how many. The book records fewer as it does a line taken off: fifty rung up and one paid is the same trick. */
export function setQuantity(
  engine: Engine,
  { lineId, quantity }: { readonly lineId: string; readonly quantity: number },
): Result<null, 'line_gone' | 'too_large'> {
  const before = engine.draft.lines.find((line) => line.lineId === lineId);
  if (before === undefined) return fail('line_gone');
  return changeLines(
    engine,
    engine.draft.lines.map((line) => (line === before ? { ...line, quantity } : line)),
    quantity < before.quantity ? [{ ...before, quantity: before.quantity - quantity }] : [],
  );
}

/** Takes a line off. The book records it: goods rung up and taken off again are an old trick. */
export function removeLine(
  engine: Engine,
  { actId, lineId }: { readonly actId: string; readonly lineId: string },
): Result<null, 'line_gone'> {
  const command = { removeLine: lineId };
  if (earlierEvent(engine, actId, command) !== null) return ok(null);
  const line = engine.draft.lines.find((each) => each.lineId === lineId);
  if (line === undefined) return fail('line_gone');
  store(engine, { ...engine.draft, lines: engine.draft.lines.filter((each) => each !== line) }, [{ ...line, actId }]);
  return ok(null);
}

/** Empties the cart for another customer; every line is recorded as removed. */
export function clearCart(engine: Engine): void {
  const { lines } = engine.draft;
  store(engine, emptyDraft(engine.clock.wallMs()), lines);
}

/** Chooses between the two prices of goods that have both. */
export function setPricing(
  engine: Engine,
  { lineId, pricedIn }: { readonly lineId: string; readonly pricedIn: 'yuan' | 'points' },
): Result<null, 'line_gone' | 'no_such_price' | 'too_large'> {
  const line = engine.draft.lines.find((each) => each.lineId === lineId);
  if (line === undefined) return fail('line_gone');
  const goods = selling(engine).reference.goods.get(line.goodsId);
  if (goods === undefined || (pricedIn === 'yuan' ? goods.priceFen : goods.pricePoints) === null) return fail('no_such_price');
  return changeLines(
    engine,
    engine.draft.lines.map((each) => (each === line ? { ...each, pricedIn } : each)),
  );
}

/** Points to use in all, null for the most. More than the rules allow is refused; between two steps the lower one is used. */
export function setPoints(
  engine: Engine,
  { points: wanted }: { readonly points: number | null },
): Result<null, 'points_too_many' | 'points_too_few' | 'no_resident'> {
  if (wanted !== null) {
    if (engine.draft.resident === null) return fail('no_resident');
    const quote = currentQuote(engine);
    if (wanted > quote.maxPoints) return fail('points_too_many');
    if (wanted < quote.requiredPoints) return fail('points_too_few');
  }
  store(engine, { ...engine.draft, chosenPoints: wanted === null ? null : points(wanted) });
  return ok(null);
}

/** Takes lines off whose goods the county withdrew, records them, and names one to the cashier; called after a down-file. */
export function dropGoneLines(engine: Engine): void {
  const { goods } = selling(engine).reference;
  const gone = engine.draft.lines.filter((line) => goods.get(line.goodsId)?.onSale !== true);
  if (gone.length === 0) return;
  store(engine, { ...engine.draft, lines: engine.draft.lines.filter((line) => !gone.includes(line)) }, gone);
  notify(engine, 'goods_withdrawn', goods.get(gone[0]!.goodsId)?.zh ?? gone[0]!.goodsId);
}

export function dropResident(engine: Engine): void {
  store(engine, { ...engine.draft, resident: null, offered: null, chosenPoints: null });
}

/** Answers whether the other resident's card pays instead. An answer to a question that is over changes nothing. */
export function answerOffer(
  engine: Engine,
  { offerId, answer }: { readonly offerId: string; readonly answer: 'keep' | 'change' },
): Result<null, 'offer_gone' | 'resident_refused'> {
  const { offered } = engine.draft;
  if (offered?.offerId !== offerId) return fail('offer_gone');
  if (answer === 'keep') {
    engine.notice = null;
    store(engine, { ...engine.draft, offered: null });
    return ok(null);
  }
  const { offerId: _, ...held } = offered;
  const problem = residentProblem(engine, held); // a file of the county may have come since the scan
  store(
    engine,
    problem === null ? { ...engine.draft, resident: held, offered: null, chosenPoints: null } : { ...engine.draft, offered: null },
  );
  if (problem !== null) {
    refuseCard(engine, problem, held.id);
    return fail('resident_refused');
  }
  notify(engine, 'card_replaced');
  return ok(null);
}

export function nextCustomer(engine: Engine): void {
  engine.lastSale = null;
  engine.notice = null;
  engine.changed();
}

/** Why this resident's card cannot redeem now, or null; asked at the scan and again at the payment. */
export function residentProblem(engine: Engine, card: HeldCard): NoticeCode | null {
  const problem = cardProblem(engine, card);
  if (problem !== null) return problem;
  return isRedemptionOpen(selling(engine).reference.scheme, currentDay(engine)) ? null : 'window_closed';
}

function scanCard(engine: Engine, code: string): Notice {
  const card = readCard(engine, code);
  if (!card.ok) return refuseCard(engine, card.code);
  const held = card.value;
  const problem = residentProblem(engine, held);
  if (problem !== null) return refuseCard(engine, problem, held.id);
  engine.lastSale = null;
  const isAnother = engine.draft.resident !== null && engine.draft.resident.id !== held.id;
  if (isAnother && engine.draft.lines.length > 0) {
    store(engine, { ...engine.draft, offered: { ...held, offerId: uuidv7(engine.clock.wallMs()) } });
    return notify(engine, 'card_other');
  }
  store(engine, { ...engine.draft, resident: held, offered: null, chosenPoints: null });
  return notify(engine, isAnother ? 'card_replaced' : 'card_accepted');
}

function add(engine: Engine, goods: Goods): Notice {
  if (!goods.onSale) return notify(engine, 'goods_withdrawn', goods.zh);
  engine.lastSale = null;
  const pricedIn = defaultPricing(goods, selling(engine).reference.scheme);
  const { lines } = engine.draft;
  const same = lines.find((line) => line.goodsId === goods.id);
  if (same === undefined && lines.length >= linesMax) return notify(engine, 'cart_full');
  if (same !== undefined && same.quantity >= quantityMax) return notify(engine, 'cart_full');
  const next =
    same === undefined
      ? [...lines, { lineId: uuidv7(engine.clock.wallMs()), goodsId: goods.id, quantity: 1, pricedIn }]
      : lines.map((line) => (line === same ? { ...line, quantity: line.quantity + 1 } : line));
  if (!changeLines(engine, next).ok) return engine.notice!; // it says that the cart would be too large
  return notify(engine, 'line_added', goods.zh);
}

/** Stores other lines, unless together they would leave what a sale can cost: then the cart stays as it was. */
function changeLines(engine: Engine, lines: readonly DraftLine[], removed: readonly Removed[] = []): Result<null, 'too_large'> {
  if (currentQuote(engine, null, currentLines(engine, lines)).problem === 'too_large') {
    notify(engine, 'cart_too_large');
    return fail('too_large');
  }
  store(engine, { ...engine.draft, lines: [...lines] }, removed);
  return ok(null);
}

/** A line, or some of its pieces, that comes off. */
type Removed = Pick<DraftLine, 'lineId' | 'goodsId' | 'quantity'> & { readonly actId?: string };

function store(engine: Engine, draft: Draft, removed: readonly Removed[] = []): void {
  const { book } = selling(engine);
  const now = engine.clock.wallMs();
  const saved = { ...draft, touchedAt: now, boot: machineBoot };
  const { saleId } = engine.draft;
  const op = engine.operator?.id ?? null;
  book.transact(({ db, append }) => {
    for (const { lineId, goodsId, quantity, actId } of removed)
      append({
        kind: 'LINE_REMOVED',
        body: { saleId, goodsId, quantity },
        id: actId ?? uuidv7(now),
        day: currentDay(engine),
        op,
        command: { removeLine: lineId },
      });
    writeDraft(db, saved);
  });
  engine.draft = saved;
  engine.changed();
}
