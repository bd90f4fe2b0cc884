// Machines that die and disks that fill: between any two writes of the real code, to files or to SQLite, a machine may stop for good, or
// find no room for a while. Patches Node and the driver for this process, which is why the simulator runs in processes of its own.

import crypto from 'node:crypto';
import fs from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { Writable } from 'node:stream';
import Database from 'better-sqlite3';
import { privateKeyFromSeed } from '../../db/model/keys.ts';
import { type Random, randomOf } from './random.ts';

/** A power cut: everything that this machine does from here on fails, until it is started again. */
export class PowerCut extends Error {
  constructor(machine: string) {
    super(`${machine} is dead`);
  }
}

export interface Machine {
  readonly name: string;
  /** It answers many at once. */
  readonly isServer: boolean;
  /** Writes and awaits until it dies; null: it lives. */
  diesIn: number | null;
  isDead: boolean;
  /** How often it was started again: what waited in an earlier life does not go on in this one. */
  life: number;
  /** Acts that hold its book or wait for it: nobody comes in between, since whoever holds it goes on until it is done. */
  acts: number;
  /** Writes that find no room, after so many that do; null: there is room. */
  full: { after: number; times: number } | null;
  /** How often each was done to it. */
  readonly suffered: Map<string, number>;
}

export function machine(name: string, isServer = false): Machine {
  return { name, isServer, diesIn: null, isDead: false, life: 0, acts: 0, full: null, suffered: new Map() };
}

let running: Machine | null = null;

/** Runs work as this machine's: its writes may fail. Null: as nobody's, whose writes do not. One machine runs at a time. */
export async function on<Value>(of: Machine | null, work: () => Value | Promise<Value>): Promise<Value> {
  const before = running;
  const life = before?.life;
  const begun = of?.life;
  running = of;
  try {
    return await work();
  } catch (error) {
    if (of !== null && (of.life !== begun || of.isDead)) died(of); // whatever it says: its work ended with the power
    throw error;
  } finally {
    running = before;
    if (before !== null && before.life !== life) died(before); // it asked another, and died while that answered
  }
}

function died({ name }: Machine): never {
  throw new PowerCut(name);
}

/** Whether a machine's work is going on. */
export function isRunning(): boolean {
  return running !== null;
}

/** A machine awaits something: others may run meanwhile. It may die here, and does where it died meanwhile. */
export async function giveWay(until: Promise<void>): Promise<void> {
  const of = running;
  const life = of?.life;
  running = null;
  await until;
  running = of;
  if (of === null) return;
  if (of.life !== life) died(of);
  write('await', true);
}

/** The machine is started again. */
export function startAgain(of: Machine): void {
  Object.assign(of, { isDead: false, acts: 0, life: of.life + 1 });
}

let gate: () => Promise<void> = () => Promise.resolve();

/** What is passed where the county's code awaits the disk. */
export function setGate(pass: () => Promise<void>): void {
  gate = pass;
}

function suffer(of: Machine, what: string): void {
  of.suffered.set(what, (of.suffered.get(what) ?? 0) + 1);
}

/** Before a write. `undoes`: it gives room back, and does not ask for any. */
function write(what: string, undoes = false): void {
  if (running === null) return;
  if (running.isDead) throw new PowerCut(running.name);
  if (running.diesIn !== null) {
    running.diesIn -= 1;
    if (running.diesIn < 0) {
      running.isDead = true;
      running.diesIn = null;
      suffer(running, 'power cut');
      throw new PowerCut(running.name);
    }
  }
  const { full } = running;
  if (full === null || undoes) return;
  if (full.after > 0) {
    full.after -= 1;
    return;
  }
  full.times -= 1;
  if (full.times < 0) {
    running.full = null;
    return;
  }
  suffer(running, 'no room');
  if (what === 'sqlite') throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  throw Object.assign(new Error(`ENOSPC: no space left on device, ${what}`), { code: 'ENOSPC' });
}

const fileWrites = ['writeFileSync', 'renameSync', 'copyFileSync', 'mkdirSync', 'fsyncSync'] as const;
const fileUndoes = ['rmSync'] as const;
const promisedWrites = ['writeFile', 'rename', 'copyFile', 'mkdir'] as const;
const promisedUndoes = ['rm'] as const;

type Any = (...given: unknown[]) => unknown;

function before(target: object, name: string, happens: (given: readonly unknown[], self: unknown) => void): void {
  const holder = target as Record<string, Any>; // a module or a prototype whose member is a function
  const original = holder[name]!;
  holder[name] = function patched(this: unknown, ...given: unknown[]) {
    happens(given, this);
    return original.apply(this, given);
  };
}

/**
 * As Node's, a stream for which there is no room or no power is made, and tells whoever listens: a file that was opened to flow into it is
 * closed then. Where the call itself threw, that one stayed open, and its end was nobody's.
 */
function streamed(): void {
  const { createWriteStream } = fs;
  fs.createWriteStream = (...given) => {
    try {
      write('createWriteStream');
    } catch (error) {
      return new Writable({ construct: (done) => done(error as Error) }) as fs.WriteStream; // write throws errors; nobody asks for its path
    }
    return createWriteStream(...given);
  };
}

/** Writes that a machine has side by side. */
interface Together {
  going: number;
  /** One of them failed: whoever asked for them goes on without the others. */
  isBroken: boolean;
}

const written = new WeakMap<Machine, Together>();

/**
 * The same where it is awaited: the county may do something else meanwhile, but for an act that holds its book. A till waits for its own.
 * Of writes side by side only the last lets others go on: whoever awaits them all goes on after that one alone.
 */
