// A small model of the book, and the acts that try to part the two: sales and what comes back of them, credits and what is taken
// back of them, hand-overs, repeats, the county's files, crashes, clocks
// (reconciliation.md R7, T2). After every act the invariants of R6 1–10 are asserted, and at the end verify has its say.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readAnchor } from '../../db/anchor.ts';
import { type Book, commandHash } from '../../db/book.ts';
import { type Home, readHome } from '../../db/home.ts';
import { points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { onHand } from '../../db/collected.ts';
import type { CreditEvent } from '../../db/credits.ts';
import { accountState } from '../../db/reference.ts';
import { returnsOf } from '../../db/returns.ts';
import { type SaleEvent, findSale } from '../../db/sales.ts';
import { newestScaleCheck } from '../../db/scales.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { dump, pulledPlug, reopened } from './book.ts';
import { apply, enrol, handClock, header, makeKiosk, morning, resident, writeDown } from './county.ts';
import { counted } from './credit.ts';
import { aScale, checked, deskLines, handedOver, onScale, recycled, takenBack } from './recycling.ts';
import { brought } from './return-sale.ts';
import { openDay } from './closing.ts';
import { type SellOptions, sell, today } from './sell.ts';
import { verdictOn } from './verify.ts';
import { fc } from './property.ts';

/** What one account should have here, in hundredths. */
interface Account {
  granted: number;
  spent: number;
  /** For what was brought, and what of it was taken back. */
  credited: number;
  uncredited: number;
  roamed: number;
  settled: number;
  /** Of what was spent and roamed, what came back; and what the county settled although it had. */
  unspent: number;
  unroamed: number;
  overfunded: number;
  /** c, and what the county last said the account has in all. */
  cap: number;
  balance: number;
  /** Spent here since the county said so. */
  since: number;
  /** Credited here since then, less what was taken back: below nothing where that came late. */
  creditedSince: number;
}

/** What should be true. */
interface Model {
  readonly accounts: Map<string, Account>;
  readonly sales: Map<string, { readonly options: SellOptions; readonly event: SaleEvent }>;
  /** Pieces of each line that came back, by sale. */
  readonly back: Map<string, readonly number[]>;
  returns: number;
  /** Credits in their order; those that may be taken back. */
  readonly credits: Map<string, { readonly event: CreditEvent; state: 'stands' | 'reversed' | 'disputed' }>;
  /** Grams or pieces on hand by material. */
  readonly onHand: Map<string, number>;
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
  /** The scale that was set up. */
  readonly scaleSetId: string;
  /** Homes made on the way, to be removed. */
  readonly homes: string[];
}

type Act = fc.AsyncCommand<Model, Real>;

const goodsFen: Readonly<Record<string, number>> = { '1': 1250, '2': 3000, '3': 0 };
const cupPoints = 1_500;
/** What the county allows in a day: twice what one visitor brings, and little enough that lives reach it. */
const accountDayCap = 50_000;
const kioskDayCap = 120_000;
const batteryDayCap = 5_000;

/** The rule of R3 once more, in few words, for the scheme of the small county. */
function usable(model: Model, real: Real, account: Account): { readonly rights: number; readonly roaming: number } {
  const rights = rightsOf(account);
  const days = Math.max(0, Math.floor((real.clock.wallMs() - model.asOf) / dayMs));
  const cap = days > 7 ? 0 : days > 3 ? Math.floor(account.cap / 2) : account.cap;
  const open = unsettledOf(account);
  const roaming = Math.max(0, Math.min(cap - open, Math.max(0, account.balance + account.creditedSince - account.since) - rights, 100_000));
  return { rights, roaming };
}

function rightsOf({ granted, credited, uncredited, spent, unspent, overfunded }: Account): number {
  return granted + credited - uncredited - spent + unspent + overfunded;
}

function unsettledOf({ roamed, unroamed, settled, overfunded }: Account): number {
  return roamed - unroamed - settled + overfunded;
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

interface Brought {
  readonly resident: string;
  readonly grams: number;
  readonly pieces: number;
}

const anyBags: fc.Arbitrary<Brought> = fc.record({
  resident: fc.constantFrom('1', '2', '3'),
  grams: fc.oneof(fc.constant(0), fc.integer({ min: 50, max: 25_000 })),
  pieces: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 120 })),
});

