// The book: an append-only chain of signed events in SQLite, and its projections. One act, one transaction.

import { type KeyObject, createHmac, createSecretKey, hash, hkdfSync, sign } from 'node:crypto';
import type { Statement } from 'better-sqlite3';
import { type Anchor, type Head, openAnchor } from './anchor.ts';
import { assertAsked, assertBeyondGrants, assertReturns, assertReverses, assertWithinLimits, newEventSums } from './invariants.ts';
import { type Points, points } from './model/amounts.ts';
import { canonical, type Plain } from './model/canonical.ts';
import { type BookEvent, type EventKind, signedText } from './model/event.ts';
import { signNote } from './model/note.ts';
import { type Posting, counterStepOf, givenUpPostings, postingsOf } from './model/postings.ts';
import { assert } from './model/result.ts';
import { sha256 } from './sha256.ts';
import type { WritableDatabase } from './sqlite.ts';

/** Wall time for people, monotonic time for judging the wall. */
export interface Clock {
  wallMs(): number;
  /** Milliseconds since the engine started; never goes back. */
  monoMs(): number;
}

export interface Identity {
  readonly county: string;
  readonly store: string;
  readonly kiosk: string;
}

/** Both clocks at one moment, in whole milliseconds. */
export interface Reading {
  readonly at: number;
  readonly mono: number;
}

/** What the caller says of an act; the book adds who, when and where it stands in the chain. */
export type Entry = EventKind & {
  readonly id: string;
  readonly day: string;
  readonly op: string | null;
  readonly res?: string | null;
  readonly amt?: Points;
  /** What was asked, hashed into the event: the same id with another command is refused. */
  readonly command: Plain;
};

/** Inside one transaction. */
export interface Transaction {
  readonly db: WritableDatabase;
  /** Writes one event with its postings, counters and rows. */
  readonly append: (entry: Entry) => BookEvent;
  /** Writes down how far the clock jumped, where that is due: what is appended next is then the very next event, and may speak of all before it. */
  readonly writeClockStep: (act: Pick<Entry, 'id' | 'day' | 'op'>) => void;
  /** Adds postings to the event just appended: the grants of a down-file. */
  readonly post: (rows: readonly Posting[]) => void;
}

export interface Book {
  readonly db: WritableDatabase;
  readonly identity: Identity;
  readonly clock: Clock;
  head(): Head;
  /** Latest wall time that the events since the opening, or the county's newest file, name: no rule may believe an earlier clock. */
  lastAt(): number;
  /** The clocks now: what an act decides by, it is also booked at, where it hands this to `transact`. */
  reading(): Reading;
  /** How far the wall clock jumped since the newest event, both epoch ms, or null; the next event writes it down. */
  clockStep(now: Reading): { readonly from: number; readonly to: number } | null;
  /**
   * Runs one act: all of it is on the disk when this returns, or none of it is in the book. Its events have one time, the clocks'
   * when it begins unless `now` says otherwise. Rethrows what failed.
   */
  transact<Value>(work: (transaction: Transaction) => Value, now?: Reading): Value;
  /** The same for work too long to block the till: yields between chunks; nothing else may write meanwhile. Its events have one time, too. */
  transactLong<Value>(work: (transaction: Transaction, pause: () => Promise<void>) => Promise<Value>): Promise<Value>;
  /** HMAC-SHA256 (base64url) of a text, which only this kiosk can make: for rows that no event covers. */
  seal(text: string): string;
  /**
   * The text as a signed note of this kiosk (C2SP signed-note): the same text gives the same note, so a paper can be printed again. `key`
   * (raw, base64url): one of this book's that signed before; without it the one in force.
   */
  note(text: string, name: string, key?: string): string;
  /** Why the second copy of the head cannot be written, or null; selling goes on without it. */
  anchorFault(): string | null;
  close(): void;
}

/** SHA-256 of a command, as an event carries it. */
export function commandHash(command: Plain): string {
  return hash('sha256', canonical(command), 'base64url');
}

/** Hash of an event's stored bytes: chain link and RFC 6962 leaf in one (reconciliation.md R2). */
export function leafOf(line: string): Buffer {
  return sha256(`\0${line}`);
}

/** The `prev` of the first event. */
export const noLeaf = Buffer.alloc(32).toString('base64url');

/** A wall clock that jumps further than this against the monotonic one is recorded (experience.md, Recovery). */
const clockStepMs = 10 * 60 * 1000;

