// The engine process: reads its home from the command line and starts the engine. Both hosts start this file.

import { parseArgs } from 'node:util';
import { openLog } from '../ipc/log.ts';
import { exitCodes, runEngine } from '../ipc/run-engine.ts';
import { startEngine } from './engine.ts';

const { home } = parseArgs({ args: process.argv.slice(2), options: { home: { type: 'string' } } }).values;
if (home === undefined) {
  process.stderr.write('usage: node electron/engine/main.ts --home DIR\n');
  process.exit(exitCodes.usage);
}
const log = openLog(home, 'engine');
await runEngine(() => startEngine({ home, log }), log);
