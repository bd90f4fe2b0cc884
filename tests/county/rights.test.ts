// Random weeks of a county whose kiosks keep to R3's rule and hear and send late: what is spent beyond what was awarded stays within m·c
// at every step, nothing an honest kiosk does is an exception, and after clean rounds both sides hold the same.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { enrolByKey } from '../../county/book/enrol.ts';
import { checkTouched, foldEvent, standingOf } from '../../county/book/fold.ts';
import { addAccount } from '../../county/book/import-files.ts';
import { findKiosk } from '../../county/book/intake.ts';
import { balanceOf, moved } from '../../county/book/ledger.ts';
import { everyKiosk, isMasterLine, putMaster } from '../../county/book/master.ts';
import { allowRoaming, moveHome } from '../../county/book/rights.ts';
import { issueVoucher } from '../../county/book/vouchers.ts';
import { night } from '../../county/night.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { openVoucher } from '../../db/model/voucher.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { aCounty } from '../support/county-book.ts';
import { fileKey, firstLines, shop } from '../support/county.ts';
import { fc } from '../support/property.ts';

const kiosks = ['k1', 'k2', 'k3'] as const;
const accounts = ['a1', 'a2'] as const;
const lineCap = 50;
const linesMax = 1;

/** An account at a kiosk by R3's counters. */
interface Counters {
  g: number;
  b: number;
  s: number;
  c: number;
  x: number;
  xs: number;
  cap: number;
  covered: number;
  taken: { readonly number: number; readonly amount: number }[];
}

interface Model {
  readonly county: CountyBook;
  /** By kiosk and account. */
  readonly counters: Map<string, Counters>;
  /** Events that the county has not got, oldest first. */
  readonly unsent: Map<string, BookEvent[]>;
  readonly applied: Map<string, number>;
  readonly seq: Map<string, number>;
  readonly vouchers: { readonly kiosk: string; readonly text: string }[];
  readonly truth: Map<string, { awarded: number; spent: number }>;
  readonly raised: string[];
}

async function aModel(): Promise<Model> {
  const county = aCounty(onTestFinished);
  const told = await firstLines();
  for (const kiosk of kiosks) await enrolByKey(county, { kiosk, store: kiosk, key: 'Q'.repeat(43) });
  await county.transact((act) => {
    const entry = act.enter('start', 'test');
    act.db.exec(`UPDATE county SET roam_lines = ${linesMax}, roam_cap = ${lineCap}`);
    for (const line of told) if (isMasterLine(line) && line.t !== 'SHOP') putMaster(act, line, { scope: everyKiosk, entry });
    for (const kiosk of kiosks) putMaster(act, { t: 'SHOP', shop: { ...shop, kiosk, store: kiosk } }, { scope: kiosk, entry });
    for (const account of accounts) {
      addAccount(act, { account, home: kiosks[0], isActive: true });
      for (const kiosk of kiosks) allowRoaming(act, { kiosk, account }, { cap: lineCap, entry });
    }
  });
  return {
    county,
    counters: new Map(),
    unsent: new Map(kiosks.map((kiosk) => [kiosk, []])),
    applied: new Map(),
    seq: new Map(),
    vouchers: [],
    truth: new Map(accounts.map((account) => [account, { awarded: 0, spent: 0 }])),
    raised: [],
  };
}

function at(model: Model, kiosk: string, account: string): Counters {
  const key = `${kiosk} ${account}`;
  const none = { g: 0, b: 0, s: 0, c: 0, x: 0, xs: 0, cap: 0, covered: 0, taken: [] };
  const found = model.counters.get(key) ?? none;
  model.counters.set(key, found);
  return found;
}

function rights({ g, b, s, c }: Counters): number {
  return g - b + c - s;
}

function happened(model: Model, kiosk: string, event: { readonly kind: string; readonly amt: number; readonly body: object }): void {
  const seq = (model.seq.get(kiosk) ?? 0) + 1;
  model.seq.set(kiosk, seq);
  model.unsent.get(kiosk)!.push({ ...event, seq, id: `${kiosk}-${seq}` } as unknown as BookEvent); // what the fold reads of one
}

