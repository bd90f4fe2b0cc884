// Keeps a kiosk's file in the county's folder as it came: the evidence, on the disk before the book names it. What is in it is not its
// business.

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { copyFile, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { CountyBook } from './county-book.ts';

/** A whole upload: where its bytes lie for now, and its two notes as they came. */
export interface Upload {
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  /** Path of the gzip file; stays where it is. */
  readonly data: string;
  readonly note: string;
  readonly checkpoint: string;
}

/** Where a file of that content lies in the county's folder. */
export function keptPath({ folder }: CountyBook, { kiosk, inc, fileSeq }: Upload, sha256: string): string {
  return join(folder.files, kiosk, String(inc), `${String(fileSeq).padStart(8, '0')}-${sha256}.jsonl.gz`);
}

/** Whether that content lies there already. */
export function isThere(book: CountyBook, upload: Upload, sha256: string): boolean {
  return existsSync(keptPath(book, upload, sha256));
}

/**
 * Takes away again what was kept of an upload that the book does not name. In an act of the book: whoever keeps the same content meanwhile
 * asks in an act of their own whether it is there.
 */
export function dropFile(book: CountyBook, upload: Upload, sha256: string): void {
  const path = keptPath(book, upload, sha256);
  const { notePath, checkpointPath } = notesBeside(path);
  for (const each of [path, checkpointPath, notePath]) rmSync(each, { force: true });
}

/** The bytes as they came, on the disk before the book names them. Returns their path within the county's folder. */
export async function keepFile(book: CountyBook, upload: Upload, sha256: string): Promise<string> {
  const path = keptPath(book, upload, sha256);
  if (path !== upload.data) {
    mkdirSync(dirname(path), { recursive: true });
    const { notePath, checkpointPath } = notesBeside(path);
    // All are awaited: while the disk is at one file, others are read and posted.
    const parts = await allOrNone([
      syncedPart(path, (part) => copyFile(upload.data, part)),
      syncedPart(checkpointPath, (part) => writeFile(part, upload.checkpoint)),
      syncedPart(notePath, (part) => writeFile(part, upload.note)),
    ]);
    for (const { part, to } of parts) await rename(part, to);
    if (process.platform !== 'win32') await sync(dirname(path), 'r'); // Windows has no such call and needs none
  }
  return relative(book.folder.directory, path);
}

interface Part {
  readonly part: string;
  readonly to: string;
}

/** Written under a name of its own, since the same file may come twice at once. */
async function syncedPart(to: string, write: (part: string) => Promise<void>): Promise<Part> {
  const part = `${to}.${randomUUID()}.part`;
  try {
    await write(part);
    await sync(part, 'r+');
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return { part, to };
}

/** Where one finds no room none stays: a kiosk sends again and again, and a full disk is filled by what nobody reads. */
async function allOrNone(writing: readonly Promise<Part>[]): Promise<readonly Part[]> {
  const written = await Promise.allSettled(writing);
  const parts = written.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (parts.length < written.length) for (const { part } of parts) await rm(part, { force: true });
  for (const each of written) if (each.status === 'rejected') throw each.reason;
  return parts;
}

async function sync(path: string, flags: 'r' | 'r+'): Promise<void> {
  const file = await open(path, flags);
  await file.sync().finally(() => file.close());
}

function notesBeside(path: string): { readonly notePath: string; readonly checkpointPath: string } {
  const base = path.slice(0, -'.jsonl.gz'.length);
  return { notePath: `${base}.note`, checkpointPath: `${base}.checkpoint` };
}

/** The two notes beside a kept file. Throws what the disk says. */
export function keptNotes(path: string): Pick<Upload, 'note' | 'checkpoint'> {
  const { notePath, checkpointPath } = notesBeside(path);
  return { note: readFileSync(notePath, 'utf8'), checkpoint: readFileSync(checkpointPath, 'utf8') };
}
