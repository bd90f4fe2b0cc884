// The verifier: says yes to a book that was sold from, and names the place of every lie, whoever told it.

import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { leafOf } from '../../db/book.ts';
import { keptDownFile, notePathOf } from '../../db/down.ts';
import { type Home, readSigner } from '../../db/home.ts';
import { migrations } from '../../db/migrate.ts';
import { openMemory } from '../../db/sqlite.ts';
import { fen, points } from '../../db/model/amounts.ts';
import { canonical, type Plain } from '../../db/model/canonical.ts';
import { type BookEvent, type SaleBody, signedText } from '../../db/model/event.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { type Verdict, verifyHome } from '../../db/verify.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';
import { pulledPlug, reopened, tamper } from '../support/book.ts';
import { enrol, handClock, makeKiosk, morning, resident, scheme } from '../support/county.ts';
import { type SellOptions, sell, today } from '../support/sell.ts';
import { type UsedKiosk, usedKiosk } from '../support/used-kiosk.ts';
import { verdictOn } from '../support/verify.ts';
import { fc } from '../support/property.ts';

let used: UsedKiosk;
/** The same, and everything that can happen at a recycling desk. */
let recycling: UsedKiosk;
beforeAll(async () => {
  used = await usedKiosk();
  recycling = await usedKiosk({ withDesk: true });
});
afterAll(() => {
  used.remove();
  recycling.remove();
});

function filesIn(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(directory, name)).isFile());
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(directory, name)))
        .digest('hex'),
    ]),
  );
}

/** The verdict after somebody changed the closed book behind its back. */
async function afterTampering(work: (db: Database.Database) => void, kiosk = used): Promise<Verdict> {
  const home = kiosk.copy();
  tamper(home, (db) => {
    db.pragma('foreign_keys = OFF');
    work(db);
  });
  const verdict = await verdictOn(home.directory);
  rmSync(home.directory, { recursive: true });
  return verdict;
}

describe('a book that was sold from', () => {
  test('passes every check, and each is told', async () => {
    const lines: string[] = [];
    expect(await verifyHome(used.copy().directory, (line) => lines.push(line))).toEqual({ kind: 'true' });
    expect(lines.map((line) => line.replace(/^ok {2}([a-z ]+): .*$/, '$1'))).toEqual([
      'file',
      'integrity',
      'schema',
      'identity',
      'chain',
      'signatures',
      'business dates',
      'operators',
      'county files',
      'postings',
      'balances',
      'counters',
      'rights and vouchers',
      'sales',
      'returns',
      'credits',
      'scales',
      'handed over',
      'closings',
      'settlements',
      'drawer',
      'approvals',
      'upkeep',
      'up files',
      'print jobs',
      'left out',
      'county roots',
      'reference',
      'anchor',
    ]);
    expect(lines.find((line) => line.includes('sales:'))).toMatch(/^ok {2}sales: 7 sales/);
  });

  test('and bottles taken in at passes, too', async () => {
    const lines: string[] = [];
    expect(await verifyHome(recycling.copy().directory, (line) => lines.push(line), readKeptFrames)).toEqual({ kind: 'true' });
    expect(lines.filter((line) => /^ok {2}(business dates|credits|scales|handed over|approvals):/.test(line))).toEqual([
      'ok  business dates: none comes again after a later one; 0 clock steps of more than ten minutes',
      'ok  credits: 4 credits and their ticket numbers without a gap, at the rates and caps in force; 0 weighed on a simulated scale, 2 taken back',
      'ok  scales: 1 scale set up by a known weight; 6 weighings, each used once, of a scale found good before it that day; frames decoded',
      'ok  handed over: 1 hand-over, each of what was on hand',
      'ok  approvals: 5 leaves given, 5 used, each once and for its act',
    ]);
  });

  test('is looked at without leaving a trace in its home', async () => {
    const home = used.copy();
    const before = filesIn(home.directory);
    await verdictOn(home.directory);
    expect(filesIn(home.directory)).toEqual(before);
  });

  test('passes as a power cut left it, its last sales still in the log, and the log stays', async () => {
    const home = used.copy();
    const book = reopened(home, handClock(morning + 300_000));
    sell(book);
    const image = pulledPlug(home.directory);
    book.close();
    const before = filesIn(image);
    expect(Object.keys(before)).toContain('book.db-wal');
    expect(await verdictOn(image)).toEqual({ kind: 'true' });
    expect(filesIn(image)).toEqual(before);
    rmSync(join(image, '..'), { recursive: true });
  });

  test('is not judged while its kiosk runs', async () => {
    const home = used.copy();
    const book = reopened(home, handClock(morning + 300_000));
    expect(await verdictOn(home.directory)).toEqual({
      kind: 'unchecked',
      what: expect.stringContaining(`the kiosk is running and holds ${home.book}: stop it`),
    });
    book.close();
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  });

  test('is called no liar where its kiosk was started and sold while it was looked at', async () => {
    const home = used.copy();
    let book: ReturnType<typeof reopened> | null = null;
    const verdict = await verifyHome(home.directory, (line) => {
      if (book !== null || !line.startsWith('ok  identity:')) return;
      book = reopened(home, handClock(morning + 300_000));
      sell(book);
      book.close(); // its anchor is past the copy that is looked at
    });
    expect(book).not.toBeNull();
    expect(verdict).toEqual({ kind: 'unchecked', what: expect.stringContaining('the kiosk is running') });
  });

  test('may lack its key and its anchor: the book itself says whose it is', async () => {
    const home = used.copy();
    rmSync(home.key);
    rmSync(home.anchor);
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  });
});

