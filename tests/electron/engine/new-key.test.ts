// The county wants another key of a kiosk: the till changes it by itself when nobody is at work, and goes on as before; papers of the old
// key stay what they are.

import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Book } from '../../../db/book.ts';
import { readHome, readSigner } from '../../../db/home.ts';
import { rotateOwnKey } from '../../../db/kiosk-keys.ts';
import { isPassOf } from '../../../db/model/kiosk-pass.ts';
import { signedText } from '../../../db/model/event.ts';
import type { DownLine } from '../../../db/model/down-file.ts';
import { dayMs } from '../../../db/model/time.ts';
import { openRestored } from '../../../db/open-book.ts';
import { openReadable } from '../../../db/sqlite.ts';
import { type FakeCounty, fakeCounty } from '../../support/fake-county.ts';
import { apply, cashierPin, enrol, handClock, header, makeKiosk, temporary, writeDown } from '../../support/county.ts';
import { piecesOf } from '../../support/closing.ts';
import { anOwner } from '../../support/returns.ts';
import { reopened } from '../../support/book.ts';
import { type Till, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';
import { withSignIns } from '../../support/at-work.ts';
import { sell } from '../../support/sell.ts';

const keysOf = (till: Till): readonly string[] => readdirSync(join(till.directory, 'keys')).filter((name) => name.endsWith('.pem'));

async function sent(till: Till, fileSeq: number): Promise<void> {
  await till.call.sendUpNow();
  await till.until(({ exchange }) => exchange.up.running === null && exchange.up.lastAnswer?.fileSeq === fileSeq);
}

/** A till whose county wants another key than its first; `newKeyFor` is that one. */
async function askedTill(
  more: readonly DownLine[] = [],
): Promise<{ readonly till: Till; readonly county: FakeCounty; readonly newKeyFor: string }> {
  const county = await fakeCounty(onTestFinished);
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  const sha256 = await enrol(home, book, more);
  const newKeyFor = readSigner(home)!.publicKey;
  const { path } = await writeDown(join(directory, 'made'), header(2, sha256, { newKeyFor }), []);
  expect(await apply(home, book, path)).toMatchObject({ kind: 'applied' });
  book.close();
  const config = join(directory, 'kiosk.json');
  writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), countyServer: county.server }));
  return { till: await startTill(onTestFinished, directory, clock), county, newKeyFor };
}

