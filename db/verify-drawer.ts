// Follows the drawer through the chain: what is in it, what was counted, who took cash out by whose leave, and that the end of a
// shift or a day names a count that still stood. Closings are checked for all else by verify-closing.ts.

import { type CashCount, type CountedDrawer, type DrawerCountedBody, type BookEvent, denominations } from './model/event.ts';
import { canonical } from './model/canonical.ts';
import { cashReasons, differenceReasons, readNoSaleReasons } from './model/reasons.ts';
import type { Leaves } from './verify-approval.ts';
import type { RulesInForce } from './verify-county.ts';
import type { Fold } from './verify-fold.ts';
import { Lie, counted } from './verify-lie.ts';

export interface DrawerChecks {
  /** The next event of the chain, its postings added up and its leave heard. */
  take(event: BookEvent, place: string, inForce: RulesInForce): void;
  report(): string;
}

type Purpose = DrawerCountedBody['purpose'];

/** Before the first event. */
export function drawerChecks({ fold, leaves }: { readonly fold: Fold; readonly leaves: Leaves }): DrawerChecks {
  /** What was in the drawer before this event. */
  let before = 0;
  /** The newest count of each purpose that nothing has overtaken. */
  let standing: { readonly [purpose in Purpose]?: { readonly id: string; readonly body: DrawerCountedBody } } = {};
  /** Of the shift that is open; null where the last one was handed over or closed; undefined before the first. */
  let shift: string | null | undefined;
  /** A shift was opened on it, and no closing came since. */
  let openDay: string | null = null;
  let closedThrough = '';
  /** Of the newest hand-over, where no shift was opened since. */
  let handedOver: string | null = null;
  /** Once a shift says why its float differs, every later one does: the program that wrote it asks. */
  let isFloatAsked = false;
  /** Counts for an end since the end before: each told what should be there. */
  let told: readonly { readonly id: string; readonly differenceFen: number }[] = [];
  let [counts, ends, moves] = [0, 0, 0];

  const lie: (place: string, what: string) => never = (place, what) => {
    throw new Lie('drawer', place, what);
  };
  const checkDate = (event: BookEvent, place: string): void => {
    if (event.day <= closedThrough) lie(place, `is of ${event.day}, which was closed before`);
    if (event.kind !== 'SHIFT_OPEN' && shift === null) lie(place, 'is of no open shift');
  };
  const checkEnd = (drawer: CountedDrawer, purpose: Purpose, place: string): void => {
    const { countId, reason, differenceFen, recountsFen, ...said } = drawer;
    const count = standing[purpose];
    if (count === undefined || count.id !== countId) lie(place, `names the count ${countId}, which does not stand for it`);
    const { purpose: _, ...was } = count.body;
    if (canonical(said) !== canonical({ ...was })) lie(place, 'says another count than the one it names');
    if (differenceFen !== said.countedFen - said.expectedFen) lie(place, `says a difference of ${differenceFen}`);
    if (differenceFen === 0 ? reason !== null : reason === null || !isOneOf(differenceReasons, reason))
      lie(place, differenceFen === 0 ? 'gives a reason for no difference' : 'gives no reason for its difference');
    if (fold.drawer() !== said.countedFen) lie(place, `leaves ${fold.drawer()} in a drawer where ${said.countedFen} was counted`);
    const others = told.flatMap((each) => (each.id === countId ? [] : [each.differenceFen]));
    if (canonical([...recountsFen]) !== canonical(others)) lie(place, 'does not tell of every count before the one it names');
    told = [];
    ends += 1;
  };
  /** What the float differs from the drawer by has a reason after a hand-over, else the owner's leave where cash was taken out. */
  const checkFloat = (event: BookEvent & { readonly kind: 'SHIFT_OPEN' }, place: string, isOwner: boolean): void => {
    const { floatFen, drawerBeforeFen, reason, approvalId } = event.body;
    if (drawerBeforeFen !== before) lie(place, `says ${drawerBeforeFen} was in the drawer, it had ${before}`);
    if (reason === undefined || approvalId === undefined) {
      if (isFloatAsked || reason !== approvalId) lie(place, 'does not say whose its float is');
      return;
    }
    isFloatAsked = true;
    const differenceFen = floatFen - drawerBeforeFen;
    const isOverShort = differenceFen !== 0 && handedOver === event.day;
    if (isOverShort ? reason === null || !isOneOf(differenceReasons, reason) : reason !== null)
      lie(place, isOverShort ? 'gives no reason for what its float is over or short by' : 'gives a reason for the owner’s cash');
    const isTakenOut = differenceFen < 0 && !isOverShort;
    if (isTakenOut && !isOwner && approvalId === null) lie(place, 'takes cash out without leave');
    if (approvalId === null) return;
    if (!isTakenOut || isOwner) lie(place, 'names a leave that it does not need');
    leaves.use(approvalId, { kind: 'pay_out', fen: -differenceFen, reason: 'bank' }, event, place);
  };

  return {
    take(event, place, inForce) {
      const now = fold.drawer();
      const isByOwner = (): boolean => event.op !== null && inForce.operatorOf(event.op)?.role === 'owner';
      if (now < 0) lie(place, `leaves ${now} in the drawer`);
      switch (event.kind) {
        case 'SALE':
        case 'CREDIT':
        case 'RETURNED':
          checkDate(event, place);
          break;
        case 'NO_SALE':
          checkDate(event, place);
          if (!isOneOf(readNoSaleReasons, event.body.reason)) lie(place, `has the reason ${event.body.reason}`);
          break;
        case 'CASH_MOVED': {
          checkDate(event, place);
          const { direction, fen, reason, approvalId } = event.body;
          if (!isOneOf(cashReasons[direction], reason)) lie(place, `has the reason ${reason}`);
          if (direction === 'in' && approvalId !== null) lie(place, 'names a leave to put cash in');
          if (direction === 'out' && approvalId === null) lie(place, 'takes cash out without leave');
          if (approvalId !== null) leaves.use(approvalId, { kind: 'pay_out', fen, reason }, event, place);
          moves += 1;
          break;
        }
        case 'DRAWER_COUNTED': {
          const { purpose, expectedFen, countedFen } = event.body;
          if (purpose === 'closing' ? openDay === null : shift === null || shift === undefined) lie(place, 'counts where nothing is open');
          if (expectedFen !== before) lie(place, `expects ${expectedFen}, the postings of the drawer sum to ${before}`);
          if (countedFen !== worthOf(event.body.counts))
            lie(place, `says ${countedFen}, its pieces are worth ${worthOf(event.body.counts)}`);
          if (purpose === 'check' && !isByOwner()) lie(place, 'tells another than the owner what should be in the drawer');
          if (purpose !== 'check') told = [...told, { id: event.id, differenceFen: countedFen - expectedFen }];
          standing = { ...standing, [purpose]: { id: event.id, body: event.body } };
          counts += 1;
          break;
        }
        case 'SHIFT_OPEN':
          checkDate(event, place);
          checkFloat(event, place, isByOwner());
          handedOver = null;
          shift = event.day;
          openDay = event.day;
          standing = {};
          break;
        case 'SHIFT_CLOSED':
          if (shift !== event.day) lie(place, `ends a shift of ${event.day}, which is not open`);
          checkEnd(event.body.drawer, 'hand_over', place);
          handedOver = event.day;
          shift = null;
          standing = {};
          break;
        case 'DAY_CLOSED':
          if (openDay !== event.day) lie(place, `closes ${event.day}, which is not open`);
          checkEnd(event.body.drawer, 'closing', place);
          handedOver = null;
          shift = null;
          openDay = null;
          closedThrough = event.day;
          standing = {};
          break;
        default:
      }
      if (now !== before) standing = {};
      before = now;
    },
    report: () =>
      `${counted(counts, 'count')}, each against the sum of its postings; ${counted(ends, 'end')} of shifts and days by a count that stood; ${counted(moves, 'movement')} of cash, none out without leave`,
  };
}

/** NaN for counts that are none: equal to no amount. */
function worthOf(counts: CashCount): number {
  if (counts.length !== denominations.length || counts.some((count) => !(count >= 0))) return Number.NaN;
  return denominations.reduce<number>((sum, worth, i) => sum + worth * counts[i]!, 0);
}

function isOneOf(list: readonly string[], value: string): boolean {
  return list.includes(value);
}
