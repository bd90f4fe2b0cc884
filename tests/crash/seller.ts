// A till that sells by itself as fast as its engine answers, until it is killed: the process of `--act sale`.

import { randomUUID } from 'node:crypto';
import type { PayArgs } from '../../electron/engine/pay.ts';
import type { NoticeCode, Snapshot } from '../../electron/ipc/snapshot.ts';
import type { Call } from '../support/pages.ts';
import { type WorkOrder, demand, mark, obey, openTill, startWork } from './at-work.ts';
import type { CartSeen, Deed, Entry } from './journal.ts';
import { type Random, randomFrom } from './random.ts';

/** What a seller is told, as one line of JSON. */
export interface SellerOrder extends WorkOrder {
  /** The payment that was in flight when the seller before was killed. */
  readonly inFlight: PayArgs | null;
  readonly cards: readonly { readonly residentId: string; readonly text: string }[];
  /** Goods by a barcode; `forAll`: also sold to who has no card. */
  readonly goods: readonly { readonly goodsId: string; readonly code: string; readonly forAll: boolean }[];
}

/** Moments that a killer may wait for. */
export type Mark = 'loaded' | 'opened' | 'selling' | 'sold';

async function sellForEver(order: SellerOrder, note: (entry: Entry) => void): Promise<never> {
  const { page, first } = await openTill(order.home);
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

await obey((order, note) => sellForEver(order as SellerOrder, note)); // sale.ts wrote it
