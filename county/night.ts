// The county's night: gives out what was awarded, funds what was roamed, and makes the next file for each kiosk from the book
// (reconciliation.md R3 and R4). What shops sell, who lives there and which cards are denied is told by other files: not this one.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fen, points } from '../db/model/amounts.ts';
import { type DownHeader, type DownLine, downFormat } from '../db/model/down-file.ts';
import { assert } from '../db/model/result.ts';
import { businessDate } from '../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../db/sqlite.ts';
import { newestChain, storedEvent } from './book/chains.ts';
import type { CountyAct, CountyBook } from './book/county-book.ts';
import { fund } from './book/fold.ts';
import { give, keepMoving } from './book/import-files.ts';
import { balanceOf, countyBalance, moved } from './book/ledger.ts';
import { writeDownFile } from './down-writer.ts';
import { appendEntry, giveRoot } from './log/log.ts';
import { sealDay } from './log/steps.ts';

/** What became of one kiosk's file. */
export type NightOutcome =
  | { readonly kind: 'written'; readonly kiosk: string; readonly downSeq: number; readonly lines: number }
  /** It is quarantined, or was put back behind the county's book: a person must answer first. */
  | { readonly kind: 'held'; readonly kiosk: string; readonly why: 'quarantined' | 'restored_behind' }
  /** It never had the file that tells it its shop and its rules. */
  | { readonly kind: 'not_begun'; readonly kiosk: string };

