// What lies beside a county's book, changed byte by byte and line by line, under a book that was put back from before: of papers of awards and
// roots of the log either the very same is taken up as if nothing had been changed, or less, and then it is told. Never other.
//
// In CI one change in so many; with EVERY_BYTE=1 in the environment all, for some minutes.

import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { proposeAwards, releaseAwards, withdrawAwards } from '../../county/book/awards.ts';
import { type CountyBook, makeCounty, openCounty } from '../../county/book/county-book.ts';
import { openExceptions } from '../../county/book/exceptions.ts';
import { addAccount, expectKiosk } from '../../county/book/import-files.ts';
import { checkBook } from '../../county/book/invariants.ts';
import { takeEvidence } from '../../county/evidence.ts';
import { appendEntry } from '../../county/log/log.ts';
import { sealDay } from '../../county/log/steps.ts';
import { openLogRoot } from '../../db/model/log-root.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { countyName, fileKey, morning, shop, temporary } from '../support/county.ts';

const isWhole = process.env['EVERY_BYTE'] === '1';
/** One byte, and one change of lines, in so many: neither has a divisor with eight, or with the kinds of changes, in common. */
const step = isWhole ? 1 : 131;
const changeStep = isWhole ? 1 : 11;

interface Left {
  /** The county's folder, its book that of before. */
  readonly directory: string;
  /** Papers beside it, from the folder. */
  readonly papers: readonly string[];
}

function opened(directory: string): CountyBook {
  const found = openCounty(directory, { wallMs: () => morning });
  if (!found.ok) throw new Error(found.code);
  return found.value;
}

/** A county put back to the evening before: since then one list was released, one withdrawn, one proposed, and two roots were signed. */
async function leftBeside(): Promise<Left> {
  const directory = join(temporary(onTestFinished, 'jifen-beside-'), 'county');
  const fileKeyPem = fileKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  if (!makeCounty(directory, { code: shop.county, name: countyName, isDemo: true, fileKeyPem }).ok) throw new Error('not made');
  const first = opened(directory);
  await first.transact((act) => {
    expectKiosk(act, { kiosk: 'qj-03', store: 'baire' });
    for (const account of ['a1', 'a2']) addAccount(act, { account, home: 'qj-03', isActive: true });
    appendEntry(act.db, { t: 'FILE', note: 'of the first day' });
  });
  await sealDay(first, '2026-11-21');
  await first.close();
  const kept = join(temporary(onTestFinished, 'jifen-kept-'), 'book.db');
  cpSync(first.folder.book, kept);
  const next = opened(directory);
  for (const [i, text] of ['a1,100,劳动\na2,40.5,劳动\n', 'a1,1,误\n', 'a2,2,未放行\n'].entries()) {
    const kept = await proposeAwards(next, { text: `account,points,reason\n${text}`, by: '次仁' });
    if (!kept.ok || kept.value.batch !== i + 1) throw new Error('not proposed');
  }
  if (!(await releaseAwards(next, { batch: 1, by: '央金' })).ok || !(await withdrawAwards(next, { batch: 2, by: '次仁' })).ok)
    throw new Error('not released');
  await sealDay(next, '2026-11-22');
  await next.transact(({ db }) => void appendEntry(db, { t: 'FILE', note: 'of the third day' }));
  await sealDay(next, '2026-11-23');
  await next.close();
  cpSync(kept, next.folder.book);
  const papers = ['awards', 'log'].flatMap((folder) =>
    readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => relative(directory, join(parentPath, name))),
  );
  return { directory, papers: papers.toSorted() };
}

/** What a put-back book has of awards and of the log, and what is told besides. */
interface Taken {
  readonly has: Readonly<Record<string, readonly string[]>>;
  readonly told: number;
  readonly broken: readonly string[];
}

const tables = ['award_batch', 'award_release', 'award_withdrawal', 'balance', 'log_leaf', 'log_root'] as const;
/** The same whenever a list is taken up. */
const ofTheMoment = new Set(['entry', 'at']);

