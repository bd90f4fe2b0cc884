// A stick between a shop without a network and its county: what the till puts on it is taken in, answers and the county's files come back
// on it, and what is none of ours, damaged or somebody else's harms neither.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Carried, carry } from '../../county/carried.ts';
import { carryCommands } from '../../county/carry-command.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { night } from '../../county/night.ts';
import { unpostedUpFiles } from '../../db/up-files.ts';
import { copyToStick } from '../../electron/engine/stick.ts';
import { openDay } from '../support/closing.ts';
import { type Pair, aPair, cut } from '../support/county-book.ts';
import { temporary } from '../support/county.ts';
import { sell, today } from '../support/sell.ts';

interface Between extends Pair {
  readonly stick: string;
  readonly up: string;
  readonly atShop: () => ReturnType<typeof copyToStick>;
  readonly atCounty: (only?: string) => Promise<Carried>;
}

/** A kiosk with two files that the county has not seen, the first copied at the shop. */
async function between(): Promise<Between> {
  const { county, kiosk } = await aPair(onTestFinished);
  const { book, home } = kiosk;
  await cut(home, book);
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 1_000 });
  await cut(home, book);
  const stick = temporary(onTestFinished, 'stick-');
  const atCounty = async (only: string | null = null): Promise<Carried> => {
    const done = await carry(county, { place: stick, only, told: () => {} });
    if (!done.ok) throw new Error(done.code);
    return done.value;
  };
  const atShop = (): ReturnType<typeof copyToStick> => copyToStick({ book, home, folder: stick, idle: () => Promise.resolve() });
  return { county, kiosk, stick, up: join(stick, 'civicpos', county.code, 'up', 'qj-03', '1'), atShop, atCounty };
}

const accepted = 'ACCEPTED';

test('there and back: files are posted, the night’s file and the answers come to the till, and doing it again changes nothing', async () => {
  const { county, kiosk, stick, atShop, atCounty } = await between();
  await atShop();
  expect(await atCounty()).toEqual({
    kiosks: [{ kiosk: 'qj-03', verdicts: [accepted, accepted], unreadable: [], given: 1 }], // the file that it has, since its own word came now
    strangers: [],
  });
  await night(county);
  expect(await atCounty()).toMatchObject({ kiosks: [{ verdicts: ['DUPLICATE', 'DUPLICATE'], given: 1 }] });
  const lying = readdirSync(stick, { recursive: true, encoding: 'utf8' }).toSorted();
  expect(await atCounty()).toMatchObject({ kiosks: [{ given: 0 }] });
  expect([readdirSync(stick, { recursive: true, encoding: 'utf8' }).toSorted(), lying.filter((name) => name.endsWith('.part'))]).toEqual([
    lying,
    [],
  ]);
  expect(await atShop()).toEqual({ files: 0, answers: 2, countyFiles: 1, fault: null });
  expect([unpostedUpFiles(kiosk.book.db, 10), await county.read(openExceptions)]).toEqual([[], []]);
  expect(existsSync(join(county.folder.incoming, 'carried.jsonl.gz'))).toBe(false);
});

test('what lies there damaged, cut short, without its checkpoint or from elsewhere is told, and stops nothing else', async () => {
  const { county, stick, up, atShop, atCounty } = await between();
  await atShop();
  const data = join(up, '00000001.jsonl.gz');
  const whole = readFileSync(data);
  writeFileSync(data, whole.subarray(0, whole.length - 9));
  rmSync(join(up, '00000002.checkpoint'));
  mkdirSync(join(stick, 'civicpos', county.code, 'up', 'of-nobody', '1'), { recursive: true });
  mkdirSync(join(stick, 'civicpos', county.code, 'up', 'qj-04', '..x'), { recursive: true });
  writeFileSync(join(up, '00000003.note'), 'no note');
  writeFileSync(join(up, 'holiday.jpg'), 'a picture');
  expect(await atCounty()).toEqual({
    kiosks: [
      { kiosk: 'qj-03', verdicts: ['REJECTED'], unreadable: ['1/00000002', '1/00000003'], given: 1 },
      { kiosk: 'qj-04', verdicts: [], unreadable: [], given: 0 },
    ],
    strangers: ['of-nobody'],
  });
  writeFileSync(data, whole);
  await atShop(); // what is missing is copied again
  rmSync(join(up, '00000003.note'));
  expect(await atCounty()).toMatchObject({ kiosks: [{ verdicts: [accepted, accepted], unreadable: [] }, {}] });
});

test('the second file alone waits for the first, and is posted when that comes', async () => {
  const { up, atShop, atCounty } = await between();
  await atShop();
  const first = ['jsonl.gz', 'checkpoint', 'note'].map((ending) => join(up, `00000001.${ending}`));
  const kept = first.map((path) => readFileSync(path));
  for (const path of first) rmSync(path);
  expect(await atCounty()).toMatchObject({ kiosks: [{ verdicts: ['GAP'] }] });
  for (const [i, path] of first.entries()) writeFileSync(path, kept[i]!);
  expect(await atCounty()).toMatchObject({ kiosks: [{ verdicts: [accepted, 'DUPLICATE'] }] });
});

test('the command says in Chinese and English what it took and gave, and refuses a place that is none', async () => {
  const { county, stick, atShop } = await between();
  const run = async (options: { readonly from?: string; readonly kiosk?: string }): Promise<readonly [code: number, said: string]> =>
    said(county, options);
  expect(await run({})).toEqual([2, expect.stringContaining('carry --data DIR --from /STICK')]);
  expect(await run({ from: join(stick, 'gone') })).toEqual([1, expect.stringContaining('U 盘的完整路径')]);
  expect(await run({ from: stick })).toEqual([1, expect.stringContaining('没有本县终端的文件')]);
  expect(await run({ from: stick, kiosk: 'qj-99' })).toEqual([1, expect.stringContaining('没有这台终端')]);
  expect(await run({ from: stick, kiosk: 'qj-03' })).toEqual([0, expect.stringContaining('qj-03: 收到 0 个文件；放上县里文件 1 个')]);
  await atShop();
  expect(await run({ from: stick })).toEqual([0, expect.stringContaining('qj-03: 收到 2 个文件：已入账 2 (ACCEPTED)；放上县里文件 0 个')]);
});

async function said(
  county: CountyBook,
  options: { readonly from?: string; readonly kiosk?: string },
): Promise<readonly [code: number, said: string]> {
  let text = '';
  const say = (more: string): void => void (text += more);
  return [await carryCommands.carry(county, { ...options, words: [] }, { say, complain: say }), text];
}
