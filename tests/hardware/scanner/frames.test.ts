// The fold of a scanner's bytes: whole codes come out whole however the bytes arrive, and nothing else comes out.

import { expect, test } from 'vitest';
import { eanCheckDigit, sameScanMs } from '../../../db/model/barcode.ts';
import { type Frames, type Heard, foldBytes, foldLost, foldSilence, newLink } from '../../../hardware/scanner/frames.ts';
import { fc } from '../../support/property.ts';

const bottle = '6901028075831';
const card =
  'AEAQACCGCEAAAAAAAAAEUOALNEAZEMQ64Y5E6Q775ZYWWTJ42ENAIQDXZ7N2QA3TIMIRBSOFTX5O4TVS6KBQYGVVG3MBTCSOO2BTINLHURIUEHYY3Z27L36TX6WKPFRDAY';
const scan = (text: string): Heard => ({ kind: 'scan', text });
const garbled: Heard = { kind: 'garbled' };

/** What happens on a line besides bytes, which are written as latin1 text. */
const silence = Symbol('silence');
const lost = Symbol('lost');
type Happening = string | typeof silence | typeof lost;

/** Plays a trace from a link that has been quiet; a second passes between happenings unless said otherwise. */
function play(trace: readonly Happening[], apartMs = 1000): readonly Heard[] {
  let frames: Frames = foldSilence(newLink, 0).frames;
  let atMs = 0;
  return trace.flatMap((happening) => {
    atMs += apartMs;
    const step =
      happening === silence
        ? foldSilence(frames, atMs)
        : happening === lost
          ? foldLost(frames)
          : foldBytes(frames, Buffer.from(happening, 'latin1'), atMs);
    frames = step.frames;
    return step.heard;
  });
}

test('CR, LF and CRLF end a code, once', () => {
  expect(play([`${bottle}\r`, `${card}\n`, '96385074\r\n', silence])).toEqual([scan(bottle), scan(card), scan('96385074')]);
  expect(play([`${bottle}\r`, '\n', '\r\n\r\n'])).toEqual([scan(bottle)]);
});

test('two codes in one chunk are two scans, in order; half a code waits for the rest', () => {
  expect(play([`${bottle}\r\n${card}\r\n963`, '85074\r\n'])).toEqual([scan(bottle), scan(card), scan('96385074')]);
});

const anyCode = fc.oneof(
  fc.stringMatching(/^\d{12}$/).map((digits) => digits + eanCheckDigit(digits)),
  fc.stringMatching(/^[A-Z2-7]{130}$/),
  fc.stringMatching(/^[0-9A-Za-z-]{4,32}$/),
);

test('however the bytes are cut, the same codes come out', () => {
  const ends = fc.constantFrom('\r', '\n', '\r\n');
  fc.assert(
    fc.property(
      fc.array(anyCode, { minLength: 1, maxLength: 8 }),
      ends,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      (codes, end, cuts) => {
        const bytes = codes.map((code) => code + end).join('');
        const chunks: string[] = [];
        for (let from = 0, i = 0; from < bytes.length; i += 1) {
          const to = from + cuts[i % cuts.length]!;
          chunks.push(bytes.slice(from, to));
          from = to;
        }
        const distinct = codes.filter((code, index) => code !== codes[index - 1]);
        expect(play(chunks, 0)).toEqual(distinct.map(scan));
      },
    ),
  );
});

test('the identifier that a scanner puts before a code is not part of it', () => {
  expect(play([`]E0${bottle}\r`, `]Q1${card}\r`, ']C1ABC-123\r', ']E0\r'])).toEqual([scan(bottle), scan(card), scan('ABC-123'), garbled]);
});

test('noise in a code spoils it, is told once, and does not touch the next', () => {
  expect(play([`6901\x00028075831\r${bottle}\r`])).toEqual([garbled, scan(bottle)]);
  expect(play(['\x02690102\x03\r', '\xff\xfe\x00\r', silence, `${bottle}\r`])).toEqual([garbled, garbled, scan(bottle)]);
  expect(play(['\x00\x00\x00', silence, `${bottle}\r`])).toEqual([garbled, scan(bottle)]);
});

test('seven-bit digits read as eight with parity are garbled, Chinese in UTF-8 is text', () => {
  const hasEvenParity = (byte: number) => byte.toString(2).replaceAll('0', '').length % 2 === 0;
  const withParity = Uint8Array.from(Buffer.from(bottle), (byte) => (hasEvenParity(byte) ? byte : byte | 0x80));
  expect(play([`${Buffer.from(withParity).toString('latin1')}\r`])).toEqual([garbled]);
  expect(play([Buffer.from('健康码 7\r').toString('latin1')])).toEqual([scan('健康码 7')]);
});

test('a run without an end is garbled whatever its length, and takes no memory', () => {
  expect(play([`${'7'.repeat(512)}\r`])).toEqual([scan('7'.repeat(512))]);
  expect(play([`${'7'.repeat(513)}\r`, `${bottle}\r`])).toEqual([garbled, scan(bottle)]);
  const flooded = foldBytes(newLink, new Uint8Array(1_000_000).fill(0x37), 0);
  expect(flooded.frames.pending.length).toBeLessThanOrEqual(513);
  expect(flooded.heard).toEqual([]);
});

test('a code without an end counts only when it proves itself', () => {
  expect(play([bottle, silence, card, silence, '96385074', silence])).toEqual([scan(bottle), scan(card), scan('96385074')]);
  expect(play([bottle.slice(0, 9), silence, 'ABC-123', silence, `${bottle}\r`])).toEqual([garbled, garbled, scan(bottle)]);
});

test('a code cut off by the loss of the link is never joined to what comes after', () => {
  expect(play([bottle.slice(0, 6), lost, silence, `${bottle.slice(6)}\r`, `${bottle}\r`])).toEqual([
    garbled,
    scan(bottle.slice(6)),
    scan(bottle),
  ]);
  expect(play([lost, silence])).toEqual([]);
});

test('what comes at once after the link is up may be the tail of a code', () => {
  const tail = foldBytes(newLink, Buffer.from('5831\r'), 0);
  expect(tail.heard).toEqual([garbled]);
  expect(foldBytes(tail.frames, Buffer.from(`${bottle}\r`), 0).heard).toEqual([scan(bottle)]);
  expect(foldBytes(newLink, Buffer.from(`\r${bottle}\r`), 0).heard).toEqual([scan(bottle)]);
});

test('the same code seen again at once counts once, for as long as the scanner goes on seeing it', () => {
  const glimpses = [`${bottle}\r`, `${bottle}\r`, `${bottle}\r`];
  expect(play(glimpses, sameScanMs - 1)).toEqual([scan(bottle)]);
  expect(play(glimpses, sameScanMs)).toEqual([scan(bottle), scan(bottle), scan(bottle)]);
  expect(play([`${bottle}\r`, `${card}\r`, `${bottle}\r`], 10)).toEqual([scan(bottle), scan(card), scan(bottle)]);
});

test('no bytes make the fold fail, and what it lets through has no control characters', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
      let frames = newLink;
      for (const chunk of chunks) {
        const step = foldBytes(frames, chunk, 0);
        frames = step.frames;
        for (const heard of step.heard) if (heard.kind === 'scan') expect(heard.text).toMatch(/^\P{Cc}{1,512}$/u);
      }
    }),
    { numRuns: 1000 },
  );
});
