// A log of the county held in memory: its checkpoints, its proofs, and what a down-file carries of it.

import type { KeyObject } from 'node:crypto';
import { type LogRoot, logOrigin } from '../../db/model/log-root.ts';
import { checkpointText, signNote } from '../../db/model/note.ts';
import { growTree } from '../../db/tree.ts';
import { type HeadOf, consistencyProof, headAt, leafHash } from '../../db/tree-proofs.ts';
import { fileKey } from './county.ts';

export interface TestLog {
  root(size: number): string;
  /** What a file says of the log at `size` to a kiosk that holds it at `from`; 0: none yet. */
  carried(size: number, from: number, key?: KeyObject): LogRoot;
}

/** A log of these entries, of the test county unless said otherwise. */
export function aLog(entries: readonly string[], county = '540525'): TestLog {
  const leaves = entries.map((entry) => leafHash(Buffer.from(entry)));
  const headOf: HeadOf = (level, index) => {
    const tree = growTree();
    for (const leaf of leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)) tree.add(leaf);
    return tree.root();
  };
  const root = (size: number): string => headAt(headOf, size).toString('base64url');
  return {
    root,
    carried: (size, from, key = fileKey) => ({
      note: signNote(checkpointText(logOrigin(county), { size, root: root(size) }), { name: logOrigin(county), privateKey: key }),
      proof: from === 0 ? [] : consistencyProof(headOf, { from, to: size }).map((each) => each.toString('base64url')),
    }),
  };
}

/** `count` entries that begin with `name`. */
export function entries(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${name} ${i}`);
}
