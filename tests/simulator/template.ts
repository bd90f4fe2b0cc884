// A small county and its kiosks as they are on the first morning: real homes and a real county's folder, made once for each number of
// kiosks and copied for every seed. Decides nothing of what happens in them.

import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import { makeCounty, openCounty } from '../../county/book/county-book.ts';
import { addAccount, expectKiosk, importDownFiles } from '../../county/book/import-files.ts';
import { enrolByKey } from '../../county/book/enrol.ts';
import { writeFileDurably } from '../../db/files.ts';
import { makeHome, readSigner } from '../../db/home.ts';
import { type Points, points } from '../../db/model/amounts.ts';
import type { Shop } from '../../db/model/catalogue.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import { createBook } from '../../db/open-book.ts';
import { applyDownFile } from '../../db/down.ts';
import { asOf, cardKey, countyName, fileKey, goods, header, resident, scheme, shop, writeDown } from '../support/county.ts';
import { beginning } from './clock.ts';
import { randomOf } from './random.ts';

/** m: shops besides the home in which an account may roam (reconciliation.md R3). */
export const linesMax = 3;
/** c: what it may roam there. */
export const roamCap: Points = points(5_000);
/** G_k. */
export const kioskCap: Points = points(20_000);
/** What an account has on the first morning, all of it at its home. */
const firstRights = points(12_000);
/** TX. */
const saleCap = points(10_000);
const accountsEachKiosk = 2;
/** With more shops than these a county has a town, and people shop as in one (reconciliation.md A5); fewer are all neighbours. */
const withoutTown = 5;

/** PINs cost 0.2 s by design; these cost nothing, since their stored form says so (pin.ts). Both are of the PIN `ownerPin`. */
export const ownerPin = '864209';
const cheapHash = 'scrypt$ln=1,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$PZIWe1W3gkalXilGk-Sjetj1NRueMRilIa_S5bToDJI';

export interface Resident {
  readonly id: string;
  readonly account: string;
  readonly home: string;
  /** Kiosks that have a line of it on the first morning. */
  readonly lines: readonly string[];
}

export interface Template {
  readonly directory: string;
  readonly kiosks: readonly string[];
  /** The shop that people of all others come to now and then; null: a county too small for one. */
  readonly town: string | null;
  readonly residents: readonly Resident[];
  /** Account to points. */
  readonly awarded: ReadonlyMap<string, number>;
  /** Kiosk to the lines of its first file. */
  readonly first: ReadonlyMap<string, readonly DownLine[]>;
}

/** The shops on both sides of one. */
export function neighboursOf(kiosks: readonly string[], kiosk: string): readonly string[] {
  const at = kiosks.indexOf(kiosk);
  return [kiosks.at((at + 1) % kiosks.length)!, kiosks.at(at - 1)!]; // of this county
}

/** Where residents of a home have a line: with a town there, and at neighbours (R3), else at the shops that follow. */
function linesOf(kiosks: readonly string[], home: string, town: string | null): readonly string[] {
  const at = kiosks.indexOf(home);
  const following = kiosks.map((_, step) => kiosks[(at + step) % kiosks.length]!).slice(1);
  const wanted = town === null ? following : [town, ...neighboursOf(kiosks, home), ...following];
  return [...new Set(wanted)].filter((kiosk) => kiosk !== home).slice(0, linesMax);
}

export const countyAt = (directory: string): string => join(directory, 'county');
export const homeAt = (directory: string, kiosk: string): string => join(directory, kiosk);

/** Makes it under `directory`. */
export async function makeTemplate(directory: string, count: number): Promise<Template> {
  const kiosks = Array.from({ length: count }, (_, i) => `qj-${String(i + 1).padStart(2, '0')}`);
  const town = count > withoutTown ? kiosks[0]! : null; // there are more
  const residents = kiosks.flatMap((home, at) =>
    Array.from({ length: accountsEachKiosk }, (_, n): Resident => {
      const id = String(at * accountsEachKiosk + n + 1);
      return { id, account: `a${id}`, home, lines: linesOf(kiosks, home, town) };
    }),
  );
  const awarded = new Map(residents.map(({ account }) => [account, firstRights]));
  const clock = { wallMs: () => beginning, monoMs: () => 1_000 };
  const folder = countyAt(directory);
  const made = makeCounty(folder, {
    code: shop.county,
    name: countyName,
    isDemo: false,
    fileKeyPem: fileKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  });
  if (!made.ok) throw new Error(made.code);
  const opened = openCounty(folder, clock);
  if (!opened.ok) throw new Error(opened.code);
  const county = opened.value;
  await county.transact((act) => {
    for (const kiosk of kiosks) expectKiosk(act, { kiosk, store: storeOf(kiosk) });
    for (const { account, home } of residents) addAccount(act, { account, home, isActive: true });
  });
  const first = new Map<string, readonly DownLine[]>();
  for (const kiosk of kiosks) {
    const lines = firstLines(kiosk, residents, awarded);
    first.set(kiosk, lines);
    const key = await makeKiosk(directory, kiosk, lines, clock);
    await enrolByKey(county, { kiosk, store: storeOf(kiosk), key });
    const down = join(county.folder.down, kiosk);
    mkdirSync(down, { recursive: true });
    for (const ending of ['jsonl.gz', 'note'])
      copyFileSync(join(homeAt(directory, kiosk), 'down', `00000001.${ending}`), join(down, `00000001.${ending}`));
    await importDownFiles(county, kiosk, down);
  }
  await county.close();
  return { directory, kiosks, town, residents, awarded, first };
}

