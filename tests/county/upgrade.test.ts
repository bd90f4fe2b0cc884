// County books that were shipped are opened by every program after: they get its tables, keep what they had, and go on with their nights.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { proposeAwards, releaseAwards } from '../../county/book/awards.ts';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { adjustmentLines } from '../../county/book/adjustments.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { paidBetween, words } from '../../county/book/settlement-words.ts';
import { entryTold } from '../../county/book/taken-up.ts';
import { releaseReclaim, withdrawReclaim } from '../../county/book/reclaims.ts';
import { proposeTakeBack, takingBack } from '../../county/book/take-backs.ts';
import { night } from '../../county/night.ts';
import { countyBookVersion, countyUpgrades } from '../../county/store/upgrades.ts';
import { countyTables } from '../../county/book/tables.ts';
import { logTables } from '../../county/log/tables.ts';
import { openMemory } from '../../db/sqlite.ts';
import { morning, shop } from '../support/county.ts';
import { shipped } from '../support/shipped.ts';

function opened(directory: string): CountyBook {
  const county = openCounty(directory, { wallMs: () => morning + 5 * 86_400_000 });
  if (!county.ok) throw new Error(county.code);
  onTestFinished(() => county.value.close());
  return county.value;
}

function eventsOf(path: string): { readonly version: unknown; readonly lines: readonly unknown[] } {
  const db = new Database(path, { readonly: true });
  try {
    return { version: db.pragma('user_version', { simple: true }), lines: db.prepare('SELECT line, leaf FROM event ORDER BY entry').all() };
  } finally {
    db.close();
  }
}

test('a book of version 1 opens, agrees with itself, and makes its next night', async () => {
  const directory = shipped(onTestFinished, 'county-1');
  const county = opened(directory);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
  expect(await night(county)).toContainEqual({ kind: 'written', kiosk: shop.kiosk, downSeq: 4, lines: expect.any(Number) as number });
  await county.close();
  expect(eventsOf(join(directory, 'book.db')).version).toBe(countyBookVersion);
});

test('awards of a book of version 1 are taken back', async () => {
  const county = opened(shipped(onTestFinished, 'county-1'));
  const [{ account }] = (await county.read((db) => db.prepare('SELECT account FROM account ORDER BY account LIMIT 1').all())) as [
    { readonly account: string },
  ];
  expect(await proposeAwards(county, { text: `account,points,reason\n${account},100,值日\n`, by: '张三' })).toMatchObject({ ok: true });
  const [{ batch }] = (await county.read((db) => db.prepare('SELECT max(id) AS batch FROM award_batch').all())) as [
    { readonly batch: number },
  ];
  expect(await releaseAwards(county, { batch, by: '李四' })).toMatchObject({ ok: true });
  expect(await proposeTakeBack(county, { batch, wanted: { is: 'each', points: 40_00 }, reason: '多发了', by: '张三' })).toMatchObject({
    ok: true,
  });
  expect(await releaseReclaim(county, takingBack, { number: 1, by: '李四' })).toEqual({ ok: true, value: null });
  expect(await proposeTakeBack(county, { batch, wanted: { is: 'all' }, reason: '多发了', by: '张三' })).toMatchObject({ ok: true });
  expect(await withdrawReclaim(county, takingBack, { number: 2, by: '张三' })).toEqual({ ok: true, value: null }); // since version 5
  await night(county);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
});

test('what it was lies beside it, whole; a start that was cut short leaves that alone', async () => {
  const directory = shipped(onTestFinished, 'county-1');
  const before = eventsOf(join(directory, 'book.db'));
  await opened(directory).close();
  const kept = join(directory, 'book.db.version-1');
  expect(existsSync(`${kept}.part`)).toBe(false);
  expect(eventsOf(kept)).toEqual({ ...before, version: 1 });
  expect(eventsOf(join(directory, 'book.db')).lines).toEqual(before.lines);
});

test('a book of a later program is not touched', () => {
  const directory = shipped(onTestFinished, 'county-1');
  const db = new Database(join(directory, 'book.db'));
  db.pragma(`user_version = ${countyBookVersion + 1}`);
  db.close();
  expect(openCounty(directory, { wallMs: () => morning })).toEqual({ ok: false, code: 'other_version' });
  expect(existsSync(join(directory, 'book.db.version-1'))).toBe(false);
});

test('a new book has just what an old one has after it', async () => {
  const directory = shipped(onTestFinished, 'county-1');
  await opened(directory).close();
  const schema = `SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name`;
  const old = new Database(join(directory, 'book.db'), { readonly: true });
  const fresh = openMemory();
  fresh.exec(countyTables + logTables + countyUpgrades.join(''));
  const [made, upgraded] = [fresh, old].map((db) => db.prepare(schema).all());
  old.close();
  fresh.close();
  expect(upgraded).toEqual(made);
});

test('a book of version 2 opens, and its night asks for words and debts by their kiosk', async () => {
  const directory = shipped(onTestFinished, 'county-1');
  const db = new Database(join(directory, 'book.db'));
  db.exec(countyUpgrades[0]!); // as that program did
  db.pragma('user_version = 2');
  db.close();
  const county = opened(directory);
  expect(existsSync(join(directory, 'book.db.version-2'))).toBe(true);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
  const plan = (sql: string): Promise<unknown> => county.read((read) => read.prepare(`EXPLAIN QUERY PLAN ${sql}`).get());
  expect(await plan(`SELECT max(paid_fen) FROM settlement_word WHERE kiosk = 'a' AND inc = 1 AND number = 1`)).toMatchObject({
    detail: 'SEARCH settlement_word USING INDEX settlement_word_of (kiosk=? AND inc=? AND number=?)',
  });
  expect(await plan(`SELECT -sum(amount) FROM balance WHERE account IN ('due', 'overdraft') AND kiosk = 'a'`)).toMatchObject({
    detail: 'SEARCH balance USING INDEX balance_owed (kiosk=? AND account=?)',
  });
});

test('what a file told that a book of version 1 took up again is known to its kiosk: a payment is counted once', async () => {
  const directory = shipped(onTestFinished, 'county-1');
  const db = new Database(join(directory, 'book.db'));
  // as that version wrote it down: the file told the payment, and nothing says so but the order of their entries
  db.exec(`DROP TRIGGER act_no_update; UPDATE act SET kind = 'taken_up' WHERE entry = (SELECT entry FROM down_file WHERE down_seq = 3)`);
  db.close();
  const county = opened(directory);
  const { kiosk } = shop;
  const told = await county.read((book) => {
    const file = { kiosk, downSeq: 4, inc: 2, told: entryTold(book, { kiosk, downSeq: 3, inc: 1 }) }; // as to a restored one, which had that file
    return [words(book, file), paidBetween(book, file), adjustmentLines(book, file)];
  });
  expect(told).toEqual([[], 0, []]);
  expect(await county.read((book) => words(book, { kiosk, downSeq: 3, inc: 1, told: 0 }).length)).toBeGreaterThan(0); // there is something to tell
});