function awaited(target: object, name: string, happens: () => void): void {
  const holder = target as Record<string, Any>; // a module whose member is a function
  const original = holder[name]!;
  holder[name] = async function patched(this: unknown, ...given: unknown[]) {
    const of = running;
    const together = (of === null ? undefined : written.get(of)) ?? { going: 0, isBroken: false };
    if (of !== null) written.set(of, together);
    let done: unknown;
    try {
      happens();
      together.going += 1;
      try {
        done = await original.apply(this, given);
      } finally {
        together.going -= 1;
      }
    } catch (error) {
      together.isBroken = true;
      await Promise.resolve(); // those beside it begin first, and hear of it
      throw error;
    } finally {
      if (of !== null && together.going === 0) written.delete(of);
    }
    if (of?.isServer === true && of.acts === 0 && together.going === 0 && !together.isBroken) await gate();
    return done;
  };
}

/**
 * Patches this process. What it returns sets the chance of which ids, keys and codes are made: the same seed is then the same run, to the
 * byte. Until it is set they are those of a template, which are the same in every process: a seed begins from them.
 */
export function makeWorld(): (random: Random) => void {
  for (const name of fileWrites) before(fs, name, () => write(name));
  streamed();
  for (const name of fileUndoes) before(fs, name, () => write(name, true));
  for (const name of promisedWrites) awaited(files, name, () => write(name));
  for (const name of promisedUndoes) awaited(files, name, () => write(name, true));
  const db = new Database(':memory:');
  const statement = Object.getPrototypeOf(db.prepare('SELECT 1')) as { run: Any };
  before(statement, 'run', (_, self) => write('sqlite', isUndo((self as { source: string }).source)));
  before(Database.prototype, 'exec', ([sql]) => write('sqlite', isUndo(String(sql))));
  db.close();
  rememberKeys();
  let random = randomOf('ids of a template');
  crypto.randomUUID = () => uuidOf(random);
  crypto.randomBytes = ((size: number) => bytesOf(random, size)) as typeof crypto.randomBytes; // the project calls it without a callback
  crypto.randomInt = (below: number) => random.below(below); // and this one with a limit alone
  const pair = crypto.generateKeyPairSync as Any;
  const drawPair = (...given: unknown[]): unknown => {
    if (given[0] !== 'ed25519') return pair(...given);
    const privateKey = privateKeyFromSeed(bytesOf(random, 32));
    return { privateKey, publicKey: crypto.createPublicKey(privateKey) };
  };
  crypto.generateKeyPairSync = drawPair as typeof crypto.generateKeyPairSync; // of its many forms the project has this one
  syncBuiltinESMExports();
  return (next) => {
    random = next;
  };
}

/**
 * One key is made an object of once, and one signature is asked for once: kiosk, county and auditor of one process ask the same of the same
 * bytes over and over, and neither answer ever changes.
 */
function rememberKeys(): void {
  const { createPrivateKey, createPublicKey, verify: verifyOnce } = crypto;
  crypto.createPrivateKey = rememberedKey(createPrivateKey);
  const ofBytes = rememberedKey(createPublicKey);
  const ofPrivate = new WeakMap<crypto.KeyObject, crypto.KeyObject>();
  crypto.createPublicKey = (given) => {
    if (!(given instanceof crypto.KeyObject)) return ofBytes(given);
    const key = ofPrivate.get(given) ?? createPublicKey(given);
    ofPrivate.set(given, key);
    return key;
  };
  const answers = new WeakMap<object, Map<string, boolean>>();
  const answerOf = (
    algorithm: string | null | undefined,
    data: Bytes,
    key: Parameters<typeof verifyOnce>[2],
    signature: Bytes,
  ): boolean => {
    if (!(key instanceof crypto.KeyObject)) return verifyOnce(algorithm, data, key, signature);
    const ofKey = answers.get(key) ?? new Map<string, boolean>();
    answers.set(key, ofKey);
    const name = Buffer.concat([hashed(data), hashed(signature)]).toString('latin1');
    const known = ofKey.get(name) ?? verifyOnce(algorithm, data, key, signature);
    if (ofKey.size >= answersMax) ofKey.clear();
    ofKey.set(name, known);
    return known;
  };
  /** Both forms of Node's: the one with a callback, too, is answered here, not by another thread. */
  const remembered = (...[algorithm, data, key, signature, heard]: [...Parameters<typeof verifyOnce>, Heard?]): boolean | void => {
    const answer = answerOf(algorithm, data, key, signature);
    if (heard === undefined) return answer;
    setImmediate(heard, null, answer);
  };
  crypto.verify = remembered as typeof crypto.verify; // void with a callback, an answer without, as Node's
}

/** The key objects of the same bytes are one. */
function rememberedKey<Given>(make: (given: Given) => crypto.KeyObject): (given: Given) => crypto.KeyObject {
  const keys = new Map<string, crypto.KeyObject>();
  return (given) => {
    const bytes = typeof given === 'object' && given !== null && 'key' in given ? given.key : given;
    const name = bytes instanceof Uint8Array ? Buffer.from(bytes).toString('latin1') : null;
    const key = (name === null ? undefined : keys.get(name)) ?? make(given);
    if (name !== null) keys.set(name, key);
    return key;
  };
}

type Bytes = NodeJS.ArrayBufferView;
type Heard = (error: Error | null, answer: boolean) => void;

const answersMax = 100_000;

function hashed(bytes: Bytes): Buffer {
  return crypto.createHash('sha256').update(bytes).digest();
}

function isUndo(sql: string): boolean {
  return /^\s*(ROLLBACK|BEGIN|DELETE|PRAGMA)/i.test(sql);
}

function bytesOf(random: Random, size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, () => random.below(256)));
}

function uuidOf(random: Random): ReturnType<typeof crypto.randomUUID> {
  const hex = Array.from({ length: 4 }, () =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  const variant = (8 + random.below(4)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
