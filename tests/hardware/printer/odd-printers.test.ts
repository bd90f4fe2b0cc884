// Printers that talk nonsense, stop reading, know only a part of ESC/POS, or answer too late: played by scripted sockets.

import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { aJob, anAnsweringMachine, aRaster, aScriptedPrinter, impatient, opened, printed, printing, untilCondition } from './support.ts';

/** Few rows: deadlines grow with the bytes, and here some pass. */
const aShortJob = (id = 'job') => aJob({ id, raster: aRaster(20) });

const asbFine = [0x10, 0, 0, 0];

test('garbage and half frames between the answers do not confuse it', async () => {
  const { address } = await aScriptedPrinter((client) => {
    anAnsweringMachine(client, {
      realTime: () => [0xff, 0x10, 0x00, 0x12],
      hello: () => [0x37, 0x22, 0x41, 0x18, 0x00, ...asbFine],
      marker: (id) => [0x80, 0x11, 0x18, 0x00, 0x37, 0x22, ...id, 0x00, 0x10],
    });
  });
  expect(await printed(opened(address), aShortJob())).toEqual(['queued', 'sending', 'sent', 'printed']);
});

test('answers that come byte by byte are put together', async () => {
  const { address } = await aScriptedPrinter((client) => {
    anAnsweringMachine(client, { marker: (id) => [0x37, 0x22, ...id, 0x00] }, 'byte by byte');
  });
  expect(await printed(opened(address), aShortJob())).toEqual(['queued', 'sending', 'sent', 'printed']);
});

test('a printer that only talks nonsense is offline, and gets no job', async () => {
  let received = Buffer.alloc(0);
  const { address } = await aScriptedPrinter((client) => {
    client.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      client.write(Buffer.alloc(50, 0xff));
    });
  });
  expect(await printed(opened(address, impatient), aShortJob())).toEqual(['queued', 'failed: offline']);
  expect(received.includes(Buffer.from([0x1d, 0x76, 0x30]))).toBe(false);
});

test('a printer that never reads is offline', async () => {
  const { address } = await aScriptedPrinter((client) => {
    client.pause();
  });
  const printer = opened(address, impatient);
  await untilCondition(printer, 'offline');
  expect(await printed(printer, aShortJob())).toEqual(['queued', 'failed: offline']);
});

test('a printer that stops reading in the middle and then goes: unknown, and nothing is sent to the next connection', async () => {
  const clients: Socket[] = [];
  let pictures = 0;
  const { address } = await aScriptedPrinter((client) => {
    clients.push(client);
    anAnsweringMachine(client, {
      picture: () => {
        pictures += 1;
        client.pause();
      },
    });
  });
  const printer = opened(address);
  const job = printing(printer, aJob({ raster: aRaster(24_000) }));
  await expect.poll(() => pictures, { timeout: 5_000 }).toBeGreaterThan(0);
  const seen = pictures;
  clients[0]!.destroy();
  expect(await job.ended).toEqual({ kind: 'unknown' });
  await untilCondition(printer, 'ready');
  expect([clients.length, pictures]).toEqual([2, seen]);
});

test('a clone without automatic status prints, and its answer to GS r is believed', async () => {
  const { address } = await aScriptedPrinter((client) => {
    anAnsweringMachine(client, { hello: () => [], marker: () => [0x00] });
  });
  const printer = opened(address, { helloMs: 200 });
  expect(await printed(printer, aShortJob('a'))).toEqual(['queued', 'sending', 'sent', 'printed']);
  expect(await printed(printer, aShortJob('b'))).toEqual(['queued', 'sending', 'sent', 'printed']);
});

test('a printer that says markers is believed by its markers only', async () => {
  let markers = 0;
  const { address } = await aScriptedPrinter((client) => {
    anAnsweringMachine(client, {
      marker: (id) => {
        markers += 1;
        return markers === 1 ? [0x37, 0x22, ...id, 0x00, 0x00] : [0x00]; // the first is that of hello
      },
    });
  });
  expect(await printed(opened(address, { printMs: 300 }), aShortJob())).toEqual(['queued', 'sending', 'sent', 'unknown']);
});

