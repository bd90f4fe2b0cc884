// Which points expire for a date: first in, first out, against a plain model that remembers every lot; and who is left out since a shop is late.

import { expect, onTestFinished, test } from 'vitest';
import { type Expiring, accountsAfter, expiringOf, isOver, reckonThrough } from '../../county/book/expiring.ts';
import { type CountyPosting, type Place, moved } from '../../county/book/ledger.ts';
import { type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { emptyTables } from '../support/county-store.ts';
import { fc } from '../support/property.ts';

const kiosk = 'qj-01';
/** Days are counted from the first; the points of the first three expire. */
const dayOf = (day: number): string =>
  `2026-12-${String(28 + day)}`.replace('2026-12-32', '2027-01-01').replace('2026-12-33', '2027-01-02');
const through = dayOf(3);
const atOf = (day: number): number => Date.parse(`${dayOf(day)}T12:00:00+08:00`);

test('a date that is over, and exists', () => {
  const now = Date.parse('2027-03-01T00:10:00+08:00');
  expect(['2027-02-28', '2027-03-01', '2027-02-29', '2027-2-28', '', '2026-12-31'].map((each) => isOver(each, now))).toEqual([
    true,
    false,
    false,
    false,
    false,
    true,
  ]);
});

/** What happened to one account; `of`: which of its awards or credits, by its place. A day is a business date. */
type Step =
  | { readonly kind: 'award' | 'credit' | 'spend' | 'back'; readonly day: number; readonly points: number }
  | { readonly kind: 'take back' | 'disallow' | 'reverse'; readonly of: number; readonly points: number };

const day = fc.integer({ min: 1, max: 5 });
const amount = fc.integer({ min: 1, max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('award' as const, 'credit' as const, 'spend' as const, 'back' as const), day, points: amount }),
  fc.record({ kind: fc.constantFrom('take back' as const, 'disallow' as const, 'reverse' as const), of: fc.nat(5), points: amount }),
);

/** A lot as it was given, less what was taken back of it. */
interface Lot {
  readonly kind: 'award' | 'credit';
  readonly day: number;
  readonly given: number;
  points: number;
}

/** Those that the steps give, with what is taken back of each: never more than it gave. A till reverses a credit as a whole, once, knowing nothing. */
function lotsOf(steps: readonly Step[]): {
  readonly lots: readonly Lot[];
  readonly taken: readonly { readonly kind: 'take back' | 'disallow' | 'reverse'; readonly lot: Lot; readonly points: number }[];
} {
  const lots: Lot[] = steps.flatMap((each) =>
    each.kind === 'award' || each.kind === 'credit' ? [{ kind: each.kind, day: each.day, given: each.points, points: each.points }] : [],
  );
  const reversed = new Set<Lot>();
  const taken = steps.flatMap((each) => {
    if (each.kind !== 'take back' && each.kind !== 'disallow' && each.kind !== 'reverse') return [];
    const lot = lots.filter(({ kind }) => kind === (each.kind === 'take back' ? 'award' : 'credit'))[each.of];
    if (lot === undefined || (each.kind === 'reverse' && reversed.has(lot))) return [];
    const points = each.kind === 'reverse' ? lot.points : Math.min(lot.points, each.points);
    if (each.kind === 'reverse') reversed.add(lot);
    else if (points === 0) return [];
    lot.points -= points;
    return [{ kind: each.kind, lot, points }];
  });
  return { lots, taken };
}

/** What is left of the old lots once all that was spent, less what came back, has used the oldest lots first. */
function leftOfOld(steps: readonly Step[], { lots }: ReturnType<typeof lotsOf>): number {
  let used = steps.reduce((sum, each) => sum + (each.kind === 'spend' ? each.points : each.kind === 'back' ? -each.points : 0), 0);
  let left = Math.max(0, -used); // what came back of sales of before: as old as can be
  used = Math.max(0, used);
  for (const lot of lots.toSorted((a, b) => a.day - b.day)) {
    const used1 = Math.min(used, lot.points);
    used -= used1;
    if (lot.day <= 3) left += lot.points - used1;
  }
  return left;
}

