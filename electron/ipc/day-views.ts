// What the engine shows a page of returns, the drawer, the day's end, settlements, the owner's figures and upkeep. The page
// derives, never computes.

import type { Fen, Points } from '../../db/model/amounts.ts';
import type { AccountFigures, ClosingBody, Figures, PeriodNames, SettlementBody } from '../../db/model/event.ts';
import type { PrintState } from '../../db/model/receipt.ts';
import type { SettlementDoubt, SettlementState } from '../../db/model/settlement.ts';

/** Part of the snapshot: how the days stand. */
export interface DaysView {
  /** A business date that is past and was not closed: nothing is sold before it is. Null: none. */
  readonly forgotten: string | null;
  /** The newest closed date, or null. */
  readonly closedThrough: string | null;
  /** How far a long day is summed for its closing or a report; null: none is, or it takes no time. */
  readonly summingPercent: number | null;
  /** The till was handed over and no shift opened since: what was counted is the next one's float. Null: not so. */
  readonly handedOver: { readonly businessDate: string; readonly at: number; readonly countedFen: Fen } | null;
}

/** Part of the snapshot: a cart that was put aside. Touches no balance. */
export interface HeldCartView {
  readonly heldId: string;
  /** When it was put aside, epoch ms. */
  readonly at: number;
  readonly lines: number;
  /** At today's prices; null where it must be looked at again. */
  readonly totalFen: Fen | null;
  /** Price in points of what is priced so. */
  readonly requiredPoints: Points;
  /** Of its first goods, to know it by. */
  readonly zh: string;
  readonly bo: string | null;
  readonly picture: string;
}

/** Part of the snapshot: backup, checking and room, in facts. The page finds the words. */
export interface UpkeepView {
  readonly running: { readonly step: 'copying' | 'checking' | 'backing_up'; readonly percent: number } | null;
  /** Folder of the backups, or null where the owner named none. */
  readonly place: string | null;
  /** Epoch ms of the newest good one; null: never. */
  readonly backedUpAt: number | null;
  /** `no_room`: on the till's own disk, for the copy that is packed. `same_disk`: it is made, and lost together with the book. */
  readonly backupFault: 'no_place' | 'place_missing' | 'place_full' | 'place_read_only' | 'same_disk' | 'no_room' | 'failed' | null;
  readonly verifiedAt: number | null;
  /** Bytes free on the book's disk, and days that they last at the pace of the last weeks; null: not known yet. */
  readonly freeBytes: number;
  readonly daysLeft: number | null;
  /** The recovery code was shown to the owner, who said to have it. */
  readonly isCodeKept: boolean;
  /** A backup was put back and the county has not spoken to the new incarnation: points cannot be used, cash goes on. */
  readonly isFrozen: boolean;
}

/** A folder that backups could go to: of a stick, or of another drive. */
export interface BackupPlaceView {
  readonly folder: string;
  /** As the stick or the drive is called. */
  readonly name: string;
  readonly freeBytes: number;
  readonly isSameDisk: boolean;
}

/** Why a folder cannot be the place of the backups. */
export type BadBackupPlace = 'place_missing' | 'place_read_only' | 'inside_home';

/** A sale as it may come back. */
export interface ReturnableSale {
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly day: string;
  readonly at: number;
  readonly operatorName: string;
  readonly residentMasked: string | null;
  readonly totalFen: Fen;
  readonly points: Points;
  readonly cashFen: Fen;
  readonly otherFen: Fen;
  readonly lines: readonly ReturnableLine[];
  /** Sold before a backup was put back: shown, and the county is asked what comes back of it. */
  readonly isBeforeRestore: boolean;
  /** Returns made of it before, by their numbers. */
  readonly returns: readonly MadeReturnView[];
}

/** A return that was made of a sale, and where its slip stands. */
export interface MadeReturnView {
  readonly returnId: string;
  readonly returnNumber: string;
  readonly day: string;
  readonly print: PrintState;
}

