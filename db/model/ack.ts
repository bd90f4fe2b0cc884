// The text of a county's answer to an up-file, as its signed note has it (db/model/up-file.ts `Ack`). Signs and opens no note.

import { type Result, assert, fail, ok } from './result.ts';
import { type Ack, type Verdict, verdicts } from './up-file.ts';

const title = 'civicpos-ack-v1';
const none = '-';
const linesOfAck = 12;
/** Longest reason told: a line of a log. */
const detailMax = 200;

/** The twelve lines that are signed. Throws where the answer could not be read back. */
export function ackText(ack: Ack): string {
  const { county, kiosk, inc, fileSeq, sha256, verdict, posted, want, exceptions, detail } = ack;
  const toSeq = posted?.toSeq ?? none;
  const headLeaf = posted?.headLeaf ?? none;
  const lines = [
    title,
    county,
    kiosk,
    inc,
    fileSeq,
    sha256,
    verdict,
    toSeq,
    headLeaf,
    want ?? none,
    exceptions,
    detail === '' ? none : detail,
  ];
  const text = lines.map((line) => `${line}\n`).join('');
  assert(parseAck(text).ok, `not an answer: ${JSON.stringify(ack)}`);
  return text;
}

/** What a county may say why: ASCII on one line, cut to what a log takes. */
export function ackDetail(text: string): string {
  return text.replace(/[^ -~]+/g, '?').slice(0, detailMax);
}

/** Reads the text of an answer: untrusted, even when the signature holds. */
export function parseAck(text: string): Result<Ack, 'malformed'> {
  const lines = text.split('\n');
  if (lines.length !== linesOfAck + 1 || lines[linesOfAck] !== '' || lines[0] !== title) return fail('malformed');
  const [, county, kiosk, inc, fileSeq, sha256, verdict, toSeq, headLeaf, want, exceptions, detail] = lines as unknown as [
    string, string, string, string, string, string, string, string, string, string, string, string,
  ]; // prettier-ignore
  const isGood =
    /^\d{6}$/.test(county) &&
    /^[A-Za-z0-9._-]{1,40}$/.test(kiosk) &&
    isNumber(inc, 1) &&
    isNumber(fileSeq, 1) &&
    isHash(sha256) &&
    isVerdict(verdict) &&
    (toSeq === none) === (headLeaf === none) &&
    (toSeq === none || (isNumber(toSeq, 1) && isHash(headLeaf))) &&
    (want === none || isNumber(want, 1)) &&
    isNumber(exceptions, 0) &&
    new RegExp(`^[ -~]{1,${detailMax}}$`).test(detail);
  if (!isGood) return fail('malformed');
  return ok({
    county,
    kiosk,
    inc: Number(inc),
    fileSeq: Number(fileSeq),
    sha256,
    verdict,
    posted: toSeq === none ? null : { toSeq: Number(toSeq), headLeaf },
    want: want === none ? null : Number(want),
    exceptions: Number(exceptions),
    detail: detail === none ? '' : detail,
  });
}

function isVerdict(text: string): text is Verdict {
  return (verdicts as readonly string[]).includes(text);
}

/** As we write it: no sign, no leading zero, no more than a double holds. */
function isNumber(text: string, least: number): boolean {
  return /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text)) && Number(text) >= least;
}

/** 32 bytes in base64url, in the one way that is canonical. */
function isHash(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text;
}
