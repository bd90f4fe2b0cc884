// Dates of business in China: UTC+8, no daylight saving, so plain arithmetic is exact.

const chinaOffsetMs = 8 * 60 * 60 * 1000;
export const dayMs = 24 * 60 * 60 * 1000;

/** YYYY-MM-DD in Asia/Shanghai. */
export function businessDate(epochMs: number): string {
  return new Date(epochMs + chinaOffsetMs).toISOString().slice(0, 10);
}

/** YYYY-MM-DD HH:MM in Asia/Shanghai. */
export function localMinute(epochMs: number): string {
  return new Date(epochMs + chinaOffsetMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** Hour of the day in Asia/Shanghai, 00 to 23. */
export function businessHour(epochMs: number): string {
  return localMinute(epochMs).slice(11, 13);
}
