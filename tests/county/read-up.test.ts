// What the county reads of an event's line: a member that is not of its form is named, and what the county does not read may be anything.

import { expect, test } from 'vitest';
import { BadFile, eventOfLine, signatureOfLine } from '../../county/book/read-up.ts';
import { canonical } from '../../db/model/canonical.ts';

const hash = 'A'.repeat(43);
const envelope = {
  v: 1, county: '540525', store: 'baire', kiosk: 'qj-03', inc: 1, seq: 7, id: 'e7', day: '2026-11-21', at: 1, amt: 200, res: null, prev: hash,
}; // prettier-ignore
const sale = {
  ...envelope,
  kind: 'SALE',
  body: { accountId: 'a1', redemption: { fromRights: 200, fromRoaming: 0 }, lines: [{ goodsId: '1' }], payments: [] },
};
const closing = {
  ...envelope,
  kind: 'DAY_CLOSED',
  body: {
    number: 1,
    fromSeq: 1,
    figures: { 'sale.count': 1 },
    accounts: { 'red/PTS': { opening: 0, closing: 200 } },
    perpetual: {},
    checkpoint: { size: 6, root: hash },
  },
};

test('an event of its form is read as it is, with what the county does not know of it', () => {
  for (const event of [sale, closing, { ...sale, clk: 'ok', body: { ...sale.body, accountId: null, redemption: null, newer: [1] } }])
    expect(eventOfLine(canonical(event), 'line 2')).toEqual(event);
});

test('a line that is not the canonical form of what it says is refused, as a check of the files would', () => {
  const line = canonical(sale);
  for (const text of [
    JSON.stringify(sale), // in another order
    line.replace('"amt":200', '"amt":100,"amt":200'),
    line.replace('"amt":200', '"amt": 200'),
    line.replace('"amt":200', '"amt":2e2'),
    line.replace('"at":1', '"at":-0'),
    line.replace('"goodsId":"1"', '"goodsId":"\\ud800"'),
    line.replace('"goodsId":"1"', '"goodsId":"e\u0301"'), // not NFC
    line.replace('"goodsId":"1"', '"goodsId":"\\u0031"'),
  ])
    expect(() => eventOfLine(text, 'line 2')).toThrow(new BadFile('OUT_OF_BALANCE', 'line 2: not canonical JSON'));
});

test('a signature has one spelling', () => {
  const signature = `${'aZ09_-'.repeat(14)}Aw`;
  expect(signatureOfLine(`"${signature}"`, 'line 3')).toBe(signature);
  for (const text of [
    '',
    signature,
    `"${signature}`,
    `"${signature}A"`,
    `"${signature.slice(1)}"`,
    `"${signature.slice(1)}="`,
    `"${signature}"\r`,
    ` "${signature}"`,
    `"\\u0041${signature.slice(1)}"`,
    'null',
  ])
    // prettier-ignore
    expect(() => signatureOfLine(text, 'line 3')).toThrow(new BadFile('OUT_OF_BALANCE', 'line 3: no signature'));
});

test('the member that is not of its form is named', () => {
  const body = (change: object): object => ({ ...sale, body: { ...sale.body, ...change } });
  const closed = (change: object): object => ({ ...closing, body: { ...closing.body, ...change } });
  const wrong: readonly (readonly [object: unknown, named: string])[] = [
    [{ ...sale, v: 2 }, 'v'],
    [{ ...sale, county: undefined }, 'county'],
    [{ ...sale, inc: 0 }, 'inc'],
    [{ ...sale, seq: 1.5 }, 'seq'],
    [{ ...sale, id: '' }, 'id'],
    [{ ...sale, id: 'a\u0000' }, 'id'],
    [{ ...sale, day: '2026-02-30' }, 'day'],
    [{ ...sale, at: '1' }, 'at'],
    [{ ...sale, amt: -1 }, 'amt'],
    [{ ...sale, amt: 2 ** 53 }, 'amt'],
    [{ ...sale, res: 'short' }, 'res'],
    [{ ...sale, prev: 'A' }, 'prev'],
    [{ ...sale, body: null }, 'body'],
    [body({ accountId: 'a/1' }), 'body.accountId'],
    [body({ redemption: { fromRights: 200 } }), 'body.redemption.fromRoaming'],
    [body({ lines: {} }), 'body.lines'],
    [body({ lines: [{}, 1] }), 'body.lines.1'],
    [closed({ figures: { 'sale.count': 0.5 } }), 'body.figures.sale.count'],
    [closed({ accounts: { 'red/PTS': { opening: 0 } } }), 'body.accounts.red/PTS.closing'],
    [closed({ perpetual: [] }), 'body.perpetual'],
    [closed({ checkpoint: { size: 6, root: 'x' } }), 'body.checkpoint.root'],
  ];
  for (const [event, named] of wrong)
    expect(() => eventOfLine(JSON.stringify(event), 'line 2')).toThrow(
      new BadFile('OUT_OF_BALANCE', `line 2: ${named} is not of its form`),
    );
});

test('what is no event, or of a kind that this county does not know, is refused', () => {
  for (const line of [
    '[]',
    '1',
    'null',
    '{}',
    JSON.stringify({ ...sale, kind: ['SALE'] }),
    JSON.stringify({ ...sale, kind: 'NEWER' }),
    '{',
  ])
    expect(() => eventOfLine(line, 'line 2')).toThrow(BadFile);
});