/** Tables that are proved to the last cell, and where a lie in one of them is found. */
const proved: Readonly<Record<string, RegExp>> = {
  event: /^event \d+$/,
  posting: /^(table posting|event \d+)/,
  balance: /^table balance/,
  counter: /^table counter/,
  sale: /^(table sale|event \d+|table print_job)/,
  down_file: /^table down_file/,
  meta: /^(table meta|keys\/kiosk\.pem)/,
  scheme: /^table scheme/,
  shop: /^table shop/,
  county_key: /^table county_key/,
  operator: /^table operator/,
  goods: /^table goods/,
  goods_code: /^table goods_code/,
  resident: /^table resident/,
  county_balance: /^table county_balance/,
  roaming: /^table roaming/,
  denied_card: /^table denied_card/,
};

/** Those that only a recycling desk fills. */
const provedAtDesk: typeof proved = {
  credit: /^(table (credit|credit_line|credit_reversal|print_job)|event)\b/,
  credit_line: /^table credit_line/,
  credit_reversal: /^(table credit_reversal|event)\b/, // a ticket's figures ask the table, too
  scale_set: /^table scale_set/,
  scale_check: /^table scale_check/,
  handed_over_line: /^table handed_over_line/,
};

const everyProved = [
  ...Object.entries(proved).map(([table, place]) => ({ table, place, kiosk: () => used })),
  ...Object.entries(provedAtDesk).map(([table, place]) => ({ table, place, kiosk: () => recycling })),
];

