// The kiosk's own figures, the county's book and the merchant's statement, compared day by day and settlement by settlement, by hash and to
// the fen (reconciliation.md R4, R6 22 and 24). Each difference has a cause by name; one that has none is a fault, with the bytes to look
// at. Settles nothing.

import { fen, sumFen } from '../../db/model/amounts.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { shareOf } from '../../db/model/settlement.ts';
import { businessDate } from '../../db/model/time.ts';
import { never } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { lastAdjustments } from './adjustments.ts';
import { type Chain, findChain } from './chains.ts';
import type { CountyBook } from './county-book.ts';
import { takenBackOpen } from './exposure.ts';
import { pointsText } from './invariants.ts';
import { type SaidDay, type SaidSettlement, type KeptFile, keptFiles, readSaid } from './kiosk-said.ts';
import type { MerchantSheet } from './merchant-sheet.ts';
import { frozenBy, newestIncarnation } from './rights.ts';
import { worthOfAct } from './settling.ts';

/** Why figures differ that are both right. */
export type Cause =
  | 'unsent' // the other side has not got it yet
  | 'duplicate' // told twice, counted once
  | 'refused' // came and was not posted
  | 'roaming_due' // funded, or due, and the kiosk has not heard
  | 'taken_back' // of awards or credits, or expired, and not paid yet: shops are asked for it, or it is owed
  | 'clock' // a date that a wrong clock made
  | 'restored' // of a history that the kiosk forgot
  | 'quarantined' // waits for the committee
  | 'adjusted' // the county put it right
  | 'not_settled' // in no settlement yet, or in one that is not accepted
  | 'not_paid';

/** Hundredths of a point, and fen; the leaf that proves them, where one does. */
export interface Amounts {
  readonly points: number | null;
  readonly fen: number | null;
  readonly leaf?: string;
}

export interface Compared {
  readonly kiosk: string;
  readonly inc: number;
  readonly what: string;
  readonly kioskSays: Amounts | null;
  readonly countyHas: Amounts | null;
  readonly merchantHas: Amounts | null;
  readonly outcome:
    | { readonly kind: 'agreed' }
    | { readonly kind: 'differs'; readonly cause: Cause; readonly why: string }
    /** Nothing that may happen makes it so: somebody must look at these bytes. */
    | { readonly kind: 'unnamed'; readonly why: string; readonly bytes: string };
}

/**
 * Compares everything that kiosks told, or with `since` (epoch ms) what came from then on. `sheet`: a shop's own statement, compared with
 * the settlement that it names.
 */
export async function threeWay(
  book: CountyBook,
  { since = 0, sheet = null }: { readonly since?: number; readonly sheet?: MerchantSheet | null } = {},
): Promise<readonly Compared[]> {
  const files = await book.read((db) => keptFiles(db, book, since));
  const told = newTold();
  for (const file of files) told.take(file, await readSaid(book.folder.directory, file)); // files never change: read outside of the book's turn
  return book.read((db) => [
    ...told.faults,
    ...told.days().map((day) => compareDay(db, day)),
    ...(since === 0 ? daysWithoutFile(db, told) : []),
    ...told.settlements().map((each) => compareSettlement(db, each, sheet)),
    ...(sheet === null ? [] : sheetWithoutSettlement(db, told, sheet)),
    ...countyBatches(db),
    ...standings(db),
    ...takenBack(db),
  ]);
}

/** One line for a person: what, the three sides, and what is the matter. */
export function comparedLine({ kiosk, inc, what, kioskSays, countyHas, merchantHas, outcome }: Compared): string {
  const side = (name: string, amounts: Compared['kioskSays']): string => {
    if (amounts === null) return `${name} –`;
    const { points, fen } = amounts;
    return `${name} ${points === null ? '' : pointsText(points)}${fen === null ? '' : ` = ¥${pointsText(fen)}`}`;
  };
  const sides = `${side('kiosk', kioskSays)}, ${side('county', countyHas)}, ${side('merchant', merchantHas)}`;
  const place = `${kiosk === '' ? 'county' : `${kiosk}/${inc}`} ${what}: ${sides}`;
  switch (outcome.kind) {
    case 'agreed':
      return `same  ${place}`;
    case 'differs':
      return `named ${place}: ${outcome.cause}, ${outcome.why}`;
    case 'unnamed':
      return `FAULT ${place}: ${outcome.why}; look at ${outcome.bytes}`;
    default:
      return never(outcome);
  }
}

/** What was told, and by which file. */
interface Told<Value> {
  readonly file: KeptFile;
  readonly said: Value;
}

