// Finding out what speaks: in which order lines are tried, what is asked and what never, and the command that shows it.

import { spawn } from 'node:child_process';
import { SerialPort } from 'serialport';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { OpenLink } from '../../../hardware/link.ts';
import { ok } from '../../../db/model/result.ts';
import { listenForScale, type ListenOptions, type ListenProgress } from '../../../hardware/scale/listen.ts';
import type { FamilyName } from '../../../hardware/scale/reading.ts';
import { scaleVoices } from '../../../hardware/virtual/scale-frames.ts';
import { openVirtualScale, type VirtualScale } from '../../../hardware/virtual/scale.ts';
import { plugVirtualScale, serveVirtualScale } from '../../../hardware/virtual/serve-scale.ts';
import { aPtyPair } from '../printer/support.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const familyNames = Object.keys(scaleVoices) as FamilyName[]; // the keys of a record of families
const hasty: ListenOptions = { hearMs: 100, askMs: 50 };

function aVirtual(family: FamilyName, grams = 1_234): VirtualScale {
  const virtual = openVirtualScale({ family });
  virtual.set(grams);
  onTestFinished(() => virtual.close());
  return virtual;
}

/** A device that says what it is told to, and keeps what it heard. */
function aRecorder(onBytes: (text: string, say: (text: string) => void) => void = () => {}) {
  const heard: string[] = [];
  let isOpen = false;
  const openLink: OpenLink = async (events) => {
    isOpen = true;
    return ok({
      answers: true,
      async write(bytes) {
        const text = Buffer.from(bytes).toString('latin1');
        heard.push(text);
        onBytes(text, (answer) => events.onBytes(Buffer.from(answer, 'latin1')));
        return true;
      },
      async close() {
        isOpen = false;
        events.onClosed();
      },
    });
  };
  return { heard, openLink, isOpen: () => isOpen };
}

