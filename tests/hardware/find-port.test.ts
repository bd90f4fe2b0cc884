// Adapters named by what they are: found wherever they are plugged in, never guessed between two.

import { expect, test } from 'vitest';
import { findPort, type ListPorts } from '../../hardware/find-port.ts';

const ch340 = { path: '/dev/ttyUSB0', vendorId: '1a86', productId: '7523', serialNumber: undefined };
const pl2303 = { path: '/dev/ttyUSB1', vendorId: '067b', productId: '2303', serialNumber: 'A1B2' };
const builtIn = { path: '/dev/ttyS0', vendorId: undefined, productId: undefined, serialNumber: undefined };
const findAmong = (list: ListPorts) => (place: string) => findPort(place, list);
const list = (...ports: Awaited<ReturnType<ListPorts>>) => findAmong(async () => ports);

test('a path is itself, and nothing is listed for it', async () => {
  const find = findAmong(() => Promise.reject(new Error('must not be asked')));
  expect(await find('/dev/ttyUSB0')).toEqual({ ok: true, value: '/dev/ttyUSB0' });
});

test('an adapter is found where it is now, in whatever case its ids are written', async () => {
  const find = list(builtIn, pl2303, { ...ch340, path: 'COM5', vendorId: '1A86' });
  expect(await find('usb=1a86:7523')).toEqual({ ok: true, value: 'COM5' });
  expect(await find('usb=067B:2303:a1b2')).toEqual({ ok: true, value: '/dev/ttyUSB1' });
});

test('another serial number is another adapter', async () => {
  expect(await list(pl2303)('usb=067b:2303:FFFF')).toEqual({ ok: false, code: 'missing' });
  expect(await list()('usb=1a86:7523')).toEqual({ ok: false, code: 'missing' });
});

test('of two equal adapters none is picked; a serial number tells them apart', async () => {
  const twins = list(ch340, { ...ch340, path: '/dev/ttyUSB2' }, pl2303, { ...pl2303, path: '/dev/ttyUSB3', serialNumber: 'C3' });
  expect(await twins('usb=1a86:7523')).toEqual({ ok: false, code: 'ambiguous' });
  expect(await twins('usb=067b:2303')).toEqual({ ok: false, code: 'ambiguous' });
  expect(await twins('usb=067b:2303:C3')).toEqual({ ok: true, value: '/dev/ttyUSB3' });
});

test('a system that does not list its ports is told as such', async () => {
  const find = findAmong(() => Promise.reject(new Error('spawn udevadm ENOENT')));
  expect(await find('usb=1a86:7523')).toEqual({ ok: false, code: 'failed' });
});