function newTold() {
  const days = new Map<string, Told<SaidDay>>();
  const settlements = new Map<string, Told<SaidSettlement>>();
  const faults: Compared[] = [];
  return {
    faults,
    days: (): readonly Told<SaidDay>[] => [...days.values()],
    settlements: (): readonly Told<SaidSettlement>[] => [...settlements.values()],
    hasDay: (kiosk: string, inc: number, number: number): boolean => days.has(`${kiosk} ${inc} ${number}`),
    take(file: KeptFile, said: Awaited<ReturnType<typeof readSaid>>): void {
      if (!said.ok) {
        faults.push({
          ...nothingSaid(file.kiosk, file.inc, `file ${file.fileSeq}`),
          outcome:
            file.verdict === 'ACCEPTED' || said.code === 'changed'
              ? { kind: 'unnamed', why: `its bytes are not those that were signed: ${said.code}`, bytes: file.path }
              : notPosted(file, file.path),
        });
        return;
      }
      // A file that is posted says it; one that is not, only what no other said.
      for (const day of said.value.days) {
        const key = `${file.kiosk} ${day.inc} ${day.number}`;
        if (!days.has(key) || (file.verdict === 'ACCEPTED' && days.get(key)!.file.verdict !== 'ACCEPTED'))
          days.set(key, { file, said: day });
      }
      for (const settlement of said.value.settlements) {
        const key = `${file.kiosk} ${settlement.inc} ${settlement.number}`;
        if (!settlements.has(key) || (file.verdict === 'ACCEPTED' && settlements.get(key)!.file.verdict !== 'ACCEPTED'))
          settlements.set(key, { file, said: settlement });
      }
    },
  };
}

function nothingSaid(kiosk: string, inc: number, what: string): Omit<Compared, 'outcome'> {
  return { kiosk, inc, what, kioskSays: null, countyHas: null, merchantHas: null };
}

function bytesOf({ file, said }: Told<{ readonly line: number }>): string {
  return `${file.path} line ${said.line}`;
}

interface CountyDay extends Amounts {
  readonly points: number;
  readonly fen: number;
  readonly leaf: string;
  readonly entry: number;
  readonly seq: number;
  readonly sharePermille: number | null;
}

function compareDay(db: ReadableDatabase, told: Told<SaidDay>): Compared {
  const { file, said } = told;
  const of = nothingSaid(file.kiosk, said.inc, `day ${said.number} of ${said.day}`);
  const county = countyDay(db, { kiosk: file.kiosk, inc: said.inc, number: said.number });
  const kioskSays = { points: said.points, fen: said.fen, leaf: said.leaf };
  if (county === null) return { ...of, kioskSays, outcome: notPosted(file, bytesOf(told)) };
  const merchant = settledAs(db, county.entry, said.number);
  const sides = {
    ...of,
    kioskSays,
    countyHas: { points: county.points, fen: county.fen, leaf: county.leaf },
    merchantHas: merchant === null ? null : { points: merchant.points, fen: merchant.fen },
  };
  const unnamed = (why: string): Compared => ({ ...sides, outcome: { kind: 'unnamed', why, bytes: bytesOf(told) } });
  const differs = (cause: Cause, why: string): Compared => ({ ...sides, outcome: { kind: 'differs', cause, why } });
  if (county.leaf !== said.leaf)
    return file.verdict === 'ACCEPTED'
      ? unnamed('the county has another closing of this day')
      : { ...sides, outcome: notPosted(file, bytesOf(told)) };
  if (!said.isTold) return unnamed('its Z line is not what its closing says');
  if (county.points !== said.points)
    return unnamed(`redeemed by the county's postings ${county.points}, by the kiosk's slip ${said.points}`);
  if (county.fen !== said.fen) return unnamed(`worth by the county's events ${county.fen} fen, by the kiosk's slip ${said.fen}`);
  const forgotten = forgottenBy(db, { kiosk: file.kiosk, inc: said.inc, seq: county.seq });
  if (forgotten !== null) return differs('restored', `incarnation ${forgotten} goes on from before this closing`);
  if (merchant === null) return differs('not_settled', 'in no settlement yet');
  if (merchant.points !== said.points || merchant.fen !== said.fen)
    return unnamed(`its settlement has ${merchant.points} points and ${merchant.fen} fen of it`);
  if (Math.abs(Date.parse(said.day) - Date.parse(businessDate(said.at))) > dayOff)
    return differs('clock', `closed at ${businessDate(said.at)} by the kiosk's clock`);
  return { ...sides, outcome: { kind: 'agreed' } };
}

