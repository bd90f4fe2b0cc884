// How often somebody may try to sign in to the clerk's pages. Wrong tries are counted for a name from one source, so that a stranger elsewhere
// keeps no clerk from his own desk; and for a name from all sources where it never signed in, since one IPv6 /48 has 65,536 of them. A name
// that is not there is counted just the same, so that no wait tells which names are. Kept in memory and bounded; nothing here writes to the
// disk. A restart of the server forgets it, and no stranger restarts it.

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
  /** It was the right password: that source is that name's own from now on. */
  right(of: TryOf, now: TryTime): void;
}

/** Who is signed in is no stranger: whoever tries the password of an open session waits by that name, wherever the page is. */
export const openSession = 'session';

/** What all sources where a name never signed in may try it, in the hour that begins with the first try. */
const strangersTries = 100;
const strangersHourMs = 60 * 60_000;
/** How long a source is a name's own after it signed in there, while the server runs. */
const ownMs = 30 * 24 * 60 * 60_000;

/** A county's office has a handful of desks. Who has enough addresses to push others out needs no room here: each address begins anew. */
const keptMax = 10_000;

interface Hour {
  readonly beganMs: number;
  readonly count: number;
}

/**
 * Waits as at the till (db/model/pin.ts): five tries, then after 30 s, doubling to a quarter of an hour, never for ever. Where that name never
 * signed in one waits besides, after a hundred tries of all such sources, until their hour is over.
 */
export function newSignInTries(max = keptMax): SignInTries {
  const kept = new Map<string, Tries>(); // the one that was tried last stands last
  const own = new Map<string, number>(); // when that name signed in there last, monotonic ms; only right passwords make one
  const hours = new Map<string, Hour>();
  const isOwn = ({ source }: TryOf, key: string, { monoMs }: TryTime): boolean =>
    source === openSession || monoMs - (own.get(key) ?? -Infinity) < ownMs;
  return {
    begin(of, now) {
      const [key, place] = [keyOf(of), placeOf(of.name)];
      const before = kept.get(key) ?? noTries;
      const hour = hourAt(hours.get(place), now);
      const isStranger = !isOwn(of, key, now);
      const waitMs = Math.max(lockout(before, now), isStranger ? hourWait(hour, now) : 0);
      if (waitMs > 0) return waitMs;
      putLast(kept, { key, value: countTry(before, now) }, max);
      if (isStranger) hours.set(place, { ...hour, count: hour.count + 1 });
      return 0;
    },
    right(of, now) {
      const [key, place] = [keyOf(of), placeOf(of.name)];
      kept.delete(key);
      const hour = hourAt(hours.get(place), now);
      if (!isOwn(of, key, now)) hours.set(place, { ...hour, count: Math.max(0, hour.count - 1) }); // begin counted it, and it was not wrong
      if (of.source !== openSession) putLast(own, { key, value: now.monoMs }, max);
    },
  };
}

function hourAt(hour: Hour | undefined, { monoMs }: TryTime): Hour {
  return hour === undefined || monoMs - hour.beganMs >= strangersHourMs ? { beganMs: monoMs, count: 0 } : hour;
}

function hourWait({ beganMs, count }: Hour, { monoMs }: TryTime): number {
  return count < strangersTries ? 0 : beganMs + strangersHourMs - monoMs;
}

/** The one put last stands last; beyond `max` the eldest goes. */
function putLast<Value>(map: Map<string, Value>, { key, value }: { readonly key: string; readonly value: Value }, max: number): void {
  map.delete(key);
  map.set(key, value);
  const [eldest] = map.keys();
  if (map.size > max && eldest !== undefined) map.delete(eldest);
}

/**
 * Where a name's hour is counted: one of 65,536 places, so that none is ever pushed out, whatever names are tried. Two names may share one;
 * to fill it for the other takes as many tries as to fill it by its own name.
 */
function placeOf(name: string): string {
  return hash('sha256', name, 'hex').slice(0, 4);
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
