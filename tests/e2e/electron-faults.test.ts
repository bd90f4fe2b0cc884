// The whole kiosk in a real Electron window when something is wrong: a page that lies, a window that is not ours, an engine
// and a page that die with a cart open.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Home } from '../../db/home.ts';
import { temporary } from '../support/county.ts';
import { type Display, openDisplay } from './harness/display.ts';
import { type Kiosk, launchKiosk, realKiosk } from './harness/electron.ts';
import { openShift, payInCash, scanTheBasket, shopIn, signIn } from './steps.ts';
import { verdictOn } from '../support/verify.ts';

let display: Display;
let executable: string;
let home: Home;
let kiosk: Kiosk;

beforeAll(async () => {
  display = await openDisplay();
  executable = await realKiosk();
});
afterAll(() => display.close());
beforeEach(async () => {
  home = await shopIn(temporary(onTestFinished));
  kiosk = await launchKiosk({ executable, display, home: home.directory, engine: 'node' });
  kiosk.page.setDefaultTimeout(20_000);
  await signIn(kiosk.page);
  await openShift(kiosk.page);
  await scanTheBasket(kiosk.page);
});
afterEach(async ({ task }) => {
  await kiosk.app.close();
  if (task.result?.state !== 'fail') expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
});

test('S10: a page that calls by itself sells at no price, time or operator of its own', async () => {
  const { page } = kiosk;
  const answers = await page.evaluate(async () => {
    interface Reply {
      readonly id?: number;
      readonly ok: boolean;
      readonly code?: string;
      readonly value: unknown;
    }
    interface Port {
      send(message: unknown): void;
    }
    interface Bridge {
      connect(listener: (message: Reply) => void, onClose: () => void): Promise<Port>;
    }
    const { kiosk: bridge } = window as unknown as { kiosk: Bridge };
    const waiting = new Map<number, (reply: Reply | null) => void>();
    let port: Port | null = null;
    const connect = (): Promise<Port | null> =>
      bridge
        .connect(
          (message) => waiting.get(message.id ?? 0)?.(message),
          () => {
            port = null;
            for (const lose of waiting.values()) lose(null);
            waiting.clear();
          },
        )
        .catch(() => null);
    /** The till's own page wants its wire back: a call that lost the wire is made anew, so often. */
    const triesMax = 20;
    let id = 0;
    const ask = async (name: string, args?: unknown): Promise<Reply> => {
      for (let tries = 0; tries < triesMax; tries += 1) {
        port ??= await connect();
        const open = port;
        if (open === null) continue;
        id += 1;
        const reply = await new Promise<Reply | null>((resolve) => {
          waiting.set(id, resolve);
          open.send({ type: 'call', id, name, args });
        });
        if (reply !== null) return reply;
      }
      throw new Error(`${name} was never answered`);
    };
    const { cart } = (await ask('snapshot')).value as {
      cart: {
        saleId: string;
        digest: string;
        quote: { totalFen: number; points: number; dueCashFen: number; lines: { lineId: string }[] };
      };
    };
    const { saleId, digest, quote } = cart;
    const shown = { totalFen: quote.totalFen, points: quote.points, payFen: quote.dueCashFen, digest };
    const payment = { kind: 'cash', tenderedFen: quote.dueCashFen };
    const replies = [
      await ask('pay', { saleId, shown: { ...shown, totalFen: 1, payFen: 1 }, payment: { kind: 'cash', tenderedFen: 1 } }),
      await ask('pay', { saleId, shown: { ...shown, points: quote.points + 100 }, payment }),
      await ask('pay', { saleId, shown, payment, at: 0 }),
      await ask('pay', { saleId, shown, payment, op: 'op2' }),
      await ask('addGoods', { goodsId: '2', priceFen: 1 }),
      await ask('setQuantity', { lineId: quote.lines[0]!.lineId, quantity: -1 }),
      await ask('sell', { saleId }),
    ];
    return replies.map(({ ok, code, value }) => (ok ? value : code));
  });
  const changed = { ok: false, code: 'changed' };
  expect(answers).toEqual([changed, changed, 'bad_call', 'bad_call', 'bad_call', 'bad_call', 'bad_call']);
  await page.getByText('22.50').first().waitFor(); // the till's own page is back on its wire, with its own cart
  await payInCash(page);
});

test('S08: a window that main did not make as the till, though it shows the till’s page, is given no wire', async () => {
  const { app, page } = kiosk;
  const title = await app.evaluate(
    async ({ BrowserWindow }, preload) => {
      const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true, contextIsolation: true } });
      await other.loadURL('app://kiosk/index.html');
      const asked = `window.kiosk.connect(() => {}, () => {}).then(() => 'connected', (error) => error.message)`;
      return other.webContents.executeJavaScript(asked) as Promise<string>;
    },
    join(import.meta.dirname, '../../dist/preload/preload.cjs'),
  );
  expect(title).toBe('the engine does not answer');
  expect(logged()).toContain('messages on wire are refused, first from app://kiosk/index.html');
  await payInCash(page);
});

test('the engine is killed with a cart open: the page says so, and the same cart comes back and can be paid', async () => {
  const { page } = kiosk;
  process.kill(enginePid(), 'SIGKILL');
  await page.getByText('正在恢复').waitFor();
  await page.getByText('格***').waitFor();
  await page.getByText('正在恢复').waitFor({ state: 'detached' });
  await payInCash(page);
});

test('S31: a page that crashes with a cart open comes back with it, and it can be paid', async () => {
  const inPage = (script: string): Promise<string> =>
    kiosk.app.evaluate(
      ({ BrowserWindow }, text) => BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(text) as Promise<string>,
      script,
    );
  const press = (key: string): Promise<void> =>
    kiosk.app.evaluate(({ BrowserWindow }, keyCode) => {
      const { webContents } = BrowserWindow.getAllWindows()[0]!;
      for (const type of ['keyDown', 'keyUp'] as const) webContents.sendInputEvent({ type, keyCode });
    }, key);
  await kiosk.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer());
  await expect.poll(() => logged().some((line) => line.startsWith('the page ended')), { timeout: 20_000 }).toBe(true);
  await expect.poll(() => inPage('document.body.innerText'), { timeout: 20_000 }).toMatch(/格\*\*\*[^]*22\.50/);
  await press('Enter');
  await expect.poll(() => inPage('document.body.innerText')).toContain('确认');
  await press('Enter');
  await expect.poll(() => inPage('document.body.innerText')).toContain('qj-03-000001');
});

function logged(): readonly string[] {
  return readFileSync(join(home.directory, 'logs/host.log'), 'utf8')
    .trim()
    .split('\n')
    .map((text) => (JSON.parse(text) as { line: string }).line);
}

/** The process of the newest engine. */
function enginePid(): number {
  return Number(/process (\d+)/.exec(logged().findLast((line) => line.startsWith('engine ready'))!)![1]);
}
