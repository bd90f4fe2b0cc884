// What a county gives out beyond its lists of awards: papers, kiosks that are given up or put back, what it takes back, lists that are lost
// half posted. Both verifiers find it true each night, to the hundredth (docs/files.md, L14), and find a county that hides any of it.

import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openAdvances } from '../../county/book/advances.ts';
import { finishReleases, proposeAwards } from '../../county/book/awards.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { takeIn } from '../../county/book/intake.ts';
import { moved } from '../../county/book/ledger.ts';
import { proposeRepair, releaseRepair } from '../../county/book/repairs.ts';
import { revokeKiosk } from '../../county/book/revoke.ts';
import { sealDay } from '../../county/log/steps.ts';
import { checkFiles } from '../../db/check-files.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import type { LogEntry } from '../../db/model/log-entry.ts';
import { prepared } from '../../db/sqlite.ts';
import { cut, uploadOf } from '../support/county-book.ts';
import { copyOf, putBackFrom, sendRound } from '../support/county-copies.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { temporary } from '../support/county.ts';
import { credited } from '../support/credit.ts';
import { layOutCounty } from '../support/outsider-folder.ts';
import { awarded, takenBack } from '../support/take-backs.ts';
import { verdictsOn } from './both.ts';
import { rewritten } from './rewritten.ts';

const [home, near] = ['qj-03', 'qj-04'] as const;
const both = [home, near];

/** Two shops whose residents were awarded 100 and 80 points. */
async function twoShops(): Promise<CountyShops> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: both, homes: { a1: home, a2: near }, roamAt: [], roamCap: 0 });
  await awarded(shops.county, { a1: 100, a2: 80 });
  await exchange(shops);
  return shops;
}

async function exchange(shops: CountyShops, kiosks: readonly string[] = both): Promise<void> {
  for (const kiosk of kiosks) await sendRound(shops, kiosk);
  await shops.night();
  for (const kiosk of kiosks) await shops.hear(kiosk);
}

/** The kiosk's file, which waits at the shop. */
async function waiting(shops: CountyShops, kiosk: string): Promise<ReturnType<typeof uploadOf>> {
  const { home: of, book } = shops.shop(kiosk);
  return uploadOf(of, await cut(of, book));
}

/** A ticket of so much: its code, and its points. */
function ticket(shops: CountyShops, kiosk: string, resident: string): { readonly text: string; readonly points: number } {
  const { db } = shops.shop(kiosk).book;
  credited(shops.shop(kiosk).book, { resident });
  const row = prepared<[], { line: string; leaf: Buffer; sig: Buffer }>(
    db,
    'SELECT line, leaf, sig FROM event ORDER BY seq DESC LIMIT 1',
  ).get()!; // it has one
  const event = JSON.parse(row.line) as BookEvent;
  return { text: `${signedText(event, row.leaf.toString('base64url'))}|${row.sig.toString('base64url')}`, points: event.amt };
}

/** People have looked at what is open of that kind. */
async function answered({ county }: CountyShops, what: string): Promise<void> {
  const open = (await county.read(openExceptions)).filter(({ code }) => code === what);
  for (const { number } of open) await answerException(county, { number, by: 'li', text: 'seen' });
}

async function repaired({ county }: CountyShops, repair: Parameters<typeof proposeRepair>[1]['repair']): Promise<void> {
  const proposed = await proposeRepair(county, { repair, by: 'li' });
  if (!proposed.ok) throw new Error(proposed.code);
  expect(await releaseRepair(county, { number: proposed.value, kind: repair.kind, by: 'wang' })).toMatchObject({ ok: true });
}

/** People enter papers of a kiosk that they gave up. */
async function entered(shops: CountyShops, kiosk: string, texts: readonly string[]): Promise<void> {
  const papers = texts.map((text) => ({ text, kind: 'credit', fen: 0, account: null }) as const);
  await repaired(shops, { kind: 'lost_papers', kiosk, papers });
}

/** The county's folder as outsiders have it, and what our verifier says of its awards. */
async function outside({ county }: Pick<CountyShops, 'county'>): Promise<{ readonly place: string; readonly said: string }> {
  const place = temporary(onTestFinished, 'jifen-anew-');
  await sealDay(county, '2026-11-30');
  await layOutCounty(place, county);
  const lines: string[] = [];
  const verdict = await checkFiles(place, join(place, 'keys.json'), (line) => lines.push(line));
  return { place, said: lines.find((line) => line.includes('  awards: ')) ?? JSON.stringify(verdict) };
}

