// Makes every closing and every printed report again from the acts of its period, as the chain passes by: number, date, bounds,
// figures, accounts, perpetual totals, checkpoint, leave, and the rows beside it. Trusts no closing before it, either; whether its
// drawer was counted is asked by verify-drawer.ts.

import { type DayFigureSums, newDayFigures } from './model/day-figures.ts';
import { canonical, type Plain } from './model/canonical.ts';
import type { AccountFigures, BookEvent, EventKind, Figures, PeriodNames } from './model/event.ts';
import { type FigureSums, accountsAfter, newFigures, perpetualAfter } from './model/figures.ts';
import { paperNumber } from './model/paper-number.ts';
import { businessDate } from './model/time.ts';
import { lookupsOf } from './day-figures.ts';
import type { ReadableDatabase } from './sqlite.ts';
import { growTree } from './tree.ts';
import type { Leaves } from './verify-approval.ts';
import type { RulesInForce } from './verify-county.ts';
import type { Fold } from './verify-fold.ts';
import { readingMs } from './verify-clock.ts';
import { Lie, besideChain, counted, rowsOf } from './verify-lie.ts';
import { isNamedSo } from './verify-session.ts';

export interface ClosingChecks {
  /** The next event of the chain, its postings folded already; `leaf` is the hash of its line. */
  take(event: BookEvent, place: string, of: { readonly leaf: Uint8Array; readonly inForce: RulesInForce }): void;
  /** The tables hold nothing more than the events made. */
  end(): void;
  close(): void;
  report(): string;
}

type Of<Kind extends EventKind['kind']> = BookEvent & { readonly kind: Kind };

/** What the closing before left. */
interface Before {
  readonly seq: number;
  readonly number: number;
  readonly day: string;
  readonly accounts: AccountFigures;
  readonly perpetual: Figures;
}

