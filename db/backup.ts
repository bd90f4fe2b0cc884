// Makes one encrypted file of a kiosk's home on a second place, reads it back before it counts, and keeps the newest few. Takes
// the book from a copy that nobody writes: the running one is never opened a second time.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Transform, pipeline } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { type ArchivedFile, packed, unpacked } from './archive.ts';
import { syncDirectory } from './files.ts';
import { type Home, keyFilesIn } from './home.ts';
import { type BackupFacts, SealError, readSealed, writeSealed } from './sealed-file.ts';
import { type Result, fail, ok } from './model/result.ts';
import { businessDate } from './model/time.ts';

/** What the place of the backups did to us. */
export type PlaceFault = 'place_missing' | 'place_full' | 'place_read_only' | 'failed';

/** Backups that are kept of one kiosk: two weeks of closings. */
export const keptBackups = 14;

const ending = '.jifenbackup';

export interface MadeBackup {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a backup of `home`, whose book lies copied at `bookCopy`, into the folder `place`: written beside, synced, read back and
 * opened with the code, and only then given its name. Then the oldest beyond `keep` go. Nothing that was good before is touched
 * until the new one is proven; but where there is no room, old ones go as long as two are left. Faults of the kiosk's own disk throw.
 */
export async function makeBackup(input: {
  readonly home: Home;
  readonly bookCopy: string;
  readonly place: string;
  readonly code: string;
  readonly facts: BackupFacts;
  readonly keep?: number;
  /** Hears how much is done, 0 to 1. */
  readonly progress?: (part: number) => void;
}): Promise<Result<MadeBackup, PlaceFault>> {
  const { place, facts, keep = keptBackups } = input;
  for (;;) {
    const made = await tryBackup(input);
    if (made.ok) {
      for (const old of backupsIn(place, facts.kiosk).slice(0, -keep)) if (old !== made.value.file) remove(join(place, old));
      return made;
    }
    const [oldest, ...others] = made.code === 'place_full' ? backupsIn(place, facts.kiosk) : [];
    if (oldest === undefined || others.length < leftWhenFull || !remove(join(place, oldest))) return made;
  }
}

/** Never fewer good ones than this are left to make room for a new one. */
const leftWhenFull = 2;

/** Names of a kiosk's backups in a folder, oldest first: by incarnation and event, whatever its clock said. */
export function backupsIn(place: string, kiosk: string): readonly string[] {
  try {
    return readdirSync(place)
      .filter((name) => name.startsWith(`${kiosk}.`) && pattern.test(name.slice(kiosk.length)))
      .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  } catch {
    return []; // the place is gone: writing to it will say so
  }
}

const pattern = /^\.\d{4,}\.\d{9,}\.\d{4}-\d\d-\d\d\.jifenbackup$/;

function nameOf({ kiosk, inc, throughSeq, at }: BackupFacts): string {
  return `${kiosk}.${String(inc).padStart(4, '0')}.${String(throughSeq).padStart(9, '0')}.${businessDate(at)}${ending}`;
}

function orderOf(name: string): string {
  return name
    .split('.')
    .slice(-4, -2)
    .map((part) => part.padStart(15, '0'))
    .join();
}

type Input = Parameters<typeof makeBackup>[0];

async function tryBackup({
  home,
  bookCopy,
  place,
  code,
  facts,
  progress = () => undefined,
}: Input): Promise<Result<MadeBackup, PlaceFault>> {
  if (!isFolder(place)) return fail('place_missing');
  const file = nameOf(facts);
  const part = join(place, `${file}.part`);
  const sum = createHash('sha256');
  const files = filesOf(home, bookCopy);
  const total = files.reduce((bytes, { path }) => bytes + statSync(path).size, 0);
  let done = 0;
  const hear = (chunk: Uint8Array): void => {
    done += chunk.length;
    progress(Math.min(1, done / (2 * total))); // once written, once read
  };
  const hashed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of packed(files)) {
      sum.update(chunk);
      hear(chunk);
      yield chunk;
    }
  };
  try {
    for (const left of readdirSync(place))
      if (left.startsWith(`${facts.kiosk}.`) && left.endsWith(`${ending}.part`)) rmSync(join(place, left));
    const sealed = await writeSealed(part, { facts, code, source: through(hashed(), createGzip()) });
    const read = await readBack(part, code, hear);
    if (read.sha256 !== sealed.sha256 || read.content !== sum.digest('base64url'))
      throw new SealError('damaged', 'reads other than it was written');
    renameSync(part, join(place, file));
    syncDirectory(place);
    return ok({ file, ...sealed });
  } catch (error) {
    remove(part);
    const fault = placeFault(error, place);
    if (fault === null) throw error;
    return fail(fault);
  }
}

