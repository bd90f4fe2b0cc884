// Checks the county's log as it lies beside the files of an outsider (docs/files.md, L): every entry under a root, every root signed and going
// on from the one before, and nothing in the folder that is another than the log says. Where no log lies none is asked for.

import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn } from './check-county-files.ts';
import { type Awards, type LogPlaces, batchKey, checkAwards, checkNamed, downsOf, fileKey, settlementKey } from './check-log-whole.ts';
import type { OutsiderKeys } from './check-files.ts';
import type { KioskReport } from './check-kiosk-files.ts';
import type { Evidence } from './files-evidence.ts';
import type { MissingFiles } from './files-unchecked.ts';
import { type Named, formOf, linesOf, namesIn, needFile, readNote } from './files-lines.ts';
import { type DownHeader, downFileBytesMax, downHeader, downLineBytesMax } from './model/down-file.ts';
import { parseKeyWord } from './model/key-word.ts';
import { type LogEntry, logEntry, logEntryText } from './model/log-entry.ts';
import { type LogHead, logOrigin, openLogRoot } from './model/log-root.ts';
import { type FileNote, type NoteKey, checkpointOrigin, keyHash, noteText, openNote, parseFileNote, signatureLines } from './model/note.ts';
import { type Tree, growTree } from './tree.ts';
import { isConsistent, leafHash } from './tree-proofs.ts';
import { fileNumber } from './up-files.ts';
import { Lie } from './verify-lie.ts';

const check = 'county log';
/** Of a day: some kilobytes for each file either way. */
const entriesBytesMax = 256 * 1024 * 1024;
const names = /^(county\.pub|committee|\d{15}\.(checkpoint|entries|[0-9a-f]{8}\.cosignature))$/;

interface OfLog {
  readonly directory: string;
  readonly root: string;
  readonly keys: OutsiderKeys;
  /** What the files say, which were checked before. */
  readonly reports: readonly KioskReport[];
  /** Keys (raw, base64url) that the files of each kiosk are signed with. */
  readonly signers: ReadonlyMap<string, ReadonlySet<string>>;
  /** What they show, by kiosk, the oldest incarnation first. */
  readonly evidence: ReadonlyMap<string, readonly Evidence[]>;
}

interface CheckedLog {
  readonly roots: number;
  readonly entries: number;
  /** Of the committee. */
  readonly signatures: number;
  readonly awards: Awards;
  /** Files that it names, by kiosk. */
  readonly missing: ReadonlyMap<string, MissingFiles>;
}

/** Null: no log lies there. Throws Lie. */
export async function checkLog(of: OfLog): Promise<CheckedLog | null> {
  const { directory, keys } = of;
  if (!existsSync(join(directory, 'log'))) return null;
  const found = namesIn(named(of, 'log'));
  const stranger = found.find((name) => !names.test(name));
  if (stranger !== undefined) throw new Lie(check, `log/${stranger}`, 'is no file of a log');
  const origin = logOrigin(keys.county);
  const trusted = new Set(keys.countyKeys);
  checkCountyKey(of, origin, trusted);
  const tree = growTree();
  const places = newPlaces(of);
  const roots = new Map<number, string>();
  let held: LogHead = { size: 0, root: '' };
  const numbered = new Set(found.flatMap((name) => /^(\d{15})\.(?:checkpoint|entries)$/.exec(name)?.[1] ?? []));
  for (const number of numbered) {
    for (const [i, text] of readEntries(of, `${number}.entries`).entries()) {
      tree.add(leafHash(Buffer.from(text)));
      const entry = readEntry(text, `log/${number}.entries, line ${i + 1}`);
      places.take(entry, tree, `log/${number}.entries, line ${i + 1}`);
      if (entry.t === 'KEY') followKey(entry.note, { county: keys.county, origin, trusted, kiosks: places.keys });
      if (entry.t === 'SETTLEMENT') checkSettlement(of, entry, `log/${number}.entries, line ${i + 1}`);
    }
    const { head, text } = readRoot(of, number, held, trusted);
    if (head.size !== tree.size() || head.root !== tree.root().toString('base64url'))
      throw new Lie(check, `log/${number}.checkpoint`, 'is not the root of the entries through it');
    held = head;
    roots.set(head.size, text);
  }
  const missing = await checkHashes(of, places);
  await checkSuperseded(of, [...trusted, ...keys.countyKeys]);
  const signatures = await checkCosignatures(of, found, roots);
  checkNamed(places, of.evidence);
  const awards = checkAwards(places, of.evidence, missing);
  return { roots: roots.size, entries: tree.size(), signatures, awards, missing };
}

