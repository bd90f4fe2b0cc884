// Every button of every screen is reached by Tab, and one can see where one is (experience.md U20).

import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { showCase } from '../../build/serve-gallery.ts';
import { browser, gallery, openGallery } from '../support/gallery-page.ts';

let page: Page;

openGallery();
beforeAll(async () => {
  page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
});

/** Numbers the buttons a hand could press now; says how many. */
function numberButtons(): number {
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')].filter(
    (button) => button.checkVisibility({ visibilityProperty: true }) && button.closest('[inert]') === null,
  );
  for (const [i, button] of buttons.entries()) button.dataset['number'] = String(i);
  return buttons.length;
}

/** The number of the button that has the focus, and whether an eye finds it. */
function focused(): { readonly number: string | null; readonly isSeen: boolean } {
  const element = document.activeElement as HTMLElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const isOnScreen = bottom > 0 && right > 0 && top < window.innerHeight && left < window.innerWidth;
  return { number: element.dataset['number'] ?? null, isSeen: isOnScreen && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 3 };
}

test.each([
  'sign-in',
  'open-shift',
  'till-full',
  'search',
  'code',
  'quantity',
  'points',
  'pay',
  'paid',
  'print-cutter',
  'recent',
  'settings',
  'help',
  'simulated',
])('%s', async (name) => {
  await showCase(page, gallery.url, name, { language: 'bo' });
  const count = await page.evaluate(numberButtons);
  const reached = new Set<string>();
  const unseen: string[] = [];
  for (let i = 0; i < count + 5; i += 1) {
    await page.keyboard.press('Tab');
    await page.waitForTimeout(5);
    const { number, isSeen } = await page.evaluate(focused);
    if (number === null) continue;
    reached.add(number);
    if (!isSeen) unseen.push(number);
  }
  expect({ reached: reached.size, unseen, isNone: count === 0 }).toEqual({ reached: count, unseen: [], isNone: false });
});
