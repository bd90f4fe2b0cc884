// Acts that need a second person (security.md section 6), and who that person may be. Knows no PIN and no token.

import type { OperatorRole } from './catalogue.ts';
import type { CashReason } from './reasons.ts';

/** An act in all that matters to it: an approval is of exactly this and of nothing else. */
export type ActToApprove =
  | { readonly kind: 'reprint'; readonly saleId: string; readonly copy: number }
  /** `digest` names the resident and the bags. */
  | { readonly kind: 'credit'; readonly creditId: string; readonly points: number; readonly digest: string }
  | { readonly kind: 'reverse_credit'; readonly creditId: string; readonly points: number }
  /** `digest` names the sale's lines and how many of each come back (returns.ts); the amounts are what goes back. */
  | { readonly kind: 'return'; readonly saleId: string; readonly digest: string; readonly points: number; readonly moneyFen: number }
  | { readonly kind: 'pay_out'; readonly fen: number; readonly reason: CashReason }
  /** By a count that is in the book. */
  | { readonly kind: 'close_day'; readonly day: string; readonly countId: string };

/** Copies of a receipt that need nobody's leave (experience.md U17). */
export const freeCopies = 1;

/**
 * Who may approve what `operatorId` does: the shop's owners other than that person. Only the one owner of a shop, and who
 * works a shop quite alone, approve their own acts, and the approval is marked so (security.md section 6, self-approval).
 * Nobody: several work there and none of them is an owner; the county must name one.
 */
export function approversOf<Person extends { readonly id: string; readonly role: OperatorRole }>(
  active: readonly Person[],
  operatorId: string,
): readonly Person[] {
  const otherOwners = active.filter((person) => person.role === 'owner' && person.id !== operatorId);
  if (otherOwners.length > 0) return otherOwners;
  const self = active.filter((person) => person.id === operatorId);
  const isAlone = self.length === active.length;
  return isAlone || self.some((person) => person.role === 'owner') ? self : [];
}
