// `npm run kiosk -- create`: makes a kiosk's home and its book, once, from what the county gave.

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { enrolmentShape, makeHome } from '../../db/home.ts';
import { createBook } from '../../db/open-book.ts';
import { parseDeviceUrl } from '../../hardware/device-url.ts';
import { software } from './software.ts';

const usage = `usage: npm run kiosk -- create --home DIR --enrolment FILE [--down DIR] [--simulated FILE] [--printer URL] [--scanner URL]
       [--scale URL]

  --home DIR        where the kiosk will live; must not hold a kiosk yet; one that was interrupted is made anew
  --enrolment FILE  enrolment.json, from the county
  --down DIR        the county's first files, copied to the inbox
  --simulated FILE  cards and goods for the simulated scanner
  --printer URL     serial:/dev/ttyUSB0?baud=115200 | tcp://192.168.1.50:9100 | file:/dev/usb/lp0 | simulated:
  --scanner URL     serial:/dev/ttyACM0?baud=9600 | simulated:
  --scale URL       serial:/dev/ttyUSB0 | tcp://192.168.1.60:4001 | simulated:?family=st-us; without it the kiosk has no scale`;

function main(): number {
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
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
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
  return 0;
}

/** A file takes bytes, and gives none. */
function isScaleAddress(address: string): boolean {
  const url = parseDeviceUrl(address);
  return url.ok && url.value.kind !== 'file';
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(`the kiosk was not made: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
