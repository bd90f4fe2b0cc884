// Vouchers at a whole till: what the county signed is usable at once, whether it was scanned or fetched over the network, each once; what
// is not for this till is told in words and changes nothing.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verify } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { points } from '../../../db/model/amounts.ts';
import { drawText } from '../../../db/model/draw.ts';
import { publicKeyFromRaw } from '../../../db/model/keys.ts';
import { type Voucher, sealVoucher } from '../../../db/model/voucher.ts';
import { readSigner } from '../../../db/home.ts';
import { card, cardKey, enrol, fileKey, handClock, makeKiosk, resident, temporary } from '../../support/county.ts';
import { type FakeCounty, fakeCounty } from '../../support/fake-county.ts';
import { type Till, aTill, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

/** For resident 2, who roams here with 50 of 300 points. */
const voucher = (change: Partial<Voucher> = {}, key = fileKey): string =>
  sealVoucher({ county: '540525', kiosk: 'qj-03', accountId: 'a2', number: 1, amount: points(10_000), ...change }, key);

const shownIn = (till: Till) => till.snapshot().cart.resident;

describe('under the scanner', () => {
  test('a voucher counts at once for the resident on the screen, and once', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('2') });
    expect(shownIn(till)).toMatchObject({ allowance: { rights: 0, roaming: 5_000, usable: 5_000 } });
    expect(await till.call.scan({ text: voucher() })).toMatchObject({ code: 'voucher_taken', subject: '150' }); // usable now
    await till.until(({ cart }) => cart.resident?.allowance.usable === 15_000);
    expect(shownIn(till)).toMatchObject({ isHome: false, allowance: { rights: 10_000, roaming: 5_000, countyBalance: 30_000 } });
    expect(await till.call.scan({ text: voucher() })).toMatchObject({ code: 'voucher_used' });
    await till.stop();
    expect(till.events().filter(({ kind }) => kind === 'VOUCHER_IN')).toMatchObject([
      { op: 'op1', amt: 10_000, body: { accountId: 'a2', number: 1, text: voucher(), by: 'scan' } },
    ]);
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('rights that are younger than the balance the county told are not shown as more than the resident has', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('2') });
    await till.call.scan({ text: voucher({ amount: points(40_000) }) });
    await till.until(({ cart }) => cart.resident?.allowance.rights === 40_000);
    expect(shownIn(till)).toMatchObject({ allowance: { usable: 40_000, roaming: 0, countyBalance: 40_000 }, isCountyZero: false });
  });

  test('where the county tells nothing, the page is told that this may be a debt', async () => {
    const lines = [
      { t: 'RESIDENT', resident: resident('3') },
      { t: 'BAL', a: 'a3', balance: points(0) },
    ] as const;
    const till = await atWork(await aTill(onTestFinished, lines));
    await till.call.scan({ text: card('3') });
    expect(shownIn(till)).toMatchObject({ allowance: { countyBalance: 0 }, isCountyZero: true });
  });

  test('one of somebody else is taken, and the sentence says whose card to scan', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('1') });
    const before = shownIn(till);
    expect(await till.call.scan({ text: voucher() })).toMatchObject({ code: 'voucher_taken_other', subject: '100' });
    expect(shownIn(till)).toEqual(before);
  });

  test('one that is not for this till, not the county’s or not whole changes nothing, and is told in words', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await till.call.scan({ text: card('2') });
    const before = shownIn(till);
    const codes: unknown[] = [];
    for (const text of [
      voucher({ kiosk: 'qj-04' }),
      voucher({ county: '540526' }),
      voucher({}, cardKey),
      voucher().slice(0, -4),
      voucher({ accountId: 'a9' }),
    ])
      codes.push((await till.call.scan({ text })).code);
    expect(codes).toEqual(['voucher_elsewhere', 'voucher_elsewhere', 'voucher_forged', 'voucher_malformed', 'voucher_unknown_account']);
    expect(shownIn(till)).toEqual(before);
  });

  test('one is taken from the counter’s scanner, too, and not before the shift is open', async () => {
    const till = await aTill(onTestFinished);
    await till.call.simulateScan({ text: voucher({ number: 2 }) }); // another: the same at once would be one code read twice
    await till.until(({ notice }) => notice?.code === 'not_signed_in');
    await atWork(till);
    await till.call.simulateScan({ text: voucher() });
    await till.until(({ notice }) => notice?.code === 'voucher_taken_other');
  });
});

