// The record: what one act of the till is, and what a receipt signs of it (reconciliation.md R2).

import type { Fen, Points } from './amounts.ts';
import type { ActToApprove } from './approval.ts';
import type { Language, ShopNames } from './catalogue.ts';
import type { CashReason, DifferenceReason, NoSaleReason, ReturnReason, ReversalReason } from './reasons.ts';
import type { CreditLine, Tare, WeighingProof } from './recycling.ts';

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
  | { readonly kind: 'OPERATOR_IN'; readonly body: { readonly operator: string } }
  | { readonly kind: 'OPERATOR_OUT'; readonly body: OperatorOutBody }
  | { readonly kind: 'PIN_REFUSED'; readonly body: { readonly operator: string; readonly failures: number } }
  | { readonly kind: 'SHIFT_OPEN'; readonly body: ShiftOpenBody }
  | { readonly kind: 'SALE'; readonly body: SaleBody }
  | { readonly kind: 'LINE_REMOVED'; readonly body: LineRemovedBody }
  | { readonly kind: 'REFUSED'; readonly body: { readonly code: string } }
  /** `saleId`: the act that opened it, whatever it was. */
  | { readonly kind: 'DRAWER_OPENED'; readonly body: { readonly saleId: string } }
  | { readonly kind: 'REPRINTED'; readonly body: ReprintedBody }
  | { readonly kind: 'APPROVED'; readonly body: ApprovedBody }
  | { readonly kind: 'CLOCK_STEP'; readonly body: { readonly from: number; readonly to: number } }
  | { readonly kind: 'CREDIT'; readonly body: CreditBody }
  | { readonly kind: 'CREDIT_REVERSED'; readonly body: CreditReversedBody }
  | { readonly kind: 'CREDIT_DISPUTED'; readonly body: CreditDisputedBody }
  | { readonly kind: 'BAG_REMOVED'; readonly body: BagRemovedBody }
  | { readonly kind: 'SCALE_SET'; readonly body: ScaleSetBody }
  | { readonly kind: 'SCALE_CHECKED'; readonly body: ScaleCheckedBody }
  | { readonly kind: 'HANDED_OVER'; readonly body: HandedOverBody }
  | { readonly kind: 'RETURNED'; readonly body: ReturnBody }
  | { readonly kind: 'CASH_MOVED'; readonly body: CashMovedBody }
  | { readonly kind: 'NO_SALE'; readonly body: { readonly reason: NoSaleReason } }
  | { readonly kind: 'DRAWER_COUNTED'; readonly body: DrawerCountedBody }
  | { readonly kind: 'SHIFT_CLOSED'; readonly body: ShiftClosedBody }
  | { readonly kind: 'REPORT_PRINTED'; readonly body: ReportBody }
  | { readonly kind: 'DAY_CLOSED'; readonly body: ClosingBody }
  | { readonly kind: 'SETTLED'; readonly body: SettlementBody }
  | { readonly kind: 'VERIFIED'; readonly body: VerifiedBody }
  | { readonly kind: 'BACKED_UP'; readonly body: BackedUpBody }
  | { readonly kind: 'RESTORED'; readonly body: RestoredBody }
  | { readonly kind: 'RIGHTS_RETURNED'; readonly body: RightsReturnedBody }
  | { readonly kind: 'VOUCHER_IN'; readonly body: VoucherInBody }
  | { readonly kind: 'KEY_ROTATED'; readonly body: KeyRotatedBody }
  | { readonly kind: 'NOTICE_TAKEN'; readonly body: CountyNotice & { readonly by: string } };

/**
 * `idle`: nobody touched the till for three minutes and it locked itself (experience.md U18); `removed`: a file of the county says
 * that they work here no more; absent: the operator's own press.
 */
export type SignOutCause = 'idle' | 'removed';

export interface OperatorOutBody {
  readonly operator: string;
  readonly cause?: SignOutCause;
}

