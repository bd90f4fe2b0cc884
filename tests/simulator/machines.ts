// Machines that die and disks that fill: between any two writes of the real code, to files or to SQLite, a machine may stop for good, or
// find no room for a while. Patches Node and the driver for this process, which is why the simulator runs in processes of its own.

import crypto from 'node:crypto';
import fs from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import Database from 'better-sqlite3';
import type { Random } from './random.ts';

/** A power cut: everything that this machine does from here on fails, until it is started again. */
export class PowerCut extends Error {
  constructor(machine: string) {
    super(`${machine} is dead`);
  }
}

export interface Machine {
  readonly name: string;
  /** Writes until it dies; null: it lives. */
  diesIn: number | null;
  isDead: boolean;
  /** Writes that find no room, after so many that do; null: there is room. */
  full: { after: number; times: number } | null;
  /** How often each was done to it. */
  readonly suffered: Map<string, number>;
}

export function machine(name: string): Machine {
  return { name, diesIn: null, isDead: false, full: null, suffered: new Map() };
}

let running: Machine | null = null;

/** Runs work as this machine's: its writes may fail. Null: as nobody's, whose writes do not. One machine runs at a time. */
export async function on<Value>(of: Machine | null, work: () => Value | Promise<Value>): Promise<Value> {
  const before = running;
  running = of;
  try {
    return await work();
  } finally {
    running = before;
  }
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

const fileWrites = ['writeFileSync', 'renameSync', 'copyFileSync', 'mkdirSync', 'fsyncSync', 'createWriteStream'] as const;
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

/** Patches this process. What it returns sets the chance of which ids are made: the same seed is then the same run, to the byte. */
export function makeWorld(): (random: Random) => void {
  for (const name of fileWrites) before(fs, name, () => write(name));
  for (const name of fileUndoes) before(fs, name, () => write(name, true));
  for (const name of promisedWrites) before(files, name, () => write(name));
  for (const name of promisedUndoes) before(files, name, () => write(name, true));
  const db = new Database(':memory:');
  const statement = Object.getPrototypeOf(db.prepare('SELECT 1')) as { run: Any };
  before(statement, 'run', (_, self) => write('sqlite', isUndo((self as { source: string }).source)));
  before(Database.prototype, 'exec', ([sql]) => write('sqlite', isUndo(String(sql))));
  db.close();
  let random: Random | null = null;
  const uuid = crypto.randomUUID;
  crypto.randomUUID = (options) => (random === null ? uuid(options) : uuidOf(random));
  syncBuiltinESMExports();
  return (next) => {
    random = next;
  };
}

function isUndo(sql: string): boolean {
  return /^\s*(ROLLBACK|BEGIN|DELETE|PRAGMA)/i.test(sql);
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
