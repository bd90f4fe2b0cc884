// Reads an up-file line by line, each bounded and of its shape: untrusted, even when it is signed. Compares nothing with a book.

import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { amountMax } from '../../db/model/amounts.ts';
import { type Plain, isCanonical } from '../../db/model/canonical.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { assert } from '../../db/model/result.ts';
import { type Verdict, upLineBytesMax } from '../../db/model/up-file.ts';
import { sha256 } from '../../db/sha256.ts';

/** Why a file is not posted, and where: leaves intake.ts as its answer. */
export class BadFile extends Error {
  readonly verdict: Exclude<Verdict, 'ACCEPTED' | 'DUPLICATE'>;
  readonly want: number | null;
  constructor(verdict: BadFile['verdict'], detail: string, want: number | null = null) {
    super(detail);
    this.verdict = verdict;
    this.want = want;
  }
}

export interface UpLines {
  /** The next line's text. Throws where the file ends. */
  next(): string;
  /** The hash of the line read last as that of an event (db/book.ts), from its bytes. */
  leaf(): Buffer;
  /** Number of the line read last, from 1. */
  number(): number;
  isAtEnd(): boolean;
  close(): void;
}

/** Lines of a file, one at a time. */
export function readUpLines(path: string): UpLines {
  const lines = linesOf(path);
  let ahead = lines.next();
  let number = 0;
  let last: Line | null = null;
  return {
    next() {
      if (ahead.done === true) throw new BadFile('OUT_OF_BALANCE', `line ${number + 1}: the file ends`);
      last = ahead.value;
      number += 1;
      ahead = lines.next();
      return last.text;
    },
    leaf() {
      assert(last !== null, 'a line was read');
      return sha256(last.hashed);
    },
    number: () => number,
    isAtEnd: () => ahead.done === true,
    close: () => void lines.return(undefined),
  };
}

const chunkBytes = 256 * 1024;

interface Line {
  readonly text: string;
  /** What a leaf is the hash of: a zero byte, and the line's. Its text would be made bytes again. */
  readonly hashed: Buffer;
}

const zero = Buffer.alloc(1);

function* linesOf(path: string): Generator<Line, undefined, undefined> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(chunkBytes);
    let rest = Buffer.alloc(0);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      const buffer = Buffer.concat([zero, rest, chunk.subarray(0, read)]);
      let start = zero.length;
      for (let end = buffer.indexOf(10, start); end !== -1; end = buffer.indexOf(10, start)) {
        if (end - start > upLineBytesMax) throw new BadFile('OUT_OF_BALANCE', 'a line is too long');
        if (!isUtf8(buffer.subarray(start, end))) throw new BadFile('OUT_OF_BALANCE', 'a line is not UTF-8');
        buffer[start - 1] = 0; // the end of the line before, which was given
        yield { text: buffer.toString('utf8', start, end), hashed: buffer.subarray(start - 1, end) };
        start = end + 1;
      }
      rest = Buffer.from(buffer.subarray(start));
      if (rest.length > upLineBytesMax) throw new BadFile('OUT_OF_BALANCE', 'a line is too long');
    }
    if (rest.length > 0) throw new BadFile('OUT_OF_BALANCE', 'the last line has no end');
  } finally {
    closeSync(file);
  }
}

/** One line as its shape says; `place` names it in the answer. */
export function shapedLine<Value>(shape: z.ZodType<Value>, text: string, place: string): Value {
  const value = parsed(text, place);
  const found = shaped(shape, value, place);
  mustBeCanonical(value, text, place);
  return found;
}

/** The signature of the event on the line before: 64 bytes in base64url as a JSON string, which has one spelling. */
export function signatureOfLine(text: string, place: string): string {
  if (!signatureLine.test(text)) throw new BadFile('OUT_OF_BALANCE', `${place}: no signature`);
  return text.slice(1, -1);
}
const signatureLine = /^"[A-Za-z0-9_-]{86}"$/;

function parsed(text: string, place: string): Plain {
  try {
    return JSON.parse(text) as Plain; // that is what JSON is
  } catch {
    throw new BadFile('OUT_OF_BALANCE', `${place}: not JSON`);
  }
}

/** Bytes that are not the canonical ones of what they say are refused (docs/files.md, F3): another program may read something else in them. */
function mustBeCanonical(value: Plain, text: string, place: string): void {
  if (!isCanonical(value, text)) throw new BadFile('OUT_OF_BALANCE', `${place}: not canonical JSON`);
}

function shaped<Value>(shape: z.ZodType<Value>, value: unknown, place: string): Value {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new BadFile('OUT_OF_BALANCE', `${place}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'malformed'}`);
}

/** Where a value is not of its form: the members that lead there; null: it is. By hand and not by zod, which takes as long as all of JSON.parse. */
type Form = (value: unknown) => string | null;

const when =
  (is: (value: unknown) => boolean): Form =>
  (value) =>
    is(value) ? null : '';
const whole = (from: number, to: number = amountMax): Form =>
  when((value) => Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to); // a number, as was just asked
const matching = (pattern: RegExp): Form => when((value) => typeof value === 'string' && pattern.test(value));
const is = (wanted: string | number): Form => when((value) => value === wanted);
const orNull =
  (form: Form): Form =>
  (value) =>
    value === null ? null : form(value);

type Members = Readonly<Record<string, unknown>>;

