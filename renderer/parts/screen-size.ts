// How many CSS pixels a millimetre is on this screen, measured once with a bank card and remembered by this machine.

/** Width of a bank card (ISO/IEC 7810 ID-1). */
export const cardMm = 85.6;

/** A 15.6 inch screen of 1366 × 768, the commonest at the counters we know. */
const usualMm = 3.95;
/** From a 24 inch 1280 × 720 to a 10 inch 1920 × 1200. */
const mmMin = 2.4;
const mmMax = 9;
const storageKey = 'pixels-per-mm';

/** CSS pixels in a millimetre, as measured; the usual screen's where nobody measured. */
export function pixelsPerMm(storage: Pick<Storage, 'getItem'>): number {
  const stored = Number(storage.getItem(storageKey));
  return stored >= mmMin && stored <= mmMax ? stored : usualMm;
}

/** Remembers a measure, brought into what screens can be, and gives it back. */
export function keepPixelsPerMm(storage: Pick<Storage, 'setItem'>, value: number): number {
  const kept = Math.min(mmMax, Math.max(mmMin, Math.round(value * 100) / 100));
  storage.setItem(storageKey, String(kept));
  return kept;
}

/** Tells the style sheets. By CSSOM: the policy admits no style attribute in HTML. */
export function showPixelsPerMm(document: Document, value: number): void {
  document.documentElement.style.setProperty('--mm', `${value}px`);
}
