// Amounts and moments as text for the county's people. Computes nothing of record.

import { localMinute } from '../../db/model/time.ts';

/** Hundredths of a point as points: 1,234.5 */
export function pointsText(hundredths: number): string {
  return decimal(hundredths, 0);
}

/** Fen as yuan: 1,234.50 */
export function yuanText(fen: number): string {
  return decimal(fen, 2);
}

/** How many there are: 19,001 */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function decimal(hundredths: number, digitsMin: number): string {
  const whole = Math.floor(Math.abs(hundredths) / 100);
  const rest = String(Math.abs(hundredths) % 100).padStart(2, '0');
  const digits = rest.replace(/0+$/, '').padEnd(digitsMin, '0');
  return `${hundredths < 0 ? '−' : ''}${countText(whole)}${digits === '' ? '' : `.${digits}`}`;
}

/** 11-22 04:30, with the year where it is another. */
export function momentText(epochMs: number, now: number): string {
  const text = localMinute(epochMs);
  return text.slice(0, 4) === localMinute(now).slice(0, 4) ? text.slice(5) : text;
}

/** The same to the second, where several may be of one minute. */
export function secondText(epochMs: number, now: number): string {
  return `${momentText(epochMs, now)}:${new Date(epochMs).toISOString().slice(17, 19)}`;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long ago, in the largest unit that fits. */
export function sinceText(ms: number): string {
  if (ms < minuteMs) return '刚刚';
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} 分钟前`;
  if (ms < 2 * dayMs) return `${Math.floor(ms / hourMs)} 小时前`;
  return `${Math.floor(ms / dayMs)} 天前`;
}
