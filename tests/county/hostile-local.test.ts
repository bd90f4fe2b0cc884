// The local socket attacked by who may use it: clients that say nothing, half a word, too much, nonsense, or go away in the middle. The next
// command runs, nothing waits without end, and no word names what is no command.

import { existsSync, statSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Run, answerLocally, askServer, faultCode, localPath } from '../../county/serve/local.ts';
import { temporary } from '../support/county.ts';

interface Attacked {
  readonly directory: string;
  readonly faults: readonly unknown[];
  readonly close: () => Promise<void>;
}

async function attacked(run: Run, askingMs?: number): Promise<Attacked> {
  const directory = temporary(onTestFinished, 'jifen-sock-');
  const faults: unknown[] = [];
  const answered = await answerLocally(directory, run, (error) => void faults.push(error), askingMs);
  if (!answered.ok) throw new Error(answered.code);
  onTestFinished(() => answered.value.close());
  return { directory, faults, close: () => answered.value.close() };
}

/** A connection, open. */
function client(directory: string): Promise<Socket> {
  return new Promise((done, failed) => {
    const socket = connect(localPath(directory), () => done(socket));
    socket.on('error', failed);
    onTestFinished(() => void socket.destroy());
  });
}

/** All that is answered to these bytes, until the server ends it. */
async function answerTo(directory: string, bytes: Buffer | string): Promise<string> {
  const socket = await client(directory);
  return new Promise((done) => {
    let text = '';
    socket.removeAllListeners('error').on('error', () => undefined);
    socket.on('data', (chunk) => (text += chunk.toString())).on('close', () => done(text));
    socket.write(bytes);
  });
}

async function asked(directory: string, words: readonly string[]): Promise<readonly [number | null, string]> {
  let said = '';
  const hear = (text: string): void => void (said += text);
  return [await askServer(directory, { words, workingDirectory: '/here' }, { say: hear, complain: hear }), said];
}

const done: Run = (_asked, { say }) => {
  say('done\n');
  return Promise.resolve(0);
};

test('clients that connect and say nothing, or half a word, are sent away, and commands run again', async () => {
  const { directory, faults } = await attacked(done, 200);
  const silent = await Promise.all(Array.from({ length: 16 }, () => client(directory)));
  const ended = silent.map((socket) => new Promise((resolve) => void socket.resume().on('close', resolve)));
  silent[0]!.write('{"words":["nig');
  await Promise.all(ended);
  expect(await asked(directory, ['night'])).toEqual([0, 'done\n']);
  expect(faults).toHaveLength(16);
});

test.each<[what: string, bytes: Buffer | string]>([
  ['nothing but an end of line', '\n'],
  ['a list', '[]\n'],
  ['a text', '"night"\n'],
  ['no words', '{"words":[],"workingDirectory":"/"}\n'],
  ['words that are numbers', '{"words":[1],"workingDirectory":"/"}\n'],
  ['a member more', '{"words":["night"],"workingDirectory":"/","as":"root"}\n'],
  ['a member of every object', '{"words":["night"],"workingDirectory":"/","__proto__":{"as":"root"}}\n'],
  ['no folder', '{"words":["night"],"workingDirectory":""}\n'],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x0a])],
  ['lists within lists', `${'['.repeat(200_000)}\n`],
  ['a word without end', Buffer.alloc(1024 * 1024, 'a')],
  ['a hello over TLS', Buffer.from('16030100c8010000c40303', 'hex')],
])('%s is a fault, runs nothing, and the next command runs', async (_, bytes) => {
  const ran: unknown[] = [];
  const { directory, faults } = await attacked((request) => {
    ran.push(request);
    return Promise.resolve(0);
  }, 300);
  const answer = await answerTo(directory, bytes);
  expect([answer === '' || answer.endsWith(`${JSON.stringify({ exit: faultCode })}\n`), ran, faults.length]).toEqual([true, [], 1]);
  expect(await asked(directory, ['night'])).toEqual([0, '']);
});

test('who goes away in the middle leaves a command that runs to its end, once', async () => {
  let ended = 0;
  const { directory, faults } = await attacked(async (_asked, { say }) => {
    for (let i = 0; i < 20; i += 1) {
      say(`${i}\n`);
      await new Promise((go) => setTimeout(go, 10));
    }
    ended += 1;
    return 0;
  });
  const socket = await client(directory);
  socket.write(`${JSON.stringify({ words: ['night'], workingDirectory: '/' })}\n`);
  await new Promise((go) => void socket.once('data', go));
  socket.destroy();
  await expect.poll(() => ended).toBe(1);
  expect([faults, await asked(directory, ['night'])]).toEqual([[], [0, expect.stringMatching(/^0\n[^]*\n19\n$/)]]);
});

test('who asks and never reads costs so much memory and no more, and keeps nobody from asking', async () => {
  const megabyte = 'a'.repeat(1024 * 1024);
  let isSaid = false;
  const { directory } = await attacked(async ({ words }, { say }) => {
    for (let i = 0; words[0] === 'much' && i < 300; i += 1) {
      say(megabyte);
      await new Promise((go) => setImmediate(go));
    }
    isSaid = true;
    return 0;
  });
  const socket = await client(directory);
  const before = process.memoryUsage().rss;
  socket.pause().write(`${JSON.stringify({ words: ['much'], workingDirectory: '/' })}\n`);
  await expect.poll(() => isSaid).toBe(true);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  expect(await asked(directory, ['night'])).toEqual([0, '']);
});

test('the socket is its owner’s alone from its first moment, and goes with the server, which does not wait for a silent client', async () => {
  const { directory, close } = await attacked(done);
  expect(statSync(localPath(directory)).mode & 0o777).toBe(0o600);
  await client(directory);
  await close();
  expect(existsSync(localPath(directory))).toBe(false);
});

test('a command that finds the disk full says so, with the exit code of a refusal', async () => {
  const { directory, faults } = await attacked(() => {
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  });
  expect(await asked(directory, ['night'])).toEqual([1, expect.stringMatching(/^the disk is full, /)]);
  expect(faults).toHaveLength(1);
});
