// A county that leaves things out of its log, or gives points that nobody awarded: every file is whole, signed and adds up, every root is
// signed and continues the one before, and both implementations name it all the same (docs/files.md, L8 to L14).

import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { writeDownFile } from '../../county/down-writer.ts';
import { sealDay } from '../../county/log/steps.ts';
import { nextFileFor } from '../../county/night.ts';
import { fen as amountOf } from '../../db/model/amounts.ts';
import { type DownHeader, type DownLine, downHeader } from '../../db/model/down-file.ts';
import type { LogEntry } from '../../db/model/log-entry.ts';
import { type FileNote, noteText, parseFileNote } from '../../db/model/note.ts';
import { fileNumber } from '../../db/up-files.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { aCountyOfShops } from '../support/county-shops.ts';
import { countyName, fileKey, temporary } from '../support/county.ts';
import { layOutCounty } from '../support/outsider-folder.ts';
import { brought } from '../support/return-sale.ts';
import { sell, today } from '../support/sell.ts';
import { settleDays } from '../support/used-county.ts';
import { verdictsOn } from './both.ts';
import { rewritten as rewrittenOf } from './rewritten.ts';

const kiosks = ['qj-03', 'qj-05'] as const;
const hour = 3_600_000;
const given = [5_000, 1_000] as const;

/**
 * Two shops over three nights, with points that nobody awarded, a settled day that the county accepts, and goods that come back which were
 * bought away from home; then a file of each up
 * and one down, and a root that no file carries: whoever has the county's key may write those entries as he likes.
 */
async function aUsedCounty(): Promise<string> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks, homes: { a1: 'qj-03' }, roamAt: ['qj-05'], roamCap: 1_000 });
  const { county } = shops;
  let now = county.wallMs();
  Object.assign(county, { wallMs: () => (now += hour) });
  const sendAll = async (): Promise<void> => {
    for (const kiosk of kiosks) await shops.send(kiosk);
  };
  const night = async (): Promise<void> => {
    await shops.night();
    for (const kiosk of kiosks) await shops.hear(kiosk);
  };
  await sendAll();
  await shops.award('a1', given[0]);
  await night();
  shops.spend('qj-03', 'a1', 1_000);
  const { book, clock } = shops.shop('qj-03');
  closeDay(book, { day: today });
  settleDays({ book, clock, kiosk: 'qj-03' }, 1);
  openDay(book, '2026-11-22');
  const { book: away } = shops.shop('qj-05');
  const roamed = sell(away, { resident: '1', goods: [['2', 10]], chosenPoints: 1_000 });
  if (typeof roamed === 'string') throw new Error(roamed);
  await shops.award('a1', given[1]); // pays what was roamed at once
  await sendAll();
  await night();
  expect(brought(away, roamed, [{ n: 0, quantity: 10 }])).toMatchObject({ body: { redemption: { toRights: 1_000, toRoaming: 0 } } });
  await sendAll();
  for (const kiosk of kiosks) await nextFileFor(county, kiosk);
  await sealDay(county, '2026-11-24');
  const place = temporary(onTestFinished, 'jifen-lying-');
  await layOutCounty(place, county);
  return place;
}

/** Another file to a kiosk, which carries the newest root of the folder. */
async function alsoTold(copy: string, kiosk: string): Promise<string> {
  const down = join(copy, 'civicpos/540525/down', kiosk);
  const { note, head } = newestTo(down);
  const checkpoint = readdirSync(join(copy, 'log'))
    .filter((each) => each.endsWith('.checkpoint'))
    .toSorted()
    .at(-1)!; // it has several
  const [proof = '', ...root] = readFileSync(join(copy, 'log', checkpoint), 'utf8').split('\n\n');
  const countyRoot = {
    note: root.join('\n\n'),
    proof: proof
      .split('\n')
      .slice(1)
      .map((hash) => Buffer.from(hash, 'base64').toString('base64url')),
  };
  const header = { ...head, downSeq: note.fileSeq + 1, prevDownSha: note.sha256, countyRoot };
  await writeDownFile(down, header, [], { name: countyName, privateKey: fileKey });
  return copy;
}

/** The newest file to a kiosk. */
function newestTo(down: string): { readonly note: FileNote; readonly head: DownHeader } {
  const newest = readdirSync(down).toSorted().at(-1)!; // its note: it has files
  const note = parseFileNote(noteText(readFileSync(join(down, newest), 'utf8')));
  if (!note.ok) throw new Error(note.code);
  const [head = ''] = gunzipSync(readFileSync(join(down, newest.replace('note', 'jsonl.gz'))))
    .toString('utf8')
    .split('\n');
  return { note: note.value, head: downHeader.parse(JSON.parse(head)) };
}

/** A kiosk is told of so much for a batch of the county's own, which is in the log as 500 fen. */
async function batchOf(copy: string, kiosk: string, fen: number, root: number): Promise<string> {
  const down = join(copy, 'civicpos/540525/down', kiosk);
  const { note, head } = newestTo(down);
  const countyRoot = { note: head.countyRoot!.note, proof: [] }; // every file has had one since there was a log
  const header = { ...head, downSeq: note.fileSeq + 1, prevDownSha: note.sha256, countyRoot };
  const line: DownLine = { t: 'ADJUST', id: 'county-batch-1', zh: '补结', fen: amountOf(fen) };
  await writeDownFile(down, header, [line], { name: countyName, privateKey: fileKey });
  const told: LogEntry = { t: 'FILE', note: readFileSync(join(down, `${fileNumber(header.downSeq)}.note`), 'utf8') };
  const batch: LogEntry = { t: 'COUNTY_BATCH', batch: 1, kiosk, merchant: 'store', points: 0, owedFen: 500 };
  return rewritten(copy, root, (entries) => [...entries, batch, told]);
}

