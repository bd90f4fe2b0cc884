// Reads the county's kept files again as the chain names them: signed, whole, in order. What they said is folded into
// rights and settlements, and compared with the tables that the till sells by.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { keptDownFile, notePathOf } from './down.ts';
import type { Home } from './home.ts';
import { type Fen, type Points, fen, points } from './model/amounts.ts';
import { canonical, type Plain } from './model/canonical.ts';
import type { Goods, Operator, Resident, Shop } from './model/catalogue.ts';
import { labelPrice, roundCash, takesWeight } from './model/checkout.ts';
import { type DownHeader, type DownLine, downHeader, downLine, downLineBytesMax, downTrailer } from './model/down-file.ts';
import type { BookEvent, SettlementBody } from './model/event.ts';
import type { Member } from './model/committee.ts';
import type { LogHead, LogRoot } from './model/log-root.ts';
import { openNote, parseFileNote } from './model/note.ts';
import { grantPostings, paidPostings, settlementPostings } from './model/postings.ts';
import { never } from './model/result.ts';
import { type SettlementWord, newsOf, settlementPrice } from './model/settlement.ts';
import { type Scheme, isRedemptionOpen } from './model/scheme.ts';
import { storedScheme } from './reference.ts';
import { type ReadableDatabase, openWritable, prepared } from './sqlite.ts';
import type { Fold } from './verify-fold.ts';
import { Lie, counted } from './verify-lie.ts';
import type { RightsChecks } from './verify-rights.ts';
import { countyRoots } from './verify-roots.ts';

export interface CountyFiles {
  /** The file that a DOWN_APPLIED names: read, checked, and folded. */
  apply(event: BookEvent & { readonly kind: 'DOWN_APPLIED' }, place: string, fold: Fold, rights: RightsChecks): Promise<void>;
  /** A sale beside the prices, rules and allowances that were in force. */
  checkSale(event: BookEvent & { readonly kind: 'SALE' }, place: string, fold: Fold): void;
  /** A backup was put back by the event with this leaf: nothing is spent until the county speaks to that incarnation. */
  restored(leaf: string): void;
  /** A person took a printed notice of the county. */
  notice(event: BookEvent & { readonly kind: 'NOTICE_TAKEN' }, place: string): void;
  /** What came back makes room again under the caps of its sale's day. */
  takeReturn(event: BookEvent & { readonly kind: 'RETURNED' }): void;
  /** The rules and people that the newest file left. */
  inForce(): RulesInForce;
  /** Keys that signed for the county in force: a voucher's, too. None before the first file. */
  fileKeys(): readonly Uint8Array[];
  /** Whether somebody of the roster has that account. */
  isRostered(accountId: string): boolean;
  /** The table of applied files says what the chain says, and nothing more. */
  end(db: ReadableDatabase): void;
  compareReference(db: ReadableDatabase, say: (check: string, text: string) => void): void;
  count(): number;
  close(): void;
}

/** What the county had said last when an event was written. */
export interface RulesInForce {
  readonly scheme: Scheme | null;
  /** Of the newest file. */
  readonly fileNumber: number;
  /** Whom a tag names, or null. */
  readonly residentOf: (tag: string) => Pick<Resident, 'id' | 'accountId' | 'group' | 'active'> | null;
  readonly operatorOf: (id: string) => Operator | null;
  readonly operators: () => readonly Operator[];
  /** The shop is one for showing and teaching. */
  readonly isDemo: () => boolean;
  /** A backup was put back, and no file came since. */
  readonly isFrozen: boolean;
  readonly shop: () => Shop | null;
  /** Everything the county put right, in the order of its files and within one by id. */
  readonly adjustments: () => SettlementBody['adjustments'];
  /** What the county last said of an account, and up to which event it knew: zeros where it never spoke of it. */
  readonly countyOf: (accountId: string) => CountyWord;
}

interface CountyWord {
  readonly balance: Points;
  readonly asOf: number;
  readonly ackSeq: number;
  readonly roamCap: Points;
}

