// Vouchers at the county: never more than lies unallocated, each number once, signed for one kiosk; asked for by a clerk, or by a till
// over the network with its enrolled key.

import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { enrolByKey } from '../../county/book/enrol.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { addAccount, expectKiosk } from '../../county/book/import-files.ts';
import { balanceOf, moved } from '../../county/book/ledger.ts';
import { statementOf } from '../../county/book/statement.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { countyServer } from '../../county/server/server.ts';
import { type DrawQuestion, drawText } from '../../db/model/draw.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { openVoucher } from '../../db/model/voucher.ts';
import { prepared } from '../../db/sqlite.ts';
import { aCounty } from '../support/county-book.ts';
import { fileKey, shop } from '../support/county.ts';

const kiosk = shop.kiosk;

/** A county that knows the kiosk, with points of a2 that lie at no kiosk. */
async function aCountyWith(unallocated: number): Promise<CountyBook> {
  const county = aCounty(onTestFinished);
  await county.transact((act) => {
    expectKiosk(act, { kiosk, store: shop.store });
    expectKiosk(act, { kiosk: 'qj-04', store: 'elsewhere' });
    addAccount(act, { account: 'a2', home: 'qj-04', isActive: true });
  });
  await award(county, 'a2', unallocated);
  return county;
}

function award(county: CountyBook, holder: string, points: number): Promise<void> {
  return county.transact((act) => {
    act.enter('gift', holder);
    act.post(moved({ account: 'issuance' }, { account: 'main', holder }, points));
  });
}

function standing(county: CountyBook): Promise<readonly [main: number, rights: number, given: object | undefined]> {
  return county.read((db) => [
    balanceOf(db, { account: 'main', holder: 'a2' }),
    balanceOf(db, { account: 'esc', holder: 'a2', at: kiosk }),
    prepared<[string], object>(db, `SELECT granted, vouchers FROM given WHERE kiosk = ? AND account = 'a2'`).get(kiosk),
  ]);
}

function run(county: CountyBook, sql: string): Promise<void> {
  return county.transact(({ db }) => void db.exec(sql));
}

test('vouchers are numbered, signed for their kiosk, and never of more than lies unallocated', async () => {
  const county = await aCountyWith(5_000);
  const ask = (want: number) => issueVoucher(county, { account: 'a2', kiosk, want, by: 'li' });
  const first = await ask(3_000);
  expect(first).toMatchObject({ ok: true, value: { number: 1, amount: 3_000 } });
  if (!first.ok) return;
  expect(openVoucher(first.value.text, [rawPublicKey(fileKey)])).toEqual({
    ok: true,
    value: { county: '540525', kiosk, accountId: 'a2', number: 1, amount: 3_000 },
  });
  expect(await standing(county)).toEqual([2_000, 3_000, { granted: 3_000, vouchers: 1 }]);
  expect(await ask(Number.MAX_SAFE_INTEGER)).toMatchObject({ ok: true, value: { number: 2, amount: 2_000 } });
  expect(await ask(1)).toEqual({ ok: false, code: 'nothing' });
  expect(await standing(county)).toEqual([0, 5_000, { granted: 5_000, vouchers: 2 }]);
});

test('the largest amount there is goes through whole, and one point more is refused', async () => {
  const county = await aCountyWith(Number.MAX_SAFE_INTEGER);
  const issued = await issueVoucher(county, { account: 'a2', kiosk, want: Number.MAX_SAFE_INTEGER, by: 'li' });
  expect(issued).toMatchObject({ ok: true, value: { amount: Number.MAX_SAFE_INTEGER } });
  await expect(award(county, 'a2', 1)).rejects.toThrow(/constraint|within 2\^53/i);
  expect((await checkBook(county, 'whole')).filter(({ place }) => place !== null)).toEqual([]);
});

test('what is due is not given out a second time', async () => {
  const county = await aCountyWith(5_000);
  await county.transact((act) => {
    act.enter('roamed', 'a2');
    act.post(moved({ account: 'due', holder: 'a2', at: 'qj-04' }, { account: 'red', at: 'qj-04' }, 4_000));
  });
  expect(await issueVoucher(county, { account: 'a2', kiosk, want: 5_000, by: 'li' })).toMatchObject({ ok: true, value: { amount: 1_000 } });
});