export interface ReturnableLine {
  readonly n: number;
  readonly zh: string;
  readonly bo: string | null;
  readonly size: string;
  readonly picture: string;
  readonly pricedIn: 'yuan' | 'points';
  readonly unitPrice: number;
  readonly totalFen: Fen;
  readonly points: Points;
  /** Bought, and of that come back. */
  readonly quantity: number;
  readonly returned: number;
  /** Grams of loose goods, which come back whole; null for goods by the piece. */
  readonly netGrams: number | null;
}

/** What would go back. `digest` goes back with the confirm key and into the approval. */
export interface ReturnQuoteView {
  readonly saleId: string;
  readonly totalFen: Fen;
  readonly points: Points;
  readonly cashFen: Fen;
  readonly otherFen: Fen;
  readonly roundingFen: Fen;
  readonly digest: string;
}

export interface ReturnedView {
  readonly returnId: string;
  readonly returnNumber: string;
  readonly points: Points;
  readonly cashFen: Fen;
  readonly otherFen: Fen;
  readonly usableAfter: Points | null;
  readonly print: PrintState;
}

/** Told only after a person counted. */
export interface CountedView {
  readonly countId: string;
  readonly countedFen: Fen;
  readonly expectedFen: Fen;
  readonly differenceFen: Fen;
}

/** Why a day cannot be closed now. */
export type ClosingObstacle = 'nothing_open' | 'cart_open' | 'desk_open' | 'held_carts';

export interface ClosingStateView {
  /** The business date that would be closed; null: none is open. */
  readonly day: string | null;
  readonly isForgotten: boolean;
  readonly obstacles: readonly ClosingObstacle[];
  /** Print jobs that nobody answered for: told, and no obstacle. */
  readonly openPrintJobs: number;
  /** It was counted to be closed, and the engine ended before it was: the count is to be made anew. */
  readonly isBrokenOff: boolean;
  /** Since the shift was opened. */
  readonly sales: number;
  readonly credits: number;
}

/** A period as the page shows it: the open one (X) or a closed one (Z). */
export interface PeriodView {
  readonly closing: Pick<
    ClosingBody,
    'number' | 'closingNumber' | 'isForgotten' | 'isByOwner' | 'approvalId' | 'drawer' | 'perpetual' | 'checkpoint'
  > | null;
  /** The closing's event, whose paper can be shown and printed; null for X. */
  readonly actId: string | null;
  readonly day: string;
  /** When it was closed, or now. */
  readonly at: number;
  readonly events: number;
  /** Of an open day only its owner is told what the drawer should hold: to others the figures and accounts of cash are left out. */
  readonly isDrawerTold: boolean;
  readonly figures: Figures;
  readonly accounts: AccountFigures;
  readonly names: PeriodNames;
}

export interface ClosingSummary {
  readonly number: number;
  readonly closingNumber: string;
  readonly actId: string;
  readonly day: string;
  readonly at: number;
  readonly sales: number;
  readonly totalFen: Fen;
  readonly points: Points;
  readonly differenceFen: Fen;
  readonly settlementNumber: number | null;
}

/** One event behind a figure, for people. */
export interface EventBehind {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly at: number;
  readonly operatorName: string;
  /** Receipt, ticket, return or closing number; '' where it has none. */
  readonly number: string;
  /** What it adds to the figure. */
  readonly amount: number;
  /** It has a paper that can be shown. */
  readonly hasPaper: boolean;
}

export interface SettlementView extends SettlementBody {
  readonly actId: string;
  readonly at: number;
  /** Its paper was asked for before: a further one is a marked copy. */
  readonly isPrinted: boolean;
  readonly state: SettlementState;
  /** What the owner must look at. */
  readonly doubts: readonly SettlementDoubt[];
  /** As the county's files say, oldest first. */
  readonly states: readonly Omit<StraySettlementWord, 'inc' | 'number'>[];
}

/** Closed days that no settlement covers, and what one made of them now would come to. */
export interface OpenSettlementView {
  readonly closings: number;
  readonly fromDay: string;
  readonly toDay: string;
  readonly owedFen: Fen;
}

/** The county speaks of a settlement that this book did not have then: after a restore, or of another kiosk. */
export interface StraySettlementWord {
  readonly inc: number;
  readonly number: number;
  readonly state: SettlementState;
  readonly day: string;
  readonly reference: string;
  readonly paidFen: Fen | null;
}
