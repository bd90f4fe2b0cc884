// A county and its kiosks' files of one day or of many for benches: each kiosk's book sold on, closed and cut by the product's own code, and
// no file taken in yet. Asserts nothing of the product.

import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CountyBook, makeCounty, openCounty } from '../../county/book/county-book.ts';
import { enrolByKey } from '../../county/book/enrol.ts';
import { addAccount, importDownFiles } from '../../county/book/import-files.ts';
import type { Upload } from '../../county/book/intake.ts';
import type { StoreChoice } from '../../county/store/county-store.ts';
import { type Home, makeHome, readSigner } from '../../db/home.ts';
import { migrations } from '../../db/migrate.ts';
import { points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { createBook } from '../../db/open-book.ts';
import { upFilePath } from '../../db/up-files.ts';
import { withSignIns } from '../support/at-work.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { cut } from '../support/county-book.ts';
import {
  apply, cashier, countyName, fileKey, firstLines, handClock, header, morning, resident, shop, writeDown,
} from '../support/county.ts'; // prettier-ignore
import { sell } from '../support/sell.ts';
import type { BenchOptions } from './measure.ts';

export interface DayOfKiosks {
  readonly kiosks: number;
  /** All are paid with points, which is the most that a sale asks of the county, by residents who have enough. */
  readonly salesEach: number;
  /** A file of each; one, unless said otherwise. */
  readonly days?: number;
}

export interface CountyFiles {
  /** Each kiosk's after those of the one before it, in their order. */
  readonly uploads: readonly Upload[];
  /** A county's book of its own in a folder that is not there yet: it knows the kiosks and has taken no file of theirs. */
  open(directory: string, choice?: StoreChoice): Promise<CountyBook>;
}

const residentsEach = 100;
/** More than any of them uses up. */
const rights = points(10_000_000);

type FileOptions = Pick<BenchOptions, 'cache' | 'scratch' | 'say'>;

/** Made once, and again when the tables or what fills them have changed. */
export async function filesOfADay(of: DayOfKiosks, { cache, scratch, say }: FileOptions): Promise<CountyFiles> {
  const makers = ['county-files.ts', '../support/at-work.ts', '../support/closing.ts', '../support/county.ts', '../support/sell.ts'];
  const made = [...migrations, ...makers.map((path) => readFileSync(new URL(path, import.meta.url), 'utf8'))];
  const name = createHash('sha256').update(made.join('')).digest('hex').slice(0, 12);
  const days = of.days ?? 1;
  const directory = join(cache, `up-${of.kiosks}-${of.salesEach}${days === 1 ? '' : `-${days}`}-${name}`);
  const kiosks = Array.from({ length: of.kiosks }, (_, i) => `qj-${1_001 + i}`);
  if (!existsSync(directory)) {
    say(`making ${of.kiosks} kiosks with ${days} days of ${of.salesEach} sales each, once: half a second for each day`);
    const part = `${directory}.part`;
    rmSync(part, { recursive: true, force: true });
    for (const [i, kiosk] of kiosks.entries())
      await makeKioskFiles(join(part, kiosk), { kiosk, ids: residentsOf(i), sales: of.salesEach, days });
    renameSync(part, directory);
  }
  return {
    uploads: kiosks.flatMap((kiosk) => Array.from({ length: days }, (_, day) => uploadIn(directory, kiosk, day + 1))),
    async open(folder, choice = {}) {
      const known = join(scratch, 'county-that-knows');
      if (choice.databaseUrl === undefined && existsSync(known)) {
        cpSync(known, folder, { recursive: true });
        return opened(folder, {});
      }
      const made = makeCounty(folder, { code: shop.county, name: countyName, isDemo: false, fileKeyPem }, choice);
      if (!made.ok) throw new Error(made.code);
      const county = opened(folder, choice);
      await introduceAll(county, directory, kiosks);
      if (choice.databaseUrl !== undefined) return county;
      await county.close();
      cpSync(folder, `${known}.part`, { recursive: true });
      renameSync(`${known}.part`, known);
      return opened(folder, {});
    },
  };
}

const countyKey = Buffer.from(rawPublicKey(fileKey)).toString('base64url');
const fileKeyPem = fileKey.export({ format: 'pem', type: 'pkcs8' }).toString();

function opened(folder: string, choice: StoreChoice): CountyBook {
  const found = openCounty(folder, { wallMs: () => morning }, choice);
  if (!found.ok) throw new Error(found.code);
  return found.value;
}

function residentsOf(kiosk: number): readonly string[] {
  return Array.from({ length: residentsEach }, (_, i) => String(1_000 + kiosk * residentsEach + i));
}

interface KioskDays {
  readonly kiosk: string;
  readonly ids: readonly string[];
  /** Of each day. */
  readonly sales: number;
  readonly days: number;
}

/** Leaves the kiosk's files, the county's to it, and its key. */
async function makeKioskFiles(directory: string, { kiosk, ids, sales, days }: KioskDays): Promise<void> {
  const home = makeHome(join(directory, 'home'), {
    enrolment: { county: shop.county, store: `store-${kiosk}`, kiosk, countyKey, countyKeyName: countyName },
    diskReserveBytes: 0,
  });
  const clock = handClock();
  const book = withSignIns(createBook(home, clock, 'bench'));
  book.db.pragma('synchronous = OFF'); // made again rather than kept through a power cut
  const { path } = await writeDown(join(directory, 'from-county'), header(1, '', { kiosk }), await linesFor(kiosk, ids));
  const outcome = await apply(home, book, path);
  if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
  for (let number = 1; number <= days; number += 1) {
    const at = morning + (number - 1) * dayMs;
    const day = businessDate(at);
    clock.set(at);
    openDay(book, day);
    for (let n = 0; n < sales; n += 1) {
      clock.turn(60_000);
      const sale = sell(book, { resident: ids[n % ids.length]!, goods: [['1', 1], ['2', 1]], chosenPoints: 1_000, day }); // prettier-ignore
      if (typeof sale === 'string') throw new Error(sale);
    }
    closeDay(book, { day });
    await cut(home, book);
    keepFile(home, directory, number);
  }
  writeKey(home, directory);
  book.close();
  rmSync(home.directory, { recursive: true });
}

async function linesFor(kiosk: string, ids: readonly string[]): Promise<readonly DownLine[]> {
  const ofCounty = (await firstLines()).filter(({ t }) => !['SHOP', 'RESIDENT', 'BAL', 'GRANT', 'ROAM'].includes(t));
  return [
    ...ofCounty,
    { t: 'SHOP', shop: { ...shop, kiosk, store: `store-${kiosk}` } },
    { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } },
    ...ids.flatMap((id): readonly DownLine[] => [
      { t: 'RESIDENT', resident: resident(id) },
      { t: 'BAL', a: `a${id}`, balance: rights },
      { t: 'GRANT', a: `a${id}`, g: rights },
    ]),
  ];
}

