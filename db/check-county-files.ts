// Checks the county's files to one kiosk as its chain applies them: signed, whole, in order; and keeps what settlements and keys need
// of them. Decides nothing that a kiosk decides (verify-county.ts does).

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OutsiderKeys } from './check-files.ts';
import { type DownEvidence, batchOf } from './files-evidence.ts';
import type { FilesFold } from './files-fold.ts';
import { type Named, formOf, linesOf, namesIn, readNote } from './files-lines.ts';
import type { Shop } from './model/catalogue.ts';
import {
  type DownHeader,
  type DownLine,
  type DownTrailer,
  downFileBytesMax,
  downHeader,
  downLine,
  downLineBytesMax,
  downTrailer,
} from './model/down-file.ts';
import type { BookEvent, SettlementBody } from './model/event.ts';
import { type Told, isTrulySigned, nextCommittee, openCosigned, takenByNotice } from './model/committee.ts';
import { type LogHead, logOrigin, openLogRoot } from './model/log-root.ts';
import { type FileNote, noteSigners, noteText, openNote, parseFileNote } from './model/note.ts';
import type { Scheme } from './model/scheme.ts';
import { isConsistent } from './tree-proofs.ts';
import { Lie } from './verify-lie.ts';
import type { RightsChecks } from './verify-rights.ts';

export interface CountyWord {
  /** The file that an event applied: read, checked, folded. */
  apply(event: BookEvent & { readonly kind: 'DOWN_APPLIED' }, place: string, fold: FilesFold, rights: RightsChecks): Promise<void>;
  /** A backup was put back by the event with this leaf (base64url): the files that follow name it. */
  restored(leaf: string): void;
  /** A person of the shop took what a printed notice says (rule B5). */
  notice(event: BookEvent & { readonly kind: 'NOTICE_TAKEN' }, place: string): void;
  /** What came of that, a sentence each. */
  notices(): readonly string[];
  /** Files that lie there and were not applied yet: checked like the others, folded into nothing. */
  checkRest(): Promise<void>;
  /** Every key that ever signed for the county, so far. */
  keys(): readonly Uint8Array[];
  /** Those in force: of the keys that its files brought, or of the outsider's before. */
  keysInForce(): readonly Uint8Array[];
  scheme(): Scheme | null;
  shop(): Shop | null;
  /** In the order of the files, and within one by id. */
  adjustments(): SettlementBody['adjustments'];
  applied(): number;
  /** Of the county's log, as the newest file that was read brought it; null: none did. */
  root(): { readonly size: number; readonly root: string } | null;
  /** The `serverEpoch` of the newest file that was applied; 0: none was. */
  epoch(): number;
  /** What each file that was read shows, in their order. */
  evidence(): readonly DownEvidence[];
}

export interface OfKiosk {
  readonly directory: string;
  readonly root: string;
  readonly kiosk: string;
  readonly keys: OutsiderKeys;
}

/** Leaf of event `seq` of an incarnation, where a file of the kiosk ends there; else null. */
export type LeafAt = (inc: number, seq: number) => string | null;