/** The day begins with what was counted in the drawer. */
export interface ShiftOpenBody {
  readonly floatFen: Fen;
  /**
   * What the book had in the drawer: only the difference is moved, or the cash of yesterday would count twice. After a hand-over of
   * the same date nobody but the till had the drawer, so it is over or short; else it is what the owner put in or took out.
   */
  readonly drawerBeforeFen: Fen;
  /** Why it is over or short; null where it is not. Absent from shifts opened before it was asked: all was the owner's. */
  readonly reason?: DifferenceReason | null;
  /** The leave by which the owner's cash was taken out; null where none was, and where an owner took it. Absent as above. */
  readonly approvalId?: string | null;
  /** The clock was put forward, or its date not that of the newest shift or county file, nor the day after: asked, and said to be right. */
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
  /**
   * What the county pays the shop for this line where it is priced in points: the goods' settlement price, times quantity. Absent
   * where the line is priced in yuan, and where the county named no such price.
   */
  readonly settlementFen?: Fen;
  /** How loose goods were weighed; absent for goods sold by the piece. Then `quantity` is 1 and `unitPrice` is of a kilogram. */
  readonly weighed?: SaleWeight;
}

/** Where the weight of loose goods comes from: this kiosk's scale, or a label that another scale printed. */
export type SaleWeight =
  | { readonly by: 'scale'; readonly readGrams: number; readonly tare: Tare; readonly netGrams: number; readonly proof: WeighingProof }
  | { readonly by: 'label'; readonly code: string; readonly netGrams: number }
  /** The label says the price and not the weight: then it is totalFen as it stands. */
  | { readonly by: 'price-label'; readonly code: string };

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

/** A marked copy of a paper: 补打 n. The paper itself is copy 0, which needs no event. */
export interface ReprintedBody {
  /** The act that the paper is of. */
  readonly saleId: string;
  readonly copy: number;
  /** The APPROVED event that allowed it; absent where none was needed. */
  readonly approvalId?: string;
}

/** Points given for what was brought (reconciliation.md R1: recycling_issue → esc); `amt` is their sum. */
export interface CreditBody {
  /** Kiosk code, R, and a counter of its own, printed: 琼结-03-R000123. */
  readonly ticketNumber: string;
  readonly accountId: string;
  readonly schemeVersion: number;
  /** Down-file whose rules were in force. */
  readonly ruleVersion: number;
  /** The materials, each with the rule applied and the scale's own bytes of every bag. */
  readonly lines: readonly CreditLine[];
  /** Usable here before and after, and county-wide after, as the ticket says. */
  readonly usableBefore: Points;
  readonly usableAfter: Points;
  readonly countyAfter: Points;
  readonly countyAsOf: number;
  /** The APPROVED event that allowed it, or null where none was needed. */
  readonly approvalId: string | null;
  readonly printed: {
    readonly language: Language;
    readonly residentMasked: string;
    readonly operatorName: string;
    readonly shop: ShopNames;
    /** The scale that weighed, for the ticket; null where all was counted. */
    readonly scale: { readonly serialNumber: string; readonly verifiedOn: string; readonly isSimulated: boolean } | null;
  };
}

/** A whole credit taken back while its points were still here: the exact mirror of its postings. `amt` is the credit's. */
export interface CreditReversedBody {
  readonly creditId: string;
  readonly accountId: string;
  readonly reason: ReversalReason;
  readonly approvalId: string;
}

/** A credit that was wrong and is spent, or not the account's newest: moves nothing here, the county decides. `amt` is 0. */
export interface CreditDisputedBody {
  readonly creditId: string;
  readonly accountId: string;
  readonly reason: ReversalReason;
  readonly approvalId: string;
  /** The account's rights here at that moment. */
  readonly heldPoints: Points;
}

/** A bag was taken off before the credit: the owner may ask why. */
export interface BagRemovedBody {
  readonly creditId: string;
  readonly materialId: string;
  /** Grams or pieces. */
  readonly units: number;
}

/** A scale was commissioned: what its bytes mean, and the known weight that proved it. */
export interface ScaleSetBody {
  /** Device address with the line's settings, as kiosk.json names it. */
  readonly address: string;
  /** Its serial line where that is another than the address says; null: as the address says, or the family's usual one. */
  readonly line: { readonly baudRate: number; readonly frame: '8N1' | '7E1' } | null;
  readonly family: string;
  /** Unit of frames that name none. */
  readonly unit: string;
  readonly model: string;
  readonly serialNumber: string;
  /** Date on the verification mark, YYYY-MM-DD. */
  readonly verifiedOn: string;
  readonly knownGrams: number;
  readonly readGrams: number;
  readonly toleranceGrams: number;
  /** The bytes of that reading; none of a simulated scale, which is set up by itself. */
  readonly framesHex: readonly string[];
  /** The demo's or training's: weighs nothing. */
  readonly isSimulated: boolean;
}

