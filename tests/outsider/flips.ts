// What flips.py asks of verify.py, asked of our own check: `node tests/outsider/flips.ts DIR` changes each byte of each file of a folder in
// turn, packed files also unpacked, and prints the same lines. `DIR STEP FROM`: one byte in so many, from that one.

import crypto from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { checkFiles } from '../../db/check-files.ts';

/** What is said of neighbouring bytes, each changed alone: the first of them, how many, and the verdict on each. */
type Told = [at: number, count: number, kind: string, place: string];

/** What is said of one file, changed as it lies there or in what it packs. */
export interface OfFile {
  readonly path: string;
  readonly isUnpacked: boolean;
  readonly told: readonly Readonly<Told>[];
}

/** Signatures that hold in the folder as it is; null: still learning them. */
const held = new Set<string>();
let isLearning = true;

/** A signature that is not among those of the whole folder is not worked out: to make one that holds is to have the key. */
function rememberSignatures(): void {
  const { verify } = crypto;
  type Heard = (error: Error | null, answer: boolean) => void;
  const asked = (...[, data, key, signature, heard]: [...Parameters<typeof verify>, Heard?]): boolean | void => {
    const { x } = (key as crypto.KeyObject).export({ format: 'jwk' }); // ours are made of raw keys
    const name = [data, signature].map((each) => Buffer.from(each as Uint8Array).toString('base64')).join() + String(x);
    if (isLearning && verify(null, data, key, signature)) held.add(name);
    if (heard === undefined) return held.has(name);
    setImmediate(heard, null, held.has(name));
  };
  crypto.verify = asked as typeof verify; // void with a callback, an answer without, as Node's
  syncBuiltinESMExports();
}

async function verdictOn(directory: string): Promise<readonly [kind: string, place: string]> {
  const { kind, place } = { place: '', ...(await checkFiles(directory, join(directory, 'keys.json'), () => {})) };
  return [kind, place];
}

/** As files of ours begin (docs/files.md, F1). */
function packed(content: Buffer): Buffer {
  const made = gzipSync(content, { level: 1 });
  Buffer.from('1f8b0800000000000003', 'hex').copy(made);
  return made;
}

async function flips(directory: string, name: string, isUnpacked: boolean): Promise<readonly Told[]> {
  const path = join(directory, name);
  const whole = readFileSync(path);
  const content = isUnpacked ? gunzipSync(whole) : whole;
  const told: Told[] = [];
  for (let at = from; at < content.length; at += step) {
    const changed = Buffer.from(content);
    changed[at]! ^= 1 << (at % 8); // within the file
    writeFileSync(path, isUnpacked ? packed(changed) : changed);
    const [kind, place] = await verdictOn(directory);
    const last = told.at(-1);
    if (last?.[2] === kind && last[3] === place) last[1] += 1;
    else told.push([at, 1, kind, place]);
  }
  writeFileSync(path, whole);
  return told;
}

const [directory, step = 1, from = 0] = process.argv.slice(2).map((word, i) => (i === 0 ? word : Number(word))) as [
  string?,
  number?,
  number?,
];
if (directory === undefined) throw new Error('usage: node tests/outsider/flips.ts DIR [STEP FROM]');
rememberSignatures();
const [kind] = await verdictOn(directory);
if (kind !== 'true') throw new Error('the folder is not true as it is');
isLearning = false;
const names = readdirSync(directory, { recursive: true, withFileTypes: true })
  .filter((each) => each.isFile())
  .map(({ parentPath, name }) => relative(directory, join(parentPath, name)))
  .toSorted();
for (const path of names)
  for (const isUnpacked of path.endsWith('.gz') ? [false, true] : [false]) {
    const said: OfFile = { path, isUnpacked, told: await flips(directory, path, isUnpacked) };
    console.log(JSON.stringify(said));
  }
