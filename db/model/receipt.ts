// What a receipt, a ticket or a slip of the day's end says, before anyone draws it. Figures and names, the shop's too, are the event's, so that a
// reprint in five years says the same.

import type { Fen, Points } from './amounts.ts';
import type { Language, ShopNames } from './catalogue.ts';
import type { CartWeight } from './checkout.ts';
import type {
  ClosingBody,
  CreditBody,
  Payment,
  PeriodNames,
  Redemption,
  ReportBody,
  ReturnBody,
  ReturnLine,
  SaleLine,
  SettlementBody,
} from './event.ts';
import type { Container, CreditLine } from './recycling.ts';

/** Dots across the paper: 58 mm and 80 mm at 203 dpi (hardware.md B.1). */
export type PaperDots = 384 | 576;

/** What the kiosk's paper says whatever the act was. */
export interface Paper {
  readonly language: Language;
  readonly shop: ShopNames;
  /** Business date, YYYY-MM-DD. */
  readonly day: string;
  /** Epoch ms, shown in Asia/Shanghai. */
  readonly at: number;
  readonly operatorName: string;
  /** Signed text and signature (reconciliation.md R2). */
  readonly qr: string;
}

/** The paper of a sale. */
export interface Receipt extends Paper {
  readonly receiptNumber: string;
  /** 格***; null for a sale without a resident. */
  readonly residentMasked: string | null;
  readonly lines: readonly ReceiptLine[];
  readonly totalFen: Fen;
  readonly redemption: Redemption | null;
  /** Points used in all; 0 without a redemption. */
  readonly points: number;
  readonly payments: readonly Payment[];
  readonly roundingFen: Fen;
}

/** The paper of a credit: what was brought, what it earned, and the scale that says so. */
export interface Ticket extends Paper, Pick<CreditBody, 'ticketNumber' | 'usableBefore' | 'usableAfter' | 'countyAfter' | 'countyAsOf'> {
  /** 格***. */
  readonly residentMasked: string;
  readonly lines: readonly CreditLine[];
  /** Names for the vessels of the lines, which know them by id; one without a name here is just a container. */
  readonly containers: readonly Pick<Container, 'id' | 'zh' | 'bo'>[];
  /** Of all lines. */
  readonly points: Points;
  /** A second person allowed it. */
  readonly isApproved: boolean;
  /** Its points were taken back by now: a copy must not look as if they were there. */
  readonly isReversed: boolean;
  /** Null where all was counted. */
  readonly scale: CreditBody['printed']['scale'];
}

/** The paper of goods that came back: it names the sale they were of. */
export interface ReturnSlip
  extends
    Paper,
    Pick<ReturnBody, 'returnNumber' | 'saleReceiptNumber' | 'saleDay' | 'reason' | 'totalFen' | 'redemption' | 'payments' | 'roundingFen'> {
  /** 格***; null for a sale without a resident. */
  readonly residentMasked: string | null;
  readonly approverName: string;
  readonly lines: readonly ReturnSlipLine[];
  /** Points that went back in all. */
  readonly points: Points;
}

/** What came back of a line, with the line's own names and price. */
export type ReturnSlipLine = ReturnLine & Pick<ReceiptLine, 'zh' | 'bo' | 'size' | 'pricedIn' | 'unitPrice' | 'weighed'>;

/** The paper of a day's end (Z), or of the open day so far (X). Every figure on it is one of the event's body. */
export interface PeriodSlip
  extends Paper, Pick<ReportBody, 'figures' | 'accounts' | 'fromSeq'>, Pick<PeriodNames, 'operators' | 'materials'> {
  /** The last event of the period. */
  readonly throughSeq: number;
  /** Null: X, which closes nothing and has no number. `qr` of a closing is its signed checkpoint. */
  readonly closing: Pick<
    ClosingBody,
    'closingNumber' | 'isForgotten' | 'isByOwner' | 'approvalId' | 'drawer' | 'perpetual' | 'checkpoint'
  > | null;
}

/** The short paper of a settlement: provisional, since the county has the last word and no paper of the kiosk knows it. */
export interface SettlementSlip extends Paper, Omit<SettlementBody, 'number' | 'printed'> {}

/** A line as it is printed: the scale's bytes stay in the book. */
export type ReceiptLine = Omit<SaleLine, 'weighed'> & { readonly weighed?: CartWeight };

/** One-bit picture: rows of whole bytes, most significant bit left, 1 = black. */
export interface Raster {
  readonly width: PaperDots;
  readonly height: number;
  readonly bits: Uint8Array;
}

/** Where a print job stands (hardware.md B.3). `sent` is the end on links that cannot answer; `unknown` asks a person. */
export type PrintState =
  | { readonly kind: 'queued' | 'sending' | 'sent' | 'printed' | 'unknown' | 'given_up' }
  | { readonly kind: 'failed'; readonly cause: PrintFailure };

export type PrintFailure = 'offline' | 'paper_out' | 'cover_open' | 'cutter' | 'overheated' | 'error' | 'busy' | 'no_printer' | 'drawing';
