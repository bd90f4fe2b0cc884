// The files a kiosk cuts for its county: what is in them to the byte, and that no crash makes half a file or a second one.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { rawPublicKey } from '../../db/model/keys.ts';
import { checkpointText, openNote, parseFileNote } from '../../db/model/note.ts';
import { upCounter, upHeader, upTrailer, upClosing } from '../../db/model/up-file.ts';
import { readSigner } from '../../db/home.ts';
import { growTree } from '../../db/tree.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type UpFile, cutUpFile, mendUpFile, newSums, newestUpFile, unpostedUpFiles, upFilePath } from '../../db/up-files.ts';
import { type TestKiosk, aKiosk, pulledPlug, reopened } from '../support/book.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { morning } from '../support/county.ts';
import { sell, today } from '../support/sell.ts';

/** A breath of the till. */
const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const how = { software: 'test', idle };

const cut = ({ book, home }: Pick<TestKiosk, 'book' | 'home'>): Promise<UpFile | null> => cutUpFile(book, home, how);

const linesOf = (kiosk: Pick<TestKiosk, 'home'>, file: UpFile): readonly string[] =>
  gunzipSync(readFileSync(upFilePath(kiosk.home, file, 'jsonl.gz')))
    .toString()
    .split('\n');

const events = ({ book }: Pick<TestKiosk, 'book'>): readonly { seq: number; line: string; leaf: Buffer; sig: Buffer }[] =>
  book.db.prepare<[], { seq: number; line: string; leaf: Buffer; sig: Buffer }>('SELECT * FROM event ORDER BY seq').all();

/** Root over the first events, each leaf added to an empty tree. */
const rootOf = (kiosk: Pick<TestKiosk, 'book'>, size: number): string => {
  const tree = growTree();
  for (const { leaf } of events(kiosk).slice(0, size)) tree.add(leaf);
  return tree.root().toString('base64url');
};

test('the totals are of the events’ own members, whatever a text within an event looks like', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const { book } = kiosk;
  sell(book, { resident: '1', chosenPoints: 1_000 });
  const by = '{"amt":7,"kind":"SALE","res":"AAAAAAAA",\\"';
  const body = { about: 'file', downSeq: 1, sha256: 'A'.repeat(43), by } as const;
  book.transact(({ append }) =>
    append({ kind: 'NOTICE_TAKEN', body, id: 'x,"res":"BBBBBBBB","kind":"SALE"', day: today, op: null, command: 0 }),
  );
  const told = JSON.parse(linesOf(kiosk, (await cut(kiosk))!).at(-2)!) as unknown;
  const sums = newSums();
  for (const { line } of events(kiosk)) sums.add(JSON.parse(line) as BookEvent); // the book's own line
  expect(told).toMatchObject(sums.totals());
});

test('the first file has the header, every event as its stored bytes and its signature, the closed day, the counters and the totals', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const { book, home } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', chosenPoints: 1_000 });
  sell(book);
  closeDay(book, { day: today });
  const rows = events(kiosk);
  const file = await cut(kiosk);
  if (file === null) throw new Error('nothing was cut');
  const lines = linesOf(kiosk, file);
  const size = rows.length;
  const closing = JSON.parse(rows.at(-1)!.line) as { readonly body: { readonly checkpoint: { readonly root: string } } };
  const sale = JSON.parse(rows.find(({ line }) => line.includes('"kind":"SALE"'))!.line) as { readonly res: string };
  const parsed = lines.slice(1 + 2 * size, -1).map((line) => JSON.parse(line) as unknown);
  const kinds: Record<string, { count: number; amt: number }> = {};
  for (const { line } of rows) {
    const { kind, amt } = JSON.parse(line) as { readonly kind: string; readonly amt: number };
    kinds[kind] = { count: (kinds[kind]?.count ?? 0) + 1, amt: (kinds[kind]?.amt ?? 0) + amt };
  }
  expect({ header: JSON.parse(lines[0]!) as unknown, events: lines.slice(1, 1 + 2 * size), rest: parsed, end: lines.at(-1) }).toEqual({
    header: {
      t: 'H',
      fmt: 'civicpos-up-v1',
      county: '540525',
      store: 'baire',
      kiosk: 'qj-03',
      kioskKey: readSigner(home)!.publicKey,
      inc: 1,
      fileSeq: 1,
      prevFileSha: '',
      fromSeq: 1,
      toSeq: size,
      prevLeaf: 'A'.repeat(43),
      appliedDownSeq: 1,
      countyRoot: null,
      software: 'test',
      cutAt: morning,
    },
    events: rows.flatMap(({ line, sig }) => [line, `"${sig.toString('base64url')}"`]),
    rest: [
      { t: 'Z', number: 1, day: today, seq: size, red: { opening: 0, closing: 1_000 }, size: size - 1, root: closing.body.checkpoint.root },
      { t: 'C', a: 'a1', g: 20_000, b: 0, s: 1_000, v: 0, c: 0, u: 0, x: 0, w: 0, xs: 0, f: 0 },
      {
        t: 'T',
        lines: 3 + 2 * size,
        events: size,
        kinds,
        hashTotal: String(Buffer.from(sale.res, 'base64url').readUIntBE(0, 6)),
        size,
        root: rootOf(kiosk, size),
        headLeaf: rows.at(-1)!.leaf.toString('base64url'),
      },
    ],
    end: '',
  });
  upHeader.parse(JSON.parse(lines[0]!));
  upClosing.parse(parsed[0]);
  upCounter.parse(parsed[1]);
  upTrailer.parse(parsed[2]);
  const bytes = Buffer.from(lines.join('\n'));
  expect(file).toEqual({
    inc: 1,
    fileSeq: 1,
    fromSeq: 1,
    toSeq: size,
    sha256: createHash('sha256').update(bytes).digest('base64url'),
    bytes: bytes.length,
    cutAt: morning,
  });
});

