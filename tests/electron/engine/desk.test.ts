// The desk before the credit: cards, materials, tares, bags. The scale is simulated, and what it says goes through its frames.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import { piecesMax } from '../../../db/model/recycling.ts';
import { readDeskDraft, writeDeskDraft } from '../../../db/drafts.ts';
import { openBook } from '../../../db/open-book.ts';
import type { DeskDraft } from '../../../electron/engine/desk-draft.ts';
import type { WeightView } from '../../../electron/ipc/snapshot.ts';
import { card, cashierPin, resident, scheme } from '../../support/county.ts';
import { aDesk, aTillWithDesk, clearPan, count, creditArgs, deskOf, deskRules, put, scaleSetId, weigh } from '../../support/desk.ts';
import { type Till, aTill, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

const done = { ok: true, value: null };
const refused = (code: string) => ({ ok: false, code });

async function chosen(till: Till, materialId = 'plastic-bottle'): Promise<Till> {
  expect(await till.call.chooseMaterial({ materialId })).toEqual(done);
  return till;
}

/** What the bags say, without their ids. */
function bagsOf(till: Till) {
  return deskOf(till).bags.map(({ materialId, units, readGrams, tareGrams }) => [materialId, units, readGrams, tareGrams]);
}

/** Waits until the page was told that this is on the pan. */
function shows(till: Till, weight: Partial<WeightView>): Promise<unknown> {
  return vi.waitFor(() => expect(till.weight()).toMatchObject(weight), { timeout: 15_000 });
}

async function removed(till: Till) {
  await till.stop();
  return till.events().flatMap((event) => (event.kind === 'BAG_REMOVED' ? [event.body] : []));
}

describe.concurrent('the place', () => {
  test('is the till until somebody goes to the desk, and again after signing out; where nothing is taken in there is no desk', async ({
    onTestFinished,
  }) => {
    const till = await aDesk(onTestFinished);
    expect(till.snapshot().place).toBe('desk');
    await till.call.signOut();
    expect(till.snapshot()).toMatchObject({ place: 'till', desk: { resident: null } });
    const without = await atWork(await aTill(onTestFinished));
    expect(without.snapshot().desk).toBeNull();
    expect(await without.call.goTo({ place: 'desk' })).toEqual(refused('no_desk'));
    expect(await without.call.goTo({ place: 'till' })).toEqual(done);
  });

  test('says what a card is for: at the desk it earns, goods are not sold, and the cart stays as it was', async ({ onTestFinished }) => {
    const till = await aDesk(onTestFinished);
    const { cart } = till.snapshot();
    expect(await till.call.scan({ text: '2000000000001' })).toMatchObject({ code: 'goods_at_desk', subject: '洗洁精' });
    expect(await till.call.scan({ text: '6900000000001' })).toMatchObject({ code: 'goods_unknown', subject: '6900000000001' });
    expect(await till.call.scan({ text: card('1') })).toMatchObject({ code: 'card_accepted' });
    expect(deskOf(till).resident).toMatchObject({ masked: '格***', isHome: true, allowance: { usable: 20_000 } });
    expect(till.snapshot().cart).toEqual(cart);
    await till.call.goTo({ place: 'till' });
    expect(till.snapshot().notice).toBeNull();
    expect(await till.call.scan({ text: card('2') })).toMatchObject({ code: 'card_accepted' });
    expect(till.snapshot()).toMatchObject({ cart: { resident: { masked: '扎*' } }, desk: { resident: { masked: '格***' } } });
  });
});

describe.concurrent('a card at the desk', () => {
  test('earns outside the season in which points are redeemed, and a cadre’s does neither', async ({ onTestFinished }) => {
    const closed = { ...scheme, recycling: deskRules, redemptionWindow: { from: '12-01', to: '12-31' } };
    const till = await aDesk(onTestFinished, {
      more: [
        { t: 'SCHEME', scheme: closed },
        { t: 'RESIDENT', resident: resident('5', { group: 'cadre' }) },
        { t: 'RESIDENT', resident: resident('6', { active: false }) },
      ],
    });
    for (const [id, code] of [
      ['5', 'card_ineligible'],
      ['6', 'card_inactive'],
      ['99', 'card_unknown'],
    ] as const)
      expect(await till.call.scan({ text: card(id) })).toMatchObject({ code });
    expect(await till.call.scan({ text: card('1', { expiresOn: '2026-11-20' }) })).toMatchObject({ code: 'card_expired' });
    expect(deskOf(till).resident).toBeNull();
    expect(await till.call.scan({ text: card('1') })).toMatchObject({ code: 'card_accepted' });
    await till.call.goTo({ place: 'till' });
    expect(await till.call.scan({ text: card('1') })).toMatchObject({ code: 'window_closed' });
    await till.stop();
    const codes = till.events().flatMap((event) => (event.kind === 'REFUSED' ? [event.body.code] : []));
    expect(codes).toEqual(['card_ineligible', 'card_inactive', 'card_unknown', 'card_expired', 'window_closed']);
  });

  test('of another resident takes the place of the first, but never over bags', async ({ onTestFinished }) => {
    const till = await aDesk(onTestFinished);
    await till.call.scan({ text: card('1') });
    expect(await till.call.scan({ text: card('2') })).toMatchObject({ code: 'card_replaced' });
    await count(till, 'battery', 4);
    const before = deskOf(till);
    expect(await till.call.scan({ text: card('1') })).toMatchObject({ code: 'bags_of_another' });
    expect(deskOf(till)).toEqual(before);
    expect(await till.call.scan({ text: card('2') })).toMatchObject({ code: 'card_accepted' });
    await till.call.dropDeskResident();
    expect(await till.call.scan({ text: card('1') })).toMatchObject({ code: 'card_accepted' });
    expect(deskOf(till)).toMatchObject({ resident: { masked: '格***' }, bags: [{ units: 4 }] });
  });
});

describe.concurrent('a bag', () => {
  test('is weighed before the card or after it, with the same to credit: 1.234 kg in a sack are 18 points', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    expect(await till.call.setTare({ tare: { by: 'container', id: 'sack' } })).toEqual(done);
    const bagId = randomUUID();
    expect(await weigh(till, 1_354, { bagId })).toEqual(done);
    const first = deskOf(till);
    expect(first).toEqual({
      creditId: expect.any(String),
      resident: null,
      materials: deskRules.materials.map(({ active: _active, ...tile }) => tile),
      containers: deskRules.containers,
      material: 'plastic-bottle',
      tare: { by: 'container', id: 'sack', grams: 120 },
      isPanClear: false,
      bags: [
        { bagId: expect.any(String), materialId: 'plastic-bottle', measuredBy: 'weight', units: 1_234, readGrams: 1_354, tareGrams: 120 },
      ],
      quote: {
        lines: [
          {
            materialId: 'plastic-bottle',
            zh: '塑料瓶',
            bo: 'འགྱིག་དམ',
            measuredBy: 'weight',
            hazardous: false,
            rate: { points: 1_500, per: 1_000 },
            units: 1_234,
            points: 1_800,
            remainderUnits: 34,
          },
        ],
        points: 1_800,
        left: { account: 50_000, operator: null, kiosk: 2_000_000, materials: [null] },
        needsApproval: false,
        problem: null,
      },
      digest: expect.stringMatching(/^[\w-]{43}$/),
      typeTwiceAbove: 100,
      lastCredit: null,
    });
    await till.call.scan({ text: card('1') });
    const cardLast = deskOf(till);
    await till.call.clearDesk();
    await till.call.scan({ text: card('1') });
    await chosen(till);
    await till.call.setTare({ tare: { by: 'container', id: 'sack' } });
    expect(await weigh(till, 1_354)).toEqual(done);
    const cardFirst = deskOf(till);
    expect(cardFirst.quote).toEqual(cardLast.quote);
    expect(cardFirst.resident).toEqual(cardLast.resident);
    expect(new Set([first.digest, cardLast.digest, cardFirst.digest]).size).toBe(3); // another resident, another credit
    expect(await removed(till)).toEqual([{ creditId: first.creditId, materialId: 'plastic-bottle', units: 1_234 }]);
    expect(await verdictOn(till.directory)).toEqual({ kind: 'true' });
  });

  test('keeps the frames that say so', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await weigh(till, 2_000);
    await till.call.scan({ text: card('1') });
    expect(await till.call.credit(creditArgs(till))).toMatchObject({ ok: true });
    await till.stop();
    const given = till.events().find((event) => event.kind === 'CREDIT');
    const measure = given?.body.lines[0]?.bags[0]?.measure;
    expect(measure).toEqual({
      kind: 'weighed',
      readGrams: 2_000,
      tare: { by: 'none' },
      proof: { scaleSetId, family: 'st-us', stableBy: 'flag', framesHex: expect.any(Array), weighedAt: till.clock.wallMs() },
    });
    const frames = measure?.kind === 'weighed' ? measure.proof.framesHex : [];
    expect([...new Set(frames.map((hex) => Buffer.from(hex, 'hex').toString('latin1')))]).toEqual(['ST,GS,+  2.000kg']);
    expect(frames.length).toBeGreaterThan(1);
  });

  test('keeps the frames of its tare, too, where that was on the pan', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await till.call.scan({ text: card('1') });
    await put(till, 300);
    await till.call.setTare({ tare: { by: 'pan' } });
    await weigh(till, 2_300);
    const later = await till.powerCut();
    expect(await later.call.credit(creditArgs(later))).toMatchObject({ ok: true, value: { points: 3_000 } });
    await later.stop();
    const given = later.events().find((event) => event.kind === 'CREDIT');
    const measure = given?.body.lines[0]?.bags[0]?.measure;
    expect(measure?.kind === 'weighed' ? measure.tare : null).toEqual({
      by: 'pan',
      grams: 300,
      proof: {
        scaleSetId,
        family: 'st-us',
        stableBy: 'flag',
        framesHex: expect.arrayContaining([Buffer.from('ST,GS,+  0.300kg').toString('hex')]) as string[],
        weighedAt: till.clock.wallMs(),
      },
    });
    expect(await verdictOn(later.directory)).toEqual({ kind: 'true' });
  });

  test('goes with others of its material into one line, rounded once; others make lines of their own', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await weigh(till, 1_050);
    await weigh(till, 1_090);
    await chosen(till, 'can');
    await weigh(till, 525);
    await count(till, 'battery', 7);
    const { quote } = deskOf(till);
    expect(quote.lines.map(({ materialId, units, points, remainderUnits }) => [materialId, units, points, remainderUnits])).toEqual([
      ['plastic-bottle', 2_140, 3_200, 6],
      ['can', 525, 3_100, 8],
      ['battery', 7, 300, 1],
    ]);
    expect(quote).toMatchObject({ points: 6_600, left: { materials: [null, null, 5_000] }, problem: null });
  });

  test('needs a material first, of those taken now, and measured its way', async ({ onTestFinished }) => {
    const till = await aDesk(onTestFinished, {
      rules: { ...deskRules, materials: deskRules.materials.map((each) => ({ ...each, active: each.id !== 'glass' })) },
    });
    const one = { bagId: randomUUID(), pieces: 3, again: null };
    expect(await till.call.weigh({ bagId: randomUUID(), isOtherBag: false })).toEqual(refused('no_material'));
    expect(await till.call.countBag(one)).toEqual(refused('no_material'));
    expect(await till.call.chooseMaterial({ materialId: 'gold' })).toEqual(refused('material_unknown'));
    expect(await till.call.chooseMaterial({ materialId: 'glass' })).toEqual(refused('material_inactive'));
    await chosen(till);
    expect(await till.call.countBag(one)).toEqual(refused('not_by_count'));
    expect(await weigh(till, 9)).toEqual(refused('too_little'));
    await chosen(till, 'battery');
    expect(await till.call.weigh({ bagId: randomUUID(), isOtherBag: false })).toEqual(refused('not_by_weight'));
    expect(await till.call.setTare({ tare: { by: 'pan' } })).toEqual(refused('not_by_weight'));
    expect(await till.call.countBag({ ...one, pieces: 501, again: 501 })).toEqual(refused('too_much'));
    expect(deskOf(till).bags).toEqual([]);
  });

  test('that is taken off is in the book, once; what is gone cannot be taken off again', async ({ onTestFinished }) => {
    const till = await aDesk(onTestFinished);
    await count(till, 'battery', 4);
    const { creditId, bags } = deskOf(till);
    const { bagId } = bags[0]!;
    const act = { actId: randomUUID(), bagId };
    expect(await till.call.removeBag(act)).toEqual(done);
    expect(await till.call.removeBag(act)).toEqual(done); // the first answer was lost
    expect(await till.call.removeBag({ actId: randomUUID(), bagId })).toEqual(refused('bag_gone'));
    await expect(till.call.removeBag({ actId: creditId, bagId })).rejects.toMatchObject({ code: 'bad_call' });
    expect(await removed(till)).toEqual([{ creditId, materialId: 'battery', units: 4 }]);
  });
});

