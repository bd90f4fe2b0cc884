// Whatever somebody does to the golden county's files, both implementations refuse and name the place (reconciliation.md R6 27, R7 T6).

import { createHash, sign } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { leafOf } from '../../db/book.ts';
import { ackText, parseAck } from '../../db/model/ack.ts';
import { points } from '../../db/model/amounts.ts';
import { canonical, type Plain } from '../../db/model/canonical.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import { privateKeyFromSeed } from '../../db/model/keys.ts';
import { checkpointText, fileNoteText, parseFileNote, signNote } from '../../db/model/note.ts';
import { sealVoucher } from '../../db/model/voucher.ts';
import { growTree } from '../../db/tree.ts';
import { fileNumber } from '../../db/up-files.ts';
import { copies, golden, verdictsOn } from './both.ts';

const { make, remove } = copies();
afterAll(remove, 180_000); // thousands of small files, on a disk that others use, too

const root = 'civicpos/540525';
const kiosk = 'qj-03';
const kioskKey = privateKeyFromSeed(Buffer.alloc(32, 53));
const otherKey = privateKeyFromSeed(Buffer.alloc(32, 51));
const countyKey = privateKeyFromSeed(Buffer.alloc(32, 41));

const upOf = (of: string, n: number, ending: string): string => `${root}/up/${of}/1/0000000${n}.${ending}`;
const up = (n: number, ending: string): string => upOf(kiosk, n, ending);
const down = (n: number, ending: string): string => `${root}/down/${kiosk}/0000000${n}.${ending}`;
const ack = (n: number): string => `${root}/ack/${kiosk}/1/0000000${n}.ack`;

interface Tampering {
  readonly what: string;
  /** Spoils a copy; says in which file a lie must be found. Several where that is a matter of who looks first. */
  readonly spoil: (directory: string) => readonly string[];
  /** Beginning of the place, to the line, where one line alone can be meant. */
  readonly line?: number;
  /** Whose files alone are copied; all where it is absent. */
  readonly of?: string;
}

/** Both refuse each copy, and name a place in one of the files meant; the same line where there is one. */
async function expectRefused(tamperings: readonly Tampering[]): Promise<void> {
  const spoilt = tamperings.map(({ what, spoil, line, of }) => {
    const directory = make(of);
    return { what, line, directory, meant: spoil(directory) };
  });
  const verdicts = await verdictsOn(spoilt.map(({ directory }) => directory));
  const wrong = spoilt.flatMap(({ what, meant, line }, i) => {
    const { ours, python } = verdicts[i]!; // one for each
    const isNamed = (place: string): boolean =>
      meant.some((file) => place.startsWith(file) && (line === undefined || place === `${file}, line ${line}`));
    const good = ours.kind === 'lie' && python.kind === 'lie' && isNamed(ours.place) && isNamed(python.place);
    return good ? [] : [{ what, meant, line, ours, python }];
  });
  expect(wrong).toEqual([]);
}