/** Nothing was closed yet. `fold` has every posting so far, and `leaves` the approvals. */
export function closingChecks(db: ReadableDatabase, { fold, leaves }: { readonly fold: Fold; readonly leaves: Leaves }): ClosingChecks {
  const closingRows = besideChain(db, 'closings', 'closing', 'seq, number, day, from_seq');
  const edgeRows = besideChain(db, 'closings', 'tree_edge', 'closing_seq AS seq, size, hex(hashes) AS hashes');
  const dayRows = rowsOf<DayRow>(
    db,
    'SELECT closing_seq AS seq, dimension, key, count, units, fen, points FROM day_figure ORDER BY closing_seq, dimension, key',
  );
  const lookups = lookupsOf(db);
  const tree = growTree();
  let before: Before = { seq: 0, number: 0, day: '', accounts: {}, perpetual: {} };
  let sums: FigureSums = newFigures(lookups.linesOfCredit);
  let days: DayFigureSums = newDayFigures(lookups);
  let bookedDay: string | null = null;
  /** The clock was put forward since the newest shift was opened: a date that is past by it need not be. */
  let isPutForward = false;
  let reports = 0;

  const lieOf =
    (place: string) =>
    (what: string): never => {
      throw new Lie('closings', place, what);
    };

  /** What a report and a closing both say of their period. */
  const checkFigures = (
    { body, op }: Of<'DAY_CLOSED' | 'REPORT_PRINTED'>,
    inForce: RulesInForce,
    lie: (what: string) => never,
  ): { readonly figures: Figures; readonly accounts: AccountFigures } => {
    if (body.fromSeq !== before.seq + 1) return lie(`begins with event ${body.fromSeq}; its period with event ${before.seq + 1}`);
    const figures = sums.figures();
    const wrong = otherMember(body.figures, figures);
    if (wrong !== null) return lie(`says ${wrong} ${body.figures[wrong] ?? 'nothing'}; its period makes ${figures[wrong] ?? 'nothing'}`);
    const accounts = accountsAfter(before.accounts, figures);
    const astray = otherMember(body.accounts, accounts) ?? otherThanFolded(accounts, fold);
    if (astray !== null) return lie(`says other of account ${astray} than its postings make`);
    const fault = namesFault(body.printed, { figures, op, inForce });
    return fault === null ? { figures, accounts } : lie(fault);
  };

  const takeClosing = (event: Of<'DAY_CLOSED'>, place: string, inForce: RulesInForce): void => {
    const { seq, day, body } = event;
    const lie = lieOf(place);
    const number = before.number + 1;
    if (body.number !== number) return lie(`has number ${body.number}, and ${number} is the next`);
    const closingNumber = paperNumber(event, 'Z', number);
    if (body.closingNumber !== closingNumber) return lie(`is called ${body.closingNumber}, not ${closingNumber}`);
    if (day <= before.day) return lie(`closes ${day} after ${before.day}`);
    const isPast = (atMs: number): boolean => businessDate(atMs) > day;
    // an act whose time was read twice may have begun before midnight
    if (body.isForgotten !== isPast(event.at) && body.isForgotten !== isPast(event.at - readingMs))
      return lie(`says otherwise than its own time whether ${day} was past`);
    if (body.checkpoint.size !== seq - 1 || body.checkpoint.root !== tree.root().toString('base64url'))
      return lie('has another checkpoint than the tree of the events before it');
    const share = inForce.shop()?.merchantSharePermille ?? 0;
    if (body.sharePermille !== share) return lie(`has a merchant’s share of ${body.sharePermille} thousandths; in force was ${share}`);
    const { figures, accounts } = checkFigures(event, inForce, lie);
    const perpetual = perpetualAfter(before.perpetual, figures);
    const wrong = otherMember(body.perpetual, perpetual);
    if (wrong !== null)
      return lie(`has ${body.perpetual[wrong] ?? 'nothing'} of ${wrong} since the beginning, not ${perpetual[wrong] ?? 'nothing'}`);
    checkLeave(event, place, inForce);
    closingRows.next({ seq, number, day, from_seq: body.fromSeq }, place);
    edgeRows.next({ seq, size: tree.size(), hashes: tree.edge().toString('hex').toUpperCase() }, place);
    for (const figure of days.rows()) nextDayRow({ seq, ...figure }, place);
    before = { seq, number, day, accounts, perpetual };
    sums = newFigures(lookups.linesOfCredit);
    days = newDayFigures(lookups);
    bookedDay = null;
  };

  /** An owner alone; another by an owner's leave; a date that was forgotten by anyone. */
  const checkLeave = (event: Of<'DAY_CLOSED'>, place: string, inForce: RulesInForce): void => {
    const { op, day, body } = event;
    const lie = lieOf(place);
    const isOwner = op !== null && inForce.operatorOf(op)?.role === 'owner';
    if (body.isByOwner !== isOwner) return lie(`says otherwise of ${op ?? 'nobody'} than the county does: whether that is an owner`);
    if (body.approvalId !== null) {
      if (isOwner) return lie('has a leave that an owner does not need');
      leaves.use(body.approvalId, { kind: 'close_day', day, countId: body.drawer.countId }, event, place);
      return;
    }
    if (!isOwner && !body.isForgotten) return lie('has no leave of an owner');
    if (!isOwner && isPutForward) return lie('has no leave of an owner, and the clock was put forward');
  };

  const nextDayRow = (expected: DayRow, place: string): void => {
    const row = dayRows.next();
    if (row === null || canonical({ ...row }) !== canonical({ ...expected }))
      throw new Lie(
        'closings',
        `table day_figure, ${row === null ? 'its end' : nameOfDayRow(row)}`,
        `is not what the day of ${place} makes`,
      );
  };

  /** Everything between two closings is booked on one date: a date that was forgotten was closed first. */
  const checkDay = ({ kind, day }: BookEvent, place: string): void => {
    if (!isOfDay(kind) || fold.moved().length === 0) return;
    // a book that is older than closings has many dates before its first
    if (before.number > 0 && bookedDay !== null && bookedDay !== day)
      throw new Lie('closings', place, `is booked on ${day}, while ${bookedDay} was not closed`);
    bookedDay = day;
  };

  return {
    take(event, place, { leaf, inForce }) {
      checkDay(event, place);
      if (event.kind === 'SHIFT_OPEN') isPutForward = false;
      if (event.kind === 'CLOCK_STEP' && event.body.to > event.body.from) isPutForward = true;
      if (event.kind === 'REPORT_PRINTED') {
        checkFigures(event, inForce, lieOf(place));
        reports += 1;
      }
      sums.add({ event, postings: fold.moved() });
      days.add(event);
      if (event.kind === 'DAY_CLOSED') takeClosing(event, place, inForce);
      tree.add(leaf);
    },
    end() {
      closingRows.end();
      edgeRows.end();
      const extra = dayRows.next();
      if (extra !== null) throw new Lie('closings', `table day_figure, ${nameOfDayRow(extra)}`, 'is of no closing in the chain');
    },
    close() {
      closingRows.close();
      edgeRows.close();
      dayRows.close();
    },
    report: () =>
      `${counted(before.number, 'closing')} without a gap, one a date${before.day === '' ? '' : `, through ${before.day}`}; figures, accounts, perpetual totals and checkpoints as their events make them; ${counted(reports, 'report')} printed`,
  };
}

