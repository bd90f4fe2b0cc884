// Uploads that are not whole yet: bytes gathered under their number, gone on with where they broke off, bounded for every kiosk. Believes
// nothing of them: intake.ts asks the signatures.

import { createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Result, fail, ok } from '../../db/model/result.ts';

/** Which file of which kiosk. */
export interface UploadName {
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
}

export interface Range {
  readonly from: number;
  readonly total: number;
}

/** Largest packed file taken: what a kiosk cuts at most packs to a fifth of this. */
export const packedBytesMax = 1024 * 1024 * 1024;
/**
 * Unfinished uploads of one kiosk at one time; a kiosk sends one after the other. Anybody may begin one: the one that lay longest makes
 * room, so that strangers' bytes keep no kiosk out.
 */
const unfinishedMax = 8;

export interface Uploads {
  /** Bytes that are here; 0: none. */
  offset(name: UploadName): number;
  /** Takes bytes from an offset on, which must be where the last ones ended. */
  take(
    name: UploadName,
    range: Range,
    body: Readable,
  ): Promise<Result<number, 'other_offset' | 'busy' | 'too_large' | 'too_many' | 'broken_off'>>;
  /** Keeps the checkpoint of a file whose data came first; false where none is here. */
  keepCheckpoint(name: UploadName, text: string): Promise<boolean>;
  /** Nobody else's from here on: no byte of it changes. False: it is being sent, or is held already. */
  hold(name: UploadName): boolean;
  letGo(name: UploadName): void;
  /** What is here of a file, or null where its data or its checkpoint is missing. */
  whole(name: UploadName): { readonly data: string; readonly checkpoint: string } | null;
  forget(name: UploadName): void;
}

export function uploadsIn(directory: string): Uploads {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const left of readdirSync(directory)) if (left.endsWith('.unpacked')) rmSync(join(directory, left), { force: true }); // of a server that was killed
  const busy = new Set<string>();
  const dataPath = ({ kiosk, inc, fileSeq }: UploadName): string => join(directory, `${kiosk}~${inc}~${fileSeq}.jsonl.gz`);
  const checkpointPath = (name: UploadName): string => `${dataPath(name)}.checkpoint`;
  const offset = (name: UploadName): number => (existsSync(dataPath(name)) ? statSync(dataPath(name)).size : 0);
  const remove = (path: string): void => {
    for (const each of [path, `${path}.checkpoint`]) rmSync(each, { force: true });
  };
  const hasRoom = (kiosk: string): boolean => {
    const all = readdirSync(directory).filter((each) => each.startsWith(`${kiosk}~`) && each.endsWith('.gz'));
    if (all.length < unfinishedMax) return true;
    const [oldest] = all
      .map((each) => join(directory, each))
      .filter((path) => !busy.has(path))
      .map((path) => ({ path, at: statSync(path).mtimeMs }))
      .toSorted((a, b) => a.at - b.at);
    if (oldest !== undefined) remove(oldest.path);
    return oldest !== undefined;
  };
  return {
    offset,
    async take(name, { from, total }, body) {
      const path = dataPath(name);
      if (total > packedBytesMax) return fail('too_large');
      if (busy.has(path)) return fail('busy');
      if (from === 0) rmSync(path, { force: true }); // begun anew: what is here was another file of that number, longer than this one
      if (offset(name) !== from) return fail('other_offset');
      if (from === 0 && !hasRoom(name.kiosk)) return fail('too_many');
      busy.add(path);
      try {
        await pipeline(leftOpen(body), atMost(total - from), createWriteStream(path, { flags: 'a', mode: 0o600 }));
        return ok(offset(name));
      } catch (error) {
        if (error instanceof TooLarge) {
          body.destroy();
          rmSync(path, { force: true });
          return fail('too_large');
        }
        body.resume(); // what the disk did not take runs out: on a connection that is cut off the answer why would not arrive
        if (isOfDisk(error)) throw error;
        return fail('broken_off'); // what came stays, and the next goes on there
      } finally {
        busy.delete(path);
      }
    },
    async keepCheckpoint(name, text) {
      if (!existsSync(dataPath(name)) || busy.has(dataPath(name))) return false;
      await writeFile(checkpointPath(name), text, { mode: 0o600 });
      return true;
    },
    hold(name) {
      const path = dataPath(name);
      if (busy.has(path)) return false;
      busy.add(path);
      return true;
    },
    letGo: (name) => void busy.delete(dataPath(name)),
    whole(name) {
      if (!existsSync(dataPath(name)) || !existsSync(checkpointPath(name))) return null;
      return { data: dataPath(name), checkpoint: readFileSync(checkpointPath(name), 'utf8') };
    },
    forget: (name) => remove(dataPath(name)),
  };
}

class TooLarge extends Error {}

/** The bytes of a body, which stays open where nobody takes the rest. */
function leftOpen(body: Readable): Readable {
  return Readable.from(body.iterator({ destroyOnReturn: false }));
}

function atMost(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(new TooLarge());
      else done(null, chunk);
    },
  });
}

function isOfDisk(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO' || code === 'EROFS';
}
