import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { handlers } from '../../../electron/engine/handlers.ts';
import { type Dispatch, connect, messageBytesMax, serve } from '../../../electron/ipc/rpc.ts';
import { wirePair } from '../../../electron/ipc/wire.ts';
import { aTill, atWork } from '../../support/till.ts';

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

  const page = (dispatch: Dispatch, now = () => 0) => {
    const [engineEnd, pageEnd] = wirePair();
    serve(engineEnd, dispatch, () => {}, now);
    return connect<{ echo: { args: unknown; value: unknown } }, Record<string, never>>(pageEnd);
  };

  test('a message over the bound is refused before it is looked at', async () => {
    const { call } = page((_, args) => args);
    await expect(call.echo('x'.repeat(messageBytesMax))).rejects.toMatchObject({ code: 'too_large' });
    await expect(call.echo('x')).resolves.toBe('x');
  });

  test('a page that calls without end is held back, and heard again a second later', async () => {
    let now = 0;
    const { call } = page(
      (_, args) => args,
      () => now,
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

  test('an exception of the engine reaches the page as a code without its text', async () => {
    const { call } = page(() => {
      throw new Error('secret path /home/shop');
    });
    await expect(call.echo('x')).rejects.toMatchObject({ code: 'failed', message: 'echo: failed' });
  });
});
