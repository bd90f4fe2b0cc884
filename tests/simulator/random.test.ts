// The generator of the simulator: the same seed is the same chance, and what one actor draws moves nobody else.

import { expect, test } from 'vitest';
import { randomOf } from './random.ts';

const some = (seed: number, name?: string): readonly number[] => {
  const random = name === undefined ? randomOf(seed) : randomOf(seed).split(name);
  return Array.from({ length: 5 }, () => random.below(1_000));
};

test('a seed gives the same numbers each time, another seed others', () => {
  expect(some(1)).toEqual(some(1));
  expect(some(1)).not.toEqual(some(2));
});

test('an actor has numbers of its own, however much was drawn beside it', () => {
  const random = randomOf(1);
  random.below(10);
  const actor = random.split('kiosk');
  expect(Array.from({ length: 5 }, () => actor.below(1_000))).toEqual(some(1, 'kiosk'));
  expect(some(1, 'kiosk')).not.toEqual(some(1, 'county'));
});

test('numbers lie where they were asked for, and spread there', () => {
  const random = randomOf(3);
  const seen = new Set(Array.from({ length: 2_000 }, () => random.between(-2, 2)));
  expect([...seen].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  const mean = Array.from({ length: 10_000 }, () => random.next()).reduce((sum, value) => sum + value, 0) / 10_000;
  expect(mean).toBeGreaterThan(0.48);
  expect(mean).toBeLessThan(0.52);
});
