// Check digits of the barcodes on goods (GS1 General Specifications 7.9). Says whether a code is whole, never what it names.

import { assert } from './result.ts';

/** Whether a text is a whole EAN-13 or EAN-8: digits only, and the last one fits. */
export function isEan(text: string): boolean {
  return /^(\d{8}|\d{13})$/.test(text) && eanCheckDigit(text.slice(0, -1)) === text.at(-1);
}

/** The last digit of an EAN-13, of its first 12; and of an EAN-8, of its first 7. */
export function eanCheckDigit(digits: string): string {
  assert(/^(\d{7}|\d{12})$/.test(digits), `not 7 or 12 digits: ${digits}`);
  const sum = digits
    .split('')
    .toReversed()
    .reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return String((10 - (sum % 10)) % 10);
}

/** A scan without the identifier that some scanners put before it: ]E0, ]Q1 (ISO/IEC 15424), and without blanks around. */
export function bareCode(scanned: string): string {
  return scanned.replace(/^\][A-Za-z][0-9A-Z]/, '').trim();
}

/**
 * The same code again within this is the same sight of it: a scanner in presentation mode repeats a code it still sees, a
 * trigger bounces. Two bottles need two movements of the hand, which nobody makes in 0.3 s. Cards and goods alike.
 */
export const sameScanMs = 300;
