// The resident's card: 17 bytes that say who, signed by the county, as 130 letters in a QR (hardware.md E.4). Tells whether
// the county wrote it; whether the card is expired, denied or of this county is for the till to decide.

import { type KeyObject, sign, verify } from 'node:crypto';
import { decodeBase32, encodeBase32 } from './base32.ts';
import { publicKeyFromRaw } from './keys.ts';
import { type Result, assert, fail, ok } from './result.ts';
import { dayMs } from './time.ts';

/** What a card says. */
export interface Card {
  /** Which of the county's card keys signed it, 0–255. */
  readonly kid: number;
  /** GB/T 2260 code of the county, six digits. */
  readonly county: string;
  /** A positive whole number below 2^64, decimal. */
  readonly residentId: string;
  /** 1 for the first card of a resident, one more for each that replaces it, to 255. */
  readonly issue: number;
  /** Last day it is good, YYYY-MM-DD, 2020-01-01 to 2199-06-06. */
  readonly expiresOn: string;
}

const version = 1;
const fieldBytes = 17;

/** 17 bytes of fields and 64 of signature, in base32. */
const cardLetters = 130;
/** Keeps a signature made for a card from being one of anything else. */
const signedPrefix = Buffer.from('civicpos-card-v1\n', 'utf8');
const firstDay = Date.UTC(2020, 0, 1);
const lastDay = 0xffff;

/** The text of a card's QR: 130 upper-case letters and digits. Throws on a card that cannot be written. */
export function sealCard(card: Card, privateKey: KeyObject): string {
  const fields = encodeFields(card);
  const signature = sign(null, Buffer.concat([signedPrefix, fields]), privateKey);
  return encodeBase32(Buffer.concat([fields, signature]));
}

/**
 * Whether a scan means to be a card, whole or not: then a fault in it is told as a fault of the card. No barcode can match:
 * the longest, GS1-128, has 48 characters, and goods codes at most 32 (lessons.md 48).
 */
export function looksLikeCard(text: string): boolean {
  return /^[A-Z2-7]{64,256}$/i.test(text.trim());
}

/** What the card says, if the county signed exactly that. `publicKeyOf` gives the raw key of a kid, or null. */
export function openCard(
  text: string,
  publicKeyOf: (kid: number) => Uint8Array | null,
): Result<Card, 'card_malformed' | 'card_forged' | 'card_key_unknown'> {
  const bytes = cardBytesOf(text);
  if (bytes === null) return fail('card_malformed');
  const fields = bytes.subarray(0, fieldBytes);
  const card = decodeFields(fields);
  if (card === null) return fail('card_malformed');
  const publicKey = publicKeyOf(card.kid);
  if (publicKey === null) return fail('card_key_unknown');
  const genuine = verify(null, Buffer.concat([signedPrefix, fields]), publicKeyFromRaw(publicKey), bytes.subarray(fieldBytes));
  return genuine ? ok(card) : fail('card_forged');
}

/**
 * The county that a card names, unproven; null where it cannot be read. Another county numbers its own keys: its genuine
 * card must be called foreign and not forged, and this is how the till tells.
 */
export function claimedCounty(text: string): string | null {
  const bytes = cardBytesOf(text);
  return bytes === null ? null : (decodeFields(bytes.subarray(0, fieldBytes))?.county ?? null);
}

/** Caps Lock turns the case over, and some scanners add a space: neither is part of a card. */
function cardBytesOf(text: string): Uint8Array | null {
  const letters = text.trim();
  return letters.length === cardLetters && /^[A-Z2-7]*$/i.test(letters) ? decodeBase32(letters.toUpperCase()) : null;
}

/** version 1, kid 1, county 4, resident 8, expiry 2, issue 1: big-endian. */
function encodeFields(card: Card): Buffer {
  const days = (Date.parse(`${card.expiresOn}T00:00:00Z`) - firstDay) / dayMs;
  assert(/^\d{6}$/.test(card.county), `not a county code: ${card.county}`);
  assert(/^[1-9]\d{0,19}$/.test(card.residentId) && BigInt(card.residentId) < 2n ** 64n, `not a resident id: ${card.residentId}`);
  assert(Number.isInteger(days) && days >= 0 && days <= lastDay && dateOf(days) === card.expiresOn, `not an expiry: ${card.expiresOn}`);
  const fields = Buffer.alloc(fieldBytes);
  fields.writeUInt8(version, 0);
  fields.writeUInt8(card.kid, 1);
  fields.writeUInt32BE(Number(card.county), 2);
  fields.writeBigUInt64BE(BigInt(card.residentId), 6);
  fields.writeUInt16BE(days, 14);
  fields.writeUInt8(card.issue, 16);
  return fields;
}

function decodeFields(fields: Uint8Array): Card | null {
  const view = new DataView(fields.buffer, fields.byteOffset, fields.byteLength);
  const county = view.getUint32(2);
  const residentId = view.getBigUint64(6);
  if (view.getUint8(0) !== version || county > 999_999 || residentId === 0n) return null;
  return {
    kid: view.getUint8(1),
    county: String(county).padStart(6, '0'),
    residentId: residentId.toString(),
    issue: view.getUint8(16),
    expiresOn: dateOf(view.getUint16(14)),
  };
}

function dateOf(days: number): string {
  return new Date(firstDay + days * dayMs).toISOString().slice(0, 10);
}
