// A kiosk and its county after some days of everything: sales on rights and on a line, a return, closed and settled days, an award that
// funds what was roamed, a voucher, nights, an answered settlement, a payment.

import { join } from 'node:path';
import { previewAwards, proposeAwards, releaseAwards } from '../../county/book/awards.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { takeIn } from '../../county/book/intake.ts';
import { takePayments } from '../../county/book/payments.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { night } from '../../county/night.ts';
import type { SettlementBody } from '../../db/model/event.ts';
import { settlementOf } from '../../db/model/settlement.ts';
import { currentScheme } from '../../db/reference.ts';
import { openAdjustments, openClosings } from '../../db/settlements.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { TestKiosk } from './book.ts';
import { closeDay, openDay } from './closing.ts';
import { apply, shop } from './county.ts';
import { type Pair, aPair, ackOf, cut, uploadOf } from './county-book.ts';
import { sell, today } from './sell.ts';

type OnTestFinished = Parameters<typeof aPair>[0];

export interface UsedPair extends Pair {
  readonly settled: SettlementBody;
}

export async function aUsedPair(onTestFinished: OnTestFinished): Promise<UsedPair> {
  const { county, kiosk } = await aPair(onTestFinished);
  const { book } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  closeDay(book, { day: today });
  const settled = settleDays(kiosk, 1);
  await send(county, kiosk);
  await award(county, 'a1,50\na2,100.5\n');
  await issueVoucher(county, { account: 'a2', kiosk: shop.kiosk, want: 1_000, by: 'li' });
  await takeNight(county, kiosk, 2);
  await pay(county, settled);
  openDay(book, '2026-11-22');
  sell(book, { resident: '1', goods: [['1', 1]], chosenPoints: 1_000, day: '2026-11-22' });
  sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 2_000, day: '2026-11-22' });
  closeDay(book, { day: '2026-11-22' });
  openDay(book, '2026-11-23');
  sell(book, { resident: '1', goods: [['1', 1]], chosenPoints: 500, day: '2026-11-23' });
  await send(county, kiosk);
  await takeNight(county, kiosk, 3);
  return { county, kiosk, settled };
}

/** Makes a settlement of the closed days, as the engine does. */
export function settleDays(
  { book, clock, kiosk = shop.kiosk }: Pick<TestKiosk, 'book' | 'clock'> & { readonly kiosk?: string },
  number: number,
  day = today,
): SettlementBody {
  const body = settlementOf({
    kiosk,
    inc: book.head().inc,
    number,
    closings: openClosings(book.db),
    scheme: currentScheme(book.db)!,
    adjustments: openAdjustments(book.db),
    printed: { language: 'zh', operatorName: '次仁', shop: { zh: shop.zh, bo: null, countyZh: shop.countyZh, countyBo: null } },
  });
  book.transact(({ append }) => append({ kind: 'SETTLED', body, id: uuidv7(clock.wallMs()), day, op: 'op2', command: `settle ${number}` }));
  return body;
}

export async function send(county: CountyBook, { home, book }: TestKiosk): Promise<void> {
  const taken = await takeIn(county, uploadOf(home, await cut(home, book)));
  if (taken.verdict !== 'ACCEPTED') throw new Error(ackOf(taken.note).detail);
}

/** `rows`: an account and its points on each line. */
export async function award(county: CountyBook, rows: string): Promise<void> {
  const text = `account,points,reason\n${rows.replaceAll('\n', ',help\n')}`;
  await previewAwards(county, text);
  const kept = await proposeAwards(county, { text, by: 'zhang' });
  if (!kept.ok) throw new Error(kept.code);
  await releaseAwards(county, { batch: kept.value.batch, by: 'li' });
}

export async function takeNight(county: CountyBook, { home, book, clock }: TestKiosk, downSeq: number): Promise<void> {
  await night(county);
  clock.turn(60_000);
  const outcome = await apply(home, book, join(county.folder.down, shop.kiosk, `${String(downSeq).padStart(8, '0')}.jsonl.gz`));
  if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
}

async function pay(county: CountyBook, { number, owedFen }: SettlementBody): Promise<void> {
  const list = `kiosk,inc,settlement,yuan,day,reference\n${shop.kiosk},1,${number},${(owedFen / 100).toFixed(2)},2026-11-21,B-77\n`;
  const taken = await takePayments(county, list);
  if (!taken.ok) throw new Error(taken.code);
}
