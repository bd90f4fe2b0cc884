// Upkeep through the engine: the book is checked and backed up after a closing and at the owner's press, in a thread of its own,
// while the till sells; what the place does wrong is told; a lie stops the till.

import { randomUUID } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { backupsIn } from '../../../db/backup.ts';
import { denominations } from '../../../db/model/event.ts';
import { restoreHome } from '../../../db/restore.ts';
import { daysLeft, withToday } from '../../../electron/engine/upkeep-file.ts';
import { readKeptFrames } from '../../../hardware/scale/kept-frames.ts';
import { tamper } from '../../support/book.ts';
import { card, cashier, cashierPin, handClock, temporary } from '../../support/county.ts';
import { openShiftToday } from '../../support/open-shift.ts';
import { smallDisk } from '../../support/small-disk.ts';
import { type Till, aTill, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

vi.setConfig({ testTimeout: 120_000 }); // each starts a thread, some two

/** A till of the owner, with a shift open. */
async function ownersTill(): Promise<Till> {
  return atWork(
    await aTill(onTestFinished, [{ t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } }]),
  );
}

async function atWork(till: Till): Promise<Till> {
  const signed = await till.call.signIn({ operatorId: 'op2', pin: cashierPin });
  if (!signed.ok) throw new Error(signed.code);
  if (till.snapshot().shift === null) await openShiftToday(till.call);
  return till;
}

/** A folder on another disk than the till's, as a stick is. */
function stick(): string {
  const elsewhere = statSync('/dev/shm').dev === statSync(tmpdir()).dev ? '/tmp' : '/dev/shm';
  const folder = mkdtempSync(join(elsewhere, 'jifen-stick-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function sell(till: Till, goodsId = '1'): Promise<void> {
  await till.call.addGoods({ goodsId });
  const { saleId, quote, digest } = till.snapshot().cart;
  const { totalFen, points, dueCashFen } = quote;
  const shown = { totalFen, points, payFen: dueCashFen, digest };
  const paid = await till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: dueCashFen } });
  if (!paid.ok) throw new Error(paid.code);
  await till.call.nextCustomer();
}

/** Counts what is in the drawer (the float of 100 yuan and what was sold) and closes. */
async function close(till: Till, soldFen: number): Promise<void> {
  let left = 10_000 + soldFen;
  const counts = denominations.map((worth) => {
    const pieces = Math.floor(left / worth);
    left -= pieces * worth;
    return pieces;
  });
  const countId = randomUUID();
  await till.call.countDrawer({ actId: countId, purpose: 'closing', counts });
  const closed = await till.call.closeDay({ actId: randomUUID(), countId, reason: 'miscount' });
  if (!closed.ok) throw new Error(closed.code);
}

const isIdle = (till: Till): Promise<void> => waited(till, () => till.snapshot().upkeep.running === null);
const codeOf = (till: Till): string => readFileSync(till.home.recoveryCode, 'utf8').trim();

test('the owner’s press checks and backs up while the till sells, and what is on the stick can be put back', async () => {
  const till = await ownersTill();
  const place = join(stick(), 'jifen-backup');
  expect(await till.call.backUpNow()).toEqual({ ok: false, code: 'no_backup_place' });
  expect(await till.call.setBackupPlace({ folder: place })).toEqual({ ok: true, value: null });
  await sell(till);
  const steps = new Set<string>();
  till.on('snapshot', ({ upkeep }) => void (upkeep.running && steps.add(upkeep.running.step)));
  expect(await till.call.backUpNow()).toEqual({ ok: true, value: null });
  expect(await till.call.backUpNow()).toEqual({ ok: false, code: 'upkeep_running' });
  expect(await till.call.checkNow()).toEqual({ ok: false, code: 'upkeep_running' });
  await sell(till, '2');
  expect(till.snapshot().upkeep.running).not.toBeNull(); // sold while it was checked
  await isIdle(till);
  expect([...steps]).toEqual(expect.arrayContaining(['copying']));
  expect(till.snapshot().upkeep).toMatchObject({
    place,
    backupFault: null,
    backedUpAt: till.clock.wallMs(),
    verifiedAt: till.clock.wallMs(),
  });
  expect(existsSync(till.home.work)).toBe(false);
  await till.stop();
  const events = till.events();
  const [checked, saved] = [events.find(({ kind }) => kind === 'VERIFIED')!, events.find(({ kind }) => kind === 'BACKED_UP')!];
  const [file] = backupsIn(place, 'qj-03');
  const sold = events.findLast(({ kind, seq }) => kind === 'SALE' && seq < checked.seq)!;
  expect([checked.body, saved.body]).toMatchObject([{ lie: null }, { place, file }]);
  expect(checked.body).toMatchObject({ throughSeq: (saved.body as { readonly throughSeq: number }).throughSeq });
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });

  const directory = join(temporary(onTestFinished), 'home');
  const options = { from: join(place, file!), directory, code: codeOf(till), clock: handClock(), decode: readKeptFrames, report: () => {} };
  const restored = await restoreHome(options);
  if (!restored.ok) throw new Error(`${restored.code}: ${restored.detail}`);
  expect([restored.value.inc, restored.value.newest.seq >= sold.seq - 1]).toEqual([2, true]);
  const again = await atWork(await startTill(onTestFinished, directory));
  expect(again.snapshot().upkeep).toMatchObject({ isFrozen: true, place });
  await again.call.scan({ text: card('1') });
  expect((await again.until(({ cart }) => cart.resident !== null)).cart.resident!.allowance).toMatchObject({
    usable: 0,
    limitedBy: 'frozen',
  });
  await sell(again);
  await again.stop();
  expect(again.events().at(-2)).toMatchObject({ kind: 'SALE', inc: 2, amt: 0 });
  expect(await verdictOn(directory)).toEqual({ kind: 'true' });
});

