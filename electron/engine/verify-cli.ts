// `npm run verify -- --home DIR` prints every check of a kiosk's book; `--files DIR --keys FILE` those of a folder of files between
// kiosks and their county, without a book. Ends 0 where all that could be made hold (what could not be is told), 1 at the first lie, 2
// where nothing was checked. Reads the bytes of every weighing with the scales' decoders, which the book itself does not know.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkFiles } from '../../db/check-files.ts';
import { canonical, type Plain } from '../../db/model/canonical.ts';
import { never } from '../../db/model/result.ts';
import { type NotChecked, outcomeText } from '../../db/files-unchecked.ts';
import { type Verdict, verifyHome } from '../../db/verify.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';

const usage = `usage: npm run verify -- --home DIR
       npm run verify -- --files DIR --keys FILE [--json]

  --home DIR   the kiosk's home folder; the kiosk must be stopped until this is done (while it sells, 现在备份 under 账目 → 备份 checks
               the same book). A county's folder is checked by npm run county -- check, also while its server runs
  --files DIR  a folder of files between kiosks and their county, as a stick carries them (docs/files.md)
  --keys FILE  the public keys of county and kiosks
  --json       print what the files say as JSON, made from their events alone; the checks go to stderr`;

type Asked = { readonly home: string } | { readonly files: string; readonly keys: string; readonly json: boolean };

async function main(): Promise<number> {
  const asked = askedFor(process.argv.slice(2));
  if (asked === null) {
    console.error(usage);
    return 2;
  }
  if ('home' in asked && isCounty(asked.home)) {
    console.error(
      `not checked: ${asked.home} is a county's folder: npm run county -- check --data ${asked.home}, also while its server runs`,
    );
    return 2;
  }
  if ('home' in asked) return conclude(await verifyHome(asked.home, (line) => console.log(line), readKeptFrames), console.log);
  const tell = asked.json ? console.error : console.log;
  const verdict = await checkFiles(asked.files, asked.keys, tell);
  if (verdict.kind === 'true' && asked.json) console.log(canonical(verdict.report as unknown as Plain)); // plain by its type
  return conclude(verdict, tell, verdict.kind === 'true' ? verdict.notChecked : []);
}

/** A county's keys sign files; a kiosk's home has kiosk.json. */
function isCounty(directory: string): boolean {
  return existsSync(join(directory, 'keys', 'file.pem')) && !existsSync(join(directory, 'kiosk.json'));
}

function conclude(verdict: Verdict, tell: (line: string) => void, notChecked: readonly NotChecked[] = []): number {
  switch (verdict.kind) {
    case 'true':
      tell(outcomeText(notChecked));
      return 0;
    case 'lie':
      tell(`LIE ${verdict.check}: ${verdict.place}: ${verdict.what}`);
      return 1;
    case 'unchecked':
      console.error(`not checked: ${verdict.what}`);
      return 2;
    default:
      return never(verdict);
  }
}

function askedFor(argv: readonly string[]): Asked | null {
  try {
    const options = { home: { type: 'string' }, files: { type: 'string' }, keys: { type: 'string' }, json: { type: 'boolean' } } as const;
    const { home, files, keys, json = false } = parseArgs({ args: [...argv], options }).values;
    if (home !== undefined && files === undefined && keys === undefined && !json) return existsSync(home) ? { home } : null;
    return home === undefined && files !== undefined && keys !== undefined ? { files, keys, json } : null;
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
