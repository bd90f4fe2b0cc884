// The engine's end of a wire, against what is no call at all.

import { expect, test } from 'vitest';
import { callLimit, serve } from '../../../electron/ipc/rpc.ts';
import type { Wire } from '../../../electron/ipc/wire.ts';

/** A served wire whose other end is held by hand, and a clock that stands still. */
function served() {
  const sent: unknown[] = [];
  const asked: string[] = [];
  const logged: string[] = [];
  let hear: (message: unknown) => void = () => {};
  const wire: Wire = {
    send: (message) => void sent.push(message),
    onMessage: (listener) => void (hear = listener),
    onClose: () => {},
    close: () => {},
  };
  serve(
    wire,
    (name) => void asked.push(name),
    (line) => void logged.push(line),
    callLimit(() => 0),
  );
  return { sent, asked, logged, hear: (message: unknown) => hear(message) };
}

test.each([
  ['nothing', null],
  ['a number', 7],
  ['a list', []],
  ['an empty record', {}],
  ['a reply', { type: 'reply', id: 1, ok: true }],
  ['an event', { type: 'event', name: 'snapshot', payload: null }],
  ['a call without a number', { type: 'call', name: 'pay' }],
  ['a call whose number is a text', { type: 'call', id: '1', name: 'pay' }],
  ['a call whose number is beyond 2^53', { type: 'call', id: 2 ** 53, name: 'pay' }],
  ['a call without a name', { type: 'call', id: 1 }],
  ['a call with a name of a thousand letters', { type: 'call', id: 1, name: 'x'.repeat(1_000) }],
])('%s is dropped, with a line in the log', (_what, message) => {
  const { sent, asked, logged, hear } = served();
  hear(message);
  expect({ sent, asked, logged }).toEqual({ sent: [], asked: [], logged: ['a message that is not a call was dropped'] });
});

test('arguments without a JSON form are too large for any call', async () => {
  const { sent, asked, hear } = served();
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  let deep: unknown = 0;
  for (let i = 0; i < 100_000; i += 1) deep = [deep];
  for (const args of [circle, 1n, deep]) hear({ type: 'call', id: 1, name: 'echo', args });
  await Promise.resolve();
  const refused = { type: 'reply', id: 1, ok: false, code: 'too_large' };
  expect({ sent, asked }).toEqual({ sent: [refused, refused, refused], asked: [] });
});

test('a page that sends nonsense without end fills no log, and uses up its own calls', () => {
  const { sent, asked, logged, hear } = served();
  for (let i = 0; i < 10_000; i += 1) hear({ nonsense: i });
  hear({ type: 'call', id: 1, name: 'echo', args: 'x' });
  expect([logged.length, asked, sent]).toEqual([120, [], [{ type: 'reply', id: 1, ok: false, code: 'too_many' }]]);
});