/** A day that is closed after midnight, or one day late, is no clock's fault. */
const dayOff = 2 * 24 * 60 * 60 * 1000;

/** The day as the postings and the events of the county make it. */
function countyDay(
  db: ReadableDatabase,
  { kiosk, inc, number }: { readonly kiosk: string; readonly inc: number; readonly number: number },
): CountyDay | null {
  const row = prepared<[string, number, number], { entry: number; seq: number; line: string; leaf: Buffer }>(
    db,
    `SELECT closing.entry AS entry, seq, line, leaf FROM closing JOIN event ON event.entry = closing.entry
      WHERE closing.kiosk = ? AND closing.inc = ? AND number = ? AND event.inc = closing.inc`,
  ).get(kiosk, inc, number);
  if (row === undefined) return null;
  const { body } = JSON.parse(row.line) as { readonly body: { readonly fromSeq: number; readonly sharePermille?: number } }; // posted as one
  let points = 0;
  let worth = 0;
  for (const part of partsOf(db, kiosk, { inc, from: body.fromSeq, to: row.seq })) {
    points += prepared<[string, number, number, number], { points: number }>(
      db,
      `SELECT coalesce(sum(amount), 0) AS points FROM posting JOIN event ON event.entry = posting.entry
        WHERE event.kiosk = ? AND event.inc = ? AND event.seq BETWEEN ? AND ? AND posting.account = 'red' AND event.kind <> 'SETTLED'`,
    ).get(kiosk, part.inc, part.from, part.to)!.points; // an aggregate has a row
    const lines = prepared<[string, number, number, number], { line: string }>(
      db,
      `SELECT line FROM event WHERE kiosk = ? AND inc = ? AND seq BETWEEN ? AND ? AND kind IN ('SALE', 'RETURNED')`,
    ).all(kiosk, part.inc, part.from, part.to);
    for (const { line } of lines) worth += worthOfAct(JSON.parse(line) as BookEvent); // posted as one
  }
  return {
    points,
    fen: worth,
    leaf: row.leaf.toString('base64url'),
    entry: row.entry,
    seq: row.seq,
    sharePermille: body.sharePermille ?? null,
  };
}

interface Part {
  readonly inc: number;
  readonly from: number;
  readonly to: number;
}

/** Events of a chain, by the incarnations that they were appended in. */
function partsOf(db: ReadableDatabase, kiosk: string, { inc, from, to }: Part): readonly Part[] {
  const parts: Part[] = [];
  let high = to;
  for (let chain: Chain | null = findChain(db, kiosk, inc); chain !== null && high >= from;) {
    if (high > chain.baseSeq) parts.unshift({ inc: chain.inc, from: Math.max(from, chain.baseSeq + 1), to: high });
    high = Math.min(high, chain.baseSeq);
    chain = chain.baseInc === null ? null : findChain(db, kiosk, chain.baseInc);
  }
  return parts;
}

/** The incarnation that went on from before an event; null: none did. */
function forgottenBy(
  db: ReadableDatabase,
  { kiosk, inc, seq }: { readonly kiosk: string; readonly inc: number; readonly seq: number },
): number | null {
  return (
    prepared<[string, number, number], { inc: number }>(
      db,
      'SELECT inc FROM chain WHERE kiosk = ? AND base_inc = ? AND base_seq < ? ORDER BY inc LIMIT 1',
    ).get(kiosk, inc, seq)?.inc ?? null
  );
}

/** The day as the settlement has it that it is in, from the kiosk's own words to the merchant; null: in none. */
function settledAs(db: ReadableDatabase, entry: number, number: number): { readonly points: number; readonly fen: number } | null {
  const row = prepared<[number], { line: string }>(
    db,
    `SELECT line FROM settled_day JOIN settlement ON settlement.kiosk = settled_day.kiosk AND settlement.inc = settled_day.inc AND settlement.number = settled_day.number
       JOIN event ON event.kiosk = settlement.kiosk AND event.inc = settlement.inc AND event.seq = settlement.seq WHERE settled_day.entry = ?`,
  ).get(entry);
  if (row === undefined) return null;
  const { body } = JSON.parse(row.line) as BookEvent & { readonly kind: 'SETTLED' }; // the row is of such an event
  return body.closings.find((each) => each.number === number) ?? null;
}

