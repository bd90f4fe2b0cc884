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
        const sales = quick ? 50 : 1_000;
        const started = performance.now();
        await sell(page, sales);
        say(`${sales} sales on the page took ${Math.round((performance.now() - started) / 1000)} s`);
        await page.waitForTimeout(settleMs);
        const sold = taken(pid);
        say(`empty window: ${empty.each}; idle: ${idle.each}; after: ${sold.each}`);
        return [row('memory-idle', 'idle', idle, empty, 350), row('memory-sold', `after ${sales} sales`, sold, empty, 500)];
      } finally {
        await app.close();
      }
    } finally {
      display.close();
    }
  },
};

/** experience.md U23 counts resident memory; what processes share is counted in each, so the proportional sum is told as well. */
function row(name: string, when: string, { rss, pss, processes }: Taken, empty: Taken, atMost: number): Row {
  return {
    kind: 'measured',
    name,
    measures: `resident memory of all ${processes} processes, ${when} (shared pages counted once: ${Math.round(pss)} MB) ÷ an empty window, Electron 33`,
    unit: 'MB',
    figures: figuresOf([rss]),
    against: figuresOf([empty.rss]),
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
  /** MB, summed over the processes. */
  readonly rss: number;
  readonly pss: number;
  readonly processes: number;
  /** The resident memory of each. */
  readonly each: string;
}

/** Memory of a process and all below it. */
function taken(pid: number): Taken {
  const all = family(pid).map((each) => ({ name: nameOf(each), rss: field(each, 'Rss'), pss: field(each, 'Pss') }));
  return {
    rss: all.reduce((total, { rss }) => total + rss, 0),
    pss: all.reduce((total, { pss }) => total + pss, 0),
    processes: all.length,
    each: all.map(({ name, rss }) => `${name} ${Math.round(rss)}`).join(', '),
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

/** Rings up and pays on the page itself, one piece a sale, as fast as the page follows. */
async function sell(page: Page, sales: number): Promise<void> {
  await page.evaluate(
    async ({ codes, count }) => {
      const until = async <Value>(look: () => Value | null | undefined | false, what: string): Promise<Value> => {
        for (const deadline = performance.now() + 20_000; performance.now() < deadline;) {
          const found = look();
          if (found !== null && found !== undefined && found !== false) return found;
          await new Promise((resolve) => setTimeout(resolve, 4));
        }
        throw new Error(`never: ${what}`);
      };
      const button = (text: string): HTMLButtonElement | undefined =>
        [...document.querySelectorAll('button')].find((each) => each.textContent.startsWith(text) && !each.disabled);
      for (let i = 0; i < count; i += 1) {
        for (const key of [...codes[i % codes.length]!.split(''), 'Enter']) {
          const press = { code: key === 'Enter' ? key : `Digit${key}`, key, bubbles: true, cancelable: true, composed: true };
          const target = document.activeElement ?? document.body;
          target.dispatchEvent(new KeyboardEvent('keydown', press));
          target.dispatchEvent(new KeyboardEvent('keyup', press));
        }
        (await until(() => button('收款'), 'something to pay')).click();
        (await until(() => button('确认'), 'confirm')).click();
        const receipt = `qj-03-${String(i + 1).padStart(6, '0')}`;
        await until(() => document.body.textContent.includes(receipt), receipt);
      }
    },
    { codes: shelfOf(kinds).map(({ codes }) => codes[0]!), count: sales },
  );
}
