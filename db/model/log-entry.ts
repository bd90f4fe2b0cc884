// What the county writes in its log (reconciliation.md R5), as types and as the check of what a stranger reads of it. Holds nothing of
// a resident: the log is for everybody.

import { z } from 'zod';
import { hashForm } from './base64url.ts';
import { canonical } from './canonical.ts';

const id = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/);
const hash = z.string().regex(hashForm);
const note = z.string().max(4 * 1024);

export const logEntry = z.discriminatedUnion('t', [
  /** A kiosk's tree as it signed it beside an up-file: the C2SP checkpoint. */
  z.strictObject({ t: z.literal('CHECKPOINT'), note }),
  /** The note of a file, either way: by whose signature, which number, which hash. */
  z.strictObject({ t: z.literal('FILE'), note }),
  /** A key of the county begins or ends, or a kiosk's is revoked (key-word.ts): a note signed with a key of the county before it. */
  z.strictObject({ t: z.literal('KEY'), note }),
  /** A batch of awards that took effect: rows, their sum in hundredths of a point, and the hash of the list. */
  z.strictObject({ t: z.literal('AWARDS'), batch: z.int().min(1), rows: z.int().min(1), points: z.int().min(0), sha256: hash }),
  /** Points of such a batch that the county took back, by two persons: `number` of all that it took back, and the hash of the rows. */
  z.strictObject({
    t: z.literal('TAKEN_BACK'),
    number: z.int().min(1),
    batch: z.int().min(1),
    rows: z.int().min(1),
    points: z.int().min(1),
    sha256: hash,
  }),
  /** Points of recycling credits that the county disallowed, by two persons: `number` of all that it took back so, and the hash of the rows. */
  z.strictObject({
    t: z.literal('CREDITS_TAKEN_BACK'),
    number: z.int().min(1),
    rows: z.int().min(1),
    points: z.int().min(1),
    sha256: hash,
  }),
  /** Points from before the end of business date `through` that nobody had used and that expired, by two persons. */
  z.strictObject({
    t: z.literal('EXPIRED'),
    number: z.int().min(1),
    through: z.iso.date(),
    rows: z.int().min(1),
    points: z.int().min(1),
    sha256: hash,
  }),
  /**
   * What the county gave out beyond its lists, all in all, less what came home of what it took back: hundredths, below zero where that is more.
   * So it is under every root until the next such entry. `entries`: as many stand before it; `serverEpoch`: of the book that says so.
   */
  z.strictObject({ t: z.literal('BEYOND_AWARDS'), entries: z.int().min(0), points: z.int(), serverEpoch: z.int().min(1) }),
  /** A settlement that the county agreed to: what a merchant is owed, in fen, for points in hundredths. */
  z.strictObject({
    t: z.literal('SETTLEMENT'),
    kiosk: id,
    number: z.int().min(1),
    merchant: id,
    throughClosing: z.int().min(1),
    points: z.int(),
    owedFen: z.int(),
  }),
  /** What a kiosk forgot and the county settled itself: told to the kiosk, and paid with its next settlement. */
  z.strictObject({
    t: z.literal('COUNTY_BATCH'),
    batch: z.int().min(1),
    kiosk: id,
    merchant: id,
    points: z.int(),
    owedFen: z.int(),
  }),
]);
export type LogEntry = z.infer<typeof logEntry>;

/** The bytes of the leaf, as text: canonical JSON without a line end. */
export function logEntryText(entry: LogEntry): string {
  return canonical(entry);
}
