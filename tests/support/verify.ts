// Runs the verifier in a test as the command does, with the scales' decoders, and gives back what it found.

import { type Verdict, verifyHome } from '../../db/verify.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';

/** The verdict on a home; the lines it reports are dropped. */
export function verdictOn(directory: string): Promise<Verdict> {
  return verifyHome(directory, () => {}, readKeptFrames);
}
