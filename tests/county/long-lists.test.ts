// Lists too long for one turn of the book: they are read on a thread of their own and taken in slices, others have their turns between, and
// a server that dies in the middle loses and doubles nothing.

import { createSecretKey } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import writeWorkbook from 'write-excel-file/node';
import {
  finishReleases,
  previewAwards,
  proposeAwards,
  releaseAgain,
  releaseAwards,
  seeBatch,
  withdrawAwards,
} from '../../county/book/awards.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { listsOfLog } from '../../county/book/down-evidence.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { addAccount, expectKiosk } from '../../county/book/import-files.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { balanceOf } from '../../county/book/ledger.ts';
import { type Column, readList } from '../../county/book/list-file.ts';
import { masterLine, putMaster } from '../../county/book/master.ts';
import { listResidents } from '../../county/book/residents.ts';
import { type Progress, sliceRows } from '../../county/book/slices.ts';
import { statementOf } from '../../county/book/statement.ts';
import { finishReclaims, postedAtOnce, releaseReclaim, seeReclaim } from '../../county/book/reclaims.ts';
import { previewTakeBack, proposeTakeBack, takingBack } from '../../county/book/take-backs.ts';
import { aCounty } from '../support/county-book.ts';
import { scheme } from '../support/county.ts';

const count = 2 * sliceRows + 500;

async function countyOf(accounts: number): Promise<CountyBook> {
  const county = aCounty(onTestFinished);
  await county.transact((act) => {
    expectKiosk(act, { kiosk: 'qj-03', store: 'qj03' });
    for (let i = 1; i <= accounts; i += 1) addAccount(act, { account: `r${i}`, home: 'qj-03', isActive: true });
  });
  return county;
}

const awards = `account,points,reason\n${Array.from({ length: count }, (_, i) => `r${i + 1},1.5,help`).join('\n')}\n`;

/** The county with a batch of them that waits. */
async function withBatch(): Promise<CountyBook> {
  const county = await countyOf(count);
  expect(await proposeAwards(county, { text: awards, by: '张三' })).toEqual({
    ok: true,
    value: { batch: 1, rows: count, points: 150 * count },
  });
  return county;
}

const issued = (county: CountyBook): Promise<number> => county.read((db) => 0 - balanceOf(db, { account: 'issuance' }));

/** The county whose power goes in its act of this number from now on. */
function dyingAt(county: CountyBook, number: number): CountyBook {
  let acts = 0;
  return {
    ...county,
    transact(work) {
      acts += 1;
      return acts < number ? county.transact(work) : Promise.reject(new Error('the power went'));
    },
  };
}

const columns: readonly Column<'id' | 'name'>[] = [
  { name: 'id', zh: ['编号'], isNeeded: true },
  { name: 'name', zh: ['姓名'], isNeeded: true },
];

test('a list of half a MB is the same list as one of a few rows, as CSV and as a workbook, and the process goes on meanwhile', async () => {
  const rowsOf = (length: number): readonly string[][] =>
    Array.from({ length }, (_, i) => [String(i), i % 1_000 === 7 ? '=1+1' : `张三${'丰'.repeat(30)}`]);
  const csv = (rows: readonly string[][]): string => `id,name\n${rows.map((row) => row.join(',')).join('\n')}\n`;
  const [few, many] = [rowsOf(20), rowsOf(6_000)];
  const short = await readList(csv(few), columns);
  if (!short.ok) throw new Error(short.code);
  let turns = 0;
  const beat = setInterval(() => (turns += 1), 1);
  onTestFinished(() => clearInterval(beat));
  for (const [format, given] of [
    ['UTF-8', csv(many)],
    ['XLSX', await writeWorkbook([['id', 'name'], ...many].map((row) => row.map((value) => ({ value })))).toBuffer()],
  ] as const) {
    turns = 0;
    const told: Progress[] = [];
    const read = await readList(given, columns, { tell: (progress) => told.push(progress) });
    if (!read.ok) throw new Error(read.code);
    expect({ ...read.value, rows: read.value.rows.slice(0, 20), faults: read.value.faults.slice(0, 1) }).toEqual({
      ...short.value,
      format,
    });
    expect([read.value.rows.length, read.value.faults.length]).toEqual([6_000, 6]);
    expect(told.map(({ step, done }) => [step, done])).toEqual(Array.from({ length: 7 }, (_, i) => ['reading', i * sliceRows]));
    expect(turns).toBeGreaterThan(0);
  }
  expect(await readList(csv(many), columns, { rowsMax: 5_999 })).toEqual({ ok: false, code: 'too_large' });
});

