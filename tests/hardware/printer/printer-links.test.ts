// The same printer behind a serial port and a device file: real ptys, pulled cables, one-way links.

import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makePrinterMechanism, type PrinterMechanism } from '../../../hardware/virtual/printer-mechanism.ts';
import { aJob, aPtyPair, aRaster, aReadPipe, inked, opened, printed, printing, untilCondition } from './support.ts';

/** A simulated printer at the end of a cable. */
async function aMachineAt(path: string, onRow = () => {}): Promise<{ readonly machine: PrinterMechanism; readonly port: SerialPort }> {
  const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
  const machine = makePrinterMechanism({ dots: 384, onAnswer: (bytes) => port.write(bytes), onStrip: () => {}, onRow });
  port.on('data', (bytes: Buffer) => machine.receive(bytes));
  port.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(error) : resolve()));
  });
  onTestFinished(() => {
    machine.stop();
    if (port.isOpen) port.close();
  });
  return { machine, port };
}

const small = () => aJob({ raster: aRaster(100, 384), cut: false });

describe.each([
  ['serial', (path: string) => `serial:${path}?baud=115200`],
  ['file', (path: string) => `file:${path}`],
])('a printer on a %s link', (kind, addressOf) => {
  test('prints the very dots, and says printed', async () => {
    const cable = await aPtyPair();
    const { machine } = await aMachineAt(cable.device);
    const printer = opened(addressOf(cable.till));
    expect(await printed(printer, small())).toEqual(['queued', 'sending', 'sent', 'printed']);
    expect(inked(machine.paper())).toEqual(aRaster(100, 384));
    expect(await printer.kickDrawer()).toEqual({ ok: true });
    await expect.poll(() => machine.drawerKicks()).toBe(1);
  });

  test('whose cable is pulled in the middle: unknown, then offline', async () => {
    const cable = await aPtyPair();
    const { machine } = await aMachineAt(cable.device);
    machine.setCondition({ paper: 'ok', coverOpen: false, isOff: false, isMute: false, bytesPerSecond: 2_000 });
    const printer = opened(addressOf(cable.till));
    const job = printing(printer, small());
    await job.until('sending');
    await cable.unplug();
    expect(await job.ended).toEqual({ kind: 'unknown' });
    expect(job.told.at(-1)).toBe('unknown');
    await untilCondition(printer, 'offline');
    expect(await printed(printer, small())).toEqual(['queued', 'failed: offline']);
  });

  test('that stops reading in the middle: unknown at the deadline, and the link is given up', async () => {
    const cable = await aPtyPair();
    const { port } = await aMachineAt(cable.device, () => port.pause());
    const address = addressOf(cable.till).replace('115200', '921600');
    const printer = opened(address, { printMs: 200, bytesPerSecond: 1_000_000, pollMs: 60_000, backOffMs: [60_000] });
    // More than the cable's buffers hold.
    const job = printing(printer, aJob({ raster: aRaster(6_000, 384), cut: false }));
    expect(await job.ended).toEqual({ kind: 'unknown' });
    expect([job.told, printer.condition()]).toEqual([['queued', 'sending', 'unknown'], 'offline']);
  });

  test('that is not there is offline, and found when it is plugged in', async () => {
    const cable = await aPtyPair();
    await cable.unplug();
    const printer = opened(addressOf(cable.till));
    await untilCondition(printer, 'offline');
    expect(await printer.kickDrawer()).toEqual({ ok: false, code: 'offline' });
    await cable.plug();
    await aMachineAt(cable.device);
    await untilCondition(printer, 'ready');
    expect(await printed(printer, small())).toEqual(['queued', 'sending', 'sent', 'printed']);
  });

  test(`set up as one that never answers ends as sent (${kind})`, async () => {
    const cable = await aPtyPair();
    const { machine } = await aMachineAt(cable.device);
    const address = addressOf(cable.till);
    const printer = opened(`${address}${address.includes('?') ? '&' : '?'}answers=no`);
    expect(await printed(printer, small())).toEqual(['queued', 'sending', 'sent']);
    await expect.poll(() => inked(machine.paper()).height).toBe(100);
  });
});

test('a serial port that another program holds is busy, and taken when it is free', async () => {
  const cable = await aPtyPair();
  await aMachineAt(cable.device);
  const other = opened(`serial:${cable.till}?baud=115200`);
  await untilCondition(other, 'ready');
  const printer = opened(`serial:${cable.till}?baud=115200`);
  await untilCondition(printer, 'busy');
  expect([await printed(printer, small()), await printer.kickDrawer()]).toEqual([['queued', 'failed: busy'], { ok: false, code: 'busy' }]);
  await other.close();
  await untilCondition(printer, 'ready');
});

test('a file that is no device is written only: sent, never printed, and never read back', async () => {
  const path = join(tmpdir(), `receipt-${process.pid}.bin`);
  await writeFile(path, 'before');
  const printer = opened(`file:${path}`);
  expect(await printed(printer, small())).toEqual(['queued', 'sending', 'sent']);
  const written = await readFile(path);
  expect([written.subarray(0, 11).toString('latin1'), written.length]).toEqual(['before\x1b\x40\x1d\x61\xff', 6 + 5 + 8 + 8 + 4_800 + 3]);
});

test('a pipe is offline until somebody reads it, and written only', async () => {
  const cable = await aPtyPair();
  const path = join(cable.till, '..', 'pipe');
  const printer = opened(`file:${path}`);
  await untilCondition(printer, 'offline');
  aReadPipe(path);
  await untilCondition(printer, 'ready');
  expect(await printed(printer, small())).toEqual(['queued', 'sending', 'sent']);
});
