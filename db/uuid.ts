// Ids of acts: UUIDv7 (RFC 9562), so that they sort by time and need no counter.

import { randomBytes } from 'node:crypto';

/** A new UUIDv7. Own lines: crypto.randomUUIDv7 is not in every Node that Electron ships. */
export function uuidv7(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.max(0, Math.trunc(nowMs)) % 2 ** 48, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
