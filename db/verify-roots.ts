// The roots of the county's log, read again from its kept files: signed, and each proved to continue the one before (R6, 29).

import { nextCountyRoot } from './county-roots.ts';
import type { DownHeader } from './model/down-file.ts';
import type { LogHead } from './model/log-root.ts';
import { Lie, counted } from './verify-lie.ts';

export interface CountyRoots {
  /** The file that comes next, beside the keys that were in force before it. Returns the root that it brings, or null. */
  take(header: DownHeader, fileKeys: readonly Uint8Array[], place: string): LogHead | null;
  report(): string;
}

export function countyRoots(): CountyRoots {
  let held: LogHead | null = null;
  let count = 0;
  return {
    take(header, fileKeys, place) {
      const next = nextCountyRoot(held, header, fileKeys);
      if (!next.ok) throw new Lie('county roots', place, faults[next.code]);
      held = next.value;
      if (header.countyRoot === undefined) return null;
      count += 1;
      return held;
    },
    report: () =>
      held === null
        ? "none was given: the county's log is not open yet"
        : `${counted(count, 'root')} of the county's log, each signed and proved to continue the one before, through entry ${held.size.toLocaleString('en')}`,
  };
}

const faults = {
  signature: "brings a root that is not signed with the county's key",
  malformed: "brings no root of the county's log",
  log_forked: "brings a root that does not continue the one before: the county's log was forked",
} as const;
