// Whether one key signed texts, in half the time that OpenSSL takes: libsodium is asked first, and what it does not find right OpenSSL
// decides. So the verdict is OpenSSL's, whom the kiosk and every outsider ask, as long as libsodium takes nothing that OpenSSL refuses; a
// test holds both against the signatures on which programs differ. Where libsodium cannot be loaded OpenSSL does all of it.

import { verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { isWeakKey, publicKeyFromRaw } from '../../db/model/keys.ts';

/** Of sodium-native what is asked of it. It reads the first 64 bytes of a signature, however long it is. */
export interface Sodium {
  crypto_sign_verify_detached(signature: Uint8Array, text: Uint8Array, key: Uint8Array): boolean;
}

/** Whether the key signed the text. */
export type Verifier = (text: Uint8Array, signature: Uint8Array) => boolean;

const signatureBytes = 64;

/** `raw`: 32 bytes of an Ed25519 key; a weak one (db/model/keys.ts) signed nothing. `sodium` null: OpenSSL alone. */
export function verifierOf(raw: Uint8Array, sodium = found): Verifier {
  const key = publicKeyFromRaw(raw);
  const byOpenSsl: Verifier = (text, signature) => verify(null, text, key, signature);
  if (sodium === null || isWeakKey(raw)) return byOpenSsl;
  return (text, signature) =>
    (signature.length === signatureBytes && sodium.crypto_sign_verify_detached(signature, text, raw)) || byOpenSsl(text, signature);
}

/** libsodium where it is installed and is of this machine; null elsewhere. */
export const found: Sodium | null = load();

function load(): Sodium | null {
  try {
    const loaded = createRequire(import.meta.url)('sodium-native') as Partial<Sodium>; // its own types are not there
    return typeof loaded.crypto_sign_verify_detached === 'function' ? (loaded as Sodium) : null;
  } catch {
    return null; // not installed, or not made for this machine
  }
}
