// Who watches the county, as its files tell kiosks: the committee's keys one after the other, and the newest root that the one in force
// signed. The county names the first; each that follows is named by the committee itself, or where it lost its key by a printed notice that
// every shop takes for itself. Holds no key of theirs.

import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { noticeNumber } from '../../db/notices.ts';
import { writeFileDurably } from '../../db/files.ts';
import { type Committee, type Member, isNamedBy, isTrulySigned, memberName, membersMax } from '../../db/model/committee.ts';
import type { DownHeader } from '../../db/model/down-file.ts';
import { type LogRoot, logOrigin, rootNoteMax } from '../../db/model/log-root.ts';
import { type NoteKey, noteSigners, noteText, parseCheckpoint, signatureLines } from '../../db/model/note.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { consistencyProof } from '../../db/tree-proofs.ts';
import { verifierKey } from '../log/committee-key.ts';
import { signedRoot, storedHeads } from '../log/log.ts';
import type { CountyAct, CountyBook } from './county-book.ts';

/** What every file says of it; null: none is named. */
export function committeeTold(db: ReadableDatabase): Committee | null {
  const rows = prepared<[], Committee[number]>(db, 'SELECT name, key, word FROM committee_key ORDER BY number').all();
  return rows.length === 0 ? null : rows.map((row, i) => (i > 0 && row.word === '' ? { ...row, notice: true } : row));
}

/** What is printed of a key that follows by notice, in every shop of the county the same. */
export function committeeNumber({ code }: Pick<CountyBook, 'code'>, { name, key }: Member): string {
  return noticeNumber({ county: code, kiosk: '' }, { about: 'committee', name, key });
}

/** What is printed of file `downSeq` to a kiosk, of its newest incarnation; null where there is none. */
export function fileNumberPrinted(
  db: ReadableDatabase,
  { county, kiosk, downSeq }: { readonly county: string; readonly kiosk: string; readonly downSeq: number },
): string | null {
  const row = prepared<[string, number], { sha256: string }>(
    db,
    'SELECT sha256 FROM down_file WHERE kiosk = ? AND down_seq = ? ORDER BY inc DESC LIMIT 1',
  ).get(kiosk, downSeq);
  return row === undefined ? null : noticeNumber({ county, kiosk }, { about: 'file', downSeq, sha256: row.sha256 });
}

export type CommitteeRefusal =
  /** Kiosks would refuse every file that carries such a name. */
  | 'name_form'
  /** It is in force already. */
  | 'known'
  /** A key before it had that name, or somebody signed a root under it with another key. */
  | 'name_used'
  /** There is a committee, and the word by which it names this key is missing or none. */
  | 'needs_word'
  | 'too_many';

/**
 * Names the committee's next key, or its first. Kiosks hear of it with their next files; what it signs is taken from then on. Whoever can
 * write this book names the first one and no other: where the committee has lost its key (`isLost`) the next one is only told, and each kiosk
 * takes it once a person of the shop compared it with the printed notice (committeeNumber). Until then it goes on by what was signed before.
 */
export function nameCommittee(
  book: CountyBook,
  {
    key: given,
    word,
    by,
    isLost = false,
  }: { readonly key: NoteKey; readonly word: string; readonly by: string; readonly isLost?: boolean },
): Promise<Result<null, CommitteeRefusal>> {
  const next: Member = { name: given.name, key: Buffer.from(given.publicKey).toString('base64url') };
  if (!memberName.test(next.name)) return Promise.resolve(fail('name_form'));
  return book.transact((act) => {
    const told = committeeTold(act.db) ?? [];
    const before = told.at(-1);
    if (before?.name === next.name && before.key === next.key) return fail('known');
    if (told.length >= membersMax) return fail('too_many');
    if (told.some(({ name }) => name === next.name) || !isFree(act.db, next)) return fail('name_used');
    const byNotice = isLost && before !== undefined;
    if (before !== undefined && !byNotice && !isNamedBy(before, { county: book.code, next, word })) return fail('needs_word');
    act.enter('keys', `committee ${next.name} ${next.key}${byNotice ? `, ${before.name} lost` : ''}, by ${by}`);
    keepMember(act, { ...next, word: before === undefined || byNotice ? '' : word }, told.length + 1);
    const folder = join(book.folder.log, 'committee'); // where signatures are taken by (log/published.ts)
    mkdirSync(folder, { recursive: true });
    writeFileDurably(join(folder, `committee-${told.length + 1}.pub`), `${verifierKey(given)}\n`);
    return ok(null);
  });
}

