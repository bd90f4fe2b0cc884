// What stands where on the slip of a day's end (Z) and on that of the open day (X). Every figure is one of the event's body:
// nothing is added up here. Draws nothing.

import { type Fen, fen, points } from '../../db/model/amounts.ts';
import { denominations } from '../../db/model/event.ts';
import { type FixedFigure, exceptionNames } from '../../db/model/figures.ts';
import { countText, pointsText, yuanText } from '../../db/model/format.ts';
import type { PeriodSlip } from '../../db/model/receipt.ts';
import { spokenRoot } from '../../db/model/spoken-root.ts';
import { localMinute } from '../../db/model/time.ts';
import type { Block } from './layout.ts';
import {
  type DrawOptions,
  bandBlocks,
  bodyStrong,
  codeBlocks,
  copyBlocks,
  gap,
  largeBlocks,
  pair,
  row,
  sectionBlocks,
  shopBlocks,
  signatureBlocks,
  slipHeadBlocks,
  small,
  strong,
  text,
} from './paper-blocks.ts';
import { type PaidWords, type PeriodWords, periodWords, shownAccounts } from './period-text.ts';
import { type ReceiptWords, receiptWords } from './receipt-text.ts';

interface Words {
  readonly receipt: ReceiptWords;
  readonly own: PeriodWords;
}
type Closing = NonNullable<PeriodSlip['closing']>;

/**
 * The rows of a period's slip in its own language, a band above them on a copy, and one on X, which closes nothing. Throws
 * RangeError where the signed text does not fit the paper as a QR.
 */
export function periodBlocks(slip: PeriodSlip, { dots, copy }: DrawOptions): readonly Block[] {
  const { closing } = slip;
  const words: Words = { receipt: receiptWords[slip.language], own: periodWords[slip.language] };
  return [
    gap(8),
    ...copyBlocks(copy, words.receipt),
    ...(closing === null ? bandBlocks(...words.own.notClosed) : []),
    ...shopBlocks(slip),
    ...headBlocks(slip, words),
    ...paidBlocks(slip, words),
    ...redeemedBlocks(slip, words),
    ...recyclingBlocks(slip, words),
    ...operatorBlocks(slip, words),
    ...drawerBlocks(slip, words),
    ...accountBlocks(slip, words),
    ...exceptionBlocks(slip, words),
    ...(closing === null ? [] : [...perpetualBlocks(closing, words), ...checkpointBlocks(closing, words)]),
    ...codeBlocks(slip.qr, dots, closing === null ? words.receipt.scanToCheck : words.own.scanToCheckClosing),
    ...(closing === null ? [] : signatureBlocks([words.own.signature])),
  ];
}

function headBlocks(slip: PeriodSlip, { own }: Words): readonly Block[] {
  const { closing, fromSeq, throughSeq } = slip;
  return [
    ...slipHeadBlocks(closing === null ? own.report : own.closing, closing?.closingNumber ?? null, [
      [own.businessDate, slip.day],
      [closing === null ? own.printedAt : own.closedAt, localMinute(slip.at)],
      [own.operator, slip.operatorName],
      ...(closing === null ? [] : [[own.leave, leaveText(closing, own)] as const]),
      [own.records, `${fromSeq} – ${throughSeq}`],
    ]),
    ...(closing?.isForgotten === true ? bandBlocks(own.forgotten) : []),
  ];
}

function leaveText({ isByOwner, approvalId }: Closing, own: PeriodWords): string {
  if (isByOwner) return own.byOwner;
  return approvalId === null ? own.withoutLeave : own.withLeave;
}

