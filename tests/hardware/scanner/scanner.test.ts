// A scanner on a real file descriptor: two ptys joined by socat are the cable, ending socat pulls the plug.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ScannerState } from '../../../hardware/scanner/reader.ts';
import { openScanner } from '../../../hardware/scanner/scanner.ts';

const bottle = '6901028075831';
let folder: string;
let cable: ChildProcess | null = null;
let scanner: { close(): Promise<void> } | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scanner-'));
});

afterEach(async () => {
  await scanner?.close();
  scanner = null;
  await unplug();
  rmSync(folder, { recursive: true });
});

/** What the scanner's end of the cable is called, and ours. */
const ends = () => ({ till: join(folder, 'till'), gun: join(folder, 'gun') });

async function plug(): Promise<void> {
  const { till, gun } = ends();
  cable = spawn('socat', [`pty,raw,echo=0,link=${till}`, `pty,raw,echo=0,link=${gun}`]);
  await vi.waitFor(() => expect(existsSync(till) && existsSync(gun)).toBe(true), { timeout: 5_000 });
}

async function unplug(): Promise<void> {
  if (cable === null) return;
  const gone = once(cable, 'exit');
  cable.kill();
  await gone;
  cable = null;
}

function listen() {
  const told: string[] = [];
  const states: ScannerState[] = [];
  scanner = openScanner(`serial:${ends().till}?baud=9600`, {
    onScan: (text) => told.push(text),
    onGarbled: () => told.push('(garbled)'),
    onState: (state) => states.push(state),
  });
  const until = async (expected: readonly string[]) => vi.waitFor(() => expect(told).toEqual(expected), { timeout: 5_000 });
  const untilState = async (state: ScannerState) => vi.waitFor(() => expect(states.at(-1)).toBe(state), { timeout: 10_000 });
  return { told, states, until, untilState, type: (text: string) => writeFileSync(ends().gun, text, 'latin1') };
}

test('codes arrive as they were scanned, in pieces or together', async () => {
  await plug();
  const { states, until, untilState, type } = listen();
  await untilState('ready');
  type(`${bottle}\r\n`);
  await until([bottle]);
  type('9638');
  await sleep(20);
  type('5074\rABC-1\r');
  await until([bottle, '96385074', 'ABC-1']);
  expect(states).toEqual(['connecting', 'ready']);
});

test('a scanner that ends its codes by silence is understood, half a code is not taken', async () => {
  await plug();
  const { until, untilState, type } = listen();
  await untilState('ready');
  type(bottle);
  await until([bottle]);
  type(bottle.slice(0, 7));
  await until([bottle, '(garbled)']);
  type('69\x00\x0128\r');
  await until([bottle, '(garbled)', '(garbled)']);
});

test('unplugged in the middle of a code and plugged in again, it listens again and joins nothing', async () => {
  await plug();
  const { states, until, untilState, type } = listen();
  await untilState('ready');
  type(`${bottle}\r${bottle.slice(0, 6)}`);
  await until([bottle]);
  await unplug();
  await untilState('lost');
  await until([bottle, '(garbled)']);
  await plug();
  await untilState('ready');
  type('96385074\r');
  await until([bottle, '(garbled)', '96385074']);
  expect(states).toEqual(['connecting', 'ready', 'lost', 'ready']);
});

test('a scanner that is not there yet is found when it comes; one that another program holds is busy', async () => {
  const first = listen();
  await first.untilState('lost');
  await plug();
  await first.untilState('ready');
  const states: ScannerState[] = [];
  const second = openScanner(`serial:${ends().till}`, { onScan() {}, onGarbled() {}, onState: (state) => states.push(state) });
  await vi.waitFor(() => expect(states).toEqual(['connecting', 'busy']), { timeout: 5_000 });
  await second.close();
});

test('after close nothing is told, and the port is free', async () => {
  await plug();
  const first = listen();
  await first.untilState('ready');
  await scanner!.close();
  first.type(`${bottle}\r`);
  const second = listen();
  await second.untilState('ready');
  expect(first.told).toEqual([]);
  expect(first.states).toEqual(['connecting', 'ready']);
});

test('an address that is no serial port is told at once', async () => {
  for (const address of ['', 'tcp://127.0.0.1:9100', 'serial:', 'serial:/dev/ttyS0?buad=9600', 'simulated:']) {
    const states: ScannerState[] = [];
    const scanner = openScanner(address, { onScan() {}, onGarbled() {}, onState: (state) => states.push(state) });
    expect(states).toEqual(['none']);
    await scanner.close();
  }
});