/** Fifteen points a kilogram of bottles and one for two batteries, each rounded down to whole points. */
function earns({ grams, pieces }: Brought): { readonly bottles: number; readonly batteries: number } {
  return { bottles: Math.floor((grams * 15) / 1_000) * 100, batteries: Math.floor(pieces / 2) * 100 };
}

function recycling(brought: Brought): Act {
  return {
    ...named(`credit ${JSON.stringify(brought)}`, (model, real) => {
      const account = model.accounts.get(`a${brought.resident}`)!;
      const { bottles, batteries } = earns(brought);
      const ofDay = [...model.credits.values()].filter(({ state }) => state !== 'reversed').map(({ event }) => event);
      const ofAccount = ofDay.filter(({ body }) => body.accountId === `a${brought.resident}`);
      const sum = (events: readonly CreditEvent[]): number => events.reduce((total, { amt }) => total + amt, 0);
      const ofBatteries = ofAccount
        .flatMap(({ body }) => body.lines)
        .reduce((n, line) => n + (line.materialId === 'battery' ? line.points : 0), 0);
      const given = bottles + batteries;
      if (brought.grams > 0) checkedToday(real);
      const id = uuidv7(real.clock.wallMs());
      const credit = recycled(real.book, {
        id,
        resident: brought.resident,
        bags: [
          ...(brought.grams > 0 ? [onScale(real.book, real.scaleSetId, 'plastic-bottle', brought.grams)] : []),
          ...(brought.pieces > 0 ? [counted('battery', brought.pieces)] : []),
        ],
      });
      if (given === 0) return expect(credit).toBe('nothing_earned');
      if (ofBatteries + batteries > batteryDayCap && batteries > 0) return expect(credit).toBe('material_cap');
      if (sum(ofAccount) + given > accountDayCap) return expect(credit).toBe('account_cap');
      if (sum(ofDay) + given > kioskDayCap) return expect(credit).toBe('kiosk_cap');
      const before = usable(model, real, account);
      account.credited += given;
      account.creditedSince += given;
      const after = usable(model, real, account);
      const [usableBefore, usableAfter] = [before, after].map(({ rights, roaming }) => rights + roaming);
      const countyAfter = Math.max(0, account.balance + account.creditedSince - account.since);
      expect(credit).toMatchObject({ kind: 'CREDIT', amt: given, body: { usableBefore, usableAfter, countyAfter } });
      model.credits.set(id, { event: credit as CreditEvent, state: 'stands' }); // matched just above
      for (const [id, units] of [
        ['plastic-bottle', brought.grams],
        ['battery', brought.pieces],
      ] as const)
        model.onHand.set(id, (model.onHand.get(id) ?? 0) + units);
    }),
    check: () => brought.grams + brought.pieces > 0,
  };
}

/** The scale is checked as the desk asks for it: where the newest check was made on another calendar date. */
function checkedToday({ book, clock, scaleSetId }: Real): void {
  const last = newestScaleCheck(book.db, scaleSetId, today);
  if (last === null || businessDate(last.checkedAt) !== businessDate(clock.wallMs())) checked(book, scaleSetId);
}

/** Takes back some credit, the account's newest or an older one, spent by now or not. */
function takingBack(pick: number): Act {
  const standing = (model: Model) => [...model.credits.values()].filter(({ state }) => state === 'stands');
  return {
    ...named('a credit is taken back', (model, real) => {
      const open = standing(model);
      const credit = open[pick % open.length]!;
      const { accountId, lines } = credit.event.body;
      const account = model.accounts.get(accountId)!;
      const newest = [...model.credits.values()].findLast((each) => each.state !== 'reversed' && each.event.body.accountId === accountId);
      const isHere = newest === credit && rightsOf(account) >= credit.event.amt;
      expect(takenBack(real.book, credit.event)).toBe(isHere ? 'reversed' : 'disputed');
      credit.state = isHere ? 'reversed' : 'disputed';
      if (!isHere) return;
      account.uncredited += credit.event.amt;
      account.creditedSince -= credit.event.amt;
      for (const { materialId, units } of lines) model.onHand.set(materialId, model.onHand.get(materialId)! - units);
    }),
    check: (model) => standing(model).length > 0,
  };
}