/** The daily check: an empty pan and a known weight, before the first weighing of a business date. */
export interface ScaleCheckedBody {
  readonly scaleSetId: string;
  readonly zeroGrams: number;
  readonly knownGrams: number;
  readonly readGrams: number;
  readonly toleranceGrams: number;
  readonly isGood: boolean;
}

/** What the hauler took away, and what the weigh-bridge said of it. */
export interface HandedOverBody {
  readonly hauler: string;
  readonly lines: readonly HandedOverLine[];
}

export interface HandedOverLine {
  readonly materialId: string;
  /** On hand by the book before, in grams or pieces. */
  readonly bookUnits: number;
  /** By the weigh-bridge or the hauler's count. */
  readonly hauledUnits: number;
  /** What stays, as looked at: book − hauled − left is the difference, and `left` is on hand from here on. */
  readonly leftUnits: number;
}

/**
 * Goods that came back against a receipt of this kiosk: the mirror of the part of the sale that they were (reconciliation.md R1,
 * R6 8). `amt` is the points that went back to the account. Booked on the business date it was made on, whatever the sale's was.
 */
export interface ReturnBody {
  /** Kiosk code, T, and a counter of its own, printed: 琼结-03-T000001. */
  readonly returnNumber: string;
  readonly saleId: string;
  /** Of that sale: the paper names it. */
  readonly saleReceiptNumber: string;
  readonly saleDay: string;
  readonly accountId: string | null;
  readonly reason: ReturnReason;
  readonly approvalId: string;
  readonly lines: readonly ReturnLine[];
  /** Price in yuan of what came back: what points paid of it and what money did. */
  readonly totalFen: Fen;
  /** Null where no points had paid. */
  readonly redemption: ReturnedPoints | null;
  /** At most one: back the way it was paid. Points are never among these. */
  readonly payments: readonly { readonly kind: 'cash' | 'other'; readonly fen: Fen }[];
  /** What rounding adds to what goes back (+) or takes off (−): over all returns of a sale, the sale's own. */
  readonly roundingFen: Fen;
  readonly printed: {
    readonly language: Language;
    readonly residentMasked: string | null;
    readonly operatorName: string;
    /** Who gave the leave: the slip names both. */
    readonly approverName: string;
    readonly shop: ShopNames;
  };
}

/** Part of one line of the sale. */
export interface ReturnLine {
  /** Position in the sale's lines, from 0. */
  readonly n: number;
  readonly quantity: number;
  /** Of the sale line's totalFen, pointsFen, settlementFen: the share of so many pieces; 0 where the sale line has none. */
  readonly totalFen: Fen;
  readonly pointsFen: Fen;
  readonly settlementFen: Fen;
  /** Of a line priced in points: the price that goes back. 0 for lines priced in yuan, whose points are ReturnedPoints.discount. */
  readonly points: Points;
}

export interface ReturnedPoints {
  /** Points that had taken something off the price; with the points of the lines they are `amt`. */
  readonly discount: Points;
  /** What those were worth: the sum of the lines' pointsFen. */
  readonly worthFen: Fen;
  /** Fen for one whole point in the sale; null where no points took anything off its price. */
  readonly pointValueFen: number | null;
  /** Back to the rights held here, and off the roaming that the county has not settled: where they were taken. */
  readonly toRights: Points;
  readonly toRoaming: Points;
  readonly usableBefore: Points;
  readonly usableAfter: Points;
  readonly countyAfter: Points;
  readonly countyAsOf: number;
}

/** Cash put into the drawer or taken out of it, other than by sales. */
export interface CashMovedBody {
  readonly direction: 'in' | 'out';
  readonly fen: Fen;
  readonly reason: CashReason;
  /** In the operator's words; '' for none. */
  readonly note: string;
  /** The leave by which cash was taken out; null where some was put in. */
  readonly approvalId: string | null;
}

/** Cash of a drawer by kind, in pieces: 100, 50, 20, 10, 5, 1 yuan, 5 and 1 jiao, by their value in fen. */
export const denominations = [100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10] as const;
/** One count for each of `denominations`, in their order. */
export type CashCount = readonly number[];

