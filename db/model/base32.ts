// Bytes as RFC 4648 base32 without padding: upper-case letters and digits only, because that is what a keyboard wedge, an
// input method and Caps Lock leave whole (hardware.md E.4). One text for each row of bytes, never two.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const valueOf: ReadonlyMap<string, number> = new Map(alphabet.split('').map((letter, value) => [letter, value]));

/** Bytes as base32, upper case, without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff; // at most 4 bits are held over, and 8 join them
    heldBits += 8;
    while (heldBits >= 5) {
      heldBits -= 5;
      text += alphabet[(held >> heldBits) & 31];
    }
  }
  if (heldBits > 0) text += alphabet[(held << (5 - heldBits)) & 31];
  return text;
}

/**
 * The bytes of a base32 text, or null where it is not the one text that encodeBase32 would make of them: another letter, a
 * length no bytes have, or leftover bits that are not zero.
 */
export function decodeBase32(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let filled = 0;
  let held = 0;
  let heldBits = 0;
  for (const letter of text) {
    const value = valueOf.get(letter);
    if (value === undefined) return null;
    held = ((held << 5) | value) & 0xfff;
    heldBits += 5;
    if (heldBits >= 8) {
      heldBits -= 8;
      bytes[filled++] = (held >> heldBits) & 0xff;
    }
  }
  const leftover = held & ((1 << heldBits) - 1);
  return heldBits < 5 && leftover === 0 ? bytes : null;
}
