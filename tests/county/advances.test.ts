// What the county advanced, as people write it off: each advance by its shop and account, read by the postings of its accounts alone, and
// what waits for a second person can be taken away.

import { expect, onTestFinished, test } from 'vitest';
import {
  advance,
  advancedTo,
  everyRepayable,
  repayAdvancesByNight,
  repayableAt,
  shownRepayable,
  writeOffAdvances,
} from '../../county/book/advances.ts';
import { inClearing } from '../../county/book/clearing.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { moved } from '../../county/book/ledger.ts';
import { proposeRepair, releaseRepair, waitingRepairs, withdrawRepair } from '../../county/book/repairs.ts';
import { advancesPart } from '../../county/pages/advances.ts';
import { repairCommands } from '../../county/repair-commands.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { aPair } from '../support/county-book.ts';

/** As if the book had been put back: a1 was told of 10 points at one shop and 2 at another, a3 of 4, and a1 has 7 of its own since. */
async function advanced(): Promise<CountyBook> {
  const { county } = await aPair(onTestFinished);
  await county.transact((act) => {
    act.db.exec('UPDATE county SET put_back_entry = 1');
    advance(act, { account: 'a1', kiosk: 'qj-03', amount: 1_000 });
    advance(act, { account: 'a1', kiosk: 'qj-04', amount: 200 });
    advance(act, { account: 'a3', kiosk: 'qj-03', amount: 400 });
    act.enter('spent', 'what was advanced');
    for (const [account, amount] of [
      ['a1', 1_200],
      ['a3', 400],
    ] as const)
      act.post(moved({ account: 'main', holder: account }, { account: 'red', at: 'qj-03' }, amount));
    act.enter('award', '1 a1');
    act.post(moved({ account: 'issuance' }, { account: 'main', holder: 'a1' }, 700));
    repayAdvancesByNight(act, 'a1');
  });
  return county;
}

const everyone = { kiosk: 'qj-03', account: null };

test('advances are told shop by shop with what repaid them, and what was written off is told no more', async () => {
  const county = await advanced();
  expect(await county.read((db) => [...everyRepayable(db)])).toEqual([
    [
      'qj-03',
      [
        { kiosk: 'qj-03', account: 'a1', open: 300, repaid: 700 },
        { kiosk: 'qj-03', account: 'a3', open: 400, repaid: 0 },
      ],
    ],
    ['qj-04', [{ kiosk: 'qj-04', account: 'a1', open: 200, repaid: 0 }]],
  ]);
  const shown = await county.read((db) => shownRepayable(repayableAt(db, everyone)));
  await county.transact((act) => writeOffAdvances(act, { kiosk: 'qj-03', account: 'a1' }));
  expect(await county.read((db) => [repayableAt(db, everyone), repayableAt(db, { kiosk: 'qj-03', account: 'a1' })])).toEqual([
    [{ account: 'a3', open: 400, repaid: 0 }],
    [],
  ]);
  expect(await county.read((db) => shownRepayable(repayableAt(db, everyone)))).not.toBe(shown);
});

test('a shop of which one account was written off is not called written off while something of another is open', async () => {
  const county = await advanced();
  const stateOf = async (): Promise<string | undefined> => {
    const row = (await advancesPart(county))!.text.split('<tr>').find((each) => each.includes('qj-03</small>'));
    return /class="state \w+">(.*?)</.exec(row!)?.[1];
  };
  const writeOff = (number: number, account: string): Promise<void> =>
    county.transact((act) => {
      const what = JSON.stringify({ kind: 'write_off', kiosk: 'qj-03', account });
      prepared(act.db, `INSERT INTO repair (number, what, proposed_by, at) VALUES (?, ?, 'li', 1)`).run(number, what);
      prepared(act.db, `INSERT INTO repair_release (number, released_by, at) VALUES (?, 'wang', 1)`).run(number);
      writeOffAdvances(act, { kiosk: 'qj-03', account });
    });
  expect(await stateOf()).toBe(undefined);
  await writeOff(1, 'a1');
  expect(await stateOf()).toBe('核销过一部分');
  await writeOff(2, 'a3');
  expect(await stateOf()).toBe('已核销');
});