/** Why what a file says is not in the county's book. */
function notPosted(file: KeptFile, bytes: string): Compared['outcome'] {
  const place = `file ${file.inc}/${file.fileSeq}`;
  if (file.isQuarantined) return { kind: 'differs', cause: 'quarantined', why: `${place} waits: two histories of this kiosk came` };
  switch (file.verdict) {
    case 'GAP':
      return { kind: 'differs', cause: 'unsent', why: `${place} waits for one before it: ${file.detail}` };
    case 'FORK':
      return { kind: 'differs', cause: 'duplicate', why: `${place}: ${file.detail}` };
    case 'OUT_OF_BALANCE':
    case 'REJECTED':
      return { kind: 'differs', cause: 'refused', why: `${place}: ${file.detail}` };
    default:
      return { kind: 'unnamed', why: `${place} was posted, and this is not in the book`, bytes };
  }
}

/** Closings of the book that no kept file says. */
function daysWithoutFile(db: ReadableDatabase, told: ReturnType<typeof newTold>): readonly Compared[] {
  const rows = prepared<[], { kiosk: string; inc: number; number: number; day: string; fileInc: number; fileSeq: number }>(
    db,
    `SELECT closing.kiosk AS kiosk, closing.inc AS inc, number, day, file_inc AS "fileInc", file_seq AS "fileSeq" FROM closing
       JOIN event ON event.entry = closing.entry AND event.inc = closing.inc ORDER BY closing.kiosk, closing.inc, number`,
  ).all();
  return rows
    .filter(({ kiosk, inc, number }) => !told.hasDay(kiosk, inc, number))
    .map(({ kiosk, inc, number, day, fileInc, fileSeq }) => ({
      ...nothingSaid(kiosk, inc, `day ${number} of ${day}`),
      outcome: {
        kind: 'unnamed',
        why: 'the book has it and no file of the kiosk does',
        bytes: `files/${kiosk}/${fileInc}, file ${fileSeq}`,
      },
    }));
}

interface SettlementRow {
  readonly points: number;
  readonly owed_fen: number;
  readonly merchant: string;
  readonly is_agreed: number;
  readonly leaf: Buffer;
  readonly line: string;
}

function compareSettlement(db: ReadableDatabase, told: Told<SaidSettlement>, sheet: MerchantSheet | null): Compared {
  const { file, said } = told;
  const at = { kiosk: file.kiosk, inc: said.inc, number: said.number };
  const of = nothingSaid(file.kiosk, said.inc, `settlement ${said.number}`);
  const kioskSays = { points: said.points, fen: said.owedFen, leaf: said.leaf };
  const row = prepared<[string, number, number], SettlementRow>(
    db,
    `SELECT points, owed_fen, merchant, is_agreed, leaf, line FROM settlement
       JOIN event ON event.kiosk = settlement.kiosk AND event.inc = settlement.inc AND event.seq = settlement.seq
      WHERE settlement.kiosk = ? AND settlement.inc = ? AND number = ?`,
  ).get(at.kiosk, at.inc, at.number);
  if (row === undefined) return { ...of, kioskSays, outcome: notPosted(file, bytesOf(told)) };
  const leaf = row.leaf.toString('base64url');
  const made = madeAgain(db, at, row);
  const paidFen = paidOf(db, at);
  const paper = sheet !== null && sheet.settlementNumber === said.settlementNumber ? sheet : null;
  const sides = {
    ...of,
    kioskSays,
    countyHas: { points: made.points, fen: made.owedFen, leaf },
    merchantHas:
      paper === null
        ? { points: row.points, fen: row.owed_fen }
        : { points: paper.days.reduce((sum, { points }) => sum + points, 0), fen: paper.owedFen, leaf: paper.head.leaf },
  };
  const unnamed = (why: string, bytes = bytesOf(told)): Compared => ({ ...sides, outcome: { kind: 'unnamed', why, bytes } });
  const differs = (cause: Cause, why: string): Compared => ({ ...sides, outcome: { kind: 'differs', cause, why } });
  if (leaf !== said.leaf)
    return file.verdict === 'ACCEPTED'
      ? unnamed('the county has another settlement of this number')
      : { ...sides, outcome: notPosted(file, bytesOf(told)) };
  if (paper !== null) {
    const otherThan = differenceOfPaper(paper, said);
    if (otherThan !== null) return unnamed(`the shop's sheet has ${otherThan}`, `the sheet of ${paper.settlementNumber}`);
  }
  if (row.points !== made.points) return unnamed(`its days were of ${made.points} points, the county moved ${row.points}`);
  if (row.owed_fen !== said.owedFen) return unnamed(`the kiosk signed ${said.owedFen} fen, the county owes ${row.owed_fen}`);
  if (said.owedFen === made.owedFen && made.pointsBefore !== 0 && said.points === made.points + made.pointsBefore)
    return differs(
      'restored',
      `${made.pointsBefore} points of its days are in a settlement that it forgot; a county batch took the money back`,
    );
  if (said.owedFen !== made.owedFen || said.points !== made.points) {
    if (row.is_agreed === 1 || made.cause === null)
      return unnamed(`the county's own days make ${made.points} points and ${made.owedFen} fen`);
    return differs(made.cause, `the county's own days make ${made.points} points and ${made.owedFen} fen; raised as settlement_differs`);
  }
  if (paidFen === null) return differs('not_settled', 'not accepted yet: the night after it came does, or a person');
  if (paidFen === row.owed_fen) return { ...sides, outcome: { kind: 'agreed' } };
  if (paidFen < row.owed_fen) return differs('not_paid', `${paidFen} of ${row.owed_fen} fen are paid`);
  return unnamed(`${paidFen} fen are paid of ${row.owed_fen}`, `settlement_word of ${at.kiosk}/${at.inc}/${at.number}`);
}

