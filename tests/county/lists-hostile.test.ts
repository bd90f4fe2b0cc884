// Lists that somebody made to do harm, or that a spreadsheet spoilt: small files that unpack to gigabytes, words that multiply, macros and
// links, dates, one bad row in a hundred of very many, two at once. What is refused is refused before it is unpacked.

import { crc32, deflateRawSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import writeWorkbook from 'write-excel-file/node';
import { newestBatches, proposeAwards } from '../../county/book/awards.ts';
import { addAccount, expectKiosk } from '../../county/book/import-files.ts';
import { type Column, readList } from '../../county/book/list-file.ts';
import { aCounty } from '../support/county-book.ts';

const columns: readonly Column<'id' | 'name'>[] = [
  { name: 'id', zh: ['编号'], isNeeded: true },
  { name: 'name', zh: ['姓名'], isNeeded: true },
];

const megabyte = 1024 * 1024;
/** Coarse: what a list of a county takes. A file that is unpacked whole takes gigabytes. */
const growthMax = 300 * megabyte;

async function growthOf(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  await work();
  return process.memoryUsage().rss - before;
}

interface Part {
  readonly name: string;
  readonly body: string | Buffer;
}

interface ZipChange {
  /** So many further entries, each of which names the bytes of the first part. */
  readonly copies?: number;
  /** The count that the archive's end says first, where it says two. */
  readonly otherCount?: number;
}

function zipOf(parts: readonly Part[], { copies = 0, otherCount }: ZipChange = {}): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [i, { name, body }] of parts.entries()) {
    const title = Buffer.from(name);
    const plain = Buffer.from(body);
    const packed = deflateRawSync(plain);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(crc32(plain), 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(plain.length, 22);
    local.writeUInt16LE(title.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50);
    local.copy(entry, 10, 8, 28);
    entry.writeUInt32LE(at, 42);
    bodies.push(local, title, packed);
    directory.push(entry, title);
    if (i === 0) directory.push(...Array.from({ length: copies }, () => Buffer.concat([entry, title])));
    at += 30 + title.length + packed.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(otherCount ?? parts.length + copies, 8);
  end.writeUInt16LE(parts.length + copies, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, listing, end]);
}

const xmlns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const officeTypes = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const text = (at: string, value: string): string => `<c r="${at}" t="str"><v>${value}</v></c>`;
const rows = `<row r="1">${text('A1', '编号')}${text('B1', '姓名')}</row><row r="2">${text('A2', '1')}${text('B2', '张三')}</row>`;

/** A workbook of one sheet, as a spreadsheet writes it, and what somebody put beside it. */
function aWorkbook({
  hasStrings = false,
  head = '',
  sheet = rows,
  more = [],
}: {
  readonly head?: string;
  readonly sheet?: string;
  readonly more?: readonly Part[];
  readonly hasStrings?: boolean;
} = {}): readonly Part[] {
  return [
    {
      name: 'xl/worksheets/sheet1.xml',
      body: `<?xml version="1.0"?>${head}<worksheet ${xmlns}><sheetData>${sheet}</sheetData></worksheet>`,
    },
    { name: '[Content_Types].xml', body: '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>' },
    {
      name: 'xl/workbook.xml',
      body: `<workbook ${xmlns} xmlns:r="${officeTypes}"><sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      body: `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${officeTypes}/worksheet" Target="worksheets/sheet1.xml"/>${hasStrings ? `<Relationship Id="rId2" Type="${officeTypes}/sharedStrings" Target="sharedStrings.xml"/>` : ''}</Relationships>`,
    },
    { name: 'xl/styles.xml', body: `<styleSheet ${xmlns}/>` },
    ...more,
  ];
}

test('a small file that unpacks to gigabytes is refused while it is looked at, and the memory stays flat', async () => {
  const copies = 400;
  const bomb = zipOf([{ name: 'xl/media/image1.png', body: Buffer.alloc(10 * megabyte) }, ...aWorkbook()], { copies });
  expect(bomb.length).toBeLessThan(megabyte / 4);
  const sheet = zipOf(aWorkbook({ sheet: `${rows}${' '.repeat(70 * megabyte)}` }));
  expect(sheet.length).toBeLessThan(megabyte / 4);
  const growth = await growthOf(async () => {
    for (const file of [bomb, sheet]) expect(await readList(file, columns)).toEqual({ ok: false, code: 'too_large' });
  });
  expect(growth).toBeLessThan(growthMax);
});

