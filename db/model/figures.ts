// What a period is summed up by. One function says what one event adds to which figure; a figure is the sum over the events of the
// period, and the events behind a figure are those that add to it. Reads no table and knows no paper.

import type { AccountFigures, BookEvent, CountedDrawer, CreditBody, Figures, ReturnBody, SaleBody, ShiftOpenBody } from './event.ts';
import type { Posting } from './postings.ts';
import { never } from './result.ts';

/** One event with its postings as the book has them: those of a county file are not in the event. */
export interface Happened {
  readonly event: BookEvent;
  readonly postings: readonly Posting[];
}

/** What an event names but does not hold: the lines of a credit that was taken back. */
export type LinesOfCredit = (creditId: string) => CreditBody['lines'];

/** A figure's name and what is added to it; never 0. */
export type Contribution = readonly [name: string, amount: number];

/**
 * What one event adds to the figures of its period. Amounts are counts, fen, points (hundredths), grams or pieces, as the end of
 * the name says. Names of open sets hold a `/`: `operator/OP1/saleFen`, `material/pet/units`, `redeemed/10/points` (the number is
 * fen a point), `account/cash/drawer/CNY`, `kind/SALE`, `exception/noSale`.
 */
export function contributions({ event, postings }: Happened, linesOfCredit: LinesOfCredit): readonly Contribution[] {
  const all: readonly Contribution[] = [
    [`kind/${event.kind}`, 1],
    ...own(event, linesOfCredit),
    ...exceptions(event),
    ...postings.map(({ account, commodity, amount }): Contribution => [`account/${account}/${commodity}`, amount]),
    ...drawerOf(event, postings),
  ];
  return all.filter(([, amount]) => amount !== 0);
}

/** Figures that are always told, also where they are 0. */
export const fixedFigures = [
  'sale.count',
  'sale.fen',
  'sale.points',
  'sale.worthFen',
  'sale.cashFen',
  'sale.otherFen',
  'sale.roundingFen',
  'return.count',
  'return.fen',
  'return.points',
  'return.worthFen',
  'return.cashFen',
  'return.otherFen',
  'return.roundingFen',
  'credit.count',
  'credit.points',
  'reversal.count',
  'reversal.points',
  'pointsGoods.points',
  'pointsGoods.fen',
  'pointsGoods.unpriced',
  'drawer.floatFen',
  'drawer.saleFen',
  'drawer.returnFen',
  'drawer.inFen',
  'drawer.outFen',
  'drawer.overShortFen',
] as const;
export type FixedFigure = (typeof fixedFigures)[number];

/** Of those, what is added up since the book began and never reset (reconciliation.md C1, perpetual total). */
export const perpetualFigures: readonly FixedFigure[] = fixedFigures.filter((name) => !name.startsWith('drawer.'));

/**
 * Whether a figure says what the drawer should hold, or would with what everybody at the till knows: cash, and the accounts of
 * money, which sum to zero with it. Of an open day that is its owner's to know; a person counts before.
 */
export function tellsDrawer(figure: string): boolean {
  return figure.startsWith('drawer.') || figure.startsWith('account/cash/') || /cashFen$/i.test(figure);
}

/** Sums a period as its events come. */
export interface FigureSums {
  add(happened: Happened): void;
  /** Fixed figures always, others where they are not 0; names in code order. */
  figures(): Figures;
}

export function newFigures(linesOfCredit: LinesOfCredit): FigureSums {
  const sums = new Map<string, number>(fixedFigures.map((name) => [name, 0]));
  return {
    add(happened) {
      for (const [name, amount] of contributions(happened, linesOfCredit)) sums.set(name, (sums.get(name) ?? 0) + amount);
    },
    figures() {
      const told = [...sums].filter(([name, amount]) => amount !== 0 || isFixed(name));
      return Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

/** What the figures make of the accounts: opening as the closing before left them, closing = opening + what moved. */
export function accountsAfter(before: AccountFigures, figures: Figures): AccountFigures {
  const moved = new Map(
    Object.entries(figures).flatMap(([name, amount]) => (name.startsWith('account/') ? [[name.slice('account/'.length), amount]] : [])),
  );
  const names = [...new Set([...Object.keys(before), ...moved.keys()])].toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const opening = before[name]?.closing ?? 0;
      return [name, { opening, closing: opening + (moved.get(name) ?? 0) }];
    }),
  );
}

