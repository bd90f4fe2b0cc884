// What the engine shows a page: the whole state of the till, pushed after every change. The page derives, never computes.

import type { Verdict } from '../../db/model/up-file.ts';
import type { Fen, Points } from '../../db/model/amounts.ts';
import type { GoodsCategory, Language, OperatorRole, Shop } from '../../db/model/catalogue.ts';
import type { Container, CreditLine, CreditQuote, Material, ShownTare } from '../../db/model/recycling.ts';
import type { Quote } from '../../db/model/checkout.ts';
import type { Payment } from '../../db/model/event.ts';
import type { PrintFailure, PrintState } from '../../db/model/receipt.ts';
import type { Allowance } from '../../db/model/spending.ts';
import type { DaysView, HeldCartView, MadeReturnView, UpkeepView } from './day-views.ts';

export interface Snapshot {
  /** Grows with every change. */
  readonly revision: number;
  readonly software: string;
  readonly status: EngineStatus;
  readonly shop: Shop | null;
  readonly scheme: SchemeView | null;
  readonly settings: Settings;
  /** Tiles of the sign-in screen. */
  readonly operators: readonly OperatorView[];
  /** Who works now; null: the sign-in screen. */
  readonly operator: OperatorView | null;
  readonly shift: ShiftView | null;
  readonly left: LeftView | null;
  /** Where the operator works, and so what a scanned card is for. */
  readonly place: Place;
  readonly cart: CartView;
  /** Carts that were put aside, oldest first. */
  readonly held: readonly HeldCartView[];
  /** Epoch ms at which the till locks itself if nobody touches it; told in its last half minute, null before. */
  readonly locksAt: number | null;
  readonly days: DaysView;
  readonly upkeep: UpkeepView;
  /** The recycling desk; null where the county takes nothing in. */
  readonly desk: DeskView | null;
  readonly scale: ScaleView;
  /** The sale just paid, until the next scan. */
  readonly lastSale: PaidView | null;
  /** What the last scan or refusal was; a new id means a new notice. */
  readonly notice: Notice | null;
  readonly printer: PrinterView;
  readonly scanner: ScannerView;
  /** Print jobs that need a person, oldest first. */
  readonly printJobs: readonly PrintJobView[];
  readonly exchange: ExchangeView;
}

/** Whether the till sells. A stopped till shows the reason on the whole screen, with what to do. */
export type EngineStatus = { readonly kind: 'selling' } | { readonly kind: 'stopped'; readonly code: StopCode; readonly detail: string };

export type StopCode =
  | 'book_missing' // kiosk.json says a book was made here, and it is gone
  | 'book_newer' // made by a newer version of this program
  | 'book_foreign' // another kiosk's, or not a book
  | 'book_damaged' // a check of its bytes failed
  | 'book_rolled_back' // older than the anchor says: restored from an image
  | 'book_busy' // another process holds it
  | 'key_missing' // the kiosk's signing key is gone
  | 'disk_full'
  | 'disk_read_only'
  | 'not_enrolled' // no county file has been applied yet
  | 'internal'; // we failed: an assertion did not hold

export interface SchemeView {
  readonly zh: string;
  readonly bo: string | null;
  readonly pointValueFen: number | null;
  readonly pointsStep: Points;
}

export interface Settings {
  readonly language: Language;
  readonly paperDots: 384 | 576;
  /** Text size of the page: 1, 1.25, 1.5, as percent. */
  readonly textPercent: 100 | 125 | 150;
  /** Colours of the page: `sunlight` for a counter by the door (experience.md U12). */
  readonly theme: 'normal' | 'sunlight';
}

export interface OperatorView {
  readonly id: string;
  readonly name: string;
  readonly role: OperatorRole;
}

export interface ShiftView {
  /** Kept from the moment the shift opened, whatever the clock does. */
  readonly businessDate: string;
  readonly openedAt: number;
  readonly floatFen: Fen;
  /** The operator who opened it: another may work in it, for small shops share a drawer. */
  readonly openedBy: string | null;
}

/** What the last operator left, for whoever signs in next; null while somebody is at the till. */
export interface LeftView {
  /** The shift that goes on with the next sign-in, or null. */
  readonly shift: ShiftView | null;
  /** When the till locked itself, epoch ms; null: somebody signed out. */
  readonly lockedAt: number | null;
}

