// The signed file a kiosk sends its county (reconciliation.md R4): its lines, as types and as the check of untrusted input. The
// lines of events are not here: they stand in the file as the bytes that were hashed, each with its signature on the next line.

import { z } from 'zod';
import { hashForm } from './base64url.ts';
import { type Points, amountMax } from './amounts.ts';

export const upFormat = 'civicpos-up-v1';
/** Longest line taken: a credit of a hundred weighed bags has 200 kB of frames. */
export const upLineBytesMax = 1024 * 1024;
/** Largest file taken, uncompressed: a million events. */
export const upFileBytesMax = 4 * 1024 * 1024 * 1024;

const id = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/);
const hash = z.string().regex(hashForm);
const count = z.int().min(0);
const amount = z
  .int()
  .min(0)
  .max(amountMax)
  .transform((value) => value as Points); // the range is what points() asks

/** First line: whose, after what, and what the kiosk has of the county. */
export const upHeader = z.strictObject({
  t: z.literal('H'),
  fmt: z.literal(upFormat),
  county: z.string().regex(/^\d{6}$/),
  store: id,
  kiosk: id,
  /** Ed25519, raw in base64url: with it every line is checked, and the county asks whether it is this kiosk's. */
  kioskKey: hash,
  inc: z.int().min(1),
  fileSeq: z.int().min(1),
  /** Of the file before in this incarnation, uncompressed; '' for the first. */
  prevFileSha: hash.or(z.literal('')),
  /** Events in this file, without a gap. The first follows the last of the file before. */
  fromSeq: z.int().min(1),
  toSeq: z.int().min(1),
  /** `prev` of the first event. */
  prevLeaf: hash,
  /** Newest file of the county that took effect; 0: none. */
  appliedDownSeq: count,
  /** Newest root of the county's log that this kiosk holds (reconciliation.md R5), or null. */
  countyRoot: z.strictObject({ size: z.int().min(1), root: hash }).nullable(),
  software: z.string().min(1).max(100),
  /** Wall clock when the file was cut, epoch ms: told, obeyed by nothing. */
  cutAt: z.int().min(0),
});
export type UpHeader = z.infer<typeof upHeader>;

/** The Ed25519 signature of the event on the line before: a JSON string, 64 bytes in base64url, in the one form that has no stray bits. */
export const upSignature = z.string().regex(/^[A-Za-z0-9_-]{85}[AQgw]$/);

/** A closed day of this file, after all events: what its closing said, to be compared with a sum of one's own. */
export const upClosing = z.strictObject({
  t: z.literal('Z'),
  number: z.int().min(1),
  day: z.iso.date(),
  /** Of its DAY_CLOSED event. */
  seq: z.int().min(1),
  /** Redeemed at this kiosk, in hundredths of a point, when the day began and when it ended (account `red`). */
  red: z.strictObject({ opening: z.int(), closing: z.int() }),
  /** Day checkpoint: events before the closing, RFC 6962 root over their leaves. */
  size: z.int().min(1),
  root: hash,
});
export type UpClosing = z.infer<typeof upClosing>;

/** Cumulative counters of an account that events of this file touched, as they stand after toSeq (reconciliation.md R3). */
export const upCounter = z.strictObject({
  t: z.literal('C'),
  a: id,
  /** G granted, B returned to the county, S spent from rights, V of that given back, C credited, U of that taken back. */
  g: amount,
  b: amount,
  s: amount,
  v: amount,
  c: amount,
  u: amount,
  /** X roamed, W of that given back, Xs settled by the county, F of that funded although it had come back. */
  x: amount,
  w: amount,
  xs: amount,
  f: amount,
});
export type UpCounter = z.infer<typeof upCounter>;

/** Last line: what the lines before must add up to. */
export const upTrailer = z.strictObject({
  t: z.literal('T'),
  /** Lines before this one, header and signatures included. */
  lines: count,
  events: z.int().min(1),
  /** By kind, in code order of the kinds. */
  kinds: z.record(z.string().regex(/^[A-Z_]{1,40}$/), z.strictObject({ count: z.int().min(1), amt: amount })),
  /** Σ of the first 48 bits of each event's resTag, as a number, mod 2^48; events without one add 0. Decimal. */
  hashTotal: z.string().regex(/^\d{1,15}$/),
  /** Events of the book through toSeq, their RFC 6962 root, and the newest leaf. */
  size: z.int().min(1),
  root: hash,
  headLeaf: hash,
});
export type UpTrailer = z.infer<typeof upTrailer>;

/** What a county answers to a file. */
export const verdicts = ['ACCEPTED', 'DUPLICATE', 'FORK', 'GAP', 'OUT_OF_BALANCE', 'REJECTED'] as const;
export type Verdict = (typeof verdicts)[number];

/**
 * The county's signed answer to one file. The text of its note has a line each of: `civicpos-ack-v1`, county, kiosk, inc, fileSeq,
 * sha256 of the file, verdict, toSeq, headLeaf (`-` where nothing is posted), wanted fileSeq (`-` but for GAP), exceptions (a
 * number), detail (ASCII, `-` for none). DUPLICATE is answered with the first answer's bytes.
 */
export interface Ack {
  readonly county: string;
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  readonly sha256: string;
  readonly verdict: Verdict;
  /** Posted through this event, and its leaf by the county's book: the kiosk compares it with its own. Null: nothing is posted. */
  readonly posted: { readonly toSeq: number; readonly headLeaf: string } | null;
  readonly want: number | null;
  /** Events that broke a rule and were posted all the same. */
  readonly exceptions: number;
  readonly detail: string;
}
