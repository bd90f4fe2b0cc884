// A backup: everything or nothing, unreadable without its code, noticed when touched; and put back as a new incarnation that
// sells for cash until the county speaks to it.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readAnchor } from '../../db/anchor.ts';
import { type MadeBackup, backupsIn, makeBackup } from '../../db/backup.ts';
import { type Book, leafOf } from '../../db/book.ts';
import { type Home, readHome } from '../../db/home.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { points } from '../../db/model/amounts.ts';
import type { DownHeader } from '../../db/model/down-file.ts';
import { allowance } from '../../db/model/spending.ts';
import { parseRecoveryCode, recoveryCodeOf } from '../../db/recovery-code.ts';
import { accountState, incarnationLeaf, isFrozen, lastDown } from '../../db/reference.ts';
import { type RestoreOutcome, restoreHome } from '../../db/restore.ts';
import { type BackupFacts, readFacts } from '../../db/sealed-file.ts';
import { type ReadableDatabase, openReadable } from '../../db/sqlite.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';
import { reopened, tamper, tryOpening } from '../support/book.ts';
import { apply, handClock, header, morning, temporary, writeDown } from '../support/county.ts';
import { counted } from '../support/credit.ts';
import { recycled, takenBack } from '../support/recycling.ts';
import { brought } from '../support/return-sale.ts';
import { sell, spendingOf, today } from '../support/sell.ts';
import { smallDisk } from '../support/small-disk.ts';
import { type UsedKiosk, usedKiosk } from '../support/used-kiosk.ts';
import { verdictOn } from '../support/verify.ts';
import { fc } from '../support/property.ts';

const otherCode = 'ABCD-EFGH-JKLM-NPQR-STUV-WXYZ-2345';
const later = morning + 8 * 60 * 60 * 1000;

let used: UsedKiosk;
beforeAll(async () => {
  used = await usedKiosk({ withDesk: true });
});
afterAll(() => used.remove());

interface Backed {
  readonly home: Home;
  readonly place: string;
  readonly code: string;
  readonly made: MadeBackup;
  readonly path: string;
}

/** A used kiosk that was stopped and backed up. */
async function backedUp(home = used.copy(), place = temporary(onTestFinished)): Promise<Backed> {
  const made = await backup(home, place);
  if (!made.ok) throw new Error(made.code);
  return { home, place, code: recoveryCodeOf(home), made: made.value, path: join(place, made.value.file) };
}

function backup(home: Home, place: string, keep = 14): ReturnType<typeof makeBackup> {
  return makeBackup({ home, bookCopy: home.book, place, code: recoveryCodeOf(home), facts: factsOf(home), keep });
}

function factsOf(home: Home): BackupFacts {
  const { county, store, kiosk } = home.config.enrolment;
  const newest = eventsOf(home).at(-1)!;
  return { county, store, kiosk, inc: newest.inc, throughSeq: newest.seq, leaf: newest.leaf, at: morning, software: 'test' };
}

function eventsOf(home: Home): readonly (BookEvent & { readonly leaf: string })[] {
  const db = openReadable(home.book);
  try {
    return db
      .prepare<[], { line: string }>('SELECT line FROM event ORDER BY seq')
      .all()
      .map(({ line }) => ({ ...(JSON.parse(line) as BookEvent), leaf: leafOf(line).toString('base64url') }));
  } finally {
    db.close();
  }
}

function restore(from: string, code: string, directory = join(temporary(onTestFinished), 'home'), clock = handClock(later)) {
  return restoreHome({ from, directory, code, clock, decode: readKeptFrames, report: () => {} }).then((outcome) => ({
    outcome,
    directory,
  }));
}

