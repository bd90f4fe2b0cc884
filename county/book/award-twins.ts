// Whether one list of awards gives what another gave: the same points to the same accounts, in whatever order and however it is written. Bytes
// differ by a blank line; two equal months are honest: people are told, and decide. Reads no list and no book itself.

import { hash } from 'node:crypto';
import { slicesOf } from './slices.ts';

export interface Award {
  readonly account: string;
  /** Hundredths of a point. */
  readonly points: number;
  readonly reason: string;
}

/** Another batch, not withdrawn, that gives every account the same. */
export interface Twin {
  readonly batch: number;
  readonly proposedBy: string;
  readonly at: number;
  /** Of its first row. */
  readonly reason: string;
}

/** A fingerprint of what a list gives to whom, the same in any order of its rows; an account stands in a list once. */
export async function givesOf(awards: readonly Award[]): Promise<string> {
  const sums = new Uint32Array(4);
  for await (const slice of slicesOf(awards))
    for (const { account, points } of slice) {
      const digest = hash('sha256', `${points} ${account}`, 'buffer');
      sums.forEach((sum, i) => {
        sums[i] = sum + digest.readUInt32LE(4 * i); // what is beyond 32 bits falls away
      });
    }
  return Buffer.from(sums.buffer).toString('base64url');
}