describe('a lie in the tables', () => {
  test.each(everyProved)('in any column of $table is found, and its place told', async ({ table, place, kiosk }) => {
    const choice = fc.record({ row: fc.nat(), place: fc.nat(), by: fc.integer({ min: 1, max: 127 }) });
    for (const column of columnsOf(table)) {
      let said = '';
      const verdict = await afterTampering((db) => {
        for (const each of fc.sample(choice, 10)) said ||= changeCell(db, table, { ...each, column });
      }, kiosk());
      // No lie can be told in a column that has one value only, as the id of the shop.
      if (said === '') expect(verdict).toEqual({ kind: 'true' });
      else expect({ said, verdict }).toMatchObject({ verdict: { kind: 'lie', place: expect.stringMatching(place) } });
    }
  });

  test.each(everyProved)('a row of $table that is gone is missed', async ({ table, kiosk }) => {
    for (const end of ['ASC', 'DESC']) {
      const verdict = await afterTampering((db) => {
        const columns = db.pragma(`table_info(${table})`) as readonly { name: string; pk: number }[]; // as SQLite documents
        const keys = columns.filter((each) => each.pk > 0).map((each) => each.name);
        const order = keys.map((name) => `${name} ${end}`).join(', ');
        const picked = `SELECT ${keys.join(', ')} FROM ${table} ORDER BY ${order} LIMIT 1`;
        expect(db.prepare(`DELETE FROM ${table} WHERE (${keys.join(', ')}) IN (${picked})`).run().changes).toBe(1);
      }, kiosk());
      expect({ table, end, kind: verdict.kind }).toEqual({ table, end, kind: 'lie' });
    }
  });

  test.each([
    [
      'a line one letter off',
      `UPDATE event SET line = replace(line, '"op":"op1"', '"op":"op2"') WHERE seq = 5`,
      'event 5',
      'its leaf is not the hash of its line',
    ],
    ['an act filed as another', `UPDATE event SET kind = 'REFUSED' WHERE seq = 3`, 'event 3', 'its columns are not what its line says'],
    ['a missing event', 'DELETE FROM event WHERE seq = 1', 'event 2', 'follows 0: a number is missing'],
    [
      'an operator who takes a shift off the books',
      'DELETE FROM event WHERE seq = 4',
      'table posting, row ?',
      'belongs to no row of event',
    ],
    [
      'rights from nowhere',
      `INSERT INTO posting VALUES (3, 2, 'issuance', '', 'PTS', -5), (3, 3, 'esc', 'a1', 'PTS', 5)`,
      'table posting, event 3, row 2',
      'is of no act of its event',
    ],
    [
      'rights for a friend',
      `INSERT INTO balance VALUES ('esc', 'a9', 'PTS', 100000)`,
      'table balance, esc a9 PTS',
      'says 100000, its postings sum to nothing',
    ],
    [
      'a counter wound on',
      `UPDATE counter SET granted = granted + 1 WHERE account_id = 'a1'`,
      'table counter, a1, granted',
      'says 25001, the events make 25000',
    ],
    [
      'a settlement before its time',
      `UPDATE counter SET roamed_settled = roamed WHERE account_id = 'a2'`,
      'table counter, a2, roamedSettled',
      'says 4000, the events make 2000',
    ],
    [
      'a receipt with another number',
      `UPDATE sale SET receipt_number = 'qj-03-000099' WHERE seq = 5`,
      'table sale, row 5',
      'is not what event 5 says',
    ],
    [
      'a price that the county did not set',
      `UPDATE goods SET doc = replace(doc, '"priceFen":1300', '"priceFen":130') WHERE id = '1'`,
      'table goods, row 1',
      'is not what the county said',
    ],
    [
      'a resident let into another group',
      `UPDATE resident SET group_id = 'cadre' WHERE id = 1`,
      'table resident, row 1',
      'is not what the county said',
    ],
    ['an allowance raised', `UPDATE roaming SET cap = 900000`, 'table roaming, row a2', 'is not what the county said'],
    ['an operator of nobody', `INSERT INTO operator VALUES ('op9', '{}', 2)`, 'table operator, row op9', 'is not what the county said'],
    ['a card no longer denied', 'DELETE FROM denied_card', 'table denied_card', `has 0 rows, the county's files make 1`],
    [
      'a file the county never sent',
      `INSERT INTO down_file VALUES (3, 'x', 1, 1, 5)`,
      'table down_file, row 3',
      'is of no event in the chain',
    ],
    ['a job for no sale', `UPDATE print_job SET act_seq = 1 WHERE copy = 1`, /^table print_job, row/, 'belongs to no act that has a paper'],
    ['a job for no act at all', `UPDATE print_job SET act_seq = 99 WHERE copy = 1`, /^table print_job, row/, 'belongs to no row of event'],
  ] as const)('%s is named', async (_what, sql, place, what) => {
    const verdict = await afterTampering((db) => db.exec(sql));
    expect(verdict).toMatchObject({ kind: 'lie', place: typeof place === 'string' ? place : expect.stringMatching(place), what });
  });

  test('a sale that no event knows is named, also after the last sale', async () => {
    const home = used.copy();
    reopened(home, handClock(morning + 300_000)).close();
    tamper(home, (db) => db.exec(`INSERT INTO sale VALUES (15, 'x', 'qj-03-000008', '2026-11-21', NULL, 0, 0)`));
    expect(await verdictOn(home.directory)).toEqual({
      kind: 'lie',
      check: 'sales',
      place: 'table sale, row 15',
      what: 'is of no sale in the chain',
    });
  });

  test('two events that changed places are found at the first of them', async () => {
    const verdict = await afterTampering((db) => {
      const [fourth, fifth] = db.prepare('SELECT * FROM event WHERE seq IN (4, 5)').all() as readonly { id: string }[];
      const put = db.prepare('UPDATE event SET id = @id, kind = @kind, line = @line, leaf = @leaf, sig = @sig WHERE seq = @at');
      put.run({ ...fourth, id: 'aside', at: 5 });
      put.run({ ...fifth, at: 4 });
      put.run({ ...fourth, at: 5 });
    });
    expect(verdict).toEqual({ kind: 'lie', check: 'chain', place: 'event 4', what: 'its line says 5' });
  });
});

