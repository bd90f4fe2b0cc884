// The fold of a typing scanner's keys, at every pace a scanner or a person has: scans come out whole and stay off the page,
// a person's keys all arrive. The window's side is tested in wedge.slow.test.ts.

import { expect, test } from 'vitest';
import { eanCheckDigit, sameScanMs } from '../../db/model/barcode.ts';
import { type Told, type Wedge, type WedgeKey, dueAt, foldKey, foldSilence, quietWedge } from '../../renderer/parts/wedge.ts';
import { fc } from '../support/property.ts';

const bottle = '6901028075831';
const card =
  'AEAQACCGCEAAAAAAAAAEUOALNEAZEMQ64Y5E6Q775ZYWWTJ42ENAIQDXZ7N2QA3TIMIRBSOFTX5O4TVS6KBQYGVVG3MBTCSOO2BTINLHURIUEHYY3Z27L36TX6WKPFRDAY';

/** A key going down, so many ms after the one before. */
interface Press {
  readonly code: string;
  readonly afterMs: number;
  readonly shift?: boolean;
  readonly alt?: boolean;
  readonly control?: boolean;
  readonly repeat?: boolean;
  readonly isComposing?: boolean;
}

/** What the page hears of the presses: scans, and the codes of keys that pass or are given back. Ends in a long silence. */
function play(presses: readonly Press[], { from = quietWedge, hasTimers = true } = {}) {
  let wedge: Wedge = from;
  let atMs = 1_000_000;
  const heard: string[] = [];
  const take = (step: { readonly wedge: Wedge; readonly told: readonly Told[] }) => {
    wedge = step.wedge;
    heard.push(
      ...step.told.map((told) => (told.kind === 'scan' ? `scan ${told.text}` : told.kind === 'release' ? told.key.code : told.kind)),
    );
  };
  const runTimersUntil = (untilMs: number) => {
    for (let due = dueAt(wedge); due !== null && due <= untilMs; due = dueAt(wedge)) take(foldSilence(wedge, due));
  };
  for (const { afterMs, ...press } of presses) {
    atMs += afterMs;
    if (hasTimers) runTimersUntil(atMs);
    const key: WedgeKey = { shift: false, alt: false, control: false, repeat: false, isComposing: false, ...press, atMs };
    const step = foldKey(wedge, key);
    take(step);
    if (step.verdict === 'pass' && !press.code.startsWith('Shift')) heard.push(press.code);
  }
  runTimersUntil(atMs + 60_000);
  return { heard, wedge };
}

/** The presses of a text as scanners type it: Shift for capitals, one gap before every key. */
function typed(text: string, gapsMs: readonly number[]): readonly Press[] {
  return text.split('').flatMap((character, index): readonly Press[] => {
    const afterMs = gapsMs[index % gapsMs.length]!;
    if (/\d/.test(character)) return [{ code: `Digit${character}`, afterMs }];
    if (character === ']') return [{ code: 'BracketRight', afterMs }];
    if (character === '-') return [{ code: 'Minus', afterMs }];
    const code = `Key${character.toUpperCase()}`;
    if (character === character.toLowerCase()) return [{ code, afterMs }];
    return [
      { code: 'ShiftLeft', afterMs },
      { code, afterMs: 0, shift: true },
    ];
  });
}

const ends: { readonly [name: string]: readonly Press[] } = {
  enter: [{ code: 'Enter', afterMs: 10 }],
  'enter of the number pad': [{ code: 'NumpadEnter', afterMs: 10 }],
  tab: [{ code: 'Tab', afterMs: 10 }],
  'two enters': [
    { code: 'Enter', afterMs: 10 },
    { code: 'Enter', afterMs: 10 },
  ],
  'carriage return and line feed as Control and a letter': [
    { code: 'ControlLeft', afterMs: 10 },
    { code: 'KeyM', afterMs: 0, control: true },
    { code: 'KeyJ', afterMs: 10, control: true },
  ],
  silence: [],
};

const paces = { fast: [5, 15], usual: [20, 60], slow: [80, 100] } as const;
const anyPace = fc.constantFrom(...Object.values(paces));
const gapsOf = ([min, max]: readonly [number, number]) => fc.array(fc.integer({ min, max }), { minLength: 1, maxLength: 20 });
const anyEan = fc.stringMatching(/^(\d{12}|\d{7})$/).map((digits) => digits + eanCheckDigit(digits));
const anyCard = fc.stringMatching(/^[A-Z2-7]{130}$/);
const anyCode = fc.oneof(anyEan, anyCard);
const anyEnd = fc.constantFrom(...Object.values(ends));

test.each(Object.keys(ends))('a scan that ends with %s is one scan, and the page hears nothing else', (end) => {
  for (const code of [bottle, card]) {
    for (const pace of Object.values(paces))
      expect(play([...typed(code, pace), ...ends[end]!]).heard.filter((told) => told !== 'ControlLeft')).toEqual([`scan ${code}`]);
  }
});

