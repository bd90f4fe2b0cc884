// A county that writes other entries in its log than it did, in tests: every root is signed and continues the one before all the same.

import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical } from '../../db/model/canonical.ts';
import type { LogEntry } from '../../db/model/log-entry.ts';
import { logOrigin } from '../../db/model/log-root.ts';
import { checkpointText, signNote } from '../../db/model/note.ts';
import { growTree } from '../../db/tree.ts';
import { consistencyProof, leafHash } from '../../db/tree-proofs.ts';
import { fileKey, temporary } from '../support/county.ts';

/** A copy of the folder in which the entries of one root are others, and all roots from there on are signed anew. `root`: from 0. */
export function rewritten(
  onTestFinished: Parameters<typeof temporary>[0],
  place: string,
  { root, change }: { readonly root: number; readonly change: (entries: readonly LogEntry[]) => readonly LogEntry[] },
): string {
  const copy = temporary(onTestFinished, 'jifen-lying-');
  cpSync(place, copy, { recursive: true });
  const log = join(copy, 'log');
  const leaves: Buffer[] = [];
  const headOf = (level: number, index: number): Buffer => {
    const tree = growTree();
    for (const leaf of leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)) tree.add(leaf);
    return tree.root();
  };
  const name = logOrigin('540525');
  for (const [i, file] of readdirSync(log)
    .filter((each) => each.endsWith('.entries'))
    .toSorted()
    .entries()) {
    const lines = readFileSync(join(log, file), 'utf8').trimEnd().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as LogEntry);
    const old = leaves.length;
    const texts = (i === root ? change(entries) : entries).map((entry, n) =>
      canonical(entry.t === 'BEYOND_AWARDS' ? { ...entry, entries: old + n } : entry),
    );
    leaves.push(...texts.map((text) => leafHash(Buffer.from(text))));
    if (i < root) continue;
    const tree = growTree();
    for (const leaf of leaves) tree.add(leaf);
    const head = { size: leaves.length, root: tree.root().toString('base64url') };
    const proof = old === 0 ? [] : consistencyProof(headOf, { from: old, to: leaves.length });
    const note = signNote(checkpointText(name, head), { name, privateKey: fileKey });
    const number = String(leaves.length).padStart(15, '0');
    for (const ending of ['entries', 'checkpoint']) rmSync(join(log, file.replace('entries', ending)));
    writeFileSync(join(log, `${number}.entries`), texts.map((text) => `${text}\n`).join(''));
    writeFileSync(
      join(log, `${number}.checkpoint`),
      `old ${old}\n${proof.map((each) => `${each.toString('base64')}\n`).join('')}\n${note}`,
    );
  }
  return copy;
}