/** Makes the night's files; each with what it says in one transaction, so that a night cut short goes on where it stopped. */
export async function night(book: CountyBook): Promise<readonly NightOutcome[]> {
  await book.transact(allocate);
  await sealDay(book, businessDate(book.wallMs())); // a log that somebody contradicts is not signed: the exception says so
  const kiosks = await book.read((db) => prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk').all());
  const outcomes: NightOutcome[] = [];
  for (const { kiosk } of kiosks) outcomes.push(await book.transact((act) => fileFor(book, act, kiosk)));
  return outcomes;
}

/** What lies unallocated first pays what is due and owed, and goes to the home kiosk, which holds 100 % (R3). */
function allocate(act: CountyAct): void {
  const { db } = act;
  const rows = prepared<[], { holder: string; home: string }>(
    db,
    `SELECT holder, home FROM balance JOIN account ON account.account = holder WHERE balance.account = 'main' AND amount > 0 ORDER BY holder`,
  ).all();
  for (const { holder, home } of rows) {
    const entry = act.enter('allocate', holder);
    const left = (): number => balanceOf(db, { account: 'main', holder });
    const dues = prepared<[string], { kiosk: string; amount: number }>(
      db,
      `SELECT kiosk, -amount AS amount FROM balance WHERE account = 'due' AND holder = ? AND amount < 0 ORDER BY kiosk`,
    ).all(holder);
    for (const { kiosk, amount } of dues) {
      const funded = Math.min(amount, left());
      act.post(moved({ account: 'main', holder }, { account: 'due', holder, at: kiosk }, funded));
      fund(act, { kiosk, account: holder, funded, entry });
    }
    const owed = -balanceOf(db, { account: 'overdraft', holder });
    act.post(moved({ account: 'main', holder }, { account: 'overdraft', holder }, Math.min(Math.max(0, owed), left())));
    const rest = left();
    if (rest === 0) continue;
    act.post(moved({ account: 'main', holder }, { account: 'esc', holder, at: home }, rest));
    const before =
      prepared<[string, string], { granted: number }>(db, 'SELECT granted FROM given WHERE kiosk = ? AND account = ?').get(home, holder)
        ?.granted ?? 0;
    give(act, { kiosk: home, account: holder, granted: before + rest, cap: null, entry });
  }
}

interface LastFile {
  readonly down_seq: number;
  readonly sha256: string;
  readonly as_of: number;
}

async function fileFor(book: CountyBook, act: CountyAct, kiosk: string): Promise<NightOutcome> {
  const { db } = act;
  const state = prepared<[string], { state: string; told_entry: number }>(db, 'SELECT state, told_entry FROM kiosk WHERE kiosk = ?').get(
    kiosk,
  );
  assert(state !== undefined, 'a kiosk is never removed');
  if (state.state === 'quarantined') return { kind: 'held', kiosk, why: 'quarantined' };
  const chain = newestChain(db, kiosk);
  const inc = chain?.inc ?? 1;
  if (isBehind(db, kiosk, inc)) return { kind: 'held', kiosk, why: 'restored_behind' };
  const last = prepared<[string], LastFile>(
    db,
    'SELECT down_seq, sha256, as_of FROM down_file WHERE kiosk = ? ORDER BY down_seq DESC LIMIT 1',
  ).get(kiosk);
  if (last === undefined) return { kind: 'not_begun', kiosk };
  const downSeq = last.down_seq + 1;
  const entry = act.enter('down', `${kiosk} ${downSeq}`);
  acceptSettlements(book, act, kiosk);
  const lines = [...linesFor(db, kiosk, state.told_entry)];
  const begun = chain?.baseInc == null ? null : storedEvent(db, kiosk, chain, chain.baseSeq + 1);
  const root = giveRoot(db, { kiosk, inc, downSeq });
  const header: DownHeader = {
    t: 'H',
    fmt: downFormat,
    county: book.code,
    kiosk,
    ...(inc > 1 ? { inc } : {}),
    // Which of two incarnations of one number it speaks to, where a backup was put back twice.
    ...(begun === null ? {} : { incLeaf: begun.leaf.toString('base64url') }),
    downSeq,
    prevDownSha: last.sha256,
    serverEpoch: book.serverEpoch,
    asOf: Math.max(book.wallMs(), last.as_of),
    snapshot: false,
    ackThrough: chain === null ? null : { inc: chain.inc, seq: chain.toSeq, leaf: chain.headLeaf },
    ...(root === null ? {} : { countyRoot: root }),
  };
  const directory = join(book.folder.down, kiosk);
  mkdirSync(directory, { recursive: true });
  const { sha256 } = await writeDownFile(directory, header, lines, { name: book.name, privateKey: book.signer });
  keepFile(act, { kiosk, inc, downSeq, sha256, asOf: header.asOf }, lines);
  appendEntry(db, { t: 'FILE', note: readFileSync(join(directory, `${String(downSeq).padStart(8, '0')}.note`), 'utf8') });
  prepared(db, 'UPDATE kiosk SET told_entry = ? WHERE kiosk = ?').run(entry, kiosk);
  return { kind: 'written', kiosk, downSeq, lines: lines.length };
}

/** Rights stay frozen until a person has said what becomes of the events that the kiosk forgot (R4, Restore of a kiosk). */
function isBehind(db: ReadableDatabase, kiosk: string, inc: number): boolean {
  const row = prepared<[string, number], object>(
    db,
    `SELECT 1 FROM exception WHERE kiosk = ? AND inc = ? AND code = 'restored_behind' AND number NOT IN (SELECT exception FROM exception_answer)`,
  ).get(kiosk, inc);
  return row !== undefined;
}

/** A settlement that agrees with the county's book, or about which a person answered, is accepted the night after it came. */
function acceptSettlements(book: CountyBook, act: CountyAct, kiosk: string): void {
  const { db } = act;
  const rows = prepared<
    [string],
    { inc: number; number: number; merchant: string; through_closing: number; points: number; owed_fen: number }
  >(
    db,
    `SELECT inc, number, merchant, through_closing, points, owed_fen FROM settlement AS s WHERE kiosk = ?
        AND NOT EXISTS (SELECT 1 FROM settlement_word AS w WHERE w.kiosk = s.kiosk AND w.inc = s.inc AND w.number = s.number)
        AND (is_agreed = 1 OR EXISTS (SELECT 1 FROM exception JOIN exception_answer ON exception = exception.number
              WHERE exception.kiosk = s.kiosk AND code = 'settlement_differs' AND exception.inc = s.inc AND exception.seq = s.seq))
      ORDER BY inc, number`,
  ).all(kiosk);
  for (const { inc, number, merchant, through_closing, points, owed_fen } of rows) {
    const entry = act.enter('accept', `${kiosk} ${inc} ${number}`);
    prepared(
      db,
      `INSERT INTO settlement_word (entry, kiosk, inc, number, state, day, paid_fen, reference) VALUES (?, ?, ?, ?, 'accepted', ?, NULL, '')`,
    ).run(entry, kiosk, inc, number, businessDate(book.wallMs()));
    if (through_closing > 0)
      appendEntry(db, { t: 'SETTLEMENT', kiosk, number, merchant, throughClosing: through_closing, points, owedFen: owed_fen });
  }
}

/** What moved since the file before: rights and roaming of this kiosk, balances of everybody, words about its settlements. */
function* linesFor(db: ReadableDatabase, kiosk: string, told: number): Generator<DownLine> {
  const changed = prepared<[number], { account: string }>(db, 'SELECT account FROM account WHERE changed_entry > ? ORDER BY account').all(
    told,
  );
  for (const { account } of changed) yield { t: 'BAL', a: account, balance: points(Math.max(0, countyBalance(db, account))) };
  const given = prepared<[string, number], { account: string; granted: number; cap: number | null; funded: number; sent: number | null }>(
    db,
    `SELECT account, granted, cap, funded, (SELECT max(granted) FROM down_line WHERE down_line.kiosk = given.kiosk AND down_line.account = given.account) AS sent
       FROM given WHERE kiosk = ? AND changed_entry > ? ORDER BY account`,
  ).all(kiosk, told);
  for (const { account, granted, cap, funded, sent } of given) {
    if (granted > (sent ?? 0)) yield { t: 'GRANT', a: account, g: points(granted) };
    if (cap !== null || funded > 0) yield { t: 'ROAM', a: account, c: points(cap ?? 0), xs: points(funded) };
  }
  const words = prepared<
    [string, number],
    { inc: number; number: number; state: 'accepted' | 'paid'; day: string; paid_fen: number | null; reference: string }
  >(db, 'SELECT inc, number, state, day, paid_fen, reference FROM settlement_word WHERE kiosk = ? AND entry > ? ORDER BY entry').all(
    kiosk,
    told,
  );
  for (const { inc, number, state, day, paid_fen, reference } of words)
    yield {
      t: 'SETTLEMENT',
      ...(inc > 1 ? { inc } : {}),
      number,
      state,
      day,
      paidFen: paid_fen === null ? null : fen(paid_fen),
      reference,
    };
}

/** What the book must know of the file when the kiosk says that it applied it. */
function keepFile(
  act: CountyAct,
  file: { readonly kiosk: string; readonly inc: number; readonly downSeq: number; readonly sha256: string; readonly asOf: number },
  lines: readonly DownLine[],
): void {
  const { kiosk, inc, downSeq, sha256, asOf } = file;
  for (const line of lines) {
    if (line.t === 'GRANT') keepMoving(act, { kiosk, downSeq, account: line.a, granted: line.g, cap: null, settled: null });
    if (line.t === 'ROAM') keepMoving(act, { kiosk, downSeq, account: line.a, granted: null, cap: line.c, settled: line.xs });
  }
  const { changes } = prepared(
    act.db,
    'INSERT INTO down_file (kiosk, down_seq, inc, sha256, as_of, paid_fen) VALUES (?, ?, ?, ?, ?, ?)',
  ).run(kiosk, downSeq, inc, sha256, asOf, paidBy(act.db, kiosk, lines));
  assert(changes === 1, 'a file has its row');
}

/** The word `paid` says all that was paid of a settlement, and the kiosk books what is more than the word before said. */
function paidBy(db: ReadableDatabase, kiosk: string, lines: readonly DownLine[]): number {
  const before = new Map<string, number>();
  let sum = 0;
  for (const line of lines) {
    if (line.t !== 'SETTLEMENT' || line.paidFen === null) continue;
    const key = `${'inc' in line ? line.inc : 1} ${line.number}`;
    const told =
      before.get(key) ??
      prepared<[string, number, number, number], { paid: number | null }>(
        db,
        `SELECT max(paid_fen) AS paid FROM settlement_word WHERE kiosk = ? AND inc = ? AND number = ? AND state = 'paid' AND entry <= (SELECT told_entry FROM kiosk WHERE kiosk = settlement_word.kiosk) AND entry > ?`,
      ).get(kiosk, Number(key.split(' ')[0]), line.number, 0)?.paid ??
      0;
    sum += line.paidFen - told;
    before.set(key, line.paidFen);
  }
  return sum;
}
