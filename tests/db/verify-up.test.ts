// What verify says of the files that went up: the truth is called true, and each lie is named by its place.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { takeAck } from '../../db/acks.ts';
import type { Book } from '../../db/book.ts';
import { openRestored } from '../../db/open-book.ts';
import { cutUpFile } from '../../db/up-files.ts';
import { answerTo } from '../support/answer.ts';
import { type TestKiosk, aKiosk, tamper } from '../support/book.ts';
import { cashier } from '../support/county.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';
import { verifyHome } from '../../db/verify.ts';
import { verdictOn } from '../support/verify.ts';

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A closed kiosk of two files, the first answered. */
async function withFiles(): Promise<TestKiosk> {
  const kiosk = await aKiosk(onTestFinished, [
    { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁旺堆', role: 'owner' } },
  ]);
  const { book, home } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', chosenPoints: 1_000 });
  closeDay(book, { day: today });
  const first = (await cutUpFile(book, home, { software: 'test', idle }))!;
  takeAck(book, home, first, answerTo(book, first));
  openDay(book, '2026-11-22');
  sell(book, { resident: '1', chosenPoints: 500, day: '2026-11-22' });
  await cutUpFile(book, home, { software: 'test', idle });
  book.close();
  return kiosk;
}

const at = ({ home }: TestKiosk, name: string): string => join(home.up, '1', name);

function edit(kiosk: TestKiosk, name: string, change: (text: string) => string): void {
  const path = at(kiosk, name);
  writeFileSync(path, gzipSync(change(gunzipSync(readFileSync(path)).toString())));
}

test('files and answers that are what the events give are true; so is a newest file whose note a power cut kept out', async () => {
  const kiosk = await withFiles();
  expect(await verdictOn(kiosk.directory)).toEqual({ kind: 'true' });
  rmSync(at(kiosk, '00000002.note'));
  expect(await verdictOn(kiosk.directory)).toEqual({ kind: 'true' });
});

test('a file that the county refused is named with its reason, and what followed; one that was posted later is not', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const { home, book } = kiosk;
  const idleCut = (of: Book) => cutUpFile(of, home, { software: 'test', idle });
  const refusal = { verdict: 'REJECTED', posted: null, detail: 'signed with a key that is not in force: abcdefgh' } as const;
  const first = (await idleCut(book))!;
  takeAck(book, home, first, answerTo(book, first, { verdict: 'OUT_OF_BALANCE', posted: null, detail: 'line 3' }));
  takeAck(book, home, first, answerTo(book, first));
  sell(book, { resident: '1', chosenPoints: 100 });
  const second = (await idleCut(book))!;
  takeAck(book, home, second, answerTo(book, second, refusal));
  book.close();
  const told = async () => {
    const lines: string[] = [];
    expect(await verifyHome(kiosk.directory, (line) => lines.push(line))).toEqual({ kind: 'true' });
    return lines.filter((line) => line.startsWith('ok  refused files: '));
  };
  const refused = 'ok  refused files: file 1/2 was answered REJECTED (signed with a key that is not in force: abcdefgh) and never posted; ';
  expect(await told()).toEqual([`${refused}no file of a later incarnation was posted`]);
  const put = openRestored(home, kiosk.clock, 'A'.repeat(43));
  if (!put.ok) throw new Error(put.detail);
  const third = (await idleCut(put.book))!;
  takeAck(put.book, home, third, answerTo(put.book, third));
  put.book.close();
  expect(await told()).toEqual([
    `${refused}the machine before the restoration had sent what is in it: the county goes on with file 2/1, from event ${third.fromSeq}`,
  ]);
});

describe('a lie is named:', () => {
  test.each<[string, (kiosk: TestKiosk) => void, string, RegExp]>([
    ['a file that is gone', (kiosk) => rmSync(at(kiosk, '00000001.jsonl.gz')), 'up/1/00000001.jsonl.gz', /is missing/],
    ['an older note that is gone', (kiosk) => rmSync(at(kiosk, '00000001.note')), 'up/1/00000001.note', /is missing/],
    [
      'an event that was changed',
      (kiosk) => edit(kiosk, '00000001.jsonl.gz', (text) => text.replace('"floatFen":0', '"floatFen":1')),
      'up/1/00000001.jsonl.gz, line 8',
      /is not what the book has/,
    ],
    [
      'a counter that was changed',
      (kiosk) => edit(kiosk, '00000002.jsonl.gz', (text) => text.replace('"s":1500', '"s":1400')),
      'up/1/00000002.jsonl.gz, line 10',
      /not what the events give/,
    ],
    [
      'a total that was changed',
      (kiosk) => edit(kiosk, '00000002.jsonl.gz', (text) => text.replace('"events":4', '"events":5')),
      'up/1/00000002.jsonl.gz, line 11',
      /does not add up/,
    ],
    [
      'a line behind the trailer',
      (kiosk) => edit(kiosk, '00000002.jsonl.gz', (text) => `${text}{}\n`),
      'up/1/00000002.jsonl.gz, line 12',
      /behind the trailer/,
    ],
    [
      'a header that tells another time',
      (kiosk) => edit(kiosk, '00000001.jsonl.gz', (text) => text.replace(/"cutAt":\d+/, '"cutAt":1')),
      'up/1/00000001.jsonl.gz, line 1',
      /not what the book says/,
    ],
    [
      'a note that was changed',
      (kiosk) =>
        writeFileSync(at(kiosk, '00000001.note'), readFileSync(at(kiosk, '00000001.note'), 'utf8').replace('\n1\n1\n', '\n1\n2\n')),
      'up/1/00000001.note',
      /is not signed by this kiosk/,
    ],
    [
      'a checkpoint of another file',
      (kiosk) => writeFileSync(at(kiosk, '00000001.checkpoint'), readFileSync(at(kiosk, '00000002.checkpoint'))),
      'up/1/00000001.checkpoint',
      /is of another file/,
    ],
    [
      'a row that ends at another event',
      (kiosk) => tamper(kiosk.home, (db) => db.exec('UPDATE up_file SET to_seq = to_seq - 1 WHERE file_seq = 2')),
      'up/1/00000002.jsonl.gz, line 1',
      /not what the book says/,
    ],
    [
      'an answer whose columns lie',
      (kiosk) => tamper(kiosk.home, (db) => db.exec("UPDATE ack SET verdict = 'DUPLICATE'")),
      'table ack, row 1',
      /not what its note says/,
    ],
  ])('%s', async (_, lie, place, what) => {
    const kiosk = await withFiles();
    lie(kiosk);
    expect(await verdictOn(kiosk.directory)).toEqual({
      kind: 'lie',
      check: 'up files',
      place,
      what: expect.stringMatching(what) as string,
    });
  });
});
