// The record: what one act of the till is, and what a receipt signs of it (reconciliation.md R2).

import type { Fen, Points } from './amounts.ts';
import type { ActToApprove } from './approval.ts';
import type { Language, ShopNames } from './catalogue.ts';

/** What every event carries. Short names are those of the file format (reconciliation.md R2). */
interface Envelope {
  readonly v: 1;
  readonly county: string;
  readonly store: string;
  readonly kiosk: string;
  /** Incarnation: a new one after any restore. */
  readonly inc: number;
  /** 1, 2, 3 … without a gap within an incarnation. */
  readonly seq: number;
  /** UUIDv7, made and stored before the act started. */
  readonly id: string;
  /** YYYY-MM-DD in Asia/Shanghai, set when the shift opened and kept. */
  readonly day: string;
  /** Wall clock, epoch ms: shown to people, obeyed by nothing. */
  readonly at: number;
  /** Monotonic ms since the engine started. */
  readonly mono: number;
  /** What was known of the clock: back = earlier than the event before. */
  readonly clk: 'ok' | 'back';
  /** Operator signed in, or null. */
  readonly op: string | null;
  /** Tag of the resident concerned, or null: the name itself never enters the book. */
  readonly res: string | null;
  /** Points moved by the act, 0 for most. */
  readonly amt: Points;
  /** SHA-256 (base64url) of the command that caused it: same id and other content is refused. */
  readonly cmdHash: string;
  /** Leaf of the event before (base64url); 32 zero bytes for the first. */
  readonly prev: string;
}

/** One act of the till. */
export type BookEvent = Envelope & EventKind;

/** What an act adds to the envelope. */
export type EventKind =
  | { readonly kind: 'START'; readonly body: StartBody }
  | { readonly kind: 'DOWN_APPLIED'; readonly body: DownAppliedBody }
  | { readonly kind: 'OPERATOR_IN' | 'OPERATOR_OUT'; readonly body: { readonly operator: string } }
  | { readonly kind: 'PIN_REFUSED'; readonly body: { readonly operator: string; readonly failures: number } }
  | { readonly kind: 'SHIFT_OPEN'; readonly body: ShiftOpenBody }
  | { readonly kind: 'SALE'; readonly body: SaleBody }
  | { readonly kind: 'LINE_REMOVED'; readonly body: LineRemovedBody }
  | { readonly kind: 'REFUSED'; readonly body: { readonly code: string } }
  | { readonly kind: 'DRAWER_OPENED'; readonly body: { readonly saleId: string } }
  | { readonly kind: 'REPRINTED'; readonly body: ReprintedBody }
  | { readonly kind: 'APPROVED'; readonly body: ApprovedBody }
  | { readonly kind: 'CLOCK_STEP'; readonly body: { readonly from: number; readonly to: number } };

/** The day begins with what was counted in the drawer. */
export interface ShiftOpenBody {
  readonly floatFen: Fen;
  /** What the book had in the drawer: only the difference is moved, or the cash of yesterday would count twice. */
  readonly drawerBeforeFen: Fen;
  /** The clock's date was not that of the newest shift or county file, nor the day after, and the operator said it is right. */
  readonly isDateConfirmed: boolean;
}

/** The engine started; the first of an incarnation carries the kiosk's public key. */
export interface StartBody {
  readonly software: string;
  /** Ed25519 public key, raw 32 bytes in base64url. */
  readonly kioskKey: string;
  readonly countyKey: string;
}

/** A signed file of the county took effect. The file itself is kept: its grants are part of the fold. */
export interface DownAppliedBody {
  readonly downSeq: number;
  /** Of the uncompressed bytes, base64url. */
  readonly sha256: string;
  readonly asOf: number;
  readonly lines: number;
}

/** A finished sale. Its redemption is `amt`; 0 for a sale in cash. */
export interface SaleBody {
  /** Kiosk code and local counter, printed: 琼结-03-000123. */
  readonly receiptNumber: string;
  readonly accountId: string | null;
  readonly schemeVersion: number;
  /** Down-file whose prices were in force. */
  readonly priceVersion: number;
  readonly lines: readonly SaleLine[];
  /** Price in yuan of all lines that are priced so. */
  readonly totalFen: Fen;
  readonly redemption: Redemption | null;
  readonly payments: readonly Payment[];
  /** What cash rounding added to (+) or took off (−) what the customer paid. */
  readonly roundingFen: Fen;
  /** What the receipt says beyond the figures, kept so that a reprint in five years is the same. The name is masked. */
  readonly printed: {
    readonly language: Language;
    readonly residentMasked: string | null;
    readonly operatorName: string;
    /** What the shop was called that day; absent from sales that were made before it was kept. */
    readonly shop?: ShopNames;
  };
}

/** One kind of goods in a sale. The points of all lines sum to the sale's redemption (R6, 9). */
export interface SaleLine {
  readonly goodsId: string;
  readonly zh: string;
  readonly bo: string | null;
  readonly size: string;
  readonly quantity: number;
  readonly pricedIn: 'yuan' | 'points';
  /** Price of one, in the unit of pricedIn: fen, or hundredths of a point. */
  readonly unitPrice: number;
  /** quantity × unitPrice where priced in yuan, else 0. */
  readonly totalFen: Fen;
  /** Points this line took: its own price, or its share of the discount. */
  readonly points: Points;
  /** What those points paid of totalFen. */
  readonly pointsFen: Fen;
}

/** The points part of a sale. */
export interface Redemption {
  /** Taken from the rights this kiosk holds. */
  readonly fromRights: Points;
  /** Taken from the roaming allowance. */
  readonly fromRoaming: Points;
  /** What the points took off the price in yuan. */
  readonly worthFen: Fen;
  /** Usable here before and after, as the receipt says. */
  readonly usableBefore: Points;
  readonly usableAfter: Points;
  /** County-wide balance as this kiosk knows it, after; and the date it was told. */
  readonly countyAfter: Points;
  readonly countyAsOf: number;
}

export type Payment =
  | { readonly kind: 'cash'; readonly fen: Fen; readonly tenderedFen: Fen; readonly changeFen: Fen }
  /** Recorded only: a mobile payment that another device took. */
  | { readonly kind: 'other'; readonly fen: Fen };

/** A line, or `quantity` pieces of it, was taken off before paying: the owner may ask why. */
export interface LineRemovedBody {
  readonly saleId: string;
  readonly goodsId: string;
  readonly quantity: number;
}

/** A marked copy of a receipt: 补打 n. */
export interface ReprintedBody {
  readonly saleId: string;
  readonly copy: number;
  /** The APPROVED event that allowed it; absent where none was needed, and from events before approvals were asked. */
  readonly approvalId?: string;
}

/** A second person allowed one act; who asked is `op`. That it was done is told by the act's own event, which names this one. */
export interface ApprovedBody {
  readonly act: ActToApprove['kind'];
  /** SHA-256 (base64url) of the canonical act: its kind, its record and its amount or copy. */
  readonly digest: string;
  readonly approver: string;
  /** Nobody else in the shop could approve, so the operator did: for the committee to look at. */
  readonly isSelf: boolean;
}

/**
 * What the kiosk signs of an event, and a receipt's QR shows: enough for anyone with the public-key list to check one
 * act on paper, and no personal data.
 */
export function signedText(event: BookEvent, leaf: string): string {
  return ['CP1', event.county, event.kiosk, event.inc, event.seq, event.at, event.res ?? '', event.amt, leaf, event.prev.slice(0, 8)].join(
    '|',
  );
}
