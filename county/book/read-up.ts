// Reads an up-file line by line, each bounded and of its shape: untrusted, even when it is signed. Compares nothing with a book.

import { closeSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { amountMax } from '../../db/model/amounts.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type Verdict, upLineBytesMax } from '../../db/model/up-file.ts';

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
  return {
    next() {
      if (ahead.done === true) throw new BadFile('OUT_OF_BALANCE', `line ${number + 1}: the file ends`);
      const { value } = ahead;
      number += 1;
      ahead = lines.next();
      return value;
    },
    number: () => number,
    isAtEnd: () => ahead.done === true,
    close: () => void lines.return(undefined),
  };
}

const chunkBytes = 256 * 1024;

function* linesOf(path: string): Generator<string, undefined, undefined> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(chunkBytes);
    let rest = Buffer.alloc(0);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      const buffer = Buffer.concat([rest, chunk.subarray(0, read)]);
      let start = 0;
      for (let end = buffer.indexOf(10); end !== -1; end = buffer.indexOf(10, start)) {
        if (end - start > upLineBytesMax) throw new BadFile('OUT_OF_BALANCE', 'a line is too long');
        yield buffer.toString('utf8', start, end);
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
  return shaped(shape, parsed(text, place), place);
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadFile('OUT_OF_BALANCE', `${place}: not JSON`);
  }
}

function shaped<Value>(shape: z.ZodType<Value>, value: unknown, place: string): Value {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new BadFile('OUT_OF_BALANCE', `${place}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'malformed'}`);
}

const count = z.int().min(0).max(amountMax);
const name = z.string().regex(/^\P{Cc}{1,100}$/u); // letters that every store takes
const account = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/);
const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const envelope = {
  v: z.literal(1),
  county: z.string(),
  store: z.string(),
  kiosk: z.string(),
  inc: z.int().min(1),
  seq: z.int().min(1),
  id: name,
  day: z.iso.date(),
  at: z.int(),
  amt: count,
  res: z
    .string()
    .regex(/^[A-Za-z0-9_-]{8,22}$/)
    .nullable(),
  prev: hash,
};

/** Of each kind, what the county reads. What else a body holds is the kiosk's, and signed all the same. */
const read = {
  SALE: z.looseObject({
    accountId: account.nullable(),
    redemption: z.looseObject({ fromRights: count, fromRoaming: count }).nullable(),
    lines: z.array(z.looseObject({})),
    payments: z.array(z.looseObject({})),
  }),
  CREDIT: z.looseObject({ accountId: account, lines: z.array(z.looseObject({})) }),
  CREDIT_REVERSED: z.looseObject({ accountId: account, creditId: name }),
  CREDIT_DISPUTED: z.looseObject({ accountId: account, creditId: name }),
  RETURNED: z.looseObject({
    accountId: account.nullable(),
    saleId: name,
    redemption: z.looseObject({ toRights: count, toRoaming: count }).nullable(),
    lines: z.array(z.looseObject({})),
    payments: z.array(z.looseObject({})),
  }),
  RIGHTS_RETURNED: z.looseObject({ accountId: account, asked: count, downSeq: z.int().min(1) }),
  VOUCHER_IN: z.looseObject({ accountId: account, number: z.int().min(1).max(1_000_000) }),
  DOWN_APPLIED: z.looseObject({ downSeq: z.int().min(1), sha256: hash }),
  START: z.looseObject({ kioskKey: hash }),
  RESTORED: z.looseObject({ fromInc: z.int().min(1), throughSeq: count, leaf: hash }),
  DAY_CLOSED: z.looseObject({
    number: z.int().min(1),
    fromSeq: z.int().min(1),
    figures: z.record(z.string(), z.int()),
    accounts: z.record(z.string(), z.looseObject({ opening: z.int(), closing: z.int() })),
    perpetual: z.record(z.string(), z.int()),
    checkpoint: z.looseObject({ size: z.int(), root: hash }),
  }),
  SETTLED: z.looseObject({
    number: z.int().min(1),
    closings: z.array(z.looseObject({ number: z.int().min(1), day: z.iso.date(), points: z.int(), fen: z.int() })).min(1),
    adjustments: z.array(z.looseObject({ id: name, fen: z.int() })),
    grossFen: z.int(),
    shareFen: z.int(),
    owedFen: z.int(),
  }),
} as const;

/** Kinds of which the county reads the envelope alone; a kind that is in neither list is of a newer kiosk. */
const others = [
  'OPERATOR_IN', 'OPERATOR_OUT', 'PIN_REFUSED', 'SHIFT_OPEN', 'LINE_REMOVED', 'REFUSED', 'DRAWER_OPENED', 'REPRINTED', 'APPROVED', 'CLOCK_STEP',
  'BAG_REMOVED', 'SCALE_SET', 'SCALE_CHECKED', 'HANDED_OVER', 'CASH_MOVED', 'NO_SALE', 'DRAWER_COUNTED', 'SHIFT_CLOSED', 'REPORT_PRINTED',
  'VERIFIED', 'BACKED_UP',
] as const satisfies readonly Exclude<BookEvent['kind'], keyof typeof read>[]; // prettier-ignore

const shapes = new Map<string, z.ZodType>([
  ...Object.entries(read).map(([kind, body]) => [kind, z.looseObject({ ...envelope, kind: z.literal(kind), body })] as const),
  ...others.map((kind) => [kind, z.looseObject({ ...envelope, kind: z.literal(kind), body: z.looseObject({}) })] as const),
]);

/** An event as far as the county reads it. */
export function eventOfLine(text: string, place: string): BookEvent {
  const value = parsed(text, place);
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : '';
  const shape = shapes.get(kind);
  if (shape === undefined) throw new BadFile('OUT_OF_BALANCE', `${place}: an event of kind ${kind}, which this county does not know`);
  return shaped(shape, value, place) as BookEvent; // its members were checked as far as they are read
}