interface Applied {
  readonly downSeq: number;
  readonly sha256: string;
  readonly asOf: number;
  readonly ack: DownHeader['ackThrough'];
  readonly eventSeq: number;
}

/** Starts with what the enrolment says: the county's first key. `scratch` is a folder of ours for what the files said. */
export function countyFiles(home: Home, scratch: string): CountyFiles {
  const { county, kiosk, countyKey, countyKeyName } = home.config.enrolment;
  const said = openSaid(join(scratch, 'said.db'));
  const applied: Applied[] = [];
  let scheme: Scheme | null = null;
  const today = newDay();
  const roots = countyRoots();
  let isFrozen = false;
  let incLeaf: string | undefined;

  const openKept = (downSeq: number, place: string): { readonly path: string; readonly name: string } => {
    const path = keptDownFile(home, downSeq);
    const name = `down/${basename(path)}`;
    for (const each of [path, notePathOf(path)])
      if (!existsSync(each)) throw new Lie('county files', `down/${basename(each)}`, `which ${place} applied, is missing`);
    return { path, name };
  };
  const keysInForce = (): readonly Buffer[] => {
    const keys = said.fileKeys();
    return keys.length === 0 ? [Buffer.from(countyKey, 'base64url')] : keys;
  };
  const checkNote = (path: string, downSeq: number, sha256: string): void => {
    const place = `down/${basename(notePathOf(path))}`;
    const keys = keysInForce();
    const opened = openNote(
      readFileSync(notePathOf(path), 'utf8'),
      keys.map((publicKey) => ({ name: countyKeyName, publicKey })),
    );
    if (!opened.ok) throw new Lie('county files', place, `is not signed by the county: ${opened.code}`);
    const note = parseFileNote(opened.value.text);
    const expected = { direction: 'down', county, kiosk, fileSeq: downSeq, sha256, prevFileSha: applied.at(-1)?.sha256 ?? '' };
    if (!note.ok || canonical({ ...note.value, inc: undefined }) !== canonical(expected))
      throw new Lie('county files', place, 'does not speak of the file that the chain names');
  };
  const fold = (
    line: DownLine,
    { downSeq, seq, place, sums, rights }: { downSeq: number; seq: number; place: string; sums: Fold; rights: RightsChecks },
  ): void => {
    said.tell(line, downSeq, place);
    if (line.t === 'SETTLEMENT') for (const posting of paidPostings(said.takeWord(line, downSeq))) sums.post(seq, posting);
    if (line.t === 'SCHEME' && line.scheme.version >= (scheme?.version ?? 0)) scheme = line.scheme;
    if (line.t === 'GRANT') {
      const granted = rights.grant(line, downSeq, place);
      for (const posting of grantPostings(line.a, sums.grant(line.a, granted, place))) sums.post(seq, posting);
    }
    if (line.t === 'RETURN_REQ') rights.ask(line, downSeq, place);
    if (line.t === 'ROAM') {
      const { step, overfunded } = sums.settle(line.a, line.xs, place);
      for (const posting of settlementPostings(line.a, step, overfunded)) sums.post(seq, posting);
    }
  };

  return {
    count: () => applied.length,
    close: () => said.close(),
    notice: (event, place) => roots.notice(event, place),
    restored(leaf) {
      isFrozen = true;
      incLeaf = leaf;
      said.forgetAllowances(applied.at(-1)?.downSeq ?? 0);
    },
    async apply(event, place, sums, rights) {
      const { downSeq, sha256, asOf } = event.body;
      const next = (applied.at(-1)?.downSeq ?? 0) + 1;
      if (downSeq !== next) throw new Lie('county files', place, `applied file ${downSeq} where ${next} was due`);
      const { path, name } = openKept(downSeq, place);
      checkNote(path, downSeq, sha256);
      let header: DownHeader | null = null;
      let newest = '';
      let lines = 0;
      let isEnded = false;
      if ((await hashKept(path, name)) !== sha256) throw new Lie('county files', name, 'is not the file that the chain names');
      // The trailer is known by being last, so each line is taken up when the next one has come.
      const take = (text: string, isLast: boolean): void => {
        const here = `${name}, line ${lines + 1}`;
        if (header === null) {
          header = parsed(downHeader, text, here);
          const { root, members, known, cosigned } = roots.take(header, { fileKeys: keysInForce(), sha256, place: here });
          if (root !== null && header.countyRoot !== undefined) said.tellRoot('county_root', root, header.countyRoot, downSeq);
          for (const [i, { name: member, key }] of members.entries()) {
            const byNotice = header.committee?.[known + i]?.notice === true;
            said.tellMember(known + i + 1, { name: member, key, byNotice }, downSeq);
          }
          if (cosigned !== null && header.cosigned !== undefined) said.tellRoot('cosigned_root', cosigned, header.cosigned, downSeq);
        } else if (isLast) {
          if (parsed(downTrailer, text, here).lines !== lines - 1) throw new Lie('county files', here, 'counts other lines than there are');
          isEnded = true;
        } else fold(parsed(downLine, text, here), { downSeq, seq: event.seq, place: here, sums, rights });
        lines += 1;
      };
      await readKept(path, name, (text) => {
        if (newest !== '') take(newest, false);
        newest = text;
      });
      if (newest !== '') take(newest, true);
      const head = header as DownHeader | null; // assigned inside take, which the compiler does not follow
      if (head === null || !isEnded) throw new Lie('county files', name, 'has no end');
      const isNamed = head.county === county && head.kiosk === kiosk && head.downSeq === downSeq && head.asOf === asOf;
      if (!isNamed || event.body.lines !== lines - 2) throw new Lie('county files', place, `does not say what ${name} says`);
      if ((head.inc ?? 1) !== event.inc)
        throw new Lie('county files', name, `is for incarnation ${head.inc ?? 1} and was taken by ${event.inc}`);
      if (head.incLeaf !== incLeaf)
        throw new Lie('county files', name, `is for another incarnation ${event.inc} than the one that took it`);
      isFrozen = false;
      if (head.snapshot) said.forgetOthers(downSeq);
      applied.push({ downSeq, sha256, asOf, ack: head.ackThrough, eventSeq: event.seq });
    },
    checkSale(event, place, sums) {
      if (isFrozen && event.amt > 0) throw new Lie('sales', place, 'takes points before the county spoke to the restored kiosk');
      const fault = saleFault(event, { scheme, prices: applied.at(-1)?.downSeq ?? 0, said, sums, today });
      if (fault !== null) throw new Lie('sales', place, fault);
    },
    takeReturn: (event) => today.giveBack(event),
    inForce: () => ({
      scheme,
      fileNumber: applied.at(-1)?.downSeq ?? 0,
      residentOf: (tag) => said.residentOf(tag),
      operatorOf: (id) => said.operatorOf(id),
      operators: () => said.operators(),
      isDemo: () => said.isDemo(),
      isFrozen,
      shop: () => said.shop(),
      adjustments: () => said.adjustments(),
      countyOf: (accountId) => {
        const { balance, downSeq } = said.balanceOf(accountId);
        const file = applied[downSeq - 1];
        return { balance, asOf: file?.asOf ?? 0, ackSeq: file?.ack?.seq ?? 0, roamCap: said.roamCap(accountId) };
      },
    }),
    fileKeys: () => said.fileKeys(),
    isRostered: (accountId) => said.isRostered(accountId),
    end(db) {
      const rows = db
        .prepare<[], { downSeq: number; sha256: string; asOf: number; ackSeq: number; eventSeq: number }>(
          'SELECT down_seq AS downSeq, sha256, as_of AS asOf, ack_seq AS ackSeq, event_seq AS eventSeq FROM down_file ORDER BY down_seq',
        )
        .all();
      const leaf = db.prepare<[number], { leaf: Buffer }>('SELECT leaf FROM event WHERE seq = ?');
      for (const [i, { ack, ...file }] of applied.entries()) {
        const place = `table down_file, row ${file.downSeq}`;
        if (canonical(rows[i] === undefined ? null : { ...rows[i] }) !== canonical({ ...file, ackSeq: ack?.seq ?? 0 }))
          throw new Lie('county files', place, 'is not what the chain and the file say');
        if (ack !== null && (ack.seq >= file.eventSeq || leaf.get(ack.seq)?.leaf.toString('base64url') !== ack.leaf))
          throw new Lie(
            'county files',
            `down/${basename(keptDownFile(home, file.downSeq))}`,
            `acknowledges an event ${ack.seq} that is not in this book`,
          );
      }
      const extra = rows[applied.length];
      if (extra !== undefined) throw new Lie('county files', `table down_file, row ${extra.downSeq}`, 'is of no event in the chain');
    },
    compareReference(db, say) {
      const rows = said.compare(db);
      say('county roots', roots.report());
      const committee = roots.committee();
      if (committee !== null) say('committee', committee);
      for (const notice of roots.notices()) say('county notices', notice);
      say('reference', `${counted(rows, 'row')} of goods, rules and people, each what the county's files said last`);
    },
  };
}