/** Before the county said anything. */
export function countyWord(of: OfKiosk, leafAt: LeafAt): CountyWord {
  const { directory, root, kiosk, keys } = of;
  const fileKeys = new Map<number, { readonly key: string; readonly active: boolean; readonly downSeq: number }>();
  const everSigned = new Set(keys.countyKeys);
  const adjusted = new Map<string, { readonly id: string; readonly zh: string; readonly fen: number; readonly downSeq: number }>();
  let scheme: Scheme | null = null;
  let shop: Shop | null = null;
  let before: { readonly seq: number; readonly sha256: string; readonly header: DownHeader | null } = { seq: 0, sha256: '', header: null };
  let applied = 0;
  let epoch = 0;
  let incLeaf: string | undefined;
  let logHead: LogHead | null = null;
  let members: readonly Told[] = [];
  /** Places of the notices that excuse a file, by its hash. */
  const excused = new Map<string, string>();
  const taken: string[] = [];
  const evidence: DownEvidence[] = [];

  const inForce = (): readonly Uint8Array[] => {
    const active = [...fileKeys.values()].filter((each) => each.active).map(({ key }) => key);
    return (active.length === 0 ? keys.countyKeys : active).map((key) => Buffer.from(key, 'base64url'));
  };
  const named = (seq: number, suffix: string, folder = `down/${kiosk}`): Named => {
    const place = `${root}/${folder}/${eight(seq)}${suffix}`;
    return { path: join(directory, place), place };
  };
  /** A file that an incarnation applied, and which the backup that was put back did not have, gave its place to the next one's (rule S4). */
  const folderOf = ({ downSeq, sha256 }: Applied, inc: number): string => {
    const aside = `superseded/${kiosk}/${inc}`;
    return saysSha(named(downSeq, '.note', aside), sha256) ? aside : `down/${kiosk}`;
  };

  const hear = (line: DownLine, downSeq: number, place: string): void => {
    if (line.t === 'SCHEME' && line.scheme.version >= (scheme?.version ?? 0)) scheme = line.scheme;
    else if (line.t === 'SHOP') {
      if (line.shop.kiosk !== kiosk) throw new Lie('county files', place, `is the shop of ${line.shop.kiosk}`);
      shop = line.shop;
    } else if (line.t === 'KEY' && line.use === 'file') {
      fileKeys.set(line.kid, { key: line.key, active: line.active, downSeq });
      everSigned.add(line.key);
    } else if (line.t === 'ADJUST') {
      const known = adjusted.get(line.id);
      if (known !== undefined && known.fen !== line.fen)
        throw new Lie('county files', place, `adjustment ${line.id} was of another amount`);
      if (known === undefined) adjusted.set(line.id, { id: line.id, zh: line.zh, fen: line.fen, downSeq });
    }
  };

  const checkNote = (seq: number, folder: string | undefined): FileNote => {
    const note = named(seq, '.note', folder);
    for (const each of [named(seq, '.jsonl.gz', folder), note])
      if (!existsSync(each.path)) throw new Lie('county files', each.place, 'is missing');
    const opened = openNote(
      readNote(note),
      inForce().map((publicKey) => ({ name: keys.countyKeyName, publicKey })),
    );
    if (!opened.ok) throw new Lie('county files', note.place, `is not signed by the county: ${opened.code}`);
    const said = parseFileNote(opened.value.text);
    const isIt =
      said.ok &&
      said.value.direction === 'down' &&
      said.value.county === keys.county &&
      said.value.kiosk === kiosk &&
      said.value.fileSeq === seq &&
      said.value.prevFileSha === before.sha256;
    if (!isIt) throw new Lie('county files', note.place, `is no note of file ${seq} after the one before it`);
    return said.value;
  };

  const checkHeader = (header: DownHeader, note: FileNote, place: string): void => {
    const lie = (what: string): never => {
      throw new Lie('county files', place, what);
    };
    const { county, inc = 1, downSeq, prevDownSha, ackThrough } = header;
    const said = [county, header.kiosk, inc, downSeq, prevDownSha].join(' ');
    if (said !== [keys.county, kiosk, note.inc, note.fileSeq, note.prevFileSha].join(' ')) return lie('is not what its note speaks of');
    if (before.header !== null && (header.serverEpoch < before.header.serverEpoch || header.asOf < before.header.asOf))
      return lie('is older than the file before it');
    if (ackThrough !== null && leafAt(ackThrough.inc, ackThrough.seq) !== ackThrough.leaf)
      return lie(`acknowledges an event ${ackThrough.seq} that ends no file here, or another one`);
    if (header.countyRoot !== undefined) checkRoot(header.countyRoot, place);
    else if (logHead !== null) return lie("brings no root of the county's log, and the ones before did");
    takeCommittee(header, note, place);
  };

  /** What it says of the committee; nothing, where that is false and a person took the file without it. */
  const takeCommittee = (header: DownHeader, { sha256 }: FileNote, place: string): void => {
    const excuse = excused.get(sha256);
    const before = members;
    try {
      checkCommittee(header, place);
    } catch (error) {
      if (excuse === undefined || !(error instanceof Lie)) throw error;
      members = before;
      taken.push(`${excuse}: ${place} ${error.what}; it was taken without that, by a printed notice`);
    }
  };

  /** The county's log only grows: what it was is the beginning of what it is. */
  const checkRoot = ({ note, proof }: NonNullable<DownHeader['countyRoot']>, place: string): void => {
    const opened = openLogRoot(note, keys.county, inForce());
    if (!opened.ok) throw new Lie('county log', place, `carries a root that the county did not sign: ${opened.code}`);
    const { size, root: rootHash } = opened.value;
    const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
    const grows =
      logHead === null ||
      isConsistent({ size: logHead.size, root: bytes(logHead.root) }, { size, root: bytes(rootHash) }, proof.map(bytes));
    if (!grows)
      throw new Lie('county log', place, `carries a root of ${size} leaves that does not continue the one of ${logHead?.size ?? 0}`);
    logHead = { size, root: rootHash };
  };

  /** Who watches the county is changed by nobody but the committee, and what is told as signed by it is. */
  const checkCommittee = ({ countyRoot, committee, cosigned }: DownHeader, place: string): void => {
    const lie = (what: string): never => {
      throw new Lie('county log', place, what);
    };
    const next = nextCommittee(members, keys.county, committee);
    if (next === null) return lie('names a committee that the one before it did not name');
    members = next;
    if (countyRoot !== undefined && !isTrulySigned(countyRoot.note, members))
      return lie('carries a signature of the committee that is none');
    if (cosigned === undefined) return;
    const opened = openCosigned(cosigned.note, { county: keys.county, members, fileKeys: inForce() });
    if (!opened.ok) return lie('carries a root that county and committee did not sign');
    const head = ({ size, root: text }: LogHead) => ({ size, root: Buffer.from(text, 'base64url') });
    const proof = cosigned.proof.map((each) => Buffer.from(each, 'base64url'));
    if (logHead === null || !isConsistent(head(opened.value), head(logHead), proof))
      return lie(`carries a root of ${opened.value.size} leaves signed by the committee, which its own does not continue`);
  };

  /** Reads file `seq` whole; its lines go to `take`. `given`: what the kiosk was ever given by then. */
  const read = async (
    seq: number,
    take: (line: DownLine, place: string) => void,
    { given = () => 0, folder }: { readonly given?: () => number; readonly folder?: string } = {},
  ): Promise<{ header: DownHeader; sha256: string; lines: number }> => {
    const note = checkNote(seq, folder);
    const file = named(seq, '.jsonl.gz', folder);
    const reader = linesOf(file, { lineBytesMax: downLineBytesMax, fileBytesMax: downFileBytesMax });
    let header: DownHeader | null = null;
    let trailer: DownTrailer | null = null;
    const sums = { lines: 0, granted: 0n, balance: 0n };
    const said = newSaid();
    let step = await reader.next();
    for (; step.done !== true; step = await reader.next()) {
      const line = step.value;
      if (header === null) {
        header = formOf(line, downHeader);
        checkHeader(header, note, line.place);
      } else if (trailer !== null) throw new Lie('form', line.place, 'stands after the trailer');
      else if (line.text.endsWith('"t":"T"}')) trailer = formOf(line, downTrailer);
      else {
        const of = formOf(line, downLine);
        sums.lines += 1;
        if (of.t === 'GRANT') sums.granted += BigInt(of.g);
        if (of.t === 'BAL') sums.balance += BigInt(of.balance);
        said.take(of);
        hear(of, seq, line.place);
        take(of, line.place);
      }
    }
    if (header === null || trailer === null) throw new Lie('county files', file.place, 'has no end');
    if (trailer.lines !== sums.lines || BigInt(trailer.sumGranted) !== sums.granted || BigInt(trailer.sumBalance) !== sums.balance)
      throw new Lie('county files', file.place, 'does not add up to its trailer');
    if (step.value !== note.sha256) throw new Lie('county files', file.place, 'is not what its note signs');
    if (header.snapshot) for (const [kid, { downSeq }] of fileKeys) if (downSeq !== seq) fileKeys.delete(kid);
    before = { seq, sha256: note.sha256, header };
    evidence.push({
      ...said.of,
      ...shownBy(header),
      sha256: note.sha256,
      place: named(seq, '.note', folder).place,
      root: logHead === null ? null : { ...logHead, isCosigned: isCosigned(header) },
      given: given(),
    });
    return { header, sha256: note.sha256, lines: sums.lines };
  };

  return {
    restored(leaf) {
      incLeaf = leaf;
    },
    notice({ body }, place) {
      if (body.about === 'file') {
        excused.set(body.sha256, place);
        return;
      }
      const next = takenByNotice(members, body);
      if (next === null) throw new Lie('county log', place, `takes a key of the committee, ${body.name}, that waits for no notice`);
      members = next;
      taken.push(`${place}: the key ${body.name} of the committee was taken by a printed notice: no key before it named this one`);
    },
    notices: () => taken,
    async apply(event, place, fold, rights) {
      const { downSeq, sha256, asOf, lines } = event.body;
      if (downSeq !== before.seq + 1) throw new Lie('county files', place, `applied file ${downSeq} where ${before.seq + 1} was due`);
      const folder = folderOf(event.body, event.inc);
      const found = await read(
        downSeq,
        (line, where) => {
          if (line.t === 'RETURN_REQ') rights.ask(line, downSeq, where);
          fold.takeCounty(line.t === 'GRANT' ? { ...line, g: rights.grant(line, downSeq, where) } : line, where);
        },
        { given: () => fold.given(), folder },
      );
      if (found.sha256 !== sha256 || found.header.asOf !== asOf || found.lines !== lines)
        throw new Lie('county files', place, `does not say what ${named(downSeq, '.jsonl.gz', folder).place} says`);
      if ((found.header.inc ?? 1) !== event.inc || found.header.incLeaf !== incLeaf)
        throw new Lie('county files', place, 'applied a file for another incarnation');
      applied = downSeq;
      epoch = found.header.serverEpoch;
    },
    async checkRest() {
      for (const seq of filesIn(join(directory, root, 'down', kiosk), `${root}/down/${kiosk}`, ['.jsonl.gz', '.note']))
        if (seq > before.seq) await read(seq, () => {});
    },
    keys: () => [...everSigned].map((key) => Buffer.from(key, 'base64url')),
    keysInForce: inForce,
    scheme: () => scheme,
    shop: () => shop,
    adjustments: () =>
      [...adjusted.values()]
        .toSorted((a, b) => a.downSeq - b.downSeq || (a.id < b.id ? -1 : 1))
        .map(({ id, zh, fen }) => ({ id, zh, fen }) as SettlementBody['adjustments'][number]), // as the line's form has it
    applied: () => applied,
    root: () => logHead,
    epoch: () => epoch,
    evidence: () => evidence,
  };
}

