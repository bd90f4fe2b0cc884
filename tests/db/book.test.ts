// The book: one act is one durable transaction, its chain only grows, and its clock is judged and recorded.

import { createHash, verify } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Book, type Entry, commandHash, leafOf, noLeaf } from '../../db/book.ts';
import { fen, points } from '../../db/model/amounts.ts';
import { canonical, type Plain } from '../../db/model/canonical.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import { publicKeyFromRaw } from '../../db/model/keys.ts';
import { openBook } from '../../db/open-book.ts';
import { diskFault } from '../../db/sqlite.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { aKiosk, dump, reopened } from '../support/book.ts';
import { handClock, makeKiosk, morning, scheme, temporary } from '../support/county.ts';
import { aScale, deskLines, handedOver, onScale, recycled, takenBack } from '../support/recycling.ts';
import { sell, today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';

/** The book as it is: what a till writes before an act is no matter of it. */
const bare = { isBare: true };

const full = 2;
const normal = 1;
const synchronous = (db: Database.Database): unknown => db.pragma('synchronous', { simple: true });

function aShift(book: Book, floatFen = 20_000): Entry {
  return {
    kind: 'SHIFT_OPEN',
    body: { floatFen: fen(floatFen), drawerBeforeFen: fen(0), isDateConfirmed: false },
    id: uuidv7(book.clock.wallMs()),
    day: today,
    op: 'op1',
    command: { floatFen },
  };
}

interface StoredEvent {
  readonly seq: number;
  readonly line: string;
  readonly leaf: Buffer;
  readonly sig: Buffer;
}

function storedEvents(db: Database.Database): readonly StoredEvent[] {
  return db.prepare<[], StoredEvent>('SELECT seq, line, leaf, sig FROM event ORDER BY seq').all();
}

function kindsAfter(book: Book, seq: number): readonly string[] {
  return storedEvents(book.db)
    .filter((row) => row.seq > seq)
    .map((row) => (JSON.parse(row.line) as BookEvent).kind);
}

describe('durability', () => {
  test('synchronous is FULL after a write, and after a reopen and another write', async () => {
    const { home, book, clock } = await aKiosk(onTestFinished, [], bare);
    sell(book);
    expect(synchronous(book.db)).toBe(full);
    book.close();
    const again = reopened(home, clock, bare);
    expect(synchronous(again.db)).toBe(full);
    sell(again);
    expect(synchronous(again.db)).toBe(full);
    again.close();
  });

  test('the pragma can tell: a connection that does not ask for FULL says NORMAL after its first write', () => {
    const db = new Database(join(temporary(onTestFinished), 'control.db'));
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE control (id INTEGER PRIMARY KEY) STRICT');
    expect(synchronous(db)).toBe(normal);
    db.close();
  });

  test('the book is opened with every setting it relies on', async () => {
    const { book } = await aKiosk(onTestFinished, [], bare);
    const settings = [
      'locking_mode',
      'journal_mode',
      'foreign_keys',
      'recursive_triggers',
      'trusted_schema',
      'cell_size_check',
      'mmap_size',
    ];
    expect(settings.map((name) => book.db.pragma(name, { simple: true }))).toEqual(['exclusive', 'wal', 1, 1, 0, 1, 0]);
  });

  test('a second opening is refused while the first holds the book', async () => {
    const { home, book, clock } = await aKiosk(onTestFinished, [], bare);
    expect(openBook(home, clock, 'test')).toMatchObject({ ok: false, code: 'book_busy' });
    sell(book);
  });
});

describe('append only', () => {
  const forbidden = [
    `UPDATE event SET line = '{}' WHERE seq = 1`,
    'DELETE FROM event WHERE seq = 1',
    'INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1',
    `INSERT OR REPLACE INTO event SELECT (SELECT max(seq) + 1 FROM event), id, kind, line, leaf, sig FROM event WHERE seq = 1`,
    `INSERT INTO event SELECT (SELECT max(seq) + 2 FROM event), 'x', kind, line, leaf, sig FROM event WHERE seq = 1`,
    `INSERT INTO event SELECT 0, 'x', kind, line, leaf, sig FROM event WHERE seq = 1`,
    `INSERT INTO event SELECT NULL, 'x', kind, line, zeroblob(31), sig FROM event WHERE seq = 1`,
    'UPDATE posting SET amount = amount * 2',
    'DELETE FROM posting',
    `INSERT INTO posting VALUES (2, 99, 'red', '', 'PTS', 1)`,
    'INSERT OR REPLACE INTO posting SELECT seq, n, account, holder, commodity, amount FROM posting LIMIT 1',
    'UPDATE sale SET points = 0',
    'DELETE FROM sale',
    'INSERT OR REPLACE INTO sale SELECT seq, sale_id, receipt_number, day, account_id, 0, 0 FROM sale LIMIT 1',
    `UPDATE down_file SET sha256 = ''`,
    'DELETE FROM down_file',
    'UPDATE counter SET spent = spent - 1',
    'UPDATE counter SET granted = granted - 1',
    'UPDATE counter SET spent = granted + 1',
    'UPDATE counter SET roamed_settled = roamed + 1',
    'DELETE FROM counter',
    `INSERT OR REPLACE INTO counter (account_id, granted) VALUES ('a1', 1)`,
    `UPDATE balance SET amount = -1 WHERE account = 'esc'`,
    `UPDATE print_job SET state = 'lost'`,
    'UPDATE credit SET points = 1',
    'DELETE FROM credit',
    `INSERT OR REPLACE INTO credit SELECT seq, credit_id, ticket_number, day, at, 'a2', operator_id, points FROM credit`,
    'UPDATE credit_line SET units = 1',
    'DELETE FROM credit_line',
    'INSERT OR REPLACE INTO credit_line SELECT seq, n, material_id, units + 1, points FROM credit_line',
    'UPDATE credit_reversal SET seq = 1',
    'DELETE FROM credit_reversal',
    'INSERT INTO credit_reversal SELECT max(seq), credit_seq FROM credit_reversal',
    'INSERT INTO credit_reversal VALUES (1, 1)',
    `INSERT INTO sale SELECT 1, 'x', 'x', day, account_id, 0, 0 FROM sale`,
    `INSERT INTO credit SELECT 1, 'x', 'x', day, at, 'a2', operator_id, points FROM credit`,
    'INSERT INTO credit_line SELECT seq, n + 1, material_id, units, points FROM credit_line',
    'INSERT INTO scale_set VALUES (1)',
    `INSERT INTO scale_check SELECT 1, scale_set_id, '2026-11-22', 1 FROM scale_check`,
    `INSERT INTO handed_over_line SELECT 1, 0, 'can', 0, 0, 0`,
    'UPDATE handed_over_line SET left_units = 1',
    'DELETE FROM handed_over_line',
    'UPDATE counter SET credited = credited - 1',
    'UPDATE counter SET uncredited = uncredited - 1',
    'UPDATE counter SET uncredited = credited + 1',
  ];
  test('is what the file itself insists on, whoever writes and however', async () => {
    const { book } = await aKiosk(onTestFinished, await deskLines(), bare);
    sell(book, { resident: '1' });
    const bag = onScale(book, aScale(book), 'plastic-bottle', 2_000);
    const credit = recycled(book, { bags: [bag] });
    if (typeof credit === 'string') throw new Error(credit);
    takenBack(book, credit);
    handedOver(book, ['plastic-bottle']);
    const before = dump(book.db);
    const allowed = forbidden.filter((sql) => {
      try {
        book.db.exec(sql);
        return true;
      } catch {
        return false; // which rule refused it does not matter here; that nothing changed does
      }
    });
    expect(allowed).toEqual([]);
    expect(dump(book.db)).toBe(before);
  });
});

describe('one act', () => {
  test('writes lines that are canonical, chained and signed by the key of the first START', async () => {
    const { book } = await aKiosk(onTestFinished, [], bare);
    sell(book, {
      resident: '1',
      goods: [
        ['1', 2],
        ['3', 1],
      ],
    });
    book.transact(({ append }) => append(aShift(book)));
    const rows = storedEvents(book.db);
    const events = rows.map((row) => JSON.parse(row.line) as BookEvent);
    const first = events[0]!;
    const key = publicKeyFromRaw(Buffer.from(first.kind === 'START' ? first.body.kioskKey : '', 'base64url'));
    for (const [i, row] of rows.entries()) {
      const event = events[i]!;
      expect(canonical(event as unknown as Plain)).toBe(row.line);
      expect(row.leaf).toEqual(
        createHash('sha256')
          .update(Buffer.from([0]))
          .update(row.line)
          .digest(),
      );
      expect({ seq: event.seq, prev: event.prev }).toEqual({ seq: i + 1, prev: rows[i - 1]?.leaf.toString('base64url') ?? noLeaf });
      expect(verify(null, Buffer.from(signedText(event, leafOf(row.line).toString('base64url'))), key, row.sig)).toBe(true);
    }
    expect(events.map((event) => event.kind)).toEqual(['START', 'DOWN_APPLIED', 'SALE', 'SHIFT_OPEN']);
  });

  test('the signed text says kiosk, place in the chain, time, resident, points and both leaves, and no name', async () => {
    const { book } = await aKiosk(onTestFinished, [], bare);
    const sale = sell(book, { resident: '1', chosenPoints: 1000 });
    if (typeof sale === 'string') throw new Error(sale);
    const { leaf } = storedEvents(book.db).at(-1)!;
    const text = signedText(sale, leaf.toString('base64url'));
    expect(text).toBe(`CP1|540525|qj-03|1|3|${morning}|tag00000001|1000|${leaf.toString('base64url')}|${sale.prev.slice(0, 8)}`);
    expect(commandHash({ sell: sale.id })).toBe(sale.cmdHash);
  });

  test('that fails leaves the head and every table untouched, and the next act takes its number', async () => {
    const { directory, book } = await aKiosk(onTestFinished);
    sell(book);
    const before = { head: book.head(), rows: dump(book.db), lastAt: book.lastAt() };
    const failing = (): void =>
      book.transact(({ append }) => {
        append(aShift(book));
        append(aShift(book));
        throw new Error('the power of thought failed');
      });
    expect(failing).toThrow('the power of thought failed');
    expect({ head: book.head(), rows: dump(book.db), lastAt: book.lastAt() }).toEqual(before);
    sell(book);
    expect(book.head().seq).toBe(before.head.seq + 1);
    book.close();
    expect(await verdictOn(directory)).toEqual({ kind: 'true' });
  });

  test('with the id of an earlier act is refused and books nothing', async () => {
    const { book } = await aKiosk(onTestFinished, [], bare);
    const id = uuidv7(morning);
    sell(book, { id });
    const before = dump(book.db);
    expect(() => sell(book, { id, goods: [['2', 1]] })).toThrow(/UNIQUE/);
    expect(dump(book.db)).toBe(before);
  });

  test('that spends rights the account has not is refused by the rules and, past them, by the table', async () => {
    const { book } = await aKiosk(onTestFinished, [], bare);
    const sale = sell(book, { resident: '1', goods: [['1', 8]] });
    if (typeof sale === 'string') throw new Error(sale);
    const { kind, body, amt, res } = sale;
    const before = dump(book.db);
    const twice = { ...body, receiptNumber: 'qj-03-000002' };
    const again = (points: typeof amt): void =>
      void book.transact(({ append }) =>
        append({ kind, body: twice, id: uuidv7(morning), day: today, op: 'op1', res, amt: points, command: 'again' }),
      );
    expect(() => {
      for (let i = 0; i < 3; i += 1) again(amt);
    }).toThrow(/CHECK/);
    expect(() => again(0 as typeof amt)).toThrow('rights and roaming make up the redemption');
    expect(dump(book.db)).toBe(before);
  });

  test.each([
    [
      'more than it takes',
      [
        ['roam', -100],
        ['red', 100],
        ['red', 1],
      ],
      'sum to zero in PTS, not 1',
    ],
    [
      'half a point of nothing',
      [
        ['roam', -0.5],
        ['red', 0.5],
      ],
      'a whole amount, not -0.5',
    ],
    [
      'beyond 2^53',
      [
        ['roam', -(2 ** 53)],
        ['red', 2 ** 53],
      ],
      'a whole amount, not -9007199254740992',
    ],
  ] as const)('whose postings give %s is not committed (R6, 1 and 2)', async (_, rows, words) => {
    const { book } = await aKiosk(onTestFinished, [], bare);
    const before = dump(book.db);
    const post = (): void =>
      book.transact(({ append, post }) => {
        append(aShift(book, 0));
        post(rows.map(([account, amount]) => ({ account, holder: '', commodity: 'PTS', amount })));
      });
    expect(post).toThrow(words);
    expect(dump(book.db)).toBe(before);
    expect(sell(book)).toMatchObject({ kind: 'SALE' }); // the next act is judged by itself
  });

  test('that spends more away from home than the account or the kiosk may is not committed (R6, 3)', async () => {
    const { book } = await aKiosk(
      onTestFinished,
      [
        { t: 'ROAM', a: 'a1', c: points(50_000), xs: points(0) },
        { t: 'SCHEME', scheme: { ...scheme, version: 2, roaming: { ...scheme.roaming, kioskCapPoints: points(6_000) } } },
      ],
      bare,
    );
    const sale = sell(book, { resident: '2', chosenPoints: 4_000 });
    if (typeof sale === 'string') throw new Error(sale);
    const { kind, body, amt, res } = sale;
    const before = dump(book.db);
    const again = (accountId: string): void =>
      void book.transact(({ append }) =>
        append({
          kind,
          body: { ...body, accountId, receiptNumber: 'qj-03-000002' },
          id: uuidv7(morning),
          day: today,
          op: 'op1',
          res,
          amt,
          command: 'again',
        }),
      );
    expect(() => again('a2')).toThrow('roaming of a2 is within its allowance: 8000 of 5000');
    expect(() => again('a1')).toThrow('roaming at this kiosk is within its bound: 8000 of 6000');
    expect(dump(book.db)).toBe(before);
  });

  test('cannot begin inside another, and the other goes on', async () => {
    const { book } = await aKiosk(onTestFinished, [], bare);
    const { seq } = book.head();
    book.transact(({ append }) => {
      append(aShift(book));
      expect(() => sell(book)).toThrow('one act at a time');
      append(aShift(book));
    });
    expect(kindsAfter(book, seq)).toEqual(['SHIFT_OPEN', 'SHIFT_OPEN']);
  });

  test('of long work keeps others out until it has committed', async () => {
    const { book } = await aKiosk(onTestFinished, [], bare);
    const { seq } = book.head();
    await book.transactLong(async ({ append }, pause) => {
      append(aShift(book));
      await pause();
      expect(() => sell(book)).toThrow('one act at a time');
    });
    sell(book);
    expect(kindsAfter(book, seq)).toEqual(['SHIFT_OPEN', 'SALE']);
  });

  test.each([
    ['a fraction', 0.5],
    ['text that is not NFC', 'e\u0301'],
    ['half a character', '\ud800'],
  ])('with %s in its command never enters the book', async (_what, command) => {
    const { book } = await aKiosk(onTestFinished, [], bare);
    const before = dump(book.db);
    expect(() => sell(book, { command })).toThrow(TypeError);
    expect(dump(book.db)).toBe(before);
  });
});

describe('the clock', () => {
  const tenYears = 10 * 365 * 24 * 60 * 60 * 1000;

  test.each([
    ['back', -tenYears],
    ['ahead', tenYears],
  ])('that jumps ten years %s is recorded once, and once more when it is put right', async (_way, jump) => {
    const { directory, book, clock } = await aKiosk(onTestFinished);
    sell(book); // somebody is at work
    const { seq } = book.head();
    sell(book);
    clock.set(morning + jump);
    sell(book);
    clock.turn(60_000);
    sell(book);
    clock.set(morning + 120_000);
    sell(book);
    sell(book);
    expect(kindsAfter(book, seq)).toEqual(['SALE', 'CLOCK_STEP', 'SALE', 'SALE', 'CLOCK_STEP', 'SALE', 'SALE']);
    const step = JSON.parse(storedEvents(book.db)[seq + 1]!.line) as BookEvent;
    expect(step).toMatchObject({ body: { from: morning + 1, to: morning + jump }, clk: jump < 0 ? 'back' : 'ok' });
    book.close();
    expect(await verdictOn(directory)).toEqual({ kind: 'true' });
  });

  test('that goes back by less than ten minutes is flagged and not recorded as a step', async () => {
    const { book, clock } = await aKiosk(onTestFinished, [], bare);
    const { seq } = book.head();
    clock.set(morning - 599_000);
    const sale = sell(book);
    expect(sale).toMatchObject({ clk: 'back', at: morning - 599_000 });
    expect(sell(book)).toMatchObject({ clk: 'ok' });
    expect(kindsAfter(book, seq)).toEqual(['SALE', 'SALE']);
  });

  test('set back while the kiosk was off is recorded at the start, and rules go on believing the county', async () => {
    const { home, book, clock } = await aKiosk(onTestFinished, [], bare);
    sell(book);
    const { seq } = book.head();
    book.close();
    const back = handClock(morning - tenYears);
    let again = reopened(home, back, bare);
    expect(kindsAfter(again, seq)).toEqual(['CLOCK_STEP', 'START']);
    expect(again.lastAt()).toBe(morning);
    again.close();
    again = reopened(home, back, bare);
    expect(again.lastAt()).toBe(clock.wallMs() - 13 * 60 * 60 * 1000 + 1_000); // the county's file of the evening before
    again.close();
  });

  test('with a wrong hour at an act takes the day of the shift, not its own', async () => {
    const { book, clock } = await aKiosk(onTestFinished, [], bare);
    clock.set(Date.parse('1970-01-01T00:00:00Z'));
    expect(sell(book)).toMatchObject({ day: today, at: 0, clk: 'ok' });
  });
});

test('a new book says who it is, and makes no second one', () => {
  const directory = temporary(onTestFinished);
  const { home, book } = makeKiosk(directory, handClock(), bare);
  expect(
    Object.fromEntries(
      book.db
        .prepare<[], { name: string; value: string }>('SELECT * FROM meta')
        .all()
        .map((row) => [row.name, row.value]),
    ),
  ).toMatchObject({
    county: '540525',
    store: 'baire',
    kiosk: 'qj-03',
  });
  book.close();
  expect(() => makeKiosk(directory, handClock(), bare)).toThrow('already belongs to a kiosk');
  expect(diskFault(new Error('anything'))).toBeNull();
  expect(reopened(home, handClock(), bare).head().seq).toBe(2);
});