/** The till's rule: rights first, then the line. */
function spend(model: Model, kiosk: string, account: string, wanted: number): void {
  const of = at(model, kiosk, account);
  const fromRights = Math.min(wanted, rights(of));
  const fromRoaming = Math.min(wanted - fromRights, Math.max(0, of.cap - (of.x - of.xs)));
  const amt = fromRights + fromRoaming;
  if (amt === 0) return;
  of.s += fromRights;
  of.x += fromRoaming;
  model.truth.get(account)!.spent += amt;
  const line = { points: amt, totalFen: 0, pointsFen: 0, settlementFen: 0 };
  const redemption = { fromRights, fromRoaming, worthFen: 0 };
  happened(model, kiosk, {
    kind: 'SALE',
    amt,
    body: { accountId: account, lines: [line], payments: [], totalFen: 0, roundingFen: 0, redemption },
  });
}

function recycle(model: Model, kiosk: string, account: string, amt: number): void {
  at(model, kiosk, account).c += amt;
  model.truth.get(account)!.awarded += amt;
  happened(model, kiosk, { kind: 'CREDIT', amt, body: { accountId: account, lines: [{ points: amt }] } });
}

/** The next file of the county takes effect, where there is one; then what it asks for goes back. */
async function hear(model: Model, kiosk: string): Promise<boolean> {
  const downSeq = (model.applied.get(kiosk) ?? 0) + 1;
  const file = await model.county.read((db) =>
    prepared<[string, number], { sha256: string }>(db, 'SELECT sha256 FROM down_file WHERE kiosk = ? AND down_seq = ?').get(kiosk, downSeq),
  );
  if (file === undefined) return false;
  model.applied.set(kiosk, downSeq);
  happened(model, kiosk, { kind: 'DOWN_APPLIED', amt: 0, body: { downSeq, sha256: file.sha256 } });
  const bytes = gunzipSync(readFileSync(join(model.county.folder.down, kiosk, `${String(downSeq).padStart(8, '0')}.jsonl.gz`)));
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .slice(1, -2)
    .map((text) => JSON.parse(text) as DownLine); // the county wrote them
  for (const line of lines) if (line.t === 'GRANT') takeGrant(at(model, kiosk, line.a), line);
  for (const line of lines)
    if (line.t === 'ROAM') {
      const of = at(model, kiosk, line.a);
      if (line.xs < of.xs || line.xs > of.x) throw new Error(`Xs of ${line.a} at ${kiosk} is ${line.xs}: ${JSON.stringify(of)}`);
      of.cap = line.c;
      of.xs = line.xs;
    }
  for (const line of lines)
    if (line.t === 'RETURN_REQ') {
      const of = at(model, kiosk, line.a);
      const amt = Math.max(0, Math.min(line.b - of.b, rights(of)));
      of.b += amt;
      happened(model, kiosk, { kind: 'RIGHTS_RETURNED', amt, body: { accountId: line.a, asked: line.b, downSeq } });
    }
  return true;
}

function takeGrant(of: Counters, { g, v = 0 }: DownLine & { readonly t: 'GRANT' }): void {
  const after = g + of.taken.filter(({ number }) => number > v).reduce((sum, { amount }) => sum + amount, 0);
  if (after < of.g || v < of.covered) throw new Error(`rights fell: ${after} after ${of.g}`);
  of.g = after;
  of.covered = v;
}

function scan(model: Model, n: number): void {
  const voucher = model.vouchers[n % Math.max(1, model.vouchers.length)];
  if (voucher === undefined) return;
  const opened = openVoucher(voucher.text, [rawPublicKey(fileKey)]);
  if (!opened.ok) throw new Error(opened.code);
  const { accountId, number, amount } = opened.value;
  const of = at(model, voucher.kiosk, accountId);
  if (number <= of.covered || of.taken.some((each) => each.number === number)) return;
  of.taken.push({ number, amount });
  of.g += amount;
  happened(model, voucher.kiosk, { kind: 'VOUCHER_IN', amt: amount, body: { accountId, number, text: voucher.text, by: 'scan' } });
}

/** The county posts the first of what a kiosk has not sent yet. */
async function send(model: Model, kiosk: string, most: number): Promise<boolean> {
  const events = model.unsent.get(kiosk)!.splice(0, most);
  await model.county.transact((act) => {
    const row = findKiosk(act.db, kiosk)!;
    const raise = (seq: number, code: string, detail: string): void => {
      if (code !== 'over_credit_cap') model.raised.push(`${kiosk} ${seq} ${code} ${detail}`); // these shops have no desk by their scheme
    };
    const folding = { act, kiosk: row, inc: 1, fileSeq: 1, raise, standing: standingOf(act.db, kiosk, 1) };
    for (const event of events) {
      const entry = act.nextEntry();
      prepared(
        act.db,
        `INSERT INTO event (entry, kiosk, inc, seq, file_inc, file_seq, id, kind, amt, line, leaf, sig) VALUES (?, ?, 1, ?, 1, 1, ?, ?, ?, '', ?, ?)`,
      ).run(entry, kiosk, event.seq, event.id, event.kind, event.amt, Buffer.alloc(32), Buffer.alloc(64));
      foldEvent(folding, event, entry);
      checkTouched(folding);
    }
  });
  return events.length > 0;
}

