// The end of a year in tests: two shops on its last day, that go on to the next when the test says so, and the county with the first of them.

import { dayMs } from '../../db/model/time.ts';
import { closeDay, openDay } from './closing.ts';
import { sendRound } from './county-copies.ts';
import { type CountyShops, aCountyOfShops } from './county-shops.ts';
import { morning } from './county.ts';
import { today } from './sell.ts';
import { both, home, near } from './take-backs.ts';

type OnTestFinished = Parameters<typeof aCountyOfShops>[0];

/** The last day, whose points expire. */
export const lastDay = today;
export const nextDay = '2026-11-22';

export interface YearsEnd {
  readonly shops: CountyShops;
  /** These shops close the last day, open the next and send what they did. */
  readonly newYear: (...kiosks: readonly string[]) => Promise<void>;
}

/** Residents a1 to a3 have the first shop as home and may roam at the other. */
export async function aYearsEnd(onTestFinished: OnTestFinished): Promise<YearsEnd> {
  let now = morning;
  const homes = { a1: home, a2: home, a3: home };
  const shops = await aCountyOfShops(onTestFinished, { kiosks: both, homes, roamAt: [near], roamCap: 5_000, wallMs: () => now });
  return {
    shops,
    async newYear(...kiosks) {
      now = morning + dayMs;
      for (const kiosk of kiosks) await goOn(shops, kiosk);
    },
  };
}

/** The shop closes the last day, opens the next and sends what it did. */
export async function goOn(shops: CountyShops, kiosk: string): Promise<void> {
  const shop = shops.shop(kiosk);
  closeDay(shop.book, { day: lastDay });
  shop.clock.set(morning + dayMs);
  openDay(shop.book, nextDay);
  shop.day = nextDay;
  await sendRound(shops, kiosk);
}
