import { expect, test } from 'vitest';
import { isRoomEnough } from '../../../electron/engine/disk-guard.ts';

test('a till sells while the reserve is free, and begins again only with a quarter more', () => {
  const reserve = 64;
  const enough = [63, 64, 79, 80].map((free) => [isRoomEnough(free, reserve, false), isRoomEnough(free, reserve, true)]);
  expect(enough).toEqual([
    [false, false],
    [true, false],
    [true, false],
    [true, true],
  ]);
});
