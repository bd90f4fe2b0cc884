// What becomes of a print job on the simulated printer, over a real socket: every end of hardware.md B.3, and no paper that
// the states do not tell of.

import { describe, expect, test } from 'vitest';
import { openPrinter } from '../../../hardware/printer/printer.ts';
import { virtualPrinterFaults } from '../../../hardware/virtual/printer.ts';
import { aJob, aRaster, aVirtualPrinter, impatient, inked, opened, printed, printing, rastersInARow, untilCondition } from './support.ts';

const happy = ['queued', 'sending', 'sent', 'printed'];

describe('a printer that works', () => {
  test.each([384, 576] as const)('prints the very dots of the receipt on paper of %d dots', async (dots) => {
    const virtual = await aVirtualPrinter({ dots });
    const strips: number[] = [];
    virtual.onPaper((strip) => strips.push(strip.height));
    const raster = aRaster(250, dots);
    expect(await printed(opened(virtual.address), aJob({ raster, cut: dots === 576 }))).toEqual(happy);
    expect(inked(virtual.paper())).toEqual(raster);
    expect(strips).toEqual([dots === 576 ? 250 + 24 : 250 + 96]);
    expect([virtual.drawerKicks(), virtual.strayBytes()]).toEqual([0, 0]);
  });

  test('prints job after job over one connection', async () => {
    const virtual = await aVirtualPrinter();
    await virtual.setFault('one_client');
    const printer = opened(virtual.address);
    const [first, second] = [aRaster(40), aRaster(70)];
    expect(await printed(printer, aJob({ id: 'a', raster: first }))).toEqual(happy);
    expect(await printed(printer, aJob({ id: 'b', raster: second }))).toEqual(happy);
    expect(inked(virtual.paper())).toEqual(rastersInARow(first, second));
  });

  test('that is a clone, without markers, prints and says so', async () => {
    const virtual = await aVirtualPrinter({ dots: 384, model: 'clone' });
    const printer = opened(virtual.address);
    const raster = aRaster(60, 384);
    expect(await printed(printer, aJob({ id: 'a', raster, cut: false }))).toEqual(happy);
    expect(await printed(printer, aJob({ id: 'b', raster, cut: false }))).toEqual(happy);
    expect(inked(virtual.paper())).toEqual(rastersInARow(raster, raster));
    expect(virtual.strayBytes()).toBe(0);
  });

  test('that is slow is waited for', async () => {
    const virtual = await aVirtualPrinter({ slowBytesPerSecond: 20_000 });
    await virtual.setFault('slow');
    expect(await printed(opened(virtual.address), aJob({ raster: aRaster(200) }))).toEqual(happy);
    expect(inked(virtual.paper())).toEqual(aRaster(200));
  });

  test('takes the second job while the first runs as busy, and prints the first only', async () => {
    const virtual = await aVirtualPrinter({ slowBytesPerSecond: 20_000 });
    await virtual.setFault('slow');
    const printer = opened(virtual.address);
    const first = printing(printer, aJob({ id: 'a', raster: aRaster(90) }));
    expect(await printed(printer, aJob({ id: 'b', raster: aRaster(50) }))).toEqual(['failed: busy']);
    expect(await first.ended).toEqual({ kind: 'printed' });
    expect(inked(virtual.paper())).toEqual(aRaster(90));
  });

  test('obeys no command hidden in a picture', async () => {
    const virtual = await aVirtualPrinter();
    const raster = aRaster(20);
    raster.bits.set([0x10, 0x14, 0x01, 0x00, 0x01, 0x10, 0x05, 0x02], 100);
    expect(await printed(opened(virtual.address), aJob({ raster }))).toEqual(happy);
    expect([virtual.drawerKicks(), inked(virtual.paper()).height]).toEqual([0, 20]);
  });

  test('hears nothing when the till cannot write down that it is sending', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address);
    const refusing = printer.print(aJob(), (state) => {
      if (state.kind === 'sending') throw new Error('the disk is full');
    });
    await expect(refusing).rejects.toThrow('the disk is full');
    expect(virtual.paper().height).toBe(0);
    expect(await printed(printer, aJob())).toEqual(happy);
  });
});