test('what is left of the lots of the date and before expires, whatever was spent, returned, reversed or taken back, in whatever order', async () => {
  const db = emptyTables(onTestFinished);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 12 }), { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      async (accounts, isClosed) => {
        db.exec('BEGIN IMMEDIATE');
        try {
          const book = aBook(db);
          const expected: Expiring[] = [];
          for (const [i, steps] of accounts.entries()) {
            const account = `a${String(i).padStart(3, '0')}`;
            book.account(account);
            const lots = lotsOf(steps);
            for (const each of steps) {
              if (each.kind === 'spend')
                book.move({ account: 'due', holder: account, at: kiosk }, { account: 'red', at: kiosk }, each.points);
              if (each.kind === 'back')
                book.move({ account: 'red', at: kiosk }, { account: 'due', holder: account, at: kiosk }, each.points);
            }
            book.give(account, lots);
            const points = leftOfOld(steps, lots);
            if (points > 0) expected.push({ account, points, waitsFor: [] });
          }
          book.end(isClosed);
          expect(await reckoned(db)).toEqual(expected);
        } finally {
          db.exec('ROLLBACK');
        }
      },
    ),
    { numRuns: process.env['COUNTY_TEST_POSTGRES'] === undefined ? 60 : 3 }, // a statement is a question there
  );
});

async function reckoned(db: WritableDatabase): Promise<readonly Expiring[]> {
  const accounts = accountsAfter(db, '', 1_000);
  return expiringOf(db, await reckonThrough({ read: (work) => Promise.resolve(work(db)) }, through), {
    first: accounts[0] ?? '',
    last: accounts.at(-1) ?? '',
  });
}

/** Rows as the book's own acts write them, without the acts: what the reckoning reads, and no more. */
interface TestBook {
  account(account: string): void;
  /** An act of the county on such a day; its entry. */
  act(kind: string, about: string, day: number): number;
  post(entry: number, from: Place, to: Place, points: number): void;
  /** Moves points within an act that means nothing. */
  move(from: Place, to: Place, points: number): void;
  give(account: string, of: ReturnType<typeof lotsOf>): void;
  /** The kiosk's own events in the order of their days, with its closing of the last day that expires or without, and one event after all. */
  end(isClosed?: boolean): void;
}

