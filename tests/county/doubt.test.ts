// A settlement that came in a file of a key that was not in force waits for a person, and so do the last days of its kiosk: points are
// posted, since goods were given, but no money is paid while nobody knows whose machine it was.

import { expect, onTestFinished, test } from 'vitest';
import { exceptionCommands } from '../../county/exception-commands.ts';
import { paymentCommands } from '../../county/payment-command.ts';
import type { BookCommand } from '../../county/serve/command.ts';
import { answerException, openExceptions, raiseException } from '../../county/book/exceptions.ts';
import { payables } from '../../county/book/payable.ts';
import { proposeRepair, releaseRepair } from '../../county/book/repairs.ts';
import { revokeKiosk } from '../../county/book/revoke.ts';
import { takePayments } from '../../county/book/payments.ts';
import { closeDay } from '../support/closing.ts';
import { type CountyShops, aCountyOfShops } from '../support/county-shops.ts';
import { today } from '../support/sell.ts';
import { settleDays } from '../support/used-county.ts';

const home = 'qj-03';

/** A shop whose settlement over ten points has come, in a file that a person is asked about. */
async function inDoubt(): Promise<CountyShops> {
  const shops = await aCountyOfShops(onTestFinished, { kiosks: [home], homes: { a1: home }, roamAt: [], roamCap: 0 });
  await shops.award('a1', 5_000);
  await shops.night();
  await shops.hear(home);
  expect(shops.spend(home, 'a1', 1_000)).toEqual({ fromRights: 1_000, fromRoaming: 0 });
  const { book } = shops.shop(home);
  closeDay(book, { day: today });
  expect(settleDays(shops.shop(home), 1).owedFen).toBe(100);
  const { fileSeq } = await shops.send(home);
  await shops.county.transact(({ db }) =>
    raiseException(db, {
      kiosk: home,
      inc: 1,
      fileSeq,
      seq: 0,
      code: 'ended_key',
      detail: 'signed with a key that is not in force: AAAAAAAA',
      at: 1,
    }),
  );
  return shops;
}

async function answerIt({ county }: CountyShops): Promise<void> {
  const [asked] = (await county.read(openExceptions)).filter(({ code }) => code === 'ended_key');
  expect(await answerException(county, { number: asked!.number, by: '委员', text: '是旧机器没发完的账' })).toEqual({
    ok: true,
    value: null,
  });
}

/** What a command says that is given nothing but the book. */
async function typed({ county }: CountyShops, command: BookCommand): Promise<string> {
  const said: string[] = [];
  await command(county, { words: [] }, { say: (text) => said.push(text), complain: (text) => said.push(text) });
  return said.join('');
}

const toPay = ({ county }: CountyShops) => county.read((db) => payables(db).map(({ number, payFen }) => ({ number, payFen })));

test('a settlement in doubt is not accepted, and the bank’s payment of it is a fault, until a person answered', async () => {
  const shops = await inDoubt();
  const list = `kiosk,inc,settlement,yuan,day,reference\n${home},1,1,1,2026-11-21,B-1\n`;
  await shops.night();
  expect(await toPay(shops)).toEqual([]);
  expect(await takePayments(shops.county, list)).toEqual({
    ok: false,
    code: 'faulty',
    faults: [{ row: 1, what: `no accepted settlement 1 of ${home}` }],
  });
  expect(await typed(shops, exceptionCommands.exceptions)).toMatch(
    /^\d+ {2}监督 {2}\S+ {2}换下的密钥还在记账（ended_key） {2}用的密钥 .+… 已经换下\n$/,
  );
  await answerIt(shops);
  expect(await toPay(shops)).toEqual([]); // the night accepts
  await shops.night();
  expect(await toPay(shops)).toEqual([{ number: 1, payFen: 100 }]);
  expect(await typed(shops, paymentCommands['to-pay'])).toBe(
    `店,终端,代次,结算单,金额（元）,日期,流水号\n白日社区文明超市,${home},1,1,1.00,,\n`,
  );
  expect(await takePayments(shops.county, list)).toEqual({
    ok: true,
    value: { rows: 1, fen: 100, payments: [{ kiosk: home, inc: 1, number: 1, fen: 100, leftFen: 0, day: '2026-11-21', reference: 'B-1' }] },
  });
});

test('the last days of a kiosk wait while a file of it is in doubt, whether they are proposed before or after', async () => {
  const shops = await inDoubt();
  const { county } = shops;
  const repair = { kind: 'last_days', kiosk: home } as const;
  expect(await proposeRepair(county, { repair, by: 'li' })).toEqual({ ok: false, code: 'not_revoked' });
  await revokeKiosk(county, { kiosk: home, by: 'li', reason: '火灾' });
  expect(await proposeRepair(county, { repair, by: 'li' })).toEqual({ ok: false, code: 'in_doubt' });
  await answerIt(shops);
  const proposed = await proposeRepair(county, { repair, by: 'li' });
  if (!proposed.ok) throw new Error(proposed.code);
  await county.transact(({ db }) =>
    raiseException(db, { kiosk: home, inc: 1, fileSeq: 9, seq: 0, code: 'ended_key', detail: 'another late file', at: 2 }),
  );
  const release = { number: proposed.value, kind: repair.kind, by: 'wang' } as const;
  expect(await releaseRepair(county, release)).toEqual({ ok: false, code: 'in_doubt' });
  expect(await toPay(shops)).toEqual([]);
  await answerIt(shops);
  expect(await releaseRepair(county, release)).toMatchObject({ ok: true });
  expect(await toPay(shops)).toEqual([{ number: 1, payFen: 100 }]);
  expect(await releaseRepair(county, release)).toEqual({ ok: false, code: 'released' });
});
