// Seeds that once broke an invariant, each with what it found: they run with every change (simulate.slow.test.ts). A seed is what it is
// for the kiosks, days and code of its time: each bug has its own test besides, where it was mended.

export const keptSeeds: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 1, found: 'a file with a return of goods could not be posted at all' },
  { seed: 3, found: 'goods that came back did not reduce what their roaming had left overdrawn' },
  { seed: 4, found: 'what was funded and came back was due a second time while it lay in clearing' },
  { seed: 11, found: 'a damaged file in the inbox with its right note was never fetched again' },
  { seed: 149, found: 'half an upload of a file that a restored kiosk no longer had kept its next one from ever going up' },
  { seed: 65, found: 'a late copy of a forked file quarantined the kiosk again, with no exception that anybody could answer' },
  {
    seed: 21,
    found: 'an award that the book had when there was no room for its paper was none to the simulator: its clerks had heard of a failure',
  },
  { seed: 2006, found: 'a put-back county paid a due first that came after a grant, and wrote the grant off' },
  { seed: 2015, found: 'work that waited for the book of a county that had just died was taken for a fault of the county' },
];