/** Perpetual totals with this period added. */
export function perpetualAfter(before: Figures, figures: Figures): Figures {
  return Object.fromEntries(perpetualFigures.map((name) => [name, (before[name] ?? 0) + (figures[name] ?? 0)]));
}

/** Fen a whole point was worth in a sale; null where none of its points took anything off the price. Exact: the scheme's step sees to it. */
export function pointValueOf({ redemption, lines }: SaleBody, used: number): number | null {
  const discount = used - lines.reduce((sum, line) => sum + (line.pricedIn === 'points' ? line.points : 0), 0);
  return redemption === null || discount === 0 ? null : (redemption.worthFen * 100) / discount;
}

function isFixed(name: string): boolean {
  return (fixedFigures as readonly string[]).includes(name);
}

function own(event: BookEvent, linesOfCredit: LinesOfCredit): readonly Contribution[] {
  switch (event.kind) {
    case 'SALE':
      return ofSale(event.body, event.amt, event.op);
    case 'RETURNED':
      return ofReturn(event.body, event.amt, event.op);
    case 'CREDIT':
      return [
        ['credit.count', 1],
        ['credit.points', event.amt],
        ...ofOperator(event.op, { creditCount: 1, creditPoints: event.amt }),
        ...ofMaterials(event.body.lines, 1),
      ];
    case 'CREDIT_REVERSED':
      return [['reversal.count', 1], ['reversal.points', event.amt], ...ofMaterials(linesOfCredit(event.body.creditId), -1)];
    default:
      return [];
  }
}

function ofSale(body: SaleBody, used: number, op: string | null): readonly Contribution[] {
  const pointsLines = body.lines.filter((line) => line.pricedIn === 'points');
  const required = sum(pointsLines.map((line) => line.points));
  const value = pointValueOf(body, used);
  return [
    ['sale.count', 1],
    ['sale.fen', body.totalFen],
    ['sale.points', used],
    ['sale.worthFen', body.redemption?.worthFen ?? 0],
    ...ofPayments('sale', body.payments),
    ['sale.roundingFen', body.roundingFen],
    ...(value === null ? [] : ofRedeemed(value, used - required, body.redemption?.worthFen ?? 0)),
    ['pointsGoods.points', required],
    ['pointsGoods.fen', sum(pointsLines.map((line) => line.settlementFen ?? 0))],
    ['pointsGoods.unpriced', sum(pointsLines.map((line) => (line.settlementFen === undefined ? line.quantity : 0)))],
    ...ofOperator(op, { saleCount: 1, saleFen: body.totalFen, salePoints: used, cashFen: cashOf(body.payments) }),
  ];
}

function ofReturn(body: ReturnBody, given: number, op: string | null): readonly Contribution[] {
  const { redemption } = body;
  const value = redemption?.pointValueFen ?? null;
  return [
    ['return.count', 1],
    ['return.fen', body.totalFen],
    ['return.points', given],
    ['return.worthFen', redemption?.worthFen ?? 0],
    ...ofPayments('return', body.payments),
    ['return.roundingFen', body.roundingFen],
    ...(redemption === null || value === null ? [] : ofRedeemed(value, -redemption.discount, -redemption.worthFen)),
    ['pointsGoods.points', -sum(body.lines.map((line) => line.points))],
    ['pointsGoods.fen', -sum(body.lines.map((line) => line.settlementFen))],
    ['pointsGoods.unpriced', -sum(body.lines.map((line) => (line.points > 0 && line.settlementFen === 0 ? line.quantity : 0)))],
    ...ofOperator(op, { returnCount: 1, returnFen: body.totalFen, cashFen: -cashOf(body.payments) }),
  ];
}

function ofRedeemed(pointValueFen: number, used: number, worthFen: number): readonly Contribution[] {
  return [
    [`redeemed/${pointValueFen}/points`, used],
    [`redeemed/${pointValueFen}/fen`, worthFen],
  ];
}

function ofPayments(what: 'sale' | 'return', payments: ReturnBody['payments']): readonly Contribution[] {
  return payments.map(({ kind, fen }) => [`${what}.${kind}Fen`, fen]);
}

function cashOf(payments: ReturnBody['payments']): number {
  return sum(payments.map(({ kind, fen }) => (kind === 'cash' ? fen : 0)));
}

function ofOperator(op: string | null, amounts: { readonly [name: string]: number }): readonly Contribution[] {
  return Object.entries(amounts).map(([name, amount]) => [`operator/${op ?? ''}/${name}`, amount]);
}

