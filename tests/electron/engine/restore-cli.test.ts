// `npm run restore` as a person runs it: the code typed, the words that are printed, how it ends.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeBackup } from '../../../db/backup.ts';
import { leafOf } from '../../../db/book.ts';
import type { BookEvent } from '../../../db/model/event.ts';
import { parseRecoveryCode, recoveryCodeOf } from '../../../db/recovery-code.ts';
import { openReadable } from '../../../db/sqlite.ts';
import { morning, temporary } from '../../support/county.ts';
import { type UsedKiosk, usedKiosk } from '../../support/used-kiosk.ts';
import { verdictOn } from '../../support/verify.ts';

let used: UsedKiosk;
beforeAll(async () => {
  used = await usedKiosk();
});
afterAll(() => used.remove());

interface Backed {
  readonly from: string;
  readonly code: string;
  readonly newest: BookEvent;
}

async function backedUp(): Promise<Backed> {
  const home = used.copy();
  const { line } = newestOf(home.book);
  const newest = JSON.parse(line) as BookEvent; // the book's own line
  const { county, store, kiosk, inc, seq: throughSeq } = newest;
  const leaf = leafOf(line).toString('base64url');
  const place = temporary(onTestFinished);
  const code = recoveryCodeOf(home);
  const facts = { county, store, kiosk, inc, throughSeq, leaf, at: morning, software: 'test' };
  const made = await makeBackup({ home, bookCopy: home.book, place, code, facts });
  if (!made.ok) throw new Error(made.code);
  return { from: join(place, made.value.file), code, newest };
}

function newestOf(book: string): { readonly line: string } {
  const db = openReadable(book);
  try {
    return db.prepare<[], { line: string }>('SELECT line FROM event ORDER BY seq DESC LIMIT 1').get()!; // a used one has some
  } finally {
    db.close();
  }
}

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs the program, typing this; ends within a minute. */
function run(command: string, args: readonly string[], typed = ''): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 60_000 });
    let [out, said] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out, said }));
    child.stdin.on('error', () => {}); // it may end before it reads
    child.stdin.end(typed);
  });
}

const restore = (args: readonly string[], typed?: string): Promise<Ended> =>
  run(process.execPath, ['electron/engine/restore-cli.ts', ...args], typed);

const newHome = (): string => join(temporary(onTestFinished), 'home');