function named({ directory }: OfLog, name: string): Named {
  return { path: join(directory, name), place: name };
}

function textOf(file: Named): string {
  if (!existsSync(file.path)) throw new Lie(check, file.place, 'is missing');
  return readNote(file);
}

function rawOf(key: string): Uint8Array {
  return new Uint8Array(Buffer.from(key, 'base64url'));
}

/** Rule L1: by which its witnesses know the county. */
function checkCountyKey(of: OfLog, origin: string, trusted: ReadonlySet<string>): void {
  const text = textOf(named(of, 'log/county.pub'));
  if (![...trusted].some((key) => text === `${verifierText({ name: origin, publicKey: rawOf(key) })}\n`))
    throw new Lie(check, 'log/county.pub', 'is no key of this county');
}

/** As C2SP writes a verifier key. */
function verifierText({ name, publicKey }: NoteKey): string {
  const key = Buffer.concat([Uint8Array.of(1), publicKey]).toString('base64');
  return `${name}+${keyHash({ name, publicKey }).toString('hex')}+${key}`;
}

function readEntries(of: OfLog, name: string): readonly string[] {
  const file = named(of, `log/${name}`);
  needFile(file);
  if (statSync(file.path).size > entriesBytesMax) throw new Lie(check, file.place, 'is too long');
  const bytes = readFileSync(file.path);
  if (!isUtf8(bytes)) throw new Lie(check, file.place, 'is not UTF-8');
  const lines = bytes.toString('utf8').split('\n');
  if (lines.pop() !== '') throw new Lie(check, `log/${name}, line ${lines.length + 1}`, 'has no end');
  return lines;
}

