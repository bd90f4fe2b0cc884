// Reads a kiosk's files back as an auditor would: from the bytes alone, checking what the form of the file promises.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { canonical } from '../../db/model/canonical.ts';
import { type DownHeader, type DownLine, downHeader, downLine, downTrailer } from '../../db/model/down-file.ts';
import { openNote, parseFileNote } from '../../db/model/note.ts';

export interface ReadDown {
  readonly header: DownHeader;
  readonly lines: readonly DownLine[];
  readonly sha256: string;
}

export interface Enrolment {
  readonly county: string;
  readonly store: string;
  readonly kiosk: string;
  readonly countyKey: string;
  readonly countyKeyName: string;
}

/** One file of a kiosk folder. Throws at the first thing that is not as it should be. */
export function readDown(directory: string, enrolment: Enrolment, downSeq: number): ReadDown {
  const name = String(downSeq).padStart(8, '0');
  const bytes = gunzipSync(readFileSync(join(directory, `${name}.jsonl.gz`)));
  const sha256 = createHash('sha256').update(bytes).digest('base64url');
  const texts = bytes.toString('utf8').split('\n');
  if (texts.pop() !== '') throw new Error('the last line has no end');
  const values = texts.map((text): unknown => JSON.parse(text));
  for (const [i, value] of values.entries()) if (canonical(value as never) !== texts[i]) throw new Error(`line ${i + 1} is not canonical`); // parsed JSON is plain
  const header = downHeader.parse(values[0]);
  const trailer = downTrailer.parse(values.at(-1));
  const lines = values.slice(1, -1).map((value) => downLine.parse(value));
  const sums = {
    t: 'T',
    lines: lines.length,
    sumGranted: String(lines.reduce((sum, line) => sum + (line.t === 'GRANT' ? BigInt(line.g) : 0n), 0n)),
    sumBalance: String(lines.reduce((sum, line) => sum + (line.t === 'BAL' ? BigInt(line.balance) : 0n), 0n)),
  };
  if (canonical(sums) !== canonical(trailer)) throw new Error(`trailer says ${canonical(trailer)}, the lines ${canonical(sums)}`);
  checkNote(join(directory, `${name}.note`), enrolment, header, sha256);
  return { header, lines, sha256 };
}

function checkNote(path: string, enrolment: Enrolment, header: DownHeader, sha256: string): void {
  const key = { name: enrolment.countyKeyName, publicKey: Buffer.from(enrolment.countyKey, 'base64url') };
  const opened = openNote(readFileSync(path, 'utf8'), [key]);
  if (!opened.ok) throw new Error(opened.code);
  const note = parseFileNote(opened.value.text);
  const { county, kiosk, downSeq, prevDownSha } = header;
  const expected = { direction: 'down' as const, county, kiosk, inc: 1, fileSeq: downSeq, sha256, prevFileSha: prevDownSha };
  if (!note.ok || canonical({ ...note.value }) !== canonical(expected)) throw new Error(`the note speaks of another file: ${path}`);
  if (county !== enrolment.county || kiosk !== enrolment.kiosk) throw new Error('a file of another kiosk');
}
