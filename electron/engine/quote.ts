// What the cart on the screen costs now, with today's prices, rules and rights. Read anew each time: nothing is cached
// that a down-file or a sale could change.

import { hash } from 'node:crypto';
import { accountState, findResident, isFrozen, lastDown } from '../../db/reference.ts';
import type { Resident } from '../../db/model/catalogue.ts';
import { type CartLine, type CartWeight, type Quote, quote, takesWeight } from '../../db/model/checkout.ts';
import type { SaleWeight } from '../../db/model/event.ts';
import { shownTare } from '../../db/model/recycling.ts';
import { type Allowance, type SpendingInput, allowance } from '../../db/model/spending.ts';
import { dayMs } from '../../db/model/time.ts';
import type { RoamingShare } from '../ipc/snapshot.ts';
import type { Draft, DraftLine } from './draft.ts';
import { type Engine, currentDay, selling } from './till.ts';

/** A wrong clock is as if the county had never written: roaming stops, rights held here go on (R6, 30). */
const neverHeard = 100_000;

/** The resident of the cart, or of another card, and what they may spend; null where there is none. */
export function currentResident(
  engine: Engine,
  card: Draft['resident'] = engine.draft.resident,
): {
  readonly resident: Resident;
  readonly input: SpendingInput;
  readonly allowance: Allowance;
  readonly countyAsOf: number | null;
} | null {
  if (card === null) return null;
  const resident = findResident(selling(engine).book.db, card.id);
  if (resident === null) return null;
  const input = spendingInput(engine, resident.accountId);
  return { resident, input, allowance: allowance(input), countyAsOf: input.county.asOf === neverToldAsOf ? null : input.county.asOf };
}

/** Of accounts that the county never spoke of. */
const neverToldAsOf = 0;

/** Everything the rule of spending asks of an account, now. */
export function spendingInput(engine: Engine, accountId: string): SpendingInput {
  const { book, reference } = selling(engine);
  const account = accountState(book.db, accountId, currentDay(engine));
  return {
    scheme: reference.scheme,
    counters: account.counters,
    county: {
      balance: account.balance,
      asOf: account.balanceAsOf ?? neverToldAsOf,
      spentHereSince: account.spentHereSince,
      creditedHereSince: account.creditedHereSince,
    },
    roamCap: account.roamCap,
    kioskRoaming: account.kioskRoaming,
    daysSinceDown: daysSinceDown(engine),
    spentToday: account.spentToday,
    isFrozen: isFrozen(book.db),
  };
}

/**
 * The cart with the goods as the county last sent them. Lines that stand no more were taken off when the file came (cart.ts,
 * dropGoneLines); a price that is gone gives way to the other one. The scale's bytes are not a matter of prices.
 */
export function currentLines(engine: Engine, lines: readonly DraftLine[] = engine.draft.lines): readonly CartLine[] {
  const { goods } = selling(engine).reference;
  return lines.flatMap((line) => {
    const { lineId, goodsId, quantity, pricedIn, weighed } = line;
    const found = goods.get(goodsId);
    if (found === undefined || !stillStands(engine, line)) return [];
    const isGone = (pricedIn === 'yuan' ? found.priceFen : found.pricePoints) === null;
    return [
      {
        lineId,
        quantity,
        goods: found,
        pricedIn: isGone ? (pricedIn === 'yuan' ? 'points' : 'yuan') : pricedIn,
        ...(weighed === undefined ? {} : { weighed: withoutProof(weighed) }),
      },
    ];
  });
}

/** Whether a line can be sold as it is, after whatever the county sent since it was rung up. */
export function stillStands(engine: Engine, { goodsId, weighed }: Pick<DraftLine, 'goodsId' | 'weighed'>): boolean {
  const { goods, scheme } = selling(engine).reference;
  const found = goods.get(goodsId);
  return found?.onSale === true && takesWeight(scheme, found, weighed);
}

function withoutProof(weighed: SaleWeight): CartWeight {
  if (weighed.by !== 'scale') return weighed;
  const { proof: _, ...shown } = weighed;
  return { ...shown, tare: shownTare(shown.tare) };
}

/** Names what a confirm key confirms: this resident and these goods at these prices, not just the same sums. */
export function cartDigest(engine: Engine, quoted: Quote): string {
  const { saleId, resident } = engine.draft;
  const lines = quoted.lines.map(({ goodsId, quantity, pricedIn, unitPrice, totalFen }) => [
    goodsId,
    quantity,
    pricedIn,
    unitPrice,
    totalFen,
  ]);
  // lists keep their order, so plain JSON has one spelling too; of a hundred lines it is ready ten times sooner
  return hash('sha256', JSON.stringify([saleId, resident?.id ?? null, lines]), 'base64url');
}

/** What the cart costs, for the resident of the cart. */
export function currentQuote(engine: Engine, who = currentResident(engine), lines = currentLines(engine)): Quote {
  const { scheme } = selling(engine).reference;
  return quote({
    scheme,
    lines,
    usable: who?.allowance.usable ?? null,
    chosenPoints: engine.draft.chosenPoints,
  });
}

/** What is left of every roaming allowance here by the age of the county's newest file: the rule's own days (db/model/spending.ts). */
export function roamingShare(engine: Engine): RoamingShare {
  const { staleDays, halfAfterDays } = selling(engine).reference.scheme.roaming;
  const days = daysSinceDown(engine);
  return days > staleDays ? 'none' : days > halfAfterDays ? 'half' : 'whole';
}

/** Whole days since the county's last file. A clock that is earlier than that file, or than the shift, is wrong; one set back a
 * little is not believed either: the book knows of a later time. */
function daysSinceDown(engine: Engine): number {
  const { book } = selling(engine);
  const last = lastDown(book.db);
  const now = engine.clock.wallMs();
  if (last === null) return neverHeard;
  const shiftStart = engine.shift === null ? 0 : Date.parse(`${engine.shift.businessDate}T00:00:00+08:00`);
  if (now < Math.max(last.asOf, shiftStart) - dayMs) return neverHeard;
  return Math.max(0, Math.floor((Math.max(now, book.lastAt()) - last.asOf) / dayMs));
}
