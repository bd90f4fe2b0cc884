// Files on a stick: the same bytes, whole or not there, both ways; and a stick that is pulled out, full of junk, or not one.

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type UpFile, cutUpFile, unpostedUpFiles, upFilePath } from '../../../db/up-files.ts';
import { type Copied, copyToStick } from '../../../electron/engine/stick.ts';
import { answerTo } from '../../support/answer.ts';
import { type TestKiosk, aKiosk } from '../../support/book.ts';
import { openDay } from '../../support/closing.ts';
import { firstLines, header, temporary, writeDown } from '../../support/county.ts';
import { today } from '../../support/sell.ts';

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface WithStick extends TestKiosk {
  readonly stick: string;
  readonly files: readonly [UpFile, UpFile];
  readonly copy: (change?: { readonly idle?: () => Promise<void> }) => Promise<Copied>;
}

async function withStick(): Promise<WithStick> {
  const kiosk = await aKiosk(onTestFinished);
  const stick = temporary(onTestFinished, 'stick-');
  const { book, home } = kiosk;
  const cut = async (): Promise<UpFile> => (await cutUpFile(book, home, { software: 'test', idle }))!;
  const first = await cut();
  openDay(book, today);
  return { ...kiosk, stick, files: [first, await cut()], copy: (change) => copyToStick({ book, home, folder: stick, idle, ...change }) };
}

const names = ['00000001', '00000002'].flatMap((name) => ['checkpoint', 'jsonl.gz', 'note'].map((ending) => `${name}.${ending}`));

test('what the county has not posted is copied once with its very bytes, and again where it is gone or was cut short', async () => {
  const { home, stick, files, copy } = await withStick();
  const folder = join(stick, 'civicpos', '540525', 'up', 'qj-03', '1');
  expect([await copy(), readdirSync(folder).toSorted()]).toEqual([{ files: 2, answers: 0, countyFiles: 0, fault: null }, names]);
  expect(names.map((name) => readFileSync(join(folder, name)))).toEqual(names.map((name) => readFileSync(join(home.up, '1', name))));
  expect(await copy()).toMatchObject({ files: 0 });
  writeFileSync(join(folder, '00000002.jsonl.gz'), 'half');
  expect([await copy(), readFileSync(join(folder, '00000002.jsonl.gz'))]).toEqual([
    { files: 1, answers: 0, countyFiles: 0, fault: null },
    readFileSync(upFilePath(home, files[1], 'jsonl.gz')),
  ]);
});

test('answers and the county’s next files are taken from it; what is none of them is passed over', async () => {
  const { book, home, directory, stick, files, sha256, copy } = await withStick();
  const acks = join(stick, 'civicpos', '540525', 'ack', 'qj-03', '1');
  const down = join(stick, 'civicpos', '540525', 'down', 'qj-03');
  for (const folder of [acks, down]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(acks, '00000001.ack'), answerTo(book, files[0]));
  writeFileSync(join(acks, '00000002.ack'), 'not for you');
  const { path } = await writeDown(join(directory, 'from-county'), header(2, sha256), await firstLines());
  copyFileSync(path, join(down, '00000002.jsonl.gz'));
  copyFileSync(path.replace('.jsonl.gz', '.note'), join(down, '00000002.note'));
  writeFileSync(join(down, '00000003.jsonl.gz'), 'no note beside it');
  expect(await copy()).toEqual({ files: 1, answers: 1, countyFiles: 1, fault: null });
  expect([unpostedUpFiles(book.db, 10), readdirSync(home.inbox).toSorted()]).toEqual([[files[1]], ['00000002.jsonl.gz', '00000002.note']]);
  expect(await copy()).toMatchObject({ countyFiles: 0 });
});

test('a stick that is pulled out in the middle is told, and at no moment has a note without its data', async () => {
  const { stick, copy } = await withStick();
  const folder = join(stick, 'civicpos', '540525', 'up', 'qj-03', '1');
  for (let breath = 1; ; breath += 1) {
    let breaths = 0;
    const pulling = async (): Promise<void> => {
      await idle();
      breaths += 1;
      if (breaths !== breath) return;
      const left = existsSync(folder) ? readdirSync(folder) : [];
      for (const note of left.filter((name) => name.endsWith('.note'))) expect(left).toContain(note.replace('.note', '.jsonl.gz'));
      rmSync(stick, { recursive: true });
    };
    const { fault } = await copy({ idle: pulling });
    if (fault === null) break;
    expect(fault).toBe('stick_missing');
    mkdirSync(stick);
  }
  expect(readdirSync(folder).toSorted()).toEqual(names);
});

test.each([
  ['that is not there', () => '/nowhere/at/all', 'stick_missing'],
  ['whose name is no path', () => 'here', 'stick_missing'],
  ['that is no disk', () => '/proc', 'failed'],
])('a folder %s is refused in words', async (_, folder, fault) => {
  const { book, home } = await withStick();
  const copied = await copyToStick({ book, home, folder: folder(), idle });
  expect(copied).toEqual({
    files: 0,
    answers: 0,
    countyFiles: 0,
    fault,
  });
});
