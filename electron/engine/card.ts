// What a scanned card says here: whose it is, and why it is not taken. Changes neither the cart nor the desk.

import { deniedIssue, findResident } from '../../db/reference.ts';
import { claimedCounty, openCard } from '../../db/model/card.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { Notice, NoticeCode } from '../ipc/snapshot.ts';
import type { Draft } from './draft.ts';
import { type Engine, currentDay, notify, selling } from './till.ts';

/** A card that was read: whose, and what may make it void later. */
export type HeldCard = NonNullable<Draft['resident']>;

/** Reads a card of this county. What it is good for is another question: cardProblem. */
export function readCard(engine: Engine, code: string): Result<HeldCard, NoticeCode> {
  const { reference } = selling(engine);
  const opened = openCard(code, (kid) => reference.cardKeys.get(kid) ?? null);
  const county = claimedCounty(code);
  // Another county's card is signed with a key this kiosk does not have: say whose it is rather than that it is forged.
  if (!opened.ok) return fail(county !== null && county !== reference.shop.county ? 'card_foreign' : opened.code);
  const card = opened.value;
  if (card.county !== reference.shop.county) return fail('card_foreign');
  return ok({ id: card.residentId, issue: card.issue, expiresOn: card.expiresOn });
}

/**
 * Why this card can neither earn nor redeem now, or null. A group outside the scheme is outside both (schemes.md R11: all but
 * cadres may earn); the season in which points are redeemed is no question of the card, and the till asks it besides.
 */
export function cardProblem(engine: Engine, card: HeldCard): NoticeCode | null {
  const { book, reference } = selling(engine);
  const { id: residentId, issue } = card;
  if (card.expiresOn < latestDate(engine)) return 'card_expired';
  const resident = findResident(book.db, residentId);
  if (resident === null) return 'card_unknown';
  if (issue <= deniedIssue(book.db, residentId)) return 'card_denied';
  if (!resident.active) return 'card_inactive';
  const group = reference.scheme.groups.find((each) => each.id === resident.group);
  return group === undefined || !group.mayRedeem ? 'card_ineligible' : null;
}

/** Says why a card is not taken. A refusal is an event: a county can count honest declines from its own data (reconciliation.md R8). */
export function refuseCard(engine: Engine, code: NoticeCode, residentId: string | null = null): Notice {
  const { book } = selling(engine);
  const op = engine.operator?.id ?? null;
  book.transact(({ db, append }) =>
    append({
      kind: 'REFUSED',
      body: { code },
      id: uuidv7(engine.clock.wallMs()),
      day: currentDay(engine),
      op,
      res: residentId === null ? null : (findResident(db, residentId)?.tag ?? null),
      command: { refused: code },
    }),
  );
  return notify(engine, code);
}

/** The later of the clock and the book: a clock set back must not revive a card (R6, 30). */
function latestDate(engine: Engine): string {
  return businessDate(Math.max(engine.clock.wallMs(), selling(engine).book.lastAt()));
}