/** What a person counted before anyone told what should be there. Moves nothing: the shift's end or the day's books the difference. */
export interface DrawerCountedBody {
  readonly purpose: 'check' | 'hand_over' | 'closing';
  readonly counts: CashCount;
  readonly countedFen: Fen;
  /** By the book: the sum of the drawer's postings and nothing else. */
  readonly expectedFen: Fen;
}

/** The count that an end relies on, and what it was over (+) or short (−) by: booked to cash/over-short. */
export interface CountedDrawer {
  /** The DRAWER_COUNTED event: the newest one, with no cash moved since. */
  readonly countId: string;
  readonly counts: CashCount;
  readonly countedFen: Fen;
  readonly expectedFen: Fen;
  readonly differenceFen: Fen;
  /** Null where there is no difference. */
  readonly reason: DifferenceReason | null;
  /**
   * What the other counts for an end were over or short by, oldest first: each told what should be there, so who counted until it
   * was right is seen. Those since the end before, a count that was only a look left out.
   */
  readonly recountsFen: readonly Fen[];
}

/** One operator hands the till over within the day; the next one opens a shift of their own on the same date. */
export interface ShiftClosedBody {
  readonly drawer: CountedDrawer;
}

/** Figures by name, as figures.ts makes them: counts, fen, points, grams or pieces. Names in code order, zeros of open sets left out. */
export type Figures = { readonly [name: string]: number };

/** Balance of an account of the book at the beginning and the end of a period; `esc` over all holders. Names as in figures.ts. */
export type AccountFigures = { readonly [name: string]: { readonly opening: number; readonly closing: number } };

/** What the paper of a period calls things, kept so that a reprint in five years is the same. */
export interface PeriodNames {
  readonly language: Language;
  readonly operatorName: string;
  readonly shop: ShopNames;
  /** Those that the figures name. */
  readonly operators: readonly { readonly id: string; readonly name: string }[];
  readonly materials: readonly {
    readonly id: string;
    readonly zh: string;
    readonly bo: string | null;
    readonly measuredBy: 'weight' | 'count';
  }[];
}

/** X: the figures so far, printed. Changes nothing. */
export interface ReportBody {
  /** First event of the open period; the last is the one before this. */
  readonly fromSeq: number;
  readonly figures: Figures;
  readonly accounts: AccountFigures;
  readonly printed: PeriodNames;
}

/**
 * Z, the day's end: numbered without a gap, one a business date, never changed (reconciliation.md R4 `Z`, C1 France). Its period
 * is every event after the closing before it and before itself; but what its own drawer is over or short by is in its figures and
 * accounts already, so that they end with what was counted.
 */
export interface ClosingBody extends ReportBody {
  readonly number: number;
  /** Kiosk code, Z, and the number, printed: 琼结-03-Z000001. */
  readonly closingNumber: string;
  /** Closed on a later date than its own. */
  readonly isForgotten: boolean;
  /** The owner's leave; null where an owner closed, and where a forgotten day was closed without one. */
  readonly approvalId: string | null;
  readonly isByOwner: boolean;
  readonly drawer: CountedDrawer;
  /** The merchant's share in thousandths (R28) as the county's files said when the day was closed: what its days are settled at. */
  readonly sharePermille: number;
  /** Since the book began, this period included; never reset. */
  readonly perpetual: Figures;
  /** The day checkpoint (R5): how many events the book had before this one, and the RFC 6962 root over their leaves. */
  readonly checkpoint: { readonly size: number; readonly root: string };
}

