// Which notices refuse a card: a list of its own, because the gallery shows each of them. Says nothing of what is done then.

import type { NoticeCode } from '../../electron/ipc/snapshot.ts';

/** After these the card that was on the screen is there still. */
export const cardRefusals = [
  'card_malformed',
  'card_forged',
  'card_foreign',
  'card_key_unknown',
  'card_expired',
  'card_denied',
  'card_unknown',
  'card_inactive',
  'card_ineligible',
  'window_closed',
] as const satisfies readonly NoticeCode[];
