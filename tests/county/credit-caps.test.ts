// Credits over the day's caps, as a stolen kiosk key signs them (reconciliation.md R8 4): posted, and told to people once for each kiosk,
// date and kind of cap; and what no night can add up stays with whoever signed it.

import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { putMaster, schemeOf } from '../../county/book/master.ts';
import { night } from '../../county/night.ts';
import { detailInChinese } from '../../county/pages/detail-words.ts';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import type { Book } from '../../db/book.ts';
import { points } from '../../db/model/amounts.ts';
import type { RecyclingRules } from '../../db/model/recycling.ts';
import { type Pair, aPair, cut, uploadOf } from '../support/county-book.ts';
import { credited } from '../support/credit.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { type Loose, forged } from '../support/forged.ts';
import { sell, today } from '../support/sell.ts';

const kiosk = 'qj-03';

/** A county that told its kiosk these rules, and the kiosk's next file with what a thief of its key makes of it. */
async function stolen(recycling: RecyclingRules | null): Promise<{
  readonly county: CountyBook;
  readonly book: Book;
  readonly sendNext: () => Promise<string>;
  readonly send: (tell: (sale: Loose) => Loose[]) => Promise<string>;
}> {
  const pair: Pair = await aPair(onTestFinished);
  const { county } = pair;
  const { home, book } = pair.kiosk;
  openDay(book, today);
  await takeIn(county, uploadOf(home, await cut(home, book)));
  await county.transact((act) => {
    const { scheme } = schemeOf(act.db, kiosk)!;
    const { scope, entry } = act.db
      .prepare<[], { scope: string; entry: number }>(`SELECT scope, entry FROM master WHERE t = 'SCHEME'`)
      .get()!;
    putMaster(act, { t: 'SCHEME', scheme: { ...scheme, recycling } }, { scope, entry }); // as if its first file had said so
  });
  return {
    county,
    book,
    sendNext: async () => (await takeIn(county, uploadOf(home, await cut(home, book)))).verdict,
    send: async (tell) => {
      sell(book, { resident: '1', goods: [['2', 1]], chosenPoints: 1_000 });
      const upload = uploadOf(home, await cut(home, book));
      const made = forged(onTestFinished, home, upload, (events) => {
        const sale = events.find(({ kind }) => kind === 'SALE')!;
        events.splice(0, events.length, ...tell(sale));
      });
      return (await takeIn(county, made)).verdict;
    },
  };
}

let made = 0;

function credit(sale: Loose, accountId: string, amt: number, change: object = {}): Loose {
  const lines = [{ materialId: 'battery', units: 1, points: amt }];
  return { ...sale, id: `credit-${(made += 1)}`, kind: 'CREDIT', amt, body: { accountId, lines }, ...change }; // as it signs one
}

function reversal(of: Loose): Loose {
  const { accountId } = of.body;
  return { ...of, id: `${of['id'] as string}-back`, kind: 'CREDIT_REVERSED', body: { accountId: accountId!, creditId: of['id']! } };
}

const rules: RecyclingRules = {
  ...qiongjie.scheme.recycling!,
  materials: qiongjie.scheme.recycling!.materials.map((each) => ({ ...each, dayCap: null })),
  accountDayCap: points(5_000),
  operatorDayCap: null,
  kioskDayCap: points(12_000),
};

async function told(county: CountyBook): Promise<readonly string[]> {
  const open = await county.read(openExceptions);
  return open.filter(({ code }) => code === 'over_credit_cap').map(({ detail }) => detail);
}

test('credits within the caps are posted without a word; a cap is of a date, and what was taken back gives room back', async () => {
  const { county, send } = await stolen(rules);
  const verdict = await send((sale) => {
    const wrong = credit(sale, 'a1', 5_000);
    return [wrong, reversal(wrong), credit(sale, 'a1', 5_000), credit(sale, 'a3', 5_000), credit(sale, 'a1', 5_000, { day: '2026-11-22' })];
  });
  expect([verdict, await county.read(openExceptions)]).toEqual(['ACCEPTED', []]);
  const rows = await county.read((db) => db.prepare('SELECT day, cap, holder, points FROM credited ORDER BY day, cap, holder').all());
  expect(rows).toEqual([
    { day: today, cap: 'account', holder: 'a1', points: 5_000 },
    { day: today, cap: 'account', holder: 'a3', points: 5_000 },
    { day: today, cap: 'kiosk', holder: '', points: 10_000 },
    { day: '2026-11-22', cap: 'account', holder: 'a1', points: 5_000 },
    { day: '2026-11-22', cap: 'kiosk', holder: '', points: 5_000 },
  ]);
});

