// Draws, uploads and returns of rights in any order (reconciliation.md R7, T10): two tills draw while home sells, is called, sends the same
// file twice and the night runs. Nobody gets more than there is, nothing is lost, and every book is true.

import { sign } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { checkBook } from '../../county/book/invariants.ts';
import { takeIn } from '../../county/book/intake.ts';
import { type Callable, newDraws } from '../../county/draws.ts';
import { drawText } from '../../db/model/draw.ts';
import { readSigner } from '../../db/home.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import { cutUpFile } from '../../db/up-files.ts';
import { uploadOf } from '../support/county-book.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { today } from '../support/sell.ts';
import { fc } from '../support/property.ts';

const [home, near, far] = ['qj-03', 'qj-04', 'qj-05'];
const awarded = 10_000;

/** One at a time, as one engine works on its book. */
function oneAtATime(): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** Takes what the county has for home, and sends what it has not got, twice at once. */
async function exchange(shops: CountyShops, isTwice: boolean): Promise<void> {
  await shops.hear(home);
  const { home: folder, book } = shops.shop(home);
  const file = await cutUpFile(book, folder, { software: 'test', idle: () => Promise.resolve() });
  if (file === null) return;
  const upload = uploadOf(folder, file);
  const verdicts = await Promise.all([takeIn(shops.county, upload), ...(isTwice ? [takeIn(shops.county, upload)] : [])]);
  expect(verdicts.map(({ verdict }) => verdict).toSorted()).toEqual(isTwice ? ['ACCEPTED', 'DUPLICATE'] : ['ACCEPTED']);
}

test('in any order of draws, sales, uploads and nights every point is at one place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.record({ at: fc.constantFrom(near, far), want: fc.integer({ min: 1, max: 6_000 }) }), { minLength: 2, maxLength: 4 }),
      fc.array(fc.constantFrom('sale', 'upload', 'twice', 'night'), { minLength: 2, maxLength: 4 }),
      async (scheduler, wanted, acts) => {
        const shops = await aCountyOfShops(onTestFinished, { homes: { a1: home }, roamAt: [], roamCap: 0, kiosks: [home, near, far] });
        await shops.award('a1', awarded);
        await shops.night();
        await shops.hear(home);
        const atHome = oneAtATime();
        const waiting = new Set<(came: boolean) => void>();
        const called = async (): Promise<void> => {
          await scheduler.schedule(Promise.resolve(), 'home is called');
          await atHome(() => exchange(shops, false));
          for (const settle of waiting) settle(true);
        };
        const calls: Promise<void>[] = [];
        const callable: Callable = {
          canBeCalled: (kiosk) => kiosk === home,
          ask: () => void calls.push(called()),
          nextFile: (_, ms) =>
            new Promise((resolve) => {
              const settle = (came: boolean): void => {
                clearTimeout(timer);
                waiting.delete(settle);
                resolve(came);
              };
              const timer = setTimeout(() => settle(false), Math.max(0, ms));
              waiting.add(settle);
            }),
        };
        const draws = newDraws(shops.county, {
          callable,
          monoMs: () => performance.now(),
          limits: { deadlineMs: 1_500, asksOfKiosk: 100, fetchesForKiosk: 100 },
        });
        const atTill = new Map([near, far].map((kiosk) => [kiosk, oneAtATime()]));
        const drawing = wanted.map(async ({ at, want }, i) => {
          await scheduler.schedule(Promise.resolve(), `${at} draws ${want}`);
          const question = { kiosk: at, account: 'a1', want, nonce: `nonce-of-draw-${i}-of-these` };
          const { privateKey } = readSigner(shops.shop(at).home)!;
          const signature = sign(null, Buffer.from(drawText({ ...question, county: '540525' })), privateKey);
          const drawn = await draws.ask({ question, signature });
          if (!drawn.ok) return;
          expect(drawn.value.amount).toBeLessThanOrEqual(want);
          await atTill.get(at)!(async () => {
            const { book } = shops.shop(at);
            expect(takeVoucher(book, { text: drawn.value.text, by: 'network', op: 'op1', day: today })).toMatchObject({ ok: true });
          });
        });
        let sold = 0;
        const acting = acts.map(async (act) => {
          await scheduler.schedule(Promise.resolve(), act);
          if (act === 'night') await shops.night();
          else if (act !== 'sale') await atHome(() => exchange(shops, act === 'twice'));
          else
            await atHome(async () => {
              const spent = shops.spend(home, 'a1', 700);
              if (typeof spent !== 'string') sold += spent.fromRights;
            });
        });
        await scheduler.waitFor(Promise.all([...drawing, ...acting]));
        await scheduler.waitFor(Promise.all(calls));
        // at rest: all is sent, and what came back too late is at home again
        for (let round = 0; round < 2; round += 1) {
          await exchange(shops, false);
          await shops.night();
        }
        for (const kiosk of [home, near, far]) {
          await shops.hear(kiosk);
          await shops.send(kiosk);
        }
        const { main, due, overdraft, rights } = await shops.at('a1');
        const held = Object.values(rights).reduce((sum, amount) => sum + amount, 0);
        expect({ main, due, overdraft, all: held + sold }).toEqual({ main: 0, due: 0, overdraft: 0, all: awarded });
        for (const kiosk of [home, near, far])
          if ((rights[kiosk] ?? 0) > 0) expect(shops.spend(kiosk, 'a1', rights[kiosk]!)).toMatchObject({ fromRights: expect.any(Number) });
        expect((await checkBook(shops.county, 'whole')).filter(({ place, rule }) => place !== null && rule !== '26')).toEqual([]); // of no list
      },
    ),
    { numRuns: 3, endOnFailure: true },
  );
});