test('too many long lists at once are told to come again, and none is kept waiting for ever', async () => {
  const long = `id,name\n${'1,张三\n'.repeat(40_000)}`;
  const read = await Promise.all(Array.from({ length: 4 }, () => readList(long, columns)));
  expect(read.map((each) => (each.ok ? each.value.rows.length : each.code))).toEqual([40_000, 40_000, 40_000, 'busy']);
});

test('while a long list is looked at and released, kiosks and clerks have their turns', async () => {
  const county = await withBatch();
  const seen: number[] = [];
  const others: Promise<unknown>[] = [];
  const meanwhile = ({ done }: Progress): void => {
    others.push(county.transact((act) => act.enter('test', String(done))).then(async () => seen.push(await issued(county))));
  };
  expect(await previewAwards(county, awards, meanwhile)).toMatchObject({ ok: true, value: { rows: count, faults: [] } });
  await Promise.all(others.splice(0));
  expect(seen.splice(0)).toEqual([0, 0, 0]);
  expect(await releaseAwards(county, { batch: 1, by: '李四' }, meanwhile)).toEqual({ ok: true, value: null });
  await Promise.all(others);
  expect(seen).toEqual([150 * sliceRows, 150 * 2 * sliceRows, 150 * count]); // each before the next slice
  expect((await seeBatch(county, 1))?.batch.state).toMatchObject({ is: 'released', by: '李四' });
});

test('a server that dies in a release goes on from where it was: each row is posted once, and nobody takes the batch back meanwhile', async () => {
  const county = await withBatch();
  const dying = dyingAt(county, 3); // the decision, the first slice, and no second
  await expect(releaseAwards(dying, { batch: 1, by: '李四' })).rejects.toThrow('the power went');
  expect(await issued(county)).toBe(150 * sliceRows);
  expect((await seeBatch(county, 1))?.batch.state).toMatchObject({ is: 'releasing', by: '李四', rows: sliceRows });
  expect(await county.read(listsOfLog)).toEqual([1]); // outsiders know of it before any of it is given out
  expect(existsSync(join(county.folder.awards, '00000001.list.released'))).toBe(true); // and so does a book that is put back
  expect(await releaseAwards(county, { batch: 1, by: '王五' })).toEqual({ ok: false, code: 'released' });
  expect(await withdrawAwards(county, { batch: 1, by: '张三' })).toEqual({ ok: false, code: 'released' });
  await expect(
    county.transact(({ db }) => db.exec(`INSERT INTO award_withdrawal (batch, withdrawn_by, at) VALUES (1, 'x', 1)`)),
  ).rejects.toThrow('award_withdrawal: it is being released');
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
  await finishReleases(county);
  await finishReleases(county);
  expect(await issued(county)).toBe(150 * count);
  expect(await county.read(listsOfLog)).toEqual([1]);
  expect((await seeBatch(county, 1))?.batch.state).toMatchObject({ is: 'released', by: '李四' });
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
});

test('a release whose list is gone from the disk is told to people, and goes on when it is back', async () => {
  const county = await withBatch();
  const path = join(county.folder.awards, '00000001.list');
  await expect(releaseAwards(dyingAt(county, 3), { batch: 1, by: '李四' })).rejects.toThrow('the power went');
  rmSync(path);
  await finishReleases(county);
  expect((await county.read(openExceptions)).map(({ code, detail, owner }) => [code, detail, owner])).toEqual([
    ['night_failed', 'release 1: the list of batch 1 is not what was proposed', 'clerk'],
  ]);
});

