// What a scale must show before it may credit: a known weight within a stated tolerance, and a verification mark with a
// sensible date. Pure, and knows no protocol.

/** The nearest two units that a display can be set to, 斤 and the pound, differ by 9 %: with 10 g of tolerance 500 g tell them apart. */
export const knownGramsMin = 500;

/** What one person lifts on a platform. */
export const knownGramsMax = 60_000;

/** Two divisions of a usual 15 kg shop scale, one of a 30 kg scale. */
const leastToleranceGrams = 10;

/** One part in so many. */
const tolerancePart = 500;

/**
 * How far a reading may be from the known weight, in grams: 10 g, or 0.2 % where that is more. A shop's scale in service may err
 * by one to two of its 3,000 divisions (class III), which is less; the mistakes that commissioning looks for, another family,
 * unit or decimal point (hardware.md A.5), are at least 9 %.
 */
export function toleranceGramsOf(knownGrams: number): number {
  return Math.max(leastToleranceGrams, Math.floor(knownGrams / tolerancePart));
}

/** Whether a reading is the known weight. */
export function isKnownWeight({ knownGrams, readGrams }: { readonly knownGrams: number; readonly readGrams: number }): boolean {
  return Math.abs(readGrams - knownGrams) <= toleranceGramsOf(knownGrams);
}

/**
 * What a verification mark of this date (both YYYY-MM-DD) says today. Trade scales are verified every year. A date to come is a
 * slip of the finger and refused. One that is overdue is shown and written on, but does not stop the desk: whether such a
 * scale may weigh is the county's to say, and a desk that stops goes on with pencil and paper, where nobody can see it.
 */
export function verificationOf(verifiedOn: string, today: string): 'future' | 'valid' | 'overdue' {
  if (verifiedOn > today) return 'future';
  const [year = '', ...monthAndDay] = verifiedOn.split('-');
  return today > [String(Number(year) + 1).padStart(4, '0'), ...monthAndDay].join('-') ? 'overdue' : 'valid';
}
