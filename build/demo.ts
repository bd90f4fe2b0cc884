// Makes the demo that `npm start` opens: a county in .demo/county with its server's folder in .demo/county-server, and the kiosks of one
// or two of its shops in .demo/home and .demo/home-2. Never touches another home.

import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileDurably } from '../db/files.ts';
import type { CountyServer } from '../db/home.ts';
import { businessDate } from '../db/model/time.ts';
import { run } from './run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.demo');
const county = join(folder, 'county');
/** What the demo county's server keeps; its journal lies beside it. */
export const serverFolder = join(folder, 'county-server');
export const serverJournal = join(folder, 'county-server.log');
/** Homes of the shops that can be opened. */
const homes = [join(folder, 'home'), join(folder, 'home-2')] as const;
export const shopsMax = homes.length;
/** The desk of the demo weighs on a knob. */
const scale = 'simulated:?family=st-us';
/** 19,000 residents and 25 shops take 20 s on a slow PC, and as long again to be read into the county's book. */
const countyDeadlineMs = 5 * 60_000;
const kioskDeadlineMs = 60_000;

export interface DemoShop {
  readonly home: string;
  /** As the county calls it: QJ-02. */
  readonly kiosk: string;
}

/** The demo's shops, and its server's folder where it is wanted, made where they are not there yet. Throws with the maker's own words. */
export async function demoShops(options: {
  readonly reset: boolean;
  readonly shops: number;
  readonly withServer: boolean;
  readonly say: (line: string) => void;
}): Promise<readonly DemoShop[]> {
  const { reset, shops, withServer, say } = options;
  if (reset) rmSync(folder, { recursive: true, force: true });
  const wanted = homes.slice(0, shops);
  if (!existsSync(homes[0])) await makeCounty(say);
  const kiosks = shopsOf();
  await Promise.all([
    ...wanted.map(async (home, i) => {
      if (existsSync(home)) giveScale(home);
      else await makeShop(home, kiosks[i]!);
    }),
    ...(withServer && !existsSync(serverFolder) ? [makeServerFolder(say)] : []),
  ]);
  const pins = [...readFileSync(join(county, 'README.txt'), 'utf8').matchAll(/^ {2}(\d{6}) {2}(\w+)/gm)].map(
    ([, pin, role]) => `${role} ${pin}`,
  );
  say(`the demo shop is in .demo/home; its people, cards and PINs are in .demo/county/README.txt (${[...new Set(pins)].join(', ')})`);
  return wanted.map((home) => ({ home, kiosk: (configOf(home).enrolment as { readonly kiosk: string }).kiosk }));
}

/** Tells a demo shop where its county is, or that files go by stick. */
export function nameCounty({ home }: DemoShop, countyServer: CountyServer | null): void {
  const config = configOf(home);
  if (JSON.stringify(config.countyServer ?? null) !== JSON.stringify(countyServer)) writeConfig(home, { ...config, countyServer });
}

async function makeCounty(say: (line: string) => void): Promise<void> {
  say('making a demo county, once: 25 shops, 19,000 residents');
  for (const old of [county, serverFolder, homes[1]]) rmSync(old, { recursive: true, force: true }); // without a home it is one that was interrupted
  await must('county/main.ts', ['demo', '--out', county, '--as-of', businessDate(Date.now()), '--quiet'], countyDeadlineMs);
}

/** The first two villages', small enough to read; a resident of the second visits the first. */
function shopsOf(): readonly string[] {
  const kiosks = readdirSync(join(county, 'kiosks')).toSorted((a, b) => a.localeCompare(b));
  return [kiosks[1] ?? kiosks[0]!, kiosks[2] ?? kiosks[0]!];
}

async function makeShop(home: string, kiosk: string): Promise<void> {
  const shop = join(county, 'kiosks', kiosk);
  const unfinished = `${home}.unfinished`; // A home that was interrupted must not look like a shop.
  rmSync(unfinished, { recursive: true, force: true });
  const files = [
    '--enrolment',
    join(shop, 'enrolment.json'),
    '--down',
    join(shop, 'down'),
    '--simulated',
    join(shop, 'simulated.json'),
    '--scale',
    scale,
  ];
  await must('electron/engine/kiosk.ts', ['create', '--home', unfinished, ...files], kioskDeadlineMs);
  if (kiosk !== shopsOf()[0]) shareVisitor(join(unfinished, 'simulated.json'));
  renameSync(unfinished, home);
}

/** The card of the resident who shops at the first shop and lives here, so that both can sell to one person. */
function shareVisitor(simulated: string): void {
  const first = JSON.parse(readFileSync(join(county, 'kiosks', shopsOf()[0]!, 'simulated.json'), 'utf8')) as Simulated; // the demo wrote both
  const own = JSON.parse(readFileSync(simulated, 'utf8')) as Simulated;
  const visitor = first.cards.find(({ en }) => en.startsWith('From the next village'));
  if (visitor === undefined) return;
  const here = { ...visitor, zh: '也在邻村买东西的居民', bo: 'གྲོང་ཚོ་གཞན་དུའང་ཉོ་བའི་མི', en: 'Shops in the next village, too' };
  writeFileDurably(simulated, `${JSON.stringify({ ...own, cards: [here, ...own.cards] }, null, 2)}\n`);
}

interface Simulated {
  readonly cards: readonly { readonly zh: string; readonly bo: string; readonly en: string; readonly text: string }[];
}

/** Demos that were made before there was a server get one. */
async function makeServerFolder(say: (line: string) => void): Promise<void> {
  say('making the county’s book, once');
  const unfinished = `${serverFolder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await must('county/main.ts', ['import-demo', county, '--data', unfinished], countyDeadlineMs);
  renameSync(unfinished, serverFolder);
}

/** A demo that was made before there were scales gets one. */
function giveScale(home: string): void {
  const config = configOf(home);
  if (config.scale == null) writeConfig(home, { ...config, scale });
}

type Config = { readonly [name: string]: unknown };

function configOf(home: string): Config {
  return JSON.parse(readFileSync(join(home, 'kiosk.json'), 'utf8')) as Config; // ours, made above
}

function writeConfig(home: string, config: Config): void {
  writeFileDurably(join(home, 'kiosk.json'), `${JSON.stringify(config, null, 2)}\n`);
}

async function must(script: string, args: readonly string[], deadlineMs: number): Promise<void> {
  const { code } = await run(process.execPath, [join(root, script), ...args], { deadlineMs, show: true });
  if (code !== 0) throw new Error(`${script} ended with ${code ?? 'no code'}`);
}
