// A barcode is scanned on a slow till with a full cart: from the scanner's last key to the new total on the glass.

import type { Page } from 'playwright-core';
import { type BenchWindow, lines, measureOnPage } from './bench-page.ts';
import { shelfOf } from './bench-shop.ts';
import type { Bench } from './measure.ts';

/** The same code sooner would be the same scan read twice; a person takes longer anyway. */
const betweenMs = 350;

export const scanPainted: Bench = {
  name: 'scan-painted',
  run: (options) =>
    measureOnPage(options, {
      name: 'scan-painted',
      measures: 'last key of a scan to the new total painted',
      atMost: 50,
      unmeasured: 5,
      async act(page, i) {
        const code = shelfOf(lines)[(i * 37) % lines]!.codes[0]!; // lines from all over the cart
        const painted = await scanUntilPainted(page, code);
        await page.waitForTimeout(betweenMs);
        return painted;
      },
    }),
};

/** Types the code as a keyboard scanner does and measures in the page itself, until the frame after the change was drawn. */
function scanUntilPainted(page: Page, code: string): Promise<number> {
  return page.evaluate(
    async (keys) => {
      const yuan = (): string => document.querySelector('dl dd .number')?.textContent ?? '';
      const before = yuan();
      const shown = (window as unknown as BenchWindow).shown(() => yuan() !== before);
      let started = 0;
      for (const key of keys) {
        started = performance.now();
        const press = { code: key === 'Enter' ? key : `Digit${key}`, key, bubbles: true, cancelable: true, composed: true };
        const target = document.activeElement ?? document.body;
        target.dispatchEvent(new KeyboardEvent('keydown', press));
        target.dispatchEvent(new KeyboardEvent('keyup', press));
      }
      await shown;
      return performance.now() - started;
    },
    [...code.split(''), 'Enter'],
  );
}
