// Serial ports over real ptys: the options that reach the port, one owner at a time, what is lost stays lost.

import { SerialPort } from 'serialport';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { parseDeviceUrl, type SerialUrl } from '../../hardware/device-url.ts';
import type { Link } from '../../hardware/link.ts';
import { openSerialPort } from '../../hardware/serial-port.ts';
import { promisesHeld } from './held.ts';
import { aPtyPair } from './printer/support.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function serialUrl(text: string): SerialUrl {
  const url = parseDeviceUrl(text);
  if (!url.ok || url.value.kind !== 'serial') throw new Error(`not a serial port: ${text}`);
  return url.value;
}

async function openedAt(path: string, heard: string[] = [], onClosed = () => {}): Promise<Link> {
  const opened = await openSerialPort(serialUrl(`serial:${path}?baud=115200`), {
    onBytes: (bytes) => heard.push(Buffer.from(bytes).toString()),
    onClosed,
  });
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

/** The other end of the cable, as a plain port. */
async function aDeviceAt(path: string): Promise<{ readonly port: SerialPort; heard(): string }> {
  const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
  let text = '';
  port.on('data', (bytes: Buffer) => (text += bytes.toString()));
  port.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(error) : resolve()));
  });
  onTestFinished(() => {
    if (port.isOpen) port.close();
  });
  return { port, heard: () => text };
}

test.each([
  ['?baud=9600&frame=7E1', { baudRate: 9_600, dataBits: 7, parity: 'even', stopBits: 1, rtscts: false, xon: false, xoff: false }],
  ['?baud=115200&flow=rtscts', { baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1, rtscts: true, xon: false, xoff: false }],
  ['?frame=8O2&flow=xonxoff', { baudRate: 9_600, dataBits: 8, parity: 'odd', stopBits: 2, rtscts: false, xon: true, xoff: true }],
])('%s reaches the port as it is written, and closing never resets the device', async (query, options) => {
  const opening = vi
    .spyOn(SerialPort.binding, 'open')
    .mockRejectedValue(new Error('Error: No such file or directory, cannot open /dev/none'));
  const opened = await openSerialPort(serialUrl(`serial:/dev/none${query}`), { onBytes: () => {}, onClosed: () => {} });
  expect(opened).toEqual({ ok: false, code: 'missing' });
  expect(opening.mock.calls).toEqual([[{ path: '/dev/none', ...options, hupcl: false, lock: true }]]);
});

test.each([
  ['Error Resource temporarily unavailable Cannot lock port', 'busy'],
  ['Opening COM3: Access denied', 'busy'],
  ['Error: Permission denied, cannot open /dev/ttyUSB0', 'denied'],
  ['Opening COM9: File not found', 'missing'],
  ['Error: Inappropriate ioctl for device setting custom baud rate of 115200', 'failed'],
])('"%s" is %s', async (message, code) => {
  vi.spyOn(SerialPort.binding, 'open').mockRejectedValue(new Error(message));
  expect(await openSerialPort(serialUrl('serial:/dev/none'), { onBytes: () => {}, onClosed: () => {} })).toEqual({ ok: false, code });
});

test('bytes go both ways; what a starting device babbles is dropped', async () => {
  const cable = await aPtyPair();
  const device = await aDeviceAt(cable.device);
  device.port.write('boot');
  const heard: string[] = [];
  const link = await openedAt(cable.till, heard);
  device.port.write('hello');
  expect(await link.write(Buffer.from('ask'))).toBe(true);
  await expect.poll(() => [heard.join(''), device.heard()]).toEqual(['hello', 'ask']);
});

test('a second owner is told busy, and can have the port after it is closed', async () => {
  const cable = await aPtyPair();
  const link = await openedAt(cable.till);
  const events = { onBytes: () => {}, onClosed: () => {} };
  expect(await openSerialPort(serialUrl(`serial:${cable.till}?baud=115200`), events)).toEqual({ ok: false, code: 'busy' });
  await link.close();
  await (await openedAt(cable.till)).close();
});

test('a pulled cable closes the link once; later writes fail, and reach nobody when it is plugged in again', async () => {
  const cable = await aPtyPair();
  let closings = 0;
  const link = await openedAt(cable.till, [], () => (closings += 1));
  await cable.unplug();
  await expect.poll(() => closings, { timeout: 5_000 }).toBe(1);
  expect(await link.write(Buffer.from('stale'))).toBe(false);
  await cable.plug();
  const device = await aDeviceAt(cable.device);
  const next = await openedAt(cable.till);
  await next.write(Buffer.from('fresh'));
  await expect.poll(() => device.heard()).toBe('fresh');
  await link.close();
  expect(closings).toBe(1);
});

test('a cable pulled while the device talks without end is noticed', async () => {
  const cable = await aPtyPair();
  const device = await aDeviceAt(cable.device);
  let isClosed = false;
  await openedAt(cable.till, [], () => (isClosed = true));
  const talking = setInterval(() => device.port.write('1.250kg\r\n'), 1);
  onTestFinished(() => clearInterval(talking));
  await expect.poll(() => device.port.isOpen).toBe(true);
  await cable.unplug();
  await expect.poll(() => isClosed, { timeout: 5_000 }).toBe(true);
});

test('three hundred writes leave nothing behind while the port is open', async () => {
  const cable = await aPtyPair();
  await aDeviceAt(cable.device);
  const link = await openedAt(cable.till);
  expect(await promisesHeld(() => link.write(Buffer.from('ask')), 300)).toBeLessThan(30);
});
