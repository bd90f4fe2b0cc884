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

/** The pass: an Ed25519 signature by the kiosk's key, base64url. It goes over TLS to the pinned server only, and has no time in it, since kiosks' clocks are wrong. */
export function kioskPass(of: PassOf, privateKey: KeyObject): string {
  return sign(null, textOf(of), privateKey).toString('base64url');
}

/** Whether the kiosk with that key (raw Ed25519, base64url) signed it. */
export function isPassOf(of: PassOf, pass: string, key: string): boolean {
  const signature = Buffer.from(pass, 'base64url');
  return signature.length === 64 && verify(null, textOf(of), publicKeyFromRaw(Buffer.from(key, 'base64url')), signature);
}

function textOf({ county, kiosk, pin }: PassOf): Buffer {
  return Buffer.from(`civicpos-pass-v1\n${county}\n${kiosk}\n${pin}\n`, 'utf8');
}