describe.concurrent('the tare', () => {
  test('is what was on the pan, or a container of the county’s, or nothing', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    expect(await till.call.setTare({ tare: { by: 'container', id: 'crate' } })).toEqual(refused('container_unknown'));
    await put(till, 300);
    expect(await till.call.setTare({ tare: { by: 'pan' } })).toEqual(done);
    expect(deskOf(till).tare).toEqual({ by: 'pan', grams: 300 });
    expect(await weigh(till, 1_534)).toEqual(done);
    expect(await till.call.setTare({ tare: { by: 'none' } })).toEqual(done);
    expect(await weigh(till, 700)).toEqual(done);
    expect(bagsOf(till)).toEqual([
      ['plastic-bottle', 1_234, 1_534, 300],
      ['plastic-bottle', 700, 700, 0],
    ]);
    await put(till, -50);
    expect(await till.call.setTare({ tare: { by: 'pan' } })).toEqual(refused('tare_negative'));
    expect(deskOf(till).tare).toEqual({ by: 'none' });
  });

  test('is never taken twice: by the scale’s own key, or by us', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await put(till, 300);
    await shows(till, { kind: 'stable', grams: 300, isNet: false });
    await till.call.simulateScale({ act: 'tare' });
    await shows(till, { kind: 'zero', grams: 0, isNet: true });
    for (const tare of [{ by: 'pan' }, { by: 'container', id: 'sack' }] as const)
      expect(await till.call.setTare({ tare })).toEqual(refused('double_tare'));
    await put(till, 1_534);
    expect(await till.call.weigh({ bagId: randomUUID(), isOtherBag: false })).toEqual(done); // net from the scale
    expect(bagsOf(till)).toEqual([['plastic-bottle', 1_234, 1_234, 0]]);
    await put(till, 0); // its tare is still on: 300 g below zero, and nothing lies there
    await till.until(({ desk }) => desk?.isPanClear === true);
    expect(till.weight()).toEqual({ kind: 'negative', grams: -300, isNet: true });
    await till.call.simulateScale({ act: 'tare' });
    await shows(till, { kind: 'zero', isNet: false });
    expect(await till.call.setTare({ tare: { by: 'container', id: 'sack' } })).toEqual(done);
    await put(till, 300);
    await shows(till, { kind: 'stable' });
    await till.call.simulateScale({ act: 'tare' });
    await put(till, 2_000);
    expect(await till.call.weigh({ bagId: randomUUID(), isOtherBag: false })).toEqual(refused('double_tare'));
    expect(deskOf(till).bags).toHaveLength(1);
  });
});

