// Opening a book: what cannot be trusted is refused with a reason, and an empty one is never started in its place.

import { generateKeyPairSync } from 'node:crypto';
import {
  mkdirSync,
  copyFileSync,
  cpSync,
  existsSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openAnchor, readAnchor } from '../../db/anchor.ts';
import { type Home, makeHome, readHome } from '../../db/home.ts';
import { createBook, openBook } from '../../db/open-book.ts';
import { pulledPlug, reopened, tamper, tryOpening } from '../support/book.ts';
import { handClock, morning, temporary } from '../support/county.ts';
import { textOf } from '../support/outsider-folder.ts';
import { sell } from '../support/sell.ts';
import { type UsedKiosk, usedKiosk } from '../support/used-kiosk.ts';
import { verdictOn } from '../support/verify.ts';
import { fc } from '../support/property.ts';

let used: UsedKiosk;
const clock = handClock(morning + 300_000);
beforeAll(async () => {
  used = await usedKiosk();
});
afterAll(() => used.remove());

function exec(home: Home, sql: string): void {
  const db = new Database(home.book);
  db.exec(sql);
  db.close();
}

const newKey = (): string => generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const anchorLine = (seq: number, leaf: string): string => `CP-ANCHOR 1 ${seq} ${leaf} .`.padEnd(127) + '\n';

describe('a home whose making was interrupted', () => {
  const enrolment = {
    county: '540525',
    store: 'baire',
    kiosk: 'qj-03',
    countyKey: textOf(generateKeyPairSync('ed25519').publicKey),
    countyKeyName: 'county-540525',
  };
  const unfinished = (directory: string): string => join(directory, 'kiosk.json.unfinished');

  test('before its book belongs to no kiosk yet, says so, and is made anew', () => {
    const directory = temporary(onTestFinished);
    const first = makeHome(directory, { enrolment });
    expect(readHome(directory)).toMatchObject({
      ok: false,
      code: 'not_enrolled',
      detail: expect.stringContaining('interrupted') as unknown,
    });
    const key = readFileSync(first.key, 'utf8');
    const home = makeHome(directory, { enrolment, printer: 'tcp://10.0.0.5:9100' });
    createBook(home, clock, 'test').close();
    expect(readHome(directory)).toEqual({ ok: true, home });
    expect([readFileSync(home.key, 'utf8') === key, existsSync(unfinished(directory))]).toEqual([false, false]);
    expect(tryOpening(home, clock)).toBe('opens');
  });

  test('after its book, too: that book has sold nothing', () => {
    const directory = temporary(onTestFinished);
    const first = makeHome(directory, { enrolment });
    createBook(first, clock, 'test').close();
    renameSync(join(directory, 'kiosk.json'), unfinished(directory)); // as if the power had failed before the last step
    const home = makeHome(directory, { enrolment });
    createBook(home, clock, 'test').close();
    expect(tryOpening(home, clock)).toBe('opens');
  });

  test('is never taken for one that lost its kiosk.json: its key and book are left alone', () => {
    const directory = temporary(onTestFinished);
    const home = makeHome(directory, { enrolment });
    createBook(home, clock, 'test').close();
    expect(() => makeHome(directory, { enrolment })).toThrow('already belongs to a kiosk');
    const before = [readFileSync(home.key), readFileSync(home.book)];
    rmSync(join(directory, 'kiosk.json'));
    expect(() => makeHome(directory, { enrolment })).toThrow('its kiosk.json is missing');
    expect([readFileSync(home.key), readFileSync(home.book)]).toEqual(before);
  });
});

