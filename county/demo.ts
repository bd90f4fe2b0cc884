// Makes a county on disk: keys, signed files for every kiosk, sample cards. Deterministic: the same choices are the same bytes.
// Writes only under the folder it is given, and removes there only what an earlier demo made.

import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Goods, Resident } from '../db/model/catalogue.ts';
import { type DownHeader, type DownLine, downFormat } from '../db/model/down-file.ts';
import { type Result, fail, ok } from '../db/model/result.ts';
import { businessDate, dayMs } from '../db/model/time.ts';
import { type CardHolder, writeCardPicture, writeCardSheet } from './cards.ts';
import { type DownSigner, type PreparedLines, prepareLines, writeDownFile } from './down-writer.ts';
import { makeGoods } from './goods/make-goods.ts';
import { type KeyUse, countySignerName, demoKey, demoTagKey, keyIds, publicText } from './keys.ts';
import {
  type CountyKeys,
  countyChanges,
  countyLines,
  firstIssue,
  latestBalance,
  latestGoods,
  openingLines,
  rightsChanges,
  rightsLines,
} from './nights.ts';
import { type DemoOperator, hashDemoPins, operatorsOf } from './operators.ts';
import type { Progress } from './progress.ts';
import { type Account, type County, accountFor, hasLostCard, newcomer, rangeOf, residentAt, residentsOf, shopOf } from './roster.ts';
import { type CardSample, cardSamples, goodsSamples } from './samples.ts';
import { type PlanName, plans } from './schemes/by-name.ts';

/** What is asked of a demo. */
export interface DemoChoices {
  readonly scheme: PlanName;
  readonly stores: number;
  readonly residents: number;
  readonly goods: number;
  readonly seed: number;
  /** YYYY-MM-DD: the county's book closed at the midnight that began this day in China; its first night was the one before. */
  readonly asOf: string;
  /** Which cards are drawn: those of the samples, or a sheet a shop for everyone besides. */
  readonly cards: 'samples' | 'all';
}

/** What was made, for people. */
export interface DemoSummary {
  readonly kiosks: readonly string[];
  readonly linesEach: number;
  readonly operators: readonly DemoOperator[];
}

/** Makes the demo in `out`, which must be absent, empty, or an earlier demo: that one is replaced. */
export async function makeDemo(out: string, choices: DemoChoices, progress: Progress): Promise<Result<DemoSummary, 'not_empty'>> {
  if (!(await clearFor(out, choices))) return fail('not_empty');
  const plan = plans[choices.scheme];
  const { stores, residents, seed } = choices;
  const county: County = { plan, seed, stores, residents, tagKey: demoTagKey(plan.code, seed) };
  const goods = makeGoods(choices.goods, plan);
  const asOf = Date.parse(`${choices.asOf}T00:00:00+08:00`);
  const scratch = join(out, 'county', 'scratch');
  await writeCountyFolder(out, county);
  await mkdir(scratch, { recursive: true });

  progress.stage('what all shops share', residents * 2);
  const [pins, first, second] = await Promise.all([
    hashDemoPins(county),
    prepareLines(join(scratch, 'first'), counted(countyLines(county, goods), progress)),
    prepareLines(join(scratch, 'second'), countyChanges(county, goods)),
  ]);
  progress.stage(`files of ${stores} kiosks`, stores);
  let linesEach = 0;
  for (let from = 0; from < stores; from += kiosksAtOnce) {
    const batch = Array.from({ length: Math.min(kiosksAtOnce, stores - from) }, async (_, i) => {
      const store = from + i;
      const lines = await writeKiosk(out, {
        county,
        store,
        goods,
        asOf,
        shared: { first, second },
        operators: operatorsOf(county, store, pins),
      });
      linesEach = Math.max(linesEach, lines);
      progress.step();
    });
    await Promise.all(batch);
  }
  await rm(scratch, { recursive: true });
  progress.stage('roster', residents);
  await writeRoster(out, county, progress);
  await writeCards(out, county, asOf, choices.cards, progress);
  progress.end();
  const operators = operatorsOf(county, 0, pins);
  await writeFile(join(out, 'README.txt'), readme(county, choices, operators));
  await writeMarker(out, choices, true);
  return ok({ kiosks: Array.from({ length: stores }, (_, store) => shopOf(county, store).kiosk), linesEach, operators });
}

/** Packing and waiting for the disk overlap; each takes a few MiB. */
const kiosksAtOnce = 4;

const markerName = 'demo.json';
const markerFormat = 'civicpos-demo-v1';
/** All that a demo ever makes beside its marker. */
const madeNames = ['kiosks', 'county', 'README.txt'];

