// The till's page on a slow machine, for benches: a shop with a full cart in a throttled Chromium. Measures nothing itself.

import { join } from 'node:path';
import { type Page, chromium } from 'playwright-core';
import { bundle, staleParts } from '../../build/bundle.ts';
import { findChromium } from '../../electron/browser/chromium.ts';
import { startBrowserHost } from '../../electron/browser/host.ts';
import { makeBenchShop, shelfOf } from './bench-shop.ts';
import { type BenchOptions, type Row, figuresOf } from './measure.ts';

const root = join(import.meta.dirname, '..', '..');
export const lines = 100;
/** As slow as a till PC of ten years ago against today's desk (experience.md U1). */
const slow = 6;

/**
 * What one act takes on the page, from the press to the frame that shows it: the row of the table with its p95 beside `atMost`.
 * `act` does it once and answers with the milliseconds; it is told how often it was done before, and the first `unmeasured`
 * are left out.
 */
export async function measureOnPage(
  { quick, scratch, say }: BenchOptions,
  {
    name,
    measures,
    atMost,
    unmeasured,
    throttle = slow,
    scale = null,
    open = fullCart,
    act,
  }: {
    readonly name: string;
    readonly measures: string;
    readonly atMost: number;
    readonly unmeasured: number;
    /** How many times slower than this machine the page is made. */
    readonly throttle?: number;
    /** Address of the shop's scale; then its cart is empty. */
    readonly scale?: string | null;
    /** Waits until the page stands where it is measured; the till with its full cart, unless said otherwise. */
    readonly open?: (page: Page) => Promise<void>;
    readonly act: (page: Page, i: number) => Promise<number>;
  },
): Promise<readonly Row[]> {
  const executablePath = findChromium();
  if (executablePath === null) return [{ kind: 'skipped', name, why: 'no Chromium on this machine' }];
  const stale = staleParts(['page']);
  if (stale.length > 0) say('building the page');
  await bundle(stale);
  const home = join(scratch, 'home');
  await makeBenchShop(home, scale === null ? { kinds: lines, inCart: lines } : { kinds: 1, inCart: 0, scale });
  const host = await startBrowserHost({
    home,
    page: join(root, 'dist/renderer'),
    engine: join(root, 'electron/engine/main.ts'),
    log: () => {},
  });
  await host.engineReady;
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    await page.addInitScript(addShown);
    await page.goto(host.invite());
    await open(page);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: throttle });
    const ms: number[] = [];
    for (let i = 0; i < unmeasured + (quick ? 15 : 100); i += 1) {
      const took = await act(page, i);
      if (i >= unmeasured) ms.push(took);
    }
    return [
      {
        kind: 'measured',
        name,
        measures: `${measures}${scale === null ? `, ${lines} lines` : ''}, Chromium${throttle === 1 ? '' : ` at ${throttle}× throttle`}`,
        unit: 'ms',
        figures: figuresOf(ms),
        against: null,
        goals: [{ of: 'p95', is: 'figure', atMost }],
      },
    ];
  } finally {
    await browser.close();
    await host.close();
  }
}

async function fullCart(page: Page): Promise<void> {
  await page
    .getByText(shelfOf(lines)[lines - 1]!.zh, { exact: true })
    .first()
    .waitFor();
}

/** What the page of a bench has besides its own. */
export interface BenchWindow extends Window {
  /** Settles when the page has come to the state that `isThere` knows and the frame of it was handed over; fails after 5 s. */
  shown(isThere: () => boolean): Promise<void>;
}

function addShown(): void {
  (window as unknown as BenchWindow).shown = (isThere) =>
    new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('the page stays as it was')), 5_000);
      const observer = new MutationObserver(() => {
        if (!isThere()) return;
        observer.disconnect();
        clearTimeout(deadline);
        requestAnimationFrame(() => {
          // A task queued within the frame runs when the frame has been handed over to be shown.
          const { port1, port2 } = new MessageChannel();
          port1.addEventListener('message', () => resolve());
          port1.start();
          port2.postMessage(null);
        });
      });
      observer.observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true });
    });
}
