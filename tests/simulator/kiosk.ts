// A kiosk of the simulator: the real engine on a real home, without devices, pages or timers. What a cashier does here is what the
// page's calls do; nothing is decided a second time.

import { randomUUID, sign } from 'node:crypto';
import { inspect } from 'node:util';
import { readHome } from '../../db/home.ts';
import { neededKeys, rotateOwnKey, signerOf } from '../../db/kiosk-keys.ts';
import { type DrawQuestion, drawText } from '../../db/model/draw.ts';
import { takeFrom } from '../../db/model/spending.ts';
import { drawerFen } from '../../db/operators.ts';
import { findSale } from '../../db/sales.ts';
import { approve } from '../../electron/engine/approval.ts';
import { addGoods, clearCart, scan, setPoints, setQuantity } from '../../electron/engine/cart.ts';
import { closeDay } from '../../electron/engine/closing.ts';
import { credit, reverseCredit } from '../../electron/engine/credit.ts';
import { chooseMaterial, clearDesk, countBag, goTo } from '../../electron/engine/desk.ts';
import { creditDigest, currentCreditQuote } from '../../electron/engine/desk-quote.ts';
import { countDrawer } from '../../electron/engine/drawer.ts';
import { startExchange } from '../../electron/engine/exchange.ts';
import { openTill } from '../../electron/engine/opening.ts';
import { type PayArgs, pay } from '../../electron/engine/pay.ts';
import { cartDigest, currentQuote, currentResident } from '../../electron/engine/quote.ts';
import { quoteReturn, returnGoods } from '../../electron/engine/returns.ts';
import { openShift, signIn } from '../../electron/engine/session.ts';
import { prepareSettlement } from '../../electron/engine/settlement.ts';
import { newEngine } from '../../electron/engine/new-engine.ts';
import { readSettings } from '../../electron/engine/settings.ts';
import { type Engine, selling, stop, whenFree } from '../../electron/engine/till.ts';
import { takeHere } from '../../electron/engine/voucher.ts';
import { piecesOf } from '../support/closing.ts';
import type { MachineClock } from './clock.ts';
import { ownerPin } from './template.ts';

/** Starts the engine on a home, as startEngine does, and opens its book. The till is stopped where the book is refused. */
export function startKiosk(directory: string, clock: MachineClock, log: (line: string) => void): Engine {
  clock.restart();
  const engine: Engine = newEngine({
    directory,
    clock,
    log: (line, error) => log(error === undefined ? line : `${line}: ${inspect(error)}`),
    emit: () => {},
    changed: () => {},
  });
  const found = readHome(directory);
  if (found.ok) {
    engine.home = found.home;
    engine.settings = readSettings(found.home);
    openTill(engine);
  } else stop(engine, found.code === 'not_enrolled' ? 'not_enrolled' : 'internal', found.detail);
  return engine;
}

const owner = 'op1';

/** Signs the owner in and opens the shift of the day, closing a forgotten one first. `at_work`, or the code of what kept it from that. */
export async function beginWork(engine: Engine): Promise<string> {
  if (engine.status.kind !== 'selling') return engine.status.code;
  if (engine.operator === null) {
    const signed = await signIn(engine, { operatorId: owner, pin: ownerPin });
    if (!signed.ok) return signed.code;
  }
  let confirmedDate: string | null = null;
  for (let tries = 0; engine.shift === null; tries += 1) {
    const floatFen = drawerFen(selling(engine).book.db);
    const opened = openShift(engine, { actId: randomUUID(), floatFen, confirmedDate });
    if (opened.ok) break;
    if (tries === 3) return opened.code;
    if (opened.code === 'confirm_date') confirmedDate = opened.businessDate;
    else if (opened.code === 'day_unclosed') {
      const closed = await endDay(engine);
      if (closed !== 'closed') return closed;
    } else return opened.code;
  }
  return 'at_work';
}

