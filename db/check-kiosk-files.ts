// Checks what one kiosk sent its county, incarnation by incarnation: notes, chain, signatures, postings, days, settlements, trailers,
// checkpoints, and the county's answers. Every figure is made again from the events; none is taken from a closing.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type DayReport, type SettlementReport, chainChecks } from './check-files-chain.ts';
import { tailChecks } from './check-files-tail.ts';
import { type CountyWord, type LeafAt, type OfKiosk, answersIn, countyWord, filesIn } from './check-county-files.ts';
import { type Acts, actsNamed } from './check-named-acts.ts';
import type { Evidence, UpEvidence } from './files-evidence.ts';
import { type Counter, type FilesFold, newFilesFold } from './files-fold.ts';
import { type Line, type Named, formOf, linesOf, namesIn, readNote } from './files-lines.ts';
import { parseAck } from './model/ack.ts';
import { canonical } from './model/canonical.ts';
import type { BookEvent } from './model/event.ts';
import { publicKeyFromRaw } from './model/keys.ts';
import { rotationFault } from './model/kiosk-key.ts';
import { type FileNote, type NoteKey, checkpointOrigin, checkpointText, openNote, parseFileNote } from './model/note.ts';
import { type UpHeader, upFileBytesMax, upHeader, upLineBytesMax, upSignature } from './model/up-file.ts';
import { type Tree, growTree } from './tree.ts';
import { Lie } from './verify-lie.ts';
import { signaturesOf } from './verify-signatures.ts';

/** What the files of one incarnation say. */
export interface KioskReport {
  readonly kiosk: string;
  readonly inc: number;
  readonly files: number;
  /** Events of the whole chain: through the newest file, from the first incarnation's first. */
  readonly events: number;
  readonly root: string;
  readonly headLeaf: string;
  readonly appliedDownSeq: number;
  readonly balances: { readonly [name: string]: number };
  readonly counters: { readonly [accountId: string]: Counter };
  readonly days: readonly DayReport[];
  readonly settlements: readonly SettlementReport[];
  readonly answers: number;
  /** The newest event that the county says it posted. */
  readonly acked: { readonly toSeq: number; readonly headLeaf: string } | null;
}

/** What the files say, and every key (raw, base64url) that the events through them are signed with. */
export interface CheckedKiosk {
  readonly report: KioskReport;
  readonly signedBy: readonly string[];
  /** What people of the shop took by printed notices of the county. */
  readonly notices: readonly string[];
  /** What the county's log must have by it. */
  readonly evidence: Evidence;
}

/** One for each incarnation, the first one first. Throws Lie. */
export async function* checkKiosk(of: OfKiosk): AsyncGenerator<CheckedKiosk> {
  const incs = incarnationsOf(of);
  const ends: Ends = new Map();
  for (const inc of incs) {
    const walk = newWalk(
      of,
      ends,
      await actsNamed(
        of,
        incs.filter((each) => each <= inc),
      ),
    );
    const lineage = await lineageOf(of, inc);
    for (const { inc: older, throughSeq } of lineage) await walk.follow(older, throughSeq);
    await walk.whole(inc);
    if (inc === incs.at(-1)) await walk.rest();
    const evidence = { ...walk.evidence(), base: lineage.at(-1) ?? null };
    yield { report: walk.report(inc), signedBy: walk.signedBy(), notices: walk.notices(), evidence };
  }
}

/** What the county sent a kiosk that sent nothing yet; null: it sent something. Throws Lie. */
export async function checkUnheard(of: OfKiosk): Promise<Evidence | null> {
  if (incarnationsOf(of).length > 0) return null;
  const walk = newWalk(of, new Map(), await actsNamed(of, []));
  await walk.rest();
  return { ...walk.evidence(), base: null };
}

const suffixes = ['.jsonl.gz', '.checkpoint', '.note', '.ack'];

function incarnationsOf({ directory, root, kiosk }: OfKiosk): readonly number[] {
  const names = namesIn({ path: join(directory, root, 'up', kiosk), place: `${root}/up/${kiosk}` });
  for (const name of names) if (!/^[1-9]\d{0,8}$/.test(name)) throw new Lie('files', `${root}/up/${kiosk}/${name}`, 'is no incarnation');
  return names.map(Number).toSorted((a, b) => a - b);
}