describe.concurrent('the pan', () => {
  test('must be empty between two bags, also of two visitors; one put in place of the other is not an empty pan', async ({
    onTestFinished,
  }) => {
    const till = await chosen(await aDesk(onTestFinished));
    expect(await weigh(till, 1_000)).toEqual(done);
    const again = { bagId: randomUUID(), isOtherBag: true };
    expect(await till.call.weigh(again)).toEqual(refused('pan_not_clear'));
    await put(till, 2_500);
    expect(await till.call.weigh(again)).toEqual(refused('pan_not_clear'));
    await till.call.clearDesk();
    expect(deskOf(till).isPanClear).toBe(false); // another visitor, the same bag
    await chosen(till);
    expect(await till.call.weigh(again)).toEqual(refused('pan_not_clear'));
    await clearPan(till);
    await put(till, 2_500);
    expect(await till.call.weigh(again)).toEqual(done);
  });

  test('is one: a second press is the same bag, another bag at the same time is refused', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await put(till, 1_000);
    const [one, other] = [
      { bagId: randomUUID(), isOtherBag: false },
      { bagId: randomUUID(), isOtherBag: true },
    ];
    const answers = await Promise.all([till.call.weigh(one), till.call.weigh(one), till.call.weigh(other)]);
    expect(answers).toEqual([done, done, refused('pan_not_clear')]);
    expect(await till.call.weigh(one)).toEqual(done); // the first answer was lost
    expect(bagsOf(till)).toHaveLength(1);
  });

  test.for(['the bag', 'the tare'])(
    'is a bag or a tare, never both of one reading, %s asked for first',
    async (first, { onTestFinished }) => {
      const till = await chosen(await aDesk(onTestFinished));
      await put(till, 800);
      const bag = () => till.call.weigh({ bagId: randomUUID(), isOtherBag: false });
      const tare = () => till.call.setTare({ tare: { by: 'pan' } });
      const both = await Promise.all(first === 'the bag' ? [bag(), tare()] : [tare(), bag()]);
      expect(both).toEqual([done, refused('pan_not_clear')]);
      expect([bagsOf(till), deskOf(till).tare.by]).toEqual(first === 'the bag' ? [[['plastic-bottle', 800, 800, 0]], 'none'] : [[], 'pan']);
    },
  );

  test('is not empty where the scale’s own key made zero of the bag on it', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await weigh(till, 2_000);
    await till.call.simulateScale({ act: 'tare' });
    await shows(till, { kind: 'zero', grams: 0, isNet: true });
    await put(till, 4_000); // and another beside it
    await shows(till, { kind: 'stable', grams: 2_000, isNet: true });
    expect(await till.call.weigh({ bagId: randomUUID(), isOtherBag: true })).toEqual(refused('pan_not_clear'));
    await put(till, 0);
    await till.until(({ desk }) => desk?.isPanClear === true);
    expect(till.weight()).toEqual({ kind: 'negative', grams: -2_000, isNet: true });
  });
});