function readEntry(text: string, place: string): LogEntry {
  try {
    const read = logEntry.safeParse(JSON.parse(text));
    if (read.success && logEntryText(read.data) === text) return read.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Lie(check, place, 'is no entry of a log');
}

/** Rules K5 and K6: a key of the county, or of a kiosk, begins or ends where one that is believed says so. */
function followKey(
  note: string,
  of: { readonly county: string; readonly origin: string; readonly trusted: Set<string>; readonly kiosks: Map<string, Set<string>> },
): void {
  const { county, origin, trusted, kiosks } = of;
  const opened = openNote(
    note,
    [...trusted].map((key) => ({ name: origin, publicKey: rawOf(key) })),
  );
  const word = opened.ok ? parseKeyWord(opened.value.text) : opened;
  if (!word.ok || word.value.county !== county) return;
  if (word.value.whose !== 'file') kiosks.get(word.value.whose)?.add(word.value.key);
  else if (word.value.what === 'begins') trusted.add(word.value.key);
  else if (trusted.size > 1) trusted.delete(word.value.key);
}

/** The files of one number that the log names. */
interface LoggedNumber extends Pick<FileNote, 'direction' | 'kiosk' | 'inc' | 'fileSeq'> {
  readonly hashes: ReadonlySet<string>;
  /** The county's newest word on its epoch before the last of them; 1: it said none. */
  readonly bookEpoch: number;
}

/** What the entries say, as far as it was read. */
interface Places extends LogPlaces {
  /** By direction, kiosk, incarnation and number. */
  readonly numbers: ReadonlyMap<string, LoggedNumber>;
  /** Keys (raw, base64url) of each kiosk that the outsider's keys name, as they, its files and the log so far tell them. */
  readonly keys: Map<string, Set<string>>;
  /** The next entry, which is in the tree already. */
  take(entry: LogEntry, tree: Tree, place: string): void;
}

function newPlaces(of: OfLog): Places {
  const { evidence, keys: given, signers } = of;
  const wanted = new Set(downsOf(evidence).map(({ root }) => root?.size));
  const files = new Map<string, number>();
  const numbers = new Map<string, LoggedNumber>();
  const lists = new Set<number>();
  const known = Object.entries(given.kiosks).filter(([, first]) => first.length > 0);
  const keys = new Map(known.map(([kiosk, first]) => [kiosk, new Set([...first, ...(signers.get(kiosk) ?? [])])]));
  const here = filesUpIn(evidence);
  const settlements = new Map<string, number>();
  const batches = new Map<string, number>();
  const epochs: { readonly at: number; readonly serverEpoch: number }[] = [];
  const rootAt = new Map<number, string>();
  let awarded = 0n;
  let beyond: LogPlaces['beyond'] = null;
  const keep = <Key>(of: Map<Key, number>, key: Key, at: number): void => {
    if (!of.has(key)) of.set(key, at);
  };
  const keepFile = (note: string, at: number, place: string): void => {
    const said = saidBy(note);
    if (said === null) return;
    const { direction, kiosk, inc, fileSeq, sha256 } = said;
    if (direction === 'up' && !here.has(fileKey(direction, said)) && !isKiosks(note, said, keys.get(kiosk)))
      throw new Lie(check, place, 'is of a file that is not here and that its kiosk did not sign');
    const name = numberKey(direction, said);
    const hashes = new Set([...(numbers.get(name)?.hashes ?? []), sha256]);
    numbers.set(name, { direction, kiosk, inc, fileSeq, hashes, bookEpoch: beyond?.serverEpoch ?? 1 });
    keep(files, fileKey(direction, said), at);
  };
  const takeList = ({ batch, points }: LogEntry & { readonly t: 'AWARDS' }, place: string): void => {
    if (lists.has(batch)) throw new Lie(check, place, `is of list ${batch}, which was entered before`);
    lists.add(batch);
    awarded += BigInt(points);
  };
  return {
    files,
    numbers,
    epochs,
    keys,
    settlements,
    batches,
    rootAt,
    get awarded() {
      return awarded;
    },
    get beyond() {
      return beyond;
    },
    take(entry, tree, place) {
      const at = tree.size() - 1;
      if (wanted.has(tree.size())) rootAt.set(tree.size(), tree.root().toString('base64url'));
      if (entry.t === 'FILE') keepFile(entry.note, at, place);
      else if (entry.t === 'SETTLEMENT') keep(settlements, settlementKey(entry.kiosk, entry.number), at);
      else if (entry.t === 'COUNTY_BATCH') keep(batches, batchKey({ ...entry, fen: entry.owedFen }), at);
      else if (entry.t === 'AWARDS') takeList(entry, place);
      else if (entry.t === 'BEYOND_AWARDS') {
        if (entry.entries !== at) throw new Lie(check, place, `says that ${entry.entries} entries stand before it, and ${at} do`);
        beyond = entry;
        if (entry.serverEpoch > (epochs.at(-1)?.serverEpoch ?? 1)) epochs.push({ at, serverEpoch: entry.serverEpoch });
      }
    },
  };
}

/** As fileKey, of whatever hash. */
function numberKey(direction: FileNote['direction'], { kiosk, inc, fileSeq }: Pick<FileNote, 'kiosk' | 'inc' | 'fileSeq'>): string {
  return `${direction} ${kiosk} ${inc} ${fileSeq}`;
}

function filesUpIn(evidence: OfLog['evidence']): ReadonlySet<string> {
  return new Set([...evidence.values()].flat().flatMap(({ ups }) => ups.map((up) => fileKey('up', up))));
}

/** Whether a note is the kiosk's by any key that it ever had; of one whose keys the outsider was not given nobody can say. */
function isKiosks(note: string, { county, kiosk, inc }: FileNote, known: ReadonlySet<string> | undefined): boolean {
  if (known === undefined) return true;
  const name = checkpointOrigin({ county, kiosk, inc });
  return openNote(
    note,
    [...known].map((key) => ({ name, publicKey: rawOf(key) })),
  ).ok;
}

function saidBy(note: string): FileNote | null {
  const said = parseFileNote(noteText(note));
  return said.ok ? said.value : null;
}

/**
 * Rule L4: of a number that the log names, a file that lies here is one that it names. A number down may be that of a later incarnation's file,
 * or of one that a book made which was put back since: the file that had it is lost with the book. Returns how many are named and not here:
 * of those up every file, of those down the numbers of which no file is.
 */
async function checkHashes(of: OfLog, { numbers }: Places): Promise<ReadonlyMap<string, MissingFiles>> {
  const ups = filesUpIn(of.evidence);
  const missing = new Map<string, MissingFiles>();
  for (const logged of numbers.values()) {
    const { direction, kiosk, hashes, bookEpoch } = logged;
    const here = filesHere(of, logged);
    const isNamed = here.some(({ sha256 }) => hashes.has(sha256));
    for (const { place } of isNamed ? [] : here)
      if (direction === 'up' || (await epochOf(of, place)) <= bookEpoch)
        throw new Lie(check, place, 'is another file than the log has of its number');
    const gone =
      direction === 'down' ? Number(!isNamed) : [...hashes].filter((sha256) => !ups.has(fileKey('up', { ...logged, sha256 }))).length;
    const before = missing.get(kiosk) ?? { up: 0, down: 0 };
    if (gone > 0) missing.set(kiosk, { ...before, [direction]: before[direction] + gone });
  }
  return missing;
}

/** Of that number, in force or superseded: where the note of each lies, and the hash it speaks of. */
function filesHere(of: OfLog, { direction, kiosk, inc, fileSeq }: LoggedNumber): readonly { place: string; sha256: string }[] {
  const folders = direction === 'up' ? [`up/${kiosk}/${inc}`] : [`down/${kiosk}`, `superseded/${kiosk}/${inc}`];
  return folders
    .map((folder) => `${of.root}/${folder}/${fileNumber(fileSeq)}.note`)
    .filter((place) => existsSync(join(of.directory, place)))
    .flatMap((place) => {
      const said = saidBy(readNote(named(of, place)));
      return said?.inc === inc ? [{ place, sha256: said.sha256 }] : [];
    });
}

/** Which book made the file down whose note lies there. */
async function epochOf(of: OfLog, place: string): Promise<number> {
  return (await headerOf(named(of, place.replace(/note$/, 'jsonl.gz')))).serverEpoch;
}

/** Rule L5. A kiosk that was put back may have made that number twice: one of them is meant. */
function checkSettlement({ reports }: OfLog, entry: LogEntry & { readonly t: 'SETTLEMENT' }, place: string): void {
  const made = reports
    .filter(({ kiosk }) => kiosk === entry.kiosk)
    .flatMap(({ settlements }) => settlements.filter(({ number }) => number === entry.number));
  if (made.length > 0 && made.every(({ owedFen }) => owedFen !== entry.owedFen))
    throw new Lie(check, place, `says ${entry.owedFen} fen of settlement ${entry.number} of ${entry.kiosk}, and its files say other`);
}

/** Rules L2 and L3: the size before, the proof from there, and the root, under which stand signatures of the county and nothing else. */
function readRoot(
  of: OfLog,
  number: string,
  held: LogHead,
  trusted: ReadonlySet<string>,
): { readonly head: LogHead; readonly text: string } {
  const place = `log/${number}.checkpoint`;
  const whole = textOf(named(of, place));
  const blank = whole.indexOf('\n\n');
  const [old = '', ...hashes] = whole.slice(0, Math.max(0, blank)).split('\n');
  const proof = hashes.map((each) => Buffer.from(each, 'base64'));
  if (old !== `old ${held.size}` || proof.some((each, i) => each.toString('base64') !== hashes[i]))
    throw new Lie(check, place, 'does not follow the root before it');
  const note = whole.slice(blank + 2);
  const { above, lines } = signatureLines(note);
  const keys = [...trusted].map(rawOf);
  const heads = lines.map((line) => openLogRoot(above + line, of.keys.county, keys));
  const [head] = heads;
  if (head?.ok !== true || !heads.every(({ ok }) => ok) || new Set(lines).size !== lines.length)
    throw new Lie(check, place, 'is not signed by the county alone');
  const { size, root, text } = head.value;
  if (size !== Number(number)) throw new Lie(check, place, `is the root of ${size} entries`);
  const before = held.size === 0 ? proof.length === 0 : isConsistent(bytesOf(held), bytesOf({ size, root }), proof);
  if (!before) throw new Lie(check, place, 'does not go on from the root before it');
  return { head: { size, root }, text };
}

function bytesOf({ size, root }: LogHead): { readonly size: number; readonly root: Buffer } {
  return { size, root: Buffer.from(root, 'base64url') };
}

/** Rule L6: each is of a root that lies there, by a key of the committee. */
async function checkCosignatures(of: OfLog, found: readonly string[], roots: ReadonlyMap<number, string>): Promise<number> {
  const members = await committeeOf(of);
  const signatures = found.filter((name) => name.endsWith('.cosignature'));
  for (const name of signatures) {
    const text = roots.get(Number(name.slice(0, 15)));
    const line = textOf(named(of, `log/${name}`));
    const opened = text === undefined || line.indexOf('\n') !== line.length - 1 ? null : openNote(`${text}\n${line}`, members);
    const signer = members.find((key) => opened?.ok === true && keyHash(key).toString('hex') === name.split('.')[1]);
    if (signer === undefined || opened?.ok !== true || !opened.value.signers.includes(signer.name))
      throw new Lie(check, `log/${name}`, 'is no signature of the committee under a root of this log');
  }
  return signatures.length;
}

/** Those that files told kiosks, and those whose keys lie beside the log: none of the second has the name of one of the first. */
async function committeeOf(of: OfLog): Promise<readonly NoteKey[]> {
  const told = new Map<string, string>();
  const down = named(of, `${of.root}/down`);
  for (const kiosk of namesIn(down)) {
    const place = `${down.place}/${kiosk}`;
    const newest = filesIn(join(down.path, kiosk), place, ['.jsonl.gz', '.note']).at(-1);
    const header = newest === undefined ? null : await headerOf(named(of, `${place}/${fileNumber(newest)}.jsonl.gz`));
    for (const { name, key } of header?.committee ?? []) told.set(name, key);
  }
  const keys = [...told].map(([name, key]) => ({ name, publicKey: rawOf(key) }));
  for (const name of namesIn(named(of, 'log/committee'))) {
    const place = `log/committee/${name}`;
    const key = parseVerifier(textOf(named(of, place)));
    if (key === null) throw new Lie(check, place, 'is no key');
    const known = told.get(key.name);
    if (known !== undefined && known !== Buffer.from(key.publicKey).toString('base64url'))
      throw new Lie(check, place, 'is another key than the one of that name that kiosks were told');
    if (known === undefined) keys.push(key);
  }
  return keys;
}

/** Of a file that may be one that no chain applied, since another of its number took effect. */
async function headerOf(file: Named): Promise<DownHeader> {
  const lines = linesOf(file, { lineBytesMax: downLineBytesMax, fileBytesMax: downFileBytesMax });
  const first = await lines.next();
  await lines.return('');
  if (first.done === true) throw new Lie('county files', file.place, 'is empty');
  return formOf(first.value, downHeader);
}

function parseVerifier(text: string): NoteKey | null {
  const [, name, key] = /^([^\s+]{1,100})\+[0-9a-f]{8}\+([A-Za-z0-9+/]{44})\n$/.exec(text) ?? [];
  if (name === undefined || key === undefined) return null;
  const read = { name, publicKey: new Uint8Array(Buffer.from(key, 'base64').subarray(1)) };
  return `${verifierText(read)}\n` === text ? read : null;
}

/** Rule L7: files that were signed and never took effect are whole and signed, too. */
async function checkSuperseded(of: OfLog, trusted: readonly string[]): Promise<void> {
  const { root, keys } = of;
  const place = `${root}/superseded`;
  const signers = trusted.map((key) => ({ name: keys.countyKeyName, publicKey: rawOf(key) }));
  for (const kiosk of namesIn(named(of, place)))
    for (const inc of namesIn(named(of, `${place}/${kiosk}`)))
      for (const name of namesIn(named(of, `${place}/${kiosk}/${inc}`))) {
        const at = `${place}/${kiosk}/${inc}/${name}`;
        if (!/^\d{8}\.(jsonl\.gz|note)$/.test(name)) throw new Lie('files', at, 'is no file of ours');
        const opened = openNote(textOf(named(of, at.replace(/jsonl\.gz$/, 'note'))), signers);
        const said = opened.ok ? parseFileNote(opened.value.text) : opened;
        const isIts =
          said.ok &&
          said.value.direction === 'down' &&
          said.value.county === keys.county &&
          said.value.kiosk === kiosk &&
          String(said.value.inc) === inc &&
          fileNumber(said.value.fileSeq) === name.slice(0, 8);
        if (!isIts) throw new Lie('county files', at.replace(/jsonl\.gz$/, 'note'), 'is no note of this file by the county');
        if ((await hashOf(named(of, at.replace(/note$/, 'jsonl.gz')))) !== said.value.sha256)
          throw new Lie('county files', at.replace(/note$/, 'jsonl.gz'), 'is not what its note says');
      }
}

async function hashOf(file: Named): Promise<string> {
  if (!existsSync(file.path)) throw new Lie('county files', file.place, 'is missing');
  const lines = linesOf(file, { lineBytesMax: downLineBytesMax, fileBytesMax: downFileBytesMax });
  for (;;) {
    const next = await lines.next();
    if (next.done === true) return next.value;
  }
}