/** The older incarnations that a restored one goes on from, each with the last event that the backup had. */
async function lineageOf(of: OfKiosk, inc: number): Promise<readonly { readonly inc: number; readonly throughSeq: number }[]> {
  const reader = linesOf(namedOf(of, inc, 1, '.jsonl.gz'), bounds);
  const first = await reader.next();
  const second = await reader.next();
  await reader.return('');
  if (first.done === true) return [];
  const throughSeq = formOf(first.value, upHeader).fromSeq - 1;
  if (throughSeq === 0) return [];
  if (second.done === true) throw new Lie('files', namedOf(of, inc, 1, '.jsonl.gz').place, 'has no event');
  const base = formOf(second.value, beginning);
  const from = base.kind === 'RESTORED' ? base.body.fromInc : base.inc;
  if (from === undefined || from >= inc) throw new Lie('chain', first.value.place, `begins with event ${throughSeq + 1}`);
  const older = (await lineageOf(of, from)).map((each) => ({ ...each, throughSeq: Math.min(each.throughSeq, throughSeq) }));
  return [...older, { inc: from, throughSeq }];
}

/** Of the first event in the files of an incarnation: it tells whose files have the events before it, not always those of the one before. */
const beginning = z.object({ kind: z.string(), inc: z.int().min(1), body: z.object({ fromInc: z.int().min(1).optional() }) });

const bounds = { lineBytesMax: upLineBytesMax, fileBytesMax: upFileBytesMax };

function namedOf({ root, directory, kiosk }: OfKiosk, inc: number, fileSeq: number, suffix: string, part = 'up'): Named {
  const place = `${root}/${part}/${kiosk}/${inc}/${String(fileSeq).padStart(8, '0')}${suffix}`;
  return { path: join(directory, place), place };
}

interface Walk {
  /** Events of an older incarnation, through the one that a backup had last. */
  follow(inc: number, throughSeq: number): Promise<void>;
  /** All files of an incarnation, with everything that must stand beside the events. */
  whole(inc: number): Promise<void>;
  /** What the county sent and nobody applied yet. */
  rest(): Promise<void>;
  report(inc: number): KioskReport;
  signedBy(): readonly string[];
  notices(): readonly string[];
  evidence(): Omit<Evidence, 'base'>;
}

/**
 * `inc/seq` of the last event of each file, and its leaf; of all incarnations, since a file down may acknowledge what the kiosk forgot
 * with the backup that was put back.
 */
type Ends = Map<string, string>;

