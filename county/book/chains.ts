// How far each incarnation of a kiosk is posted, and what its next event builds on: the tree, the open day's figures, what was redeemed
// (reconciliation.md R2 and R4). growth-through.ts makes it again where a restored kiosk goes on from an earlier one.

import { noLeaf } from '../../db/book.ts';
import type { BookEvent, Figures } from '../../db/model/event.ts';
import { type LinesOfCredit, fixedFigures, newFigures } from '../../db/model/figures.ts';
import type { Posting } from '../../db/model/postings.ts';
import { assert } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { type Tree, growTree } from '../../db/tree.ts';
import { rowOf } from '../store/held-rows.ts';
import { type ChainRow, chains } from './held-tables.ts';

/** An incarnation as its row says. */
export interface Chain {
  readonly inc: number;
  /** The incarnation and event that it goes on from after a restoration; null: it is the kiosk's first. */
  readonly baseInc: number | null;
  readonly baseSeq: number;
  /** Newest file of it that was posted, and its hash. */
  readonly fileSeq: number;
  readonly fileSha: string;
  readonly toSeq: number;
  readonly headLeaf: string;
}

/** What grows with each event. */
export interface Growth {
  readonly tree: Tree;
  readonly period: Period;
  /** Redeemed at the kiosk since its beginning, as its own account `red` has it. */
  red: number;
}

/** The figures of the open day, as the kiosk sums them. */
export interface Period {
  add(event: BookEvent, postings: readonly Posting[]): void;
  figures(): Figures;
  /** The day is closed: the next begins. */
  restart(): void;
}

export function findChain(db: ReadableDatabase, kiosk: string, inc: number): Chain | null {
  const row = chainRow(db, kiosk, inc);
  return row === undefined
    ? null
    : {
        inc,
        baseInc: isBefore(row.base_inc, inc) ? row.base_inc : null,
        baseSeq: row.base_seq,
        fileSeq: row.file_seq,
        fileSha: row.file_sha,
        toSeq: row.to_seq,
        headLeaf: row.head_leaf,
      };
}

/** What an incarnation goes on from came before it (intake-walk.ts). In a book that somebody altered nobody goes round in it for ever: invariants.ts tells it. */
function isBefore(baseInc: number | null, inc: number): boolean {
  return baseInc !== null && Math.abs(baseInc) < Math.abs(inc);
}

function chainRow(db: ReadableDatabase, kiosk: string, inc: number): ChainRow | undefined {
  return rowOf(db, chains, [kiosk, inc]);
}

/** The newest incarnation that anything was posted of; null before the first file. */
export function newestChain(db: ReadableDatabase, kiosk: string): Chain | null {
  const row = prepared<[string], { inc: number | null }>(db, 'SELECT max(inc) AS inc FROM chain WHERE kiosk = ?').get(kiosk);
  return row?.inc == null ? null : findChain(db, kiosk, row.inc);
}

/**
 * The number that a kiosk gave an incarnation. One that is passed over is written down as less than zero: another of that number was posted
 * before, of a backup that was put back twice, and this one holds nothing but its beginning.
 */
export function toldInc({ inc }: Pick<Chain, 'inc'>): number {
  return Math.abs(inc);
}

/** An incarnation of which nothing is posted. */
export function firstChain(inc: number): Chain {
  return { inc, baseInc: null, baseSeq: 0, fileSeq: 0, fileSha: '', toSeq: 0, headLeaf: noLeaf };
}

/** What the next event of a chain builds on. */
export function growthOf(db: ReadableDatabase, kiosk: string, { inc, toSeq }: Chain): Growth {
  const row = chainRow(db, kiosk, inc);
  if (row === undefined) return { tree: growTree(), period: newPeriod(db), red: 0 };
  return { tree: growTree({ size: toSeq, hashes: row.edge }), period: newPeriod(db, JSON.parse(row.figures) as Figures), red: row.red }; // written by keepChain
}