/** Whether `out` is ours to fill. The marker comes first, so that a demo cut short can be made again. */
async function clearFor(out: string, choices: DemoChoices): Promise<boolean> {
  await mkdir(out, { recursive: true });
  const names = await readdir(out);
  if (names.length > 0 && !(await isDemo(out))) return false;
  for (const name of madeNames) await rm(join(out, name), { recursive: true, force: true });
  await writeMarker(out, choices, false);
  return true;
}

async function isDemo(out: string): Promise<boolean> {
  const path = join(out, markerName);
  if (!existsSync(path)) return false;
  try {
    const marker: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof marker === 'object' && marker !== null && 'format' in marker && marker.format === markerFormat;
  } catch {
    return false; // not a marker of ours: then the folder is somebody's
  }
}

function writeMarker(out: string, choices: DemoChoices, complete: boolean): Promise<void> {
  return writeFile(join(out, markerName), json({ format: markerFormat, complete, choices }));
}

async function writeCountyFolder(out: string, county: County): Promise<void> {
  const keys = join(out, 'county', 'keys');
  await mkdir(keys, { recursive: true, mode: 0o700 });
  for (const use of ['card', 'cardRetired', 'file'] satisfies KeyUse[]) {
    const pem = demoKey(county.plan.code, county.seed, use).export({ format: 'pem', type: 'pkcs8' });
    await writeFile(join(keys, `${use}.pem`), pem, { mode: 0o600 });
  }
  await writeFile(join(keys, 'tag.key'), `${county.tagKey.export().toString('base64url')}\n`, { mode: 0o600 });
  await writeFile(join(keys, 'WORTHLESS.txt'), worthless);
}

const worthless = `THESE KEYS PROTECT NOTHING.
They are made from the demo's seed, and everyone who has this program can make them again.
A real county makes its own, at random, on a machine of its own, and shows them to nobody.

这些密钥没有任何保护作用:由演示种子生成,任何人都能重新生成。正式使用时必须由县里自行随机生成并妥善保管。
`;

interface KioskWork {
  readonly county: County;
  readonly store: number;
  readonly goods: readonly Goods[];
  readonly asOf: number;
  readonly shared: { readonly first: PreparedLines; readonly second: PreparedLines };
  readonly operators: readonly DemoOperator[];
}

/** Returns the lines of the first file. */
async function writeKiosk(out: string, work: KioskWork): Promise<number> {
  const { county, store, asOf, shared } = work;
  const { code } = county.plan;
  const shop = shopOf(county, store);
  const directory = join(out, 'kiosks', shop.kiosk);
  const down = join(directory, 'down');
  await mkdir(down, { recursive: true });
  const fileKey = demoKey(code, county.seed, 'file');
  const signer: DownSigner = { name: countySignerName(code), privateKey: fileKey };
  const header = (downSeq: number, prevDownSha: string, at: number): DownHeader => ({
    t: 'H',
    fmt: downFormat,
    county: code,
    kiosk: shop.kiosk,
    downSeq,
    prevDownSha,
    serverEpoch: 1,
    asOf: at,
    snapshot: downSeq === 1,
    ackThrough: null, // a new kiosk has sent nothing yet
  });
  const firstLines = inTurn(
    openingLines(county, store, { keys: countyKeys(county), operators: work.operators, asOf: asOf - dayMs }),
    [shared.first],
    rightsLines(county, store),
  );
  const first = await writeDownFile(down, header(1, '', asOf - dayMs), firstLines, signer);
  await writeDownFile(down, header(2, first.sha256, asOf), inTurn([shared.second], rightsChanges(county, store)), signer);
  const enrolment = {
    county: code,
    store: shop.store,
    kiosk: shop.kiosk,
    countyKey: publicText(fileKey),
    countyKeyName: signer.name,
    downFormat,
  };
  await writeFile(join(directory, 'enrolment.json'), json(enrolment));
  await writeFile(join(directory, 'simulated.json'), json(simulatedThings(work)));
  return first.lines;
}

function countyKeys({ plan, seed }: County): CountyKeys {
  const text = (use: KeyUse): string => publicText(demoKey(plan.code, seed, use));
  return { card: text('card'), cardRetired: text('cardRetired'), file: text('file') };
}

function* inTurn(...parts: readonly Iterable<DownLine | PreparedLines>[]): Generator<DownLine | PreparedLines> {
  for (const part of parts) yield* part;
}

function* counted<Item>(items: Iterable<Item>, progress: Progress): Generator<Item> {
  for (const item of items) {
    yield item;
    progress.step();
  }
}

/** What the simulated scanner of a kiosk can be shown, and the PINs of its operators. */
function simulatedThings({ county, store, goods, asOf, operators }: KioskWork): object {
  return {
    cards: cardSamples(county, store, asOf).map(({ zh, bo, en, text }) => ({ zh, bo, en, text })),
    goods: goodsSamples(latestGoods(goods), county.plan.scheme.labels).map(({ zh, bo, en, text }) => ({ zh, bo, en, text })),
    pins: operators.map(({ operator, pin }) => ({ operator: operator.id, name: operator.name, role: operator.role, pin })),
  };
}

