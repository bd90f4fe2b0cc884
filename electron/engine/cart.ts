// The sale being prepared: what a scan means, lines, points. Every change is stored before the page sees it.

import type { Entry } from '../../db/book.ts';
import { writeDeskDraft, writeDraft } from '../../db/drafts.ts';
import { looksLikeCard } from '../../db/model/card.ts';
import type { Goods } from '../../db/model/catalogue.ts';
import { defaultPricing, linesMax, priceOfWeight, quantityMax } from '../../db/model/checkout.ts';
import type { SaleWeight } from '../../db/model/event.ts';
import { type Label, type LabelProblem, readLabel } from '../../db/model/sale-label.ts';
import { points } from '../../db/model/amounts.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { isRedemptionOpen } from '../../db/model/scheme.ts';
import { looksLikeVoucher } from '../../db/model/voucher.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { Notice, NoticeCode } from '../ipc/snapshot.ts';
import { type HeldCard, cardProblem, readCard, refuseCard } from './card.ts';
import { scanAtDesk } from './desk.ts';
import type { DeskDraft } from './desk-draft.ts';
import { type Draft, type DraftLine, emptyDraft, machineBoot, withoutCard } from './draft.ts';
import { isProvenSale } from './proven.ts';
import { currentLines, currentQuote, stillStands } from './quote.ts';
import { isReceiptCode, scanReceipt } from './read-receipt.ts';
import { type Engine, currentDay, earlierEvent, notify, selling } from './till.ts';
import { scanVoucher } from './voucher.ts';

