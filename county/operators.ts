// The people behind the counter of a demo shop, with PINs that are printed in its README: never for a real shop.

import type { Operator, OperatorRole } from '../db/model/catalogue.ts';
import { hashPin } from '../db/model/pin.ts';
import { lot } from './lots.ts';
import { demoSalt } from './keys.ts';
import { personName } from './people.ts';
import { type County, shopOf } from './roster.ts';

/** One operator with the PIN that opens the till. */
export interface DemoOperator {
  readonly operator: Operator;
  readonly pin: string;
}

/** R35: administrators of mixed skill, about six a shop; four are enough to show every role. */
const posts: readonly { readonly role: OperatorRole; readonly pin: string }[] = [
  { role: 'cashier', pin: '258036' },
  { role: 'cashier', pin: '258036' },
  { role: 'staff', pin: '407192' },
  { role: 'owner', pin: '864209' },
];

/** The PIN hashes of a county: one a post and not one a shop, since each costs 0.2 s. */
export function hashDemoPins(county: County): Promise<readonly string[]> {
  return Promise.all(posts.map(({ pin }, post) => hashPin(pin, demoSalt(county.plan.code, county.seed, post))));
}

/** The operators of one shop; `pinHashes` are those of hashDemoPins. */
export function operatorsOf(county: County, store: number, pinHashes: readonly string[]): readonly DemoOperator[] {
  return posts.map(({ role, pin }, post) => ({
    pin,
    operator: {
      id: `${shopOf(county, store).kiosk}-${post + 1}`,
      name: personName(county.plan.people.names, county.seed, store * posts.length + post, lot.operator),
      role,
      pinHash: pinHashes[post]!, // one a post
      active: true,
    },
  }));
}