/** The settlement from the county's own postings and events: its days, the share that was in force, and what the county put right. */
function madeAgain(
  db: ReadableDatabase,
  { kiosk, inc, number }: { readonly kiosk: string; readonly inc: number; readonly number: number },
  { line }: SettlementRow,
): {
  readonly points: number;
  /** Of days that it has again, since the kiosk forgot the settlement that they are in. */
  readonly pointsBefore: number;
  readonly owedFen: number;
  readonly cause: Cause | null;
} {
  const { body } = JSON.parse(line) as BookEvent & { readonly kind: 'SETTLED' }; // the row is of such an event
  const days = prepared<[string, string, number, number], { kiosk: string; inc: number; number: number }>(
    db,
    `SELECT closing.kiosk AS kiosk, event.inc AS inc, closing.number AS number FROM settled_day JOIN event ON event.entry = settled_day.entry
       JOIN closing ON closing.entry = settled_day.entry AND closing.inc = event.inc
      WHERE closing.kiosk = ? AND settled_day.kiosk = ? AND settled_day.inc = ? AND settled_day.number = ? ORDER BY closing.number`,
  )
    .all(kiosk, kiosk, inc, number) // a kiosk settles its own days
    .flatMap((each) => countyDay(db, each) ?? []);
  const again = daysAgain(db, { kiosk, inc }, body);
  const inForce = prepared<[string], { permille: number }>(db, 'SELECT share_permille AS permille FROM kiosk WHERE kiosk = ?').get(
    kiosk,
  )!.permille; // it settled
  const byShare = new Map<number, number>();
  for (const { sharePermille, fen: worth } of [...days, ...again])
    byShare.set(sharePermille ?? inForce, (byShare.get(sharePermille ?? inForce) ?? 0) + worth);
  const gross = [...days, ...again].reduce((sum, each) => sum + each.fen, 0);
  const share = sumFen([...byShare].map(([permille, worth]) => shareOf(fen(worth), permille)));
  const adjustment = prepared<[string, string], { fen: number }>(db, 'SELECT fen FROM adjustment WHERE kiosk = ? AND id = ?');
  const told = body.adjustments.map(({ id }) => adjustment.get(kiosk, id)?.fen ?? 0);
  const isDayMissing = days.length + again.length < body.closings.length;
  const isAdjusted = body.adjustments.some((each, i) => each.fen !== told[i]);
  return {
    points: days.reduce((sum, { points }) => sum + points, 0),
    pointsBefore: again.reduce((sum, { points }) => sum + points, 0),
    owedFen: gross - share + told.reduce((sum, each) => sum + each, 0),
    cause: isDayMissing ? (inc > 1 ? 'restored' : 'duplicate') : isAdjusted ? 'adjusted' : null,
  };
}

