// Each byte of a small folder changed in turn, packed and unpacked: both implementations refuse, and name the place (reconciliation.md
// R6 27). What unpacking does not read may change, and is named here. In CI each of the two takes one byte in nine, and not the same ones;
// with EVERY_BYTE=1 in the environment both take all, for some minutes.

import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { temporary } from '../support/county.ts';
import { smallFolder } from '../support/small-folder.ts';
import { run, verdictsOn } from './both.ts';
import type { OfFile } from './flips.ts';

/** Bytes behind the packed content: its checksum and its length (RFC 1952, 2.3.1). */
const trailerBytes = 8;
/** Has no divisor with eight in common: which bit is changed goes with the place. */
const step = process.env['EVERY_BYTE'] === '1' ? 1 : 9;
const outputMax = 16 * 1024 * 1024;

/** What an implementation says of each byte of each file in a copy of the folder. */
async function said(
  directory: string,
  command: string,
  { program, from }: { readonly program: string; readonly from: number },
): Promise<readonly OfFile[]> {
  const copy = temporary(onTestFinished, 'jifen-flips-');
  cpSync(directory, copy, { recursive: true });
  const { stdout } = await run(command, [join(import.meta.dirname, program), copy, String(step), String(from)], { maxBuffer: outputMax });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OfFile); // as both programs print it
}

/** Whether a verdict names the file that was changed: its notes and its data speak of one another, keys of everything. */
function isNamed(path: string, [, , kind, place]: OfFile['told'][number]): boolean {
  if (path === 'keys.json') return kind === 'unchecked' || kind === 'lie';
  return kind === 'lie' && place.startsWith(path.replace(/(?<=\/\d{8})\..*$/, ''));
}

/** What was said amiss, and how many bytes of each file were changed. */
function summed(
  directory: string,
  files: readonly OfFile[],
): { readonly amiss: readonly object[]; readonly bytes: { readonly [path: string]: number } } {
  const amiss: object[] = [];
  const bytes: Record<string, number> = {};
  for (const { path, isUnpacked, told } of files) {
    const name = isUnpacked ? `${path} unpacked` : path;
    bytes[name] = told.reduce((sum, [, count]) => sum + count, 0);
    const { length } = readFileSync(join(directory, path));
    const filling = path.endsWith('.gz') && !isUnpacked ? length - trailerBytes - 1 : null; // the next test is about it
    for (const each of told) if (!isNamed(path, each) && !(each[0] === filling && each[1] === 1)) amiss.push({ name, each });
  }
  return { amiss, bytes };
}

test('a bit of every byte of every file: both refuse, and name the file', { timeout: 600_000 }, async () => {
  const directory = await smallFolder(onTestFinished);
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)));
  const bytesFrom = (from: number): object =>
    Object.fromEntries(
      paths.flatMap((path): [string, number][] => {
        const whole = readFileSync(join(directory, path));
        const count = ({ length }: Buffer): number => Math.ceil((length - from) / step);
        const packed: [string, number] = [path, count(whole)];
        return path.endsWith('.gz') ? [packed, [`${path} unpacked`, count(gunzipSync(whole))]] : [packed];
      }),
    );
  const pythonFrom = Math.floor(step / 2);
  const [ours, python] = await Promise.all([
    said(directory, process.execPath, { program: 'flips.ts', from: 0 }),
    said(directory, 'python3', { program: 'flips.py', from: pythonFrom }),
  ]);
  expect({ ours: summed(directory, ours), python: summed(directory, python) }).toEqual({
    ours: { amiss: [], bytes: bytesFrom(0) },
    python: { amiss: [], bytes: bytesFrom(pythonFrom) },
  });
});

const systemAt = 9;

test('every bit of a packed file: what may change is the system that packed it, and bits that fill up the last byte', async () => {
  const directory = await smallFolder(onTestFinished);
  const name = 'civicpos/540525/up/qj-03/1/00000001.jsonl.gz';
  const whole = readFileSync(join(directory, name));
  const content = gunzipSync(whole);
  const isRead = (changed: Buffer): boolean => {
    try {
      return gunzipSync(changed).equals(content);
    } catch {
      return false;
    }
  };
  const unread: { readonly at: number; readonly changed: Buffer }[] = [];
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const at = bit >> 3;
    const changed = Buffer.from(whole);
    changed[at]! ^= 1 << (bit & 7); // within the file
    if (isRead(changed)) unread.push({ at, changed });
  }
  const windows = Buffer.from(whole);
  windows[systemAt] = 10;
  const folders = [...unread, { at: systemAt, changed: windows }].map(({ at, changed }) => {
    const copy = join(temporary(onTestFinished, 'jifen-bit-'), 'folder');
    mkdirSync(copy);
    cpSync(directory, copy, { recursive: true });
    writeFileSync(join(copy, name), changed);
    return { at, copy };
  });
  const verdicts = await verdictsOn(folders.map(({ copy }) => copy));
  const taken = folders.flatMap(({ at }, i) => {
    const { ours, python } = verdicts[i]!; // one for each
    return ours.kind === 'true' || python.kind === 'true' ? [{ at, ours: ours.kind, python: python.kind }] : [];
  });
  const filling = whole.length - trailerBytes - 1;
  expect(taken.filter(({ at }) => at !== filling)).toEqual([{ at: systemAt, ours: 'true', python: 'true' }]);
  expect(taken.filter(({ ours, python }) => ours !== python)).toEqual([]);
});