type SaleEvent = BookEvent & { readonly kind: 'SALE' };

interface InForce {
  readonly scheme: Scheme | null;
  /** Number of the newest file. */
  readonly prices: number;
  readonly said: Said;
  readonly sums: Fold;
  readonly today: Day;
}

/**
 * What is wrong with a sale by the prices and rules in force when it was made, or null. A sale does not say which card was
 * held under the scanner, nor how old the kiosk took the county's word to be: a denied or expired card, and an allowance that
 * should have been halved or stopped, cannot be told from the book.
 */
function saleFault(event: SaleEvent, inForce: InForce): string | null {
  const { body } = event;
  const { scheme, prices, said } = inForce;
  if (scheme === null || body.schemeVersion !== scheme.version)
    return `names rules ${body.schemeVersion}, in force were ${scheme?.version ?? 'none'}`;
  if (body.priceVersion !== prices) return `names prices ${body.priceVersion}, in force were ${prices}`;
  for (const [i, line] of body.lines.entries()) {
    const goods = said.goods(line.goodsId);
    const price = line.pricedIn === 'yuan' ? goods?.priceFen : goods?.pricePoints;
    if (goods === null || line.unitPrice !== price) return `line ${i + 1}: ${line.goodsId} did not cost ${line.unitPrice}`;
    if (line.settlementFen !== settlementPrice(goods, line)) return `line ${i + 1}: the county pays another amount for ${line.goodsId}`;
    if (!takesWeight(scheme, goods, line.weighed)) return `line ${i + 1}: ${line.goodsId} was not sold so, or its label says other things`;
    if (line.weighed?.by === 'price-label' && line.totalFen !== labelPrice(scheme.labels, line.weighed.code))
      return `line ${i + 1}: costs other than its label says`;
    if (line.pricedIn === 'yuan' && !goods.pointsAllowed && line.points > 0)
      return `line ${i + 1}: ${line.goodsId} may not be had for points`;
  }
  return roundingFault(event, scheme) ?? residentFault(event, scheme, said) ?? pointsFault(event, scheme, inForce);
}

