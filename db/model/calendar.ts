// Business dates (YYYY-MM-DD) as a calendar: days, weeks that begin on Monday, months, and the span before a span. Dates of China
// have no daylight saving, so that plain arithmetic is exact. Knows no clock.

import { never } from './result.ts';
import { dayMs } from './time.ts';

/** Business dates, both inclusive. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export const steps = ['day', 'week', 'month'] as const;
export type Step = (typeof steps)[number];

/** The date so many days later; earlier for less than 0. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

/** The whole day, week or month that a date is in. */
export function stepOf(day: string, step: Step): Span {
  switch (step) {
    case 'day':
      return { from: day, to: day };
    case 'week': {
      const from = dayAfter(day, -((new Date(day).getUTCDay() + 6) % 7)); // getUTCDay: 0 is Sunday
      return { from, to: dayAfter(from, 6) };
    }
    case 'month': {
      const from = `${day.slice(0, 7)}-01`;
      return { from, to: dayAfter(monthAfter(from, 1), -1) };
    }
    default:
      return never(step);
  }
}

/** Days, weeks or months that a span is made of, in order; the first and the last are cut to it. */
export function cut(span: Span, step: Step): readonly Span[] {
  const parts: Span[] = [];
  for (let day = span.from; day <= span.to;) {
    const { to } = stepOf(day, step);
    parts.push({ from: day, to: to < span.to ? to : span.to });
    day = dayAfter(to, 1);
  }
  return parts;
}

/** So many whole days, weeks or months, of which the last is the one that a date is in. */
export function stepsUntil(day: string, step: Step, count: number): Span {
  const last = stepOf(day, step);
  const from = step === 'month' ? monthAfter(last.from, 1 - count) : dayAfter(last.from, (1 - count) * (step === 'week' ? 7 : 1));
  return { from, to: last.to };
}

/** The span that follows, or for -1 the one before: whole months beside whole months, else as many days. */
export function spanBeside(span: Span, side: 1 | -1): Span {
  if (isMonths(span)) {
    const months = side * monthsOf(span);
    return { from: monthAfter(span.from, months), to: dayAfter(monthAfter(dayAfter(span.to, 1), months), -1) };
  }
  const days = side * daysOf(span);
  return { from: dayAfter(span.from, days), to: dayAfter(span.to, days) };
}

/**
 * The same span before: whole months before whole months, else as many days. Where a span is not over yet, only as much of the one
 * before as there is of this: three days of a week are held against its first three.
 */
export function spanBefore(span: Span, today: string): Span {
  const { from, to } = spanBeside(span, -1);
  if (span.to <= today) return { from, to };
  const soFar = isMonths(span) ? monthAfter(today, -monthsOf(span)) : dayAfter(today, -daysOf(span));
  return { from, to: soFar < from ? from : soFar > to ? to : soFar };
}

function isMonths({ from, to }: Span): boolean {
  return from.endsWith('-01') && dayAfter(to, 1).endsWith('-01');
}

/** How many days a span has. */
export function daysOf({ from, to }: Span): number {
  return (Date.parse(to) - Date.parse(from)) / dayMs + 1;
}

/** The same date so many months later, or the last of that month where it has no such date. */
function monthAfter(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]; // three numbers by the form of a date
  const ofMonth = new Date(Date.UTC(year, month - 1 + months + 1, 0)); // its last day
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, ofMonth.getUTCDate()))).toISOString().slice(0, 10);
}

function monthsOf({ from, to }: Span): number {
  const [fromYear, fromMonth, toYear, toMonth] = [from.slice(0, 4), from.slice(5, 7), to.slice(0, 4), to.slice(5, 7)].map(Number) as [
    number,
    number,
    number,
    number,
  ]; // digits by the form of a date
  return (toYear - fromYear) * 12 + toMonth - fromMonth + 1;
}
