// A small model of what an account may spend at a kiosk, and the acts that try to part it from the book: sales, returns, credits,
// grants, vouchers scanned or covered, rights asked back, a backup put back (reconciliation.md R3, R6 3, 5, 10 and 16).

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Book } from '../../db/book.ts';
import type { CreditEvent } from '../../db/credits.ts';
import { type Home, readHome } from '../../db/home.ts';
import { amountMax, points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { openRestored } from '../../db/open-book.ts';
import { misheld } from '../../db/refold.ts';
import type { SaleEvent } from '../../db/sales.ts';
import { withSignIns } from './at-work.ts';
import { dump, reopened } from './book.ts';
import { apply, enrol, handClock, makeKiosk, morning } from './county.ts';
import { counted } from './credit.ts';
import { deskLines, recycled, takenBack } from './recycling.ts';
import { brought } from './return-sale.ts';
import { aVoucher, nextFile, scanned } from './rights.ts';
import { openDay } from './closing.ts';
import { sell, today } from './sell.ts';
import { verdictOn } from './verify.ts';
import { fc } from './property.ts';

const people = ['1', '2'] as const;
type Who = (typeof people)[number];

type Act =
  | { readonly act: 'sell'; readonly who: Who; readonly points: number }
  | { readonly act: 'bring back' | 'take back' | 'issue'; readonly pick: number }
  | { readonly act: 'credit'; readonly who: Who; readonly pieces: number }
  | { readonly act: 'scan'; readonly pick: number }
  /** A file: more rights, how many of the vouchers it counts, and what of B is asked, of whom it is asked at all. */
  | { readonly act: 'file'; readonly more: number; readonly counts: number; readonly asks: readonly (readonly [Who, number])[] }
  | { readonly act: 'file again' | 'restore' | 'reopen' };

const who = fc.constantFrom(...people);
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ act: fc.constant('sell' as const), who, points: fc.constantFrom(300, 1_200, 30_000) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('bring back' as const, 'take back' as const), pick: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('issue' as const, 'scan' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('credit' as const), who, pieces: fc.integer({ min: 2, max: 40 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('file' as const),
      more: fc.constantFrom(0, 50, 9_000),
      counts: fc.constantFrom(0, 0.5, 1),
      asks: fc.uniqueArray(fc.tuple(who, fc.constantFrom(0, 100, 2_000, amountMax)), { maxLength: 2, selector: ([of]) => of }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('file again' as const, 'restore' as const, 'reopen' as const) }) },
);

/** What should be true of one account. */
interface Account {
  /** Granted without vouchers. */
  base: number;
  /** Amounts of its vouchers, number 1 first; which were scanned; through which number the county counts them. */
  readonly issued: number[];
  readonly taken: Set<number>;
  covered: number;
  rights: number;
  returned: number;
  /** A backup was put back, and the county has not granted since. */
  waits: boolean;
}

interface Life {
  readonly home: Home;
  book: Book;
  readonly clock: ReturnType<typeof handClock>;
  readonly accounts: Readonly<Record<Who, Account>>;
  sales: SaleEvent[];
  credits: CreditEvent[];
  readonly files: string[];
}

function grantedOf({ base, issued, taken, covered }: Account): number {
  return issued.reduce((sum, amount, i) => (i < covered || taken.has(i + 1) ? sum + amount : sum), base);
}

async function live(life: Life, act: Act): Promise<void> {
  switch (act.act) {
    case 'sell': {
      const sale = sell(life.book, { resident: act.who, goods: [['2', 1]], chosenPoints: act.points });
      if (typeof sale === 'string') throw new Error(sale);
      life.accounts[act.who].rights -= sale.body.redemption?.fromRights ?? 0;
      life.sales.push(sale);
      return;
    }
    case 'bring back': {
      const [sale] = life.sales.splice(act.pick % Math.max(1, life.sales.length), 1);
      if (sale === undefined) return;
      const back = brought(life.book, sale, [{ n: 0, quantity: 1 }]);
      if (typeof back === 'string') throw new Error(back);
      const of = people.find((each) => `a${each}` === back.body.accountId)!; // nobody else buys
      life.accounts[of].rights += back.body.redemption?.toRights ?? 0;
      return;
    }
    case 'credit': {
      const credit = recycled(life.book, { resident: act.who, bags: [counted('battery', act.pieces)] });
      if (typeof credit === 'string') return; // enough for today
      life.accounts[act.who].rights += credit.amt;
      life.credits.push(credit);
      return;
    }
    case 'take back': {
      const [credit] = life.credits.splice(act.pick % Math.max(1, life.credits.length), 1);
      if (credit === undefined || takenBack(life.book, credit) === 'disputed') return;
      life.accounts[people.find((each) => `a${each}` === credit.body.accountId)!].rights -= credit.amt; // likewise
      return;
    }
    case 'issue':
      life.accounts[people[act.pick % 2]!].issued.push((act.pick % 900) + 1);
      return;
    case 'scan':
      return scan(life, people[act.pick % 2]!, act.pick);
    case 'file':
      return file(life, act);
    case 'file again': {
      const before = dump(life.book.db);
      for (const path of life.files) expect(await apply(life.home, life.book, path)).toMatchObject({ kind: 'known' });
      expect(dump(life.book.db)).toBe(before);
      return;
    }
    case 'reopen':
      life.book.close();
      life.book = reopened(life.home, life.clock);
      return;
    case 'restore':
      return restore(life);
  }
}

function scan(life: Life, of: Who, pick: number): void {
  const account = life.accounts[of];
  if (account.issued.length === 0) return;
  const number = (pick % account.issued.length) + 1;
  const amount = account.issued[number - 1]!;
  const before = dump(life.book.db);
  const taken = scanned(life, aVoucher({ accountId: `a${of}`, number, amount }));
  const isUsed = number <= account.covered || account.taken.has(number);
  if (isUsed || account.waits) {
    expect(taken).toEqual({ ok: false, code: isUsed ? 'voucher_used' : 'voucher_waits' });
    expect(dump(life.book.db)).toBe(before);
    return;
  }
  expect(taken).toMatchObject({ ok: true, value: { accountId: `a${of}`, amount, number } });
  account.taken.add(number);
  account.rights += amount;
}

async function file(life: Life, { more, counts, asks }: Act & { readonly act: 'file' }): Promise<void> {
  const lines: DownLine[] = asks.map(([of, b]) => ({ t: 'RETURN_REQ', a: `a${of}`, b: points(b) }));
  for (const of of people) {
    const account = life.accounts[of];
    const before = grantedOf(account);
    account.base += more;
    account.covered += Math.floor((account.issued.length - account.covered) * counts);
    account.waits = false;
    account.rights += grantedOf(account) - before;
    const g = account.issued.slice(0, account.covered).reduce((sum, amount) => sum + amount, account.base);
    lines.push({ t: 'GRANT', a: `a${of}`, g: points(g), ...(account.covered === 0 ? {} : { v: account.covered }) });
  }
  const given = asks.map(([of, b]) => {
    const account = life.accounts[of];
    const amt = Math.max(0, Math.min(b - account.returned, account.rights));
    account.rights -= amt;
    account.returned += amt;
    return { accountId: `a${of}`, amt };
  });
  const { seq } = life.book.head();
  const path = await nextFile(life, lines);
  expect(await apply(life.home, life.book, path)).toMatchObject({ kind: 'applied' });
  life.files.push(path);
  const answers = life.book.db
    .prepare<[number], { line: string }>(`SELECT line FROM event WHERE kind = 'RIGHTS_RETURNED' AND seq > ? ORDER BY seq`)
    .all(seq)
    .map(({ line }) => JSON.parse(line) as { readonly amt: number; readonly body: { readonly accountId: string } });
  expect(answers.map(({ amt, body: { accountId } }) => ({ accountId, amt }))).toEqual(given);
}

function restore(life: Life): void {
  life.book.close();
  const opened = openRestored(life.home, life.clock, 'A'.repeat(43));
  if (!opened.ok) throw new Error(opened.detail);
  life.book = withSignIns(opened.book);
  for (const account of Object.values(life.accounts)) {
    account.returned += account.rights;
    account.rights = 0;
    account.waits = true;
  }
  [life.sales, life.credits] = [[], []]; // what was before is the county's
}

function assertSame({ book: { db }, accounts }: Life): void {
  expect(misheld(db)).toBeNull();
  expect(db.prepare('SELECT commodity FROM balance GROUP BY commodity HAVING sum(amount) <> 0').all()).toEqual([]);
  for (const of of people) {
    const account = accounts[of];
    const found = db
      .prepare(
        `SELECT granted, returned, covered, coalesce(amount, 0) AS rights FROM counter
           LEFT JOIN balance ON account = 'esc' AND holder = account_id WHERE account_id = ?`,
      )
      .get(`a${of}`) ?? { granted: 0, returned: 0, covered: 0, rights: 0 };
    const { returned, covered, rights } = account;
    expect(found).toEqual({ granted: grantedOf(account), returned, covered, rights });
  }
}

/** Runs `numRuns` lives of up to `length` acts. Throws fast-check's account of the first that parts from the model. */
export async function runRights(numRuns: number, length: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'jifen-rights-'));
  const template = makeKiosk(join(root, 'template'), handClock());
  await enrol(template.home, template.book, await deskLines());
  openDay(template.book, today);
  template.book.close();
  let lives = 0;
  try {
    const property = fc.asyncProperty(fc.array(anyAct, { minLength: 1, maxLength: length, size: 'max' }), async (acts) => {
      lives += 1;
      const directory = join(root, String(lives));
      cpSync(join(root, 'template'), directory, { recursive: true });
      const found = readHome(directory);
      if (!found.ok) throw new Error(found.detail);
      const clock = handClock(morning + 1_000);
      const account = (base: number): Account => ({
        base,
        issued: [],
        taken: new Set(),
        covered: 0,
        rights: base,
        returned: 0,
        waits: false,
      });
      const accounts = { '1': account(20_000), '2': account(0) };
      const life: Life = { home: found.home, book: reopened(found.home, clock), clock, accounts, sales: [], credits: [], files: [] };
      try {
        for (const act of acts) {
          await live(life, act);
          assertSame(life);
        }
        life.book.close();
        expect(await verdictOn(directory)).toEqual({ kind: 'true' });
      } finally {
        if (life.book.db.open) life.book.close();
        rmSync(directory, { recursive: true, force: true });
      }
    });
    await fc.assert(property, { numRuns });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