test.each([
  ['an account that the county does not know', '', { account: 'a9' }, 'unknown_account'],
  ['a kiosk that it does not know', '', { kiosk: 'qj-99' }, 'unknown_kiosk'],
  ['an account of which nobody may spend', 'UPDATE account SET is_active = 0', {}, 'denied_account'],
  ['a kiosk with two histories', `UPDATE kiosk SET state = 'quarantined'`, {}, 'quarantined'],
  [
    'a kiosk that was put back, until a person looked',
    `INSERT INTO exception (kiosk, inc, file_seq, seq, code, detail, owner, raised_at) VALUES ('qj-03', 2, 1, 9, 'restored', '', 'clerk', 0)`,
    {},
    'restored',
  ],
  [
    'an account that owes',
    `INSERT INTO balance (account, holder, kiosk, commodity, amount) VALUES ('overdraft', 'a2', 'qj-04', 'PTS', -1), ('red', '', 'qj-04', 'PTS', 1)`,
    {},
    'struck',
  ],
] as const)('nothing is given to %s', async (_, sql, change, code) => {
  const county = await aCountyWith(5_000);
  if (sql !== '') await run(county, sql);
  expect(await issueVoucher(county, { account: 'a2', kiosk, want: 100, by: 'li', ...change })).toEqual({ ok: false, code });
});

interface Till {
  readonly county: CountyBook;
  readonly ask: (question?: Partial<DrawQuestion>, key?: KeyObject) => Promise<readonly [status: number, answer: unknown]>;
}

const nonce = 'n'.repeat(16);

/** A till with an enrolled key, and the server it asks. */
async function aTill(unallocated: number): Promise<Till> {
  const county = await aCountyWith(unallocated);
  const { privateKey } = generateKeyPairSync('ed25519');
  await enrolByKey(county, { kiosk, store: shop.store, key: Buffer.from(rawPublicKey(privateKey)).toString('base64url') });
  const app = await countyServer(county, { identity: null, complain: () => {} });
  onTestFinished(() => app.close());
  return {
    county,
    ask: async (change = {}, key = privateKey) => {
      const question = { county: '540525', kiosk, account: 'a2', want: 1_000, nonce, ...change };
      const { account, want } = question;
      const { statusCode, body } = await app.inject({
        method: 'POST',
        url: `/v1/${question.county}/${question.kiosk}/draw`,
        headers: { 'x-signature': sign(null, Buffer.from(drawText(question)), key).toString('base64url') },
        payload: { account, want, nonce: question.nonce },
      });
      return [statusCode, JSON.parse(body)];
    },
  };
}

test('a till draws what it wants of what lies unallocated, and a question that was answered moves nothing when it comes again', async () => {
  const { county, ask } = await aTill(1_500);
  const first = await ask();
  expect(first).toMatchObject([200, { number: 1, amount: 1_000, voucher: expect.stringMatching(/^CV1\|540525\|qj-03\|a2\|1\|1000\|/) }]);
  expect(await ask()).toEqual(first);
  expect(await ask({ want: 900 })).toEqual([409, { code: 'nonce_used' }]);
  expect(await ask({ nonce: 'm'.repeat(16) })).toMatchObject([200, { number: 2, amount: 500 }]);
  expect(await ask({ nonce: 'o'.repeat(16) })).toEqual([409, { code: 'nothing' }]);
  await award(county, 'a2', 700);
  expect(await ask()).toEqual(first);
  expect(await ask({ nonce: 'o'.repeat(16) })).toMatchObject([200, { number: 3, amount: 700 }]);
  expect(await standing(county)).toEqual([0, 2_200, { granted: 2_200, vouchers: 3 }]);
  await award(county, 'a2', 100);
  expect(await issueVoucher(county, { account: 'a2', kiosk, want: 100, by: 'li' })).toMatchObject({ ok: true });
  const read = await county.read((db) => statementOf(db, { account: 'a2' }));
  const vouchers = read.ok ? read.value.rows.filter(({ kind }) => kind === 'voucher') : [];
  expect(vouchers.map(({ isDrawn }) => isDrawn)).toEqual([true, true, true, false]);
});

test('a draw is never of more than the scheme lets one sale take', async () => {
  const { county, ask } = await aTill(90_000);
  await run(county, 'UPDATE kiosk SET sale_cap = 2000');
  expect(await ask({ want: Number.MAX_SAFE_INTEGER })).toMatchObject([200, { amount: 2_000 }]);
});

test('who is not the kiosk, or asks nonsense, moves nothing', async () => {
  const { county, ask } = await aTill(1_500);
  const stranger = generateKeyPairSync('ed25519').privateKey;
  expect(await ask({}, stranger)).toEqual([403, { code: 'bad_signature' }]);
  expect(await ask({ kiosk: 'qj-04' })).toEqual([409, { code: 'no_key' }]); // its first file brings it
  expect(await ask({ kiosk: 'qj-99' })).toEqual([404, { code: 'unknown_kiosk' }]);
  for (const want of [0, -1, 0.5, 2 ** 53]) expect(await ask({ want })).toEqual([400, { code: 'bad_request' }]);
  expect(await ask({ account: '=HYPERLINK("x")' })).toEqual([400, { code: 'bad_request' }]);
  expect(await ask({ nonce: 'short' })).toEqual([400, { code: 'bad_request' }]);
  await run(county, `UPDATE kiosk SET state = 'quarantined'`);
  expect(await ask()).toEqual([409, { code: 'quarantined' }]);
  expect(await standing(county)).toEqual([1_500, 0, undefined]);
});
