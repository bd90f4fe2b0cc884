// The committee's signature under the newest root, made offline: of the folder that the county publishes, with a key that is nowhere else.
// Signs nothing that does not continue what this key signed before, whatever the county says (reconciliation.md R5).

import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileDurably } from '../../db/files.ts';
import { type LogHead, openLogRoot } from '../../db/model/log-root.ts';
import { parseKeyWord } from '../../db/model/key-word.ts';
import { logEntry } from '../../db/model/log-entry.ts';
import { openNote, signNote } from '../../db/model/note.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { isConsistent } from '../../db/tree-proofs.ts';
import { type CommitteeKey, parseSecretKey, parseVerifierKey } from './committee-key.ts';
import { type PublishedRoot, cosignaturePath, countyKeyPath, publishedEntries, publishedRoots } from './published.ts';

export type CosignRefusal =
  /** The key file is none. */
  | 'no_key'
  /** What this key signed before cannot be read: without it nothing is signed. */
  | 'no_memory'
  /** The folder holds no root, or no key of the county. */
  | 'no_roots'
  /** The county signs with another key than this one knows it by. */
  | 'other_county_key'
  /** A root is not signed with the county's key. */
  | 'signature'
  /** A root that this key signed is no longer there, or the log ends before it. */
  | 'log_shorter'
  /** A root does not continue the one before it. */
  | 'log_forked';

/** What was signed, and how many roots were checked for it; `isNew`: it was not signed before. */
export interface Cosigned extends LogHead {
  readonly origin: string;
  readonly checked: number;
  readonly isNew: boolean;
}

/** Signs the newest root in `folder`. What the key has signed is remembered in `KEYFILE.signed`, on the disk before the signature is. */
export function cosign(folder: string, keyFile: string): Result<Cosigned, CosignRefusal> {
  const key = existsSync(keyFile) ? parseSecretKey(readFileSync(keyFile, 'utf8').trimEnd()) : null;
  if (key === null) return fail('no_key');
  const memoryPath = `${keyFile}.signed`;
  const memory = readMemory(memoryPath);
  if (memory === null) return fail('no_memory');
  const text = existsSync(countyKeyPath(folder)) ? readFileSync(countyKeyPath(folder), 'utf8').trimEnd() : '';
  const countyKey = parseVerifierKey(text);
  const county = /^civicpos\/(\d{6})\/log$/.exec(countyKey?.name ?? '')?.[1];
  if (countyKey === null || county === undefined) return fail('no_roots');
  const signed = memory[countyKey.name] ?? null;
  if (signed !== null && signed.countyKey !== text) return fail('other_county_key');
  const trusted = new Set(signed?.keys ?? [Buffer.from(countyKey.publicKey).toString('base64url')]);
  const open = ({ path, note }: PublishedRoot): ReturnType<typeof openLogRoot> => {
    followKeys(trusted, publishedEntries(path), { county, name: countyKey.name });
    return openLogRoot(note, county, rawOf(trusted));
  };
  const checked = checkRoots(publishedRoots(folder), signed, open);
  if (!checked.ok) return checked;
  const { newest, text: checkpoint, count } = checked.value;
  const isNew = signed === null || newest.size > signed.size;
  if (isNew)
    writeFileDurably(
      memoryPath,
      `${JSON.stringify({ ...memory, [countyKey.name]: { countyKey: text, ...newest, keys: [...trusted] } })}\n`,
      secretMode,
    );
  writeFileDurably(cosignaturePath(folder, newest.size, key.hash), signatureLine(checkpoint, key));
  return ok({ ...newest, origin: countyKey.name, checked: count, isNew });
}

const secretMode = 0o600;
const base64urlKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/**
 * Goes along the words of a log on the county's keys (db/model/key-word.ts): a key begins or ends where one that is believed says so. The
 * entries are not proven here, and need not be: nobody else has those keys.
 */
function followKeys(
  trusted: Set<string>,
  entries: Iterable<string>,
  { county, name }: { readonly county: string; readonly name: string },
): void {
  for (const line of entries) {
    const note = keyNoteOf(line);
    if (note === null) continue;
    const opened = openNote(
      note,
      rawOf(trusted).map((publicKey) => ({ name, publicKey })),
    );
    const word = opened.ok ? parseKeyWord(opened.value.text) : opened;
    if (!word.ok || word.value.county !== county || word.value.whose !== 'file') continue;
    if (word.value.what === 'begins') trusted.add(word.value.key);
    else if (trusted.size > 1) trusted.delete(word.value.key);
  }
}

/** The note of an entry that is of a key; null for every other line. */
function keyNoteOf(line: string): string | null {
  if (!line.includes('"t":"KEY"')) return null; // most lines: not worth reading
  try {
    const entry = logEntry.safeParse(JSON.parse(line));
    return entry.success && entry.data.t === 'KEY' ? entry.data.note : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function rawOf(keys: ReadonlySet<string>): readonly Uint8Array[] {
  return [...keys].map((key) => new Uint8Array(Buffer.from(key, 'base64url')));
}

/** By origin of the log: the county's key as first seen, the newest root signed, and the county's keys as of then. */
const memoryShape = z.record(
  z.string(),
  z.strictObject({
    countyKey: z.string(),
    size: z.int().min(1),
    root: base64urlKey,
    keys: z.array(base64urlKey).min(1).optional(),
  }),
);
type Memory = z.infer<typeof memoryShape>;

/** No file: this key has signed nothing. Null: there is one that cannot be read. */
function readMemory(path: string): Memory | null {
  if (!existsSync(path)) return {};
  try {
    const read = memoryShape.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return read.success ? read.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Every root from the one this key signed, or from the first, to the newest: signed by the county and continuing the one before. */
function checkRoots(
  roots: readonly PublishedRoot[],
  signed: LogHead | null,
  open: (root: PublishedRoot) => ReturnType<typeof openLogRoot>,
): Result<{ readonly newest: LogHead; readonly text: string; readonly count: number }, CosignRefusal> {
  let held: LogHead | null = null;
  let checkpoint = '';
  let count = 0;
  for (const published of roots) {
    const { oldSize, proof, head } = published;
    if (signed !== null && head.size < signed.size) continue;
    const opened = open(published);
    if (!opened.ok) return fail('signature');
    const { size, root } = opened.value;
    if (held === null) {
      if (signed === null ? oldSize !== 0 : size !== signed.size) return fail('log_shorter'); // the root to begin with is missing
      if (signed !== null && root !== signed.root) return fail('log_forked');
    } else if (oldSize !== held.size || !isConsistent(bytesOf(held), bytesOf({ size, root }), proof)) return fail('log_forked');
    held = { size, root };
    checkpoint = opened.value.text;
    count += 1;
  }
  if (held !== null) return ok({ newest: held, text: checkpoint, count });
  return fail(signed === null ? 'no_roots' : 'log_shorter');
}

function bytesOf({ size, root }: LogHead): { readonly size: number; readonly root: Buffer } {
  return { size, root: Buffer.from(root, 'base64url') };
}

/** The line under the checkpoint, without the checkpoint. */
function signatureLine(checkpoint: string, key: CommitteeKey): string {
  return signNote(checkpoint, key).slice(checkpoint.length + 1);
}
