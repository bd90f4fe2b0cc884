// The roots of the county's log, read again from its kept files: signed, each proved to continue the one before, and what the committee
// signed of them (R6, 29).

import { type Watched, nextWatched } from './county-roots.ts';
import { type Told, takenByNotice } from './model/committee.ts';
import type { DownHeader } from './model/down-file.ts';
import type { BookEvent } from './model/event.ts';
import type { LogHead } from './model/log-root.ts';
import { businessDate, dayMs } from './model/time.ts';
import { Lie, counted } from './verify-lie.ts';

/** What a file brought of them. */
interface Brought {
  readonly root: LogHead | null;
  /** Keys of the committee that were not known before, and how many were. */
  readonly members: readonly Told[];
  readonly known: number;
  /** A root that the committee signed and that is newer than the one before. */
  readonly cosigned: LogHead | null;
}

export interface CountyRoots {
  /** The file that comes next, the hash that its note signs, and the keys that were in force before it. */
  take(header: DownHeader, of: { readonly fileKeys: readonly Uint8Array[]; readonly sha256: string; readonly place: string }): Brought;
  /** A person took a printed notice. */
  notice(event: BookEvent & { readonly kind: 'NOTICE_TAKEN' }, place: string): void;
  report(): string;
  /** What people took by notice, a sentence each. */
  notices(): readonly string[];
  /** What the committee signed, and how long ago that came; null where no file named one. */
  committee(): string | null;
}

export function countyRoots(): CountyRoots {
  let known: Watched = { held: null, members: [], cosigned: null };
  let count = 0;
  /** When the newest co-signed root came, and the newest file, by the county's time. */
  let [cosignedAt, heardAt, named] = [0, 0, 0];
  /** By the hash of the file. */
  const excused = new Map<string, string>();
  const taken: string[] = [];
  return {
    notice({ body }, place) {
      if (body.about === 'file') {
        excused.set(body.sha256, place);
        return;
      }
      const members = takenByNotice(known.members, body);
      if (members === null) throw new Lie('county roots', place, `takes a key of the committee, ${body.name}, that waits for no notice`);
      known = { ...known, members };
      taken.push(`${place}: ${body.by} compared the key ${body.name} with the county's printed notice: no key before it named this one`);
    },
    take(header, { fileKeys, sha256, place }) {
      const plain = nextWatched(known, header, fileKeys);
      const excuse = excused.get(sha256);
      const next = plain.ok || excuse === undefined ? plain : nextWatched(known, header, fileKeys, true);
      if (!next.ok) throw new Lie('county roots', place, faults[next.code]);
      if (!plain.ok)
        taken.push(`${excuse}: file ${header.downSeq} ${faults[plain.code]}; it was taken without that, by the county's printed notice`);
      const before = known;
      known = next.value;
      heardAt = header.asOf;
      if (before.members.length === 0 && known.members.length > 0) named = header.asOf;
      const isNewer = known.cosigned !== before.cosigned;
      if (isNewer) cosignedAt = header.asOf;
      if (header.countyRoot !== undefined) count += 1;
      return {
        root: header.countyRoot === undefined ? null : known.held,
        members: known.members.slice(before.members.length),
        known: before.members.length,
        cosigned: isNewer ? known.cosigned : null,
      };
    },
    report: () =>
      known.held === null
        ? "none was given: the county's log is not open yet"
        : `${counted(count, 'root')} of the county's log, each signed and proved to continue the one before, through entry ${known.held.size.toLocaleString('en')}`,
    notices: () => taken,
    committee() {
      const inForce = known.members.findLast(({ isBelieved }) => isBelieved);
      if (inForce === undefined) return null;
      const newest = known.members.at(-1)!; // one at least
      const waits = newest.isBelieved ? '' : `; ${newest.name} is to follow by a printed notice, which nobody of the shop has taken`;
      const since = (at: number): string => `${counted(Math.floor((heardAt - at) / dayMs), 'day')} before the newest file`;
      return known.cosigned === null
        ? `${inForce.name} has signed no root yet; it was named ${since(named)}${waits}`
        : `${inForce.name} signed with the county through entry ${known.cosigned.size.toLocaleString('en')}, which came on ${businessDate(cosignedAt)}, ${since(cosignedAt)}${waits}`;
    },
  };
}

const faults = {
  signature: "brings a root that is not signed with the county's key",
  malformed: "brings no root of the county's log",
  log_forked: "brings a root that does not continue the one before: the county's log was forked",
  committee: 'brings what the committee has not signed, or another committee that the one before did not name',
} as const;