test('over a cap: one is told of each kind, with all that is beyond and who is most so', async () => {
  const { county, send } = await stolen(rules);
  const over = (sale: Loose): Loose[] => ['a1', 'a3'].map((account, i) => credit(sale, account, 6_000 + i));
  expect(await send(over)).toBe('ACCEPTED');
  const first = [`${today} account: 2001 beyond, most 6001 of 5000 by a3`, `${today} kiosk: 1 beyond, most 12001 of 12000`];
  expect(await told(county)).toEqual(first);
  expect(detailInChinese({ code: 'over_credit_cap', detail: first[0]! })).toBe(
    `${today}，一户一天：共超出 20.01 积分；最多的 a3 是 60.01 积分，上限 50 积分`,
  );
});

test('file after file over a cap: one is open, and once it is answered the next file tells the sum again', async () => {
  const { county, book, sendNext } = await stolen({ ...rules, accountDayCap: points(1_000), kioskDayCap: null });
  const sent = async (): Promise<readonly string[]> => {
    credited(book); // 18 points, by rules that are not the county's
    expect(await sendNext()).toBe('ACCEPTED');
    return told(county);
  };
  const first = [`${today} account: 800 beyond, most 1800 of 1000 by a1`];
  expect([await sent(), await sent()]).toEqual([first, first]);
  for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: 'li', text: 'asked the shop' });
  expect(await sent()).toEqual([`${today} account: 4400 beyond, most 5400 of 1000 by a1`]);
});

test('a desk that takes nothing in credits nothing, and no credit is larger than the largest', async () => {
  const { county, send } = await stolen(null);
  await send((sale) => [credit(sale, 'a1', 1)]);
  expect(await told(county)).toEqual([`${today} kiosk: 1 beyond, most 1 of 0`]);
  const open = await stolen({ ...rules, accountDayCap: null, kioskDayCap: null });
  await open.send((sale) => [credit(sale, 'a1', 10_000_001), credit(sale, 'a3', 10_000_000)]);
  expect(await told(open.county)).toEqual([`${today} credit: 1 beyond, most 10000001 of 10000000 by a1`]);
});

test('caps of a material and of an operator: what its line says beyond the credit, and operators without a name, are counted as far as they can be', async () => {
  const [material] = rules.materials;
  const materials = [{ ...material!, dayCap: points(1_000) }];
  const { county, send } = await stolen({ ...rules, materials, accountDayCap: null, kioskDayCap: null, operatorDayCap: points(2_000) });
  const line = (given: unknown): object => ({ body: { accountId: 'a1', lines: [{ materialId: material!.id, points: given }] } });
  await send((sale) => [
    credit(sale, 'a1', 1_500, { ...line(1_500), op: 'op1' }),
    credit(sale, 'a1', 1_000, { ...line('1000'), op: '\u{1f600}' }),
    credit(sale, 'a1', 1_001, { ...line(-7), op: '' }),
  ]);
  expect(await told(county)).toEqual([
    `${today} material: 500 beyond, most 1500 of 1000 by a1 ${material!.id}`,
    `${today} operator: 1 beyond, most 2001 of 2000 by ?`,
  ]);
});

test('credits on dates to come, each within its own caps: told as one, which is open until it is answered', async () => {
  const { county, send } = await stolen(rules);
  const dates = Array.from({ length: 365 }, (_, i) => new Date(Date.UTC(2026, 10, 22 + i)).toISOString().slice(0, 10));
  const verdict = await send((sale) => dates.flatMap((day) => [credit(sale, 'a1', 5_000, { day }), credit(sale, 'a3', 5_000, { day })]));
  const first = 'dates ahead: 3640000 on 364, 2026-11-23 to 2027-11-21, told on 2026-11-21';
  expect([verdict, await told(county)]).toEqual(['ACCEPTED', [first]]);
  expect(detailInChinese({ code: 'over_credit_cap', detail: first })).toBe(
    '36,400 积分记在县里还没有到的日期上：共 364 个，2026-11-23 至 2027-11-21；收到时县里是 2026-11-21',
  );
});

