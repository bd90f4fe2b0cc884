// The recycling desk in Chromium, over the gallery's pretended engine: what its keys ask of the engine, and what they do not.

import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { galleryCases } from '../../renderer/gallery-cases.ts';
import { calls, page, show, useGallery } from '../support/gallery-page.ts';

useGallery({ width: 1366 });

const looks = new Set(['snapshot', 'simulatedThings', 'recentCredits', 'receiptPicture', 'searchGoods']);
const anyId: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/); // made for the press

/** Everything but looking. */
async function acts(): ReturnType<typeof calls> {
  return (await calls()).filter(({ name }) => !looks.has(name));
}

/** As a person presses: a scanner is quicker. */
async function type(...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key, { delay: 150 });
}

/** On the pad: keys that a busy machine delivers all at once would be a scan. */
async function touch(...names: readonly string[]): Promise<void> {
  for (const name of names) await page.locator('main').getByRole('button', { name, exact: true }).click();
}

const material = { name: 'chooseMaterial', args: { materialId: 'pesticide-bottle' } };

test('of a long credit it is said how many lines are out of sight, and each press brings them nearer, to the last', async () => {
  await page.setViewportSize({ width: 1024, height: 768 });
  await show('desk-credited-many', { language: 'bo' });
  const hidden = page.getByRole('button', { name: /^▾/ });
  const told: number[] = [];
  await hidden.waitFor();
  for (let count = await shownCount(hidden); count > 0; count = await shownCount(hidden)) {
    told.push(count);
    await hidden.evaluateAll(([sign]) => (sign as HTMLElement | undefined)?.click()); // gone meanwhile: nothing to press
    await expect.poll(() => shownCount(hidden), { timeout: 20_000 }).not.toBe(count);
  }
  expect(told.length).toBeGreaterThan(1);
  expect(told).toEqual(told.toSorted((a, b) => b - a));
  const last = await page.locator('dl > div').last().boundingBox();
  const foot = await page.locator('[class*="_foot_"]').last().boundingBox();
  expect(last!.y + last!.height).toBeLessThanOrEqual(foot!.y + 1);
});

/** What the sign says, in one look; 0 where there is none. */
async function shownCount(sign: Locator): Promise<number> {
  const [text] = await sign.allInnerTexts();
  return Number(/\d+/.exec(text ?? '0')?.[0]);
}

test('a large count is typed twice, and both numbers go to the engine; the first is not shown the second time', async () => {
  await show('desk-count-again');
  const typedAgain = await page.locator('[class*="shown"]').innerText();
  await touch('0', '确定');
  expect({ typedAgain, acts: await acts() }).toEqual({
    typedAgain: '25',
    acts: [{ name: 'countBag', args: { bagId: anyId, pieces: 250, again: 250 } }],
  });
});

test('two numbers that differ both go to the engine, which refuses them; then both are typed anew', async () => {
  await show('desk-count-again');
  await touch('确定');
  await page.getByRole('heading', { name: '有几个？' }).waitFor();
  expect({ acts: await acts(), shown: await page.locator('[class*="shown"]').innerText() }).toEqual({
    acts: [{ name: 'countBag', args: { bagId: anyId, pieces: 250, again: 25 } }],
    shown: '',
  });
});

test('a count up to the limit is typed once', async () => {
  await show('desk-count');
  await type('Enter');
  expect(await acts()).toEqual([{ name: 'countBag', args: { bagId: anyId, pieces: 150, again: null } }]);
});

test('touching what is counted chooses it and asks how many', async () => {
  await show('desk-empty');
  await page.getByRole('button', { name: /农药瓶/ }).click();
  expect(await acts()).toEqual([material]);
});

test('weigh pressed again and again while the scale swings is one weighing, and giving it up asks nothing of the scale', async () => {
  await show('desk-weighing');
  await type('F4', 'F4');
  const before = await acts();
  await page.getByRole('button', { name: '不等了，这一袋不记' }).click();
  await page.getByRole('button', { name: '称重 F4' }).click(); // the engine waits for the first one still
  expect({ before, after: await acts(), waits: await page.getByText('正在等秤稳…').count() }).toEqual({
    before: [{ name: 'weigh', args: { bagId: anyId, isOtherBag: false } }],
    after: before,
    waits: 1,
  });
});

test('a credit is not given while a bag is still on the scale and not noted', async () => {
  await show('desk-weighing');
  await type('Enter');
  const isOpen = await page.locator('button[class*="main"]').isEnabled();
  expect({ acts: await acts(), isOpen }).toEqual({ acts: [{ name: 'weigh', args: { bagId: anyId, isOtherBag: false } }], isOpen: false });
});

test('a weighing that nobody answered is pressed again as the same bag', async () => {
  await show('desk-chosen');
  await type('F4', 'F4');
  const [first, second] = await acts();
  expect([first, second]).toEqual([{ name: 'weigh', args: { bagId: anyId, isOtherBag: false } }, first]);
});

test('the same bag is not weighed again unless it is said to be another', async () => {
  await show('desk-same-bag');
  await type('Enter');
  const kept = await acts();
  await type('F4');
  await page.getByRole('button', { name: '不是，这是另一袋' }).click();
  const calls = await acts();
  expect({ kept, calls }).toEqual({
    kept: [{ name: 'weigh', args: { bagId: anyId, isOtherBag: false } }],
    calls: [
      { name: 'weigh', args: { bagId: anyId, isOtherBag: false } },
      { name: 'weigh', args: { bagId: anyId, isOtherBag: false } },
      { name: 'weigh', args: { bagId: anyId, isOtherBag: true } },
    ],
  });
});