async function writeRoster(out: string, county: County, progress: Progress): Promise<void> {
  const rows = function* (): Generator<string> {
    yield 'resident,account,name,group,village,language,home,balance,cardIssue,active\n';
    for (let store = 0; store < county.stores; store += 1) {
      let offset = 0;
      for (const resident of counted(residentsOf(county, store), progress)) {
        yield rosterRow(county, resident, accountFor(county, store, offset), issueOf(county, store, offset));
        offset += 1;
      }
    }
    const moved = newcomer(county);
    yield rosterRow(county, moved.resident, moved.account, firstIssue);
  };
  await pipeline(Readable.from(rows()), createWriteStream(join(out, 'county', 'roster.csv'), { mode: 0o600 }));
}

/** The names of a demo hold no comma, no quote and no sign that a spreadsheet would run (county/people.ts). */
function rosterRow(county: County, resident: Resident, account: Account, cardIssue: number): string {
  const { id, accountId, name, group, village, language, active } = resident;
  const home = shopOf(county, account.home).kiosk;
  return `${[id, accountId, name, group, village, language, home, latestBalance(county, account), cardIssue, active].join(',')}\n`;
}

/** The number of a resident's card in force. */
function issueOf(county: County, store: number, offset: number): number {
  return hasLostCard(county, store, offset) ? firstIssue + 1 : firstIssue;
}

async function writeCards(out: string, county: County, asOf: number, which: DemoChoices['cards'], progress: Progress): Promise<void> {
  const directory = join(out, 'county', 'cards');
  await mkdir(directory);
  const byKiosk: { readonly kiosk: string; readonly cards: readonly CardSample[] }[] = [];
  progress.stage('pictures of the sample cards', county.stores);
  const drawn = new Set<string>();
  for (let store = 0; store < county.stores; store += 1) {
    const { kiosk } = shopOf(county, store);
    const cards = cardSamples(county, store, asOf);
    byKiosk.push({ kiosk, cards });
    const fresh = cards.filter(({ text }) => !drawn.has(text)); // the same card is a sample at several kiosks
    for (const { text } of fresh) drawn.add(text);
    await Promise.all(fresh.map(({ key, text }) => writeCardPicture(directory, `${kiosk}-${key}`, text)));
    progress.step();
  }
  await writeFile(join(out, 'county', 'samples.json'), json(byKiosk));
  if (which === 'samples') return;
  progress.stage('sheets of all cards', county.residents);
  const key = demoKey(county.plan.code, county.seed, 'card');
  for (let store = 0; store < county.stores; store += 1) {
    const shop = shopOf(county, store);
    await writeCardSheet(join(directory, `${shop.kiosk}.html`), shop.zh, counted(holdersOf(county, store, asOf), progress), () => key);
  }
}

function* holdersOf(county: County, store: number, asOf: number): Generator<CardHolder> {
  const expiresOn = `${Number(businessDate(asOf).slice(0, 4)) + 3}-12-31`;
  const { count } = rangeOf(county, store);
  for (let offset = 0; offset < count; offset += 1) {
    const resident = residentAt(county, store, offset);
    const issue = issueOf(county, store, offset);
    yield { resident, card: { kid: keyIds.card, county: county.plan.code, residentId: resident.id, issue, expiresOn } };
  }
}

function readme(county: County, choices: DemoChoices, operators: readonly DemoOperator[]): string {
  const pins = operators.map(({ operator, pin }) => `  ${pin}  ${operator.role}  (…-${operator.id.split('-').at(-1)})`).join('\n');
  return `A demo county: ${county.plan.zh}, ${county.plan.scheme.zh}
Nobody in it exists. Its keys and PINs are public: use it for trying out and training, never for a real shop.

Made with: --scheme ${choices.scheme} --stores ${choices.stores} --residents ${choices.residents} --goods ${choices.goods} --seed ${choices.seed} --as-of ${choices.asOf}
The county's book is that of midnight before ${choices.asOf} (Asia/Shanghai); the file before it, of the midnight before that.

PINs, the same in every shop:
${pins}

kiosks/<kiosk>/enrolment.json    who the kiosk is, and the key of the county it believes
kiosks/<kiosk>/down/             the county's files in order, each with its signed note
kiosks/<kiosk>/simulated.json    cards and barcodes for the simulated scanner, and the PINs
county/keys/                     private keys, worthless: see the note beside them
county/roster.csv                every resident, with account, home kiosk and balance in hundredths of a point
county/samples.json              the sample cards with the answer each must get
county/cards/                    QR pictures of the samples; with --cards all, a sheet to print for each shop
`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
