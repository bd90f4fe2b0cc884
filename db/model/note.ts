// Signed notes (C2SP signed-note): a short text, a blank line, one line a signature. What stands beside every file between
// county and kiosk (reconciliation.md R4). Never reads the file itself: the caller compares its hash with the note's.

import { type KeyObject, createHash, sign, verify } from 'node:crypto';
import { hashForm } from './base64url.ts';
import { publicKeyFromRaw, rawPublicKey } from './keys.ts';
import { type Result, assert, fail, ok } from './result.ts';

/** A signer whom the reader trusts. */
export interface NoteKey {
  readonly name: string;
  /** Ed25519, 32 raw bytes. */
  readonly publicKey: Uint8Array;
}

/** What the note beside a file says of it. */
export interface FileNote {
  /** Down: county to kiosk. Up: kiosk to county. */
  readonly direction: 'down' | 'up';
  readonly county: string;
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  /** Of the uncompressed bytes, base64url. */
  readonly sha256: string;
  /** sha256 of the file before, in the same direction; '' for the first. */
  readonly prevFileSha: string;
}

/** Ours have a few hundred bytes; more is no note of ours. */
const noteCharactersMax = 16 * 1024;
const signaturesMax = 100;
const keyHashBytes = 4;
const ed25519Type = 0x01;

/** The text with its signature under it. Throws on a text or name that no reader would take. */
export function signNote(text: string, signer: { readonly name: string; readonly privateKey: KeyObject }): string {
  assert(isNoteText(text), 'a note is clean text that ends with a newline');
  assert(isSignerName(signer.name), `not a name of a signer: ${signer.name}`);
  const hash = keyHash({ name: signer.name, publicKey: rawPublicKey(signer.privateKey) });
  const signature = sign(null, Buffer.from(text, 'utf8'), signer.privateKey);
  const note = `${text}\n— ${signer.name} ${Buffer.concat([hash, signature]).toString('base64')}\n`;
  assert(note.length <= noteCharactersMax, 'note too long');
  return note;
}

/** The note with one more signature under it; as it is where that key signed it. Throws where it is no note. */
export function addSignature(note: string, signer: { readonly name: string; readonly privateKey: KeyObject }): string {
  const parts = splitNote(note);
  assert(parts !== null, 'what is signed again is a note');
  const line = signNote(parts.text, signer).slice(parts.text.length + 1);
  const signed = note.includes(line) ? note : note + line;
  assert(signed.length <= noteCharactersMax, 'note too long');
  return signed;
}

/**
 * Where the signatures of a note begin: what stands above them, to which a line of another can be put, and the lines, each with its newline.
 * Believes none of them.
 */
export function signatureLines(note: string): { readonly above: string; readonly lines: readonly string[] } {
  const above = note.slice(0, note.indexOf('\n\n') + 2);
  return { above, lines: note.slice(above.length).split(/(?<=\n)/) };
}

/** What a note says, its last newline with it, whoever signed it: who believes it asks openNote. Nothing of a text that is no note. */
export function noteText(note: string): string {
  return note.slice(0, note.indexOf('\n\n') + 1);
}

/**
 * The text of a note and which of the trusted signed it. Signatures of others are passed over, as C2SP says; one that
 * claims a trusted key and does not hold refuses the whole note.
 */
export function openNote(
  note: string,
  trusted: readonly NoteKey[],
): Result<{ readonly text: string; readonly signers: readonly string[] }, 'malformed' | 'no_trusted_signature'> {
  const parts = splitNote(note);
  if (parts === null) return fail('malformed');
  const signed = Buffer.from(parts.text, 'utf8');
  const signers = new Set<string>();
  for (const { name, hash, signature } of parts.signatures) {
    const key = trusted.find((candidate) => candidate.name === name && keyHash(candidate).equals(hash));
    if (key === undefined || signers.has(name)) continue;
    if (!verify(null, signed, publicKeyFromRaw(key.publicKey), signature)) return fail('no_trusted_signature');
    signers.add(name);
  }
  return signers.size > 0 ? ok({ text: parts.text, signers: [...signers] }) : fail('no_trusted_signature');
}

/** The names under a note, whether they are trusted or not; null where it is no note. */
export function noteSigners(note: string): readonly string[] | null {
  return splitNote(note)?.signatures.map(({ name }) => name) ?? null;
}

const fileNoteTitle = 'civicpos-file-v1';
/** Stands for the file before the first, so that no line is empty. */
const noFileBefore = '-';

/** The eight lines that are signed. Throws where the note could not be read back. */
export function fileNoteText(note: FileNote): string {
  const text = [
    fileNoteTitle,
    note.direction,
    note.county,
    note.kiosk,
    note.inc,
    note.fileSeq,
    note.sha256,
    note.prevFileSha === '' ? noFileBefore : note.prevFileSha,
  ]
    .map((line) => `${line}\n`)
    .join('');
  assert(parseFileNote(text).ok, `not a file note: ${JSON.stringify(note)}`);
  return text;
}

