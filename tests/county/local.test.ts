// The local socket over a real one: what a command says comes back in order, and a command that breaks ends nothing.

import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Run, answerLocally, askServer, faultCode, localPath } from '../../county/serve/local.ts';
import { newPresence } from '../../county/server/presence.ts';
import { temporary } from '../support/county.ts';

async function answering(run: Run): Promise<{ readonly directory: string; readonly faults: unknown[] }> {
  const directory = temporary(onTestFinished, 'jifen-sock-');
  writeFileSync(localPath(directory), 'left by a server that was killed');
  const faults: unknown[] = [];
  const answered = await answerLocally(directory, run, (error) => void faults.push(error));
  if (!answered.ok) throw new Error(answered.code);
  onTestFinished(() => answered.value.close());
  return { directory, faults };
}

async function asked(directory: string, words: readonly string[]): Promise<readonly [number | null, readonly string[]]> {
  const said: string[] = [];
  const terminal = { say: (text: string) => void said.push(`> ${text}`), complain: (text: string) => void said.push(`! ${text}`) };
  return [await askServer(directory, { words, workingDirectory: '/here' }, terminal), said];
}

test('what a command says and complains comes back in order, with its exit code', async () => {
  const { directory, faults } = await answering(({ words, workingDirectory }, { say, complain }) => {
    say(`${words.join(' ')} in ${workingDirectory}\n两行\n`);
    complain('but\n');
    return Promise.resolve(3);
  });
  expect(await asked(directory, ['night', '--x', 'a b'])).toEqual([3, ['> night --x a b in /here\n两行\n', '! but\n']]);
  expect(faults).toEqual([]);
});

test('a command that throws is told as a fault, and the next one runs', async () => {
  const { directory, faults } = await answering(({ words }) => {
    if (words[0] === 'bad') throw new Error('secret path');
    return Promise.resolve(0);
  });
  const [code, said] = await asked(directory, ['bad']);
  expect([code, said.join('').includes('secret')]).toEqual([faultCode, false]);
  expect(faults).toEqual([new Error('secret path')]);
  expect(await asked(directory, ['good'])).toEqual([0, []]);
});

test('what is no request is answered as a fault, and a server that is not there as null', async () => {
  const { directory, faults } = await answering(() => Promise.resolve(0));
  const reply = await new Promise<string>((done) => {
    const socket = connect(localPath(directory), () => socket.write('GET / HTTP/1.1\n'));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString())).on('close', () => done(text));
  });
  expect(reply.split('\n').slice(1)).toEqual([JSON.stringify({ exit: faultCode }), '']);
  expect(faults).toHaveLength(1);
  expect(await asked(temporary(onTestFinished, 'jifen-sock-'), ['night'])).toEqual([null, []]);
});

test('a kiosk is told to exchange until its file comes, three times at most', () => {
  let mono = 1;
  const presence = newPresence(() => mono);
  expect([presence.saw('k1', 3), presence.of('k2')]).toEqual([false, null]);
  presence.ask(['k1', 'k2']);
  mono = 2;
  expect([presence.saw('k1', 3), presence.of('k1')]).toEqual([true, { atMs: 2, next: 3, sentAtMs: null, toldAtMs: 2, isAsked: true }]);
  mono = 3;
  presence.sent('k1');
  expect([presence.saw('k1', 4), presence.of('k1')]).toEqual([false, { atMs: 3, next: 4, sentAtMs: 3, toldAtMs: 2, isAsked: false }]);
  expect([1, 2, 3, 4].map(() => presence.saw('k2', 1))).toEqual([true, true, true, false]);
});