test('it waits while somebody is signed in, then changes, sends, and destroys the old key once the county has answered', async () => {
  const { till, county, newKeyFor } = await askedTill();
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  await sent(till, 1);
  expect(keysOf(till)).toEqual(['kiosk.pem']);
  await till.call.signOut();
  till.clock.turn(dayMs); // its hour comes, and the line was looked at every few seconds meanwhile
  await expect.poll(() => till.snapshot().exchange.up.lastAnswer?.fileSeq).toBe(2);
  expect(keysOf(till)).toEqual(['kiosk-2.pem', 'kiosk.pem']);
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  await sent(till, 3);
  expect(keysOf(till)).toEqual(['kiosk-2.pem']);
  // a county that is put back from before the change knows this kiosk by the old key alone, and lets it in
  const pass = readFileSync(join(till.directory, 'keys', 'pass-before'), 'utf8')
    .trimEnd()
    .split(' ')[1]!;
  expect(isPassOf({ county: '540525', kiosk: 'qj-03', pin: county.server.pin }, pass, newKeyFor)).toBe(true);
  await till.stop();
  expect(
    till
      .events()
      .filter(({ kind }) => kind === 'KEY_ROTATED')
      .map(({ op, body }) => [op, 'by' in body && body.by]),
  ).toEqual([[null, 'county']]);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('where somebody was at work when it was due, it is done as soon as nobody is, and waits for no other night', async () => {
  const { till, county } = await askedTill();
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  await sent(till, 1);
  expect(keysOf(till)).toEqual(['kiosk.pem']);
  await till.call.signOut();
  await expect.poll(() => county.call()).toBe(true); // looks at once: its own looks are seconds apart
  await expect.poll(() => keysOf(till)).toEqual(['kiosk-2.pem', 'kiosk.pem']);
});

test('where who closes the day never signs out, the key changes with the file of the closing', async () => {
  const { till } = await askedTill([await anOwner()]);
  const owner = await till.call.signIn({ operatorId: 'boss', pin: '864209' });
  if (!owner.ok) throw new Error(owner.code);
  await sent(till, 1);
  const opened = await till.call.openShift({ actId: randomUUID(), floatFen: 10_000, confirmedDate: null });
  if (!opened.ok) throw new Error(opened.code);
  await sent(till, 2);
  expect(keysOf(till)).toEqual(['kiosk.pem']); // a shift is open
  const counted = await till.call.countDrawer({ actId: randomUUID(), purpose: 'closing', counts: [...piecesOf(10_000)] });
  if (!counted.ok) throw new Error(counted.code);
  expect(await till.call.closeDay({ actId: randomUUID(), countId: counted.value.countId, reason: null })).toMatchObject({ ok: true });
  await sent(till, 3);
  expect(keysOf(till)).toEqual(['kiosk-2.pem', 'kiosk.pem']);
  expect(till.snapshot().operator?.id).toBe('boss');
  await till.stop();
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('a county that asks for files while nobody is at work has the change with them', async () => {
  const { till, county } = await askedTill();
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  await sent(till, 1);
  county.isAsking = true;
  await expect.poll(() => county.call()).toBe(true);
  await till.until(({ exchange }) => exchange.up.lastAnswer?.fileSeq === 2 || exchange.unsentEvents === 0);
  expect(keysOf(till)).toEqual(['kiosk.pem']);
  await till.call.signOut();
  await expect.poll(() => county.call()).toBe(true);
  await expect.poll(() => keysOf(till).length).toBeGreaterThan(1);
  await expect.poll(() => till.snapshot().exchange.unsentEvents).toBe(0);
});

test('a receipt of before the change is scanned as one of this shop', async () => {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book);
  const codes = [1, 2].map((n) => {
    if (n === 2 && !rotateOwnKey(book, home, 'hand').ok) throw new Error('not changed');
    const sale = sell(withSignIns(book), { goods: [['1', 1]] });
    if (typeof sale === 'string') throw new Error(sale);
    return { id: sale.id, seq: sale.seq, sale };
  });
  book.close();
  const db = openReadable(home.book);
  const texts = codes.map(({ seq, sale }) => {
    const { leaf, sig } = db.prepare<[number], { leaf: Buffer; sig: Buffer }>('SELECT leaf, sig FROM event WHERE seq = ?').get(seq)!;
    return `${signedText(sale, leaf.toString('base64url'))}|${sig.toString('base64url')}`;
  });
  db.close();
  reopened(home, clock).close();
  const till = await startTill(onTestFinished, directory, clock);
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  for (const [i, text] of texts.entries())
    expect(await till.call.findReceipt({ text })).toMatchObject({ ok: true, value: { saleId: codes[i]!.id } });
  const [first, second] = texts.map((text) => text.split('|')) as [string[], string[]];
  expect(await till.call.findReceipt({ text: [...first.slice(0, -1), second.at(-1)!].join('|') })).toEqual({
    ok: false,
    code: 'receipt_forged',
  });
});

test('after a backup was put back, a receipt by a key that was made since it is not known here, and forged is only what cannot be of that time', async () => {
  const directory = join(temporary(onTestFinished), 'lost');
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  await enrol(home, book);
  /** The code of a sale now. */
  const sold = (of: Book): string => {
    const sale = sell(withSignIns(of), { goods: [['1', 1]] });
    if (typeof sale === 'string') throw new Error(sale);
    const { leaf, sig } = of.db
      .prepare<[number], { leaf: Buffer; sig: Buffer }>('SELECT leaf, sig FROM event WHERE seq = ?')
      .get(sale.seq)!;
    return `${signedText(sale, leaf.toString('base64url'))}|${sig.toString('base64url')}`;
  };
  const before = sold(book);
  const backup = join(temporary(onTestFinished), 'home');
  book.db.pragma('wal_checkpoint(TRUNCATE)');
  cpSync(directory, backup, { recursive: true });
  const lost = sold(book);
  if (!rotateOwnKey(book, home, 'hand').ok) throw new Error('not changed');
  const byLostKey = sold(book);
  book.close();
  const found = readHome(backup);
  if (!found.ok) throw new Error(found.detail);
  const put = openRestored(found.home, clock, 'A'.repeat(43));
  if (!put.ok) throw new Error(put.detail);
  const since = sold(put.book);
  put.book.close();
  const till = await startTill(onTestFinished, backup, clock);
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  const cheaper = (code: string): string => code.replace(/(\|[^|]*){4}$/, (end) => `|1${end.slice(end.indexOf('|', 1))}`);
  const answers: unknown[] = [];
  for (const text of [before, since, lost, byLostKey, cheaper(byLostKey), cheaper(before), cheaper(since)]) {
    const read = await till.call.findReceipt({ text });
    answers.push(read.ok ? 'found' : read.code);
  }
  expect(answers).toEqual([
    'found',
    'found',
    'receipt_lost',
    'receipt_key_unknown',
    'receipt_key_unknown',
    'receipt_forged',
    'receipt_forged',
  ]);
});
