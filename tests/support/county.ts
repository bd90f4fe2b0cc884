// A small county for tests: keys, a scheme, a shop, two residents, a few goods, and the signed files that bring them.

import { copyFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDownFile } from '../../county/down-writer.ts';
import { type Book, type Clock } from '../../db/book.ts';
import { applyDownFile, type DownOutcome } from '../../db/down.ts';
import { type Home, makeHome } from '../../db/home.ts';
import { createBook } from '../../db/open-book.ts';
import { fen, points } from '../../db/model/amounts.ts';
import { type Card, sealCard } from '../../db/model/card.ts';
import type { Goods, Operator, Resident, Shop } from '../../db/model/catalogue.ts';
import type { DownHeader, DownLine } from '../../db/model/down-file.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import type { Scheme } from '../../db/model/scheme.ts';
import { withSignIns } from './at-work.ts';
import { cheapHash } from './cheap-pin.ts';

export const fileKey = privateKeyFromSeed(Buffer.alloc(32, 1));
export const cardKey = privateKeyFromSeed(Buffer.alloc(32, 2));
export const countyName = 'county-540525';
export const asOf = Date.parse('2026-11-20T20:00:00+08:00');
export const morning = Date.parse('2026-11-21T09:00:00+08:00');
export const cashierPin = '258036';

const raw = (key: typeof fileKey): string => Buffer.from(rawPublicKey(key)).toString('base64url');

export const scheme: Scheme = {
  id: 'qiongjie',
  version: 1,
  zh: '琼结文明实践银行',
  bo: null,
  pointValueFen: 10,
  pointsStep: points(100),
  cashRounding: { unitFen: fen(10), mode: 'down' },
  saleCapPoints: null,
  dayCapPoints: null,
  accountKind: 'person',
  redemptionWindow: null,
  groups: [
    { id: 'villager', zh: '村民', bo: 'གྲོང་མི།', mayRedeem: true },
    { id: 'cadre', zh: '机关干部', bo: null, mayRedeem: false },
  ],
  roaming: { saleCapPoints: points(100_000), staleDays: 7, halfAfterDays: 3, kioskCapPoints: points(1_500_000) },
  recycling: null,
  labels: [],
};

export const shop: Shop = {
  county: '540525',
  countyZh: '琼结县',
  countyBo: null,
  store: 'baire',
  zh: '白日社区文明超市',
  bo: null,
  kiosk: 'qj-03',
  isDemo: true, // its scales are simulated
};

export function goods(id: string, change: Partial<Goods> = {}): Goods {
  return {
    id,
    zh: '洗洁精',
    bo: null,
    size: '500g',
    codes: [`20${id.padStart(11, '0')}`],
    initials: 'xjj',
    category: 'cleaning',
    picture: 'detergent',
    priceFen: fen(1250),
    pricePoints: null,
    pointsAllowed: true,
    onSale: true,
    ...change,
  };
}

export function resident(id: string, change: Partial<Resident> = {}): Resident {
  return {
    id,
    accountId: `a${id}`,
    name: '格桑卓玛',
    group: 'villager',
    village: '白日社区',
    language: 'zh',
    tag: `tag${id.padStart(8, '0')}`,
    active: true,
    ...change,
  };
}

/** One cashier whose PIN is cashierPin. */
export function cashier(): Promise<Operator> {
  return Promise.resolve({ id: 'op1', name: '卓玛', role: 'cashier', pinHash: cheapHash(cashierPin), active: true });
}

/** A card of a resident, good until 2030 unless said otherwise. */
export function card(residentId: string, change: Partial<Card> = {}): string {
  return sealCard({ kid: 1, county: '540525', residentId, issue: 1, expiresOn: '2030-12-31', ...change }, cardKey);
}

