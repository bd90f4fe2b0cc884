// Checks the files that went up to the county: each lies in the home as its row says, and says what the events beside it give, to the
// byte; and every answer agrees with the chain. That the county really has them only the county can say.

import { existsSync } from 'node:fs';
import { isPosted } from './acks.ts';
import type { Home } from './home.ts';
import { parseAck } from './model/ack.ts';
import { canonical, type Plain } from './model/canonical.ts';
import type { BookEvent } from './model/event.ts';
import { checkpointOrigin, checkpointText, fileNoteText, openNote } from './model/note.ts';
import { type Ack, upFileBytesMax, upHeader, upLineBytesMax } from './model/up-file.ts';
import { type Line, formOf, linesOf, readNote, valueOf } from './files-lines.ts';
import type { ReadableDatabase } from './sqlite.ts';
import { type Tree, growTree } from './tree.ts';
import { type UpEnding, type UpFile, closingLine, fileNumber, newSums, upColumns, upFilePath } from './up-files.ts';
import type { Fold } from './verify-fold.ts';
import { Lie, counted, rowsOf } from './verify-lie.ts';

export interface UpChecks {
  /** The next event of the chain, after the fold has it, and the key that signs it (raw, base64url). */
  take(event: BookEvent, row: { readonly line: string; readonly leaf: Uint8Array; readonly sig: Uint8Array }, key: string): Promise<void>;
  end(): void;
  close(): void;
  report(): string;
  /** Each file that the county refused and never posted: which, why, and what followed. */
  refused(): readonly string[];
}

interface OpenFile {
  readonly file: UpFile;
  /** Signs all of it. */
  readonly key: string;
  readonly place: string;
  readonly lines: AsyncGenerator<Line, string>;
  readonly sums: ReturnType<typeof newSums>;
  readonly closings: string[];
  read: number;
}