/** A record that has these; what else it holds is not looked at. */
function having(forms: Readonly<Record<string, Form>>): Form {
  const members = Object.entries(forms);
  return (value) => {
    if (!isRecord(value)) return '';
    for (const [member, form] of members) {
      const wrong = form(value[member]);
      if (wrong !== null) return wrong === '' ? member : `${member}.${wrong}`;
    }
    return null;
  };
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Each of a list, or each member of a record. */
const each =
  (form: Form, of: (value: unknown) => readonly (readonly [string, unknown])[] | null, min = 0): Form =>
  (value) => {
    const entries = of(value);
    if (entries === null || entries.length < min) return '';
    for (const [name, member] of entries) {
      const wrong = form(member);
      if (wrong !== null) return wrong === '' ? name : `${name}.${wrong}`;
    }
    return null;
  };
const listOf = (form: Form, min = 0): Form =>
  each(form, (value) => (Array.isArray(value) ? value.map((item, i) => [String(i), item] as const) : null), min);
const recordOf = (form: Form): Form => each(form, (value) => (isRecord(value) ? Object.entries(value) : null));

const count = whole(0);
/**
 * Ten billion points: more than a county gives out in a century. Who sells, credits or takes back more in one act is no shop, and what is
 * posted of it is added up with what others have.
 */
const actMax = 10 ** 12;
const part = whole(0, actMax);
const number = whole(1);
const integer = whole(-amountMax);
const anything = having({});
const text = when((value) => typeof value === 'string');
const name = matching(/^\P{Cc}{1,100}$/u); // letters that every store takes
const account = matching(/^[A-Za-z0-9._-]{1,40}$/);
const hash = matching(/^[A-Za-z0-9_-]{43}$/);
const date = matching(z.regexes.date);

const envelope = {
  v: is(1),
  county: text,
  store: text,
  kiosk: text,
  inc: number,
  seq: number,
  id: name,
  day: date,
  at: integer,
  amt: count,
  res: orNull(matching(/^[A-Za-z0-9_-]{8,22}$/)),
  prev: hash,
};

/** Of each kind, what the county reads. What else a body holds is the kiosk's, and signed all the same. */
const read = {
  SALE: {
    accountId: orNull(account),
    redemption: orNull(having({ fromRights: part, fromRoaming: part })),
    lines: listOf(anything),
    payments: listOf(anything),
  },
  CREDIT: { accountId: account, lines: listOf(anything) },
  CREDIT_REVERSED: { accountId: account, creditId: name },
  CREDIT_DISPUTED: { accountId: account, creditId: name },
  RETURNED: {
    accountId: orNull(account),
    saleId: name,
    redemption: orNull(having({ toRights: part, toRoaming: part })),
    lines: listOf(anything),
    payments: listOf(anything),
  },
  RIGHTS_RETURNED: { accountId: account, asked: count, downSeq: number },
  VOUCHER_IN: { accountId: account, number: whole(1, 1_000_000) },
  DOWN_APPLIED: { downSeq: number, sha256: hash },
  START: { kioskKey: hash },
  KEY_ROTATED: { oldKey: hash, newKey: hash, proof: matching(/^[A-Za-z0-9_-]{86}$/) },
  RESTORED: { fromInc: number, throughSeq: count, leaf: hash },
  DAY_CLOSED: {
    number,
    fromSeq: number,
    figures: recordOf(integer),
    accounts: recordOf(having({ opening: integer, closing: integer })),
    perpetual: recordOf(integer),
    checkpoint: having({ size: integer, root: hash }),
  },
  SETTLED: {
    number,
    closings: listOf(having({ number, day: date, points: integer, fen: integer }), 1),
    adjustments: listOf(having({ id: name, fen: integer })),
    grossFen: integer,
    shareFen: integer,
    owedFen: integer,
  },
} as const;

/** Kinds of which the county reads the envelope alone; a kind that is in neither list is of a newer kiosk. */
const others = [
  'OPERATOR_IN', 'OPERATOR_OUT', 'PIN_REFUSED', 'SHIFT_OPEN', 'LINE_REMOVED', 'REFUSED', 'DRAWER_OPENED', 'REPRINTED', 'APPROVED', 'CLOCK_STEP',
  'BAG_REMOVED', 'SCALE_SET', 'SCALE_CHECKED', 'HANDED_OVER', 'CASH_MOVED', 'NO_SALE', 'DRAWER_COUNTED', 'SHIFT_CLOSED', 'REPORT_PRINTED',
  'VERIFIED', 'BACKED_UP', 'NOTICE_TAKEN',
] as const satisfies readonly Exclude<BookEvent['kind'], keyof typeof read>[]; // prettier-ignore

const bodies: readonly (readonly [kind: string, body: Form])[] = [
  ...Object.entries(read).map(([kind, forms]) => [kind, having(forms)] as const),
  ...others.map((kind) => [kind, anything] as const),
];
const ofTill = ['SALE', 'CREDIT', 'CREDIT_REVERSED', 'RETURNED'];
const forms = new Map(bodies.map(([kind, body]) => [kind, having({ ...envelope, ...(ofTill.includes(kind) && { amt: part }), body })]));

/** An event as far as the county reads it. */
export function eventOfLine(line: string, place: string): BookEvent {
  const value = parsed(line, place);
  const kind = isRecord(value) && typeof value['kind'] === 'string' ? value['kind'] : '';
  const form = forms.get(kind);
  if (form === undefined) throw new BadFile('OUT_OF_BALANCE', `${place}: an event of kind ${kind}, which this county does not know`);
  const wrong = form(value);
  if (wrong !== null) throw new BadFile('OUT_OF_BALANCE', `${place}: ${wrong} is not of its form`);
  mustBeCanonical(value, line, place);
  return value as unknown as BookEvent; // its members were checked as far as they are read
}
