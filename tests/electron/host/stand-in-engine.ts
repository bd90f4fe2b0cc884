// An engine process that answers everything with what it heard, and fails on command: for the tests of both hosts.

import { parseArgs } from 'node:util';
import { getHeapSpaceStatistics } from 'node:v8';
import { openLog } from '../../../electron/ipc/log.ts';
import { runEngine } from '../../../electron/ipc/run-engine.ts';

const { home } = parseArgs({ args: process.argv.slice(2), options: { home: { type: 'string', default: '.' } } }).values;
const log = openLog(home, 'engine', () => undefined);

await runEngine(async () => {
  if (process.env['STAND_IN'] === 'start-fails') throw new Error('no book');
  return {
    attach(wire) {
      wire.send({ hello: process.pid });
      wire.onMessage((message) => {
        if (message === 'throw')
          setImmediate(() => {
            throw new Error('broken on purpose');
          });
        else if (message === 'reject') void Promise.reject(new Error('rejected on purpose'));
        else if (message === 'close') wire.close();
        else if (message === 'churn') wire.send({ youngMegabytes: youngAfterChurn() });
        else wire.send({ heard: message });
      });
    },
    close: () => new Promise((resolve) => setTimeout(resolve, 20)),
  };
}, log);

/** What new objects have room in after many of them, each alive for a while: V8 makes the room larger while much survives. */
function youngAfterChurn(): number {
  const alive: object[] = [];
  for (let i = 0; i < 5_000_000; i += 1) alive[i % 300_000] = { i };
  const young = getHeapSpaceStatistics().filter(({ space_name: name }) => name === 'new_space');
  return young.reduce((total, { space_size: bytes }) => total + bytes, 0) / 2 ** 20;
}
