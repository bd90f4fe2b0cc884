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
  /** Points that the county ever gave this kiosk through that event, vouchers and paid roaming among them; hundredths. */
  readonly given: number;
  /** Points that its own events gave back because the county asked for them; hundredths. */
  readonly cameHome: number;
  /** Under which the newest file of the county was made that it had applied by then; 0: it had none. */
  readonly serverEpoch: number;
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
  readonly batches: readonly { readonly batch: number; readonly fen: number }[];
  /** Points that the county had ever given the kiosk once it was applied; 0 where it was not yet. */
  readonly given: number;
}

/** What one incarnation shows; `downs` are all that lie there for the newest, and for an older one those that it goes on from. */
export interface Evidence {
  readonly ups: readonly UpEvidence[];
  /** The incarnation that has the events before its first file, and the last of them; null: none are. */
  readonly base: { readonly inc: number; readonly throughSeq: number } | null;
  readonly downs: readonly DownEvidence[];
}

/** How the county names its own batches among adjustments. */
const batchIds = /^county-batch-([1-9]\d{0,14})$/;

/** Number of the batch that an adjustment is of; null: it is another's. */
export function batchOf(adjustment: string): number | null {
  const number = batchIds.exec(adjustment)?.[1];
  return number === undefined ? null : Number(number);
}