async function takenBy(directory: string): Promise<Taken> {
  const county = opened(directory);
  try {
    const { lost } = await takeEvidence(county);
    const read = await county.read((db) => ({
      has: Object.fromEntries(
        tables.map((name) => [
          name,
          db
            .prepare<[], Record<string, unknown>>(`SELECT * FROM ${name}`)
            .all()
            .map((row) => JSON.stringify(Object.entries(row).filter(([column]) => !ofTheMoment.has(column))))
            .toSorted(),
        ]),
      ),
      contradicted: openExceptions(db).filter(({ code }) => code === 'log_contradicted').length,
    }));
    for (const { note } of await county.read((db) => db.prepare<[], { note: string }>('SELECT note FROM log_root').all()))
      if (!openLogRoot(note, shop.county, [rawPublicKey(fileKey)]).ok)
        throw new Error('a root that the county did not sign is in the book');
    const broken = (await checkBook(county, 'whole')).flatMap(({ rule, place }) => (place === null ? [] : [`${rule} ${place}`]));
    return { has: read.has, told: lost.length + read.contradicted, broken };
  } finally {
    await county.close();
  }
}

/** Nothing in it that the untouched folder did not give; and where something is missing, it is told. */
function amissIn(taken: Taken, whole: Taken): string | null {
  if (taken.broken.length > 0) return taken.broken.join();
  const isMore = tables.filter((name) => name !== 'balance' && taken.has[name]!.some((row) => !whole.has[name]!.includes(row)));
  if (isMore.length > 0) return `has other ${isMore.join()}`;
  const isLess = tables.some((name) => taken.has[name]!.length < whole.has[name]!.length);
  const isSame = JSON.stringify(taken.has) === JSON.stringify(whole.has);
  if (isSame) return null;
  if (!isLess) return 'has other balances';
  return taken.told > whole.told ? null : 'less is taken up, and nobody is told';
}

async function amissAfter({ directory }: Left, whole: Taken, change: (copy: string) => void): Promise<string | null> {
  const copy = join(temporary(onTestFinished, 'jifen-changed-'), 'county');
  cpSync(directory, copy, { recursive: true });
  change(copy);
  try {
    return amissIn(await takenBy(copy), whole);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function whole(left: Left): Promise<Taken> {
  const copy = join(temporary(onTestFinished, 'jifen-whole-'), 'county');
  cpSync(left.directory, copy, { recursive: true });
  const taken = await takenBy(copy);
  expect([taken.broken, taken.told, taken.has['award_release']!.length, taken.has['log_root']!.length]).toEqual([[], 1, 1, 3]);
  return taken;
}

test('a bit of every byte', { timeout: 1_200_000 }, async () => {
  const left = await leftBeside();
  const all = await whole(left);
  const amiss: string[] = [];
  let n = 0;
  for (const path of left.papers) {
    const bytes = readFileSync(join(left.directory, path));
    for (let at = n % step; at < bytes.length; at += step) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at & 7); // within the file
      const what = await amissAfter(left, all, (copy) => writeFileSync(join(copy, path), changed));
      if (what !== null) amiss.push(`${path} byte ${at}: ${what}`);
      n += 1;
    }
  }
  expect(amiss).toEqual([]);
});

test('a paper emptied, doubled, cut, or whose lines are left out, doubled or swapped', { timeout: 600_000 }, async () => {
  const left = await leftBeside();
  const all = await whole(left);
  const amiss: string[] = [];
  let n = 0;
  for (const path of left.papers) {
    const text = readFileSync(join(left.directory, path), 'utf8');
    const lines = text.split(/(?<=\n)/);
    const changes: [string, string][] = [
      ['emptied', ''],
      ['doubled', text + text],
      ['cut', text.slice(0, -2)],
      ...lines.flatMap((line, i): [string, string][] => [
        [`line ${i} left out`, lines.toSpliced(i, 1).join('')],
        [`line ${i} doubled`, lines.toSpliced(i, 0, line).join('')],
        ...(i > 0 ? [[`line ${i} swapped`, lines.toSpliced(i - 1, 2, line, lines[i - 1]!).join('')] as [string, string]] : []),
      ]),
    ];
    for (const [what, changed] of changes) {
      n += 1;
      if (changed === text || n % changeStep !== 0) continue;
      const found = await amissAfter(left, all, (copy) => writeFileSync(join(copy, path), changed));
      if (found !== null) amiss.push(`${path} ${what}: ${found}`);
    }
  }
  expect(amiss).toEqual([]);
});
