// Makes every settlement again from the acts of its days and the county's kept files, as the chain passes by. Trusts no figure of a
// closing, and no row: each is compared with its event.

import { canonical, type Plain } from './model/canonical.ts';
import type { BookEvent, EventKind } from './model/event.ts';
import { type FigureSums, newFigures } from './model/figures.ts';
import { type ClosedDay, settlementOf } from './model/settlement.ts';
import type { ReadableDatabase } from './sqlite.ts';
import type { RulesInForce } from './verify-county.ts';
import { Lie, counted, rowsOf } from './verify-lie.ts';

export interface SettlementChecks {
  /** The next event of the chain. */
  take(event: BookEvent, place: string, inForce: RulesInForce): void;
  /** The tables hold nothing more than the events made, and no closing waits for what must come with it. */
  end(): void;
  close(): void;
  report(): string;
}

type Of<Kind extends EventKind['kind']> = BookEvent & { readonly kind: Kind };

/** Nothing was closed and nothing settled yet. */
export function settlementChecks(db: ReadableDatabase): SettlementChecks {
  const settlements = rowsOf<Plain>(db, 'SELECT seq, number, through_closing, owed_fen FROM settlement ORDER BY seq');
  const adjusted = rowsOf<Plain>(
    db,
    'SELECT settlement_seq, adjustment_id FROM settled_adjustment JOIN adjustment ON id = adjustment_id ORDER BY settlement_seq, down_seq, id',
  );
  const settledIds = new Set<string>();
  let open: ClosedDay[] = [];
  let period = newPeriod();
  let number = 0;
  let closings = 0;
  let due: number | null = null;

  const takeClosing = (event: Of<'DAY_CLOSED'>, inForce: RulesInForce): void => {
    const sharePermille = inForce.shop()?.merchantSharePermille ?? 0; // verify-closing.ts compares it
    open.push({ number: event.body.number, day: event.day, figures: period.figures(), sharePermille });
    period = newPeriod();
    if (inForce.scheme?.settlement?.cycle === 'day') due = event.body.number;
  };

  const takeSettlement = (event: Of<'SETTLED'>, place: string, inForce: RulesInForce): void => {
    const { seq, op, body } = event;
    const lie = (what: string): never => {
      throw new Lie('settlements', place, what);
    };
    const [scheme, shop] = [inForce.scheme, inForce.shop()];
    if (scheme === null || shop === null) return lie('was made before the county said anything');
    if (open.length === 0) return lie('settles no closing that was not settled');
    const operator = inForce.operatorOf(op ?? '');
    if (operator?.active !== true) return lie(`is an act of ${op ?? 'nobody'}, who does not work here`);
    if (due === null && operator.role !== 'owner') return lie(`was prepared by ${op ?? 'nobody'}, who is not an owner`);
    const { zh, bo, countyZh, countyBo } = shop;
    const expected = settlementOf({
      kiosk: event.kiosk,
      inc: event.inc,
      number: ++number,
      closings: open,
      scheme,
      adjustments: inForce.adjustments().filter(({ id }) => !settledIds.has(id)),
      printed: { language: body.printed.language, operatorName: operator.name, shop: { zh, bo, countyZh, countyBo } },
    });
    const wrong = firstDifference(body, expected);
    if (wrong !== null) return lie(`has other ${wrong} than its days and the county's files make`);
    for (const { id } of body.adjustments) {
      settledIds.add(id);
      next(adjusted.next(), { settlement_seq: seq, adjustment_id: id }, 'settled_adjustment', place);
    }
    const through = body.closings.at(-1)!.number; // equal to the expected one, which has some
    next(settlements.next(), { seq, number, through_closing: through, owed_fen: body.owedFen }, 'settlement', place);
    open = open.slice(body.closings.length);
    closings += body.closings.length;
    due = null;
  };

  return {
    take(event, place, inForce) {
      if (due !== null && event.kind !== 'SETTLED' && event.kind !== 'CLOCK_STEP')
        throw new Lie('settlements', place, `stands where closing ${due} had to be settled: this county settles daily`);
      if (event.kind === 'DAY_CLOSED') takeClosing(event, inForce);
      else if (event.kind === 'SETTLED') takeSettlement(event, place, inForce);
      else if (isSettled(event)) period.add({ event, postings: [] });
    },
    end() {
      if (due !== null) throw new Lie('settlements', `closing ${due}`, 'was not settled with it: this county settles daily');
      for (const [table, rows] of [
        ['settlement', settlements],
        ['settled_adjustment', adjusted],
      ] as const)
        if (rows.next() !== null) throw new Lie('settlements', `table ${table}`, 'has a row of no settlement in the chain');
    },
    close() {
      settlements.close();
      adjusted.close();
    },
    report: () =>
      `${counted(number, 'settlement')} without a gap, of ${counted(closings, 'closing')}, none twice; ${counted(open.length, 'closing')} not settled yet`,
  };
}

/** Acts that a settlement is made from. */
function isSettled({ kind }: BookEvent): boolean {
  return kind === 'SALE' || kind === 'RETURNED' || kind === 'CREDIT' || kind === 'CREDIT_REVERSED';
}

/** No figure of a settlement is of materials, so the lines of a credit that was taken back are not asked for. */
function newPeriod(): FigureSums {
  return newFigures(() => []);
}

function firstDifference(found: object, expected: object): string | null {
  const text = (value: unknown): string => canonical(value as Plain); // parts of event bodies, which are plain
  const [here, there] = [Object.entries(found), new Map(Object.entries(expected))];
  const other = here.find(([name, value]) => !there.has(name) || text(value) !== text(there.get(name)));
  if (other !== undefined) return other[0];
  return here.length === there.size ? null : 'members';
}

function next(row: Plain, expected: Plain, table: string, place: string): void {
  if (row === null || canonical(row) !== canonical(expected)) throw new Lie('settlements', `table ${table}`, `is not what ${place} says`);
}