/** Reads the text of a file note: untrusted, even when the signature holds. */
export function parseFileNote(text: string): Result<FileNote, 'malformed'> {
  const lines = text.split('\n');
  if (lines.length !== 9) return fail('malformed');
  const [title, direction, county, kiosk, inc, fileSeq, sha256, before, afterLast] = lines as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]; // nine of them, see above
  const good =
    title === fileNoteTitle &&
    (direction === 'down' || direction === 'up') &&
    /^\d{6}$/.test(county) &&
    /^[A-Za-z0-9._-]{1,40}$/.test(kiosk) &&
    isCount(inc) &&
    isCount(fileSeq) &&
    hashForm.test(sha256) &&
    (before === noFileBefore || hashForm.test(before)) &&
    afterLast === '';
  if (!good) return fail('malformed');
  return ok({
    direction,
    county,
    kiosk,
    inc: Number(inc),
    fileSeq: Number(fileSeq),
    sha256,
    prevFileSha: before === noFileBefore ? '' : before,
  });
}

/** A kiosk's log, as its checkpoints name it; also the name of who signs them (C2SP tlog-checkpoint, reconciliation.md R4). */
export function checkpointOrigin({
  county,
  kiosk,
  inc,
}: {
  readonly county: string;
  readonly kiosk: string;
  readonly inc: number;
}): string {
  return `civicpos/${county}/${kiosk}/${inc}`;
}

/** The three lines of a C2SP checkpoint: origin, size, root. `root` comes in base64url, as events have it, and leaves in base64. */
export function checkpointText(origin: string, { size, root }: { readonly size: number; readonly root: string }): string {
  const bytes = Buffer.from(root, 'base64url');
  assert(bytes.length === rootBytes && Number.isSafeInteger(size) && size >= 0, 'a checkpoint is of a tree head');
  return `${origin}\n${size}\n${bytes.toString('base64')}\n`;
}

/** Reads the three lines of a checkpoint, root in base64url; one with further lines is none of ours. */
export function parseCheckpoint(
  text: string,
): Result<{ readonly origin: string; readonly size: number; readonly root: string }, 'malformed'> {
  const lines = text.split('\n');
  if (lines.length !== 4) return fail('malformed');
  const [origin, size, root, afterLast] = lines as [string, string, string, string]; // four of them, see above
  const bytes = Buffer.from(root, 'base64');
  const good = origin !== '' && isCount(size) && bytes.length === rootBytes && bytes.toString('base64') === root && afterLast === '';
  return good ? ok({ origin, size: Number(size), root: bytes.toString('base64url') }) : fail('malformed');
}

const rootBytes = 32;

/** First four bytes of SHA-256(name ‖ newline ‖ type ‖ key): tells apart keys of one name (C2SP signed-note). */
export function keyHash(key: NoteKey): Buffer {
  return createHash('sha256')
    .update(key.name, 'utf8')
    .update(Uint8Array.of(0x0a, ed25519Type))
    .update(key.publicKey)
    .digest()
    .subarray(0, keyHashBytes);
}

interface NoteSignature {
  readonly name: string;
  readonly hash: Buffer;
  readonly signature: Buffer;
}

function splitNote(note: string): { readonly text: string; readonly signatures: readonly NoteSignature[] } | null {
  if (note.length > noteCharactersMax || !note.endsWith('\n')) return null;
  const blank = note.lastIndexOf('\n\n'); // the text may hold blank lines: the last one ends it
  if (blank === -1) return null;
  const text = note.slice(0, blank + 1);
  const lines = note.slice(blank + 2, -1).split('\n');
  if (!isNoteText(text) || lines.length > signaturesMax) return null;
  const signatures = lines.map((line) => parseSignature(line));
  return signatures.every((signature) => signature !== null) ? { text, signatures } : null;
}

/** A signature of another algorithm has another length: it is kept, matches no key hash of ours, and is passed over. */
function parseSignature(line: string): NoteSignature | null {
  const match = /^— ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
  if (match === null) return null;
  const [, name, encoded] = match as unknown as [string, string, string]; // both groups take part in every match
  const bytes = Buffer.from(encoded, 'base64');
  if (!isSignerName(name) || bytes.length <= keyHashBytes || bytes.toString('base64') !== encoded) return null;
  return { name, hash: bytes.subarray(0, keyHashBytes), signature: bytes.subarray(keyHashBytes) };
}

function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !/[^\n\P{Cc}]/u.test(text);
}

function isSignerName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\s+\p{Cc}]/u.test(name);
}

/** A whole number as we write it: no sign, no leading zero, no more than a double holds. */
function isCount(text: string): boolean {
  return /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text));
}
