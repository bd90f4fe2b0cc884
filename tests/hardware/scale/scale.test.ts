// A scale on real file descriptors: two ptys joined by socat are the cable, TCP on this machine is the serial server.

import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { SerialPort } from 'serialport';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { familyNamed } from '../../../hardware/scale/families.ts';
import type { FamilyName } from '../../../hardware/scale/reading.ts';
import {
  openScale,
  type RejectCounts,
  type Scale,
  type ScaleOptions,
  type ScaleReading,
  type ScaleState,
} from '../../../hardware/scale/scale.ts';
import { openVirtualScale, type VirtualScale } from '../../../hardware/virtual/scale.ts';
import { plugVirtualScale, serveVirtualScale } from '../../../hardware/virtual/serve-scale.ts';
import { aPtyPair } from '../printer/support.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

interface Till {
  readonly scale: Scale;
  readonly readings: ScaleReading[];
  readonly states: ScaleState[];
  untilState(state: ScaleState): Promise<void>;
  untilReading(reading: object): Promise<void>;
  stableGrams(): readonly number[];
}

function aTill(address: string, family: FamilyName, options: Partial<ScaleOptions> = {}): Till {
  const readings: ScaleReading[] = [];
  const states: ScaleState[] = [];
  const { unit } = familyNamed(family);
  const scale = openScale(
    { address, family, unit: unit === 'frame' ? 'kg' : unit.usual, ...options },
    {
      onReading: (reading) => readings.push(reading),
      onState: (state) => states.push(state),
    },
  );
  onTestFinished(() => scale.close());
  return {
    scale,
    readings,
    states,
    untilState: (state) => vi.waitFor(() => expect(scale.state()).toBe(state), { timeout: 10_000 }),
    untilReading: (reading) => vi.waitFor(() => expect(scale.latest()?.reading).toMatchObject(reading), { timeout: 10_000 }),
    stableGrams: () => [...new Set(readings.flatMap(({ reading }) => (reading.kind === 'stable' ? [reading.grams] : [])))],
  };
}

function aVirtual(family: FamilyName, grams: number): VirtualScale {
  const virtual = openVirtualScale({ family });
  virtual.set(grams);
  onTestFinished(() => virtual.close());
  return virtual;
}

async function aServed(virtual: VirtualScale, port?: number) {
  const served = await serveVirtualScale(virtual, port === undefined ? {} : { port });
  onTestFinished(() => served.close());
  return { ...served, port: Number(served.address.split(':').at(-1)) };
}

async function plugged(virtual: VirtualScale, path: string): Promise<void> {
  const plug = await plugVirtualScale(virtual, path);
  onTestFinished(() => plug.close());
}

