// The county's log as an outsider is given it, and files that were superseded, spoilt byte by byte and line by line: both implementations
// refuse, and name the place (docs/files.md, L). In CI one change in so many; with EVERY_BYTE=1 in the environment one byte in five.

import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nameCommittee } from '../../county/book/committee.ts';
import { answerException, openExceptions } from '../../county/book/exceptions.ts';
import { runLogCommand } from '../../county/log/commands.ts';
import { makeCommitteeKey, parseVerifierKey } from '../../county/log/committee-key.ts';
import { night } from '../../county/night.ts';
import { aCountyOfShops } from '../support/county-shops.ts';
import { temporary } from '../support/county.ts';
import { layOutCounty } from '../support/outsider-folder.ts';
import { aUsedPair, send, takeNight } from '../support/used-county.ts';
import { verdictsOn } from './both.ts';

const isWhole = process.env['EVERY_BYTE'] === '1';
/** Neither has a divisor with eight in common: which bit is changed goes with the place. */
const step = isWhole ? 5 : 619;
const lineStep = isWhole ? 1 : 17;
/** Copies that lie on the disk at one time. */
const copiesMax = 200;

/** What a used county hands out: with awards, a settlement, a committee that signed one root of several. */
async function used(): Promise<string> {
  const { county, kiosk } = await aUsedPair(onTestFinished);
  const stick = temporary(onTestFinished);
  const { secret, verifier } = makeCommitteeKey('committee');
  writeFileSync(join(stick, 'key'), `${secret}\n`);
  expect(await nameCommittee(county, { key: parseVerifierKey(verifier)!, word: '', by: '扎西' })).toMatchObject({ ok: true });
  await send(county, kiosk);
  await takeNight(county, kiosk, 4);
  const data = county.folder.directory;
  expect(runLogCommand(['cosign', '--data', data, '--key', join(stick, 'key')], { say: () => {}, complain: () => {} })).toBe(0);
  await send(county, kiosk);
  await night(county);
  const place = temporary(onTestFinished, 'jifen-log-');
  await layOutCounty(place, county);
  return place;
}

/** What a county hands out whose kiosk was put back from before the two newest files: it had applied one of them, and had not the other. */
async function restored(): Promise<string> {
  const home = 'qj-03';
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [home], homes: { a1: home }, roamAt: [], roamCap: 0 });
  await shops.send(home);
  const image = shops.image(home);
  await shops.night();
  await shops.hear(home);
  await shops.send(home);
  await shops.night();
  shops.restore(home, image);
  await shops.send(home);
  for (const { number } of await shops.county.read(openExceptions))
    await answerException(shops.county, { number, by: '监督委员会', text: '已核实' });
  await shops.night();
  await shops.hear(home);
  await shops.send(home);
  await shops.night();
  const place = temporary(onTestFinished, 'jifen-log-');
  await layOutCounty(place, shops.county);
  return place;
}

/** What is none of the files between kiosk and county that are in force: those have tests of their own. */
function besides(place: string): readonly string[] {
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => relative(place, join(parentPath, name)))
    .filter((path) => path.startsWith('log/') || path.includes('/superseded/'))
    .toSorted();
}

interface Change {
  readonly what: string;
  readonly make: (copy: string) => void;
}

/** Changes after which one of the two says that all is true, or throws. */
async function unnoticed(place: string, changes: readonly Change[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (let from = 0; from < changes.length; from += copiesMax) {
    const root = temporary(onTestFinished, 'jifen-spoilt-');
    const some = changes.slice(from, from + copiesMax).map((change, i) => {
      const copy = join(root, String(i));
      cpSync(place, copy, { recursive: true });
      change.make(copy);
      return { ...change, copy };
    });
    const verdicts = await verdictsOn(some.map(({ copy }) => copy));
    for (const [i, { ours, python }] of verdicts.entries())
      if (ours.kind !== 'lie' || python.kind !== 'lie') found.push(`${some[i]!.what}: ${ours.kind}, ${python.kind}`);
    rmSync(root, { recursive: true });
  }
  return found;
}

function bytesChanged(place: string, path: string, first: number): readonly Change[] {
  const bytes = readFileSync(join(place, path));
  const changes: Change[] = [];
  for (let at = first % step; at < bytes.length; at += step) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1 << (at & 7); // within the file
    changes.push({ what: `${path} byte ${at}`, make: (copy) => writeFileSync(join(copy, path), changed) });
  }
  return changes;
}

