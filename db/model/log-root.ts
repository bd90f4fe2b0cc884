// A root of the county's log as its files carry it: the signed checkpoint, and the proof that it continues the one carried before
// (reconciliation.md R5). Checks form and signatures; whether the proof holds is asked of db/tree-proofs.ts.

import { z } from 'zod';
import { hashForm } from './base64url.ts';
import { openNote, parseCheckpoint } from './note.ts';
import { type Result, fail, ok } from './result.ts';

/** Longest checkpoint taken: the county's signature and those of a committee of twenty. */
export const rootNoteMax = 4 * 1024;
/** No tree of ours needs more hashes (db/tree-proofs.ts). */
const proofMax = 49;

/** What stands in the header of a down-file. */
export const logRoot = z.strictObject({
  /** C2SP checkpoint of the log, signed by the county's file key under the log's own name, then whoever signed it with the county. */
  note: z.string().max(rootNoteMax),
  /** RFC 6962 consistency proof from the root before, hashes in base64url. Empty for the first, and where the log did not grow. */
  proof: z.array(z.string().regex(hashForm)).max(proofMax).readonly(),
});
export type LogRoot = z.infer<typeof logRoot>;

/** Size and root (base64url) of a log. */
export interface LogHead {
  readonly size: number;
  readonly root: string;
}

/** The log of a county, as its checkpoints name it; also the name of who signs them. */
export function logOrigin(county: string): string {
  return `civicpos/${county}/log`;
}

/** The head that a checkpoint says, signed by one of the county's file keys (32 raw bytes each). An empty log has no root to give. */
export function openLogRoot(
  note: string,
  county: string,
  fileKeys: readonly Uint8Array[],
): Result<LogHead & { readonly text: string }, 'signature' | 'malformed'> {
  const origin = logOrigin(county);
  const opened = openNote(
    note,
    fileKeys.map((publicKey) => ({ name: origin, publicKey })),
  );
  if (!opened.ok) return fail(opened.code === 'malformed' ? 'malformed' : 'signature');
  const { text } = opened.value;
  const checkpoint = parseCheckpoint(text);
  if (!checkpoint.ok || checkpoint.value.origin !== origin || checkpoint.value.size === 0) return fail('malformed');
  const { size, root } = checkpoint.value;
  return ok({ size, root, text });
}
