// Writes a signed file for a kiosk, of any length, in little memory. Knows the form of the file, not what a county decides.

import { type Hash, type KeyObject, createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, renameSync } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { syncDirectory } from '../db/files.ts';
import { canonical } from '../db/model/canonical.ts';
import { type DownHeader, type DownLine, type DownTrailer, downLineBytesMax } from '../db/model/down-file.ts';
import { addSignature, fileNoteText, signNote } from '../db/model/note.ts';
import { assert } from '../db/model/result.ts';

/** Who signs: the county's file key under its name. */
export interface DownSigner {
  readonly name: string;
  readonly privateKey: KeyObject;
  /** Others that sign, too: nobody knows which of them a kiosk without a file believes. */
  readonly also?: readonly KeyObject[];
}

/** Lines that many kiosks get alike, written once: spliced into each file as they are. */
export interface PreparedLines {
  readonly t: 'prepared';
  /** Paths of the lines as they are hashed, and of the same as one gzip member. */
  readonly plain: string;
  readonly packed: string;
  readonly sums: Sums;
}

/** What the trailer will say of some lines. */
interface Sums {
  readonly lines: number;
  readonly granted: bigint;
  readonly balance: bigint;
}

/** A file that is on the disk under names that nobody reads. */
export interface StagedDown {
  /** SHA-256 of the uncompressed bytes, base64url. */
  readonly sha256: string;
  /** Lines between header and trailer. */
  readonly lines: number;
  readonly note: string;
}

/**
 * Writes `NNNNNNNN.jsonl.gz` and its note into `directory`. Both are written beside their names and renamed, the note last:
 * a file without its note is not there yet. Throws what the disk says, and TypeError on a line that is not canonical. To a kiosk that was put
 * back from a backup `header.inc` and `header.incLeaf` speak: it takes nothing else.
 */
export async function writeDownFile(
  directory: string,
  header: DownHeader,
  lines: Iterable<DownLine | PreparedLines>,
  signer: DownSigner,
): Promise<StagedDown> {
  const staged = await stageDownFile(directory, header, lines, signer);
  publishDownFile(directory, header.downSeq);
  return staged;
}

/**
 * The same, but for the renaming: the file is on the disk, whole, beside its names. What an act writes with it is committed first, and then
 * publishDownFile gives it its names: no number is ever seen with two contents.
 */
export async function stageDownFile(
  directory: string,
  header: DownHeader,
  lines: Iterable<DownLine | PreparedLines>,
  signer: DownSigner,
): Promise<StagedDown> {
  assert((header.inc ?? 1) > 1 === (header.incLeaf !== undefined), 'a restored kiosk is named by the event that says so, too');
  const { data, note } = stagedPaths(directory, header.downSeq);
  await rm(note, { force: true }); // first: a note speaks of the data beside it
  const hash = createHash('sha256');
  const sums = await writeBody(data, hash, header, lines);
  const sha256 = hash.digest('base64url');
  await sync(data);
  const { county, kiosk, downSeq, prevDownSha, inc = 1 } = header;
  const text = fileNoteText({ direction: 'down', county, kiosk, inc, fileSeq: downSeq, sha256, prevFileSha: prevDownSha });
  const { name: signerName, also = [] } = signer;
  const signed = also.reduce((given, privateKey) => addSignature(given, { name: signerName, privateKey }), signNote(text, signer));
  await writeFile(note, signed, { flush: true });
  syncDirectory(directory);
  return { sha256, lines: sums.lines, note: signed };
}

/** Gives a staged file its names, the note last; nothing where that was done. Throws what the disk says. */
export function publishDownFile(directory: string, downSeq: number): void {
  const staged = stagedPaths(directory, downSeq);
  if (!existsSync(staged.note)) return;
  if (existsSync(staged.data)) renameSync(staged.data, staged.data.slice(0, -stagedEnding.length));
  syncDirectory(directory); // else a disk may have the note's new name and not the data's
  renameSync(staged.note, staged.note.slice(0, -stagedEnding.length));
  syncDirectory(directory);
}

/** Where a file lies until it is published. */
export function stagedPaths(directory: string, downSeq: number): { readonly data: string; readonly note: string } {
  const name = join(directory, String(downSeq).padStart(8, '0'));
  return { data: `${name}.jsonl.gz${stagedEnding}`, note: `${name}.note${stagedEnding}` };
}