/** Days that a settlement names and another has that was forgotten, and whose money a county batch took back (forgotten.ts). */
function daysAgain(
  db: ReadableDatabase,
  { kiosk, inc }: { readonly kiosk: string; readonly inc: number },
  body: (BookEvent & { readonly kind: 'SETTLED' })['body'],
): readonly CountyDay[] {
  const named = new Set(body.closings.map((each) => each.number));
  return prepared<[string, number, number], { number: number; eventInc: number }>(
    db,
    `SELECT closing.number AS number, day.inc AS "eventInc" FROM closing JOIN event AS day ON day.entry = closing.entry
       JOIN settled_day ON settled_day.entry = closing.entry
       JOIN settlement ON settlement.kiosk = settled_day.kiosk AND settlement.inc = settled_day.inc AND settlement.number = settled_day.number
       JOIN event AS made ON made.kiosk = settlement.kiosk AND made.inc = settlement.inc AND made.seq = settlement.seq
       JOIN county_batch_line ON county_batch_line.entry = made.entry
      WHERE closing.kiosk = ? AND closing.inc = ? AND settlement.inc <> ?`,
  )
    .all(kiosk, inc, inc)
    .filter((each) => named.has(each.number))
    .flatMap((each) => countyDay(db, { kiosk, inc: each.eventInc, number: each.number }) ?? []);
}

interface BatchRow {
  readonly number: number;
  readonly kiosk: string;
  readonly inc: number;
  readonly points: number;
  readonly owedFen: number;
  readonly adjustment: string;
}

/** What kiosks forgot and the county settled itself; the shop has it once a settlement of its kiosk names the adjustment. */
function countyBatches(db: ReadableDatabase): readonly Compared[] {
  const rows = prepared<[], BatchRow>(
    db,
    `SELECT number, kiosk, (SELECT max(inc) FROM chain WHERE chain.kiosk = county_batch.kiosk) AS inc, points, owed_fen AS "owedFen", adjustment
       FROM county_batch ORDER BY number`,
  ).all();
  return rows.map(({ number, kiosk, inc, points, owedFen, adjustment }) => {
    const settlement = adjustment === '' ? null : settlementWith(db, kiosk, adjustment);
    if (lastAdjustments(db, kiosk).includes(adjustment))
      return {
        ...nothingSaid(kiosk, inc, `county batch ${number}`),
        countyHas: { points, fen: owedFen },
        merchantHas: { points, fen: owedFen },
        outcome: { kind: 'differs', cause: 'adjusted', why: 'the kiosk does not come back: the county’s own statement has it' },
      };
    const of = {
      ...nothingSaid(kiosk, inc, `county batch ${number}`),
      countyHas: { points, fen: owedFen },
      merchantHas: settlement === null ? null : { points, fen: settlement.fen },
    };
    if (settlement !== null && settlement.fen !== owedFen)
      return {
        ...of,
        outcome: {
          kind: 'unnamed',
          why: `settlement ${settlement.number} has ${settlement.fen} fen of it`,
          bytes: `adjustment ${adjustment}`,
        },
      };
    const why =
      adjustment === ''
        ? 'nothing is to be paid of it'
        : settlement === null
          ? 'its next settlement has it'
          : `its settlement ${settlement.number} has it`;
    return { ...of, outcome: { kind: 'differs', cause: 'restored', why: `what it forgot: ${why}` } };
  });
}

/** The kiosk's newest settlement that names an adjustment; null: none does. */
function settlementWith(db: ReadableDatabase, kiosk: string, adjustment: string): { readonly number: number; readonly fen: number } | null {
  const rows = prepared<[string, string], { line: string }>(
    db,
    `SELECT line FROM event WHERE kiosk = ? AND kind = 'SETTLED' AND line LIKE ? ORDER BY entry DESC`,
  ).all(kiosk, `%"${adjustment}"%`);
  for (const { line } of rows) {
    const { body } = JSON.parse(line) as BookEvent & { readonly kind: 'SETTLED' }; // the kind was asked for
    const found = body.adjustments.find(({ id }) => id === adjustment);
    if (found !== undefined) return { number: body.number, fen: found.fen };
  }
  return null;
}

/** What was paid of a settlement; 0: it is accepted; null: the county has not spoken. */
function paidOf(
  db: ReadableDatabase,
  { kiosk, inc, number }: { readonly kiosk: string; readonly inc: number; readonly number: number },
): number | null {
  const { n, paid } = prepared<[string, number, number], { n: number; paid: number | null }>(
    db,
    'SELECT count(*) AS n, max(paid_fen) AS paid FROM settlement_word WHERE kiosk = ? AND inc = ? AND number = ?',
  ).get(kiosk, inc, number)!; // an aggregate has a row
  return n === 0 ? null : (paid ?? 0);
}

function differenceOfPaper({ owedFen, days, head }: MerchantSheet, said: SaidSettlement): string | null {
  if (head.leaf !== said.leaf) return `another head of the book: ${head.seq} ${head.leaf}`;
  if (owedFen !== said.owedFen) return `${owedFen} fen owed, not ${said.owedFen}`;
  if (days.length !== said.closings.length) return `${days.length} days, not ${said.closings.length}`;
  const other = said.closings.find(
    (each, i) =>
      each.number !== days[i]!.number || each.day !== days[i]!.day || each.points !== days[i]!.points || each.fen !== days[i]!.fen, // as many
  );
  return other === undefined ? null : `other figures of day ${other.number}`;
}

