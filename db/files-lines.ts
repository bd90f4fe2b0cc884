// Reads the files between kiosk and county one line at a time, from a folder that nobody vouches for (docs/files.md, F). Never
// unpacks more than a file may have, and never keeps more than a line.

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { isCanonical, type Plain } from './model/canonical.ts';
import { beginsAsOurs, endsAsOurs } from './packed.ts';
import { Lie } from './verify-lie.ts';

/** A line, and where it stands. */
export interface Line {
  readonly text: string;
  /** From 1. */
  readonly n: number;
  /** `…/00000002.jsonl.gz, line 37`. */
  readonly place: string;
}

export interface Bounds {
  readonly lineBytesMax: number;
  readonly fileBytesMax: number;
}

/** Where a file lies, and what it is called in a lie. */
export interface Named {
  readonly path: string;
  readonly place: string;
}

const notesBytesMax = 16 * 1024;

/** Whole lines of a packed file in order; returns the SHA-256 (base64url) of the unpacked bytes. Throws Lie. */
export async function* linesOf({ path, place }: Named, { lineBytesMax, fileBytesMax }: Bounds): AsyncGenerator<Line, string> {
  needFile({ path, place });
  const hash = createHash('sha256');
  const packed = createReadStream(path);
  const gunzip = packed.pipe(createGunzip());
  packed.on('error', (error) => gunzip.destroy(error));
  let rest = Buffer.alloc(0);
  let bytes = 0;
  let n = 0;
  try {
    if (!beginsAsOurs(path)) throw new Lie('files', place, 'does not begin as our gzip files do');
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes > fileBytesMax) throw new Lie('files', place, `unpacks to more than ${fileBytesMax} bytes`);
      let from = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
        const line = rest.length === 0 ? chunk.subarray(from, end) : Buffer.concat([rest, chunk.subarray(from, end)]);
        rest = Buffer.alloc(0);
        from = end + 1;
        n += 1;
        if (line.length > lineBytesMax) throw new Lie('files', `${place}, line ${n}`, `has more than ${lineBytesMax} bytes`);
        if (!isUtf8(line)) throw new Lie('canonical', `${place}, line ${n}`, 'is not UTF-8');
        yield { text: line.toString('utf8'), n, place: `${place}, line ${n}` };
      }
      rest = rest.length === 0 ? Buffer.from(chunk.subarray(from)) : Buffer.concat([rest, chunk.subarray(from)]);
      if (rest.length > lineBytesMax) throw new Lie('files', `${place}, line ${n + 1}`, `has more than ${lineBytesMax} bytes`);
    }
  } catch (error) {
    if (isZlibs(error)) throw new Lie('files', place, `is no whole gzip file (${error.code}), read as far as line ${n}`);
    throw error;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
  if (rest.length > 0) throw new Lie('files', `${place}, line ${n + 1}`, 'has no end');
  if (!endsAsOurs(path, gunzip.bytesWritten)) throw new Lie('files', place, 'goes on after its end');
  return hash.digest('base64url');
}

const newline = 0x0a;

function isZlibs(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

/** What a line says; throws Lie where its bytes are not the canonical ones of that. */
export function valueOf({ text, place }: Line): Plain {
  const value = parsed(text);
  if (value === undefined || !isCanonical(value, text)) throw new Lie('canonical', place, 'is not canonical JSON');
  return value;
}

function parsed(text: string): Plain | undefined {
  try {
    return JSON.parse(text) as Plain; // that is what JSON is
  } catch {
    return undefined;
  }
}

interface Shape<Value> {
  safeParse(value: unknown): { readonly success: true; readonly data: Value } | { readonly success: false; readonly error: Error };
}

/** The same, of a form. */
export function formOf<Value>(line: Line, shape: Shape<Value>): Value {
  const parsed = shape.safeParse(valueOf(line));
  if (!parsed.success) throw new Lie('form', line.place, parsed.error.message.replaceAll(/\s+/g, ' ').slice(0, 300));
  return parsed.data;
}

/** Something else may lie under the name of a file: a folder, or what never ends. Throws Lie. */
export function needFile({ path, place }: Named): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) throw new Lie('files', place, found === undefined ? 'is missing' : 'is no file');
}

/** What lies in a folder, by name; nothing where there is none. Throws Lie where something else has its name. */
export function namesIn({ path, place }: Named): readonly string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) throw new Lie('files', place, 'is no folder');
  return readdirSync(path).toSorted();
}

/** A note as it lies there: a few hundred bytes. */
export function readNote({ path, place }: Named): string {
  needFile({ path, place });
  if (statSync(path).size > notesBytesMax) throw new Lie('files', place, 'is too long for a note');
  const bytes = readFileSync(path);
  if (!isUtf8(bytes)) throw new Lie('files', place, 'is not UTF-8');
  return bytes.toString('utf8');
}
