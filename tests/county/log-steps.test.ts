// The log in a county's days: files of kiosks are entered as they are posted, a book put back from a backup takes its log from the files
// beside it, and where those are lost too a kiosk's echo says so.

import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CountyBook, openCounty } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { contradictions } from '../../county/log/echoes.ts';
import { appendEntry, logEntries, logRootAt, logSize } from '../../county/log/log.ts';
import { sealDay, startLog } from '../../county/log/steps.ts';
import { aKiosk } from '../support/book.ts';
import { aCounty, cut, introduce, uploadOf } from '../support/county-book.ts';
import { aLog, entries } from '../support/county-log.ts';
import { apply, header, morning, writeDown } from '../support/county.ts';

const day = '2026-11-21';

async function enter(county: CountyBook, notes: readonly string[]): Promise<void> {
  await county.transact(({ db }) => {
    for (const note of notes) appendEntry(db, { t: 'FILE', note });
  });
}

function reopened(directory: string): CountyBook {
  const opened = openCounty(directory, { wallMs: () => morning });
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

/** A county that sealed two days and was put back to the evening of the first. */
async function putBack(): Promise<CountyBook> {
  const county = aCounty(onTestFinished);
  const { book, directory } = county.folder;
  await enter(county, ['a', 'b', 'c']);
  await sealDay(county, day);
  await county.close();
  copyFileSync(book, `${book}.backup`);
  const next = reopened(directory);
  await enter(next, ['d', 'e']);
  await sealDay(next, '2026-11-22');
  await next.close();
  copyFileSync(`${book}.backup`, book);
  return reopened(directory);
}

test('a book put back from a backup takes its log from the files beside it, and seals on', async () => {
  const county = await putBack();
  const { log } = county.folder;
  expect(await county.read((db) => [logSize(db), contradictions(db, log).length])).toEqual([4, 1]);
  expect(await sealDay(county, '2026-11-23')).toEqual({ ok: false, code: 'contradicted' });
  expect(await startLog(county)).toEqual([]);
  expect(await county.read((db) => logEntries(db, { from: 3, to: 9 }))).toEqual([
    '{"entries":3,"points":0,"serverEpoch":1,"t":"BEYOND_AWARDS"}',
    '{"note":"d","t":"FILE"}',
    '{"note":"e","t":"FILE"}',
  ]);
  await enter(county, ['f']);
  expect(await sealDay(county, '2026-11-23')).toMatchObject({ ok: true, value: { size: 7 } });
});

test('where a file beside it was lost, nothing is taken and the county says at its start what is missing', async () => {
  const county = await putBack();
  const { log } = county.folder;
  rmSync(join(log, '000000000000006.entries'));
  expect(await startLog(county)).toMatchObject([{ code: 'log_shorter', held: { size: 6 }, size: 4 }]);
  expect(await county.read(logSize)).toBe(4);
  expect(await startLog(county)).toHaveLength(1);
  expect(await county.read(openExceptions)).toMatchObject([{ kiosk: '', code: 'log_contradicted', owner: 'committee' }]);
});

test('an accepted file is in the log by its checkpoint and its note; a kiosk whose root the log lacks is an exception of the committee', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const given = aLog(entries('given out before the backup was put back', 8));
  const countyRoot = given.carried(8, 0);
  const { path } = await writeDown(join(kiosk.directory, 'from-county'), header(2, kiosk.sha256, { countyRoot }), []);
  expect(await apply(kiosk.home, kiosk.book, path)).toEqual({ kind: 'applied', downSeq: 2 });
  const county = aCounty(onTestFinished);
  await introduce(county, kiosk.home);
  const upload = uploadOf(kiosk.home, await cut(kiosk.home, kiosk.book));
  expect(await takeIn(county, upload)).toMatchObject({ verdict: 'ACCEPTED' });
  expect(await county.read((db) => logEntries(db, { from: 0, to: 9 }).map((text) => JSON.parse(text) as unknown))).toEqual([
    { t: 'CHECKPOINT', note: upload.checkpoint },
    { t: 'FILE', note: upload.note },
  ]);
  expect(await county.read(openExceptions)).toMatchObject([
    {
      kiosk: 'qj-03',
      fileSeq: 1,
      code: 'log_contradicted',
      owner: 'committee',
      detail: `qj-03 holds root ${given.root(8)} of 8 entries; the log ends at 0`,
    },
  ]);
  expect(await sealDay(county, day)).toEqual({ ok: false, code: 'contradicted' });
  expect(await county.read((db) => logRootAt(db, 2))).not.toBe(given.root(2));
});
