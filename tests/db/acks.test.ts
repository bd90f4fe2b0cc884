// The county's answers: what is believed, what is passed over, and what raises an alarm while the till goes on selling.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { activeAlarm, newestAck, postedThrough, takeAck } from '../../db/acks.ts';
import { ackText, parseAck } from '../../db/model/ack.ts';
import { type UpFile, cutUpFile, unpostedUpFiles, upFilePath } from '../../db/up-files.ts';
import { answerTo, rightAck } from '../support/answer.ts';
import { type TestKiosk, aKiosk } from '../support/book.ts';
import { cardKey, morning } from '../support/county.ts';
import { openDay } from '../support/closing.ts';
import { sell, today } from '../support/sell.ts';

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const otherLeaf = Buffer.alloc(32, 7).toString('base64url');

/** A kiosk with two files that wait for an answer. */
async function withFiles(): Promise<TestKiosk & { readonly first: UpFile; readonly second: UpFile }> {
  const kiosk = await aKiosk(onTestFinished);
  const cut = () => cutUpFile(kiosk.book, kiosk.home, { software: 'test', idle });
  const first = (await cut())!;
  openDay(kiosk.book, today);
  return { ...kiosk, first, second: (await cut())! };
}

test('an answer is what was written, line for line', async () => {
  const { book, first } = await withFiles();
  const right = rightAck(book, first);
  for (const ack of [
    right,
    { ...right, verdict: 'GAP', posted: null, want: 3, detail: 'file 3 is missing' },
    { ...right, verdict: 'OUT_OF_BALANCE', posted: null, exceptions: 2, detail: 'line 7' },
  ] as const)
    expect(parseAck(ackText(ack))).toEqual({ ok: true, value: ack });
});

test('a right answer is kept once, lies beside its file, and the file waits no more', async () => {
  const { book, home, first, second } = await withFiles();
  const note = answerTo(book, first);
  const ack = rightAck(book, first);
  expect([takeAck(book, home, first, note), takeAck(book, home, first, note)]).toEqual([
    { kind: 'taken', ack },
    { kind: 'taken', ack },
  ]);
  expect(unpostedUpFiles(book.db, 10)).toEqual([second]);
  expect(readFileSync(upFilePath(home, first, 'ack'), 'utf8')).toBe(note);
  expect(book.db.prepare('SELECT count(*) AS n FROM ack').get()).toEqual({ n: 1 });
  expect([newestAck(book.db), postedThrough(book.db)]).toEqual([{ verdict: 'ACCEPTED', fileSeq: 1, at: morning }, first.toSeq]);
});

test('a file that waited for another has two answers, and the later one ends the waiting', async () => {
  const { book, home, second } = await withFiles();
  takeAck(book, home, second, answerTo(book, second, { verdict: 'GAP', posted: null, want: 1 }));
  expect(unpostedUpFiles(book.db, 10)).toHaveLength(2);
  takeAck(book, home, second, answerTo(book, second));
  expect(unpostedUpFiles(book.db, 10)).toHaveLength(1);
});

describe('passed over is', () => {
  test.each([
    ['what is no note', () => 'hello\n', 'malformed'],
    ['a note longer than any of ours', () => `${'x'.repeat(10_000)}\n`, 'malformed'],
    ['the answer of another key', (book: TestKiosk['book'], file: UpFile) => answerTo(book, file, {}, cardKey), 'signature'],
    ['one that was changed', (book: TestKiosk['book'], file: UpFile) => answerTo(book, file).replace('ACCEPTED', 'REJECTED'), 'signature'],
    ['one of another kiosk', (book: TestKiosk['book'], file: UpFile) => answerTo(book, file, { kiosk: 'qj-04' }), 'other_file'],
    ['one of another incarnation', (book: TestKiosk['book'], file: UpFile) => answerTo(book, file, { inc: 2 }), 'other_file'],
    ['one of another number', (book: TestKiosk['book'], file: UpFile) => answerTo(book, file, { fileSeq: 2 }), 'other_file'],
    ['one of other content', (book: TestKiosk['book'], file: UpFile) => answerTo(book, file, { sha256: otherLeaf }), 'other_file'],
  ])('%s', async (_, note, code) => {
    const { book, home, first } = await withFiles();
    expect(takeAck(book, home, first, note(book, first))).toEqual({ kind: 'refused', code });
    expect([unpostedUpFiles(book.db, 10).length, activeAlarm(home), existsSync(upFilePath(home, first, 'ack'))]).toEqual([2, null, false]);
  });
});

describe('an alarm', () => {
  test.each([
    ['another leaf at that event', { headLeaf: otherLeaf, toSeq: 0 }],
    ['an event that this book has not', { headLeaf: otherLeaf, toSeq: 1_000 }],
    ['less than the file it accepts', { headLeaf: '', toSeq: -1 }],
  ])('is raised by %s: nothing advances, and the till sells', async (_, { headLeaf, toSeq }) => {
    const { book, home, first, second } = await withFiles();
    const posted = {
      toSeq: first.toSeq + toSeq,
      headLeaf: headLeaf === '' ? rightAck(book, { ...first, toSeq: first.toSeq - 1 }).posted!.headLeaf : headLeaf,
    };
    const note = answerTo(book, first, { posted });
    expect(takeAck(book, home, first, note)).toEqual({ kind: 'alarm' });
    expect(activeAlarm(home)).toMatchObject({ at: morning, inc: 1, fileSeq: 1, toSeq: posted.toSeq, county: posted.headLeaf, note });
    expect(takeAck(book, home, second, answerTo(book, second))).toEqual({ kind: 'refused', code: 'alarmed', want: null });
    expect([unpostedUpFiles(book.db, 10).length, postedThrough(book.db)]).toEqual([2, 0]);
    expect(sell(book)).toMatchObject({ kind: 'SALE' });
  });

  test('is raised where the county calls this kiosk two', async () => {
    const { book, home, first } = await withFiles();
    expect(takeAck(book, home, first, answerTo(book, first, { verdict: 'FORK', posted: null }))).toEqual({ kind: 'alarm' });
    expect(activeAlarm(home)).toMatchObject({ fileSeq: 1, toSeq: null });
  });

  test('ends with the right answer to the same file, and then all goes on', async () => {
    const { book, home, first, second } = await withFiles();
    takeAck(book, home, first, answerTo(book, first, { posted: { toSeq: first.toSeq, headLeaf: otherLeaf } }));
    expect(takeAck(book, home, first, answerTo(book, first)).kind).toBe('taken');
    expect(activeAlarm(home)).toBeNull();
    expect(takeAck(book, home, second, answerTo(book, second)).kind).toBe('taken');
  });

  test('keeps its first hour when the same answer comes again, and stands where its file was damaged', async () => {
    const { book, home, clock, first } = await withFiles();
    const note = answerTo(book, first, { posted: { toSeq: first.toSeq, headLeaf: otherLeaf } });
    takeAck(book, home, first, note);
    clock.turn(3_600_000);
    takeAck(book, home, first, note);
    expect(activeAlarm(home)).toMatchObject({ at: morning });
    writeFileSync(join(home.up, 'alarm.json'), '{');
    expect(takeAck(book, home, first, answerTo(book, first))).toEqual({ kind: 'refused', code: 'alarmed', want: null });
  });
});
