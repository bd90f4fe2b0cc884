import { describe, expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../../../electron/engine/engine.ts';
import { handlers } from '../../../electron/engine/handlers.ts';
import type { Contract } from '../../../electron/ipc/contract.ts';
import { type CallLimit, type Dispatch, callLimit, connect, messageBytesMax, serve } from '../../../electron/ipc/rpc.ts';
import type { Events } from '../../../electron/ipc/snapshot.ts';
import { wirePair } from '../../../electron/ipc/wire.ts';
import { temporary } from '../../support/county.ts';
import { aTill, atWork } from '../../support/till.ts';
import { fc } from '../../support/property.ts';

describe('calls of the wrong shape, size or rate', () => {
  test('no argument a page can send makes the engine throw, stop or write', async () => {
    const till = await atWork(await aTill(onTestFinished));
    const names = Object.keys(handlers).filter(
      (name) =>
        ![
          'signIn',
          'signOut',
          'setSettings',
          'openShift',
          'simulatePrinter',
          'scan',
          'simulateScan',
          'snapshot',
          'dropResident',
          'clearCart',
          'nextCustomer',
        ].includes(name),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), async (name, args) => {
        till.clock.turn(1_000);
        const call = till.call as unknown as Record<string, (args: unknown) => Promise<unknown>>; // what a hostile page has
        const answer = await call[name]!(args).catch((error: { code: string }) => error.code);
        expect(answer).not.toBe('failed');
      }),
      { numRuns: 100 },
    );
    expect(till.snapshot().status).toEqual({ kind: 'selling' });
    const kinds = new Set(['START', 'DOWN_APPLIED', 'OPERATOR_IN', 'OPERATOR_OUT', 'SHIFT_OPEN', 'CLOCK_STEP']);
    await till.stop();
    expect(till.events().filter((event) => !kinds.has(event.kind))).toEqual([]);
  });

  test('a scan of any text is answered with a notice', async () => {
    const till = await atWork(await aTill(onTestFinished));
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 200 }), async (text) => {
        const notice = await till.call.scan({ text });
        expect(['goods_unknown', 'card_malformed']).toContain(notice.code);
      }),
      { numRuns: 100 },
    );
    expect(till.snapshot().cart.quote.lines).toEqual([]);
  });

  const page = (dispatch: Dispatch, limit: CallLimit = () => true) => {
    const [engineEnd, pageEnd] = wirePair();
    serve(engineEnd, dispatch, () => {}, limit);
    return connect<{ echo: { args: unknown; value: unknown } }, Record<string, never>>(pageEnd);
  };

  test('a message over the bound is refused before it is looked at', async () => {
    const { call } = page((_, args) => args);
    await expect(call.echo('x'.repeat(messageBytesMax))).rejects.toMatchObject({ code: 'too_large' });
    await expect(call.echo('x')).resolves.toBe('x');
  });

  test('a message is measured in bytes: a Tibetan letter is three', async () => {
    const { call } = page((_, args) => args);
    const letters = (count: number): string => 'ཀ'.repeat(count);
    const most = Math.floor(messageBytesMax / 3) - 30; // the rest of the message needs less than 90
    await expect(call.echo(letters(most))).resolves.toBe(letters(most));
    await expect(call.echo(letters(most + 30))).rejects.toMatchObject({ code: 'too_large' });
  });

  test('a page that calls without end is held back, and heard again a second later', async () => {
    let now = 0;
    const { call } = page(
      (_, args) => args,
      callLimit(() => now),
    );
    const burst = async () => {
      const answers: string[] = [];
      for (let i = 0; i < 130; i += 1) answers.push(await call.echo('x').then(String, (error: { code: string }) => error.code));
      return answers;
    };
    expect((await burst()).filter((answer) => answer === 'too_many')).toHaveLength(10);
    now = 1_000;
    await expect(call.echo('x')).resolves.toBe('x');
  });

  test('a page that connects anew, or a second one beside it, has no more calls than one that stays', async () => {
    const engine = await startEngine({ home: temporary(onTestFinished), log: () => {}, callLimit: callLimit(() => 0) });
    onTestFinished(() => engine.close());
    const answers: string[] = [];
    for (const isLeft of [true, false, true, false]) {
      const [engineEnd, pageEnd] = wirePair();
      engine.attach(engineEnd);
      const { call } = connect<Contract, Events>(pageEnd);
      for (let i = 0; i < 50; i += 1)
        answers.push(
          await call.snapshot().then(
            () => 'heard',
            (error: { code: string }) => error.code,
          ),
        );
      if (isLeft) engineEnd.close();
    }
    expect(answers).toEqual([...Array<string>(120).fill('heard'), ...Array<string>(80).fill('too_many')]);
  });

  test('an exception of the engine reaches the page as a code without its text', async () => {
    const { call } = page(() => {
      throw new Error('secret path /home/shop');
    });
    await expect(call.echo('x')).rejects.toMatchObject({ code: 'failed', message: 'echo: failed' });
  });
});
