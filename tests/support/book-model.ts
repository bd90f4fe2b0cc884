// A small model of the book, and the acts that try to part the two: sales, repeats, the county's files, crashes, clocks
// (reconciliation.md R7, T2). After every act the invariants of R6 1–10 are asserted, and at the end verify has its say.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { readAnchor } from '../../db/anchor.ts';
import { type Book, commandHash } from '../../db/book.ts';
import { type Home, readHome } from '../../db/home.ts';
import { points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { dayMs } from '../../db/model/time.ts';
import { type SaleEvent, findSale } from '../../db/sales.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { dump, pulledPlug, reopened } from './book.ts';
import { apply, enrol, handClock, header, makeKiosk, morning, resident, writeDown } from './county.ts';
import { type SellOptions, sell } from './sell.ts';
import { verdictOn } from './verify.ts';

/** What one account should have here, in hundredths. */
interface Account {
  granted: number;
  spent: number;
  roamed: number;
  settled: number;
  /** c, and what the county last said the account has in all. */
  cap: number;
  balance: number;
  /** Spent here since the county said so. */
  since: number;
}

/** What should be true. */
interface Model {
  readonly accounts: Map<string, Account>;
  readonly sales: Map<string, { readonly options: SellOptions; readonly event: SaleEvent }>;
  readonly files: string[];
  cash: number;
  other: number;
  asOf: number;
}

/** What is. */
interface Real {
  home: Home;
  book: Book;
  readonly clock: ReturnType<typeof handClock>;
  sha256: string;
  /** Homes made on the way, to be removed. */
  readonly homes: string[];
}

type Act = fc.AsyncCommand<Model, Real>;

const goodsFen: Readonly<Record<string, number>> = { '1': 1250, '2': 3000, '3': 0 };
const cupPoints = 1_500;

/** The rule of R3 once more, in few words, for the scheme of the small county. */
function usable(model: Model, real: Real, account: Account): { readonly rights: number; readonly roaming: number } {
  const rights = account.granted - account.spent;
  const days = Math.max(0, Math.floor((real.clock.wallMs() - model.asOf) / dayMs));
  const cap = days > 7 ? 0 : days > 3 ? Math.floor(account.cap / 2) : account.cap;
  const open = account.roamed - account.settled;
  const roaming = Math.max(0, Math.min(cap - open, Math.max(0, account.balance - account.since) - rights, 100_000));
  return { rights, roaming };
}

function named(name: string, run: (model: Model, real: Real) => void | Promise<void>): Act {
  return {
    check: () => true,
    toString: () => name,
    async run(model, real) {
      await run(model, real);
      assertInvariants(model, real);
    },
  };
}

const anySale = fc
  .record({
    resident: fc.constantFrom(undefined, '1', '1', '2', '3'),
    goods: fc.array(fc.tuple(fc.constantFrom('1', '2', '3'), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 3 }),
    chosenPoints: fc.constantFrom(undefined, 0, 700, 100_000),
    pay: fc.constantFrom('cash', 'other'),
  })
  .map(({ resident, chosenPoints, ...rest }): SellOptions => ({
    ...rest,
    ...(resident === undefined ? {} : { resident }),
    ...(chosenPoints === undefined ? {} : { chosenPoints }),
  }));

function selling(options: SellOptions): Act {
  return named(`sell ${JSON.stringify(options)}`, (model, real) => {
    const account = options.resident === undefined ? null : model.accounts.get(`a${options.resident}`)!;
    const may = account === null ? { rights: 0, roaming: 0 } : usable(model, real, account);
    const cups = (options.goods ?? []).reduce((sum, [id, quantity]) => sum + (id === '3' ? quantity * cupPoints : 0), 0);
    const totalFen = (options.goods ?? []).reduce((sum, [id, quantity]) => sum + quantity * goodsFen[id]!, 0);
    const id = uuidv7(real.clock.wallMs());
    const sale = sell(real.book, { ...options, id });
    const has = may.rights + may.roaming;
    if (cups > has) return expect(sale).toBe(account === null ? 'resident_needed' : 'points_short');
    const most = Math.min(Math.floor((has - cups) / 100), Math.floor(totalFen / 10)) * 100;
    const wanted = options.chosenPoints === undefined ? most : Math.floor(Math.max(0, options.chosenPoints - cups) / 100) * 100;
    const discount = Math.min(most, wanted);
    const used = cups + discount;
    const rounding = options.pay === 'cash' ? (totalFen - discount / 10) % 10 : 0;
    const fromRights = Math.min(used, may.rights);
    expect(sale).toMatchObject({
      kind: 'SALE',
      amt: used,
      body: {
        totalFen,
        roundingFen: 0 - rounding,
        redemption: used === 0 ? null : { fromRights, fromRoaming: used - fromRights, worthFen: discount / 10 },
      },
    });
    model.sales.set(id, { options, event: sale as SaleEvent }); // matched just above
    const paid = totalFen - discount / 10 - rounding;
    if (options.pay === 'cash') model.cash += paid;
    else model.other += paid;
    if (account === null) return;
    account.spent += fromRights;
    account.roamed += used - fromRights;
    account.since += used;
  });
}

/** A second press: the same id again, with the same or with other goods (R6, 6). */
function again(pick: number, otherGoods: boolean): Act {
  return {
    ...named(`the same id again${otherGoods ? ', with other goods' : ''}`, (model, real) => {
      const [id, { options, event }] = [...model.sales][pick % model.sales.size]!;
      const before = dump(real.book.db);
      const stored = findSale(real.book.db, id);
      expect(stored?.event).toEqual(event);
      expect(stored?.event.cmdHash === commandHash({ sell: otherGoods ? 'else' : id })).toBe(!otherGoods);
      expect(() =>
        real.book.transact(({ append }) =>
          append({ kind: 'OPERATOR_IN', body: { operator: 'op1' }, id, day: '2026-11-21', op: 'op1', command: 'again' }),
        ),
      ).toThrow(/UNIQUE/);
      expect(() => sell(real.book, { ...options, goods: [['1', 1]], id, chosenPoints: 0, pay: 'other' })).toThrow(/UNIQUE/);
      expect(dump(real.book.db)).toBe(before);
    }),
    check: (model) => model.sales.size > 0,
  };
}

/** The county's next file: rights rise, roaming is settled in part, balances are told anew. */
function countyFile(more: number, share: number): Act {
  return named(`county file: ${more} more, ${share} settled`, async (model, real) => {
    const lines: DownLine[] = [];
    const told = [...model.accounts].map(([id, account]) => {
      const granted = account.granted + (id === 'a2' ? 0 : more);
      const settled = account.settled + Math.floor((account.roamed - account.settled) * share);
      lines.push({ t: 'GRANT', a: id, g: points(granted) }, { t: 'ROAM', a: id, c: points(account.cap), xs: points(settled) });
      lines.push({ t: 'BAL', a: id, balance: points(account.balance + more) });
      return [id, { ...account, granted, settled, balance: account.balance + more, since: 0 }] as const;
    });
    const downSeq = model.files.length + 1;
    const head = header(downSeq, real.sha256, { ackThrough: real.book.head() });
    const { path, sha256 } = await writeDown(join(real.home.directory, 'from-county'), head, lines);
    expect(await apply(real.home, real.book, path)).toEqual({ kind: 'applied', downSeq });
    for (const [id, account] of told) model.accounts.set(id, account);
    model.files.push(path.slice(real.home.directory.length + 1));
    model.asOf = head.asOf;
    real.sha256 = sha256;
  });
}

function oldFile(pick: number): Act {
  return named('an old file again', async (model, real) => {
    const before = dump(real.book.db);
    const path = join(real.home.directory, model.files[pick % model.files.length]!);
    expect(await apply(real.home, real.book, path)).toEqual({ kind: 'known', downSeq: (pick % model.files.length) + 1 });
    expect(dump(real.book.db)).toBe(before);
  });
}

function badFile(fault: 'falls' | 'unsettled' | 'gap' | 'fork'): Act {
  return named(`a file that ${fault}`, async (model, real) => {
    const before = dump(real.book.db);
    const lines: readonly DownLine[] =
      fault === 'falls'
        ? [
            { t: 'GRANT', a: 'a9', g: points(5) },
            { t: 'GRANT', a: 'a1', g: points(model.accounts.get('a1')!.granted - 1) },
          ]
        : [{ t: 'ROAM', a: 'a2', c: points(9_000), xs: points(model.accounts.get('a2')!.roamed + 1) }];
    const downSeq = model.files.length + (fault === 'gap' ? 2 : 1);
    const { path } = await writeDown(
      join(real.home.directory, 'bad'),
      header(downSeq, fault === 'fork' ? 'A'.repeat(43) : real.sha256),
      lines,
    );
    expect(await apply(real.home, real.book, path)).toMatchObject({
      kind: 'refused',
      code: fault === 'gap' || fault === 'fork' ? fault : 'out_of_balance',
    });
    expect(dump(real.book.db)).toBe(before);
  });
}

/** The plug is pulled: what lies on the disk goes on in another folder, and the old one is forgotten. */
const crash = named('crash and reopen', (_model, real) => {
  const image = pulledPlug(real.home.directory);
  real.book.close();
  real.homes.push(join(image, '..'));
  real.home = homeIn(image);
  real.book = reopened(real.home, real.clock);
});

const restart = named('close and reopen', (_model, real) => {
  real.book.close();
  real.book = reopened(real.home, real.clock);
});

const halfAnAct = named('an act that fails halfway', (_model, real) => {
  const before = { rows: dump(real.book.db), head: real.book.head() };
  const body = { operator: 'op1' };
  expect(() =>
    real.book.transact(({ append }) => {
      append({ kind: 'OPERATOR_IN', body, id: uuidv7(1), day: '2026-11-21', op: 'op1', command: 'in' });
      throw new Error('halfway');
    }),
  ).toThrow('halfway');
  expect({ rows: dump(real.book.db), head: real.book.head() }).toEqual(before);
});

const clockJump = (ms: number): Act => named(`the clock jumps ${ms} ms`, (_model, real) => real.clock.set(real.clock.wallMs() + ms));
const timePasses = (ms: number): Act => named(`${ms} ms pass`, (_model, real) => real.clock.turn(ms));

const acts = (length: number): fc.Arbitrary<Iterable<Act>> =>
  fc.commands(
    [
      anySale.map(selling),
      anySale.map(selling),
      fc.tuple(fc.nat(), fc.boolean()).map(([pick, other]) => again(pick, other)),
      fc.tuple(fc.constantFrom(0, 50, 20_000), fc.constantFrom(0, 0.5, 1)).map(([more, share]) => countyFile(more, share)),
      fc.nat().map(oldFile),
      fc.constantFrom('falls', 'unsettled', 'gap', 'fork').map(badFile),
      fc.constantFrom(crash, restart, halfAnAct),
      fc.constantFrom(60_000, dayMs, 4 * dayMs).map(timePasses),
      fc.constantFrom(-3650 * dayMs, 3650 * dayMs, -60_000, 3_600_000).map(clockJump),
    ],
    { maxCommands: length, size: 'max' },
  );

function assertInvariants(model: Model, real: Real): void {
  const { db } = real.book;
  const balance = (account: string, holder = ''): number =>
    db
      .prepare<[string, string], { amount: number }>(
        'SELECT coalesce(sum(amount), 0) AS amount FROM balance WHERE account = ? AND holder = ?',
      )
      .get(account, holder)!.amount;
  expect(db.prepare('SELECT commodity FROM balance GROUP BY commodity HAVING sum(amount) <> 0').all()).toEqual([]); // R6, 2
  for (const [id, { granted, spent, roamed, settled }] of model.accounts) {
    expect(balance('esc', id)).toBe(granted - spent); // R6, 3
    const counter = db
      .prepare('SELECT granted, returned, spent, credited, roamed, roamed_settled AS settled FROM counter WHERE account_id = ?')
      .get(id);
    if (granted + roamed > 0) expect(counter).toEqual({ granted, returned: 0, spent, credited: 0, roamed, settled }); // R6, 5 and 10
  }
  const all = [...model.accounts.values()];
  expect({ roam: balance('roam'), red: balance('red'), drawer: balance('cash/drawer'), other: balance('cash/other-payments') }).toEqual({
    roam: all.reduce((sum, each) => sum - each.roamed + each.settled, 0),
    red: all.reduce((sum, each) => sum + each.spent + each.roamed, 0),
    drawer: model.cash,
    other: model.other,
  });
  const head = real.book.head();
  expect(db.prepare('SELECT count(*) AS events, max(seq) AS last, (SELECT count(*) FROM sale) AS sales FROM event').get()).toEqual({
    events: head.seq,
    last: head.seq,
    sales: model.sales.size,
  }); // R6, 4
  expect(readAnchor(real.home.anchor)).toEqual(head); // R6, 28
}

function homeIn(directory: string): Home {
  const found = readHome(directory);
  if (!found.ok) throw new Error(found.detail);
  return found.home;
}

/** Runs `numRuns` lives of up to `length` acts against the model. Throws fast-check's account of the first that parts. */
export async function runLives(numRuns: number, length: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'jifen-model-'));
  const template = makeKiosk(join(root, 'template'), handClock());
  const more: readonly DownLine[] = [
    { t: 'RESIDENT', resident: resident('3') },
    { t: 'GRANT', a: 'a3', g: points(1_000) },
    { t: 'BAL', a: 'a3', balance: points(9_000) },
    { t: 'ROAM', a: 'a3', c: points(2_000), xs: points(0) },
  ];
  const sha256 = await enrol(template.home, template.book, more);
  template.book.close();
  let lives = 0;
  const setup = (): { model: Model; real: Real } => {
    lives += 1;
    const directory = join(root, String(lives));
    cpSync(join(root, 'template'), directory, { recursive: true });
    const clock = handClock(morning + 1_000);
    const home = homeIn(directory);
    const account = { granted: 0, spent: 0, roamed: 0, settled: 0, cap: 0, balance: 0, since: 0 };
    return {
      model: {
        accounts: new Map([
          ['a1', { ...account, granted: 20_000, balance: 20_000 }],
          ['a2', { ...account, cap: 5_000, balance: 30_000 }],
          ['a3', { ...account, granted: 1_000, cap: 2_000, balance: 9_000 }],
        ]),
        sales: new Map(),
        files: [join('from-county', '00000001.jsonl.gz')],
        cash: 0,
        other: 0,
        asOf: header(1, '').asOf,
      },
      real: { home, book: reopened(home, clock), clock, sha256, homes: [directory] },
    };
  };
  try {
    await fc.assert(
      fc.asyncProperty(acts(length), async (life) => {
        const { model, real } = setup();
        try {
          await fc.asyncModelRun(() => ({ model, real }), life);
          real.book.close();
          expect(await verdictOn(real.home.directory)).toEqual({ kind: 'true' });
        } finally {
          if (real.book.db.open) real.book.close();
          for (const directory of real.homes) rmSync(directory, { recursive: true, force: true });
        }
      }),
      { numRuns },
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
