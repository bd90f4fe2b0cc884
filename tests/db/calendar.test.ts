import { describe, expect, test } from 'vitest';
import { cut, dayAfter, daysOf, spanBefore, stepOf, steps, stepsUntil } from '../../db/model/calendar.ts';
import { fc } from '../support/property.ts';

const anyDay = fc.integer({ min: 0, max: 20_000 }).map((days) => dayAfter('2000-01-01', days));
const anySpan = fc.tuple(anyDay, fc.integer({ min: 0, max: 800 })).map(([from, days]) => ({ from, to: dayAfter(from, days) }));

test('a week begins on Monday and a month on the first, over the ends of years and in leap years', () => {
  expect([
    stepOf('2026-11-22', 'week'), // a Sunday
    stepOf('2026-11-23', 'week'),
    stepOf('2027-01-01', 'week'),
    stepOf('2028-02-29', 'month'),
    stepOf('2026-12-31', 'month'),
    stepOf('2026-12-31', 'day'),
  ]).toEqual([
    { from: '2026-11-16', to: '2026-11-22' },
    { from: '2026-11-23', to: '2026-11-29' },
    { from: '2026-12-28', to: '2027-01-03' },
    { from: '2028-02-01', to: '2028-02-29' },
    { from: '2026-12-01', to: '2026-12-31' },
    { from: '2026-12-31', to: '2026-12-31' },
  ]);
});

test('a span is cut into whole weeks and months but for its ends', () => {
  expect(cut({ from: '2026-11-20', to: '2026-12-02' }, 'week')).toEqual([
    { from: '2026-11-20', to: '2026-11-22' },
    { from: '2026-11-23', to: '2026-11-29' },
    { from: '2026-11-30', to: '2026-12-02' },
  ]);
  expect(cut({ from: '2026-11-20', to: '2026-12-02' }, 'month')).toEqual([
    { from: '2026-11-20', to: '2026-11-30' },
    { from: '2026-12-01', to: '2026-12-02' },
  ]);
});

test('the parts of a span are all of it, in order, none twice', () => {
  fc.assert(
    fc.property(anySpan, fc.constantFrom(...steps), (span, step) => {
      const parts = cut(span, step);
      expect(parts[0]?.from).toBe(span.from);
      expect(parts.at(-1)?.to).toBe(span.to);
      for (const [i, part] of parts.entries()) {
        expect(part.from <= part.to && stepOf(part.from, step).to >= part.to).toBe(true);
        if (i > 0) expect(part.from).toBe(dayAfter(parts[i - 1]!.to, 1));
      }
    }),
  );
});

test('so many days, weeks or months end with the one that a date is in', () => {
  expect([stepsUntil('2026-11-21', 'day', 7), stepsUntil('2026-11-21', 'week', 12), stepsUntil('2026-11-21', 'month', 12)]).toEqual([
    { from: '2026-11-15', to: '2026-11-21' },
    { from: '2026-08-31', to: '2026-11-22' },
    { from: '2025-12-01', to: '2026-11-30' },
  ]);
});

describe('the span before', () => {
  test('of a week that is over is the whole week before', () => {
    expect(spanBefore({ from: '2026-11-09', to: '2026-11-15' }, '2026-11-21')).toEqual({ from: '2026-11-02', to: '2026-11-08' });
  });

  test('of a week that is not over has as many days as there are of this one', () => {
    expect(spanBefore({ from: '2026-11-16', to: '2026-11-22' }, '2026-11-18')).toEqual({ from: '2026-11-09', to: '2026-11-11' });
  });

  test('of months is as many months, and of one that is not over up to the same date', () => {
    expect([
      spanBefore({ from: '2026-02-01', to: '2026-02-28' }, '2026-11-21'),
      spanBefore({ from: '2026-03-01', to: '2026-03-31' }, '2026-03-30'), // February has no 30th
      spanBefore({ from: '2025-12-01', to: '2026-11-30' }, '2026-11-21'),
    ]).toEqual([
      { from: '2026-01-01', to: '2026-01-31' },
      { from: '2026-02-01', to: '2026-02-28' },
      { from: '2024-12-01', to: '2025-11-21' },
    ]);
  });

  test('of days that are all to come is one day, and never one of its own', () => {
    expect(spanBefore({ from: '2026-12-07', to: '2026-12-13' }, '2026-11-21')).toEqual({ from: '2026-11-30', to: '2026-11-30' });
  });

  test('ends the day before, and is as long where it is not of months', () => {
    fc.assert(
      fc.property(anySpan, (span) => {
        const before = spanBefore(span, span.to);
        expect(dayAfter(before.to, 1)).toBe(span.from);
        if (!span.from.endsWith('-01')) expect(daysOf(before)).toBe(daysOf(span));
      }),
    );
  });
});
