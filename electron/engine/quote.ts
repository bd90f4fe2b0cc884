// What the cart on the screen costs now, with today's prices, rules and rights. Read anew each time: nothing is cached
// that a down-file or a sale could change.

import { accountState, findResident, lastDown } from '../../db/reference.ts';
import type { Resident } from '../../db/model/catalogue.ts';
import { type CartLine, type Quote, quote } from '../../db/model/checkout.ts';
import { type Allowance, type SpendingInput, allowance } from '../../db/model/spending.ts';
import { dayMs } from '../../db/model/time.ts';
import { type Engine, currentDay, selling } from './till.ts';

/** A wrong clock is as if the county had never written: roaming stops, rights held here go on (R6, 30). */
const neverHeard = 100_000;

/** The resident of the cart and what they may spend, or null. */
export function currentResident(engine: Engine): {
  readonly resident: Resident;
  readonly input: SpendingInput;
  readonly allowance: Allowance;
  readonly countyAsOf: number | null;
} | null {
  const { book, reference } = selling(engine);
  if (engine.draft.resident === null) return null;
  const resident = findResident(book.db, engine.draft.resident.id);
  if (resident === null) return null;
  const account = accountState(book.db, resident.accountId, currentDay(engine));
  const input: SpendingInput = {
    scheme: reference.scheme,
    counters: account.counters,
    county: { balance: account.balance, asOf: account.balanceAsOf ?? 0, spentHereSince: account.spentHereSince },
    roamCap: account.roamCap,
    kioskRoaming: account.kioskRoaming,
    daysSinceDown: daysSinceDown(engine),
    spentToday: account.spentToday,
  };
  return { resident, input, allowance: allowance(input), countyAsOf: account.balanceAsOf };
}

/** The cart with the goods as the county last sent them; goods that are gone are left out. */
export function currentLines(engine: Engine): readonly CartLine[] {
  const { goods } = selling(engine).reference;
  return engine.draft.lines.flatMap(({ goodsId, ...line }) => {
    const found = goods.get(goodsId);
    return found === undefined ? [] : [{ ...line, goods: found }];
  });
}

/** What the cart costs, for the resident of the cart. */
export function currentQuote(engine: Engine, who = currentResident(engine)): Quote {
  const { scheme } = selling(engine).reference;
  return quote({
    scheme,
    lines: currentLines(engine),
    usable: who?.allowance.usable ?? null,
    chosenPoints: engine.draft.chosenPoints,
  });
}

/** Whole days since the county's last file. A clock that is earlier than that file, or than the shift, is wrong. */
function daysSinceDown(engine: Engine): number {
  const { book } = selling(engine);
  const last = lastDown(book.db);
  const now = engine.clock.wallMs();
  if (last === null) return neverHeard;
  const shiftStart = engine.shift === null ? 0 : Date.parse(`${engine.shift.businessDate}T00:00:00+08:00`);
  if (now < Math.max(last.asOf, shiftStart) - dayMs) return neverHeard;
  return Math.max(0, Math.floor((now - last.asOf) / dayMs));
}
