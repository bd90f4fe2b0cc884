// The keys of a demo county, made from its seed: anyone can make them again, so they protect nothing. Never for a real county.

import { type KeyObject, createHash, createHmac, createSecretKey } from 'node:crypto';
import { privateKeyFromSeed, rawPublicKey } from '../db/model/keys.ts';

/** Which key of a county. `cardRetired` signed the cards of years ago; `forger` is nobody's, for cards that must be refused. */
export type KeyUse = 'card' | 'cardRetired' | 'file' | 'forger';

/** Key numbers as they stand in KEY lines and cards. */
export const keyIds = { card: 1, cardRetired: 2, file: 100 } as const;

/** The private key of a demo county for one use. */
export function demoKey(county: string, seed: number, use: KeyUse): KeyObject {
  return privateKeyFromSeed(demoSecret(county, seed, use));
}

/** The public half as KEY lines and enrolment.json carry it: 32 raw bytes in base64url. */
export function publicText(key: KeyObject): string {
  return Buffer.from(rawPublicKey(key)).toString('base64url');
}

/** The name under which a county signs its files (C2SP signed note). */
export function countySignerName(county: string): string {
  return `civicpos/${county}`;
}

/** HMAC key of resident tags; as a key object, since from bytes each tag would take four times as long. */
export function demoTagKey(county: string, seed: number): KeyObject {
  return createSecretKey(demoSecret(county, seed, 'tag'));
}

const tagBytes = 16; // 22 letters; two of 800,000 residents never share one

/** What stands for a resident on paper and in the book; without the key it names nobody (reconciliation.md R2). */
export function residentTag(tagKey: KeyObject, residentId: string): string {
  return createHmac('sha256', tagKey).update(residentId).digest().subarray(0, tagBytes).toString('base64url');
}

/** 16 bytes that are salt enough for a demo's PIN, and the same every time. */
export function demoSalt(county: string, seed: number, operator: number): Buffer {
  return demoSecret(county, seed, `pin ${operator}`).subarray(0, 16);
}

function demoSecret(county: string, seed: number, use: string): Buffer {
  return createHash('sha256').update(`civicpos demo, worthless\n${county}\n${seed}\n${use}\n`).digest();
}
