// A kiosk and its county, both real, over HTTPS: what was sold goes up, the county posts it and answers, its file of the night comes
// down and takes effect, and the next file says so.

import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { night } from '../../county/night.ts';
import { serverIdentity } from '../../county/server/certificate.ts';
import { countyServer } from '../../county/server/server.ts';
import { activeAlarm, newestAck, postedThrough } from '../../db/acks.ts';
import { lastDown } from '../../db/reference.ts';
import { unpostedUpFiles } from '../../db/up-files.ts';
import { runRound } from '../../electron/engine/round.ts';
import { countyLine } from '../../electron/engine/send.ts';
import { openDay } from '../support/closing.ts';
import { apply } from '../support/county.ts';
import { aPair, cut } from '../support/county-book.ts';
import { sell, today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';
import { passOf } from '../support/kiosk-pass.ts';

test('a round trip leaves nothing waiting, the county’s word in the book, and both books true', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  const identity = serverIdentity(county.folder.keys, 'test');
  const app = await countyServer(county, { identity, complain: () => {} });
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const round = async (): Promise<unknown> => {
    const server = { url: `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`, pin: identity.pin };
    const line = countyLine({
      server,
      county: '540525',
      kiosk: 'qj-03',
      pass: passOf(home, server.pin),
      signal: new AbortController().signal,
    });
    try {
      return await runRound({ book, home, line, idle: () => new Promise((resolve) => setImmediate(resolve)) });
    } finally {
      line.close();
    }
  };
  openDay(book, today);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  await cut(home, book);
  sell(book);
  const second = await cut(home, book);
  expect(await round()).toBeNull();
  expect([unpostedUpFiles(book.db, 10), postedThrough(book.db), newestAck(book.db)?.verdict]).toEqual([[], second.toSeq, 'ACCEPTED']);
  await night(county);
  expect(await round()).toBeNull();
  expect(await apply(home, book, join(home.inbox, '00000002.jsonl.gz'))).toEqual({ kind: 'applied', downSeq: 2 });
  expect(lastDown(book.db)).toMatchObject({ downSeq: 2, ackSeq: second.toSeq });
  await cut(home, book);
  expect([await round(), unpostedUpFiles(book.db, 10), activeAlarm(home)]).toEqual([null, [], null]);
  book.close();
  expect(await verdictOn(home.directory)).toEqual({ kind: 'true' });
});
