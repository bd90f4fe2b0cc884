// Writing files so that a power cut leaves the old one or the new one, never half.

import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces `path` whole: written beside it, synced, renamed, and the folder synced. Throws what the disk says. */
export function writeFileDurably(path: string, data: string | Uint8Array, mode = 0o644): void {
  const beside = `${path}.part`;
  const file = openSync(beside, 'w', mode);
  try {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  syncDirectory(dirname(path));
}

/** Makes a rename in `directory` durable. Windows has no such call and needs none. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