/** A copy of the folders, for one seed. */
export function copyTemplate({ directory }: Template, to: string): void {
  cpSync(directory, to, { recursive: true });
}

function storeOf(kiosk: string): string {
  return `shop-${kiosk}`;
}

async function makeKiosk(
  directory: string,
  kiosk: string,
  lines: readonly DownLine[],
  clock: { wallMs(): number; monoMs(): number },
): Promise<string> {
  const raw = Buffer.from(rawPublicKey(fileKey)).toString('base64url');
  const home = makeHome(homeAt(directory, kiosk), {
    enrolment: { county: shop.county, store: storeOf(kiosk), kiosk, countyKey: raw, countyKeyName: countyName },
    diskReserveBytes: 0,
  });
  const seed = Buffer.alloc(32, randomOf(`key of ${kiosk}`).below(256));
  writeFileDurably(home.key, privateKeyFromSeed(seed).export({ format: 'pem', type: 'pkcs8' }), 0o600);
  const book = createBook(home, clock, 'simulator');
  const head = { ...header(1, ''), kiosk, asOf };
  const { path } = await writeDown(join(directory, 'scratch', kiosk), head, lines);
  const outcome = await applyDownFile(book, home, path, '2026-11-21', () => {});
  if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
  book.close();
  return readSigner(home)!.publicKey; // just written
}

function firstLines(kiosk: string, residents: readonly Resident[], awarded: ReadonlyMap<string, number>): readonly DownLine[] {
  const raw = (key: typeof fileKey): string => Buffer.from(rawPublicKey(key)).toString('base64url');
  const { recycling } = qiongjie.scheme;
  if (recycling === null) throw new Error('its desk counts batteries');
  const own: Shop = { ...shop, store: storeOf(kiosk), kiosk };
  return [
    {
      t: 'SCHEME',
      scheme: {
        ...scheme,
        saleCapPoints: saleCap,
        roaming: { saleCapPoints: saleCap, staleDays: 7, halfAfterDays: 3, kioskCapPoints: kioskCap },
        recycling,
        settlement: { cycle: 'month' },
      },
    },
    { t: 'SHOP', shop: own },
    { t: 'KEY', kid: 1, use: 'card', key: raw(cardKey), active: true },
    { t: 'KEY', kid: 1, use: 'file', key: raw(fileKey), active: true },
    { t: 'OPERATOR', operator: { id: 'op1', name: '央金', role: 'owner', pinHash: cheapHash, active: true } },
    { t: 'GOODS', goods: goods('1') },
    { t: 'GOODS', goods: goods('2', { zh: '青稞', initials: 'qk', category: 'grain', picture: 'barley', priceFen: goods('2').priceFen }) },
    {
      t: 'GOODS',
      goods: goods('3', { zh: '水杯', initials: 'sb', category: 'kitchen', picture: 'cup', priceFen: null, pricePoints: points(1_500) }),
    },
    ...residents.map(({ id, account }): DownLine => ({ t: 'RESIDENT', resident: resident(id, { accountId: account }) })),
    ...residents.map(({ account }): DownLine => ({ t: 'BAL', a: account, balance: points(awarded.get(account) ?? 0) })),
    ...residents.flatMap(({ account, home }): readonly DownLine[] =>
      home === kiosk ? [{ t: 'GRANT', a: account, g: points(awarded.get(account) ?? 0) }] : [],
    ),
    ...residents.flatMap(({ account, lines }): readonly DownLine[] =>
      lines.includes(kiosk) ? [{ t: 'ROAM', a: account, c: roamCap, xs: points(0) }] : [],
    ),
  ];
}
