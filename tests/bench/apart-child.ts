// The process that does what apart.ts was asked: imports the module, calls the export, sends what it gave. Does nothing else.

import type { Apart } from './apart.ts';

const kilobytesPerMb = 1_000; // maxRSS is in kilobytes

const [module = '', work = '', args = 'null'] = process.argv.slice(2);
const exports = (await import(module)) as Readonly<Record<string, (args: unknown) => Promise<unknown>>>; // as apart.ts was asked
const value = await exports[work]!(JSON.parse(args));
process.send!({ value, peakMb: process.resourceUsage().maxRSS / kilobytesPerMb } satisfies Apart<unknown>); // it was forked
process.disconnect();
