// Whether the money that a kiosk makes of points is what its county told it to make (reconciliation.md R4 "Settlement", schemes.md R26–R28):
// its rules' worth of a point, the settlement price of goods, its shop's share. Who has its key can sign any. Pays and refuses nothing.

import type { BookEvent, ReturnBody, SaleBody } from '../../db/model/event.ts';
import { pointValueOf } from '../../db/model/figures.ts';
import { postingsOf } from '../../db/model/postings.ts';
import { points } from '../../db/model/amounts.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { type Chain, findChain, storedEvent } from './chains.ts';
import { type MasterLine, everyKiosk } from './master.ts';

/** A closed day, as far as it is asked about. */
interface ClosedDay {
  readonly day: string;
  /** Its first event and its closing. */
  readonly fromSeq: number;
  readonly seq: number;
  readonly sharePermille?: number;
}

interface At {
  readonly kiosk: string;
  /** Of the chain that closed the days. */
  readonly inc: number;
  readonly share_permille: number;
}

/** Something in closed days that was reckoned as the county never told this kiosk: one act, or a whole day by its share. */
export interface Untold {
  /** `event 9 of 2026-11-21`, `share 5 of 2026-11-21`; of a day that is not closed without the date. */
  readonly what: string;
  /** What it is about, each act once. */
  readonly acts: readonly BookEvent[];
}

/** The first of it, in words; null: there is nothing. */
export function untoldWorth(db: ReadableDatabase, at: At, days: readonly ClosedDay[]): string | null {
  const [first] = untoldIn(db, at, days);
  return first?.what ?? null;
}

/**
 * All that was reckoned so. What a kiosk may go by is what was in force from the file that it had when the day began, which may be an old one,
 * until now: a file may come on any day and is not asked for. Not what came and went while a restored one had no file of it.
 */
export function* untoldIn(db: ReadableDatabase, at: At, days: readonly ClosedDay[]): Generator<Untold> {
  const bases = [...basesOf(db, at)];
  const rates = ratesOf(db, at);
  for (const day of days) {
    const told = toldOn(rates, () => knownBefore(db, at.kiosk, bases, day.fromSeq));
    const of = day.day === '' ? '' : ` of ${day.day}`;
    const isShare = told.isShare(day.sharePermille ?? at.share_permille);
    if (!isShare) yield { what: `share ${shareText(day.sharePermille)}${of}`, acts: [...actsOf(db, at.kiosk, bases, day)] };
    for (const event of actsOf(db, at.kiosk, bases, day)) {
      const isTold = event.kind === 'SALE' ? isSaleTold(event, told) : isReturnTold(db, event);
      if (!isTold) yield { what: `event ${event.seq}${of}`, acts: isShare ? [event] : [] };
    }
  }
}

/** A key may have signed anything as one. */
function shareText(permille: unknown): string {
  return String(permille)
    .replace(/[\s,]+/g, '')
    .slice(0, 20);
}

/** An incarnation, and where it goes on from. */
type Base = Pick<Chain, 'inc' | 'baseInc' | 'baseSeq'>;

/** Also of one whose first file is being posted, and which has no row yet. */
function baseOf(db: ReadableDatabase, { kiosk, inc }: Pick<At, 'kiosk' | 'inc'>): Base {
  const found = findChain(db, kiosk, inc);
  if (found !== null) return found;
  const first = prepared<[string, number], { line: string }>(
    db,
    'SELECT line FROM event WHERE kiosk = ? AND inc = ? ORDER BY seq LIMIT 1',
  ).get(kiosk, inc);
  const begun = first === undefined ? null : (JSON.parse(first.line) as BookEvent); // posted as one
  if (begun?.kind !== 'RESTORED') return { inc, baseInc: null, baseSeq: 0 };
  const { fromInc, throughSeq, leaf } = begun.body;
  const baseInc = [fromInc, -fromInc].find((each) => leafAt(db, { kiosk, inc: each }, throughSeq) === leaf) ?? null; // one that was passed over is below 0
  return { inc, baseInc, baseSeq: throughSeq };
}

function leafAt(db: ReadableDatabase, { kiosk, inc }: Pick<At, 'kiosk' | 'inc'>, seq: number): string | null {
  const chain = findChain(db, kiosk, inc);
  return chain === null ? null : (storedEvent(db, kiosk, chain, seq)?.leaf.toString('base64url') ?? null);
}

