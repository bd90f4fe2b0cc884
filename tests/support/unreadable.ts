// A file of an inbox that cannot be read, and what is said of it.

import { basename } from 'node:path';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';

/** Puts one in the place of the file at `path`: on Linux one whose first byte is EIO; elsewhere, where no file fails at will, a folder. */
export function unreadable(path: string): RegExp {
  rmSync(path);
  const name = basename(path).replaceAll('.', '\\.');
  if (process.platform === 'linux') {
    symlinkSync('/proc/self/mem', path);
    return new RegExp(`^${name} cannot be read: EIO$`);
  }
  mkdirSync(path);
  return new RegExp(`^${name} (is not a file|cannot be read: [A-Z]+)$`);
}