test('a bag comes off with one touch, the newest with one key', async () => {
  await show('desk-ready');
  await page.getByRole('button', { name: '删掉 5.200 公斤 这一袋' }).click();
  await type('F8');
  const { bags } = galleryCases['desk-ready']!.snapshot!.desk!;
  expect(await acts()).toEqual([
    { name: 'removeBag', args: { actId: anyId, bagId: bags[0]!.bagId } },
    { name: 'removeBag', args: { actId: anyId, bagId: bags.at(-1)!.bagId } },
  ]);
});

test('credit pressed again and again while the engine is busy is one call, with what was shown', async () => {
  await show('desk-busy');
  await type('Enter', 'Enter');
  await page.locator('button[class*="main"]').click({ force: true });
  const { creditId, digest, quote } = galleryCases['desk-busy']!.snapshot!.desk!;
  expect(await acts()).toEqual([{ name: 'credit', args: { creditId, shown: { points: quote.points, digest } } }]);
});

test('a credit above the limit asks for the owner first; their leave goes with it', async () => {
  await show('desk-approval');
  await touch('退格', '退格', '8', '6', '4', '2', '0', '9');
  await expect.poll(async () => (await acts()).length).toBe(1);
  const { creditId, digest, quote } = galleryCases['desk-approval']!.snapshot!.desk!;
  expect(await acts()).toEqual([
    {
      name: 'approve',
      args: { approvalId: anyId, act: { kind: 'credit', creditId, points: quote.points, digest }, operatorId: 'o3', pin: '864209' },
    },
  ]);
});

test('a credit over a cap, or to nobody, cannot be given by any key', async () => {
  for (const name of ['desk-cap', 'desk-nothing-earned', 'desk-bags', 'desk-empty']) {
    await show(name);
    await type('Enter');
    expect({ name, acts: await acts() }).toEqual({ name, acts: [] });
  }
});

test('a tare is chosen by a touch: none, a container, what is on the scale; none of ours where the scale took its own', async () => {
  await show('desk-chosen');
  for (const name of [/^背篓/, /^量秤上的/, /^不去皮/]) await page.getByRole('button', { name }).click();
  const chosen = await acts();
  await show('desk-tare-twice');
  const open = await page.locator('[role=group][aria-label="去皮"] button:not(:disabled)').allInnerTexts();
  expect({ chosen, open }).toEqual({
    chosen: [
      { name: 'setTare', args: { tare: { by: 'container', id: 'basket' } } },
      { name: 'setTare', args: { tare: { by: 'pan' } } },
      { name: 'setTare', args: { tare: { by: 'none' } } },
    ],
    open: ['不去皮'],
  });
});

test('the way to the other place is two large keys and one of the keyboard; what stands there is told', async () => {
  await show('till-beside-desk');
  const mark = await page.getByRole('button', { name: /回收/ }).getByRole('img', { name: '还放着 4 样' }).innerText();
  await type('End');
  await show('desk-ready');
  await page.getByRole('button', { name: '收银' }).click();
  const back = await acts();
  await show('till-full');
  await type('End');
  expect({
    mark,
    back,
    none: await acts(),
    ways: await page.getByRole('button', { name: '回收' }).count(),
  }).toEqual({
    mark: '4',
    back: [{ name: 'goTo', args: { place: 'till' } }],
    none: [],
    ways: 0,
  });
});

test('after a credit Enter is the next visitor, and nothing more is asked of the engine', async () => {
  await show('desk-credited');
  await type('Enter');
  expect({ acts: await acts(), weigh: await page.getByRole('button', { name: '称重 F4' }).count() }).toEqual({ acts: [], weigh: 1 });
});

test('of the caps of a day the one that blocks is named, with what was left before this credit and by how much it is over', async () => {
  const told: { [name: string]: string } = {};
  for (const name of ['desk-cap-material', 'desk-cap', 'desk-near-cap']) {
    await show(name);
    told[name] = await page.locator('[class*="sum_"] p').nth(1).innerText();
  }
  expect(told).toEqual({
    'desk-cap-material': '废电池 · 这次以前，今天还能给这一家 50 积分 · 超了 20 积分',
    'desk-cap': '这次以前，今天还能给这一家 10 积分 · 超了 157 积分',
    'desk-near-cap': '这次以前，今天还能给这一家 200 积分',
  });
});

test('what to do next never names a key that would refuse, and our tare stands in the live weight', async () => {
  const told: { [name: string]: readonly string[] } = {};
  for (const name of ['desk-tare-ours', 'desk-tare-heavy', 'desk-tare-twice', 'desk-scale-net-empty']) {
    await show(name);
    const state = await page.locator('[class*="state_"]').first().innerText();
    told[name] = [state.replaceAll(/\s+/g, ' ').trim(), await page.locator('[class*="act_"] [role=status]').innerText()];
  }
  expect(told).toEqual({
    'desk-tare-ours': ['减皮 0.120，记 1.230 公斤 稳了', '稳了，按“称重”。'],
    'desk-tare-heavy': ['减皮 1.500，记 – – – 公斤 稳了', '皮比秤上的还重：看看皮选对没有。'],
    'desk-tare-twice': ['净重 稳了', '先选“不去皮”，再称重。'],
    'desk-scale-net-empty': ['净重 空秤，皮还记在秤里', '皮还用就放下一袋。不用了，按秤上的“去皮”键。'],
  });
});

test('more pieces than a bag may hold are not asked for a second time', async () => {
  await show('desk-count-many');
  const isOff = await page.getByRole('button', { name: '确定' }).isDisabled();
  await type('Enter');
  expect({ isOff, title: await page.locator('main h2').first().innerText(), acts: await acts() }).toEqual({
    isOff: true,
    title: '有几个？',
    acts: [],
  });
});
