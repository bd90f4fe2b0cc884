// The credit: points made once, within the caps, approved where they are many, usable at once, and taken back while they are here.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { zhenlai } from '../../../county/schemes/zhenlai.ts';
import { points } from '../../../db/model/amounts.ts';
import type { RecyclingRules } from '../../../db/model/recycling.ts';
import { openReadable } from '../../../db/sqlite.ts';
import { card, deliver, header, resident, scheme, writeDown } from '../../support/county.ts';
import {
  aDesk,
  approved,
  aTillWithDesk,
  clearPan,
  count,
  creditAct,
  creditArgs,
  deskOf,
  deskRules,
  nextDay,
  ownerPin,
  put,
  weigh,
} from '../../support/desk.ts';
import { type Till, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

const refused = (code: string) => ({ ok: false, code });
const manyBottles = zhenlai.scheme.recycling!; // its desk takes pesticide bottles

/** Batteries are two a point, and nothing caps them but what a test says. */
function rules(change: Partial<RecyclingRules> = {}): RecyclingRules {
  return { ...deskRules, materials: deskRules.materials.map((each) => ({ ...each, dayCap: null })), ...change };
}

/** So many batteries of a resident on the desk. */
async function brought(till: Till, pieces: number, who = '1'): Promise<Till> {
  await till.call.scan({ text: card(who) });
  expect(await count(till, 'battery', pieces)).toMatchObject({ ok: true });
  return till;
}

async function credited(till: Till, pieces: number, who = '1'): Promise<string> {
  await brought(till, pieces, who);
  const args = creditArgs(till);
  expect(await till.call.credit(args)).toMatchObject({ ok: true });
  return args.creditId;
}

/** What happened to points, in the book. */
async function written(till: Till) {
  await till.stop();
  return till.events().filter(({ kind }) => kind.startsWith('CREDIT'));
}

function usable(till: Till): number | undefined {
  return deskOf(till).resident?.allowance.usable;
}

test('of a weighed bag in 琼结 is one event with all that was measured, a ticket, and points that are there at once', async () => {
  const till = await aDesk(onTestFinished);
  await till.call.scan({ text: card('1') });
  await till.call.chooseMaterial({ materialId: 'plastic-bottle' });
  await till.call.setTare({ tare: { by: 'container', id: 'sack' } });
  await weigh(till, 1_354);
  const args = creditArgs(till);
  const given = await till.call.credit(args);
  const { bags: _bags, ...line } = {
    bags: [],
    materialId: 'plastic-bottle',
    zh: '塑料瓶',
    bo: 'འགྱིག་དམ',
    measuredBy: 'weight',
    hazardous: false,
    rate: { points: 1_500, per: 1_000 },
    units: 1_234,
    points: 1_800,
    remainderUnits: 34,
  };
  const facts = {
    creditId: args.creditId,
    ticketNumber: 'qj-03-R000001',
    at: till.clock.wallMs(),
    residentMasked: '格***',
    lines: [line],
    points: 1_800,
  };
  const view = { ...facts, usableBefore: 20_000, usableAfter: 21_800, isReversed: false };
  expect(given).toEqual({ ok: true, value: { ...view, print: { kind: 'queued' } } });
  expect(deskOf(till)).toMatchObject({
    resident: null,
    material: null,
    tare: { by: 'none' },
    bags: [],
    isPanClear: false,
    lastCredit: view,
  });
  expect(deskOf(till).creditId).not.toBe(args.creditId);
  expect(await till.call.recentCredits({ beforeSeq: null })).toEqual({
    credits: [{ ...facts, standing: 'given', copies: 0 }],
    pictures: expect.objectContaining({ 'plastic-bottle': 'plastic-bottle', battery: 'battery' }),
    nextBeforeSeq: null,
  });
  const [event] = await written(till);
  expect(event).toMatchObject({ kind: 'CREDIT', id: args.creditId, op: 'op1', res: 'tag00000001', amt: 1_800, day: '2026-11-21' });
  const { lines, ...body } = (event as typeof event & { readonly kind: 'CREDIT' }).body;
  expect(body).toEqual({
    ticketNumber: 'qj-03-R000001',
    accountId: 'a1',
    schemeVersion: 1,
    ruleVersion: 1,
    usableBefore: 20_000,
    usableAfter: 21_800,
    countyAfter: 21_800,
    countyAsOf: expect.any(Number),
    approvalId: null,
    printed: {
      language: 'zh',
      residentMasked: '格***',
      operatorName: '卓玛',
      shop: { zh: '白日社区文明超市', bo: null, countyZh: '琼结县', countyBo: null },
      scale: { serialNumber: 'XK3190-20517', verifiedOn: '2026-03-01', isSimulated: true },
    },
  });
  expect(lines).toMatchObject([{ ...line, bags: [{ measure: { readGrams: 1_354, tare: { by: 'container', id: 'sack', grams: 120 } } }] }]);
  expect(Object.keys(lines[0]!.bags[0]!).toSorted()).toEqual(['id', 'materialId', 'measure']);
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

test('its points are spent at the till at once, also by who is not at home here', async () => {
  const till = await aDesk(onTestFinished, { rules: rules() });
  await credited(till, 300, '2'); // 150 points, beside 50 of roaming
  await till.call.goTo({ place: 'till' });
  await till.call.scan({ text: card('2') });
  await till.call.addGoods({ goodsId: '2' });
  const { saleId, resident: who, quote, digest } = till.snapshot().cart;
  expect(who?.allowance).toMatchObject({ rights: 15_000, roaming: 5_000, usable: 20_000, countyBalance: 45_000 });
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
  expect(await till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: quote.dueCashFen } })).toMatchObject({
    ok: true,
    value: { points: 20_000, worthFen: 2_000, usableAfter: 0 },
  });
  await till.stop();
  expect(till.events().find(({ kind }) => kind === 'SALE')).toMatchObject({
    body: { redemption: { fromRights: 15_000, fromRoaming: 5_000 } },
  });
  expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
});

