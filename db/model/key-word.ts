// What the county's log says of a key: that it begins or ends, as the text of a note that a key before it signed. Checks form, not
// signatures.

import { hashForm } from './base64url.ts';
import { type Result, fail, ok } from './result.ts';

export interface KeyWord {
  readonly county: string;
  /** `file`: the county's own, that signs files and roots; else the kiosk that it is the key of. */
  readonly whose: string;
  /** Number of the KEY line; of a kiosk's key, of which change of it: 1, 2, 3 …, and 0 where it is revoked. */
  readonly kid: number;
  /** Ed25519, raw in base64url. */
  readonly key: string;
  readonly what: 'begins' | 'ends';
}

/** The six lines that are signed. */
export function keyWordText({ county, whose, kid, key, what }: KeyWord): string {
  return `civicpos-key-v1\n${county}\n${whose}\n${kid}\n${key}\n${what}\n`;
}

/** Reads them: untrusted, even when the signature holds. */
export function parseKeyWord(text: string): Result<KeyWord, 'malformed'> {
  const match = /^civicpos-key-v1\n(\d{6})\n([A-Za-z0-9._-]{1,40})\n(0|[1-9]\d{0,8})\n([A-Za-z0-9_-]+)\n(begins|ends)\n$/.exec(text);
  if (match === null) return fail('malformed');
  const [, county, whose, kid, key, what] = match as unknown as [string, string, string, string, string, KeyWord['what']]; // all groups take part
  if (!hashForm.test(key)) return fail('malformed');
  return ok({ county, whose, kid: Number(kid), key, what });
}
