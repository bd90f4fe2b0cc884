// The process that does what apart.ts was asked: imports the module, calls the export, sends what it gave. Does nothing else.

import { existsSync, readFileSync } from 'node:fs';
import type { Apart } from './apart.ts';

const [module = '', work = '', args = 'null'] = process.argv.slice(2);
const exports = (await import(module)) as Readonly<Record<string, (args: unknown) => Promise<unknown>>>; // as apart.ts was asked
const value = await exports[work]!(JSON.parse(args));
process.send!({ value, peakMb: (peakKib() * 1_024) / 1_000_000 } satisfies Apart<unknown>); // it was forked
process.disconnect();

/** Of this program alone: maxRSS, which is all that other systems tell, begins on Linux at what the process held that forked it. */
function peakKib(): number {
  const status = '/proc/self/status';
  const [, peak] = (existsSync(status) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8')) : null) ?? [];
  return peak === undefined ? process.resourceUsage().maxRSS : Number(peak);
}
