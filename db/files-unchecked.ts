// What could not be checked of a folder of files, and why, in words for who sees such a folder for the first time. Who reads that all holds
// is to know of what.

import { counted } from './verify-lie.ts';

/** A check that was not made, by its name, and why. */
export interface NotChecked {
  readonly check: 'files' | 'county log' | 'awards' | 'refused';
  readonly why: string;
}

/** Where no log lies beside the files. `unseen`: kiosks that the keys name and of which nothing is here. */
export function withoutLog(unseen: readonly string[]): readonly NotChecked[] {
  const without = 'no folder log is here, so nothing tells';
  const open: NotChecked[] = [];
  if (unseen.length > 0) open.push({ check: 'files', why: `nothing is here of ${listed(unseen)}, which the keys name` });
  open.push({ check: 'county log', why: `${without} whether the county left out, changed or held back a file` });
  open.push({ check: 'awards', why: `${without} whether more points were given than awarded` });
  return open;
}

/** How many files of a kiosk the log names that are not here: its own, and those of the county to it. */
export interface MissingFiles {
  readonly up: number;
  readonly down: number;
}

/** What a log that is here names, and the files beside it do not bear out. */
export interface LogGaps {
  /** By kiosk. */
  readonly missing: ReadonlyMap<string, MissingFiles>;
  /** Files that carry a root of more entries than it has here. */
  readonly longer: number;
  /** Why nobody can tell whether more was given than awarded; none: it was told. */
  readonly unknown: readonly string[];
  /** What was given and awarded, in a sentence. */
  readonly reckoned: string;
}

/** Where a log lies beside the files. */
export function besideLog({ missing, longer, unknown, reckoned }: LogGaps): readonly NotChecked[] {
  const open: NotChecked[] = [];
  const shops = [...missing].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([kiosk, of]) => `${kiosk} (${missingText(of)})`);
  if (shops.length > 0) open.push({ check: 'files', why: `the log names files that are not here, of ${listed(shops)}` });
  if (longer > 0) {
    const files = counted(longer, 'file');
    open.push({
      check: 'county log',
      why: `${files} to kiosks carry a root of a longer log than the one that lies here: the rest of it is not here`,
    });
  }
  if (unknown.length > 0) {
    const because = unknown.join('; ');
    open.push({ check: 'awards', why: `whether more was given than awarded cannot be told in this folder (${because}): ${reckoned}` });
  }
  return open;
}

/** Of one kiosk: 2 of its own, 4 of the county. */
function missingText({ up, down }: MissingFiles): string {
  return [...(up === 0 ? [] : [`${up} of its own`]), ...(down === 0 ? [] : [`${down} of the county`])].join(', ');
}

/** As many as a line has room for. */
export function listed(names: readonly string[]): string {
  const more = names.length - namedMax;
  return `${names.slice(0, namedMax).join(', ')}${more > 0 ? ` and ${counted(more, 'other')}` : ''}`;
}

const namedMax = 30;

/** The last line of a check that found no lie: what holds, and what nobody looked at. */
export function outcomeText(notChecked: readonly NotChecked[]): string {
  if (notChecked.length === 0) return 'every check holds';
  const checks = [...new Set(notChecked.map(({ check }) => check))];
  return `every check that could be made holds; not checked: ${checks.join(', ')} (see above)`;
}
