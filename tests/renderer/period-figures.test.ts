// The figures of a period in their sections: none is left out, each has its words in every language, and its unit.

import { describe, expect, test } from 'vitest';
import { languages } from '../../db/model/catalogue.ts';
import { exceptionNames, fixedFigures } from '../../db/model/figures.ts';
import { closingCases } from '../../renderer/gallery-closing.ts';
import { galleryCases } from '../../renderer/gallery-cases.ts';
import { makeTexts } from '../../renderer/languages/languages.ts';
import { figureLabel } from '../../renderer/screens/figure-label.ts';
import { exceptionFigure, sectionsOf, unitOf } from '../../renderer/screens/period-figures.ts';
import type { PeriodView } from '../../electron/ipc/day-views.ts';

const till = galleryCases['till-empty']!.snapshot!;
const periodOf = closingCases(till)['period']!.answers!['period'] as (args: { readonly number: number | null }) => PeriodView;

test.each([null, 42])('every figure of a period stands in one section, once (closing %s)', (number) => {
  const view = periodOf({ number });
  const told = Object.values(sectionsOf(view)).flatMap((rows) =>
    rows.flatMap((row) => (row.kind === 'figure' ? [row.name] : row.kind === 'account' && row.figure !== null ? [row.figure.name] : [])),
  );
  expect(told.toSorted()).toEqual(Object.keys(view.figures).toSorted());
});

test('a figure of 0 that is always told stands there too, an exception that did not happen does not', () => {
  const view = { ...periodOf({ number: null }), figures: {}, accounts: {} };
  const told = Object.values(sectionsOf(view)).flatMap((rows) => rows.flatMap((row) => (row.kind === 'figure' ? [row.name] : [])));
  expect(told.toSorted()).toEqual([...fixedFigures].toSorted());
});

test('the drawer leads from what was in it to what is, by the figures between', () => {
  const rows = sectionsOf(periodOf({ number: null })).drawer;
  const [opening, ...moves] = rows.map((row) => ('amount' in row ? row.amount : 0));
  const closing = moves.pop();
  expect(opening! + moves.reduce((sum, amount) => sum + amount, 0)).toBe(closing);
});

describe.each(languages)('in %s', (language) => {
  const t = makeTexts(language).getFixedT(language, 'period');

  test('every fixed figure and every exception has words of its own', () => {
    const names = [...fixedFigures, ...exceptionNames.map(exceptionFigure)];
    const labels = names.map((name) => figureLabel(t, name));
    expect(labels.filter((label, i) => label === names[i] || label === '')).toEqual([]);
    const sections = Map.groupBy(names, (name) => name.split(/[./]/)[0]);
    const doubled = [...sections.values()].flatMap((own) => {
      const words = own.map((name) => figureLabel(t, name));
      return words.filter((label, i) => words.indexOf(label) !== i);
    });
    expect(doubled).toEqual([]);
  });

  test('what happened in the gallery’s day has words, and what no program knows keeps its name', () => {
    const names = Object.keys(periodOf({ number: null }).figures);
    expect(names.filter((name) => figureLabel(t, name) === name)).toEqual([]);
    expect(['exception/flood', 'kind/FLOOD', 'flood.count'].map((name) => figureLabel(t, name))).toEqual([
      'exception/flood',
      'FLOOD',
      'flood.count',
    ]);
  });
});

test('a figure is counted in what the end of its name says', () => {
  const { names } = periodOf({ number: null });
  const figures = [
    'sale.count',
    'sale.fen',
    'sale.worthFen',
    'return.points',
    'pointsGoods.unpriced',
    'redeemed/10/fen',
    'material/plastic-bottle/units',
    'material/battery/units',
    'operator/o1/salePoints',
    'account/cash/drawer/CNY',
    'account/red/PTS',
    'exception/noSale',
    'kind/SALE',
  ];
  expect(figures.map((name) => unitOf(name, names))).toEqual([
    'count',
    'fen',
    'fen',
    'points',
    'count',
    'fen',
    'grams',
    'pieces',
    'points',
    'fen',
    'points',
    'count',
    'count',
  ]);
});