/** A book over an open, checked database. open-book.ts makes the checks. */
export function bookOver(input: {
  readonly db: WritableDatabase;
  readonly identity: Identity;
  /** The key in force. */
  readonly signer: KeyObject;
  /** The private half of another key of this book, by its public one (raw, base64url). Throws where it is not here. */
  readonly signerOf: (key: string) => KeyObject;
  readonly clock: Clock;
  readonly anchorPath: string;
  readonly head: Head;
  /** Wall time of the newest event. */
  readonly newestAt: number;
  /** Latest time known: what lastAt() starts from. */
  readonly lastAt: number;
}): Book {
  const { db, identity, signerOf, clock } = input;
  const statements = prepare(db);
  const anchor: Anchor = openAnchor(input.anchorPath);
  let signing = { signer: input.signer, sealKey: sealKeyOf(input.signer) };
  let pendingSigning = signing;
  let head = input.head;
  let pending = head;
  let last = { at: input.newestAt, mono: null as number | null, latestAt: Math.max(input.newestAt, input.lastAt) };
  let pendingLast: typeof last = last;
  let postingNumber = 0;
  const sums = newEventSums();

  const read = (): Reading => ({ at: Math.trunc(clock.wallMs()), mono: Math.trunc(clock.monoMs()) });
  /** Of the act that is being written; null outside one. */
  let actTime: Reading | null = null;

  const write = (entry: Entry): BookEvent => {
    sums.end();
    const { at, mono } = actTime ?? read();
    const event = eventOf(entry, { identity, head: pending, at, mono, clk: at < pendingLast.at ? 'back' : 'ok' });
    const line = canonical(event as unknown as Plain); // an event is plain data by its type; canonical checks it again
    const leaf = leafOf(line);
    const leafText = leaf.toString('base64url');
    const signature = sign(null, Buffer.from(signedText(event, leafText)), pendingSigning.signer);
    inserted(statements.event.run(event.seq, event.id, event.kind, line, leaf, signature));
    postingNumber = 0;
    pending = { inc: event.inc, seq: event.seq, leaf: leafText };
    pendingLast = { at, mono, latestAt: Math.max(at, pendingLast.latestAt) };
    post(postingsOf(event));
    const step = counterStepOf(event);
    if (step !== null) {
      const { spent, roamed, credited, uncredited, unspent, unroamed, returned, granted, accountId } = step;
      const values = [spent, roamed, credited, uncredited, unspent, unroamed, returned, granted, accountId];
      upsert(statements.counterMove, statements.counterNew, values);
      assertWithinLimits(db, step);
    }
    if (event.kind === 'RESTORED') giveUpRights();
    if (event.kind === 'KEY_ROTATED') takeKey(signerOf(event.body.newKey));
    project(event);
    return event;
  };
  /** What is signed and sealed from here on. */
  const takeKey = (signer: KeyObject): void => {
    pendingSigning = { signer, sealKey: sealKeyOf(signer) };
  };
  /** Every right in the book goes back, with the event that says it was put back; counted as returned, so that no counter falls. */
  const giveUpRights = (): void => {
    for (const { holder, amount } of statements.rights.all()) {
      post(givenUpPostings(holder, points(amount)));
      inserted(statements.counterReturn.run(amount, holder));
    }
  };
  /** The rows by which lists and limits find an act again: a projection like the postings. */
  const project = (event: BookEvent): void => {
    const { seq, id, day, at, op, amt } = event;
    if (event.kind === 'SALE')
      inserted(statements.sale.run(seq, id, event.body.receiptNumber, day, event.body.accountId, amt, event.body.totalFen));
    else if (event.kind === 'CREDIT') {
      inserted(statements.credit.run(seq, id, event.body.ticketNumber, day, at, event.body.accountId, op, amt));
      for (const [n, line] of event.body.lines.entries())
        inserted(statements.creditLine.run(seq, n, line.materialId, line.units, line.points));
    } else if (event.kind === 'CREDIT_REVERSED') {
      assertReverses(db, event);
      inserted(statements.creditReversal.run(seq, event.body.creditId));
    } else if (event.kind === 'SCALE_SET') inserted(statements.scaleSet.run(seq));
    else if (event.kind === 'SCALE_CHECKED')
      inserted(statements.scaleCheck.run(seq, event.body.scaleSetId, day, event.body.isGood ? 1 : 0));
    else if (event.kind === 'HANDED_OVER')
      for (const [n, line] of event.body.lines.entries())
        inserted(statements.handedOver.run(seq, n, line.materialId, line.bookUnits, line.hauledUnits, line.leftUnits));
    else if (event.kind === 'RETURNED') {
      assertReturns(db, event);
      const { returnNumber, accountId, saleId, totalFen } = event.body;
      inserted(statements.saleReturn.run(seq, id, returnNumber, day, accountId, amt, totalFen, saleId));
      for (const { n, quantity, ...line } of event.body.lines)
        inserted(statements.returnLine.run(seq, n, quantity, line.totalFen, line.pointsFen, line.settlementFen, line.points));
    } else if (event.kind === 'DAY_CLOSED') inserted(statements.closing.run(seq, event.body.number, day, event.body.fromSeq));
    else if (event.kind === 'SETTLED') {
      const { number, closings, owedFen, adjustments } = event.body;
      inserted(statements.settlement.run(seq, number, closings.at(-1)!.number, owedFen));
      for (const each of adjustments) inserted(statements.settledAdjustment.run(each.id, seq));
    } else if (event.kind === 'VOUCHER_IN') {
      assertBeyondGrants(db, event);
      inserted(statements.voucher.run(event.body.accountId, event.body.number, amt, seq));
    } else if (event.kind === 'RIGHTS_RETURNED') assertAsked(db, event);
  };
  const post = (rows: readonly Posting[]): void => {
    for (const row of rows) {
      sums.add(row);
      inserted(statements.posting.run(pending.seq, postingNumber++, row.account, row.holder, row.commodity, row.amount));
      upsert(statements.balanceMove, statements.balanceNew, [row.amount, row.account, row.holder, row.commodity]);
    }
  };
  const writeClockStep = ({ id, day, op }: Pick<Entry, 'id' | 'day' | 'op'>): void => {
    const step = clockStep(pendingLast, actTime ?? read());
    if (step !== null) write({ kind: 'CLOCK_STEP', body: step, id: `${id}-clock`, day, op, command: step });
  };
  const append = (entry: Entry): BookEvent => {
    // a step noted before a restoration would be one more event of the incarnation that ended: perhaps a second of that number
    if (entry.kind !== 'RESTORED') writeClockStep(entry);
    return write(entry);
  };
  const transaction: Transaction = { db, append, writeClockStep, post };

  const begin = (): void => {
    assert(!db.inTransaction, 'one act at a time');
    statements.begin.run();
    pending = head;
    pendingLast = last;
    pendingSigning = signing;
  };
  const commit = (): void => {
    sums.end();
    statements.commit.run();
    const moved = pending !== head;
    head = pending;
    last = pendingLast;
    signing = pendingSigning;
    if (moved) anchor.remember(head);
  };
  const undo = (): void => {
    if (db.inTransaction) statements.rollback.run();
    sums.forget();
    pending = head;
    pendingLast = last;
    pendingSigning = signing;
  };

  return {
    db,
    identity,
    clock,
    head: () => head,
    lastAt: () => last.latestAt,
    reading: read,
    clockStep: (now) => clockStep(last, now),
    seal: (text) => createHmac('sha256', pendingSigning.sealKey).update(text).digest('base64url'),
    note: (text, name, key) => signNote(text, { name, privateKey: key === undefined ? signing.signer : signerOf(key) }),
    anchorFault: () => anchor.fault(),
    transact(work, now = read()) {
      begin();
      actTime = now;
      try {
        const value = work(transaction);
        commit();
        return value;
      } catch (error) {
        undo();
        throw error;
      } finally {
        actTime = null;
      }
    },
    async transactLong(work) {
      begin();
      actTime = read();
      try {
        const value = await work(transaction, () => new Promise((resolve) => setImmediate(resolve)));
        commit();
        return value;
      } catch (error) {
        undo();
        throw error;
      } finally {
        actTime = null;
      }
    },
    close() {
      anchor.close();
      db.close();
    },
  };
}