test('after a closing it is done by itself', async () => {
  const till = await ownersTill();
  const place = stick();
  await till.call.setBackupPlace({ folder: place });
  await sell(till);
  await close(till, 1_250);
  await untilDone(till);
  await till.stop();
  const kinds = till.events().map(({ kind }) => kind);
  expect(kinds.slice(kinds.indexOf('DAY_CLOSED')).filter((kind) => kind === 'VERIFIED' || kind === 'BACKED_UP')).toEqual([
    'VERIFIED',
    'BACKED_UP',
  ]);
  expect(backupsIn(place, 'qj-03')).toHaveLength(1);
});

test('a closing after which the power went is backed up at the next start', async () => {
  const till = await ownersTill();
  const place = stick();
  await till.call.setBackupPlace({ folder: place });
  await sell(till);
  await close(till, 1_250);
  const again = await till.powerCut();
  expect(backupsIn(place, 'qj-03')).toEqual([]);
  await untilDone(again);
  expect(backupsIn(place, 'qj-03')).toHaveLength(1);
  await again.stop();
  expect(await verdictOn(again.directory)).toEqual({ kind: 'true' });
});

/** It begins seconds after a closing and after a start. */
async function untilDone(till: Till): Promise<void> {
  await waited(till, () => till.snapshot().upkeep.backedUpAt !== null);
  await isIdle(till);
}

