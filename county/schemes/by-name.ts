// The counties a demo can be made of, by the word typed after --scheme.

import { changyuan } from './changyuan.ts';
import type { CountyPlan } from './county-plan.ts';
import { lanping } from './lanping.ts';
import { qiongjie } from './qiongjie.ts';
import { tongyu } from './tongyu.ts';
import { zhenlai } from './zhenlai.ts';

export const plans = { qiongjie, tongyu, lanping, changyuan, zhenlai } as const satisfies { readonly [name: string]: CountyPlan };

export type PlanName = keyof typeof plans;

/** Whether `name` is a county of the demo. */
export function isPlanName(name: string): name is PlanName {
  return Object.hasOwn(plans, name);
}