/** A reversal of a credit that was taken back before, of a part of one, or from another account (R6, 8): the book takes none. */
function falseReversal(pick: number): Act {
  return {
    ...named('a false reversal', (model, real) => {
      const { event, state } = [...model.credits.values()][pick % model.credits.size]!;
      const before = dump(real.book.db);
      const other = [...model.accounts.keys()].find((id) => id !== event.body.accountId)!;
      const claims = [
        { amt: points(event.amt - 1), accountId: event.body.accountId },
        { amt: event.amt, accountId: other },
        ...(state === 'reversed' ? [{ amt: event.amt, accountId: event.body.accountId }] : []),
      ];
      for (const { amt, accountId } of claims) {
        const body = { creditId: event.id, accountId, reason: 'wrong_amount', approvalId: 'x' } as const;
        const entry = { id: uuidv7(1), day: event.day, op: 'op1', res: event.res, amt, command: 'false' };
        expect(() => real.book.transact(({ append }) => append({ ...entry, kind: 'CREDIT_REVERSED', body }))).toThrow();
      }
      expect(dump(real.book.db)).toBe(before);
    }),
    check: (model) => model.credits.size > 0,
  };
}

/** Some pieces of some sale come back, or more than there are. */
function bringingBack(pick: number, { pieces, over }: { readonly pieces: number; readonly over: boolean }): Act {
  return {
    ...named(`goods come back: sale ${pick}, ${pieces}${over ? ' and too many' : ''}`, (model, real) => {
      const [id, { options, event }] = [...model.sales][pick % model.sales.size]!;
      const { lines, payments, redemption, totalFen } = event.body;
      const gone = model.back.get(id) ?? lines.map(() => 0);
      const chosen = lines.flatMap((line, n) => {
        const left = line.quantity - gone[n]!;
        const quantity = over ? left + 1 : Math.min(pieces, left);
        return quantity === 0 ? [] : [{ n, quantity }];
      });
      const back = brought(real.book, event, chosen);
      if (typeof back === 'string') return expect(back).toBe(over ? 'too_many' : 'nothing_chosen');
      const all = gone.map((quantity, n) => quantity + (chosen.find((each) => each.n === n)?.quantity ?? 0));
      model.back.set(id, all);
      model.returns += 1;
      const money = back.body.payments.reduce((sum, { fen }) => sum + fen, 0);
      if (options.pay === 'cash') model.cash -= money;
      else model.other -= money;
      const isWhole = lines.every(({ quantity }, n) => all[n] === quantity);
      if (isWhole) {
        const made = returnsOf(real.book.db, id);
        expect({
          points: made.reduce((sum, { amt }) => sum + amt, 0),
          money: made.flatMap(({ body }) => body.payments).reduce((sum, { fen }) => sum + fen, 0),
          totalFen: made.reduce((sum, { body }) => sum + body.totalFen, 0),
        }).toEqual({ points: event.amt, money: payments.reduce((sum, { fen }) => sum + fen, 0), totalFen });
      }
      if (options.resident === undefined || redemption === null || back.body.redemption === null) return;
      const account = model.accounts.get(`a${options.resident}`)!;
      const { toRights, toRoaming } = back.body.redemption;
      expect([toRights + toRoaming, toRoaming <= Math.min(redemption.fromRoaming, unsettledOf(account))]).toEqual([back.amt, true]);
      account.unspent += toRights;
      account.unroamed += toRoaming;
      account.since -= back.amt;
    }),
    check: (model) => model.sales.size > 0,
  };
}

const handingOver = (leftUnits: number): Act =>
  named(`the hauler leaves ${leftUnits} of each`, (model, real) => {
    handedOver(real.book, ['plastic-bottle', 'battery'], leftUnits);
    for (const id of ['plastic-bottle', 'battery']) model.onHand.set(id, leftUnits);
  });

