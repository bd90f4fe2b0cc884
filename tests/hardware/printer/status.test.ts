// What printers say, as hardware.md B.2 writes it down: each vector, any split, any garbage before.

import { describe, expect, test } from 'vitest';
import { decode, failureOf, nothingDecoded, realTimeStatus, type Message, type Status } from '../../../hardware/printer/status.ts';
import { fc } from '../../support/property.ts';

function messagesOf(...chunks: (readonly number[])[]): readonly Message[] {
  let decoding = nothingDecoded;
  return chunks.flatMap((chunk) => {
    const step = decode(decoding, Uint8Array.from(chunk));
    decoding = step.decoding;
    return step.messages;
  });
}

const fine: Status = {
  offline: false,
  coverOpen: false,
  nearEnd: false,
  paperOut: false,
  cutter: false,
  overheated: false,
  error: false,
  drawerHigh: false,
};

describe('automatic status', () => {
  test.each<[string, number[], Partial<Status>, ReturnType<typeof failureOf>]>([
    ['ok', [0x10, 0, 0, 0], {}, null],
    ['near end', [0x10, 0, 0x03, 0], { nearEnd: true }, null],
    ['out of paper', [0x18, 0, 0x0f, 0], { offline: true, nearEnd: true, paperOut: true }, 'paper_out'],
    ['cover open', [0x38, 0, 0, 0], { offline: true, coverOpen: true }, 'cover_open'],
    ['drawer contact', [0x14, 0, 0, 0], { drawerHigh: true }, null],
    ['feed button', [0x58, 0, 0, 0], { offline: true }, null],
    ['cutter', [0x18, 0x08, 0, 0], { offline: true, cutter: true }, 'cutter'],
    ['hot head', [0x18, 0x40, 0, 0], { offline: true, overheated: true }, 'overheated'],
    ['beyond recovery', [0x18, 0x20, 0, 0], { offline: true, error: true }, 'error'],
    ['recoverable', [0x18, 0x04, 0, 0], { offline: true, error: true }, 'error'],
    ['cover and paper', [0x38, 0, 0x0f, 0], { offline: true, coverOpen: true, nearEnd: true, paperOut: true }, 'cover_open'],
  ])('%s', (_name, bytes, status, failure) => {
    expect(messagesOf(bytes)).toEqual([{ kind: 'status', status: { ...fine, ...status } }]);
    expect(failureOf({ ...fine, ...status })).toBe(failure);
  });
});

describe('answers to DLE EOT', () => {
  const nothing2 = { coverOpen: false, paperOut: false, error: false };
  test.each<[string, number[], (Partial<Status> | null)[]]>([
    [
      'ok',
      [0x12, 0x12, 0x12, 0x12],
      [
        { drawerHigh: false, offline: false },
        nothing2,
        { cutter: false, overheated: false, error: false },
        { nearEnd: false, paperOut: false },
      ],
    ],
    ['near end', [0x12, 0x12, 0x12, 0x1e], [null, nothing2, null, { nearEnd: true, paperOut: false }]],
    [
      'out',
      [0x1a, 0x32, 0x12, 0x7e],
      [{ drawerHigh: false, offline: true }, { ...nothing2, paperOut: true }, null, { nearEnd: true, paperOut: true }],
    ],
    ['cover', [0x1a, 0x16, 0x12, 0x12], [null, { ...nothing2, coverOpen: true }, null, { nearEnd: false, paperOut: false }]],
    ['cutter', [0x1a, 0x52, 0x1a, 0x12], [null, { ...nothing2, error: true }, { cutter: true, overheated: false, error: false }, null]],
    ['hot head', [0x1a, 0x52, 0x52, 0x12], [null, null, { cutter: false, overheated: true, error: false }, null]],
  ])('%s', (_name, bytes, meanings) => {
    expect(messagesOf(bytes)).toEqual(bytes.map((byte) => ({ kind: 'real_time', byte })));
    for (const [index, meaning] of meanings.entries()) {
      if (meaning !== null) expect(realTimeStatus((index + 1) as 1 | 2 | 3 | 4, bytes[index]!)).toEqual(meaning);
    }
  });
});

test('markers, names and the paper sensor', () => {
  expect(messagesOf([0x37, 0x22, 0x41, 0x31, 0x5a, 0x39, 0x00], [0x5f, ...Buffer.from('EPSON'), 0x00], [0x00], [0x03], [0x0c])).toEqual([
    { kind: 'printed', id: 'A1Z9' },
    { kind: 'name', text: 'EPSON' },
    { kind: 'paper', nearEnd: false, paperOut: false },
    { kind: 'paper', nearEnd: true, paperOut: false },
    { kind: 'paper', nearEnd: false, paperOut: true },
  ]);
});

describe('a mixed stream', () => {
  const part = fc.constantFrom<number[]>(
    [0x10, 0x00, 0x00, 0x00],
    [0x18, 0x00, 0x0f, 0x00],
    [0x12],
    [0x7e],
    [0x37, 0x22, 0x30, 0x31, 0x32, 0x33, 0x00],
    [0x5f, 0x54, 0x4d, 0x00],
    [0x00],
    [0xff],
    [0x11],
    [0x37],
    [0x10, 0x00],
  );

  test('means the same however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 4, arbitrary: part }, fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 9 }))),
        fc.array(fc.nat({ max: 40 })),
        (parts, cuts) => {
          const bytes = parts.flat();
          const chunks: number[][] = [];
          let rest = bytes;
          for (const cut of cuts) {
            chunks.push(rest.slice(0, cut));
            rest = rest.slice(cut);
          }
          expect(messagesOf(...chunks, rest)).toEqual(messagesOf(bytes));
          expect(messagesOf(...bytes.map((byte) => [byte]))).toEqual(messagesOf(bytes));
        },
      ),
    );
  });

  test('holds no more than the longest answer, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(decode(nothingDecoded, bytes).decoding.begun.length).toBeLessThanOrEqual(82);
      }),
    );
    const endless = Uint8Array.from([0x5f, ...Array.from({ length: 10_000 }, () => 0x41)]);
    expect(decode(nothingDecoded, endless)).toEqual({ decoding: { begun: expect.any(Array) }, messages: expect.any(Array) });
    expect(decode(nothingDecoded, endless).messages).not.toContainEqual(expect.objectContaining({ kind: 'name' }));
  });

  test('a half status frame does not swallow the answer behind it', () => {
    expect(messagesOf([0x10, 0x00], [0x37, 0x22, 0x30, 0x30, 0x30, 0x31, 0x00])).toEqual([{ kind: 'printed', id: '0001' }]);
    expect(messagesOf([0x37, 0x22, 0x30], [0x10, 0, 0, 0])).toEqual([{ kind: 'status', status: fine }]);
    expect(messagesOf([0x18, 0x00], [0x12])).toEqual([{ kind: 'real_time', byte: 0x12 }]);
  });

  test('flow control and noise mean nothing', () => {
    expect(messagesOf([0x11, 0x13, 0xff, 0x80, 0x9f])).toEqual([]);
  });
});
