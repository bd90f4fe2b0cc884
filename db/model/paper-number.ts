// The number on a paper: kiosk, incarnation, what it is, and a counter that never stops. Counts nothing itself.

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
