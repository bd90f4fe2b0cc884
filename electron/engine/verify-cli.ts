// `npm run verify -- --home DIR`: prints every check of a kiosk's book and ends 0 where all hold, 1 at the first lie, 2
// where nothing was checked. Reads the bytes of every weighing with the scales' decoders, which the book itself does not know.

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { never } from '../../db/model/result.ts';
import { verifyHome } from '../../db/verify.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';

const usage = `usage: npm run verify -- --home DIR

  --home DIR  the kiosk's home folder; the kiosk must be stopped`;

async function main(): Promise<number> {
  const directory = homeOf(process.argv.slice(2));
  if (directory === null) {
    console.error(usage);
    return 2;
  }
  const verdict = await verifyHome(directory, (line) => console.log(line), readKeptFrames);
  switch (verdict.kind) {
    case 'true':
      console.log('every check holds');
      return 0;
    case 'lie':
      console.log(`LIE ${verdict.check}: ${verdict.place}: ${verdict.what}`);
      return 1;
    case 'unchecked':
      console.error(`not checked: ${verdict.what}`);
      return 2;
    default:
      return never(verdict);
  }
}

function homeOf(argv: readonly string[]): string | null {
  try {
    const { home } = parseArgs({ args: [...argv], options: { home: { type: 'string' } } }).values;
    return home !== undefined && existsSync(home) ? home : null;
  } catch {
    return null; // an option we do not know: the usage says which there are
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error('not checked:', error);
  process.exitCode = 2;
}
