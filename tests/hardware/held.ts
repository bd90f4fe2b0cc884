// Counts what a device's link holds on to, for tests of what runs for months. Counts objects, not memory: a number of bytes
// is the collector's business.

import { queryObjects } from 'node:v8';

/** Promises that are alive after so many acts and were not before. What is thrown away is collected first. */
export async function promisesHeld(act: () => Promise<unknown>, times: number): Promise<number> {
  await act(); // what is made once, at first use
  const before = queryObjects(Promise, { format: 'count' });
  for (let i = 0; i < times; i += 1) await act();
  return queryObjects(Promise, { format: 'count' }) - before;
}