/** The county's next file: rights rise, roaming is settled in part, balances are told anew. */
function countyFile(more: number, share: number): Act {
  return named(`county file: ${more} more, ${share} settled`, async (model, real) => {
    const lines: DownLine[] = [];
    const told = [...model.accounts].map(([id, account]) => {
      const granted = account.granted + (id === 'a2' ? 0 : more);
      const settled = account.settled + Math.floor((account.roamed - account.settled) * share);
      const overfunded = account.overfunded + Math.max(0, settled - account.settled - unsettledOf(account));
      lines.push({ t: 'GRANT', a: id, g: points(granted) }, { t: 'ROAM', a: id, c: points(account.cap), xs: points(settled) });
      lines.push({ t: 'BAL', a: id, balance: points(account.balance + more) });
      return [id, { ...account, granted, settled, overfunded, balance: account.balance + more, since: 0, creditedSince: 0 }] as const;
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
      anyBags.map(recycling),
      anyBags.map(recycling),
      fc.nat().map(takingBack),
      fc.nat().map(falseReversal),
      fc
        .tuple(fc.nat(), fc.record({ pieces: fc.integer({ min: 1, max: 3 }), over: fc.boolean() }))
        .map(([pick, what]) => bringingBack(pick, what)),
      fc.constantFrom(0, 700).map(handingOver),
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
  for (const [id, account] of model.accounts) {
    const { granted, spent, unspent, credited, uncredited, roamed, unroamed, settled, overfunded, creditedSince, since } = account;
    expect(balance('esc', id)).toBe(rightsOf(account)); // R6, 3
    expect(accountState(db, id, '2026-11-21')).toMatchObject({ creditedHereSince: creditedSince, spentHereSince: since });
    const counter = db
      .prepare(
        `SELECT granted, returned, spent, unspent, credited, uncredited, roamed, unroamed, roamed_settled AS settled, overfunded
           FROM counter WHERE account_id = ?`,
      )
      .get(id);
    if (granted + credited + roamed > 0)
      expect(counter).toEqual({ granted, returned: 0, spent, unspent, credited, uncredited, roamed, unroamed, settled, overfunded }); // R6, 5 and 10
  }
  const all = [...model.accounts.values()];
  expect({
    roam: balance('roam'),
    made: balance('recycling_issue'),
    red: balance('red'),
    drawer: balance('cash/drawer'),
    other: balance('cash/other-payments'),
  }).toEqual({
    roam: all.reduce((sum, each) => sum - unsettledOf(each), 0),
    made: all.reduce((sum, each) => sum + each.uncredited - each.credited, 0),
    red: all.reduce((sum, each) => sum + each.spent - each.unspent + each.roamed - each.unroamed, 0),
    drawer: model.cash,
    other: model.other,
  });
  const head = real.book.head();
  expect(
    db
      .prepare(
        'SELECT count(*) AS events, max(seq) AS last, (SELECT count(*) FROM sale) AS sales, (SELECT count(*) FROM credit) AS credits, (SELECT count(*) FROM sale_return) AS returns FROM event',
      )
      .get(),
  ).toEqual({
    events: head.seq,
    last: head.seq,
    sales: model.sales.size,
    credits: model.credits.size,
    returns: model.returns,
  }); // R6, 4
  for (const [id, units] of model.onHand) expect(onHand(db, id)).toBe(units);
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
    ...(await deskLines(2, { accountDayCap: points(accountDayCap), kioskDayCap: points(kioskDayCap) })),
  ];
  const sha256 = await enrol(template.home, template.book, more);
  const scaleSetId = aScale(template.book);
  openDay(template.book, today); // kept whatever the clocks of a life do
  template.book.close();
  let lives = 0;
  const setup = (): { model: Model; real: Real } => {
    lives += 1;
    const directory = join(root, String(lives));
    cpSync(join(root, 'template'), directory, { recursive: true });
    const clock = handClock(morning + 1_000);
    const home = homeIn(directory);
    const account = {
      granted: 0,
      spent: 0,
      credited: 0,
      uncredited: 0,
      roamed: 0,
      settled: 0,
      unspent: 0,
      unroamed: 0,
      overfunded: 0,
      cap: 0,
      balance: 0,
      since: 0,
      creditedSince: 0,
    };
    return {
      model: {
        accounts: new Map([
          ['a1', { ...account, granted: 20_000, balance: 20_000 }],
          ['a2', { ...account, cap: 5_000, balance: 30_000 }],
          ['a3', { ...account, granted: 1_000, cap: 2_000, balance: 9_000 }],
        ]),
        sales: new Map(),
        back: new Map(),
        returns: 0,
        credits: new Map(),
        onHand: new Map(),
        files: [join('from-county', '00000001.jsonl.gz')],
        cash: 0,
        other: 0,
        asOf: header(1, '').asOf,
      },
      real: { home, book: reopened(home, clock), clock, sha256, scaleSetId, homes: [directory] },
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
