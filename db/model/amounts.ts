// Money, points and the arithmetic between them: whole numbers only, never a float, never a string.

/** Whole fen. 1 yuan = 100 fen. */
export type Fen = number & { readonly unit: 'fen' };

/** Whole hundredths of a point: half points happen (schemes.md R4). One point = 100. */
export type Points = number & { readonly unit: 'hundredth of a point' };

/** Largest amount the book takes; the SQL CHECKs say the same number. */
export const amountMax = Number.MAX_SAFE_INTEGER;

/** Hundredths in one point. */
export const onePoint = 100;

/** A checked amount of money, in whole fen; may be negative. Throws RangeError on fractions and overflow. */
export function fen(value: number): Fen {
  return whole(value, 'fen') as Fen; // the brand is what this function is for
}

/** A checked amount of points, in whole hundredths; may be negative. Throws RangeError on fractions and overflow. */
export function points(value: number): Points {
  return whole(value, 'hundredths of a point') as Points; // the brand is what this function is for
}

/** Sum of fen, checked against overflow. */
export function sumFen(values: Iterable<Fen>): Fen {
  let total = 0;
  for (const value of values) total = fen(total + value);
  return fen(total);
}

/** Sum of points, checked against overflow. */
export function sumPoints(values: Iterable<Points>): Points {
  let total = 0;
  for (const value of values) total = points(total + value);
  return points(total);
}

/** `unit` × `quantity`, checked against overflow. */
export function timesFen(unit: Fen, quantity: number): Fen {
  return fen(unit * whole(quantity, 'pieces'));
}

/** `unit` × `quantity`, checked against overflow. */
export function timesPoints(unit: Points, quantity: number): Points {
  return points(unit * whole(quantity, 'pieces'));
}

/**
 * What points are worth, in fen. A scheme's step makes this exact (scheme.ts asserts it); throws RangeError when
 * `value` is not a whole number of fen, because a silent rounding here would be money made from nothing.
 */
export function worthFen(value: Points, pointValueFen: number): Fen {
  return fen(Number((BigInt(value) * BigInt(pointValueFen)) / 100n) + remainder(value, pointValueFen));
}

/** The most points, in whole `step`s, whose worth does not exceed `limit`. Rounds down. */
export function pointsFor(limit: Fen, pointValueFen: number, step: Points): Points {
  if (limit <= 0) return points(0);
  const stepWorth = worthFen(step, pointValueFen);
  return points(Math.floor(limit / stepWorth) * step);
}

/** `value` rounded down to whole `step`s. */
export function floorToStep(value: Points, step: Points): Points {
  return points(value <= 0 ? 0 : Math.floor(value / step) * step);
}

/**
 * Splits `total` over `weights` so that the parts sum to `total` exactly: each part is its floor share, and what
 * remains goes one unit at a time to the largest fractions, earlier ones first on a tie. All-zero weights put
 * everything on the first part. Throws RangeError on negative input or when a share exceeds 2^53.
 */
export function splitWhole(total: number, weights: readonly number[]): number[] {
  whole(total, 'units');
  if (total < 0 || weights.some((weight) => weight < 0)) throw new RangeError('splitWhole: negative input');
  if (weights.length === 0) {
    if (total !== 0) throw new RangeError('splitWhole: nothing to split over');
    return [];
  }
  const sum = weights.reduce((a, b) => a + BigInt(whole(b, 'weight')), 0n);
  if (sum === 0n) return weights.map((_, i) => (i === 0 ? total : 0));
  const shares = weights.map((weight) => {
    const exact = BigInt(total) * BigInt(weight);
    return { floor: Number(exact / sum), fraction: exact % sum };
  });
  let left = total - shares.reduce((a, share) => a + share.floor, 0);
  const byFraction = shares.map((_, i) => i).toSorted((a, b) => compare(shares[b]!.fraction, shares[a]!.fraction) || a - b);
  const parts = shares.map((share) => share.floor);
  for (const i of byFraction) {
    if (left === 0) break;
    parts[i]! += 1;
    left -= 1;
  }
  return parts;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function remainder(value: Points, pointValueFen: number): 0 {
  if ((BigInt(value) * BigInt(pointValueFen)) % 100n !== 0n)
    throw new RangeError(`${value} hundredths at ${pointValueFen} fen a point is not a whole number of fen`);
  return 0;
}

function whole(value: number, what: string): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number of ${what}: ${value}`);
  return value;
}
