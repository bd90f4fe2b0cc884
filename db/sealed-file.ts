// One encrypted file: a readable header, then chunks under AES-256-GCM, each bound to its place, the last one to being last. What
// was cut, changed, swapped or repeated is noticed before any of it is believed. Knows nothing of what is inside.

import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';

/** Why a sealed file is not opened. */
export type SealFault = 'not_a_backup' | 'newer_format' | 'wrong_code' | 'damaged';

/** Thrown while reading a sealed file that cannot be believed. */
export class SealError extends Error {
  readonly code: SealFault;
  constructor(code: SealFault, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** What anybody can read of a backup: whose it is and until when. Nothing of a resident. */
const factsShape = z.strictObject({
  county: z.string().max(40),
  store: z.string().max(40),
  kiosk: z.string().max(40),
  inc: z.int().min(1),
  throughSeq: z.int().min(1),
  leaf: z.string().length(43),
  /** Epoch ms by the kiosk's clock. */
  at: z.int().min(0),
  software: z.string().max(100),
});
export type BackupFacts = z.infer<typeof factsShape>;

const headerShape = z.strictObject({
  fmt: z.literal('jifen-backup-v1'),
  facts: factsShape,
  /** Bounded, so that a made-up header cannot take the machine's memory. */
  scrypt: z.strictObject({ ln: z.int().min(14).max(17), r: z.literal(8), p: z.int().min(1).max(4), salt: z.base64url().max(64) }),
  nonce: z.base64url().length(10),
});
type Header = z.infer<typeof headerShape>;

/** A secret of 130 bits needs no slow key; this is what a shop's PC does in a tenth of a second (security.md 6). */
const scryptCost = { ln: 15, r: 8, p: 1 } as const;
const magic = Buffer.from('JIFENBK\n');
const headerBytesMax = 4 * 1024;
const chunkBytes = 256 * 1024;
const tagBytes = 16;
const hashBytes = 32;
/** Seven random bytes of the file, four of the chunk's number, one that is 1 in the last chunk. */
const noncePrefixBytes = 7;

export interface SealedFile {
  readonly bytes: number;
  /** Of the whole file, base64url. */
  readonly sha256: string;
}

/** Writes `source` sealed to `path`, on the disk when it returns. Throws what the disk says. */
export async function writeSealed(
  path: string,
  { facts, code, source }: { readonly facts: BackupFacts; readonly code: string; readonly source: AsyncIterable<Uint8Array> },
): Promise<SealedFile> {
  const header: Header = {
    fmt: 'jifen-backup-v1',
    facts,
    scrypt: { ...scryptCost, salt: randomBytes(16).toString('base64url') },
    nonce: randomBytes(noncePrefixBytes).toString('base64url'),
  };
  const text = Buffer.from(JSON.stringify(header));
  const keys = keysOf(header, code);
  const hash = createHash('sha256');
  const file = openSync(path, 'w', 0o600);
  let bytes = 0;
  const put = (part: Uint8Array): void => {
    for (let done = 0; done < part.length;) done += writeSync(file, part, done);
    hash.update(part);
    bytes += part.length;
  };
  try {
    for (const part of [magic, uint32(text.length), text, sha256(text), checkOf(keys, text)]) put(part);
    let number = 0;
    let waiting: Buffer | null = null;
    for await (const chunk of inChunks(source)) {
      if (waiting !== null) put(sealed(waiting, { number: number++, isLast: false, header, keys, text }));
      waiting = chunk;
    }
    put(sealed(waiting ?? Buffer.alloc(0), { number, isLast: true, header, keys, text }));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { bytes, sha256: hash.digest('base64url') };
}

/** The facts of a sealed file, believed only once it was read with its code. Throws SealError. */
export function readFacts(path: string): BackupFacts {
  const file = openSync(path, 'r');
  try {
    return readHeader(file).header.facts;
  } finally {
    closeSync(file);
  }
}

/** What is inside, chunk by chunk; throws SealError where any of it is not as it was written. `hear` gets every byte of the file. */
export function* readSealed(path: string, code: string, hear: (bytes: Uint8Array) => void = () => undefined): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    const { header, text, check, bytes } = readHeader(file);
    const keys = keysOf(header, code);
    if (!timingSafeEqual(check, checkOf(keys, text))) throw new SealError('wrong_code', 'the code does not open this file');
    hear(bytes);
    for (let number = 0, isLast = false; !isLast; number += 1) {
      const head = readExactly(file, 4);
      const word = head.readUInt32BE(0);
      isLast = word >= lastFlag;
      const length = word % lastFlag;
      if (length > chunkBytes) throw new SealError('damaged', `chunk ${number} says ${length} bytes`);
      const body = readExactly(file, length + tagBytes);
      hear(head);
      hear(body);
      yield opened(body, { number, isLast, header, keys, text });
    }
    if (readSync(file, Buffer.alloc(1)) !== 0) throw new SealError('damaged', 'bytes after the end');
  } finally {
    closeSync(file);
  }
}

/** The largest length's bit above says that a chunk is the last. */
const lastFlag = 2 ** 31;

interface Keys {
  readonly seal: Uint8Array;
  readonly check: Uint8Array;
}

interface Place {
  readonly number: number;
  readonly isLast: boolean;
  readonly header: Header;
  readonly keys: Keys;
  readonly text: Buffer;
}

function keysOf({ scrypt: { ln, r, p, salt } }: Header, code: string): Keys {
  const cost = 2 ** ln;
  const secret = scryptSync(code, Buffer.from(salt, 'base64url'), 32, { N: cost, r, p, maxmem: 256 * cost * r });
  const key = (use: string): Uint8Array => new Uint8Array(hkdfSync('sha256', secret, '', `jifen-kiosk backup ${use}`, 32));
  return { seal: key('seal'), check: key('check') };
}

/** Tells a wrong code from a damaged file. */
function checkOf(keys: Keys, text: Buffer): Buffer {
  return createHmac('sha256', keys.check).update(text).digest();
}

function sealed(plain: Buffer, place: Place): Buffer {
  const cipher = createCipheriv('aes-256-gcm', place.keys.seal, nonceOf(place), { authTagLength: tagBytes });
  cipher.setAAD(sha256(place.text));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([uint32(plain.length + (place.isLast ? lastFlag : 0)), body, cipher.getAuthTag()]);
}

function opened(body: Buffer, place: Place): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', place.keys.seal, nonceOf(place), { authTagLength: tagBytes });
  decipher.setAAD(sha256(place.text));
  decipher.setAuthTag(body.subarray(body.length - tagBytes));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, body.length - tagBytes)), decipher.final()]);
  } catch {
    throw new SealError('damaged', `chunk ${place.number} is not as it was written`);
  }
}

