// How a kiosk passes from one key to the next: what its new key signs to show that the kiosk has it, and what a KEY_ROTATED must say.
// Draws no key and keeps none.

import { type KeyObject, sign, verify } from 'node:crypto';
import type { BookEvent, KeyRotatedBody } from './event.ts';
import { publicKeyFromRaw, rawPublicKey } from './keys.ts';

/** Where in which chain the new key takes over. */
interface RotationAt {
  readonly county: string;
  readonly kiosk: string;
  /** Of the KEY_ROTATED event itself. */
  readonly inc: number;
  readonly seq: number;
}

/** The body of the event that makes `next` the kiosk's key. */
export function rotationBody(
  at: RotationAt,
  { oldKey, next, by }: { readonly oldKey: string; readonly next: KeyObject; readonly by: KeyRotatedBody['by'] },
): KeyRotatedBody {
  const newKey = Buffer.from(rawPublicKey(next)).toString('base64url');
  return { oldKey, newKey, proof: sign(null, rotationText(at, { oldKey, newKey }), next).toString('base64url'), by };
}

/** What is wrong with one, where `key` (raw, base64url) signs the events before it; null: nothing. Its own signature is asked elsewhere. */
export function rotationFault(event: BookEvent & { readonly kind: 'KEY_ROTATED' }, key: string): string | null {
  const { oldKey, newKey, proof } = event.body;
  if (oldKey !== key) return 'gives up another key than the one in force';
  if (!isRaw(newKey, keyBytes) || !isRaw(proof, signatureBytes) || newKey === oldKey) return 'names no new key';
  const isProven = verify(
    null,
    rotationText(event, { oldKey, newKey }),
    publicKeyFromRaw(Buffer.from(newKey, 'base64url')),
    Buffer.from(proof, 'base64url'),
  );
  return isProven ? null : 'does not prove that the kiosk has its new key';
}

const keyBytes = 32;
const signatureBytes = 64;

/** docs/files.md E11. */
function rotationText(
  { county, kiosk, inc, seq }: RotationAt,
  { oldKey, newKey }: { readonly oldKey: string; readonly newKey: string },
): Buffer {
  return Buffer.from(`civicpos-kiosk-key-v1\n${county}\n${kiosk}\n${inc}\n${seq}\n${oldKey}\n${newKey}\n`, 'utf8');
}

function isRaw(text: string, bytes: number): boolean {
  const raw = Buffer.from(text, 'base64url');
  return raw.length === bytes && raw.toString('base64url') === text;
}
