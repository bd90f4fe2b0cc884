// A resident as the page shows one: masked, with the group, the village and what may be spent. Never a full name.

import { points } from '../../db/model/amounts.ts';
import { type Resident, maskName } from '../../db/model/catalogue.ts';
import type { ResidentView } from '../ipc/snapshot.ts';
import type { Draft } from './draft.ts';
import { mayDraw } from './draw.ts';
import { currentResident } from './quote.ts';
import { type Engine, selling } from './till.ts';

/** The resident of a card that was scanned, with what they may spend here now; null without a card. */
export function residentView(engine: Engine, card: Draft['resident']): ResidentView | null {
  const found = currentResident(engine, card);
  if (found === null) return null;
  const { resident, allowance, countyAsOf, input } = found;
  return {
    ...shownOf(engine, resident),
    language: resident.language,
    // rights of a voucher may be younger than the balance: nobody is shown less in the county than lies here
    allowance: { ...allowance, countyBalance: points(Math.max(allowance.countyBalance, allowance.rights)) },
    countyAsOf,
    isCountyZero: countyAsOf !== null && input.county.balance === 0,
    isHome: input.counters.granted > 0 && input.roamCap === 0,
    mayDraw: mayDraw(engine, allowance),
  };
}

/** What tells residents apart on the screen, and no more. */
export function shownOf(engine: Engine, resident: Resident): Pick<ResidentView, 'masked' | 'group' | 'village'> {
  const group = selling(engine).reference.scheme.groups.find((each) => each.id === resident.group);
  return {
    masked: maskName(resident.name),
    group: { zh: group?.zh ?? resident.group, bo: group?.bo ?? null },
    village: resident.village,
  };
}
