// A till for benches: a real home, a real book, the engine's own functions; no page and no devices unless a bench starts
// them. Asserts nothing of the product.

import { join } from 'node:path';
import { applyDownFile } from '../../db/down.ts';
import type { Home } from '../../db/home.ts';
import { points } from '../../db/model/amounts.ts';
import type { Goods } from '../../db/model/catalogue.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { RecyclingRules } from '../../db/model/recycling.ts';
import { businessDate } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { readHome } from '../../db/home.ts';
import { scan } from '../../electron/engine/cart.ts';
import { newEngine } from '../../electron/engine/new-engine.ts';
import { openTill } from '../../electron/engine/opening.ts';
import { type PayArgs, pay } from '../../electron/engine/pay.ts';
import { cartDigest, currentQuote } from '../../electron/engine/quote.ts';
import { openShift } from '../../electron/engine/session.ts';
import { readSettings } from '../../electron/engine/settings.ts';
import type { Engine } from '../../electron/engine/till.ts';
import { card, cashier, firstLines, goods, header, makeKiosk, resident, writeDown } from '../support/county.ts';

export const clock = { wallMs: () => Date.now(), monoMs: () => performance.now() };

/** Residents of the bench are numbered from here; each has rights that no bench uses up. */
export const firstResident = 1_000;

export function benchCard(i: number): string {
  return card(String(firstResident + i), { expiresOn: '2099-12-31' });
}

interface Known {
  readonly residents: number;
  readonly more?: readonly Goods[];
  readonly recycling?: RecyclingRules | null;
}

/** Makes a kiosk that knows so many residents and these goods besides the usual three. */
export async function makeBenchHome(directory: string, known: Known): Promise<Home> {
  const { home, book } = makeKiosk(directory, clock);
  try {
    const path = await writeBenchFile(join(directory, 'from-county'), known);
    const outcome = await applyDownFile(book, home, path, '2026-11-21', () => {});
    if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
    return home;
  } finally {
    book.close();
  }
}

/** The county's first file to such a kiosk; returns its path. */
export async function writeBenchFile(directory: string, { residents, more = [], recycling = null }: Known): Promise<string> {
  const lines = (await firstLines()).map((line) => (line.t === 'SCHEME' ? { ...line, scheme: { ...line.scheme, recycling } } : line));
  return (await writeDown(directory, header(1, ''), withMore(lines, residents, more))).path;
}

/** Made as they are written: 800,000 residents are 2.4 million lines. */
function* withMore(lines: readonly DownLine[], residents: number, more: readonly Goods[]): Generator<DownLine> {
  yield* lines;
  for (const each of more) yield { t: 'GOODS', goods: each };
  for (let i = 0; i < residents; i += 1) {
    const id = String(firstResident + i);
    yield { t: 'RESIDENT', resident: resident(id) };
    yield { t: 'BAL', a: `a${id}`, balance: points(1_000_000_000) };
    yield { t: 'GRANT', a: `a${id}`, g: points(1_000_000_000) };
  }
}

/** Opens the engine's state on a home: somebody works, the shift is open, nothing is printed. Close its book at the end. */
export async function openBenchTill(directory: string): Promise<Engine> {
  const found = readHome(directory);
  if (!found.ok) throw new Error(found.detail);
  const engine = newEngine({ directory, clock, log: () => {}, emit: () => {}, changed: () => {} });
  engine.home = found.home;
  engine.settings = readSettings(found.home);
  openTill(engine);
  if (engine.status.kind !== 'selling') throw new Error(`${engine.status.code}: ${engine.status.detail}`);
  const { id, name, role } = await cashier();
  engine.operator = { id, name, role };
  if (engine.shift === null) {
    const confirmedDate = businessDate(clock.wallMs()); // the bench's county wrote on one day, a bench runs on any
    openShift(engine, { actId: uuidv7(clock.wallMs()), floatFen: 10_000, confirmedDate });
  }
  return engine;
}

/** Rings up a resident's card and three goods; returns what the cashier's confirm would send. */
export function ringUp(engine: Engine, residentIndex: number): PayArgs {
  scan(engine, benchCard(residentIndex));
  for (const id of ['1', '2', '3']) scan(engine, goods(id).codes[0]!);
  const quote = currentQuote(engine);
  const { totalFen, points, dueCashFen } = quote;
  return {
    saleId: engine.draft.saleId,
    shown: { totalFen, points, payFen: dueCashFen, digest: cartDigest(engine, quote) },
    payment: { kind: 'cash', tenderedFen: dueCashFen },
  };
}

/** Pays; a bench that does not sell measures nothing. */
export function payNow(engine: Engine, args: PayArgs): void {
  const paid = pay(engine, args);
  if (!paid.ok) throw new Error(`not sold: ${paid.code}`);
}