function linesOf(directory: string, path: string): string[] {
  return gunzipSync(readFileSync(join(directory, path)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
}

function writeLines(directory: string, path: string, lines: readonly string[]): string {
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  writeFileSync(join(directory, path), gzipSync(bytes));
  return createHash('sha256').update(bytes).digest('base64url');
}

/** Every file of the golden county, by path. */
const files = readdirSync(join(golden, root), { recursive: true, withFileTypes: true })
  .filter((each) => each.isFile())
  .map(({ parentPath, name }) => join(parentPath, name).slice(golden.length + 1))
  .toSorted();

/** Where a byte of a file is changed, who looks first may be one that speaks of it. */
function meantBy(path: string): readonly string[] {
  return [path.slice(0, path.lastIndexOf('/') + 1 + 8)];
}

test('a byte changed anywhere in any file', { timeout: 180_000 }, async () => {
  const tamperings = files.flatMap((path) => {
    const { length } = readFileSync(join(golden, path));
    const sampled = [3, 9, Math.floor(length / 3), Math.floor(length / 2), length - 1];
    return sampled.map((at): Tampering => ({
      of: /qj-\d\d/.exec(path)![0], // every file is of a kiosk
      what: `byte ${at} of ${path}`,
      spoil(directory) {
        const bytes = readFileSync(join(directory, path));
        bytes[at]! ^= 1 << (at % 8); // within the file
        writeFileSync(join(directory, path), bytes);
        return meantBy(path);
      },
    }));
  });
  await expectRefused(tamperings);
});

test('a letter changed in any line of a file up: the line is named', { timeout: 180_000 }, async () => {
  const lines = linesOf(golden, up(2, 'jsonl.gz'));
  const tamperings = lines.flatMap((text, i): readonly Tampering[] => {
    if (i === 0) return []; // a header's software is in the file's hash alone: the file is named, as above
    const digit = /\d(?=[^\d]*$)/.exec(text)!.index; // each of ours has a digit
    const changed = `${text.slice(0, digit)}${(Number(text[digit]) + 1) % 10}${text.slice(digit + 1)}`;
    const isSignature = text.startsWith('"');
    return [
      {
        of: kiosk,
        what: `line ${i + 1}`,
        line: isSignature ? i : i + 1, // a signature speaks of the event above it
        spoil(directory) {
          writeLines(directory, up(2, 'jsonl.gz'), lines.with(i, changed));
          return [up(2, 'jsonl.gz')];
        },
      },
    ];
  });
  await expectRefused(tamperings);
});

test('lines left out, doubled or swapped', { timeout: 180_000 }, async () => {
  for (const path of [up(2, 'jsonl.gz'), down(2, 'jsonl.gz')]) {
    const lines = linesOf(golden, path);
    const change = (what: string, changed: readonly string[]): Tampering => ({
      of: kiosk,
      what,
      spoil(directory) {
        writeLines(directory, path, changed);
        return [path.replace('.jsonl.gz', '')];
      },
    });
    await expectRefused(
      lines.flatMap((text, i) => [
        change(`${path} without line ${i + 1}`, lines.toSpliced(i, 1)),
        change(`${path} with line ${i + 1} twice`, lines.toSpliced(i, 0, text)),
        ...(i === 0 ? [] : [change(`${path} with lines ${i} and ${i + 1} swapped`, lines.with(i, lines[i - 1]!).with(i - 1, text))]),
      ]),
    );
  }
});

/** File 3 of the kiosk with another name in its sales, everything after it made again, signed by `key`; `key` null: as it was signed. */
function recomputed(directory: string, key: typeof kioskKey | null): void {
  retold(directory, { kiosk, key }, (event) =>
    event.kind === 'SALE' ? { ...event, body: { ...event.body, printed: { ...event.body.printed, operatorName: '某某' } } } : event,
  );
}

/** File 3 of a kiosk with events that `tell` changed, everything after them made again and signed as above. */
function retold(
  directory: string,
  of: {
    readonly kiosk: string;
    readonly key: typeof kioskKey | null;
    /** What its lines besides the events say instead. */
    readonly line?: (line: { readonly [member: string]: Plain }) => { readonly [member: string]: Plain };
  },
  tell: (event: BookEvent, i: number) => BookEvent,
): void {
  const { key, line: lineOf = (line) => line } = of;
  const up = (n: number, ending: string): string => upOf(of.kiosk, n, ending);
  const path = up(3, 'jsonl.gz');
  const [header, ...rest] = linesOf(directory, path);
  const tree = growTree();
  for (const n of [1, 2]) for (const { leaf } of eventsOf(linesOf(directory, up(n, 'jsonl.gz')))) tree.add(leaf);
  const lines = [canonical(lineOf(JSON.parse(header!) as { readonly [member: string]: Plain }))]; // a file begins with it
  let prev: string | null = null;
  let at = 0;
  for (; rest[at]!.includes('"kind":'); at += 2) {
    const told = tell(JSON.parse(rest[at]!) as BookEvent, at / 2);
    const event = prev === null ? told : { ...told, prev };
    const line = canonical(event as unknown as Plain); // it came out of JSON
    const leaf = leafOf(line);
    prev = leaf.toString('base64url');
    tree.add(leaf);
    const signature =
      key === null ? (JSON.parse(rest[at + 1]!) as string) : sign(null, Buffer.from(signedText(event, prev)), key).toString('base64url');
    lines.push(line, JSON.stringify(signature));
  }
  const size = tree.size();
  const rootText = tree.root().toString('base64url');
  for (const text of rest.slice(at)) {
    const value = lineOf(JSON.parse(text) as { readonly [member: string]: Plain });
    lines.push(canonical(value['t'] === 'T' ? { ...value, root: rootText, headLeaf: prev } : value));
  }
  const sha256 = writeLines(directory, path, lines);
  const name = `civicpos/540525/${of.kiosk}/1`;
  const privateKey = key ?? otherKey;
  const before = parseFileNote(
    readFileSync(join(directory, up(3, 'note')), 'utf8')
      .split('\n')
      .slice(0, 8)
      .join('\n') + '\n',
  );
  if (!before.ok) throw new Error(before.code);
  writeFileSync(join(directory, up(3, 'note')), signNote(fileNoteText({ ...before.value, sha256 }), { name, privateKey }));
  writeFileSync(join(directory, up(3, 'checkpoint')), signNote(checkpointText(name, { size, root: rootText }), { name, privateKey }));
}

function eventsOf(lines: readonly string[]): readonly { readonly leaf: Buffer }[] {
  return lines.filter((line) => line.includes('"kind":')).map((line) => ({ leaf: leafOf(line) }));
}

const tail = (path: string): string => path.slice(0, path.lastIndexOf('.'));

test('keys, chains, forks, answers and files that are not what they seem', { timeout: 180_000 }, async () => {
  await expectRefused([
    {
      what: 'a chain recomputed and signed by another key',
      spoil(directory) {
        recomputed(directory, otherKey);
        return [up(3, 'note')];
      },
    },
    {
      what: 'a chain recomputed with the signatures that were there, its notes signed by another',
      spoil(directory) {
        recomputed(directory, null);
        return [up(3, 'note')];
      },
    },
    {
      what: 'a chain recomputed with the signatures that were there, under the true note',
      spoil(directory) {
        const kept = ['note', 'checkpoint'].map((ending) => readFileSync(join(directory, up(3, ending))));
        recomputed(directory, null);
        for (const [i, ending] of ['note', 'checkpoint'].entries()) writeFileSync(join(directory, up(3, ending)), kept[i]!);
        return [up(3, 'jsonl.gz')];
      },
    },
    {
      what: 'a fork by the kiosk itself: the county has answered another file of that number',
      spoil(directory) {
        recomputed(directory, kioskKey);
        return [up(3, 'jsonl.gz'), ack(3)];
      },
    },
    {
      what: 'an answer replayed under the next number',
      spoil(directory) {
        copyFileSync(join(directory, ack(1)), join(directory, ack(2)));
        return [ack(2)];
      },
    },
    {
      what: 'an answer signed by nobody we know',
      spoil(directory) {
        const text = `${readFileSync(join(directory, ack(2)), 'utf8').split('\n\n')[0]}\n`;
        writeFileSync(join(directory, ack(2)), signNote(text, { name: 'civicpos/540525', privateKey: otherKey }));
        return [ack(2)];
      },
    },
    {
      what: 'an answer of the county about an event that this kiosk has otherwise',
      spoil(directory) {
        const read = parseAck(`${readFileSync(join(directory, ack(2)), 'utf8').split('\n\n')[0]}\n`);
        if (!read.ok || read.value.posted === null) throw new Error('it posted something');
        const lying = ackText({ ...read.value, posted: { ...read.value.posted, headLeaf: 'A'.repeat(43) } });
        writeFileSync(join(directory, ack(2)), signNote(lying, { name: 'civicpos/540525', privateKey: countyKey }));
        return [ack(2)];
      },
    },
    ...['jsonl.gz', 'note', 'checkpoint'].flatMap((ending): readonly Tampering[] => [
      {
        what: `the ${ending} of a file gone`,
        spoil(directory) {
          rmSync(join(directory, up(2, ending)));
          return [up(2, ending)];
        },
      },
      {
        what: `the ${ending} of another file in its place`,
        spoil(directory) {
          copyFileSync(join(directory, up(1, ending)), join(directory, up(2, ending)));
          return [tail(up(2, ending))];
        },
      },
      {
        what: `the ${ending} cut short`,
        spoil(directory) {
          truncateSync(join(directory, up(2, ending)), 100);
          return [tail(up(2, ending))];
        },
      },
    ]),
    {
      what: 'something behind the end of a packed file',
      spoil(directory) {
        appendFileSync(join(directory, up(1, 'jsonl.gz')), 'more');
        return [up(1, 'jsonl.gz')];
      },
    },
    {
      what: 'a file in the middle gone whole',
      spoil(directory) {
        for (const ending of ['jsonl.gz', 'note', 'checkpoint']) rmSync(join(directory, up(2, ending)));
        return [tail(up(2, 'note'))];
      },
    },
    {
      what: 'the newest file gone whole: the county has acknowledged it',
      spoil(directory) {
        for (const ending of ['jsonl.gz', 'note', 'checkpoint']) rmSync(join(directory, up(3, ending)));
        return [down(4, 'jsonl.gz'), ack(3)];
      },
    },
    {
      what: 'a file of the county gone that the kiosk applied',
      spoil(directory) {
        for (const ending of ['jsonl.gz', 'note']) rmSync(join(directory, down(3, ending)));
        return [tail(down(3, 'note'))];
      },
    },
    {
      what: 'files of one kiosk under the name of the other',
      spoil(directory) {
        rmSync(join(directory, root, 'up/qj-01'), { recursive: true });
        renameSync(join(directory, root, 'up/qj-03'), join(directory, root, 'up/qj-01'));
        return [`${root}/up/qj-01`];
      },
    },
    {
      what: 'a kiosk that nobody named',
      spoil(directory) {
        renameSync(join(directory, root, 'up/qj-03'), join(directory, root, 'up/qj-99'));
        return [`${root}/up/qj-99`];
      },
    },
    {
      what: 'a file that is none of ours',
      spoil(directory) {
        writeFileSync(join(directory, root, 'up/qj-01/1/notes.txt'), 'trust me\n');
        return [`${root}/up/qj-01/1/notes.txt`];
      },
    },
    {
      what: 'a receipt with another amount',
      line: 1,
      spoil(directory) {
        const path = join(directory, 'receipts.txt');
        const text = readFileSync(path, 'utf8');
        writeFileSync(path, text.replace(/\|(\d+)\|/, (_, inc: string) => `|${Number(inc)}|`).replace('|20000|', '|10000|'));
        return ['receipts.txt'];
      },
    },
  ]);
});

/** The events of file 3 of the kiosk that took vouchers and gave rights back. */
const taking = 'qj-01';
const events = linesOf(golden, upOf(taking, 3, 'jsonl.gz'))
  .filter((line) => line.includes('"kind":'))
  .map((line) => JSON.parse(line) as BookEvent);
const firstOf = (kind: BookEvent['kind']): number => events.findIndex((event) => event.kind === kind);
const [voucherAt, answerAt] = [firstOf('VOUCHER_IN'), firstOf('RIGHTS_RETURNED')];
const secondCountyKey = privateKeyFromSeed(Buffer.alloc(32, 42));

/** The kiosk itself says other of its event `i` of file 3, and signs that. */
function lies(what: string, i: number, change: object): Tampering {
  return {
    what,
    line: 2 + 2 * i, // after the header, each with its signature
    of: taking,
    spoil(directory) {
      const key = otherKey; // that kiosk's own
      retold(directory, { kiosk: taking, key }, (event, n) => (n === i ? { ...event, ...change } : event));
      return [upOf(taking, 3, 'jsonl.gz')];
    },
  };
}

test('a kiosk that gives back other rights than it was asked for, or takes vouchers that are none', { timeout: 180_000 }, async () => {
  const answer = events[answerAt] as BookEvent & { readonly kind: 'RIGHTS_RETURNED' };
  const next = events[answerAt + 1] as typeof answer;
  const voucher = events[voucherAt] as BookEvent & { readonly kind: 'VOUCHER_IN' };
  const second = events.findIndex((event, i) => i > voucherAt && event.kind === 'VOUCHER_IN');
  const signed = (
    change: { readonly kiosk?: string; readonly number?: number; readonly amount?: number },
    key = secondCountyKey,
  ): object => {
    const { accountId } = voucher.body;
    const { kiosk: of = taking, number = 3, amount = 100 } = change;
    const text = sealVoucher({ county: '540525', kiosk: of, accountId, number, amount: points(amount) }, key);
    return { amt: amount, kind: 'VOUCHER_IN', body: { accountId, number, text, by: 'scan' } };
  };
  const late = events.findLastIndex((event) => event.kind === 'SETTLED'); // behind the county's file
  await expectRefused([
    lies('less than was asked for', answerAt, { amt: answer.amt - 1 }),
    lies('nothing', answerAt, { amt: 0 }),
    lies('an answer that is none of the file', answerAt, { body: { ...answer.body, downSeq: 3 } }),
    lies('another request', answerAt, { body: { ...answer.body, asked: 7 } }),
    lies('an answer before its turn', answerAt, { amt: next.amt, body: next.body }),
    lies('something else where an answer was due', answerAt + 1, { kind: 'NO_SALE', amt: 0, body: { reason: 'change' } }),
    lies('an answer that nobody asked for', late, { kind: 'RIGHTS_RETURNED', amt: 0, body: answer.body }),
    lies('more than its voucher says', voucherAt, { amt: voucher.amt + 100 }),
    lies('another account', voucherAt, { body: { ...voucher.body, accountId: 'a2' } }),
    lies('a voucher twice', second, { amt: voucher.amt, body: voucher.body }),
    lies('one that the county has counted', late, { kind: 'VOUCHER_IN', amt: voucher.amt, body: voucher.body }),
    lies('one for another kiosk', second, signed({ kiosk: 'qj-03' })),
    lies('one of its own making', second, signed({}, otherKey)),
    lies('a text that is no voucher', second, { body: { ...voucher.body, number: 2, text: 'CV1|' } }),
    lies('a voucher whose text is a number', second, { body: { ...voucher.body, number: 2, text: 7 } }),
  ]);
});

test('an event that its kiosk signs and that is of another form, or bytes that are no text', { timeout: 180_000 }, async () => {
  const at = firstOf('OPERATOR_IN');
  const changed = (change: object): Tampering => lies(JSON.stringify(change), at, change);
  await expectRefused([
    ...[{ v: true }, { v: '1' }, { inc: true }, { seq: null }, { kind: undefined }, { kind: ['SALE'] }, { kind: '__proto__' }].map(changed),
    ...[{ body: null }, { body: [] }, { day: ['2026-11-23'] }, { day: '23' }, { op: { id: 'op1' } }, { op: true }, { id: 7 }].map(changed),
    ...[
      { amt: true },
      { amt: -1 },
      { amt: '0' },
      { at: true },
      { at: Number.MAX_SAFE_INTEGER },
      { clk: null },
      { res: 7 },
      { res: 'é'.repeat(8) },
    ].map(changed),
    {
      what: 'a letter that is no UTF-8',
      of: taking,
      spoil(directory) {
        const path = join(directory, upOf(taking, 3, 'jsonl.gz'));
        const bytes = gunzipSync(readFileSync(path));
        bytes[bytes.indexOf('op1')] = 0xff;
        writeFileSync(path, gzipSync(bytes));
        return [upOf(taking, 3, 'jsonl.gz')];
      },
    },
    ...['constructor', '__proto__', 'toString'].map((name): Tampering => ({
      what: `a kiosk called ${name}`,
      of: taking,
      spoil(directory) {
        renameSync(join(directory, root, 'down', taking), join(directory, root, 'down', name));
        return [`${root}/down/${name}`];
      },
    })),
  ]);
});

/** A sale of file 3 that took points, and gave some of them back. */
const saleAt = events.findIndex((event) => event.kind === 'SALE' && event.body.redemption !== null);

test(
  'an event whose members are not what the rules add up: nothing is read as nought, or as what it is not',
  { timeout: 180_000 },
  async () => {
    const { body } = events[saleAt] as BookEvent & { readonly kind: 'SALE' };
    const [line] = body.lines;
    const nested = Array.from({ length: 40 }).reduce<Plain>((of) => [of], 0);
    const changes = [
      { ...body, payments: undefined },
      { ...body, roundingFen: null },
      { ...body, accountId: 'a 3' },
      { ...body, redemption: { ...body.redemption, fromRoaming: null } },
      ...[{ goodsId: undefined }, { quantity: 0 }, { settlementFen: null }].map((change) => ({
        ...body,
        lines: [{ ...line, ...change }, ...body.lines.slice(1)],
      })),
      { ...body, more: nested },
    ];
    const quiet = firstOf('OPERATOR_IN');
    await expectRefused([
      ...changes.map((change) => lies(JSON.stringify(change).slice(0, 200), saleAt, { body: change })),
      ...[{ mono: undefined }, { more: 1 }].map((change) => lies(JSON.stringify(change), quiet, change)),
      {
        what: 'a signature with stray bits',
        line: 3,
        of: taking,
        spoil(directory) {
          const path = upOf(taking, 3, 'jsonl.gz');
          const [head = '', event = '', signature = '', ...rest] = linesOf(directory, path);
          const last = signature.at(-2)!; // before the quotation mark
          writeLines(directory, path, [head, event, signature.replace(/."$/, `${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[last]!}"`), ...rest]);
          return [path];
        },
      },
      {
        what: 'points that nobody can add up',
        of: taking,
        spoil(directory) {
          const most = points(Number.MAX_SAFE_INTEGER);
          retold(directory, { kiosk: taking, key: otherKey }, (event) =>
            event.kind.startsWith('OPERATOR') ? { ...event, amt: most } : event,
          );
          return [upOf(taking, 3, 'jsonl.gz')];
        },
      },
    ]);
  },
);

test('a return that gives back the right points in the wrong way, or less money than was paid', { timeout: 180_000 }, async () => {
  const at = events.findIndex(({ kind }) => kind === 'RETURNED');
  const { body } = events[at] as BookEvent & { readonly kind: 'RETURNED' };
  const { redemption, payments, roundingFen } = body;
  const [paid] = payments;
  if (redemption === null || paid === undefined) throw new Error('it gave back both, and what had roamed');
  const change = (of: object): Tampering => lies(JSON.stringify(of), at, { body: { ...body, ...of } });
  await expectRefused([
    change({ redemption: { ...redemption, toRights: redemption.toRoaming, toRoaming: redemption.toRights } }),
    change({ payments: [{ ...paid, kind: 'other' }] }),
    change({ payments: [{ ...paid, fen: paid.fen - 100 }], roundingFen: roundingFen - 100 }),
    change({ redemption: { ...redemption, pointValueFen: null } }),
  ]);
});

type OfLine = { readonly [member: string]: Plain };

/** File 3 of a kiosk, whose lines besides the events say other. */
function said(what: string, line: (of: OfLine) => OfLine, at?: number): Tampering {
  return {
    what,
    of: taking,
    ...(at === undefined ? {} : { line: at }),
    spoil(directory) {
      retold(directory, { kiosk: taking, key: otherKey, line }, (event) => event);
      return [upOf(taking, 3, 'jsonl.gz')];
    },
  };
}

test('what a kiosk says beside its events: of the county other than it applied, or in another form', { timeout: 180_000 }, async () => {
  const of = (t: string, change: OfLine) => (line: OfLine) => (line['t'] === t ? { ...line, ...change } : line);
  await expectRefused([
    said('an older file of the county', of('H', { appliedDownSeq: 1 }), 1),
    said('a root that no file brought', of('H', { countyRoot: { size: 7, root: 'A'.repeat(43) } }), 1),
    said('more than a header has', of('H', { more: 1 }), 1),
    said('true for one', (line) => (line['t'] === 'Z' ? { ...line, number: true } : line)),
    said('a counter that is false', of('C', { f: false })),
  ]);
});

/** The next file to a kiosk, of such lines, signed by the county; `inc` as its note has it. */
async function told(
  directory: string,
  lines: readonly Plain[],
  { inc = 1, more = {} }: { readonly inc?: number; readonly more?: object } = {},
) {
  const folder = join(directory, root, 'down', taking);
  const newest = readdirSync(folder).toSorted().at(-1)!; // its note: it has files
  const note = parseFileNote(`${readFileSync(join(folder, newest), 'utf8').split('\n\n')[0]}\n`);
  if (!note.ok) throw new Error(note.code);
  const downSeq = note.value.fileSeq + 1;
  const [head = ''] = linesOf(directory, down(note.value.fileSeq, 'jsonl.gz').replace(kiosk, taking));
  const header = { ...(JSON.parse(head) as OfLine), downSeq, prevDownSha: note.value.sha256, ...more };
  const sums = { t: 'T', lines: lines.length, sumGranted: '0', sumBalance: '0' };
  const path = down(downSeq, 'jsonl.gz').replace(kiosk, taking);
  const sha256 = writeLines(
    directory,
    path,
    [header, ...lines, sums].map((line) => canonical(line)),
  );
  const text = fileNoteText({
    direction: 'down',
    county: '540525',
    kiosk: taking,
    inc,
    fileSeq: downSeq,
    sha256,
    prevFileSha: note.value.sha256,
  });
  writeFileSync(join(folder, `${fileNumber(downSeq)}.note`), signNote(text, { name: 'civicpos/540525', privateKey: secondCountyKey }));
  return path;
}

test('a file of the county whose lines have another form, or no end, is refused line by line', { timeout: 180_000 }, async () => {
  const key = { t: 'KEY', kid: 9, use: 'file', key: 'A'.repeat(43), active: true };
  const word = { t: 'SETTLEMENT', number: 1, state: 'accepted', day: '2026-11-23', paidFen: null, reference: '' };
  const bad: readonly Plain[] = [
    { t: 'NEWS' },
    {},
    null,
    { t: ['BAL'] },
    ...[{ key: 'B'.repeat(43) }, { use: 'other' }].map((change) => ({ ...key, ...change })),
    ...[
      { a: 'a1', balance: true },
      { a: 'a 1', balance: 0 },
    ].map((of) => ({ t: 'BAL', ...of })),
    ...[{ g: -1 }, { g: 0, w: 0 }].map((of) => ({ t: 'GRANT', a: 'a9', ...of })),
    ...[{ c: 0, xs: false }].map((of) => ({ t: 'ROAM', a: 'a9', ...of })),
    ...[{ state: 'paid' }, { day: '2026-02-30' }].map((of) => ({ ...word, ...of })),
    { t: 'SCHEME', scheme: { version: 99 } },
    { t: 'RESIDENT', resident: {} },
    { t: 'BAL', a: 'x'.repeat(70_000), balance: 0 },
  ];
  const cases: readonly {
    readonly what: string;
    readonly lines: readonly Plain[];
    readonly at: number;
    readonly inc?: number;
    readonly more?: object;
  }[] = [
    ...bad.map((line) => ({ what: canonical(line).slice(0, 100), lines: [line], at: 2 })),
    { what: 'a header with more', lines: [], at: 1, more: { more: 1 } },
    { what: 'an epoch of nought', lines: [], at: 1, more: { serverEpoch: 0 } },
    { what: 'for another incarnation than its note says', lines: [], at: 1, inc: 2 },
  ];
  const folders = await Promise.all(
    cases.map(async (each) => {
      const directory = make(taking);
      return { ...each, directory, place: `${await told(directory, each.lines, each)}, line ${each.at}` };
    }),
  );
  const fine = make(taking);
  await told(fine, [{ ...key, active: false }, word]);
  const verdicts = await verdictsOn([fine, ...folders.map(({ directory }) => directory)]);
  expect(verdicts[0]).toEqual({ ours: { kind: 'true', place: '' }, python: { kind: 'true', place: '' } });
  const wrong = folders.flatMap(({ what, place }, i) => {
    const lie = { kind: 'lie', place };
    return JSON.stringify(verdicts[i + 1]) === JSON.stringify({ ours: lie, python: lie }) ? [] : [{ what, place, ...verdicts[i + 1] }];
  });
  expect(wrong).toEqual([]);
});

test(
  'what lies under the name of a file and is none, answers in no form, and a folder with nothing in it',
  { timeout: 180_000 },
  async () => {
    const folderAt = (path: string): Tampering => ({
      what: `a folder called ${path}`,
      of: taking,
      spoil(directory) {
        rmSync(join(directory, path), { recursive: true });
        mkdirSync(join(directory, path));
        return [path];
      },
    });
    const fileAt = (path: string, meant = path): Tampering => ({
      what: `a file called ${path}`,
      of: taking,
      spoil(directory) {
        rmSync(join(directory, path), { recursive: true, force: true });
        writeFileSync(join(directory, path), 'something\n');
        return [meant];
      },
    });
    const answered = (what: string, n: number, line: string): Tampering => ({
      what,
      of: taking,
      spoil(directory) {
        const path = ack(2).replace(kiosk, taking);
        const lines = readFileSync(join(directory, path), 'utf8').split('\n\n')[0]!.split('\n'); // a note has both parts
        const text = `${lines.with(n, line).join('\n')}\n`;
        writeFileSync(join(directory, path), signNote(text, { name: 'civicpos/540525', privateKey: countyKey }));
        return [path];
      },
    });
    await expectRefused([
      ...['jsonl.gz', 'note', 'checkpoint'].map((ending) => folderAt(upOf(taking, 2, ending))),
      ...['jsonl.gz', 'note'].map((ending) => folderAt(down(2, ending).replace(kiosk, taking))),
      fileAt(`${root}/up/${taking}`),
      fileAt(`${root}/up/${taking}/2`),
      fileAt(`${root}/ack/${taking}/1`),
      fileAt(`${root}/ack/${taking}`),
      fileAt('log'),
      fileAt(`${root}/up/${taking}/1/０００００００１.note`),
      answered('a number', 4, 'x'),
      answered('a number', 7, '1_0'),
      answered('exceptions', 10, '-'),
      answered('details', 11, '好'),
      {
        what: 'answers to an incarnation that is not here',
        of: taking,
        spoil(directory) {
          mkdirSync(join(directory, root, 'ack', taking, '2'));
          return [`${root}/ack/${taking}/2`];
        },
      },
      {
        what: 'a receipt whose signature has stray bits',
        line: 1,
        spoil(directory) {
          const path = join(directory, 'receipts.txt');
          const text = readFileSync(path, 'utf8');
          const last = text.slice(0, text.indexOf('\n')).at(-1)!; // it has one
          writeFileSync(path, text.replace(/.\n/, `${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[last]!}\n`));
          return ['receipts.txt'];
        },
      },
    ]);
    const empty = make(taking);
    rmSync(join(empty, root), { recursive: true });
    expect(await verdictsOn([empty])).toEqual([{ ours: { kind: 'unchecked', place: '' }, python: { kind: 'unchecked', place: '' } }]);
  },
);

test('what the county refused is told in the same words, also where its answer is in no form of ours', async () => {
  const directory = make(taking);
  const folder = join(directory, root, 'refused', taking, '1');
  mkdirSync(folder, { recursive: true });
  const ours = ['civicpos-ack-v1', '540525', taking, '1', '9', 'A'.repeat(43), 'REJECTED', '-', '-', '-', '0', 'another key'];
  const answers = [
    ours,
    ours.with(9, '9'),
    ours.with(6, 'ACCEPTED'),
    ours.with(6, 'GAP'),
    ours.with(11, 'x'.repeat(300)),
    ours.with(11, 'x'.repeat(301)),
  ];
  for (const [i, lines] of answers.entries()) {
    const note = signNote(lines.map((line) => `${line}\n`).join(''), { name: 'civicpos/540525', privateKey: countyKey });
    writeFileSync(join(folder, `00000009-${'A'.repeat(43)}.${i + 1}.ack`), note);
  }
  expect(await verdictsOn([directory])).toEqual([{ ours: { kind: 'true', place: '' }, python: { kind: 'true', place: '' } }]); // throws where words differ
});