/** The incarnation, and after it what it goes on from, down to the first. */
function* basesOf(db: ReadableDatabase, at: Pick<At, 'kiosk' | 'inc'>): Generator<Base> {
  for (let of = baseOf(db, at); ; of = baseOf(db, { kiosk: at.kiosk, inc: of.baseInc })) {
    yield of;
    if (of.baseInc === null) return;
  }
}

type Sale = BookEvent & { readonly kind: 'SALE' };
type Return = BookEvent & { readonly kind: 'RETURNED' };

/** Everything of a day that is worth money of the county's: a sale for cash alone is not read. Of a chain and of what it goes on from. */
function* actsOf(db: ReadableDatabase, kiosk: string, bases: readonly Base[], { fromSeq, seq }: ClosedDay): Generator<Sale | Return> {
  let through = seq;
  for (const { inc, baseSeq } of bases) {
    if (through < fromSeq) return;
    const rows = prepared<[string, number, number, number, number], { line: string }>(
      db,
      `SELECT line FROM event WHERE kiosk = ? AND inc = ? AND seq >= ? AND seq > ? AND seq <= ? AND (kind = 'RETURNED'
          OR (kind = 'SALE' AND (amt > 0 OR line LIKE '%"redemption":{%' OR line LIKE '%"settlementFen":%'))) ORDER BY seq`,
    ).all(kiosk, inc, fromSeq, baseSeq, through);
    for (const { line } of rows) yield JSON.parse(line) as Sale | Return; // the kind was asked for
    through = Math.min(through, baseSeq);
  }
}

/** Points at their worth, goods at their price, and amounts that add up: then no line is worth more by another being worth less than nothing. */
function isSaleTold(event: Sale, told: Told): boolean {
  const { body, amt } = event;
  if (!addsUp(event) || body.lines.some((line) => line.points < 0)) return false;
  if (!body.lines.every((line) => isPriceTold(line, told))) return false;
  const value = pointValueOf(body, amt);
  return value === null ? (body.redemption?.worthFen ?? 0) === 0 : told.isPointValue(value);
}

function isPriceTold({ goodsId, pricedIn, quantity, settlementFen }: SaleBody['lines'][number], told: Told): boolean {
  if (settlementFen === undefined || settlementFen === 0) return true;
  const price = settlementFen / quantity;
  const isNamed = typeof goodsId === 'string' && goodsName.test(goodsId); // a key may have signed anything as one
  return isNamed && pricedIn === 'points' && quantity > 0 && Number.isSafeInteger(price) && told.isPrice(goodsId, price);
}

/** Letters that every store takes. */
const goodsName = /^\P{Cc}{1,100}$/u;

/** What came back is worth less than it was in its sale by no more than is rounded (db/model/returns.ts): the shop owes that to the county. */
function isReturnTold(db: ReadableDatabase, event: Return): boolean {
  const sale = prepared<[string, string], { line: string; amt: number }>(
    db,
    `SELECT line, amt FROM event WHERE id = ? AND kind = 'SALE' AND kiosk = ? ORDER BY entry LIMIT 1`,
  ).get(event.body.saleId, event.kiosk);
  if (sale === undefined) return event.amt === 0 && addsUp(event); // raised when it was posted
  const { body } = JSON.parse(sale.line) as Sale; // the kind was asked for
  return (
    addsUp(event) &&
    isDiscountBack(event.body, pointValueOf(body, points(sale.amt))) &&
    event.body.lines.every((line) => isLineBack(body, line))
  );
}

function isDiscountBack({ redemption }: ReturnBody, value: number | null): boolean {
  if (redemption === null) return true;
  const { discount, worthFen, pointValueFen } = redemption;
  if (value === null) return discount === 0 && worthFen === 0;
  return pointValueFen === value && Math.abs(worthFen * 100 - discount * value) < value;
}

function isLineBack({ lines }: SaleBody, { n, quantity, settlementFen, points: back }: ReturnBody['lines'][number]): boolean {
  const line = lines[n];
  if (line === undefined || back < 0) return false;
  const isShare = (part: number, of: number): boolean => Math.abs(part * line.quantity - of * quantity) < line.quantity;
  return isShare(settlementFen, line.settlementFen ?? 0) && isShare(back, line.pricedIn === 'points' ? line.points : 0);
}

function addsUp(event: BookEvent): boolean {
  try {
    postingsOf(event);
    return true;
  } catch {
    return false; // raised when it was posted
  }
}

