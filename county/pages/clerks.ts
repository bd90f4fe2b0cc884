// Who may use the clerk's pages: names, roles and passwords, how often one may try, and what each person did. Decides no county business.

import { randomInt } from 'node:crypto';
import { type TryTime, hashSecret, noTries, verifyPin } from '../../db/model/pin.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from '../book/county-book.ts';
import type { SignInTries } from '../server/sign-in-tries.ts';

/** clerk: lists and answers; releaser: the second person of an award; committee: what the supervision committee must look at. */
export type ClerkRole = 'clerk' | 'releaser' | 'committee';
export const clerkRoles = ['clerk', 'releaser', 'committee'] as const satisfies readonly ClerkRole[];

export interface Clerk {
  readonly name: string;
  readonly role: ClerkRole;
}

/** Longer than what anybody types, shorter than what would cost us. */
const passwordMax = 200;
const passwordMin = 10;
const nameMax = 40;
/** Letters and digits that are not taken for one another; twelve of them are 59 bits. */
const passwordLetters = 'abcdefghjkmnpqrstuvwxyz23456789';
const passwordLength = 12;
/** For a column of version 1, which counted a name's tries wherever they came from; who waits is kept by source since. */
const unusedTries = JSON.stringify(noTries);

/** In every demo the same, and shown on its sign-in page: a demo's county protects nothing. */
export const demoPassword = 'jifen-demo';
const demoClerks: readonly Clerk[] = [
  { name: '办事员', role: 'clerk' },
  { name: '复核员', role: 'releaser' },
  { name: '监督员', role: 'committee' },
];

/** Adds somebody and makes their first password, which is shown once. */
export async function addClerk(
  book: CountyBook,
  { name, role }: Clerk,
): Promise<Result<{ readonly password: string }, 'exists' | 'bad_name'>> {
  if (name.trim() !== name || name === '' || name.length > nameMax) return fail('bad_name');
  const password = freshPassword();
  const hash = await hashSecret(password);
  return book.transact(({ db }) => {
    const { changes } = prepared(
      db,
      `INSERT INTO clerk (name, role, hash, is_active, tries) VALUES (?, ?, ?, 1, ?) ON CONFLICT (name) DO NOTHING`,
    ).run(name, role, hash, unusedTries);
    return changes === 1 ? ok({ password }) : fail('exists');
  });
}

/** Gives somebody a new first password, and lets a person who was removed back in. */
export async function resetClerk(book: CountyBook, name: string): Promise<Result<{ readonly password: string }, 'unknown'>> {
  const password = freshPassword();
  const hash = await hashSecret(password);
  return book.transact(({ db }) => {
    const { changes } = prepared(db, 'UPDATE clerk SET hash = ?, is_active = 1, tries = ? WHERE name = ?').run(hash, unusedTries, name);
    return changes === 1 ? ok({ password }) : fail('unknown');
  });
}

/** Lets somebody in no more. Their name stays, since acts carry it. */
export function removeClerk(book: CountyBook, name: string): Promise<Result<null, 'unknown'>> {
  return book.transact(({ db }) =>
    prepared(db, 'UPDATE clerk SET is_active = 0 WHERE name = ? AND is_active = 1').run(name).changes === 1 ? ok(null) : fail('unknown'),
  );
}

export function listClerks(db: ReadableDatabase): readonly (Clerk & { readonly isActive: boolean })[] {
  return prepared<[], Clerk & { is_active: number }>(db, 'SELECT name, role, is_active FROM clerk ORDER BY name')
    .all()
    .map(({ name, role, is_active }) => ({ name, role, isActive: is_active === 1 }));
}

/** Who may sign in with the known password: none of a real county, and none of a demo that had people of its own before. */
export async function demoPeople(book: CountyBook): Promise<readonly Clerk[]> {
  if (!book.isDemo) return [];
  const known = await book.read((db) => demoClerks.map((each) => ({ each, found: activeClerk(db, each.name) })));
  const offered: Clerk[] = [];
  for (const { each, found } of known) if (found?.role === each.role && (await isOfDemoPassword(found.hash))) offered.push(each);
  return offered;
}

