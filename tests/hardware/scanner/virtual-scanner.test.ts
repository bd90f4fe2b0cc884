// The simulated scanner tells what a real one would, failures and all.

import { expect, test, vi } from 'vitest';
import { openVirtualScanner } from '../../../hardware/virtual/scanner.ts';

const bottle = '6901028075831';

function listen() {
  const told: string[] = [];
  const scanner = openVirtualScanner({
    onScan: (text) => told.push(text),
    onGarbled: () => told.push('(garbled)'),
    onState: (state) => told.push(`(${state})`),
  });
  return { told, scanner };
}

test('it is ready at once, and what it scans is heard', () => {
  const { told, scanner } = listen();
  scanner.scan(bottle);
  scanner.scan('ABC-1');
  scanner.close();
  expect(told).toEqual(['(ready)', bottle, 'ABC-1']);
});

test('it fails like a real one: noise, unplugged, plugged in again', () => {
  const { told, scanner } = listen();
  scanner.garble();
  scanner.unplug();
  scanner.scan(bottle);
  scanner.replug();
  scanner.scan(bottle);
  scanner.close();
  scanner.scan('ABC-1');
  expect(told).toEqual(['(ready)', '(garbled)', '(lost)', '(ready)', bottle]);
});

test('its codes pass the same bounds: one sight of a code is one scan, too long a code is none', () => {
  vi.useFakeTimers();
  try {
    const { told, scanner } = listen();
    scanner.scan(bottle);
    vi.advanceTimersByTime(299);
    scanner.scan(bottle);
    vi.advanceTimersByTime(300);
    scanner.scan(bottle);
    scanner.scan('7'.repeat(600));
    scanner.close();
    expect(told).toEqual(['(ready)', bottle, bottle, '(garbled)']);
  } finally {
    vi.useRealTimers();
  }
});