/** Writes down how far a chain is posted. */
export function keepChain(db: WritableDatabase, kiosk: string, chain: Chain, { tree, period, red }: Growth): void {
  assert(tree.size() === chain.toSeq, 'the tree is over all events of the chain');
  const { changes } = prepared(
    db,
    `INSERT INTO chain (kiosk, inc, base_inc, base_seq, file_seq, file_sha, to_seq, head_leaf, edge, figures, red)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (kiosk, inc) DO UPDATE SET file_seq = excluded.file_seq, file_sha = excluded.file_sha, to_seq = excluded.to_seq,
       head_leaf = excluded.head_leaf, edge = excluded.edge, figures = excluded.figures, red = excluded.red WHERE excluded.to_seq >= chain.to_seq`,
  ).run(
    kiosk,
    chain.inc,
    chain.baseInc,
    chain.baseSeq,
    chain.fileSeq,
    chain.fileSha,
    chain.toSeq,
    chain.headLeaf,
    tree.edge(),
    JSON.stringify(period.figures()),
    red,
  );
  assert(changes === 1, 'what is posted of a kiosk only grows (R6, 17)');
}

/** One stored event of a chain or of what it goes on from. */
export interface StoredEvent {
  readonly entry: number;
  readonly seq: number;
  readonly line: string;
  readonly leaf: Buffer;
}

/** The event of that number in a chain or in what it goes on from; null where none is posted. */
export function storedEvent(db: ReadableDatabase, kiosk: string, chain: Chain, seq: number): StoredEvent | null {
  const inc = incOf(db, kiosk, chain, seq);
  return (
    prepared<[string, number, number], StoredEvent>(
      db,
      'SELECT entry, seq, line, leaf FROM event WHERE kiosk = ? AND inc = ? AND seq = ?',
    ).get(kiosk, inc, seq) ?? null
  );
}

function incOf(db: ReadableDatabase, kiosk: string, chain: Chain, seq: number): number {
  let of = chain;
  while (of.baseInc !== null && seq <= of.baseSeq) {
    const base = findChain(db, kiosk, of.baseInc);
    assert(base !== null, 'an incarnation goes on from one that is posted');
    of = base;
  }
  return of.inc;
}

/** The tree over the first `size` events of a chain, made again. */
export function treeThrough(db: ReadableDatabase, kiosk: string, chain: Chain, size: number): Tree {
  const tree = growTree();
  for (let seq = 1; seq <= size; seq += 1) {
    const stored = storedEvent(db, kiosk, chain, seq);
    assert(stored !== null, 'a chain has no gap');
    tree.add(stored.leaf);
  }
  return tree;
}

/** One event more. */
export function grow(growth: Growth, event: BookEvent, leaf: Uint8Array, postings: readonly Posting[]): void {
  growth.tree.add(leaf);
  growth.period.add(event, postings);
  for (const { account, amount } of postings) if (account === 'red') growth.red += amount;
}

/** Nothing yet, or what was kept of the open day. */
export function newPeriod(db: ReadableDatabase, kept: Figures = {}): Period {
  const linesOfCredit: LinesOfCredit = (creditId) => {
    const row = prepared<[string], { line: string }>(db, `SELECT line FROM event WHERE id = ? AND kind = 'CREDIT'`).get(creditId);
    return row === undefined ? [] : (JSON.parse(row.line) as BookEvent & { readonly kind: 'CREDIT' }).body.lines; // the kind was asked for
  };
  let before = kept;
  let sums = newFigures(linesOfCredit);
  return {
    add: (event, postings) => sums.add({ event, postings }),
    figures() {
      const own = sums.figures();
      const names = [...new Set([...Object.keys(before), ...Object.keys(own)])].toSorted();
      const all = names.map((name) => [name, (before[name] ?? 0) + (own[name] ?? 0)] as const);
      return Object.fromEntries(all.filter(([name, amount]) => amount !== 0 || isFixed(name)));
    },
    restart() {
      before = {};
      sums = newFigures(linesOfCredit);
    },
  };
}

function isFixed(name: string): boolean {
  return (fixedFigures as readonly string[]).includes(name);
}