describe('npm run restore', () => {
  test('asks for the code, checks the book, and says what is back, what is lost and who does what now', async () => {
    const { from, code, newest } = await backedUp();
    const home = newHome();
    const typed = `${code.toLowerCase().replaceAll('-', ' ')}\n`;
    const { status, out, said } = await run('npm', ['run', '--silent', 'restore', '--', '--from', from, '--home', home], typed);
    expect([status, said]).toEqual([0, 'recovery code (on the owner’s paper): ']);
    const restored = newestOf(join(home, 'book.db'));
    const words = out.slice(out.indexOf('\n\n') + 2).split('\n');
    const leaf = leafOf(restored.line).toString('base64url');
    expect(words).toEqual([
      `恢复好了：540525 的终端 qj-03，放在 ${home}，第 2 次。`,
      expect.stringMatching(new RegExp(`^回来了：${newest.day} \\d\\d:\\d\\d 以前的账（第 ${newest.seq} 条）；还没有日结过。$`)),
      '没有了：这以后在终端上做的。',
      '  里面最后一张小票是 qj-03-000007。请把号码更后面的小票都找来：上面的码能证明发生过什么。',
      '店里要做：打开终端，现金马上可以卖。旧机器和旧文件夹不要再用。',
      `县里要做：把那些小票记进去，再发一份文件，重新给第 2 次（${leaf}）发积分。`,
      '文件到以前，这里不能用积分。备份以前卖的货，要到县里退。',
      '',
      `Restored: kiosk qj-03 of 540525, in ${home}, incarnation 2.`,
      expect.stringMatching(
        new RegExp(`^What is back: everything until \\d\\d:\\d\\d of ${newest.day} \\(event ${newest.seq}\\); no day was closed yet\\.$`),
      ),
      'What is lost: whatever was done at the kiosk after that.',
      '  The last receipt in it is qj-03-000007. Gather the papers with later numbers: their codes prove what happened.',
      'What the shop does: start the till. It sells for cash at once. Do not use the old machine or its folder again.',
      `What the county does: enter what the papers say, then send a file that issues the points anew, for incarnation 2 of ${leaf}.`,
      'Until it has come, points cannot be used here. Goods sold before the backup come back only at the county.',
      '',
    ]);
    expect(
      out
        .slice(0, out.indexOf('\n\n'))
        .split('\n')
        .every((line) => line.startsWith('ok  ')),
    ).toBe(true); // what was checked before
    expect(await verdictOn(home)).toEqual({ kind: 'true' });
  });

  test.each([
    ['a letter read wrong', misread, 'this is no recovery code'],
    ['nothing typed', () => '', 'this is no recovery code'],
    ['the code of another kiosk', codeOfAnother, 'the recovery code is of another kiosk'],
  ])('%s restores nothing, and says so', async (_name, typedFor, words) => {
    const { from, code } = await backedUp();
    const home = newHome();
    const { status, out, said } = await restore(['--from', from, '--home', home], `${typedFor(code)}\n`);
    expect([status, out, existsSync(home), readdirSync(join(home, '..'))]).toEqual([1, '', false, []]);
    expect(said).toContain(`nothing was restored: ${words}`);
  });

  test('past an incarnation that the county has, it begins a later one', async () => {
    const { from, code } = await backedUp();
    const home = newHome();
    const { status, out } = await restore(['--from', from, '--home', home, '--past', '2'], `${code}\n`);
    expect([status, out.includes('incarnation 3.')]).toEqual([0, true]);
    expect(await verdictOn(home)).toEqual({ kind: 'true' });
  });

  test('takes the code from a file, and never a home that is there', async () => {
    const { from, code } = await backedUp();
    const folder = temporary(onTestFinished);
    const codeFile = join(folder, 'code');
    writeFileSync(codeFile, `${code}\n`);
    const home = join(folder, 'home');
    const args = ['--from', from, '--home', home, '--code-file', codeFile];
    expect(await restore(args)).toMatchObject({ status: 0, said: '' });
    const before = newestOf(join(home, 'book.db'));
    const again = await restore(args);
    expect([again.status, again.out, newestOf(join(home, 'book.db'))]).toEqual([1, '', before]);
    expect(again.said).toContain('nothing was restored: something is there already');
  });

  test.each([
    ['a file that is none', 'this file is no backup of a kiosk', (path: string) => writeFileSync(path, 'holiday')],
    ['a backup cut short', 'the file is damaged or cut off: take an older one', (path: string, from: string) => halfOf(from, path)],
    ['no file', 'the backup is not there', () => {}],
  ])('%s is told by its words', async (_name, words, make) => {
    const { from, code } = await backedUp();
    const path = join(temporary(onTestFinished), 'qj-03.0001.000000009.2026-11-21.jifenbackup');
    make(path, from);
    const home = newHome();
    const { status, said } = await restore(['--from', path, '--home', home], code);
    expect([status, existsSync(home)]).toEqual([1, false]);
    expect(said).toContain(`nothing was restored: ${words}`);
  });

  test('asked wrongly it says how to ask', async () => {
    for (const args of [[], ['--from', 'x'], ['--from', 'x', '--home', 'y', '--code-file', '/nowhere'], ['--form', 'x']]) {
      const { status, out, said } = await restore(args);
      expect([status, out, said.startsWith('usage: npm run restore -- --from FILE --home DIR')]).toEqual([2, '', true]);
    }
  });
});

/** With the first of its letters changed of which that is noticed: all but one in a thousand. */
function misread(code: string): string {
  const typos = Array.from(code, (letter, i) => code.slice(0, i) + (letter === 'A' ? 'B' : 'A') + code.slice(i + 1));
  return typos.find((typo) => parseRecoveryCode(typo) === null)!;
}

function codeOfAnother(): string {
  const other = used.copy();
  rmSync(other.recoveryCode);
  return recoveryCodeOf(other);
}

function halfOf(from: string, to: string): void {
  const bytes = readFileSync(from);
  writeFileSync(to, bytes.subarray(0, bytes.length / 2));
}