describe('a second press', () => {
  test('is the same credit: at once, later, and after a power cut; with other content it is refused', async () => {
    const till = await brought(await aDesk(onTestFinished), 40);
    const args = creditArgs(till);
    const [first, second] = await Promise.all([till.call.credit(args), till.call.credit(args)]);
    expect(first).toMatchObject({ ok: true, value: { points: 2_000, usableAfter: 22_000 } });
    const figures = (answer: typeof first) => (answer.ok ? { ...answer.value, print: null } : answer);
    expect(figures(second)).toEqual(figures(first));
    expect(await till.call.credit({ ...args, shown: { ...args.shown, points: 1 } })).toEqual(refused('other_content'));
    await brought(till, 10, '2');
    expect(figures(await till.call.credit(args))).toEqual(figures(first));
    expect(deskOf(till).bags).toMatchObject([{ units: 10 }]); // and the next visitor's bag stays
    const again = await till.powerCut();
    expect(figures(await again.call.credit(args))).toEqual(figures(first));
    expect(await again.call.credit({ ...args, creditId: randomUUID() })).toEqual(refused('credit_unknown'));
    expect(await written(again)).toHaveLength(1);
  });
});

describe('nothing is credited', () => {
  test('without a bag, a resident, a whole step, or for what the operator did not see', async () => {
    const till = await aDesk(onTestFinished);
    expect(await till.call.credit(creditArgs(till))).toEqual(refused('resident_needed'));
    await till.call.scan({ text: card('1') });
    expect(await till.call.credit(creditArgs(till))).toEqual(refused('empty'));
    await count(till, 'battery', 1);
    expect(await till.call.credit(creditArgs(till))).toEqual(refused('nothing_earned'));
    await count(till, 'battery', 9);
    const args = creditArgs(till);
    for (const lie of [{ points: 501 }, { digest: 'x' }])
      expect(await till.call.credit({ ...args, shown: { ...args.shown, ...lie } })).toEqual(refused('changed'));
    await count(till, 'battery', 2);
    expect(await till.call.credit(args)).toEqual(refused('changed'));
    await till.call.dropDeskResident();
    expect(await till.call.credit(creditArgs(till))).toEqual(refused('resident_needed'));
    expect(await written(till)).toEqual([]);
  });

  test('to a card that expired while its bags lay there', async () => {
    const till = await aDesk(onTestFinished);
    await till.call.scan({ text: card('1', { expiresOn: '2026-11-21' }) });
    await count(till, 'battery', 40);
    till.clock.turn(24 * 60 * 60_000);
    expect(await till.call.credit(creditArgs(till))).toEqual(refused('resident_refused'));
    expect(till.snapshot().notice).toMatchObject({ code: 'card_expired' });
    expect(deskOf(till).bags).toHaveLength(1);
    expect(await written(till)).toEqual([]);
  });

  test('for bags of a scale that was found bad later that day, until it is found good', async () => {
    const till = await aDesk(onTestFinished);
    const check = async (grams: number): Promise<boolean | null> => {
      await clearPan(till);
      await vi.waitFor(async () => expect(await till.call.checkScale({ actId: randomUUID(), step: 'empty' })).toMatchObject({ ok: true }));
      await put(till, grams);
      const checked = await till.call.checkScale({ actId: randomUUID(), step: 'known' });
      return checked.ok && checked.value !== null ? checked.value.isGood : null;
    };
    await till.call.scan({ text: card('1') });
    await till.call.chooseMaterial({ materialId: 'plastic-bottle' });
    await weigh(till, 2_000);
    const args = creditArgs(till);
    expect(await check(3_000)).toBe(false);
    expect(await till.call.credit(args)).toEqual(refused('scale_check_due'));
    expect(deskOf(till).bags).toHaveLength(1);
    expect(await check(1_000)).toBe(true);
    expect(await till.call.credit(args)).toMatchObject({ ok: true, value: { points: 3_000 } });
    expect((await written(till)).map(({ amt }) => amt)).toEqual([3_000]);
  });
});

