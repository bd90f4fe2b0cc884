// What the kiosk takes of the machine: every process of it, idle and after many sales rung up on its real page.

import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Display, openDisplay } from '../e2e/harness/display.ts';
import { launchKiosk, realKiosk } from '../e2e/harness/electron.ts';
import { emptyElectron, launchEmpty } from './bench-empty-window.ts';
import { makeBenchShop, shelfOf } from './bench-shop.ts';
import { type Bench, type Row, figuresOf } from './measure.ts';

/** Fonts, caches and the collector have come to rest. */
const settleMs = 6_000;
const kinds = 20;
/** No sooner than this: four calls a sale, and the engine hears no page that makes more than 40 a second. */
const saleMs = 160;
/** Memory is looked at so many times on the way: what grows with every sale shows. */
const parts = 10;
const megabyte = 2 ** 20;

export const memory: Bench = {
  name: 'memory',
  async run({ quick, scratch, say }) {
    const display = await openDisplay();
    try {
      const home = join(scratch, 'home');
      const executable = await realKiosk();
      await makeBenchShop(home, { kinds, inCart: 0 });
      const empty = await emptyWindow(join(scratch, 'empty'), display);
      const { app, page } = await launchKiosk({ executable, display, home, engine: 'node' });
      try {
        await page.getByRole('button', { name: /^收款/ }).waitFor({ timeout: 60_000 });
        await page.waitForTimeout(settleMs);
        const pid = app.process().pid!; // launched just before
        const idle = taken(pid);
        const sales = quick ? 60 : 1_000;
        const growth: string[] = [];
        let middle = idle;
        const started = performance.now();
        for (let part = 1; part <= parts; part += 1) {
          await sell(page, { from: ((part - 1) * sales) / parts, to: (part * sales) / parts });
          const now = taken(pid);
          growth.push(`${(part * sales) / parts}: ${Math.round(now.pss)}`);
          if (part === parts / 2) middle = now;
        }
        say(`${sales} sales on the page took ${Math.round((performance.now() - started) / 1000)} s; MB after sale ${growth.join(', ')}`);
        await page.waitForTimeout(settleMs);
        const sold = taken(pid);
        say(
          `MB of each, shared pages counted once: empty window: ${empty.each}; idle: ${idle.each}; half-way: ${middle.each}; after: ${sold.each}`,
        );
        return [row('memory-idle', 'idle', idle, empty, 350), row('memory-sold', `after ${sales} sales`, sold, empty, 500)];
      } finally {
        await app.close();
      }
    } finally {
      display.close();
    }
  },
};

/**
 * What the machine has less while the kiosk runs: pages that processes share are counted once. The resident sizes added up,
 * as experience.md U23 has it, count Chromium's own program once for each of its processes; told beside it.
 */
function row(name: string, when: string, { rss, pss, processes }: Taken, empty: Taken, atMost: number): Row {
  return {
    kind: 'measured',
    name,
    measures: `memory of all ${processes} processes, ${when}, shared pages counted once (resident sizes added up: ${Math.round(rss)} MB) ÷ an empty window, Electron 33`,
    unit: 'MB',
    figures: figuresOf([pss]),
    against: figuresOf([empty.pss]),
    goals: [{ of: 'p50', is: 'figure', atMost }],
  };
}

async function emptyWindow(folder: string, display: Display): Promise<Taken> {
  const executable = await emptyElectron(folder);
  const app = await launchEmpty(executable, display);
  try {
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    return taken(app.process().pid!); // launched just before
  } finally {
    await app.close();
    rmSync(dirname(executable), { recursive: true });
  }
}

interface Taken {
  /** MB, summed over the processes: with a page that several hold counted in each, and divided among them. */
  readonly rss: number;
  readonly pss: number;
  readonly processes: number;
  /** What of `pss` falls to each. */
  readonly each: string;
}

/** Memory of a process and all below it. */
function taken(pid: number): Taken {
  const all = family(pid).map((each) => ({ name: nameOf(each), rss: field(each, 'Rss'), pss: field(each, 'Pss') }));
  return {
    rss: all.reduce((total, { rss }) => total + rss, 0),
    pss: all.reduce((total, { pss }) => total + pss, 0),
    processes: all.length,
    each: all.map(({ name, pss }) => `${name} ${Math.round(pss)}`).join(', '),
  };
}

/** A sum of smaps_rollup, in MB. */
function field(pid: number, name: 'Rss' | 'Pss'): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0;
  return (Number(kilobytes) * 1024) / megabyte;
}

/** What a process of Electron is: its type, or its program. Chromium joins the words of a command line by spaces. */
function nameOf(pid: number): string {
  return /--type=(\S+)/.exec(read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))?.[1] ?? read(`/proc/${pid}/comm`).trim();
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process ended between the listing and the look
  }
}

function family(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(family)];
}

/**
 * Rings up and pays on the page itself, one piece a sale, faster than any person. As a cashier does, it scans again
 * when nothing came of a scan: on a busy machine the keys of one may come so far apart that they are no scanner's.
 */
async function sell(page: Page, { from, to }: { readonly from: number; readonly to: number }): Promise<void> {
  await page.evaluate(
    async ({ codes, first, end, leastMs }) => {
      type Look = () => HTMLElement | boolean | undefined;
      const seen = async (look: Look, withinMs: number): Promise<HTMLElement | boolean> => {
        for (const deadline = performance.now() + withinMs; performance.now() < deadline;) {
          const found = look();
          if (found !== undefined && found !== false) return found;
          await new Promise((resolve) => setTimeout(resolve, 4));
        }
        return false;
      };
      const press = async (text: string): Promise<void> => {
        const found = await seen(() => button(text), 20_000);
        if (!(found instanceof HTMLElement)) throw new Error(never(text));
        found.click();
      };
      const never = (what: string): string => `never: ${what}; the page says ${document.body.innerText.slice(0, 600)}`;
      const button = (text: string): HTMLButtonElement | undefined =>
        [...document.querySelectorAll('button')].find((each) => each.textContent.startsWith(text) && !each.disabled);
      const scan = (code: string): void => {
        for (const key of [...code.split(''), 'Enter']) {
          const init = { code: key === 'Enter' ? key : `Digit${key}`, key, bubbles: true, cancelable: true, composed: true };
          const target = document.activeElement ?? document.body;
          target.dispatchEvent(new KeyboardEvent('keydown', init));
          target.dispatchEvent(new KeyboardEvent('keyup', init));
        }
      };
      for (let i = first; i < end; i += 1) {
        const next = new Promise((resolve) => setTimeout(resolve, leastMs));
        for (let tries = 0; tries < 5; tries += 1) {
          scan(codes[i % codes.length]!);
          if (await seen(() => button('收款'), 3_000)) break;
        }
        await press('收款');
        await press('确认');
        const receipt = `qj-03-${String(i + 1).padStart(6, '0')}`;
        if (!(await seen(() => document.body.textContent.includes(receipt), 20_000))) throw new Error(never(`receipt ${receipt}`));
        await next;
      }
    },
    { codes: shelfOf(kinds).map(({ codes }) => codes[0]!), first: from, end: to, leastMs: saleMs },
  );
}
