// Checks codes of receipts that people kept against the files: each is signed by its kiosk and of an event that the files hold
// (reconciliation.md R2). A folder has them in receipts.txt, one a line. The files themselves were checked before.

import { verify } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { leafOf } from './book.ts';
import type { OfKiosk } from './check-county-files.ts';
import { linesOf, needFile } from './files-lines.ts';
import { publicKeyFromRaw } from './model/keys.ts';
import { upFileBytesMax, upLineBytesMax } from './model/up-file.ts';
import { Lie } from './verify-lie.ts';

const name = 'receipts.txt';
/** A day of a busy shop is 300; a person brings a handful. */
const receiptsMax = 100_000;
/** CP1, county, kiosk, inc, seq, at, tag, points, leaf, eight letters of the leaf before, signature. */
const code =
  /^(CP1\|(\d{6})\|([A-Za-z0-9._-]{1,40})\|(\d+)\|\d+\|\d+\|[A-Za-z0-9_-]*\|\d+\|([A-Za-z0-9_-]{43})\|[A-Za-z0-9_-]{8})\|([A-Za-z0-9_-]{86})$/;

/** How many codes there are, all of them true. Throws Lie. */
export async function checkReceipts(
  of: Omit<OfKiosk, 'kiosk'> & {
    /** Keys (raw, base64url) that the files of each kiosk are signed with. */
    readonly signers: ReadonlyMap<string, ReadonlySet<string>>;
  },
): Promise<number> {
  const { directory, keys } = of;
  const path = join(directory, name);
  if (!existsSync(path)) return 0;
  needFile({ path, place: name });
  const lines = readFileSync(path, 'utf8').split('\n');
  if (lines.pop() !== '') throw new Lie('receipts', `${name}, line ${lines.length + 1}`, 'has no end');
  if (lines.length > receiptsMax) throw new Lie('receipts', name, `has more than ${receiptsMax} lines`);
  const wanted = new Map<string, string>();
  for (const [i, text] of lines.entries()) {
    const place = `${name}, line ${i + 1}`;
    const match = code.exec(text);
    if (match === null) throw new Lie('receipts', place, 'is no code of a receipt');
    const [, signed, county, kiosk, inc, leaf, signature] = match as unknown as [string, string, string, string, string, string, string]; // six groups
    const isSigned = [...(of.signers.get(kiosk) ?? [])].some((key) =>
      verify(null, Buffer.from(signed), publicKeyFromRaw(Buffer.from(key, 'base64url')), Buffer.from(signature, 'base64url')),
    );
    if (Buffer.from(signature, 'base64url').toString('base64url') !== signature)
      throw new Lie('receipts', place, 'has a signature in no form of ours');
    if (county !== keys.county || !isSigned) throw new Lie('receipts', place, 'is not signed by its kiosk');
    wanted.set(`${kiosk}/${inc}/${leaf}`, place);
  }
  for (const folder of new Set([...wanted.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))))) await findIn(of, folder, wanted);
  for (const place of wanted.values()) throw new Lie('receipts', place, 'is of an event that the files do not hold');
  return lines.length;
}

/** The leaf says all that the code says, but for its own last letters: they are signed with it. */
async function findIn({ directory, root }: Omit<OfKiosk, 'kiosk'>, folder: string, wanted: Map<string, string>): Promise<void> {
  const place = `${root}/up/${folder}`;
  const path = join(directory, place);
  if (!existsSync(path)) return;
  for (const file of readdirSync(path).filter((each) => each.endsWith('.jsonl.gz')))
    for await (const { text } of linesOf(
      { path: join(path, file), place: `${place}/${file}` },
      { lineBytesMax: upLineBytesMax, fileBytesMax: upFileBytesMax },
    ))
      if (text.startsWith('{')) wanted.delete(`${folder}/${leafOf(text).toString('base64url')}`);
}
