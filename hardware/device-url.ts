// How a device is named in kiosk.json: one URL says where it is and how to talk to it. Opens nothing.
//   serial:/dev/ttyUSB0?baud=115200&frame=8N1&flow=rtscts    serial:COM3?baud=9600&frame=7E1    serial:usb=1a86:7523
//   tcp://192.168.1.50:9100    file:/dev/usb/lp0    simulated:    simulated:?family=st-us

import { fail, ok, type Result } from '../db/model/result.ts';
import { families } from './scale/families.ts';
import type { Family, FamilyName } from './scale/reading.ts';

export interface SerialUrl {
  readonly kind: 'serial';
  /** /dev/ttyUSB0, /dev/serial/by-path/…, COM3; or usb=VID:PID or usb=VID:PID:SERIAL, wherever that adapter is plugged in. */
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
  /** XON/XOFF eats 0x11 and 0x13 of pictures (hardware.md B.5): for text devices only. */
  readonly flow: 'none' | 'rtscts' | 'xonxoff';
  readonly answers: boolean;
  /** A scale: what it speaks. Its maker's line is then the default. */
  readonly family?: FamilyName;
}

export interface TcpUrl {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
  readonly answers: boolean;
  readonly family?: FamilyName;
}

export interface FileUrl {
  readonly kind: 'file';
  readonly path: string;
  readonly answers: boolean;
}

/** `answers=no` is set at commissioning for a device that was tried and never answers: then nothing is waited for. */
export type DeviceUrl = SerialUrl | TcpUrl | FileUrl | SimulatedUrl;

interface SimulatedUrl {
  readonly kind: 'simulated';
  readonly family?: FamilyName;
}

/**
 * Reads a device's URL. Defaults are 9600 8N1, or the usual line of the named family, without flow control. A parameter that is not known, or named twice, is
 * refused: a mistyped `buad=` must not quietly become 9600.
 */
export function parseDeviceUrl(text: string): Result<DeviceUrl, 'bad_address'> {
  const [, scheme, place, query] = /^([a-z]+):([^?]*)(?:\?(.*))?$/.exec(text) ?? [];
  if (scheme === undefined || place === undefined || text.length > urlMax) return fail('bad_address');
  const given = new URLSearchParams(query ?? '');
  const names = [...given.keys()];
  if (new Set(names).size !== names.length || names.some((name) => parametersOf.get(scheme)?.includes(name) !== true))
    return fail('bad_address');
  const said = given.get('answers') ?? 'yes';
  if (said !== 'yes' && said !== 'no') return fail('bad_address');
  const answers = said === 'yes';
  const family = familyIn(given);
  if (family === undefined) return fail('bad_address');
  const scale = family === null ? {} : { family: family.name };
  switch (scheme) {
    case 'serial':
      return serialUrl(place, given, family, { answers, ...scale });
    case 'tcp':
      return tcpUrl(place, { answers, ...scale });
    case 'file':
      return place.startsWith('/') ? ok({ kind: 'file', path: place, answers }) : fail('bad_address');
    case 'simulated':
      return place === '' ? ok({ kind: 'simulated', ...scale }) : fail('bad_address');
    default:
      return fail('bad_address');
  }
}

/** The adapter that a serial place names, null where it names a path. `usb=1a86:7523` is any with these ids. */
export function usbName(place: string): UsbName | null {
  const [, vendorId, productId, serialNumber] = /^usb=([0-9a-f]{4}):([0-9a-f]{4})(?::([\w.&-]{1,64}))?$/i.exec(place) ?? [];
  return vendorId === undefined || productId === undefined ? null : { vendorId, productId, serialNumber: serialNumber ?? null };
}

/** Ids in hexadecimal, as lsusb and the device manager show them. */
interface UsbName {
  readonly vendorId: string;
  readonly productId: string;
  readonly serialNumber: string | null;
}

const urlMax = 512;

const parametersOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['serial', ['baud', 'frame', 'flow', 'answers', 'family']],
  ['tcp', ['answers', 'family']],
  ['file', ['answers']],
  ['simulated', ['family']],
]);

const baudRates = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600];

/** Null where none is named, undefined where the name is not one. */
function familyIn(given: URLSearchParams): Family | null | undefined {
  const name = given.get('family');
  return name === null ? null : families.get(name as FamilyName); // any text may be asked for
}

/** What serial and TCP URLs say alike. */
interface Manners {
  readonly answers: boolean;
  readonly family?: FamilyName;
}

function serialUrl(path: string, given: URLSearchParams, family: Family | null, manners: Manners): Result<SerialUrl, 'bad_address'> {
  const usual = family?.line ?? { baudRate: 9_600, frame: '8N1' };
  const baudRate = baudRates.find((rate) => String(rate) === (given.get('baud') ?? String(usual.baudRate)));
  const [, dataBits, parityLetter, stopBits] = /^([78])([NEO])([12])$/.exec(given.get('frame') ?? usual.frame) ?? [];
  const parity = { N: 'none', E: 'even', O: 'odd' }[parityLetter ?? ''] as SerialUrl['parity'] | undefined; // one of the three above
  const flow = (['none', 'rtscts', 'xonxoff'] as const).find((name) => name === (given.get('flow') ?? 'none'));
  const isPlace = path !== '' && (!path.startsWith('usb=') || usbName(path) !== null);
  if (!isPlace || baudRate === undefined || parity === undefined || flow === undefined) return fail('bad_address');
  return ok({
    kind: 'serial',
    path,
    baudRate,
    dataBits: dataBits === '7' ? 7 : 8,
    parity,
    stopBits: stopBits === '2' ? 2 : 1,
    flow,
    ...manners,
  });
}

function tcpUrl(place: string, manners: Manners): Result<TcpUrl, 'bad_address'> {
  const [, bracketed, plain, digits] = /^\/\/(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(place) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) return fail('bad_address');
  return ok({ kind: 'tcp', host, port, ...manners });
}