describe.concurrent('the same bag', () => {
  test('is asked about where it is as heavy as one on the desk, of the same material, within five minutes', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await weigh(till, 1_000);
    expect(await weigh(till, 1_020)).toEqual(refused('same_bag'));
    expect(await weigh(till, 1_021)).toEqual(done);
    expect(await weigh(till, 1_010, { isOtherBag: true })).toEqual(done);
    await chosen(till, 'glass');
    expect(await weigh(till, 1_000)).toEqual(done);
    till.clock.turn(5 * 60_000 + 1);
    expect(await weigh(till, 1_000)).toEqual(done);
    expect(deskOf(till).bags).toHaveLength(5);
  });

  test('is asked about where the account was credited for it, and a clock that is set back asks all the same', async ({
    onTestFinished,
  }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await till.call.scan({ text: card('1') });
    await weigh(till, 1_000);
    expect(await till.call.credit(creditArgs(till))).toMatchObject({ ok: true });
    await till.call.scan({ text: card('2') });
    await chosen(till);
    expect(await weigh(till, 1_000)).toEqual(done); // another account
    await till.call.clearDesk();
    await till.call.scan({ text: card('1') });
    await chosen(till);
    till.clock.set(till.clock.wallMs() - 60 * 60_000);
    const bagId = randomUUID();
    expect(await weigh(till, 1_000, { bagId })).toEqual(refused('same_bag'));
    till.clock.turn(65 * 60_000 + 1);
    expect(await till.call.weigh({ bagId, isOtherBag: false })).toEqual(done);
  });

  test('that was weighed before the card came is not credited until it was asked about', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await till.call.scan({ text: card('1') });
    await weigh(till, 1_000);
    await till.call.credit(creditArgs(till));
    await chosen(till);
    await weigh(till, 1_000);
    await till.call.scan({ text: card('1') });
    expect(await till.call.credit(creditArgs(till))).toEqual(refused('bag_seen_before'));
    await till.call.removeBag({ actId: randomUUID(), bagId: deskOf(till).bags[0]!.bagId });
    expect(await weigh(till, 1_000)).toEqual(refused('same_bag'));
    expect(await till.call.weigh({ bagId: randomUUID(), isOtherBag: true })).toEqual(done);
    expect(await till.call.credit(creditArgs(till))).toMatchObject({ ok: true, value: { points: 1_500 } });
  });
});

