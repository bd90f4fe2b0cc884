// The kiosk's home folder: what lies where, kiosk.json, and the signing key.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { syncDirectory, writeFileDurably } from './files.ts';
import { isWeakKey } from './model/keys.ts';
import { recoveryCodeOf } from './recovery-code.ts';

const base64urlKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const id = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/);
const url = z.string().min(1).max(300);

/** Where the county takes files, and the key by which it is known: SHA-256 of its certificate's SubjectPublicKeyInfo, base64url. */
const countyServerShape = z.strictObject({ url: z.url({ protocol: /^https$/ }).max(300), pin: base64urlKey });
export type CountyServer = z.infer<typeof countyServerShape>;

/** Who this kiosk is and whom it believes; given by the county once (enrolment.json). */
export const enrolmentShape = z.object({
  county: z.string().regex(/^\d{6}$/),
  store: id,
  kiosk: id,
  /** The county's file key, raw Ed25519, base64url. */
  countyKey: base64urlKey.refine((key) => !isWeakKey(Buffer.from(key, 'base64url')), 'is a key under which anybody can sign'),
  countyKeyName: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^\s+]+$/),
  countyServer: countyServerShape.optional(),
});

const configShape = z.strictObject({
  enrolment: enrolmentShape,
  /** Device addresses: serial:…, tcp://…, file:…, simulated: (design.md). */
  printer: url.default('simulated:'),
  scanner: url.default('simulated:'),
  /** Null: this kiosk has no scale. Never simulated by itself: a scale credits points. */
  scale: url.nullable().default(null),
  /** Where the second copy of the head lies; another disk is better. */
  anchor: z.string().min(1).max(1000).nullable().default(null),
  /** Folder of the encrypted backups, on another disk or a stick. The owner's choice on the screen goes before it (upkeep.json). */
  backup: z.string().min(1).max(1000).nullable().default(null),
  /** Goes before the enrolment's, for a server that moved. Null: that one, or files go by stick. */
  countyServer: countyServerShape.nullable().default(null),
  /** Selling stops while less than this is free, so that SQLite never meets a full disk. */
  diskReserveBytes: z
    .int()
    .min(0)
    .default(64 * 1024 * 1024),
});
export type KioskConfig = z.infer<typeof configShape>;

export interface Home {
  readonly directory: string;
  readonly book: string;
  readonly anchor: string;
  /** The first key's file; those that follow it lie beside it. */
  readonly key: string;
  /** What opens a backup: recovery-code.ts. */
  readonly recoveryCode: string;
  /** Where files of the county arrive: copied there by hand, by a stick, or by the exchange. */
  readonly inbox: string;
  /** Applied files: their grants are part of the book's fold, so they are kept. */
  readonly down: string;
  /** What this kiosk cut for its county, and what it answered: never changed, never removed (up-files.ts). */
  readonly up: string;
  readonly receipts: string;
  readonly settings: string;
  readonly simulated: string;
  /** What the owner chose of backups, and how the disk filled: no money, replaced whole. */
  readonly upkeep: string;
  /** Where a copy of the book is laid out to be checked and packed: emptied before and after. */
  readonly work: string;
  readonly config: KioskConfig;
}

/** Why a home cannot be used. */
export type HomeFailure = { readonly code: 'not_enrolled' | 'config_damaged'; readonly detail: string };

/** Where its county takes files: what kiosk.json says goes before the enrolment. Null: files go by stick. */
export function countyServerOf({ config }: Home): CountyServer | null {
  return config.countyServer ?? config.enrolment.countyServer ?? null;
}

/** Stands for kiosk.json until the home has its book. */
const unfinishedName = 'kiosk.json.unfinished';

