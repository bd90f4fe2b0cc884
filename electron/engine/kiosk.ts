// `npm run kiosk -- create`: makes a kiosk's home and its book, once, from what the county gave. `enrol` registers its key at the county.
// A home is whole before the county hears of its key, so that whatever breaks off between is done again with the same key.

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Book } from '../../db/book.ts';
import { type Home, enrolmentShape, makeHome, readHome } from '../../db/home.ts';
import { rotateOwnKey } from '../../db/kiosk-keys.ts';
import { type OpenNotice, openNotices, takeNotice } from '../../db/notices.ts';
import { createBook, openBook } from '../../db/open-book.ts';
import { cutUpFile, mendUpFile } from '../../db/up-files.ts';
import { parseDeviceUrl } from '../../hardware/device-url.ts';
import { type EnrolFailure, enrolAtCounty } from './enrol.ts';
import { software } from './software.ts';

const usage = `usage: npm run kiosk -- create --home DIR --enrolment FILE [--down DIR] [--simulated FILE] [--printer URL] [--scanner URL]
       [--scale URL] [--code CODE]
       npm run kiosk -- enrol --home DIR --code CODE
       npm run kiosk -- rotate-key --home DIR
       npm run kiosk -- notice --home DIR [--number DIGITS --by NAME]

  --home DIR        where the kiosk will live; must not hold a kiosk yet; one that was interrupted is made anew
  --enrolment FILE  enrolment.json, from the county
  --down DIR        the county's first files, copied to the inbox
  --simulated FILE  cards and goods for the simulated scanner
  --printer URL     serial:/dev/ttyUSB0?baud=115200 | tcp://192.168.1.50:9100 | file:/dev/usb/lp0 | simulated:
  --scanner URL     serial:/dev/ttyACM0?baud=9600 | simulated:
  --scale URL       serial:/dev/ttyUSB0 | tcp://192.168.1.60:4001 | simulated:?family=st-us; without it the kiosk has no scale
  --code CODE       the county's one-time code: registers the kiosk's key at the server that enrolment.json names

rotate-key gives a kiosk that is stopped another key: the county goes over to it with the kiosk's next file. The county can ask for it, too.

notice tells what a printed notice of the county is needed for, while the kiosk is stopped: another key of a committee that lost its own, or
a file that says of the committee what is not so. --number is what stands on the paper, --by who compared it: only so it is taken.`;

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
      number: { type: 'string' },
      by: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (positionals[0] === 'enrol' && values.home !== undefined && values.code !== undefined) return enrol(values.home, values.code);
  if (positionals[0] === 'rotate-key' && values.home !== undefined) return rotateKey(values.home);
  if (positionals[0] === 'notice' && values.home !== undefined && (values.number === undefined) === (values.by === undefined))
    return notice(values.home, values.number === undefined ? null : { number: values.number, by: values.by?.trim() ?? '' });
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

/** The old key goes when the county has answered to the file that ends with this: the engine looks after that. */
function rotateKey(directory: string): Promise<number> {
  return withBook(directory, async ({ book, home }) => {
    const changed = rotateOwnKey(book, home, 'hand');
    if (!changed.ok) {
      console.error('not changed: the county has not answered to the change before this one');
      return 1;
    }
    mendUpFile(book, home);
    await cutUpFile(book, home, { software, idle: () => Promise.resolve() });
    console.log(`the key of this kiosk is ${changed.value.newKey}; the county hears of it with the file that waits to be sent`);
    return 0;
  });
}

/** Says what waits for a notice; with the number of one, takes it. */
function notice(directory: string, given: { readonly number: string; readonly by: string } | null): Promise<number> {
  if (given?.by === '') {
    console.error('say with --by who compared the number with the paper');
    return Promise.resolve(2);
  }
  return withBook(directory, async ({ book, home }) => {
    const open = await openNotices(book, home);
    if (given === null) {
      if (open.length === 0) console.log('nothing waits for a printed notice');
      for (const each of open) console.log(noticeText(each));
      if (open.length > 0) console.log(compareText);
      return 0;
    }
    const taken = await takeNotice(book, home, given);
    if (!taken.ok) {
      console.error(
        open.length === 0
          ? 'nothing waits for a printed notice'
          : 'nothing was taken: this is not the number of what waits. If it is what the paper says, keep the paper and call the committee',
      );
      return 1;
    }
    console.log(`${noticeText(taken.value)}
taken, as ${given.by} compared it; it stands in this kiosk's record for everybody who checks it`);
    return 0;
  });
}

/** Without the number: who types it must have it from the paper. */
const compareText = `ask for the notice that the county or the committee printed, and call the committee at a telephone number you know;
where they say the same, type what stands on the paper: npm run kiosk -- notice --home DIR --number "DIGITS" --by YOUR-NAME`;

function noticeText(open: OpenNotice): string {
  return open.about === 'committee'
    ? `the county says that the committee lost its key and has another, ${open.name}; the lost one did not name it`
    : `file ${open.downSeq} of the county says of the committee what is not so; it can be taken without that`;
}

/** Opens the book of a kiosk that is stopped. */
async function withBook(
  directory: string,
  work: (opened: { readonly book: Book; readonly home: Home }) => Promise<number>,
): Promise<number> {
  const found = readHome(directory);
  if (!found.ok) {
    console.error(found.detail);
    return 1;
  }
  const { home } = found;
  const opened = openBook(home, { wallMs: () => Date.now(), monoMs: () => performance.now() }, software);
  if (!opened.ok) {
    console.error(opened.code === 'book_busy' ? 'the kiosk is running: stop it first' : `${opened.code}: ${opened.detail}`);
    return 1;
  }
  const { book } = opened;
  try {
    return await work({ book, home });
  } finally {
    book.close();
  }
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
  county_full: 'the county’s server has no room; try later',
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