describe('over the network', () => {
  /** A till at work with resident 2 on the screen, and its county. */
  async function withCounty(): Promise<{ readonly till: Till; readonly county: FakeCounty }> {
    const county = await fakeCounty(onTestFinished);
    const directory = temporary(onTestFinished);
    const clock = handClock();
    const { home, book } = makeKiosk(directory, clock);
    await enrol(home, book);
    book.close();
    const config = join(directory, 'kiosk.json');
    writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), countyServer: county.server }));
    const till = await atWork(await startTill(onTestFinished, directory, clock));
    await till.call.scan({ text: card('2') });
    return { till, county };
  }

  test('the till asks with its key for what lies elsewhere, and the voucher counts at once', async () => {
    const { till, county } = await withCounty();
    expect(shownIn(till)).toMatchObject({ mayDraw: true });
    const asked: unknown[] = [];
    county.draw = ({ signature, ...question }) => {
      const text = drawText({ county: '540525', kiosk: 'qj-03', ...question });
      const key = publicKeyFromRaw(Buffer.from(readSigner(till.home)!.publicKey, 'base64url'));
      asked.push({ ...question, isSigned: verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url')) });
      return { voucher: voucher({ amount: points(question.want) }) };
    };
    expect(await till.call.drawPoints()).toEqual({ ok: true, value: { points: 30_000 } });
    expect(asked).toEqual([{ account: 'a2', want: 30_000, nonce: expect.any(String) as string, isSigned: true }]);
    await till.until(
      ({ notice, cart }) => notice?.code === 'voucher_taken' && notice.subject === '300' && cart.resident?.allowance.usable === 30_000,
    );
    expect(shownIn(till)).toMatchObject({ mayDraw: false, allowance: { rights: 30_000, roaming: 0 } });
    expect(await till.call.drawPoints()).toEqual({ ok: false, code: 'draw_nothing' }); // and nobody is asked
    expect(county.requests).toEqual(['POST draw']);
    await till.stop();
    expect(till.events().filter(({ kind }) => kind === 'VOUCHER_IN')).toMatchObject([{ amt: 30_000, body: { by: 'network' } }]);
  });

  test('with goods in the cart it asks for what they need; with more than enough here, for all there is', async () => {
    const { till, county } = await withCounty();
    const wants: number[] = [];
    county.draw = ({ want }) => {
      wants.push(want);
      return { code: 'nothing' };
    };
    await till.call.scan({ text: '2000000000001' }); // 12.50 yuan are 125 points
    await till.call.drawPoints();
    county.draw = ({ want }) => {
      wants.push(want);
      return { voucher: voucher({ amount: points(want) }) };
    };
    await till.call.drawPoints();
    await till.until(({ cart }) => cart.resident?.allowance.rights === 12_500);
    await till.call.drawPoints();
    expect(wants).toEqual([12_500, 12_500, 17_500]);
  });

  test('an answer that is lost is asked for again as the same question', async () => {
    const { till, county } = await withCounty();
    const nonces = new Set<string>();
    county.draw = ({ nonce }) => {
      nonces.add(nonce);
      return { voucher: voucher() };
    };
    county.fault = { kind: 'lose_answer' };
    expect(await till.call.drawPoints()).toEqual({ ok: false, code: 'draw_offline' });
    county.fault = null;
    expect(await till.call.drawPoints()).toEqual({ ok: true, value: { points: 10_000 } });
    expect(nonces.size).toBe(1);
    expect(await till.call.drawPoints()).toEqual({ ok: false, code: 'voucher_used' }); // this county gives the same again
    expect(nonces.size).toBe(2);
  });

  test('a county that says no is told in words', async () => {
    const { till, county } = await withCounty();
    const told: unknown[] = [];
    for (const code of ['nothing', 'elsewhere', 'late', 'too_often', 'unknown', 'struck', 'no_key', 'quarantined', 'constructor']) {
      county.draw = () => ({ code });
      told.push(await till.call.drawPoints());
    }
    const refusals = ['nothing', 'elsewhere', 'late', 'too_often', 'unknown', 'struck', 'unheard', 'refused', 'refused'];
    expect(told).toEqual(refusals.map((code) => ({ ok: false, code: `draw_${code}` })));
  });

  test('what is no answer, another server, and a forged voucher move nothing', async () => {
    const { till, county } = await withCounty();
    county.draw = () => ({ voucher: voucher({}, cardKey) });
    const forged = await till.call.drawPoints();
    county.fault = { kind: 'garbage' };
    const garbage = await till.call.drawPoints();
    county.fault = { kind: 'status', status: 503 };
    const busy = await till.call.drawPoints();
    county.fault = { kind: 'status', status: 403 };
    expect([forged, garbage, busy, await till.call.drawPoints()]).toEqual(
      ['voucher_forged', 'draw_refused', 'draw_busy', 'draw_refused'].map((code) => ({ ok: false, code })),
    );
    expect(shownIn(till)).toMatchObject({ allowance: { usable: 5_000 } });
  });

  test('while the line says nothing the till sells, a second press is told, and after eight seconds the first', async () => {
    const { till, county } = await withCounty();
    county.fault = { kind: 'silent' };
    const first = till.call.drawPoints();
    expect(await till.call.drawPoints()).toEqual({ ok: false, code: 'draw_running' });
    expect(await till.call.scan({ text: '2000000000001' })).toMatchObject({ code: 'line_added' });
    expect(await first).toEqual({ ok: false, code: 'draw_offline' });
  });

  test('it is not offered to who may use here all they have, nor where no server is known', async () => {
    const { till } = await withCounty();
    await till.call.scan({ text: card('1') });
    expect(shownIn(till)).toMatchObject({ mayDraw: false });
    const other = await atWork(await aTill(onTestFinished));
    await other.call.scan({ text: card('2') });
    expect(shownIn(other)).toMatchObject({ mayDraw: false });
    expect(await other.call.drawPoints()).toEqual({ ok: false, code: 'draw_offline' });
  });
});
