import { expect, test } from 'vitest';
import { galleryCases } from '../../renderer/gallery-cases.ts';
import { isOtherResident } from '../../renderer/screens/till.tsx';

const { cart } = galleryCases['till-full']!.snapshot!;
const { resident, quote } = cart;

test.each([
  ['the same cart', {}, false],
  ['one line fewer, the same resident', { digest: 'b', quote: { ...quote, lines: quote.lines.slice(1) } }, false],
  ['another name over other goods', { digest: 'b', resident: { ...resident!, masked: '扎***' }, quote: { ...quote, lines: [] } }, true],
  ['two who look the same', { digest: 'b' }, true],
  ['the card taken off', { digest: 'b', resident: null }, true],
  ['the next sale', { digest: 'b', saleId: '01938f6e-0000-7000-8000-000000000009' }, true],
] as const)('%s', (_, change, isOther) => {
  expect(isOtherResident(cart, { ...cart, ...change })).toBe(isOther);
});
