// What both makers of golden counties do around their making: randomness fixed by a word, a folder to work in, the folder named on the
// command line filled only when all is made. Makes nothing itself.

import crypto, { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a maker into the folder that the command line names. `word` keeps its random ids apart from those of another maker. */
export async function makeGolden(word: string, make: (out: string, work: string) => Promise<void>): Promise<void> {
  const [target] = process.argv.slice(2);
  if (target === undefined) throw new Error(`usage: node ${process.argv[1]} DIR`);
  const work = mkdtempSync(join(tmpdir(), 'jifen-golden-'));
  try {
    fixRandomness(word);
    const made = join(work, 'out');
    mkdirSync(made);
    await make(made, work);
    cpSync(made, target, { recursive: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Ids of acts are random; here they are as random as a counter that was hashed. */
function fixRandomness(word: string): void {
  let count = 0;
  crypto.randomUUID = () => {
    count += 1;
    const hex = createHash('sha256').update(`${word} ${count}`).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
  syncBuiltinESMExports();
}
