// `npm run restore -- --from FILE --home DIR`: puts a backup back as the home of a kiosk, and says in words what is back, what is
// lost, and what has to be done. Ends 0 where it is restored, 1 where it was refused, 2 where it was not asked rightly.

import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { clockText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import { parseRecoveryCode } from '../../db/recovery-code.ts';
import { type Restored, type RestoreFailure, restoreHome } from '../../db/restore.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';

const usage = `usage: npm run restore -- --from FILE --home DIR [--code-file FILE]

  --from FILE       a backup: ….jifenbackup
  --home DIR        where the kiosk will live from now on; must not be there yet
  --code-file FILE  holds the recovery code; without it the code is asked for`;

interface Asked {
  readonly from: string;
  readonly home: string;
  readonly codeFile: string | null;
}

async function main(): Promise<number> {
  const asked = readArgs(process.argv.slice(2));
  if (asked === null) {
    console.error(usage);
    return 2;
  }
  const code = parseRecoveryCode(asked.codeFile === null ? await askCode() : readFileSync(asked.codeFile, 'utf8'));
  if (code === null) {
    console.error('nothing was restored: this is no recovery code. It has seven groups of four letters; one of them is read wrong.');
    return 1;
  }
  const outcome = await restoreHome({
    from: asked.from,
    directory: asked.home,
    code,
    clock: { wallMs: () => Date.now(), monoMs: () => performance.now() },
    decode: readKeptFrames,
    report: (line) => console.log(line),
  });
  if (!outcome.ok) {
    console.error(`nothing was restored: ${whyNot(outcome.code)} (${outcome.detail})`);
    return 1;
  }
  for (const line of told(outcome.value, asked.home)) console.log(line);
  return 0;
}

function readArgs(argv: readonly string[]): Asked | null {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { from: { type: 'string' }, home: { type: 'string' }, 'code-file': { type: 'string' } },
    });
    const { from, home, 'code-file': codeFile } = values;
    if (from === undefined || home === undefined || (codeFile !== undefined && !existsSync(codeFile))) return null;
    return { from, home, codeFile: codeFile ?? null };
  } catch {
    return null; // an option we do not know: the usage says which there are
  }
}

/** One line of the terminal, or of what is piped in. */
async function askCode(): Promise<string> {
  process.stderr.write('recovery code (on the owner’s paper): ');
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line;
  }
  return '';
}

/** What a person has to know. */
function told({ facts, inc, incLeaf, newest, closing, lastReceipt, lostEvents }: Restored, home: string): readonly string[] {
  const until = `${clockText(newest.at, newest.at)} of ${newest.day}`;
  return [
    '',
    `Restored: kiosk ${facts.kiosk} of ${facts.county}, in ${home}, incarnation ${inc}.`,
    `What is back: everything until ${until} (event ${newest.seq})${closing === null ? '; no day was closed yet' : `; the last closed day is ${closing.day}, ${closing.number}`}.`,
    lostEvents === null
      ? `What is lost: whatever was done at the kiosk after that.`
      : lostEvents === 0
        ? 'What is lost: nothing, by the anchor.'
        : `What is lost: ${lostEvents} events after that, by the anchor: sales, credits and returns among them.`,
    `  ${lastReceipt === null ? 'No receipt is in it.' : `The last receipt in it is ${lastReceipt}.`} Gather the papers with later numbers: their codes prove what happened.`,
    'What the shop does: start the till. It sells for cash at once. Do not use the old machine or its folder again.',
    `What the county does: enter what the papers say, then send a file that issues the points anew, for incarnation ${inc} of ${incLeaf}.`,
    'Until it has come, points cannot be used here. Goods sold before the backup come back only at the county.',
  ];
}

function whyNot(code: RestoreFailure): string {
  switch (code) {
    case 'file_missing':
      return 'the backup is not there';
    case 'home_exists':
      return 'something is there already';
    case 'not_a_backup':
      return 'this file is no backup of a kiosk';
    case 'newer_format':
    case 'book_newer':
      return 'it was made by a newer program: install that first';
    case 'wrong_code':
      return 'the recovery code is of another kiosk';
    case 'damaged':
      return 'the file is damaged or cut off: take an older one';
    case 'book_false':
      return 'the book in it does not verify';
    case 'no_room':
      return 'the disk is full';
    default:
      return never(code);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error('nothing was restored:', error);
  process.exitCode = 1;
}
