// What a cashier does, step by step, on the real page: the same in Chromium and in Electron.

import { createPublicKey, verify } from 'node:crypto';
import jsQR from 'jsqr';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { pngToRaster } from '../../hardware/printer/png.ts';
import { type Home, readSigner } from '../../db/home.ts';
import { card, cashierPin, enrol, makeKiosk } from '../support/county.ts';

/** A kiosk of the test county in `directory`, its book closed, ready for a host. */
export async function shopIn(directory: string): Promise<Home> {
  const { home, book } = makeKiosk(directory, { wallMs: () => Date.now(), monoMs: () => performance.now() });
  await enrol(home, book);
  book.close();
  return home;
}

/** Keys slower than any scanner, so that they are a person's. */
const byHand = { delay: 130 };

export async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: '卓玛' }).click();
  await page.keyboard.type(cashierPin, byHand);
  await page.getByRole('button', { name: /开班|开始/ }).waitFor();
}

export async function openShift(page: Page): Promise<void> {
  await page.getByRole('button', { name: /开班|开始/ }).click();
  const pay = page.getByRole('button', { name: /^收款/ });
  const isDateRight = page.getByRole('button', { name: /日期对/ }); // asked on every day but the two after the tests' county file
  await pay.or(isDateRight).waitFor();
  if (await isDateRight.isVisible()) await isDateRight.click();
  await pay.waitFor();
}

/**
 * Types a code as a keyboard scanner does, into whatever has the focus. Within one task of the page, so that a test machine
 * that stalls is not taken for a person; keys that really travel are tested in tests/renderer/wedge.slow.test.ts.
 */
export async function scan(page: Page, code: string): Promise<void> {
  const keys = code.split('').map((character) => ({
    code: /\d/.test(character) ? `Digit${character}` : `Key${character}`,
    key: character,
    shiftKey: /[A-Z]/.test(character),
  }));
  await page.evaluate(
    (presses) => {
      for (const press of presses) {
        const target = document.activeElement ?? document.body;
        target.dispatchEvent(new KeyboardEvent('keydown', { ...press, bubbles: true, cancelable: true, composed: true }));
        target.dispatchEvent(new KeyboardEvent('keyup', { ...press, bubbles: true, cancelable: true, composed: true }));
      }
    },
    [...keys, { code: 'Enter', key: 'Enter', shiftKey: false }],
  );
}

/** Card, detergent and barley: 42.50 yuan, of which 200 points pay 20. */
export async function scanTheBasket(page: Page): Promise<void> {
  await scan(page, card('1'));
  await page.getByText('格***').waitFor();
  await scan(page, '2000000000001');
  await page.getByText('洗洁精').first().waitFor();
  await scan(page, '2000000000002');
  await page.getByText('22.50').first().waitFor();
}

export async function payInCash(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^收款/ }).click();
  await page.getByRole('button', { name: /确认/ }).click();
  await page.getByText('qj-03-000001').first().waitFor();
}

/** Opens the newest sale's receipt and reads its QR, as anyone with the public key may. */
export async function readReceiptBack(page: Page, home: Home): Promise<readonly string[]> {
  await page.getByRole('button', { name: '卖过的' }).click();
  await page.getByRole('button', { name: /qj-03-000001/ }).click();
  const picture = page.locator('img[src^="data:image/png"]').first();
  await picture.waitFor();
  const source = (await picture.getAttribute('src'))!;
  const raster = pngToRaster(Buffer.from(source.slice(source.indexOf(',') + 1), 'base64'));
  const pixels = new Uint8ClampedArray(raster.width * raster.height * 4);
  for (let i = 0; i < raster.width * raster.height; i += 1) {
    const isBlack = (raster.bits[i >> 3]! >> (7 - (i & 7))) & 1;
    pixels.fill(isBlack === 1 ? 0 : 255, i * 4, i * 4 + 3);
    pixels[i * 4 + 3] = 255;
  }
  const code = jsQR.default(pixels, raster.width, raster.height);
  expect(code).not.toBeNull();
  const fields = code!.data.split('|');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: readSigner(home)!.publicKey }, format: 'jwk' });
  expect(verify(null, Buffer.from(fields.slice(0, -1).join('|')), key, Buffer.from(fields.at(-1)!, 'base64url'))).toBe(true);
  return fields;
}
