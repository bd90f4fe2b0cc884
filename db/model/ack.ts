// The text of the county's answer to one file (reconciliation.md R4), both ways. Knows no key: a note around it is signed and opened
// by note.ts, and only then is a line of it believed.

import { hashForm } from './base64url.ts';
import { type Result, assert, fail, ok } from './result.ts';
import { type Ack, verdicts } from './up-file.ts';

const title = 'civicpos-ack-v1';
/** Stands where there is nothing to say, so that no line is empty. */
const nothing = '-';
const detailMax = 300;
/** Longest reason that we tell: a line of a log. */
const detailToldMax = 200;

/** The twelve lines that the county signs. Throws where they could not be read back. */
export function ackText(ack: Ack): string {
  const text = [
    title,
    ack.county,
    ack.kiosk,
    ack.inc,
    ack.fileSeq,
    ack.sha256,
    ack.verdict,
    ack.posted?.toSeq ?? nothing,
    ack.posted?.headLeaf ?? nothing,
    ack.want ?? nothing,
    ack.exceptions,
    ack.detail === '' ? nothing : ack.detail,
  ]
    .map((line) => `${line}\n`)
    .join('');
  assert(parseAck(text).ok, `not an answer: ${JSON.stringify(ack)}`);
  return text;
}

/** What a county may say why: ASCII on one line, cut to what a log takes. */
export function ackDetail(text: string): string {
  return text.replace(/[^ -~]+/g, '?').slice(0, detailToldMax);
}

/** Reads the text of an answer: untrusted, even when the signature holds. */
export function parseAck(text: string): Result<Ack, 'malformed'> {
  const lines = text.split('\n');
  if (lines.length !== 13) return fail('malformed');
  const [begin, county, kiosk, inc, fileSeq, sha256, verdict, toSeq, headLeaf, want, exceptions, detail, afterLast] =
    lines as unknown as ThirteenLines; // they were counted
  const known = verdicts.find((each) => each === verdict);
  const isPosted = toSeq !== nothing;
  const good =
    begin === title &&
    /^\d{6}$/.test(county) &&
    /^[A-Za-z0-9._-]{1,40}$/.test(kiosk) &&
    isNumber(inc) &&
    isNumber(fileSeq) &&
    hashForm.test(sha256) &&
    known !== undefined &&
    (isPosted ? isNumber(toSeq) && hashForm.test(headLeaf) : headLeaf === nothing) &&
    (known === 'ACCEPTED' || known === 'DUPLICATE' ? isPosted : true) &&
    (known === 'GAP' ? isNumber(want) : want === nothing) &&
    (exceptions === '0' || isNumber(exceptions)) &&
    detail.length <= detailMax &&
    /^[\x20-\x7e]+$/.test(detail) &&
    afterLast === '';
  if (!good) return fail('malformed');
  return ok({
    county,
    kiosk,
    inc: Number(inc),
    fileSeq: Number(fileSeq),
    sha256,
    verdict: known,
    posted: isPosted ? { toSeq: Number(toSeq), headLeaf } : null,
    want: known === 'GAP' ? Number(want) : null,
    exceptions: Number(exceptions),
    detail: detail === nothing ? '' : detail,
  });
}

type ThirteenLines = [string, string, string, string, string, string, string, string, string, string, string, string, string];

/** From 1, as we write it: no sign, no leading zero, no more than a double holds. */
function isNumber(text: string): boolean {
  return /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text));
}
