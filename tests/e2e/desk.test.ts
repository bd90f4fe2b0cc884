// What two counties tell of their recycling desks, done on the real page, engine and simulated scale in Chromium: 琼结, where a
// bag of bottles is weighed at the village office, and 镇赉, where more than 12,000 pesticide bottles were one credit (schemes.md
// R14, R15). From the county's own demo files to the ticket.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bundle, staleParts } from '../../build/bundle.ts';
import { run } from '../../build/run.ts';
import { demoKey, demoTagKey, keyIds } from '../../county/keys.ts';
import { firstIssue } from '../../county/nights.ts';
import { residentAt } from '../../county/roster.ts';
import { type PlanName, plans } from '../../county/schemes/by-name.ts';
import type { CreditEvent } from '../../db/credits.ts';
import { sealCard } from '../../db/model/card.ts';
import type { Resident } from '../../db/model/catalogue.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { businessDate } from '../../db/model/time.ts';
import { openReadable } from '../../db/sqlite.ts';
import { startBrowserHost } from '../../electron/browser/host.ts';
import { aDemo, readSimulated, smallChoices } from '../county/a-demo.ts';
import { temporary } from '../support/county.ts';
import { scan } from './steps.ts';
import { verdictOn } from '../support/verify.ts';

const root = join(import.meta.dirname, '../..');
let browser: Browser;

