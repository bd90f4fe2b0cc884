// Which drives were in the machine when the till last looked: one that is in at its start and was not in then was put in while it was off.
// No money: a missing or damaged file forgets them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileDurably } from '../../db/files.ts';
import type { Home } from '../../db/home.ts';

const shape = z.array(z.string().max(1_000)).max(100);

/** Tops of the drives that were in when the till last ran; null: nobody remembers. */
export function readSeenDrives(home: Pick<Home, 'directory'>): ReadonlySet<string> | null {
  try {
    return new Set(shape.parse(JSON.parse(readFileSync(pathIn(home), 'utf8'))));
  } catch {
    return null;
  }
}

/** Remembers `tops`, where they are others than what is remembered. Throws where the disk takes nothing. */
export function writeSeenDrives(home: Pick<Home, 'directory'>, tops: readonly string[]): void {
  const seen = readSeenDrives(home);
  if (seen !== null && seen.size === tops.length && tops.every((top) => seen.has(top))) return;
  writeFileDurably(pathIn(home), `${JSON.stringify(tops)}\n`);
}

function pathIn({ directory }: Pick<Home, 'directory'>): string {
  return join(directory, 'drives.json');
}