export interface CartView {
  /** The sale's id: made before it starts, so a repeated press is the same sale. */
  readonly saleId: string;
  readonly resident: ResidentView | null;
  /** These goods had a resident's card, and the till put it away, since they were held or it locked: it is asked for again. */
  readonly isCardMissing: boolean;
  /** Another resident's card that was scanned over this cart: shall it pay instead? */
  readonly offered: OfferedCardView | null;
  readonly quote: Quote;
  /** Names this resident and these goods at these prices; goes back with the confirm key. */
  readonly digest: string;
  /** Pictures of the lines, by line id: goods picture keys. */
  readonly pictures: { readonly [lineId: string]: string };
  /** Lines whose goods have a price in yuan and one in points. */
  readonly switchable: readonly string[];
  /** Loose goods that were chosen and are to be put on the scale; null: none. */
  readonly weighing: WeighingView | null;
}

export interface WeighingView {
  readonly goods: GoodsTile;
  /** Taken off this weighing by us; never `scale`: that the scale says itself. */
  readonly tare: Exclude<ShownTare, { by: 'scale' }>;
  readonly containers: readonly Container[];
  /** The pan was seen empty since the last weighing. */
  readonly isPanClear: boolean;
}

export type Place = 'till' | 'desk';

/** What one of the county's materials is, for its tile. */
export type MaterialTile = Pick<
  Material,
  'id' | 'zh' | 'bo' | 'picture' | 'measuredBy' | 'rate' | 'hazardous' | 'minimum' | 'maximum' | 'dayCap'
>;

/** A line of a credit as the page shows it: without the scale's bytes. */
export type CreditLineView = Omit<CreditLine, 'bags'>;

export interface DeskView {
  /** The credit's id: made before it starts, so a repeated press is the same credit. */
  readonly creditId: string;
  readonly resident: ResidentView | null;
  /** Taken in now, in the county's order. */
  readonly materials: readonly MaterialTile[];
  readonly containers: readonly Container[];
  /** Chosen for the next bag, or null. */
  readonly material: string | null;
  /** Taken off the next weighing by us; never `scale`: that the scale says itself. */
  readonly tare: Exclude<ShownTare, { by: 'scale' }>;
  /** The pan was seen empty since the last bag: the next one may be weighed. */
  readonly isPanClear: boolean;
  readonly bags: readonly BagView[];
  readonly quote: Omit<CreditQuote, 'lines'> & { readonly lines: readonly CreditLineView[] };
  /** Names this resident and these bags at these rates; goes back with the confirm key. */
  readonly digest: string;
  /** A count above this is typed twice. */
  readonly typeTwiceAbove: number;
  /** The credit just given, until the next bag or card. */
  readonly lastCredit: CreditedView | null;
}

export interface BagView {
  readonly bagId: string;
  readonly materialId: string;
  readonly measuredBy: 'weight' | 'count';
  /** Net grams, or pieces. */
  readonly units: number;
  /** What the scale said, and what we took off it; null and 0 for a count. */
  readonly readGrams: number | null;
  readonly tareGrams: number;
}

export interface CreditedView {
  readonly creditId: string;
  readonly ticketNumber: string;
  readonly at: number;
  readonly residentMasked: string;
  readonly lines: readonly CreditLineView[];
  readonly points: Points;
  /** Usable here before and after. */
  readonly usableBefore: Points;
  readonly usableAfter: Points;
  readonly isReversed: boolean;
  readonly print: PrintState;
}

/** What was collected, and what of it is on hand. */
export interface CollectedView {
  /** The business date, and the month (YYYY-MM) that was asked for. */
  readonly day: string;
  readonly month: string;
  readonly materials: readonly MaterialTotals[];
}

/** Units are grams or pieces. */
export interface MaterialTotals extends Pick<Material, 'zh' | 'bo' | 'picture' | 'measuredBy' | 'hazardous'> {
  readonly materialId: string;
  readonly dayUnits: number;
  readonly dayPoints: Points;
  readonly monthUnits: number;
  readonly monthPoints: Points;
  /** By the book: below zero where credits were taken back after what they were for had been hauled away. */
  readonly onHandUnits: number;
  /** `missingUnits`: on hand by the book, less what the weigh-bridge said and what was left. */
  readonly lastHandOver: {
    readonly day: string;
    readonly hauler: string;
    readonly hauledUnits: number;
    readonly missingUnits: number;
  } | null;
}

/** What is on the pan now; pushed whenever it changes, not part of the snapshot. */
export interface WeightView {
  readonly kind: 'stable' | 'moving' | 'negative' | 'zero' | 'overload' | 'underload' | 'none';
  /** Null where the scale names no weight. */
  readonly grams: number | null;
  /** The scale has taken a tare off itself. */
  readonly isNet: boolean;
}