/** A shop's sheet of a settlement that no file told: its kiosk has not sent it yet, or it is not of this county. */
function sheetWithoutSettlement(db: ReadableDatabase, told: ReturnType<typeof newTold>, sheet: MerchantSheet): readonly Compared[] {
  const { settlementNumber, kiosk, days, owedFen, head } = sheet;
  if (told.settlements().some(({ file, said }) => file.kiosk === kiosk && said.settlementNumber === settlementNumber)) return [];
  const inc = newestIncarnation(db, kiosk);
  const posted = findChain(db, kiosk, inc);
  const compared = {
    ...nothingSaid(kiosk, inc, `settlement ${settlementNumber}`),
    merchantHas: { points: days.reduce((sum, { points }) => sum + points, 0), fen: owedFen, leaf: head.leaf },
  };
  const bytes = `the sheet of ${settlementNumber}`;
  if (prepared(db, 'SELECT 1 FROM kiosk WHERE kiosk = ?').get(kiosk) === undefined)
    return [{ ...compared, outcome: { kind: 'unnamed', why: 'no such kiosk', bytes } }];
  if (head.seq <= (posted?.toSeq ?? 0))
    return [{ ...compared, outcome: { kind: 'unnamed', why: `event ${head.seq} of the kiosk is here, and is no such settlement`, bytes } }];
  const why = `the shop's sheet is of event ${head.seq}, the kiosk sent ${posted?.toSeq ?? 0} so far`;
  return [{ ...compared, outcome: { kind: 'differs', cause: 'unsent', why } }];
}

interface Sums {
  readonly kiosk: string;
  readonly inc: number;
  readonly state: string;
  /** By the kiosk's own counters: rights, and unsettled roaming. */
  readonly rights: number;
  readonly roamed: number;
  /** By the county's balances. */
  readonly esc: number;
  readonly suspense: number;
  readonly astray: number;
  readonly unsettled: number;
  readonly clearing: number;
  /** Granted by files and vouchers that the kiosk has not applied; funded, and it has not heard. */
  readonly underway: number;
  readonly untold: number;
}

/** What residents have at each kiosk, by its own counters and by the county's balances. */
function standings(db: ReadableDatabase): readonly Compared[] {
  const sumOf = (where: string): string => `sum(CASE WHEN account ${where} THEN amount ELSE 0 END)`;
  // once for all kiosks: no key of a balance begins with its kiosk
  const balances = `SELECT kiosk, ${sumOf(`= 'esc'`)} AS esc, ${sumOf(`= 'suspense'`)} AS suspense, -${sumOf(`IN ('due', 'overdraft')`)} AS unsettled,
      ${sumOf(`= 'roam'`)} AS clearing FROM balance WHERE commodity = 'PTS' GROUP BY kiosk`;
  const counted = (sum: string): string =>
    `coalesce((SELECT sum(${sum}) FROM counter WHERE counter.kiosk = chain.kiosk AND counter.inc = chain.inc), 0)`;
  const given = (sum: string): string =>
    `coalesce((SELECT sum(${sum}) FROM given LEFT JOIN counter ON counter.kiosk = given.kiosk AND counter.inc = chain.inc AND counter.account = given.account
        WHERE given.kiosk = chain.kiosk), 0)`;
  const rows = prepared<[], Sums>(
    db,
    `SELECT chain.kiosk AS kiosk, chain.inc AS inc, state, ${counted('g - b + c - u - s + v + f')} AS rights, ${counted('x - w - xs + f')} AS roamed,
        coalesce(esc, 0) AS esc, coalesce(suspense, 0) AS suspense, ${given('astray')} AS astray, coalesce(unsettled, 0) AS unsettled,
        coalesce(clearing, 0) AS clearing, ${given('granted - coalesce(g, 0)')} AS underway, ${given('funded - coalesce(xs, 0)')} AS untold
       FROM chain JOIN kiosk ON kiosk.kiosk = chain.kiosk LEFT JOIN (${balances}) AS held ON held.kiosk = chain.kiosk
      WHERE chain.inc = (SELECT max(inc) FROM chain AS other WHERE other.kiosk = chain.kiosk) ORDER BY chain.kiosk`,
  ).all();
  return rows.flatMap((sums) => [
    rightsRow(db, sums),
    roamingRow(db, sums),
    ...(sums.state === 'quarantined' ? [quarantinedRow(sums)] : []),
  ]);
}