describe('is refused', () => {
  const cases: readonly (readonly [string, (home: Home) => void, string])[] = [
    ['a book that is missing', (home) => rmSync(home.book), 'book_missing'],
    ['a book of a later program', (home) => exec(home, 'PRAGMA user_version = 99'), 'book_newer'],
    ['an empty file', (home) => writeFileSync(home.book, ''), 'book_foreign'],
    ['a text file', (home) => writeFileSync(home.book, '琼结\n'.repeat(5_000)), 'book_foreign'],
    ['a database of another program', (home) => exec(home, 'PRAGMA application_id = 1'), 'book_foreign'],
    ['a book without tables', (home) => exec(home, 'PRAGMA user_version = 0'), 'book_foreign'],
    [
      'the book of another kiosk',
      (home) => tamper(home, (db) => db.exec(`UPDATE meta SET value = 'qj-04' WHERE name = 'kiosk'`)),
      'book_foreign',
    ],
    [
      'the book of another county',
      (home) => tamper(home, (db) => db.exec(`UPDATE meta SET value = '220822' WHERE name = 'county'`)),
      'book_foreign',
    ],
    ['a home without its key', (home) => rmSync(home.key), 'key_missing'],
    ['a home with half a key', (home) => truncateSync(home.key, 40), 'key_missing'],
    ['a home with another key', (home) => writeFileSync(home.key, newKey()), 'key_missing'],
    ['a book cut short', (home) => truncateSync(home.book, 40_960), 'book_damaged'],
    ['a book without one of its triggers', (home) => exec(home, 'DROP TRIGGER posting_no_update'), 'book_damaged'],
    [
      'a book with a trigger more',
      (home) => exec(home, 'CREATE TRIGGER mine AFTER INSERT ON event BEGIN DELETE FROM draft; END'),
      'book_damaged',
    ],
    ['a book without an index', (home) => exec(home, 'DROP INDEX sale_by_account'), 'book_damaged'],
    ['a book without events', (home) => tamper(home, (db) => db.exec('PRAGMA foreign_keys = OFF; DELETE FROM event')), 'book_damaged'],
    [
      'an event changed',
      (home) => tamper(home, (db) => db.exec(`UPDATE event SET line = replace(line, 'op1', 'op2') WHERE seq = 4`)),
      'book_damaged',
    ],
    ['an event taken out', (home) => tamper(home, (db) => db.exec('DELETE FROM event WHERE seq = 1')), 'book_damaged'],
    [
      'a balance that does not add up',
      (home) => tamper(home, (db) => db.exec(`UPDATE balance SET amount = amount + 1 WHERE account = 'red'`)),
      'book_damaged',
    ],
    [
      'rights that nobody granted, the sums as before',
      (home) =>
        tamper(home, (db) => {
          db.exec(`UPDATE balance SET amount = amount - 100 WHERE account = 'issuance'`);
          db.exec(`UPDATE balance SET amount = amount + 100 WHERE account = 'esc' AND holder = (SELECT min(account_id) FROM counter)`);
        }),
      'book_damaged',
    ],
    [
      'a posting that is not what its event says, its opposite changed alike',
      (home) =>
        tamper(home, (db) => {
          const { seq } = db.prepare<[], { seq: number }>(`SELECT max(seq) AS seq FROM event WHERE kind = 'SALE'`).get()!;
          db.prepare(`UPDATE posting SET amount = amount * 2 WHERE seq = ?`).run(seq);
        }),
      'book_damaged',
    ],
    ['a book older than its anchor', (home) => writeFileSync(home.anchor, anchorLine(14, 'A'.repeat(43))), 'book_rolled_back'],
    ['a book that parted from its anchor', (home) => writeFileSync(home.anchor, anchorLine(13, 'A'.repeat(43))), 'book_rolled_back'],
  ];
  test.each(cases)('%s, and nothing is put in its place', (_what, work, code) => {
    const home = used.copy();
    work(home);
    const before = existsSync(home.book) ? readFileSync(home.book) : null;
    expect(tryOpening(home, clock)).toBe(code);
    expect(existsSync(home.book) ? readFileSync(home.book) : null).toEqual(before);
  });

  test.each<readonly [string, string]>([
    ['points credited to a friend', `UPDATE counter SET credited = credited + 100 WHERE account_id = 'a3'`],
    ['a credit taken back that still stands', `UPDATE counter SET uncredited = uncredited + 3000 WHERE account_id = 'a1'`],
    [
      'a credit of twice what its event gives, its opposite changed alike',
      `UPDATE posting SET amount = amount * 2 WHERE seq = (SELECT max(seq) FROM credit)`,
    ],
    ['a reversal that took back half', `UPDATE posting SET amount = amount / 2 WHERE seq = (SELECT max(seq) FROM credit_reversal)`],
  ])('%s', async (_what, sql) => {
    const desk = await usedKiosk({ withDesk: true });
    onTestFinished(() => desk.remove());
    const home = desk.copy();
    expect(tryOpening(home, clock)).toBe('opens');
    tamper(home, (db) => db.exec(sql));
    expect(tryOpening(home, clock)).toBe('book_damaged');
  });

  test('an image of an older day put back over the book', () => {
    const home = used.copy();
    const image = `${home.directory}-image`;
    cpSync(home.book, image);
    const book = reopened(home, clock);
    sell(book);
    book.close();
    copyFileSync(image, home.book);
    for (const suffix of ['-wal', '-shm']) rmSync(home.book + suffix, { force: true });
    expect(openBook(home, clock, 'test')).toMatchObject({
      ok: false,
      code: 'book_rolled_back',
      detail: expect.stringContaining('event 16'),
    });
  });

  test('a second book for the same home', () => {
    const home = used.copy();
    expect(() => createBook(home, clock, 'test')).toThrow('a book is made once');
  });
});

