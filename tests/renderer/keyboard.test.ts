import { expect, test } from 'vitest';
import { commands, keyMap, meaningOf } from '../../renderer/keyboard.ts';

const press = (code: string, more = {}) => meaningOf({ code, ctrlKey: false, altKey: false, metaKey: false, ...more });

test('each command has a key of its own, and none that a browser or the lockdown takes', () => {
  const codes = commands.map((command) => keyMap[command].code);
  expect(new Set(codes).size).toBe(commands.length);
  expect(codes.filter((code) => ['F5', 'F7', 'F11', 'F12', 'Tab', 'Space'].includes(code))).toEqual([]);
});

test('keys mean what their place says, whatever the layout', () => {
  expect([press('F8'), press('Enter'), press('NumpadEnter'), press('Escape')]).toEqual([
    { kind: 'command', command: 'undo' },
    { kind: 'command', command: 'pay' },
    { kind: 'command', command: 'pay' },
    { kind: 'command', command: 'back' },
  ]);
  expect([press('Digit7'), press('Numpad0'), press('NumpadDecimal'), press('Backspace'), press('KeyX')]).toEqual([
    { kind: 'pad', key: '7' },
    { kind: 'pad', key: '0' },
    { kind: 'pad', key: '.' },
    { kind: 'pad', key: 'delete' },
    { kind: 'letter', letter: 'x' },
  ]);
});

test('shortcuts of the system and keys without a meaning are left alone', () => {
  expect([
    press('KeyR', { ctrlKey: true }),
    press('F4', { altKey: true }),
    press('Digit1', { metaKey: true }),
    press('Tab'),
    press('F5'),
  ]).toEqual([null, null, null, null, null]);
});
