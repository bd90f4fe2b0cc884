// Makes the demo that `npm start` opens: a county in .demo/county and one shop's kiosk in .demo/home. Never touches another home.

import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileDurably } from '../db/files.ts';
import { businessDate } from '../db/model/time.ts';
import { run } from './run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.demo');
const home = join(folder, 'home');
const county = join(folder, 'county');
/** The desk of the demo weighs on a knob. */
const scale = 'simulated:?family=st-us';
/** 19,000 residents and 25 shops take 20 s on a slow PC. */
const countyDeadlineMs = 5 * 60_000;
const kioskDeadlineMs = 60_000;

/** The demo's home, made where it is not there yet. Throws with the maker's own words. */
export async function demoHome(options: { readonly reset: boolean; readonly say: (line: string) => void }): Promise<string> {
  const { reset, say } = options;
  if (reset) rmSync(folder, { recursive: true, force: true });
  if (!existsSync(home)) await make(say);
  else giveScale();
  const pins = [...readFileSync(join(county, 'README.txt'), 'utf8').matchAll(/^ {2}(\d{6}) {2}(\w+)/gm)].map(
    ([, pin, role]) => `${role} ${pin}`,
  );
  say(`the demo shop is in .demo/home; its people, cards and PINs are in .demo/county/README.txt (${[...new Set(pins)].join(', ')})`);
  return home;
}

async function make(say: (line: string) => void): Promise<void> {
  say('making a demo county, once: 25 shops, 19,000 residents');
  rmSync(county, { recursive: true, force: true }); // without a home it is one that was interrupted
  await must('county/main.ts', ['demo', '--out', county, '--as-of', businessDate(Date.now()), '--quiet'], countyDeadlineMs);
  const kiosks = readdirSync(join(county, 'kiosks')).toSorted((a, b) => a.localeCompare(b));
  const shop = join(county, 'kiosks', kiosks[1] ?? kiosks[0]!); // the first village's: small enough to read
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
  renameSync(unfinished, home);
}

/** A demo that was made before there were scales gets one. */
function giveScale(): void {
  const file = join(home, 'kiosk.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { readonly scale?: string | null }; // ours, made above
  if (config.scale == null) writeFileDurably(file, `${JSON.stringify({ ...config, scale }, null, 2)}\n`);
}

async function must(script: string, args: readonly string[], deadlineMs: number): Promise<void> {
  const { code } = await run(process.execPath, [join(root, script), ...args], { deadlineMs, show: true });
  if (code !== 0) throw new Error(`${script} ended with ${code ?? 'no code'}`);
}