/** Reads kiosk.json and names the places in the home; makes nothing. */
export function readHome(directory: string): { readonly ok: true; readonly home: Home } | ({ readonly ok: false } & HomeFailure) {
  const file = join(directory, 'kiosk.json');
  if (!existsSync(file)) {
    const why = existsSync(join(directory, unfinishedName)) ? 'making it was interrupted: make it again' : 'kiosk.json is missing';
    return { ok: false, code: 'not_enrolled', detail: `no kiosk lives in ${directory}: ${why}` };
  }
  let config: KioskConfig;
  try {
    config = configShape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return { ok: false, code: 'config_damaged', detail: `${file}: ${error instanceof Error ? error.message : String(error)}` };
  }
  return { ok: true, home: homeAt(directory, config) };
}

function homeAt(directory: string, config: KioskConfig): Home {
  return {
    directory,
    book: join(directory, 'book.db'),
    anchor: config.anchor ?? join(directory, 'anchor'),
    key: join(directory, 'keys', 'kiosk.pem'),
    recoveryCode: join(directory, 'keys', 'recovery-code'),
    inbox: join(directory, 'inbox'),
    down: join(directory, 'down'),
    up: join(directory, 'up'),
    receipts: join(directory, 'receipts'),
    settings: join(directory, 'settings.json'),
    simulated: join(directory, 'simulated.json'),
    upkeep: join(directory, 'upkeep.json'),
    work: join(directory, 'upkeep'),
    config,
  };
}

/**
 * Makes the folders and the signing key of a new kiosk. kiosk.json is there once createBook has made the book, so that a crash
 * in between leaves no home whose book seems lost; a home that was left so is made anew. Throws when the home has a kiosk.
 */
export function makeHome(directory: string, config: z.input<typeof configShape>): Home {
  const file = join(directory, 'kiosk.json');
  const unfinished = join(directory, unfinishedName);
  const home = homeAt(directory, configShape.parse(config));
  if (existsSync(file)) throw new Error(`${file} exists: this home already belongs to a kiosk`);
  // a book that was never finished has sold nothing; one beside which no mark says so is somebody's
  if (existsSync(unfinished)) for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(home.book + suffix, { force: true });
  else if (existsSync(home.book)) throw new Error(`${home.book} exists: a kiosk lived here, and its kiosk.json is missing`);
  for (const folder of ['keys', 'inbox', 'down', 'up', 'receipts']) mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 });
  writeFileDurably(unfinished, `${JSON.stringify(home.config, null, 2)}\n`);
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileDurably(home.key, privateKey.export({ format: 'pem', type: 'pkcs8' }), 0o600);
  recoveryCodeOf(home);
  return home;
}

/** The home has its book: from now on it is a kiosk's. Only for createBook. */
export function finishHome({ directory }: Home): void {
  renameSync(join(directory, unfinishedName), join(directory, 'kiosk.json'));
  syncDirectory(directory);
}

interface Signer {
  readonly privateKey: KeyObject;
  /** Raw, base64url. */
  readonly publicKey: string;
}

/** The key that the home was made with, or null where its file is gone or not a key. Which key is in force the book says (kiosk-keys.ts). */
export function readSigner(home: Home): Signer | null {
  return signerIn(home.key);
}

/** Every key in the home, the first one and those that took its place, by the public half, each with its file. What is no key is passed over. */
export function readSigners(home: Home): ReadonlyMap<string, Signer & { readonly path: string }> {
  return new Map(
    keyFilesIn(home).flatMap(({ path }) => {
      const signer = signerIn(path);
      return signer === null ? [] : [[signer.publicKey, { ...signer, path }] as const];
    }),
  );
}

/** Their files: `keys/kiosk.pem` is the first, `keys/kiosk-2.pem` the second. */
export function keyFilesIn(home: Home): readonly { readonly name: string; readonly path: string }[] {
  const folder = dirname(home.key);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^kiosk(?:-\d{1,6})?\.pem$/.test(name)) : [];
  return names.toSorted().map((name) => ({ name: `keys/${name}`, path: join(folder, name) }));
}

function signerIn(path: string): Signer | null {
  try {
    const privateKey = createPrivateKey(readFileSync(path));
    return { privateKey, publicKey: createPublicKey(privateKey).export({ format: 'jwk' }).x! };
  } catch {
    return null; // the caller stops the till and says so: a till without its key must not sell
  }
}
