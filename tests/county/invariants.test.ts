// The whole book's rules: they hold over a book that was used in every way that these tests know, and each change behind the book's back
// is named with its place.

import { afterAll, expect, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { checkAfterNight } from '../../county/book/after-night.ts';
import { lastChecked } from '../../county/book/checked.ts';
import { type Check, checkBook, lookThrough } from '../../county/book/invariants.ts';
import type { ReadableDatabase } from '../../db/sqlite.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { sell } from '../support/sell.ts';
import { takenBack } from '../support/take-backs.ts';
import { type UsedPair, aUsedPair, award, send, settleDays } from '../support/used-county.ts';

const cleanings: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const clean of cleanings.toReversed()) await clean();
});
const used = aUsedPair((work) => void cleanings.push(work));

/** The checks while the book is changed behind its back. */
async function checksWith(sql: string): Promise<readonly Check[]> {
  const { county } = await used;
  return changedBehind(county, sql, () => checkBook(county, 'whole'));
}

/** As somebody with a SQLite tool would change it: in a transaction that is taken back, on the book's own connection. */
async function changedBehind<Value>(county: CountyBook, sql: string, look: () => Promise<Value>): Promise<Value> {
  await county.read((db) => {
    db.exec('BEGIN; PRAGMA defer_foreign_keys = ON; PRAGMA ignore_check_constraints = ON');
    dropTriggers(db);
    db.exec(sql);
  });
  try {
    return await look();
  } finally {
    await county.read((db) => db.exec('ROLLBACK; PRAGMA ignore_check_constraints = OFF'));
  }
}

function dropTriggers(db: ReadableDatabase): void {
  const triggers = db.prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
}

function broken(checks: readonly Check[]): readonly string[] {
  return checks.flatMap(({ rule, place }) => (place === null ? [] : [`${rule}: ${place}`]));
}

test('every rule holds over a used book, and the identity is told with each of its terms', async () => {
  const { county } = await used;
  const checks = await checkBook(county, 'whole');
  expect(broken(checks)).toEqual([]);
  expect(checks.map(({ rule }) => rule)).toEqual([
    '1–2',
    '5',
    '3',
    '12',
    '17',
    '18',
    '20',
    '24',
    '26',
    '4, 17',
    '5',
    '11',
    '11',
    '19',
    '16',
  ]);
  expect(checks.find(({ rule }) => rule === '26')?.figures).toMatchInlineSnapshot(
    `"awarded 150.50 + others 200.00 + recycled 0.00 = main 0.00 + esc 195.50 + red 35.00 + merchant 0.00 + paid 130.00 + roam 0.00 − due 10.00 + overdraft 0.00 + writeoff 0.00 + suspense 0.00"`,
  );
});

