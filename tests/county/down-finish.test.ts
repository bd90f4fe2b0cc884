// A night that is cut short: what the book does not have is nobody's file, what it has gets its names, and no number has two contents.

import { cpSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CountyBook } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { finishDownFiles } from '../../county/down-finish.ts';
import { night } from '../../county/night.ts';
import { aCountyOfShops, type CountyShops } from '../support/county-shops.ts';

const home = 'qj-03';

async function oneShop(): Promise<CountyShops> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [home], homes: { a1: home }, roamAt: [], roamCap: 5_000 });
  await shops.award('a1', 2_000);
  return shops;
}

/** What a stick that is filled now would carry. */
function onStick({ county }: CountyShops): readonly string[] {
  return readdirSync(join(county.folder.down, home))
    .filter((name) => /\.(?:jsonl\.gz|note)$/.test(name))
    .toSorted();
}

/** The county whose power goes in its acts that make files: before they are in the book, or right after. */
function dying(county: CountyBook, when: 'before' | 'after'): CountyBook {
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new Error('the power went');
  };
  return {
    ...county,
    async transact(work) {
      if (isDead) die();
      let makesFile = false;
      const value = await county.transact(async (act) => {
        const done = await work({
          ...act,
          enter(kind, about) {
            makesFile ||= kind === 'down';
            return act.enter(kind, about);
          },
        });
        if (makesFile && when === 'before') die();
        return done;
      });
      if (makesFile) die();
      return value;
    },
  };
}

const first = ['00000001.jsonl.gz', '00000001.note'];
const second = [...first, '00000002.jsonl.gz', '00000002.note'];

test('a file that the book does not have has no name, and is made again', async () => {
  const shops = await oneShop();
  await expect(night(dying(shops.county, 'before'))).rejects.toThrow('the power went');
  expect(onStick(shops)).toEqual(first);
  await finishDownFiles(shops.county);
  expect(readdirSync(join(shops.county.folder.down, home)).toSorted()).toEqual(first);
  expect(await night(shops.county)).toMatchObject([{ kind: 'written', downSeq: 2 }]);
  expect(onStick(shops)).toEqual(second);
  expect(await shops.hear(home)).toBe(1);
});

test('a file that the book has gets its names at the next start, and once', async () => {
  const shops = await oneShop();
  await expect(night(dying(shops.county, 'after'))).rejects.toThrow('the power went');
  expect(onStick(shops)).toEqual(first);
  await finishDownFiles(shops.county);
  await finishDownFiles(shops.county);
  expect(onStick(shops)).toEqual(second);
  expect(await shops.hear(home)).toBe(1);
  expect(shops.spend(home, 'a1', 2_000)).toEqual({ fromRights: 2_000, fromRoaming: 0 });
});

test('a night after one that was cut short goes on from the file that it had made', async () => {
  const shops = await oneShop();
  await expect(night(dying(shops.county, 'after'))).rejects.toThrow('the power went');
  expect(await night(shops.county)).toMatchObject([{ kind: 'written', downSeq: 3 }]);
  expect(await shops.hear(home)).toBe(2);
});

test('a cut between the two names leaves a file that is not there yet, and is finished', async () => {
  const shops = await oneShop();
  await expect(night(dying(shops.county, 'after'))).rejects.toThrow('the power went');
  const data = shops.downPath(home, 2);
  cpSync(`${data}.part`, data);
  await finishDownFiles(shops.county);
  expect(onStick(shops)).toEqual(second);
  expect(existsSync(`${data}.part`)).toBe(false);
  expect(await shops.hear(home)).toBe(1);
});

test('a kiosk whose folder is out of order stops no other; it is told once, and has its files as soon as the folder is mended', async () => {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [home, 'qj-04'], homes: { a1: home }, roamAt: [], roamCap: 0 });
  const { county } = shops;
  const folder = join(county.folder.down, home);
  const next = shops.downPath('qj-04', 2);
  await shops.night();
  for (const path of [next, next.replace(/jsonl\.gz$/, 'note')]) renameSync(path, `${path}.part`); // as a server leaves it that dies there
  renameSync(folder, `${folder}.aside`);
  writeFileSync(folder, 'no folder');
  const told = [{ kiosk: home, why: expect.stringMatching(/^finish: ENOTDIR/) as string }];
  expect(await finishDownFiles(county)).toEqual(told);
  expect(existsSync(next)).toBe(true);
  expect(await shops.night()).toMatchObject([
    { kind: 'failed', ...told[0] },
    { kind: 'written', kiosk: 'qj-04', downSeq: 3 },
  ]);
  expect((await county.read(openExceptions)).map(({ kiosk, code, owner }) => ({ kiosk, code, owner }))).toEqual([
    { kiosk: home, code: 'night_failed', owner: 'clerk' },
  ]);
  rmSync(folder);
  renameSync(`${folder}.aside`, folder);
  expect((await shops.night()).map(({ kind }) => kind)).toEqual(['written', 'written']);
  expect(await shops.hear(home)).toBe(2);
});
