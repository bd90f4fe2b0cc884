// Awards of a list that are taken back, in tests: two shops and a list released to their residents.

import { expect } from 'vitest';
import { proposeAwards, releaseAwards } from '../../county/book/awards.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { type Check, checkBook } from '../../county/book/invariants.ts';
import { releaseReclaim } from '../../county/book/reclaims.ts';
import { type Wanted, proposeTakeBack, takingBack } from '../../county/book/take-backs.ts';
import { sendRound } from './county-copies.ts';
import { type CountyShops, aCountyOfShops } from './county-shops.ts';

type OnTestFinished = Parameters<typeof aCountyOfShops>[0];

export const [home, near] = ['qj-03', 'qj-04'] as const;
export const both = [home, near];
export const all = { is: 'all' } as const;

/** Two shops, of which residents a1 and a2 have the first as home and may roam at the other. `wallMs`: as aCountyOfShops. */
export function twoShops(onTestFinished: OnTestFinished, wallMs?: () => number): Promise<CountyShops> {
  const of = { kiosks: both, homes: { a1: home, a2: home }, roamAt: [near], roamCap: 5_000 };
  return aCountyOfShops(onTestFinished, wallMs === undefined ? of : { ...of, wallMs });
}

/** Points, not hundredths. */
export async function awarded(county: CountyBook, points: Readonly<Record<string, number>>): Promise<number> {
  const rows = Object.entries(points).map(([account, each]) => `${account},${each},case ${Math.random()}\n`);
  const proposed = await proposeAwards(county, { text: `account,points,reason\n${rows.join('')}`, by: '张三' });
  if (!proposed.ok) throw new Error(proposed.code);
  expect(await releaseAwards(county, { batch: proposed.value.batch, by: '李四' })).toEqual({ ok: true, value: null });
  return proposed.value.batch;
}

export async function proposed(county: CountyBook, batch: number, wanted: Wanted = all): Promise<number> {
  const kept = await proposeTakeBack(county, { batch, wanted, reason: '多发了', by: '张三' });
  if (!kept.ok) throw new Error(kept.code);
  return kept.value.number;
}

export async function takenBack(county: CountyBook, batch: number, wanted: Wanted = all): Promise<void> {
  expect(await releaseReclaim(county, takingBack, { number: await proposed(county, batch, wanted), by: '李四' })).toEqual({
    ok: true,
    value: null,
  });
}

export function listed(text: string): Wanted {
  return { is: 'list', list: `账户,积分\n${text}` };
}

export async function everybody(shops: CountyShops): Promise<void> {
  for (const kiosk of both) await sendRound(shops, kiosk);
  await shops.night();
  for (const kiosk of both) await shops.hear(kiosk);
}

export async function broken(county: CountyBook): Promise<readonly Check[]> {
  return (await checkBook(county, 'whole')).filter(({ place }) => place !== null);
}