/** Asked once of each hash: it costs what a sign-in does, and anybody may look at the page of signing in. */
function isOfDemoPassword(hash: string): Promise<boolean> {
  const asked = demoHashes.get(hash) ?? verifyPin(demoPassword, hash).then(({ ok: isRight }) => isRight);
  demoHashes.set(hash, asked);
  asked.catch(() => demoHashes.delete(hash)); // no room to ask, and not a wrong one
  return asked;
}

const demoHashes = new Map<string, Promise<boolean>>();

/** Of a demo that has nobody yet: the three people of its sign-in page. */
export async function addDemoClerks(book: CountyBook): Promise<void> {
  assert(book.isDemo, 'a known password is for a demo only');
  if ((await book.read(listClerks)).length > 0) return;
  const hash = await hashSecret(demoPassword);
  demoHashes.set(hash, Promise.resolve(true));
  await book.transact(({ db }) => {
    for (const { name, role } of demoClerks)
      prepared(db, 'INSERT INTO clerk (name, role, hash, is_active, tries) VALUES (?, ?, ?, 1, ?) ON CONFLICT (name) DO NOTHING').run(
        name,
        role,
        hash,
        unusedTries,
      );
  });
}

/**
 * Whether these are a name and its password, tried from `source`. The try is counted before the password is looked at; after wrong ones that
 * name waits for that source (server/sign-in-tries.ts). A name that is not there waits the same, costs the same and is told the same: what
 * else is known of a wrong one is for Refusals, after the answer went out.
 */
export async function checkPassword(
  book: CountyBook,
  { name, password, source }: { readonly name: string; readonly password: string; readonly source: string },
  { tries, now }: { readonly tries: SignInTries; readonly now: TryTime },
): Promise<Result<Clerk, 'wrong'> | { readonly ok: false; readonly code: 'wait'; readonly waitMs: number }> {
  const waitMs = tries.begin({ name, source }, now);
  if (waitMs > 0) return { ok: false, code: 'wait', waitMs };
  const found = await book.read((db) => activeClerk(db, name));
  const { ok: isRight } = await verifyPin(password.slice(0, passwordMax), found?.hash ?? nobodysHash);
  if (found === undefined || !isRight) return fail('wrong');
  tries.right({ name, source }, now);
  await book.transact(({ db }) => writeAct(db, { name, what: 'sign_in', about: '', at: now.wallMs }));
  return ok({ name, role: found.role });
}

/** Wrong passwords in the journal. Neither throws: what found no room there is said to `complain`, and written later with the rest. */
export interface Refusals {
  /** A wrong one; of somebody who is there it may write, and takes its time: no answer waits for it. */
  add(name: string): Promise<void>;
  /** Writes how many there were in the quarters of an hour that are over. */
  writeEnded(): Promise<void>;
}

const quarterMs = 15 * 60_000;

/**
 * Of a name the first wrong password in a quarter of an hour is written at once, and how many more there were by writeEnded: two rows at most,
 * or strangers would push everything else off the journal's page. A server that was killed forgets the number, never the first.
 */
export function newRefusals(book: CountyBook, complain: (line: string) => void): Refusals {
  const kept = new Map<string, Quarter>(); // of real names only
  const write = async (name: string, tries: Quarter, about: string): Promise<void> => {
    const { unwritten: count, lastAt: at } = tries;
    tries.unwritten = 0; // before the write: who comes meanwhile writes them no second time
    try {
      await book.transact(({ db }) => writeAct(db, { name, what: 'sign_in_refused', about, at }));
    } catch (error) {
      const standing = kept.get(name) ?? tries; // by now it may be the next quarter's
      standing.unwritten += count;
      kept.set(name, standing);
      complain(`sign_in_refused: ${String(error)}`);
    }
  };
  const writeEnded = async (): Promise<void> => {
    const quarter = Math.floor(book.wallMs() / quarterMs);
    const ended = [...kept].filter(([, tries]) => tries.quarter !== quarter);
    for (const [name] of ended) kept.delete(name);
    for (const [name, tries] of ended) if (tries.unwritten > 0) await write(name, tries, `又 ${tries.unwritten} 次`);
  };
  return {
    writeEnded,
    async add(name) {
      await writeEnded();
      if ((await book.read((db) => activeClerk(db, name))) === undefined) return;
      const at = book.wallMs();
      const tries = kept.get(name) ?? { quarter: Math.floor(at / quarterMs), unwritten: 0, lastAt: at };
      tries.unwritten += 1;
      tries.lastAt = at;
      if (kept.has(name)) return;
      kept.set(name, tries);
      await write(name, tries, '');
    },
  };
}

