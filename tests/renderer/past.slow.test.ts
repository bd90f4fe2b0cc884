// What is past, in Chromium over the gallery's pretended engine: the lists and the ways between them, a credit taken back, what was
// collected handed over. What the page asks of the engine, and what it does not.

import { expect, test } from 'vitest';
import { calls, page, show, useGallery } from '../support/gallery-page.ts';

useGallery();

const looks = new Set(['snapshot', 'recentSales', 'recentCredits', 'collected', 'receiptPicture', 'searchGoods']);
const anyId: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/); // made for the press

/** Everything but looking. */
async function acts(): Promise<{ readonly name: string; readonly args: unknown }[]> {
  return (await calls()).filter(({ name }) => !looks.has(name));
}

async function press(name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** Asks for the first credit back, for a reason, with the owner's PIN. */
async function takeBack(): Promise<void> {
  await page.locator('main li button').first().click();
  await press('收回积分…');
  await press('称错、数错了');
  await page.locator('[data-asks-pin]').waitFor();
  expect(await acts()).toEqual([]);
  for (const digit of '864209') await page.locator('[data-asks-pin]').getByRole('button', { name: digit, exact: true }).click();
}

const creditId = '01938f6e-0000-7000-8000-000000000300';
const approve = {
  name: 'approve',
  args: { approvalId: anyId, act: { kind: 'reverse_credit', creditId, points: 3_100 }, operatorId: 'o3', pin: '864209' },
};
const reverse = { name: 'reverseCredit', args: { actId: anyId, creditId, reason: 'wrong_amount', approvalId: anyId } };

test('a credit is taken back by a reason, then the owner’s leave, then one call with that leave; what became of it is told', async () => {
  await show('credits');
  await takeBack();
  await page.getByText('由县里决定。').waitFor();
  const made = await acts();
  expect(made).toEqual([approve, reverse]);
  expect((made[1]!.args as { approvalId: string }).approvalId).toBe((made[0]!.args as { approvalId: string }).approvalId);
  expect(await page.getByRole('button', { name: '收回积分…' }).count()).toBe(0);
});

test('a taking back that nobody answered is asked again as the same act with the same leave', async () => {
  await show('credits-silent');
  await takeBack();
  await page.getByText('还没有等到回答。', { exact: false }).waitFor({ timeout: 60_000 });
  await press('再按一次');
  await expect.poll(async () => (await acts()).length).toBe(3);
  const [, first, second] = await acts();
  expect([first, second]).toEqual([reverse, first]);
});

test('what was taken back, or left to the county, is not offered to be taken back, and says what to do', async () => {
  const seen: unknown[] = [];
  for (const [name, row] of [
    ['credits-reversed', 2],
    ['credits-disputed', 5],
  ] as const) {
    await show(name);
    await page.locator('main li button').nth(row).click();
    seen.push({
      told: await page.locator('[class*="told"]').innerText(),
      ways: await page.getByRole('button', { name: '收回积分…' }).count(),
      copies: await page.getByRole('button', { name: '补打' }).count(),
    });
  }
  expect(seen).toEqual([
    { told: '已收回：格*** 的 93 积分拿掉了。 请把凭条收回来；该给的，重新称好、数好再给。', ways: 0, copies: 1 },
    {
      told: '没有收回，积分一点没动。只能收回这一家最新的一次，而且 186 积分都要还在。 已经记在账上，由县里决定。店里不用再做，请告诉 བསྟན***。',
      ways: 0,
      copies: 1,
    },
  ]);
});

test('one key leads to the credits at the desk and to the sales at the till, and from each to the others', async () => {
  await show('desk-empty');
  await page.keyboard.press('F9');
  const seen = [await page.locator('h1 [aria-pressed=true]').innerText()];
  await press('卖过的');
  seen.push(await page.locator('h1 [aria-pressed=true]').innerText());
  await press('收到的');
  seen.push(await page.locator('h1 [aria-pressed=true]').innerText());
  await page.keyboard.press('F9');
  seen.push(await page.getByRole('button', { name: '称重 F4' }).innerText());
  await show('till-beside-desk');
  await page.keyboard.press('F9');
  seen.push(await page.locator('h1 [aria-pressed=true]').innerText());
  await show('till-full');
  await page.keyboard.press('F9');
  seen.push(await page.locator('h1').innerText());
  expect(seen).toEqual(['回收过的', '卖过的', '收到的', expect.stringContaining('称重'), '卖过的', '卖过的']);
});

test('a hand-over is typed through with Enter, which never records; the key records once what was typed, beside what the page saw', async () => {
  await show('collected');
  await press('交给清运');
  // as a person presses: a scanner is quicker
  for (const key of ['d', '6', 'Enter', '4', '0', 'Enter', '2', 'Enter', '9', '9', 'Enter', 'Enter', '2'])
    await page.keyboard.press(key, { delay: 150 });
  expect(await acts()).toEqual([]);
  await press('记下来');
  await page.getByText('刚刚又收了东西，还没有记。').waitFor();
  expect(await acts()).toEqual([
    {
      name: 'handOver',
      args: {
        actId: anyId,
        hauler: 'D6',
        lines: [
          { materialId: 'plastic-bottle', bookUnits: 41_370, hauledUnits: 40_000, leftUnits: 2_000 },
          { materialId: 'can', bookUnits: 82_740, hauledUnits: 99_000, leftUnits: 0 },
          { materialId: 'glass', bookUnits: 165_480, hauledUnits: 2_000, leftUnits: 0 },
        ],
      },
    },
  ]);
});

test('less than nothing on hand says why, and is put right with the next haul, never alone', async () => {
  await show('collected');
  const why = await page.locator('li', { hasText: '废铁' }).locator('p[class*="below"]').innerText();
  await press('交给清运');
  const iron = page.locator('li', { hasText: '废铁' }).getByRole('button');
  await page.keyboard.press('d', { delay: 150 });
  await iron.first().click();
  for (const key of ['0', 'Enter', '4']) await page.keyboard.press(key, { delay: 150 });
  const alone = {
    isOff: await page.getByRole('button', { name: '记下来' }).isDisabled(),
    told: await page.locator('p[class*="below"]').innerText(),
  };
  await page.locator('li', { hasText: '塑料瓶' }).getByRole('button').first().click();
  for (const key of ['4', '1']) await page.keyboard.press(key, { delay: 150 });
  await press('记下来');
  await page.getByText('刚刚又收了东西，还没有记。').waitFor();
  expect({ why, alone, acts: await acts() }).toEqual({
    why: '交走以后又收回过积分，账上成了负数。下次交清运时写上留下多少，就改过来了。',
    alone: { isOff: true, told: '至少有一样拉走的要大于 0，才能记。只改留下的数，等清运的车来了一起记。' },
    acts: [
      {
        name: 'handOver',
        args: {
          actId: anyId,
          hauler: 'D',
          lines: [
            { materialId: 'plastic-bottle', bookUnits: 41_370, hauledUnits: 41_000, leftUnits: 0 },
            { materialId: 'iron', bookUnits: -350, hauledUnits: 0, leftUnits: 4_000 },
          ],
        },
      },
    ],
  });
});
