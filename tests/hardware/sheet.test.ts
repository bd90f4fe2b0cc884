// The settlement sheet read back from each of its files as the county would: the PDF by poppler, the workbook by its XML, the CSV by
// its commas. What comes back is the settlement to the fen.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fen } from '../../db/model/amounts.ts';
import { spokenRoot } from '../../db/model/spoken-root.ts';
import type { Language } from '../../db/model/catalogue.ts';
import type { SettlementBody } from '../../db/model/event.ts';
import { settlementOf } from '../../db/model/settlement.ts';
import { drawSheet } from '../../hardware/sheet/draw-sheet.ts';
import { type Sheet, type SheetRow, sheetRows } from '../../hardware/sheet/sheet.ts';
import { sheetCsv, sheetWorkbook } from '../../hardware/sheet/write-table.ts';
import { temporary } from '../support/county.ts';

const shop: SettlementBody['printed']['shop'] = {
  zh: '=HYPERLINK("http://x","琼结镇白日社区文明超市")',
  bo: 'འཕྱོངས་རྒྱས་རྫོང་ཚོང་ཁང་ཨང 01',
  countyZh: '琼结县',
  countyBo: 'འཕྱོངས་རྒྱས་རྫོང',
};

function aSheet(days: number, change: Partial<Sheet> = {}, language: Language = 'zh'): Sheet {
  const closings = Array.from({ length: days }, (_, i) => ({
    number: i + 1,
    day: new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10),
    sharePermille: 25,
    figures: {
      'redeemed/10/points': 123_500 + 100 * i,
      'redeemed/10/fen': 12_350 + 10 * i,
      'redeemed/100/points': -150,
      'redeemed/100/fen': -150,
      'pointsGoods.points': 700,
      'pointsGoods.fen': 655,
      'pointsGoods.unpriced': i === 0 ? 2 : 0,
      'credit.count': 5,
      'credit.points': 1_250,
      'reversal.count': 1,
      'reversal.points': 50,
    },
  }));
  const body = settlementOf({
    kiosk: 'QJ-01',
    inc: 1,
    number: 12,
    closings,
    scheme: { budget: { zh: '-2+3年度经费', yearFen: fen(120_000_000), usedFen: fen(45_678_912), asOf: Date.UTC(2026, 10, 20) } },
    adjustments: [
      { id: 'A-7', zh: '九月少付补发', fen: fen(1_234) },
      { id: 'A-8', zh: '@SUM(A1:A9), "重复"', fen: fen(-505) },
    ],
    printed: { language, operatorName: '+格桑卓玛', shop },
  });
  return {
    body,
    county: '540525',
    kiosk: 'QJ-01',
    at: Date.UTC(2026, 10, 22, 11),
    state: 'prepared',
    states: [],
    head: { seq: 12_345, leaf: 'L'.repeat(43) },
    checkpoint: { size: 12_300, root: 'R'.repeat(43) },
    ...change,
  };
}

const paid: Partial<Sheet> = {
  state: 'paid',
  states: [
    { state: 'sent', day: '2026-11-23', reference: '', paidFen: null },
    { state: 'paid', day: '2026-11-24', reference: '=1+1', paidFen: fen(31_000) },
    { state: 'paid', day: '2026-11-25', reference: 'B2', paidFen: fen(25_806) },
  ],
};

test('the rows of a sheet are what was worked out by hand', () => {
  const told = sheetRows(aSheet(2, paid)).map(({ code, detail, day, count, points: given, fen: amount }) => [
    code,
    detail,
    day,
    count,
    given,
    amount,
  ]);
  expect(told).toEqual([
    ['number', 'QJ-01-J000012', '', null, null, null],
    ['county', '琼结县 འཕྱོངས་རྒྱས་རྫོང 540525', '', null, null, null],
    ['shop', `${shop.zh} ${shop.bo!} QJ-01`, '', null, null, null],
    ['period', '2026-01-01 – 2026-01-02', '', null, null, null],
    ['made', '2026-11-22 19:00 +格桑卓玛', '', null, null, null],
    ['state', '县已付款', '', null, null, null],
    ['redeemed', '每积分（元） 0.10', '', null, 247_100, 24_710],
    ['redeemed', '每积分（元） 1.00', '', null, -300, -300],
    ['points_goods', '', '', null, 1_400, 1_310],
    ['unpriced', '', '', 2, null, null],
    ['gross', '', '', null, null, 25_720],
    ['share', '2.5%', '', null, null, -643],
    ['adjustment', 'A-7 九月少付补发', '', null, null, 1_234],
    ['adjustment', 'A-8 @SUM(A1:A9), "重复"', '', null, null, -505],
    ['owed', '', '', null, null, 25_806],
    ['capitals', '人民币贰佰伍拾捌元零陆分', '', null, null, null],
    ['word', '', '2026-11-23', null, null, null],
    ['word', '=1+1', '2026-11-24', null, null, 31_000],
    ['word', 'B2', '2026-11-25', null, null, -5_194], // rows are added up: each says what was paid by it
    ['credited', '', '', 8, 2_400, null],
    ['budget', '-2+3年度经费', '2026-11-20', null, null, 120_000_000],
    ['budget_used', '', '', null, null, 45_678_912],
    ['budget_left', '', '', null, null, 74_321_088],
    ['day', 'Z000001', '2026-01-01', null, 124_050, 12_855],
    ['day', 'Z000002', '2026-01-02', null, 124_150, 12_865],
    ['head', `12345 ${'L'.repeat(43)}`, '', null, null, null],
    ['spoken', spokenRoot('R'.repeat(43)), '', null, null, null],
    ['checkpoint', `12300 ${'R'.repeat(43)}`, '', null, null, null],
  ]);
});