test('credits on a date that its kiosk had closed, and on dates before it, are told; on the day after, not', async () => {
  const { county, book, sendNext, send } = await stolen(rules);
  closeDay(book, { day: today });
  expect(await sendNext()).toBe('ACCEPTED');
  openDay(book, '2026-11-22');
  expect(await send((sale) => [today, '2026-11-22', '2025-01-01', '2026-11-22'].map((day) => credit(sale, 'a1', 500, { day })))).toBe(
    'ACCEPTED',
  );
  const first = 'dates closed: 1000 on 2, 2025-01-01 to 2026-11-21, told on 2026-11-21';
  expect(await told(county)).toEqual([first]);
  expect(detailInChinese({ code: 'over_credit_cap', detail: first })).toBe(
    '10 积分记在终端已经日结过的日期上：共 2 个，2025-01-01 至 2026-11-21；收到时县里是 2026-11-21',
  );
});

test('credits on dates before the county first wrote to a kiosk that has closed no day are told', async () => {
  const { county, send } = await stolen(rules);
  await send((sale) => ['2026-11-20', '2024-02-29'].map((day) => credit(sale, 'a1', 500, { day })));
  expect(await told(county)).toEqual(['dates early: 500 on 1, 2024-02-29 to 2024-02-29, told on 2026-11-21']);
});

const most = Number.MAX_SAFE_INTEGER;
const returned = (sale: Loose, amt: number): Loose => ({
  ...sale,
  id: `returned-${(made += 1)}`,
  kind: 'RIGHTS_RETURNED',
  amt,
  body: { accountId: 'a1', asked: most, downSeq: 1 },
});
const voucher = (sale: Loose, amt: number): Loose => ({
  ...sale,
  id: `voucher-${(made += 1)}`,
  kind: 'VOUCHER_IN',
  amt,
  body: { accountId: 'a1', number: 7, text: '' },
});

test.each<[what: string, tell: (sale: Loose) => Loose[], verdict: string]>([
  ['rights given back without end', (sale) => [returned(sale, most)], 'OUT_OF_BALANCE'],
  ['rights given back, the most that can be counted', (sale) => [sale, returned(sale, 2 ** 49)], 'ACCEPTED'],
  ['rights given back, more than that in parts', (sale) => [returned(sale, 2 ** 49), returned(sale, 1)], 'OUT_OF_BALANCE'],
  ['a voucher without end', (sale) => [voucher(sale, most)], 'OUT_OF_BALANCE'],
  ['a voucher, the most that can be counted', (sale) => [voucher(sale, 2 ** 48)], 'ACCEPTED'],
  [
    'credits that go back to the county',
    (sale) => Array.from({ length: 60 }, (_, i) => (i < 30 ? credit(sale, 'a1', 10 ** 12) : returned(sale, 10 ** 12))),
    'ACCEPTED',
  ],
])('%s: answered, and the night makes every file', async (_, tell, verdict) => {
  const { county, send } = await stolen(rules);
  expect(await send(tell)).toBe(verdict);
  for (let n = 0; n < 2; n += 1)
    expect(await night(county)).toEqual([expect.objectContaining({ kind: 'written', kiosk }), { kind: 'not_begun', kiosk: 'qj-04' }]);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
  expect((await county.read(openExceptions)).filter(({ code }) => code === 'night_failed')).toEqual([]);
});

test('a desk that takes a credit back after its county ended recycling is answered', async () => {
  const { county, book, send, sendNext } = await stolen(rules);
  credited(book);
  expect(await sendNext()).toBe('ACCEPTED');
  const { line } = book.db.prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'CREDIT'`).get()!;
  const given = JSON.parse(line) as Loose;
  await county.transact((act) => {
    const { scheme } = schemeOf(act.db, kiosk)!;
    const { scope, entry } = act.db
      .prepare<[], { scope: string; entry: number }>(`SELECT scope, entry FROM master WHERE t = 'SCHEME'`)
      .get()!;
    putMaster(act, { t: 'SCHEME', scheme: { ...scheme, recycling: null } }, { scope, entry });
  });
  expect(await send((sale) => [{ ...reversal(given), inc: sale['inc']!, at: sale['at']!, mono: sale['mono']! }])).toBe('ACCEPTED');
});
