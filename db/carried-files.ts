// Copying files of ours between a machine and a stick or a drop, for both ends (docs/files.md, S): bounded, each written beside, synced and
// renamed. Believes nothing of what it copies, and removes nothing but its own half.

import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isFolder } from './backup.ts';
import { syncDirectory } from './files.ts';

/** On a stick, whatever else is on it. */
export const carriedFolder = 'civicpos';

/** A file that is larger than any of ours. */
export class SizeError extends Error {}

/** Makes the folders between the stick and `to`, one by one: made recursively, one under /proc is tried for ever. */
export function makeFolder(stick: string, to: string): void {
  let path = stick;
  for (const name of relative(stick, to).split(sep)) {
    path = join(path, name);
    if (!isFolder(path)) mkdirSync(path);
  }
}

/** Written beside, synced, renamed, and the folder synced. Throws SizeError, and what the disk or the stick says. */
export async function copyWhole(from: string, to: string, bytesMax: number): Promise<void> {
  const part = `${to}.part`;
  if (statSync(from).size > bytesMax) throw new SizeError(`${basename(from)} is larger than any of ours`);
  try {
    await pipeline(createReadStream(from), createWriteStream(part, { flush: true }));
    renameSync(part, to);
    syncDirectory(dirname(to));
  } catch (error) {
    tryRemove(part);
    throw error;
  }
}

function tryRemove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // the stick is gone, and the part with it
  }
}

/** Whether both are there and have the same text, of at most so many bytes. */
export function isSameText(one: string, other: string, bytesMax: number): boolean {
  const content = readBounded(one, bytesMax);
  return content !== null && content === readBounded(other, bytesMax);
}

export function isSameSize(one: string, other: string): boolean {
  return existsSync(one) && existsSync(other) && statSync(one).size === statSync(other).size;
}

/** A small text, or null where there is none, or more. */
export function readBounded(path: string, bytesMax: number): string | null {
  if (!existsSync(path) || !statSync(path).isFile()) return null;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(bytesMax + 1);
    const read = readSync(file, bytes);
    return read > bytesMax ? null : bytes.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}