/** What a kiosk may reckon by on one day. */
interface Told {
  isPointValue(fen: number): boolean;
  isPrice(goodsId: string, fen: number): boolean;
  isShare(permille: number): boolean;
}

/** What the kiosk knew when a day began. */
interface Known {
  /** All that was said up to this entry. */
  readonly entry: number;
  /** Its file came to a book that did not write down yet what it replaced: what else was in force then is not known. */
  readonly isOld: boolean;
  /** What it never heard, because it was put back meanwhile. */
  readonly unheard: readonly Span[];
}

/** From the newest file before a kiosk was put back to its first after it, by their entries. */
interface Span {
  readonly after: number;
  readonly until: number;
}

/** Whether what was in force between two entries was told a kiosk that knew `known`. */
function wasHeard({ entry, unheard }: Known, { after, until }: Span): boolean {
  return until > entry && !unheard.some((span) => after > span.after && until <= span.until);
}

function toldOn(rates: Rates, known: () => Known): Told {
  let since: Known | null = null;
  const hadThen = (of: Rate): boolean => {
    if (!Number.isSafeInteger(of.rate) || of.rate < 0) return false; // signed by no kiosk of ours
    since ??= known();
    return since.isOld || rates.hadIn(since, of);
  };
  return {
    isPointValue(fen) {
      const [newest, ...before] = rates.schemes;
      if (newest?.pointValueFen === fen) return true;
      const knew = (since ??= known());
      const firstAfter = (version: number): number =>
        Math.min(...rates.schemes.filter((each) => each.version > version).map(({ entry }) => entry));
      return before.some((each) => each.pointValueFen === fen && wasHeard(knew, { after: each.entry, until: firstAfter(each.version) }));
    },
    isPrice: (goodsId, fen) => rates.hasPrice(goodsId, fen) || hadThen({ t: 'GOODS', key: goodsId, rate: fen }),
    isShare: (permille) => permille === rates.share.rate || hadThen({ ...rates.share, rate: permille }),
  };
}

interface Rate {
  readonly t: 'SHOP' | 'GOODS';
  readonly key: string;
  readonly rate: number;
}

/** What there is to be told now, and was before. */
interface Rates {
  /** Newest version first. */
  readonly schemes: readonly { readonly entry: number; readonly version: number; readonly pointValueFen: number | null }[];
  readonly share: Rate;
  hasPrice(goodsId: string, fen: number): boolean;
  /** Whether a rate was in force when a kiosk that knew so much may have been told it. */
  hadIn(known: Known, of: Rate): boolean;
}

function ratesOf(db: ReadableDatabase, { kiosk, share_permille }: At): Rates {
  const schemes = prepared<[string, string], { line: string; entry: number }>(
    db,
    `SELECT line, entry FROM master WHERE scope IN (?, ?) AND t = 'SCHEME'`,
  )
    .all(everyKiosk, kiosk)
    .map(({ line, entry }) => ({ entry, ...(JSON.parse(line) as Extract<MasterLine, { t: 'SCHEME' }>).scheme })) // putMaster wrote it
    .toSorted((a, b) => b.version - a.version);
  const prices = new Map<string, readonly (number | undefined)[]>();
  const pricesNow = (goodsId: string): readonly (number | undefined)[] =>
    prepared<[string, string, string], { line: string }>(db, `SELECT line FROM master WHERE scope IN (?, ?) AND t = 'GOODS' AND key = ?`)
      .all(everyKiosk, kiosk, goodsId)
      .map(({ line }) => (JSON.parse(line) as Extract<MasterLine, { t: 'GOODS' }>).goods.settlementFen); // putMaster wrote it
  return {
    schemes,
    share: { t: 'SHOP', key: kiosk, rate: share_permille },
    hasPrice(goodsId, fen) {
      let now = prices.get(goodsId);
      if (now === undefined) prices.set(goodsId, (now = pricesNow(goodsId)));
      return now.includes(fen);
    },
    hadIn(known, { t, key, rate }) {
      const rows = prepared<[string, string, string, string], { scope: string; rate: number; until: number }>(
        db,
        'SELECT scope, rate, until FROM rate_before WHERE scope IN (?, ?) AND t = ? AND key = ? ORDER BY scope, until',
      ).all(everyKiosk, kiosk, t, key);
      return rows.some((row, i) => {
        const before = rows[i - 1];
        return row.rate === rate && wasHeard(known, { after: before?.scope === row.scope ? before.until : 0, until: row.until });
      });
    },
  };
}

