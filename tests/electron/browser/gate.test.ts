import { expect, test } from 'vitest';
import { openGate } from '../../../electron/browser/gate.ts';
import { fc } from '../../support/property.ts';

const host = '127.0.0.1:4711';
const origin = 'http://127.0.0.1:4711';

test('a token opens one wire; the session it gave opens the next ones', () => {
  const gate = openGate(4711);
  const token = gate.invite();
  const first = gate.enter({ host, origin, token, session: null });
  const session = first.ok ? first.accept() : null;
  expect([typeof session, gate.enter({ host, origin, token, session: null }), gate.enter({ host, origin, token, session }).ok]).toEqual([
    'string',
    { ok: false, code: 'not_invited' },
    true,
  ]);
});

test('a token that was shown but let nobody in stays good', () => {
  const gate = openGate(4711);
  const token = gate.invite();
  gate.enter({ host, origin, token, session: null });
  expect(gate.enter({ host, origin, token, session: null }).ok).toBe(true);
});

test('a page may ask whether it is invited, and uses nothing up by that', () => {
  const gate = openGate(4711);
  const token = gate.invite();
  const before = [gate.knows({ token, session: null }), gate.knows({ token, session: null })];
  const entry = gate.enter({ host, origin, token, session: null });
  const session = entry.ok ? entry.accept() : null;
  expect([
    before,
    gate.knows({ token, session: null }),
    gate.knows({ token, session }),
    gate.knows({ token: null, session: null }),
  ]).toEqual([[true, true], false, true, false]);
});

test.each([
  ['a name that points here', 'kiosk.example:4711', origin, 'wrong_host'],
  ['localhost', 'localhost:4711', origin, 'wrong_host'],
  ['another port', '127.0.0.1:4712', origin, 'wrong_host'],
  ['no host', undefined, origin, 'wrong_host'],
  ['a foreign page', host, 'https://example.com', 'wrong_origin'],
  ['a page of another port', host, 'http://127.0.0.1:80', 'wrong_origin'],
  ['a page without origin', host, 'null', 'wrong_origin'],
  ['a program that sends no origin', host, undefined, 'wrong_origin'],
  ['a longer host that begins like ours', host, 'http://127.0.0.1:4711.example.com', 'wrong_origin'],
])('%s is refused even with the token', (_, host, origin, code) => {
  const gate = openGate(4711);
  expect(gate.enter({ host, origin, token: gate.invite(), session: null })).toEqual({ ok: false, code });
});

test('no other text is a token or a session', () => {
  const gate = openGate(4711);
  gate.invite();
  fc.assert(
    fc.property(fc.string(), (guess) => {
      expect(gate.enter({ host, origin, token: guess, session: guess })).toEqual({ ok: false, code: 'not_invited' });
    }),
  );
});

test('the ninth invitation ends the first', () => {
  const gate = openGate(4711);
  const tokens = Array.from({ length: 9 }, () => gate.invite());
  expect(tokens.map((token) => gate.enter({ host, origin, token, session: null }).ok)).toEqual([false, ...Array<boolean>(8).fill(true)]);
});