/** Over the tables and the folder of one home. */
export function upChecks(db: ReadableDatabase, { home, fold }: { readonly home: Home; readonly fold: Fold }): UpChecks {
  const rows = rowsOf<UpFile>(db, `SELECT ${upColumns} FROM up_file ORDER BY to_seq`);
  const { county, store, kiosk } = home.config.enrolment;
  const tree: Tree = growTree();
  let next = rows.next();
  let open: OpenFile | null = null;
  let before: UpFile | null = null;
  let files = 0;
  let answered: ReturnType<typeof checkAnswers> = { count: 0, refused: [] };

  const begin = async (file: UpFile, event: BookEvent, key: string): Promise<OpenFile> => {
    const place = placeOf(file, 'jsonl.gz');
    const path = upFilePath(home, file, 'jsonl.gz');
    if (!existsSync(path)) throw new Lie('up files', place, 'is missing');
    const lines = linesOf({ path, place }, { lineBytesMax: upLineBytesMax, fileBytesMax: upFileBytesMax });
    const made: OpenFile = { file, key, place, lines, sums: newSums(), closings: [], read: 0 };
    const isFirst = before?.inc !== file.inc;
    if (file.fileSeq !== (isFirst ? 1 : before!.fileSeq + 1)) throw new Lie('up files', rowOf(file), 'is not the next of its incarnation');
    const line = await lineOf(made);
    const header = formOf(line, upHeader);
    const expected = {
      ...header,
      county,
      store,
      kiosk,
      kioskKey: key,
      inc: file.inc,
      fileSeq: file.fileSeq,
      prevFileSha: isFirst ? '' : before!.sha256,
      fromSeq: event.seq,
      toSeq: file.toSeq,
      prevLeaf: event.prev,
      cutAt: file.cutAt,
    };
    if (canonical(header) !== canonical(expected)) throw new Lie('up files', line.place, 'is not what the book says of this file');
    return made;
  };

  const finish = async (made: OpenFile, event: BookEvent, leaf: Uint8Array): Promise<void> => {
    const { file, place } = made;
    if (file.inc !== event.inc) throw new Lie('up files', rowOf(file), `was cut in incarnation ${event.inc}`);
    for (const closing of made.closings) await mustBe(made, closing);
    let line = await lineOf(made);
    for (let account = ''; isCounter(line); line = await lineOf(made)) {
      const counter = valueOf(line) as { readonly a: string };
      const expected = counterLine(fold, counter.a);
      if (expected !== line.text || counter.a <= account) throw new Lie('up files', line.place, 'is not what the events give');
      account = counter.a;
    }
    const head = { size: tree.size(), root: tree.root().toString('base64url') };
    const trailer = { t: 'T', lines: made.read - 1, ...made.sums.totals(), ...head, headLeaf: Buffer.from(leaf).toString('base64url') };
    if (line.text !== canonical(trailer)) throw new Lie('up files', line.place, 'does not add up to what the events give');
    const end = await made.lines.next();
    if (end.done !== true) throw new Lie('up files', end.value.place, 'stands behind the trailer');
    if (end.value !== file.sha256) throw new Lie('up files', place, 'has another hash than its row');
    const origin = checkpointOrigin({ county, kiosk, inc: file.inc });
    const prevFileSha = before?.inc === file.inc ? before.sha256 : '';
    const note = fileNoteText({ direction: 'up', county, kiosk, inc: file.inc, fileSeq: file.fileSeq, sha256: file.sha256, prevFileSha });
    checkSigned(made, 'checkpoint', { origin, text: checkpointText(origin, head), mayLack: false });
    checkSigned(made, 'note', { origin, text: note, mayLack: next === null }); // the next start writes the note that a power cut kept out
  };

  const checkSigned = (
    { file, key }: OpenFile,
    ending: UpEnding,
    { origin, text, mayLack }: { readonly origin: string; readonly text: string; readonly mayLack: boolean },
  ): void => {
    const [path, place] = [upFilePath(home, file, ending), placeOf(file, ending)];
    if (!existsSync(path) && mayLack) return;
    if (!existsSync(path)) throw new Lie('up files', place, 'is missing');
    const opened = openNote(readNote({ path, place }), [{ name: origin, publicKey: Buffer.from(key, 'base64url') }]);
    if (!opened.ok) throw new Lie('up files', place, 'is not signed by this kiosk');
    if (opened.value.text !== text) throw new Lie('up files', place, 'is of another file');
  };

  return {
    async take(event, { line, leaf, sig }, key) {
      tree.add(leaf);
      if (open === null && next?.fromSeq === event.seq) {
        const file = next;
        next = rows.next();
        open = await begin(file, event, key);
      }
      if (open === null) return;
      await mustBe(open, line);
      await mustBe(open, `"${Buffer.from(sig).toString('base64url')}"`);
      open.sums.add(event);
      if (event.kind === 'KEY_ROTATED' && event.seq !== open.file.toSeq) throw new Lie('up files', rowOf(open.file), 'goes past a new key');
      if (event.kind === 'DAY_CLOSED') open.closings.push(canonical(closingLine(event)));
      if (event.seq !== open.file.toSeq) return;
      await finish(open, event, leaf);
      before = open.file;
      open = null;
      files += 1;
    },
    end() {
      const left = open?.file ?? next;
      if (left !== null) throw new Lie('up files', rowOf(left), 'is of events that are not in the chain');
      answered = checkAnswers(db, { county, kiosk });
    },
    close() {
      rows.close();
      void open?.lines.return('');
    },
    report: () =>
      `${counted(files, 'file')} as they lie in the home, each what the events give, and ${counted(answered.count, 'answer')} of the county that agree with them`,
    refused: () => answered.refused,
  };
}

async function lineOf(made: OpenFile): Promise<Line> {
  const step = await made.lines.next();
  if (step.done === true) throw new Lie('up files', made.place, `ends after line ${made.read}`);
  made.read += 1;
  return step.value;
}

async function mustBe(made: OpenFile, text: string): Promise<void> {
  const line = await lineOf(made);
  if (line.text !== text) throw new Lie('up files', line.place, 'is not what the book has');
}

function isCounter(line: Line): boolean {
  const value = valueOf(line);
  return typeof value === 'object' && value !== null && 't' in value && value.t === 'C';
}