/**
 * The newest file of ours that told something, of those that the kiosk had applied before an event; of its first day, the first that it
 * applied: before that it could sell nothing.
 */
function knownBefore(db: ReadableDatabase, kiosk: string, bases: readonly Base[], seq: number): Known {
  const parts = partsOf(kiosk, bases);
  const before = parts.map((part) => ({ ...part, through: Math.min(part.through, seq - 1), order: 'DESC' as const }));
  const after = parts.map((part) => ({ ...part, after: Math.max(part.after, seq - 1), order: 'ASC' as const })).toReversed();
  const unheard = parts.slice(0, -1).map((part, i) => unheardIn(db, part, parts.slice(i + 1)));
  for (const part of [...before, ...after]) {
    const found = appliedIn(db, part, isTelling);
    if (found !== null) return { entry: found.entry, isOld: found.isOld && part.inc === bases[0]!.inc, unheard };
  }
  return { entry: 0, isOld: false, unheard };
}

/** A row of events of one incarnation. */
interface Part {
  readonly kiosk: string;
  readonly inc: number;
  readonly after: number;
  readonly through: number;
}

/** What is of a history of each of its incarnations, the newest first: of an earlier one no more than the next goes on from. */
function partsOf(kiosk: string, bases: readonly Base[]): readonly Part[] {
  let through = Number.MAX_SAFE_INTEGER;
  return bases.map(({ inc, baseSeq }) => {
    const part = { kiosk, inc, after: baseSeq, through };
    through = Math.min(through, baseSeq);
    return part;
  });
}

/** What was said while a kiosk that was put back knew nothing of it. Files that only asked it for rights are of their moment, too. */
function unheardIn(db: ReadableDatabase, part: Part, earlier: readonly Part[]): Span {
  const before = earlier.map((each) => appliedIn(db, { ...each, order: 'DESC' }, () => true)).find((found) => found !== null);
  const first = appliedIn(db, { ...part, order: 'ASC' }, () => true);
  return { after: before?.entry ?? Number.MAX_SAFE_INTEGER, until: first?.entry ?? Number.MAX_SAFE_INTEGER }; // of a file that is lost nobody knows
}

interface Applied {
  readonly entry: number;
  /** Whether it told anything. */
  readonly tells: number;
  readonly isOld: boolean;
}

const isTelling = ({ tells }: Applied): boolean => tells === 1;

/** The first of its files in that order that is wanted, a page at a time: a shop may be asked for rights a hundred times in a row. */
function appliedIn(
  db: ReadableDatabase,
  of: Part & { readonly order: 'ASC' | 'DESC' },
  isWanted: (file: Applied) => boolean,
): Applied | null {
  let [after, through] = [of.after, of.through];
  for (let page = 0; page < pagesMax; page += 1) {
    const applied = prepared<[string, number, number, number, number], { seq: number; line: string; isOld: number }>(
      db,
      `SELECT seq, line, CASE WHEN EXISTS (SELECT 1 FROM up_file WHERE up_file.kiosk = event.kiosk AND up_file.inc = event.file_inc
            AND up_file.file_seq = event.file_seq AND up_file.key IS NULL) THEN 1 ELSE 0 END AS "isOld"
         FROM event WHERE kiosk = ? AND inc = ? AND seq > ? AND seq <= ? AND kind = 'DOWN_APPLIED' ORDER BY seq ${of.order} LIMIT ?`,
    ).all(of.kiosk, of.inc, after, through, pageRows);
    for (const { line, isOld } of applied) {
      const { body } = JSON.parse(line) as BookEvent & { readonly kind: 'DOWN_APPLIED' }; // the kind was asked for
      const file = prepared<[string, number, string], { entry: number; tells: number }>(
        db,
        'SELECT entry, tells FROM down_file WHERE kiosk = ? AND down_seq = ? AND sha256 = ?',
      ).get(of.kiosk, body.downSeq, body.sha256);
      if (file !== undefined && isWanted({ ...file, isOld: isOld === 1 })) return { ...file, isOld: isOld === 1 };
    }
    if (applied.length < pageRows) return null;
    if (of.order === 'ASC') after = applied.at(-1)!.seq; // a full page has one
    else through = applied.at(-1)!.seq - 1;
  }
  return null;
}

const pageRows = 20;
/**
 * Of ten thousand files that no telling one is among: between two nights the county asks a shop a hundred times at most, and a book that was
 * put back may not know some. Who has a kiosk's key can sign any number.
 */
const pagesMax = 500;