test.each<readonly [string, string, readonly string[]]>([
  [
    'a posting',
    `UPDATE posting SET amount = amount + 1 WHERE entry = (SELECT min(entry) FROM posting) AND n = 0`,
    [
      '1–2: the postings of entry 1 sum to 1 PTS',
      '5: issuance is -35050, its postings sum to -35049',
      '26: issued and recycled 35049, found 35050',
    ],
  ],
  [
    'both halves of a posting',
    `UPDATE posting SET amount = amount * 2 WHERE entry = (SELECT max(entry) FROM posting)`,
    ['5: esc:a1:qj-03 is 13500, its postings sum to 13000', '24: qj-03: redeemed 17000, of it settled 13000 and open 3500'],
  ],
  [
    'a balance',
    `UPDATE balance SET amount = amount + 100 WHERE account = 'esc' AND holder = 'a1'`,
    [
      '1–2: all balances sum to 100 PTS',
      '5: esc:a1:qj-03 is 13600, its postings sum to 13500',
      '11: a1 at qj-03 holds 13600, its events and files make 13500',
    ],
  ],
  [
    'two balances that cancel',
    `UPDATE balance SET amount = amount + CASE account WHEN 'main' THEN 500 ELSE -500 END WHERE holder = 'a2' AND account IN ('main', 'due')`,
    ['5: due:a2:qj-03 is -1500, its postings sum to -1000', '11: 0 is in clearing at qj-03, where 500 came back after it was funded'],
  ],
  ['a counter', `UPDATE counter SET s = s - 1000 WHERE account = 'a1'`, ['5: s of a1 at qj-03/1 is 10500, its events make 11500']],
  [
    'rights that were granted',
    `UPDATE given SET granted = granted + 100 WHERE account = 'a1'`,
    ['11: a1 at qj-03 holds 13500, its events and files make 13600'],
  ],
  [
    'roaming that was funded',
    `UPDATE given SET funded = funded + 100 WHERE account = 'a2' AND kiosk = 'qj-03'`,
    ['11: a2 at qj-03 has 3100 funded, and 3000 left main for it'],
  ],
  [
    'the bytes of an event',
    `UPDATE event SET line = replace(line, '"amt":10000', '"amt":90000') WHERE amt = 10000`,
    ['4, 17: qj-03/1 event 5: its bytes are not those of its leaf', '11: the events it would be made from are not whole'],
  ],
  [
    'a column of an event',
    `UPDATE event SET amt = amt + 1 WHERE amt = 10000`,
    ['4, 17: qj-03/1 event 5: its columns are not what its bytes say', '11: the events it would be made from are not whole'],
  ],
  [
    'whose account a sale is of',
    `UPDATE event SET account = 'a2' WHERE seq = 5`,
    ['4, 17: qj-03/1 event 5: its columns are not what its bytes say', '11: the events it would be made from are not whole'],
  ],
  [
    'an event that is gone',
    `DELETE FROM event WHERE seq = 5`,
    [
      '17: qj-03/1: 16 events 1…17 where 1…17 are posted',
      '18: postings of entry 6, which is neither an event nor an act',
      '24: qj-03: redeemed 6500, of it settled 13000 and open 3500',
      '4, 17: qj-03/1 event 6: it does not follow the event before it',
      '11: the events it would be made from are not whole',
    ],
  ],
  [
    'the end of a chain',
    `UPDATE chain SET to_seq = to_seq - 1`,
    [
      '17: qj-03/1: 17 events 1…17 where 1…16 are posted',
      '4, 17: qj-03/1: event 16 is not its newest leaf',
      '5: s of a1 at qj-03/1 is 11500, its events make 11000',
      '11: the events it would be made from are not whole',
    ],
  ],
  [
    'what an incarnation goes on from',
    `UPDATE chain SET base_inc = inc`,
    ['17: qj-03/1 goes on from incarnation 1, which is not before it'],
  ],
  [
    'its newest leaf',
    `UPDATE chain SET head_leaf = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'`,
    ['4, 17: qj-03/1: event 17 is not its newest leaf', '11: the events it would be made from are not whole'],
  ],
  [
    'what its kiosk signed last',
    `UPDATE event SET sig = (SELECT sig FROM event AS other WHERE other.seq = 16) WHERE seq = 17`,
    ['4, 17: qj-03/1 event 17: no key of the kiosk signed it', '11: the events it would be made from are not whole'],
  ],
  [
    'the key of a kiosk',
    `UPDATE kiosk SET key = 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE' WHERE kiosk = 'qj-03'`,
    ['4, 17: qj-03/1 event 17: no key of the kiosk signed it', '11: the events it would be made from are not whole'],
  ],
  [
    'an act that is gone',
    `DELETE FROM act WHERE kind = 'award'`,
    ['18: postings of entry 12, which is neither an event nor an act', '26: issued and recycled 50100, found 35050'],
  ],
  [
    'an answer',
    `UPDATE answer SET note = replace(note, 'ACCEPTED', 'ACCEPTEE') WHERE number = 1`,
    ['19: answer 1 to qj-03/1/1: not signed by this county'],
  ],
  [
    'the hash of a file in its answer',
    `UPDATE answer SET sha256 = 'BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB' WHERE number = 1`,
    ['19: answer 1 to qj-03/1/1: its text is of another file'],
  ],
  [
    'a second content of a file',
    `INSERT INTO up_file SELECT kiosk, inc, file_seq, 'CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC', path, bytes, received_at, key FROM up_file WHERE file_seq = 1`,
    ['20: two contents of qj-03/1/1 came and nobody was told'],
  ],
  ['a day’s figures', `UPDATE closing SET red = red + 100 WHERE number = 1`, ['24: settlement qj-03/1/1 is of 13000, its days of 13100']],
  [
    'a settlement’s points',
    `UPDATE settlement SET points = points + 100`,
    ['24: qj-03: redeemed 16500, of it settled 13100 and open 3500'],
  ],
  ['a settlement’s money', `UPDATE settlement SET owed_fen = owed_fen + 100`, ['24: merchant baire: 1400 fen settled, 1300 owed and paid']],
  ['a day settled nowhere', `DELETE FROM settled_day`, ['24: settlement qj-03/1/1 is of 13000, its days of 0']],
  ['an award', `UPDATE award_batch SET points = points + 100`, ['26: issued and recycled 35150, found 35050']],
  ['a release', `DELETE FROM award_release`, ['26: issued and recycled 20000, found 35050']],
  [
    'who released a list',
    `UPDATE award_release SET released_by = upper((SELECT proposed_by FROM award_batch WHERE id = batch)) || ' '`,
    ['26: list 1 was proposed and released by zhang alone'],
  ],
  [
    'a line of a file',
    `UPDATE down_line SET granted = granted + 100 WHERE account = 'a1' AND granted IS NOT NULL`,
    ['5: g of a1 at qj-03/1 is 25000, its events make 25100'],
  ],
  [
    'the hash of a file',
    `UPDATE down_file SET sha256 = 'DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD' WHERE down_seq = 2`,
    ['5: g of a1 at qj-03/1 is 25000, its events make 20000'],
  ],
  ['a voucher', `UPDATE voucher SET amount = amount + 100`, ['16: voucher 1 of a2 at qj-03 is not what was signed']],
  ['a voucher that is gone', `DELETE FROM voucher`, ['16: 1 vouchers of a2 at qj-03 are within its rights, 0 are kept']],
  [
    'roaming lines',
    `INSERT INTO roam_line SELECT 'k' || value, 'a2', 1, 5000 FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3 UNION SELECT 4)`,
    ['12: a2 has 5 open lines'],
  ],
  [
    'the bound of a line',
    `UPDATE down_line SET cap = 1 WHERE cap IS NOT NULL`,
    ['3: a2 at qj-03: 1000 unsettled, no line was ever above 1'],
  ],
  ['the bound of a kiosk', `UPDATE kiosk SET roaming_cap = 1`, ['3: qj-03: 1000 unsettled of 1']],
  [
    'a payment',
    `UPDATE settlement_word SET paid_fen = paid_fen - 1 WHERE state = 'paid'`,
    ['24: merchant baire: paid 1300 fen by the postings, 1299 by the words about its settlements'],
  ],
])('%s changed behind the book is named', async (_, sql, places) => {
  expect(broken(await checksWith(sql))).toEqual(places);
});

