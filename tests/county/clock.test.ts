// A county's clock that is years ahead for a night tells no kiosk so: the night waits until the clock is right, or a person has looked at a
// calendar.

import { expect, onTestFinished, test } from 'vitest';
import { confirmClock, leapDaysMax } from '../../county/book/clock.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { night } from '../../county/night.ts';
import { runNight } from '../../county/serve/nightly.ts';
import { dayMs } from '../../db/model/time.ts';
import { aCountyOfShops, type CountyShops } from '../support/county-shops.ts';
import { morning } from '../support/county.ts';

const [home, near] = ['qj-03', 'qj-04'] as const;

function twoShops(): Promise<CountyShops> {
  return aCountyOfShops(onTestFinished, { kiosks: [home, near], homes: { a1: home }, roamAt: [], roamCap: 5_000 });
}

/** The real county, with its clock ahead by so many days. */
function ahead({ county }: CountyShops, days: number): CountyBook {
  return { ...county, isDemo: false, wallMs: () => morning + days * dayMs };
}

const held = [home, near].map((kiosk) => ({ kind: 'held', kiosk, why: 'clock' }));
const tenYears = 3_652;

test('a clock ten years ahead makes no file, and the clerk is told once', async () => {
  const shops = await twoShops();
  for (let n = 0; n < 2; n += 1) expect(await runNight(ahead(shops, tenYears))).toEqual(held);
  expect((await shops.county.read(openExceptions)).map(({ code, owner, detail }) => [code, owner, detail])).toEqual([
    ['clock', 'clerk', "the server's clock says 2036-11-20, and nothing that it knows is later than 2026-11-21: no night runs"],
  ]);
  expect(await night(ahead(shops, 1))).toMatchObject([{ kind: 'written' }, { kind: 'written' }]);
});

test('a server that was off for a holiday goes on by itself, one that was off for longer asks', async () => {
  const shops = await twoShops();
  expect(await night(ahead(shops, leapDaysMax))).toMatchObject([{ kind: 'written' }, { kind: 'written' }]);
  expect(await night(ahead(shops, 2 * leapDaysMax + 1))).toEqual(held);
});

test('a day that a person confirms is believed; one that the clock does not say is not', async () => {
  const shops = await twoShops();
  const late = ahead(shops, 40);
  expect(await confirmClock(late, { day: '2026-11-21', by: 'li' })).toEqual({ ok: false, code: 'other_day' });
  expect(await confirmClock(late, { day: '2026-12-31', by: ' ' })).toEqual({ ok: false, code: 'nobody' });
  expect(await night(late)).toEqual(held);
  expect(await confirmClock(late, { day: '2026-12-31', by: 'li' })).toEqual({ ok: true, value: null });
  expect(await night(late)).toMatchObject([{ kind: 'written' }, { kind: 'written' }]);
});

test('kiosks that worked meanwhile say that time has passed, one alone does not', async () => {
  const shops = await twoShops();
  await shops.award('a1', 1_000);
  await shops.night();
  const sendLate = async (kiosk: string): Promise<void> => {
    shops.shop(kiosk).clock.turn(40 * dayMs);
    await shops.hear(kiosk);
    await shops.send(kiosk);
  };
  await sendLate(home);
  expect(await night(ahead(shops, 40))).toEqual(held);
  await sendLate(near);
  expect(await night(ahead(shops, 40))).toMatchObject([{ kind: 'written' }, { kind: 'written' }]);
});
