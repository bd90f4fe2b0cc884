// What a file of thirty days costs beyond its bytes: cut and signed by the kiosk, then checked and read as whoever receives it must,
// against reading the same bytes and JSON.parse of their lines. And the memory of cutting a book of a million events.

import { cpSync, createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { eventOfLine, readUpLines, shapedLine, signatureOfLine } from '../../county/book/read-up.ts';
import { unpack } from '../../county/book/unpack.ts';
import { readHome, readSigner } from '../../db/home.ts';
import { signedText } from '../../db/model/event.ts';
import { publicKeyFromRaw } from '../../db/model/keys.ts';
import { checkpointOrigin, checkpointText, openNote, parseFileNote } from '../../db/model/note.ts';
import { upHeader } from '../../db/model/up-file.ts';
import { openBook } from '../../db/open-book.ts';
import { growTree } from '../../db/tree.ts';
import { type UpFile, cutUpFile, upFilePath } from '../../db/up-files.ts';
import { signaturesOf } from '../../db/verify-signatures.ts';
import { apart, apartAsServed } from './apart.ts';
import { clock } from './bench-till.ts';
import { bookOfDays } from './closed-days.ts';
import { type Bench, figuresOf, timedAsync } from './measure.ts';
import { homeOfAMillion } from './sale-1m.ts';

const month = { days: 30, eventsPerDay: 300 };
/** Of a process that only cuts or reads: what Node itself takes, and pieces of the file. */
const peakMaxMb = 300;

export const upFile30d: Bench = {
  name: 'up-file-30d',
  async run(options) {
    const { quick, scratch, say } = options;
    const home = await bookOfDays(month, options);
    const samples = quick ? 3 : 15;
    const { value: took } = await apart<Took>(import.meta.filename, 'writeAndRead', { home, scratch, samples, isBareToo: true });
    // in a process that does not hold the file whole, as what it is compared with does
    const { peakMb } = await apartAsServed<Took>(import.meta.filename, 'writeAndRead', { home, scratch, samples, isBareToo: false });
    const events = month.days * month.eventsPerDay;
    const file = `a file of ${events.toLocaleString('en')} events in 30 days`;
    say(
      `${file}, ${(took.bytes / 1e6).toFixed(1)} MB: cut and signed in ${middle(took.write)} ms, checked and read in ${middle(took.read)} ms, ` +
        `with each event's own signature in ${middle(took.readSigned)} ms; read bare in ${middle(took.bare)} ms`,
    );
    const sum = (read: readonly number[]): readonly number[] => took.write.map((ms, i) => ms + read[i]!);
    const against = figuresOf(took.bare);
    return [
      {
        kind: 'measured',
        name: 'up-file-30d',
        measures: `${file} cut and signed, its signatures, hashes and tree checked and its lines read ÷ gunzip and JSON.parse of the same bytes`,
        unit: 'ms',
        figures: figuresOf(sum(took.read)),
        against,
        goals: [{ of: 'p50', is: 'ratio', atMost: 3 }],
      },
      {
        kind: 'measured',
        name: 'up-file-30d-events',
        measures: 'the same with the signature of every event checked, as the county does',
        unit: 'ms',
        figures: figuresOf(sum(took.readSigned)),
        against,
        goals: [],
      },
      {
        kind: 'measured',
        name: 'up-file-30d-memory',
        measures: 'peak of a process that does so, again and again',
        unit: 'MB',
        figures: figuresOf([peakMb]),
        against: null,
        goals: [{ of: 'p50', is: 'figure', atMost: peakMaxMb }],
      },
    ];
  },
};

export const upFiles1m: Bench = {
  name: 'up-files-1m',
  async run(options) {
    const { quick, scratch } = options;
    const made = quick ? null : await homeOfAMillion(options);
    if (made === null)
      return [{ kind: 'skipped', name: 'up-files-1m', why: 'a copy of the book of a million sales, which is made once, takes 2 GB' }];
    const { value: files, peakMb } = await apart<number>(import.meta.filename, 'cutAll', { home: made, scratch });
    return [
      {
        kind: 'measured',
        name: 'up-files-1m',
        measures: `peak of a process that cuts a million events into ${files} files`,
        unit: 'MB',
        figures: figuresOf([peakMb]),
        against: null,
        goals: [{ of: 'p50', is: 'figure', atMost: peakMaxMb }],
      },
    ];
  },
};

interface Took {
  readonly bytes: number;
  readonly write: readonly number[];
  readonly read: readonly number[];
  readonly readSigned: readonly number[];
  readonly bare: readonly number[];
}

interface At {
  readonly home: string;
  readonly scratch: string;
}

/** In a process of its own. */
export async function writeAndRead({
  home,
  scratch,
  samples,
  isBareToo,
}: At & { readonly samples: number; readonly isBareToo: boolean }): Promise<Took> {
  const took = { bytes: 0, write: [] as number[], read: [] as number[], readSigned: [] as number[], bare: [] as number[] };
  for (let i = 0; i < samples; i += 1) {
    const copy = copied(home, join(scratch, `${i}-${isBareToo}`));
    const book = opened(copy);
    let file: UpFile | null = null;
    took.write.push(await timedAsync(async () => (file = await cutUpFile(book, copy, cutting))));
    book.close();
    if (file === null) throw new Error('nothing to cut');
    const { data, texts } = { data: upFilePath(copy, file, 'jsonl.gz'), texts: textsOf(copy, file) };
    const of: Received = { data, ...texts, key: readSigner(copy)!.publicKey, unpacked: join(scratch, 'unpacked') }; // a book has its key
    took.bytes = statSync(data).size;
    if (isBareToo) took.bare.push(await timedAsync(() => readBare(data, of.unpacked)));
    took.read.push(await timedAsync(() => readChecked(of, false)));
    took.readSigned.push(await timedAsync(() => readChecked(of, true)));
  }
  return took;
}

/** In a process of its own: how many files a whole book was cut into. */
export async function cutAll({ home, scratch }: At): Promise<number> {
  const copy = copied(home, join(scratch, 'home'));
  const book = opened(copy);
  let files = 0;
  while ((await cutUpFile(book, copy, cutting)) !== null) files += 1;
  book.close();
  return files;
}

const cutting = { software: 'bench', idle: () => new Promise<void>((resolve) => setImmediate(resolve)) };

type HomeOf = Extract<ReturnType<typeof readHome>, { readonly ok: true }>['home'];

function copied(from: string, to: string): HomeOf {
  cpSync(from, to, { recursive: true });
  const found = readHome(to);
  if (!found.ok) throw new Error(found.detail);
  return found.home;
}

function opened(home: HomeOf): Extract<ReturnType<typeof openBook>, { readonly ok: true }>['book'] {
  const found = openBook(home, clock, 'bench');
  if (!found.ok) throw new Error(found.detail);
  return found.book;
}

function textsOf(home: HomeOf, file: UpFile): { readonly note: string; readonly checkpoint: string } {
  const text = (ending: 'note' | 'checkpoint'): string => readFileSync(upFilePath(home, file, ending), 'utf8');
  return { note: text('note'), checkpoint: text('checkpoint') };
}

interface Received {
  readonly data: string;
  readonly note: string;
  readonly checkpoint: string;
  /** Raw, base64url. */
  readonly key: string;
  readonly unpacked: string;
}

async function readBare(data: string, unpacked: string): Promise<void> {
  await pipeline(createReadStream(data), createGunzip(), createWriteStream(unpacked));
  for (const line of readFileSync(unpacked, 'utf8').split('\n')) if (line !== '') JSON.parse(line);
}

/** Everything but the county's book: notes, hash of the content, form and chain of every line, the tree head. */
async function readChecked({ data, note, checkpoint, key, unpacked }: Received, isEachSigned: boolean): Promise<void> {
  const raw = Buffer.from(key, 'base64url');
  const sha256 = await unpack(data, unpacked);
  const lines = readUpLines(unpacked);
  const header = shapedLine(upHeader, lines.next(), 'line 1');
  const origin = checkpointOrigin(header);
  const trusted = [{ name: origin, publicKey: raw }];
  const openedNote = openNote(note, trusted);
  const said = openedNote.ok ? parseFileNote(openedNote.value.text) : null;
  if (said?.ok !== true || said.value.sha256 !== sha256) throw new Error('the note is of another file');
  const signatures = signaturesOf(publicKeyFromRaw(raw));
  const tree = growTree();
  let prev = header.prevLeaf;
  for (let seq = header.fromSeq; seq <= header.toSeq; seq += 1) {
    const text = lines.next();
    const event = eventOfLine(text, `line ${lines.number()}`);
    const leaf = lines.leaf();
    const signature = signatureOfLine(lines.next(), `line ${lines.number()}`);
    if (event.prev !== prev || event.seq !== seq) throw new Error(`event ${seq} does not follow`);
    prev = leaf.toString('base64url');
    tree.add(leaf);
    const wait = isEachSigned ? signatures.add(seq, Buffer.from(signedText(event, prev)), Buffer.from(signature, 'base64url')) : null;
    if (wait !== null) await wait;
  }
  while (!lines.isAtEnd()) JSON.parse(lines.next());
  lines.close();
  if (isEachSigned && (await signatures.end()) !== null) throw new Error('a wrong signature');
  const head = openNote(checkpoint, trusted);
  if (!head.ok || head.value.text !== checkpointText(origin, { size: tree.size(), root: tree.root().toString('base64url') }))
    throw new Error('another tree head');
}

function middle(samples: readonly number[]): string {
  return figuresOf(samples).p50.toFixed(0);
}