test('the note and the checkpoint beside it are signed by the kiosk, and the next file names the one before', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const first = (await cut(kiosk))!;
  expect(await cut(kiosk)).toBeNull(); // nothing new
  openDay(kiosk.book, today);
  const second = (await cut(kiosk))!;
  const name = 'civicpos/540525/qj-03/1';
  const keys = [{ name, publicKey: rawPublicKey(readSigner(kiosk.home)!.privateKey) }];
  const opened = (file: UpFile, ending: 'note' | 'checkpoint') => {
    const note = openNote(readFileSync(upFilePath(kiosk.home, file, ending), 'utf8'), keys);
    return note.ok ? note.value.text : note.code;
  };
  expect([parseFileNote(opened(first, 'note')), parseFileNote(opened(second, 'note'))]).toEqual(
    [
      { fileSeq: 1, sha256: first.sha256, prevFileSha: '' },
      { fileSeq: 2, sha256: second.sha256, prevFileSha: first.sha256 },
    ].map((value) => ({ ok: true, value: { direction: 'up', county: '540525', kiosk: 'qj-03', inc: 1, ...value } })),
  );
  expect(opened(second, 'checkpoint')).toBe(checkpointText(name, { size: second.toSeq, root: rootOf(kiosk, second.toSeq) }));
  expect(JSON.parse(linesOf(kiosk, second)[0]!)).toMatchObject({
    prevFileSha: first.sha256,
    fromSeq: first.toSeq + 1,
    prevLeaf: events(kiosk)[first.toSeq - 1]!.leaf.toString('base64url'),
  });
  expect(unpostedUpFiles(kiosk.book.db, 10)).toEqual([first, second]);
});

test('events that are committed while a file is cut go into the next one, and the counters are those of its last event', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const { book, home } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', chosenPoints: 1_000 });
  let breaths = 0;
  const selling = async (): Promise<void> => {
    await idle();
    breaths += 1;
    if (breaths > 1) sell(book, { resident: '1', chosenPoints: 500 });
  };
  const before = book.head().seq;
  const first = (await cutUpFile(book, home, { software: 'test', idle: selling }))!;
  const second = (await cut(kiosk))!;
  const counterOf = (file: UpFile): unknown =>
    linesOf(kiosk, file)
      .map((line) => line.includes('"t":"C"') && (JSON.parse(line) as unknown))
      .find(Boolean);
  expect([first.toSeq, second.fromSeq, second.toSeq]).toEqual([before, before + 1, book.head().seq]);
  expect([counterOf(first), counterOf(second)]).toMatchObject([
    { a: 'a1', s: 1_000 },
    { a: 'a1', s: 1_000 + 500 * (breaths - 1) },
  ]);
});

