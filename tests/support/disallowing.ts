// Recycling credits that the county disallows, in tests: two shops whose desks take in what 琼结 does, without caps.

import { expect } from 'vitest';
import { type CreditRow, type WantedCredits, disallowing, proposeDisallowing } from '../../county/book/disallowed.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import { everyKiosk, isMasterLine, putMaster } from '../../county/book/master.ts';
import { type Reclaim, releaseReclaim } from '../../county/book/reclaims.ts';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import type { CreditEvent } from '../../db/credits.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { type CountyShops } from './county-shops.ts';
import { counted } from './credit.ts';
import { deskLines, recycled } from './recycling.ts';
import { today } from './sell.ts';
import { both, twoShops } from './take-backs.ts';

const uncapped = {
  materials: qiongjie.scheme.recycling!.materials.map((each) => ({ ...each, dayCap: null })), // it takes six
  accountDayCap: null,
  operatorDayCap: null,
  kioskDayCap: null,
};

/** As twoShops, with a desk each. */
export async function twoDesks(...of: Parameters<typeof twoShops>): Promise<CountyShops> {
  const shops = await twoShops(...of);
  const lines = await deskLines(2, uncapped);
  await shops.county.transact((act) => {
    const entry = act.enter('start', 'test');
    for (const line of lines) if (isMasterLine(line)) putMaster(act, line, { scope: everyKiosk, entry });
  });
  await shops.night();
  for (const kiosk of both) await shops.hear(kiosk);
  return shops;
}

/** So many batteries are brought to a desk: two are a point. */
export function brings(shops: CountyShops, kiosk: string, resident: '1' | '2', batteries = 20): CreditEvent {
  const credit = recycled(shops.shop(kiosk).book, { resident, bags: [counted('battery', batteries)] });
  if (typeof credit === 'string') throw new Error(credit);
  return credit;
}

/** The till takes a credit back, wholly, whatever it holds: as one does that counts it among its rights. */
export function reverses(shops: CountyShops, kiosk: string, { id, amt, res, body: { accountId } }: CreditEvent): void {
  const { book } = shops.shop(kiosk);
  const body = { creditId: id, accountId, reason: 'wrong_amount', approvalId: uuidv7(book.clock.wallMs()) } as const;
  book.transact(({ append }) =>
    append({
      id: uuidv7(book.clock.wallMs()),
      day: today,
      op: 'op1',
      res,
      command: { reverseCredit: id },
      kind: 'CREDIT_REVERSED',
      body,
      amt,
    }),
  );
}

export function ticketOf({ body }: CreditEvent): string {
  return body.ticketNumber;
}

/** One ticket, so much of it or all that is left. */
export function one(credit: CreditEvent, points: number | null = null): WantedCredits {
  return { is: 'one', ticket: ticketOf(credit), points };
}

export async function proposedCredits(county: CountyBook, wanted: WantedCredits): Promise<Reclaim> {
  const kept = await proposeDisallowing(county, { wanted, reason: '称重造假', by: '张三' });
  if (!kept.ok) throw new Error(kept.code);
  return kept.value;
}

export async function disallowed(county: CountyBook, wanted: WantedCredits): Promise<void> {
  const { number } = await proposedCredits(county, wanted);
  expect(await releaseReclaim<CreditRow>(county, disallowing, { number, by: '李四' })).toEqual({ ok: true, value: null });
}