/** Sales, and returns where there are any: the price, and what paid it. A label that names points says the unit of its figure. */
function paidBlocks({ figures, closing }: PeriodSlip, { receipt, own }: Words): readonly Block[] {
  const of = (name: FixedFigure): number => figures[name] ?? 0;
  const rows = (what: 'sale' | 'return', words: PaidWords): readonly Block[] => [
    pair(words.count, countText(of(`${what}.count`))),
    pair(words.total, receipt.yuan(fen(of(`${what}.fen`))), bodyStrong),
    ...(of(`${what}.roundingFen`) === 0 ? [] : [pair(words.rounding, receipt.yuan(fen(of(`${what}.roundingFen`))))]),
    pair(words.worth, receipt.yuan(fen(of(`${what}.worthFen`)))),
    ...(closing === null ? [] : [pair(words.cash, receipt.yuan(fen(of(`${what}.cashFen`))))]),
    pair(words.other, receipt.yuan(fen(of(`${what}.otherFen`)))),
    pair(words.points, pointsText(points(of(`${what}.points`))), bodyStrong),
  ];
  return [
    ...sectionBlocks(own.sales, rows('sale', own.sold)),
    ...sectionBlocks(own.returns, of('return.count') === 0 ? [text(own.none, small)] : rows('return', own.returned)),
  ];
}

/** What the county will owe for: points off prices by their value, and goods priced in points. */
function redeemedBlocks({ figures }: PeriodSlip, { receipt, own }: Words): readonly Block[] {
  const values = namesUnder(figures, 'redeemed');
  const of = (name: FixedFigure): number => figures[name] ?? 0;
  const redeemed = values.flatMap((value) => [
    text(own.onePoint(valueText(Number(value), receipt)), small),
    pair(
      receipt.points(points(figures[`redeemed/${value}/points`] ?? 0)),
      receipt.yuan(fen(figures[`redeemed/${value}/fen`] ?? 0)),
      bodyStrong,
    ),
  ]);
  const hasGoods = of('pointsGoods.points') !== 0 || of('pointsGoods.fen') !== 0 || of('pointsGoods.unpriced') !== 0;
  return [
    ...sectionBlocks(own.redeemed, redeemed.length === 0 ? [text(own.none, small)] : redeemed),
    ...(hasGoods
      ? sectionBlocks(own.pointsGoods, [
          pair(own.pointsGoodsPoints, pointsText(points(of('pointsGoods.points')))),
          pair(own.pointsGoodsFen, receipt.yuan(fen(of('pointsGoods.fen'))), bodyStrong),
          ...(of('pointsGoods.unpriced') === 0 ? [] : [pair(own.unpriced, countText(of('pointsGoods.unpriced')))]),
        ])
      : []),
  ];
}

/** A point may be worth less than a fen; then the yuan have more decimals than money has. */
export function valueText(pointValueFen: number, receipt: Pick<ReceiptWords, 'yuan'>): string {
  if (Number.isInteger(pointValueFen)) return receipt.yuan(fen(pointValueFen));
  return receipt.yuan(fen(0)).replace(yuanText(fen(0)), String(pointValueFen / 100));
}

function recyclingBlocks({ figures, materials, language }: PeriodSlip, { receipt, own }: Words): readonly Block[] {
  const of = (name: FixedFigure): number => figures[name] ?? 0;
  if (of('credit.count') === 0 && of('reversal.count') === 0) return [];
  const names = new Map(materials.map((material) => [material.id, material]));
  return sectionBlocks(own.recycling, [
    pair(own.credits, countText(of('credit.count'))),
    pair(own.creditPoints, pointsText(points(of('credit.points'))), bodyStrong),
    ...(of('reversal.count') === 0
      ? []
      : [pair(own.reversals, countText(of('reversal.count'))), pair(own.reversalPoints, pointsText(points(of('reversal.points'))))]),
    ...namesUnder(figures, 'material').flatMap((id) => {
      const material = names.get(id);
      const figure = (name: string): number => figures[`material/${id}/${name}`] ?? 0;
      const units = material?.measuredBy === 'count' ? own.pieces(figure('units')) : own.kilograms(figure('units'));
      const name = (language === 'bo' ? material?.bo : null) ?? material?.zh ?? id;
      return [
        row(
          [
            { text: name, style: bodyStrong },
            { text: own.timesOf(figure('count')), style: small },
            { text: units, style: small },
          ],
          { text: receipt.points(points(figure('points'))), style: small },
        ),
      ];
    }),
  ]);
}

