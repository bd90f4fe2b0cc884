// Lists as offices send them: whatever they are, they are read whole or refused with the reason; and awards of such lists by two persons.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import writeWorkbook, { type SheetData } from 'write-excel-file/node';
import {
  newestBatches,
  previewAwards,
  proposeAwards,
  releaseAwards,
  seeBatch,
  withdrawAwards,
  writeMissingPapers,
} from '../../county/book/awards.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { balanceOf } from '../../county/book/ledger.ts';
import { type Column, readList } from '../../county/book/list-file.ts';
import { addAccount, expectKiosk } from '../../county/book/import-files.ts';
import { aCounty } from '../support/county-book.ts';

const columns: readonly Column<'id' | 'name' | 'note'>[] = [
  { name: 'id', zh: ['编号'], isNeeded: true },
  { name: 'name', zh: ['姓名'], isNeeded: true },
  { name: 'note', zh: [], isNeeded: false },
];
/** `id,name\n1,张三\n2,格桑\n` as Excel in China saves it. */
const inGbk = Buffer.from('69642c6e616d650a312cd5c5c8fd0a322cb8f1c9a30a', 'hex');

const workbook = (rows: SheetData): Promise<Buffer> => writeWorkbook(rows).toBuffer();
const cells = (...values: readonly (string | number)[]) =>
  values.map((value) => (typeof value === 'number' ? { value, type: Number } : { value, type: String }));

test('a list is the same list as UTF-8 with a mark, as GB18030, and as a workbook, in any order of its columns', async () => {
  const rows = [
    { row: 1, cells: { id: '1', name: '张三', note: '' } },
    { row: 2, cells: { id: '2', name: '格桑', note: '' } },
  ];
  expect(await readList('\uFEFF编号,姓名\r\n1,张三\r\n2,格桑\r\n\r\n', columns)).toEqual({
    ok: true,
    value: { rows, faults: [], format: 'UTF-8' },
  });
  expect(await readList(inGbk, columns)).toEqual({ ok: true, value: { rows, faults: [], format: 'GB18030' } });
  const book = await workbook([cells('姓名', 'ID'), cells('张三', 1), cells('格桑', '2')]);
  expect(await readList(book, columns)).toEqual({ ok: true, value: { rows, faults: [], format: 'XLSX' } });
});

test('quoted cells are read, and what cannot be told apart, or would run in a spreadsheet, is a fault of its row', async () => {
  const text = 'id,name,note\n1,"a ""b"", c",\n\n3,=HYPERLINK("x"),\n4,"open\n5,d,e,f\n6,-,+86\n';
  expect(await readList(text, columns)).toEqual({
    ok: true,
    value: {
      rows: [
        { row: 1, cells: { id: '1', name: 'a "b", c', note: '' } },
        { row: 3, cells: { id: '', name: '', note: '' } },
        { row: 4, cells: { id: '', name: '', note: '' } },
        { row: 5, cells: { id: '5', name: 'd', note: 'e' } },
        { row: 6, cells: { id: '6', name: '-', note: '+86' } },
      ],
      faults: [
        { row: 3, what: 'a quote that does not end' },
        { row: 4, what: 'a quote that does not end' },
        { row: 5, what: 'more than 3 cells, or longer than 2000 characters' },
        { row: 6, what: '+86 begins like a formula' },
      ],
      format: 'UTF-8',
    },
  });
});

