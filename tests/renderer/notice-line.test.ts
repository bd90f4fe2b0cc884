import { expect, test } from 'vitest';
import { saidNext } from '../../renderer/parts/notice-line.tsx';

test('a sentence falls when the till moves on, and does not come back with it', () => {
  const came = saidNext({ about: null, standing: 'empty', isOver: false }, 1, 'one line');
  expect(came).toEqual({ about: 1, standing: 'one line', isOver: false });
  expect(saidNext(came, 1, 'one line')).toBe(came);
  const over = saidNext(came, 1, 'empty');
  expect(over).toEqual({ about: 1, standing: 'one line', isOver: true });
  expect(saidNext(over, 1, 'one line')).toBe(over);
  expect(saidNext(over, 2, 'one line')).toEqual({ about: 2, standing: 'one line', isOver: false });
});

test('what a scan came to does not come back once a press was answered over it', () => {
  const refused = { kind: 'refused', code: 'pan_not_clear', afterNotice: 1 } as const;
  const told = saidNext({ about: 1, standing: 'one line', isOver: false }, refused, 'one line');
  expect(told).toEqual({ about: refused, standing: 'one line', isOver: false });
  expect(saidNext(told, 1, 'one line')).toEqual({ about: 1, standing: 'one line', isOver: true });
  expect(saidNext(told, 2, 'one line')).toEqual({ about: 2, standing: 'one line', isOver: false });
});