/** A kiosk refuses a signature under a name of the committee that is not by its key. */
function isFree(db: ReadableDatabase, next: Member): boolean {
  const sizes = prepared<[string], { size: number }>(db, 'SELECT size FROM log_cosignature WHERE name = ? ORDER BY size').all(next.name);
  return sizes.every(({ size }) => isTrulySigned(signedRoot(db, size).note, [next]));
}

/** A later one without a word is by notice. */
function keepMember({ db }: CountyAct, { name, key, word }: Committee[number], number: number): void {
  const { changes } = prepared(db, 'INSERT INTO committee_key (number, name, key, word) VALUES (?, ?, ?, ?)').run(number, name, key, word);
  assert(changes === 1, 'a key of the committee is kept');
}

/** A book that was put back hears of its committee from a file that it once signed itself. */
export function rememberCommittee(act: CountyAct, { committee = [] }: Pick<DownHeader, 'committee'>): void {
  const told = committeeTold(act.db) ?? [];
  const isOurs = told.every(({ name, key }, i) => committee[i]?.name === name && committee[i].key === key);
  if (isOurs) for (const [i, member] of committee.entries()) if (i >= told.length) keepMember(act, member, i + 1);
}

/** Whom a root is for: kiosks that are told of `members`, by a file that so many keys of the county sign (county-keys.ts). */
interface Watchers<Members> {
  readonly county: string;
  readonly members: Members;
  readonly signers: number;
}

/**
 * A root as kiosks take it: without lines under a member's name that are not by the member's key (they lay in the book before it knew
 * better), and with no more signatures than a file carries. The newest member's stays first, then the county's own.
 */
export function asKiosksTake(root: LogRoot, { county, members, signers }: Watchers<readonly Member[]>): LogRoot {
  const { above, lines } = signatureLines(root.note);
  const signed = lines
    .filter((line) => isTrulySigned(above + line, members))
    .map((line) => ({ line, rank: rankOf(noteSigners(above + line)![0]!, county, members) })); // isTrulySigned read it
  let characters = above.length + signers * ownLineCharacters;
  const kept = new Set<string>();
  for (const { line } of signed.toSorted((a, b) => a.rank - b.rank)) {
    if (characters + line.length > rootNoteMax) continue;
    characters += line.length;
    kept.add(line);
  }
  return { ...root, note: above + signed.map(({ line }) => (kept.has(line) ? line : '')).join('') };
}

/** Room for one more signature of the county's, of 115 characters: those by which a kiosk believes a file are put under its roots, too. */
const ownLineCharacters = 128;

/** Which signatures go first where there are too many. */
function rankOf(signer: string, county: string, members: readonly Member[]): number {
  if (signer === members.at(-1)?.name) return 0;
  if (signer === logOrigin(county)) return 1;
  const n = members.findIndex(({ name }) => name === signer);
  return n === -1 ? members.length + 1 : members.length - n;
}

/**
 * The newest root that the committee's key in force signed, beside the root that a file carries, as kiosks take it; null where it signed none
 * of that log.
 */
export function cosignedBeside(db: ReadableDatabase, carried: LogRoot, { county, members, signers }: Watchers<Committee>): LogRoot | null {
  const head = parseCheckpoint(noteText(carried.note));
  assert(head.ok, 'a root that is given is a checkpoint');
  const inForce = members.at(-1)!.name; // one at least
  const newest = prepared<[string, number], { size: number | null }>(
    db,
    'SELECT max(size) AS size FROM log_cosignature WHERE name = ? AND size <= ?',
  );
  for (let sizeMax = head.value.size; ;) {
    const { size } = newest.get(inForce, sizeMax)!; // an aggregate has a row
    if (size === null) return null;
    const { note } = asKiosksTake({ note: signedRoot(db, size).note, proof: [] }, { county, members, signers });
    if (noteSigners(note)!.includes(inForce)) {
      const proof = size === head.value.size ? [] : consistencyProof(storedHeads(db), { from: size, to: head.value.size });
      return { note, proof: proof.map((each) => each.toString('base64url')) };
    }
    sizeMax = size - 1; // under its name, and by another key
  }
}