/** A key of its own, so that no seal says anything of a signature. */
function sealKeyOf(signer: KeyObject): KeyObject {
  const secret = Buffer.from(signer.export({ format: 'jwk' }).d!, 'base64url'); // every private Ed25519 key has it
  const key = hkdfSync('sha256', secret, '', 'jifen-kiosk seal of drafts', 32);
  return createSecretKey(new Uint8Array(key)); // as bytes it would be looked at anew for every seal, for six times as long as the seal takes
}

function eventOf(
  entry: Entry,
  now: { readonly identity: Identity; readonly head: Head; readonly at: number; readonly mono: number; readonly clk: 'ok' | 'back' },
): BookEvent {
  const { kind, body } = entry;
  return {
    v: 1,
    ...now.identity,
    inc: kind === 'RESTORED' ? now.head.inc + 1 : now.head.inc,
    seq: now.head.seq + 1,
    id: entry.id,
    day: entry.day,
    at: now.at,
    mono: now.mono,
    clk: now.clk,
    op: entry.op,
    res: entry.res ?? null,
    amt: entry.amt ?? points(0),
    cmdHash: commandHash(entry.command),
    prev: now.head.leaf,
    kind,
    body,
  } as BookEvent; // kind and body come from one EventKind; TypeScript cannot follow the pair through the spread
}

/** How far the wall clock jumped since the newest event, or null. Before this start only going back can be seen. */
function clockStep(
  last: { readonly at: number; readonly mono: number | null },
  { at: to, mono }: Reading,
): { readonly from: number; readonly to: number } | null {
  if (last.mono === null) return last.at - to > clockStepMs ? { from: last.at, to } : null;
  const from = last.at + (mono - last.mono);
  return Math.abs(to - from) > clockStepMs ? { from, to } : null;
}