/** Counts the drawer and closes the open day. `closed`, or why not. */
export async function endDay(engine: Engine): Promise<string> {
  if (engine.status.kind !== 'selling') return engine.status.code;
  clearCart(engine);
  clearDesk(engine);
  const countId = randomUUID();
  const counted = countDrawer(engine, { actId: countId, purpose: 'closing', counts: piecesOf(drawerFen(selling(engine).book.db)) });
  if (!counted.ok) return counted.code;
  const closed = await closeDay(engine, { actId: randomUUID(), countId, reason: null });
  return closed.ok ? 'closed' : closed.code;
}

/** What a cashier tries to sell. */
export interface Wish {
  /** Cards of one resident, the newest first: the first that the till takes. */
  readonly cards: readonly string[];
  readonly goods: readonly (readonly [id: string, quantity: number])[];
  /** At most so many points; null: as many as the rules allow. */
  readonly points: number | null;
}

export interface Sold {
  readonly kind: 'sold';
  readonly saleId: string;
  readonly args: PayArgs;
  readonly points: number;
}

/** What came of a wish: `usable` is what the till said the resident may spend here. */
export type Sale = { readonly usable: number; readonly worth: number } & (Sold | { readonly kind: 'refused'; readonly code: string });

/** Rings up and pays, as the page does. */
export function sell(engine: Engine, { cards, goods, points }: Wish): Sale {
  if (engine.place === 'desk') goTo(engine, { place: 'till' });
  clearCart(engine);
  show(engine, cards);
  for (const [goodsId, quantity] of goods) {
    addGoods(engine, { goodsId });
    const { lineId } = engine.draft.lines.at(-1)!; // it was just added
    if (quantity > 1) setQuantity(engine, { lineId, quantity });
  }
  const usable = currentResident(engine)?.allowance.usable ?? 0;
  const most = currentQuote(engine);
  if (points !== null && most.problem === null)
    setPoints(engine, { points: Math.max(most.requiredPoints, Math.min(points, most.maxPoints)) });
  const quote = currentQuote(engine);
  const worth = quote.totalFen * 10 + quote.requiredPoints;
  const { saleId } = engine.draft;
  if (quote.problem !== null) {
    clearCart(engine);
    return { kind: 'refused', code: quote.problem, usable, worth };
  }
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest: cartDigest(engine, quote) };
  const args: PayArgs = { saleId, shown, payment: { kind: 'cash', tenderedFen: quote.dueCashFen } };
  const paid = pay(engine, args);
  return paid.ok
    ? { kind: 'sold', saleId, args, points: quote.points, usable, worth }
    : { kind: 'refused', code: paid.code, usable, worth };
}

/** Credits batteries that a resident brought; the id, or why not. */
export function bring(
  engine: Engine,
  of: { readonly cards: readonly string[]; readonly pieces: number },
): { readonly creditId: string } | string {
  goTo(engine, { place: 'desk' });
  clearDesk(engine);
  show(engine, of.cards);
  chooseMaterial(engine, { materialId: 'battery' });
  countBag(engine, { bagId: randomUUID(), pieces: of.pieces, again: of.pieces });
  const rules = selling(engine).reference.scheme.recycling;
  if (rules === null) return 'no_desk';
  const quote = currentCreditQuote(engine, rules);
  const { creditId } = engine.desk;
  const given = credit(engine, { creditId, shown: { points: quote.points, digest: creditDigest(engine, quote) } });
  if (!given.ok) clearDesk(engine);
  goTo(engine, { place: 'till' });
  return given.ok ? { creditId } : given.code;
}

/** Holds cards of one resident before the scanner until the till takes one. */
function show(engine: Engine, cards: readonly string[]): void {
  for (const text of cards) {
    scan(engine, text);
    if ((engine.place === 'desk' ? engine.desk.resident : engine.draft.resident) !== null) return;
  }
}

/** What a till asks of the county over the network, and under which signature (electron/engine/draw.ts). */
export interface Asked {
  readonly question: Omit<DrawQuestion, 'county'>;
  readonly signature: Buffer;
}

