// The bytes that scales build their frames of, by name. Decides nothing.

export const startOfHeading = 0x01;
export const startOfText = 0x02;
export const endOfText = 0x03;
export const endOfTransmission = 0x04;
export const acknowledge = 0x06;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const blank = 0x20;
export const plus = 0x2b;
export const comma = 0x2c;
export const minus = 0x2d;
export const dot = 0x2e;

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Of a letter: its capital. Of other bytes: another byte. */
export function upper(letter: number): number {
  return letter & 0xdf;
}

/** Two letters as one number, to compare with two bytes of a frame. */
export function pair(letters: string): number {
  return (letters.charCodeAt(0) << 8) | letters.charCodeAt(1);
}

/** Two letters of a frame, as capitals. */
export function pairAt(text: Uint8Array, at: number): number {
  return (upper(text[at] ?? 0) << 8) | upper(text[at + 1] ?? 0);
}

/** The first place from `at` on that is no blank. */
export function afterBlanks(text: Uint8Array, at: number, to: number): number {
  let next = at;
  while (next < to && text[next] === blank) next += 1;
  return next;
}

/** The place after the last byte before `to` that is no blank. */
export function beforeBlanks(text: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && text[end - 1] === blank) end -= 1;
  return end;
}

/** The first place from `at` on that is neither a digit nor a decimal point. */
export function afterNumber(text: Uint8Array, at: number, to: number): number {
  let next = at;
  while (next < to && (isDigit(text[next]!) || text[next] === dot)) next += 1;
  return next;
}

/** What may stand in the place of a number where a scale has none to show: anything but control characters. */
export function isPrintable(text: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (text[at]! < blank || text[at] === 0x7f) return false;
  return true;
}

/** Whether the ones among its eight bits are even in number. */
export function isEven(byte: number): boolean {
  const folded = byte ^ (byte >> 4);
  return ((0x6996 >> (folded & 15)) & 1) === 0; // bit n of 0x6996 says whether n has an odd number of ones
}

/** Exclusive or of `text[from, to)`, the check of several families. */
export function exclusiveOr(text: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum ^= text[at]!;
  return sum;
}
