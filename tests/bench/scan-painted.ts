// A barcode is scanned on a slow till with a full cart: from the scanner's last key to the new total on the glass.

import { join } from 'node:path';
import { type Page, chromium } from 'playwright-core';
import { bundle, staleParts } from '../../build/bundle.ts';
import { findChromium } from '../../electron/browser/chromium.ts';
import { startBrowserHost } from '../../electron/browser/host.ts';
import { makeBenchShop, shelfOf } from './bench-shop.ts';
import { type Bench, figuresOf } from './measure.ts';

const root = join(import.meta.dirname, '..', '..');
const lines = 100;
/** As slow as a till PC of ten years ago against today's desk (experience.md U1). */
const throttle = 6;
/** The same code sooner would be the same scan read twice; a person takes longer anyway. */
const betweenMs = 350;

export const scanPainted: Bench = {
  name: 'scan-painted',
  async run({ quick, scratch, say }) {
    const executablePath = findChromium();
    if (executablePath === null) return [{ kind: 'skipped', name: 'scan-painted', why: 'no Chromium on this machine' }];
    const stale = staleParts(['page']);
    if (stale.length > 0) say('building the page');
    await bundle(stale);
    const home = join(scratch, 'home');
    await makeBenchShop(home, { kinds: lines, inCart: lines });
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
      await page.goto(host.invite());
      await page
        .getByText(shelfOf(lines)[lines - 1]!.zh, { exact: true })
        .first()
        .waitFor();
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('Emulation.setCPUThrottlingRate', { rate: throttle });
      const ms: number[] = [];
      for (let i = -5; i < (quick ? 15 : 100); i += 1) {
        const code = shelfOf(lines)[(Math.abs(i) * 37) % lines]!.codes[0]!; // lines from all over the cart
        const painted = await scanUntilPainted(page, code);
        if (i >= 0) ms.push(painted);
        await page.waitForTimeout(betweenMs);
      }
      return [
        {
          kind: 'measured',
          name: 'scan-painted',
          measures: `last key of a scan to the new total painted, ${lines} lines, Chromium at ${throttle}× throttle`,
          unit: 'ms',
          figures: figuresOf(ms),
          against: null,
          goals: [{ of: 'p95', is: 'figure', atMost: 50 }],
        },
      ];
    } finally {
      await browser.close();
      await host.close();
    }
  },
};

/** Types the code as a keyboard scanner does and measures in the page itself, until the frame after the change was drawn. */
function scanUntilPainted(page: Page, code: string): Promise<number> {
  return page.evaluate(
    (keys) =>
      new Promise<number>((resolve, reject) => {
        const yuan = (): string => document.querySelector('dl dd .number')?.textContent ?? '';
        const before = yuan();
        const deadline = setTimeout(() => reject(new Error(`the total stays ${before}`)), 5_000);
        let started = 0;
        const observer = new MutationObserver(() => {
          if (yuan() === before) return;
          observer.disconnect();
          clearTimeout(deadline);
          requestAnimationFrame(() => {
            // A task queued within the frame runs when the frame has been handed over to be shown.
            const { port1, port2 } = new MessageChannel();
            port1.addEventListener('message', () => resolve(performance.now() - started));
            port1.start();
            port2.postMessage(null);
          });
        });
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        for (const key of keys) {
          started = performance.now();
          const press = { code: key === 'Enter' ? key : `Digit${key}`, key, bubbles: true, cancelable: true, composed: true };
          const target = document.activeElement ?? document.body;
          target.dispatchEvent(new KeyboardEvent('keydown', press));
          target.dispatchEvent(new KeyboardEvent('keyup', press));
        }
      }),
    [...code.split(''), 'Enter'],
  );
}
