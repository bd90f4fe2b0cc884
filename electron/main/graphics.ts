// Remembers that this PC's graphics card crashes, and does without it from the next start. Never turns it on again by itself.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { Log } from '../ipc/log.ts';
import { isGpuTrouble } from './crashes.ts';

/** Called before the app is ready. To try the card again, delete the file that the log names. */
export function watchGraphics(folder: string, log: Log): void {
  const flag = join(folder, 'no-graphics-card');
  if (existsSync(flag)) {
    app.disableHardwareAcceleration();
    log(`drawing without the graphics card, because of ${flag}`);
  }
  let crashes = 0;
  app.on('child-process-gone', (_, details) => {
    if (details.type !== 'GPU' || details.reason === 'clean-exit') return;
    crashes += 1;
    log(`the graphics process ended: ${details.reason}`);
    if (!isGpuTrouble(crashes)) return;
    try {
      writeFileSync(flag, '');
    } catch (error) {
      log(`cannot write ${flag}`, error);
    }
  });
}
