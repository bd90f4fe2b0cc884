// How amounts, dates and times are written for people, on the page and on paper. Uses no Intl (it does not know Tibetan
// everywhere: experience.md L1) and is never the way back: nothing reads these texts as numbers.

import { type Fen, type Points, fen, onePoint, points } from './amounts.ts';
import type { Language } from './catalogue.ts';
import { businessDate, localMinute } from './time.ts';

/** Fen as yuan with both decimals and without the unit: 1,234.50 or -0.05. Throws RangeError on fractions of a fen. */
export function yuanText(amount: Fen): string {
  const { sign, units, decimals } = decimal(fen(amount), hundredthDecimals);
  return `${sign}${units}.${decimals}`;
}

/** Hundredths of a point as points, with only the decimals they have and without the unit: 200, 12.5 or 0.25. */
export function pointsText(amount: Points): string {
  const { sign, units, decimals } = decimal(points(amount), hundredthDecimals);
  const needed = decimals.replace(/0+$/, '');
  return needed === '' ? `${sign}${units}` : `${sign}${units}.${needed}`;
}

/** Grams as kilograms with all three decimals and without the unit: 1.234. Throws RangeError on fractions of a gram. */
export function kilogramsText(grams: number): string {
  const { sign, units, decimals } = decimal(whole(grams), gramDecimals);
  return `${sign}${units}.${decimals}`;
}

/** A number of pieces, bags or copies: 12,700. Throws RangeError on fractions. */
export function countText(count: number): string {
  const { sign, units } = decimal(whole(count), 0);
  return `${sign}${units}`;
}

/**
 * A date in words, of a moment (epoch ms, Asia/Shanghai) or of a business date (YYYY-MM-DD). Where room is short,
 * YYYY-MM-DD itself is the form in all three languages.
 */
export function dateText(at: number | string, language: Language): string {
  const date = typeof at === 'number' ? businessDate(at) : at;
  const found = /^(\d{4})-(0[1-9]|1[0-2])-(\d{2})$/.exec(date);
  if (found === null) throw new RangeError(`not a date YYYY-MM-DD: ${date}`);
  return datePatterns[language](Number(found[1]), Number(found[2]), Number(found[3]));
}

/** A moment (epoch ms) as date in words and time of day, Asia/Shanghai: 2026年11月21日 14:05. */
export function minuteText(epochMs: number, language: Language): string {
  return `${dateText(epochMs, language)} ${localMinute(epochMs).slice(-5)}`;
}

/** A moment as the time of day, 09:40, and with its date before it where that is not today's; both epoch ms, in Asia/Shanghai. */
export function clockText(epochMs: number, now: number): string {
  const text = localMinute(epochMs);
  return businessDate(epochMs) === businessDate(now) ? text.slice(-5) : text;
}

/** The same text with ༠–༩ for 0–9. Off by default: receipts, keypads and scales are read in 0–9 (experience.md L1). */
export function tibetanDigits(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(tibetanZero + Number(digit)));
}

const tibetanZero = 0x0f20;

const englishMonths = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const datePatterns: { readonly [language in Language]: (year: number, month: number, day: number) => string } = {
  zh: (year, month, day) => `${year}年${month}月${day}日`,
  bo: (year, month, day) => `${year}ལོའི་ཟླ་${month}པའི་ཚེས་${day}ཉིན།`,
  en: (year, month, day) => `${day} ${englishMonths[month - 1]} ${year}`,
};

/** The digits of a whole number of hundredths or thousandths. By text, since dividing would round the largest amounts. */
function decimal(amount: number, places: number): { readonly sign: '' | '-'; readonly units: string; readonly decimals: string } {
  const digits = String(Math.abs(amount)).padStart(places + 1, '0');
  const point = digits.length - places;
  return { sign: amount < 0 ? '-' : '', units: grouped(digits.slice(0, point)), decimals: digits.slice(point) };
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number: ${value}`);
  return value;
}

/** Fen in a yuan and hundredths in a point: both two decimals. */
const hundredthDecimals = String(onePoint).length - 1;
const gramDecimals = 3;

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}