describe('a lie told with more care', () => {
  test('a chain written anew after a change, all leaves right, has no signature', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 3, max: 8 }), async (from) => {
        const verdict = await afterTampering((db) => rewriteFrom(db, from, null));
        expect(verdict).toEqual({ kind: 'lie', check: 'chain', place: `event ${from}`, what: 'its signature is not the kiosk’s' });
      }),
      { numRuns: 6 },
    );
  });

  test('the newest events cut off with all that they did: the anchor remembers', async () => {
    const verdict = await afterTampering((db) => {
      const { seq } = db.prepare('SELECT max(seq) AS seq FROM event').get() as { seq: number };
      const rows = db.prepare('SELECT account, holder, commodity, amount FROM posting WHERE seq = ?').all(seq) as readonly Record<
        string,
        unknown
      >[];
      for (const row of rows)
        db.prepare(
          'UPDATE balance SET amount = amount - @amount WHERE account = @account AND holder = @holder AND commodity = @commodity',
        ).run(row);
      const { body } = JSON.parse((db.prepare('SELECT line FROM event WHERE seq = ?').get(seq) as { line: string }).line) as {
        body: SaleBody;
      };
      db.prepare('UPDATE counter SET spent = spent - ? WHERE account_id = ?').run(body.redemption!.fromRights, body.accountId);
      for (const sql of [
        'DELETE FROM print_job WHERE act_seq = ?',
        'DELETE FROM sale WHERE seq = ?',
        'DELETE FROM posting WHERE seq = ?',
        'DELETE FROM event WHERE seq = ?',
      ])
        db.prepare(sql).run(seq);
    });
    expect(verdict).toMatchObject({ kind: 'lie', check: 'anchor', place: 'event 14' });
  });

  test('a sale changed and the chain signed anew with the stolen key does not fit the anchor or its postings', async () => {
    const home = used.copy();
    const { privateKey } = readSigner(home)!;
    tamper(home, (db) => rewriteFrom(db, 6, (text) => sign(null, Buffer.from(text), privateKey)));
    expect(await verdictOn(home.directory)).toMatchObject({ kind: 'lie', place: 'table posting, event 6, row 0' });
  });

  test('a line spelt otherwise and signed with the stolen key says the same and is a lie', async () => {
    const home = used.copy();
    const { privateKey } = readSigner(home)!;
    tamper(home, (db) => {
      const { line } = db.prepare('SELECT line FROM event WHERE seq = 13').get() as { line: string };
      const spelt = line.replace('{', '{ ');
      const leaf = leafOf(spelt);
      const text = signedText(JSON.parse(spelt) as BookEvent, leaf.toString('base64url'));
      db.prepare('UPDATE event SET line = ?, leaf = ?, sig = ? WHERE seq = 13').run(spelt, leaf, sign(null, Buffer.from(text), privateKey));
    });
    expect(await verdictOn(home.directory)).toEqual({ kind: 'lie', check: 'chain', place: 'event 13', what: 'its line is not canonical' });
  });

  const changes: readonly (readonly [string, (body: SaleBody) => SaleBody, RegExp])[] = [
    [
      'for less than the county says',
      (body) => ({
        ...body,
        lines: body.lines.map((line) => ({ ...line, unitPrice: 1, totalFen: fen(1) })),
        totalFen: fen(1),
        payments: [{ kind: 'other', fen: fen(1) }],
        roundingFen: fen(0),
      }),
      /did not cost 1$/,
    ],
    ['of goods nobody knows', (body) => ({ ...body, lines: body.lines.map((line) => ({ ...line, goodsId: '77' })) }), /77 did not cost/],
    ['by rules of another day', (body) => ({ ...body, schemeVersion: 9 }), /names rules 9, in force were 1/],
    ['by prices of another day', (body) => ({ ...body, priceVersion: 1 }), /names prices 1, in force were 2/],
    [
      'with a receipt number left out',
      (body) => ({ ...body, receiptNumber: 'qj-03-000099' }),
      /has receipt qj-03-000099, not qj-03-000008/,
    ],
    [
      'whose lines do not multiply out',
      (body) => ({ ...body, lines: body.lines.map((line) => ({ ...line, quantity: 3 })) }),
      /does not multiply out/,
    ],
  ];
  test.each(changes)('the kiosk itself, made to sell %s, is found out', async (_what, change, what) => {
    const home = used.copy();
    const book = reopened(home, handClock(morning + 300_000));
    const sale = sell(book, { goods: [['1', 1]] });
    if (typeof sale === 'string') throw new Error(sale);
    const { seq } = book.head();
    book.close();
    const { privateKey } = readSigner(home)!;
    tamper(home, (db) => {
      const changed = change(sale.body);
      rewriteLine(
        db,
        seq,
        (event) => ({ ...event, body: changed }) as BookEvent,
        (text) => sign(null, Buffer.from(text), privateKey),
      );
      db.prepare('UPDATE sale SET receipt_number = ?, total_fen = ? WHERE seq = ?').run(changed.receiptNumber, changed.totalFen, seq);
      if (changed.totalFen !== sale.body.totalFen) {
        db.prepare('DELETE FROM posting WHERE seq = ?').run(seq);
        db.prepare(`INSERT INTO posting VALUES (?, 0, 'cash/sales', '', 'CNY', -1), (?, 1, 'cash/other-payments', '', 'CNY', 1)`).run(
          seq,
          seq,
        );
      }
    });
    expect(await verdictOn(home.directory)).toMatchObject({
      kind: 'lie',
      check: 'sales',
      place: expect.stringContaining(`event ${seq}`),
      what: expect.stringMatching(what),
    });
  });

  test('roaming beyond the allowance, booked by the kiosk itself, is found out', async () => {
    const home = used.copy();
    const allow = (cap: number): void => tamper(home, (db) => db.exec(`UPDATE roaming SET cap = ${cap}`));
    allow(900_000); // or the book itself would not have it
    const book = reopened(home, handClock(morning + 300_000));
    const sale = sell(book, { resident: '2', goods: [['2', 1]], chosenPoints: 1_000 });
    if (typeof sale === 'string') throw new Error(sale);
    const { kind, body, res } = sale;
    const more = points(3_000);
    const redemption = { ...body.redemption!, fromRights: points(0), fromRoaming: more, worthFen: fen(300) };
    const lines = body.lines.map((line) => ({ ...line, points: more, pointsFen: fen(300) }));
    const payments = [{ kind: 'other', fen: fen(2_700) }] as const;
    const entry = {
      kind,
      body: { ...body, receiptNumber: 'qj-03-000009', lines, redemption, payments, roundingFen: fen(0) },
      id: uuidv7(morning),
      day: today,
      op: 'op1',
      res,
      amt: more,
      command: 'greed',
    };
    const { seq } = book.transact(({ append }) => append(entry));
    book.close();
    allow(5_000);
    expect(await verdictOn(home.directory)).toMatchObject({
      kind: 'lie',
      check: 'sales',
      place: `event ${seq}`,
      what: 'spends more away from home than was allowed',
    });
  });
});