describe('a simulated scale', () => {
  test.each(familyNames)('of family %s is found', async (family) => {
    vi.useFakeTimers();
    const listening = listenForScale('simulated:', { openLink: aVirtual(family).openLink });
    await vi.advanceTimersByTimeAsync(20_000);
    const heard = await listening;
    if (!heard.ok) throw new Error(heard.code);
    expect(heard.value.candidates.map((one) => one.family)).toEqual([family]);
    expect(heard.value.candidates[0]!.said).toMatchObject({ kind: 'weight', grams: 1_234 });
    expect(heard.value.question === null).toBe(scaleVoices[family].asked === null);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('all that is ever sent are six questions for the weight, each twice, in their order; the link is closed after them', async () => {
  const recorder = aRecorder();
  const heard = await listenForScale('simulated:', { ...hasty, openLink: recorder.openLink });
  expect(recorder.heard).toEqual(['W', 'W\r', 'SI\r\n', '\x05', 'P\r\n', 'RG15\r\n'].flatMap((question) => [question, question]));
  expect(heard).toEqual({
    ok: true,
    value: { line: null, question: Buffer.from('RG15\r\n'), candidates: [], suggests7E1: false, tail: new Uint8Array() },
  });
  expect(recorder.isOpen()).toBe(false);
});

test('the first answer that fits ends it; an answer that fits nothing does not', async () => {
  const recorder = aRecorder((question, say) => {
    if (question === 'W') say('what?');
    if (question === 'SI\r\n') say('S S      2.500 kg\r\n');
  });
  const heard = await listenForScale('simulated:', { ...hasty, openLink: recorder.openLink });
  expect(recorder.heard).toEqual(['W', 'W', 'W\r', 'W\r', 'SI\r\n']);
  expect(heard).toMatchObject({ ok: true, value: { question: Buffer.from('SI\r\n'), candidates: [{ family: 'mt-sics' }] } });
});

test('what fits nothing is handed back to be looked at, the last 512 bytes of it', async () => {
  const recorder = aRecorder((question, say) => {
    if (question === 'W') say('?'.repeat(100_000));
  });
  const heard = await listenForScale('simulated:', { ...hasty, openLink: recorder.openLink });
  expect(heard).toMatchObject({ ok: true, value: { question: Buffer.from('W'), candidates: [], tail: Buffer.alloc(512, '?') } });
});

test('progress names each step, and shows what came in it', async () => {
  const told: ListenProgress[] = [];
  const recorder = aRecorder((question, say) => {
    if (question === 'W\r') say('hm');
  });
  await listenForScale('simulated:', { ...hasty, openLink: recorder.openLink, onProgress: (progress) => told.push(progress) });
  expect(
    told.map(({ step, steps, question, tail }) => `${step}/${steps} ${question?.toString() ?? '-'} ${Buffer.from(tail).toString()}`),
  ).toEqual(['1/7 - ', '2/7 W ', '3/7 W\r ', '3/7 W\r hm', '3/7 W\r hmhm', '4/7 SI\r\n ', '5/7 \x05 ', '6/7 P\r\n ', '7/7 RG15\r\n ']);
});

test('a signal ends it at once, and closes the link', async () => {
  const recorder = aRecorder();
  const ending = new AbortController();
  const listening = listenForScale('simulated:', { openLink: recorder.openLink, signal: ending.signal });
  setTimeout(() => ending.abort(), 50);
  expect(await listening).toEqual({ ok: false, code: 'cancelled' });
  expect(recorder.isOpen()).toBe(false);
  expect(await listenForScale('simulated:', { openLink: recorder.openLink, signal: AbortSignal.abort() })).toEqual({
    ok: false,
    code: 'cancelled',
  });
  expect(recorder.heard).toEqual([]);
});

/** The lines at which the port was opened, in their order. */
function openedLines() {
  const opening = vi.spyOn(SerialPort.binding, 'open');
  return () =>
    opening.mock.calls.map(
      ([{ baudRate, dataBits, parity, stopBits }]) =>
        `${baudRate} ${dataBits}${parity === 'even' ? 'E' : parity === 'odd' ? 'O' : 'N'}${stopBits}`,
    );
}

describe('a serial port', () => {
  test('is listened to at five lines, then asked at those of the scales that know each question', async () => {
    const cable = await aPtyPair();
    const lines = openedLines();
    const heard = await listenForScale(`serial:${cable.till}`, hasty);
    expect(heard).toMatchObject({ ok: true, value: { candidates: [] } });
    const heardAt = ['9600 8N1', '9600 7E1', '4800 8N1', '2400 7E1', '1200 8N1'];
    const askedAt = ['9600 7E1', '9600 8N1', '4800 8N1', '9600 8N1']; // W and W\r; SI and ENQ; P; RG15
    expect(lines()).toEqual([...heardAt, ...askedAt]);
  });

  test('whose line is known is listened to at that line first, and asked at no other', async () => {
    const cable = await aPtyPair();
    const lines = openedLines();
    await listenForScale(`serial:${cable.till}?baud=2400&frame=8O2`, hasty);
    expect(lines()).toEqual(['2400 8O2', '9600 8N1', '9600 7E1', '4800 8N1', '2400 7E1', '1200 8N1', '2400 8O2']);
  });

  test('with a 7E1 scale on it is told as such, though it was opened as 8N1', async () => {
    const cable = await aPtyPair();
    const virtual = aVirtual('toledo-continuous');
    virtual.setFault('wrong_parity');
    const plug = await plugVirtualScale(virtual, cable.device);
    onTestFinished(() => plug.close());
    expect(await listenForScale(`serial:${cable.till}`)).toMatchObject({
      ok: true,
      value: { line: { baudRate: 9_600, frame: '7E1' }, suggests7E1: true, candidates: [{ family: 'toledo-continuous', rejects: 0 }] },
    });
  });

  test('with a polled scale on it is found by asking', async () => {
    const cable = await aPtyPair();
    const plug = await plugVirtualScale(aVirtual('nci-ecr', 800), cable.device);
    onTestFinished(() => plug.close());
    expect(await listenForScale(`serial:${cable.till}`, { hearMs: 100, askMs: 500 })).toMatchObject({
      ok: true,
      value: { line: { baudRate: 9_600, frame: '7E1' }, question: Buffer.from('W\r'), candidates: [{ family: 'nci-ecr' }] },
    });
  });

  test('that another owner has is busy; one that is not there is missing; one pulled out meanwhile is lost', async () => {
    const cable = await aPtyPair();
    const owner = new SerialPort({ path: cable.till, baudRate: 9_600 });
    await new Promise((resolve) => owner.once('open', resolve));
    expect(await listenForScale(`serial:${cable.till}`, hasty)).toEqual({ ok: false, code: 'busy' });
    await new Promise((resolve) => owner.close(resolve));
    expect(await listenForScale('serial:/dev/none', hasty)).toEqual({ ok: false, code: 'missing' });
    const listening = listenForScale(`serial:${cable.till}`);
    setTimeout(() => void cable.unplug(), 800);
    expect(await listening).toEqual({ ok: false, code: 'lost' });
  });

  test('is free again after the signal', async () => {
    const cable = await aPtyPair();
    expect(await listenForScale(`serial:${cable.till}`, { signal: AbortSignal.timeout(600) })).toEqual({ ok: false, code: 'cancelled' });
    expect(await listenForScale(`serial:${cable.till}`, hasty)).toMatchObject({ ok: true });
  });
});

test.each(['', 'file:/dev/usb/lp0', 'simulated:', 'serial:', 'tcp://host'])('"%s" is no address of a scale', async (address) => {
  expect(await listenForScale(address)).toEqual({ ok: false, code: 'bad_address' });
});

/** What `npm run scale -- listen …` prints, and how it ends. */
async function listened(args: readonly string[], interruptAfter?: string) {
  const child = spawn(process.execPath, ['hardware/scale/cli.ts', 'listen', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill());
  let [out, errors] = ['', ''];
  let isInterrupted = false;
  child.stdout.on('data', (text: Buffer) => {
    out += text.toString();
    if (isInterrupted || interruptAfter === undefined || !out.includes(interruptAfter)) return;
    isInterrupted = true;
    child.kill('SIGINT');
    child.kill('SIGINT'); // as npm does with Ctrl-C
  });
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { code, out, errors };
}

describe('npm run scale -- listen', () => {
  test('guesses the family of a scale behind TCP, then shows its frames, and ends after its seconds', async () => {
    const served = await serveVirtualScale(aVirtual('yaohua-a9'));
    onTestFinished(() => served.close());
    const { code, out, errors } = await listened([served.address, '--seconds', '5']);
    expect([code, errors]).toEqual([0, '']);
    expect(out).toContain('step 1 of 7: listening');
    expect(out).toMatch(/guess: yaohua-a9, \d+ frames, 0 rejected, the last says 1234 g/);
    expect(out).toMatch(/stable 1234 g {3} +02 2b 30 30 31 32 33 34 33 31 43 03 +\|\.\+00123431C\.\|/);
  });

  test('shows the frames of a named family until Ctrl-C', async () => {
    const cable = await aPtyPair();
    const plug = await plugVirtualScale(aVirtual('mettler-8217', 640), cable.device);
    onTestFinished(() => plug.close());
    const { code, out } = await listened([`serial:${cable.till}`, '--family', 'mettler-8217'], 'stable 640 g');
    expect(code).toBe(0);
    expect(out).toMatch(/stable 640 g {4} +02 30 30 2e 36 34 30 0d/);
  });

  test('says what else it could be where the named family does not fit', async () => {
    const { code, out } = await listened(['simulated:?family=dahua', '--family', 'st-us', '--seconds', '4']);
    expect(code).toBe(0);
    expect(out).toContain('bytes come, but no frame of this family');
    expect(out).toMatch(/guess: dahua, \d+ frames, 0 rejected, the last says 1234 g/);
  });

  test.each([
    [['ttyUSB0'], 'ttyUSB0 is no address of a scale.'],
    [['serial:/dev/ttyS0?buad=9600'], 'serial:/dev/ttyS0?buad=9600 is no address of a scale.'],
    [['file:/dev/usb/lp0'], 'file:/dev/usb/lp0 is no address of a scale.'],
    [[], 'Name one address of a scale.'],
    [['tcp://127.0.0.1:1', '--family', 'st_us'], 'There is no family st_us. There are: st-us, cas-22,'],
    [['tcp://127.0.0.1:1', '--seconds', 'x'], '--seconds is a number from 1 to 86400.'],
    [['tcp://127.0.0.1:1', '--speed', '1'], "Unknown option '--speed'"],
  ])('%j is refused in a sentence', async (args, sentence) => {
    const { code, out, errors } = await listened(args);
    expect([code, out]).toEqual([2, '']);
    expect(errors.split('\n')[0]).toContain(sentence);
    expect(errors).toContain('usage: npm run scale -- listen URL');
  });

  test('--help is the usage of all commands', async () => {
    const { code, out } = await listened(['--help']);
    expect([code, out.match(/usage: npm run scale -- \w+/g)]).toEqual([
      0,
      ['usage: npm run scale -- decode', 'usage: npm run scale -- listen', 'usage: npm run scale -- simulate'],
    ]);
  });

  test('where nobody listens it says so', async () => {
    const { code, out } = await listened(['tcp://127.0.0.1:1']);
    expect([code, out.trim().replace(/^[\d.]+ s {2}/, '')]).toEqual([1, 'there is no such port, or nobody listens there']);
  });
});

describe('npm run scale -- simulate', () => {
  test('is a scale that can be listened to, with its knob on the keyboard, until Ctrl-C', async () => {
    const child = spawn(process.execPath, ['hardware/scale/cli.ts', 'simulate', '--family', 'stx-block', '--grams', '500'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let out = '';
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    await vi.waitFor(() => expect(out).toContain('tcp://'), { timeout: 10_000 });
    const [, address] = /^stx-block with 500 g at (tcp:\S+)$/m.exec(out) ?? [];
    expect((await listened([address!, '--family', 'stx-block'], 'stable 500 g')).code).toBe(0);
    child.stdin.write('2500\nxyz\n');
    expect((await listened([address!, '--family', 'stx-block'], 'stable 2500 g')).code).toBe(0);
    expect(out).toContain('\n2500\nwhole grams, tare, noise N, or one of: none, unplugged,');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  test('over a pty it is the device at the other end of the cable', async () => {
    const cable = await aPtyPair();
    const child = spawn(
      process.execPath,
      ['hardware/scale/cli.ts', 'simulate', '--family', 'kunhong', '--pty', cable.device, '--grams', '42'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect((await listened([`serial:${cable.till}`, '--family', 'kunhong'], 'stable 42 g')).code).toBe(0);
  });
});
