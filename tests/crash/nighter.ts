// The process that the night loop kills: opens a county's book as its server does at a start and runs one night after the other, each with
// something to tell every kiosk, saying which has ended.

import { moved } from '../../county/book/ledger.ts';
import { finishDownFiles } from '../../county/down-finish.ts';
import { night } from '../../county/night.ts';
import { openKilled, readOrder } from './read-order.ts';

export interface NighterOrder {
  readonly county: string;
  readonly accounts: readonly string[];
  readonly wallMs: number;
  /** The control: says that files are there before they are made. */
  readonly acknowledgeEarly: boolean;
}

const order = await readOrder<NighterOrder>();
let wallMs = order.wallMs;
const book = openKilled(order.county, () => wallMs);
await finishDownFiles(book);
console.log('finished');
let newest = 0;
for (;;) {
  wallMs += 1_000;
  await book.transact((act) => {
    for (const account of order.accounts) {
      act.enter('award', account);
      act.post(moved({ account: 'issuance' }, { account: 'main', holder: account }, 100));
    }
  });
  if (order.acknowledgeEarly && newest > 0) console.log(`made ${newest + 2}`);
  for (const outcome of await night(book)) if (outcome.kind === 'written') newest = outcome.downSeq;
  console.log(`made ${newest}`);
}
