// Who shops where: in a small county anybody anywhere, in one with a town as reconciliation.md A5 has it. Does nothing there.

import type { Random } from './random.ts';
import { type Resident, type Template, neighboursOf } from './template.ts';

/** Of a hundred visits of a resident: at home, in the town, at a neighbour; what is left anywhere (A5). */
const mix = { home: 85, town: 10, neighbour: 3 } as const;

export interface Visits {
  /** False: a shop is drawn first, and then whoever comes there. */
  readonly isByHome: boolean;
  /** The shop that a resident goes to. */
  shopOf(resident: Resident): string;
  /** Somebody who comes to a shop. */
  visitorOf(shop: string): Resident;
  /** From now on an account is at home there. */
  moved(account: string, to: string): void;
}

export function newVisits({ kiosks, town, residents }: Pick<Template, 'kiosks' | 'town' | 'residents'>, random: Random): Visits {
  const homes = new Map(residents.map(({ account, home }) => [account, home]));
  return {
    isByHome: town !== null,
    shopOf({ account, home: first }) {
      const home = homes.get(account) ?? first;
      const drawn = random.below(100);
      if (town === null || drawn >= mix.home + mix.town + mix.neighbour) return random.pick(kiosks);
      if (drawn < mix.home) return home;
      if (drawn < mix.home + mix.town && home !== town) return town;
      return random.pick(neighboursOf(kiosks, home)); // who lives in the town goes to neighbours instead
    },
    visitorOf(shop) {
      const atHome = town === null ? [] : residents.filter(({ account }) => homes.get(account) === shop);
      return atHome.length > 0 && random.below(100) < mix.home ? random.pick(atHome) : random.pick(residents);
    },
    moved: (account, to) => void homes.set(account, to),
  };
}