test('another list, another encoding, an old or damaged workbook are refused whole', async () => {
  const good = await workbook([cells('id', 'name'), cells('1', 'a')]);
  const said = await Promise.all(
    [
      'id,name,name\n',
      'id\n1\n',
      'id,name,other\n',
      '',
      Buffer.from('fffe69006400', 'hex'),
      Buffer.from('id,name\n1,\xff\xff\n', 'latin1'),
      Buffer.from('d0cf11e0a1b11ae100', 'hex'),
      good.subarray(0, good.length - 30),
      Buffer.from('PK\x03\x04 nothing'),
      Buffer.concat([good.subarray(0, 60), Buffer.alloc(1, good[60]! ^ 0xff), good.subarray(61)]),
    ].map(async (given) => {
      const read = await readList(given, columns);
      return read.ok ? 'read' : read.code;
    }),
  );
  expect(said).toEqual([
    'not_a_list', 'not_a_list', 'not_a_list', 'not_a_list', 'encoding', 'encoding', 'old_workbook', 'damaged', 'damaged', 'damaged',
  ]); // prettier-ignore
});

test('a workbook that computes, reaches far beyond a list, or unpacks to more than it says is not opened', async () => {
  const computed = await workbook([cells('id', 'name'), [{ value: '=1+1', type: 'Formula' }, { value: 'a' }]]);
  expect(await readList(computed, columns)).toEqual({ ok: false, code: 'formulas' });
  expect(
    await readList(zipOf('<worksheet><sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'), columns),
  ).toEqual({ ok: false, code: 'too_large' });
  // one cell in the last row of a sheet: the reader would fill the million between
  for (const [row, code] of [
    ['<row r="1048576"><c r="A1048576"><v>1</v></c></row>', 'too_large'],
    ["<row><x:c r = 'B1003'/></row>", 'too_large'],
    ['<row r="9999999"/>', 'too_large'],
    ['<row r="1e7"/>', 'damaged'],
    ['<row><c r="A&#57;99999"/></row>', 'damaged'],
  ] as const)
    expect([row, await readList(zipOf(`<worksheet><sheetData>${row}</sheetData></worksheet>`), columns)]).toEqual([
      row,
      { ok: false, code },
    ]);
  const zeros = '0'.repeat(50_000_000);
  expect(await readList(zipOf(zeros, 100), columns)).toEqual({ ok: false, code: 'damaged' });
  expect(await readList(zipOf(zeros, 600 * 1024 * 1024), columns)).toEqual({ ok: false, code: 'too_large' });
});

/** A ZIP archive of one sheet that says it has so many bytes. */
function zipOf(sheet: string, says = Buffer.byteLength(sheet)): Buffer {
  const name = Buffer.from('xl/worksheets/sheet1.xml');
  const packed = deflateRawSync(sheet);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(says, 22);
  local.writeUInt16LE(name.length, 26);
  const part = Buffer.alloc(46);
  part.writeUInt32LE(0x02014b50);
  local.copy(part, 10, 8, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(part.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, name, packed, part, name, end]);
}

/** A county of so many accounts: r1, r2 … */
async function countyOf(count: number): Promise<CountyBook> {
  const county = aCounty(onTestFinished);
  await county.transact((act) => {
    expectKiosk(act, { kiosk: 'qj-03', store: 'baire' });
    for (let i = 1; i <= count; i += 1) addAccount(act, { account: `r${i}`, home: 'qj-03', isActive: true });
  });
  return county;
}