type Applied = Pick<(BookEvent & { readonly kind: 'DOWN_APPLIED' })['body'], 'downSeq' | 'sha256'>;

/** Whether a note lies there and speaks of a file of that hash; who signed it is asked where it is read. */
function saysSha(note: Named, sha256: string): boolean {
  if (!existsSync(note.path)) return false;
  const said = parseFileNote(noteText(readNote(note)));
  return said.ok && said.value.sha256 === sha256;
}

/** What the log must have, as the lines of a file tell it. */
function newSaid(): {
  readonly of: Pick<DownEvidence, 'accepted' | 'batches'>;
  readonly take: (line: DownLine) => void;
} {
  const accepted: { readonly inc: number; readonly number: number }[] = [];
  const batches: { readonly batch: number; readonly fen: number }[] = [];
  return {
    of: { accepted, batches },
    take(line) {
      if (line.t === 'SETTLEMENT' && line.state !== 'sent') accepted.push({ inc: line.inc ?? 1, number: line.number });
      else if (line.t === 'ADJUST') {
        const batch = batchOf(line.id);
        if (batch !== null) batches.push({ batch, fen: line.fen });
      }
    },
  };
}

function shownBy(header: DownHeader): Pick<DownEvidence, 'kiosk' | 'downSeq' | 'inc' | 'serverEpoch' | 'ackThrough'> {
  const { kiosk, downSeq, inc = 1, serverEpoch, ackThrough } = header;
  return { kiosk, downSeq, inc, serverEpoch, ackThrough };
}