/** What it says where all of it can be told; given in hundredths, which it tells as points. */
function told(of: { readonly given: number; readonly awarded: number; readonly beyond: number }): string {
  const [given, sum, beyond] = [of.given, of.awarded, of.beyond].map((each) => (each / 100).toLocaleString('en'));
  const anew = of.beyond === 0 ? '' : `, ${beyond} given out beyond that, less what came home of what was taken back`;
  return `ok  awards: ${given} points given to kiosks, less what came back; ${sum} awarded${anew}`;
}

const isTrue = { kind: 'true', place: '' };
const isLie = { kind: 'lie', place: 'log' };

/** How both judge each folder. */
async function judged(places: readonly string[]): Promise<readonly unknown[]> {
  const verdicts = await verdictsOn(places);
  for (const { ours, python } of verdicts) expect(python).toEqual(ours);
  return verdicts.map(({ ours }) => ours);
}

/** A copy in which the county hides some of it: it says in its newest root, which no file carries, that it was a hundredth less. */
function hidden(place: string): string {
  const roots = readdirSync(join(place, 'log')).filter((name) => name.endsWith('.entries'));
  const entries = roots.toSorted().flatMap((name) =>
    readFileSync(join(place, 'log', name), 'utf8')
      .trimEnd()
      .split('\n'),
  );
  const said = entries.map((line) => JSON.parse(line) as LogEntry).findLast((entry) => entry.t === 'BEYOND_AWARDS')!; // each has one
  const less = { ...said, points: said.points - 1 };
  return rewritten(onTestFinished, place, { root: roots.length - 1, change: (of) => [...of, less] });
}

test('a kiosk that was given up with its papers is back before its second night, with its files in several', async () => {
  const shops = await twoShops();
  await exchange(shops);
  const before = await outside(shops);
  const first = ticket(shops, near, '2');
  const one = await waiting(shops, near);
  const other = ticket(shops, near, '2');
  const two = await waiting(shops, near);
  const papers = first.points + other.points;
  await repaired(shops, { kind: 'release_kiosk', kiosk: near, to: home });
  await entered(shops, near, [first.text, other.text]);
  await exchange(shops, [home]);
  await sendRound(shops, home);
  await shops.night();
  const gone = await outside(shops);
  expect((await takeIn(shops.county, one)).verdict).toBe('ACCEPTED');
  await shops.night();
  const back = await outside(shops);
  expect((await takeIn(shops.county, two)).verdict).toBe('ACCEPTED');
  await shops.night();
  const whole = await outside(shops);
  for (let n = 0; n < 3; n += 1) await exchange(shops);
  const quiet = await outside(shops);
  const [given, anew] = [18_000, 8_000 + papers];
  expect([before, gone, back, whole, quiet].map(({ said }) => said)).toEqual([
    told({ given, awarded: given, beyond: 0 }),
    told({ given: given + anew, awarded: given, beyond: anew }),
    told({ given: given + anew, awarded: given, beyond: anew }),
    told({ given: given + anew, awarded: given, beyond: anew }),
    told({ given: given + papers, awarded: given, beyond: papers }), // it gave back what it had: the tickets' points were given twice
  ]);
  expect(await judged([back.place, quiet.place, hidden(back.place)])).toEqual([isTrue, isTrue, isLie]);
});

test('a shop that is put back, one that is revoked, and awards that are taken back: what was given out anew is told, what came home is taken off', async () => {
  const shops = await twoShops();
  await exchange(shops);
  const image = shops.image(home);
  shops.spend(home, 'a1', 1_000);
  const { points } = ticket(shops, home, '1');
  await exchange(shops); // the image knows nothing of that
  shops.spend(home, 'a1', 2_000);
  shops.restore(home, image); // and of this nobody knows
  await shops.send(home);
  await answered(shops, 'restored_behind');
  await exchange(shops);
  await exchange(shops);
  const restored = await outside(shops);
  await takenBack(shops.county, await awarded(shops.county, { a1: 5 }));
  await revokeKiosk(shops.county, { kiosk: near, by: 'li', reason: '被盗' });
  await repaired(shops, { kind: 'release_kiosk', kiosk: near, to: home });
  await exchange(shops, [home]);
  await exchange(shops, [home]);
  const revoked = await outside(shops);
  const anew = 9_000 + points; // what the image's machine gave up, as the county has it
  expect([restored.said, revoked.said]).toEqual([
    told({ given: 18_000 + anew, awarded: 18_000, beyond: anew }),
    told({ given: 26_000 + anew, awarded: 18_500, beyond: anew + 8_000 - 500 }),
  ]);
  expect(await judged([restored.place, revoked.place, hidden(revoked.place)])).toEqual([isTrue, isTrue, isLie]);
});

