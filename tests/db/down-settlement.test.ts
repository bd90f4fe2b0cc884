// The lines by which a county speaks of settlements: what is authentic is taken, twice is once, and only what is malformed or contradicts
// itself refuses its file.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fen } from '../../db/model/amounts.ts';
import { type DownLine, downLine } from '../../db/model/down-file.ts';
import { openAdjustments, strayWords, wordsOf } from '../../db/settlements.ts';
import { type TestKiosk, aKiosk, dump } from '../support/book.ts';
import { apply, firstLines, goods, header, scheme, shop, writeDown } from '../support/county.ts';
import { verdictOn } from '../support/verify.ts';

const said: DownLine = { t: 'SETTLEMENT', number: 4, state: 'accepted', day: '2026-11-20', paidFen: null, reference: 'GK-1' };
const paid: DownLine = { t: 'SETTLEMENT', number: 4, state: 'paid', day: '2026-11-21', paidFen: fen(900), reference: 'GK-2' };
const adjusts: DownLine = { t: 'ADJUST', id: 'A-1', zh: '补发', fen: fen(150) };

/** Applies files one after another, from the second on. Returns the outcomes. */
async function files(kiosk: TestKiosk, ...contents: readonly (readonly DownLine[])[]): Promise<readonly string[]> {
  const outcomes: string[] = [];
  let before = kiosk.sha256;
  let downSeq = 2;
  for (const lines of contents) {
    const snapshot = lines.length > 10;
    const { path, sha256 } = await writeDown(join(kiosk.directory, 'from-county'), header(downSeq, before, { snapshot }), lines);
    const outcome = await apply(kiosk.home, kiosk.book, path);
    outcomes.push(outcome.kind === 'refused' ? outcome.code : outcome.kind);
    if (outcome.kind !== 'applied') continue;
    before = sha256;
    downSeq += 1;
  }
  return outcomes;
}

function paidPostings({ book }: TestKiosk): readonly number[] {
  return book.db
    .prepare<[], { amount: number }>(`SELECT amount FROM posting WHERE account = 'cash/county-paid' ORDER BY seq, n`)
    .all()
    .map(({ amount }) => amount);
}

test('words of a settlement that is not here are kept, and said again, by a snapshot too, they add nothing', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const whole = await firstLines([said, paid, adjusts]);
  expect(await files(kiosk, [paid, adjusts, said, paid], whole, [said], [{ ...paid, paidFen: fen(850), reference: '更正' }])).toEqual([
    'applied',
    'applied',
    'applied',
    'applied',
  ]);
  expect(wordsOf(kiosk.book.db, 4)).toEqual([]);
  expect(strayWords(kiosk.book.db, 20)).toEqual([
    { inc: 1, number: 4, state: 'paid', day: '2026-11-21', paidFen: 850, reference: '更正' },
    { inc: 1, number: 4, state: 'accepted', day: '2026-11-20', paidFen: null, reference: 'GK-1' },
    { inc: 1, number: 4, state: 'paid', day: '2026-11-21', paidFen: 900, reference: 'GK-2' },
  ]);
  expect(paidPostings(kiosk)).toEqual([900, -50]);
  expect(openAdjustments(kiosk.book.db)).toEqual([{ id: 'A-1', zh: '补发', fen: 150 }]);
  kiosk.book.close();
  expect(await verdictOn(kiosk.directory)).toEqual({ kind: 'true' });
});

test('an adjustment that changes its amount refuses its file, whole', async () => {
  const kiosk = await aKiosk(onTestFinished);
  expect(await files(kiosk, [adjusts])).toEqual(['applied']);
  const before = dump(kiosk.book.db);
  const changed: DownLine = { ...adjusts, fen: fen(151) };
  const { path } = await writeDown(join(kiosk.directory, 'from-county'), header(3, lastSha(kiosk)), [said, changed]);
  expect(await apply(kiosk.home, kiosk.book, path)).toMatchObject({ kind: 'refused', code: 'out_of_balance' });
  expect(dump(kiosk.book.db)).toBe(before);
});

function lastSha({ book }: TestKiosk): string {
  return book.db.prepare<[], { sha256: string }>('SELECT sha256 FROM down_file ORDER BY down_seq DESC LIMIT 1').get()!.sha256;
}

test.each([
  { ...said, state: 'paid' },
  { ...said, paidFen: 5 },
  { ...paid, paidFen: 0.5 },
  { ...said, state: 'prepared' },
  { ...said, number: 0 },
  { ...said, day: '2026-02-30' },
  { ...said, reference: 'a\nb' },
  { ...said, more: 1 },
  { ...adjusts, fen: 0 },
  { ...adjusts, fen: 1e13 },
  { ...adjusts, id: 'a b' },
  { t: 'SHOP', shop: { ...shop, merchantSharePermille: 1_001 } },
  { t: 'SHOP', shop: { ...shop, merchantSharePermille: -1 } },
  { t: 'GOODS', goods: goods('3', { settlementFen: fen(0) }) },
  { t: 'SCHEME', scheme: { ...scheme, settlement: { cycle: 'week' } } },
  { t: 'SCHEME', scheme: { ...scheme, budget: { zh: '经费', yearFen: 1, usedFen: 1 } } },
])('%j is no line of such a file', (line) => {
  expect(downLine.safeParse(line).success).toBe(false);
});

test('files from before there were settlements say nothing of them, and mean the owner settles and nobody shares', () => {
  const lines = [
    { t: 'SCHEME', scheme },
    { t: 'SHOP', shop },
    { t: 'GOODS', goods: goods('1') },
  ];
  for (const line of lines) expect(downLine.parse(structuredClone(line))).toEqual(line);
});