function check(model: Model): void {
  expect(model.raised).toEqual([]);
  for (const [account, { awarded, spent }] of model.truth) {
    const roamed = kiosks.map((kiosk) => at(model, kiosk, account)).reduce((sum, { x, xs }) => sum + x - xs, 0);
    expect(roamed, 'unsettled roaming').toBeLessThanOrEqual(linesMax * lineCap);
    expect(spent - awarded, 'spent beyond').toBeLessThanOrEqual(roamed);
  }
}

/** Both sides, when everything was heard and sent. */
async function settled(model: Model): Promise<{ readonly county: object; readonly kiosks: object }> {
  const sum = (db: ReadableDatabase, name: string, account: string): number =>
    prepared<[string, string], { amount: number }>(
      db,
      'SELECT coalesce(sum(amount), 0) AS amount FROM balance WHERE account = ? AND holder = ?',
    ).get(name, account)!.amount; // an aggregate has a row
  const ours = accounts.map((account) => {
    const { awarded, spent } = model.truth.get(account)!;
    return { account, left: awarded - spent, due: 0, at: kiosks.map((kiosk) => rights(at(model, kiosk, account))) };
  });
  const theirs = await model.county.read((db) =>
    accounts.map((account) => ({
      account,
      left: ['main', 'esc', 'overdraft'].reduce((total, name) => total + sum(db, name, account), 0),
      due: sum(db, 'due', account),
      at: kiosks.map((kiosk) => balanceOf(db, { account: 'esc', holder: account, at: kiosk })),
    })),
  );
  return { county: theirs, kiosks: ours };
}

const anyKiosk = fc.constantFrom(...kiosks);
const anyAccount = fc.constantFrom(...accounts);
const amount = fc.integer({ min: 1, max: 120 });

/** What happens next; a name, so that a failure can be read. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('spend' as const), anyKiosk, anyAccount, amount) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('recycle' as const), anyKiosk, anyAccount, amount) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('hear' as const), anyKiosk) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('send' as const), anyKiosk, fc.integer({ min: 1, max: 9 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('night' as const)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('award' as const), anyAccount, amount) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('move' as const), anyAccount, anyKiosk) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('voucher' as const), anyKiosk, anyAccount, amount) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('scan' as const), fc.nat({ max: 9 })) },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

async function take(model: Model, next: Step): Promise<void> {
  switch (next[0]) {
    case 'spend':
      return spend(model, next[1], next[2], next[3]);
    case 'recycle':
      return recycle(model, next[1], next[2], next[3]);
    case 'hear':
      return void (await hear(model, next[1]));
    case 'send':
      return void (await send(model, next[1], next[2]));
    case 'night':
      return void (await night(model.county));
    case 'award':
      return award(model, next[1], next[2]);
    case 'move':
      return void (await moveHome(model.county, { account: next[1], to: next[2], by: 'li' }));
    case 'voucher': {
      const given = await issueVoucher(model.county, { account: next[2], kiosk: next[1], want: next[3], by: 'li' });
      if (given.ok) model.vouchers.push({ kiosk: next[1], text: given.value.text });
      return;
    }
    case 'scan':
      return scan(model, next[1]);
  }
}

function award(model: Model, holder: string, points: number): Promise<void> {
  model.truth.get(holder)!.awarded += points;
  return model.county.transact((act) => {
    act.enter('award', holder);
    act.post(moved({ account: 'issuance' }, { account: 'main', holder }, points));
  });
}

/** A due is asked for, returned, posted, funded and told; a home that moved gives back first; a voucher that is lost is covered. */
const roundsToRest = 5;

test('random nights keep the bound, raise nothing, and end with both sides alike', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const model = await aModel();
      await award(model, 'a1', 200);
      await night(model.county);
      for (const each of steps) {
        await take(model, each);
        check(model);
      }
      for (let round = 0; round < roundsToRest; round += 1) {
        for (const each of kiosks) await send(model, each, 1_000);
        await night(model.county);
        for (const each of kiosks) while (await hear(model, each));
        check(model);
      }
      for (const each of kiosks) await send(model, each, 1_000);
      const both = await settled(model);
      expect(both.county).toEqual(both.kiosks);
    }),
    { numRuns: 4 },
  );
});