/** A thread starts in seconds where other tests have the machine. */
async function waited(till: Till, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`never: ${JSON.stringify(till.snapshot().upkeep)}\n${till.log.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a stick that was pulled out is missed, and its return is seen', async () => {
  const till = await ownersTill();
  const port = stick();
  const place = join(port, 'jifen-backup');
  await till.call.setBackupPlace({ folder: place });
  await till.call.backUpNow();
  await isIdle(till);
  const good = backupsIn(place, 'qj-03');
  renameSync(place, join(port, 'pulled'));
  await till.call.backUpNow();
  await isIdle(till);
  expect(till.snapshot().upkeep).toMatchObject({ backupFault: 'place_missing' });
  expect(readdirSync(port)).toEqual(['pulled']); // nothing was written where it had been mounted
  renameSync(join(port, 'pulled'), place);
  await till.call.backUpNow();
  await isIdle(till);
  expect(till.snapshot().upkeep.backupFault).toBeNull();
  expect(backupsIn(place, 'qj-03')).toEqual(expect.arrayContaining([...good]));
});

test('a stick without room, and a place on the book’s own disk, are told', async () => {
  const till = await ownersTill();
  const disk = smallDisk(1);
  await till.call.setBackupPlace({ folder: disk });
  const holiday = openSync(join(disk, 'holiday.jpg'), 'w');
  try {
    for (;;) {
      writeSync(holiday, Buffer.alloc(16 * 1024));
      fsyncSync(holiday); // or the blocks are still free
    }
  } catch {
    closeSync(holiday); // full
  }
  await till.call.backUpNow();
  await isIdle(till);
  expect([till.snapshot().upkeep.backupFault, till.snapshot().status.kind]).toEqual(['place_full', 'selling']);
  const near = temporary(onTestFinished);
  await till.call.setBackupPlace({ folder: near });
  await till.call.backUpNow();
  await isIdle(till);
  expect([till.snapshot().upkeep.backupFault, backupsIn(near, 'qj-03').length]).toEqual(['same_disk', 1]);
});

test('a folder that cannot be the place is refused with its reason', async () => {
  const till = await ownersTill();
  const place = stick();
  const asked = (folder: string) => till.call.setBackupPlace({ folder });
  expect(await asked('jifen')).toEqual({ ok: false, code: 'place_missing' });
  expect(await asked('/nowhere/at/all')).toEqual({ ok: false, code: 'place_missing' });
  expect(await asked(join(till.directory, 'backup'))).toEqual({ ok: false, code: 'inside_home' });
  expect(await asked(till.directory)).toEqual({ ok: false, code: 'inside_home' });
  expect(await asked('/proc/jifen')).toEqual({ ok: false, code: 'place_read_only' });
  expect(await asked(join(place, 'a'))).toEqual({ ok: true, value: null });
  expect([readdirSync(place), till.snapshot().upkeep.place]).toEqual([['a'], join(place, 'a')]);
});

test('a lie in the book stops the till with its place, also after a start, until every check holds again', async () => {
  const before = await ownersTill();
  await sell(before);
  await before.stop();
  const shift = before.clock;
  tamper(before.home, (db) => void db.exec(`UPDATE resident SET village = 'elsewhere' WHERE id = 2`)); // nothing that a start would notice
  const till = await atWork(await startTill(onTestFinished, before.directory, shift));
  await till.call.checkNow();
  await waited(till, () => till.snapshot().status.kind === 'stopped');
  expect(till.snapshot().status).toMatchObject({
    code: 'book_damaged',
    detail: 'reference: table resident, row 2: is not what the county said',
  });
  await till.stop();
  expect(till.events().at(-1)).toMatchObject({ kind: 'VERIFIED', body: { lie: { check: 'reference', place: 'table resident, row 2' } } });

  const again = await startTill(onTestFinished, before.directory, shift);
  expect(again.snapshot().status).toMatchObject({ code: 'book_damaged' });
  await again.stop();
  const village = JSON.stringify('白日社区').slice(1, -1);
  tamper(before.home, (db) => void db.exec(`UPDATE resident SET village = '${village}' WHERE id = 2`));
  const healed = await startTill(onTestFinished, before.directory, shift);
  await waited(healed, () => healed.snapshot().status.kind === 'selling' && healed.snapshot().upkeep.verifiedAt !== null);
  await healed.stop();
  expect(healed.events().findLast(({ kind }) => kind === 'VERIFIED')!.body).toMatchObject({ lie: null });
});

test('the recovery code is shown to the owner after their PIN, and that it is on paper is remembered', async () => {
  const till = await ownersTill();
  expect(await till.call.recoveryCode({ pin: '000000' })).toMatchObject({ ok: false, code: 'pin_wrong' });
  expect(await till.call.recoveryCode({ pin: cashierPin })).toEqual({ ok: true, value: { code: codeOf(till) } });
  expect(till.snapshot().upkeep.isCodeKept).toBe(false);
  await till.call.keepRecoveryCode();
  await till.until(({ upkeep }) => upkeep.isCodeKept);
  expect(till.log.some((line) => line.includes(codeOf(till)))).toBe(false);
});

test('a home from before there were codes gets one at its start', async () => {
  const till = await ownersTill();
  await till.stop();
  const old = join(temporary(onTestFinished), 'home');
  cpSync(till.directory, old, { recursive: true });
  rmSync(join(old, 'keys', 'recovery-code'));
  await startTill(onTestFinished, old, till.clock);
  expect(existsSync(join(old, 'keys', 'recovery-code'))).toBe(true);
});

test('an engine that ends in the middle leaves no half backup under a good name', async () => {
  const till = await ownersTill();
  const place = stick();
  await till.call.setBackupPlace({ folder: place });
  await till.call.backUpNow();
  await till.stop();
  expect(backupsIn(place, 'qj-03')).toEqual([]);
  mkdirSync(till.home.work, { recursive: true });
  writeFileSync(join(till.home.work, 'book.db'), 'half a copy');
  const again = await atWork(await startTill(onTestFinished, till.directory, till.clock));
  await again.call.backUpNow();
  await isIdle(again);
  expect(backupsIn(place, 'qj-03')).toHaveLength(1);
});

test('the days that the disk lasts are told by how it filled in the last four weeks', () => {
  const day = 86_400_000;
  const empty = { place: null, isCodeKept: false, disk: [] };
  const filled = Array.from({ length: 40 }, (_, n) => ({ at: n * day, freeBytes: 100e9 - n * 1e9 })).reduce(withToday, empty);
  expect(filled.disk).toHaveLength(29);
  const now = { at: 39 * day, freeBytes: 61e9, reserveBytes: 1e9 };
  expect(daysLeft(filled, now)).toBe(60);
  expect(daysLeft({ disk: filled.disk.slice(-2) }, now)).toBeNull(); // a day says nothing
  expect(daysLeft(filled, { ...now, freeBytes: 90e9 })).toBeNull(); // somebody made room
  expect(withToday(filled, { at: 39 * day + 1, freeBytes: 5 })).toBe(filled);
  expect(withToday(filled, { at: 5 * day, freeBytes: 5 }).disk.at(-1)).toEqual({ at: 5 * day, freeBytes: 5 }); // the clock was put back
});
