// What a kiosk's file says of itself, made again from its events: the closings of days, and the lines after the events (reconciliation.md R6,
// 17–22).

import { setImmediate } from 'node:timers/promises';
import { type Plain, canonical } from '../../db/model/canonical.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { accountsAfter, perpetualAfter } from '../../db/model/figures.ts';
import { assert } from '../../db/model/result.ts';
import { type UpClosing, type UpHeader, type UpTrailer, upClosing, upCounter, upTrailer } from '../../db/model/up-file.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { Chain, Growth } from './chains.ts';
import { rowOf } from '../store/held-rows.ts';
import type { CountyAct } from './county-book.ts';
import { counters } from './held-tables.ts';
import type { KioskRow } from './fold.ts';
import { type UpLines, BadFile, shapedLine } from './read-up.ts';

/** What the events of a file come to. */
export interface Totals {
  readonly chain: Chain;
  readonly growth: Growth;
  readonly headLeaf: string;
  readonly size: number;
  readonly root: string;
  readonly sums: Pick<UpTrailer, 'events' | 'kinds' | 'hashTotal'>;
  readonly closings: readonly UpClosing[];
  /** Accounts that events of the file moved. */
  readonly touched: ReadonlySet<string>;
  /** Whether the file ends where the chain does, so that its counters are the chain's. */
  readonly isWhole: boolean;
}

/** The line that a closing has after the events. */
export function closingLine({ seq, day, body }: BookEvent & { readonly kind: 'DAY_CLOSED' }): UpClosing {
  const red = body.accounts['red/PTS'] ?? { opening: 0, closing: 0 };
  return {
    t: 'Z',
    number: body.number,
    day,
    seq,
    red: { opening: red.opening, closing: red.closing },
    size: body.checkpoint.size,
    root: body.checkpoint.root,
  };
}

/** The day as the county makes it from the events: its figures, accounts, totals and tree head are those of the slip (R6, 22). */
export function closeDay(
  { db }: CountyAct,
  event: BookEvent & { readonly kind: 'DAY_CLOSED' },
  of: {
    readonly entry: number;
    readonly inc: number;
    readonly growth: Growth;
    readonly head: { readonly size: number; readonly root: string };
    readonly place: string;
  },
): void {
  const { body, kiosk } = event;
  const bad = (what: string): never => {
    throw new BadFile('OUT_OF_BALANCE', `${of.place}: closing ${body.number}: ${what}`);
  };
  const last = prepared<[string, number], { number: number; line: string }>(
    db,
    'SELECT number, line FROM closing JOIN event USING (entry) WHERE closing.kiosk = ? AND closing.inc = ? ORDER BY number DESC LIMIT 1',
  ).get(kiosk, of.inc);
  const before = last === undefined ? null : (JSON.parse(last.line) as BookEvent & { readonly kind: 'DAY_CLOSED' }); // posted as one
  if (body.number !== (last?.number ?? 0) + 1) bad(`${(last?.number ?? 0) + 1} is next`);
  if (body.fromSeq !== (before?.seq ?? 0) + 1) bad('begins with another event than its day');
  if (body.checkpoint.size !== of.head.size || body.checkpoint.root !== of.head.root) bad('another tree head');
  const figures = of.growth.period.figures();
  const accounts = accountsAfter(before?.body.accounts ?? {}, figures);
  const isSame = (a: object, b: object): boolean => {
    try {
      return canonical(a as Plain) === canonical(b as Plain);
    } catch {
      return false; // made of a body that no kiosk of ours writes, it is no record of whole numbers
    }
  };
  if (!isSame(body.figures, figures)) bad(`figures: ${otherName(body.figures, figures)}`);
  if (!isSame(body.accounts, accounts)) bad('accounts');
  if (!isSame(body.perpetual, perpetualAfter(before?.body.perpetual ?? {}, figures))) bad('perpetual totals');
  if ((accounts['red/PTS']?.closing ?? 0) !== of.growth.red) bad('redeemed');
  const { changes } = prepared(db, 'INSERT INTO closing (kiosk, inc, number, day, entry, red) VALUES (?, ?, ?, ?, ?, ?)').run(
    kiosk,
    of.inc,
    body.number,
    event.day,
    of.entry,
    of.growth.red,
  );
  assert(changes === 1, 'a closing is written down');
  of.growth.period.restart();
}

function otherName(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): string {
  return [...Object.keys(a), ...Object.keys(b)].find((name) => a[name] !== b[name]) ?? '';
}

/** Counters that are read at once: between two of these, others have their turn. */
const countersAtOnce = 500;

/** The lines after the events: closings, counters, trailer, and nothing more. */
export async function readEnd(
  db: ReadableDatabase,
  lines: UpLines,
  { header, walk, kiosk }: { readonly header: UpHeader; readonly walk: Totals; readonly kiosk: KioskRow },
): Promise<void> {
  for (const closing of walk.closings) {
    const found = shapedLine(upClosing, lines.next(), `line ${lines.number()}`);
    if (canonical({ ...found }) !== canonical({ ...closing }))
      throw new BadFile('OUT_OF_BALANCE', `line ${lines.number()}: not closing ${closing.number}`);
  }
  const untold = new Set(walk.touched);
  let told = 0;
  for (;;) {
    const text = lines.next();
    const place = `line ${lines.number()}`;
    if (!text.startsWith('{"a"')) {
      // Counters stand in a file that reaches the newest event (db/up-files.ts), and then all of them.
      const [missing] = untold;
      if (told > 0 && missing !== undefined) throw new BadFile('OUT_OF_BALANCE', `${place}: no counters of ${missing}`);
      checkTrailer(shapedLine(upTrailer, text, place), { header, walk, line: lines.number() });
      if (!lines.isAtEnd()) throw new BadFile('OUT_OF_BALANCE', `line ${lines.number() + 1}: after the trailer`);
      return;
    }
    const { t: _, a, ...theirs } = shapedLine(upCounter, text, place);
    told += 1;
    if (told % countersAtOnce === 0) await setImmediate(); // a file may hold GBs of them
    untold.delete(a);
    if (!walk.isWhole) continue; // an old file sent late: its counters have grown since
    const ours = rowOf(db, counters, [kiosk.kiosk, walk.chain.inc, a]);
    const isSame = ours !== undefined && (Object.keys(theirs) as (keyof typeof theirs)[]).every((name) => ours[name] === theirs[name]); // its members
    if (!isSame) throw new BadFile('OUT_OF_BALANCE', `${place}: counters of ${a}`);
  }
}

function checkTrailer(
  trailer: UpTrailer,
  { header, walk, line }: { readonly header: UpHeader; readonly walk: Totals; readonly line: number },
): void {
  const { events, kinds, hashTotal } = walk.sums;
  const ours: UpTrailer = { t: 'T', lines: line - 1, events, kinds, hashTotal, size: walk.size, root: walk.root, headLeaf: walk.headLeaf };
  const wrong = (Object.keys(ours) as (keyof UpTrailer)[]).find((name) => canonical(ours[name]) !== canonical(trailer[name])); // its members
  if (wrong !== undefined) throw new BadFile('OUT_OF_BALANCE', `line ${line}: ${wrong}`);
  assert(walk.size === header.toSeq, 'the tree is over every event through the last');
}