interface Statements {
  readonly begin: Statement;
  readonly commit: Statement;
  readonly rollback: Statement;
  readonly event: Statement;
  readonly posting: Statement;
  readonly balanceMove: Statement;
  readonly balanceNew: Statement;
  readonly counterMove: Statement;
  readonly counterNew: Statement;
  readonly rights: Statement<[], { holder: string; amount: number }>;
  readonly counterReturn: Statement;
  readonly sale: Statement;
  readonly credit: Statement;
  readonly creditLine: Statement;
  readonly creditReversal: Statement;
  readonly scaleSet: Statement;
  readonly scaleCheck: Statement;
  readonly handedOver: Statement;
  readonly saleReturn: Statement;
  readonly returnLine: Statement;
  readonly closing: Statement;
  readonly settlement: Statement;
  readonly settledAdjustment: Statement;
  readonly voucher: Statement;
}

/** Prepared once: a wrong column fails at start, not at noon. */
function prepare(db: WritableDatabase): Statements {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    event: db.prepare('INSERT INTO event (seq, id, kind, line, leaf, sig) VALUES (?, ?, ?, ?, ?, ?)'),
    posting: db.prepare('INSERT INTO posting (seq, n, account, holder, commodity, amount) VALUES (?, ?, ?, ?, ?, ?)'),
    // Update, then insert: an upsert checks the row it would insert, and a step alone may be negative.
    balanceMove: db.prepare('UPDATE balance SET amount = amount + ? WHERE account = ? AND holder = ? AND commodity = ?'),
    balanceNew: db.prepare('INSERT INTO balance (amount, account, holder, commodity) VALUES (?, ?, ?, ?)'),
    counterMove: db.prepare(
      `UPDATE counter SET spent = spent + ?, roamed = roamed + ?, credited = credited + ?, uncredited = uncredited + ?,
         unspent = unspent + ?, unroamed = unroamed + ?, returned = returned + ?, granted = granted + ? WHERE account_id = ?`,
    ),
    counterNew: db.prepare(
      `INSERT INTO counter (spent, roamed, credited, uncredited, unspent, unroamed, returned, granted, account_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    rights: db.prepare(`SELECT holder, amount FROM balance WHERE account = 'esc' AND commodity = 'PTS' AND amount > 0 ORDER BY holder`),
    counterReturn: db.prepare('UPDATE counter SET returned = returned + ? WHERE account_id = ?'),
    sale: db.prepare('INSERT INTO sale (seq, sale_id, receipt_number, day, account_id, points, total_fen) VALUES (?, ?, ?, ?, ?, ?, ?)'),
    credit: db.prepare(
      'INSERT INTO credit (seq, credit_id, ticket_number, day, at, account_id, operator_id, points) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    creditLine: db.prepare('INSERT INTO credit_line (seq, n, material_id, units, points) VALUES (?, ?, ?, ?, ?)'),
    creditReversal: db.prepare('INSERT INTO credit_reversal (seq, credit_seq) SELECT ?, seq FROM credit WHERE credit_id = ?'),
    scaleSet: db.prepare('INSERT INTO scale_set (seq) VALUES (?)'),
    scaleCheck: db.prepare('INSERT INTO scale_check (seq, scale_set_id, day, is_good) VALUES (?, ?, ?, ?)'),
    handedOver: db.prepare(
      'INSERT INTO handed_over_line (seq, n, material_id, book_units, hauled_units, left_units) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    saleReturn: db.prepare(
      `INSERT INTO sale_return (seq, return_id, return_number, day, account_id, points, total_fen, sale_seq)
       SELECT ?, ?, ?, ?, ?, ?, ?, seq FROM sale WHERE sale_id = ?`,
    ),
    returnLine: db.prepare(
      'INSERT INTO return_line (seq, n, quantity, total_fen, points_fen, settlement_fen, points) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    closing: db.prepare('INSERT INTO closing (seq, number, day, from_seq) VALUES (?, ?, ?, ?)'),
    settlement: db.prepare('INSERT INTO settlement (seq, number, through_closing, owed_fen) VALUES (?, ?, ?, ?)'),
    settledAdjustment: db.prepare('INSERT INTO settled_adjustment (adjustment_id, settlement_seq) VALUES (?, ?)'),
    voucher: db.prepare('INSERT INTO voucher (account_id, number, amount, seq) VALUES (?, ?, ?, ?)'),
  };
}

function upsert(move: Statement, create: Statement, values: readonly unknown[]): void {
  if (move.run(...values).changes === 0) inserted(create.run(...values));
}

function inserted(result: { readonly changes: number }): void {
  assert(result.changes === 1, 'one row was written');
}
