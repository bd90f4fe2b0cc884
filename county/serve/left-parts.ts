// What a server that was killed left in `files`: kiosks' files that it had not written to their end. Each stands under a name of its own that
// nothing writes to again, since a file that comes once more gets another; what a kiosk goes on sending lies in `incoming`, and is never looked at here.

import { existsSync } from 'node:fs';
import { opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Writing one takes seconds. One that is younger may be of this moment: kiosks send while this runs. */
const ageMsMin = 60 * 60_000;
/** As intake.ts names them: where they will stand, and a UUID. */
const leftName = /^\d{8,}-[\w-]{43}\.(?:jsonl\.gz|note|checkpoint)\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.part$/;

/** Removes those that lie there for an hour and longer by the disk's clock. Returns how many. Throws what the disk says. */
export async function dropLeftParts(files: string, nowMs: number): Promise<number> {
  if (!existsSync(files)) return 0;
  let dropped = 0;
  for await (const entry of await opendir(files, { recursive: true })) {
    if (!entry.isFile() || !leftName.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: nowMs })); // it got its name meanwhile
    if (nowMs - mtimeMs < ageMsMin) continue;
    await rm(path, { force: true });
    dropped += 1;
  }
  return dropped;
}
