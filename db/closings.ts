// Closings as they stand in the book, and what a period of its events sums up to: the open one's for X and for the next closing.
// Reads only, but for the rows that a closing leaves beside its event.

import type { Book } from './book.ts';
import { type DayFigure, newDayFigures } from './model/day-figures.ts';
import type { AccountFigures, BookEvent, ClosingBody, CountedDrawer, Figures } from './model/event.ts';
import { accountsAfter, contributions, newFigures, perpetualAfter } from './model/figures.ts';
import { checkpointOrigin, checkpointText } from './model/note.ts';
import { type Posting, postingsOf } from './model/postings.ts';
import { assert } from './model/result.ts';
import { lookupsOf } from './day-figures.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from './sqlite.ts';
import { type Tree, growTree } from './tree.ts';

export type ClosingEvent = BookEvent & { readonly kind: 'DAY_CLOSED' };

/** A closing by its number, the newest for null; null where there is none. */
export function findClosing(db: ReadableDatabase, number: number | null): ClosingEvent | null {
  const row = prepared<[number | null], { line: string }>(
    db,
    'SELECT line FROM closing JOIN event USING (seq) WHERE number = coalesce(?, (SELECT max(number) FROM closing))',
  ).get(number);
  return row === undefined ? null : (JSON.parse(row.line) as ClosingEvent); // the book's own line, which wrote the row
}

/**
 * The day checkpoint, signed by this kiosk: what the slip's code says (reconciliation.md R5). Any tool that reads C2SP checkpoints
 * can check it against the kiosk's public key.
 */
export function signedCheckpoint(book: Book, event: ClosingEvent): string {
  const origin = checkpointOrigin(event);
  return book.note(checkpointText(origin, event.body.checkpoint), origin);
}

/** The closings before a number, newest first; each with the settlement that covers it, where there is one. */
export function closingsBefore(
  db: ReadableDatabase,
  beforeNumber: number,
  limit: number,
): readonly { readonly event: ClosingEvent; readonly settlementNumber: number | null }[] {
  return prepared<[number, number], { line: string; settlementNumber: number | null }>(
    db,
    `SELECT line, (SELECT min(settlement.number) FROM settlement WHERE through_closing >= closing.number) AS settlementNumber
       FROM closing JOIN event USING (seq) WHERE closing.number < ? ORDER BY closing.number DESC LIMIT ?`,
  )
    .all(beforeNumber, limit)
    .map(({ line, settlementNumber }) => ({ event: JSON.parse(line) as ClosingEvent, settlementNumber })); // as above
}

