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

/**
 * The first thing in closed days that was reckoned as the county never told this kiosk; null: nothing. What a kiosk may go by is what was in
 * force from the file that it had when the day began, which may be an old one, until now: a file may come on any day and is not asked for.
 */
export function untoldWorth(db: ReadableDatabase, at: At, days: readonly ClosedDay[]): string | null {
  const bases = [...basesOf(db, at)];
  const rates = ratesOf(db, at);
  for (const day of days) {
    const told = toldOn(rates, () => knownBefore(db, at.kiosk, bases, day.fromSeq));
    if (!told.isShare(day.sharePermille ?? at.share_permille)) return `share ${day.sharePermille} of ${day.day}`;
    for (const event of actsOf(db, at.kiosk, bases, day)) {
      const isTold = event.kind === 'SALE' ? isSaleTold(event, told) : isReturnTold(db, event);
      if (!isTold) return `event ${event.seq} of ${day.day}`;
    }
  }
  return null;
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

/** What the kiosk knew when a day began: all that was said up to this entry. */
interface Known {
  readonly entry: number;
  /** Its file came to a book that did not write down yet what it replaced: what else was in force then is not known. */
  readonly isOld: boolean;
}

/** `known` is asked where something is not as it is now: nearly never. */
function toldOn(rates: Rates, known: () => Known): Told {
  let since: Known | null = null;
  const hadThen = (of: Rate): boolean => {
    if (!Number.isSafeInteger(of.rate) || of.rate < 0) return false; // signed by no kiosk of ours
    since ??= known();
    return since.isOld || rates.hadAfter(since.entry, of);
  };
  return {
    isPointValue(fen) {
      const [newest, ...before] = rates.schemes;
      if (newest?.pointValueFen === fen) return true;
      const { entry } = (since ??= known());
      const had = rates.schemes.find((each) => each.entry <= entry)?.version ?? 0; // the newest that was told it; rules are told by versions, which all stay
      return before.some(({ version, pointValueFen }) => version >= had && pointValueFen === fen);
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
  /** Whether a rate was in force until after an entry. */
  hadAfter(entry: number, of: Rate): boolean;
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
    hadAfter(entry, { t, key, rate }) {
      const row = prepared<[string, string, string, string, number, number], object>(
        db,
        'SELECT 1 FROM rate_before WHERE scope IN (?, ?) AND t = ? AND key = ? AND rate = ? AND until > ? LIMIT 1',
      ).get(everyKiosk, kiosk, t, key, rate, entry);
      return row !== undefined;
    },
  };
}

/**
 * The newest file of ours that told something, of those that the kiosk had applied before an event; of its first day, the first that it
 * applied: before that it could sell nothing.
 */
function knownBefore(db: ReadableDatabase, kiosk: string, bases: readonly Base[], seq: number): Known {
  let through = seq - 1;
  for (const { inc, baseSeq } of bases) {
    const found = appliedIn(db, { kiosk, inc, after: baseSeq, through, order: 'DESC' });
    if (found !== null) return found;
    through = Math.min(through, baseSeq);
  }
  const { inc } = bases.at(-1)!; // itself, at least
  return appliedIn(db, { kiosk, inc, after: seq - 1, through: Number.MAX_SAFE_INTEGER, order: 'ASC' }) ?? { entry: 0, isOld: false };
}

function appliedIn(
  db: ReadableDatabase,
  of: { readonly kiosk: string; readonly inc: number; readonly after: number; readonly through: number; readonly order: 'ASC' | 'DESC' },
): Known | null {
  const applied = prepared<[string, number, number, number, number], { line: string; isOld: number }>(
    db,
    `SELECT line, CASE WHEN EXISTS (SELECT 1 FROM up_file WHERE up_file.kiosk = event.kiosk AND up_file.inc = event.file_inc
          AND up_file.file_seq = event.file_seq AND up_file.key IS NULL) THEN 1 ELSE 0 END AS "isOld"
       FROM event WHERE kiosk = ? AND inc = ? AND seq > ? AND seq <= ? AND kind = 'DOWN_APPLIED' ORDER BY seq ${of.order} LIMIT ?`,
  ).all(of.kiosk, of.inc, of.after, of.through, appliedMax);
  for (const { line, isOld } of applied) {
    const { body } = JSON.parse(line) as BookEvent & { readonly kind: 'DOWN_APPLIED' }; // the kind was asked for
    const file = prepared<[string, number, string], { entry: number }>(
      db,
      'SELECT entry FROM down_file WHERE kiosk = ? AND down_seq = ? AND sha256 = ? AND tells = 1',
    ).get(of.kiosk, body.downSeq, body.sha256);
    if (file !== undefined) return { entry: file.entry, isOld: isOld === 1 };
  }
  return null;
}

/** Files of one incarnation that are looked through: between two that tell are some that only ask. Were it more, an older one is gone by. */
const appliedMax = 100;
