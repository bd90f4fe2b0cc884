// Rights that the county asks back, and vouchers: each request is answered once, with what is there, and each voucher counts once,
// whatever came before it.

import { describe, expect, onTestFinished, test } from 'vitest';
import { amountMax, points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import { openRestored } from '../../db/open-book.ts';
import { accountState } from '../../db/reference.ts';
import { type TestKiosk, aKiosk, dump, reopened } from '../support/book.ts';
import { withSignIns } from '../support/at-work.ts';
import { apply, firstLines, resident } from '../support/county.ts';
import { type VoucherOptions, aVoucher, nextFile, scanned, told } from '../support/rights.ts';
import { runRights } from '../support/rights-model.ts';
import { balancesIn } from '../support/returns.ts';
import { sell, today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';

function asks(a: string, b: number): DownLine {
  return { t: 'RETURN_REQ', a, b: points(b) };
}

function grants(a: string, g: number, v?: number): DownLine {
  return v === undefined ? { t: 'GRANT', a, g: points(g) } : { t: 'GRANT', a, g: points(g), v };
}

function answersIn({ book }: TestKiosk): readonly unknown[] {
  return book.db
    .prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'RIGHTS_RETURNED' ORDER BY seq`)
    .all()
    .map(({ line }) => JSON.parse(line) as BookEvent)
    .map(({ amt, op, body }) => ({ amt, op, body }));
}

function countersOf({ book }: TestKiosk, accountId: string): unknown {
  return book.db
    .prepare('SELECT granted, returned, spent, covered, granted_in AS grantedIn FROM counter WHERE account_id = ?')
    .get(accountId);
}

async function verdict({ book, directory }: TestKiosk) {
  book.close();
  return verdictOn(directory);
}

describe('rights that are asked back', () => {
  test('go back up to what was asked or all there is, in the order of the lines, after everything else of the file', async () => {
    const kiosk = await aKiosk(onTestFinished);
    sell(kiosk.book, { resident: '1', chosenPoints: 5_000 });
    const { seq } = kiosk.book.head();
    const lines = [asks('a2', 300), asks('a9', 5), grants('a2', 1_000), asks('a1', amountMax)];
    expect(await told(kiosk, lines)).toEqual({ kind: 'applied', downSeq: 2 });
    expect(answersIn(kiosk)).toEqual([
      { amt: 300, op: null, body: { accountId: 'a2', asked: 300, downSeq: 2 } },
      { amt: 0, op: null, body: { accountId: 'a9', asked: 5, downSeq: 2 } },
      { amt: 15_000, op: null, body: { accountId: 'a1', asked: amountMax, downSeq: 2 } },
    ]);
    expect(kiosk.book.head().seq).toBe(seq + 4);
    expect(balancesIn(kiosk.book.db)).toMatchObject({ 'esc a2 PTS': 700, 'issuance  PTS': -5_700, 'red  PTS': 5_000 });
    expect([countersOf(kiosk, 'a1'), countersOf(kiosk, 'a9')]).toEqual([
      { granted: 20_000, returned: 15_000, spent: 5_000, covered: 0, grantedIn: 1 },
      { granted: 0, returned: 0, spent: 0, covered: 0, grantedIn: null },
    ]);
    expect(accountState(kiosk.book.db, 'a1', today).counters).toMatchObject({ returned: 15_000 });
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });

  test('are answered again when a later file repeats the line, with what came since, and a smaller one with nothing', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const files = [[asks('a1', 30_000)], [asks('a1', 30_000)], [grants('a1', 24_000), asks('a1', 30_000)], [asks('a1', 1)]];
    for (const lines of files) await told(kiosk, lines);
    expect(answersIn(kiosk)).toMatchObject([{ amt: 20_000 }, { amt: 0 }, { amt: 4_000 }, { amt: 0, body: { asked: 1, downSeq: 5 } }]);
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });

  test('twice in one file make it malformed, and nothing of it stays', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const before = dump(kiosk.book.db);
    expect(await told(kiosk, [grants('a1', 21_000), asks('a1', 5), asks('a2', 5), asks('a1', 6)])).toEqual({
      kind: 'refused',
      code: 'malformed',
      detail: 'rights of a1 are asked back twice',
    });
    expect(dump(kiosk.book.db)).toBe(before);
  });

  test('go back once: the file again is known, and a crash before the commit leaves neither the file nor an answer', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const path = await nextFile(kiosk, [asks('a1', 700), asks('a2', 5)]);
    const before = dump(kiosk.book.db);
    const failing = {
      ...kiosk.book,
      transactLong: <Value>(work: Parameters<typeof kiosk.book.transactLong<Value>>[0]) =>
        kiosk.book.transactLong<Value>((transaction, pause) =>
          work(
            {
              ...transaction,
              append(entry) {
                if (entry.kind === 'RIGHTS_RETURNED' && entry.body.accountId === 'a2') throw new Error('the plug was pulled');
                return transaction.append(entry);
              },
            },
            pause,
          ),
        ),
    };
    await expect(apply(kiosk.home, failing, path)).rejects.toThrow('the plug was pulled');
    expect(dump(kiosk.book.db)).toBe(before);
    expect(await apply(kiosk.home, kiosk.book, path)).toEqual({ kind: 'applied', downSeq: 2 });
    const after = dump(kiosk.book.db);
    expect(await apply(kiosk.home, kiosk.book, path)).toEqual({ kind: 'known', downSeq: 2 });
    expect(dump(kiosk.book.db)).toBe(after);
    expect(answersIn(kiosk)).toMatchObject([{ amt: 700 }, { amt: 0 }]);
    kiosk.book.close();
    reopened(kiosk.home, kiosk.clock).close();
    expect(await verdictOn(kiosk.directory)).toEqual({ kind: 'true' });
  });

  test('are answered at one moment, whatever the clock does while the file is taken', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const lines = Array.from({ length: 250 }, (_, i) => asks(`b${i}`, 1)); // with breaths between the answers
    const applying = told(kiosk, lines);
    const turning = setInterval(() => kiosk.clock.turn(-3_600_000), 1);
    await applying;
    clearInterval(turning);
    const kinds = kiosk.book.db.prepare<[], { kind: string }>('SELECT kind FROM event ORDER BY seq DESC LIMIT 251').all();
    expect(new Set(kinds.slice(0, 250).map(({ kind }) => kind))).toEqual(new Set(['RIGHTS_RETURNED']));
    expect(kinds[250]).toEqual({ kind: 'DOWN_APPLIED' });
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });
});

describe('a voucher', () => {
  test('gives its rights once, and they are spent like others', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const text = aVoucher();
    const taken = scanned(kiosk, `${text}\r\n`);
    expect(taken).toEqual({ ok: true, value: { accountId: 'a2', amount: 1_000, number: 1, seq: kiosk.book.head().seq } });
    const after = dump(kiosk.book.db);
    expect(scanned(kiosk, text)).toEqual({ ok: false, code: 'voucher_used' });
    expect(dump(kiosk.book.db)).toBe(after);
    expect(sell(kiosk.book, { resident: '2', chosenPoints: 1_000 })).toMatchObject({ body: { redemption: { fromRights: 1_000 } } });
    expect(countersOf(kiosk, 'a2')).toEqual({ granted: 1_000, returned: 0, spent: 1_000, covered: 0, grantedIn: null });
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });

  test('that is not for this kiosk, not of the county or not whole is refused, and the book did not notice', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const before = dump(kiosk.book.db);
    const cases: readonly (readonly [string, VoucherOptions | string, string])[] = [
      ['of another kiosk', { kiosk: 'qj-04' }, 'voucher_elsewhere'],
      ['of another county', { county: '540526' }, 'voucher_elsewhere'],
      ['of an account that is not here', { accountId: 'a77' }, 'voucher_unknown_account'],
      ['signed by nobody of the county', { key: privateKeyFromSeed(Buffer.alloc(32, 9)) }, 'voucher_forged'],
      ['of more than a book can count', { accountId: 'a1', amount: amountMax }, 'voucher_malformed'],
      ['whose amount was changed', aVoucher().replace('|1000|', '|9000|'), 'voucher_forged'],
      ['whose signature is written in another way', `${aVoucher().slice(0, -1)}${otherEnd(aVoucher())}`, 'voucher_malformed'],
      ['that is half of one', aVoucher().slice(0, -20), 'voucher_malformed'],
      ['that is something else', 'CP1|540525|qj-03|1|2', 'voucher_malformed'],
      ['that is nothing', '', 'voucher_malformed'],
    ];
    const codes = cases.map(([what, options]) => [what, scanned(kiosk, typeof options === 'string' ? options : aVoucher(options))]);
    expect(codes).toEqual(cases.map(([what, , code]) => [what, { ok: false, code }]));
    expect(dump(kiosk.book.db)).toBe(before);
  });

  test('that a GRANT has counted is used, scanned before it or not, and one beyond it counts besides', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const [first, second, third, fourth] = [1, 2, 3, 4].map((number) => aVoucher({ number, amount: number * 100 })) as [
      string,
      string,
      string,
      string,
    ];
    scanned(kiosk, third);
    scanned(kiosk, first);
    await told(kiosk, [grants('a2', 300, 2)]); // 1 and 2, of which the second never came
    expect(countersOf(kiosk, 'a2')).toEqual({ granted: 600, returned: 0, spent: 0, covered: 2, grantedIn: 2 });
    for (const each of [first, second, third]) expect(scanned(kiosk, each)).toEqual({ ok: false, code: 'voucher_used' });
    expect(scanned(kiosk, fourth)).toMatchObject({ ok: true });
    await told(kiosk, [grants('a2', 1_000, 4)]);
    expect(balancesIn(kiosk.book.db)).toMatchObject({ 'esc a2 PTS': 1_000 });
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });

  test('is not lost by a GRANT: one that counts fewer, or not its points, is out of balance', async () => {
    const kiosk = await aKiosk(onTestFinished, [grants('a2', 500, 2)]);
    scanned(kiosk, aVoucher({ number: 3, amount: 200 }));
    const before = dump(kiosk.book.db);
    const cases: readonly (readonly [DownLine, string])[] = [
      [grants('a2', 1_000, 1), 'the vouchers of a2 that were granted fell'],
      [grants('a2', 1_000), 'the vouchers of a2 that were granted fell'],
      [grants('a2', 500, 3), 'the rights of a2 fell'],
      [grants('a2', amountMax, 2), 'the rights of a2 are beyond counting'],
    ];
    for (const [line, detail] of cases) expect(await told(kiosk, [line])).toEqual({ kind: 'refused', code: 'out_of_balance', detail });
    expect(dump(kiosk.book.db)).toBe(before);
  });

  test('is signed by a key in force: an older one is forged, one of the new key is taken', async () => {
    const kiosk = await aKiosk(onTestFinished);
    const newKey = privateKeyFromSeed(Buffer.alloc(32, 8));
    const first = (await firstLines()).find((line) => line.t === 'KEY' && line.use === 'file')!;
    const raw = Buffer.from(rawPublicKey(newKey)).toString('base64url');
    await told(kiosk, [{ t: 'KEY', kid: 2, use: 'file', key: raw, active: true }, { ...first, active: false } as DownLine]);
    expect(scanned(kiosk, aVoucher())).toEqual({ ok: false, code: 'voucher_forged' });
    expect(scanned(kiosk, aVoucher({ key: newKey }))).toMatchObject({ ok: true });
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });

  test('of an account with nothing here yet is taken, and outlives a snapshot that does not name it', async () => {
    const kiosk = await aKiosk(onTestFinished, [{ t: 'RESIDENT', resident: resident('3') }]);
    const text = aVoucher({ accountId: 'a3', amount: 250 });
    expect(scanned(kiosk, text)).toMatchObject({ ok: true });
    await told(kiosk, await firstLines(), { snapshot: true });
    expect(scanned(kiosk, text)).toEqual({ ok: false, code: 'voucher_unknown_account' });
    expect(balancesIn(kiosk.book.db)).toMatchObject({ 'esc a3 PTS': 250 });
    expect(await verdict(kiosk)).toEqual({ kind: 'true' });
  });
});

describe('a book that was put back', () => {
  test('gives its vouchers up with all rights, counts them still, and takes none before the county has granted anew', async () => {
    const kiosk = await aKiosk(onTestFinished);
    scanned(kiosk, aVoucher({ number: 1 }));
    const lost = aVoucher({ number: 2, amount: 400 }); // perhaps taken and spent in the time that was lost
    kiosk.book.close();
    const opened = openRestored(kiosk.home, kiosk.clock, 'x'.repeat(43));
    if (!opened.ok) throw new Error(opened.detail);
    const back: TestKiosk = { ...kiosk, book: withSignIns(opened.book) };
    expect(balancesIn(back.book.db)).toEqual({});
    expect([scanned(back, aVoucher({ number: 1 })), scanned(back, lost)]).toEqual([
      { ok: false, code: 'voucher_used' },
      { ok: false, code: 'voucher_waits' },
    ]);
    await told(back, [{ t: 'BAL', a: 'a2', balance: points(30_000) }]); // spoke, and not of these rights
    expect(scanned(back, lost)).toEqual({ ok: false, code: 'voucher_waits' });
    await told(back, [grants('a2', 1_900, 2)]);
    expect([scanned(back, lost), scanned(back, aVoucher({ number: 3, amount: 50 }))]).toMatchObject([
      { code: 'voucher_used' },
      { ok: true },
    ]);
    expect(balancesIn(back.book.db)).toEqual({ 'esc a2 PTS': 950, 'issuance  PTS': -950 });
    expect(await verdict(back)).toEqual({ kind: 'true' });
  });
});

test('sales, returns, credits, grants, vouchers, requests and backups put back, in any order, keep every right and count every voucher once', async () => {
  await expect(runRights(10, 20)).resolves.toBeUndefined();
});

/** A last letter of the signature that decodes to the same bytes: of its six bits the last four are none. */
function otherEnd(text: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return letters[letters.indexOf(text.at(-1)!) + 1]!;
}
