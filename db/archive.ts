// Files of a home in one stream: for each a line that names it and its size, then its bytes; last a line that says how many. Takes
// no name that a home does not have, so that nothing can be written elsewhere.

import { chmodSync, closeSync, createReadStream, fsyncSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { SealError } from './sealed-file.ts';

export interface ArchivedFile {
  readonly name: string;
  /** Where its bytes are now. */
  readonly path: string;
}

/** Of secrets: the owner's program reads them, nobody else. */
const secretMode = 0o600;
const names =
  /^(?:book\.db|kiosk\.json|settings\.json|simulated\.json|upkeep\.json|keys\/(?:kiosk(?:-\d{1,6})?\.pem|recovery-code)|down\/\d{8}\.(?:jsonl\.gz|note)|up\/(?:alarm\.json|\d{1,9}\/\d{8}\.(?:jsonl\.gz|checkpoint|note|ack)))$/;
const lineShape = z.union([
  z.strictObject({ name: z.string().regex(names), bytes: z.int().min(0) }),
  z.strictObject({ end: z.literal(true), files: z.int().min(1) }),
]);
const lineBytesMax = 256;

/** The stream. A file that changes its size meanwhile throws: what is packed is a copy that nobody writes. */
export async function* packed(files: readonly ArchivedFile[]): AsyncGenerator<Uint8Array> {
  for (const { name, path } of files) {
    if (!names.test(name)) throw new Error(`${name} is no file of a home`);
    const bytes = statSync(path).size;
    yield Buffer.from(`${JSON.stringify({ name, bytes })}\n`);
    let read = 0;
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      read += chunk.length;
      yield chunk;
    }
    if (read !== bytes) throw new Error(`${path} changed while it was packed`);
  }
  yield Buffer.from(`${JSON.stringify({ end: true, files: files.length })}\n`);
}

/**
 * Lays the files out in `directory`, each on the disk when it returns; null: only reads them all. Throws SealError `damaged` where
 * the stream is not whole. Returns the names.
 */
export async function unpacked(stream: AsyncIterable<Uint8Array>, directory: string | null): Promise<readonly string[]> {
  const found: string[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let file: { readonly handle: number | null; left: number } | null = null;
  let isEnded = false;
  try {
    for await (const chunk of stream) {
      rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
      while (rest.length > 0) {
        if (isEnded) throw new SealError('damaged', 'something after the end');
        if (file === null) {
          const end = rest.indexOf(10);
          if (end === -1 && rest.length <= lineBytesMax) break;
          const line = lineOf(rest.subarray(0, end));
          rest = rest.subarray(end + 1);
          if ('end' in line) {
            if (line.files !== found.length) throw new SealError('damaged', `${found.length} files of ${line.files}`);
            isEnded = true;
            continue;
          }
          found.push(line.name);
          file = { handle: directory === null ? null : create(join(directory, line.name)), left: line.bytes };
        }
        const part: Buffer = rest.subarray(0, file.left);
        if (file.handle !== null) for (let done = 0; done < part.length;) done += writeSync(file.handle, part, done);
        file.left -= part.length;
        rest = rest.subarray(part.length);
        if (file.left > 0) break;
        finish(file.handle);
        file = null;
      }
    }
  } finally {
    if (file !== null && file.handle !== null) closeSync(file.handle);
  }
  if (!isEnded) throw new SealError('damaged', 'the end is missing');
  return found;
}

function lineOf(text: Buffer): z.infer<typeof lineShape> {
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch {
    throw new SealError('damaged', 'a line that is not ours');
  }
  const line = lineShape.safeParse(value);
  if (!line.success) throw new SealError('damaged', 'a file that no home has');
  return line.data;
}

function create(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const handle = openSync(path, 'wx', secretMode);
  chmodSync(path, secretMode);
  return handle;
}

function finish(handle: number | null): void {
  if (handle === null) return;
  fsyncSync(handle);
  closeSync(handle);
}