/** Everything that a kiosk is, besides pictures of papers, which are drawn again. */
function filesOf(home: Home, bookCopy: string): readonly ArchivedFile[] {
  const down = existsSync(home.down) ? readdirSync(home.down).filter((name) => /^\d{8}\.(?:jsonl\.gz|note)$/.test(name)) : [];
  return [
    { name: 'kiosk.json', path: join(home.directory, 'kiosk.json') },
    ...keyFilesIn(home),
    { name: 'keys/recovery-code', path: home.recoveryCode },
    ...[home.settings, home.simulated, home.upkeep].filter((path) => existsSync(path)).map((path) => ({ name: basename(path), path })),
    ...down.toSorted().map((name) => ({ name: `down/${name}`, path: join(home.down, name) })),
    ...upFilesIn(home),
    { name: 'book.db', path: bookCopy },
  ];
}

/** What went up to the county, and its answers: a home that is put back sends the same bytes again. */
export function upFilesIn({ up }: Pick<Home, 'up'>): readonly ArchivedFile[] {
  const inFolder = (folder: string, pattern: RegExp): readonly ArchivedFile[] =>
    existsSync(join(up, folder))
      ? readdirSync(join(up, folder))
          .filter((name) => pattern.test(name))
          .toSorted()
          .map((name) => ({ name: ['up', folder, name].filter((part) => part !== '').join('/'), path: join(up, folder, name) }))
      : [];
  const incarnations = existsSync(up) ? readdirSync(up).filter((name) => /^\d{1,9}$/.test(name)) : [];
  return [...inFolder('', /^alarm\.json$/), ...incarnations.flatMap((inc) => inFolder(inc, /^\d{8}\.(?:jsonl\.gz|checkpoint|note|ack)$/))];
}

/** Reads a backup to its end: every chunk, every file. */
async function readBack(
  path: string,
  code: string,
  hear: (chunk: Uint8Array) => void,
): Promise<{ readonly sha256: string; readonly content: string }> {
  const whole = createHash('sha256');
  const content = createHash('sha256');
  const heard = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of unzipped(path, code, (bytes) => whole.update(bytes))) {
      content.update(chunk);
      hear(chunk);
      yield chunk;
    }
  };
  await unpacked(heard(), null);
  return { sha256: whole.digest('base64url'), content: content.digest('base64url') };
}

/** The files of a backup as a stream. Throws SealError. */
export async function* unzipped(path: string, code: string, hear?: (bytes: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* through(readSealed(path, code, hear), createGunzip());
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw new SealError('damaged', String(error.code));
    throw error;
  }
}

/** What comes out of `zip`; a fault of the source comes out of it, too. */
function through(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, zip: Transform): AsyncIterable<Uint8Array> {
  pipeline(source, zip, () => undefined); // whoever reads is told
  return zip;
}

/** What an error says of the place, or null where it is ours. A stick that was pulled out says anything: its folder is gone. */
export function placeFault(error: unknown, place: string): PlaceFault | null {
  const { code, path } = (error instanceof Error ? error : {}) as { readonly code?: unknown; readonly path?: unknown };
  if (!isFolder(place)) return 'place_missing';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'place_full';
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return typeof path === 'string' && !path.startsWith(place) ? null : 'place_read_only';
  if (code === 'EIO' || code === 'ENODEV' || code === 'ENXIO' || code === 'ESTALE') return 'failed';
  return error instanceof SealError ? 'failed' : null;
}

/** Whether there is such a folder now. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function remove(path: string): boolean {
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false; // the place will say what it has against it
  }
}