export interface ScaleView {
  readonly address: string;
  readonly simulated: boolean;
  /** kiosk.json names a simulated one, and the county does not call this shop a demo: it is as if there were none. */
  readonly isForbidden: boolean;
  readonly state: 'connecting' | 'ready' | 'silent' | 'garbled' | 'lost' | 'busy' | 'denied' | 'ambiguous' | 'none';
  /** Another address was commissioned last, and kiosk.json names this one since; null: no such change. */
  readonly setUpElsewhere: string | null;
  /** What commissioning recorded of the scale at this address; null: it may not credit yet. */
  readonly setUp: {
    readonly scaleSetId: string;
    readonly family: string;
    /** Its frames say whether it took a tare off. Where they do not, only its own key may: the till's would be a second one. */
    readonly tellsNet: boolean;
    readonly model: string;
    readonly serialNumber: string;
    readonly verifiedOn: string;
    readonly knownGrams: number;
    readonly toleranceGrams: number;
  } | null;
  /** The daily check of zero and known weight was good, on this business date and this calendar date. */
  readonly isCheckedToday: boolean;
}

/** Baud rate and frame of a serial line. */
export interface LineView {
  readonly baudRate: number;
  readonly frame: '8N1' | '7E1';
}

/** A family of scales as the owner chooses it. */
export interface ScaleFamilyView {
  readonly family: string;
  /** Makers and models as printed on the machine. */
  readonly models: readonly string[];
  /** `frame`: every frame names its unit; else the usual one, to be confirmed with a known weight. */
  readonly unit: 'frame' | ScaleUnit;
  readonly line: LineView;
}

export type ScaleUnit = 'g' | 'kg' | 'jin' | 'lb' | 't';

/** What the owner's trial of a scale shows, at most four times a second. Nothing of it can be credited. */
export interface ScaleTrialView {
  readonly trialId: string;
  readonly doing: ScaleTrialDoing;
  /** The newest bytes, eight a row, in hexadecimal and as text with a dot for what has no shape. */
  readonly rows: readonly { readonly hex: string; readonly text: string }[];
}

export type ScaleTrialDoing =
  | { readonly kind: 'opening' }
  /** `question`: what it asks the scale with, null while it only listens. */
  | {
      readonly kind: 'listening';
      readonly step: number;
      readonly steps: number;
      readonly line: LineView | null;
      readonly question: string | null;
    }
  /** Families that fit what came, the best first. */
  | {
      readonly kind: 'heard';
      readonly candidates: readonly {
        readonly family: string;
        readonly frames: number;
        readonly rejects: number;
        /** What its last frame says, in the unit that is usual in the family; null: no weight. */
        readonly grams: number | null;
      }[];
      readonly line: LineView | null;
      /** Nearly every byte has even parity: the line should be 7E1. */
      readonly suggests7E1: boolean;
      readonly hasBytes: boolean;
    }
  | { readonly kind: 'unheard'; readonly code: ScaleUnheard }
  | {
      readonly kind: 'trying';
      readonly state: ScaleView['state'];
      readonly weight: WeightView;
      /** Bytes that were no reading so far, by reason. */
      readonly rejects: { readonly [reason: string]: number };
      /** The empty pan was seen to read zero over this link. */
      readonly isEmptySeen: boolean;
      /** As above. */
      readonly suggests7E1: boolean;
    }
  /** The port is given back: it was stopped, nobody asked for it any more, or the scale is set up. */
  | { readonly kind: 'over' };

/** Why nothing could be listened to. */
export type ScaleUnheard = 'busy' | 'missing' | 'denied' | 'ambiguous' | 'lost' | 'failed' | 'bad_address';

/** The simulated scale as a person before it sees it. */
export interface SimulatedScaleView {
  readonly display:
    | { readonly kind: 'weight'; readonly grams: number; readonly tareGrams: number; readonly isMoving: boolean }
    | { readonly kind: 'overload' | 'underload' };
  readonly fault: string;
}

export interface OfferedCardView {
  /** Goes back with the answer: an answer is to this card and no later one. */
  readonly offerId: string;
  readonly masked: string;
  readonly group: { readonly zh: string; readonly bo: string | null };
  readonly village: string;
}