describe('opens', () => {
  test('and records the start, with the key that signed everything before', () => {
    const home = used.copy();
    const book = reopened(home, clock);
    const { line } = book.db.prepare<[], { line: string }>('SELECT line FROM event ORDER BY seq DESC LIMIT 1').get()!;
    const first = book.db.prepare<[], { line: string }>('SELECT line FROM event WHERE seq = 1').get()!;
    expect(JSON.parse(line)).toMatchObject({
      kind: 'START',
      seq: 15,
      day: '2026-11-21',
      body: (JSON.parse(first.line) as { body: unknown }).body,
    });
    book.close();
  });

  test('with everything acknowledged before the plug was pulled', async () => {
    const home = used.copy();
    const book = reopened(home, clock);
    for (let i = 0; i < 5; i += 1) sell(book);
    const { seq } = book.head();
    const image = readHome(pulledPlug(home.directory));
    if (!image.ok) throw new Error(image.detail);
    book.close();
    const again = reopened(image.home, clock);
    expect(again.head().seq).toBe(seq + 1); // and the START
    again.close();
    expect(await verdictOn(image.home.directory)).toEqual({ kind: 'true' });
    rmSync(join(image.home.directory, '..'), { recursive: true });
  });

  test.each([
    ['missing', (home: Home) => rmSync(home.anchor)],
    ['empty', (home: Home) => writeFileSync(home.anchor, '')],
    ['garbage', (home: Home) => writeFileSync(home.anchor, Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 73) % 256)))],
    ['torn in both slots', (home: Home) => writeFileSync(home.anchor, readFileSync(home.anchor, 'utf8').replaceAll(' .', ''))],
    ['behind the book', (home: Home) => writeFileSync(home.anchor, readFileSync(home.anchor, 'utf8').slice(0, 128))],
  ])('with an anchor that is %s, and writes it again', (_what, work) => {
    const home = used.copy();
    work(home);
    const book = reopened(home, clock);
    sell(book);
    expect(readAnchor(home.anchor)).toEqual(book.head());
    book.close();
  });

  test('damaged anywhere, it is refused, or it opens and every check of it holds', async () => {
    const home = used.copy();
    const before = readFileSync(home.book);
    const said = dumpOf(home);
    await fc.assert(
      fc.asyncProperty(fc.nat(before.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(before);
        changed[at]! ^= flip;
        const damaged = used.copy();
        writeFileSync(damaged.book, changed);
        const opened = tryOpening(damaged, clock);
        if (opened === 'opens') {
          // What the opening does not look at, the night's check does: then it is a lie that verify names.
          const verdict = await verdictOn(damaged.directory);
          if (verdict.kind === 'true') expect(dumpOf(damaged, 13)).toBe(said);
          expect(verdict.kind).not.toBe('unchecked');
        } else
          expect(['book_damaged', 'book_foreign', 'book_newer', 'book_rolled_back', 'key_missing', 'disk_read_only']).toContain(opened);
        rmSync(damaged.directory, { recursive: true });
      }),
      { numRuns: 40 },
    );
  });
});

/** Events up to `through` and all that they did: what any later sale would be based on. */
function dumpOf(home: Home, through = 13): string {
  const db = new Database(home.book);
  try {
    const events = db.prepare('SELECT * FROM event WHERE seq <= ? ORDER BY seq').all(through);
    return JSON.stringify([
      events,
      ...['posting', 'balance', 'counter', 'sale', 'goods', 'resident', 'scheme', 'roaming'].map((table) =>
        db.prepare(`SELECT * FROM ${table}`).all(),
      ),
    ]);
  } finally {
    db.close();
  }
}

describe('the anchor', () => {
  test('on a disk that was pulled stops no sale, says so, and is written again when the disk is back', () => {
    const directory = temporary(onTestFinished);
    const stick = join(directory, 'stick');
    const anchor = openAnchor(join(stick, 'anchor'));
    const head = { inc: 1, seq: 7, leaf: 'A'.repeat(43) };
    anchor.remember(head);
    expect(anchor.fault()).toContain('ENOENT');
    mkdirSync(stick);
    anchor.remember(head);
    expect(anchor.fault()).toBeNull();
    expect(readAnchor(join(stick, 'anchor'))).toEqual(head);
    anchor.close();
  });

  test('keeps the newest of two slots, whichever is torn', () => {
    const home = used.copy();
    rmSync(home.anchor);
    const heads = [1, 2, 3].map((seq) => ({ inc: 1, seq, leaf: String(seq).repeat(43) }));
    const anchor = openAnchor(home.anchor);
    for (const head of heads) anchor.remember(head);
    anchor.close();
    expect(readAnchor(home.anchor)).toEqual(heads[2]);
    const file = openSync(home.anchor, 'r+');
    writeSync(file, '\0'.repeat(64), 128 + 30);
    closeSync(file);
    expect(readAnchor(home.anchor)).toEqual(heads[1]);
  });

  test('outlives a restart: the slots go on alternating', () => {
    const home = used.copy();
    const book = reopened(home, clock);
    const { seq } = book.head();
    sell(book);
    expect(readAnchor(home.anchor)).toMatchObject({ inc: 1, seq: seq + 1 });
    expect(readFileSync(home.anchor)).toHaveLength(256);
    book.close();
  });
});