/** First and last event of a period: of a closed one the last is the closing itself, whose own difference belongs to its day. */
export interface Span {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** The period of a closing, or null; of the open one (null) the end is the newest event. */
export function spanOf(db: ReadableDatabase, number: number | null): Span | null {
  if (number !== null) {
    return prepared<[number], Span>(db, 'SELECT from_seq AS fromSeq, seq AS toSeq FROM closing WHERE number = ?').get(number) ?? null;
  }
  const { closed, newest } = prepared<[], { closed: number; newest: number }>(
    db,
    'SELECT coalesce((SELECT max(seq) FROM closing), 0) AS closed, max(seq) AS newest FROM event',
  ).get()!; // a book has its START
  return { fromSeq: closed + 1, toSeq: newest };
}

/** The open period as far as it was summed. */
export interface OpenPeriod {
  readonly fromSeq: number;
  /** Newest event that is summed; fromSeq − 1 before the first. */
  throughSeq(): number;
  /** The closing it follows, or null. */
  readonly before: ClosingEvent | null;
  /** No closing has ended it meanwhile. */
  isCurrent(): boolean;
  /** Sums the next events, at most so many, and says how many they were: fewer means that there are no more. */
  sumSome(eventsMax: number): number;
  /** Sums all that is left: a few, written since. */
  sumRest(): void;
  /** What X says of them. */
  report(): { readonly figures: Figures; readonly accounts: AccountFigures };
  /** What Z says of them and of its own difference, by the drawer that was counted. The last thing asked of a period. */
  close(drawer: CountedDrawer): PeriodSums;
  /** Writes the rows that stand beside the closing `seq`, just appended: of the day, and the edge of the tree before it. */
  writeRows(to: WritableDatabase, seq: number): void;
}

export interface PeriodSums {
  readonly figures: Figures;
  readonly accounts: AccountFigures;
  readonly perpetual: Figures;
  readonly checkpoint: ClosingBody['checkpoint'];
}

/** Events read at once where all are. */
const restMax = 1_000;

/** The period since the newest closing: nothing of it is summed yet. */
export function openPeriod(db: ReadableDatabase): OpenPeriod {
  const before = findClosing(db, null);
  const fromSeq = (before?.seq ?? 0) + 1;
  const lookups = lookupsOf(db);
  const sums = newFigures(lookups.linesOfCredit);
  const days = newDayFigures(lookups);
  const tree = treeAfter(db, before);
  let throughSeq = fromSeq - 1;
  const sumSome = (eventsMax: number): number => {
    const events = eventsAfter(db, throughSeq, eventsMax);
    const postings = postingsAfter(db, throughSeq, events.at(-1)?.seq ?? throughSeq);
    for (const { seq, line, leaf } of events) {
      const event = JSON.parse(line) as BookEvent; // the book's own line
      sums.add({ event, postings: postings.get(seq) ?? [] });
      days.add(event);
      tree.add(leaf);
      throughSeq = seq;
    }
    return events.length;
  };

  return {
    before,
    fromSeq,
    throughSeq: () => throughSeq,
    isCurrent: () => findClosing(db, null)?.seq === before?.seq,
    sumSome,
    sumRest() {
      while (sumSome(restMax) === restMax);
    },
    report() {
      const figures = sums.figures();
      return { figures, accounts: accountsAfter(before?.body.accounts ?? {}, figures) };
    },
    close(drawer) {
      const own = ownEvent(drawer);
      sums.add({ event: own, postings: postingsOf(own) });
      const figures = sums.figures();
      return {
        figures,
        accounts: accountsAfter(before?.body.accounts ?? {}, figures),
        perpetual: perpetualAfter(before?.body.perpetual ?? {}, figures),
        checkpoint: { size: tree.size(), root: tree.root().toString('base64url') },
      };
    },
    writeRows(to, seq) {
      writeDayFigures(to, seq, days.rows());
      const { changes } = prepared(to, 'INSERT INTO tree_edge (closing_seq, size, hashes) VALUES (?, ?, ?)').run(
        seq,
        tree.size(),
        tree.edge(),
      );
      assert(changes === 1, 'the edge of the tree was written');
    },
  };
}

/**
 * What a closing adds to its own period: that there was one, and what its drawer was over or short by. Its postings come from the
 * drawer and from nothing else of it.
 */
function ownEvent(drawer: CountedDrawer): BookEvent {
  return { kind: 'DAY_CLOSED', body: { drawer } } as unknown as BookEvent; // neither postings nor figures of a closing read more of it
}

/** The tree of the book as it was before the period: the events before the closing, which its row has, and the closing itself. */
/** The tree over a closing and all before it, from its stored edge; of no events where there is none. */
export function treeAfter(db: ReadableDatabase, before: ClosingEvent | null): Tree {
  if (before === null) return growTree();
  const row = prepared<[number], { size: number; hashes: Buffer; leaf: Buffer }>(
    db,
    'SELECT size, hashes, leaf FROM tree_edge JOIN event ON event.seq = closing_seq WHERE closing_seq = ?',
  ).get(before.seq);
  assert(row !== undefined, 'a closing was written with the edge of its tree');
  const tree = growTree(row);
  assert(
    tree.size() === before.seq - 1 && tree.root().toString('base64url') === before.body.checkpoint.root,
    'the edge is that of the checkpoint',
  );
  tree.add(row.leaf);
  return tree;
}

interface EventRow {
  readonly seq: number;
  readonly line: string;
  readonly leaf: Buffer;
}

function eventsAfter(db: ReadableDatabase, seq: number, limit: number): readonly EventRow[] {
  return prepared<[number, number], EventRow>(db, 'SELECT seq, line, leaf FROM event WHERE seq > ? ORDER BY seq LIMIT ?').all(seq, limit);
}

/** The postings of some events, as the book has them. */
function postingsAfter(db: ReadableDatabase, afterSeq: number, toSeq: number): ReadonlyMap<number, readonly Posting[]> {
  const rows = prepared<[number, number], Posting & { readonly seq: number }>(
    db,
    'SELECT seq, account, holder, commodity, amount FROM posting WHERE seq > ? AND seq <= ? ORDER BY seq, n',
  ).all(afterSeq, toSeq);
  const bySeq = new Map<number, Posting[]>();
  for (const row of rows) {
    const known = bySeq.get(row.seq);
    if (known === undefined) bySeq.set(row.seq, [row]);
    else known.push(row);
  }
  return bySeq;
}

function writeDayFigures(db: WritableDatabase, seq: number, rows: readonly DayFigure[]): void {
  const insert = prepared(
    db,
    'INSERT INTO day_figure (closing_seq, dimension, key, count, units, fen, points) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  for (const { dimension, key, count, units, fen, points } of rows) {
    const { changes } = insert.run(seq, dimension, key, count, units, fen, points);
    assert(changes === 1, 'a row of the day was written');
  }
}

/** One event of a period that adds to a figure. */
export interface Behind {
  readonly event: BookEvent;
  /** What it adds. */
  readonly amount: number;
}

/**
 * The events of a piece of a period that add to a figure, newest first, and where to go on; null where the period ends. Looks at no
 * more than `eventsMax` of the kinds that can add to it.
 */
export function behindSome(
  db: ReadableDatabase,
  { figure, span, eventsMax }: { readonly figure: string; readonly span: Span; readonly eventsMax: number },
): { readonly found: readonly Behind[]; readonly nextToSeq: number | null } {
  const kinds = kindsBehind(figure);
  const rows = prepared<[number, number, string, string, number], { seq: number; line: string }>(
    db,
    `SELECT seq, line FROM event WHERE seq BETWEEN ? AND ? AND (? = '' OR instr(?, ' ' || kind || ' ') > 0) ORDER BY seq DESC LIMIT ?`,
  ).all(span.fromSeq, span.toSeq, kinds, kinds, eventsMax);
  const last = rows.at(-1);
  const postings = last === undefined ? new Map<number, readonly Posting[]>() : postingsAfter(db, last.seq - 1, rows[0]!.seq);
  const { linesOfCredit } = lookupsOf(db);
  const found = rows.flatMap(({ seq, line }): readonly Behind[] => {
    const event = JSON.parse(line) as BookEvent; // the book's own line
    const added = contributions({ event, postings: postings.get(seq) ?? [] }, linesOfCredit);
    const amount = added.reduce((sum, [name, each]) => (name === figure ? sum + each : sum), 0);
    return amount === 0 ? [] : [{ event, amount }];
  });
  return { found, nextToSeq: rows.length < eventsMax ? null : last!.seq - 1 }; // as many as asked for: at least one
}

/** Kinds whose events can add to a figure, each between blanks; '' where any can. Only spares reading lines. */
function kindsBehind(figure: string): string {
  const [family] = figure.split(/[./]/, 1) as [string];
  switch (family) {
    case 'sale':
      return ' SALE ';
    case 'return':
      return ' RETURNED ';
    case 'credit':
      return ' CREDIT ';
    case 'reversal':
      return ' CREDIT_REVERSED ';
    case 'pointsGoods':
    case 'redeemed':
      return ' SALE RETURNED ';
    case 'material':
      return ' CREDIT CREDIT_REVERSED ';
    case 'operator':
      return ' SALE RETURNED CREDIT ';
    case 'kind':
      return ` ${figure.slice('kind/'.length)} `;
    default:
      return '';
  }
}
