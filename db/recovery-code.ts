// The recovery code: the secret by which a backup is opened again, written on paper and kept apart from the machine. Made once
// with a home; never printed by the till, never in a log.

import { createHash, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileDurably } from './files.ts';

/** No 0, 1, I and O, which are read for one another. */
const letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
/** 26 × 5 bits: 130 that nobody guesses. */
const secretLetters = 26;
/** 10 bits: of a thousand codes copied wrong, one is not noticed before it is tried. */
const checkLetters = 2;
const groupLetters = 4;

/** A new code, as seven groups of four letters joined by `-`. */
export function newRecoveryCode(): string {
  const secret = Array.from({ length: secretLetters }, () => letters[randomInt(letters.length)]!).join('');
  return grouped(secret + checkOf(secret));
}

/** The code that a person typed, with or without its dashes, in small letters or large; null where a letter must be wrong. */
export function parseRecoveryCode(text: string): string | null {
  const typed = text.toUpperCase().replace(/[\s-]/g, '');
  const secret = typed.slice(0, secretLetters);
  const isWhole = typed.length === secretLetters + checkLetters && typed.split('').every((letter) => letters.includes(letter));
  return isWhole && typed.slice(secretLetters) === checkOf(secret) ? grouped(typed) : null;
}

/** The home's code. A home that has none yet gets one. Throws what the disk says, and where the stored one is damaged. */
export function recoveryCodeOf({ recoveryCode }: { readonly recoveryCode: string }): string {
  if (!existsSync(recoveryCode)) {
    mkdirSync(dirname(recoveryCode), { recursive: true, mode: 0o700 });
    writeFileDurably(recoveryCode, `${newRecoveryCode()}\n`, 0o600);
  }
  const code = parseRecoveryCode(readFileSync(recoveryCode, 'utf8'));
  if (code === null) throw new Error(`${recoveryCode} holds no recovery code`);
  return code;
}

function grouped(code: string): string {
  return code.match(new RegExp(`.{${groupLetters}}`, 'g'))!.join('-');
}

function checkOf(secret: string): string {
  const bits = createHash('sha256').update(`jifen-kiosk recovery code ${secret}`).digest().readUInt16BE(0);
  return letters[bits >> 11]! + letters[(bits >> 6) & 31]!;
}
