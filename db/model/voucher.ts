// A voucher: rights for one account at one kiosk, signed by the county, carried to the till as a QR or over the network before the
// next file comes (reconciliation.md R3). Tells whether the county wrote it; whether it counted already is for the book to decide.

import { type KeyObject, sign, verify } from 'node:crypto';
import { type Points, amountMax, points } from './amounts.ts';
import { publicKeyFromRaw } from './keys.ts';
import { type Result, fail, ok } from './result.ts';

/** What a voucher says. It has no last day: its rights lie at the kiosk from the moment the county made it. */
export interface Voucher {
  readonly county: string;
  readonly kiosk: string;
  readonly accountId: string;
  /** 1, 2, 3 … for this account at this kiosk. */
  readonly number: number;
  readonly amount: Points;
}

/** Keeps a signature made for a voucher from being one of anything else. */
const signedPrefix = 'civicpos-voucher-v1\n';
const shape = /^CV1\|(\d{6})\|([A-Za-z0-9._-]{1,40})\|([A-Za-z0-9._-]{1,40})\|([1-9]\d{0,6})\|([1-9]\d{0,15})$/;
const voucherText = /^(CV1\|.{10,160})\|([A-Za-z0-9_-]{86})$/;

/** The text of its QR: `CV1|county|kiosk|account|number|amount|signature`, the amount in hundredths of a point, signed by the file key. */
export function sealVoucher({ county, kiosk, accountId, number, amount }: Voucher, privateKey: KeyObject): string {
  const said = `CV1|${county}|${kiosk}|${accountId}|${number}|${amount}`;
  if (!shape.test(said)) throw new RangeError(`not a voucher: ${said}`);
  return `${said}|${sign(null, Buffer.from(signedPrefix + said, 'utf8'), privateKey).toString('base64url')}`;
}

/** Whether a scan means to be a voucher, whole or not. No card, receipt or goods code begins so. */
export function looksLikeVoucher(text: string): boolean {
  return text.trim().startsWith('CV1|');
}

/** What the voucher says, if one of the county's file keys (raw Ed25519) signed exactly that. */
export function openVoucher(text: string, fileKeys: readonly Uint8Array[]): Result<Voucher, 'voucher_malformed' | 'voucher_forged'> {
  const [, said = '', signature = ''] = voucherText.exec(text.trim()) ?? [];
  const [, county, kiosk, accountId, number, amount] = shape.exec(said) ?? [];
  if (county === undefined || kiosk === undefined || accountId === undefined || Number(amount) > amountMax)
    return fail('voucher_malformed');
  const bytes = Buffer.from(signedPrefix + said, 'utf8');
  const signed = Buffer.from(signature, 'base64url');
  if (signed.toString('base64url') !== signature) return fail('voucher_malformed'); // one text for one signature
  const isGenuine = fileKeys.some((key) => verify(null, bytes, publicKeyFromRaw(key), signed));
  if (!isGenuine) return fail('voucher_forged');
  return ok({ county, kiosk, accountId, number: Number(number), amount: points(Number(amount)) });
}
