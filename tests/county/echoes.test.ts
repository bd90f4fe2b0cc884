// A kiosk that says it holds a root which nobody signed: it stops the county's signing until people have answered for it, and not for ever.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { type Upload, takeIn } from '../../county/book/intake.ts';
import { revokeKiosk } from '../../county/book/revoke.ts';
import { isContradictedBy, takeEcho } from '../../county/log/echoes.ts';
import { sealDay, startLog } from '../../county/log/steps.ts';
import { night } from '../../county/night.ts';
import { type Home, readSigner } from '../../db/home.ts';
import { type Plain, canonical } from '../../db/model/canonical.ts';
import type { LogHead } from '../../db/model/log-root.ts';
import { fileNoteText, parseFileNote, signNote } from '../../db/model/note.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { aPair, cut, uploadOf } from '../support/county-book.ts';
import { shop, temporary } from '../support/county.ts';
import { sell, today } from '../support/sell.ts';
import { settleDays } from '../support/used-county.ts';

const day = '2026-11-21';

/** A file as who has the kiosk's key and no scruples sends it: its header says that the kiosk holds another root. */
function saying(home: Home, upload: Upload, countyRoot: LogHead): Upload {
  const [first, ...rest] = gunzipSync(readFileSync(upload.data)).toString('utf8').split('\n');
  const bytes = Buffer.from(
    [canonical({ ...(JSON.parse(first!) as Record<string, Plain>), countyRoot: { ...countyRoot } }), ...rest].join('\n'),
  );
  const data = join(temporary(onTestFinished), 'data.gz');
  writeFileSync(data, gzipSync(bytes));
  const said = parseFileNote(`${upload.note.split('\n').slice(0, 8).join('\n')}\n`);
  if (!said.ok) throw new Error(said.code);
  const text = fileNoteText({ ...said.value, sha256: createHash('sha256').update(bytes).digest('base64url') });
  return { ...upload, data, note: signNote(text, { name: `civicpos/540525/${shop.kiosk}/1`, privateKey: readSigner(home)!.privateKey }) };
}

const lie: LogHead = { size: 1_000_000_000, root: Buffer.alloc(32, 7).toString('base64url') };
const told = [{ kiosk: shop.kiosk, code: 'log_contradicted', owner: 'committee' }];

/** A county whose kiosk closed a day and settled it, in a file that says that it holds a root which nobody signed. */
async function liedTo(): Promise<CountyBook> {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 1_000 });
  closeDay(book, { day: today });
  settleDays(kiosk, 1);
  expect((await takeIn(county, saying(home, uploadOf(home, await cut(home, book)), lie))).verdict).toBe('ACCEPTED');
  return county;
}

async function answerAll(county: CountyBook): Promise<void> {
  for (const { number } of await county.read(openExceptions)) await answerException(county, { number, by: '监督委员会', text: '密钥被盗' });
}

test('a key that lies about the root that it holds stops the signing until people have answered for it, and not for ever', async () => {
  const county = await liedTo();
  expect(await sealDay(county, day)).toEqual({ ok: false, code: 'contradicted' });
  expect((await revokeKiosk(county, { kiosk: shop.kiosk, by: 'zhang', reason: 'it lies' })).ok).toBe(true);
  expect(await startLog(county)).toHaveLength(1);
  expect(await county.read(openExceptions)).toMatchObject(told); // a restart asks nothing twice
  expect(await sealDay(county, day)).toEqual({ ok: false, code: 'contradicted' });
  await answerAll(county);
  expect(await startLog(county)).toEqual([]);
  expect(await sealDay(county, day)).toMatchObject({ ok: true });
  expect(await county.read(openExceptions)).toEqual([]);
});

test('what its merchant settled is accepted while a kiosk is held for the root that it says it holds; once answered it has its file', async () => {
  const county = await liedTo();
  const words = (): Promise<unknown> => county.read((db) => db.prepare('SELECT number, state FROM settlement_word').all());
  expect((await night(county))[0]).toEqual({ kind: 'held', kiosk: shop.kiosk, why: 'log_contradicted' });
  expect(await words()).toEqual([{ number: 1, state: 'accepted' }]);
  await answerAll(county);
  expect((await night(county))[0]).toMatchObject({ kind: 'written', kiosk: shop.kiosk });
  expect(await words()).toEqual([{ number: 1, state: 'accepted' }]);
  const again = (fileSeq: number, size: number) =>
    county.transact(({ db }) => takeEcho(db, { kiosk: shop.kiosk, inc: 1, fileSeq }, { ...lie, size }));
  expect(await again(2, lie.size)).toBeNull(); // the same word is no news, another is
  expect(await again(3, lie.size + 1)).toMatchObject({ code: 'log_shorter', kiosk: shop.kiosk });
});

test('an answer for one kiosk is none for another that holds the same root, and none for what a file of the county itself gave', async () => {
  const county = await liedTo();
  await answerAll(county);
  await county.transact(({ db }) => takeEcho(db, { kiosk: 'qj-04', inc: 1, fileSeq: 1 }, lie));
  expect(await sealDay(county, day)).toEqual({ ok: false, code: 'contradicted' });
  expect(await county.read(openExceptions)).toMatchObject([{ kiosk: 'qj-04', code: 'log_contradicted' }]);
  await answerAll(county);
  expect(await sealDay(county, day)).toMatchObject({ ok: true });
  await county.transact(({ db }) => takeEcho(db, { kiosk: shop.kiosk, inc: 1, fileSeq: -2 }, lie));
  expect(await county.read((db) => isContradictedBy(db, shop.kiosk))).toBe(true);
  await sealDay(county, day);
  await answerAll(county);
  expect(await sealDay(county, day)).toEqual({ ok: false, code: 'contradicted' });
});
