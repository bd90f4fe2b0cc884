// Work of a bench in a process of its own, so that its memory is its own and two of them keep two cores busy. Measures no time: the work
// says itself what it took.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { countyNodeArguments } from '../../county/node-arguments.ts';

export interface Apart<Value> {
  readonly value: Value;
  /** The most memory that the process had at one time, MB. */
  readonly peakMb: number;
}

/** Does `work`, an export of `module`, with arguments that JSON can say. Throws where it threw. `nodeArguments`: those that the product starts with. */
export async function apart<Value>(
  module: string,
  work: string,
  args: object,
  nodeArguments: readonly string[] = [],
): Promise<Apart<Value>> {
  const child = fork(new URL('./apart-child.ts', import.meta.url), [module, work, JSON.stringify(args)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...nodeArguments],
  });
  const ended = once(child, 'exit');
  let told: Apart<Value> | null = null;
  child.on('message', (message) => {
    told = message as Apart<Value>; // sent below, and nothing else is
  });
  const [code] = (await ended) as [number | null];
  if (code !== 0 || told === null) throw new Error(`${work} ended with ${code}`);
  return told;
}

/** The same in a process that Node starts as it starts the county's server. */
export function apartAsServed<Value>(module: string, work: string, args: object): Promise<Apart<Value>> {
  return apart<Value>(module, work, args, countyNodeArguments);
}
