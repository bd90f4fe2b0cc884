// PINs of operators: how they are hashed, which are refused, and how long the till waits after wrong ones (security.md 6).
// Never keeps a PIN, and never asks the wall clock for leave.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { assert } from './result.ts';

/** N = 2^15, r = 8, p = 3 costs 0.2 s and 32 MiB here: a PIN has a million values, so this only slows a thief down. */
const cost = { ln: 15, r: 8, p: 3 };
const saltBytes = 16;
const hashBytes = 32;
/** 128·N·r is what one hash needs. A stored hash that asks for more is not obeyed; today's asks for 32 MiB. */
const memoryBytesMax = 128 * 1024 * 1024;
const parallelMax = 8;

/** `scrypt$ln=15,r=8,p=3$salt$hash`, base64url. A salt of one's own makes demo data the same every time. */
export async function hashPin(pin: string, salt: Uint8Array = randomBytes(saltBytes)): Promise<string> {
  assert(/^\d{6}$/.test(pin), 'a PIN has six digits');
  return await hashSecret(pin, salt);
}

/** The same of a longer secret: a password of the county's clerks. verifyPin compares both. */
export async function hashSecret(pin: string, salt: Uint8Array = randomBytes(saltBytes)): Promise<string> {
  assert(salt.length >= saltBytes, 'a salt has at least 16 bytes');
  const hash = await derive(pin, salt, { ...cost, hashBytes });
  return `scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64url(salt)}$${base64url(hash)}`;
}

/**
 * Whether the PIN is the stored one, in time that does not depend on where they differ; and whether to hash it anew
 * because the parameters have changed since. A stored text that is no hash is simply not ok.
 */
export async function verifyPin(pin: string, stored: string): Promise<{ readonly ok: boolean; readonly rehash: boolean }> {
  const parts = parseStored(stored);
  if (parts === null) return { ok: false, rehash: false };
  const hash = await derive(pin, parts.salt, { ...parts, hashBytes: parts.hash.length });
  const matches = timingSafeEqual(hash, parts.hash);
  const current = parts.ln === cost.ln && parts.r === cost.r && parts.p === cost.p && parts.hash.length === hashBytes;
  return { ok: matches, rehash: matches && !current };
}

/** PINs that a colleague guesses first: one digit, runs, repeated or doubled patterns, keypad columns, dates. */
export function isWeakPin(pin: string): boolean {
  const digits = pin.split('').map(Number);
  const steps = digits.slice(1).map((digit, index) => (digit - digits[index]! + 10) % 10);
  const isRun = steps.every((step) => step === steps[0]) && [0, 1, 9].includes(steps[0]!); // 0 stays, 1 climbs, 9 falls
  const isPattern = /^(\d\d)\1\1$|^(\d{3})\2$|^(\d)\3(\d)\4(\d)\5$|^(\d)\6\6(\d)\7\7$/.test(pin); // 121212 123123 112233 111222
  return isRun || isPattern || keypadColumns.has(pin) || isDate(pin);
}

const keypadColumns: ReadonlySet<string> = new Set(['147258', '258369', '741852', '852963', '159357', '357159', '147369', '159753']);

/** Year and month (198503), or six digits of a date in the orders people use: 850314 and 140385. */
function isDate(pin: string): boolean {
  const [first, second, third] = [pin.slice(0, 2), pin.slice(2, 4), pin.slice(4, 6)].map(Number) as [number, number, number];
  const isMonth = (value: number) => value >= 1 && value <= 12;
  const isDay = (value: number) => value >= 1 && value <= 31;
  const isYearAndMonth = (first === 19 || first === 20) && isMonth(third);
  return isYearAndMonth || (isMonth(second) && isDay(third)) || (isDay(first) && isMonth(second));
}

/** Tries without a wait, the first wait, and the longest: a till locked for ever is worse than a guessed PIN. */
const freeTries = 5;
const firstWaitMs = 30_000;
const longestWaitMs = 15 * 60_000;

/** The moment of a try. */
export interface TryTime {
  /** For the record; decides nothing. */
  readonly wallMs: number;
  /** Monotonic ms since bootId was made. */
  readonly monoMs: number;
  /** Made anew at every start of the engine. */
  readonly bootId: string;
}

/** What is stored of an operator's tries since the last right PIN. */
export interface Tries {
  readonly count: number;
  /** Wait that began at bootId, monoMs. */
  readonly waitMs: number;
  readonly bootId: string;
  readonly monoMs: number;
  /** Wall clock of the last try, for the record. */
  readonly lastAt: number;
}

/** After a right PIN, and before the first. */
export const noTries: Tries = { count: 0, waitMs: 0, bootId: '', monoMs: 0, lastAt: 0 };

/**
 * How long until the next try, 0: now. Only time that this engine has run counts: within a start the monotonic clock,
 * after another start no more than it has been up. So neither a restart nor the wall clock shortens a wait, and fifteen
 * minutes of running end any. Between two right PINs no hour sees more than 12 tries: 5, then after 30 s, 1, 2, 4, 8, 15,
 * 15 min; later 4 an hour.
 */
export function lockout(tries: Tries, now: TryTime): number {
  const ran = now.bootId === tries.bootId ? now.monoMs - tries.monoMs : now.monoMs;
  return Math.min(tries.waitMs, Math.max(0, tries.waitMs - ran));
}

/**
 * What to store, durably, before the PIN is even looked at: a try cut short by a crash, or ten at once, are then tries too.
 * A right PIN stores noTries. Throws while the wait lasts: the caller asks lockout first.
 */
export function countTry(tries: Tries, now: TryTime): Tries {
  assert(lockout(tries, now) === 0, 'a try during the wait');
  const count = tries.count + 1;
  const doublings = Math.min(count - freeTries, 10); // 30 s · 2^10 is far beyond the longest
  const waitMs = count < freeTries ? 0 : Math.min(firstWaitMs * 2 ** doublings, longestWaitMs);
  return { count, waitMs, bootId: now.bootId, monoMs: now.monoMs, lastAt: now.wallMs };
}

interface Parameters {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly hashBytes: number;
}

function derive(pin: string, salt: Uint8Array, { ln, r, p, hashBytes }: Parameters): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 2 * memoryBytesMax }; // Node's default of 32 MiB refuses our own cost
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, hashBytes, options, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}

function parseStored(stored: string) {
  const match = /^scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9_-]{22,64})\$([A-Za-z0-9_-]{43,86})$/.exec(stored);
  if (match === null) return null;
  const [ln, r, p] = match.slice(1, 4).map(Number) as [number, number, number]; // three groups of digits
  const inBounds = ln >= 1 && r >= 1 && p >= 1 && p <= parallelMax && 128 * 2 ** ln * r <= memoryBytesMax;
  if (!inBounds) return null;
  return { ln, r, p, salt: Buffer.from(match[4]!, 'base64url'), hash: Buffer.from(match[5]!, 'base64url') };
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
