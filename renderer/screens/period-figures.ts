// The figures of a period in the order a person looks for them, each with what it counts in. Adds nothing up and leaves no figure
// out: what has no place of its own stands at the end under its name.

import {
  type ExceptionName,
  type FixedFigure,
  exceptionNames,
  fixedFigures,
  perpetualFigures,
  tellsDrawer,
} from '../../db/model/figures.ts';
import type { PeriodView } from '../../electron/ipc/day-views.ts';

/** What an amount is in. Grams and pieces are of a material. */
export type FigureUnit = 'count' | 'fen' | 'points' | 'grams' | 'pieces';

export const sectionNames = [
  'sales',
  'returns',
  'points',
  'recycling',
  'operators',
  'drawer',
  'exceptions',
  'accounts',
  'kinds',
  'perpetual',
  'proof',
] as const;
export type SectionName = (typeof sectionNames)[number];

export type FigureRow =
  /** One figure of the period: what is behind it can be asked for. */
  | { readonly kind: 'figure'; readonly name: string; readonly amount: number; readonly unit: FigureUnit }
  /** Whose the figures below it are. */
  | { readonly kind: 'operator'; readonly id: string }
  | { readonly kind: 'material'; readonly id: string }
  | { readonly kind: 'pointValue'; readonly fen: number }
  /** The drawer before and after: the rows between lead from one to the other. */
  | { readonly kind: 'drawer'; readonly end: 'opening' | 'closing'; readonly amount: number }
  /** What moved is `figure`, null where nothing did. */
  | {
      readonly kind: 'account';
      readonly account: string;
      readonly unit: FigureUnit;
      readonly opening: number;
      readonly closing: number;
      readonly figure: { readonly name: string; readonly amount: number } | null;
    }
  /** Since the book began: the events behind it are those of many closings. */
  | { readonly kind: 'perpetual'; readonly name: FixedFigure; readonly amount: number; readonly unit: FigureUnit };

/** Every figure of the period in its section, `proof` excepted, which has none. Exceptions and kinds that did not happen are left out. */
export function sectionsOf({ figures, accounts, names, closing, isDrawerTold }: PeriodView): {
  readonly [name in SectionName]: readonly FigureRow[];
} {
  const row = (name: string): FigureRow => ({ kind: 'figure', name, amount: figures[name] ?? 0, unit: unitOf(name, names) });
  const fixed = (...starts: readonly string[]): readonly FigureRow[] =>
    fixedFigures.filter((name) => starts.some((start) => name.startsWith(start)) && (isDrawerTold || !tellsDrawer(name))).map(row);
  const open = (start: string): readonly string[] => Object.keys(figures).filter((name) => name.startsWith(start));
  const grouped = (start: string, heading: (id: string) => FigureRow): readonly FigureRow[] => {
    const ids = [...new Set(open(start).map((name) => name.split('/')[1] ?? ''))];
    return ids.flatMap((id) => [heading(id), ...open(`${start}${id}/`).map(row)]);
  };
  const drawer = accounts[drawerAccount] ?? { opening: 0, closing: 0 };
  return {
    // the points used hold those of goods priced in points, which are worth no money
    sales: fixed('sale.').flatMap((each) =>
      each.kind === 'figure' && each.name === 'sale.points' ? [each, row('pointsGoods.points')] : [each],
    ),
    returns: fixed('return.'),
    points: [
      ...fixed('pointsGoods.fen', 'pointsGoods.unpriced'),
      ...grouped('redeemed/', (id) => ({ kind: 'pointValue', fen: Number(id) })),
    ],
    recycling: [...fixed('credit.', 'reversal.'), ...grouped('material/', (id) => ({ kind: 'material', id }))],
    operators: grouped('operator/', (id) => ({ kind: 'operator', id })),
    drawer: isDrawerTold
      ? [
          { kind: 'drawer', end: 'opening', amount: drawer.opening },
          ...fixed('drawer.'),
          { kind: 'drawer', end: 'closing', amount: drawer.closing },
        ]
      : [],
    exceptions: exceptionNames
      .map(exceptionFigure)
      .filter((name) => (figures[name] ?? 0) !== 0)
      .map(row),
    accounts: [...new Set([...Object.keys(accounts), ...open('account/').map((name) => name.slice('account/'.length))])].map((account) => {
      const name = `account/${account}`;
      const amount = figures[name];
      return {
        kind: 'account',
        account,
        unit: unitOf(name, names),
        opening: accounts[account]?.opening ?? 0,
        closing: accounts[account]?.closing ?? 0,
        figure: amount === undefined ? null : { name, amount },
      };
    }),
    kinds: open('kind/').map(row),
    perpetual:
      closing === null
        ? []
        : perpetualFigures.map((name) => ({ kind: 'perpetual', name, amount: closing.perpetual[name] ?? 0, unit: unitOf(name, names) })),
    proof: [],
  };
}

/** What the slip shows as well: the drawer, the points taken, and what the county owes. The other accounts are for a bookkeeper. */
const ownersAccounts: readonly string[] = ['cash/drawer/CNY', 'red/PTS', 'cash/county-receivable/CNY'];

export function isOwnersAccount(row: FigureRow): boolean {
  return row.kind === 'account' && ownersAccounts.includes(row.account);
}

/** Drawer in the names of accounts (figures.ts). */
const drawerAccount = 'cash/drawer/CNY';

/** The figure that counts an exception. */
export function exceptionFigure(name: ExceptionName): `exception/${ExceptionName}` {
  return `exception/${name}`;
}

/** What a figure is in, as the end of its name says (figures.ts). */
export function unitOf(name: string, { materials }: Pick<PeriodView['names'], 'materials'>): FigureUnit {
  if (name.startsWith('account/')) return name.endsWith('/PTS') ? 'points' : 'fen';
  const end = name.split(/[./]/).at(-1) ?? '';
  if (end === 'units') return materials.find(({ id }) => id === name.split('/')[1])?.measuredBy === 'count' ? 'pieces' : 'grams';
  if (/fen$/i.test(end)) return 'fen';
  return /points$/i.test(end) ? 'points' : 'count';
}
