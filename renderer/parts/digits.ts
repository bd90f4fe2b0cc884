// What a number pad has typed so far, as text, and what it says in whole units. Pure; no float is ever made of it.

import type { PadKey } from './number-pad.tsx';

/** The text after one more key. `decimals` 0 takes no point; `lengthMax` counts digits before the point. */
export function typeKey(text: string, key: PadKey, rules: { readonly lengthMax: number; readonly decimals: 0 | 2 | 3 }): string {
  switch (key) {
    case 'delete':
      return text.slice(0, -1);
    case 'clear':
      return '';
    case '.':
      return rules.decimals === 0 || text.includes('.') ? text : `${text === '' ? '0' : text}.`;
    case '00':
      return typeKey(typeKey(text, '0', rules), '0', rules);
    default: {
      const [whole = '', fraction] = text.split('.');
      if (fraction !== undefined) return fraction.length < rules.decimals ? text + key : text;
      return whole === '0' ? key : whole.length < rules.lengthMax ? whole + key : text;
    }
  }
}

/** `12.5` → 12500: typed kilograms in whole grams. Nothing typed is 0. */
export function gramsOf(text: string): number {
  const [whole = '0', fraction = ''] = text.split('.');
  return Number(whole) * 1000 + Number(fraction.padEnd(3, '0'));
}

/** `12.5` → 1250: typed yuan or points in whole hundredths. Nothing typed is null. */
export function hundredthsOf(text: string): number | null {
  if (text === '') return null;
  const [whole = '0', fraction = ''] = text.split('.');
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}