export interface ResidentView {
  readonly masked: string;
  readonly group: { readonly zh: string; readonly bo: string | null };
  readonly village: string;
  readonly language: Language;
  /** Usable here now, and county-wide: never less than the rights that lie here, which the county may have given since it told the balance. */
  readonly allowance: Allowance;
  /** When the county said so, epoch ms; null: never. */
  readonly countyAsOf: number | null;
  /** The county told a balance of nothing, as it does of who owes: its files have no number below it. */
  readonly isCountyZero: boolean;
  /** The home of their points: what was drawn here over the network, or by a voucher, makes it none. */
  readonly isHome: boolean;
  /** The county may have rights of theirs that could be moved here: asking for them is offered. */
  readonly mayDraw: boolean;
}

export interface PaidView {
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly totalFen: Fen;
  /** Price in points of what was priced so: part of the total, and of `points`. */
  readonly requiredPoints: Points;
  readonly points: Points;
  readonly worthFen: Fen;
  readonly payments: readonly Payment[];
  readonly usableAfter: Points | null;
  readonly print: PrintState;
}

/** Everything the till answers to a scan or a touch that it did not simply obey. */
export type NoticeCode =
  | 'line_added'
  | 'card_accepted'
  | 'card_replaced' // accepted, and it took the place of another resident's
  | 'card_other' // another resident's, while one is in the cart: asked, nothing changed
  | 'card_malformed'
  | 'card_forged'
  | 'card_foreign'
  | 'card_key_unknown'
  | 'card_expired'
  | 'card_denied'
  | 'card_unknown'
  | 'card_inactive'
  | 'card_ineligible'
  | 'window_closed'
  | 'goods_at_desk' // a barcode was scanned while the operator works the desk
  | 'bags_of_another' // another resident's card over bags that were weighed for one: nothing changed
  | 'bag_rules_changed' // the county no longer takes a bag as it was measured, and it was taken off
  | 'weighing_unproven' // the bytes kept with a weighing do not say it, or another hand changed its draft: it was taken off
  | 'goods_unknown'
  | 'goods_withdrawn'
  | 'goods_to_weigh' // loose goods were chosen: they go on the scale now
  | 'label_misread'
  | 'label_zero'
  | 'label_by_piece' // a counter scale's label of goods that are sold by the piece
  | 'label_again' // in the cart already: the same bag, or another of the same weight?
  | 'receipt_scanned' // one of our receipts: goods of it come back among past sales
  | 'receipt_malformed'
  | 'receipt_forged'
  | 'receipt_key_unknown' // made after a backup that was put back, perhaps: by a key that is not known here
  | 'receipt_other_shop'
  | 'receipt_lost' // of a sale that was made after the backup which was put back
  | 'receipt_not_sale' // a ticket's code, a return's or a closing's
  | 'voucher_taken' // rights of the resident on the screen
  | 'voucher_taken_other' // rights of somebody who is not on the screen
  | 'voucher_malformed'
  | 'voucher_forged'
  | 'voucher_elsewhere' // for another shop
  | 'voucher_used'
  | 'voucher_waits' // a backup was put back: the county's file says whether it counted
  | 'voucher_unknown_account'
  | 'scan_garbled'
  | 'not_signed_in'
  | 'no_shift'
  | 'cart_full'
  | 'cart_too_large'
  | 'stopped';

export interface Notice {
  readonly id: number;
  readonly code: NoticeCode;
  /** What was scanned or named, short, for the sentence: a barcode, a goods name. Never personal. */
  readonly subject: string;
}

export interface PrintJobView {
  readonly jobId: string;
  /** The sale or the credit whose paper it is. */
  readonly actId: string;
  /** Of the receipt or the ticket. */
  readonly number: string;
  readonly copy: number;
  readonly state: PrintState;
  /** Of a long sheet that was begun, in rows of dots: with some known to be on paper it can go on from there. */
  readonly progress: { readonly rows: number; readonly rowsDone: number } | null;
}

export interface PrinterView {
  readonly address: string;
  readonly state: 'ready' | 'near_end' | PrintFailure | 'connecting';
  readonly simulated: boolean;
}

export interface ScannerView {
  readonly address: string;
  readonly state: 'ready' | 'connecting' | 'lost' | 'busy' | 'none';
  readonly simulated: boolean;
}

export type RoamingShare = 'whole' | 'half' | 'none';