/** What residents have at the shops is more than what they have in the county by what was taken back, or expired, and nobody returned yet. */
function takenBack(db: ReadableDatabase): readonly Compared[] {
  const { due, overdraft } = takenBackOpen(db);
  if (due + overdraft === 0) return [];
  return [
    {
      ...nothingSaid('', 0, 'points taken back'),
      countyHas: { points: due + overdraft, fen: null },
      outcome: {
        kind: 'differs',
        cause: 'taken_back',
        why: `${due} are asked back from the shops, ${overdraft} are owed and paid by later awards`,
      },
    },
  ];
}

function rightsRow(db: ReadableDatabase, sums: Sums): Compared {
  const { kiosk, inc, rights, esc, suspense, astray, underway } = sums;
  const of = {
    ...nothingSaid(kiosk, inc, 'rights of residents'),
    kioskSays: { points: rights, fen: null },
    countyHas: { points: esc, fen: null },
  };
  if (frozenBy(db, kiosk) !== null)
    return { ...of, outcome: { kind: 'differs', cause: 'restored', why: 'it gave up its rights, and nobody has answered what it forgot' } };
  if (esc + suspense + astray !== rights + underway)
    return { ...of, outcome: { kind: 'unnamed', why: 'they are not what was given and used', bytes: `counter and given of ${kiosk}` } };
  if (suspense !== 0) return { ...of, outcome: { kind: 'differs', cause: 'refused', why: `${suspense} in suspense, by its exceptions` } };
  if (astray !== 0)
    return { ...of, outcome: { kind: 'differs', cause: 'restored', why: `${astray} are asked back of what it forgot to have spent` } };
  if (underway !== 0)
    return { ...of, outcome: { kind: 'differs', cause: 'unsent', why: `${underway} by files and vouchers that it has not applied` } };
  return { ...of, outcome: { kind: 'agreed' } };
}

function roamingRow(db: ReadableDatabase, sums: Sums): Compared {
  const { kiosk, inc, roamed, unsettled, clearing, untold } = sums;
  const of = {
    ...nothingSaid(kiosk, inc, 'roaming'),
    kioskSays: { points: roamed, fen: null },
    countyHas: { points: unsettled, fen: null },
  };
  if (roamed === unsettled) return { ...of, outcome: { kind: 'agreed' } };
  const isForgotten =
    prepared<[string], object>(db, 'SELECT 1 FROM chain WHERE kiosk = ? AND base_inc IS NOT NULL').get(kiosk) !== undefined;
  if (roamed - unsettled === untold - clearing)
    return {
      ...of,
      outcome: { kind: 'differs', cause: 'roaming_due', why: `${untold} funded that it has not heard of, ${clearing} came back after` },
    };
  const nobodys = roamedByNobody(db, kiosk);
  if (nobodys !== 0 && roamed - unsettled === untold - clearing + nobodys)
    return {
      ...of,
      outcome: { kind: 'differs', cause: 'refused', why: `${nobodys} roamed by accounts that the county did not know, by its exceptions` },
    };
  if (isForgotten) return { ...of, outcome: { kind: 'differs', cause: 'restored', why: 'it forgot some that it had roamed' } };
  return { ...of, outcome: { kind: 'unnamed', why: 'it is not what was roamed and funded', bytes: `counter and given of ${kiosk}` } };
}

/** What was roamed at a kiosk, less what came back, by accounts that were unknown when it was posted: written off, and nobody's debt. */
function roamedByNobody(db: ReadableDatabase, kiosk: string): number {
  return prepared<[string], { amount: number }>(
    db,
    `SELECT coalesce(-sum(amount), 0) AS amount FROM posting JOIN event ON event.entry = posting.entry
      WHERE posting.account = 'writeoff' AND event.kiosk = ? AND event.kind IN ('SALE', 'RETURNED') AND EXISTS (
        SELECT 1 FROM exception WHERE exception.kiosk = event.kiosk AND exception.inc = event.file_inc AND exception.seq = event.seq
          AND code = 'unknown_account')`,
  ).get(kiosk)!.amount; // an aggregate has a row
}

function quarantinedRow({ kiosk, inc }: Sums): Compared {
  return {
    ...nothingSaid(kiosk, inc, 'everything since'),
    outcome: { kind: 'differs', cause: 'quarantined', why: 'two histories of this kiosk came; the committee answers the exception' },
  };
}