interface DayRow {
  readonly seq: number;
  readonly dimension: string;
  readonly key: string;
  readonly count: number;
  readonly units: number;
  readonly fen: number;
  readonly points: number;
}

function nameOfDayRow({ seq, dimension, key }: DayRow): string {
  return `closing ${seq}, ${dimension} ${key}`;
}

/** Acts of an open shift that move money or points. */
function isOfDay(kind: BookEvent['kind']): boolean {
  return ['SHIFT_OPEN', 'SALE', 'RETURNED', 'CREDIT', 'CREDIT_REVERSED', 'CASH_MOVED', 'SHIFT_CLOSED'].includes(kind);
}

/** What a paper calls things is what the county called them, and it names whom and what its figures name. */
function namesFault(
  { operatorName, shop, operators, materials }: PeriodNames,
  { figures, op, inForce }: { readonly figures: Figures; readonly op: string | null; readonly inForce: RulesInForce },
): string | null {
  const nameOf = (id: string): string => inForce.operatorOf(id)?.name ?? id;
  if (operatorName !== nameOf(op ?? '')) return `names ${operatorName} where ${nameOf(op ?? '')} was at work`;
  if (!isNamedSo(shop, inForce.shop())) return 'names another shop';
  const others =
    otherMember(byId(operators), byId(namedBy(figures, 'operator').map((id) => ({ id, name: nameOf(id) })))) ??
    otherMember(byId(materials), byId(namedBy(figures, 'material').map((id) => materialOf(id, inForce))));
  if (others !== null) return `names ${others} otherwise than its figures and the county do`;
  return null;
}

/** As the rules in force call it; one that they forgot is called by its id. */
function materialOf(id: string, { scheme }: RulesInForce): PeriodNames['materials'][number] {
  const { zh, bo, measuredBy } = scheme?.recycling?.materials.find((each) => each.id === id) ?? { zh: id, bo: null, measuredBy: 'weight' };
  return { id, zh, bo, measuredBy };
}

function byId(named: readonly { readonly id: string }[]): { readonly [id: string]: Plain } {
  return Object.fromEntries(named.map((each) => [each.id, { ...each }]));
}

/** Ids between the first and the last `/` of the figures of an open set. */
function namedBy(figures: Figures, family: 'operator' | 'material'): readonly string[] {
  const ids = Object.keys(figures).flatMap((name) =>
    name.startsWith(`${family}/`) ? [name.slice(family.length + 1, name.lastIndexOf('/'))] : [],
  );
  return [...new Set(ids)];
}

/** The accounts at the end of the period, by the figures, are what all postings since the book began sum up to. */
function otherThanFolded(accounts: AccountFigures, fold: Fold): string | null {
  for (const [name, { closing }] of Object.entries(accounts)) if (closing !== fold.total(name)) return name;
  return fold.totalNames().find((name) => accounts[name] === undefined && fold.total(name) !== 0) ?? null;
}

/** The first member that differs or that only one has, or null. */
function otherMember(found: { readonly [name: string]: Plain }, expected: { readonly [name: string]: Plain }): string | null {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  const text = (value: Plain | undefined): string => (value === undefined ? '' : canonical(value));
  return names.find((name) => text(found[name]) !== text(expected[name])) ?? null;
}