test('any card or EAN, typed at any pace of a scanner, comes out whole and leaves no key on the page', () => {
  fc.assert(
    fc.property(
      anyCode,
      anyPace.chain(gapsOf),
      anyEnd,
      fc.constantFrom('', ']E0', ']Q1'),
      fc.boolean(),
      (code, gaps, end, identifier, hasTimers) => {
        const { heard } = play([...typed(identifier + code, gaps), ...end], { hasTimers });
        expect(heard.filter((told) => told !== 'ControlLeft')).toEqual([`scan ${code}`]);
      },
    ),
    { numRuns: 500 },
  );
});

test('it makes no difference to any scan that an input method heard the keys too', () => {
  fc.assert(
    fc.property(anyCode, anyPace.chain(gapsOf), (code, gaps) => {
      const presses = [...typed(code, gaps), { code: 'Enter', afterMs: 10 }].map((press) => ({ ...press, isComposing: true }));
      expect(play(presses).heard.filter((told) => told.startsWith('scan') || told === 'Enter')).toEqual([`scan ${code}`]);
    }),
  );
});

test('scanners of different pace one after the other: every code whole, no end of a scan ever acts on the page', () => {
  const scans = fc.array(fc.tuple(anyCode, anyPace.chain(gapsOf)), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(scans, (scans) => {
      const presses = scans.flatMap(([code, gaps]) => [
        { code: 'ShiftLeft', afterMs: 700 },
        ...typed(code, gaps),
        { code: 'Enter', afterMs: 10 },
      ]);
      const { heard } = play(presses);
      expect(heard.filter((told) => told.startsWith('scan'))).toEqual(scans.map(([code]) => `scan ${code}`));
      expect(heard).not.toContain('Enter');
    }),
  );
});

test('the wait for a second key shrinks with a fast scanner, and a slow one after it leaks five keys once', () => {
  const enter: Press = { code: 'Enter', afterMs: 10 };
  const afterFast = play([...typed(bottle, [10]), enter]).wedge;
  expect([quietWedge.holdMs, afterFast.holdMs]).toEqual([110, 40]);
  const firstSlow = play([...typed('96385074', [90]), enter], { from: afterFast });
  expect(firstSlow.heard).toEqual(['Digit9', 'Digit6', 'Digit3', 'Digit8', 'Digit5', 'scan 96385074']);
  const secondSlow = play([...typed(bottle, [90]), enter], { from: firstSlow.wedge });
  expect(secondSlow.heard).toEqual([`scan ${bottle}`]);
});

/** Keys of a person: whatever the page has a use for, and shortcuts it has none for. */
const humanKey = fc.constantFrom<Omit<Press, 'afterMs'>>(
  ...'0123456789'.split('').map((digit) => ({ code: `Digit${digit}` })),
  ...'XJYQBC'.split('').map((letter) => ({ code: `Key${letter}` })),
  { code: 'KeyA', shift: true },
  { code: 'KeyN', isComposing: true },
  { code: 'Numpad7' },
  { code: 'Space' },
  { code: 'Enter' },
  { code: 'NumpadEnter' },
  { code: 'Tab' },
  { code: 'Backspace' },
  { code: 'Escape' },
  { code: 'F2' },
  { code: 'ArrowDown' },
  { code: 'KeyC', control: true },
  { code: 'KeyD', alt: true },
  { code: '' },
);

test('a person typing 120 ms a key or slower is never swallowed, whatever scanner came before', () => {
  const humanly = fc.array(fc.tuple(humanKey, fc.integer({ min: 120, max: 2000 })), { maxLength: 60 });
  fc.assert(
    fc.property(humanly, fc.integer({ min: 40, max: 110 }), fc.boolean(), (keys, holdMs, hasTimers) => {
      const presses = keys.map(([key, afterMs]) => ({ ...key, afterMs }));
      expect(play(presses, { from: { ...quietWedge, holdMs }, hasTimers }).heard).toEqual(keys.map(([key]) => key.code));
    }),
    { numRuns: 500 },
  );
});

test('at any pace at all, keys that make no scan arrive once each and in order', () => {
  const anyhow = fc.array(fc.tuple(humanKey, fc.integer({ min: 0, max: 300 })), { maxLength: 60 });
  fc.assert(
    fc.property(anyhow, (keys) => {
      const presses = keys.filter(([key]) => !key.control).map(([key, afterMs]) => ({ ...key, afterMs }));
      const { heard } = play(presses);
      fc.pre(!heard.some((told) => told.startsWith('scan')));
      expect(heard).toEqual(presses.map(({ code }) => code));
    }),
    { numRuns: 1000 },
  );
});

test('timers that run late change nothing', () => {
  const anyhow = fc.array(fc.tuple(humanKey, fc.integer({ min: 0, max: 300 })), { maxLength: 60 });
  fc.assert(
    fc.property(anyhow, (keys) => {
      const presses = keys.map(([key, afterMs]) => ({ ...key, afterMs }));
      expect(play(presses, { hasTimers: false })).toEqual(play(presses));
    }),
    { numRuns: 1000 },
  );
});

