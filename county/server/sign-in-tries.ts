// How often somebody may try to sign in to the clerk's pages: wrong tries are counted for a name from one source, so that a stranger elsewhere
// keeps no clerk from his own desk, and for a name that is not there just the same, so that no wait tells which names are. Kept in memory and
// bounded: strangers write nothing to the disk. A restart of the server forgets it, and no stranger restarts it.

import { hash } from 'node:crypto';
import { type Tries, type TryTime, countTry, lockout, noTries } from '../../db/model/pin.ts';

/** Whose try it is: a name as it was typed, and where it came from (sourceOf). */
export interface TryOf {
  readonly name: string;
  readonly source: string;
}

export interface SignInTries {
  /** How long until that name may be tried from there, in ms; 0: now, and the try is counted before anything of it is looked at. */
  begin(of: TryOf, now: TryTime): number;
  /** It was the right password. */
  right(of: TryOf): void;
}

/** A county's office has a handful of desks. Who has enough addresses to push others out needs no room here: each address begins anew. */
const keptMax = 10_000;

/** Waits as at the till (db/model/pin.ts): five tries, then after 30 s, doubling to a quarter of an hour, never for ever. */
export function newSignInTries(max = keptMax): SignInTries {
  const kept = new Map<string, Tries>(); // the one that was tried last stands last
  return {
    begin(of, now) {
      const key = keyOf(of);
      const before = kept.get(key) ?? noTries;
      const waitMs = lockout(before, now);
      if (waitMs > 0) return waitMs;
      kept.delete(key);
      kept.set(key, countTry(before, now));
      const [eldest] = kept.keys();
      if (kept.size > max && eldest !== undefined) kept.delete(eldest);
      return 0;
    },
    right: (of) => void kept.delete(keyOf(of)),
  };
}

/** One size, whatever is typed as a name. */
function keyOf({ name, source }: TryOf): string {
  return hash('sha256', JSON.stringify([source, name]), 'base64url');
}

/** What counts as one source: an IPv4 address; of IPv6 the first 64 bits, since whoever has one of those has them all. */
export function sourceOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  const [left = '', right] = address.toLowerCase().split('%')[0]!.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const groups =
    right === undefined ? before : [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