describe('a sale against the rules that were in force when it was made', () => {
  /** Sells as a till does whose rules somebody had changed for the time, and puts the county's back. */
  async function soldUnder(change: (db: Database.Database) => void, options: readonly SellOptions[], day = today) {
    const directory = mkdtempSync(join(tmpdir(), 'jifen-rules-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const clock = handClock();
    const { home, book } = makeKiosk(directory, clock);
    const rules = { ...scheme, version: 2, saleCapPoints: points(15_000), dayCapPoints: points(18_000) };
    await enrol(home, book, [
      { t: 'SCHEME', scheme: { ...rules, redemptionWindow: { from: '03-01', to: '11-30' } } },
      { t: 'RESIDENT', resident: resident('4', { group: 'cadre', accountId: 'a1' }) },
      { t: 'RESIDENT', resident: resident('5', { active: false, accountId: 'a1' }) },
    ]);
    book.close();
    const before = new Database(home.book);
    const kept = before.prepare<[], { doc: string }>('SELECT doc FROM scheme WHERE version = 2').get()!.doc;
    const people = before.prepare<[], Record<string, unknown>>('SELECT * FROM resident').all();
    before.close();
    tamper(home, change);
    if (day !== today) clock.set(Date.parse(`${day}T10:00:00+08:00`));
    const again = reopened(home, clock);
    const sales = options.map((each) => sell(again, { goods: [['2', 10]], pay: 'other', ...each, day }));
    again.close();
    expect(sales.filter((sale) => typeof sale === 'string')).toEqual([]);
    tamper(home, (db) => {
      db.prepare('UPDATE scheme SET doc = ? WHERE version = 2').run(kept);
      const put = db.prepare(
        'UPDATE resident SET account_id = @account_id, group_id = @group_id, active = @active, tag = @tag WHERE id = @id',
      );
      for (const each of people) put.run(each);
    });
    return verdictOn(directory);
  }

  const rule = (sql: string) => (db: Database.Database) => void db.exec(sql);
  const loosen = (path: string, value: string) =>
    rule(`UPDATE scheme SET doc = json_set(doc, '$.${path}', json('${value}')) WHERE version = 2`);

  test('holds where the till kept them', async () => {
    const twice = [
      { resident: '1', chosenPoints: 15_000 },
      { resident: '1', chosenPoints: 3_000 },
    ];
    expect(await soldUnder(() => {}, twice)).toEqual({ kind: 'true' });
  });

  test.each<readonly [string, (db: Database.Database) => void, readonly SellOptions[], string, string]>([
    [
      'more points than one sale may take',
      loosen('saleCapPoints', 'null'),
      [{ resident: '1', chosenPoints: 16_000 }],
      'takes 16000 in one sale, 15000 are allowed',
      today,
    ],
    [
      'more points than a day may take',
      loosen('dayCapPoints', 'null'),
      [
        { resident: '1', chosenPoints: 15_000 },
        { resident: '1', chosenPoints: 4_000 },
      ],
      'brings the account to 19000 on 2026-11-21, 18000 are allowed',
      today,
    ],
    ['half a step', loosen('pointsStep', '50'), [{ resident: '1', chosenPoints: 150 }], 'takes points in other steps than of 100', today],
    [
      'cash rounded to a yuan',
      loosen('cashRounding.unitFen', '100'),
      [{ goods: [['1', 1]], pay: 'cash' }],
      'rounds by -50 where the rules round by 0',
      today,
    ],
    [
      'points for a group that may not redeem',
      rule(`UPDATE resident SET group_id = 'villager'`),
      [{ resident: '4', chosenPoints: 100 }],
      'names a resident who may not redeem',
      today,
    ],
    [
      'points of a closed account',
      rule('UPDATE resident SET active = 1'),
      [{ resident: '5', chosenPoints: 100 }],
      'names a resident whose account is closed',
      today,
    ],
    [
      'points of somebody else’s account',
      rule(`UPDATE resident SET account_id = 'a1' WHERE id = 2`),
      [{ resident: '2', chosenPoints: 100 }],
      'names a resident of another account',
      today,
    ],
    [
      'points for a stranger',
      rule(`UPDATE resident SET tag = 'stranger' WHERE id = 1`),
      [{ resident: '1', chosenPoints: 100 }],
      'names a resident whom the county does not know',
      today,
    ],
    [
      'points in the winter',
      loosen('redemptionWindow', 'null'),
      [{ resident: '1', chosenPoints: 100 }],
      'redeems outside the months of redemption',
      '2026-12-01',
    ],
  ])('is a lie where it took %s', async (_what, change, options, what, day) => {
    expect(await soldUnder(change, options, day)).toMatchObject({ kind: 'lie', check: 'sales', what });
  });
});

describe('a lie in the home', () => {
  test('any byte of a kept file or its note, changed, is found in that file', async () => {
    const home = used.copy();
    const paths = [1, 2].flatMap((downSeq) => [keptDownFile(home, downSeq), notePathOf(keptDownFile(home, downSeq))]);
    // Some bits of a gzip file say nothing of what is in it: time, kind of text, padding (RFC 1952, 2.3; RFC 1951, 3.2).
    const unpacksAlike = (path: string, before: Buffer, changed: Buffer): boolean => {
      if (!path.endsWith('.gz')) return false;
      try {
        return gunzipSync(changed).equals(gunzipSync(before));
      } catch {
        return false;
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.nat(), fc.integer({ min: 1, max: 255 }), async (path, place, flip) => {
        const before = readFileSync(path);
        const at = place % before.length;
        const changed = Buffer.from(before);
        changed[at]! ^= flip;
        writeFileSync(path, changed);
        const verdict = await verdictOn(home.directory);
        writeFileSync(path, before);
        if (unpacksAlike(path, before, changed)) expect(verdict).toEqual({ kind: 'true' });
        else
          expect(verdict).toMatchObject({
            kind: 'lie',
            check: 'county files',
            place: expect.stringContaining(path.slice(home.down.length + 1)),
          });
      }),
      { numRuns: 30 },
    );
    expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
  });

  const mischief: readonly (readonly [string, (home: Home) => void, string])[] = [
    ['a kept file that is gone', (home) => rmSync(keptDownFile(home, 2)), 'down/00000002.jsonl.gz'],
    ['a kept note that is gone', (home) => rmSync(notePathOf(keptDownFile(home, 1))), 'down/00000001.note'],
    ['two kept files that changed places', (home) => swap(keptDownFile(home, 1), keptDownFile(home, 2)), 'down/00000001.jsonl.gz'],
    [
      'a file cut short',
      (home) => writeFileSync(keptDownFile(home, 1), readFileSync(keptDownFile(home, 1)).subarray(0, -20)),
      'down/00000001.jsonl.gz',
    ],
    ['a book that is gone', (home) => rmSync(home.book), 'book.db'],
    ['an empty book', (home) => writeFileSync(home.book, ''), 'book.db'],
    ['a book that is text', (home) => writeFileSync(home.book, 'no book\n'.repeat(1000)), 'book.db'],
    ['a trigger taken out', (home) => exec(home, 'DROP TRIGGER event_no_update'), 'event_no_update'],
    [
      'a trigger that lets things pass',
      (home) => exec(home, 'DROP TRIGGER event_no_update; CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT 1; END'),
      'event_no_update',
    ],
    ['a table more', (home) => exec(home, 'CREATE TABLE mine (id INTEGER)'), 'mine'],
    ['a book of a later version', (home) => exec(home, 'PRAGMA user_version = 99'), 'book.db'],
    ['a database of another program', (home) => exec(home, 'PRAGMA application_id = 7'), 'book.db'],
    [
      'a key of another kiosk',
      (home) => writeFileSync(home.key, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' })),
      'keys/kiosk.pem',
    ],
    ['a key that is none', (home) => writeFileSync(home.key, 'secret'), 'keys/kiosk.pem'],
    ['a kiosk.json of another kiosk', (home) => editConfig(home, (text) => text.replace('"qj-03"', '"qj-04"')), 'table meta, kiosk'],
    [
      'a kiosk.json that trusts another county',
      (home) => editConfig(home, (text) => text.replace(/"countyKey": "./, '"countyKey": "B')),
      'table meta, countyKey',
    ],
    [
      'an anchor of another chain',
      (home) => writeFileSync(home.anchor, readFileSync(home.anchor, 'utf8').replaceAll(/[A-Za-z0-9_-]{43}/g, 'B'.repeat(43))),
      'event 14',
    ],
  ];
  test.each(mischief)('%s is named', async (_what, work, place) => {
    const home = used.copy();
    work(home);
    expect(await verdictOn(home.directory)).toMatchObject({ kind: 'lie', place });
  });

  test('flipped bytes anywhere in the database file are a lie, or nothing that the book says', async () => {
    const home = used.copy();
    const before = readFileSync(home.book);
    const said = provedRows(home);
    await fc.assert(
      fc.asyncProperty(fc.nat(before.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(before);
        changed[at]! ^= flip;
        writeFileSync(home.book, changed);
        const verdict = await verdictOn(home.directory);
        if (verdict.kind === 'true') expect(provedRows(home)).toBe(said);
        else expect(verdict.kind).toBe('lie');
      }),
      { numRuns: 40 },
    );
  });
});

describe('the command', () => {
  const run = async (...args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> => {
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, ['electron/engine/verify-cli.ts', ...args]);
      return { code: 0, stdout, stderr };
    } catch (error) {
      return error as { code: unknown; stdout: string; stderr: string }; // execFile's own error carries all three
    }
  };

  test('ends 0 where all holds, 1 at the first lie with its place, 2 where nothing was checked', async () => {
    const home = used.copy();
    expect(await run('--home', home.directory)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok {2}file: (.*\n)*every check holds\n$/),
    });
    tamper(home, (db) => db.exec("UPDATE balance SET amount = amount + 1 WHERE account = 'red'"));
    expect(await run('--home', home.directory)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/\nLIE balances: table balance, red {2}PTS: says \d+, its postings sum to \d+\n$/),
    });
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('usage') });
    expect(await run('--house', home.directory)).toMatchObject({ code: 2, stderr: expect.stringContaining('usage') });
    expect(await run('--home', home.down)).toMatchObject({ code: 2, stderr: expect.stringContaining('kiosk.json is missing') });
  });
});