test('one row in a hundred is bad: every fault is told by its row, and nothing is taken', async () => {
  const county = await countyOf(1_000);
  const wrong = [
    'x9,5,help',
    'r1,9007199254740992,help',
    'r2,1e3,help',
    'r3,-5,help',
    'r4,0,help',
    'r5,10000000.01,help',
    'r6,5,=1+1',
    'r8,1.234,help',
    'r9,,help',
    'r10,5,',
  ];
  const rows = Array.from({ length: 1_000 }, (_, i) => (i % 100 === 9 ? wrong[(i - 9) / 100]! : `r${i + 1},1.5,help`));
  const text = `account,points,reason\n${rows.join('\n')}\n`;
  const seen = await previewAwards(county, text);
  expect(seen).toEqual({
    ok: true,
    value: {
      rows: 0,
      points: 0,
      first: [],
      format: 'UTF-8',
      known: null,
      twins: [],
      faults: [
        { row: 10, what: 'no account x9' },
        { row: 110, what: '9007199254740992 is no amount of points' },
        { row: 110, what: 'r1 stands twice in this list' },
        { row: 210, what: '1e3 is no amount of points' },
        { row: 210, what: 'r2 stands twice in this list' },
        { row: 310, what: '-5 is no amount of points' },
        { row: 310, what: 'r3 stands twice in this list' },
        { row: 410, what: '0 is no amount of points' },
        { row: 410, what: 'r4 stands twice in this list' },
        { row: 510, what: '10000000.01 points are too many for one award' },
        { row: 510, what: 'r5 stands twice in this list' },
        { row: 610, what: '=1+1 begins like a formula' },
        { row: 710, what: '1.234 is no amount of points' },
        { row: 710, what: 'r8 stands twice in this list' },
        { row: 810, what: ' is no amount of points' },
        { row: 810, what: 'r9 stands twice in this list' },
        { row: 910, what: 'no reason is given' },
      ],
    },
  });
  expect(await proposeAwards(county, { text, by: 'zhang' })).toEqual({ ok: false, code: 'faulty' });
});

test('a workbook of 500 awards is proposed by one person, signed, and released by another; a changed byte stops it', async () => {
  const count = 500;
  const county = await countyOf(count);
  const rows = Array.from({ length: count }, (_, i) => cells(`r${i + 1}`, 1.1, '清理村道'));
  const bytes = await workbook([cells('账户', '积分', '事由'), ...rows]);
  const value = { rows: count, points: 110 * count };
  const first = Array.from({ length: 200 }, (_, i) => ({ account: `r${i + 1}`, names: '', points: 110, reason: '清理村道' }));
  expect(await previewAwards(county, bytes)).toEqual({
    ok: true,
    value: { ...value, first, faults: [], format: 'XLSX', known: null, twins: [] },
  });
  expect(await proposeAwards(county, { text: bytes, by: ' ' })).toEqual({ ok: false, code: 'nobody' });
  expect(await proposeAwards(county, { text: bytes, by: '张 三' })).toEqual({ ok: true, value: { batch: 1, ...value } });
  expect(await proposeAwards(county, { text: bytes, by: '李四' })).toEqual({ ok: false, code: 'known' });
  expect(await releaseAwards(county, { batch: 1, by: '张三' })).toEqual({ ok: false, code: 'same_person' });
  const path = join(county.folder.awards, '00000001.list');
  expect(readFileSync(path)).toEqual(bytes);
  writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(1)]));
  expect(await releaseAwards(county, { batch: 1, by: '李四' })).toEqual({ ok: false, code: 'changed' });
  expect((await seeBatch(county, 1))?.first).toEqual({ ok: false, code: 'changed' });
  rmSync(path);
  expect(await releaseAwards(county, { batch: 1, by: '李四' })).toEqual({ ok: false, code: 'changed' });
  expect((await seeBatch(county, 1))?.first).toEqual({ ok: false, code: 'changed' });
  writeFileSync(path, bytes);
  expect((await seeBatch(county, 1))?.first).toEqual({ ok: true, value: first });
  expect(await releaseAwards(county, { batch: 1, by: '李四' })).toEqual({ ok: true, value: null });
  const paper = readFileSync(`${path}.released`, 'utf8');
  rmSync(`${path}.released`); // as where the disk had no room for it
  await writeMissingPapers(county);
  expect(readFileSync(`${path}.released`, 'utf8')).toBe(paper);
  expect(await county.read((db) => [balanceOf(db, { account: 'issuance' }), balanceOf(db, { account: 'main', holder: 'r77' })])).toEqual([
    -110 * count, 110,
  ]); // prettier-ignore
});

