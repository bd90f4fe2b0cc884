// `npm run kiosk -- create`: makes a kiosk's home and its book, once, from what the county gave. `enrol` registers its key at the county.
// A home is whole before the county hears of its key, so that whatever breaks off between is done again with the same key.

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { enrolmentShape, makeHome, readHome } from '../../db/home.ts';
import { createBook } from '../../db/open-book.ts';
import { parseDeviceUrl } from '../../hardware/device-url.ts';
import { type EnrolFailure, enrolAtCounty } from './enrol.ts';
import { software } from './software.ts';

const usage = `usage: npm run kiosk -- create --home DIR --enrolment FILE [--down DIR] [--simulated FILE] [--printer URL] [--scanner URL]
       [--scale URL] [--code CODE]
       npm run kiosk -- enrol --home DIR --code CODE

  --home DIR        where the kiosk will live; must not hold a kiosk yet; one that was interrupted is made anew
  --enrolment FILE  enrolment.json, from the county
  --down DIR        the county's first files, copied to the inbox
  --simulated FILE  cards and goods for the simulated scanner
  --printer URL     serial:/dev/ttyUSB0?baud=115200 | tcp://192.168.1.50:9100 | file:/dev/usb/lp0 | simulated:
  --scanner URL     serial:/dev/ttyACM0?baud=9600 | simulated:
  --scale URL       serial:/dev/ttyUSB0 | tcp://192.168.1.60:4001 | simulated:?family=st-us; without it the kiosk has no scale
  --code CODE       the county's one-time code: registers the kiosk's key at the server that enrolment.json names`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      home: { type: 'string' },
      enrolment: { type: 'string' },
      down: { type: 'string' },
      simulated: { type: 'string' },
      printer: { type: 'string', default: 'simulated:' },
      scanner: { type: 'string', default: 'simulated:' },
      scale: { type: 'string' },
      code: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (positionals[0] === 'enrol' && values.home !== undefined && values.code !== undefined) return enrol(values.home, values.code);
  if (positionals[0] !== 'create' || values.home === undefined || values.enrolment === undefined) {
    console.error(usage);
    return 2;
  }
  if (values.scale !== undefined && !isScaleAddress(values.scale)) {
    console.error(`no scale can be at ${values.scale}\n\n${usage}`);
    return 2;
  }
  const enrolment = enrolmentShape.parse(JSON.parse(readFileSync(values.enrolment, 'utf8')));
  mkdirSync(values.home, { recursive: true, mode: 0o700 });
  const home = makeHome(values.home, { enrolment, printer: values.printer, scanner: values.scanner, scale: values.scale ?? null });
  if (values.simulated !== undefined && existsSync(values.simulated)) copyFileSync(values.simulated, home.simulated);
  if (values.down !== undefined)
    for (const file of readdirSync(values.down).toSorted()) copyFileSync(join(values.down, file), join(home.inbox, file));
  createBook(home, { wallMs: () => Date.now(), monoMs: () => performance.now() }, software).close(); // last: it makes the home a kiosk's
  console.log(`kiosk ${enrolment.county}/${enrolment.kiosk} made in ${values.home}`);
  return values.code === undefined ? 0 : enrol(values.home, values.code);
}

/** The home is a kiosk's already: what fails here is tried again by itself. */
async function enrol(directory: string, code: string): Promise<number> {
  const found = readHome(directory);
  if (!found.ok) {
    console.error(found.detail);
    return 1;
  }
  const { county, kiosk } = found.home.config.enrolment;
  const done = await enrolAtCounty(found.home, code);
  if (done.ok) console.log(`the county knows the key of ${county}/${kiosk}`);
  else console.error(`not enrolled: ${reasons[done.code]}. Again: npm run kiosk -- enrol --home ${directory} --code CODE`);
  return done.ok ? 0 : 1;
}

const reasons: Readonly<Record<EnrolFailure, string>> = {
  no_server: 'enrolment.json names no countyServer; give the clerk the public key, or add it to kiosk.json',
  no_key: 'the home has no key',
  refused: 'the county does not take this code for this kiosk: it was used, is older than 14 days, or was mistyped; ask for a new one',
  too_often: 'too many tries; wait a minute',
  unreachable: 'the county’s server cannot be reached',
  timeout: 'the county’s server does not answer',
  broken_off: 'the connection broke off',
  wrong_key: 'another server answers at that address: its key is not the one in enrolment.json',
  bad_answer: 'what answers there is no county’s server',
  server_fault: 'the county’s server has a fault; try later',
  disk_full: 'the disk is full',
};

/** A file takes bytes, and gives none. */
function isScaleAddress(address: string): boolean {
  const url = parseDeviceUrl(address);
  return url.ok && url.value.kind !== 'file';
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`the kiosk was not made: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
