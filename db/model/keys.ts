// Ed25519 keys as raw bytes and as Node's key objects: files and cards carry 32 bytes, node:crypto wants DER around them.
// Never makes a random key and never stores one.

import { type KeyObject, createPrivateKey, createPublicKey } from 'node:crypto';
import { assert } from './result.ts';

const rawKeyBytes = 32;
/** RFC 8410: what DER puts before the 32 bytes of a public key, and of a private one. */
const publicKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const privateKeyPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The key object of 32 raw bytes. Bytes that are no point of the curve verify nothing, and no more do weak ones (isWeakKey), whatever
 * this version of Node and OpenSSL makes of them; only another length throws.
 */
export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  assert(raw.length === rawKeyBytes, `a public key has 32 bytes, not ${raw.length}`);
  const point = isWeakKey(raw) ? noPoint : raw;
  return createPublicKey({ key: Buffer.concat([publicKeyPrefix, point]), format: 'der', type: 'spki' });
}

/** y = 2, which no point of the curve has. */
const noPoint = Buffer.alloc(rawKeyBytes);
noPoint[0] = 2;

/**
 * The eight points of small order, by y and the sign of x. Under such a key anybody signs anything, or an eighth of it, without having any
 * secret: who has enrolled one can deny every act (RFC 8032, 8.9 and 5.1.7).
 */
const smallOrder: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000', // 1, the neutral point
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // order 2
  '0000000000000000000000000000000000000000000000000000000000000000', // order 4
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // order 8
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  // x is 0, and said to be negative: the first two in a form that RFC 8032, 5.1.3 refuses
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
]);

/**
 * Whether 32 raw bytes are no key that anybody may be known by (docs/files.md, F8): a point of small order, or not the one form of a point
 * (RFC 8032, 5.1.3), so that one key would have two names.
 */
export function isWeakKey(raw: Uint8Array): boolean {
  if (smallOrder.has(Buffer.from(raw).toString('hex'))) return true;
  const isTopFull = (raw[rawKeyBytes - 1]! & 0x7f) === 0x7f && raw.subarray(1, rawKeyBytes - 1).every((byte) => byte === 0xff);
  return isTopFull && raw[0]! >= 0xed; // y is 2^255 - 19 or more
}

/** The 32 raw bytes of an Ed25519 public key, or of the public half of a private one. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  assert(key.asymmetricKeyType === 'ed25519', 'not an Ed25519 key');
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(publicKeyPrefix.length));
}

/** The private key of a 32-byte seed (RFC 8032): the same seed is the same key, as demo counties need. */
export function privateKeyFromSeed(seed: Uint8Array): KeyObject {
  assert(seed.length === rawKeyBytes, `a seed has 32 bytes, not ${seed.length}`);
  return createPrivateKey({ key: Buffer.concat([privateKeyPrefix, seed]), format: 'der', type: 'pkcs8' });
}
