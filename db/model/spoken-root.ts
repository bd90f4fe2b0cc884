// Twelve digits of a root, to be read aloud over a telephone and compared. Not what is verified: that is the root.

/** Of a root in base64url, in fours: 0042 1183 9921. */
export function spokenRoot(root: string): string {
  const bytes = atob(root.replaceAll('-', '+').replaceAll('_', '/'));
  const first = Array.from({ length: 8 }, (_, i) => bytes.charCodeAt(i)).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return (first % 10n ** 12n)
    .toString()
    .padStart(12, '0')
    .replaceAll(/(\d{4})(?=\d)/g, '$1 ');
}