describe('the caps of a day', () => {
  test.each([
    ['account_cap', rules({ accountDayCap: points(50_00) }), { account: 1_000, materials: [null] }],
    ['operator_cap', rules({ operatorDayCap: points(50_00) }), { operator: 1_000, materials: [null] }],
    ['kiosk_cap', rules({ kioskDayCap: points(50_00) }), { kiosk: 1_000, materials: [null] }],
    ['material_cap', deskRules, { materials: [1_000] }],
  ] as const)('%s: what remains is shown, more is refused whole, and the next day begins anew', async (code, these, left) => {
    const till = await aDesk(onTestFinished, { rules: these });
    await credited(till, 80); // 40 points of 50
    await brought(till, 22);
    expect(deskOf(till).quote).toMatchObject({ points: 1_100, left, problem: code });
    expect(await till.call.credit(creditArgs(till))).toEqual(refused(code));
    await till.call.clearDesk();
    await credited(till, 20);
    await nextDay(till);
    await credited(till, 100);
    expect((await written(till)).map(({ amt }) => amt)).toEqual([4_000, 1_000, 5_000]);
  });

  test('are of each account and operator; what was taken back is free again', async () => {
    const till = await aDesk(onTestFinished, { rules: rules({ accountDayCap: points(50_00) }) });
    const creditId = await credited(till, 100);
    await credited(till, 100, '2');
    await brought(till, 2);
    expect(deskOf(till).quote).toMatchObject({ left: { account: 0 }, problem: 'account_cap' });
    const approvalId = await approved(till, { kind: 'reverse_credit', creditId, points: 5_000 });
    await till.call.reverseCredit({ actId: randomUUID(), creditId, reason: 'wrong_amount', approvalId });
    expect(deskOf(till).quote).toMatchObject({ left: { account: 5_000 }, problem: null });
  });
});

