// The committee's key as text, in the form of Go's note tools and of C2SP signed-note: whoever has those can sign and check without us.

import { type KeyObject, randomBytes } from 'node:crypto';
import { isWeakKey, privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import { type NoteKey, keyHash } from '../../db/model/note.ts';

/** A key that signs under a name. */
export interface CommitteeKey {
  readonly name: string;
  readonly privateKey: KeyObject;
  /** Eight hex digits, as they stand in its texts. */
  readonly hash: string;
}

/** A new key: the line to be kept offline, and the line for everybody. */
export function makeCommitteeKey(name: string): { readonly secret: string; readonly verifier: string } {
  const seed = randomBytes(seedBytes);
  const publicKey = rawPublicKey(privateKeyFromSeed(seed));
  const hash = keyHash({ name, publicKey }).toString('hex');
  return { secret: `${secretPrefix}${name}+${hash}+${encoded(seed)}`, verifier: verifierKey({ name, publicKey }) };
}

/** `name+hash+key`, for everybody. */
export function verifierKey(key: NoteKey): string {
  return `${key.name}+${keyHash(key).toString('hex')}+${encoded(key.publicKey)}`;
}

/** Null where the text is no verifier key, its hash is not its own, or anybody could sign under it. */
export function parseVerifierKey(text: string): NoteKey | null {
  const parts = partsOf(text);
  if (parts === null) return null;
  const key = { name: parts.name, publicKey: new Uint8Array(parts.bytes) };
  return keyHash(key).toString('hex') === parts.hash && !isWeakKey(key.publicKey) ? key : null;
}

/** Null where the text is no secret key, or its hash is not its own. */
export function parseSecretKey(text: string): CommitteeKey | null {
  const parts = text.startsWith(secretPrefix) ? partsOf(text.slice(secretPrefix.length)) : null;
  if (parts === null) return null;
  const privateKey = privateKeyFromSeed(parts.bytes);
  const hash = keyHash({ name: parts.name, publicKey: rawPublicKey(privateKey) }).toString('hex');
  return hash === parts.hash ? { name: parts.name, privateKey, hash } : null;
}

const secretPrefix = 'PRIVATE+KEY+';
const seedBytes = 32;
const ed25519Type = 0x01;

function encoded(bytes: Uint8Array): string {
  return Buffer.concat([Uint8Array.of(ed25519Type), bytes]).toString('base64');
}

function partsOf(text: string): { readonly name: string; readonly hash: string; readonly bytes: Buffer } | null {
  const match = /^([^\s+]{1,100})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text);
  if (match === null) return null;
  const [, name, hash, key] = match as unknown as [string, string, string, string]; // all groups take part in every match
  const bytes = Buffer.from(key, 'base64');
  return bytes.length === 1 + seedBytes && bytes[0] === ed25519Type ? { name, hash, bytes: bytes.subarray(1) } : null;
}
