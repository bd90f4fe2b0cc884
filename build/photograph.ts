// Builds the gallery and photographs its pages in Debian's chromium, in three languages and two sizes:
// node build/photograph.ts --out DIR [--only PART] [--language zh] [--size 1366x768] [--text 100]. Judges nothing; people look at the pictures.

import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { languages } from '../db/model/catalogue.ts';
import { galleryCases } from '../renderer/gallery-cases.ts';
import { serveGallery, showCase } from './serve-gallery.ts';

const sizes = ['1366x768', '1024x768'] as const;

const { out, only, language, size, text, built } = parseArgs({
  options: {
    out: { type: 'string', default: 'dist/photographs' },
    only: { type: 'string', default: '' },
    language: { type: 'string' },
    size: { type: 'string' },
    text: { type: 'string', default: '100' },
    built: { type: 'boolean', default: false },
  },
}).values;

if (!built) await build({ configFile: new URL('vite.renderer.config.ts', import.meta.url).pathname, mode: 'gallery', logLevel: 'warn' });
mkdirSync(out, { recursive: true });
const gallery = await serveGallery();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  for (const shownSize of sizes.filter((each) => size === undefined || each === size)) {
    const [width, height] = shownSize.split('x').map(Number) as [number, number];
    const page = await browser.newPage({ viewport: { width, height } });
    for (const name of Object.keys(galleryCases).filter((each) => each.includes(only))) {
      for (const shownLanguage of languages.filter((each) => language === undefined || each === language)) {
        await showCase(page, gallery.url, name, { language: shownLanguage, text });
        await page.screenshot({ path: join(out, `${name}.${shownLanguage}.${shownSize}.png`) });
      }
    }
    await page.close();
  }
} finally {
  await browser.close();
  await gallery.close();
}
