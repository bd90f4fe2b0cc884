// What only a printed notice of the county can settle at a kiosk: a committee that lost its key, a file whose word on the committee is false.
// Until a person typed the number from the paper the kiosk believes nothing of it; afterwards verify tells who took what.

import { mkdirSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watched } from '../../db/county-roots.ts';
import { notePathOf } from '../../db/down.ts';
import { type Committee, memberText } from '../../db/model/committee.ts';
import type { DownHeader } from '../../db/model/down-file.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import type { LogRoot } from '../../db/model/log-root.ts';
import { addSignature, signNote } from '../../db/model/note.ts';
import { noticeNumber, openNotices, takeNotice } from '../../db/notices.ts';
import { verifyHome } from '../../db/verify.ts';
import { type TestKiosk, aKiosk, tamper } from '../support/book.ts';
import { aLog, entries } from '../support/county-log.ts';
import { apply, header, writeDown } from '../support/county.ts';
import { verdictOn } from '../support/verify.ts';

const log = aLog(entries('true', 40));
const [first, second, third] = [61, 62, 63].map((seed) => privateKeyFromSeed(Buffer.alloc(32, seed))) as [Key, Key, Key];
type Key = ReturnType<typeof privateKeyFromSeed>;

const member = (name: string, key: Key) => ({ name, key: Buffer.from(rawPublicKey(key)).toString('base64url') });
const one: Committee = [{ ...member('committee', first), word: '' }];
const lost: Committee = [...one, { ...member('committee-2', second), word: '', notice: true }];
const word = signNote(memberText('540525', member('committee-3', third)), { name: 'committee-2', privateKey: second });
const followed: Committee = [...lost, { ...member('committee-3', third), word }];
const cosigned = (size: number, to: number, name: string, privateKey: Key): LogRoot => ({
  note: addSignature(log.carried(size, 0).note, { name, privateKey }),
  proof: log.carried(to, size).proof,
});
const numberOf = ({ name, key }: Committee[number]) =>
  noticeNumber({ county: '540525', kiosk: 'qj-03' }, { about: 'committee', name, key });

/** The county's next files, laid into the inbox and applied one after the other; how the last one ended. */
function fromCounty(kiosk: TestKiosk) {
  let next = { seq: 2, before: kiosk.sha256 };
  return async (change: Partial<DownHeader>): Promise<{ readonly outcome: string; readonly path: string; readonly sha256: string }> => {
    const { path, sha256 } = await writeDown(join(kiosk.directory, 'from-county'), header(next.seq, next.before, change), []);
    mkdirSync(kiosk.home.inbox, { recursive: true });
    for (const each of [path, notePathOf(path)]) copyFileSync(each, join(kiosk.home.inbox, each.slice(each.lastIndexOf('/') + 1)));
    const outcome = await apply(kiosk.home, kiosk.book, path);
    if (outcome.kind !== 'refused') next = { seq: next.seq + 1, before: sha256 };
    return { outcome: outcome.kind === 'refused' ? outcome.code : outcome.kind, path, sha256 };
  };
}

async function reported(kiosk: TestKiosk, check: string): Promise<readonly string[]> {
  const lines: string[] = [];
  expect(await verifyHome(kiosk.directory, (line) => lines.push(line))).toEqual({ kind: 'true' });
  return lines.filter((line) => line.startsWith(`ok  ${check}:`)).map((line) => line.slice(`ok  ${check}: `.length));
}

test('a committee that lost its key: files go on, its new key counts for nothing until a person typed the number on the paper', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const { book, home } = kiosk;
  const send = fromCounty(kiosk);
  await send({ countyRoot: log.carried(5, 0), committee: one });
  await send({ countyRoot: log.carried(8, 5), committee: one, cosigned: cosigned(5, 8, 'committee', first) });
  expect(await openNotices(book, home)).toEqual([]);
  const byNew = { committee: lost, cosigned: cosigned(8, 12, 'committee-2', second) };
  expect(await send({ countyRoot: log.carried(12, 8), ...byNew })).toMatchObject({ outcome: 'applied' });
  expect(watched(book.db)).toMatchObject({
    members: [
      { name: 'committee', isBelieved: true },
      { name: 'committee-2', isBelieved: false },
    ],
    cosigned: { size: 5 },
  });
  expect((await openNotices(book, home)).map(({ about }) => about)).toEqual(['committee']);
  const number = numberOf(lost[1]!);
  expect(number).toMatch(/^\d{5}( \d{5}){5}$/);
  for (const wrong of ['', number.replace(/\d$/, (last) => String((Number(last) + 1) % 10)), numberOf(one[0]!)])
    expect(await takeNotice(book, home, { number: wrong, by: '扎西' })).toEqual({ ok: false, code: 'unknown_number' });
  expect(await takeNotice(book, home, { number: number.replaceAll(' ', ''), by: ' 扎西 ' })).toMatchObject({ ok: true });
  expect(await takeNotice(book, home, { number, by: '扎西' })).toEqual({ ok: false, code: 'unknown_number' }); // once
  expect(watched(book.db)).toMatchObject({ members: [{ isBelieved: true }, { isBelieved: true }], cosigned: { size: 5 } });
  await send({ countyRoot: log.carried(12, 12), committee: lost, cosigned: cosigned(8, 12, 'committee-2', second) });
  expect(watched(book.db)).toMatchObject({ cosigned: { size: 8 } });
  // from here on it names its next key itself, as any other does
  await send({ countyRoot: log.carried(20, 12), committee: followed, cosigned: cosigned(14, 20, 'committee-3', third) });
  expect(watched(book.db)).toMatchObject({ members: [{}, {}, { name: 'committee-3', isBelieved: true }], cosigned: { size: 14 } });

  const { seq } = book.db.prepare<[], { seq: number }>(`SELECT seq FROM event WHERE kind = 'NOTICE_TAKEN'`).get()!;
  book.close();
  expect(await reported(kiosk, 'county notices')).toEqual([
    `event ${seq}: 扎西 compared the key committee-2 with the county's printed notice: no key before it named this one`,
  ]);
  tamper(home, (db) => db.prepare('UPDATE committee_key SET by_notice = 0').run());
  expect(await verdictOn(kiosk.directory)).toMatchObject({ kind: 'lie', check: 'reference', place: 'table committee_key, row 2' });
});

