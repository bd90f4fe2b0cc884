// What verify says of loose goods: yes to what was weighed or labelled and sold so, and the line of every sale that could not
// have been.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import { fen, points } from '../../db/model/amounts.ts';
import { eanCheckDigit } from '../../db/model/barcode.ts';
import type { SaleBody, SaleLine, SaleWeight } from '../../db/model/event.ts';
import { addPrintJob } from '../../db/print-jobs.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { Verdict } from '../../db/verify.ts';
import { enrol, goods, handClock, makeKiosk, morning, scheme, shop } from '../support/county.ts';
import { aScale, deskLines } from '../support/recycling.ts';
import { today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';

const withCheck = (digits: string): string => digits + eanCheckDigit(digits);
const gramsLabel = withCheck('210001001250');
const priceLabel = withCheck('220001000960');

const loose = goods('10', { zh: '青稞', size: '散装', soldBy: 'weight', priceFen: fen(1200), codes: ['2100010', '2200010'] });
const labels = [
  { prefix: '21', embeds: 'grams', goodsDigits: 5, valueDigits: 5 },
  { prefix: '22', embeds: 'fen', goodsDigits: 5, valueDigits: 5 },
] as const;

function lineOf(totalFen: number, weighed: SaleWeight | undefined, change: Partial<SaleLine> = {}): SaleLine {
  const { id: goodsId, zh, bo, size } = loose;
  const line = { goodsId, zh, bo, size, quantity: 1, pricedIn: 'yuan', unitPrice: 1200, totalFen: fen(totalFen) } as const;
  return { ...line, points: points(0), pointsFen: fen(0), ...(weighed === undefined ? {} : { weighed }), ...change };
}

/** The verdict on a kiosk that sold this one line for cash, whatever it says. */
async function afterSelling(make: (scaleSetId: string) => SaleLine): Promise<Verdict> {
  const directory = mkdtempSync(join(tmpdir(), 'jifen-loose-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const { home, book } = makeKiosk(directory, handClock());
  await enrol(home, book, [
    ...(await deskLines()),
    { t: 'SCHEME', scheme: { ...scheme, version: 2, recycling: qiongjie.scheme.recycling, labels } },
    { t: 'GOODS', goods: loose },
  ]);
  const line = make(aScale(book));
  const { totalFen } = line;
  const rounded = fen(totalFen - (totalFen % 10));
  const body: SaleBody = {
    receiptNumber: `${shop.kiosk}-000001`,
    accountId: null,
    schemeVersion: 2,
    priceVersion: 1,
    lines: [line],
    totalFen,
    redemption: null,
    payments: rounded === 0 ? [] : [{ kind: 'cash', fen: rounded, tenderedFen: rounded, changeFen: fen(0) }],
    roundingFen: fen(rounded - totalFen),
    printed: { language: 'zh', residentMasked: null, operatorName: '卓玛' },
  };
  const id = uuidv7(morning);
  book.transact(({ db, append }) => {
    append({ kind: 'SALE', body, id, day: today, op: 'op1', res: null, amt: points(0), command: 'sell' });
    addPrintJob(db, { jobId: uuidv7(morning), actId: id, copy: 0 });
  });
  book.close();
  return verdictOn(directory);
}

type OnScale = SaleWeight & { readonly by: 'scale' };

function onScale(scaleSetId: string, readGrams: number, change: Partial<OnScale> = {}): OnScale {
  const framesHex = Array<string>(2).fill(Buffer.from(`ST,GS,+${(readGrams / 1000).toFixed(3).padStart(7)}kg`).toString('hex'));
  const proof = { scaleSetId, family: 'st-us', stableBy: 'flag', framesHex, weighedAt: morning } as const;
  return { by: 'scale', readGrams, tare: { by: 'none' }, netGrams: readGrams, proof, ...change };
}

test.each<[string, (scaleSetId: string) => SaleLine]>([
  ['weighed', (id) => lineOf(614, onScale(id, 512))],
  [
    'weighed in a vessel of the county’s list',
    (id) => lineOf(470, onScale(id, 512, { tare: { by: 'container', id: 'sack', grams: 120 }, netGrams: 392 })),
  ],
  ['labelled with its weight', () => lineOf(1500, { by: 'label', code: gramsLabel, netGrams: 1_250 })],
  ['labelled with its price', () => lineOf(960, { by: 'price-label', code: priceLabel })],
])('loose goods that were %s verify', async (_, make) => {
  expect(await afterSelling(make)).toEqual({ kind: 'true' });
});

const notSo = '10 was not sold so, or its label says other things';
test.each<[string, string, (scaleSetId: string) => SaleLine]>([
  ['a fen too little', 'does not multiply out', (id) => lineOf(613, onScale(id, 512))],
  ['two of one bag', 'does not multiply out', (id) => lineOf(1228, onScale(id, 512), { quantity: 2 })],
  ['less than read less the tare', 'weighs other than was read less the tare', (id) => lineOf(600, onScale(id, 512, { netGrams: 500 }))],
  [
    'a vessel of another weight',
    notSo,
    (id) => lineOf(600, onScale(id, 512, { tare: { by: 'container', id: 'sack', grams: 12 }, netGrams: 500 })),
  ],
  [
    'frames of another weight',
    'was read as 512 g, its frames say 500 g',
    (id) => lineOf(614, { ...onScale(id, 512), proof: onScale(id, 500).proof }),
  ],
  ['a scale that was never set up', 'was weighed on a scale that was not set up before', () => lineOf(614, onScale(uuidv7(morning), 512))],
  ['a label of another weight', notSo, () => lineOf(1200, { by: 'label', code: gramsLabel, netGrams: 1_000 })],
  ['a label of other goods', notSo, () => lineOf(1500, { by: 'label', code: withCheck('210001101250'), netGrams: 1_250 })],
  ['a label that was misread', notSo, () => lineOf(960, { by: 'price-label', code: '2200010009600' })],
  ['another price than the label’s', 'costs other than its label says', () => lineOf(950, { by: 'price-label', code: priceLabel })],
  ['no weight at all', notSo, () => lineOf(1200, undefined)],
])('loose goods sold by %s are a lie', async (_, what, make) => {
  const verdict = await afterSelling(make);
  expect(verdict).toMatchObject({ kind: 'lie', check: 'sales', what: expect.stringContaining(what) as string });
});
