// From the digits of a frame to whole grams, in whole numbers only. Never guesses a unit, and never rounds twice.

import { blank, dot, isDigit, pair, pairAt, upper } from './bytes.ts';
import type { WeightUnit } from './reading.ts';

/**
 * The grams that `text[from, to)` says: blanks, then digits with at most one decimal point, which a digit must follow: where
 * none does, digits may be lost. Tenths of a gram round half up, that is towards the heavier also below zero. Null where it is
 * no such number, or has more digits than any scale.
 */
export function gramsIn(text: Uint8Array, from: number, to: number, unit: WeightUnit, isNegative: boolean): number | null {
  let at = from;
  while (at < to && text[at] === blank) at += 1;
  let count = 0;
  let digits = 0;
  let pointAt = -1;
  for (; at < to; at += 1) {
    const byte = text[at]!;
    if (isDigit(byte)) {
      count = count * 10 + byte - 0x30;
      if (count > countMax) return null;
      digits += 1;
    } else if (byte === dot && pointAt < 0) {
      pointAt = digits;
    } else {
      return null;
    }
  }
  return digits === 0 || digits === pointAt ? null : gramsOf(count, pointAt < 0 ? 0 : digits - pointAt, unit, isNegative);
}

/** The number that `text[from, to)` says: blanks, then digits and nothing else. Null likewise. */
export function countIn(text: Uint8Array, from: number, to: number): number | null {
  let at = from;
  while (at < to && text[at] === blank) at += 1;
  if (at === to || to - at > 8) return null;
  let count = 0;
  for (; at < to; at += 1) {
    if (!isDigit(text[at]!)) return null;
    count = count * 10 + text[at]! - 0x30;
  }
  return count;
}

/** The grams of `count` ÷ 10^`decimals` units, likewise; null beyond 5 decimals. */
export function gramsOf(count: number, decimals: number, unit: WeightUnit, isNegative: boolean): number | null {
  const whole = gramsPerCount[unit][decimals];
  if (whole !== undefined) return isNegative && count > 0 ? -count * whole : count * whole;
  const part = partsPerCount[unit][decimals];
  if (part === undefined) return null;
  // Both products stay below 2^53: 10^8 × 45,359,237 is the largest.
  const parts = count * part.parts;
  const rest = parts % part.perGram;
  const grams = (parts - rest) / part.perGram;
  if (isNegative) return rest * 2 > part.perGram ? -grams - 1 : 0 - grams;
  return rest * 2 >= part.perGram ? grams + 1 : grams;
}

/** The unit that `text[from, to)` names, in either case; null where it is none that we know. */
export function unitIn(text: Uint8Array, from: number, to: number): WeightUnit | null {
  switch (to - from) {
    case 1:
      return upper(text[from]!) === gram ? 'g' : upper(text[from]!) === tonne ? 't' : null;
    case 2:
      return pairAt(text, from) === kilogram ? 'kg' : pairAt(text, from) === pound ? 'lb' : null;
    default:
      return null;
  }
}

const gram = 0x47;
const tonne = 0x54;
const kilogram = pair('KG');
const pound = pair('LB');

/** Eight digits: no scale shows more, and all products below stay exact. */
const countMax = 99_999_999;

/** Grams of one count with 0, 1, 2 … decimals, where that is whole. */
const gramsPerCount: Readonly<Record<WeightUnit, readonly number[]>> = {
  g: [1],
  kg: [1000, 100, 10, 1],
  t: [1_000_000, 100_000, 10_000, 1000, 100, 10],
  jin: [500, 50, 5],
  lb: [],
};

/** The same as a fraction, where it is not. A pound is 453.59237 g by definition. */
const partsPerCount: Readonly<Record<WeightUnit, readonly { readonly parts: number; readonly perGram: number }[]>> = {
  g: fractions(1, 1),
  kg: fractions(1000, 1),
  t: fractions(1_000_000, 1),
  jin: fractions(500, 1),
  lb: fractions(45_359_237, 100_000),
};

function fractions(parts: number, perGram: number): { readonly parts: number; readonly perGram: number }[] {
  return [0, 1, 2, 3, 4, 5].map((decimals) => ({ parts, perGram: perGram * 10 ** decimals }));
}
