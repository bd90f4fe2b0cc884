// Reads Electron's archive format, as far as a test of the package needs it. Writes none.

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Entry {
  readonly files?: { readonly [name: string]: Entry };
  readonly offset?: string;
  readonly size?: number;
  readonly unpacked?: boolean;
}

/** The files inside, by path; those that lie beside the archive say so. */
export function listArchive(archive: string): ReadonlyMap<string, { readonly isUnpacked: boolean; readonly read: () => Buffer }> {
  const bytes = readFileSync(archive);
  const contentFrom = 8 + bytes.readUInt32LE(4);
  const header = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as Entry;
  const found = new Map<string, { isUnpacked: boolean; read: () => Buffer }>();
  const visit = (entry: Entry, path: string): void => {
    for (const [name, child] of Object.entries(entry.files ?? {})) visit(child, join(path, name));
    if (entry.files) return;
    const from = contentFrom + Number(entry.offset ?? 0);
    found.set(path, { isUnpacked: entry.unpacked === true, read: () => bytes.subarray(from, from + (entry.size ?? 0)) });
  };
  visit(header, '');
  return found;
}

/** Lays the archive and what lies beside it out in a folder, for a program that cannot read archives. */
export function extractArchive(archive: string, folder: string): void {
  for (const [path, { isUnpacked, read }] of listArchive(archive)) {
    if (isUnpacked) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), read());
  }
  if (existsSync(`${archive}.unpacked`)) cpSync(`${archive}.unpacked`, folder, { recursive: true });
}