describe.concurrent('while the scale is waited for', () => {
  test.for([
    ['another material', (till: Till) => till.call.chooseMaterial({ materialId: 'can' })],
    ['another tare', (till: Till) => till.call.setTare({ tare: { by: 'container', id: 'sack' } })],
    ['another visitor', (till: Till) => till.call.clearDesk()],
    ['another resident’s card', (till: Till) => till.call.scan({ text: card('2') })],
    ['another operator', (till: Till) => till.call.signIn({ operatorId: 'boss', pin: '864209' })],
    ['nobody any more', (till: Till) => till.call.signOut()],
  ] as const)('%s: no bag comes of it', async ([, change], { onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await till.call.simulateScale({ act: 'fault', fault: 'moving' });
    await shows(till, { kind: 'moving' });
    await put(till, 1_000);
    const weighing = till.call.weigh({ bagId: randomUUID(), isOtherBag: false });
    await change(till);
    await till.call.simulateScale({ act: 'fault', fault: 'none' });
    expect(await weighing).toEqual(refused('other_credit'));
    expect(deskOf(till).bags).toEqual([]);
  });
});

describe.concurrent('a scale that is no help', () => {
  const press = (till: Till) => till.call.weigh({ bagId: randomUUID(), isOtherBag: false });
  const fault = (till: Till, which: 'none' | 'unplugged' | 'frozen' | 'overload' | 'underload' | 'moving') =>
    till.call.simulateScale({ act: 'fault', fault: which });

  test('is named: none, or not checked today', async ({ onTestFinished }) => {
    const without = await chosen(await aDesk(onTestFinished, { scale: null }));
    expect(await press(without)).toEqual(refused('scale_not_set'));
    const unchecked = await chosen(await aDesk(onTestFinished, { isChecked: false }));
    expect(await press(unchecked)).toEqual(refused('scale_check_due'));
    expect(await unchecked.call.setTare({ tare: { by: 'pan' } })).toEqual(refused('scale_check_due'));
  });

  test('overloaded, below its zero, or never at rest gives no bag', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    for (const which of ['overload', 'underload'] as const) {
      await fault(till, which);
      await shows(till, { kind: which });
      expect(await press(till)).toEqual(refused(which));
    }
    await fault(till, 'moving');
    await put(till, 1_000);
    await shows(till, { kind: 'moving' });
    expect(await press(till)).toEqual(refused('not_stable')); // after ten seconds
    expect(deskOf(till)).toMatchObject({ bags: [], isPanClear: true });
  });

  test('frozen at the last bag never shows an empty pan, so no second bag is credited for it', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await weigh(till, 1_000);
    await fault(till, 'frozen');
    await put(till, 0);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await press(till)).toEqual(refused('pan_not_clear'));
    expect(bagsOf(till)).toEqual([['plastic-bottle', 1_000, 1_000, 0]]);
  });

  const states: readonly (readonly [name: string, make: (till: Till) => Promise<unknown>, answer: string])[] = [
    ['nothing chosen', async () => {}, 'no_material'],
    ['a material chosen', (till) => chosen(till), 'scale_away'],
    ['a tare chosen', async (till) => (await chosen(till)).call.setTare({ tare: { by: 'container', id: 'sack' } }), 'scale_away'],
    ['a bag still on the pan', async (till) => weigh(await chosen(till), 1_354), 'pan_not_clear'],
    ['a bag weighed, the pan empty', async (till) => weigh(await chosen(till), 1_354).then(() => clearPan(till)), 'scale_away'],
  ];

  test.for(states)(
    'unplugged with %s: all stays as it was, and weighing goes on when it is back',
    async ([, make, answer], { onTestFinished }) => {
      const till = await aDesk(onTestFinished);
      await make(till);
      const before = deskOf(till);
      await fault(till, 'unplugged');
      await till.until(({ scale }) => scale.state === 'lost');
      expect(await press(till)).toEqual(refused(answer));
      expect(deskOf(till)).toEqual(before);
      await fault(till, 'none');
      await till.until(({ scale }) => scale.state === 'ready');
      await chosen(till);
      expect(await weigh(till, 2_000)).toEqual(done);
      expect(deskOf(till).bags).toHaveLength(before.bags.length + 1);
    },
  );

  test('unplugged while a bag is waited for gives none, and what was weighed before is credited', async ({ onTestFinished }) => {
    const till = await chosen(await aDesk(onTestFinished));
    await weigh(till, 1_234);
    await clearPan(till);
    await fault(till, 'moving');
    await shows(till, { kind: 'moving' });
    const waiting = press(till);
    await fault(till, 'unplugged');
    expect(await waiting).toEqual(refused('scale_away'));
    await till.call.scan({ text: card('1') });
    expect(await till.call.credit(creditArgs(till))).toMatchObject({ ok: true, value: { points: 1_800 } });
  });
});

