// The writer of signed files: the form, the commit mark, and that splicing changes no byte that is signed.

import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { readDownFile } from '../../county/book/down-evidence.ts';
import { prepareLines, writeDownFile } from '../../county/down-writer.ts';
import { points } from '../../db/model/amounts.ts';
import type { DownHeader, DownLine } from '../../db/model/down-file.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import { emptyFolder } from './a-demo.ts';
import { type Enrolment, readDown } from './read-down.ts';
import { fc } from '../support/property.ts';

const privateKey = privateKeyFromSeed(Buffer.alloc(32, 7));
const signer = { name: 'civicpos/540525', privateKey };
const enrolment: Enrolment = {
  county: '540525',
  store: 'QJ-S01',
  kiosk: 'QJ-01',
  countyKey: Buffer.from(rawPublicKey(privateKey)).toString('base64url'),
  countyKeyName: signer.name,
};
const header: DownHeader = {
  t: 'H',
  fmt: 'civicpos-down-v1',
  county: '540525',
  kiosk: 'QJ-01',
  downSeq: 1,
  prevDownSha: '',
  serverEpoch: 1,
  asOf: 1_795_000_000_000,
  snapshot: true,
  ackThrough: null,
};
const grant = (a: string, g: number): DownLine => ({ t: 'GRANT', a, g: points(g) });
const balance = (a: string, value: number): DownLine => ({ t: 'BAL', a, balance: points(value) });

test('a file reads back line for line, with its totals, under its note', async () => {
  const folder = emptyFolder(onTestFinished);
  const lines = [grant('a', 5), balance('a', 7), grant('b', 2 ** 53 - 1), balance('b', 2 ** 53 - 1)];
  const written = await writeDownFile(folder, header, lines, signer);
  expect(readDown(folder, enrolment, 1)).toEqual({ header, lines, sha256: written.sha256 });
  expect(written.lines).toBe(4);
  expect(readdirSync(folder).toSorted()).toEqual(['00000001.jsonl.gz', '00000001.note']);
});

test('a file without lines is a header and a trailer', async () => {
  const folder = emptyFolder(onTestFinished);
  await writeDownFile(folder, header, [], signer);
  expect(readDown(folder, enrolment, 1).lines).toEqual([]);
});

test('the note of a file names the file before it', async () => {
  const folder = emptyFolder(onTestFinished);
  const first = await writeDownFile(folder, header, [], signer);
  await writeDownFile(folder, { ...header, downSeq: 2, prevDownSha: first.sha256 }, [], signer);
  expect(readDown(folder, enrolment, 2).header.prevDownSha).toBe(first.sha256);
});

test('prepared lines give the file that the same lines would', async () => {
  const folder = emptyFolder(onTestFinished);
  const account = fc.constantFrom('a', 'b', 'c');
  const line = fc.oneof(
    fc.tuple(account, fc.nat()).map(([a, g]) => grant(a, g)),
    fc.tuple(account, fc.nat()).map(([a, b]) => balance(a, b)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(line), fc.array(line), async (before, shared, after) => {
      const prepared = await prepareLines(join(folder, 'shared'), shared);
      const spliced = await writeDownFile(folder, header, [...before, prepared, ...after], signer);
      expect(readDown(folder, enrolment, 1).lines).toEqual([...before, ...shared, ...after]);
      const straight = await writeDownFile(folder, header, [...before, ...shared, ...after], signer);
      expect(spliced).toEqual(straight);
    }),
    { numRuns: 25 },
  );
});

test('a line that is no record stops the file before it has a name', async () => {
  const folder = emptyFolder(onTestFinished);
  const fraction = { t: 'BAL', a: 'a', balance: 0.5 } as unknown as DownLine; // what no caller can write without lying
  await expect(writeDownFile(folder, header, [grant('a', 1), fraction], signer)).rejects.toThrow('not a whole number');
  expect([existsSync(join(folder, '00000001.jsonl.gz')), existsSync(join(folder, '00000001.note'))]).toEqual([false, false]);
});

test('a line longer than a kiosk takes is refused', async () => {
  const folder = emptyFolder(onTestFinished);
  const long = { t: 'BAL', a: '积'.repeat(30_000), balance: points(1) } as const;
  await expect(writeDownFile(folder, header, [long], signer)).rejects.toThrow('no kiosk would take');
});

test('the same lines are the same packed bytes', async () => {
  const [one, two] = [emptyFolder(onTestFinished), emptyFolder(onTestFinished)];
  const lines = Array.from({ length: 5_000 }, (_, i) => grant(`account-${i}`, i));
  for (const folder of [one, two]) await writeDownFile(folder, header, lines, signer);
  expect(readFileSync(join(one, '00000001.jsonl.gz'))).toEqual(readFileSync(join(two, '00000001.jsonl.gz')));
});

test('a file that lies in a folder is unpacked only where the county signed its note, and no further than one of ours goes', async () => {
  const folder = emptyFolder(onTestFinished);
  const { sha256 } = await writeDownFile(folder, header, [grant('a', 5)], signer);
  const path = join(folder, '00000001.jsonl.gz');
  const read = (key: typeof privateKey) => {
    const found = readDownFile([{ name: signer.name, publicKey: rawPublicKey(key) }], 'QJ-01', path);
    return found.ok ? found.value.sha256 : found.code;
  };
  const stranger = privateKeyFromSeed(Buffer.alloc(32, 8));
  expect(read(privateKey)).toBe(sha256);
  const member = gzipSync(Buffer.alloc(1024 * 1024)); // a row of them unpacks to as many megabytes of zeros
  writeFileSync(path, Buffer.concat(Array.from({ length: 65 }, () => member)));
  expect(read(privateKey)).toBe('unreadable'); // given up before its end: at its end it would be another than was signed
  expect(read(stranger)).toBe('not signed by this county');
  writeFileSync(path, 'nothing that unpacks');
  expect(read(stranger)).toBe('not signed by this county');
  writeFileSync(join(folder, '00000001.note'), Buffer.alloc(1024 * 1024, 'x'));
  expect(read(privateKey)).toBe('not signed by this county');
});