/** What the county owes the shop for closed days (schemes.md R26–R28): every fen of it is a posting of those days. */
export interface SettlementBody {
  readonly number: number;
  /** Kiosk code, J, and the number, printed: 琼结-03-J000001. */
  readonly settlementNumber: string;
  /** The closings it covers, in order, without a gap, none twice. */
  readonly closings: readonly SettledClosing[];
  /** Points used as a discount, by what a point was worth; less what came back. */
  readonly redeemed: readonly { readonly pointValueFen: number; readonly points: Points; readonly fen: Fen }[];
  /** Goods priced in points, at the settlement price; less what came back. `unpriced`: pieces that the county named no price for. */
  readonly pointsGoods: { readonly points: Points; readonly fen: Fen; readonly unpriced: number };
  /** Sum of both. Negative where more came back than was sold. */
  readonly grossFen: Fen;
  /** The merchant's share (R28) of the days that were closed under it, one for each share, in the order of their days. */
  readonly shares: readonly SettledShare[];
  /** Their sum. */
  readonly shareFen: Fen;
  /** What the county's files put right since the settlement before: + pays the shop. */
  readonly adjustments: readonly { readonly id: string; readonly zh: string; readonly fen: Fen }[];
  /** grossFen − shareFen + Σ adjustments. */
  readonly owedFen: Fen;
  /** Recycling credits given in these days, less those taken back: no money, but the county's points. */
  readonly credited: { readonly count: number; readonly points: Points };
  /** The county's budget as its newest file said, or null. */
  readonly budget: { readonly zh: string; readonly yearFen: Fen; readonly usedFen: Fen; readonly asOf: number } | null;
  readonly printed: Pick<PeriodNames, 'language' | 'operatorName' | 'shop'>;
}

export interface SettledShare {
  /** Thousandths of grossFen, the sum of its days. */
  readonly permille: number;
  readonly grossFen: Fen;
  /** To the nearest fen, half a fen up in amount. */
  readonly shareFen: Fen;
}

export interface SettledClosing {
  readonly number: number;
  readonly day: string;
  readonly points: Points;
  readonly fen: Fen;
}

/** The whole book was checked from its stored bytes, up to an event. */
export interface VerifiedBody {
  readonly throughSeq: number;
  readonly leaf: string;
  /** Where it was not true: the check and the place. */
  readonly lie: { readonly check: string; readonly place: string; readonly what: string } | null;
}

/** An encrypted copy of everything went to a second place. */
export interface BackedUpBody {
  readonly throughSeq: number;
  readonly leaf: string;
  /** The folder, as the owner chose it. */
  readonly place: string;
  readonly file: string;
  readonly bytes: number;
  /** Of the encrypted file, base64url. */
  readonly sha256: string;
}

/**
 * The first event after a backup was put back: a new incarnation, never a silent rewind (reconciliation.md R4). What happened
 * after the backup is not in this book; rights are frozen until a file of the county speaks to the new incarnation.
 */
export interface RestoredBody {
  readonly fromInc: number;
  readonly throughSeq: number;
  readonly leaf: string;
  readonly backupSha256: string;
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

/**
 * Rights that went back to the county because a RETURN_REQ line of an applied file asked for them (reconciliation.md R3). `amt` is
 * what went: all that was asked for, or all that was held, and 0 where nothing was. The rights are the county's from this event on.
 */
export interface RightsReturnedBody {
  readonly accountId: string;
  /** What the county asked to have back since the beginning: B was to become this. */
  readonly asked: Points;
  /** The file that asked. */
  readonly downSeq: number;
}

/** Rights that a voucher of the county brought before its next file did (reconciliation.md R3). `amt` is the voucher's. */
export interface VoucherInBody {
  readonly accountId: string;
  /** The county's number of it, 1, 2, 3 … for this account at this kiosk: each counts once, whether scanned or covered by a GRANT. */
  readonly number: number;
  /** The text of its QR, whose signature proves it. */
  readonly text: string;
  /** Read from a telephone or paper, or fetched over the network. */
  readonly by: 'scan' | 'network';
}

/**
 * The kiosk has another key: this event is the last one that the old key signs (reconciliation.md R5). No file goes past it, so that
 * every file has one key.
 */
export interface KeyRotatedBody {
  /** Ed25519, raw in base64url, both. */
  readonly oldKey: string;
  readonly newKey: string;
  /** The new key's signature (base64url) of what rotationText says: nobody takes a key that he does not have. */
  readonly proof: string;
  /** Who wanted it: the county by a signed file, or whoever stood before the machine. */
  readonly by: 'county' | 'hand';
}

/**
 * What a printed notice of the county speaks of, which a person of the shop, `by`, held against this kiosk and took (db/notices.ts):
 * another key of a committee that lost its own; or a file that says of the committee what is not so, taken without that.
 */
export type CountyNotice =
  | { readonly about: 'committee'; readonly name: string; readonly key: string }
  /** `sha256`: of the uncompressed bytes, as its note signs it. */
  | { readonly about: 'file'; readonly downSeq: number; readonly sha256: string };