test('what is asked of an account reads its own postings, and not those of the whole book', async () => {
  const county = await advanced();
  const plans = await county.read((db) => {
    const asked: string[] = [];
    const spy = { prepare: (sql: string) => (asked.push(sql), db.prepare(sql)) } as unknown as ReadableDatabase; // it is asked nothing else
    advancedTo(spy, 'a1');
    repayableAt(spy, { kiosk: 'qj-03', account: 'a1' });
    inClearing(spy, { kiosk: 'qj-03', account: 'a1', funded: 0, roamed: 0 });
    return asked
      .filter((sql) => sql.includes('posting'))
      .map((sql) => {
        const values = Array.from({ length: sql.split('?').length - 1 }, () => 'a1');
        const steps = db.prepare<string[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
        return steps.map(({ detail }) => detail).filter((detail) => /posting|^SEARCH [pq] |^SCAN [pq]$/.test(detail))[0];
      });
  });
  expect(plans).toEqual([
    'SEARCH posting USING INDEX posting_holder (holder=?)',
    'SEARCH posting USING INDEX posting_holder (holder=?)',
    'SEARCH posting USING INDEX posting_holder (holder=?)',
    'SEARCH q USING INDEX posting_holder (holder=?)',
  ]);
});

test('whose release is refused because rights lie at a shop that does not come back is told which shop, as who proposes it is', async () => {
  const county = await advanced();
  await county.transact((act) => {
    act.db.exec('UPDATE kiosk SET taken_entry = (SELECT max(entry) FROM act)'); // both were heard since
  });
  const said: string[] = [];
  const terminal = { say: (text: string) => void said.push(text), complain: (text: string) => void said.push(text) };
  const writeOff = (options: Readonly<Record<string, string>>): Promise<number> =>
    repairCommands['write-off']!(county, { words: [], ...options }, terminal);
  expect(await writeOff({ kiosk: 'qj-04', by: 'li' })).toBe(0);
  await county.transact((act) => {
    act.db.exec(`UPDATE kiosk SET state = 'revoked' WHERE kiosk = 'qj-03'`);
    act.enter('award', '2 a1');
    act.post(moved({ account: 'issuance' }, { account: 'esc', holder: 'a1', at: 'qj-03' }, 100));
  });
  for (const options of [
    { kiosk: 'qj-04', by: 'li' },
    { release: '1', by: 'wang' },
  ]) {
    expect(await writeOff(options)).toBe(1);
    expect(said.at(-1)).toMatch(/which brings them home and repays this: qj-03\n$/);
  }
});

test('a repair that waits for a second person is taken away by its kind, once, and released by nobody then', async () => {
  const { county } = await aPair(onTestFinished);
  const repair = { kind: 'adjust', kiosk: 'qj-03', fen: 500, zh: '补一笔' } as const;
  for (let n = 1; n <= 2; n += 1) expect(await proposeRepair(county, { repair, by: 'li' })).toEqual({ ok: true, value: n });
  expect(await withdrawRepair(county, { number: 1, kind: 'write_off', by: 'li' })).toEqual({ ok: false, code: 'unknown' });
  expect(await withdrawRepair(county, { number: 1, kind: 'adjust', by: ' ' })).toEqual({ ok: false, code: 'nobody' });
  expect(await withdrawRepair(county, { number: 1, kind: 'adjust', by: 'li' })).toMatchObject({ ok: true });
  expect((await county.read(waitingRepairs)).map(({ number }) => number)).toEqual([2]);
  expect(await releaseRepair(county, { number: 1, kind: 'adjust', by: 'wang' })).toEqual({ ok: false, code: 'withdrawn' });
  const said: string[] = [];
  const terminal = { say: (text: string) => void said.push(text), complain: (text: string) => void said.push(text) };
  const adjust = (options: Readonly<Record<string, string>>): Promise<number> =>
    repairCommands['adjust']!(county, { words: ['adjust'], ...options }, terminal);
  expect(await adjust({ release: '2', withdraw: '2', by: 'wang' })).toBe(2); // which of the two
  said.length = 0;
  expect([await adjust({ withdraw: '1', by: 'li' }), await adjust({ withdraw: '2' }), await adjust({ withdraw: '2', by: 'wang' })]).toEqual(
    [1, 2, 0],
  );
  expect([said[0], said.at(-1)]).toEqual(['not withdrawn: it was withdrawn\n', '2 is withdrawn: nobody releases it\n']);
  expect(await adjust({ release: '2', by: 'wang' })).toBe(1);
  expect(await proposeRepair(county, { repair, by: 'li' })).toEqual({ ok: true, value: 5 });
});