const endings = ['jsonl.gz', 'note', 'checkpoint'] as const;

/** Of one incarnation, a file a day. */
const inc = 1;

function keepFile(home: Home, directory: string, fileSeq: number): void {
  for (const ending of endings) copyFileSync(upFilePath(home, { inc, fileSeq }, ending), join(directory, `up-${fileSeq}.${ending}`));
}

function writeKey(home: Home, directory: string): void {
  const signer = readSigner(home);
  if (signer === null) throw new Error('a kiosk has its key');
  writeFileSync(join(directory, 'key'), signer.publicKey);
}

function uploadIn(directory: string, kiosk: string, fileSeq: number): Upload {
  const path = (ending: (typeof endings)[number]): string => join(directory, kiosk, `up-${fileSeq}.${ending}`);
  return {
    kiosk,
    inc,
    fileSeq,
    data: path('jsonl.gz'),
    note: readFileSync(path('note'), 'utf8'),
    checkpoint: readFileSync(path('checkpoint'), 'utf8'),
  };
}

/** The county hears of the kiosks, their keys and accounts, and of the files that they were sent. */
async function introduceAll(county: CountyBook, directory: string, kiosks: readonly string[]): Promise<void> {
  for (const [i, kiosk] of kiosks.entries()) {
    const enrolled = await enrolByKey(county, { kiosk, store: `store-${kiosk}`, key: readFileSync(join(directory, kiosk, 'key'), 'utf8') });
    if (!enrolled.ok) throw new Error(enrolled.code);
    await county.transact((act) => {
      for (const id of residentsOf(i)) addAccount(act, { account: `a${id}`, home: kiosk, isActive: true });
    });
    await importDownFiles(county, kiosk, join(directory, kiosk, 'from-county'));
  }
}