function operatorBlocks({ figures, operators, closing }: PeriodSlip, { receipt, own }: Words): readonly Block[] {
  const ids = namesUnder(figures, 'operator');
  const names = new Map(operators.map(({ id, name }) => [id, name]));
  const nameOf = (id: string): string => (id === '' ? own.nobody : (names.get(id) ?? id));
  return sectionBlocks(
    own.byOperator,
    ids.length === 0
      ? [text(own.none, small)]
      : ids.flatMap((id) => {
          const figure = (name: string): number => figures[`operator/${id}/${name}`] ?? 0;
          const line = (label: string, count: number, sum: string): readonly Block[] =>
            count === 0 ? [] : [row([{ text: `${label} ${own.timesOf(count)}`, style: small }], { text: sum, style: small })];
          return [
            text(nameOf(id), bodyStrong),
            ...line(own.sales, figure('saleCount'), receipt.yuan(fen(figure('saleFen')))),
            ...(figure('salePoints') === 0 ? [] : [pair(own.pointsTaken, pointsText(points(figure('salePoints'))), small)]),
            ...line(own.returns, figure('returnCount'), receipt.yuan(fen(figure('returnFen')))),
            ...(closing === null || figure('cashFen') === 0 ? [] : [pair(own.cashNet, receipt.yuan(fen(figure('cashFen'))), small)]),
            ...line(own.recycling, figure('creditCount'), receipt.points(points(figure('creditPoints')))),
          ];
        }),
  );
}

/**
 * How the drawer came to what it should hold, and what was counted in it. X lies on the counter while the day is open: it says
 * nothing of what a person must count first.
 */
function drawerBlocks({ figures, accounts, closing }: PeriodSlip, { receipt, own }: Words): readonly Block[] {
  if (closing === null) return sectionBlocks(own.drawer, [text(own.notTold, small)]);
  const drawer = accounts['cash/drawer/CNY'] ?? { opening: 0, closing: 0 };
  // a closing's own difference is told below its count
  const handedOver = (figures['drawer.overShortFen'] ?? 0) - closing.drawer.differenceFen;
  const moved = (
    [
      [own.float, figures['drawer.floatFen'] ?? 0],
      [own.drawerSales, figures['drawer.saleFen'] ?? 0],
      [own.drawerReturns, figures['drawer.returnFen'] ?? 0],
      [own.cashIn, figures['drawer.inFen'] ?? 0],
      [own.cashOut, figures['drawer.outFen'] ?? 0],
      [own.handOvers, handedOver],
    ] as const
  ).flatMap(([label, amount]) => (amount === 0 ? [] : [pair(label, receipt.yuan(fen(amount)))]));
  return sectionBlocks(own.drawer, [
    pair(own.drawerOpening, receipt.yuan(fen(drawer.opening))),
    ...moved,
    pair(own.expected, receipt.yuan(closing.drawer.expectedFen), strong),
    ...countedBlocks(closing, { receipt, own }),
  ]);
}

function countedBlocks({ drawer }: Closing, { receipt, own }: Words): readonly Block[] {
  const { counts, countedFen, differenceFen, reason, recountsFen } = drawer;
  const notes = denominations.flatMap((value, i) => {
    const count = counts[i] ?? 0;
    return count === 0 ? [] : [pair(own.notes(value, count), receipt.yuan(fen(value * count)), small)];
  });
  const [label, amount] = differenceFen >= 0 ? [own.over, differenceFen] : [own.short, -differenceFen];
  return [
    ...notes,
    pair(own.counted, receipt.yuan(countedFen), strong),
    ...(differenceFen === 0 ? [text(own.exact, bodyStrong)] : [gap(4), ...largeBlocks(label, receipt.yuan(fen(amount)))]),
    ...(reason === null ? [] : [pair(own.reason, own.reasons[reason])]),
    ...(recountsFen.length === 0 ? [] : [text(recountsText(recountsFen, own), bodyStrong)]),
  ];
}

/** Earlier counts of one slip; a person who counted more often shows enough by these. */
const recountsMax = 10;

