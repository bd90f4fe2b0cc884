// What a kiosk that was put back has forgotten and the county has posted: settled in a batch of the county's own, since no settlement of
// the kiosk can ever hold it (reconciliation.md R4 "Restore of a kiosk", R6 24). Judges nobody's rights: rights.ts does.

import { type Fen, fen, sumFen } from '../../db/model/amounts.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { assert } from '../../db/model/result.ts';
import { shareOf } from '../../db/model/settlement.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { appendEntry } from '../log/log.ts';
import { putAdjustment } from './adjustments.ts';
import { type Chain, findChain, newestChain } from './chains.ts';
import type { CountyAct } from './county-book.ts';
import { moved } from './ledger.ts';
import { isInDoubt } from './kiosk-keys.ts';
import { undoFoundPapers } from './lost-papers.ts';
import { isFirstSincePutBack, serverEpoch } from './put-back.ts';
import { isRevoked } from './revoke.ts';
import { worthOfAct } from './settling.ts';

/**
 * Makes the batch of what is forgotten and in none yet: redemptions less what came back, of events that the kiosk's newest incarnation does
 * not go on from, and of papers of events that were never sent. Returns its number; null where there is nothing. When a person has
 * answered what the kiosk forgot, and each night after: its old disk may be found and sent late. Files of a key that was not in force wait
 * until a person has answered for each. In a book that was put back the batch waits for the kiosk's next file (night.ts), for one of before that
 * is not taken up yet may have told the money already; who is revoked gets no file, and no money by one.
 *
 * The batch moves the points. It pays no money: the kiosk is told an adjustment of the same amount, which its next settlement has in
 * what it owes, and the bank pays that. So the shop sees on its own paper what it is paid for, every fen that is paid belongs to a
 * settlement that the kiosk signed, and nothing can be paid by both.
 *
 * A settlement that was forgotten stays as it is, accepted and paid as ever. The kiosk makes those of its days that it still has again:
 * their money is taken back here, by the same adjustment, and their points stay where they are (settling.ts).
 */
export function settleForgotten(act: CountyAct, kiosk: string): number | null {
  return isFirstSincePutBack(act.db, kiosk) && !isRevoked(act.db, kiosk) ? null : settleHeard(act, kiosk);
}

/** The same of a kiosk whose files of before are all taken up, though it has no next one yet. */
export function settleHeard(act: CountyAct, kiosk: string): number | null {
  const { db } = act;
  undoFoundPapers(act, kiosk);
  const { permille } = shopOf(db, kiosk);
  const lines = [...forgottenLines(db, kiosk, permille), ...paperLines(db, kiosk, permille)];
  return lines.length === 0 ? null : enterBatch(act, kiosk, { lines, name: '恢复备份前的销售，县补结' });
}

/** The shop of a kiosk, and the share of its merchant that is in force. */
export function shopOf(db: ReadableDatabase, kiosk: string): { readonly store: string; readonly permille: number } {
  const shop = prepared<[string], { store: string; permille: number }>(
    db,
    'SELECT store, share_permille AS permille FROM kiosk WHERE kiosk = ?',
  ).get(kiosk);
  assert(shop !== undefined, 'a kiosk is never removed');
  return shop;
}

const adjustmentPrefix = 'county-batch-';
const adjustmentOf = (batch: number): string => `${adjustmentPrefix}${batch}`;

/**
 * The batch of a book that was lost, whose money its kiosk was told of by a file that is taken up again: the same money is not told twice.
 * Null: there is none of this much.
 */
function toldBatch(db: ReadableDatabase, kiosk: string, owedFen: number): number | null {
  const row = prepared<[string, number, string], { id: string }>(
    db,
    `SELECT id FROM adjustment WHERE kiosk = ? AND fen = ? AND id LIKE ? AND id NOT IN (SELECT adjustment FROM county_batch) ORDER BY entry, id LIMIT 1`,
  ).get(kiosk, owedFen, `${adjustmentPrefix}%`);
  return row === undefined ? null : Number(row.id.slice(adjustmentPrefix.length));
}

/**
 * Beyond every batch that the book has, or that a kiosk was told of, be it by a book that is lost: each epoch has numbers of its own, and
 * those of one that comes again, since all that it told was lost with it, go on after the second: no county makes one in each.
 */
function nextBatch({ db, at }: CountyAct): number {
  const { newest } = prepared<[], { newest: number }>(db, 'SELECT coalesce(max(number), 0) AS newest FROM county_batch').get()!; // an aggregate has a row
  const told = prepared<[string], { id: string }>(db, 'SELECT id FROM adjustment WHERE id LIKE ?').all(`${adjustmentPrefix}%`);
  const epoch = serverEpoch(db);
  const least = epoch === 1 ? newest : Math.max(newest, (epoch - 1) * batchesOfAnEpoch, Math.floor(at / secondMs));
  return 1 + told.reduce((most, { id }) => Math.max(most, Number(id.slice(adjustmentPrefix.length))), least);
}

