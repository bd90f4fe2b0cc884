// All families of scales by name (hardware.md A.1), for who opens a link and who lists them. Reads nothing itself.

import { stUs } from './families/st-us.ts';
import { yaohuaA9 } from './families/yaohua-a9.ts';
import type { Family, FamilyName } from './reading.ts';

export const families: ReadonlyMap<FamilyName, Family> = new Map([stUs, yaohuaA9].map((family) => [family.name, family]));

/** For a name that is known to be one. */
export function familyNamed(name: FamilyName): Family {
  const family = families.get(name);
  if (family === undefined) throw new Error(`no such family of scales: ${name}`);
  return family;
}