const stagedEnding = '.part';

/** Writes lines once, at `path`.jsonl and `path`.jsonl.gz, to be spliced into many files. The caller removes both. */
export async function prepareLines(path: string, lines: Iterable<DownLine>): Promise<PreparedLines> {
  const plain = `${path}.jsonl`;
  const packed = `${plain}.gz`;
  const tally = emptyTally();
  await pipeline(chunksOf(textsOf(lines, tally)), createWriteStream(plain));
  await pipeline(createReadStream(plain), createGzip(), createWriteStream(packed));
  return { t: 'prepared', plain, packed, sums: tally };
}

/** A gzip file is a row of members (RFC 1952, 2.2): prepared lines are one of them, copied without packing them again. */
async function writeBody(part: string, hash: Hash, header: DownHeader, lines: Iterable<DownLine | PreparedLines>): Promise<Sums> {
  const tally = emptyTally();
  await rm(part, { force: true });
  const rest = lines[Symbol.iterator]();
  let first: Iterable<string> = [lineText(header)];
  for (;;) {
    const stop: { at: PreparedLines | null } = { at: null };
    const texts = function* (): Generator<string> {
      yield* first;
      for (let next = rest.next(); next.done !== true; next = rest.next()) {
        if (next.value.t === 'prepared') {
          stop.at = next.value;
          return;
        }
        const text = lineText(next.value); // refuses what is no record before it is counted
        tallyLine(tally, next.value);
        yield text;
      }
      yield lineText(trailerOf(tally));
    };
    await pipeline(hashed(chunksOf(texts()), hash), createGzip(), createWriteStream(part, { flags: 'a' }));
    if (stop.at === null) return tally;
    await splice(part, hash, stop.at);
    tallySums(tally, stop.at.sums);
    first = [];
  }
}

async function splice(part: string, hash: Hash, prepared: PreparedLines): Promise<void> {
  for await (const chunk of createReadStream(prepared.plain, { highWaterMark: chunkBytes })) hash.update(chunk as Buffer); // no encoding: bytes
  await pipeline(createReadStream(prepared.packed, { highWaterMark: chunkBytes }), createWriteStream(part, { flags: 'a' }));
}

/** Running totals of the lines written; the numbers grow as the file does. */
interface Tally extends Sums {
  lines: number;
  granted: bigint;
  balance: bigint;
}

function emptyTally(): Tally {
  return { lines: 0, granted: 0n, balance: 0n };
}

function tallyLine(tally: Tally, line: DownLine): void {
  tally.lines += 1;
  if (line.t === 'GRANT') tally.granted += BigInt(line.g);
  if (line.t === 'BAL') tally.balance += BigInt(line.balance);
}

function tallySums(tally: Tally, sums: Sums): void {
  tally.lines += sums.lines;
  tally.granted += sums.granted;
  tally.balance += sums.balance;
}

function trailerOf(sums: Sums): DownTrailer {
  return { t: 'T', lines: sums.lines, sumGranted: String(sums.granted), sumBalance: String(sums.balance) };
}

function* textsOf(lines: Iterable<DownLine>, tally: Tally): Generator<string> {
  for (const line of lines) {
    const text = lineText(line);
    tallyLine(tally, line);
    yield text;
  }
}

function lineText(line: DownHeader | DownLine | DownTrailer): string {
  const text = `${canonical(line)}\n`;
  assert(text.length * 3 <= downLineBytesMax || Buffer.byteLength(text) <= downLineBytesMax, 'a line no kiosk would take'); // UTF-8: at most 3 bytes a unit
  return text;
}

const chunkBytes = 256 * 1024;

/** Lines gathered to chunks: gzip and hash have a cost for each call. */
function chunksOf(texts: Iterable<string>): Readable {
  const gather = function* (): Generator<Buffer> {
    let gathered: string[] = [];
    let length = 0;
    for (const text of texts) {
      gathered.push(text);
      length += text.length;
      if (length < chunkBytes) continue;
      yield Buffer.from(gathered.join(''));
      gathered = [];
      length = 0;
    }
    if (length > 0) yield Buffer.from(gathered.join(''));
  };
  return Readable.from(gather(), { objectMode: true, highWaterMark: 1 });
}

async function* hashed(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, process.platform === 'win32' ? 'r+' : 'r'); // Windows syncs only what is open for writing
  await handle.sync().finally(() => handle.close());
}
