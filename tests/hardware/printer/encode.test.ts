// The bytes that go to a printer: golden for small receipts, and never a real-time command inside a picture.

import { describe, expect, test } from 'vitest';
import type { PaperDots, Raster } from '../../../db/model/receipt.ts';
import {
  encodeClear,
  encodeDrawerKick,
  encodeDrawerKickNow,
  encodeEndMarker,
  encodeHello,
  encodeReceipt,
  encodeRealTimeQuestion,
  encodeRecovery,
  printable,
  stripRows,
} from '../../../hardware/printer/encode.ts';
import { fc } from '../../support/property.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function blank(width: PaperDots, height: number): Raster {
  return { width, height, bits: new Uint8Array((width / 8) * height) };
}

/** What the encoder promises about its own stream, read by a second, simpler reader than the virtual printer's. */
function readBack(bytes: Uint8Array): {
  readonly rowBytes: number;
  readonly rows: readonly number[];
  readonly data: Uint8Array;
  readonly rest: string;
} {
  let at = 8;
  const rows = [];
  const data = [];
  let rowBytes = 0;
  while (bytes[at] === 0x1d && bytes[at + 1] === 0x76) {
    rowBytes = bytes[at + 4]! + bytes[at + 5]! * 256;
    const height = bytes[at + 6]! + bytes[at + 7]! * 256;
    rows.push(height);
    data.push(bytes.subarray(at + 8, at + 8 + rowBytes * height));
    at += 8 + rowBytes * height;
  }
  return { rowBytes, rows, data: Buffer.concat(data), rest: hex(bytes.subarray(at)) };
}

function realTimeCommands(bytes: Uint8Array): number {
  let found = 0;
  for (let at = 1; at < bytes.length; at += 1) if (bytes[at - 1] === 0x10 && [0x04, 0x05, 0x14].includes(bytes[at]!)) found += 1;
  return found;
}

describe('a receipt', () => {
  test('is margin, width, strips of at most 112 rows, feed and cut', () => {
    const bytes = encodeReceipt(blank(576, 250), { cut: true, feed: 24 });
    expect(hex(bytes.subarray(0, 16))).toBe('1d4c00001d5740021d76300048007000');
    expect(readBack(bytes)).toEqual({ rowBytes: 72, rows: [112, 112, 26], data: Buffer.alloc(72 * 250), rest: '1d564218' });
  });

  test('for a printer without a cutter is only fed', () => {
    const bytes = encodeReceipt(blank(384, 3), { cut: false, feed: 96 });
    expect(hex(bytes.subarray(0, 16))).toBe('1d4c00001d5780011d76300030000300');
    expect(readBack(bytes)).toEqual({ rowBytes: 48, rows: [3], data: Buffer.alloc(48 * 3), rest: '1b4a60' });
  });

  test('twice is the same twice: the encoder keeps nothing from the first', () => {
    const first = encodeReceipt(blank(384, 2), { cut: false });
    expect(encodeReceipt(blank(384, 2), { cut: false })).toEqual(first);
  });

  test.each([
    ['another width', { width: 512, height: 1, bits: new Uint8Array(64) }],
    ['no rows', { width: 384, height: 0, bits: new Uint8Array(0) }],
    ['a part of a row', { width: 384, height: 1.5, bits: new Uint8Array(72) }],
    ['fewer bytes than it says', { width: 384, height: 2, bits: new Uint8Array(48) }],
    ['three metres and more', { width: 384, height: 24_001, bits: new Uint8Array(48 * 24_001) }],
  ])('of %s is refused', (_what, raster) => {
    expect(() => encodeReceipt(raster as Raster, { cut: true })).toThrow(RangeError); // what types forbid, a file may hold
  });

  test.each([-1, 256, 1.5])('with a feed of %d rows is refused', (feed) => {
    expect(() => encodeReceipt(blank(384, 1), { cut: true, feed })).toThrow(RangeError);
  });

  test('a strip is never larger than what the recovery completes', () => {
    expect((576 / 8) * stripRows).toBeLessThanOrEqual(encodeRecovery().length);
  });
});

describe('real-time commands in a picture', () => {
  /** Pictures made mostly of the bytes that matter, so that hits are common, at row and strip edges too. */
  const hostile = fc
    .record({
      width: fc.constantFrom(384 as const, 576 as const),
      height: fc.integer({ min: 1, max: 2 * stripRows + 2 }),
    })
    .chain(({ width, height }) =>
      fc
        .array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(0x10, 0x04, 0x05, 0x14, 0x01, 0x00) }, fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 211,
        })
        .map((pattern): Raster => {
          const bits = new Uint8Array((width / 8) * height);
          for (let at = 0; at < bits.length; at += 1) bits[at] = pattern[at % pattern.length]!;
          return { width, height, bits };
        }),
    );

  test('never leave the encoder, wherever they stand', () => {
    fc.assert(
      fc.property(hostile, fc.boolean(), (raster, cut) => {
        expect(realTimeCommands(encodeReceipt(raster, { cut }))).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('cost one dot each, change nothing else, and are gone for good', () => {
    fc.assert(
      fc.property(hostile, (raster) => {
        const once = printable(raster);
        const changes = [...raster.bits].map((byte, at) => byte ^ once.bits[at]!).filter((change) => change !== 0);
        expect(changes).toEqual(Array.from({ length: realTimeCommands(raster.bits) }, () => 0x02));
        expect(Buffer.compare(printable(once).bits, once.bits)).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('across the edge of a row lose a dot too', () => {
    const raster = blank(384, 2);
    raster.bits.set([0x10, 0x14], 47);
    expect([...printable(raster).bits.subarray(47, 49)]).toEqual([0x10, 0x16]);
  });

  test('what is drawn is left alone: the picture given is not changed', () => {
    const raster = blank(384, 1);
    raster.bits.set([0x10, 0x04]);
    printable(raster);
    expect([...raster.bits.subarray(0, 2)]).toEqual([0x10, 0x04]);
  });
});

test('the other commands are those of hardware.md B.1', () => {
  expect({
    hello: hex(encodeHello()),
    marker: hex(encodeEndMarker('A1Z9')),
    questions: ([1, 2, 3, 4] as const).map((question) => hex(encodeRealTimeQuestion(question))),
    kick: hex(encodeDrawerKick(2)),
    kickPin5: hex(encodeDrawerKick(5)),
    kickNow: hex(encodeDrawerKickNow(2)),
    clear: hex(encodeClear()),
    recovery: encodeRecovery(),
  }).toEqual({
    hello: '1b401d61ff',
    marker: '1d28480600303041315a391d7201',
    questions: ['100401', '100402', '100403', '100404'],
    kick: '1b700019fa',
    kickPin5: '1b700119fa',
    kickNow: '1014010001',
    clear: '100502',
    recovery: new Uint8Array(8_192),
  });
  expect(() => encodeEndMarker('\x10\x04\x05\x14')).toThrow(RangeError);
});