function ofMaterials(lines: CreditBody['lines'], sign: 1 | -1): readonly Contribution[] {
  return lines.flatMap(({ materialId, units, points }): Contribution[] => [
    [`material/${materialId}/count`, sign],
    [`material/${materialId}/units`, sign * units],
    [`material/${materialId}/points`, sign * points],
  ]);
}

/** Everything that moves the drawer, by why: together they are its closing less its opening. */
function drawerOf(event: BookEvent, postings: readonly Posting[]): readonly Contribution[] {
  const moved = sum(postings.map(({ account, amount }) => (account === 'cash/drawer' ? amount : 0)));
  switch (event.kind) {
    case 'SHIFT_OPEN':
      return [[isOverShort(event.body) ? 'drawer.overShortFen' : 'drawer.floatFen', moved]];
    case 'SALE':
      return [['drawer.saleFen', moved]];
    case 'RETURNED':
      return [['drawer.returnFen', moved]];
    case 'CASH_MOVED':
      return [[event.body.direction === 'in' ? 'drawer.inFen' : 'drawer.outFen', moved]];
    case 'SHIFT_CLOSED':
    case 'DAY_CLOSED':
      return [['drawer.overShortFen', moved]];
    default:
      return [];
  }
}

function isOverShort({ reason }: ShiftOpenBody): boolean {
  return reason !== undefined && reason !== null;
}

/** What an owner and a committee look at first: how often, not how much. */
export const exceptionNames = [
  'return',
  'reversal',
  'dispute',
  'reprint',
  'noSale',
  'cashOut',
  'lineRemoved',
  'bagRemoved',
  'pinRefused',
  'approval',
  'selfApproval',
  'refused',
  'restart',
  'clockStep',
  'dateConfirmed',
  'recount',
  'idleLock',
  'restored',
] as const;
export type ExceptionName = (typeof exceptionNames)[number];

function exceptions(event: BookEvent): readonly Contribution[] {
  const once = (...names: readonly ExceptionName[]): readonly Contribution[] => names.map((name) => [`exception/${name}`, 1]);
  const recounts = ({ recountsFen }: CountedDrawer): readonly Contribution[] => [['exception/recount', recountsFen.length]];
  switch (event.kind) {
    case 'RETURNED':
      return once('return');
    case 'CREDIT_REVERSED':
      return once('reversal');
    case 'CREDIT_DISPUTED':
      return once('dispute');
    case 'REPRINTED':
      return once('reprint');
    case 'NO_SALE':
      return once('noSale');
    case 'CASH_MOVED':
      return event.body.direction === 'out' ? once('cashOut') : [];
    case 'LINE_REMOVED':
      return once('lineRemoved');
    case 'BAG_REMOVED':
      return once('bagRemoved');
    case 'PIN_REFUSED':
      return once('pinRefused');
    case 'APPROVED':
      return event.body.isSelf ? once('approval', 'selfApproval') : once('approval');
    case 'REFUSED':
      return once('refused');
    case 'START':
      return once('restart');
    case 'CLOCK_STEP':
      return once('clockStep');
    case 'SHIFT_OPEN':
      return [...(event.body.isDateConfirmed ? once('dateConfirmed') : []), ...(isTakenOut(event.body) ? once('cashOut') : [])];
    case 'SHIFT_CLOSED':
    case 'DAY_CLOSED':
      return recounts(event.body.drawer);
    case 'OPERATOR_OUT':
      return event.body.cause === 'idle' ? once('idleLock') : [];
    case 'RESTORED':
      return once('restored');
    case 'SALE':
    case 'CREDIT':
    case 'DOWN_APPLIED':
    case 'OPERATOR_IN':
    case 'DRAWER_OPENED':
    case 'SCALE_SET':
    case 'SCALE_CHECKED':
    case 'HANDED_OVER':
    case 'DRAWER_COUNTED':
    case 'REPORT_PRINTED':
    case 'SETTLED':
    case 'VERIFIED':
    case 'BACKED_UP':
    case 'RIGHTS_RETURNED':
    case 'VOUCHER_IN':
    case 'KEY_ROTATED':
    case 'NOTICE_TAKEN':
      return [];
    default:
      return never(event);
  }
}

/** The owner's cash left the drawer. */
function isTakenOut(body: ShiftOpenBody): boolean {
  return !isOverShort(body) && body.floatFen < body.drawerBeforeFen;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
