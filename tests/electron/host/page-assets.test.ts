import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findAsset, listAssets, pageHeaders } from '../../../electron/ipc/page-assets.ts';
import { fc } from '../../support/property.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiosk-page-'));
mkdirSync(join(folder, 'assets'));
for (const file of ['index.html', 'assets/main-1a2b.js', 'assets/main-1a2b.js.map', '.env', 'notes.txt'])
  writeFileSync(join(folder, file), file);
symlinkSync('/etc/passwd', join(folder, 'passwd.html'));
const assets = listAssets(folder);
afterAll(() => rmSync(folder, { recursive: true }));

test('only files that a page is made of are given out: no source map, no hidden file, no link', () => {
  expect([...assets.keys()].toSorted((a, b) => a.localeCompare(b))).toEqual(['/assets/main-1a2b.js', '/index.html']);
  expect(findAsset(assets, '/')).toEqual({ file: join(folder, 'index.html'), contentType: 'text/html; charset=utf-8' });
});

test('S05: no way of writing a path leads out of the page', () => {
  const pieces = [
    '..',
    '.',
    '/',
    '\\',
    '%2e%2e',
    '%2E.',
    '%2f',
    '%5c',
    '%00',
    '\0',
    'etc',
    'passwd',
    'index.html',
    'assets',
    '?',
    '#',
    ';',
    ' ',
    '//',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 12 }), (parts) => {
      const path = `/${parts.join('')}`;
      const asset = findAsset(assets, path);
      expect(asset === undefined || path === '/' || path === '/index.html').toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test('S03: a page may load its own files and nothing else, and may not turn text into code', () => {
  const policy = pageHeaders('text/html', ['ws://127.0.0.1:4711'])['content-security-policy'];
  expect(policy).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; media-src 'self'; " +
      "connect-src 'self' ws://127.0.0.1:4711; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  );
});
