// How devices are named: what is understood, what is refused rather than guessed.

import { expect, test } from 'vitest';
import { parseDeviceUrl } from '../../hardware/device-url.ts';

const serial = {
  kind: 'serial',
  path: '/dev/ttyUSB0',
  baudRate: 9_600,
  dataBits: 8,
  parity: 'none',
  stopBits: 1,
  flow: 'none',
  answers: true,
};

test.each([
  ['serial:/dev/ttyUSB0', serial],
  ['serial:/dev/ttyUSB0?baud=115200&frame=8N1', { ...serial, baudRate: 115_200 }],
  [
    'serial:COM3?baud=2400&frame=7E2&flow=rtscts',
    { ...serial, path: 'COM3', baudRate: 2_400, dataBits: 7, parity: 'even', stopBits: 2, flow: 'rtscts' },
  ],
  [
    'serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0?frame=8O1&flow=xonxoff&answers=no',
    { ...serial, path: '/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0', parity: 'odd', flow: 'xonxoff', answers: false },
  ],
  ['serial:usb=1a86:7523?frame=7E1', { ...serial, path: 'usb=1a86:7523', dataBits: 7, parity: 'even' }],
  ['serial:usb=067B:2303:A-1.b', { ...serial, path: 'usb=067B:2303:A-1.b' }],
  ['tcp://192.168.1.50:9100', { kind: 'tcp', host: '192.168.1.50', port: 9_100, answers: true }],
  ['tcp://printer.local:9100?answers=no', { kind: 'tcp', host: 'printer.local', port: 9_100, answers: false }],
  ['tcp://[fe80::1]:9100', { kind: 'tcp', host: 'fe80::1', port: 9_100, answers: true }],
  ['file:/dev/usb/lp0', { kind: 'file', path: '/dev/usb/lp0', answers: true }],
  ['simulated:', { kind: 'simulated' }],
  ['simulated:?family=st-us', { kind: 'simulated', family: 'st-us' }],
  ['tcp://10.0.0.7:4001?family=yaohua-a9', { kind: 'tcp', host: '10.0.0.7', port: 4_001, answers: true, family: 'yaohua-a9' }],
  ['serial:/dev/ttyUSB0?family=mettler-8217', { ...serial, dataBits: 7, parity: 'even', family: 'mettler-8217' }],
  ['serial:/dev/ttyUSB0?family=mettler-8217&frame=8N1&baud=2400', { ...serial, baudRate: 2_400, family: 'mettler-8217' }],
])('%s', (text, value) => {
  expect(parseDeviceUrl(text)).toEqual({ ok: true, value });
});

test.each([
  '',
  'serial:',
  'serial:usb=',
  'serial:usb=1a86',
  'serial:usb=1a86:752',
  'serial:usb=1a86:7523:',
  'serial:usb=1a86:7523:a:b',
  'serial:/dev/ttyUSB0?buad=9600',
  'serial:/dev/ttyUSB0?baud=9600&baud=9600',
  'serial:/dev/ttyUSB0?baud=9601',
  'serial:/dev/ttyUSB0?baud=',
  'serial:/dev/ttyUSB0?frame=9N1',
  'serial:/dev/ttyUSB0?frame=8n1',
  'serial:/dev/ttyUSB0?flow=dtr',
  'serial:/dev/ttyUSB0?flow=toString',
  'serial:/dev/ttyUSB0?answers=maybe',
  'serial:/dev/ttyUSB0?answers=constructor',
  'tcp://192.168.1.50',
  'tcp://192.168.1.50:0',
  'tcp://192.168.1.50:65536',
  'tcp://:9100',
  'tcp:host:9100',
  'tcp://user@host:9100',
  'tcp://host:9100?baud=9600',
  'file:dev/usb/lp0',
  'file:',
  'simulated:x',
  'simulated:?family=st_us',
  'simulated:?family=',
  'simulated:?answers=yes',
  'serial:/dev/ttyUSB0?family=toString',
  'file:/dev/usb/lp0?family=st-us',
  'http://host:80',
  'constructor:x?name=1',
  `file:/${'x'.repeat(600)}`,
])('refuses "%s"', (text) => {
  expect(parseDeviceUrl(text)).toEqual({ ok: false, code: 'bad_address' });
});
