// A till that sells by itself as fast as its engine answers, until it is killed: the process of the crash loop. Everything
// that could be slow is loaded before it says so; its killer then tells it where and what to sell.

import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { startEngine } from '../../electron/engine/engine.ts';
import type { PayArgs } from '../../electron/engine/pay.ts';
import type { NoticeCode, Snapshot } from '../../electron/ipc/snapshot.ts';
import { checkDrawing } from '../../hardware/printer/drawing-check.ts';
import { cashierPin } from '../support/county.ts';
import { openShiftToday } from '../support/open-shift.ts';
import { type Call, noLimit, openPage } from '../support/pages.ts';
import { type CartSeen, type Deed, type Entry, openJournal } from './journal.ts';
import { type Random, randomFrom } from './random.ts';

/** What a seller is told, as one line of JSON. */
export interface SellerOrder {
  readonly home: string;
  readonly journal: string;
  readonly seed: number;
  /** The payment that was in flight when the seller before was killed. */
  readonly inFlight: PayArgs | null;
  readonly cards: readonly { readonly residentId: string; readonly text: string }[];
  /** Goods by a barcode; `forAll`: also sold to who has no card. */
  readonly goods: readonly { readonly goodsId: string; readonly code: string; readonly forAll: boolean }[];
  readonly isPrinterSlow: boolean;
  /** The control: writes "paid" before it asks the engine to commit. The loop must notice. */
  readonly acknowledgeEarly: boolean;
}

/** Moments that a killer may wait for, each a line on standard output. */
export type Mark = 'loaded' | 'opened' | 'selling' | 'sold';

/** Print jobs of the sellers before that a cashier answers for at the start. */
const answersMax = 3;

class Fault extends Error {}