test('every award of a long list has its reason in the statement, also where a book that was put back posts the list in one turn', async () => {
  const county = await withBatch();
  await expect(releaseAwards(dyingAt(county, 2), { batch: 1, by: '李四' })).rejects.toThrow('the power went'); // decided, and no row
  expect(await releaseAgain(county, 1)).toEqual({ ok: true, value: null });
  const saidOf = (row: number): Promise<string | undefined> =>
    county.read((db) => {
      const read = statementOf(db, { account: `r${row}` });
      return read.ok ? read.value.rows[0]?.about : undefined;
    });
  const rows = [1, sliceRows, sliceRows + 1, count];
  expect(await Promise.all(rows.map(saidOf))).toEqual(rows.map((row) => `1 r${row} help`));
});

test('a long list is taken back in slices; what a server that dies had not posted comes with the next start', async () => {
  const county = await withBatch();
  expect(await releaseAwards(county, { batch: 1, by: '李四' })).toEqual({ ok: true, value: null });
  const kept = await proposeTakeBack(county, { batch: 1, wanted: { is: 'each', points: 1_00 }, reason: '多发了', by: '张三' });
  expect(kept).toMatchObject({ ok: true, value: { number: 1, rows: count } });
  await expect(releaseReclaim(dyingAt(county, 2), takingBack, { number: 1, by: '李四' })).rejects.toThrow('the power went'); // the decision with a slice, no second
  expect((await seeReclaim(county, takingBack, 1))?.reclaim.state).toMatchObject({ is: 'releasing', rows: postedAtOnce });
  expect(await previewTakeBack(county, { batch: 1, wanted: { is: 'all' } })).toEqual({ ok: false, code: 'unfinished' });
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
  await finishReclaims(county, takingBack);
  await finishReclaims(county, takingBack);
  expect((await seeReclaim(county, takingBack, 1))?.reclaim.state).toMatchObject({ is: 'released', by: '李四' });
  expect(await issued(county)).toBe(50 * count);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
});

test('a long list of residents is looked at whole before a row is taken; given again it says nothing new', async () => {
  const county = await countyOf(0);
  await county.transact((act) =>
    putMaster(
      act,
      { t: 'SCHEME', scheme: { ...scheme, groups: [...scheme.groups] } },
      { scope: 'qj-03', entry: act.enter('scheme', 'test') },
    ),
  );
  const tagKey = createSecretKey(Buffer.alloc(32, 7));
  const list = (rows: number, last = ''): string =>
    `编号,账户,姓名,类别,村,归属终端\n${Array.from({ length: rows }, (_, i) => `${i + 1},a${i + 1},张三,villager,白日,qj-03\n`).join('')}${last}`;
  const wrong = await listResidents(county, { list: list(count, '9999,a9999,张三,villager,白日,qj-99\n'), by: '张三', tagKey });
  expect(wrong).toMatchObject({ ok: true, value: { taken: 0, faults: [{ row: count + 1, what: 'no kiosk qj-99' }] } });
  expect(await county.read((db) => masterLine(db, { scope: '', t: 'RESIDENT', key: '1' }))).toBeNull();
  await expect(listResidents(dyingAt(county, 2), { list: list(count), by: '张三', tagKey })).rejects.toThrow('the power went');
  const outcome = { added: count - sliceRows, changed: 0, left: 0, unchanged: sliceRows, faults: [], taken: count, format: 'UTF-8' };
  expect(await listResidents(county, { list: list(count), by: '张三', tagKey })).toEqual({ ok: true, value: outcome });
  const entries = await county.read((db) => db.prepare(`SELECT count(*) AS n FROM act WHERE kind = 'residents'`).all());
  expect(entries).toEqual([{ n: 3 }]);
  const again = { ...outcome, added: 0, unchanged: count };
  expect(await listResidents(county, { list: list(count), by: '张三', tagKey })).toEqual({ ok: true, value: again });
});