async function restored(from: string, code: string): Promise<Home> {
  const { outcome, directory } = await restore(from, code);
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.detail}`);
  return homeAt(directory);
}

function homeAt(directory: string): Home {
  const found = readHome(directory);
  if (!found.ok) throw new Error(found.detail);
  return found.home;
}

/** The header of the county's next file for a restored kiosk. */
function nextFor(book: Book, change: Partial<DownHeader> = {}): DownHeader {
  const last = lastDown(book.db)!;
  const { inc } = book.head();
  return header(last.downSeq + 1, last.sha256, { asOf: last.asOf + 1, inc, incLeaf: incarnationLeaf(book.db)!, ...change });
}

/** What accounts hold there, by id; those that hold nothing are left out. */
function rightsIn(home: Home): { readonly [accountId: string]: number } {
  const rows = inBook(home, (db) =>
    db.prepare<[], [string, number]>(`SELECT holder, amount FROM balance WHERE account = 'esc' AND amount > 0 ORDER BY holder`).raw().all(),
  );
  return Object.fromEntries(rows);
}

function postingsOf(home: Home, seq: number): readonly object[] {
  return inBook(home, (db) =>
    db.prepare<[number], object>('SELECT seq, account, holder, amount FROM posting WHERE seq = ? ORDER BY n').all(seq),
  );
}

function inBook<Value>(home: Home, read: (db: ReadableDatabase) => Value): Value {
  const db = openReadable(home.book);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

const codeOf = (outcome: RestoreOutcome): string => (outcome.ok ? 'restored' : outcome.code);

/** Somebody else's files take all but so many bytes of a disk. */
function fill(disk: string, leftBytes: number): void {
  const file = openSync(join(disk, 'holiday.jpg'), 'w');
  const free = (): number => statfsSync(disk).bfree * statfsSync(disk).bsize - leftBytes;
  try {
    for (let left = free(); left > 0; left = free()) {
      writeSync(file, Buffer.alloc(Math.min(left, 64 * 1024)));
      fsyncSync(file); // or the blocks are still free
    }
  } catch {
    // full
  } finally {
    closeSync(file);
  }
}

/** A home of its own that grew by a sale, so that its next backup has another name. */
function goOn(home: Home): void {
  const book = reopened(home, handClock());
  sell(book);
  book.close();
}

describe('a backup that is put back', () => {
  test('is the same book, event for event, with RESTORED as the first of a new incarnation, and every check holds', async () => {
    const { home, path, code, made } = await backedUp();
    const before = eventsOf(home);
    const again = await restored(path, code);
    const events = eventsOf(again);
    expect(events.slice(0, -1)).toEqual(before);
    const { leaf, ...first } = events.at(-1)!;
    expect(first).toMatchObject({
      kind: 'RESTORED',
      inc: 2,
      seq: before.length + 1,
      prev: before.at(-1)!.leaf,
      body: { fromInc: 1, throughSeq: before.length, leaf: before.at(-1)!.leaf, backupSha256: made.sha256 },
    });
    expect(createHash('sha256').update(readFileSync(path)).digest('base64url')).toBe(made.sha256);
    expect(await verdictOn(again.directory)).toEqual({ kind: 'true' });
    expect(readAnchor(again.anchor)).toEqual({ inc: 2, seq: events.length, leaf });
    for (const file of [again.key, again.recoveryCode])
      expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([
        readFileSync(file.replace(again.directory, home.directory), 'utf8'),
        0o600,
      ]);
  });

  test('tells until when it knows, what its newest papers are, and what an anchor elsewhere says is lost', async () => {
    const home = used.copy();
    const anchor = join(temporary(onTestFinished), 'anchor');
    const config = JSON.parse(readFileSync(join(home.directory, 'kiosk.json'), 'utf8')) as object;
    writeFileSync(join(home.directory, 'kiosk.json'), JSON.stringify({ ...config, anchor }));
    const found = readHome(home.directory);
    if (!found.ok) throw new Error(found.detail);
    goOn(found.home);
    const { path, code } = await backedUp(found.home);
    goOn(found.home); // what the backup does not have: START and a sale
    const newest = eventsOf(found.home).at(-3)!;
    const { outcome, directory } = await restore(path, code);
    expect(outcome).toEqual({
      ok: true,
      value: {
        facts: readFacts(path),
        inc: 2,
        incLeaf: eventsOf(homeAt(directory)).at(-1)!.leaf,
        newest: { seq: newest.seq, at: newest.at, day: newest.day },
        closing: null,
        lastReceipt: newest.kind === 'SALE' ? newest.body.receiptNumber : '',
        lostEvents: 2,
      },
    });
    // the anchor that both homes name remembers the new incarnation now, although its number is lower
    expect(tryOpening(homeAt(directory), handClock(later))).toBe('opens');
    expect(tryOpening(found.home, handClock(later))).toBe('book_rolled_back');
  });

  test('opens also where the disk of the anchor was away while it was put back', async () => {
    const home = used.copy();
    const disk = temporary(onTestFinished);
    const anchor = join(disk, 'there', 'anchor');
    mkdirSync(join(disk, 'there'));
    const config = JSON.parse(readFileSync(join(home.directory, 'kiosk.json'), 'utf8')) as object;
    writeFileSync(join(home.directory, 'kiosk.json'), JSON.stringify({ ...config, anchor }));
    const found = readHome(home.directory);
    if (!found.ok) throw new Error(found.detail);
    const { path, code } = await backedUp(found.home);
    for (let n = 0; n < 3; n += 1) goOn(found.home);
    renameSync(join(disk, 'there'), join(disk, 'away'));
    const again = await restored(path, code);
    renameSync(join(disk, 'away'), join(disk, 'there'));
    expect(await verdictOn(again.directory)).toEqual({ kind: 'true' });
    expect(tryOpening(again, handClock(later))).toBe('opens');
  });

  test('takes no points and sells for cash, until a file of the county speaks to the new incarnation', async () => {
    const { path, code } = await backedUp();
    const home = await restored(path, code);
    const clock = handClock(later);
    let book = reopened(home, clock);
    expect(isFrozen(book.db)).toBe(true);
    expect(typeof sell(book)).toBe('object');
    const folder = temporary(onTestFinished);
    const last = lastDown(book.db)!;
    const grant = [{ t: 'GRANT', a: 'a1', g: points(40_000) }] as const;
    const others = { 'the incarnation before': {}, 'another restoration': { inc: 2, incLeaf: leafOf('another').toString('base64url') } };
    for (const [name, change] of Object.entries(others)) {
      const other = await writeDown(join(folder, name), header(last.downSeq + 1, last.sha256, { asOf: last.asOf + 1, ...change }), grant);
      expect(await apply(home, book, other.path), name).toMatchObject({ kind: 'refused', code: 'other_incarnation' });
    }
    // simulator, seed 1181: what a stick brings of the row before the restoration was called a fork of the county's
    const unknown = leafOf('a file between').toString('base64url');
    const late = await writeDown(join(folder, 'late'), header(last.downSeq + 1, unknown, { asOf: last.asOf + 1 }), grant);
    expect(await apply(home, book, late.path)).toMatchObject({ kind: 'refused', code: 'other_incarnation' });
    const fork = await writeDown(join(folder, 'fork'), { ...nextFor(book), prevDownSha: unknown }, grant);
    expect(await apply(home, book, fork.path)).toMatchObject({ kind: 'refused', code: 'fork' });
    expect(isFrozen(book.db)).toBe(true);
    const forTheNewHeader = nextFor(book);
    const forTheNew = await writeDown(folder, forTheNewHeader, grant);
    expect(await apply(home, book, forTheNew.path)).toMatchObject({ kind: 'applied' });
    expect(isFrozen(book.db)).toBe(false);
    // simulator, seed 3019 of 8 kiosks and 15 days: so was one whose number another of the new row has
    expect(await apply(home, book, late.path)).toMatchObject({ kind: 'refused', code: 'other_incarnation' });
    const second = await writeDown(join(folder, 'second'), { ...forTheNewHeader, asOf: forTheNewHeader.asOf + 1 }, grant);
    expect(await apply(home, book, second.path)).toMatchObject({ kind: 'refused', code: 'fork' });
    const before = await writeDown(join(folder, 'before'), header(last.downSeq, unknown, { asOf: last.asOf + 1 }), grant);
    expect(await apply(home, book, before.path)).toMatchObject({ kind: 'refused', code: 'fork' });
    expect(typeof sell(book, { resident: '1', goods: [['1', 1]], chosenPoints: 1_000 })).toBe('object');
    book.close();
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
    book = reopened(home, clock);
    expect(book.head().inc).toBe(2);
    book.close();
  });

  test('gives up every right it had with the event that says so; the county issues anew by raising what it granted', async () => {
    const lost = used.copy();
    const living = reopened(lost, handClock(later));
    const { downSeq, sha256, asOf } = lastDown(living.db)!;
    const more = await writeDown(temporary(onTestFinished), header(downSeq + 1, sha256, { asOf: asOf + 1 }), [
      { t: 'GRANT', a: 'a3', g: points(900) },
      { t: 'GRANT', a: 'a10', g: points(300) },
    ]);
    expect(await apply(lost, living, more.path)).toMatchObject({ kind: 'applied' });
    living.close();
    const { path, code } = await backedUp(lost);
    const before = rightsIn(lost);
    const home = await restored(path, code);
    const seq = eventsOf(lost).length + 1;
    const given = Object.entries(before).flatMap(([holder, held]) => [
      { seq, account: 'esc', holder, amount: -held },
      { seq, account: 'issuance', holder: '', amount: held },
    ]);
    expect(Object.keys(before)).toEqual(['a1', 'a10', 'a3']);
    expect(postingsOf(home, seq)).toEqual(given);
    expect(rightsIn(home)).toEqual({});
    const book = reopened(home, handClock(later));
    const { granted, returned, roamed } = accountState(book.db, 'a1', today).counters;
    expect([returned, roamed]).toEqual([before['a1']!, 0]);
    const folder = temporary(onTestFinished);
    const low = await writeDown(join(folder, 'low'), nextFor(book), [{ t: 'GRANT', a: 'a1', g: points(granted - 1) }]);
    expect(await apply(home, book, low.path)).toMatchObject({ kind: 'refused', code: 'out_of_balance' });
    const anew = await writeDown(folder, nextFor(book), [{ t: 'GRANT', a: 'a1', g: points(granted + 1_000) }]);
    expect(await apply(home, book, anew.path)).toMatchObject({ kind: 'applied' });
    expect(allowance({ ...spendingOf(book, 'a1'), isFrozen: isFrozen(book.db) })).toMatchObject({
      rights: 1_000,
      roaming: 0,
      usable: 1_000,
    });
    book.close();
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  });

  test('no allowance told before it counts, until the county tells one again', async () => {
    const { path, code } = await backedUp();
    const home = await restored(path, code);
    const book = reopened(home, handClock(later));
    const folder = temporary(onTestFinished);
    const silent = await writeDown(folder, nextFor(book), [{ t: 'BAL', a: 'a2', balance: points(27_000) }]);
    expect(await apply(home, book, silent.path)).toMatchObject({ kind: 'applied' });
    const roaming = (): number => allowance(spendingOf(book, 'a2')).roaming;
    expect(roaming()).toBe(0);
    const { roamedSettled } = accountState(book.db, 'a2', today).counters;
    const again = await writeDown(folder, nextFor(book), [{ t: 'ROAM', a: 'a2', c: points(4_500), xs: roamedSettled }]);
    expect(await apply(home, book, again.path)).toMatchObject({ kind: 'applied' });
    expect(roaming()).toBeGreaterThan(0);
    expect(typeof sell(book, { resident: '2', goods: [['1', 1]], chosenPoints: 1_000 })).toBe('object');
    book.close();
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  });

  test('twice makes two incarnations of one number: what the county sends to one is no file for the other', async () => {
    const { path, code } = await backedUp();
    const first = await restored(path, code);
    let book = reopened(first, handClock(later));
    const grant = [{ t: 'GRANT', a: 'a1', g: points(40_000) }] as const;
    const stick = await writeDown(temporary(onTestFinished), nextFor(book), grant);
    expect(await apply(first, book, stick.path)).toMatchObject({ kind: 'applied' });
    expect(typeof sell(book, { resident: '1', goods: [['1', 1]], chosenPoints: 1_000 })).toBe('object');
    book.close();
    const { outcome, directory } = await restore(path, code, undefined, handClock(later + 1));
    expect(codeOf(outcome)).toBe('restored');
    book = reopened(homeAt(directory), handClock(later + 1));
    expect(book.head().inc).toBe(2);
    expect(await apply(homeAt(directory), book, stick.path)).toMatchObject({ kind: 'refused', code: 'other_incarnation' });
    expect([isFrozen(book.db), allowance({ ...spendingOf(book, 'a1'), isFrozen: true }).rights]).toEqual([true, 0]);
    book.close();
  });

  test('numbers its papers as of its incarnation, on from where the backup stands', async () => {
    const { home: lost, path, code } = await backedUp();
    goOn(lost);
    const home = await restored(path, code);
    goOn(home);
    const newestOf = (of: Home) => eventsOf(of).findLast((event) => event.kind === 'SALE')!.body.receiptNumber;
    expect(newestOf(home)).toBe(newestOf(lost).replace('qj-03-', 'qj-03.2-'));
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  });

  test('a second time begins a third incarnation', async () => {
    const first = await backedUp();
    const second = await backedUp(await restored(first.path, first.code));
    const home = await restored(second.path, second.code);
    expect(eventsOf(home).flatMap((event) => (event.kind === 'RESTORED' ? [[event.inc, event.body.fromInc]] : []))).toEqual([
      [2, 1],
      [3, 2],
    ]);
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  });

  test('whose clock went back notes no step before it: the number after the backup’s last is RESTORED', async () => {
    const { path, code, home } = await backedUp();
    const directory = join(temporary(onTestFinished), 'home');
    const { outcome } = await restore(path, code, directory, handClock(morning - 40 * 86_400_000));
    expect(codeOf(outcome)).toBe('restored');
    const again = readHome(directory);
    if (!again.ok) throw new Error(again.detail);
    expect(eventsOf(again.home).at(-1)).toMatchObject({ kind: 'RESTORED', seq: eventsOf(home).length + 1, clk: 'back' });
    expect(await verdictOn(directory)).toEqual({ kind: 'true' });
  });
});

test('a restored book that kept a right is not opened', async () => {
  const { path, code } = await backedUp();
  const home = await restored(path, code);
  tamper(home, (db) => keepRights(db));
  expect(tryOpening(home, handClock(later))).toBe('book_damaged');
});

describe('a lie about an incarnation is told by its place', () => {
  test.each<readonly [string, string, (home: Home) => void | Promise<void>]>([
    ['points taken while they were frozen', 'sales', spendFrozen],
    ['a right that was kept', 'postings', (home: Home) => tamper(home, (db) => keepRights(db))],
    ['goods that come back of a sale before it', 'returns', returnOld],
    ['a credit before it that is taken back', 'credits', takeBackOld],
    [
      'a restoration that is taken out',
      'anchor',
      (home: Home) =>
        tamper(home, (db) => {
          keepRights(db);
          db.exec(`DELETE FROM event WHERE kind = 'RESTORED'`);
        }),
    ],
    [
      'a restoration that says it was none',
      'chain',
      (home: Home) =>
        tamper(home, (db) => void db.exec(`UPDATE event SET line = replace(line, '"inc":2', '"inc":1') WHERE kind = 'RESTORED'`)),
    ],
  ])('%s', async (_what, check, lie) => {
    const { path, code } = await backedUp();
    const home = await restored(path, code);
    await lie(home);
    expect(await verdictOn(home.directory)).toMatchObject({ kind: 'lie', check });
  });
});

/** As a till would that went on as if nothing were lost: every row but the event says so. */
function keepRights(db: Parameters<Parameters<typeof tamper>[1]>[0]): void {
  const restoration = `(SELECT max(seq) FROM event WHERE kind = 'RESTORED')`;
  db.exec(`
    UPDATE counter SET returned = 0;
    UPDATE balance SET amount = amount - coalesce((SELECT sum(amount) FROM posting
      WHERE seq = ${restoration} AND posting.account = balance.account AND posting.holder = balance.holder), 0);
    DELETE FROM posting WHERE seq = ${restoration};
  `);
}

/** Brings back what was sold before. */
function returnOld(home: Home): void {
  const sale = eventsOf(home).find((event) => event.kind === 'SALE')!;
  seeingNoRestoration(home, (book) => expect(brought(book, sale, [{ n: 0, quantity: 1 }])).toMatchObject({ kind: 'RETURNED' }));
}

/** Takes back what was credited before, when its points are here again. */
async function takeBackOld(home: Home): Promise<void> {
  const credit = eventsOf(home).findLast((event) => event.kind === 'CREDIT')!;
  const book = reopened(home, handClock(later));
  const anew = await writeDown(temporary(onTestFinished), nextFor(book), [{ t: 'GRANT', a: credit.body.accountId, g: points(90_000) }]);
  expect(await apply(home, book, anew.path)).toMatchObject({ kind: 'applied' });
  book.close();
  seeingNoRestoration(home, (blind) => expect(takenBack(blind, credit)).toBe('reversed'));
}

/** The signature is right, the points were not to be had. */
function spendFrozen(home: Home): void {
  const book = reopened(home, handClock(later));
  expect(recycled(book, { bags: [counted('battery', 20)] })).toMatchObject({ kind: 'CREDIT' }); // what it has rights from
  book.close();
  seeingNoRestoration(home, (blind) =>
    expect(sell(blind, { resident: '1', goods: [['1', 1]], chosenPoints: 100 })).toMatchObject({ amt: 100 }),
  );
}

/** Acts as a till without our rules would. */
function seeingNoRestoration(home: Home, act: (book: Book) => void): void {
  tamper(home, (db) => void db.exec(`UPDATE event SET kind = 'NONE' WHERE kind = 'RESTORED'`));
  const book = reopened(home, handClock(later));
  act(book);
  book.close();
  tamper(home, (db) => void db.exec(`UPDATE event SET kind = 'RESTORED' WHERE kind = 'NONE'`));
}

describe('is refused, and leaves nothing behind,', () => {
  const refusal = async (from: string, code: string): Promise<readonly [string, readonly string[]]> => {
    const parent = temporary(onTestFinished);
    const { outcome } = await restore(from, code, join(parent, 'home'));
    return [codeOf(outcome), readdirSync(parent)];
  };

  test('with another code', async () => {
    const { path } = await backedUp();
    expect(await refusal(path, otherCode)).toEqual(['wrong_code', []]);
  });

  test('a file that is none, is not there, or is of a later program', async () => {
    const { path, code, place } = await backedUp();
    const other = join(place, 'other');
    writeFileSync(other, 'no backup');
    expect(await refusal(other, code)).toEqual(['not_a_backup', []]);
    writeFileSync(other, '');
    expect(await refusal(other, code)).toEqual(['not_a_backup', []]);
    expect(await refusal(join(place, 'nothing'), code)).toEqual(['file_missing', []]);
    const bytes = readFileSync(path);
    const length = bytes.readUInt32BE(8);
    const text = Buffer.from(
      bytes
        .subarray(12, 12 + length)
        .toString()
        .replace('jifen-backup-v1', 'jifen-backup-v2'),
    );
    const sum = createHash('sha256').update(text).digest();
    writeFileSync(other, Buffer.concat([bytes.subarray(0, 12), text, sum, bytes.subarray(12 + length + 32)]));
    expect(await refusal(other, code)).toEqual(['newer_format', []]);
  });

  test('cut anywhere', async () => {
    const { path, code, made, place } = await backedUp();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: made.bytes - 1 }), async (length) => {
        const cut = join(place, 'cut');
        copyFileSync(path, cut);
        truncateSync(cut, length);
        expect(await refusal(cut, code)).toEqual([length < 8 ? 'not_a_backup' : 'damaged', []]);
      }),
      { numRuns: 12, examples: [[made.bytes - 1], [8], [7]] },
    );
  });

  test('with a byte changed anywhere, or one more', async () => {
    const { path, code, made, place } = await backedUp();
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: made.bytes - 1 }), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const bytes = Buffer.from(whole);
        bytes[at] = bytes[at]! ^ by;
        const changed = join(place, 'changed');
        writeFileSync(changed, bytes);
        const [told, left] = await refusal(changed, code);
        expect([['damaged', 'not_a_backup', 'wrong_code', 'newer_format'].includes(told), left]).toEqual([true, []]);
      }),
      { numRuns: 20 },
    );
    appendFileSync(path, 'x');
    expect(await refusal(path, code)).toEqual(['damaged', []]);
  });

  test('with chunks swapped, repeated, left out, or of another backup', async () => {
    const home = used.copy();
    writeFileSync(join(home.down, '00000009.note'), createHash('shake256', { outputLength: 900_000 }).update('x').digest()); // does not compress: four chunks
    const { path, code, place } = await backedUp(home);
    const other = await backedUp(home, temporary(onTestFinished));
    const [ours, theirs] = [chunksOf(readFileSync(path)), chunksOf(readFileSync(other.path))];
    expect(ours.chunks.length).toBeGreaterThan(3);
    const [a, b, c, ...rest] = ours.chunks as [Buffer, Buffer, Buffer, ...Buffer[]];
    for (const chunks of [[b, a, c, ...rest], [a, a, b, c, ...rest], [a, c, ...rest], [a, b, c], [theirs.chunks[0]!, b, c, ...rest], []]) {
      const changed = join(place, 'changed');
      writeFileSync(changed, Buffer.concat([ours.head, ...chunks]));
      expect(await refusal(changed, code)).toEqual(['damaged', []]);
    }
  });

  test('whose book is not true', async () => {
    const home = used.copy();
    tamper(home, (db) => void db.exec(`UPDATE balance SET amount = amount + 1 WHERE account = 'esc'`));
    const { path, code } = await backedUp(home);
    expect(await refusal(path, code)).toEqual(['book_false', []]);
  });

  test('into a home that is there', async () => {
    const { path, code, home } = await backedUp();
    const before = eventsOf(home);
    const { outcome } = await restore(path, code, home.directory);
    expect([codeOf(outcome), eventsOf(home)]).toEqual(['home_exists', before]);
  });

  test('where there is no room', async () => {
    const { path, code } = await backedUp();
    const disk = smallDisk(1);
    fill(disk, 100_000);
    const { outcome } = await restore(path, code, join(disk, 'home'));
    expect([codeOf(outcome), readdirSync(disk)]).toEqual(['no_room', ['holiday.jpg', 'lost+found']]);
  });
});

/** A sealed file in its parts. */
function chunksOf(bytes: Buffer): { readonly head: Buffer; readonly chunks: readonly Buffer[] } {
  const start = 12 + bytes.readUInt32BE(8) + 64;
  const chunks: Buffer[] = [];
  for (let at = start; at < bytes.length;) {
    const end = at + 4 + (bytes.readUInt32BE(at) % 2 ** 31) + 16;
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return { head: bytes.subarray(0, start), chunks };
}

describe('the place', () => {
  test('holds nothing that can be read without the code: no name, no key, no table', async () => {
    const { path } = await backedUp();
    const bytes = readFileSync(path).toString('latin1');
    for (const text of ['SQLite', 'PRIVATE KEY', '格桑', 'op1', 'scrypt$'])
      expect(bytes.includes(Buffer.from(text).toString('latin1'))).toBe(false);
    expect(readFacts(path)).toMatchObject({ kiosk: 'qj-03', inc: 1 });
  });

  test('keeps the newest and lets the oldest go, of this kiosk only', async () => {
    const home = used.copy();
    const place = temporary(onTestFinished);
    const foreign = ['qj-030.0001.000000001.2026-01-01.jifenbackup', 'qj-03.holiday.jpg', 'notes.txt'];
    for (const name of foreign) writeFileSync(join(place, name), 'somebody else’s');
    const files: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      goOn(home);
      const made = await backup(home, place, 3);
      if (made.ok) files.push(made.value.file);
    }
    expect(backupsIn(place, 'qj-03')).toEqual(files.slice(-3));
    expect(readdirSync(place).toSorted()).toEqual([...foreign, ...files.slice(-3)].toSorted());
  });

  test('that is missing, may not be written or is full is said to be so, and the good one that was there stays', async () => {
    const home = used.copy();
    expect(await backup(home, join(home.directory, 'nowhere'))).toEqual({ ok: false, code: 'place_missing' });
    const disk = smallDisk(2);
    const first = await backedUp(home, disk);
    const whole = readFileSync(first.path);
    goOn(home);
    fill(disk, 0);
    expect(await backup(home, disk)).toEqual({ ok: false, code: 'place_full' });
    expect([readdirSync(disk).toSorted(), readFileSync(first.path).equals(whole)]).toEqual([
      ['holiday.jpg', 'lost+found', first.made.file].toSorted(),
      true,
    ]);
    rmSync(join(disk, 'holiday.jpg'));
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    expect(await backup(home, disk)).toEqual({ ok: false, code: 'place_read_only' });
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    expect(await backup(home, disk)).toMatchObject({ ok: true });
  });

  test('makes room with its oldest, and keeps two', async () => {
    const home = used.copy();
    const disk = smallDisk(3);
    const made: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      if (n === 4) fill(disk, 20_000);
      goOn(home);
      const outcome = await backup(home, disk, 100);
      if (outcome.ok) made.push(outcome.value.file);
    }
    const kept = backupsIn(disk, 'qj-03');
    expect([made.length, kept.length >= 2, kept.length < 12, kept.at(-1)]).toEqual([12, true, true, made.at(-1)]);
    const { outcome } = await restore(join(disk, kept[0]!), recoveryCodeOf(home));
    expect(codeOf(outcome)).toBe('restored');
  });

  test('shows a half-written one of a power cut to nobody, and the next backup removes it', async () => {
    const { home, place, made, path } = await backedUp();
    const part = join(place, `${made.file.replace('.0001.', '.0002.')}.part`);
    writeFileSync(part, readFileSync(path).subarray(0, 5_000));
    expect(backupsIn(place, 'qj-03')).toEqual([made.file]);
    goOn(home);
    expect(await backup(home, place)).toMatchObject({ ok: true });
    expect([existsSync(part), existsSync(path)]).toEqual([false, true]);
  });
});

describe('a recovery code', () => {
  test('is made with the home, for its owner’s eyes, and again for a home that has none; a damaged one is not replaced', () => {
    const home = used.copy();
    const code = recoveryCodeOf(home);
    expect([
      /^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){6}$/.test(code),
      recoveryCodeOf(home),
      statSync(home.recoveryCode).mode & 0o777,
    ]).toEqual([true, code, 0o600]);
    rmSync(home.recoveryCode);
    expect(recoveryCodeOf(home)).not.toBe(code);
    chmodSync(home.recoveryCode, 0o600);
    writeFileSync(home.recoveryCode, 'torn');
    expect(() => recoveryCodeOf(home)).toThrow('holds no recovery code');
  });

  test('is read however it is typed, and a letter wrong or two swapped is noticed', () => {
    const code = recoveryCodeOf(used.copy());
    expect([code, code.toLowerCase(), code.replaceAll('-', ''), ` ${code.replaceAll('-', ' ')} `].map(parseRecoveryCode)).toEqual(
      Array.from({ length: 4 }, () => code),
    );
    const letters = code.replaceAll('-', '');
    let unnoticed = 0;
    for (let i = 0; i < letters.length; i += 1) {
      const typo = letters.slice(0, i) + (letters[i] === 'A' ? 'B' : 'A') + letters.slice(i + 1);
      if (parseRecoveryCode(typo) !== null) unnoticed += 1;
    }
    expect(unnoticed).toBeLessThanOrEqual(1); // ten bits of check: one in a thousand
    expect([parseRecoveryCode(''), parseRecoveryCode(letters.slice(1)), parseRecoveryCode(`${letters}2`)]).toEqual([null, null, null]);
  });
});
