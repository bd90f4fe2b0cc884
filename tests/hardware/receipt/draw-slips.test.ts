// What the slips of returns, days and settlements show: every figure of the event's body, what a person looks for first, the same
// dots each time, and codes that read back.

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { periodSamples, returnSamples, settlementSamples } from '../../../build/slip-samples.ts';
import { fen, points } from '../../../db/model/amounts.ts';
import { spokenRoot } from '../../../db/model/spoken-root.ts';
import { type Language, languages } from '../../../db/model/catalogue.ts';
import { exceptionNames } from '../../../db/model/figures.ts';
import { countText, kilogramsText, pointsText, yuanText } from '../../../db/model/format.ts';
import { differenceReasons, returnReasons } from '../../../db/model/reasons.ts';
import type { PeriodSlip, Raster } from '../../../db/model/receipt.ts';
import { drawPeriod, drawReturn, drawSettlement } from '../../../hardware/printer/draw-receipt.ts';
import { missingCharacters } from '../../../hardware/printer/fonts.ts';
import type { DrawOptions } from '../../../hardware/printer/paper-blocks.ts';
import { periodBlocks } from '../../../hardware/printer/period-blocks.ts';
import { periodWords } from '../../../hardware/printer/period-text.ts';
import { returnBlocks } from '../../../hardware/printer/return-blocks.ts';
import { returnWords } from '../../../hardware/printer/return-text.ts';
import { settlementBlocks } from '../../../hardware/printer/settlement-blocks.ts';
import { settlementWords } from '../../../hardware/printer/settlement-text.ts';
import { rowsOf, scan } from '../../support/paper.ts';

const options: DrawOptions = { dots: 384, copy: 0 };
const widths = [384, 576] as const;
const everywhere = widths.flatMap((dots) => languages.map((language) => [dots, language] as const));

/** Each slip with how it is drawn, its code, and where that stands: signature lines follow a code. */
function slips(
  language: Language,
): readonly { readonly name: string; readonly qr: string; readonly draw: (options: DrawOptions) => Raster }[] {
  return [
    ...Object.entries(returnSamples).map(([name, sample]) => {
      const slip = sample(language);
      return { name: `return ${name}`, qr: slip.qr, draw: (how: DrawOptions) => drawReturn(slip, how) };
    }),
    ...Object.entries(periodSamples).map(([name, sample]) => {
      const slip: PeriodSlip = sample(language);
      return { name: `period ${name}`, qr: slip.qr, draw: (how: DrawOptions) => drawPeriod(slip, how) };
    }),
    ...Object.entries(settlementSamples).map(([name, sample]) => {
      const slip = sample(language);
      return { name: `settlement ${name}`, qr: slip.qr, draw: (how: DrawOptions) => drawSettlement(slip, how) };
    }),
  ];
}

function hashOf({ bits }: Raster): string {
  return createHash('sha256').update(bits).digest('hex');
}

describe.each(everywhere)('on %i dots in %s', (dots, language) => {
  test('every slip is the same dots each time, and a copy is those under a band', () => {
    for (const { draw } of slips(language)) {
      const [first, again, copy] = [draw({ dots, copy: 0 }), draw({ dots, copy: 0 }), draw({ dots, copy: 1 })];
      expect(hashOf(again)).toBe(hashOf(first));
      const rowBytes = dots / 8;
      const [band, top] = [copy.height - first.height, 8 * rowBytes]; // the white above the band
      expect(band).toBeGreaterThan(50);
      expect(Buffer.from(copy.bits.subarray(band * rowBytes + top)).equals(first.bits.subarray(top))).toBe(true);
    }
  });

  test('every slip has a code that reads back', () => {
    for (const { name, qr, draw } of slips(language)) {
      const drawn = draw({ dots, copy: 0 });
      expect([name, scanAnywhere(drawn)]).toEqual([name, qr]);
    }
  });
});

/** What a phone reads that is moved up from the paper's end, where people sign. */
function scanAnywhere({ width, height, bits }: Raster): string | undefined {
  for (let above = 0; above <= 480; above += 40) {
    const read = scan({ width, height: height - above, bits: bits.subarray(0, (height - above) * (width / 8)) });
    if (read !== undefined) return read;
  }
  return undefined;
}

