// Reads a long list on a thread of its own, one list at a time, in bounded memory and time: meanwhile the process serves kiosks and other
// clerks. Reads nothing itself.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import type { List, ListRefusal, ListRow, RowFault } from './list-file.ts';
import type { ListSaid, ListWork } from './list-worker.ts';
import type { Tell } from './slices.ts';
import { newTurns } from './turns.ts';

/** Lists that may wait for the one that is read: each is held in memory meanwhile. */
const waitingMax = 2;
/** The longest list that is taken needs a third of it; one that needs more is refused, and the server goes on. */
const heapMegabytes = 3_072;
/** The longest that is taken needs half a minute on a slow machine. */
const deadlineMs = 5 * 60_000;

/** What the thread is told for each slice. */
const nextSlice = 'next';

const turns = newTurns();
let waiting = 0;

export async function readOnThread<Name extends string>(work: ListWork, tell: Tell): Promise<Result<List<Name>, ListRefusal>> {
  if (waiting > waitingMax) return fail('busy');
  waiting += 1;
  try {
    return await turns.take(() => readAlone<Name>(work, tell));
  } finally {
    waiting -= 1;
  }
}

async function readAlone<Name extends string>(work: ListWork, tell: Tell): Promise<Result<List<Name>, ListRefusal>> {
  const port = new Worker(new URL('./list-worker.ts', import.meta.url), {
    workerData: work,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  port.on('error', () => {}); // whoever waits for its next word is told
  const late = AbortSignal.timeout(deadlineMs);
  const next = async (): Promise<ListSaid> => {
    const [said] = (await once(port, 'message', { signal: late })) as [ListSaid]; // its thread says nothing else
    return said;
  };
  try {
    const head = await next();
    if (head.t === 'refused') return fail(head.code);
    assert(head.t === 'read', 'a list begins with what there is');
    const rows: ListRow<Name>[] = [];
    const faults: RowFault[] = [];
    tell({ step: 'reading', done: 0, of: head.rows });
    while (rows.length < head.rows || faults.length < head.faults) {
      port.postMessage(nextSlice);
      const slice = await next();
      assert(slice.t === 'slice', 'a slice was asked for');
      rows.push(...(slice.rows as readonly ListRow<Name>[])); // of the columns that were asked for
      faults.push(...slice.faults);
      tell({ step: 'reading', done: rows.length, of: head.rows });
    }
    return ok({ rows, faults, format: head.format });
  } catch (error) {
    if (late.aborted || (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') return fail('too_large');
    throw error;
  } finally {
    await port.terminate();
  }
}
