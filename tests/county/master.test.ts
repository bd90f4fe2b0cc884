// What the county's office keeps for its kiosks: a real kiosk's book takes what masterLines tells, whole and as changes.

import { expect, onTestFinished, test } from 'vitest';
import { type MasterLine, everyKiosk, masterLine, masterLines, planScheme, putDueSchemes, putMaster } from '../../county/book/master.ts';
import { fen, points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { aPair } from '../support/county-book.ts';
import { goods, resident, scheme } from '../support/county.ts';

const kiosk = 'qj-03';

test('a county that took over a kiosk’s files tells the same lines, in the order of a file, and then only what is new', async () => {
  const { county } = await aPair(onTestFinished);
  const all = await county.read((db) => [...masterLines(db, { kiosk, afterEntry: 0, isWhole: true })]);
  expect(all.map(({ t }) => t)).toEqual(['SCHEME', 'SHOP', 'KEY', 'KEY', 'OPERATOR', 'GOODS', 'GOODS', 'GOODS', 'RESIDENT', 'RESIDENT']);
  expect(await county.read((db) => [...masterLines(db, { kiosk: 'qj-04', afterEntry: 0, isWhole: true })].map(({ t }) => t))).toEqual(
    all.map(({ t }) => t).filter((t) => t !== 'SCHEME' && t !== 'SHOP' && t !== 'OPERATOR'),
  );
  const dearer: MasterLine = { t: 'GOODS', goods: goods('1', { priceFen: fen(1300) }) };
  const told = await county.transact((act) => act.enter('test', 'told so far'));
  const said = await county.transact((act) => {
    const entry = act.enter('goods', 'test');
    return [
      putMaster(act, { t: 'RESIDENT', resident: resident('9') }, { scope: everyKiosk, entry }),
      putMaster(act, dearer, { scope: everyKiosk, entry }),
      putMaster(act, { t: 'RESIDENT', resident: resident('1') }, { scope: everyKiosk, entry }), // as it was
    ];
  });
  expect(said).toEqual([true, true, false]);
  const changes = await county.read((db) => [...masterLines(db, { kiosk, afterEntry: told, isWhole: false })]);
  expect(changes).toEqual([dearer, { t: 'RESIDENT', resident: resident('9') }]);
  expect(await county.read((db) => masterLine(db, { scope: everyKiosk, t: 'GOODS', key: '1' }))).toEqual(dearer);
});

test('rules of a later day are told by the night of that day, once, and the county judges by them from then on', async () => {
  const { county } = await aPair(onTestFinished);
  const line = { t: 'SCHEME' as const, scheme: { ...scheme, groups: [...scheme.groups], version: 2, saleCapPoints: points(5_000) } };
  await county.transact((act) => planScheme(act, line, { scope: everyKiosk, entry: act.enter('scheme', 'test'), fromDay: '2026-11-23' }));
  const at = async (day: string): Promise<unknown> => {
    await county.transact((act) => putDueSchemes(act, day));
    return county.read((db) => [
      [...masterLines(db, { kiosk, afterEntry: 0, isWhole: true })].filter(({ t }) => t === 'SCHEME'),
      db.prepare('SELECT sale_cap FROM kiosk WHERE kiosk = ?').get(kiosk),
    ]);
  };
  expect(await at('2026-11-22')).toEqual([[{ t: 'SCHEME', scheme }], { sale_cap: null }]);
  expect(await at('2026-11-23')).toEqual([[line], { sale_cap: 5_000 }]);
  const before = await county.read((db) => db.prepare('SELECT count(*) AS n FROM act').get());
  await at('2026-11-24');
  expect(await county.read((db) => db.prepare('SELECT count(*) AS n FROM act').get())).toEqual(before);
});

test('many lines of one entry come page by page, each once', async () => {
  const { county } = await aPair(onTestFinished);
  const ids = Array.from({ length: 2_500 }, (_, i) => String(i + 100));
  await county.transact((act) => {
    const entry = act.enter('test', 'many');
    for (const id of ids) putMaster(act, { t: 'DENY', resident: id, issue: 1 }, { scope: everyKiosk, entry });
  });
  const told = await county.read((db) => [...masterLines(db, { kiosk, afterEntry: 0, isWhole: true })].filter(({ t }) => t === 'DENY'));
  expect(told.map((line) => (line as Extract<DownLine, { t: 'DENY' }>).resident)).toEqual(ids.toSorted());
});