/** Columns of a table, but for the number of an event: that one is missing is another test. */
function columnsOf(table: string): readonly string[] {
  const db = openMemory();
  try {
    for (const step of migrations) db.exec(step);
    const columns = db.pragma(`table_info(${table})`) as readonly { name: string }[]; // as SQLite documents
    return columns.map((each) => each.name).filter((name) => table !== 'event' || name !== 'seq');
  } finally {
    db.close();
  }
}

/** Changes one cell and says what it did, or '' where the cell could not be changed to something else. */
function changeCell(
  db: Database.Database,
  table: string,
  { column, ...choice }: { readonly column: string; readonly row: number; readonly place: number; readonly by: number },
): string {
  const rows = db.prepare(`SELECT * FROM ${table}`).all() as readonly Record<string, unknown>[];
  const row = rows[choice.row % rows.length]!;
  const changed = changedValue(row[column], choice);
  const keys = Object.keys(row).map((name) => `${name} IS @${name}`);
  try {
    db.prepare(`UPDATE ${table} SET ${column} = @changed WHERE ${keys.join(' AND ')}`).run({ ...row, changed });
  } catch {
    return ''; // a CHECK or UNIQUE would not have it: no lie was told
  }
  return `${table}.${column} of ${JSON.stringify(row).slice(0, 200)}`;
}

