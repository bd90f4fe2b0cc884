// Vouchers at the till: rights that the county signed for one account here, before its next file comes (reconciliation.md R3). Says
// what came of one; whether it counts is for the book to decide, and nobody needs the card for it.

import type { VoucherInBody } from '../../db/model/event.ts';
import { pointsText } from '../../db/model/format.ts';
import type { Result } from '../../db/model/result.ts';
import { type TakenVoucher, type VoucherRefusalCode, takeVoucher } from '../../db/vouchers.ts';
import type { Notice } from '../ipc/snapshot.ts';
import { currentResident } from './quote.ts';
import { type Engine, currentDay, notify, selling } from './till.ts';

/** A voucher under the scanner, at the till or the desk: its rights are usable here at once, whoever the cart is of. */
export function scanVoucher(engine: Engine, text: string): Notice {
  const taken = takeHere(engine, { text, by: 'scan' });
  return taken.ok ? engine.notice! : notify(engine, taken.code); // takeHere says what was taken
}

/**
 * Takes one for the operator at the till, who is there. Tells what its resident may use now where they are on the screen: less than before and
 * its amount together, where a cap holds or these rights take the place of the roaming allowance. Else the amount. A refusal is the caller's to tell. */
export function takeHere(engine: Engine, { text, by }: Pick<VoucherInBody, 'text' | 'by'>): Result<TakenVoucher, VoucherRefusalCode> {
  const { book } = selling(engine);
  const taken = takeVoucher(book, { text, by, op: engine.operator!.id, day: currentDay(engine) });
  if (!taken.ok) return taken;
  const { accountId, amount } = taken.value;
  const card = engine.place === 'desk' ? engine.desk.resident : engine.draft.resident;
  const shown = card === null ? null : currentResident(engine, card);
  if (shown?.resident.accountId === accountId) notify(engine, 'voucher_taken', pointsText(shown.allowance.usable));
  else notify(engine, 'voucher_taken_other', pointsText(amount));
  return taken;
}