/** Cash is rounded as the rules say, what another device took is not. */
function roundingFault({ body }: SaleEvent, scheme: Scheme): string | null {
  const dueFen = fen(body.totalFen - (body.redemption?.worthFen ?? 0));
  const rounded = body.payments.some((payment) => payment.kind === 'other') ? dueFen : roundCash(dueFen, scheme.cashRounding);
  return body.roundingFen === rounded - dueFen ? null : `rounds by ${body.roundingFen} where the rules round by ${rounded - dueFen}`;
}

/** Whoever is named was of the county's roster, might redeem, and on that day. */
function residentFault({ body, res, day }: SaleEvent, scheme: Scheme, said: Said): string | null {
  if (res === null) return body.accountId === null ? null : 'takes points of an account and names no resident';
  const resident = said.residentOf(res);
  if (resident === null) return 'names a resident whom the county does not know';
  if (resident.accountId !== body.accountId) return 'names a resident of another account';
  if (!resident.active) return 'names a resident whose account is closed';
  if (scheme.groups.find((group) => group.id === resident.group)?.mayRedeem !== true) return 'names a resident who may not redeem';
  return isRedemptionOpen(scheme, day) ? null : 'redeems outside the months of redemption';
}

/** Points are worth what the rules say, in whole steps, within every cap. */
function pointsFault(event: SaleEvent, scheme: Scheme, { said, sums, today }: InForce): string | null {
  const { body } = event;
  if (body.redemption === null || body.accountId === null) return null;
  const { fromRoaming, worthFen } = body.redemption;
  const required = body.lines.reduce((sum, line) => sum + (line.pricedIn === 'points' ? line.points : 0), 0);
  if (BigInt(worthFen) * 100n !== BigInt(event.amt - required) * BigInt(scheme.pointValueFen ?? 0))
    return 'takes points for other than they are worth';
  if ((event.amt - required) % scheme.pointsStep !== 0) return `takes points in other steps than of ${scheme.pointsStep}`;
  if (event.amt > (scheme.saleCapPoints ?? event.amt)) return `takes ${event.amt} in one sale, ${scheme.saleCapPoints} are allowed`;
  const spentToday = today.spend(body.accountId, event);
  if (spentToday > (scheme.dayCapPoints ?? spentToday))
    return `brings the account to ${spentToday} on ${event.day}, ${scheme.dayCapPoints} are allowed`;
  if (fromRoaming === 0) return null;
  const { account, kiosk } = sums.unsettled(body.accountId);
  const isAllowed =
    fromRoaming <= scheme.roaming.saleCapPoints && account <= said.roamCap(body.accountId) && kiosk <= scheme.roaming.kioskCapPoints;
  return isAllowed ? null : 'spends more away from home than was allowed';
}