function counterLine(fold: Fold, account: string): string {
  const of = fold.counters.get(account);
  if (of === undefined) return '';
  const counter: Plain = {
    t: 'C',
    a: account,
    g: of.granted,
    b: of.returned,
    s: of.spent,
    v: of.unspent,
    c: of.credited,
    u: of.uncredited,
    x: of.roamed,
    w: of.unroamed,
    xs: of.roamedSettled,
    f: of.overfunded,
  };
  return canonical(counter);
}

/** Answers as they were kept: whole, of a file of this kiosk, and of leaves that are in the chain. Their signatures were asked when they came. */
function checkAnswers(
  db: ReadableDatabase,
  of: { readonly county: string; readonly kiosk: string },
): { readonly count: number; readonly refused: readonly string[] } {
  const rows = rowsOf<{
    readonly n: number;
    readonly inc: number;
    readonly file_seq: number;
    readonly verdict: string;
    readonly to_seq: number | null;
    readonly head_leaf: string | null;
    readonly note: string;
    readonly sha256: string;
    readonly leaf: Buffer | null;
  }>(
    db,
    `SELECT n, inc, file_seq, verdict, ack.to_seq, head_leaf, note, sha256, leaf
       FROM ack JOIN up_file USING (inc, file_seq) LEFT JOIN event ON event.seq = ack.to_seq ORDER BY n`,
  );
  let count = 0;
  /** By file, its newest answer where that is a refusal; a file that was posted is none of them, whatever was said before. */
  const refused = new Map<string, Ack>();
  try {
    for (let row = rows.next(); row !== null; row = rows.next()) {
      const place = `table ack, row ${row.n}`;
      const ack = parseAck(row.note.slice(0, row.note.lastIndexOf('\n\n') + 1));
      if (!ack.ok) throw new Lie('up files', place, 'is no answer of a county');
      const { county, kiosk, inc, fileSeq, sha256, verdict, posted } = ack.value;
      const said = canonical([county, kiosk, inc, fileSeq, sha256, verdict, posted?.toSeq ?? null, posted?.headLeaf ?? null]);
      if (said !== canonical([of.county, of.kiosk, row.inc, row.file_seq, row.sha256, row.verdict, row.to_seq, row.head_leaf]))
        throw new Lie('up files', place, 'is not what its note says');
      if ((row.leaf?.toString('base64url') ?? null) !== row.head_leaf)
        throw new Lie('up files', place, 'names a leaf that is not in the chain');
      count += 1;
      if (isPosted(verdict)) refused.delete(fileOf(ack.value));
      else if (verdict !== 'GAP') refused.set(fileOf(ack.value), ack.value);
    }
  } finally {
    rows.close();
  }
  return { count, refused: [...refused.values()].map((ack) => refusalText(db, ack)) };
}

function fileOf({ inc, fileSeq }: Pick<UpFile, 'inc' | 'fileSeq'>): string {
  return `${inc}/${fileSeq}`;
}

/** A machine that was put back has files of its own of what the one before it had sent: the county goes on from what it has. */
function refusalText(db: ReadableDatabase, { inc, fileSeq, verdict, detail }: Ack): string {
  const later = db
    .prepare<[number], Pick<UpFile, 'inc' | 'fileSeq' | 'fromSeq'>>(
      `SELECT inc, file_seq AS fileSeq, from_seq AS fromSeq FROM up_file JOIN ack USING (inc, file_seq)
        WHERE inc > ? AND verdict IN ('ACCEPTED', 'DUPLICATE') ORDER BY inc, file_seq LIMIT 1`,
    )
    .get(inc);
  const followed =
    later === undefined
      ? 'no file of a later incarnation was posted'
      : `the machine before the restoration had sent what is in it: the county goes on with file ${fileOf(later)}, from event ${later.fromSeq.toLocaleString('en')}`;
  return `file ${fileOf({ inc, fileSeq })} was answered ${verdict} (${detail === '' ? 'no reason given' : detail}) and never posted; ${followed}`;
}

function placeOf({ inc, fileSeq }: UpFile, ending: UpEnding): string {
  return `up/${inc}/${fileNumber(fileSeq)}.${ending}`;
}

function rowOf({ inc, fileSeq }: UpFile): string {
  return `table up_file, row ${inc}/${fileSeq}`;
}
