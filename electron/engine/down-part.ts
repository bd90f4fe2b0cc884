// What came of a file of the county before its line broke off. It lies beside the file's place under a name that says which version of the
// file it is of, as the server named it (RFC 9110, 8.8.3), and is gone on with. Believes nothing of it: whoever uses the file hashes it.

import { readdirSync, rmSync, statSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { basename, dirname, join } from 'node:path';

/** The beginning of a file: its bytes, and the server's name of the version that they are of. */
export interface DownPart {
  readonly path: string;
  readonly tag: string;
  readonly bytes: number;
}

/** Where the body of an answer goes, and how much of it is taken. */
export interface BodyPlace {
  readonly path: string;
  readonly flags: 'w' | 'a';
  readonly bytesMax: number;
}

/** A strong one that a name of a file can have: as our server's are. A weak one promises nothing of bytes. */
const tagForm = /^"([A-Za-z0-9_-]{1,80})"$/;

/** What is here of the file that is to lie at `path`, null where nothing is. */
export function partOf(path: string): DownPart | null {
  const beside = partsBeside(path).map((part) => ({ path: part, tag: part.slice(path.length + 1), bytes: statSync(part).size }));
  return beside.find(({ tag, bytes }) => bytes > 0 && tagForm.test(`"${tag}"`)) ?? null;
}

/** Begins anew: nothing of the file at `path` is left, nor of its parts. */
export function dropParts(path: string): void {
  for (const each of [path, ...partsBeside(path)]) rmSync(each, { force: true });
}

/** What asks for the rest of a part, and for the whole where the server has another version of the file by now. */
export function askForRest({ tag, bytes }: DownPart): Readonly<Record<string, string>> {
  return { range: `bytes=${bytes}-`, 'if-range': `"${tag}"` };
}

/**
 * Where the body of an answer to that goes: behind the part, or in its place. Null: nowhere, it is no answer to what was asked. `bytesMax` is
 * of the whole file.
 */
export function placeOf(
  path: string,
  part: DownPart | null,
  { status, headers, bytesMax }: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly bytesMax: number },
): BodyPlace | null {
  if (status === 200) {
    dropParts(path);
    const [, tag] = tagForm.exec(headers.etag ?? '') ?? [];
    return { path: tag === undefined ? path : `${path}.${tag}`, flags: 'w', bytesMax };
  }
  if (status !== 206 || part === null) return null;
  const [, from, to, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers['content-range'] ?? '') ?? [];
  const isTheRest = Number(from) === part.bytes && Number(to) === Number(total) - 1 && Number(total) <= bytesMax;
  if (!isTheRest || (headers.etag !== undefined && headers.etag !== `"${part.tag}"`)) return null;
  return { path: part.path, flags: 'a', bytesMax: Number(total) - part.bytes };
}

/** Whether the server, asked for what comes after a part, says that the part is all there is (416; RFC 9110, 15.5.17). */
export function isAllThere(part: DownPart, headers: IncomingHttpHeaders): boolean {
  return headers['content-range'] === `bytes */${part.bytes}`;
}

function partsBeside(path: string): readonly string[] {
  const [folder, name] = [dirname(path), `${basename(path)}.`];
  return readdirSync(folder)
    .filter((each) => each.startsWith(name))
    .map((each) => join(folder, each));
}