test('a shop that owes the county is told so', () => {
  const closings = [{ number: 1, day: '2026-01-01', figures: { 'redeemed/10/points': -50, 'redeemed/10/fen': -5 }, sharePermille: 0 }];
  const { body } = aSheet(1);
  const negative = settlementOf({
    kiosk: 'QJ-01',
    inc: 1,
    number: 1,
    closings,
    scheme: {},
    adjustments: [],
    printed: body.printed,
  });
  const owed = sheetRows(aSheet(1, { body: negative })).filter(({ code }) => code === 'owed' || code === 'capitals');
  expect(owed.map(({ label, detail, fen: amount }) => [label.zh, detail, amount])).toEqual([
    ['店铺应退县里', '', -5],
    ['大写', '人民币负伍分', null],
  ]);
});

/** Fields of an RFC 4180 text. */
function parsedCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"')); // one of the two matched
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** A row as every table must give it back. */
function told(row: SheetRow): readonly (string | number | null)[] {
  return [row.code, row.label.zh, row.detail, row.day, row.count, row.points, row.fen, row.fen];
}

test('the CSV gives every row back to the fen, and no cell of it is a formula', () => {
  const sheet = aSheet(40, paid);
  const csv = sheetCsv(sheet);
  expect([csv.startsWith('\ufeff'), csv.endsWith('\r\n')]).toEqual([true, true]);
  const [header, ...rows] = parsedCsv(csv.slice(1));
  expect(header).toEqual(['代码', '项目', '说明', '日期', '件数/笔数', '积分', '金额（元）', '金额（人民币分）']);
  for (const row of rows)
    for (const [i, cell] of row.entries()) expect(cell).toMatch(i < 4 ? /^(?![=+@\-\t\r＝＋－＠])/u : /^(-?\d+(\.\d\d)?)?$/);
  const hundredths = (text: string): number | null => (text === '' ? null : Number(text.replace('.', '')));
  const back = rows.map(([code, item, detail, date, count, given, yuan, amount]) => [
    code,
    item,
    detail!.replace(/^'/, ''),
    date,
    count === '' ? null : Number(count),
    hundredths(given!),
    hundredths(yuan!),
    amount === '' ? null : Number(amount),
  ]);
  expect(back).toEqual(sheetRows(sheet).map(told));
});

/** Cells of the first sheet, by unzip and the XML alone: text as text, numbers as numbers. */
function parsedWorkbook(path: string): { readonly rows: readonly (readonly (string | number | null)[])[]; readonly formulas: number } {
  const part = (name: string): string => execFileSync('unzip', ['-p', path, name], { encoding: 'utf8' });
  const text = (xml: string): string =>
    xml
      .replace(/<[^>]+>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', `'`)
      .replaceAll('&#39;', `'`)
      .replaceAll('&amp;', '&');
  const shared = [...part('xl/sharedStrings.xml').matchAll(/<si>(.*?)<\/si>/gs)].map(([, si]) => text(si!));
  const xml = part('xl/worksheets/sheet1.xml');
  const rows = [...xml.matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(([, row]) => {
    const cells: (string | number | null)[] = Array.from({ length: 8 }, () => null);
    for (const [, attributes, value] of row!.matchAll(/<c ([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const column = /r="([A-H])\d+"/.exec(attributes!)![1]!.charCodeAt(0) - 65;
      if (value === undefined) continue;
      cells[column] = attributes!.includes('t="s"') ? shared[Number(text(value))]! : Number(text(value));
    }
    return cells;
  });
  return { rows, formulas: xml.split('<f>').length - 1 };
}

test('the workbook gives every row back, amounts as numbers in yuan and as fen, and has no formula', async () => {
  const sheet = aSheet(40, paid);
  const path = join(temporary(onTestFinished), 'sheet.xlsx');
  writeFileSync(path, await sheetWorkbook(sheet));
  const { rows, formulas } = parsedWorkbook(path);
  const back = rows.slice(1).map(([code, item, detail, date, count, given, yuan, amount]) => [
    code,
    item,
    detail ?? '',
    date ?? '',
    count,
    given === null ? null : Math.round((given as number) * 100), // the column of points
    yuan === null ? null : Math.round((yuan as number) * 100), // of yuan
    amount,
  ]);
  expect(back).toEqual(sheetRows(sheet).map(told));
  expect(formulas).toBe(0);
});

test('an amount as large as any is exact in both', async () => {
  const { body } = aSheet(1);
  const huge = fen(Number.MAX_SAFE_INTEGER);
  const sheet = aSheet(1, { body: { ...body, owedFen: huge } });
  const path = join(temporary(onTestFinished), 'sheet.xlsx');
  writeFileSync(path, await sheetWorkbook(sheet));
  const row = parsedWorkbook(path).rows.find(([code]) => code === 'owed')!;
  expect([row[6], row[7]]).toEqual([90071992547409.91, Number.MAX_SAFE_INTEGER]);
  expect(sheetCsv(sheet)).toContain(',90071992547409.91,9007199254740991\r\n');
});

test.each(['zh', 'bo', 'en'] as const)('the PDF in %s says every amount, and Chinese beside every other language', (language) => {
  const sheet = aSheet(200, paid, language);
  const directory = temporary(onTestFinished);
  const path = join(directory, 'sheet.pdf');
  writeFileSync(path, drawSheet(sheet));
  const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
  const yuan = (amount: number): string =>
    `${amount < 0 ? '-' : ''}${Math.trunc(Math.abs(amount) / 100).toLocaleString('en')}.${String(Math.abs(amount) % 100).padStart(2, '0')}`;
  const { body } = sheet;
  const amounts = [body.grossFen, -body.shareFen, body.owedFen, ...body.adjustments.map((each) => each.fen)].map(yuan);
  for (const amount of amounts) expect(text).toContain(amount);
  for (const day of body.closings)
    expect(text).toMatch(new RegExp(`${day.day}\\s+QJ-01-Z${String(day.number).padStart(6, '0')}\\s+[\\d,.]+\\s+${yuan(day.fen)}\\n`));
  for (const words of ['积分兑换结算单', '县已付款', '县应付店铺', '人民币', '店主（签字）', '琼结县']) expect(text).toContain(words);
  const pages = Number(/Pages:\s+(\d+)/.exec(execFileSync('pdfinfo', [path], { encoding: 'utf8' }))![1]);
  expect(text.split('\f')).toHaveLength(pages + 1);
  expect(text).toMatch(new RegExp(`${pages} ?/ ?${pages}\\n`));
  const sizes = execFileSync('pdfinfo', [path], { encoding: 'utf8' });
  expect(sizes).toContain('(A4)');
  if (language === 'bo') expect(execFileSync('pdffonts', [path], { encoding: 'utf8' })).toContain('NotoSerifTibetan');
});

test('a sheet that the county has not accepted says that it is provisional, and one that it has does not', () => {
  const texts = ([{}, { state: 'sent' }, { state: 'accepted' }, paid] as const).map((change) => {
    const path = join(temporary(onTestFinished), 'sheet.pdf');
    writeFileSync(path, drawSheet(aSheet(1, change)));
    return execFileSync('pdftotext', [path, '-'], { encoding: 'utf8' }).includes('暂定');
  });
  expect(texts).toEqual([true, true, false, false]);
});

test('more adjustments than a page holds go on the next, whole', () => {
  const { body } = aSheet(1);
  const adjustments = Array.from({ length: 200 }, (_, i) => ({
    id: `A-${i}`,
    zh: `第${i}次调整：${'很长的说明'.repeat(8)}`,
    fen: fen(i + 1),
  }));
  const path = join(temporary(onTestFinished), 'sheet.pdf');
  writeFileSync(path, drawSheet(aSheet(1, { body: { ...body, adjustments } })));
  const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
  for (const { id, fen: amount } of adjustments) {
    expect(text).toContain(`${id} `);
    expect(text).toContain((amount / 100).toFixed(2));
  }
});