interface Day {
  /** Adds what an account spent; returns how much that makes on the event's business date. */
  spend(accountId: string, event: SaleEvent): number;
  /** Takes off what came back of a sale of that date; of earlier dates nothing is asked any more. */
  giveBack(event: BookEvent & { readonly kind: 'RETURNED' }): void;
}

/** Keeps one business date: a kiosk's never goes back (verify-clock.ts). */
function newDay(): Day {
  let day = '';
  const spent = new Map<string, number>();
  return {
    spend(accountId, event) {
      if (event.day !== day) spent.clear();
      day = event.day;
      const sum = (spent.get(accountId) ?? 0) + event.amt;
      spent.set(accountId, sum);
      return sum;
    },
    giveBack({ amt, body: { accountId, saleDay } }) {
      if (accountId !== null && saleDay === day) spent.set(accountId, (spent.get(accountId) ?? 0) - amt);
    },
  };
}

/** The hash of a kept file's unpacked bytes. First of all: what is not the county's is not read. */
async function hashKept(path: string, name: string): Promise<string> {
  const hash = createHash('sha256');
  await unpacked(path, name, (chunk) => hash.update(chunk));
  return hash.digest('base64url');
}

/** Reads a kept file line by line, each bounded. */
async function readKept(path: string, name: string, line: (text: string) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  await unpacked(path, name, (chunk) => {
    let start = 0;
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = buffer.indexOf(10); end !== -1; end = buffer.indexOf(10, start)) {
      line(buffer.toString('utf8', start, end));
      start = end + 1;
    }
    rest = buffer.subarray(start);
    if (rest.length > downLineBytesMax) throw new Lie('county files', name, 'has a line that is too long');
  });
  if (rest.length > 0) throw new Lie('county files', name, 'ends within a line');
}

async function unpacked(path: string, name: string, take: (chunk: Buffer) => void): Promise<void> {
  try {
    await pipeline(createReadStream(path), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) take(chunk);
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw new Lie('county files', name, `does not unpack: ${String(error.code)}`);
    throw error;
  }
}

function parsed<T>(
  shape: { safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false } },
  text: string,
  place: string,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Lie('county files', place, 'is not JSON');
  }
  const result = shape.safeParse(value);
  if (!result.success) throw new Lie('county files', place, 'is no line of such a file');
  return result.data;
}

