// What the kiosk adds to the start of its own window: from the launch to the names to sign in with, against a window that
// shows one word. In the Electron for tests; programs and pages are in the disk's cache for both.

import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Display, openDisplay } from '../e2e/harness/display.ts';
import { launchKiosk, realKiosk } from '../e2e/harness/electron.ts';
import { emptyElectron, launchEmpty } from './bench-empty-window.ts';
import { makeBenchHome } from './bench-till.ts';
import { type Bench, figuresOf, timedAsync } from './measure.ts';

const deadlineMs = 60_000;

export const electronColdStart: Bench = {
  name: 'electron-cold-start',
  async run({ quick, scratch }) {
    const display = await openDisplay();
    const empty = await emptyElectron(join(scratch, 'empty'));
    try {
      const executable = await realKiosk();
      const home = join(scratch, 'home');
      await makeBenchHome(home, { residents: 100 });
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let i = -1; i < (quick ? 3 : 12); i += 1) {
        const kiosk = await startKiosk(executable, display, home);
        const window = await startEmpty(empty, display);
        if (i < 0) continue; // the first of both fills the disk's cache
        ours.push(kiosk);
        theirs.push(window);
      }
      return [
        {
          kind: 'measured',
          name: 'electron-cold-start',
          measures: 'launch to the sign-in screen ÷ launch of an empty window, Electron 33 for tests',
          unit: 'ms',
          figures: figuresOf(ours),
          against: figuresOf(theirs),
          goals: [{ of: 'p50', is: 'ratio', atMost: 1.5 }],
        },
      ];
    } finally {
      display.close();
      rmSync(dirname(empty), { recursive: true });
    }
  },
};

async function startKiosk(executable: string, display: Display, home: string): Promise<number> {
  let close = async (): Promise<void> => {};
  const ms = await timedAsync(async () => {
    const { app, page } = await launchKiosk({ executable, display, home, engine: 'node' });
    close = () => app.close();
    await page.getByText('卓玛').first().waitFor({ timeout: deadlineMs });
  });
  await close();
  return ms;
}

async function startEmpty(executable: string, display: Display): Promise<number> {
  let close = async (): Promise<void> => {};
  const ms = await timedAsync(async () => {
    const app = await launchEmpty(executable, display);
    close = () => app.close();
  });
  await close();
  return ms;
}
