// What only a printed notice of the county can settle is told on the screen while the till sells; a technician types the paper's number at
// the stopped kiosk, and the next start has it.

import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { notePathOf } from '../../../db/down.ts';
import type { Committee } from '../../../db/model/committee.ts';
import type { DownHeader } from '../../../db/model/down-file.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../../db/model/keys.ts';
import { addSignature } from '../../../db/model/note.ts';
import { noticeNumber } from '../../../db/notices.ts';
import { aLog, entries } from '../../support/county-log.ts';
import { enrol, handClock, header, makeKiosk, temporary, writeDown } from '../../support/county.ts';
import { type Till, atWork, startTill } from '../../support/till.ts';
import { verdictOn } from '../../support/verify.ts';

const log = aLog(entries('true', 20));
const keys = [61, 62].map((seed) => privateKeyFromSeed(Buffer.alloc(32, seed)));
const members = keys.map((key, i) => ({ name: `committee-${i}`, key: Buffer.from(rawPublicKey(key)).toString('base64url') }));
const one: Committee = [{ ...members[0]!, word: '' }];
const lost: Committee = [...one, { ...members[1]!, word: '', notice: true }];

/** `kiosk -- notice` at a kiosk, and what it said. */
function notice(till: Till, ...words: readonly string[]): Promise<readonly [code: unknown, said: string]> {
  return new Promise((done) => {
    const args = ['electron/engine/kiosk.ts', 'notice', '--home', till.directory, ...words];
    execFile(process.execPath, args, (error, stdout, stderr) => done([error?.code ?? 0, stdout + stderr]));
  });
}

test('a lost committee and a false co-signature: the till says so and sells, takes nothing before the number is typed, and then goes on', async () => {
  const directory = temporary(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(directory, clock);
  let before = await enrol(home, book);
  book.close();
  const lay = async (seq: number, change: Partial<DownHeader>): Promise<string> => {
    const { path, sha256 } = await writeDown(join(directory, 'made'), header(seq, before, change), []);
    mkdirSync(home.inbox, { recursive: true });
    for (const each of [path, notePathOf(path)]) copyFileSync(each, join(home.inbox, basename(each)));
    before = sha256;
    return sha256;
  };
  await lay(2, { countyRoot: log.carried(5, 0), committee: one });
  await lay(3, { countyRoot: log.carried(8, 5), committee: lost });
  let till = await startTill(onTestFinished, directory, clock);
  await till.until(({ exchange }) => exchange.notice === 'committee' && exchange.refused === null);
  expect(till.snapshot().exchange.lastDownSeq).toBe(3);
  await atWork(till, { isShiftOpen: true });
  await till.stop();
  const [code, said] = await notice(till);
  expect([code, said]).toEqual([0, expect.stringMatching(/committee lost its key and has another, committee-1;/)]);
  expect(said).not.toMatch(/\d{5}/); // the number is on the paper
  const identity = { county: '540525', kiosk: 'qj-03' };
  const number = noticeNumber(identity, { about: 'committee', ...members[1]! });
  expect(await notice(till, '--number', number, '--by', '扎西')).toEqual([0, expect.stringContaining('taken, as 扎西 compared it')]);

  const { note } = log.carried(8, 8);
  const isFalse = { note: addSignature(note, { name: 'committee-1', privateKey: keys[0]! }), proof: [] };
  const sha256 = await lay(4, { countyRoot: log.carried(8, 8), committee: lost, cosigned: isFalse });
  till = await startTill(onTestFinished, directory, clock);
  await till.until(({ exchange }) => exchange.notice === 'file' && exchange.refused?.code === 'log_forked');
  await till.stop();
  const fileNumber = noticeNumber(identity, { about: 'file', downSeq: 4, sha256 });
  expect(await notice(till, '--number', fileNumber, '--by', '扎西')).toEqual([0, expect.stringContaining('file 4 of the county')]);
  till = await startTill(onTestFinished, directory, clock);
  await till.until(({ exchange }) => exchange.notice === null && exchange.refused === null && exchange.lastDownSeq === 4);
  await till.stop();
  expect(await verdictOn(directory)).toEqual({ kind: 'true' });
});