/** Whether its root bears a signature besides the county's own. */
function isCosigned({ county, countyRoot }: DownHeader): boolean {
  const signers = countyRoot === undefined ? null : noteSigners(countyRoot.note);
  return signers !== null && signers.some((name) => name !== logOrigin(county));
}

/** The numbers of the files in a folder, from 1 without a gap. */
export function filesIn(folder: string, place: string, suffixes: readonly string[]): readonly number[] {
  const numbers = numbersIn(folder, place, suffixes);
  for (const [i, number] of numbers.entries())
    if (number !== i + 1) throw new Lie('files', `${place}/${eight(i + 1)}`, `is missing, and ${number} is here`);
  return numbers;
}

/** The numbers of the files that were answered: not all of them need to be. */
export function answersIn(folder: string, place: string): readonly number[] {
  return numbersIn(folder, place, ['.ack']);
}

/** In order. Anything else in the folder is a lie: what nobody reads may say anything. */
function numbersIn(folder: string, place: string, suffixes: readonly string[]): readonly number[] {
  const numbers = new Set<number>();
  for (const name of namesIn({ path: folder, place })) {
    const number = /^\d{8}/.exec(name)?.[0];
    if (number === undefined || !suffixes.includes(name.slice(number.length)))
      throw new Lie('files', `${place}/${name}`, 'is no file of ours');
    numbers.add(Number(number));
  }
  return [...numbers].toSorted((a, b) => a - b);
}

function eight(number: number): string {
  return String(number).padStart(8, '0');
}
