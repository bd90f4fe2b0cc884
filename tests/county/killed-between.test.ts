// A server that dies after each turn of a long act: what is reclaimed, of credits and of a year's end together, and the look at the whole
// book. Whoever starts next goes on, each row is posted once, and between two turns the book is as true as at the end.

import { hash } from 'node:crypto';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { checkAfterNight } from '../../county/book/after-night.ts';
import { lastChecked } from '../../county/book/checked.ts';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { type CreditRow, disallowing, proposeDisallowing } from '../../county/book/disallowed.ts';
import { expiry, proposeExpiry } from '../../county/book/expiry.ts';
import { addAccount, expectKiosk } from '../../county/book/import-files.ts';
import { enterPaper } from '../../county/book/lost-papers.ts';
import { finishEveryReclaim } from '../../county/book/reclaim-kinds.ts';
import { type Reclaim, findReclaim, postedAtOnce, releaseReclaim, takenBy } from '../../county/book/reclaims.ts';
import { dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { aCounty } from '../support/county-book.ts';
import { morning, temporary } from '../support/county.ts';
import { today } from '../support/sell.ts';
import { awarded, broken, home } from '../support/take-backs.ts';

const kiosk = home;
const credits = postedAtOnce + 5;
const accounts = Array.from({ length: 2 * postedAtOnce + 1 }, (_, i) => `h${String(i).padStart(4, '0')}`);

const cleanings: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const clean of cleanings.toReversed()) await clean();
});

class Killed extends Error {}

/** A server that dies once so many turns of the book are done: nothing that it would do after reaches the book. */
function dying(book: CountyBook, turns: { read?: number; transact?: number }): CountyBook {
  const left = { read: turns.read ?? Infinity, transact: turns.transact ?? Infinity };
  let isDead = false;
  const lived = async <Value>(kind: 'read' | 'transact', turn: () => Promise<Value>): Promise<Value> => {
    if (isDead) throw new Killed();
    const value = await turn();
    isDead = (left[kind] -= 1) === 0;
    if (isDead) throw new Killed();
    return value;
  };
  return {
    ...book,
    read: (work) => lived('read', () => book.read(work)),
    transact: (work) => lived('transact', () => book.transact(work)),
  };
}

/** 501 accounts with a point each, 255 of them with four more by papers of lost credits, which are to be disallowed; then the year ends. */
async function aFullYear(): Promise<Year> {
  let now = morning;
  const county = aCounty(
    (work) => void cleanings.push(work),
    true,
    () => now,
  );
  await county.transact((act) => {
    expectKiosk(act, { kiosk, store: `store-${kiosk}` });
    for (const account of accounts) addAccount(act, { account, home: kiosk, isActive: true });
    for (const [seq, account] of accounts.slice(0, credits).entries()) {
      const leaf = hash('sha256', account, 'base64url');
      enterPaper(act, { kiosk, inc: 1, seq: seq + 1, leaf, kind: 'credit', account, points: 400, fen: 0 });
    }
  });
  await awarded(county, Object.fromEntries(accounts.map((account) => [account, 1])));
  const tickets = accounts.slice(0, credits).map((_, i) => `${kiosk}/1/${i + 1}\n`);
  const wanted = { is: 'list', list: `ticket\n${tickets.join('')}` } as const;
  const list = await proposeDisallowing(county, { wanted, reason: '造假', by: '张三' });
  now += dayMs;
  const through = await proposeExpiry(county, { through: today, reason: '年度到期', by: '张三' });
  if (!list.ok || !through.ok) throw new Error('nothing is proposed');
  await county.close();
  return { directory: county.folder.directory, list: list.value, through: through.value };
}

function started(directory: string): CountyBook {
  const opened = openCounty(directory, { wallMs: () => morning + dayMs });
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}

