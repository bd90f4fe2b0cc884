// The language is changed on a till with a full cart: from the press to the page in the other language on the glass,
// with the cart as it was (experience.md U19).

import type { Page } from 'playwright-core';
import { languages } from '../../db/model/catalogue.ts';
import { languageNames, languageTags, texts } from '../../renderer/languages/languages.ts';
import { type BenchWindow, measureOnPage } from './bench-page.ts';
import type { Bench } from './measure.ts';

/** What the engine keeps of a switch comes back within it; a person takes longer anyway. */
const betweenMs = 350;

export const languageSwitch: Bench = {
  name: 'language-switch',
  run: (options) =>
    measureOnPage(options, {
      name: 'language-switch',
      measures: 'language pressed to the page in it painted, cart kept',
      atMost: 200,
      throttle: 1, // U19 names no slow machine, as U1 does
      unmeasured: 0, // the first one fetches another script's font: that is a switch too
      async act(page, i) {
        const language = languages[(languages.indexOf('zh') + i + 1) % languages.length]!;
        const before = await cartFigures(page);
        const painted = await switchUntilPainted(page, {
          name: languageNames[language],
          tag: languageTags[language],
          pay: texts[language].till.pay,
        });
        await page.waitForTimeout(betweenMs);
        if ((await cartFigures(page)) !== before) throw new Error(`another cart in ${language}`);
        return painted;
      },
    }),
};

/** Every figure of the cart's lines and of the sum, one text. */
function cartFigures(page: Page): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll('main [aria-expanded] .number, main dl .number')].map((figure) => figure.textContent).join(' '),
  );
}

function switchUntilPainted(page: Page, to: { readonly name: string; readonly tag: string; readonly pay: string }): Promise<number> {
  return page.evaluate(async ({ name, tag, pay }) => {
    const button = (text: string): HTMLElement | undefined =>
      [...document.querySelectorAll('button')].find((each) => each.textContent === text);
    const shown = (window as unknown as BenchWindow).shown(() => document.documentElement.lang === tag && button(pay) !== undefined);
    const started = performance.now();
    button(name)!.click();
    await shown;
    return performance.now() - started;
  }, to);
}
