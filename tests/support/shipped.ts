// Folders that a shipped program left behind, kept as they were: what every later program must open, check and go on with.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { temporary } from './county.ts';

/** A fresh copy: a county's folder of version 1, or a kiosk's of version 5. */
export function shipped(onTestFinished: Parameters<typeof temporary>[0], what: 'county-1' | 'kiosk-5'): string {
  const directory = temporary(onTestFinished, 'jifen-shipped-');
  execFileSync('tar', ['-xzf', join(import.meta.dirname, `../vectors/shipped/${what}.tar.gz`), '-C', directory]);
  return join(directory, what.split('-')[0]!);
}
