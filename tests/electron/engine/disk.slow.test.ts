import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readHome } from '../../../db/home.ts';
import { openBook } from '../../../db/open-book.ts';
import { enrol, handClock, makeKiosk, temporary } from '../../support/county.ts';
import { smallDisk } from '../../support/small-disk.ts';
import { type Till, atWork, startTill } from '../../support/till.ts';

async function sellOne(till: Till): Promise<boolean> {
  const added = await till.call.addGoods({ goodsId: '1' }).catch(() => null);
  if (added === null) return false;
  const { saleId, quote, digest } = till.snapshot().cart;
  const paid = await till.call
    .pay({
      saleId,
      shown: { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest },
      payment: { kind: 'other' },
    })
    .catch(() => null);
  return paid?.ok === true;
}

async function kioskOn(directory: string) {
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book);
  book.close();
  return clock;
}

describe('a disk', () => {
  test('that fills up stops the till in words, loses nothing paid, and sells again when there is room', async () => {
    const directory = join(smallDisk(8), 'home');
    const clock = await kioskOn(directory);
    const till = await atWork(await startTill(onTestFinished, directory, clock));
    const filler = join(directory, 'filler');
    writeFileSync(filler, Buffer.alloc(3 * 1024 * 1024));
    let sold = 0;
    for (let i = 0; i < 3_000 && till.snapshot().status.kind === 'selling'; i += 1) {
      clock.turn(1_000);
      if (await sellOne(till)) sold += 1;
    }
    expect(till.snapshot().status).toMatchObject({ kind: 'stopped', code: 'disk_full' });
    expect(sold).toBeGreaterThan(10);
    await till.stop();
    rmSync(filler);
    const again = await startTill(onTestFinished, directory, clock);
    expect(again.snapshot().status).toEqual({ kind: 'selling' });
    expect(await sellOne(await atWork(again, { isShiftOpen: true }))).toBe(true);
    await again.stop();
    expect(again.events().filter((event) => event.kind === 'SALE')).toHaveLength(sold + 1);
  });

  test('that is read only is told as such, and nothing is made on it', async () => {
    const mount = smallDisk(8);
    const directory = join(mount, 'home');
    const clock = await kioskOn(directory);
    execFileSync('mount', ['-o', 'remount,ro', mount]);
    const before = readdirSync(directory);
    const till = await startTill(onTestFinished, directory, clock);
    expect(till.snapshot().status).toMatchObject({ kind: 'stopped', code: 'disk_read_only' });
    expect(readdirSync(directory)).toEqual(before);
  });
});

test('a book that is gone is not replaced by an empty one', async () => {
  const directory = temporary(onTestFinished);
  const clock = await kioskOn(directory);
  rmSync(join(directory, 'book.db'));
  const till = await startTill(onTestFinished, directory, clock);
  expect(till.snapshot().status).toMatchObject({ kind: 'stopped', code: 'book_missing' });
  expect(readdirSync(directory)).not.toContain('book.db');
  const found = readHome(directory);
  expect(found.ok && openBook(found.home, clock, 'test')).toMatchObject({ ok: false, code: 'book_missing' });
});