/** What was exchanged with the county, in facts (lessons.md 57). */
export interface ExchangeView {
  readonly lastDownSeq: number;
  /** As-of time of the last file applied; null: none yet. */
  readonly lastDownAsOf: number | null;
  /** What residents of other shops have here of their roaming allowance, by the age of that file (reconciliation.md R3). */
  readonly roaming: RoamingShare;
  /** Acts of the shop that the county has not acknowledged; what the till writes of itself is not among them. */
  readonly unsentEvents: number;
  readonly oldestUnsentAt: number | null;
  /** A county file that was refused, and why; null: none waits. */
  readonly refused: { readonly file: string; readonly code: DownRefusal } | null;
  /**
   * What only a printed notice of the county can settle: another key of a committee that lost its own, or what the file that is due says of
   * the committee and is not so. Its number is on the paper and never here: who compares must have the paper. Null: nothing.
   */
  readonly notice: 'committee' | 'file' | null;
  /** Progress while a file is being applied, 0–100; null: idle. */
  readonly applyingPercent: number | null;
  readonly up: UpView;
}

/** The files that go up to the county, in facts. */
export interface UpView {
  /** What is done now; null: nothing. */
  readonly running: 'cutting' | 'sending' | 'copying' | null;
  /** Files that were cut and that the county has not said to have; and when the oldest was cut. */
  readonly filesWaiting: number;
  readonly waitingSince: number | null;
  readonly lastAnswer: { readonly fileSeq: number; readonly verdict: Verdict; readonly at: number } | null;
  /** Of the newest try, the county's server or a stick; null: it went well, or nothing was tried. */
  readonly fault: UpFault | null;
  /** The county has other events than this book, since then: people must look. Null: no. */
  readonly alarmAt: number | null;
  /** False: this kiosk knows no server, files go by stick. */
  readonly hasServer: boolean;
  /** A drive that has a folder for these files, or was put in since the start: copying is offered. */
  readonly stick: { readonly folder: string; readonly name: string } | null;
}

export type SendFault =
  | 'unreachable' // no network, or the server is off
  | 'timeout'
  | 'broken_off'
  | 'wrong_key' // another server answers at the address
  | 'server_fault' // it says that it cannot now
  | 'county_full' // it says that it has no room
  | 'refused' // it will not have it
  | 'bad_answer' // what it says is no answer, or not the county's
  | 'disk_full';

export type UpFault =
  | SendFault
  | 'not_posted' // the county has the file and found it wrong: the answer says how
  | 'file_missing' // a file that was cut is gone from this machine
  | 'stick_missing'
  | 'stick_full'
  | 'stick_read_only'
  | 'failed';

export type DownRefusal =
  | 'signature' // not signed by the county's key, or edited after
  | 'other_kiosk'
  | 'other_incarnation' // a backup was put back since, and the file does not know of it
  | 'gap' // a file before it is missing
  | 'fork' // same number, other content
  | 'log_forked' // the county's log is not the one whose root it gave before
  | 'truncated'
  | 'oversized'
  | 'malformed'
  | 'newer_format'
  | 'out_of_balance' // trailer totals differ, or a cumulative value fell
  | 'disk_full';

export interface GoodsTile {
  readonly id: string;
  readonly zh: string;
  readonly bo: string | null;
  readonly size: string;
  readonly category: GoodsCategory;
  readonly picture: string;
  /** By weight: `priceFen` is of a kilogram. */
  readonly soldBy: 'piece' | 'weight';
  readonly priceFen: Fen | null;
  readonly pricePoints: Points | null;
}

export interface SaleSummary {
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly at: number;
  readonly totalFen: Fen;
  readonly points: Points;
  /** What was paid besides points. */
  readonly cashFen: Fen;
  readonly otherFen: Fen;
  readonly copies: number;
  /** Whether goods of it came back. */
  readonly returned: 'none' | 'part' | 'all';
  readonly returns: readonly MadeReturnView[];
}

/** A credit among those given, and what has become of it. */
export interface CreditSummary extends Pick<CreditedView, 'creditId' | 'ticketNumber' | 'at' | 'residentMasked' | 'lines' | 'points'> {
  /** `disputed`: it was to be taken back and could not be; the county decides. */
  readonly standing: 'given' | 'reversed' | 'disputed';
  readonly copies: number;
}

/** What a page hears without asking. */
export interface Events {
  readonly snapshot: Snapshot;
  /** The simulated printer's paper grew: a PNG of the last strip, base64. */
  readonly paper: { readonly png: string };
  readonly weight: WeightView;
  readonly scaleTrial: ScaleTrialView;
}

/** What the demo and training can show the simulated scanner (simulated.json in the kiosk's home). */
export interface SimulatedThings {
  readonly cards: readonly { readonly zh: string; readonly bo: string; readonly en: string; readonly text: string }[];
  readonly goods: readonly { readonly zh: string; readonly bo: string | null; readonly en: string; readonly text: string }[];
}