function changedValue(value: unknown, { place, by }: { place: number; by: number }): unknown {
  if (typeof value === 'number') return place % 2 === 0 ? value + by : value - by;
  if (value instanceof Buffer) {
    const bytes = Buffer.from(value);
    bytes[place % bytes.length]! ^= by;
    return bytes;
  }
  if (value === null) return 'a1';
  const text = value as string; // the fourth of SQLite’s types
  const at = place % Math.max(1, text.length);
  const letter = String.fromCharCode(0x21 + (((text.charCodeAt(at) || 0) + by) % 94));
  return text.slice(0, at) + (letter === text[at] ? `${letter}x` : letter) + text.slice(at + 1);
}

/** Writes the chain anew from an event on, changing the first by one fen: leaves and links right, signatures as given. */
function rewriteFrom(db: Database.Database, from: number, signer: ((text: string) => Buffer) | null): void {
  const { last } = db.prepare('SELECT max(seq) AS last FROM event').get() as { last: number };
  let prev: string | null = null;
  for (let seq = from; seq <= last; seq += 1) {
    const link: string | null = prev;
    prev = rewriteLine(db, seq, (event) => ({ ...event, ...(link === null ? { amt: points(event.amt + 1) } : { prev: link }) }), signer);
    if (seq === from && signer !== null) {
      // the thief keeps points and lines in step, too
      prev = rewriteLine(db, seq, inStep, signer);
    }
  }
}