/** What is left of two lists in the end. */
function standing(db: ReadableDatabase): readonly unknown[] {
  const balances = prepared(db, 'SELECT account, holder, kiosk, amount FROM balance WHERE amount <> 0 ORDER BY account, holder, kiosk');
  const rows = prepared(db, 'SELECT number, n, account, points FROM reclaimed ORDER BY number, n');
  const leaves = prepared(
    db,
    `SELECT entry FROM log_leaf WHERE entry LIKE '%"EXPIRED"%' OR entry LIKE '%"CREDITS_TAKEN_BACK"%' ORDER BY n`,
  );
  return [balances.all(), rows.all(), leaves.all()];
}

interface Year {
  readonly directory: string;
  readonly list: Reclaim;
  readonly through: Reclaim;
}

/** Both are released, one after the other, by servers that do so many turns each; `seen`: the book as each left it. */
async function released(
  { directory: from, list, through }: Year,
  turns: number,
  seen: (book: CountyBook) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly servers: number; readonly end: readonly unknown[] }> {
  const directory = join(temporary(onTestFinished), 'county');
  cpSync(from, directory, { recursive: true });
  for (let servers = 1; ; servers += 1) {
    const book = started(directory);
    try {
      const server = dying(book, { transact: turns });
      await finishEveryReclaim(server); // as a start does
      await release(server, list, (number) => releaseReclaim<CreditRow>(server, disallowing, { number, by: '李四' }));
      await release(server, through, (number) => releaseReclaim(server, expiry, { number, by: '李四' }));
      expect(await broken(book)).toEqual([]);
      return { servers, end: [readdirSync(book.folder.awards).toSorted(), ...(await book.read(standing))] };
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      await seen(book);
    } finally {
      await book.close();
    }
  }
}

async function release(book: CountyBook, { number, about }: Reclaim, begin: (number: number) => Promise<unknown>): Promise<void> {
  const found = await book.read((db) => findReclaim(db, about === today ? expiry : disallowing, number));
  if (found?.state.is === 'waiting') expect(await begin(number)).toEqual({ ok: true, value: null });
}

const year = aFullYear();

test('servers that die after every turn of what is reclaimed leave what one that lives leaves, and between two turns a true book', async () => {
  const { list, through } = await year;
  const whole = await released(await year, Infinity);
  const states: string[] = [];
  const killed = await released(await year, 1, async (book) => {
    const taken = await book.read((db) => [takenBy(db, list.number).rows, takenBy(db, through.number).rows]);
    states.push(taken.join(' '));
    if (states.length % 2 === 1) expect(await broken(book)).toEqual([]); // each takes some tenths of a second
  });
  expect([whole.servers, killed.servers, states]).toEqual([1, 6, ['250 0', '255 0', '255 250', '255 500', '255 501']]);
  expect(killed.end).toEqual(whole.end);
  expect(whole.end.at(-1)).toEqual([/"CREDITS_TAKEN_BACK"/, /"EXPIRED"/].map((told) => ({ entry: expect.stringMatching(told) as string })));
});

test('a look at the whole book that dies in any of its turns leaves nothing, while lists are half posted; the next one finds what holds', async () => {
  const { directory: from, list } = await year;
  const directory = join(temporary(onTestFinished), 'county');
  cpSync(from, directory, { recursive: true });
  const book = started(directory);
  onTestFinished(() => book.close());
  const server = dying(book, { transact: 1 });
  await expect(releaseReclaim<CreditRow>(server, disallowing, { number: list.number, by: '李四' })).rejects.toThrow(Killed);
  const looked = await checkAfterNight(book);
  expect(looked.filter((line) => line.startsWith('BREAK'))).toEqual([]);
  const kept = await book.read(lastChecked);
  await finishEveryReclaim(book);
  for (let read = 1; ; read += 1) {
    const died = await checkAfterNight(dying(book, { read })).then(
      () => false,
      () => true,
    );
    if (!died) break;
    expect(await book.read(lastChecked)).toEqual(kept);
  }
  expect((await book.read(lastChecked))!.entry).toBeGreaterThan(kept!.entry);
});