/** Tables that only a down-file writes: how their rows read, first column the key. `doc` columns hold JSON. */
const referenceTables = {
  scheme: 'SELECT version, doc, down_seq FROM scheme',
  shop: 'SELECT id, doc, down_seq FROM shop',
  county_key: `SELECT use || '/' || kid, key, active, down_seq FROM county_key`,
  operator: 'SELECT id, doc, down_seq FROM operator',
  goods: 'SELECT id, doc, down_seq FROM goods',
  goods_code: 'SELECT code, goods_id FROM goods_code',
  resident: 'SELECT id, account_id, name, group_id, village, language, tag, active, down_seq FROM resident',
  county_balance: 'SELECT account_id, balance, down_seq FROM county_balance',
  roaming: 'SELECT account_id, cap, down_seq FROM roaming',
  denied_card: 'SELECT resident_id, issue, down_seq FROM denied_card',
  settlement_state: 'SELECT n, inc, number, state, day, paid_fen, reference, down_seq FROM settlement_state',
  adjustment: 'SELECT id, zh, fen, down_seq FROM adjustment',
  county_root: 'SELECT down_seq, size, root, note, proof, down_seq FROM county_root',
  cosigned_root: 'SELECT down_seq, size, root, note, proof, down_seq FROM cosigned_root',
  committee_key: 'SELECT n, name, key, by_notice, down_seq FROM committee_key',
} as const;
type ReferenceTable = keyof typeof referenceTables;
/** Counters, schemes, the shop and what was said of settlements outlive a snapshot that does not name them. */
const forgotten: readonly ReferenceTable[] = ['county_key', 'operator', 'resident', 'goods', 'county_balance', 'roaming', 'denied_card'];

interface Said {
  tell(line: DownLine, downSeq: number, place: string): void;
  /** A word on a settlement, after it was told. Returns how much more was paid by it. */
  takeWord(word: Omit<SettlementWord, 'inc'> & { readonly inc?: number | undefined }, downSeq: number): Fen;
  /** The root of the county's log that a file brought. */
  tellRoot(table: 'county_root' | 'cosigned_root', root: LogHead, carried: LogRoot, downSeq: number): void;
  tellMember(n: number, member: Member & { readonly byNotice: boolean }, downSeq: number): void;
  forgetOthers(downSeq: number): void;
  fileKeys(): Buffer[];
  goods(id: string): Goods | null;
  /** Of files after those that forgetAllowances names. */
  roamCap(accountId: string): Points;
  /** Allowances that files through this one told count no longer; the table has them still. */
  forgetAllowances(throughDownSeq: number): void;
  /** Whom a tag names, as the county last said, or null. */
  residentOf(tag: string): Pick<Resident, 'id' | 'accountId' | 'group' | 'active'> | null;
  isRostered(accountId: string): boolean;
  operatorOf(id: string): Operator | null;
  operators(): readonly Operator[];
  isDemo(): boolean;
  shop(): Shop | null;
  adjustments(): SettlementBody['adjustments'];
  /** Of an account, and the file that said so; file 0 where none did. */
  balanceOf(accountId: string): { readonly balance: Points; readonly downSeq: number };
  /** Every row of every reference table is what was said last; returns how many there are. */
  compare(db: ReadableDatabase): number;
  close(): void;
}

