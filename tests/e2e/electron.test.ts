import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { temporary } from '../support/county.ts';
import { type Display, openDisplay } from './harness/display.ts';
import { launchKiosk, realKiosk } from './harness/electron.ts';
import { openShift, payInCash, readReceiptBack, scanTheBasket, shopIn, signIn } from './steps.ts';
import { verdictOn } from '../support/verify.ts';

let display: Display;
let executable: string;

beforeAll(async () => {
  display = await openDisplay();
  executable = await realKiosk();
});
afterAll(() => display.close());

test('a shop in a real Electron window: signs in, scans, pays, reads the receipt back, and the book verifies', async () => {
  const home = await shopIn(temporary(onTestFinished));
  const { app, page } = await launchKiosk({ executable, display, home: home.directory, engine: 'node' });
  try {
    page.setDefaultTimeout(20_000);
    await signIn(page);
    await openShift(page);
    await scanTheBasket(page);
    await payInCash(page);
    expect((await readReceiptBack(page, home))[7]).toBe('20000');
  } finally {
    await app.close();
  }
  expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
});