describe('approval', () => {
  test('12,700 pesticide bottles in 镇赉 are 12,700 points in one credit, hazardous, with the owner’s leave', async () => {
    const till = await aDesk(onTestFinished, { rules: manyBottles });
    await till.call.scan({ text: card('1') });
    await count(till, 'pesticide-bottle', 12_700);
    const args = creditArgs(till);
    expect(await till.call.credit(args)).toEqual(refused('approval_needed'));
    const approvalId = await approved(till, creditAct(till));
    const press = { ...args, approvalId };
    expect(await till.call.credit(press)).toMatchObject({ ok: true, value: { points: 12_700_00, usableAfter: 12_900_00 } });
    expect(await till.call.credit(press)).toMatchObject({ ok: true, value: { ticketNumber: 'qj-03-R000001' } });
    const [event] = await written(till);
    expect(event).toMatchObject({
      amt: 12_700_00,
      body: { approvalId, lines: [{ hazardous: true, units: 12_700 }], printed: { scale: null } },
    });
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('is of exactly these bags of this resident, and used once', async () => {
    const till = await aDesk(onTestFinished, { rules: manyBottles });
    const bring = async (): Promise<void> => {
      await till.call.scan({ text: card('1') });
      await count(till, 'pesticide-bottle', 1_000);
    };
    await bring();
    const ofFewer = await approved(till, creditAct(till));
    await count(till, 'pesticide-bottle', 1);
    expect(await till.call.credit({ ...creditArgs(till), approvalId: ofFewer })).toEqual(refused('approval_void'));
    const ofFirst = await approved(till, creditAct(till));
    await till.call.dropDeskResident();
    await till.call.scan({ text: card('2') });
    expect(await till.call.credit({ ...creditArgs(till), approvalId: ofFirst })).toEqual(refused('approval_void'));
    expect(await till.call.credit({ ...creditArgs(till), approvalId: randomUUID() })).toEqual(refused('approval_void'));
    const approvalId = await approved(till, creditAct(till));
    expect(await till.call.credit({ ...creditArgs(till), approvalId })).toMatchObject({ ok: true });
    await bring();
    expect(await till.call.credit({ ...creditArgs(till), approvalId })).toEqual(refused('approval_void'));
    expect((await written(till)).map(({ amt }) => amt)).toEqual([1_001_00]);
  });

  test('is not spared by splitting: the day’s points of an account count, less what was taken back', async () => {
    const till = await aDesk(onTestFinished, { rules: rules({ approvalAbove: points(50_00) }) });
    const first = await credited(till, 80); // 40 points of 50
    await credited(till, 60, '2'); // another account
    await brought(till, 22);
    expect(deskOf(till).quote).toMatchObject({ points: 1_100, needsApproval: true, problem: null });
    expect(await till.call.credit(creditArgs(till))).toEqual(refused('approval_needed'));
    const allowed = { ...creditArgs(till), approvalId: await approved(till, creditAct(till)) };
    expect(await till.call.credit(allowed)).toMatchObject({ ok: true });
    const takeBack = async (creditId: string, points: number): Promise<unknown> => {
      const approvalId = await approved(till, { kind: 'reverse_credit', creditId, points });
      return till.call.reverseCredit({ actId: randomUUID(), creditId, reason: 'wrong_amount', approvalId });
    };
    expect(await takeBack(allowed.creditId, 1_100)).toEqual({ ok: true, value: 'reversed' });
    expect(await takeBack(first, 4_000)).toEqual({ ok: true, value: 'reversed' });
    await credited(till, 100); // 50 points are free again
    await brought(till, 2);
    expect(await till.call.credit(creditArgs(till))).toEqual(refused('approval_needed'));
    await till.call.clearDesk();
    await nextDay(till);
    await credited(till, 100); // and with the next business date
    expect((await written(till)).map(({ kind, amt }) => [kind, amt])).toEqual([
      ['CREDIT', 4_000],
      ['CREDIT', 3_000],
      ['CREDIT', 1_100],
      ['CREDIT_REVERSED', 1_100],
      ['CREDIT_REVERSED', 4_000],
      ['CREDIT', 5_000],
      ['CREDIT', 5_000],
    ]);
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('of what was typed once is not spared by splitting either: 镇赉’s 12 × 200 bottles end at the first 200', async () => {
    const till = await aDesk(onTestFinished, { rules: { ...manyBottles, approvalAbove: points(20_000_00) } });
    const typed = async (pieces: number, again: number | null): Promise<unknown> => {
      await till.call.scan({ text: card('1') });
      await till.call.chooseMaterial({ materialId: 'pesticide-bottle' });
      expect(await till.call.countBag({ bagId: randomUUID(), pieces, again })).toMatchObject({ ok: true });
      const answer = await till.call.credit(creditArgs(till));
      await till.call.clearDesk();
      return answer;
    };
    expect(await typed(200, null)).toMatchObject({ ok: true });
    expect(await typed(1, null)).toEqual(refused('approval_needed'));
    expect(await typed(200, 200)).toMatchObject({ ok: true }); // counted with care
    await till.call.scan({ text: card('2') });
    await till.call.chooseMaterial({ materialId: 'pesticide-bottle' });
    await till.call.countBag({ bagId: randomUUID(), pieces: 200, again: null });
    expect(await till.call.credit(creditArgs(till))).toMatchObject({ ok: true }); // another account
  });
});

describe('taking a credit back', () => {
  const reverse = (till: Till, creditId: string, approvalId?: string, actId = randomUUID()) =>
    till.call.reverseCredit({ actId, creditId, reason: 'wrong_resident', approvalId });
  const reversed = { ok: true, value: 'reversed' };
  const disputed = { ok: true, value: 'disputed' };

  test('needs an approval of exactly that, mirrors it once, and the points are gone', async () => {
    const till = await aDesk(onTestFinished, { rules: rules() });
    const creditId = await credited(till, 80);
    expect(await reverse(till, randomUUID())).toEqual(refused('credit_unknown'));
    expect(await reverse(till, creditId)).toEqual(refused('approval_needed'));
    const ofLess = await approved(till, { kind: 'reverse_credit', creditId, points: 3_900 });
    expect(await reverse(till, creditId, ofLess)).toEqual(refused('approval_void'));
    const approvalId = await approved(till, { kind: 'reverse_credit', creditId, points: 4_000 });
    const actId = randomUUID();
    expect(await reverse(till, creditId, approvalId, actId)).toEqual(reversed);
    expect(await reverse(till, creditId, approvalId, actId)).toEqual(reversed); // the first answer was lost
    expect(await reverse(till, creditId, approvalId)).toEqual(refused('already_reversed'));
    expect(deskOf(till).lastCredit).toMatchObject({ creditId, isReversed: true });
    expect(await till.call.recentCredits({ beforeSeq: null })).toMatchObject({ credits: [{ creditId, standing: 'reversed' }] });
    await till.call.scan({ text: card('1') });
    expect(usable(till)).toBe(20_000);
    expect((await written(till)).map(({ kind, amt, res }) => [kind, amt, res])).toEqual([
      ['CREDIT', 4_000, 'tag00000001'],
      ['CREDIT_REVERSED', 4_000, 'tag00000001'],
    ]);
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('that is spent, or no longer the newest, is the county’s to decide: nothing moves, then or later', async () => {
    const till = await aDesk(onTestFinished, { rules: rules() });
    const [older, spent] = [await credited(till, 80, '2'), await credited(till, 60, '2')];
    const leave = (creditId: string, points: number) => approved(till, { kind: 'reverse_credit', creditId, points });
    expect(await reverse(till, older, await leave(older, 4_000))).toEqual(disputed);
    await till.call.goTo({ place: 'till' });
    await till.call.scan({ text: card('2') });
    await till.call.addGoods({ goodsId: '1' });
    await till.call.setPoints({ points: 5_000 });
    const { saleId, quote, digest } = till.snapshot().cart;
    const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
    expect(await till.call.pay({ saleId, shown, payment: { kind: 'cash', tenderedFen: quote.dueCashFen } })).toMatchObject({ ok: true });
    const approvalId = await leave(spent, 3_000);
    const actId = randomUUID();
    expect(await reverse(till, spent, approvalId, actId)).toEqual(disputed);
    expect(await reverse(till, spent, approvalId, actId)).toEqual(disputed); // the first answer was lost
    await till.call.goTo({ place: 'desk' });
    const later = await credited(till, 200, '2'); // points enough again, and still nothing moves
    expect(await reverse(till, spent, await leave(spent, 3_000))).toEqual(disputed);
    const { credits } = await till.call.recentCredits({ beforeSeq: null });
    expect(credits.map(({ creditId, standing }) => [creditId, standing])).toEqual([
      [later, 'given'],
      [spent, 'disputed'],
      [older, 'disputed'],
    ]);
    await till.call.scan({ text: card('2') });
    expect(usable(till)).toBe(7_000 - 5_000 + 10_000 + 5_000);
    const events = await written(till);
    expect(
      events.flatMap((event) => (event.kind === 'CREDIT_DISPUTED' ? [[event.body.creditId, event.body.heldPoints, event.amt]] : [])),
    ).toEqual([
      [older, 7_000, 0],
      [spent, 2_000, 0],
    ]);
    expect(events.map(({ kind }) => kind)).not.toContain('CREDIT_REVERSED');
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });
});

test('lists credits newest first, twenty at a time', async () => {
  const till = await aDesk(onTestFinished, { rules: rules({ approvalAbove: points(500_00) }) });
  for (let i = 1; i <= 21; i += 1) await credited(till, 2 * i);
  const first = await till.call.recentCredits({ beforeSeq: null });
  expect(first.credits.map((each) => each.points)).toEqual(Array.from({ length: 20 }, (_, i) => (21 - i) * 100));
  const rest = await till.call.recentCredits({ beforeSeq: first.nextBeforeSeq });
  expect(rest).toMatchObject({ credits: [{ points: 100, ticketNumber: 'qj-03-R000001' }], nextBeforeSeq: null });
});

describe('a file of the county that comes while bags lie there', () => {
  /** A till at the desk, with batteries and bottles on it, whose looks at the inbox are made by hand. */
  async function aWatchedDesk(): Promise<{ readonly till: Till; readonly apply: (these: RecyclingRules | null) => Promise<void> }> {
    const fresh = await aTillWithDesk(onTestFinished, { rules: manyBottles });
    await fresh.stop();
    const db = openReadable(join(fresh.directory, 'book.db'));
    const { sha256 } = db.prepare<[], { sha256: string }>('SELECT sha256 FROM down_file').get()!;
    db.close();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const till = await atWork(await startTill(onTestFinished, fresh.directory, fresh.clock));
    await till.call.goTo({ place: 'desk' });
    await till.call.scan({ text: card('1') });
    await count(till, 'pesticide-bottle', 20);
    await count(till, 'can', 10);
    return {
      till,
      async apply(these) {
        const lines = [{ t: 'SCHEME', scheme: { ...scheme, version: 2, recycling: these } }] as const;
        deliver(till.home, (await writeDown(join(till.directory, 'from-county'), header(2, sha256), lines)).path);
        vi.advanceTimersByTime(5_000);
        await till.until(({ exchange }) => exchange.lastDownSeq === 2);
        await till.call.recentCredits({ beforeSeq: null }); // waits until no file is being applied
      },
    };
  }

  test('and takes a material off: its bag goes with a word and an event, and the rest is credited', async () => {
    const { till, apply } = await aWatchedDesk();
    const args = creditArgs(till);
    await apply({ ...manyBottles, materials: manyBottles.materials.map((each) => ({ ...each, active: each.id !== 'can' })) });
    await till.until(({ desk }) => desk?.bags.length === 1);
    expect(till.snapshot().notice).toMatchObject({ code: 'bag_rules_changed', subject: '易拉罐' });
    expect(deskOf(till)).toMatchObject({ material: null, bags: [{ materialId: 'pesticide-bottle' }], quote: { points: 2_000 } });
    expect(await till.call.credit(args)).toEqual(refused('changed'));
    expect(await till.call.credit(creditArgs(till))).toMatchObject({ ok: true, value: { points: 2_000 } });
    await till.stop();
    expect(till.events().find(({ kind }) => kind === 'BAG_REMOVED')).toMatchObject({ body: { materialId: 'can', units: 10 } });
    expect(till.events().find(({ kind }) => kind === 'CREDIT')).toMatchObject({ body: { schemeVersion: 2, ruleVersion: 2 } });
  });

  test('and changes a rate: what the operator saw is refused', async () => {
    const { till, apply } = await aWatchedDesk();
    const args = creditArgs(till);
    await apply({
      ...manyBottles,
      materials: manyBottles.materials.map((each) => (each.id === 'can' ? { ...each, rate: { points: points(100), per: 5 } } : each)),
    });
    expect(await till.call.credit(args)).toEqual(refused('changed'));
    expect(await till.call.credit(creditArgs(till))).toMatchObject({ ok: true, value: { points: 2_200 } });
  });

  test('and takes nothing in any more: the desk is gone, and every bag is in the book', async () => {
    const { till, apply } = await aWatchedDesk();
    await apply(null);
    await till.until(({ desk }) => desk === null);
    expect(till.snapshot()).toMatchObject({ place: 'till', notice: { code: 'bag_rules_changed' } });
    expect(await till.call.credit({ creditId: randomUUID(), shown: { points: 0, digest: '' } })).toEqual(refused('credit_unknown'));
    await till.stop();
    expect(till.events().filter(({ kind }) => kind === 'BAG_REMOVED')).toHaveLength(2);
  });
});

test('two residents of one household share its cap', async () => {
  const till = await aDesk(onTestFinished, {
    rules: rules({ accountDayCap: points(50_00) }),
    more: [{ t: 'RESIDENT', resident: resident('7', { accountId: 'a1', name: '次仁' }) }],
  });
  await credited(till, 80);
  await brought(till, 22, '7');
  expect(deskOf(till).quote).toMatchObject({ left: { account: 1_000 }, problem: 'account_cap' });
});

test('an approval is the owner’s alone: a wrong PIN gives none', async () => {
  const till = await aDesk(onTestFinished, { rules: manyBottles });
  await till.call.scan({ text: card('1') });
  await count(till, 'pesticide-bottle', 1_000);
  const approvalId = randomUUID();
  expect(await till.call.approve({ approvalId, act: creditAct(till), operatorId: 'boss', pin: '000001' })).toMatchObject({
    code: 'pin_wrong',
  });
  expect(await till.call.approve({ approvalId, act: creditAct(till), operatorId: 'op1', pin: ownerPin })).toMatchObject({ ok: false });
  expect(await till.call.credit({ ...creditArgs(till), approvalId })).toEqual(refused('approval_void'));
});