/** A serial server of our own making. */
async function aServer(onClient: (client: Socket) => void): Promise<string> {
  const clients = new Set<Socket>();
  const server: Server = createServer((client) => {
    clients.add(client);
    client.on('error', () => {});
    onClient(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  );
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a port');
  return `tcp://127.0.0.1:${bound.port}`;
}

const frame = (grams: number) => `ST,GS,+${(grams / 1_000).toFixed(3).padStart(7)}kg\r\n`;

describe.each(['st-us', 'mettler-8217'] as const)('%s over a cable', (family) => {
  test('what is on the pan is told, and every change of it', async () => {
    const cable = await aPtyPair();
    const virtual = aVirtual(family, 1_234);
    await plugged(virtual, cable.device);
    const till = aTill(`serial:${cable.till}`, family);
    await till.untilReading({ kind: 'stable', grams: 1_234, net: false });
    virtual.set(0);
    await till.untilReading({ kind: 'zero', grams: 0 });
    virtual.set(560);
    await till.untilReading({ kind: 'stable', grams: 560 });
    expect(till.states).toEqual(['connecting', 'ready']);
    expect(till.stableGrams()).toEqual([1_234, 560]);
    expect(virtual.mostRequestsWaiting()).toBeLessThanOrEqual(1);
  });

  test('not there yet, or pulled out in whatever state, it is lost and says nothing, and comes back by itself', async () => {
    const cable = await aPtyPair();
    await cable.unplug();
    const virtual = aVirtual(family, 900);
    const till = aTill(`serial:${cable.till}`, family);
    await till.untilState('lost');
    for (const [fault, state] of [
      ['overload', 'ready'],
      ['silent', 'silent'],
      ['garbage', 'garbled'],
    ] as const) {
      await cable.plug();
      virtual.setFault(fault);
      const plug = await plugVirtualScale(virtual, cable.device);
      await till.untilState(state);
      await plug.close();
      await cable.unplug();
      await till.untilState('lost');
    }
    await cable.plug();
    virtual.setFault('none');
    await plugged(virtual, cable.device);
    await till.untilReading({ kind: 'stable', grams: 900 });
    await cable.unplug();
    await till.untilReading({ kind: 'none' });
    expect(till.stableGrams()).toEqual([900]);
    expect(till.states).toEqual(['connecting', 'lost', 'ready', 'lost', 'silent', 'lost', 'garbled', 'lost', 'ready', 'lost']);
  }, 60_000);
});

test('the line of the family reaches the port', async () => {
  const opening = vi.spyOn(SerialPort.binding, 'open').mockRejectedValue(new Error('Error: Permission denied, cannot open /dev/none'));
  const till = aTill('serial:/dev/none?family=mettler-8217&baud=2400', 'mettler-8217');
  await till.untilState('denied');
  expect(opening.mock.calls[0]).toEqual([
    {
      path: '/dev/none',
      baudRate: 2_400,
      dataBits: 7,
      parity: 'even',
      stopBits: 1,
      rtscts: false,
      xon: false,
      xoff: false,
      hupcl: false,
      lock: true,
    },
  ]);
});

test('the speed is set on the port itself', async () => {
  const cable = await aPtyPair();
  await plugged(aVirtual('st-us', 100), cable.device);
  const till = aTill(`serial:${cable.till}?baud=2400`, 'st-us');
  await till.untilState('ready');
  expect(execFileSync('stty', ['-F', cable.till, 'speed'], { encoding: 'utf8' }).trim()).toBe('2400');
});

test('two owners: the second is busy, and has the scale when the first lets go', async () => {
  const cable = await aPtyPair();
  await plugged(aVirtual('st-us', 700), cable.device);
  const first = aTill(`serial:${cable.till}`, 'st-us');
  await first.untilState('ready');
  const second = aTill(`serial:${cable.till}`, 'st-us');
  await second.untilState('busy');
  await first.scale.close();
  await second.untilReading({ kind: 'stable', grams: 700 });
  expect(second.states).toEqual(['connecting', 'busy', 'ready']);
});

test('an adapter that was plugged in elsewhere is found there; two alike are told, and neither is opened', async () => {
  const [before, after] = [await aPtyPair(), await aPtyPair()];
  const virtual = aVirtual('st-us', 450);
  const first = await plugVirtualScale(virtual, before.device);
  const adapter = { vendorId: '1a86', productId: '7523' };
  let ports = [{ ...adapter, path: before.till }];
  const till = aTill('serial:usb=1A86:7523', 'st-us', { listPorts: async () => ports });
  await till.untilReading({ kind: 'stable', grams: 450 });
  ports = [
    { ...adapter, path: after.till },
    { ...adapter, path: '/dev/none' },
  ];
  await first.close();
  await before.unplug();
  await plugged(virtual, after.device);
  await till.untilState('ambiguous');
  ports = [{ ...adapter, path: after.till }];
  await till.untilReading({ kind: 'stable', grams: 450 });
  expect(till.states).toEqual(['connecting', 'ready', 'lost', 'ambiguous', 'ready']);
});

test('behind a serial server that restarts, the scale comes back', async () => {
  const virtual = aVirtual('st-us', 820);
  const served = await aServed(virtual);
  const till = aTill(served.address, 'st-us');
  await till.untilReading({ kind: 'stable', grams: 820 });
  await served.close();
  await till.untilReading({ kind: 'none' });
  await till.untilState('lost');
  await aServed(virtual, served.port);
  await till.untilReading({ kind: 'stable', grams: 820 });
  expect(till.states).toEqual(['connecting', 'ready', 'lost', 'ready']);
});

test('what a serial server kept from before is not taken for the pan', async () => {
  const address = await aServer((client) => {
    client.write(frame(9_999).repeat(20));
    const talking = setInterval(() => client.write(frame(100)), 100);
    client.on('close', () => clearInterval(talking));
    setTimeout(() => client.write(frame(9_999).repeat(20)), 50);
  });
  const till = aTill(address, 'st-us');
  await till.untilReading({ kind: 'stable', grams: 100 });
  expect(till.stableGrams()).toEqual([100]);
});

test('a reading older than two seconds is none, told once', async () => {
  const address = await aServer((client) => setTimeout(() => client.write(frame(1_500).repeat(2)), 500));
  const till = aTill(address, 'st-us');
  await till.untilReading({ kind: 'stable', grams: 1_500 });
  await till.untilState('silent');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(till.readings.map(({ reading, frames, source, sequence }) => ({ reading, frames: frames.length, source, sequence }))).toEqual([
    { reading: { kind: 'stable', grams: 1_500, net: false }, frames: 2, source: 'flag', sequence: 1 },
    { reading: { kind: 'none' }, frames: 0, source: null, sequence: 2 },
  ]);
  expect(Buffer.from(till.readings[0]!.frames[1]!).toString()).toBe('ST,GS,+  1.500kg');
});

test('of what came in one piece only the newest counts', async () => {
  const address = await aServer((client) => setTimeout(() => client.write(frame(100).repeat(5) + frame(200).repeat(2)), 500));
  const till = aTill(address, 'st-us');
  await till.untilReading({ kind: 'stable', grams: 200 });
  expect(till.stableGrams()).toEqual([200]);
});

test('a scale that answers late is asked one thing at a time; one that never answers is opened anew after three questions', async () => {
  const virtual = aVirtual('mettler-8217', 640);
  virtual.setFault('slow');
  const served = await aServed(virtual);
  const slow = aTill(served.address, 'mettler-8217');
  await slow.untilReading({ kind: 'stable', grams: 640 });
  expect([virtual.mostRequestsWaiting(), slow.states]).toEqual([1, ['connecting', 'ready']]);

  const heard: string[] = [];
  const deaf = await aServer((client) => {
    const place = heard.push('') - 1;
    client.on('data', (bytes: Buffer) => (heard[place] += bytes.toString('latin1')));
  });
  const till = aTill(deaf, 'mettler-8217');
  await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 10_000 });
  expect([heard[0], till.states]).toEqual(['WWW', ['connecting', 'silent']]);
}, 60_000);