function newWalk(of: OfKiosk, ends: Ends, acts: Acts): Walk {
  const { directory, root, kiosk, keys } = of;
  const fold: FilesFold = newFilesFold(acts);
  const tree: Tree = growTree();
  const shas = new Map<number, string>();
  const ups: UpEvidence[] = [];
  const leafAt: LeafAt = (inc, seq) => ends.get(`${inc}/${seq}`) ?? null;
  const county: CountyWord = countyWord(of, leafAt);
  const chain = chainChecks({ fold, tree, county, acts });
  let file: { readonly fileSeq: number; readonly sha256: string } = { fileSeq: 0, sha256: '' };
  let answers = 0;
  let acked: KioskReport['acked'] = null;
  /** One after the other; the last one signs what comes next. None before the first file. */
  const signedBy: string[] = [];

  const checkNote = (inc: number, fileSeq: number): { readonly note: FileNote; readonly name: string } => {
    const named = namedOf(of, inc, fileSeq, '.note');
    for (const suffix of ['.jsonl.gz', '.checkpoint', '.note']) {
      const each = namedOf(of, inc, fileSeq, suffix);
      if (!existsSync(each.path)) throw new Lie('files', each.place, 'is missing');
    }
    const name = checkpointOrigin({ county: keys.county, kiosk, inc });
    const due = signedBy.at(-1);
    const signers = (due === undefined ? keys.kiosks[kiosk]! : [due]).map((key) => ({ name, publicKey: Buffer.from(key, 'base64url') })); // checked where kiosks were listed
    const opened = openNote(readNote(named), signers);
    if (!opened.ok) throw new Lie('signatures', named.place, `is not signed by the kiosk: ${opened.code}`);
    const said = parseFileNote(opened.value.text);
    const expected = { direction: 'up', county: keys.county, kiosk, inc, fileSeq, prevFileSha: file.sha256 };
    if (!said.ok || canonical({ ...said.value, sha256: undefined }) !== canonical(expected))
      throw new Lie('files', named.place, `is no note of file ${fileSeq} after the one before it`);
    return { note: said.value, name };
  };

  const checkHeader = ({ place }: Line, header: UpHeader, note: FileNote): void => {
    const { seq, leaf } = chain.before();
    const expected = {
      county: keys.county,
      kiosk,
      inc: note.inc,
      fileSeq: note.fileSeq,
      prevFileSha: note.prevFileSha,
      fromSeq: seq + 1,
      prevLeaf: leaf,
    };
    for (const [name, value] of Object.entries(expected))
      if (header[name as keyof typeof expected] !== value)
        throw new Lie('files', place, `says ${name} ${header[name as keyof typeof expected]}, not ${value}`); // its own names
    if (header.toSeq < header.fromSeq) throw new Lie('files', place, 'has no events');
    const isDue = signedBy.length === 0 ? keys.kiosks[kiosk]!.includes(header.kioskKey) : signedBy.at(-1) === header.kioskKey;
    if (!isDue) throw new Lie('keys', place, 'names a key that is not this kiosk’s, or not here');
  };

  /** Rule U5: what it says that it had of the county when its last event was made. */
  const checkHeard = ({ place }: Line, { appliedDownSeq, countyRoot }: UpHeader): void => {
    if (appliedDownSeq !== county.applied())
      throw new Lie('files', place, `says that file ${appliedDownSeq} was in force, and its events that ${county.applied()} was`);
    if (canonical(countyRoot) !== canonical(county.root()))
      throw new Lie('files', place, 'says another root of the county’s log than the files that it applied bring');
  };

  const takeKey = (event: BookEvent & { readonly kind: 'KEY_ROTATED' }, place: string): void => {
    const fault =
      rotationFault(event, signedBy.at(-1)!) ?? (signedBy.includes(event.body.newKey) ? 'goes back to a key that was given up' : null); // its header named one
    if (fault !== null) throw new Lie('keys', place, fault);
    signedBy.push(event.body.newKey);
  };

  /** Events of a file through `throughSeq`, then what stands after them; returns the header and the hash of all lines. */
  const readFile = async (inc: number, fileSeq: number, throughSeq: number): Promise<void> => {
    const { note, name } = checkNote(inc, fileSeq);
    const named = namedOf(of, inc, fileSeq, '.jsonl.gz');
    const reader = linesOf(named, bounds);
    const first = await reader.next();
    if (first.done === true) throw new Lie('files', named.place, 'is empty');
    const header = formOf(first.value, upHeader);
    checkHeader(first.value, header, note);
    if (signedBy.length === 0) signedBy.push(header.kioskKey);
    const signers: readonly NoteKey[] = [{ name, publicKey: Buffer.from(header.kioskKey, 'base64url') }];
    const noteOf = namedOf(of, inc, fileSeq, '.note');
    if (!openNote(readNote(noteOf), signers).ok)
      throw new Lie('signatures', noteOf.place, 'is not signed with the key that its file names');
    const signatures = signaturesOf(publicKeyFromRaw(Buffer.from(header.kioskKey, 'base64url')));
    const checkSigned = async (): Promise<void> => {
      const wrong = await signatures.end();
      if (wrong !== null) throw new Lie('signatures', `${named.place}, line ${wrong}`, 'is not signed by the kiosk');
    };
    const tail = tailChecks({ place: named.place, fold, tree });
    let rotated: { readonly event: BookEvent & { readonly kind: 'KEY_ROTATED' }; readonly place: string } | null = null;
    try {
      for (let seq = header.fromSeq; seq <= Math.min(header.toSeq, throughSeq); seq += 1) {
        const [line, signature] = [await reader.next(), await reader.next()];
        if (line.done === true || signature.done === true) throw new Lie('files', named.place, `ends before event ${header.toSeq}`);
        const read = chain.read(line.value, header);
        if (read.event.kind === 'KEY_ROTATED') rotated = { event: read.event, place: line.value.place };
        else if (rotated !== null) throw new Lie('keys', line.value.place, 'stands in a file of the key that was given up');
        const many = signatures.add(line.value.n, read.signed, Buffer.from(formOf(signature.value, upSignature), 'base64url'));
        if (many !== null) await many;
        await chain.take(read, line.value.place);
        tail.take(read.event, read.leaf);
      }
      await checkSigned();
    } catch (error) {
      await checkSigned(); // what nobody signed comes before whatever it says
      throw error;
    }
    if (rotated !== null) takeKey(rotated.event, rotated.place);
    if (throughSeq < header.toSeq) {
      await reader.return('');
      return;
    }
    let step = await reader.next();
    for (; step.done !== true; step = await reader.next()) tail.line(step.value);
    tail.end();
    checkHeard(first.value, header);
    if (step.value !== note.sha256) throw new Lie('files', named.place, 'is not what its note signs');
    file = { fileSeq, sha256: note.sha256 };
    const { seq, leaf } = chain.before();
    ends.set(`${inc}/${seq}`, leaf);
    const checkpoint = namedOf(of, inc, fileSeq, '.checkpoint');
    const opened = openNote(readNote(checkpoint), signers);
    if (!opened.ok) throw new Lie('signatures', checkpoint.place, `is not signed by the kiosk: ${opened.code}`);
    const expected = checkpointText(checkpointOrigin({ county: keys.county, kiosk, inc }), {
      size: tree.size(),
      root: tree.root().toString('base64url'),
    });
    if (opened.value.text !== expected) throw new Lie('tree', checkpoint.place, 'is another root than that of the events');
  };

  const filesOf = (inc: number): readonly number[] =>
    filesIn(join(directory, root, 'up', kiosk, String(inc)), `${root}/up/${kiosk}/${inc}`, suffixes);

  /** What is answered is here: an incarnation that is gone whole would be missed by nothing else. */
  const checkAnswered = (): void => {
    const place = `${root}/ack/${kiosk}`;
    for (const name of namesIn({ path: join(directory, place), place }))
      if (!existsSync(join(directory, root, 'up', kiosk, name)))
        throw new Lie('answers', `${place}/${name}`, 'answers files that are not here');
  };

  const checkAnswers = (inc: number): void => {
    const folder = join(directory, root, 'ack', kiosk, String(inc));
    const places = [
      ...answersIn(folder, `${root}/ack/${kiosk}/${inc}`).map((n) => namedOf(of, inc, n, '.ack', 'ack')),
      ...filesOf(inc).map((n) => namedOf(of, inc, n, '.ack')),
    ];
    for (const named of places) if (existsSync(named.path)) checkAnswer(named, inc);
  };

  const checkAnswer = (named: Named, inc: number): void => {
    const lie = (what: string): never => {
      throw new Lie('answers', named.place, what);
    };
    const opened = openNote(
      readNote(named),
      county.keys().map((publicKey) => ({ name: keys.countyKeyName, publicKey })),
    );
    if (!opened.ok) return lie(`is not signed by the county: ${opened.code}`);
    const ack = parseAck(opened.value.text);
    if (!ack.ok) return lie('is no answer');
    const { fileSeq, posted } = ack.value;
    const isOf = ack.value.county === keys.county && ack.value.kiosk === kiosk && ack.value.inc === inc;
    if (!isOf || !named.place.endsWith(`/${String(fileSeq).padStart(8, '0')}.ack`)) return lie('is of another file');
    if (shas.get(fileSeq) !== ack.value.sha256) return lie('answers a file of that number with other bytes');
    if (posted !== null && leafAt(inc, posted.toSeq) !== posted.headLeaf)
      return lie(`posts an event ${posted.toSeq} that is not the one in the files`);
    answers += 1;
    if (posted !== null && posted.toSeq > (acked?.toSeq ?? 0)) acked = posted;
  };

  return {
    async follow(inc, throughSeq) {
      file = { fileSeq: 0, sha256: '' };
      for (const fileSeq of filesOf(inc)) {
        if (chain.before().seq >= throughSeq) return;
        await readFile(inc, fileSeq, throughSeq);
      }
      if (chain.before().seq < throughSeq)
        throw new Lie('chain', `${root}/up/${kiosk}/${inc}`, `ends before event ${throughSeq}, which the next incarnation has`);
    },
    async whole(inc) {
      file = { fileSeq: 0, sha256: '' };
      let settled = chain.settlements().length;
      for (const fileSeq of filesOf(inc)) {
        const cameBefore = fold.cameHome();
        await readFile(inc, fileSeq, Number.MAX_SAFE_INTEGER);
        shas.set(fileSeq, file.sha256);
        ups.push({
          kiosk,
          inc,
          fileSeq,
          sha256: file.sha256,
          place: namedOf(of, inc, fileSeq, '.note').place,
          toSeq: chain.before().seq,
          given: fold.given(),
          cameHome: fold.cameHome() - cameBefore,
          serverEpoch: county.epoch(),
          settled: chain
            .settlements()
            .slice(settled)
            .map(({ number }) => number),
        });
        settled = chain.settlements().length;
      }
      checkAnswers(inc);
    },
    async rest() {
      await county.checkRest();
      checkAnswered();
    },
    signedBy: () => signedBy,
    notices: () => county.notices(),
    evidence: () => ({ ups, downs: county.evidence() }),
    report: (inc) => ({
      kiosk,
      inc,
      files: file.fileSeq,
      events: chain.before().seq,
      root: tree.root().toString('base64url'),
      headLeaf: chain.before().leaf,
      appliedDownSeq: county.applied(),
      balances: fold.balances(),
      counters: fold.counters(),
      days: chain.days(),
      settlements: chain.settlements(),
      answers,
      acked,
    }),
  };
}
