// What upkeep remembers beside the book: the folder the owner chose, that the recovery code was taken down, and how full the disk
// was day by day. No money: a missing or damaged file begins anew.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileDurably } from '../../db/files.ts';
import type { Home } from '../../db/home.ts';

const shape = z.object({
  /** Chosen on the screen; null: what kiosk.json names. */
  place: z.string().min(1).max(1000).nullable().catch(null),
  isCodeKept: z.boolean().catch(false),
  /** One for each day on which the engine looked, oldest first. */
  disk: z
    .array(z.object({ at: z.number(), freeBytes: z.number() }))
    .max(100)
    .catch([]),
});
export type UpkeepFile = z.infer<typeof shape>;

export function readUpkeep(home: Pick<Home, 'upkeep'> | null): UpkeepFile {
  if (home === null) return shape.parse({});
  try {
    return shape.parse(JSON.parse(readFileSync(home.upkeep, 'utf8')));
  } catch {
    return shape.parse({});
  }
}

export function writeUpkeep(home: Pick<Home, 'upkeep'>, file: UpkeepFile): void {
  writeFileDurably(home.upkeep, `${JSON.stringify(file)}\n`);
}

const dayMs = 86_400_000;
/** Looked back so far: a county's yearly file must not be taken for every day's growth. */
const windowMs = 28 * dayMs;
/** Fewer days say nothing of a pace. */
const daysMin = 3;

/** The disk as it is now, kept once a day. */
export function withToday(file: UpkeepFile, now: { readonly at: number; readonly freeBytes: number }): UpkeepFile {
  const last = file.disk.at(-1);
  if (last !== undefined && now.at >= last.at && now.at - last.at < dayMs) return file;
  const kept = file.disk.filter(({ at }) => at < now.at && now.at - at <= windowMs); // a clock put back forgets what it called later
  return { ...file, disk: [...kept, now] };
}

/** Whole days until only the reserve is left, if the disk goes on filling as in these weeks; null where it does not, or nobody knows yet. */
export function daysLeft(
  { disk }: Pick<UpkeepFile, 'disk'>,
  { at, freeBytes, reserveBytes }: { readonly at: number; readonly freeBytes: number; readonly reserveBytes: number },
): number | null {
  const oldest = disk.find((each) => at - each.at <= windowMs);
  if (oldest === undefined) return null;
  const days = (at - oldest.at) / dayMs;
  const usedBytes = oldest.freeBytes - freeBytes;
  if (days < daysMin || usedBytes <= 0) return null;
  return Math.max(0, Math.floor(((freeBytes - reserveBytes) * days) / usedBytes));
}
