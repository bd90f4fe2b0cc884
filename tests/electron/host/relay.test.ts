import { expect, test } from 'vitest';
import { join, once, relayToEngine, relayToHost } from '../../../electron/ipc/relay.ts';
import type { EngineFrame, HostFrame } from '../../../electron/ipc/relay.ts';
import { wirePair } from '../../../electron/ipc/wire.ts';
import type { Wire } from '../../../electron/ipc/wire.ts';

test('what was on its way to a page that closed is dropped', () => {
  const sent: HostFrame[] = [];
  const relay = relayToEngine((frame) => sent.push(frame) > 0);
  const heard: unknown[] = [];
  const wire = relay.open()!;
  wire.onMessage((message) => heard.push(message));
  relay.receive({ kind: 'message', page: 1, message: 'before' });
  wire.close();
  relay.receive({ kind: 'message', page: 1, message: 'after' });
  wire.send('after');
  wire.close();
  expect({ sent, heard }).toEqual({
    sent: [
      { kind: 'open', page: 1 },
      { kind: 'close', page: 1 },
    ],
    heard: ['before'],
  });
});

test('messages that come before anybody listens are kept in order', () => {
  const wires: Wire[] = [];
  const relay = relayToHost(
    () => true,
    (wire) => wires.push(wire),
  );
  relay.receive({ kind: 'open', page: 3 });
  relay.receive({ kind: 'message', page: 3, message: 1 });
  relay.receive({ kind: 'message', page: 3, message: 2 });
  const heard: unknown[] = [];
  wires[0]!.onMessage((message) => heard.push(message));
  relay.receive({ kind: 'message', page: 3, message: 3 });
  expect(heard).toEqual([1, 2, 3]);
});

test('a page whose messages nobody takes is cut off instead of filling the memory', () => {
  const sent: EngineFrame[] = [];
  const wires: Wire[] = [];
  const relay = relayToHost(
    (frame) => sent.push(frame) > 0,
    (wire) => wires.push(wire),
  );
  let closed = false;
  relay.receive({ kind: 'open', page: 1 });
  wires[0]!.onClose(() => (closed = true));
  for (let i = 0; i < 100; i++) relay.receive({ kind: 'message', page: 1, message: i });
  expect({ sent, closed }).toEqual({ sent: [{ kind: 'close', page: 1 }], closed: true });
});

test('a side that does not read loses its page', () => {
  let isFull = false;
  const relay = relayToEngine(() => !isFull);
  const wire = relay.open()!;
  let closed = false;
  wire.onClose(() => (closed = true));
  isFull = true;
  wire.send('one too many');
  expect([closed, relay.open()]).toEqual([true, null]);
});

test('joined wires pass messages both ways and close together', async () => {
  const [page, hostOfPage] = wirePair();
  const [hostOfEngine, engine] = wirePair();
  join(hostOfPage, hostOfEngine);
  const heard: string[] = [];
  let closed = 0;
  page.onMessage((message) => heard.push(`page: ${String(message)}`));
  engine.onMessage((message) => heard.push(`engine: ${String(message)}`));
  page.onClose(() => (closed += 1));
  engine.onClose(() => (closed += 1));
  page.send('ask');
  engine.send('answer');
  await expect.poll(() => heard.length).toBe(2);
  engine.close();
  expect([new Set(heard), closed]).toEqual([new Set(['engine: ask', 'page: answer']), 2]);
});

test('who asks about what has happened is told at once, and everybody once', () => {
  const told: string[] = [];
  const closing = once<string>();
  closing.listen((why) => told.push(`early: ${why}`));
  closing.happen('gone');
  closing.happen('again');
  closing.listen((why) => told.push(`late: ${why}`));
  expect(told).toEqual(['early: gone', 'late: gone']);
});