interface Quarter {
  readonly quarter: number;
  unwritten: number;
  /** Of the last try, wall clock. */
  lastAt: number;
}

function activeClerk(db: ReadableDatabase, name: string): { readonly role: ClerkRole; readonly hash: string } | undefined {
  return prepared<[string], { role: ClerkRole; hash: string }>(db, 'SELECT role, hash FROM clerk WHERE name = ? AND is_active = 1').get(
    name,
  );
}

/** Changes when somebody is removed or gets another password: who signed in before that is signed in no more. */
export function standingOf(db: ReadableDatabase, name: string): string | null {
  return activeClerk(db, name)?.hash ?? null;
}

/** Somebody's own new password. */
export async function changePassword(
  book: CountyBook,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<Result<null, 'weak'>> {
  const isWeak =
    password.length < passwordMin ||
    password.length > passwordMax ||
    password === demoPassword ||
    new Set(password).size < 5 ||
    password === name;
  if (isWeak) return fail('weak');
  const hash = await hashSecret(password);
  return book.transact(({ db }) => {
    assert(prepared(db, 'UPDATE clerk SET hash = ? WHERE name = ?').run(hash, name).changes === 1, 'a name is never removed');
    writeAct(db, { name, what: 'password', about: '', at: book.wallMs() });
    return ok(null);
  });
}

/** What people did on the pages, and what a put-back did: the page says each in words. */
export type ClerkDeed =
  | 'sign_in'
  | 'sign_in_refused'
  | 'sign_out'
  | 'password'
  | 'ask_files'
  | 'answer'
  | 'propose_awards'
  | 'release_awards'
  | 'withdraw_awards'
  | 'propose_take_back'
  | 'release_take_back'
  | 'withdraw_take_back'
  | 'propose_disallow'
  | 'release_disallow'
  | 'withdraw_disallow'
  | 'propose_expiry'
  | 'release_expiry'
  | 'withdraw_expiry'
  | 'propose_write_off'
  | 'release_write_off'
  | 'withdraw_write_off'
  | 'import_payments'
  | 'read_statement'
  | 'check'
  | 'demo_night'
  /** Of the command `put-back`, by nobody's name. */
  | 'put_back'
  | 'took_up'
  | 'put_back_lost'
  | 'put_back_advanced';

export interface ClerkAct {
  readonly name: string;
  readonly what: ClerkDeed;
  /** Of which batch, exception or kiosk; no names of residents. */
  readonly about: string;
  readonly at: number;
}

export function writeAct(db: WritableDatabase, { name, what, about, at }: ClerkAct): void {
  const { changes } = prepared(db, 'INSERT INTO clerk_act (name, what, about, at) VALUES (?, ?, ?, ?)').run(name, what, about, at);
  assert(changes === 1, 'a deed is written down');
}

/** The newest deeds, newest first. */
export function newestActs(db: ReadableDatabase, count: number): readonly ClerkAct[] {
  return prepared<[number], ClerkAct>(db, 'SELECT name, what, about, at FROM clerk_act ORDER BY number DESC LIMIT ?').all(count);
}

function freshPassword(): string {
  return Array.from({ length: passwordLength }, () => passwordLetters[randomInt(passwordLetters.length)]).join('');
}

/** Of no password: what a name that is not there is compared with. */
const nobodysHash = `scrypt$ln=15,r=8,p=3$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(32).toString('base64url')}`;
