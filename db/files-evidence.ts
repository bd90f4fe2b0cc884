// What the files of a kiosk show of the order in which the county took and gave: which file up has which events, what a file down
// acknowledges and says. The county's log must have all of it (check-log-whole.ts). Decides nothing.

/** A file up of one incarnation, as it was checked. */
export interface UpEvidence {
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  readonly sha256: string;
  /** Where its note lies. */
  readonly place: string;
  /** Its last event. */
  readonly toSeq: number;
  /** Points that the county gave this kiosk through that event, less those it has back: what `issuance` is below zero by; hundredths. */
  readonly issued: number;
  /** Points of its own credits and returns: what papers of its events could give out before it comes; hundredths. */
  readonly made: number;
  /** Numbers of the settlements that its events made. */
  readonly settled: readonly number[];
}

/** A file down that is in force. */
export interface DownEvidence {
  readonly kiosk: string;
  readonly downSeq: number;
  readonly inc: number;
  readonly sha256: string;
  /** Where its note lies. */
  readonly place: string;
  readonly serverEpoch: number;
  readonly ackThrough: { readonly inc: number; readonly seq: number } | null;
  /** The root of the log that it carries, and whether anybody but the county signed it; null: none. */
  readonly root: { readonly size: number; readonly root: string; readonly isCosigned: boolean } | null;
  /** Settlements of which it says that the county accepted or paid them. */
  readonly accepted: readonly { readonly inc: number; readonly number: number }[];
  /** The county's own batches among its adjustments. */
  readonly batches: readonly number[];
  /** Accounts of which it asks all rights back. */
  readonly wholeAsked: readonly string[];
  /** What it moved out of `issuance` where it was applied; 0 where it was not yet. */
  readonly issued: number;
}

/** What one incarnation shows; `downs` are all that lie there for the newest, and for an older one those that it goes on from. */
export interface Evidence {
  readonly ups: readonly UpEvidence[];
  /** The incarnation that has the events before its first file, and the last of them; null: none are. */
  readonly base: { readonly inc: number; readonly throughSeq: number } | null;
  readonly downs: readonly DownEvidence[];
  /** Most that an account could be given up for: all that was granted to it here, credited or given back; hundredths. */
  readonly everHeld: (accountId: string) => number;
}

/** How the county names its own batches among adjustments. */
const batchIds = /^county-batch-([1-9]\d{0,14})$/;

/** Number of the batch that an adjustment is of; null: it is another's. */
export function batchOf(adjustment: string): number | null {
  const number = batchIds.exec(adjustment)?.[1];
  return number === undefined ? null : Number(number);
}
