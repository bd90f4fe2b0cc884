// Where a run has its folders.

import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new one, on memory where there is such a disk: every commit is synced, and there a sync costs nothing. The caller removes it. */
export function memoryFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'jifen-simulator-'));
}