beforeAll(async () => {
  await bundle(staleParts(['page']));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(() => browser.close());

interface Desk {
  readonly page: Page;
  readonly owner: { readonly name: string; readonly pin: string };
  /** A resident of this village whose language it is, and their card. */
  readonly resident: (language: 'zh' | 'bo') => { readonly resident: Resident; readonly card: string };
  /** Puts so many grams on the simulated scale in all. */
  readonly put: (grams: number) => Promise<void>;
  /** Closes the shop and reads the events of its book, which must verify. */
  readonly close: () => Promise<readonly BookEvent[]>;
}

const village = 1;
const [stores, residents] = [2, 240];

/** A village shop of a demo county: staff signed in, the shift open, at the desk, the simulated devices shown. */
async function aDeskOf(scheme: PlanName): Promise<Desk> {
  const out = await aDemo(onTestFinished, { scheme, stores, residents, goods: 20, asOf: businessDate(Date.now()) });
  const code = readdirSync(join(out, 'kiosks')).toSorted((a, b) => a.localeCompare(b))[village]!;
  const shop = join(out, 'kiosks', code);
  const home = join(temporary(onTestFinished), 'home');
  const files = ['--enrolment', join(shop, 'enrolment.json'), '--down', join(shop, 'down'), '--simulated', join(shop, 'simulated.json')];
  const words = ['create', '--home', home, ...files, '--scale', 'simulated:?family=st-us'];
  const made = await run(process.execPath, [join(root, 'electron/engine/kiosk.ts'), ...words], { deadlineMs: 60_000 });
  expect(made).toMatchObject({ code: 0 });
  const host = await startBrowserHost({
    home,
    page: join(root, 'dist/renderer'),
    engine: join(root, 'electron/engine/main.ts'),
    log: () => {},
  });
  onTestFinished(() => host.close());
  await host.engineReady;
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
  onTestFinished(() => page.close());
  page.setDefaultTimeout(20_000);
  await page.goto(host.invite());
  const { pins } = readSimulated(out, code);
  const [staff, owner] = (['staff', 'owner'] as const).map((role) => pins.find((each) => each.role === role)!);
  await page.getByRole('button', { name: staff!.name }).click();
  await page.keyboard.type(staff!.pin, { delay: 130 });
  await page.getByRole('button', { name: /开班/ }).click();
  await page.getByRole('button', { name: '回收', exact: true }).click();
  const { seed } = smallChoices;
  const plan = plans[scheme];
  const county = { plan, seed, stores, residents, tagKey: demoTagKey(plan.code, seed) };
  return {
    page,
    owner: owner!,
    resident(language) {
      const all = Array.from({ length: residents / stores - 20 }, (_, i) => residentAt(county, village, i + 15)); // after those of the samples
      const resident = all.find((each) => each.language === language && each.active && each.group === 'villager')!;
      const name = { kid: keyIds.card, county: plan.code, residentId: resident.id, issue: firstIssue, expiresOn: '2099-12-31' };
      return { resident, card: sealCard(name, demoKey(plan.code, seed, 'card')) };
    },
    async put(grams) {
      await page.getByRole('spinbutton').fill(String(grams));
    },
    async close() {
      await host.close();
      expect(await verdictOn(home)).toEqual({ kind: 'true' });
      const db = openReadable(join(home, 'book.db'));
      const lines = db.prepare<[], { line: string }>('SELECT line FROM event ORDER BY seq').all();
      db.close();
      return lines.map(({ line }) => JSON.parse(line) as BookEvent); // the book's own lines
    },
  };
}

const isCredit = (event: BookEvent): event is CreditEvent => event.kind === 'CREDIT';

/** The ticket just given, printed. */
async function ticketOf(page: Page, number: string): Promise<void> {
  await page.getByText(number).first().waitFor();
  await page.getByText('凭条打好了').waitFor();
}

test('琼结: a bag of bottles is weighed, its points are on the account at once, and the ticket is in the resident’s language', async () => {
  const { page, put, resident, close } = await aDeskOf('qiongjie');
  const [han, tibetan] = [resident('zh'), resident('bo')];
  await page.getByRole('button', { name: '模拟设备' }).click();
  // the first weighing of the day: an empty pan, and the kilogram that the owner has
  await page.getByRole('button', { name: /检查秤/ }).click();
  await page.getByRole('button', { name: '秤盘空了' }).click();
  const isOn = page.getByRole('button', { name: '放好了，检查' });
  await isOn.waitFor();
  await put(1_000);
  await isOn.click();
  await page.getByRole('button', { name: '好了，开始称' }).click();
  await put(0);

  // 2.480 kg in a sack of 120 g are 2.360 kg: 35.4 points, of which whole ones are given
  for (const [number, { card }] of [
    ['R000001', han],
    ['R000002', tibetan],
  ] as const) {
    await scan(page, card);
    await page.getByRole('button', { name: /塑料瓶/ }).click();
    await page.getByRole('button', { name: /编织袋/ }).click();
    await page.getByText('把袋子放到秤上').waitFor(); // the pan was seen empty
    await put(2_480);
    await page.getByRole('button', { name: /称重/ }).click();
    await page.getByText('2.360 公斤').first().waitFor();
    await page.getByRole('button', { name: /给积分/ }).click();
    await ticketOf(page, number);
    await put(0);
    await page.getByRole('button', { name: /下一位/ }).click();
  }

  const credits = (await close()).filter(isCredit);
  expect(
    credits.map(({ amt, body: { accountId, lines, usableBefore, usableAfter, printed } }) => ({
      amt,
      accountId,
      up: usableAfter - usableBefore,
      lines: lines.map(({ materialId, units, points, remainderUnits }) => ({ materialId, units, points, remainderUnits })),
      language: printed.language,
    })),
  ).toEqual(
    [han, tibetan].map(({ resident: { accountId, language } }) => ({
      amt: 35_00,
      accountId,
      up: 35_00,
      lines: [{ materialId: 'plastic-bottle', units: 2_360, points: 35_00, remainderUnits: 26 }], // 2,334 g earn 35 points
      language,
    })),
  );
  const [{ measure }] = credits[0]!.body.lines[0]!.bags as [CreditEvent['body']['lines'][number]['bags'][number]];
  expect(measure).toMatchObject({ kind: 'weighed', readGrams: 2_480, tare: { by: 'container', id: 'sack', grams: 120 } });
});

test('镇赉: 12,700 pesticide bottles are counted, typed twice, approved by the owner, and are 12,700 points in one credit', async () => {
  const { page, owner, resident, close } = await aDeskOf('zhenlai');
  const { card, resident: picker } = resident('zh');
  await scan(page, card);
  const bottles = page.getByRole('button', { name: /农药瓶/ });
  await bottles.getByText('有害').waitFor();
  await bottles.click();
  for (const hint of ['有几个', '请再输一次']) {
    await page.getByRole('heading', { name: hint }).waitFor();
    await page.keyboard.type('12700', { delay: 130 });
    await page.keyboard.press('Enter');
  }
  await page.getByText('12,700 个').first().waitFor();
  await page.getByRole('button', { name: /给积分/ }).click();
  await page.getByText('要店主批准').first().waitFor();
  await page.getByRole('button', { name: owner.name }).click();
  await page.keyboard.type(owner.pin, { delay: 130 });
  await ticketOf(page, 'R000001');

  const events = await close();
  const approvals = events.filter((event) => event.kind === 'APPROVED');
  expect(
    events.filter(isCredit).map(({ amt, body }) => ({ amt, account: body.accountId, lines: body.lines, approval: body.approvalId })),
  ).toEqual([
    {
      amt: 12_700_00,
      account: picker.accountId,
      lines: [
        expect.objectContaining({
          materialId: 'pesticide-bottle',
          hazardous: true,
          units: 12_700,
          points: 12_700_00,
          remainderUnits: 0,
          bags: [expect.objectContaining({ measure: { kind: 'counted', pieces: 12_700, isTypedTwice: true } })],
        }),
      ],
      approval: approvals[0]!.id,
    },
  ]);
  expect(approvals.map(({ body }) => [body.act, body.isSelf])).toEqual([['credit', false]]);
});