test('a workbook whose words would multiply, or that counts its parts in two ways, is not opened', async () => {
  const laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  expect(await readList(zipOf(aWorkbook({ head: laughs, sheet: rows.replace('张三', '&b;') })), columns)).toEqual({
    ok: false,
    code: 'damaged',
  });
  const parts = aWorkbook();
  expect(await readList(zipOf(parts), columns)).toMatchObject({ ok: true });
  for (const otherCount of [parts.length - 1, parts.length + 1, 0])
    expect(await readList(zipOf(parts, { otherCount }), columns)).toEqual({ ok: false, code: 'damaged' });
});

test('a text of a megabyte that every cell names is told as too long, and not looked at again and again', async () => {
  const count = 20_000;
  const shared = (at: string): string => `<c r="${at}" t="s"><v>0</v></c>`;
  const sheet = `<row r="1">${text('A1', '编号')}${text('B1', '姓名')}</row>${Array.from({ length: count }, (_, i) => `<row r="${i + 2}">${shared(`A${i + 2}`)}${shared(`B${i + 2}`)}</row>`).join('')}`;
  const strings = { name: 'xl/sharedStrings.xml', body: `<sst ${xmlns}><si><t>${'长'.repeat(megabyte)}</t></si></sst>` };
  const read = await readList(zipOf(aWorkbook({ sheet, more: [strings], hasStrings: true })), columns);
  if (!read.ok) throw new Error(read.code);
  expect([read.value.faults.length, read.value.faults[0]]).toEqual([
    count,
    { row: 1, what: 'more than 2 cells, or longer than 2000 characters' },
  ]);
});

test('macros and links to other files lie in a workbook unread; its texts and dates are those that people see', async () => {
  const more = [
    { name: 'xl/vbaProject.bin', body: Buffer.from('Sub AutoOpen()') },
    { name: 'xl/externalLinks/externalLink1.xml', body: '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>' },
  ];
  expect(await readList(zipOf(aWorkbook({ more })), columns)).toEqual({
    ok: true,
    value: { rows: [{ row: 1, cells: { id: '1', name: '张三' } }], faults: [], format: 'XLSX' },
  });
  const dated = await writeWorkbook([
    [
      { value: 'id', type: String },
      { value: 'name', type: String },
    ],
    [
      { value: new Date('2026-11-25T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' },
      { value: 1e15, type: Number },
    ],
  ]).toBuffer();
  expect(await readList(dated, columns)).toMatchObject({ value: { rows: [{ cells: { id: '2026-11-25', name: '1000000000000000' } }] } });
});

test('one row in a hundred of 100,000 is bad: each is told by its row, and the memory stays that of a list', async () => {
  const count = 100_000;
  const lines = Array.from({ length: count }, (_, i) => (i % 100 === 9 ? `${i},=1+1` : `${i},格桑`));
  const list = Buffer.from(`id,name\n${lines.join('\n')}\n`);
  let faults: readonly { readonly row: number; readonly what: string }[] = [];
  const growth = await growthOf(async () => {
    const read = await readList(list, columns);
    if (!read.ok) throw new Error(read.code);
    expect(read.value.rows).toHaveLength(count);
    ({ faults } = read.value);
  });
  expect(faults).toEqual(Array.from({ length: 1_000 }, (_, i) => ({ row: i * 100 + 10, what: '=1+1 begins like a formula' })));
  expect(growth).toBeLessThan(growthMax);
});

test('two people who send lists at the same time each get a batch; the same list twice at once is kept once', async () => {
  const county = aCounty(onTestFinished);
  await county.transact((act) => {
    expectKiosk(act, { kiosk: 'qj-03', store: 'baire' });
    addAccount(act, { account: 'r1', home: 'qj-03', isActive: true });
  });
  const list = (points: number): string => `account,points,reason\nr1,${points},help\n`;
  const kept = await Promise.all([1, 2, 2, 3].map((each) => proposeAwards(county, { text: list(each), by: '张三' })));
  expect(kept.filter(({ ok }) => !ok)).toEqual([{ ok: false, code: 'known' }]);
  expect(kept.flatMap((each) => (each.ok ? [each.value.batch] : [])).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  expect((await newestBatches(county, 9)).map(({ points }) => points).toSorted((a, b) => a - b)).toEqual([100, 200, 300]);
});
