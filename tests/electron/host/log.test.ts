import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLog } from '../../../electron/ipc/log.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kiosk-log-'));
});
afterEach(() => rmSync(home, { recursive: true }));

test('a line goes to stderr and to the file, with the whole chain of causes', () => {
  const echoed: string[] = [];
  openLog(home, 'engine', (text) => echoed.push(text))('closing shift 12', new Error('outer', { cause: new Error('disk full') }));
  const line = JSON.parse(echoed[0]!) as { line: string; from: string; error: string };
  expect([line.line, line.from, line.error.includes('outer'), line.error.includes('caused by: Error: disk full')]).toEqual([
    'closing shift 12',
    'engine',
    true,
    true,
  ]);
  expect(readFileSync(join(home, 'logs', 'engine.log'), 'utf8')).toBe(echoed[0]);
});

test('a full file moves on, and never more than five are kept', () => {
  const log = openLog(home, 'host', () => undefined);
  log('first');
  for (let i = 0; i < 8; i++) {
    writeFileSync(join(home, 'logs', 'host.log'), Buffer.alloc(2 * 1024 * 1024, 'x'));
    log(`after ${i}`);
  }
  expect(readdirSync(join(home, 'logs')).toSorted()).toEqual(['host.log', 'host.log.1', 'host.log.2', 'host.log.3', 'host.log.4']);
  expect(statSync(join(home, 'logs', 'host.log')).size).toBeLessThan(1_000);
});

test('a home that cannot be written, or is not there, costs no line on stderr and is not made', () => {
  const echoed: string[] = [];
  writeFileSync(join(home, 'file'), '');
  openLog(join(home, 'file'), 'engine', (text) => echoed.push(text))('kept');
  openLog(join(home, 'missing'), 'engine', (text) => echoed.push(text))('kept too');
  expect([echoed.length, readdirSync(home)]).toEqual([2, ['file']]);
});