test('bytes with their parity bit are read all the same', async () => {
  const virtual = aVirtual('toledo-continuous', 1_100);
  virtual.setFault('wrong_parity');
  const till = aTill((await aServed(virtual)).address, 'toledo-continuous');
  await till.untilReading({ kind: 'stable', grams: 1_100 });
});

describe.each(['st-us', 'yaohua-a9', 'reversed'] as const)('%s under bytes without sense', (family) => {
  test.each([
    ['random bytes', (bytes: Buffer) => randomFillSync(bytes)],
    ['NUL', (bytes: Buffer) => bytes.fill(0)],
    ['digits without an end', (bytes: Buffer) => bytes.fill('0123456789')],
    ['beginnings without an end', (bytes: Buffer) => bytes.fill('\x02=ST,')],
  ])('ten megabytes of %s: no stable weight, bounded memory, and it still knows its scale', async (_, fill) => {
    const chunk = 65_536;
    let isNoisy = true;
    const virtual = aVirtual(family, 1_230);
    const address = await aServer((client) => {
      const send = (left: number) => {
        if (client.destroyed) return;
        if (left > 0) client.write(fill(Buffer.alloc(chunk)), () => setImmediate(send, left - chunk));
        else isNoisy = false;
      };
      setTimeout(send, 400, 10 * 1_024 * 1_024);
      const side = virtual.connect({
        say: (bytes) => {
          if (!isNoisy) client.write(bytes);
        },
        drop: () => client.destroy(),
      });
      client.on('close', () => side?.leave());
    });
    const before = process.memoryUsage();
    const till = aTill(address, family);
    await vi.waitFor(() => expect(isNoisy).toBe(false), { timeout: 20_000 });
    const during = process.memoryUsage();
    await till.untilReading({ kind: 'stable', grams: 1_230 });
    expect(till.stableGrams()).toEqual([1_230]);
    expect(during.heapUsed + during.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(64 * 1_024 * 1_024);
  });
});

test('what was no reading is counted by reason, and told at most once a second', async () => {
  const spoilt = `${frame(100)}XX,GS,+  1.234kg\r\nST,GS,+  1.234\r\n`;
  const address = await aServer((client) => {
    const talking = setInterval(() => client.write(spoilt), 50);
    client.on('close', () => clearInterval(talking));
  });
  const counts: RejectCounts[] = [];
  const scale = openScale(
    { address, family: 'st-us', unit: 'kg' },
    { onReading: () => {}, onState: () => {}, onRejects: (told) => counts.push(told) },
  );
  onTestFinished(() => scale.close());
  await vi.waitFor(() => expect(counts).toHaveLength(2), { timeout: 10_000 });
  expect(Object.keys(counts[1]!).sort()).toEqual(['format', 'unit']);
  expect(counts[1]!.format).toBeGreaterThan(counts[0]!.format! + 10);
});

test('after close nothing is told, and the scale is free for others', async () => {
  const cable = await aPtyPair();
  await plugged(aVirtual('st-us', 300), cable.device);
  const first = aTill(`serial:${cable.till}`, 'st-us');
  await first.untilState('ready');
  await first.scale.close();
  const told = [first.readings.length, first.states.length];
  const second = aTill(`serial:${cable.till}`, 'st-us');
  await second.untilReading({ kind: 'stable', grams: 300 });
  expect([first.readings.length, first.states.length]).toEqual(told);
});

test.each(['', 'file:/dev/usb/lp0', 'serial:', 'serial:/dev/ttyS0?buad=9600', 'simulated:', 'tcp://host'])(
  '"%s" names no scale, which is told at once',
  async (address) => {
    const states: ScaleState[] = [];
    const scale = openScale({ address, family: 'st-us', unit: 'kg' }, { onReading: () => {}, onState: (state) => states.push(state) });
    expect([states, scale.latest(), scale.state()]).toEqual([['none'], null, 'none']);
    await scale.close();
  },
);