describe('a printer that cannot print before the job', () => {
  test.each([
    ['paper_out', 'failed: paper_out'],
    ['cover_open', 'failed: cover_open'],
    ['silent', 'failed: offline'],
  ] as const)('%s: fails, and nothing comes out later', async (fault, failure) => {
    const virtual = await aVirtualPrinter();
    await virtual.setFault(fault);
    const printer = opened(virtual.address, impatient);
    expect(await printed(printer, aJob())).toEqual(['queued', failure]);
    await virtual.setFault('none');
    await untilCondition(printer, 'ready');
    expect(virtual.paper().height).toBe(0);
    expect(await printed(opened(virtual.address), aJob({ id: 'again' }))).toEqual(happy);
    expect(inked(virtual.paper())).toEqual(aRaster());
  });

  test('offline: fails at once, and prints when it is switched on again', async () => {
    const virtual = await aVirtualPrinter();
    await virtual.setFault('offline');
    const printer = opened(virtual.address);
    expect(await printed(printer, aJob())).toEqual(['queued', 'failed: offline']);
    await virtual.setFault('none');
    await untilCondition(printer, 'ready');
    expect(await printed(printer, aJob())).toEqual(happy);
  });

  test('near its end of paper prints all the same', async () => {
    const virtual = await aVirtualPrinter();
    await virtual.setFault('near_end');
    const printer = opened(virtual.address);
    await untilCondition(printer, 'near_end');
    expect(await printed(printer, aJob())).toEqual(happy);
  });
});

describe('a printer that stops in the middle', () => {
  test.each(['paper_out', 'cover_open'] as const)('%s: says so, and prints the rest when mended: one receipt', async (fault) => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address);
    await virtual.setFault(fault, { afterRows: 100 });
    const job = printing(printer, aJob());
    await job.until(`failed: ${fault}`);
    expect(virtual.paper().height).toBe(100);
    expect(await printed(printer, aJob({ id: 'other' }))).toEqual(['failed: busy']);
    await virtual.setFault('none');
    expect(await job.ended).toEqual({ kind: 'printed' });
    expect(job.told).toEqual(['queued', 'sending', 'sent', `failed: ${fault}`, 'sent', 'printed']);
    expect(inked(virtual.paper())).toEqual(aRaster());
  });

  test('and is given up: what it held never comes out', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address);
    await virtual.setFault('paper_out', { afterRows: 100 });
    const job = printing(printer, aJob());
    await job.until('failed: paper_out');
    await printer.cancel();
    expect(await job.ended).toEqual({ kind: 'given_up' });
    await virtual.setFault('none');
    await untilCondition(printer, 'ready');
    expect(virtual.paper().height).toBe(100);
    expect(await printed(printer, aJob({ id: 'again' }))).toEqual(happy);
    expect(inked(virtual.paper())).toEqual(rastersInARow(aRaster(100), aRaster()));
  });

  test('given up before the first byte, a job sends none', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address);
    await untilCondition(printer, 'ready');
    const job = printing(printer, aJob());
    await printer.cancel();
    expect(await job.ended).toEqual({ kind: 'given_up' });
    expect([job.told, virtual.paper().height]).toEqual([['queued', 'given_up'], 0]);
    expect(await printed(printer, aJob())).toEqual(happy);
  });

  test('and is never mended: asks a person in the end', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address, { heldMs: 100 });
    await virtual.setFault('paper_out', { afterRows: 10 });
    expect(await printed(printer, aJob())).toEqual(['queued', 'sending', 'sent', 'failed: paper_out', 'unknown']);
  });

  test('silent: asks a person, and never prints it again by itself', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address, { printMs: 300 });
    await untilCondition(printer, 'ready');
    await virtual.setFault('silent', { afterRows: 100 });
    expect(await printed(printer, aJob({ raster: aRaster(120) }))).toEqual(['queued', 'sending', 'sent', 'unknown']);
    await virtual.setFault('none');
    await untilCondition(printer, 'ready');
    expect(inked(virtual.paper())).toEqual(aRaster(120));
  });

  test.each(['cut_off', 'offline'] as const)('%s: asks a person, comes back, and prints the next one whole', async (fault) => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address, { printMs: 60_000 }); // the loss ends the job, not the deadline
    await virtual.setFault(fault, { afterRows: 100 });
    const ends = await printed(printer, aJob());
    expect([ends.slice(0, 2), ends.at(-1)]).toEqual([['queued', 'sending'], 'unknown']);
    await virtual.setFault('none');
    await untilCondition(printer, 'ready');
    const before = inked(virtual.paper());
    expect(await printed(printer, aJob({ id: 'next' }))).toEqual(happy);
    expect(inked(virtual.paper())).toEqual(rastersInARow(before, aRaster()));
  });

  test('closing the till in the middle leaves the job unknown', async () => {
    const virtual = await aVirtualPrinter({ slowBytesPerSecond: 5_000 });
    await virtual.setFault('slow');
    const printer = opened(virtual.address, { printMs: 60_000 });
    const job = printing(printer, aJob());
    await job.until('sending');
    await printer.close();
    expect(await job.ended).toEqual({ kind: 'unknown' });
    expect(await printed(printer, aJob())).toEqual(['queued', 'failed: offline']);
  });
});

