// Unpacks files between kiosks and the county, as far as one of ours can go, and hashes what comes out. Reads no line of them.

import { createHash, hash } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import { downFileBytesMax } from '../../db/model/down-file.ts';
import { upFileBytesMax } from '../../db/model/up-file.ts';
import { beginsAsOurs, endsAsOurs, unpackedBytesMax } from '../../db/packed.ts';
import { BadFile } from './read-up.ts';

/** Given on at once: a day of a shop is two of these, where each goes to another thread and back, and to the disk. */
const chunkBytes = 256 * 1024;

/** Unpacks with bounds on size and packing; the SHA-256 of what came out, base64url. Throws BadFile, and what the disk says. */
export async function unpack(from: string, to: string): Promise<string> {
  if (!beginsAsOurs(from)) throw new BadFile('REJECTED', 'not a gzip file of ours');
  const sha = createHash('sha256');
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  const packed = statSync(from).size;
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > unpackedBytesMax(packed, upFileBytesMax)) return done(new BadFile('REJECTED', 'oversized'));
      sha.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(from), gunzip, measure, createWriteStream(to, { mode: 0o600 }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('Z_')) throw new BadFile('REJECTED', 'not a whole gzip file');
    throw error;
  }
  if (!endsAsOurs(from, gunzip.bytesWritten)) throw new BadFile('REJECTED', 'goes on after its end');
  return sha.digest('base64url');
}

/** Largest packed file to a kiosk that is read at all; the kiosk reads no larger one (db/down.ts). */
const packedDownBytesMax = 512 * 1024 * 1024;

/** A whole file to a kiosk that lies in a folder, whose note says this hash (base64url); null: it has another. Throws what the disk and zlib say. */
export function unpackDown(path: string, sha256: string): Buffer | null {
  const packed = statSync(path).size;
  if (packed > packedDownBytesMax) return null;
  const bytes = gunzipSync(readFileSync(path), { maxOutputLength: unpackedBytesMax(packed, downFileBytesMax) });
  return hash('sha256', bytes, 'base64url') === sha256 ? bytes : null;
}