test('a backlog goes in files of bounded size, each after the one before, and only the last has counters', async () => {
  const kiosk = await aKiosk(onTestFinished);
  openDay(kiosk.book, today);
  for (let n = 0; n < 8; n += 1) sell(kiosk.book, { resident: '1', chosenPoints: 100 });
  const files: UpFile[] = [];
  for (;;) {
    const file = await cutUpFile(kiosk.book, kiosk.home, { ...how, limits: { events: 4, bytes: 1e9 } });
    if (file === null) break;
    files.push(file);
  }
  expect(files.map(({ fileSeq, fromSeq, toSeq }) => [fileSeq, fromSeq, toSeq])).toEqual([
    [1, 1, 4],
    [2, 5, 8],
    [3, 9, kiosk.book.head().seq],
  ]);
  expect(files.map((file) => linesOf(kiosk, file).filter((line) => line.includes('"t":"C"')).length)).toEqual([0, 0, 1]);
});

describe('a power cut', () => {
  /** Cuts with a breath that fails: the cut ends there, as if the plug had been pulled. */
  const cutUntil = async (kiosk: TestKiosk, breath: number): Promise<'cut' | 'ended'> => {
    let breaths = 0;
    const failing = async (): Promise<void> => {
      await idle();
      breaths += 1;
      if (breaths === breath) throw new Error('pulled');
    };
    return cutUpFile(kiosk.book, kiosk.home, { software: 'test', idle: failing }).then(
      () => 'cut',
      () => 'ended',
    );
  };

  test('before the data has its name leaves no file, and the next cut makes it', async () => {
    const kiosk = await aKiosk(onTestFinished);
    for (let breath = 1; (await cutUntil(kiosk, breath)) === 'ended'; breath += 1) {
      const { directory } = kiosk;
      const image = pulledPlug(directory);
      onTestFinished(() => rmSync(dirname(image), { recursive: true }));
      expect(newestUpFile(kiosk.book.db)).toBeNull();
      const left = existsSync(join(image, 'up', '1')) ? readdirSync(join(image, 'up', '1')) : [];
      expect(left.filter((name) => !name.endsWith('.part'))).toEqual([]);
    }
    expect(readdirSync(join(kiosk.home.up, '1')).toSorted()).toEqual(['00000001.checkpoint', '00000001.jsonl.gz', '00000001.note']);
  });

  test('between the data and its row makes the file anew: what had no note was never sent', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const twin = await aKiosk(onTestFinished);
    const left = (await cut(twin))!;
    mkdirSync(join(kiosk.home.up, '1'));
    for (const ending of ['jsonl.gz', 'checkpoint'] as const)
      copyFileSync(upFilePath(twin.home, left, ending), upFilePath(kiosk.home, left, ending));
    const file = (await cut(kiosk))!;
    expect(JSON.parse(linesOf(kiosk, file)[0]!)).toMatchObject({ fileSeq: 1, kioskKey: readSigner(kiosk.home)!.publicKey });
    expect(readdirSync(join(kiosk.home.up, '1')).toSorted()).toEqual(['00000001.checkpoint', '00000001.jsonl.gz', '00000001.note']);
  });

  test('between the row and the note is mended with the very note that would have been written', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const file = (await cut(kiosk))!;
    const path = upFilePath(kiosk.home, file, 'note');
    const [data, note] = [readFileSync(upFilePath(kiosk.home, file, 'jsonl.gz')), readFileSync(path, 'utf8')];
    renameSync(path, `${path}.part`);
    kiosk.book.close();
    kiosk.clock.turn(60_000);
    const book = reopened(kiosk.home, kiosk.clock);
    onTestFinished(() => book.close());
    mendUpFile(book, kiosk.home);
    expect([readFileSync(path, 'utf8'), readFileSync(upFilePath(kiosk.home, file, 'jsonl.gz'))]).toEqual([note, data]);
  });

  test('never changes what was cut: cutting again makes the next file and leaves the bytes', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const file = (await cut(kiosk))!;
    const bytes = (): readonly Buffer[] =>
      (['jsonl.gz', 'checkpoint', 'note'] as const).map((ending) => readFileSync(upFilePath(kiosk.home, file, ending)));
    const before = bytes();
    kiosk.book.close();
    const book = reopened(kiosk.home, kiosk.clock);
    onTestFinished(() => book.close());
    const next = await cutUpFile(book, kiosk.home, how);
    expect([next?.fileSeq, next?.fromSeq, bytes()]).toEqual([2, file.toSeq + 1, before]);
  });
});
