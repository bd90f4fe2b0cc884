// A copy of a county's book given back with a byte changed: refused by the note beside it, whichever byte it was, and the book stays; without
// the note, or with one that the county never signed, it is told.

import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { backup, putBack } from '../../county/backup-commands.ts';
import { signNote } from '../../db/model/note.ts';
import { aPair } from '../support/county-book.ts';
import { countyName, morning, temporary } from '../support/county.ts';

test('a byte changed in the copy or its note is seen, and nothing is put back', { timeout: 60_000 }, async () => {
  const { county } = await aPair(onTestFinished);
  const place = temporary(onTestFinished, 'jifen-copy-');
  const said: string[] = [];
  const terminal = { say: (text: string) => void said.push(text), complain: (text: string) => void said.push(text) };
  expect(await backup(county, { to: place, words: [] }, terminal)).toBe(0);
  const copy = join(
    place,
    readdirSync(place).find((name) => name.endsWith('.countybook'))!,
  );
  const { directory } = county.folder;
  await county.close();
  const before = readFileSync(county.folder.book);
  const clock = { wallMs: () => morning };
  const given = async (): Promise<readonly [number, string]> => {
    said.length = 0;
    return [await putBack(directory, { from: copy, words: [] }, terminal, clock), said.join('')];
  };
  const refused = [1, 'the file is not as the county wrote it, by the note beside it: take another copy: nothing was changed\n'];
  const [bytes, note] = [readFileSync(copy), readFileSync(`${copy}.note`)];
  const changedAt = (whole: Buffer, at: number): Buffer => {
    const changed = Buffer.from(whole);
    changed[at]! ^= 1 << (at & 7); // within it
    return changed;
  };
  const named = bytes.indexOf('卓玛'); // within a value: SQLite finds nothing amiss
  expect(named).toBeGreaterThan(0);
  for (const at of [0, 25, named + 2, bytes.length - 1]) {
    writeFileSync(copy, changedAt(bytes, at));
    expect([at, await given()]).toEqual([at, refused]);
  }
  writeFileSync(copy, bytes);
  for (let at = 0; at < note.length; at += 7) {
    writeFileSync(`${copy}.note`, changedAt(note, at));
    expect([at, await given()]).toEqual([at, refused]);
  }
  const text = note.toString('utf8').slice(0, note.indexOf('\n\n') + 1);
  writeFileSync(`${copy}.note`, signNote(text, { name: countyName, privateKey: generateKeyPairSync('ed25519').privateKey }));
  expect(await given()).toEqual(refused);
  expect(readFileSync(county.folder.book).equals(before)).toBe(true);
  writeFileSync(`${copy}.note`, note);
  expect(await given()).toEqual([0, expect.not.stringContaining('.note is not there')]);
  rmSync(`${copy}.note`);
  expect(await given()).toEqual([
    0,
    expect.stringContaining(`${copy}.note is not there: nothing says whether the copy is as it was written`),
  ]);
});