function nonceOf({ header, number, isLast }: Place): Buffer {
  return Buffer.concat([Buffer.from(header.nonce, 'base64url'), uint32(number), Buffer.of(isLast ? 1 : 0)]);
}

function readHeader(file: number): { readonly header: Header; readonly text: Buffer; readonly check: Buffer; readonly bytes: Buffer } {
  const start = fstatSync(file).size < magic.length ? null : readExactly(file, magic.length);
  if (start === null || !start.equals(magic)) throw new SealError('not_a_backup', 'is no backup of a kiosk');
  const size = readExactly(file, 4);
  const length = size.readUInt32BE(0);
  if (length > headerBytesMax) throw new SealError('damaged', 'its header is too long');
  const text = readExactly(file, length);
  const sum = readExactly(file, hashBytes);
  const check = readExactly(file, hashBytes);
  if (!sum.equals(sha256(text))) throw new SealError('damaged', 'its header is not as it was written');
  const header = headerShape.safeParse(JSON.parse(text.toString('utf8')));
  if (!header.success) throw new SealError('newer_format', 'was made by another version of this program');
  return { header: header.data, text, check, bytes: Buffer.concat([start, size, text, sum, check]) };
}

function readExactly(file: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, length - done, null);
    if (read === 0) throw new SealError('damaged', 'the file is cut off');
    done += read;
  }
  return bytes;
}

async function* inChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source) {
    parts.push(part);
    length += part.length;
    if (length < chunkBytes) continue;
    const all = Buffer.concat(parts);
    let done = 0;
    for (; all.length - done >= chunkBytes; done += chunkBytes) yield all.subarray(done, done + chunkBytes);
    parts = [all.subarray(done)];
    length = all.length - done;
  }
  if (length > 0) yield Buffer.concat(parts);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
