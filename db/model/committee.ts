// The supervision committee as kiosks know it: its keys one after the other, each but the first named by the one before, and the newest root
// of the county's log that it signed (reconciliation.md R5). Checks words and signatures; keeps nothing.

import { z } from 'zod';
import { hashForm } from './base64url.ts';
import { type LogHead, logRoot, openLogRoot } from './log-root.ts';
import { type NoteKey, noteSigners, openNote } from './note.ts';
import { type Result, fail, ok } from './result.ts';

/** A key of the committee; its name is of that key alone, and no later key has it. */
export interface Member {
  readonly name: string;
  /** Ed25519, raw in base64url. */
  readonly key: string;
}

/** A key of the committee as a kiosk was told it. */
export interface Told extends Member {
  /** It is the first, or one that is believed named it, or a person of the shop took it by the county's printed notice (db/notices.ts). */
  readonly isBelieved: boolean;
}

/** Changes of its key that a kiosk follows: one a year for longer than anybody keeps a till. */
export const membersMax = 20;

/**
 * A key's name (rule B1): letters, their marks and digits of any script, the dot between Tibetan syllables, and . _ / -. A signed note takes
 * neither spaces nor + in it.
 */
export const memberName = /^[\p{L}\p{M}\p{N}\u0F0B._/-]{1,100}$/u;

/** What stands in the header of a down-file: every key since the first, so that whoever missed a change can follow. */
export const committee = z
  .array(
    z.strictObject({
      name: z.string().regex(memberName),
      key: z.string().regex(hashForm),
      /** The key before signed memberText of this one; '' for the first, which the county alone names, and for one by notice. */
      word: z.string().max(1024),
      /** The key before is lost: a kiosk believes this one once a person compared it with what is printed. */
      notice: z.literal(true).optional(),
    }),
  )
  .min(1)
  .max(membersMax)
  .readonly();
export type Committee = z.infer<typeof committee>;

/** The newest root that the committee signed, and the proof that the root beside it continues it. */
export const cosignedRoot = logRoot;

/** What the key before signs, so that kiosks take the next one. */
export function memberText(county: string, { name, key }: Member): string {
  return `civicpos-committee-v1\n${county}\n${name}\n${key}\n`;
}

/** Whether `word` is the note by which `before` names `next`. */
export function isNamedBy(
  before: Member,
  { county, next, word }: { readonly county: string; readonly next: Member; readonly word: string },
): boolean {
  const opened = openNote(word, [noteKeyOf(before)]);
  return opened.ok && opened.value.text === memberText(county, next);
}

/**
 * The committee after a file, where `known` was known before it. What was known stays; nobody but the key before, or a notice, names the
 * next, and of a notice it is only told. Null: not so, and whoever says it changes who watches the county.
 */
export function nextCommittee(known: readonly Told[], county: string, said: Committee | undefined): readonly Told[] | null {
  if (said === undefined) return known.length === 0 ? known : null;
  if (known.some((each, i) => said[i]?.name !== each.name || said[i].key !== each.key)) return null;
  if (new Set(said.map(({ name }) => name)).size !== said.length) return null;
  const members = [...known];
  for (const { word, notice, ...next } of said.slice(known.length)) {
    const before = members.at(-1);
    const byNotice = notice === true;
    const isNamed = before === undefined || byNotice ? word === '' : isNamedBy(before, { county, next, word });
    if (!isNamed || (before === undefined && byNotice)) return null;
    members.push({ ...next, isBelieved: before === undefined || (!byNotice && before.isBelieved) });
  }
  return members;
}

/** Those after a person took the newest, which nobody that is believed named; null where that is not the newest, or was believed. */
export function takenByNotice(known: readonly Told[], { name, key }: Member): readonly Told[] | null {
  const newest = known.at(-1);
  if (newest === undefined || newest.isBelieved || newest.name !== name || newest.key !== key) return null;
  return [...known.slice(0, -1), { ...newest, isBelieved: true }];
}

/** Whether every signature under the note that is of a name of the committee's holds, with the key of that name. */
export function isTrulySigned(note: string, members: readonly Member[]): boolean {
  const names = noteSigners(note);
  return names !== null && members.every((each) => !names.includes(each.name) || openNote(note, [noteKeyOf(each)]).ok);
}

/** The head that a note says where the county and the committee's newest key signed it, be that believed here or not. */
export function openCosigned(
  note: string,
  { county, members, fileKeys }: { readonly county: string; readonly members: readonly Member[]; readonly fileKeys: readonly Uint8Array[] },
): Result<LogHead, 'signature' | 'malformed'> {
  const newest = members.at(-1);
  if (newest === undefined || !isTrulySigned(note, members) || !openNote(note, [noteKeyOf(newest)]).ok) return fail('signature');
  const opened = openLogRoot(note, county, fileKeys);
  return opened.ok ? ok({ size: opened.value.size, root: opened.value.root }) : opened;
}

function noteKeyOf({ name, key }: Member): NoteKey {
  return { name, publicKey: Buffer.from(key, 'base64url') };
}