describe('another program on the printer', () => {
  test('that serves one client keeps us waiting, and then is ours', async () => {
    const virtual = await aVirtualPrinter();
    await virtual.setFault('one_client');
    const other = openPrinter(virtual.address);
    await untilCondition(other, 'ready');
    const printer = opened(virtual.address, impatient);
    expect(await printed(printer, aJob())).toEqual(['queued', 'failed: offline']);
    expect(virtual.paper().height).toBe(0);
    await other.close();
    await untilCondition(printer, 'ready');
    expect(await printed(printer, aJob())).toEqual(happy);
  });
});

describe('the drawer', () => {
  test('opens without a print, once a kick', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address);
    await untilCondition(printer, 'ready');
    expect(await printer.kickDrawer()).toEqual({ ok: true });
    expect(await printer.kickDrawer()).toEqual({ ok: true });
    await expect.poll(() => virtual.drawerKicks()).toBe(2);
    expect(virtual.paper().height).toBe(0);
  });

  test.each(['paper_out', 'cover_open'] as const)('opens at once at %s, and not again when that is mended', async (fault) => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address);
    await virtual.setFault(fault);
    await untilCondition(printer, fault);
    expect(await printer.kickDrawer()).toEqual({ ok: true });
    await expect.poll(() => virtual.drawerKicks()).toBe(1);
    await virtual.setFault('none');
    await untilCondition(printer, 'ready');
    expect(virtual.drawerKicks()).toBe(1);
  });

  test('opens while a job waits for paper, and the job still prints', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address);
    await virtual.setFault('paper_out', { afterRows: 50 });
    const job = printing(printer, aJob());
    await job.until('failed: paper_out');
    expect(await printer.kickDrawer()).toEqual({ ok: true });
    await expect.poll(() => virtual.drawerKicks()).toBe(1);
    await virtual.setFault('none');
    expect(await job.ended).toEqual({ kind: 'printed' });
    expect([virtual.drawerKicks(), inked(virtual.paper())]).toEqual([1, aRaster()]);
  });

  test('and a job asked for together both happen, whole', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address);
    await untilCondition(printer, 'ready');
    const [kick, states] = await Promise.all([printer.kickDrawer(), printed(printer, aJob())]);
    expect([kick, states]).toEqual([{ ok: true }, happy]);
    expect([virtual.drawerKicks(), inked(virtual.paper())]).toEqual([1, aRaster()]);
  });

  test.each([
    ['offline', 'offline'],
    ['silent', 'offline'],
  ] as const)('of a printer that is %s stays shut, and does not open later', async (fault, code) => {
    const virtual = await aVirtualPrinter();
    await virtual.setFault(fault);
    const printer = opened(virtual.address, impatient);
    await untilCondition(printer, 'offline');
    expect(await printer.kickDrawer()).toEqual({ ok: false, code });
    await virtual.setFault('none');
    await untilCondition(printer, 'ready');
    expect(virtual.drawerKicks()).toBe(0);
  });
});

describe('the condition', () => {
  test('follows what happens to an idle printer', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address, { answerMs: 150 });
    const seen: string[] = [];
    expect(printer.condition()).toBe('connecting');
    printer.onCondition((condition) => seen.push(condition));
    for (const [fault, condition] of [
      ['none', 'ready'],
      ['near_end', 'near_end'],
      ['paper_out', 'paper_out'],
      ['cover_open', 'cover_open'],
      ['silent', 'offline'],
      ['none', 'ready'],
      ['offline', 'offline'],
      ['none', 'ready'],
    ] as const) {
      await virtual.setFault(fault);
      await untilCondition(printer, condition);
    }
    expect(seen.filter((condition) => condition !== 'connecting' && condition !== 'offline')).toEqual([
      'ready',
      'near_end',
      'paper_out',
      'cover_open',
      'ready',
      'ready',
    ]);
  });

  test('is told no more after unsubscribing', async () => {
    const virtual = await aVirtualPrinter();
    const printer = opened(virtual.address);
    let calls = 0;
    printer.onCondition(() => (calls += 1))();
    await untilCondition(printer, 'ready');
    expect(calls).toBe(0);
  });
});

describe('no printer', () => {
  test.each(['', 'simulated:', 'lpt1', 'tcp://host'])('at address "%s": every call says so', async (address) => {
    const printer = openPrinter(address);
    expect([printer.condition(), await printed(printer, aJob()), await printer.kickDrawer()]).toEqual([
      'no_printer',
      ['failed: no_printer'],
      { ok: false, code: 'no_printer' },
    ]);
    await printer.cancel();
    await printer.close();
  });
});

test('the simulated printer survives any order of faults', async () => {
  const virtual = await aVirtualPrinter();
  const printer = opened(virtual.address);
  for (const fault of [...virtualPrinterFaults, ...virtualPrinterFaults.toReversed()]) await virtual.setFault(fault);
  await untilCondition(printer, 'ready');
  expect(await printed(printer, aJob())).toEqual(happy);
});