/** More than a county ever makes: one for each kiosk that comes back from a backup. */
const batchesOfAnEpoch = 100_000;
const secondMs = 1_000;

/** Writes a batch down and moves its points; its money is the adjustment's. Returns its number. */
export function enterBatch(
  act: CountyAct,
  kiosk: string,
  { lines, name }: { readonly lines: readonly BatchLine[]; readonly name: string },
): number {
  const { db } = act;
  const shop = shopOf(db, kiosk);
  const points = lines.reduce((sum, line) => sum + line.points, 0);
  const redeemed = lines.filter(({ permille }) => permille !== null);
  const grossFen = sumFen(redeemed.map((line) => line.fen));
  const shareFen = shareOver(redeemed);
  const owedFen = sumFen([...lines.map((line) => line.fen), fen(-shareFen)]);
  const told = owedFen === 0 ? null : toldBatch(db, kiosk, owedFen);
  const number = told ?? nextBatch(act);
  const entry = act.enter('county_batch', `${kiosk} ${number}`);
  act.post(moved({ account: 'red', at: kiosk }, { account: 'merchant', holder: shop.store }, points));
  const adjustment =
    owedFen === 0
      ? ''
      : told !== null
        ? adjustmentOf(told)
        : putAdjustment(act, { kiosk, id: adjustmentOf(number), fen: owedFen, zh: `${name}第${number}批`, entry });
  const { changes } = prepared(
    db,
    'INSERT INTO county_batch (number, kiosk, merchant, points, gross_fen, share_fen, owed_fen, adjustment, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(number, kiosk, shop.store, points, grossFen, shareFen, owedFen, adjustment, entry);
  assert(changes === 1, 'a batch is written down');
  const insert = prepared(db, 'INSERT INTO county_batch_line (entry, batch, points, fen) VALUES (?, ?, ?, ?)');
  for (const line of lines) insert.run(line.entry, number, line.points, line.fen);
  appendEntry(db, { t: 'COUNTY_BATCH', batch: number, kiosk, merchant: shop.store, points, owedFen });
  return number;
}

/** One event, or the act of one paper, or a closed day. */
export interface BatchLine {
  readonly entry: number;
  readonly points: number;
  readonly fen: Fen;
  /** The shop's share of it; null: a settlement that is taken back, whose share is off already. */
  readonly permille: number | null;
}

/** Each share to the fen over all that is under it, as in a settlement (schemes.md R28). */
function shareOver(lines: readonly BatchLine[]): Fen {
  const gross = new Map<number, Fen[]>();
  for (const { permille, fen: worth } of lines) gross.set(permille ?? 0, [...(gross.get(permille ?? 0) ?? []), worth]);
  return sumFen([...gross].map(([permille, amounts]) => shareOf(sumFen(amounts), permille)));
}

interface EventRow {
  readonly entry: number;
  readonly inc: number;
  readonly seq: number;
  readonly kind: string;
  readonly line: string;
}

function* forgottenLines(db: ReadableDatabase, kiosk: string, inForce: number): Generator<BatchLine> {
  const newest = newestChain(db, kiosk);
  if (newest === null) return;
  const kept = keptBy(db, kiosk, newest);
  const ended = prepared<[string, number], { inc: number; base_seq: number }>(
    db,
    'SELECT inc, base_seq FROM chain WHERE kiosk = ? AND inc < ? ORDER BY inc',
  ).all(kiosk, newest.inc);
  for (const { inc, base_seq } of ended) {
    const after = kept.get(inc) ?? base_seq;
    const rows = prepared<[string, number, number], EventRow>(
      db,
      `SELECT entry, inc, seq, kind, line FROM event WHERE kiosk = ? AND inc = ? AND seq > ?
          AND (kind = 'SETTLED' OR (kind IN ('SALE', 'RETURNED') AND amt > 0)) AND entry NOT IN (SELECT entry FROM county_batch_line)
          AND NOT ${isInDoubt} ORDER BY seq`,
    ).all(kiosk, inc, after);
    for (const row of rows) yield row.kind === 'SETTLED' ? takenBack(db, kiosk, row, after) : redemption(db, kiosk, row, inForce);
  }
}

/** How far each incarnation is the history of the newest one. */
function keptBy(db: ReadableDatabase, kiosk: string, newest: Chain): ReadonlyMap<number, number> {
  const kept = new Map([[newest.inc, newest.toSeq]]);
  let through = newest.toSeq;
  for (let chain: Chain | null = newest; chain !== null && chain.baseInc !== null; chain = findChain(db, kiosk, chain.baseInc)) {
    through = Math.min(through, chain.baseSeq);
    kept.set(chain.baseInc, through);
  }
  return kept;
}

/** What one sale or return redeemed. */
export function redemption(
  db: ReadableDatabase,
  kiosk: string,
  { entry, inc, seq, line }: Pick<EventRow, 'entry' | 'inc' | 'seq' | 'line'>,
  inForce: number,
): BatchLine {
  const { points } = prepared<[number], { points: number }>(
    db,
    `SELECT coalesce(sum(amount), 0) AS points FROM posting WHERE entry = ? AND account = 'red'`,
  ).get(entry)!; // an aggregate has a row
  const closing = prepared<[string, number, number], { line: string }>(
    db,
    `SELECT line FROM event WHERE kiosk = ? AND inc = ? AND seq > ? AND kind = 'DAY_CLOSED' ORDER BY seq LIMIT 1`,
  ).get(kiosk, inc, seq);
  const closed = closing === undefined ? null : (JSON.parse(closing.line) as BookEvent & { readonly kind: 'DAY_CLOSED' }).body; // the kind was asked for
  const worth = fen(worthOfAct(JSON.parse(line) as BookEvent)); // posted as one
  return { entry, points, fen: worth, permille: shareSaid(closed?.sharePermille, inForce) };
}

/** The share that a closing says, in thousandths; the shop's that is in force where it says none, or what no kiosk of ours signs. */
export function shareSaid(said: number | undefined, inForce: number): number {
  return said !== undefined && Number.isSafeInteger(said) && said >= 0 && said <= 1_000 ? said : inForce;
}

/**
 * A settlement that was forgotten: its money whole, since its days are made again or their redemptions are lines of this batch; of its
 * points those of days that the kiosk forgot with it, since the others stay in it.
 */
function takenBack(db: ReadableDatabase, kiosk: string, { entry, inc, seq, line }: EventRow, after: number): BatchLine {
  const { body } = JSON.parse(line) as BookEvent & { readonly kind: 'SETTLED' }; // the kind was asked for
  const { points } = prepared<[string, number, number, number], { points: number }>(
    db,
    `SELECT coalesce(sum(closing.red - coalesce(before.red, 0)), 0) AS points FROM settlement
       JOIN settled_day ON settled_day.kiosk = settlement.kiosk AND settled_day.inc = settlement.inc AND settled_day.number = settlement.number
       JOIN event ON event.entry = settled_day.entry
       JOIN closing ON closing.entry = settled_day.entry AND closing.kiosk = settlement.kiosk AND closing.inc = settlement.inc
       LEFT JOIN closing AS before ON before.kiosk = closing.kiosk AND before.inc = closing.inc AND before.number = closing.number - 1
      WHERE settlement.kiosk = ? AND settlement.inc = ? AND settlement.seq = ? AND event.inc = settlement.inc AND event.seq > ?`,
  ).get(kiosk, inc, seq, after)!; // an aggregate has a row
  const owed = prepared<[string, number, number], object>(db, 'SELECT 1 FROM settlement WHERE kiosk = ? AND inc = ? AND seq = ?').get(
    kiosk,
    inc,
    seq,
  );
  return { entry, points: -points, fen: fen(owed === undefined ? 0 : -body.owedFen), permille: null }; // a second of one number moved nothing
}

/** Papers that were entered, and those whose event came after all. */
function paperLines(db: ReadableDatabase, kiosk: string, inForce: number): readonly BatchLine[] {
  return prepared<[string, string], { entry: number; points: number; fen: number }>(
    db,
    `SELECT entry, points, fen FROM (
       SELECT entry, kind, CASE WHEN kind = 'sale' THEN points ELSE -points END AS points, CASE WHEN kind = 'sale' THEN fen ELSE -fen END AS fen
         FROM lost_paper WHERE kiosk = ?
       UNION ALL SELECT found.entry, kind, CASE WHEN kind = 'sale' THEN -points ELSE points END, CASE WHEN kind = 'sale' THEN -fen ELSE fen END
         FROM lost_paper_found AS found
         JOIN lost_paper AS paper ON paper.kiosk = found.kiosk AND paper.inc = found.inc AND paper.seq = found.seq WHERE found.kiosk = ?) AS papers
      WHERE kind <> 'credit' AND entry NOT IN (SELECT entry FROM county_batch_line) ORDER BY entry`,
  )
    .all(kiosk, kiosk)
    .map(({ entry, points, fen: worth }) => ({ entry, points, fen: fen(worth), permille: inForce }));
}
