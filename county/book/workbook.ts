// Reads the first sheet of an XLSX workbook as rows of texts. Opens nothing that unpacks to more than it may, that computes, or that
// reaches beyond a plain list: a workbook comes from anybody.

import { constants, inflateRawSync } from 'node:zlib';
import { readSheet } from 'read-excel-file/universal';
import { type Result, fail, ok } from '../../db/model/result.ts';

export type WorkbookRefusal =
  /** It is no workbook, or cut short. */
  | 'damaged'
  /** It unpacks to more than unpackedBytesMax, or has a cell far beyond its list. */
  | 'too_large'
  /** A cell is computed: what it says depends on who opens it. */
  | 'formulas';

/** Half a million rows of two cells. To read them takes ten times of it in memory: a longer list comes as CSV. */
const unpackedBytesMax = 64 * 1024 * 1024;
/** Columns A to AZ. A cell in XFD1048576 would make the reader fill 17 thousand million cells. */
const columnLettersMax = /^A?[A-Z]$/;
/** Rows that may be left out among those that are there, or twice as many: a cell in the last row of a sheet would make the reader fill a million. */
const rowsBetweenMax = 1_000;
const partsMax = 1_000;

/** The rows of the first sheet, each as long as the longest; amounts as they are typed, dates as YYYY-MM-DD, an empty cell as ''. */
export async function readWorkbook(bytes: Uint8Array): Promise<Result<readonly (readonly string[])[], WorkbookRefusal>> {
  const refusal = refusalOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (refusal !== null) return fail(refusal);
  try {
    const copy = new Uint8Array(bytes); // its buffer holds the file and nothing else, as the reader asks
    const rows = await readSheet(copy.buffer, 1, { parseNumber: typedNumber });
    return ok(rows.map((row) => row.map(textOf)));
  } catch {
    return fail('damaged'); // it throws at what is no sheet, in many ways
  }
}

/** What the workbook says that it unpacks to: it is refused as soon as it is more. 0: it is none. */
export function unpackedBytes(bytes: Uint8Array): number {
  const parts = partsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) ?? [];
  return parts.reduce((sum, { plain }) => sum + plain, 0);
}

/** The shortest text of the same number: 1.1 stands in the file as 1.1000000000000001. Beyond 2^53 as it is: no rule takes it. */
function typedNumber(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : text;
}

function textOf(cell: unknown): string {
  if (cell instanceof Date) return cell.toISOString().slice(0, 10);
  return typeof cell === 'string' || typeof cell === 'boolean' ? String(cell) : ''; // null: empty
}

/** Unpacks every part once, within bounds, and looks at the sheets before the reader does. */
function refusalOf(zip: Buffer): WorkbookRefusal | null {
  const parts = partsOf(zip);
  if (parts === null) return 'damaged';
  let left = unpackedBytesMax;
  for (const part of parts) {
    const body = unpacked(zip, part, left);
    if (body === 'damaged' || body === 'too_large') return body;
    left -= body.length;
    if (declaresWords(part.name, body)) return 'damaged';
    if (!/^xl\/worksheets\/[^/]+\.xml$/i.test(part.name) && !body.includes('sheetData')) continue; // a sheet may lie anywhere
    const said = refusalOfSheet(body.toString('latin1')); // what is looked for is ASCII
    if (said !== null) return said;
  }
  return null;
}

/** No spreadsheet writes a document type: its entities would multiply when they are read. */
function declaresWords(name: string, body: Buffer): boolean {
  return /\.(xml|rels)$/i.test(name) && body.includes('<!DOCTYPE');
}

function refusalOfSheet(xml: string): WorkbookRefusal | null {
  if (/<(?:\w+:)?f[\s/>]/.test(xml)) return 'formulas';
  const rowMax = rowsBetweenMax + 2 * (xml.match(/<(?:[^\s<>/:]+:)?row(?=[\s/>])/g) ?? []).length;
  for (const [, attributes = ''] of xml.matchAll(/<(?:[^\s<>/:]+:)?(?:row|c)(?=[\s/>])([^<]*)/g))
    for (const [, double, single] of attributes.matchAll(/\br\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
      const [is, column = '', row] = /^([A-Z]{0,3})(\d{1,7})$/i.exec(double ?? single ?? '') ?? [];
      if (is === undefined) return 'damaged'; // the reader takes other numbers too
      if ((column !== '' && !columnLettersMax.test(column.toUpperCase())) || Number(row) > rowMax) return 'too_large';
    }
  return null;
}

/** A part of a ZIP archive as its directory says (APPNOTE 4.3.12). */
interface ZipPart {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly plain: number;
  readonly at: number;
}

const endBytes = 22;
const endMark = 0x06054b50;
const partMark = 0x02014b50;
const partBytes = 46;
const localMark = 0x04034b50;
const localBytes = 30;

/** The directory at the end of the archive; null where it is none. Archives of more than 4 GiB (ZIP64) are none. */
function partsOf(zip: Buffer): readonly ZipPart[] | null {
  const commentMax = 0xffff;
  let end = zip.length - endBytes;
  while (end >= 0 && end >= zip.length - endBytes - commentMax && zip.readUInt32LE(end) !== endMark) end -= 1;
  if (end < 0 || zip.readUInt32LE(end) !== endMark) return null;
  const count = zip.readUInt16LE(end + 10);
  if (count === 0 || count > partsMax || count !== zip.readUInt16LE(end + 8)) return null; // the reader goes by the other of the two
  const parts: ZipPart[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < count; i += 1) {
    if (at + partBytes > end || zip.readUInt32LE(at) !== partMark) return null;
    const [nameBytes, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    parts.push({
      name: zip.toString('utf8', at + partBytes, at + partBytes + nameBytes),
      method: zip.readUInt16LE(at + 10),
      packed: zip.readUInt32LE(at + 20),
      plain: zip.readUInt32LE(at + 24),
      at: zip.readUInt32LE(at + 42),
    });
    at += partBytes + nameBytes + extra + comment;
  }
  return parts;
}

const stored = 0;
const deflated = 8;

/** One part, unpacked; it is refused as soon as it grows beyond what it says or what is left. */
function unpacked(zip: Buffer, part: ZipPart, left: number): Buffer | 'damaged' | 'too_large' {
  if (part.plain > left) return 'too_large';
  if (part.at + localBytes > zip.length || zip.readUInt32LE(part.at) !== localMark) return 'damaged';
  const start = part.at + localBytes + zip.readUInt16LE(part.at + 26) + zip.readUInt16LE(part.at + 28);
  const packed = zip.subarray(start, start + part.packed);
  if (part.method === stored) return packed.length === part.plain ? packed : 'damaged';
  if (part.method !== deflated) return 'damaged';
  try {
    const body = inflateRawSync(packed, { maxOutputLength: part.plain + 1, finishFlush: constants.Z_FINISH });
    return body.length === part.plain ? body : 'damaged';
  } catch {
    return 'damaged'; // among others: more than it says
  }
}
