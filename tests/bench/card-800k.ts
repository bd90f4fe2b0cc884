// A card is held under the scanner of a kiosk that knows a whole county: how long until the engine has answered whose it is.

import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../electron/engine/engine.ts';
import { cashierPin } from '../support/county.ts';
import { openShiftToday } from '../support/open-shift.ts';
import { noLimit, openPage } from '../support/pages.ts';
import { benchCard, makeBenchHome } from './bench-till.ts';
import { type Bench, type BenchOptions, figuresOf, timedAsync } from './measure.ts';

const residents = 800_000;

export const cardOf800k: Bench = {
  name: 'card-800k',
  async run(options) {
    const home = join(options.cache, 'county-800k');
    if (options.quick && !existsSync(home))
      return [{ kind: 'skipped', name: 'card-800k', why: 'the county of 800,000 is not made yet, and takes a minute' }];
    await countyOf800k(home, options);
    const engine = await startEngine({ home, log: () => {}, callLimit: noLimit });
    const page = openPage((wire) => engine.attach(wire));
    await page.signIn({ operatorId: 'op1', pin: cashierPin });
    if ((await page.snapshot()).shift === null) await openShiftToday(page);
    const ms: number[] = [];
    const samples = options.quick ? 200 : 1_000;
    for (let i = -50; i < samples; i += 1) {
      const text = benchCard((Math.abs(i) * 611_953) % residents); // a prime: residents from all over the table
      const answered = await timedAsync(async () => {
        const notice = await page.scan({ text });
        if (notice.code !== 'card_accepted' && notice.code !== 'card_replaced') throw new Error(notice.code);
      });
      if (i >= 0) ms.push(answered);
    }
    await engine.close();
    return [
      {
        kind: 'measured',
        name: 'card-800k',
        measures: 'card scanned to resident known, cart stored and shown, 800,000 residents',
        unit: 'ms',
        figures: figuresOf(ms),
        against: null,
        goals: [{ of: 'p99', is: 'figure', atMost: 5 }],
      },
    ];
  },
};

/** Applied once, as the county would send it; a book of an older program is brought up to date like any other. */
async function countyOf800k(home: string, { say }: BenchOptions): Promise<void> {
  if (existsSync(home)) return;
  const started = performance.now();
  say('making a kiosk that knows 800,000 residents: a minute or two, once');
  const part = `${home}.part`;
  rmSync(part, { recursive: true, force: true });
  await makeBenchHome(part, { residents });
  renameSync(part, home);
  say(`made in ${Math.round((performance.now() - started) / 1000)} s`);
}