/** One point more for a sale, in every figure that must agree within the event. */
function inStep(event: BookEvent): BookEvent {
  if (event.kind !== 'SALE' || event.body.redemption === null) return event;
  const { redemption, lines, payments } = event.body;
  const worth = fen(redemption.worthFen + 10);
  const first = lines[0]!;
  return {
    ...event,
    amt: points(event.amt + 99),
    body: {
      ...event.body,
      redemption: { ...redemption, fromRights: points(redemption.fromRights + 100), worthFen: worth },
      lines: [{ ...first, points: points(first.points + 100), pointsFen: fen(first.pointsFen + 10) }, ...lines.slice(1)],
      payments: payments.map((payment, i) =>
        i === 0
          ? { ...payment, fen: fen(payment.fen - 10), ...(payment.kind === 'cash' ? { changeFen: fen(payment.changeFen + 10) } : {}) }
          : payment,
      ) as SaleBody['payments'],
    },
  };
}

function rewriteLine(
  db: Database.Database,
  seq: number,
  change: (event: BookEvent) => BookEvent,
  signer: ((text: string) => Buffer) | null,
): string {
  const row = db.prepare('SELECT line, sig FROM event WHERE seq = ?').get(seq) as { line: string; sig: Buffer };
  const event = change(JSON.parse(row.line) as BookEvent);
  const line = canonical(event as unknown as Plain);
  const leaf = leafOf(line);
  const sig = signer === null ? row.sig : signer(signedText(event, leaf.toString('base64url')));
  db.prepare('UPDATE event SET line = ?, leaf = ?, sig = ? WHERE seq = ?').run(line, leaf, sig, seq);
  return leaf.toString('base64url');
}

function swap(a: string, b: string): void {
  const [here, there] = [readFileSync(a), readFileSync(b)];
  writeFileSync(a, there);
  writeFileSync(b, here);
}

function exec(home: Home, sql: string): void {
  const db = new Database(home.book);
  db.exec(sql);
  db.close();
}

/** Every row of the tables that are proved, as SQLite reads them now. */
function provedRows(home: Home): string {
  const db = new Database(home.book);
  try {
    return JSON.stringify(Object.keys(proved).map((table) => db.prepare(`SELECT * FROM ${table}`).all()));
  } finally {
    db.close();
  }
}

function editConfig(home: Home, edit: (text: string) => string): void {
  const path = join(home.directory, 'kiosk.json');
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
}
