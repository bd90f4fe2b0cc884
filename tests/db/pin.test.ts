// PINs: hashed as security.md 6 says, weak ones refused, and no way around the wait after wrong ones.

import { scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { type TryTime, type Tries, countTry, hashPin, isWeakPin, lockout, noTries, verifyPin } from '../../db/model/pin.ts';
import { fc } from '../support/property.ts';

const minute = 60_000;

test('a PIN is stored as scrypt with its parameters and a salt of its own, and is known again', async () => {
  const [first, second] = await Promise.all([hashPin('135790'), hashPin('135790')]);
  expect(first).toMatch(/^scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$/);
  expect(first).not.toBe(second);
  expect(await verifyPin('135790', first)).toEqual({ ok: true, rehash: false });
  expect(await verifyPin('135791', first)).toEqual({ ok: false, rehash: false });
  expect(await verifyPin('', first)).toEqual({ ok: false, rehash: false });
});

test('with a given salt the hash is always the same, and is plain scrypt', async () => {
  const salt = new Uint8Array(16).fill(1);
  const hash = scryptSync('135790', salt, 32, { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 });
  expect(await hashPin('135790', salt)).toBe(`scrypt$ln=15,r=8,p=3$AQEBAQEBAQEBAQEBAQEBAQ$${hash.toString('base64url')}`);
});

test('a hash of other parameters still opens, and asks to be made anew', async () => {
  const salt = Buffer.alloc(16, 2);
  const stored = (ln: number) =>
    `scrypt$ln=${ln},r=8,p=1$${salt.toString('base64url')}$${scryptSync('135790', salt, 32, { N: 2 ** ln, r: 8, p: 1 }).toString('base64url')}`;
  expect(await verifyPin('135790', stored(10))).toEqual({ ok: true, rehash: true });
  expect(await verifyPin('135791', stored(10))).toEqual({ ok: false, rehash: false });
});

test('a stored text that is no hash, or asks for more memory than a hash may, is not ok', async () => {
  const salt = 'A'.repeat(22);
  const hash = 'A'.repeat(43);
  const wrong = [
    '',
    'plain',
    `scrypt$ln=15,r=8,p=3$${salt}$`,
    `scrypt$ln=15,r=8,p=3$$${hash}`,
    `scrypt$ln=25,r=8,p=1$${salt}$${hash}`,
    `scrypt$ln=0,r=8,p=1$${salt}$${hash}`,
    `scrypt$ln=15,r=8,p=99$${salt}$${hash}`,
    `scrypt$ln=15,r=8,p=3$${salt}$${hash}\n`,
  ];
  expect(await Promise.all(wrong.map((stored) => verifyPin('135790', stored)))).toEqual(wrong.map(() => ({ ok: false, rehash: false })));
});

test('a PIN of other than six digits is never hashed', async () => {
  for (const pin of ['1234', '1234567', '12345a', '１３５７９０', '']) await expect(hashPin(pin)).rejects.toThrow();
});

test('PINs that are guessed first are weak', () => {
  const weak = [
    '123456',
    '654321',
    '890123',
    '111111',
    '000000',
    '121212',
    '520520',
    '112233',
    '111222',
    '147258',
    '198503',
    '200112',
    '850314',
    '140385',
    '991231',
  ];
  expect(weak.filter((pin) => !isWeakPin(pin))).toEqual([]);
  const strong = ['135791', '904718', '274916', '583067', '761943', '208473'];
  expect(strong.filter(isWeakPin)).toEqual([]);
});

test('of all PINs, nine in ten remain', () => {
  const weak = Array.from({ length: 1_000_000 }, (_, pin) => String(pin).padStart(6, '0')).filter(isWeakPin).length;
  expect(weak).toBeLessThan(100_000);
});

test('five wrong PINs are free, then the wait doubles from thirty seconds to fifteen minutes', () => {
  let tries: Tries = noTries;
  let monoMs = 0;
  const waits: number[] = [];
  for (let i = 0; i < 13; i += 1) {
    tries = countTry(tries, { wallMs: 0, monoMs, bootId: 'a' });
    waits.push(lockout(tries, { wallMs: 0, monoMs, bootId: 'a' }));
    monoMs += waits.at(-1)!;
  }
  expect(waits.map((wait) => wait / 1000)).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
});

test('a try during the wait is a fault of the caller', () => {
  const at = { wallMs: 0, monoMs: 5, bootId: 'a' };
  const locked: Tries = { count: 5, waitMs: 30_000, bootId: 'a', monoMs: 5, lastAt: 0 };
  expect(() => countTry(locked, at)).toThrow();
});

test('what is stored survives as plain data', () => {
  const tries = countTry(noTries, { wallMs: 1_790_000_000_000, monoMs: 5, bootId: 'a' });
  expect(tries).toEqual({ count: 1, waitMs: 0, bootId: 'a', monoMs: 5, lastAt: 1_790_000_000_000 });
  expect(JSON.parse(JSON.stringify(tries))).toEqual(tries);
});

/** A till under attack: real time passes while it runs or is off; the clock says anything; a restart is a new boot. */
type Step = { readonly kind: 'run' | 'off' | 'clock'; readonly ms: number };
const step = fc.record({
  kind: fc.constantFrom<Step['kind']>('run', 'run', 'off', 'clock'),
  ms: fc.oneof(fc.nat(60_000), fc.nat(20 * minute), fc.constantFrom(0, 1, 30_000, 15 * minute)),
});

test('S16: no schedule of restarts and clock changes gives more than 12 tries in an hour', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      let tries: Tries = noTries;
      let realMs = 0;
      let boot = 0;
      let bootedAt = 0;
      let wallMs = 0;
      const triedAt: number[] = [];
      for (const { kind, ms } of steps) {
        if (kind === 'clock') wallMs = ms * 1e6 * (ms % 2 === 0 ? 1 : -1);
        else realMs += ms;
        if (kind === 'off') {
          boot += 1;
          bootedAt = realMs;
        }
        const now: TryTime = { wallMs, monoMs: realMs - bootedAt, bootId: String(boot) };
        while (lockout(tries, now) === 0) {
          tries = JSON.parse(JSON.stringify(countTry(tries, now))) as Tries;
          triedAt.push(realMs);
        }
      }
      const thirteenWithinAnHour = triedAt.filter((at, index) => index >= 12 && at - triedAt[index - 12]! < 60 * minute);
      expect(thirteenWithinAnHour).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('no lock is for ever: fifteen minutes of running end any, after any restart and at any clock', () => {
  const anyTries = fc.record({
    count: fc.nat(1e6),
    waitMs: fc.nat(15 * minute),
    bootId: fc.constantFrom('a', 'b'),
    monoMs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 15 * minute }),
    lastAt: fc.maxSafeInteger(),
  });
  fc.assert(
    fc.property(anyTries, fc.maxSafeInteger(), (tries, wallMs) => {
      expect(lockout(tries, { wallMs, monoMs: 15 * minute, bootId: 'c' })).toBe(0);
      expect(lockout(tries, { wallMs, monoMs: tries.monoMs + 15 * minute, bootId: tries.bootId })).toBe(0);
    }),
  );
});
