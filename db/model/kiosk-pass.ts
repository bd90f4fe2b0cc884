// What shows a county's server that a kiosk asks: files hold names, balances and hashes of PINs, and are for nobody else. Files are
// still believed for their own signatures alone; this only says who may put and fetch them.

import { type KeyObject, sign, verify } from 'node:crypto';
import { publicKeyFromRaw } from './keys.ts';

interface PassOf {
  readonly county: string;
  readonly kiosk: string;
  /** Of the server's key, as kiosks know it: a pass shown to one server is none at another. */
  readonly pin: string;
}

/** Header of each request of a kiosk for its files. */
export const passHeader = 'x-kiosk-pass';

/**
 * The pass: an Ed25519 signature by the kiosk's key, base64url. It goes over TLS to the pinned server only, and has no time in it, since
 * kiosks' clocks are wrong. A kiosk that changed its key signs with the one before, too, a comma between: it cannot know by
 * which one the county goes.
 */
export function kioskPass(of: PassOf, ...privateKeys: readonly [KeyObject, ...KeyObject[]]): string {
  return privateKeys.map((privateKey) => sign(null, textOf(of), privateKey).toString('base64url')).join(',');
}

/**
 * The pass that a kiosk keeps of a key that it destroys: good at a county that was put back from before the change, and does not know of it.
 * Whoever steals the machine has it, so it opens nothing else.
 */
export function passBefore(of: PassOf, privateKey: KeyObject): string {
  return sign(null, textOf(of, 'before'), privateKey).toString('base64url');
}

/**
 * Whether the kiosk with that key (raw Ed25519, base64url) signed it. `isGivenUp`: it is known that the kiosk changed that key once, so only
 * who has the key itself is let in, and nobody with what was kept of it.
 */
export function isPassOf(of: PassOf, pass: string, key: string, { isGivenUp = false }: { readonly isGivenUp?: boolean } = {}): boolean {
  const publicKey = publicKeyFromRaw(Buffer.from(key, 'base64url'));
  const signatures = pass.split(',', signaturesMax).map((each) => Buffer.from(each, 'base64url'));
  const texts = isGivenUp ? [textOf(of)] : [textOf(of), textOf(of, 'before')];
  return signatures.some((signature) => signature.length === 64 && texts.some((text) => verify(null, text, publicKey, signature)));
}

/** The key in force and the two before it. */
const signaturesMax = 3;

function textOf({ county, kiosk, pin }: PassOf, kind: 'now' | 'before' = 'now'): Buffer {
  return Buffer.from(`civicpos-pass-${kind === 'before' ? 'before-' : ''}v1\n${county}\n${kiosk}\n${pin}\n`, 'utf8');
}