/** A question for as much as an account has beyond what lies here. */
export function drawQuestion(engine: Engine, of: { readonly account: string; readonly want: number }): Asked {
  const { identity } = selling(engine).book;
  const question = { kiosk: identity.kiosk, ...of, nonce: randomUUID() };
  if (engine.home === null) throw new Error('a till that sells has its home');
  const [known] = neededKeys(selling(engine).book.db);
  const key = signerOf(engine.home, known);
  return { question, signature: sign(null, Buffer.from(drawText({ ...question, county: identity.county })), key) };
}

/** The county's answer arrives while the till sells. */
export function drawn(engine: Engine, text: string): string {
  const taken = takeHere(engine, { text, by: 'network' });
  return taken.ok ? 'taken' : taken.code;
}

/** Takes a credit back, by the owner's leave. */
export async function takeBack(engine: Engine, of: { readonly creditId: string; readonly points: number }): Promise<string> {
  const approvalId = randomUUID();
  const act = { kind: 'reverse_credit', creditId: of.creditId, points: of.points } as const;
  const leave = await approve(engine, { approvalId, act, operatorId: owner, pin: ownerPin });
  if (!leave.ok) return leave.code;
  const done = reverseCredit(engine, { actId: randomUUID(), creditId: of.creditId, reason: 'wrong_amount', approvalId });
  return done.ok ? done.value : done.code;
}

/** Brings one piece of a sale's first line back, by the owner's leave. */
export async function giveBack(engine: Engine, saleId: string): Promise<string> {
  const lines = [{ n: 0, quantity: 1 }];
  const quoted = quoteReturn(engine, { saleId, lines });
  if (!quoted.ok) return quoted.code;
  const { points, cashFen, otherFen, digest } = quoted.value;
  const approvalId = randomUUID();
  const act = { kind: 'return', saleId, digest, points, moneyFen: cashFen + otherFen } as const;
  const leave = await approve(engine, { approvalId, act, operatorId: owner, pin: ownerPin });
  if (!leave.ok) return leave.code;
  const shown = { points, cashFen, otherFen, digest };
  const done = returnGoods(engine, { actId: randomUUID(), saleId, lines, reason: 'faulty', shown, approvalId });
  return done.ok ? 'returned' : done.code;
}

/** Presses confirm again: the same answer, and no second sale (R6, 6). Another payment under the same id is refused. */
export function payAgain(engine: Engine, args: PayArgs): string {
  const again = pay(engine, args);
  const other = pay(engine, { ...args, shown: { ...args.shown, totalFen: args.shown.totalFen + 1 } });
  return `${again.ok ? 'same' : again.code} ${other.ok ? 'sold' : other.code}`;
}

/** How the points of a sale were taken, as the book says. */
export function takenBy(engine: Engine, saleId: string): ReturnType<typeof takeFrom> | null {
  return findSale(selling(engine).book.db, saleId)?.event.body.redemption ?? null;
}

export function settle(engine: Engine): string {
  if (engine.status.kind !== 'selling') return engine.status.code;
  const done = prepareSettlement(engine, { actId: randomUUID() });
  return done.ok ? 'settled' : done.code;
}

/** Lets the engine look into its inbox once, to the end of what it finds there. */
export async function takeInbox(engine: Engine): Promise<void> {
  startExchange(engine).stop(); // it looks at once, and would again every few seconds
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  await whenFree(engine);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  await whenFree(engine);
}

/** Holds a voucher under the scanner; what the till said of it. */
export function scanned(engine: Engine, text: string): string {
  return scan(engine, text).code;
}

/** The kiosk draws itself another key; `changed`, or why not. */
export function changeKey(engine: Engine): string {
  if (engine.status.kind !== 'selling' || engine.home === null) return 'closed';
  const made = rotateOwnKey(selling(engine).book, engine.home, 'hand');
  return made.ok ? 'changed' : made.code;
}
