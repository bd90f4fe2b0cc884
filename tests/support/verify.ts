// Runs the verifier in a test and gives back what it found.

import { type Verdict, verifyHome } from '../../db/verify.ts';

/** The verdict on a home; the lines it reports are dropped. */
export function verdictOn(directory: string): Promise<Verdict> {
  return verifyHome(directory, () => {});
}