test('a PIN and Enter struck fast, pinyin struck fast and a key held down are a person', () => {
  const enter: Press = { code: 'Enter', afterMs: 60 };
  const keys = (text: string) =>
    text.split('').map((character) => (/\d/.test(character) ? `Digit${character}` : `Key${character.toUpperCase()}`));
  expect(play([...typed('274916', [60]), enter]).heard).toEqual([...keys('274916'), 'Enter']);
  expect(play([...typed('xijiejing', [90]), enter]).heard).toEqual([...keys('xijiejing'), 'Enter']);
  const held = Array.from({ length: 30 }, (_, index): Press => ({ code: 'Digit0', afterMs: index === 1 ? 500 : 33, repeat: index > 0 }));
  expect(play([...held, enter]).heard).toEqual([...held.map(({ code }) => code), 'Enter']);
});

test('a short code of goods is a scan only at a pace no person has', () => {
  const enter: Press = { code: 'Enter', afterMs: 10 };
  expect(play([...typed('AB-12', [10]), enter]).heard).toEqual(['scan AB-12']);
  expect(play([...typed('2001', [10]), enter]).heard).toEqual(['scan 2001']);
  expect(play([...typed('2001', [80]), enter]).heard).toEqual(['Digit2', 'Digit0', 'Digit0', 'Digit1', 'Enter']);
  expect(play([...typed('201', [10]), enter]).heard).toEqual(['Digit2', 'Digit0', 'Digit1', 'Enter']);
});

test('digits of the number pad are digits, Caps Lock gives a card in small letters', () => {
  const pad = bottle.split('').map((digit): Press => ({ code: `Numpad${digit}`, afterMs: 10 }));
  expect(play([...pad, { code: 'NumpadEnter', afterMs: 10 }]).heard).toEqual([`scan ${bottle}`]);
  expect(play([...typed(card.toLowerCase(), [10]), { code: 'Enter', afterMs: 10 }]).heard).toEqual([`scan ${card.toLowerCase()}`]);
});

test('control keys that a scanner types within a code act on nothing', () => {
  const presses = [
    ...typed(bottle.slice(0, 6), [10]),
    { code: 'BracketRight', control: true, afterMs: 10 },
    ...typed(bottle.slice(6), [10]),
  ];
  expect(play([...presses, { code: 'Enter', afterMs: 10 }]).heard).toEqual([`scan ${bottle}`]);
});

test('the same code seen twice at once is one scan', () => {
  const scan = [...typed(bottle, [5]), { code: 'Enter', afterMs: 5 }];
  const between = (pauseMs: number) => [...scan, { code: 'ShiftLeft', afterMs: pauseMs - 14 * 5 }, ...scan];
  expect(play(between(sameScanMs - 1)).heard).toEqual([`scan ${bottle}`]);
  expect(play(between(sameScanMs)).heard).toEqual([`scan ${bottle}`, `scan ${bottle}`]);
});

test('a scanner that types by Alt and numbers is told once, and types nothing', () => {
  const presses = '0540057004800490'.split('').map((digit): Press => ({ code: `Numpad${digit}`, alt: true, afterMs: 8 }));
  expect(play([{ code: 'AltLeft', afterMs: 8 }, ...presses]).heard).toEqual(['AltLeft', 'alt_numpad']);
  expect(play(presses.map((press) => ({ ...press, afterMs: 200 }))).heard).toEqual([]);
});

test('a run longer than any scan is given up, and what the engine is told stays within its bound', () => {
  const long = play([...typed('A'.repeat(700), [10]), { code: 'Enter', afterMs: 10 }]);
  expect(long.heard).toEqual([`scan ${'A'.repeat(512)}`]);
  const endless = play(typed('7'.repeat(1000), [100]));
  expect(endless.wedge.run).toEqual([]);
  expect(endless.heard.filter((told) => told === 'Digit7').length).toBeGreaterThan(300);
});

test('a PIN is a person’s at any pace, with Enter after it or not; a code is a scan there as anywhere', () => {
  const from = { ...quietWedge, isPinAsked: true };
  const keysOf = (digits: string): readonly string[] => digits.split('').map((digit) => `Digit${digit}`);
  fc.assert(
    fc.property(
      fc.stringMatching(/^\d{6}$/),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 }),
      fc.constantFrom<readonly Press[]>([], [{ code: 'Enter', afterMs: 10 }]),
      (pin, gapsMs, end) => {
        expect(play([...typed(pin, gapsMs), ...end], { from }).heard).toEqual([...keysOf(pin), ...end.map(({ code }) => code)]);
      },
    ),
  );
  expect(play([...typed('123456', [10]), ...ends['enter']!]).heard).toEqual(['scan 123456']); // where no PIN is asked for
  expect(play([...typed(bottle, [10]), ...ends['enter']!], { from }).heard).toEqual([`scan ${bottle}`]);
  expect(play([...typed(card, [10]), ...ends['enter']!], { from }).heard).toEqual([`scan ${card}`]);
});