/** What the files said last of each row: on disk, since a county may have 800,000 residents. */
function openSaid(path: string): Said {
  const db = openWritable(path, { mustExist: false });
  db.pragma('synchronous = OFF'); // thrown away at the end
  db.exec(
    `CREATE TABLE said (place TEXT, key TEXT, row TEXT NOT NULL, down_seq INTEGER NOT NULL, PRIMARY KEY (place, key)) STRICT, WITHOUT ROWID`,
  );
  db.exec('BEGIN');
  const put = db.prepare('INSERT OR REPLACE INTO said (place, key, row, down_seq) VALUES (?, ?, ?, ?)');
  const get = db.prepare<[string, string], { row: string }>('SELECT row FROM said WHERE place = ? AND key = ?');
  const drop = db.prepare('DELETE FROM said WHERE place = ? AND key = ?');
  const count = db.prepare<[string], { n: number }>('SELECT count(*) AS n FROM said WHERE place = ?');
  const keys = db.prepare<[], { row: string }>(`SELECT row FROM said WHERE place = 'county_key' AND key GLOB 'file/*' ORDER BY key`);
  const operators = db.prepare<[], { row: string }>(`SELECT row FROM said WHERE place = 'operator' ORDER BY key`);

  const say = (table: ReferenceTable, downSeq: number, key: string | number, ...values: readonly Plain[]): void => {
    put.run(table, String(key), canonical([key, ...values, ...(table === 'goods_code' ? [] : [downSeq])]), downSeq);
  };
  const read = (table: ReferenceTable, key: string): readonly unknown[] | null => {
    const found = get.get(table, key);
    return found === undefined ? null : (JSON.parse(found.row) as readonly unknown[]); // written by say
  };
  const goods = (id: string): Goods | null => (read('goods', id)?.[1] ?? null) as Goods | null; // written by tell
  const plain = (value: object): Plain => value as Plain; // came out of JSON.parse through a shape
  const shop = (): Shop | null => (read('shop', '1')?.[1] ?? null) as Shop | null; // written by tell
  const words = new Map<string, SettlementWord>();
  let wordCount = 0;
  let allowancesAfter = 0;
  const adjustments: { readonly id: string; readonly zh: string; readonly fen: Fen; readonly downSeq: number }[] = [];

  return {
    takeWord({ inc = 1, number, state, day, paidFen, reference }, downSeq) {
      const word = { inc, number, state, day, paidFen, reference };
      const key = `${inc}/${number}/${state}`;
      const news = newsOf(word, words.get(key) ?? null);
      if (news === null) return fen(0);
      words.set(key, word);
      say('settlement_state', downSeq, ++wordCount, inc, number, state, day, paidFen, reference);
      return news.paidFen;
    },
    tell(line, downSeq, place) {
      switch (line.t) {
        case 'SCHEME':
          return say('scheme', downSeq, line.scheme.version, plain(line.scheme));
        case 'SHOP':
          return say('shop', downSeq, 1, plain(line.shop));
        case 'KEY':
          return say('county_key', downSeq, `${line.use}/${line.kid}`, line.key, Number(line.active));
        case 'OPERATOR':
          return say('operator', downSeq, line.operator.id, plain(line.operator));
        case 'RESIDENT': {
          const { id, accountId, name, group, village, language, tag, active } = line.resident;
          return say('resident', downSeq, Number(id), accountId, name, group, village, language, tag, Number(active));
        }
        case 'GOODS':
          for (const code of goods(line.goods.id)?.codes ?? [])
            if (read('goods_code', code)?.[1] === line.goods.id) drop.run('goods_code', code);
          for (const code of line.goods.codes) say('goods_code', downSeq, code, line.goods.id);
          return say('goods', downSeq, line.goods.id, plain(line.goods));
        case 'BAL':
          return say('county_balance', downSeq, line.a, line.balance);
        case 'GRANT':
        case 'RETURN_REQ':
          return; // in the postings and counters
        case 'ROAM':
          return say('roaming', downSeq, line.a, line.c);
        case 'DENY':
          return say('denied_card', downSeq, Number(line.resident), line.issue);
        case 'SETTLEMENT':
          return; // by takeWord
        case 'ADJUST': {
          const known = read('adjustment', line.id);
          if (known !== null && known[2] !== line.fen) throw new Lie('county files', place, 'adjusts by another amount than before');
          if (known !== null) return;
          adjustments.push({ id: line.id, zh: line.zh, fen: line.fen, downSeq });
          return say('adjustment', downSeq, line.id, line.zh, line.fen);
        }
        default:
          return never(line);
      }
    },
    tellRoot: (table, { size, root }, { note, proof }, downSeq) => say(table, downSeq, downSeq, size, root, note, JSON.stringify(proof)),
    tellMember: (n, { name, key, byNotice }, downSeq) => say('committee_key', downSeq, n, name, key, Number(byNotice)),
    forgetOthers(downSeq) {
      for (const table of forgotten) db.prepare('DELETE FROM said WHERE place = ? AND down_seq <> ?').run(table, downSeq);
      db.exec(`DELETE FROM said WHERE place = 'goods_code' AND row ->> 1 NOT IN (SELECT key FROM said WHERE place = 'goods')`);
    },
    fileKeys: () =>
      keys
        .all()
        .map(({ row }) => JSON.parse(row) as readonly [string, string, number]) // written by tell
        .filter(([, , active]) => active === 1)
        .map(([, key]) => Buffer.from(key, 'base64url')),
    goods,
    roamCap(accountId) {
      const [, cap, downSeq] = (read('roaming', accountId) ?? ['', 0, 0]) as readonly [string, number, number]; // written by tell
      return points(downSeq > allowancesAfter ? cap : 0);
    },
    forgetAllowances(throughDownSeq) {
      allowancesAfter = throughDownSeq;
    },
    operatorOf: (id) => (read('operator', id)?.[1] ?? null) as Operator | null, // written by tell
    operators: () => operators.all().map(({ row }) => (JSON.parse(row) as readonly [string, Operator, number])[1]), // likewise
    isDemo: () => shop()?.isDemo === true,
    shop,
    adjustments: () =>
      adjustments
        .toSorted((a, b) => a.downSeq - b.downSeq || (a.id < b.id ? -1 : 1))
        .map(({ id, zh, fen: amount }) => ({ id, zh, fen: amount })),
    balanceOf(accountId) {
      const [, balance, downSeq] = (read('county_balance', accountId) ?? ['', 0, 0]) as readonly [string, number, number]; // likewise
      return { balance: points(balance), downSeq };
    },
    isRostered(accountId) {
      db.exec(`CREATE INDEX IF NOT EXISTS said_account ON said (row ->> 1) WHERE place = 'resident'`); // likewise
      const sql = `SELECT key FROM said WHERE place = 'resident' AND row ->> 1 = ? LIMIT 1`;
      return prepared<[string], { key: string }>(db, sql).get(accountId) !== undefined;
    },
    residentOf(tag) {
      db.exec(`CREATE INDEX IF NOT EXISTS said_tag ON said (row ->> 6) WHERE place = 'resident'`); // faster once the roster is there
      const found = prepared<[string], { row: string }>(db, `SELECT row FROM said WHERE place = 'resident' AND row ->> 6 = ?`).get(tag);
      if (found === undefined) return null;
      const [id, accountId, , group, , , , active] = JSON.parse(found.row) as readonly [number, ...string[], number]; // written by tell
      return { id: String(id), accountId: String(accountId), group: String(group), active: active === 1 };
    },
    compare(book) {
      let rows = 0;
      for (const [table, sql] of Object.entries(referenceTables)) {
        let here = 0;
        for (const values of book.prepare<[], readonly (string | number)[]>(sql).raw().iterate()) {
          const key = String(values[0]);
          if (get.get(table, key)?.row !== rowText(values, sql.includes('doc') ? docReader(table) : null))
            throw new Lie('reference', `table ${table}, row ${key}`, 'is not what the county said');
          here += 1;
        }
        const there = count.get(table)!.n;
        if (here !== there) throw new Lie('reference', `table ${table}`, `has ${here} rows, the county's files make ${there}`);
        rows += here;
      }
      return rows;
    },
    close: () => db.close(),
  };
}

/** Documents are what was said, but a scheme stored before there was a recycling desk: the till reads what is missing there. */
function docReader(table: string): (doc: string) => Plain {
  const read: (doc: string) => unknown = table === 'scheme' ? storedScheme : JSON.parse;
  return (doc) => read(doc) as Plain; // JSON is plain
}

/** A row as `say` writes it, or null where it holds what no row can hold. */
function rowText(values: readonly (string | number)[], readDoc: ((doc: string) => Plain) | null): string | null {
  try {
    return canonical(readDoc === null ? values : values.map((value, i) => (i === 1 ? readDoc(String(value)) : value)));
  } catch {
    return null; // not JSON, or text that is not NFC: the caller tells the row
  }
}
