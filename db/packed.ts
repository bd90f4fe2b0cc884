// How a packed file of ours looks from outside: its first bytes, its end, and that what comes out is text (docs/files.md, F1 and F2).
// Whoever takes a file in asks the same as whoever checks it, so that nothing is taken that a check would refuse. Unpacks nothing.

import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** What packing leaves no choice in: gzip, deflate, no flags, no time, usual effort (RFC 1952, 2.3). The system that packed it follows. */
const gzipHead = Buffer.from('1f8b08000000000000', 'hex');
const unix = 3;
const windows = 10;

/** Whether the file at `path` begins as ours do. Throws what the disk says. */
export function beginsAsOurs(path: string): boolean {
  const head = Buffer.alloc(gzipHead.length + 1);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  const system = head[gzipHead.length];
  return head.subarray(0, gzipHead.length).equals(gzipHead) && (system === unix || system === windows);
}

/** Whether `read` bytes, all that the unpacking took, are all of the file: zlib stops at the end of the last member, whatever follows. */
export function endsAsOurs(path: string, read: number): boolean {
  return read === statSync(path).size;
}

/** JSON of ours packs to a fifth; what packs to a fiftieth, and is large, is a bomb. */
const packingMax = 50;
const bombBytesMin = 64 * 1024 * 1024;

/** How much of so many packed bytes is unpacked before it is given up, of a file that has `bytesMax` at most. */
export function unpackedBytesMax(packed: number, bytesMax: number): number {
  return Math.min(bytesMax, Math.max(bombBytesMin, packed * packingMax));
}
