// Asks both implementations of one folder: ours, and the one that shares no line with it.

import { deepStrictEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkFiles } from '../../db/check-files.ts';

const here = import.meta.dirname;
/** The golden county: kept in the repository, never edited. */
export const golden = join(here, '../vectors/golden');
const verifier = join(here, 'verify.py');
const outputMax = 16 * 1024 * 1024;

export const run = promisify(execFile);

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the second implementation prints of a folder: the report as JSON, and beside it each check. */
export async function saidByPython({ files, keys }: { readonly files: string; readonly keys: string }): Promise<Said> {
  try {
    const args = [verifier, '--files', files, '--keys', keys, '--json'];
    return { code: 0, ...(await run('python3', args, { maxBuffer: outputMax })) };
  } catch (error) {
    return error as Error & Said; // as Node gives what a program ended with
  }
}

export interface Told {
  readonly kind: string;
  readonly place: string;
}

/**
 * What each says of each folder, in their order. One run of Python for all, so that a signature is checked once. Throws where both find it true
 * and do not say the same, word for word, of what they could not check.
 */
export async function verdictsOn(directories: readonly string[]): Promise<readonly { readonly ours: Told; readonly python: Told }[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'jifen-both-'));
  try {
    const list = join(scratch, 'list');
    writeFileSync(list, directories.map((each) => `${each}\n`).join(''));
    const { stdout } = await run('python3', [verifier, '--many', list], { maxBuffer: outputMax });
    const python = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; place?: string; notChecked?: unknown });
    const verdicts: { ours: Told; python: Told }[] = [];
    for (const [i, directory] of directories.entries()) {
      const verdict = await checkFiles(directory, join(directory, 'keys.json'), () => {});
      const theirs = python[i]!; // one line a folder
      if (verdict.kind === 'true' && theirs.kind === 'true') deepStrictEqual(verdict.notChecked, theirs.notChecked, directory);
      verdicts.push({ ours: told(verdict), python: told(theirs) });
    }
    return verdicts;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function told({ kind, place = '' }: { readonly kind: string; readonly place?: string }): Told {
  return { kind, place };
}

/** Copies of the golden county to be spoilt, all removed together; of one kiosk alone where that is enough, since hundreds are made. */
export function copies(): { readonly make: (kiosk?: string) => string; readonly remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'jifen-tamper-'));
  let count = 0;
  return {
    make(kiosk) {
      count += 1;
      const directory = join(root, String(count));
      const isOthers = (path: string): boolean => kiosk !== undefined && (/qj-\d\d/.exec(path)?.[0] ?? kiosk) !== kiosk;
      const isLeftOut = (path: string): boolean => isOthers(path) || (kiosk !== undefined && path.endsWith('receipts.txt'));
      cpSync(golden, directory, { recursive: true, filter: (path) => !isLeftOut(path) });
      return directory;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