/**
 * What the night after next finds, where the last found nothing: one more day of sales, an award, a settlement, and then `sql` behind the
 * book's back. By rule; `first`: by a night that knows of none before.
 */
async function foundAfter(sql: string): Promise<{ readonly next: readonly string[]; readonly first: readonly string[] }> {
  const { county } = await lookedAt;
  const kept = await county.read(lastChecked);
  if (kept === null) throw new Error('the last night kept what it found');
  return changedBehind(county, sql.replaceAll(':kept', String(kept.entry)), async () => ({
    next: rulesBroken(await lookThrough(county, { kept })),
    first: rulesBroken(await lookThrough(county)),
  }));
}

function rulesBroken({ checks }: { readonly checks: readonly Check[] }): readonly string[] {
  return checks.flatMap(({ rule, place }) => (place === null ? [] : [rule]));
}

const lookedAt = aPairLookedAt();

async function aPairLookedAt(): Promise<UsedPair> {
  const pair = await aUsedPair((work) => void cleanings.push(work));
  const { county, kiosk } = pair;
  await checkAfterNight(county);
  openDay(kiosk.book, '2026-11-24');
  sell(kiosk.book, { resident: '1', goods: [['1', 1]], chosenPoints: 700, day: '2026-11-24' });
  sell(kiosk.book, { resident: '2', goods: [['2', 1]], chosenPoints: 900, day: '2026-11-24' });
  closeDay(kiosk.book, { day: '2026-11-24' });
  settleDays(kiosk, 2, '2026-11-24');
  await send(county, kiosk);
  await takenBack(county, 1, { is: 'each', points: 100 });
  await award(county, 'a1,7\na2,9\n');
  return pair;
}

