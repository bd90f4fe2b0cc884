// Whoever reads all events of a kiosk holds a bounded part of them, whatever its key signed.

import { expect, onTestFinished, test } from 'vitest';
import { endOfPage } from '../../county/book/event-pages.ts';
import { openMemory } from '../../db/sqlite.ts';

test('a page ends at so many events or bytes, has one event at least, and every event is of one page', () => {
  const db = openMemory();
  onTestFinished(() => void db.close());
  db.exec('CREATE TABLE event (kiosk TEXT, inc INTEGER, seq INTEGER, line TEXT)');
  const add = db.prepare(`INSERT INTO event (kiosk, inc, seq, line) VALUES ('qj-03', 2, ?, ?)`);
  const sizes = [10, 10, 10, 10, 40, 900, 5, 95, 1]; // Chinese is three bytes a letter
  for (const [i, size] of sizes.entries()) add.run(i + 11, size === 900 ? '积'.repeat(300) : 'x'.repeat(size));
  const ends: number[] = [];
  for (let after = 10; ;) {
    const end = endOfPage(db, { kiosk: 'qj-03', inc: 2, after, through: 18 }, { rowsMax: 3, bytesMax: 100 });
    if (end === null) break;
    ends.push(end);
    after = end;
  }
  expect(ends).toEqual([13, 15, 16, 18]);
  expect(endOfPage(db, { kiosk: 'qj-03', inc: 1, after: 10, through: 18 })).toBeNull();
});
