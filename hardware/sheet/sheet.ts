// What stands on a settlement sheet, whatever it is written as: every row once, in its order, with its amounts as whole numbers.
// Draws nothing.

import { type Fen, type Points, fen } from '../../db/model/amounts.ts';
import { capitals } from '../../db/model/capitals.ts';
import { yuanText } from '../../db/model/format.ts';
import type { SettlementBody } from '../../db/model/event.ts';
import { type SettlementState, paymentsOf } from '../../db/model/settlement.ts';
import { spokenRoot } from '../../db/model/spoken-root.ts';
import { localMinute } from '../../db/model/time.ts';
import { type SheetText, sheetTexts } from './sheet-text.ts';

/** A settlement with what is known of it now. */
export interface Sheet {
  readonly body: SettlementBody;
  /** The county's six digits, and the kiosk. */
  readonly county: string;
  readonly kiosk: string;
  /** When it was made, epoch ms. */
  readonly at: number;
  readonly state: SettlementState;
  /** What the county said of it, oldest first. */
  readonly states: readonly {
    readonly state: SettlementState;
    readonly day: string;
    readonly reference: string;
    readonly paidFen: Fen | null;
  }[];
  /** Its own place in the chain: the head of the book as it was made. */
  readonly head: { readonly seq: number; readonly leaf: string };
  /** Of the newest closing it covers: how many events the book had, and the root over them. */
  readonly checkpoint: { readonly size: number; readonly root: string };
}

/** One row. What an amount is not said of is null. */
export interface SheetRow {
  readonly part: 'head' | 'figures' | 'county' | 'days' | 'proof';
  /** Stable, for programs. */
  readonly code: RowCode;
  /** For people; `zh` and, where the sheet is in another language, that one too. */
  readonly label: SheetText;
  /** What is not an amount, in the words of the county's reader. */
  readonly detail: string;
  readonly day: string;
  readonly count: number | null;
  readonly points: Points | null;
  readonly fen: Fen | null;
}

export type RowCode =
  | 'number'
  | 'county'
  | 'shop'
  | 'period'
  | 'made'
  | 'state'
  | 'redeemed'
  | 'points_goods'
  | 'unpriced'
  | 'gross'
  | 'share'
  | 'adjustment'
  | 'owed'
  | 'capitals'
  | 'credited'
  | 'budget'
  | 'budget_used'
  | 'budget_left'
  | 'word'
  | 'day'
  | 'head'
  | 'spoken'
  | 'checkpoint';

/** Every row of the sheet. */
export function sheetRows(sheet: Sheet): readonly SheetRow[] {
  const { body, states, head, checkpoint } = sheet;
  const payments = paymentsOf(states);
  const texts = sheetTexts;
  const { shop } = body.printed;
  const owed = body.owedFen < 0 ? texts.owedBack : texts.owed;
  return [
    text('head', 'number', texts.number, body.settlementNumber),
    text('head', 'county', texts.county, named(shop.countyZh, shop.countyBo, ` ${sheet.county}`)),
    text('head', 'shop', texts.shop, named(shop.zh, shop.bo, ` ${sheet.kiosk}`)),
    text('head', 'period', texts.period, periodOf(body)),
    text('head', 'made', texts.made, `${localMinute(sheet.at)} ${body.printed.operatorName}`.trim()),
    text('head', 'state', texts.state, texts.states[sheet.state].zh),
    ...body.redeemed.map((each) =>
      row('figures', 'redeemed', texts.redeemed, {
        detail: `${texts.pointValue.zh} ${yuanText(each.pointValueFen as Fen)}`, // whole fen of one point
        points: each.points,
        fen: each.fen,
      }),
    ),
    row('figures', 'points_goods', texts.pointsGoods, { points: body.pointsGoods.points, fen: body.pointsGoods.fen }),
    ...(body.pointsGoods.unpriced === 0 ? [] : [row('figures', 'unpriced', texts.unpriced, { count: body.pointsGoods.unpriced })]),
    row('figures', 'gross', texts.gross, { fen: body.grossFen }),
    ...body.shares.map(({ permille, grossFen, shareFen }) =>
      row('figures', 'share', texts.share, {
        detail: `${permille / 10}%${body.shares.length === 1 ? '' : ` × ${yuanText(grossFen)}`}`,
        fen: fen(-shareFen || 0), // never −0, which is no amount
      }),
    ),
    ...body.adjustments.map((each) => row('figures', 'adjustment', texts.adjustment, { detail: `${each.id} ${each.zh}`, fen: each.fen })),
    row('figures', 'owed', owed, { fen: body.owedFen }),
    text('figures', 'capitals', texts.capitals, capitals(body.owedFen)),
    ...states.map(
      ({ state, reference, day }, n) => row('county', 'word', texts.states[state], { detail: reference, day, fen: payments[n]! }), // one for each
    ),
    row('county', 'credited', texts.credited, { count: body.credited.count, points: body.credited.points }),
    ...budgetRows(body),
    ...body.closings.map((each) =>
      row('days', 'day', texts.day, {
        detail: `Z${String(each.number).padStart(6, '0')}`,
        day: each.day,
        points: each.points,
        fen: each.fen,
      }),
    ),
    text('proof', 'head', texts.head, `${head.seq} ${head.leaf}`),
    text('proof', 'spoken', texts.spoken, spokenRoot(checkpoint.root)),
    text('proof', 'checkpoint', texts.checkpoint, `${checkpoint.size} ${checkpoint.root}`),
  ];
}

/** First to last day; one date where it is one. */
export function periodOf({ closings }: SettlementBody): string {
  const [first, last] = [closings[0]!.day, closings.at(-1)!.day]; // a settlement covers at least one
  return first === last ? first : `${first} – ${last}`;
}

function budgetRows({ budget }: SettlementBody): readonly SheetRow[] {
  if (budget === null) return [];
  const { zh, yearFen, usedFen, asOf } = budget;
  const day = localMinute(asOf).slice(0, 10);
  return [
    row('county', 'budget', sheetTexts.budget, { detail: zh, day, fen: yearFen }),
    row('county', 'budget_used', sheetTexts.budgetUsed, { fen: usedFen }),
    row('county', 'budget_left', sheetTexts.budgetLeft, { fen: (yearFen - usedFen) as Fen }), // both bounded far below 2^53
  ];
}

function named(zh: string, bo: string | null, after: string): string {
  return `${zh}${bo === null ? '' : ` ${bo}`}${after}`;
}

function text(part: SheetRow['part'], code: RowCode, label: SheetText, detail: string): SheetRow {
  return row(part, code, label, { detail });
}

function row(
  part: SheetRow['part'],
  code: RowCode,
  label: SheetText,
  amounts: Partial<Pick<SheetRow, 'detail' | 'day' | 'count' | 'points' | 'fen'>>,
): SheetRow {
  return { part, code, label, detail: '', day: '', count: null, points: null, fen: null, ...amounts };
}