test.concurrent('bags, tare, resident and the full pan outlive a power cut between weighing and credit', async ({ onTestFinished }) => {
  const till = await chosen(await aDesk(onTestFinished));
  await till.call.scan({ text: card('1') });
  await till.call.setTare({ tare: { by: 'container', id: 'sack' } });
  await weigh(till, 1_354);
  const before = deskOf(till);
  const again = await till.powerCut();
  expect(again.snapshot()).toMatchObject({ place: 'desk', operator: { id: 'op1' } });
  expect({ ...deskOf(again), isPanClear: false }).toEqual(before); // the new engine's simulated pan is empty
  expect(await again.call.credit(creditArgs(again))).toMatchObject({ ok: true, value: { points: 1_800 } });
  await again.stop();
  expect(await verdictOn(again.directory)).toEqual({ kind: 'true' });
});

describe.concurrent('a stored credit', () => {
  type Change = (draft: DeskDraft) => object;

  /** Changes what is stored as whoever has the file can, without the kiosk's key. */
  function byAnotherHand({ directory }: Till, change: Change): void {
    const db = new Database(join(directory, 'book.db'));
    const { body } = db.prepare<[], { body: string }>('SELECT body FROM desk_draft').get()!;
    db.prepare('UPDATE desk_draft SET body = ?').run(JSON.stringify(change(JSON.parse(body) as DeskDraft)));
    db.close();
  }

  /** Changes it with the kiosk's key, as a program of ours with a fault would. */
  function byOurHand({ home, clock }: Till, change: Change): void {
    const opened = openBook(home, clock, 'a fault of ours');
    if (!opened.ok) throw new Error(opened.detail);
    opened.book.transact(() => writeDeskDraft(opened.book, change(readDeskDraft(opened.book)!.draft as DeskDraft))); // as desk.ts stored it
    opened.book.close();
  }

  const asIfRead =
    (readGrams: number): Change =>
    (draft) => ({
      ...draft,
      bags: draft.bags.map((bag) => (bag.measure.kind === 'weighed' ? { ...bag, measure: { ...bag.measure, readGrams } } : bag)),
    });

  test.for<readonly [string, Change]>([
    ['says that 100 g were 13 kg', asIfRead(13_000)],
    ['has no seal', ({ ...draft }) => ({ ...draft, seal: undefined })],
    ['says that a bag was answered for', (draft) => ({ ...draft, bags: draft.bags.map((bag) => ({ ...bag, otherFor: 'a1' })) })],
  ])(
    'of another hand that %s comes back without its weighings and its card, on record, and says so',
    async ([, change], { onTestFinished }) => {
      const till = await chosen(await aDesk(onTestFinished));
      await till.call.scan({ text: card('1') });
      await weigh(till, 100);
      await count(till, 'battery', 4);
      const { creditId } = deskOf(till);
      await till.stop();
      byAnotherHand(till, change);
      const next = await startTill(onTestFinished, till.directory, till.clock);
      expect(next.snapshot().notice).toMatchObject({ code: 'weighing_unproven', subject: '塑料瓶' });
      expect(deskOf(next)).toMatchObject({ creditId, resident: null, tare: { by: 'none' }, bags: [{ materialId: 'battery', units: 4 }] });
      expect(await removed(next)).toEqual([{ creditId, materialId: 'plastic-bottle', units: expect.any(Number) as number }]);
      const again = await startTill(onTestFinished, next.directory, next.clock);
      expect(again.snapshot().notice).toBeNull(); // what is stored now is sealed
      expect(deskOf(again).bags).toHaveLength(1);
      await again.stop();
      expect(await verdictOn(again.directory)).toEqual({ kind: 'true' });
    },
  );

  test('from before there was a seal, with nothing weighed, is read', async ({ onTestFinished }) => {
    const till = await aDesk(onTestFinished);
    await count(till, 'battery', 4);
    await till.stop();
    byAnotherHand(till, ({ ...draft }) => ({ ...draft, seal: undefined }));
    const next = await startTill(onTestFinished, till.directory, till.clock);
    expect([next.snapshot().notice, bagsOf(next)]).toEqual([null, [['battery', 4, null, 0]]]);
    expect(await removed(next)).toEqual([]);
  });

  test.for<readonly [string, Change]>([
    ['the bag', asIfRead(13_000)],
    ['its tare', (draft) => ({ ...draft, bags: draft.bags.map((bag) => ({ ...bag, measure: { ...bag.measure, tare: lighter(draft) } })) })],
    [
      'its net weight, which would be gross',
      (draft) => ({ ...draft, bags: draft.bags.map((bag) => ({ ...bag, measure: { ...bag.measure, tare: { by: 'scale' } } })) }),
    ],
  ])(
    'that is sealed, and whose bytes say otherwise of %s, is not credited: the bag is taken off',
    async ([, change], { onTestFinished }) => {
      const till = await chosen(await aDesk(onTestFinished));
      await till.call.scan({ text: card('1') });
      await put(till, 300);
      expect(await till.call.setTare({ tare: { by: 'pan' } })).toEqual(done);
      await weigh(till, 2_300);
      await till.stop();
      byOurHand(till, change);
      const next = await atWork(await startTill(onTestFinished, till.directory, till.clock), { isShiftOpen: true });
      await next.call.goTo({ place: 'desk' });
      await next.call.scan({ text: card('1') });
      expect(await next.call.credit(creditArgs(next))).toEqual(refused('changed'));
      expect(next.snapshot()).toMatchObject({ notice: { code: 'weighing_unproven', subject: '塑料瓶' }, status: { kind: 'selling' } });
      expect(await removed(next)).toHaveLength(1);
      expect(next.events().filter(({ kind }) => kind === 'CREDIT')).toEqual([]);
    },
  );

  /** The tare of a draft's only bag, at a third of what was weighed. */
  function lighter({ bags }: DeskDraft): object {
    const measure = bags[0]?.measure;
    return measure?.kind === 'weighed' ? { ...measure.tare, grams: 100 } : {};
  }
});