test('a list that gives the same in another order is told beside both, whatever its reasons; the same bytes are a batch already', async () => {
  const county = await countyOf(2);
  const header = 'account,points,reason\n';
  const propose = (rows: string) => proposeAwards(county, { text: `${header}${rows}`, by: '张三' });
  await propose('r1,5,十月\nr2,7,十月\n');
  await propose('r1,7,十月\nr2,5,十月\n'); // as many points, to others
  const text = `${header}r2,7.00,十一月\n\nr1,5,十一月\n`;
  const at = county.wallMs();
  const [first, third] = [1, 3].map((batch) => ({ batch, proposedBy: '张三', at, reason: batch === 1 ? '十月' : '十一月' }));
  expect(await previewAwards(county, text)).toMatchObject({ value: { known: null, twins: [first] } });
  await proposeAwards(county, { text, by: '张三' });
  expect(await previewAwards(county, text)).toMatchObject({ value: { known: 3, twins: [first] } });
  expect(await Promise.all([1, 2, 3].map(async (batch) => (await seeBatch(county, batch))?.twins))).toEqual([[third], [], [first]]);
  await withdrawAwards(county, { batch: 1, by: '张三' });
  expect((await seeBatch(county, 3))?.twins).toEqual([]);
});

test('a batch is released only as the list that was shown; one that is withdrawn never, also where the book forgot it', async () => {
  const county = await countyOf(2);
  for (const account of ['r1', 'r2']) await proposeAwards(county, { text: `account,points,reason\n${account},5,help\n`, by: '张三' });
  const [second, first] = await newestBatches(county, 9);
  expect(await releaseAwards(county, { batch: 2, by: '李四', shown: first!.sha256 })).toEqual({ ok: false, code: 'not_shown' });
  expect(await releaseAwards(county, { batch: 2, by: '李四', shown: '' })).toEqual({ ok: false, code: 'not_shown' });
  expect(await withdrawAwards(county, { batch: 3, by: '张三' })).toEqual({ ok: false, code: 'unknown' });
  expect(await withdrawAwards(county, { batch: 1, by: ' ' })).toEqual({ ok: false, code: 'nobody' });
  expect(await withdrawAwards(county, { batch: 1, by: '张三' })).toEqual({ ok: true, value: null });
  expect(await withdrawAwards(county, { batch: 1, by: '张三' })).toEqual({ ok: false, code: 'withdrawn' });
  expect(await releaseAwards(county, { batch: 1, by: '李四', shown: first!.sha256 })).toEqual({ ok: false, code: 'withdrawn' });
  expect(await releaseAwards(county, { batch: 2, by: '李四', shown: second!.sha256 })).toEqual({ ok: true, value: null });
  expect(await withdrawAwards(county, { batch: 2, by: '李四' })).toEqual({ ok: false, code: 'released' });
  const at = county.wallMs();
  expect((await newestBatches(county, 9)).map(({ id, state }) => [id, state])).toEqual([
    [2, { is: 'released', by: '李四', at }],
    [1, { is: 'withdrawn', by: '张三', at }],
  ]);
  for (const [sql, why] of [
    [`INSERT INTO award_release (batch, released_by, at) VALUES (1, '李四', 1)`, 'award_release: it is withdrawn'],
    [`INSERT INTO award_withdrawal (batch, withdrawn_by, at) VALUES (2, '李四', 1)`, 'award_withdrawal: it is released'],
    [`DELETE FROM award_withdrawal`, 'award_withdrawal: append only'],
  ] as const)
    await expect(county.transact(({ db }) => db.exec(sql))).rejects.toThrow(why);
  expect(await county.read((db) => balanceOf(db, { account: 'issuance' }))).toBe(-500);
  await proposeAwards(county, { text: 'account,points,reason\nr1,7,help\n', by: '张三' });
  writeFileSync(join(county.folder.awards, '00000003.list.withdrawn'), 'as a book that was put back finds it');
  expect(await releaseAwards(county, { batch: 3, by: '李四' })).toEqual({ ok: false, code: 'withdrawn' });
  expect((await newestBatches(county, 1))[0]?.state).toEqual({ is: 'withdrawn', by: null, at: null });
});
