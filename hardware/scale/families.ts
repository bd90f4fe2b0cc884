// All families of scales by name (hardware.md A.1), for who opens a link and who lists them. Reads nothing itself.

import { stUs } from './families/st-us.ts';
import { cas22 } from './families/cas-22.ts';
import { kunhong } from './families/kunhong.ts';
import { stxBlock } from './families/stx-block.ts';
import { yaohuaA9 } from './families/yaohua-a9.ts';
import { yaohuaWw } from './families/yaohua-ww.ts';
import { reversed } from './families/reversed.ts';
import { dahua } from './families/dahua.ts';
import { mettler8217 } from './families/mettler-8217.ts';
import { mtSics } from './families/mt-sics.ts';
import { toledoContinuous } from './families/toledo-continuous.ts';
import { nciEcr } from './families/nci-ecr.ts';
import { ohaus } from './families/ohaus.ts';
import type { Family, FamilyName } from './reading.ts';

const byName: Readonly<Record<FamilyName, Family>> = {
  'st-us': stUs,
  'cas-22': cas22,
  kunhong,
  'stx-block': stxBlock,
  'yaohua-a9': yaohuaA9,
  'yaohua-ww': yaohuaWw,
  reversed,
  dahua,
  'mettler-8217': mettler8217,
  'mt-sics': mtSics,
  'toledo-continuous': toledoContinuous,
  'nci-ecr': nciEcr,
  ohaus,
};

/** In the order in which hardware.md recommends them. */
export const families: ReadonlyMap<FamilyName, Family> = new Map(Object.values(byName).map((family) => [family.name, family]));

/** For a name that is known to be one. */
export function familyNamed(name: FamilyName): Family {
  return byName[name];
}