async function main(): Promise<void> {
  const order = await readOrder();
  const note = openJournal(order.journal);
  try {
    await sellForEver(order, note);
  } catch (error) {
    note({ kind: 'fault', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exit(1);
  }
}

async function sellForEver(order: SellerOrder, note: (entry: Entry) => void): Promise<never> {
  const log: string[] = [];
  const engine = await startEngine({
    home: order.home,
    log: (line, error) => void log.push(error instanceof Error ? `${line}: ${error.message}` : line),
    callLimit: noLimit,
  });
  const page = openPage((wire) => engine.attach(wire));
  const first = await untilEnrolled(page);
  if (first.status.kind !== 'selling') throw new Fault(`${first.status.code}: ${first.status.detail}\n${log.join('\n')}`);
  note({ kind: 'opened', cart: cartSeen(first) });
  mark('opened');
  await startWork(page, order);
  const random = randomFrom(order.seed);
  if (order.inFlight !== null) await pay(page, order, note, order.inFlight);
  mark('selling');
  for (;;) {
    await fillCart(page, order, note, random);
    await pay(page, order, note, payment(await page.snapshot(), random));
    mark('sold');
  }
}

/** A book whose first county file was cut short is not enrolled until the engine has applied the file again. */
async function untilEnrolled(page: Call): Promise<Snapshot> {
  for (let tries = 0; ; tries += 1) {
    const seen = await page.snapshot();
    if (seen.status.kind === 'selling' || seen.status.code !== 'not_enrolled' || tries === 200) return seen;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Signs in and opens the shift where no seller before did, and answers for some of the jobs they left in doubt. */
async function startWork(page: Call, order: SellerOrder): Promise<void> {
  if (order.isPrinterSlow) await page.simulatePrinter({ fault: 'slow' });
  const { operator, operators, shift, printJobs } = await page.snapshot();
  if (operator === null) demand((await page.signIn({ operatorId: operators[0]!.id, pin: cashierPin })).ok, 'sign in');
  if (shift === null && (await page.snapshot()).shift === null) demand((await openShiftToday(page)).ok, 'open the shift');
  for (const { jobId } of printJobs.slice(0, answersMax)) {
    const answered = await page.answerPrint({ jobId, answer: 'it_printed' });
    demand(answered.ok, `answer for job ${jobId}`);
  }
}

/** Adds to what is in the cart, which a seller before may have left there. */
async function fillCart(page: Call, order: SellerOrder, note: (entry: Entry) => void, random: Random): Promise<void> {
  const { saleId, hasResident } = cartSeen(await page.snapshot());
  const isResident = hasResident || random.below(3) > 0;
  if (isResident && !hasResident) {
    const { residentId, text } = random.pick(order.cards);
    await scan(page, note, { do: 'card', saleId, residentId }, text, 'card_accepted');
  }
  const goods = isResident ? order.goods : order.goods.filter((each) => each.forAll);
  for (let i = 1 + random.below(4); i > 0; i -= 1) {
    const { goodsId, code } = random.pick(goods);
    await scan(page, note, { do: 'goods', saleId, goodsId }, code, 'line_added');
  }
  const lines = (await page.snapshot()).cart.quote.lines;
  if (lines.length > 1 && random.below(4) === 0) {
    const { goodsId, lineId } = random.pick(lines);
    const deed: Deed = { do: 'remove', saleId, goodsId };
    note({ kind: 'doing', deed });
    demand((await page.removeLine({ actId: randomUUID(), lineId })).ok, `remove ${goodsId}`);
    note({ kind: 'done', deed });
  }
}

async function scan(page: Call, note: (entry: Entry) => void, deed: Deed, text: string, wanted: NoticeCode): Promise<void> {
  note({ kind: 'doing', deed });
  const { code } = await page.scan({ text });
  demand(code === wanted, `${deed.do}: ${code}`);
  note({ kind: 'done', deed });
}

/** Pays what the page shows, in one of the ways there are. */
function payment({ cart }: Snapshot, random: Random): PayArgs {
  const { totalFen, points, dueFen, dueCashFen } = cart.quote;
  const isCash = random.below(4) > 0;
  return {
    saleId: cart.saleId,
    shown: { totalFen, points, payFen: isCash ? dueCashFen : dueFen, digest: cart.digest },
    payment: isCash ? { kind: 'cash', tenderedFen: dueCashFen + 100 * random.below(20) } : { kind: 'other' },
  };
}

/** Asks for one payment until it is made. The same id is never sold twice, whoever asked before. */
async function pay(page: Call, order: SellerOrder, note: (entry: Entry) => void, args: PayArgs): Promise<void> {
  const deed: Deed = { do: 'pay', saleId: args.saleId, args };
  note({ kind: 'doing', deed });
  if (order.acknowledgeEarly) note({ kind: 'done', deed, receiptNumber: 'claimed' });
  const paid = await page.pay(args);
  if (paid.ok) return note({ kind: 'done', deed, receiptNumber: paid.value.receiptNumber });
  demand(paid.code === 'changed', `pay ${args.saleId}: ${paid.code}`);
  note({ kind: 'refused', deed });
  const { cart } = await page.snapshot();
  const { totalFen, points, dueFen, dueCashFen } = cart.quote;
  const payFen = args.payment.kind === 'cash' ? dueCashFen : dueFen;
  demand(cart.saleId === args.saleId, 'a refused sale is still the cart');
  await pay(page, order, note, {
    ...args,
    shown: { totalFen, points, payFen, digest: cart.digest },
    payment: args.payment.kind === 'cash' ? { kind: 'cash', tenderedFen: payFen } : args.payment,
  });
}

function cartSeen({ cart }: Snapshot): CartSeen {
  return {
    saleId: cart.saleId,
    hasResident: cart.resident !== null,
    quantities: Object.fromEntries(cart.quote.lines.map((line) => [line.goodsId, line.quantity])),
  };
}

function demand(isSo: boolean, what: string): void {
  if (!isSo) throw new Fault(what);
}

function mark(name: Mark): void {
  process.stdout.write(`${name}\n`);
}

async function readOrder(): Promise<SellerOrder> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  checkDrawing(); // loads the fonts
  mark('loaded');
  const { value, done } = await lines.next();
  if (done === true) process.exit(0); // the loop needs no more sellers
  return JSON.parse(value) as SellerOrder; // written by the loop
}

await main();
