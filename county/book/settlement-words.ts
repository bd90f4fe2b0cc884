// Words about settlements that a file tells its kiosk: accepted, paid; and which of them a kiosk has that nobody said in this book's life.

import type { DownLine } from '../../db/model/down-file.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { rowThrough, takenUpKind } from './taken-up.ts';

/** A file to a kiosk, by its place in the row, and the entry up to which the kiosk was told everything before it. */
export interface Told {
  readonly kiosk: string;
  readonly downSeq: number;
  readonly inc: number;
  readonly told: number;
}

export interface Word {
  readonly inc: number;
  readonly number: number;
  readonly state: 'accepted' | 'paid';
  readonly day: string;
  readonly paid_fen: number | null;
  readonly reference: string;
}

/** Words about the kiosk's settlements since the file before, less those that it has from files which were taken up again. */
export function words(db: ReadableDatabase, file: Told): readonly Word[] {
  const known = takenWords(db, file);
  const isNews = ({ state, paid_fen, ...of }: Word): boolean =>
    state === 'paid' ? (paid_fen ?? 0) > known.paidFen(of) : !known.isAccepted(of);
  return prepared<[string, number], Word>(
    db,
    'SELECT inc, number, state, day, paid_fen, reference FROM settlement_word WHERE kiosk = ? AND entry > ? ORDER BY entry',
  )
    .all(file.kiosk, file.told)
    .filter(isNews);
}

/**
 * What files of the row before this one told the kiosk that a book which was put back took up again: they knew nothing of what the book
 * says, so that it counts by itself, whatever was said when.
 */
export function takenWords(db: ReadableDatabase, { kiosk, downSeq, inc }: Omit<Told, 'told'>) {
  const ofPart = prepared<[string, number, number, number], TakenWord>(
    db,
    'SELECT state, about, paid_fen FROM taken_word WHERE kiosk = ? AND inc = ? AND down_seq BETWEEN ? AND ?',
  );
  const taken = rowThrough(db, { kiosk, downSeq: downSeq - 1, inc }).flatMap((part) =>
    ofPart.all(kiosk, part.inc, part.from, part.through),
  );
  const rows = [...taken, ...wordsOfOld(db, { kiosk, downSeq, inc })];
  const paid = new Map<string, number>();
  for (const { state, about, paid_fen } of rows) {
    const key = `${state} ${about}`;
    paid.set(key, Math.max(paid.get(key) ?? 0, paid_fen));
  }
  const nameOf = (of: Pick<Word, 'inc' | 'number'>): string => `${of.inc} ${of.number}`;
  return {
    paidFen: (of: Pick<Word, 'inc' | 'number'>): number => paid.get(`paid ${nameOf(of)}`) ?? 0,
    isAccepted: (of: Pick<Word, 'inc' | 'number'>): boolean => paid.has(`accepted ${nameOf(of)}`) || paid.has(`paid ${nameOf(of)}`),
    isAdjusted: (id: string): boolean => paid.has(`adjusted ${id}`),
  };
}

interface TakenWord {
  readonly state: string;
  readonly about: string;
  readonly paid_fen: number;
}

/**
 * A book of version 1 did not write down what a file told that it took up: it went by all that it said by then, and posted the file's payments
 * so. Such a file came after events that are of that version, too.
 */
function wordsOfOld(db: ReadableDatabase, { kiosk, downSeq, inc }: Omit<Told, 'told'>): readonly TakenWord[] {
  const files = prepared<[string, number, number, string], { entry: number }>(
    db,
    `SELECT down_file.entry AS entry FROM down_file JOIN act ON act.entry = down_file.entry
      WHERE kiosk = ? AND down_seq < ? AND inc <= ? AND act.kind = ? AND NOT EXISTS (
        SELECT 1 FROM taken_word AS taken WHERE taken.kiosk = down_file.kiosk AND taken.down_seq = down_file.down_seq AND taken.inc = down_file.inc)
      ORDER BY entry DESC`,
  ).all(kiosk, downSeq, inc, takenUpKind);
  const newest = files.find(({ entry }) => isOfVersion1(db, entry));
  if (newest === undefined) return [];
  return prepared<[string, number, string, number], TakenWord>(
    db,
    `SELECT state, inc || ' ' || number AS about, coalesce(paid_fen, 0) AS paid_fen FROM settlement_word WHERE kiosk = ? AND entry <= ?
     UNION ALL SELECT 'adjusted', id, 0 FROM adjustment WHERE kiosk = ? AND entry <= ?`,
  ).all(kiosk, newest.entry, kiosk, newest.entry);
}

/** Whether what was posted last before an entry came to a book of version 1, which did not write down by which key. */
function isOfVersion1(db: ReadableDatabase, entry: number): boolean {
  const last = prepared<[number], { isOld: number }>(
    db,
    `SELECT CASE WHEN EXISTS (SELECT 1 FROM up_file WHERE up_file.kiosk = event.kiosk AND up_file.inc = event.file_inc
          AND up_file.file_seq = event.file_seq AND up_file.key IS NULL) THEN 1 ELSE 0 END AS "isOld"
       FROM event WHERE entry < ? ORDER BY entry DESC LIMIT 1`,
  ).get(entry);
  return last?.isOld === 1;
}

/** Writes down what such a file told, line for line. */
export function keepTaken(
  { db }: CountyAct,
  { kiosk, downSeq, inc }: Omit<Told, 'told'>,
  line: Extract<DownLine, { t: 'SETTLEMENT' | 'ADJUST' }>,
): void {
  const [state, about, paidFen] =
    line.t === 'ADJUST'
      ? (['adjusted', line.id, 0] as const)
      : ([line.state, `${line.inc ?? 1} ${line.number}`, line.paidFen ?? 0] as const);
  prepared(
    db,
    `INSERT INTO taken_word (kiosk, down_seq, inc, state, about, paid_fen) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (kiosk, down_seq, inc, state, about, paid_fen) DO NOTHING`,
  ).run(kiosk, downSeq, inc, state, about, paidFen);
}

/** What a word says of money: all that was paid of a settlement by then; null: nothing. */
type Paid = Pick<Word, 'inc' | 'number' | 'paid_fen'>;

/** The word `paid` says all that was paid of a settlement, and the kiosk books what is more than the word before said. */
export function paidBetween(db: ReadableDatabase, file: Told): number {
  return paidBy(db, file, words(db, file));
}

/** The same, of the words that a file says: one that a book which was put back takes up again may say less than the book does by now. */
export function paidBy(db: ReadableDatabase, file: Told, said: readonly Paid[]): number {
  const before = new Map<string, number>();
  const known = takenWords(db, file);
  let sum = 0;
  for (const { inc, number, paid_fen } of said) {
    if (paid_fen === null) continue;
    const key = `${inc} ${number}`;
    const told = before.get(key) ?? Math.max(paidThrough(db, file, { inc, number }), known.paidFen({ inc, number }));
    sum += paid_fen - told;
    before.set(key, paid_fen);
  }
  return sum;
}

function paidThrough(db: ReadableDatabase, { kiosk, told }: Told, { inc, number }: Pick<Word, 'inc' | 'number'>): number {
  return (
    prepared<[string, number, number, number], { paid: number | null }>(
      db,
      `SELECT max(paid_fen) AS paid FROM settlement_word WHERE kiosk = ? AND inc = ? AND number = ? AND state = 'paid' AND entry <= ?`,
    ).get(kiosk, inc, number, told)?.paid ?? 0
  );
}
