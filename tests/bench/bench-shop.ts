// A shop whose page is measured: somebody has just signed in, and the cart holds what the bench wants. The host that is
// started on it takes the session up, as after a crash, so that no bench clicks its way in.

import { cpSync, rmSync } from 'node:fs';
import { openBook } from '../../db/open-book.ts';
import { businessDate } from '../../db/model/time.ts';
import { cashierPin, goods } from '../support/county.ts';
import { deskRules, nameScale, setUpScale } from '../support/desk.ts';
import { openShiftToday } from '../support/open-shift.ts';
import { noLimit, openPage } from '../support/pages.ts';
import { startEngine } from '../../electron/engine/engine.ts';
import { clock, makeBenchHome } from './bench-till.ts';

/** Goods of the bench's shelf, each with a barcode of its own. */
export function shelfOf(count: number) {
  return Array.from({ length: count }, (_, i) => goods(String(10 + i), { zh: `货品${String(i)}`, initials: 'hp' }));
}

/** `scale`: the address of one that was set up and checked today, with 琼结's rules for its desk. */
export async function makeBenchShop(
  directory: string,
  { kinds, inCart, scale = null }: { readonly kinds: number; readonly inCart: number; readonly scale?: string | null },
): Promise<void> {
  const shelf = shelfOf(kinds);
  const live = `${directory}.live`;
  const home = await makeBenchHome(live, { residents: 1, more: shelf, recycling: scale === null ? null : deskRules });
  if (scale !== null) {
    nameScale(live, scale);
    const opened = openBook(home, clock, 'bench');
    if (!opened.ok) throw new Error(opened.detail);
    setUpScale(opened.book, { address: scale, day: businessDate(clock.wallMs()), isChecked: true });
    opened.book.close();
  }
  const engine = await startEngine({ home: live, log: () => {}, callLimit: noLimit });
  const page = openPage((wire) => engine.attach(wire));
  await page.signIn({ operatorId: 'op1', pin: cashierPin });
  await openShiftToday(page);
  for (const { codes } of shelf.slice(0, inCart)) await page.scan({ text: codes[0]! });
  cpSync(live, directory, { recursive: true }); // as a power cut leaves it: an engine that ends in order signs out
  await engine.close();
  rmSync(live, { recursive: true });
}
