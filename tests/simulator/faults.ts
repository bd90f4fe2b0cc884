// What may go wrong in a run. Each seed turns some of it on, as a swarm of runs does (Groce et al., "Swarm Testing"): a run in which
// everything fails at once seldom comes to where one thing fails deep inside.

import type { Random } from './random.ts';

export const faultNames = [
  'lose', // requests and answers vanish
  'truncate', // a line breaks off in the middle
  'flip', // one bit is another
  'repeat', // what was sent comes again, days later
  'stick', // files are carried by hand, for up to thirty days
  'offline', // a kiosk has no line for days
  'crash', // the power goes between two writes, at a kiosk or at the county
  'full', // a disk has no room for a while
  'restore', // a kiosk's disk is lost, and a backup is put back as it should be
  'image', // an old image of a kiosk's disk is put back, and nobody says so
  'county', // the county's disk is lost, and an old copy of its book is put back, with or without what lay beside it
  'home', // residents move
  'keys', // keys of the county and of kiosks are changed, and old ones ended
  'clerk', // one forges what another signed, releases alone, or what was withdrawn
  'clock', // a clock is years ahead, years behind, or goes back: of a kiosk, or of the county
] as const;
export type FaultName = (typeof faultNames)[number];

/** About every other fault; one seed in eight has none, so that a bug of the plain way is seen as such. */
export function swarm(random: Random): ReadonlySet<FaultName> {
  if (random.chance(1 / 8)) return new Set();
  return new Set(faultNames.filter(() => random.chance(1 / 2)));
}
