// A page of the gallery in Chromium, over its pretended engine: what the tests of one file press and look at.

import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { serveGallery, showCase } from '../../build/serve-gallery.ts';

export let gallery: Awaited<ReturnType<typeof serveGallery>>;
export let browser: Browser;

/** Another before each test. */
export let page: Page;

/** Opens and closes the gallery and a browser for the tests of the file that calls; they open their pages. */
export function openGallery(): void {
  beforeAll(async () => {
    gallery = await serveGallery();
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await gallery.close();
  });
}

/** And a page for each test. `width`: of the screen, pixels. */
export function useGallery({ width = 1024 }: { readonly width?: number } = {}): void {
  openGallery();
  beforeEach(async () => {
    await page?.close();
    page = await browser.newPage({ viewport: { width, height: 768 } });
  });
}

/** Shows a case of the gallery. `language`: Chinese unless told. */
export async function show(name: string, how: { readonly language?: string; readonly text?: string } = {}): Promise<void> {
  await showCase(page, gallery.url, name, how);
}

/** What the page asked of the engine until now. */
export async function calls(): Promise<readonly { readonly name: string; readonly args: unknown }[]> {
  return page.evaluate(() => window.galleryCalls!.map(({ name, args }) => ({ name, args })));
}
