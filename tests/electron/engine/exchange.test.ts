import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fen, points } from '../../../db/model/amounts.ts';
import { card, deliver, goods, header, writeDown } from '../../support/county.ts';
import { aTill, atWork, startTill } from '../../support/till.ts';
import { openReadable } from '../../../db/sqlite.ts';

/** Hash of the newest file applied, read while the engine is stopped. */
function lastSha(directory: string): string {
  const db = openReadable(join(directory, 'book.db'));
  try {
    return db.prepare<[], { sha256: string }>('SELECT sha256 FROM down_file ORDER BY down_seq DESC LIMIT 1').get()!.sha256;
  } finally {
    db.close();
  }
}

test('a price change in the morning reaches the open cart, and the old price cannot be paid', async () => {
  const till = await atWork(await aTill(onTestFinished));
  await till.call.scan({ text: '2000000000001' });
  const { saleId } = till.snapshot().cart;
  await till.stop();
  const { path } = await writeDown(join(till.directory, 'from-county'), header(2, lastSha(till.directory)), [
    { t: 'GOODS', goods: goods('1', { priceFen: fen(1_300) }) },
    { t: 'GRANT', a: 'a1', g: points(30_000) },
  ]);
  deliver(till.home, path);
  const again = await startTill(onTestFinished, till.directory, till.clock);
  await again.until(({ exchange }) => exchange.lastDownSeq === 2);
  await again.until(({ cart }) => cart.quote.totalFen === 1_300);
  expect(
    await again.call.pay({ saleId, shown: { totalFen: 1_250, points: 0, payFen: 1_250 }, payment: { kind: 'cash', tenderedFen: 1_250 } }),
  ).toEqual({ ok: false, code: 'changed' });
  await again.call.scan({ text: card('1') });
  await again.until(({ cart }) => cart.resident?.allowance.rights === 30_000);
  expect(existsSync(join(till.home.inbox, '00000002.jsonl.gz'))).toBe(false);
});

test('a file that is refused is shown with its reason, and the shop goes on selling', async () => {
  const till = await aTill(onTestFinished);
  await till.stop();
  const { path } = await writeDown(join(till.directory, 'from-county'), header(2, lastSha(till.directory)), []);
  writeFileSync(path, 'not gzip');
  deliver(till.home, path);
  const again = await startTill(onTestFinished, till.directory, till.clock);
  await again.until(({ exchange }) => exchange.refused?.code === 'truncated');
  await atWork(again);
  expect(await again.call.addGoods({ goodsId: '1' })).toMatchObject({ code: 'line_added' });
});