test('in turns of any length the same is found, what comes between them is no break, and a look that is broken off says so', async () => {
  const { county } = await lookedAt;
  const whole = await lookThrough(county);
  const kept = await county.read(lastChecked);
  expect(rulesBroken(whole)).toEqual([]);
  for (const rows of [1, 3, 7]) expect(await lookThrough(county, { rows, kept })).toEqual(whole);

  const looking = lookThrough(county, { rows: 1, kept });
  for (let n = 1; n <= 3; n += 1) await award(county, `a1,${n}\na2,${n}\n`);
  const seen = await looking;
  expect([rulesBroken(seen), seen.found!.entry > whole.found!.entry]).toEqual([[], true]);
  expect(rulesBroken(await lookThrough(county, { kept }))).toEqual([]);
  await expect(lookThrough(county, { until: AbortSignal.abort() })).rejects.toThrow('aborted');
});

const newest = 'entry = (SELECT max(entry) FROM posting)';

test.each<readonly [string, string, readonly string[]]>([
  ['a new posting', `UPDATE posting SET amount = amount + 1 WHERE ${newest} AND n = 0`, ['1–2', '5']],
  ['both halves of a new one', `UPDATE posting SET amount = amount * 2 WHERE ${newest}`, ['5', '26']],
  ['a balance', `UPDATE balance SET amount = amount + 100 WHERE account = 'esc' AND holder = 'a1'`, ['1–2', '5']],
  [
    'two balances that cancel',
    `UPDATE balance SET amount = amount + CASE holder WHEN 'a1' THEN 500 ELSE -500 END WHERE holder IN ('a1', 'a2') AND account = 'main'`,
    ['5'],
  ],
  ['a new event that is gone', `DELETE FROM event WHERE kind = 'SALE' AND entry > :kept`, ['17', '18', '24']],
  ['the end of a chain', `UPDATE chain SET to_seq = to_seq - 1`, ['17']],
  ['a new act that is gone', `DELETE FROM act WHERE kind = 'award' AND entry > :kept`, ['18', '26']],
  ['a new settlement’s points', `UPDATE settlement SET points = points + 100 WHERE number = 2`, ['24']],
  ['a new award', `UPDATE award_batch SET points = points + 100 WHERE id = 2`, ['26']],
  ['who released a taking back', `DELETE FROM take_back_release`, ['26']],
  [
    'a taking back of one person',
    `UPDATE take_back_release SET released_by = (SELECT proposed_by FROM take_back WHERE take_back.number = take_back_release.number)`,
    ['26'],
  ],
  ['a line that is told', `UPDATE roam_line SET cap = 0; UPDATE down_line SET cap = 1 WHERE cap > 0`, ['3']],
  ['an older posting alone', `UPDATE posting SET amount = amount + 1 WHERE entry = 1 AND n = 0`, ['1–2', '5', '26']],
  [
    'an entry before the first, with its balances,',
    `INSERT INTO posting SELECT 0, n, account, holder, kiosk, commodity, amount FROM posting WHERE entry = 1 AND n IN (0, 1);
     UPDATE balance SET amount = (SELECT sum(amount) FROM posting AS p
       WHERE p.account = balance.account AND p.holder = balance.holder AND p.kiosk = balance.kiosk AND p.commodity = balance.commodity)`,
    ['5', '18'],
  ],
])('%s changed behind the book since the last night is found', async (_, sql, rules) => {
  expect(await foundAfter(sql)).toEqual({ next: rules, first: rules });
});

