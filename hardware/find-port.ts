// Where an adapter is plugged in today: `usb=VID:PID` or `usb=VID:PID:SERIAL` names it wherever that is, because ttyUSB0
// becomes ttyUSB1 and COM3 becomes COM5 (hardware.md D). Never picks one of two: a person must.

import { SerialPort } from 'serialport';
import { fail, ok, type Result } from '../db/model/result.ts';
import { usbName } from './device-url.ts';
import { within } from './link.ts';

/** What the operating system says of its ports. */
export type ListPorts = () => Promise<
  readonly {
    readonly path: string;
    readonly vendorId?: string | undefined;
    readonly productId?: string | undefined;
    readonly serialNumber?: string | undefined;
  }[]
>;

/**
 * The path to open for a place that a serial URL names. A path is itself; an adapter is looked for at every call.
 * `ambiguous`: two such adapters are plugged in, and only a path (/dev/serial/by-path/…) can tell them apart, as with CH340,
 * which have no serial number. `failed`: the system would not list its ports (on Linux: udev is missing).
 */
export async function findPort(
  place: string,
  list: ListPorts = () => SerialPort.list(),
): Promise<Result<string, 'missing' | 'ambiguous' | 'failed'>> {
  const wanted = usbName(place);
  if (wanted === null) return ok(place);
  const listed = await within(
    listMs,
    list().catch(() => null),
    null,
  );
  if (listed === null) return fail('failed');
  const found = listed.filter(
    (port) =>
      isSame(port.vendorId, wanted.vendorId) &&
      isSame(port.productId, wanted.productId) &&
      (wanted.serialNumber === null || isSame(port.serialNumber, wanted.serialNumber)),
  );
  if (found.length > 1) return fail('ambiguous');
  return found[0] === undefined ? fail('missing') : ok(found[0].path);
}

/** Listing asks the system for all of its devices; a machine that is starting up may be slow to say. */
const listMs = 5_000;

/** Windows writes these in capitals, Linux does not. */
function isSame(listed: string | undefined, wanted: string): boolean {
  return listed?.toLowerCase() === wanted.toLowerCase();
}