function aBook(db: WritableDatabase): TestBook {
  let entry = 0;
  let seq = 0;
  const credits: { readonly account: string; readonly lot: Lot; readonly disallowed: readonly number[]; readonly isReversed: boolean }[] =
    [];
  prepared(db, `INSERT INTO county (id, code, name, server_epoch, is_demo) VALUES (1, '542225', 'qj', 1, 0)`).run();
  prepared(db, `INSERT INTO kiosk (kiosk, store, state) VALUES (?, 'store', 'active')`).run(kiosk);
  const act = (kind: string, about: string, at: number): number => {
    prepared(db, 'INSERT INTO act (entry, kind, about, at) VALUES (?, ?, ?, ?)').run((entry += 1), kind, about, at);
    return entry;
  };
  const row = (of: number, n: number, { account, holder, kiosk: at, commodity, amount: points }: CountyPosting): void => {
    prepared(db, 'INSERT INTO posting (entry, n, account, holder, kiosk, commodity, amount) VALUES (?, ?, ?, ?, ?, ?, ?)').run(
      of,
      n,
      account,
      holder,
      at,
      commodity,
      points,
    );
    const key = [account, holder, at, commodity];
    prepared(db, `INSERT INTO balance (account, holder, kiosk, commodity, amount) VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`).run(
      ...key,
    );
    prepared(db, 'UPDATE balance SET amount = amount + ? WHERE account = ? AND holder = ? AND kiosk = ? AND commodity = ?').run(
      points,
      ...key,
    );
  };
  const post = (of: number, from: Place, to: Place, points: number, first = 0): void => {
    for (const [n, each] of moved(from, to, points).entries()) row(of, first + n, each);
  };
  const event = (
    kind: string,
    of: { readonly day: number; readonly account: string | null; readonly refers?: string; readonly amt: number },
  ) => {
    const id = `id-${(seq += 1)}`;
    prepared(
      db,
      `INSERT INTO event (entry, kiosk, inc, seq, file_inc, file_seq, id, kind, account, refers, amt, line, leaf, sig)
       VALUES (?, ?, 1, ?, 1, 1, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      (entry += 1),
      kiosk,
      seq,
      id,
      kind,
      of.account,
      of.refers ?? null,
      of.amt,
      JSON.stringify({ day: dayOf(of.day) }),
      Buffer.alloc(32),
      Buffer.alloc(64),
    );
    return { id, entry };
  };
  const nobody = `'张三', 1`;
  return {
    act: (kind, about, on) => act(kind, about, atOf(on)),
    post,
    account: (account) => void prepared(db, 'INSERT INTO account (account, home, is_active) VALUES (?, ?, 1)').run(account, kiosk),
    move: (from, to, points) => post(act('test', '', atOf(1)), from, to, points),
    give(account, { lots, taken }) {
      for (const lot of lots) {
        const back = taken.filter((each) => each.lot === lot);
        if (lot.kind === 'credit') {
          const disallowed = back.filter(({ kind }) => kind === 'disallow').map(({ points }) => points);
          credits.push({ account, lot, disallowed, isReversed: back.some(({ kind }) => kind === 'reverse') });
          continue;
        }
        const batch = act('test', '', atOf(1)); // a number that no other list has
        prepared(db, `INSERT INTO award_batch (id, sha256, rows, points, proposed_by, at) VALUES (?, ?, 1, 1, ${nobody})`).run(
          batch,
          `${batch}`,
        );
        prepared(db, `INSERT INTO award_release (batch, released_by, at) VALUES (?, '李四', ?)`).run(batch, atOf(lot.day));
        post(act('award', `${batch} ${account}`, atOf(lot.day)), { account: 'issuance' }, { account: 'main', holder: account }, lot.given);
        for (const { points } of back) {
          const of = act('take_back', '', atOf(5));
          prepared(
            db,
            `INSERT INTO take_back (number, batch, sha256, rows, points, reason, proposed_by, at) VALUES (?, ?, '', 1, 1, 'x', ${nobody})`,
          ).run(of, batch);
          prepared(db, 'INSERT INTO taken_back (number, account, batch, points, entry) VALUES (?, ?, ?, ?, ?)').run(
            of,
            account,
            batch,
            points,
            of,
          );
          post(of, { account: 'due', holder: account }, { account: 'issuance' }, points);
        }
      }
    },
    end(isClosed = true) {
      const close = (): void => {
        const closed = event('DAY_CLOSED', { day: 3, account: null, amt: 0 });
        prepared(db, 'INSERT INTO closing (kiosk, inc, number, day, entry, red) VALUES (?, 1, 1, ?, ?, 0)').run(
          kiosk,
          through,
          closed.entry,
        );
      };
      let isToClose = isClosed;
      const later: (() => void)[] = [];
      for (const { account, lot, disallowed, isReversed } of credits.toSorted((a, b) => a.lot.day - b.lot.day)) {
        if (lot.day > 3 && isToClose) close();
        isToClose &&= lot.day <= 3;
        const issue: Place = { account: 'recycling_issue', at: kiosk };
        const due: Place = { account: 'due', holder: account };
        const credit = event('CREDIT', { day: lot.day, account, amt: lot.given });
        const place = seq;
        post(credit.entry, issue, { account: 'esc', holder: account, at: kiosk }, lot.given);
        for (const points of disallowed)
          later.push(() => {
            const of = act('disallow', '', atOf(5));
            prepared(
              db,
              `INSERT INTO reclaim (number, kind, about, sha256, rows, points, reason, proposed_by, at) VALUES (?, 'credits', '', '', 1, 1, 'x', ${nobody})`,
            ).run(of);
            prepared(db, 'INSERT INTO reclaimed (number, n, account, kiosk, inc, seq, points, entry) VALUES (?, 1, ?, ?, 1, ?, ?, ?)').run(
              of,
              account,
              kiosk,
              place,
              points,
              of,
            );
            post(of, due, issue, points);
          });
        if (isReversed)
          later.push(() => {
            const reversed = event('CREDIT_REVERSED', { day: 5, account, refers: credit.id, amt: lot.given });
            post(reversed.entry, due, issue, lot.given);
            const twice = disallowed.reduce((sum, points) => sum + points, 0); // given back, as the fold does
            if (twice === 0) return;
            prepared(db, 'INSERT INTO reclaimed_twice (entry, account, kiosk, inc, seq, points) VALUES (?, ?, ?, 1, ?, ?)').run(
              reversed.entry,
              account,
              kiosk,
              place,
              twice,
            );
            post(reversed.entry, issue, due, twice, 2);
          });
      }
      for (const each of later) each();
      heard(db, { kiosk, entry: (entry += 1), seq: (seq += 1), on: dayOf(5) });
    },
  };
}

/** The newest event that is posted of a kiosk. */
function heard(
  db: WritableDatabase,
  of: { readonly kiosk: string; readonly entry: number; readonly seq: number; readonly on: string; readonly cameAt?: number },
): void {
  prepared(
    db,
    `INSERT INTO event (entry, kiosk, inc, seq, file_inc, file_seq, id, kind, amt, line, leaf, sig) VALUES (?, ?, 1, ?, 1, ?, ?, 'START', 0, ?, ?, ?)`,
  ).run(
    of.entry,
    of.kiosk,
    of.seq,
    of.seq,
    `heard-${of.kiosk}-${of.seq}`,
    JSON.stringify({ day: of.on }),
    Buffer.alloc(32),
    Buffer.alloc(64),
  );
  prepared(
    db,
    `INSERT INTO chain (kiosk, inc, base_seq, file_seq, file_sha, to_seq, head_leaf, edge, figures, red) VALUES (?, 1, 0, 1, '', ?, '', ?, '{}', 0)
     ON CONFLICT (kiosk, inc) DO UPDATE SET to_seq = excluded.to_seq`,
  ).run(of.kiosk, of.seq, Buffer.alloc(1));
  if (of.cameAt === undefined) return;
  prepared(
    db,
    `INSERT INTO answer (number, kiosk, inc, file_seq, sha256, verdict, note, at) VALUES (?, ?, 1, ?, '', 'ACCEPTED', '', ?)`,
  ).run(of.entry, of.kiosk, of.seq, of.cameAt);
}

test('an account is left out while a shop where it has rights, something undecided or a line was not heard since, and no other shop', async () => {
  const db = emptyTables(onTestFinished);
  const late = 'qj-02';
  const book = aBook(db);
  prepared(db, `INSERT INTO kiosk (kiosk, store, state) VALUES (?, 'store', 'active')`).run(late);
  for (const account of ['none', 'rights', 'line', 'closed', 'suspense', 'owes']) {
    book.account(account);
    book.move({ account: 'issuance' }, { account: 'main', holder: account }, 100);
  }
  book.move({ account: 'main', holder: 'rights' }, { account: 'esc', holder: 'rights', at: late }, 40);
  book.move({ account: 'suspense', holder: 'suspense', at: late }, { account: 'red', at: late }, 5);
  book.move({ account: 'main', holder: 'owes' }, { account: 'esc', holder: 'owes', at: kiosk }, 100);
  book.move({ account: 'overdraft', holder: 'owes', at: late }, { account: 'red', at: late }, 120);
  const line = prepared(db, 'INSERT INTO roam_line (kiosk, account, entry, cap) VALUES (?, ?, 1, ?)');
  line.run(late, 'line', 50);
  line.run(late, 'closed', 0);
  book.end();
  const waits = async (): Promise<Record<string, readonly string[]>> =>
    Object.fromEntries((await reckoned(db)).map(({ account, waitsFor }) => [account, waitsFor]));
  const before = { closed: [], line: [late], none: [], rights: [late], suspense: [late] };
  expect(await waits()).toEqual(before);
  heard(db, { kiosk: late, entry: 1_000, seq: 1, on: through });
  expect(await waits()).toEqual(before);
  const givenUp = prepared(db, `INSERT INTO act (entry, kind, about, at) VALUES (?, 'release', ?, 0)`);
  givenUp.run(1_001, `${late} by 李四`);
  expect(await waits()).toEqual({ ...before, line: [] });
  heard(db, { kiosk: late, entry: 1_002, seq: 2, on: through });
  expect(await waits()).toEqual(before);
  heard(db, { kiosk: late, entry: 1_003, seq: 3, on: dayOf(4), cameAt: atOf(3) });
  expect(await waits()).toEqual(before); // its clock ran ahead: the day was not over, and what it sold after is not there
  heard(db, { kiosk: late, entry: 1_004, seq: 4, on: dayOf(4), cameAt: atOf(4) });
  expect(await waits()).toEqual({ closed: [], line: [], none: [], rights: [], suspense: [] });
  prepared(
    db,
    `INSERT INTO exception (number, kiosk, inc, file_seq, seq, code, detail, owner, raised_at) VALUES (1, ?, 1, 1, 3, 'restored', '', 'x', 0)`,
  ).run(late);
  expect(await waits()).toEqual(before);
});

test('a credit of a later date stays, though its kiosk’s clock fell back and what it did last is of before the date', async () => {
  const db = emptyTables(onTestFinished);
  const book = aBook(db);
  book.account('a');
  book.give('a', { lots: [{ kind: 'credit', day: 4, given: 10, points: 10 }], taken: [] });
  book.end();
  book.move({ account: 'esc', holder: 'a', at: kiosk }, { account: 'main', holder: 'a' }, 10); // fetched for another shop
  heard(db, { kiosk, entry: 1_000, seq: 1_000, on: dayOf(2) }); // it applied a file with no shift open
  expect(await reckoned(db)).toEqual([]);
});

test('what the county advanced and nothing has repaid expires with nobody, however long ago that was: nobody would return it', async () => {
  const db = emptyTables(onTestFinished);
  const book = aBook(db);
  const advanced = (account: string, points: number, day: number): void => {
    const entry = book.act('advanced', `${kiosk} ${account}`, day);
    book.post(entry, { account: 'writeoff', holder: account, at: kiosk }, { account: 'main', holder: account }, points);
  };
  for (const account of ['before', 'only', 'repaid', 'since', 'usual']) {
    book.account(account);
    if (account !== 'only') book.move({ account: 'issuance' }, { account: 'main', holder: account }, 100);
  }
  for (const account of ['before', 'only', 'repaid']) advanced(account, 40, 2);
  book.post(
    book.act('repaid', 'repaid', 2),
    { account: 'main', holder: 'repaid' },
    { account: 'writeoff', holder: 'repaid', at: kiosk },
    40,
  );
  advanced('since', 40, 4);
  prepared(db, 'UPDATE county SET put_back_entry = 1').run();
  book.end();
  const points = (await reckoned(db)).map(({ account, points: each }) => [account, each]);
  expect(points).toEqual(['before', 'repaid', 'since', 'usual'].map((account) => [account, 100]));
});