test('an older posting that is altered together with its balances is found by who knows how it was', async () => {
  const sql = `UPDATE posting SET amount = amount * 2 WHERE entry = (SELECT min(entry) FROM posting) AND n IN (0, 1);
    UPDATE balance SET amount = (SELECT sum(amount) FROM posting AS p
      WHERE p.account = balance.account AND p.holder = balance.holder AND p.kiosk = balance.kiosk AND p.commodity = balance.commodity)`;
  expect(await foundAfter(sql)).toEqual({ next: ['5'], first: [] });
});

test('a night keeps what it found where all holds; what agrees with itself and was another before is told once', async () => {
  const { county } = await lookedAt;
  const entry = async (): Promise<number | undefined> => (await county.read(lastChecked))?.entry;
  const before = (await entry())!;
  await checkAfterNight(county);
  expect(await entry()).toBeGreaterThan(before);
  const about = `{"entry":3,"wholeAt":5,"others":0,"credited":0,"held":{},"print":"-7"}`; // of a night of before, of another book
  await county.transact((act) => void act.enter('checked', about));
  const breaks = async (): Promise<readonly string[]> => (await checkAfterNight(county)).filter((line) => line.startsWith('BREAK'));
  expect([await entry(), await breaks(), await breaks()]).toEqual([
    3,
    [
      expect.stringContaining(
        'R6 5      every balance is the sum of its postings: what is posted up to entry 3 is not what it was when every rule held',
      ),
    ],
    [],
  ]);
  await county.transact((act) => void act.enter('checked', '{"entry":5}'));
  expect([await entry(), await breaks()]).toEqual([undefined, []]);
});

test('after a night a break is the committee’s to look at, once, and the identity is printed', async () => {
  const { county } = await used; // the last test: what it does to the book stays
  await county.read((db) => {
    dropTriggers(db);
    db.exec('UPDATE settlement SET points = points + 100');
  });
  const said = await checkAfterNight(county);
  expect(said.map((line) => line.replace(/-[A-Za-z0-9_-]{43}\./, '-.'))).toMatchInlineSnapshot(`
    [
      "BREAK R6 24     what was redeemed is in one settlement, or open: qj-03: redeemed 16500, of it settled 13100 and open 3500 (1 settlements, 131.00 points)",
      "FAULT qj-03/1 settlement 1: kiosk 130.00 = ¥13.00, county 130.00 = ¥13.00, merchant 131.00 = ¥13.00: its days were of 13000 points, the county moved 13100; look at files/qj-03/1/00000001-.jsonl.gz line 18",
      "ok    R6 26     points: awarded 150.50 + others 200.00 + recycled 0.00 = main 0.00 + esc 195.50 + red 35.00 + merchant 0.00 + paid 130.00 + roam 0.00 − due 10.00 + overdraft 0.00 + writeoff 0.00 + suspense 0.00",
      "compared in three ways: 3 agreed, 1 not_settled, 1 unnamed",
    ]
  `);
  await checkAfterNight(county);
  expect((await county.read(openExceptions)).map(({ code, owner, detail }) => [code, owner, detail])).toMatchInlineSnapshot(`
    [
      [
        "book_untrue",
        "committee",
        "R6 24: qj-03: redeemed 16500, of it settled 13100 and open 3500",
      ],
      [
        "book_untrue",
        "committee",
        "settlement 1: its days were of 13000 points, the county moved 13100",
      ],
    ]
  `);
});