/** Each kiosk is given the newest root of another log, and nobody is given a log. */
async function forked(copy: string, ...logs: readonly [string, string]): Promise<string> {
  for (const [i, kiosk] of kiosks.entries()) {
    rmSync(join(copy, 'log'), { recursive: true });
    cpSync(join(logs[i]!, 'log'), join(copy, 'log'), { recursive: true }); // one for each
    await alsoTold(copy, kiosk);
  }
  rmSync(join(copy, 'log'), { recursive: true });
  return copy;
}

/** Whether an entry is the note of a file of a kiosk, of any number or of one. */
const isFile =
  (direction: 'up' | 'down', kiosk: string, number?: number) =>
  (entry: LogEntry): boolean => {
    const [, to, , of, , n] = entry.t === 'FILE' ? entry.note.split('\n') : [];
    return to === direction && of === kiosk && (number === undefined || n === String(number));
  };

const awarded: LogEntry & { readonly t: 'AWARDS' } = {
  t: 'AWARDS',
  batch: 1,
  rows: 1,
  points: given[0] + given[1],
  sha256: 'A'.repeat(43),
};
/** A copy of the folder in which the entries of one root are others. */
const rewritten = (place: string, root: number, change: (entries: readonly LogEntry[]) => readonly LogEntry[]): string =>
  rewrittenOf(onTestFinished, place, { root, change });

const noteOf = (part: string, number: number): string => `civicpos/540525/${part}/${fileNumber(number)}.note`;

test('what the county took and gave and does not log, and points that nobody awarded', { timeout: 180_000 }, async () => {
  const place = await aUsedCounty();
  const last = readdirSync(join(place, 'log')).filter((each) => each.endsWith('.entries')).length - 1;
  const without = (...left: ((entry: LogEntry) => boolean)[]): string =>
    rewritten(place, last, (entries) => [awarded, ...entries.filter((entry) => !left.some((isLeft) => isLeft(entry)))]);
  const later = (isLate: (entry: LogEntry) => boolean): string =>
    rewritten(place, last, (entries) => [awarded, ...entries.filter((entry) => !isLate(entry)), ...entries.filter(isLate)]);
  const also = (...entries: readonly LogEntry[]): string => rewritten(place, last, (of) => [awarded, ...of, ...entries]);
  const lineOf = (copy: string): string => {
    const file = readdirSync(join(copy, 'log'))
      .toSorted()
      .findLast((name) => name.endsWith('.entries'))!; // it has several
    return `log/${file}, line ${readFileSync(join(copy, 'log', file), 'utf8').split('\n').length - 1}`;
  };
  const nobodys = `civicpos-file-v1\nup\n540525\nqj-03\n1\n99\n${'A'.repeat(43)}\n-\n\n— nobody AAAAAAAA\n`;
  const spoilt = [
    also(awarded), // a list again, under its number
    also({ t: 'FILE', note: nobodys }), // of a file that is said to be missing, so that nobody adds up
    also({ ...awarded, batch: 2, sha256: 'B'.repeat(43) }), // stray bits
    also({ t: 'EXPIRED', number: 1, through: '2026-02-30', rows: 1, points: 1, sha256: awarded.sha256 }),
    also({ t: 'CREDITS_TAKEN_BACK', number: 1, rows: 1, points: 0, sha256: awarded.sha256 }),
  ];
  const never: LogEntry = { t: 'FILE', note: nobodys.replace('up', 'down') };
  const cases: readonly [copy: string, place: string][] = [
    [without(), ''],
    [place, 'log'], // nobody awarded what it gave
    [rewritten(place, last, (entries) => [...entries, never]), 'log'], // nor is it less so for a file to a kiosk that is said to be missing
    [await alsoTold(also({ t: 'BEYOND_AWARDS', entries: 0, points: -9_999, serverEpoch: 2 }), 'qj-03'), noteOf('down/qj-03', 5)], // and no file is of it
    [await batchOf(without(), 'qj-03', 500, last), ''],
    [await batchOf(without(), 'qj-03', 501, last), noteOf('down/qj-03', 5)],
    [await forked(without(), also({ ...awarded, batch: 2 }), also({ ...awarded, batch: 3 })), noteOf('down/qj-05', 5)],
    [rewritten(place, last, (entries) => [{ ...awarded, points: given[0] }, ...entries]), 'log'], // one award is left out of the list
    ...spoilt.map((copy): [string, string] => [copy, lineOf(copy)]),
    [without(isFile('up', 'qj-03')), noteOf('up/qj-03/1', 3)],
    [later(isFile('up', 'qj-03')), noteOf('up/qj-03/1', 3)], // after the file that acknowledges it
    [without(isFile('down', 'qj-03', 3)), noteOf('down/qj-03', 3)],
    [await alsoTold(without(isFile('up', 'qj-03'), isFile('down', 'qj-03')), 'qj-05'), noteOf('down/qj-03', 3)], // of a kiosk nothing at all
    [without(({ t }) => t === 'SETTLEMENT'), noteOf('down/qj-03', 3)],
    [rewritten(place, last - 1, (entries) => entries.filter(({ t }) => t !== 'CHECKPOINT')), noteOf('down/qj-03', 3)], // another log than the kiosks’
  ];
  expect(await verdictsOn(cases.map(([copy]) => copy))).toEqual(
    cases.map(([, at]) => {
      const told = { kind: at === '' ? 'true' : 'lie', place: at };
      return { ours: told, python: told };
    }),
  );
});