test('while nobody took it, what follows it is not believed either, and verify says that it waits; a person may take the newest alone', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const send = fromCounty(kiosk);
  await send({ countyRoot: log.carried(5, 0), committee: one });
  await send({ countyRoot: log.carried(20, 5), committee: followed, cosigned: cosigned(14, 20, 'committee-3', third) });
  expect(watched(kiosk.book.db)).toMatchObject({ members: [{}, { isBelieved: false }, { isBelieved: false }], cosigned: null });
  expect(await takeNotice(kiosk.book, kiosk.home, { number: numberOf(followed[1]!), by: '扎西' })).toMatchObject({ ok: false });
  expect(await takeNotice(kiosk.book, kiosk.home, { number: numberOf(followed[2]!), by: '扎西' })).toMatchObject({ ok: true });
  expect(watched(kiosk.book.db).members.map(({ isBelieved }) => isBelieved)).toEqual([true, false, true]);
  kiosk.book.close();
  expect(await reported(kiosk, 'committee')).toMatchObject([expect.stringContaining('committee-3 has signed no root yet')]);
});

test.each<[string, Committee]>([
  ['the first', [{ ...member('committee', first), word: '', notice: true }]],
  ['one with a word of its own', [...one, { ...member('committee-2', second), word, notice: true }]],
])('a notice does not name %s', async (_what, committee) => {
  const kiosk = await aKiosk(onTestFinished);
  expect(await fromCounty(kiosk)({ countyRoot: log.carried(5, 0), committee })).toMatchObject({ outcome: 'log_forked' });
});

test('a file with a false co-signature is refused; a person takes that very file without it by the notice, no other, and verify tells', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const { book, home } = kiosk;
  const send = fromCounty(kiosk);
  await send({ countyRoot: log.carried(5, 0), committee: one });
  const change = { countyRoot: log.carried(8, 5), committee: one, cosigned: cosigned(5, 8, 'committee', second) };
  const { outcome, path, sha256 } = await send(change);
  expect(outcome).toBe('log_forked');
  expect((await openNotices(book, home)).map(({ about }) => about)).toEqual(['file']);
  const number = noticeNumber({ county: '540525', kiosk: 'qj-03' }, { about: 'file', downSeq: 3, sha256 });
  const others = [
    noticeNumber({ county: '540525', kiosk: 'qj-01' }, { about: 'file', downSeq: 3, sha256 }),
    noticeNumber({ county: '540525', kiosk: 'qj-03' }, { about: 'file', downSeq: 4, sha256 }),
  ];
  for (const other of others) expect(await takeNotice(book, home, { number: other, by: '扎西' })).toMatchObject({ ok: false });
  expect(await takeNotice(book, home, { number, by: '扎西' })).toMatchObject({ ok: true });
  expect(await openNotices(book, home)).toEqual([]);
  expect(await apply(home, book, path)).toMatchObject({ kind: 'applied' });
  expect(watched(book.db)).toEqual({
    held: { size: 8, root: log.root(8) },
    members: [{ ...member('committee', first), isBelieved: true }],
    cosigned: null,
  });
  // the county's next file is one after it; another false one is refused as before
  const after = fromCounty({ ...kiosk, sha256 });
  expect(await after({})).toMatchObject({ outcome: 'fork' });
  const next = await writeDown(join(kiosk.directory, 'from-county'), header(4, sha256, { ...change, countyRoot: log.carried(12, 8) }), []);
  expect(await apply(home, book, next.path)).toMatchObject({ kind: 'refused', code: 'log_forked' });
  const { seq } = book.db.prepare<[], { seq: number }>(`SELECT seq FROM event WHERE kind = 'NOTICE_TAKEN'`).get()!;
  book.close();
  expect(await reported(kiosk, 'county notices')).toEqual([
    `event ${seq}: file 3 brings what the committee has not signed, or another committee that the one before did not name; it was taken without that, by the county's printed notice`,
  ]);
});

test('a notice excuses what a file says of the committee and nothing else: another history stays refused', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const send = fromCounty(kiosk);
  await send({ countyRoot: log.carried(8, 0), committee: one });
  const { outcome } = await send({ countyRoot: log.carried(5, 0), committee: one, cosigned: cosigned(5, 5, 'committee', second) });
  expect(outcome).toBe('log_forked');
  expect(await openNotices(kiosk.book, kiosk.home)).toEqual([]);
});