/** A code from any scanner, or typed. What came of it is the notice; nothing is thrown for a strange code. */
export function scan(engine: Engine, text: string): Notice {
  const code = text.trim();
  if (engine.status.kind !== 'selling') return notify(engine, 'stopped');
  if (engine.operator === null) return notify(engine, 'not_signed_in');
  if (engine.shift === null) return notify(engine, 'no_shift');
  if (isReceiptCode(code)) return scanReceipt(engine, code);
  if (looksLikeVoucher(code)) return scanVoucher(engine, code);
  if (engine.place === 'desk') return scanAtDesk(engine, code);
  if (looksLikeCard(code)) return scanCard(engine, code);
  const { scheme, index } = selling(engine).reference;
  const label = readLabel(scheme.labels, code);
  if (label !== null) return scanLabel(engine, code, label);
  const goods = index.byCode.get(code);
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
): Result<null, 'line_gone' | 'sold_by_weight' | 'too_large'> {
  const before = engine.draft.lines.find((line) => line.lineId === lineId);
  if (before === undefined) return fail('line_gone');
  if (before.weighed !== undefined) return fail('sold_by_weight'); // two bags are two weighings
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

/**
 * Takes lines off that cannot be sold any more, since the county withdrew their goods or changed how they are sold, records them,
 * and names one to the cashier; called after a down-file.
 */
export function dropGoneLines(engine: Engine): void {
  const { goods } = selling(engine).reference;
  const { lines, weighing } = engine.draft;
  const gone = lines.filter((line) => !stillStands(engine, line));
  const onScale = weighing === null ? undefined : goods.get(weighing.goodsId);
  const isWeighed = onScale?.onSale === true && onScale.soldBy === 'weight';
  if (gone.length === 0 && isWeighed === (weighing !== null)) return;
  store(engine, { ...engine.draft, weighing: isWeighed ? weighing : null, lines: lines.filter((line) => !gone.includes(line)) }, gone);
  if (gone.length === 0) return;
  notify(engine, 'goods_withdrawn', goods.get(gone[0]!.goodsId)?.zh ?? gone[0]!.goodsId);
}

/** The resident's card is not used, or not used any more: somebody chose so. */
export function dropResident(engine: Engine): void {
  store(engine, { ...engine.draft, resident: null, offered: null, chosenPoints: null, hadCard: false });
}

/** The card goes with whoever leaves the till; that the goods had one is kept, to be asked for again. */
export function putCardAway(engine: Engine): void {
  store(engine, withoutCard(engine.draft));
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
    problem === null
      ? { ...engine.draft, resident: held, offered: null, chosenPoints: null, hadCard: false }
      : { ...engine.draft, offered: null },
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

/**
 * Takes lines off whose bytes do not say their weight, records them, and names one to the cashier; called before a payment. No
 * fault that stops the till: a program that reads a scale otherwise than the one before it finds such a line, too. Says whether
 * there were any.
 */
export function dropUnprovenLines(engine: Engine): boolean {
  const { lines } = engine.draft;
  const unproven = lines.filter(({ weighed }) => !isProvenSale(engine, weighed));
  if (unproven.length === 0) return false;
  engine.log(`${unproven.length} weighed lines are not what their bytes say`);
  store(engine, { ...engine.draft, lines: lines.filter((line) => !unproven.includes(line)) }, unproven);
  const first = unproven[0]!.goodsId;
  notify(engine, 'weighing_unproven', selling(engine).reference.goods.get(first)?.zh ?? first);
  return true;
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
  store(engine, { ...engine.draft, resident: held, offered: null, chosenPoints: null, hadCard: false });
  return notify(engine, isAnother ? 'card_replaced' : 'card_accepted');
}

function add(engine: Engine, goods: Goods): Notice {
  if (!goods.onSale) return notify(engine, 'goods_withdrawn', goods.zh);
  engine.lastSale = null;
  if (goods.soldBy === 'weight') {
    store(engine, { ...engine.draft, weighing: { goodsId: goods.id, tare: { by: 'none' } } });
    return notify(engine, 'goods_to_weigh', goods.zh);
  }
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

/**
 * A bag with the label of a counter scale. Two bags can weigh the same to the gram, and one bag can be scanned twice: the same
 * label again is asked about and not added, so that nobody pays twice for what was scanned in passing. Scanning it once more,
 * with nothing in between, answers that it is another bag.
 */
function scanLabel(engine: Engine, code: string, label: Label | LabelProblem): Notice {
  if (typeof label === 'string') return notify(engine, label, code);
  const goods = selling(engine).reference.index.byCode.get(label.goodsCode);
  if (goods === undefined) return notify(engine, 'goods_unknown', label.goodsCode);
  if (!goods.onSale) return notify(engine, 'goods_withdrawn', goods.zh);
  if (goods.soldBy !== 'weight') return notify(engine, 'label_by_piece', goods.zh);
  if (label.embeds === 'grams' && priceOfWeight(goods.priceFen!, label.value) === 0) return notify(engine, 'label_zero', code); // loose goods have a price in yuan
  if (engine.draft.lines.length >= linesMax) return notify(engine, 'cart_full');
  const isAsked = engine.notice?.code === 'label_again' && engine.notice.subject === code;
  const isInCart = engine.draft.lines.some(({ weighed }) => weighed !== undefined && weighed.by !== 'scale' && weighed.code === code);
  if (isInCart && !isAsked) return notify(engine, 'label_again', code);
  engine.lastSale = null;
  const weighed: SaleWeight = label.embeds === 'fen' ? { by: 'price-label', code } : { by: 'label', code, netGrams: label.value };
  const line: DraftLine = { lineId: uuidv7(engine.clock.wallMs()), goodsId: goods.id, quantity: 1, pricedIn: 'yuan', weighed };
  if (!changeLines(engine, [...engine.draft.lines, line]).ok) return engine.notice!; // as in add
  return notify(engine, 'line_added', goods.zh);
}

/** Adds what was just weighed. The load on the pan is used: no other line comes of it. */
export function addWeighed(engine: Engine, line: DraftLine): Result<null, 'too_large'> {
  const lines = [...engine.draft.lines, line];
  if (isTooLarge(engine, lines)) return fail('too_large');
  engine.lastSale = null;
  store(engine, { ...engine.draft, lines, weighing: null }, [], { ...engine.desk, isPanClear: false });
  notify(engine, 'line_added', selling(engine).reference.goods.get(line.goodsId)?.zh);
  return ok(null);
}

/** Stores other lines, unless together they would leave what a sale can cost: then the cart stays as it was. */
function changeLines(engine: Engine, lines: readonly DraftLine[], removed: readonly Removed[] = []): Result<null, 'too_large'> {
  if (isTooLarge(engine, lines)) return fail('too_large');
  store(engine, { ...engine.draft, lines: [...lines] }, removed);
  return ok(null);
}

/** Whether the lines together would leave what a sale can cost; then the cashier is told. */
function isTooLarge(engine: Engine, lines: readonly DraftLine[]): boolean {
  const isOver = currentQuote(engine, null, currentLines(engine, lines)).problem === 'too_large';
  if (isOver) notify(engine, 'cart_too_large');
  return isOver;
}

/** A line, or some of its pieces, that comes off. */
type Removed = Pick<DraftLine, 'lineId' | 'goodsId' | 'quantity'> & { readonly actId?: string };

/** Stores the cart. The desk's draft is another's business, but for its pan, which is the till's too. */
export function store(engine: Engine, draft: Draft, removed: readonly Removed[] = [], desk: DeskDraft | null = null): void {
  const { book } = selling(engine);
  const now = engine.clock.wallMs();
  const hasGoods = draft.lines.length > 0 || draft.weighing !== null;
  const saved = { ...draft, hadCard: draft.hadCard && hasGoods, touchedAt: now, boot: machineBoot };
  book.transact(({ append }) => {
    for (const line of removed) append(lineRemoved(engine, line));
    writeDraft(book, saved);
    if (desk !== null) writeDeskDraft(book, desk);
  });
  engine.draft = saved;
  if (desk !== null) engine.desk = desk;
  engine.changed();
}

/** What the book says of a line that came off. */
export function lineRemoved(engine: Engine, { lineId, goodsId, quantity, actId }: Removed, saleId: string = engine.draft.saleId): Entry {
  return {
    kind: 'LINE_REMOVED',
    body: { saleId, goodsId, quantity },
    id: actId ?? uuidv7(engine.clock.wallMs()),
    day: currentDay(engine),
    op: engine.operator?.id ?? null,
    command: { removeLine: lineId },
  };
}