function linesChanged(place: string, path: string): readonly Change[] {
  const text = readFileSync(join(place, path), 'utf8');
  const lines = text.split(/(?<=\n)/);
  const texts: [string, string][] = [
    ['emptied', ''],
    ['doubled', text + text],
    ['cut', text.slice(0, -1)],
    ...lines.flatMap((line, i): [string, string][] => [
      [`line ${i + 1} left out`, lines.toSpliced(i, 1).join('')],
      [`line ${i + 1} doubled`, lines.toSpliced(i, 0, line).join('')],
      [`line ${i + 1} swapped`, lines.toSpliced(i, 2, lines[i + 1] ?? '', line).join('')],
    ]),
  ];
  return [
    { what: `${path} gone`, make: (copy: string) => rmSync(join(copy, path)) },
    ...texts
      .filter(([, changed]) => changed !== text)
      .map(([what, changed]) => ({ what: `${path} ${what}`, make: (copy: string) => writeFileSync(join(copy, path), changed) })),
  ];
}

/** Without them less was signed, or less is asked for, and nothing that is there is false. */
const mayGo = /^log\/(committee\/|\d{15}\.[0-9a-f]{8}\.cosignature)/;

test('the log of a used county: true as it is, and a lie with any byte or line changed', { timeout: 3_600_000 }, async () => {
  const place = await used();
  expect(await verdictsOn([place])).toEqual([{ ours: { kind: 'true', place: '' }, python: { kind: 'true', place: '' } }]);
  const paths = besides(place);
  expect(paths.map((path) => path.replace(/^log\/(\d{15}\.)?([0-9a-f]{8})?/, ''))).toEqual(
    expect.arrayContaining(['county.pub', 'entries', 'checkpoint', '.cosignature', 'committee/committee-1.pub']),
  );
  const bytes = paths.flatMap((path, i) => bytesChanged(place, path, i * 61));
  const lines = paths.flatMap((path) => linesChanged(place, path)).filter((_, i) => i % lineStep === 0);
  const found = await unnoticed(place, [...bytes, ...lines]);
  expect(found.filter((what) => !(mayGo.test(what) && / gone:/.test(what)))).toEqual([]);
});

test('files that were superseded, with any byte changed; and what lies where nobody reads', { timeout: 3_600_000 }, async () => {
  const place = await restored();
  expect(await verdictsOn([place])).toEqual([{ ours: { kind: 'true', place: '' }, python: { kind: 'true', place: '' } }]);
  const paths = besides(place).filter((path) => !path.startsWith('log/'));
  expect(paths).toHaveLength(4);
  const checkpoint = besides(place).find((path) => path.endsWith('.checkpoint'))!;
  const made = (path: string): Change => ({
    what: `${path} made`,
    make(copy) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), 'something\n');
    },
  });
  const found = await unnoticed(place, [
    ...paths.flatMap((path, i) => bytesChanged(place, path, i * 61)),
    ...paths.map((path) => ({ what: `${path} gone`, make: (copy: string) => rmSync(join(copy, path)) })),
    made('log/notes.txt'),
    made('log/000000000000001.entries'),
    made('log/000000000000001.00000000.cosignature'),
    made('log/committee/x.pub'),
    made(`${dirname(paths[0]!)}/notes.txt`),
    { what: 'a root of another size', make: (copy) => renameSync(join(copy, checkpoint), join(copy, 'log/000000000000999.checkpoint')) },
  ]);
  expect(found).toEqual([]);
});