test('the late answer to an unknown job is not taken for that of the next', async () => {
  let markers = 0;
  const { address } = await aScriptedPrinter((client) => {
    anAnsweringMachine(client, {
      marker: () => {
        markers += 1; // of hello, the first job, hello, the second job
        if (markers === 3) setTimeout(() => client.write(Uint8Array.of(0x00)), 100); // what the first job was owed
        return markers % 2 === 1 ? [0x00] : [];
      },
    });
  });
  const printer = opened(address, { printMs: 300, quietMs: 400, pollMs: 60_000 });
  expect(await printed(printer, aShortJob('a'))).toEqual(['queued', 'sending', 'sent', 'unknown']);
  expect(await printed(printer, aShortJob('b'))).toEqual(['queued', 'sending', 'sent', 'unknown']);
});

test.each([
  ['cutter', [0x52], [0x1a]],
  ['overheated', [0x52], [0x52]],
  ['error', [0x52], [0x32]],
] as const)('%s: fails with nothing sent', async (cause, why, kind) => {
  let pictures = 0;
  const { address } = await aScriptedPrinter((client) => {
    anAnsweringMachine(client, {
      realTime: (question) => (question === 2 ? [...why] : question === 3 ? [...kind] : [0x12]),
      picture: () => {
        pictures += 1;
      },
    });
  });
  const printer = opened(address);
  expect(await printed(printer, aShortJob())).toEqual(['queued', `failed: ${cause}`]);
  expect([pictures, printer.condition(), await printer.kickDrawer()]).toEqual([0, cause, { ok: false, code: cause }]);
});

test('a printer set up as one that never answers gets its job at once, and the job ends as sent', async () => {
  let received = Buffer.alloc(0);
  const { address } = await aScriptedPrinter((client) => {
    client.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
    });
  });
  const printer = opened(`${address}?answers=no`);
  await untilCondition(printer, 'ready');
  expect(await printed(printer, aShortJob())).toEqual(['queued', 'sending', 'sent']);
  expect(await printer.kickDrawer()).toEqual({ ok: true });
  await expect.poll(() => received.subarray(-5).toString('hex')).toBe('1b700019fa');
  expect([received.subarray(0, 5).toString('hex'), received.includes(Buffer.from([0x10, 0x04]))]).toEqual(['1b401d61ff', false]);
});

test('a picture broken off by an earlier program is completed, and the job comes out whole', async () => {
  let missing = 4_000;
  let isCompleted = false;
  const { address } = await aScriptedPrinter((client) => {
    const machine = anAnsweringMachine(client, { marker: (id) => [0x37, 0x22, ...id, 0x00] }, 'not yet');
    client.on('data', (bytes) => {
      const eaten = Math.min(missing, bytes.length);
      missing -= eaten;
      isCompleted ||= missing === 0;
      machine(bytes.subarray(eaten));
    });
  });
  expect(await printed(opened(address, { answerMs: 150, helloMs: 150 }), aShortJob())).toEqual(['queued', 'sending', 'sent', 'printed']);
  expect(isCompleted).toBe(true);
});

test('a printer that falls silent gets a new connection', async () => {
  let connections = 0;
  const { address } = await aScriptedPrinter((client) => {
    connections += 1;
    let answers = 0;
    anAnsweringMachine(client, {
      realTime: () => {
        answers += 1;
        return connections > 1 || answers <= 2 ? [0x12] : [];
      },
    });
  });
  const printer = opened(address, { answerMs: 50 });
  await untilCondition(printer, 'ready');
  await untilCondition(printer, 'offline');
  await untilCondition(printer, 'ready');
  expect(connections).toBe(2);
});