test('a list whose bytes are lost half posted is in the log once, whole, also where an older program had begun it', async () => {
  const shops = await twoShops();
  const { county } = shops;
  const proposed = await proposeAwards(county, { text: 'account,points,reason\na1,7,help\na2,9,help\n', by: '张三' });
  if (!proposed.ok) throw new Error(proposed.code);
  const { batch } = proposed.value;
  await county.transact((act) => {
    act.enter('award', `${batch} a1`);
    act.post(moved({ account: 'issuance' }, { account: 'main', holder: 'a1' }, 700));
    prepared(act.db, `INSERT INTO award_releasing (batch, released_by, at, rows, points) VALUES (?, '李四', 1, 1, 700)`).run(batch);
  });
  const list = join(county.folder.awards, `${String(batch).padStart(8, '0')}.list`);
  renameSync(list, `${list}.lost`);
  await exchange(shops);
  await exchange(shops);
  const lost = await outside(shops);
  renameSync(`${list}.lost`, list);
  await finishReleases(county);
  await exchange(shops);
  await exchange(shops);
  const found = await outside(shops);
  expect([lost.said, found.said]).toEqual([
    told({ given: 18_700, awarded: 19_600, beyond: 0 }),
    told({ given: 19_600, awarded: 19_600, beyond: 0 }),
  ]);
  expect(await judged([lost.place, found.place, hidden(found.place)])).toEqual([isTrue, isTrue, isLie]);
});

test('a list that is lost with the book is told once: while its points are advanced, and when another list gives them', async () => {
  const before = await twoShops();
  const copy = await copyOf(onTestFinished, before);
  await awarded(before.county, { a1: 20 });
  await exchange(before);
  await exchange(before);
  const { shops } = await putBackFrom(onTestFinished, before, { copy, kiosks: both, without: ['awards'] });
  await exchange(shops);
  await exchange(shops);
  expect(await shops.county.read(openAdvances)).toEqual([{ account: 'a1', kiosk: home, amount: 2_000 }]);
  const advanced = await outside(shops);
  await awarded(shops.county, { a1: 20 });
  await exchange(shops);
  await exchange(shops);
  expect(await shops.county.read(openAdvances)).toEqual([]);
  const repaid = await outside(shops);
  expect([advanced.said, repaid.said]).toEqual([
    told({ given: 20_000, awarded: 20_000, beyond: 0 }),
    told({ given: 20_000, awarded: 22_000, beyond: -2_000 }), // once more, and given to nobody
  ]);
  expect(await judged([advanced.place, repaid.place, hidden(advanced.place), hidden(repaid.place)])).toEqual([
    isTrue,
    isTrue,
    isLie,
    isLie,
  ]);
});

/** A book is put back whose newest files to a kiosk, one of them in the log, are lost with it: nobody had heard them. */
async function putBackWithoutFiles(): Promise<CountyShops> {
  const before = await twoShops();
  const copy = await copyOf(onTestFinished, before);
  const down = join(before.county.folder.down, home);
  const copied = readdirSync(down);
  for (const name of ['one', 'two']) {
    await awarded(before.county, { a1: name.length });
    await before.night(); // the second has the first one's file in the log
  }
  for (const name of readdirSync(down).filter((each) => !copied.includes(each))) rmSync(join(down, name));
  return (await putBackFrom(onTestFinished, before, { copy, kiosks: both })).shops;
}

/** What both say of the county's folder as it is, no root signed for it: that it is true, and which files are not here. */
async function missingNow({ county }: CountyShops): Promise<readonly string[]> {
  const place = temporary(onTestFinished, 'jifen-anew-');
  await layOutCounty(place, county);
  expect(await judged([place])).toEqual([isTrue]);
  const verdict = await checkFiles(place, join(place, 'keys.json'), () => {});
  return verdict.kind === 'true' ? verdict.notChecked.flatMap(({ check, why }) => (check === 'files' ? [why] : [])) : [];
}

const homesIsMissing = [`the log names files that are not here, of ${home} (1 of the county)`];

test('a file that is lost with the book, whose number another takes before it is in the log, is no lie of the county', async () => {
  const shops = await putBackWithoutFiles();
  for (const kiosk of both) await sendRound(shops, kiosk);
  await shops.night();
  expect(await missingNow(shops)).toEqual(homesIsMissing);
});

test('nor is it where its shop is put back as well, and takes another still, before a root is signed', async () => {
  const shops = await putBackWithoutFiles();
  await sendRound(shops, home); // the other shop is not heard, and may hold a longer log
  await shops.night();
  shops.restore(home, shops.image(home));
  await sendRound(shops, home);
  await answered(shops, 'restored');
  await shops.night();
  expect(existsSync(join(shops.county.folder.superseded, home, '1'))).toBe(true);
  expect(await missingNow(shops)).toEqual(homesIsMissing);
});