describe.each(languages)('in %s', (language) => {
  const text = (rows: readonly string[]): string => rows.join('\n').replaceAll('-¥', '-'); // as English writes it

  test('a return names the old receipt and its day, and tells what went back and what is usable now', () => {
    const slip = returnSamples.part(language);
    const own = returnWords[language];
    const said = text(rowsOf(returnBlocks(slip, options)));
    for (const each of [
      slip.returnNumber,
      slip.saleReceiptNumber,
      slip.saleDay,
      slip.approverName,
      slip.operatorName,
      own.reasons.wrong_amount,
      '9.90',
      '6.20',
      '3.70',
      `${own.before} | 125`,
      `${own.backNow} | 62`,
      ' | 187',
    ])
      expect(said).toContain(each);
    const cash = text(rowsOf(returnBlocks(returnSamples.cash(language), options)));
    expect([cash.includes(own.cashBack), cash.includes(own.pointsBack), cash.includes('-0.10')]).toEqual([true, false, true]);
    const inPoints = text(rowsOf(returnBlocks(returnSamples.points(language), options)));
    expect([inPoints.includes(own.cashBack), inPoints.includes(own.pointsBack)]).toEqual([false, true]);
  });

  test('a closing shows every figure of its day', () => {
    const slip = periodSamples.big(language);
    const own = periodWords[language];
    const rows = rowsOf(periodBlocks(slip, options));
    const said = text(rows);
    const shown = Object.entries(slip.figures).filter(
      ([name, amount]) => amount !== 0 && !name.startsWith('kind/') && !name.startsWith('account/') && name !== 'drawer.overShortFen',
    );
    for (const [name, amount] of shown) expect([name, said.includes(figureText(name, amount))]).toEqual([name, true]);
    expect(rows).toContain(
      `${own.handOvers} | ${yuan(language, slip.figures['drawer.overShortFen']! - slip.closing.drawer.differenceFen)}`,
    );
    for (const name of exceptionNames.filter((each) => slip.figures[`exception/${each}`] !== undefined))
      expect(rows).toContain(`${own.exceptionNames[name]} | ${slip.figures[`exception/${name}`]}`);
    for (const [name, { opening, closing }] of Object.entries(slip.accounts)) {
      expect([name, said.includes(accountText(name, opening)), said.includes(accountText(name, closing))]).toEqual([name, true, true]);
    }
    for (const [name, amount] of Object.entries(slip.closing.perpetual)) {
      if (amount !== 0 && /^(sale|return|credit|reversal|pointsGoods)\./.test(name))
        expect([name, rows.some((row) => row.endsWith(` | ${figureText(name, amount)}`))]).toEqual([name, true]);
    }
    for (const each of [
      slip.closing.closingNumber,
      slip.day,
      '2026-11-21 20:05',
      '17891 – 18453',
      own.withLeave,
      '18,452',
      own.short,
      own.reasons.miscount,
    ])
      expect(said).toContain(each);
    expect(rows).toContain(spokenRoot(slip.closing.checkpoint.root));
  });

  test('a quiet day says that there were no exceptions, and that the drawer was exact', () => {
    const rows = rowsOf(periodBlocks(periodSamples.small(language), options));
    const own = periodWords[language];
    expect(rows.slice(rows.indexOf(own.exceptions))[1]).toBe(own.none);
    expect(rows).toEqual(expect.arrayContaining([own.exact, `${own.leave} | ${own.byOwner}`]));
  });

  test('a forgotten day says so, and that nobody gave leave', () => {
    const rows = rowsOf(periodBlocks(periodSamples.forgotten(language), options));
    const own = periodWords[language];
    expect(rows).toEqual(expect.arrayContaining([own.forgotten, `${own.leave} | ${own.withoutLeave}`, own.over]));
    expect(rows).toContain(`${own.closedAt} | 2026-11-22 08:40`);
  });

  test('X says that the day is not closed, and has no number, count or checkpoint', () => {
    const rows = rowsOf(periodBlocks(periodSamples.report(language), options));
    const own = periodWords[language];
    expect(rows.slice(0, own.notClosed.length)).toEqual(own.notClosed);
    expect(rows.some((row) => row.includes('Z0000') || row.includes(own.checkpointCode) || row.includes(own.counted))).toBe(false);
  });

  test('a settlement says whose word counts, and shows how what is owed came about', () => {
    const slip = settlementSamples.month(language);
    const own = settlementWords[language];
    const rows = rowsOf(settlementBlocks(slip, options));
    const said = text(rows);
    expect(rows.slice(0, own.byAnswer.length)).toEqual(own.byAnswer);
    for (const each of [
      slip.settlementNumber,
      '2026-11-01 – 2026-11-30',
      '9 – 12',
      '45,385',
      '4,538.50',
      '0.125',
      '250.00',
      '380.00',
      '5,168.50',
      '5%',
      '258.43',
      '-12.00',
      '3.50',
      '4,901.57',
      '81,205.5',
      '612,400.50',
      ...own.signatures,
    ])
      expect(said).toContain(each);
    const negative = text(rowsOf(settlementBlocks(settlementSamples.negative(language), options)));
    expect([negative.includes(own.owedToCounty), negative.includes('-20.00'), negative.includes(own.owed)]).toEqual([true, true, false]);
  });

  test('no word needs a character that no font holds', () => {
    const words = [periodWords[language], returnWords[language], settlementWords[language]];
    expect(missingCharacters(JSON.stringify(words).replaceAll(/[\\"]/g, ''))).toEqual([]);
    expect(Object.keys(returnWords[language].reasons)).toEqual(returnReasons);
    expect(Object.keys(periodWords[language].reasons)).toEqual(differenceReasons);
  });
});

test('a root is read aloud as twelve digits', () => {
  expect(spokenRoot('AAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')).toBe('0000 0000 0001');
  expect(spokenRoot('__________8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')).toBe('0737 0955 1615');
});

function figureText(name: string, amount: number): string {
  if (name.endsWith('/units')) return name.includes('battery') ? countText(amount) : kilogramsText(amount);
  if (/fen$/i.test(name)) return yuanText(fen(amount));
  return /points$/i.test(name) ? pointsText(points(amount)) : countText(amount);
}

function accountText(name: string, amount: number): string {
  return name.endsWith('/PTS') ? pointsText(points(amount)) : yuanText(fen(amount));
}

function yuan(language: Language, amount: number): string {
  const text = yuanText(fen(amount));
  if (language === 'zh') return `${text} 元`;
  return language === 'bo' ? `སྒོར་ ${text}` : `¥${text}`.replace('¥-', '-¥');
}
