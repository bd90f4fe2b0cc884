// Ids of acts: UUIDv7 (RFC 9562), so that they sort by time and need no counter.

import { randomUUID } from 'node:crypto';

/** A new UUIDv7. Own lines: crypto.randomUUIDv7 is not in every Node that Electron ships. */
export function uuidv7(nowMs: number): string {
  const time = (Math.max(0, Math.trunc(nowMs)) % 2 ** 48).toString(16).padStart(12, '0');
  // the variant and the 74 random bits of a v4 stand where v7 has them; Node keeps bytes for many of those in stock
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
