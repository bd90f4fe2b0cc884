// An owner who sells a little, counts the drawer and closes the day, one business date after another, as fast as the engine answers,
// until killed: the process of `--act closing`.

import { randomUUID } from 'node:crypto';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { cashierPin } from '../support/county.ts';
import { piecesOf } from '../support/closing.ts';
import { openShiftToday } from '../support/open-shift.ts';
import type { Call } from '../support/pages.ts';
import { type FaultEntry, type WorkOrder, demand, mark, obey, openTill } from './at-work.ts';
import { type Random, randomFrom } from './random.ts';

export interface CloserOrder extends WorkOrder {
  readonly ownerId: string;
  /** Wall time to begin at: a day lasts as long as it takes to close it. */
  readonly startAt: number;
  /** The closing that was in flight when the process before was killed. */
  readonly inFlight: CloseArgs | null;
}

export type CloseArgs = Parameters<Call['closeDay']>[0];

export type CloserEntry =
  | { readonly kind: 'opened' }
  | { readonly kind: 'doing'; readonly args: CloseArgs }
  | { readonly kind: 'done'; readonly args: CloseArgs; readonly closingNumber: string }
  /** Nothing was closed by it: something was sold since the count, or another of the two at once had done it. */
  | { readonly kind: 'refused'; readonly args: CloseArgs }
  | FaultEntry;

/** Moments that a killer may wait for. */
export type CloserMark = 'opened' | 'counting' | 'closing' | 'closed';

type Note = (entry: CloserEntry) => void;

async function closeForEver(order: CloserOrder, note: Note): Promise<never> {
  let ahead = 0; // of the machine's clocks, both of them: no jump is seen
  const { page } = await openTill(order.home, {
    wallMs: () => order.startAt + performance.now() + ahead,
    monoMs: () => performance.now() + ahead,
  });
  note({ kind: 'opened' });
  say('opened');
  const random = randomFrom(order.seed);
  if (order.isPrinterSlow) await page.simulatePrinter({ fault: 'slow' });
  if (order.inFlight !== null) {
    await signIn(page, order);
    await close(page, order, note, order.inFlight);
  }
  for (;;) {
    const { closedThrough } = (await page.snapshot()).days;
    const today = businessDate(order.startAt + performance.now() + ahead);
    if (closedThrough !== null && closedThrough >= today) ahead += Date.parse(closedThrough) - Date.parse(today) + dayMs;
    await signIn(page, order);
    const { days, shift } = await page.snapshot();
    if (days.forgotten === null && shift === null) {
      const opened = await openShiftToday(page, 10_000);
      demand(opened.ok, `open the shift: ${JSON.stringify(opened)}`);
    }
    if (days.forgotten === null) for (let i = random.below(3); i > 0; i -= 1) await sell(page);
    await countAndClose(page, order, note, random);
    say('closed');
  }
}

/** The day before may have ended in a lock: a night has passed. */
async function signIn(page: Call, { ownerId }: CloserOrder): Promise<void> {
  if ((await page.snapshot()).operator?.id === ownerId) return;
  const signed = await page.signIn({ operatorId: ownerId, pin: cashierPin });
  demand(signed.ok, `sign in: ${JSON.stringify(signed)}`);
}

async function sell(page: Call): Promise<void> {
  await page.addGoods({ goodsId: '1' });
  const { saleId, quote, digest } = (await page.snapshot()).cart;
  const { totalFen, points, dueCashFen } = quote;
  const shown = { totalFen, points, payFen: dueCashFen, digest };
  const paid = await page.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: dueCashFen } });
  demand(paid.ok, `pay: ${JSON.stringify(paid)}`);
}

/** Counts until a count is closed by; in one of three a jiao or more is missing, in one of four the key is pressed twice at once. */
async function countAndClose(page: Call, order: CloserOrder, note: Note, random: Random): Promise<void> {
  await clearCart(page);
  const { figures, accounts } = (await page.period({ number: null }))!; // the open period is always there
  const held = accounts['cash/drawer/CNY']?.closing ?? figures['drawer.floatFen'] ?? 0;
  const short = random.below(3) === 0 ? 10 * (1 + random.below(5)) : 0;
  const countId = randomUUID();
  say('counting');
  const counted = await page.countDrawer({
    actId: countId,
    purpose: 'closing',
    counts: [...piecesOf(Math.max(0, held - (held % 10) - short))],
  });
  demand(counted.ok, `count: ${JSON.stringify(counted)}`);
  const reason = counted.value.differenceFen === 0 ? null : ('miscount' as const);
  const args: CloseArgs = { actId: randomUUID(), countId, reason };
  if (random.below(4) === 0)
    await Promise.all([close(page, order, note, args), close(page, order, note, { ...args, actId: randomUUID() })]);
  else await close(page, order, note, args);
}

/** A process before may have left goods in the cart. */
async function clearCart(page: Call): Promise<void> {
  const { cart, shift } = await page.snapshot();
  if (shift !== null && cart.quote.lines.length > 0) await page.clearCart();
}

/** Asks once: the same act again is the same closing, whoever asked before. */
async function close(page: Call, order: CloserOrder, note: Note, args: CloseArgs): Promise<void> {
  note({ kind: 'doing', args });
  say('closing');
  if (order.acknowledgeEarly) note({ kind: 'done', args, closingNumber: 'claimed' });
  const closed = await page.closeDay(args);
  if (closed.ok) return note({ kind: 'done', args, closingNumber: closed.value.closingNumber });
  demand(['count_stale', 'nothing_open', 'cart_open'].includes(closed.code), `close: ${closed.code}`);
  note({ kind: 'refused', args });
}

function say(name: CloserMark): void {
  mark(name);
}

await obey((order, note) => closeForEver(order as CloserOrder, note)); // closing.ts wrote it