/** The first file of a kiosk: everything, and rights of 200 points for resident 1. */
export async function firstLines(more: readonly DownLine[] = []): Promise<readonly DownLine[]> {
  return [
    { t: 'SCHEME', scheme },
    { t: 'SHOP', shop },
    { t: 'KEY', kid: 1, use: 'card', key: raw(cardKey), active: true },
    { t: 'KEY', kid: 1, use: 'file', key: raw(fileKey), active: true },
    { t: 'OPERATOR', operator: await cashier() },
    { t: 'GOODS', goods: goods('1') },
    {
      t: 'GOODS',
      goods: goods('2', { zh: '青稞', size: '5kg', initials: 'qk', category: 'grain', picture: 'barley', priceFen: fen(3000) }),
    },
    {
      t: 'GOODS',
      goods: goods('3', {
        zh: '水杯',
        size: '',
        initials: 'sb',
        category: 'kitchen',
        picture: 'cup',
        priceFen: null,
        pricePoints: points(1500),
      }),
    },
    { t: 'RESIDENT', resident: resident('1') },
    { t: 'RESIDENT', resident: resident('2', { name: '扎西', language: 'bo' }) },
    { t: 'BAL', a: 'a1', balance: points(20_000) },
    { t: 'BAL', a: 'a2', balance: points(30_000) },
    { t: 'GRANT', a: 'a1', g: points(20_000) },
    { t: 'ROAM', a: 'a2', c: points(5_000), xs: points(0) },
    ...more,
  ];
}

/** A fresh folder, removed when the test ends. */
export function temporary(onTestFinished: (work: () => Promise<void>) => void, name = 'jifen-'): string {
  const directory = mkdtempSync(join(tmpdir(), name));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A clock that a test turns by hand. */
export function handClock(start = morning): Clock & { turn(ms: number): void; set(wallMs: number): void } {
  let wall = start;
  let mono = 1_000;
  return {
    wallMs: () => wall,
    monoMs: () => mono,
    turn(ms) {
      wall += ms;
      mono += ms;
    },
    set(wallMs) {
      wall = wallMs;
      mono += 1;
    },
  };
}

/** `isBare`: the book as it is, for tests of the book itself; else one whose acts are of somebody who signed in (at-work.ts). */
export interface KioskOptions {
  readonly isBare?: boolean;
}

/** A kiosk's home with its book, enrolled with the test county; the book is open. */
export function makeKiosk(
  directory: string,
  clock: Clock,
  { isBare = false }: KioskOptions = {},
): { readonly home: Home; readonly book: Book } {
  const home = makeHome(directory, {
    enrolment: { county: '540525', store: shop.store, kiosk: shop.kiosk, countyKey: raw(fileKey), countyKeyName: countyName },
    diskReserveBytes: 0,
  });
  const book = createBook(home, clock, 'test');
  return { home, book: isBare ? book : withSignIns(book) };
}

export function header(downSeq: number, prevDownSha: string, change: Partial<DownHeader> = {}): DownHeader {
  return {
    t: 'H',
    fmt: 'civicpos-down-v1',
    county: '540525',
    kiosk: shop.kiosk,
    downSeq,
    prevDownSha,
    serverEpoch: 1,
    asOf: asOf + downSeq * 1000,
    snapshot: downSeq === 1,
    ackThrough: null,
    ...change,
  };
}

/** Writes a signed file into `directory` and returns its path and hash. */
export async function writeDown(
  directory: string,
  head: DownHeader,
  lines: Iterable<DownLine>,
  key = fileKey,
): Promise<{ readonly path: string; readonly sha256: string }> {
  mkdirSync(directory, { recursive: true });
  const { sha256 } = await writeDownFile(directory, head, lines, { name: countyName, privateKey: key });
  return { path: join(directory, `${String(head.downSeq).padStart(8, '0')}.jsonl.gz`), sha256 };
}

/** Makes the kiosk know its county: applies the first file. Returns the file's hash, which the next must name. */
export async function enrol(home: Home, book: Book, more: readonly DownLine[] = []): Promise<string> {
  const { path, sha256 } = await writeDown(join(home.directory, 'from-county'), header(1, ''), await firstLines(more));
  const outcome = await apply(home, book, path);
  if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
  return sha256;
}

/** `day`: the business date of the shift, or the calendar's where none is open. */
export function apply(home: Home, book: Book, path: string, day = '2026-11-21'): Promise<DownOutcome> {
  return applyDownFile(book, home, path, day, () => {});
}

/** Puts a written file and its note into the inbox, note last. */
export function deliver(home: Home, path: string): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  copyFileSync(path, join(home.inbox, name));
  copyFileSync(path.replace('.jsonl.gz', '.note'), join(home.inbox, name.replace('.jsonl.gz', '.note')));
}
