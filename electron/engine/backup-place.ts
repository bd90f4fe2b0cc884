// Where backups can go: sticks and other drives that are in the machine now, and whether one can be written. Makes no backup.

import { mkdirSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { readdir, stat, statfs } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { isFolder } from '../../db/backup.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import type { BackupPlaceView, BadBackupPlace } from '../ipc/day-views.ts';

/** A folder of our own on a stick: that it is there says that the stick is, and not only the empty place where it was mounted. */
export const folderName = 'jifen-backup';

/** A drive that does not answer by then is left out: a network share that hangs, a stick that dies. */
const answerMs = 3_000;

/** Mounted sticks and drives, with room that a person can compare. */
export async function backupPlaces(home: string): Promise<readonly BackupPlaceView[]> {
  const found = await Promise.all((await mounts()).map((mount) => inTime(placeAt(mount, home))));
  return found.filter((place) => place !== null);
}

/** Makes `folder` ready for backups: there, not in the home itself, and written to once. */
export function preparePlace(folder: string, home: string): Result<null, BadBackupPlace> {
  if (!isAbsolute(folder)) return fail('place_missing');
  const inside = relative(resolve(home), resolve(folder));
  if (inside === '' || (!inside.startsWith('..') && !isAbsolute(inside))) return fail('inside_home');
  if (!isFolder(folder) && !isFolder(dirname(folder))) return fail('place_missing');
  const probe = join(folder, '.jifen-probe');
  try {
    if (!isFolder(folder)) mkdirSync(folder); // its parent is there; made recursively, a folder under /proc is tried for ever
    writeFileSync(probe, '');
    rmSync(probe);
    return ok(null);
  } catch {
    return fail(isFolder(dirname(folder)) ? 'place_read_only' : 'place_missing');
  }
}

/** Whether a folder lies on the disk of the book: what takes one takes the other. */
export function isSameDisk(folder: string, home: string): boolean {
  try {
    return statSync(folder).dev === statSync(home).dev;
  } catch {
    return false; // it is gone, which is told otherwise
  }
}

/** Bytes free where a folder lies; 0 where it cannot be asked. */
export function freeBytesAt(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

async function placeAt(mount: string, home: string): Promise<BackupPlaceView | null> {
  try {
    const { bavail, bsize } = await statfs(mount);
    const folder = join(mount, folderName);
    return { folder, name: basename(mount) || mount, freeBytes: bavail * bsize, isSameDisk: isSameDisk(mount, home) };
  } catch {
    return null; // pulled out in this moment
  }
}

async function mounts(): Promise<readonly string[]> {
  if (process.platform === 'win32') {
    const drives = 'DEFGHIJKLMNOPQRSTUVWXYZ'.split('').map((letter) => `${letter}:\\`);
    const there = await Promise.all(drives.map((drive) => inTime(stat(drive).then(() => drive))));
    return there.filter((drive) => drive !== null);
  }
  // desktops mount at /media/USER/STICK or /run/media/USER/STICK, technicians at /media/STICK or /mnt/DISK
  const parents = ['/media', '/mnt', ...(await foldersIn('/media')), ...(await foldersIn('/run/media'))];
  const candidates = (await Promise.all(parents.map(foldersIn))).flat();
  const mounted = await Promise.all(candidates.map((each) => inTime(isMount(each).then((isOne) => (isOne ? each : null)))));
  return mounted.filter((each) => each !== null);
}

async function foldersIn(parent: string): Promise<readonly string[]> {
  try {
    return (await readdir(parent, { withFileTypes: true })).filter((each) => each.isDirectory()).map((each) => join(parent, each.name));
  } catch {
    return []; // there is no such folder on this system
  }
}

/** Another device than the folder it lies in. */
async function isMount(path: string): Promise<boolean> {
  return (await stat(path)).dev !== (await stat(dirname(path))).dev;
}

/** An answer, or null where there is none in time. */
async function inTime<Value>(asked: Promise<Value>): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((give) => {
    timer = setTimeout(() => give(null), answerMs);
  });
  return Promise.race([asked.catch(() => null), late]).finally(() => clearTimeout(timer));
}
