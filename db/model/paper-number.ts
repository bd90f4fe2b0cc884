// The number on a paper: kiosk, incarnation, what it is, and a counter that never stops. Counts nothing itself.

import type { BookEvent } from './event.ts';
import { never } from './result.ts';

/** Acts that have a paper of their own. */
export const paperKinds = [
  'SALE',
  'CREDIT',
  'RETURNED',
  'DAY_CLOSED',
  'SETTLED',
  'REPORT_PRINTED',
] as const satisfies readonly BookEvent['kind'][];
export type PaperKind = (typeof paperKinds)[number];
export type PaperEvent = BookEvent & { readonly kind: PaperKind };

export function hasPaper(event: BookEvent): event is PaperEvent {
  return paperKinds.some((kind) => kind === event.kind);
}

/** The number on the paper of an act, which names its file in the archive: no two ever meet. A report has none but its event's. */
export function numberOnPaper(event: PaperEvent): string {
  switch (event.kind) {
    case 'SALE':
      return event.body.receiptNumber;
    case 'CREDIT':
      return event.body.ticketNumber;
    case 'RETURNED':
      return event.body.returnNumber;
    case 'DAY_CLOSED':
      return event.body.closingNumber;
    case 'SETTLED':
      return event.body.settlementNumber;
    case 'REPORT_PRINTED':
      return `X${event.seq}`;
    default:
      return never(event);
  }
}

/** A receipt has no letter; R ticket, T return, Z closing, J settlement. Each has a counter of its own. */
export type PaperLetter = '' | 'R' | 'T' | 'Z' | 'J';

/**
 * 琼结-03-000123, 琼结-03-R000001; once a backup was put back 琼结-03.2-000124, since 琼结-03-000124 may be on a paper of the days
 * that were lost. The counter goes on where the book that was put back stands.
 */
export function paperNumber(
  { kiosk, inc }: { readonly kiosk: string; readonly inc: number },
  letter: PaperLetter,
  counter: number,
): string {
  return `${kiosk}${inc === 1 ? '' : `.${inc}`}-${letter}${String(counter).padStart(6, '0')}`;
}