test.concurrent('over night the bags stay, and the card does not', async ({ onTestFinished }) => {
  const till = await aDesk(onTestFinished);
  await till.call.scan({ text: card('1') });
  await count(till, 'battery', 4);
  till.clock.turn(4 * 60_000);
  const later = await till.powerCut();
  expect(later.snapshot()).toMatchObject({ place: 'till', operator: null, desk: { resident: null, bags: [{ units: 4 }] } });
});

test.concurrent('an operator at the desk is at work: a crash is no sign-out, however long nothing was sold', async ({ onTestFinished }) => {
  const till = await aDesk(onTestFinished);
  till.clock.turn(20 * 60_000);
  await count(till, 'battery', 4);
  const again = await till.powerCut();
  expect(again.snapshot().operator).toMatchObject({ id: 'op1' });
});

describe.concurrent('a count', () => {
  const many = {
    ...deskRules,
    materials: deskRules.materials.map((each) => (each.id === 'battery' ? { ...each, maximum: piecesMax, dayCap: null } : each)),
    accountDayCap: null,
    kioskDayCap: null,
  };

  test('above the limit is typed twice, or needs approval; the two must be the same', async ({ onTestFinished }) => {
    const till = await aDesk(onTestFinished, { rules: many });
    await chosen(till, 'battery');
    const bagId = randomUUID();
    expect(await till.call.countBag({ bagId, pieces: 150, again: 105 })).toEqual(refused('typed_otherwise'));
    expect(await till.call.countBag({ bagId, pieces: 150, again: null })).toEqual(done);
    expect(deskOf(till).quote.needsApproval).toBe(true);
    expect(await till.call.countBag({ bagId, pieces: 150, again: null })).toEqual(done); // the same press
    await expect(till.call.countBag({ bagId, pieces: 151, again: null })).rejects.toMatchObject({ code: 'bad_call' });
    await expect(till.call.weigh({ bagId, isOtherBag: false })).rejects.toMatchObject({ code: 'bad_call' });
    expect(bagsOf(till)).toEqual([['battery', 150, null, 0]]);
    await till.call.removeBag({ actId: randomUUID(), bagId: deskOf(till).bags[0]!.bagId });
    expect(await till.call.countBag({ bagId, pieces: 150, again: 150 })).toEqual(done);
    expect(deskOf(till).quote).toMatchObject({ needsApproval: false, points: 7_500 });
  });

  test('goes to 99,999, and a hundred bags are one credit', async ({ onTestFinished }) => {
    const till = await aDesk(onTestFinished, { rules: many });
    expect(await count(till, 'battery', piecesMax)).toEqual(done);
    expect(deskOf(till).quote).toMatchObject({ points: 49_999_00, needsApproval: true, problem: null });
    await till.call.clearDesk();
    await chosen(till, 'battery');
    for (let i = 1; i <= 100; i += 1) {
      expect(await till.call.countBag({ bagId: randomUUID(), pieces: i, again: i })).toEqual(done);
    }
    expect(await till.call.countBag({ bagId: randomUUID(), pieces: 1, again: 1 })).toEqual(refused('too_many_bags'));
    expect(deskOf(till).quote).toMatchObject({ points: 2_525_00, problem: null, lines: [{ units: 5_050 }] });
  });
});

test.concurrent('before anybody signed in the desk is not worked', async ({ onTestFinished }) => {
  const till = await aTillWithDesk(onTestFinished);
  await expect(till.call.chooseMaterial({ materialId: 'can' })).rejects.toMatchObject({ code: 'not_allowed' });
  await till.call.signIn({ operatorId: 'op1', pin: cashierPin });
  expect(await till.call.goTo({ place: 'desk' })).toEqual(done);
  await expect(till.call.chooseMaterial({ materialId: 'can' })).rejects.toMatchObject({ code: 'not_allowed' }); // no shift
});