/** How often it was counted, and what each count before the last was over or short by. */
function recountsText(recountsFen: readonly Fen[], own: PeriodWords): string {
  const newest = recountsFen.slice(-recountsMax);
  const amounts = newest.map((each) => `${each > 0 ? '+' : ''}${yuanText(each)}`).join(own.listComma);
  return own.recounted(recountsFen.length + 1, newest.length < recountsFen.length ? `…${amounts}` : amounts);
}

function accountBlocks({ accounts, closing: ended }: PeriodSlip, { receipt, own }: Words): readonly Block[] {
  return sectionBlocks(
    own.accounts,
    shownAccounts.flatMap((name) => {
      if (ended === null && name === 'cash/drawer/CNY') return [];
      const { opening, closing } = accounts[name] ?? { opening: 0, closing: 0 };
      const amount = (value: number): string => (name === 'red/PTS' ? receipt.points(points(value)) : receipt.yuan(fen(value)));
      return [text(own.accountNames[name], small), pair(amount(opening), `→\u00a0${amount(closing)}`, small)];
    }),
  );
}

function exceptionBlocks({ figures }: PeriodSlip, { own }: Words): readonly Block[] {
  const happened = exceptionNames.flatMap((name) => {
    const count = figures[`exception/${name}`] ?? 0;
    return count === 0 ? [] : [pair(own.exceptionNames[name], countText(count))];
  });
  return sectionBlocks(own.exceptions, happened.length === 0 ? [text(own.none, bodyStrong)] : happened);
}

/** Counts and sums that no closing resets (reconciliation.md C1, France); those that were never moved are left out. */
function perpetualBlocks({ perpetual }: Closing, { own }: Words): readonly Block[] {
  const labels: readonly (readonly [FixedFigure, string])[] = [
    ['sale.count', own.sold.count],
    ['sale.fen', own.sold.total],
    ['sale.roundingFen', own.sold.rounding],
    ['sale.worthFen', own.sold.worth],
    ['sale.cashFen', own.sold.cash],
    ['sale.otherFen', own.sold.other],
    ['sale.points', own.sold.points],
    ['return.count', own.returned.count],
    ['return.fen', own.returned.total],
    ['return.roundingFen', own.returned.rounding],
    ['return.worthFen', own.returned.worth],
    ['return.cashFen', own.returned.cash],
    ['return.otherFen', own.returned.other],
    ['return.points', own.returned.points],
    ['pointsGoods.points', own.pointsGoodsPoints],
    ['pointsGoods.fen', own.pointsGoodsFen],
    ['pointsGoods.unpriced', own.unpriced],
    ['credit.count', own.credits],
    ['credit.points', own.creditPoints],
    ['reversal.count', own.reversals],
    ['reversal.points', own.reversalPoints],
  ];
  const figureText = (name: FixedFigure, value: number): string => {
    if (name.endsWith('Fen') || name.endsWith('.fen')) return yuanText(fen(value));
    return name.endsWith('.points') ? pointsText(points(value)) : countText(value);
  };
  return sectionBlocks(
    own.perpetual,
    labels.flatMap(([name, label]) => {
      const value = perpetual[name] ?? 0;
      return value === 0 && !name.startsWith('sale.') ? [] : [pair(label, figureText(name, value), small)];
    }),
  );
}

function checkpointBlocks({ checkpoint }: Closing, { own }: Words): readonly Block[] {
  return sectionBlocks(own.checkpointCode, [
    { kind: 'fitted', text: spokenRoot(checkpoint.root), styles: [strong, bodyStrong] },
    pair(own.checkpoint, countText(checkpoint.size), small),
  ]);
}

/** The middle of names like `material/pet/units`, each once, in the order of the figures. */
function namesUnder(figures: PeriodSlip['figures'], set: 'redeemed' | 'material' | 'operator'): readonly string[] {
  const names = Object.keys(figures).flatMap((name) => {
    const parts = name.split('/');
    return parts[0] === set && parts.length >= 3 ? [parts.slice(1, -1).join('/')] : [];
  });
  return [...new Set(names)];
}
