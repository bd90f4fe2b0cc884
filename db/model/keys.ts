// Ed25519 keys as raw bytes and as Node's key objects: files and cards carry 32 bytes, node:crypto wants DER around them.
// Never makes a random key and never stores one.

import { type KeyObject, createPrivateKey, createPublicKey } from 'node:crypto';
import { assert } from './result.ts';

const rawKeyBytes = 32;
/** RFC 8410: what DER puts before the 32 bytes of a public key, and of a private one. */
const publicKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const privateKeyPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key object of 32 raw bytes. Bytes that are no point of the curve verify nothing; only another length throws. */
export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  assert(raw.length === rawKeyBytes, `a public key has 32 bytes, not ${raw.length}`);
  return createPublicKey({ key: Buffer.concat([publicKeyPrefix, raw]), format: 'der', type: 'spki' });
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
