// Every family's frames, from manuals and from the field (hardware.md A.3), say what they say and nothing else: whole, cut
// into chunks, begun in the midst, with a flipped bit, in noise, and for a day.

import { expect, test } from 'vitest';
import { families, familyNamed } from '../../../hardware/scale/families.ts';
import {
  type DecoderState,
  type Family,
  type FamilyName,
  type Frame,
  type PlacedReading,
  type RejectCode,
  type WeightUnit,
  bytesOf,
  freshDecoder,
} from '../../../hardware/scale/reading.ts';
import { freshSettling, settle } from '../../../hardware/scale/settle.ts';
import { type Display, scaleVoices } from '../../../hardware/virtual/scale-frames.ts';
import { fc } from '../../support/property.ts';

type Said = Frame['said'] | RejectCode;

const weight = (grams: number, motion: 'stable' | 'moving' | 'unflagged', net = false): Said => ({ kind: 'weight', grams, net, motion });
const overload: Said = { kind: 'overload' };
const underload: Said = { kind: 'underload' };
const none: Said = { kind: 'none' };

const unitOf = (family: Family): WeightUnit => (family.unit === 'frame' ? 'kg' : family.unit.usual);

function decode(name: FamilyName, chunks: readonly Uint8Array[], unit = unitOf(familyNamed(name))) {
  let state: DecoderState = freshDecoder;
  const decoded = chunks.flatMap((chunk) => {
    const step = familyNamed(name).decode(state, chunk, unit);
    state = step.state;
    return step.decoded.map((one) => ('rejected' in one ? one : { ...one, raw: bytesOf(step, one) }));
  });
  return { state, decoded };
}

/** What is said, in order, of bytes written as latin1 text. */
function said(name: FamilyName, text: string, unit?: WeightUnit): readonly Said[] {
  return decode(name, [Buffer.from(text, 'latin1')], unit).decoded.map((one) => ('rejected' in one ? one.rejected : one.said));
}
const fromHex = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('latin1');

function frames(name: FamilyName, bytes: Uint8Array): readonly Frame[] {
  return decode(name, [bytes]).decoded.flatMap((one) => ('rejected' in one ? [] : [one]));
}

/** What may be believed of a capture. */
function readings(name: FamilyName, bytes: Uint8Array): readonly PlacedReading[] {
  let state = freshSettling(familyNamed(name));
  return frames(name, bytes).map((frame) => {
    const step = settle(state, frame, null);
    state = step.state;
    return step.reading;
  });
}

// Vectors

test.each<[FamilyName, string, Said]>([
  // From the field and from manuals, hardware.md A.3.
  ['yaohua-a9', '02 2B 30 32 33 39 36 30 30 31 35 03', weight(23_960_000, 'unflagged')],
  ['yaohua-a9', '02 2B 30 30 33 32 36 30 30 31 43 03', weight(3_260_000, 'unflagged')],
  ['yaohua-a9', '02 2B 30 30 33 32 39 30 30 31 33 03', weight(3_290_000, 'unflagged')],
  ['yaohua-a9', '02 2B 30 30 30 30 30 30 30 31 42 03', weight(0, 'unflagged')],
  ['yaohua-a9', '02 2B 30 30 32 30 30 30 32 31 42 03', weight(20_000, 'unflagged')],
  ['yaohua-a9', '02 2B 30 30 31 32 33 34 33 31 43 03', weight(1234, 'unflagged')],
  ['yaohua-a9', '02 2D 30 30 30 32 30 30 33 31 43 03', weight(-200, 'unflagged')],
  ['st-us', '53 54 2C 47 53 2C 20 20 20 32 34 35 2E 36 20 67 0D 0A', weight(246, 'stable')],
  ['st-us', '53 54 2C 47 53 20 20 20 20 38 35 2E 35 67 20 20 0D 0A', weight(86, 'stable')],
  ['ohaus', '20 20 20 30 2E 33 36 30 20 6B 67 20 20 20 20 47 0D 0A', weight(360, 'stable')],
  ['stx-block', '01 02 53 20 30 31 2E 32 33 34 6B 67 65 03 04', weight(1234, 'stable')],
  ['stx-block', '01 02 55 20 30 31 2E 32 33 34 6B 67 63 03 04', weight(1234, 'moving')],
  ['stx-block', '01 02 53 2D 30 30 2E 32 30 30 6B 67 6E 03 04', weight(-200, 'stable')],
  ['stx-block', '01 02 53 46 46 46 46 46 46 46 6B 67 19 03 04', overload],
  ['toledo-continuous', '02 2D 30 20 20 31 32 33 34 35 20 20 20 20 20 30 0D 05', weight(12_345, 'stable')],
  ['toledo-continuous', '02 2D 38 20 20 31 32 33 34 35 20 20 20 20 20 30 0D 7D', weight(12_345, 'moving')],
  ['toledo-continuous', '02 2D 33 20 20 20 20 32 30 30 20 20 20 32 30 30 0D 0D', weight(-200, 'stable', true)],
  ['mettler-8217', '02 30 31 2E 32 35 30 0D', weight(1250, 'stable')],
  ['mettler-8217', '02 30 31 2E 32 35 30 4E 0D', weight(1250, 'stable', true)],
  ['mettler-8217', '02 3F 01 0D', none],
  ['mettler-8217', '02 3F 41 0D', none],
  ['mettler-8217', '02 3F 02 0D', overload],
  ['mettler-8217', '02 3F 04 0D', underload],
  ['mettler-8217', '02 3F 24 0D', underload],
])('%s %s', (name, hex, expected) => {
  expect(said(name, fromHex(hex))).toEqual([expected]);
});

test.each<[FamilyName, string, Said]>([
  // Computed from the manuals' text, hardware.md A.1.
  ['st-us', 'ST,GS,+ 0.250kg\r\n', weight(250, 'stable')],
  ['st-us', 'ST,GS    20.7g  \r\n', weight(21, 'stable')],
  ['st-us', 'ST  NT  0001.510kg\r\n', weight(1510, 'stable', true)],
  ['st-us', 'US NT 00000118 g\r\n', weight(118, 'moving', true)],
  ['st-us', 'ST,+00123.45  g\r\n', weight(123, 'stable')],
  ['st-us', 'ST,NT,-  0.200kg\r\n', weight(-200, 'stable', true)],
  ['st-us', 'ST,GS,   12.5,kg\r\n', weight(12_500, 'stable')],
  ['st-us', 'ST,G, 1.5lb\r\n', weight(680, 'stable')],
  ['st-us', 'ST,NW, 0.0015t\r\n', weight(1500, 'stable', true)],
  ['st-us', 'OL,GS,         kg\r\n', overload],
  ['st-us', 'OV\r\n', overload],
  ['st-us', 'UL,GS,         kg\r\n', underload],
  ['cas-22', 'ST,GS,1\xc4,   1.234 kg\r\n', weight(1234, 'stable')],
  ['cas-22', 'US,NT,1\x82,  -0.200 kg\r\n', weight(-200, 'moving', true)],
  ['cas-22', 'US,GS,1\x8d,   0.000 kg\r\n', weight(0, 'moving')], // lamps with the bits of a CR
  ['cas-22', 'US,NT,1\x8a,   0.500 kg\r\n', weight(500, 'moving', true)], // and of an LF
  ['cas-22', 'ST,GS,S\xd4,-  2.000 lb\r\n', weight(-907, 'stable')],
  ['cas-22', 'OL,GS,1\x80,-------- kg\r\n', overload],
  ['kunhong', 'ST,GS,   1.234,kg39\r\n', weight(1234, 'stable')],
  ['kunhong', `@01, US,NT,-  0.200,kg${xor('@01, US,NT,-  0.200,kg').toString(16)}\r\n`, weight(-200, 'moving', true)],
  ['kunhong', 'OV,GS,       ,kg0d\r\n', overload],
  ['stx-block', '\x02SF      kg\x19\x03', overload],
  ['stx-block', `\x02S  12.50lb${String.fromCharCode(xor('S  12.50lb'))}\x03`, weight(5670, 'stable')],
  ['yaohua-ww', 'ww0015.000kg\r\n', weight(15_000, 'unflagged')],
  ['yaohua-ww', 'wn001.171kg\r\n', weight(1171, 'unflagged', true)],
  ['yaohua-ww', 'ww-0015.000kg\r\n', weight(-15_000, 'unflagged')],
  ['yaohua-ww', 'ww0015.00lb\r\n', weight(6804, 'unflagged')],
  ['reversed', '=575.600', weight(6575, 'unflagged')],
  ['reversed', '=076.600', weight(6670, 'unflagged')],
  ['reversed', '=002.00-', weight(-200, 'unflagged')],
  ['reversed', '=005.1  ', weight(1500, 'unflagged')],
  ['dahua', '00655\n\r', weight(655, 'unflagged')],
  ['dahua', '  655\r\n', weight(655, 'unflagged')],
  ['mettler-8217', '\x02  1.25\r', weight(1250, 'stable')],
  ['mettler-8217', '\x02?\x0d\r', underload], // moving, below zero and outside the zero range: a CR that ends nothing
  ['mt-sics', 'S S     12.345 kg\r\n', weight(12_345, 'stable')],
  ['mt-sics', 'S D     -0.5 g\r\n', weight(0, 'moving')],
  ['mt-sics', 'S S      2.00 lb\r\n', weight(907, 'stable')],
  ['mt-sics', 'S +\r\n', overload],
  ['mt-sics', 'S -\r\n', underload],
  ['mt-sics', 'S I\r\n', 'busy'],
  ['mt-sics', 'ES\r\n', 'error'],
  ['mt-sics', 'ET\r\n', 'error'],
  ['mt-sics', 'EL\r\n', 'error'],
  ['toledo-continuous', toledo('\x2a\x30\x20   125     0'), weight(125_000, 'stable')], // no decimals
  ['toledo-continuous', toledo('\x29\x30\x20   125     0'), weight(1_250_000, 'stable')], // the last zero is not shown
  ['toledo-continuous', toledo('\x28\x30\x20   125     0'), weight(12_500_000, 'stable')],
  ['toledo-continuous', toledo('\x2f\x30\x20 12345     0'), weight(123, 'stable')], // five decimals
  ['toledo-continuous', toledo('\x2c\x20\x20   250     0'), weight(1134, 'stable')], // pounds
  ['toledo-continuous', toledo('\x2b\x20\x21   125     0'), weight(13, 'stable')], // grams, by the third status
  ['toledo-continuous', toledo('\x2d\x30\x22   125     0'), weight(125_000, 'stable')], // tonnes
  ['toledo-continuous', toledo('\x2d\x30\x23   125     0'), 'unit'], // ounces
  ['toledo-continuous', toledo('\x2d\x30\x20 12345'), weight(12_345, 'stable')], // the short frame
  ['toledo-continuous', toledo('\x2d\x34\x20           0'), overload],
  ['toledo-continuous', toledo('\x2d\x36\x20           0'), underload],
  ['toledo-continuous', toledo('\x2d\x70\x20 12345     0'), none], // not zeroed since it was switched on
  ['nci-ecr', '\n01.250KG\r\nS00\r\x03', weight(1250, 'stable')],
  ['nci-ecr', '\n01.250KG\r\n10\r\x03', weight(1250, 'moving')],
  ['nci-ecr', '\n02.50LB\r\nS20\r\x03', weight(1134, 'stable')],
  ['nci-ecr', '\n01.250KG\r\nS0p4\r\x03', weight(1250, 'stable', true)],
  ['nci-ecr', '\n01.250KG\r\nS0pt0\r\x03', weight(1250, 'stable', true)],
  ['nci-ecr', '\n01.250KG\r\nS01\r\x03', underload],
  ['nci-ecr', '\n01.250KG\r\nS02\r\x03', overload],
  ['nci-ecr', '\n^^^^^^KG\r\nS00\r\x03', overload],
  ['nci-ecr', '\n______KG\r\nS00\r\x03', underload],
  ['nci-ecr', '\n------KG\r\nS00\r\x03', 'error'], // it cannot find its zero
  ['nci-ecr', '\n01.250KG\r\nS04\r\x03', 'error'], // its program is damaged
  ['nci-ecr', '\n01.250KG\r\nS08\r\x03', 'error'], // its calibration
  ['nci-ecr', '\n?\r\x03', 'error'],
  ['ohaus', '-  1.640 kg   ?N\r\n', weight(-1640, 'moving', true)],
  ['ohaus', '  1640.5 g     G\r\n', weight(1641, 'stable')],
  ['ohaus', '   1.640 kg\r\n', weight(1640, 'stable')],
])('%s %j', (name, text, expected) => {
  expect(said(name, text)).toEqual([expected]);
});

/** The exclusive or of a text, as a number. */
function xor(text: string): number {
  return [...Buffer.from(text, 'latin1')].reduce((sum, byte) => sum ^ byte, 0);
}

/** STX, what is said, CR, and the two's complement of the sum. */
function toledo(text: string): string {
  const body = `\x02${text}\r`;
  return body + String.fromCharCode(-[...Buffer.from(body, 'latin1')].reduce((sum, byte) => sum + byte, 0) & 0x7f);
}

test.each<[FamilyName, string, RejectCode]>([
  ['st-us', 'ST,GS,+ 0.250\r\n', 'unit'],
  ['st-us', 'ST,GS,+ 0.250oz\r\n', 'unit'],
  ['st-us', 'QT,GS,+  120pcs\r\n', 'unit'],
  ['st-us', 'ST,TR,+ 0.250kg\r\n', 'format'],
  ['st-us', 'ST,GS,+ 0.2.0kg\r\n', 'format'],
  ['st-us', 'ST,GS,+ 0.250kg ST\r\n', 'unit'],
  ['st-us', `ST,GS,+ 0.250kg${' '.repeat(64)}\r\n`, 'too_long'],
  ['cas-22', 'ST,GS,1\xc4,   1.234 oz\r\n', 'unit'],
  ['cas-22', 'ST,GS,1\xc4,   1 234 kg\r\n', 'format'],
  ['kunhong', 'ST,GS,   1.234,kg38\r\n', 'checksum'],
  ['kunhong', 'ST,GS,   1.234,kg\r\n', 'checksum'],
  ['stx-block', '\x02S 01.234kg\x64\x03', 'checksum'],
  ['stx-block', `\x02S 01.234pc${String.fromCharCode(xor('S 01.234pc'))}\x03`, 'unit'],
  ['yaohua-a9', '\x02+00123431D\x03', 'checksum'],
  ['yaohua-a9', '\x02+00123451A\x03', 'format'],
  ['yaohua-ww', 'wt0015.000kg\r\n', 'format'],
  ['yaohua-ww', 'ww0015.000\r\n', 'unit'],
  ['reversed', '=57=.600', 'format'],
  ['dahua', '0655\r\n', 'format'],
  ['dahua', '000655\r\n', 'format'],
  ['mettler-8217', '\x0212345\r', 'format'],
  ['mettler-8217', '\x02E\r', 'format'],
  ['mt-sics', 'S S     12.345\r\n', 'unit'],
  ['mt-sics', 'T S      0.200 kg\r\n', 'format'],
  ['toledo-continuous', '\x02-0  12345     0\r\x06', 'checksum'],
  ['nci-ecr', '\n01.250KG\r\nS0p\r\x03', 'format'], // a third status is announced
  ['nci-ecr', '\n01.250OZ\r\nS00\r\x03', 'unit'],
  ['ohaus', '   1.640 oz    G\r\n', 'unit'],
  ['ohaus', '  1.640 kg   G\r\n', 'format'],
  ['ohaus', '   1.640kg     G\r\n', 'format'],
])('%s %j is no reading: %s', (name, text, code) => {
  const good = Buffer.from(scaleVoices[name].frame(shows(1234))).toString('latin1');
  const [first, second, ...others] = said(name, good + text);
  expect([first, second]).toEqual([said(name, good)[0], code]);
  expect(others.filter((one) => typeof one !== 'string')).toEqual([]);
});

test.each<[FamilyName, string, string]>([
  ['st-us', 'ST,GS,5.0kg\r\n', 'ST,GS,5.kg\r\n'],
  ['cas-22', 'ST,GS,1\xc4,     5.0 kg\r\n', 'ST,GS,1\xc4,      5. kg\r\n'],
  ['kunhong', checked('ST,GS,5.0,kg'), checked('ST,GS,5.,kg')],
  ['stx-block', block('S    5.0kg'), block('S     5.kg')],
  ['yaohua-ww', 'ww0005.0kg\r\n', 'ww00005.kg\r\n'],
  ['reversed', '=0.50000', '=.500000'],
  ['mettler-8217', '\x0205.00\r', '\x02005.\r'],
  ['mt-sics', 'S S      5.0 kg\r\n', 'S S       5. kg\r\n'],
  ['nci-ecr', '\n0005.0KG\r\nS00\r\x03', '\n00005.KG\r\nS00\r\x03'],
  ['ohaus', '     5.0 kg    G\r\n', '      5. kg    G\r\n'],
])('%s: a point without a digit behind it is no number', (name, whole, cut) => {
  const motion = familyNamed(name).hasMotionFlag ? 'stable' : 'unflagged';
  expect([said(name, whole), said(name, whole + cut)]).toEqual([[weight(5000, motion)], [weight(5000, motion), 'format']]);
});

/** A line of Kunhong with its check. */
function checked(text: string): string {
  return `${text}${xor(text).toString(16).padStart(2, '0')}\r\n`;
}

/** A block of Aclas with its check. */
function block(text: string): string {
  return `\x02${text}${String.fromCharCode(xor(text))}\x03`;
}

/** Of a Toledo scale whose checksum is switched off, or is STX, which could be the next frame's. */
function unchecked(one: Said): Said {
  return typeof one === 'object' && one.kind === 'weight' ? { ...one, isUnchecked: true } : one;
}

/** Frames of a Toledo scale whose checksum is switched off, each as often as it is shown. */
const bareToledo = (shown: readonly (readonly [string, number])[]) => shown.map(([text, times]) => `\x02${text}\r`.repeat(times)).join('');

test.each([
  ['18 bytes', '     0'],
  ['12 bytes', ''],
])(
  'a Toledo scale without checksum, of frames of %s less one, is read when the next frame comes, and believed at the second',
  (_, tare) => {
    const bytes = bareToledo([
      [`\x2d\x38\x20   600${tare}`, 1],
      [`\x2d\x30\x20  1234${tare}`, 3],
      [`\x2d\x34\x20  1234${tare}`, 1],
      [`\x2d\x31\x20   234${tare}`, 2],
    ]);
    expect(said('toledo-continuous', `0\r${bytes}\x02`)).toEqual(
      [weight(600, 'moving'), ...Array<Said>(3).fill(weight(1234, 'stable')), overload, weight(234, 'stable', true)].map(unchecked),
    );
    expect(readings('toledo-continuous', Buffer.from(bytes)).map(({ kind }) => kind)).toEqual([
      'moving',
      'moving',
      'stable',
      'stable',
      'overload',
      'moving',
    ]);
  },
);

test('every weight of a Toledo scale without checksum is read, also where the next frame could be the checksum', () => {
  const grams = Array.from({ length: 1000 }, (_, i) => i + 1);
  const bytes = bareToledo(grams.map((each) => [`\x2d\x30\x20${String(each).padStart(6)}     0`, 5]));
  const stable = readings('toledo-continuous', Buffer.from(bytes)).flatMap((one) => (one.kind === 'stable' ? [one.grams] : []));
  expect([...new Set(stable)]).toEqual(grams);
});

test('any one flipped bit in a stream of Toledo without checksum: no weight that was not sent is believed', () => {
  const grams = Array.from({ length: 128 }, (_, i) => 1000 + i);
  for (let from = 0; from < grams.length; from += 8) {
    const shown = grams.slice(from, from + 8);
    const bytes = Buffer.from(bareToledo(shown.map((each) => [`\x2d\x30\x20${String(each).padStart(6)}     0`, 3])));
    const believed = new Set<number>();
    for (let at = 0; at < bytes.length; at += 1)
      for (let bit = 0; bit < 8; bit += 1) {
        bytes[at]! ^= 1 << bit;
        for (const one of readings('toledo-continuous', bytes)) if (one.kind === 'stable') believed.add(one.grams);
        bytes[at]! ^= 1 << bit;
      }
    expect([...believed].filter((each) => !shown.includes(each))).toEqual([]);
  }
});

test('numbers without a unit are counts of what commissioning recorded', () => {
  expect(said('yaohua-a9', '\x02+00123431C\x03', 'jin')).toEqual([weight(617, 'unflagged')]);
  expect(said('reversed', '=575.600', 'lb')).toEqual([weight(2982, 'unflagged')]);
  expect(said('dahua', '00655\r\n', 'jin')).toEqual([weight(327_500, 'unflagged')]);
  expect(said('mettler-8217', '\x0202.50\r', 'lb')).toEqual([weight(1134, 'stable')]);
  expect(said('st-us', 'ST,GS,+ 0.250kg\r\n', 'jin')).toEqual([weight(250, 'stable')]);
});

test('checks that look like the beginning or the end of a frame are checks', () => {
  const bodies = Array.from({ length: 100_000 }, (_, i) => `S ${(i / 1000).toFixed(3).padStart(6, '0')}kg`);
  const starts = bodies.filter((body) => xor(body) === 0x02);
  const ends = bodies.filter((body) => xor(body) === 0x03);
  for (const list of [starts, ends]) {
    const grams = list.map((body) => Number(body.slice(2, 8).replace('.', '')));
    expect(said('stx-block', list.map(block).join(''))).toEqual(grams.map((each) => weight(each, 'stable')));
  }
  const short = Array.from({ length: 1000 }, (_, i) => toledo(`\x2d\x30\x20${String(i).padStart(6)}     0`)); // every check there is
  expect(said('toledo-continuous', short.join(''))).toEqual(
    short.map((frame, i) => (frame.endsWith('\x02') ? unchecked(weight(i, 'stable')) : weight(i, 'stable'))),
  );
});

// An 8217 that tells a weight once, and then that nothing changed (hardware.md A.4)

const [told1250, unchanged, moving] = ['\x0201.250\r', '\x02?\x40\r', '\x02?\x41\r'];
const parityOf = (text: string) => Buffer.from(Buffer.from(text, 'latin1').map(withParity)).toString('latin1');
const said8217 = (...answers: readonly string[]) => said('mettler-8217', answers.join(''));

test('a weight told without its parity is never stable by what calls it unchanged, however often it was told', () => {
  const [stable, restless] = [weight(1250, 'stable'), weight(1250, 'moving')];
  expect(said8217(told1250, unchanged, unchanged, unchanged)).toEqual([stable, restless, restless, restless]);
  expect(said8217(told1250, told1250, unchanged, unchanged)).toEqual([stable, stable, restless, restless]);
});

test('a weight told with its parity is stable from the second status on that calls it unchanged', () => {
  const [stable, restless] = [weight(1250, 'stable'), weight(1250, 'moving')];
  const netCentreOfZeroOutsideTheZeroRange = '\x02?\x38\r';
  expect(said8217(...[told1250, unchanged, netCentreOfZeroOutsideTheZeroRange, unchanged].map(parityOf))).toEqual([
    stable,
    restless,
    stable,
    stable,
  ]);
});

test('what has moved since it was told is not stable again before it is told again', () => {
  const [stable, restless] = [weight(1250, 'stable'), weight(1250, 'moving')];
  expect(said8217(...[told1250, unchanged, unchanged, moving, unchanged, unchanged, unchanged].map(parityOf))).toEqual([
    stable,
    restless,
    stable,
    none,
    restless,
    restless,
    restless,
  ]);
  expect(said8217(...[told1250, moving, told1250, unchanged, unchanged].map(parityOf))).toEqual([stable, none, stable, restless, stable]);
});

test('after bytes that may have been another weight, nothing is unchanged', () => {
  const [stable, restless] = [weight(1250, 'stable'), weight(1250, 'moving')];
  expect(said8217(...[told1250, unchanged, '\x0201x250\r', unchanged].map(parityOf))).toEqual([stable, restless, 'format', none]);
  expect(said8217(...[told1250, unchanged].map(parityOf), unchanged)).toEqual([stable, restless, 'checksum']);
  expect(said8217(...[told1250, '\x02?\x42\r', unchanged].map(parityOf))).toEqual([stable, overload, none]);
});

test('a weight called unchanged keeps the bytes that told it, apart from its chunk', () => {
  const { decoded } = decode('mettler-8217', [Buffer.from(told1250), Buffer.from(unchanged)]);
  expect(decoded[1]).toEqual({
    offset: 8,
    length: 4,
    raw: Uint8Array.from(Buffer.from(unchanged)),
    telling: Uint8Array.from(Buffer.from(told1250)),
    said: weight(1250, 'moving'),
  });
  const chunk = Buffer.from(told1250.repeat(500));
  expect(decode('mettler-8217', [chunk]).state.told!.telling.buffer.byteLength).toBe(8);
});

/** What is on the pan while one answer is given; null while it moves. */
const anyPan = fc
  .array(fc.tuple(fc.constantFrom(0, 1250, 1251, 1270, 3250, 5250), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((loads) => loads.flatMap(([grams, rests, moves]) => [...Array<number>(rests).fill(grams), ...Array<null>(moves).fill(null)]));

/** One answer for each, of a scale that tells a weight once. `isForgetful`: says once, too, that something moves. */
function saysOnce(pan: readonly (number | null)[], isForgetful: boolean): readonly string[] {
  return pan.map((grams, i) => {
    if (i > 0 && pan[i - 1] === grams && (grams !== null || isForgetful)) return unchanged;
    return grams === null ? moving : `\x02${(grams / 1000).toFixed(3).padStart(6, '0')}\r`;
  });
}

test.each([
  ['with its parity: one flipped bit anywhere, and no weight is stable that does not lie there', parityOf, 0],
  // Two frames in a row of which one was spoilt into the other are all that can be had without a check; the next one ends it.
  ['without: one flipped bit anywhere, and no weight is stable later than one answer after it lay there', (text: string) => text, 1],
] as const)('a session of a scale that says a weight once, %s', (_, line, late) => {
  fc.assert(
    fc.property(anyPan, fc.boolean(), fc.nat(), fc.integer({ min: 0, max: 7 }), (pan, isForgetful, place, bit) => {
      const answers = saysOnce(pan, isForgetful).map((answer) => Buffer.from(line(answer), 'latin1'));
      const spoilt = answers[place % answers.length]!;
      spoilt[(place >> 4) % spoilt.length]! ^= 1 << bit;
      let decoder = freshDecoder;
      let settling = freshSettling(familyNamed('mettler-8217'));
      for (const [i, answer] of answers.entries()) {
        const step = familyNamed('mettler-8217').decode(decoder, answer, 'kg');
        decoder = step.state;
        for (const one of step.decoded) {
          if ('rejected' in one) continue;
          const settled = settle(settling, one, i * 200);
          settling = settled.state;
          const { reading } = settled;
          if (reading.kind === 'stable' || reading.kind === 'zero')
            expect(pan.slice(Math.max(i - late, 0), i + 1)).toContain(reading.grams);
        }
      }
    }),
    { numRuns: 5_000 },
  );
});

test('a scale that says a weight once, heard with its parity, is stable in the end', () => {
  const answers = saysOnce([0, 0, null, 1250, 1250, 1250, 1250], false).map(parityOf).join('');
  expect(readings('mettler-8217', Buffer.from(answers, 'latin1')).map(({ kind }) => kind)).toEqual([
    'moving',
    'moving',
    'none',
    'moving',
    'moving',
    'moving',
    'stable',
  ]);
});

test('a status alone is an answer of an NCI scale only where a whole frame begins', () => {
  expect(said('nci-ecr', '\n01.250KG\r\nS00\r\x03\nS10\r\x03\nS02\r\x03')).toEqual([weight(1250, 'stable'), none, overload]);
  expect(said('nci-ecr', '\nS02\r\x03\n01.250KG\r\nS00\r\x03')).toEqual([weight(1250, 'stable')]);
});

// Streams

const names = [...families.keys()];

function shows(grams: number, { tareGrams = 0, isMoving = false } = {}): Display {
  return { kind: 'weight', grams, tareGrams, isMoving };
}

const someDisplays: readonly Display[] = [
  shows(1234),
  shows(1234),
  shows(1230, { isMoving: true }),
  shows(250, { tareGrams: 200 }),
  shows(250, { tareGrams: 200 }),
  shows(-200, { tareGrams: 200 }),
  { kind: 'overload' },
  shows(0),
  shows(0),
  shows(8, { isMoving: true }),
  shows(29_999),
];

const anyDisplay: fc.Arbitrary<Display> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('weight' as const),
      grams: fc.integer({ min: -999, max: 29_999 }),
      tareGrams: fc.constantFrom(0, 200),
      isMoving: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Display>({ kind: 'overload' }) },
  { weight: 1, arbitrary: fc.constant<Display>({ kind: 'underload' }) },
);
/** As displays are: each shows the same for a few frames. */
const anyDisplays = fc
  .array(fc.tuple(anyDisplay, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 8 })
  .map((runs) => runs.flatMap(([display, times]) => Array.from({ length: times }, () => display)));
const anyName = fc.constantFrom(...names);

const stream = (name: FamilyName, displays: readonly Display[]): Buffer =>
  Buffer.concat(displays.map((display) => scaleVoices[name].frame(display)));

/** What the frame of a family can tell of a display, from the table in hardware.md A.1; null where it has no word for it. */
function tells(name: FamilyName, display: Display): Said | null {
  const has = (...list: readonly FamilyName[]) => list.includes(name);
  if (display.kind === 'overload') return has('yaohua-a9', 'yaohua-ww', 'reversed', 'dahua', 'ohaus') ? null : overload;
  if (display.kind === 'underload')
    return has('st-us', 'cas-22', 'mettler-8217', 'mt-sics', 'toledo-continuous', 'nci-ecr') ? underload : null;
  const { grams, tareGrams, isMoving } = display;
  const net = tareGrams > 0 && !has('stx-block', 'yaohua-a9', 'reversed', 'dahua', 'mt-sics');
  if (has('yaohua-a9', 'yaohua-ww', 'reversed')) return weight(grams, 'unflagged', net);
  if (has('dahua')) return grams < 0 ? null : weight(grams, 'unflagged');
  if (grams < 0 && has('mettler-8217', 'nci-ecr')) return underload;
  if (isMoving && has('mettler-8217')) return none;
  return weight(grams, isMoving ? 'moving' : 'stable', net);
}

test('what the simulated scale shows is what every decoder says, frame by frame, at its place, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      anyName,
      anyDisplays,
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 }),
      (name, displays, cuts) => {
        const bytes = stream(name, displays);
        const { decoded } = decode(name, cutUp(bytes, cuts));
        expect(decoded.map((one) => ('rejected' in one ? one : asChecked(one.said)))).toEqual(
          displays.flatMap((display) => tells(name, display) ?? []),
        );
        expect(decode(name, [bytes]).decoded).toEqual(decoded);
        for (const one of decoded)
          expect('raw' in one && bytes.subarray(one.offset, one.offset + one.raw.length).equals(one.raw)).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});

/** Whether it could be seen that a frame has a checksum is another test's. */
function asChecked(one: Frame['said']): Frame['said'] {
  if (one.kind !== 'weight') return one;
  const { isUnchecked: _, ...rest } = one;
  return rest;
}

test('noise, too, is told the same however it is cut', () => {
  fc.assert(
    fc.property(
      anyName,
      fc.array(fc.oneof(fc.uint8Array({ maxLength: 90 }), anyDisplay)),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      (name, parts, cuts) => {
        const bytes = Buffer.concat(parts.map((part) => (part instanceof Uint8Array ? part : scaleVoices[name].frame(part))));
        const whole = decode(name, [bytes]);
        expect(decode(name, cutUp(bytes, cuts))).toEqual(whole);
        expect(whole.state.offset + whole.state.pending.length).toBe(bytes.length);
        expect(whole.state.pending.length).toBeLessThanOrEqual(64);
      },
    ),
    { numRuns: 400 },
  );
});

function cutUp(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let from = 0, i = 0; from < bytes.length; i += 1) {
    const to = from + cuts[i % cuts.length]!;
    chunks.push(bytes.subarray(from, to));
    from = to;
  }
  return chunks;
}

test.each(names)(
  '%s heard from any place on says what follows and nothing else; readings are the same from the second frame on',
  (name) => {
    const bytes = stream(name, someDisplays);
    const [allFrames, allReadings] = [frames(name, bytes), readings(name, bytes)];
    for (let cut = 0; cut < bytes.length; cut += 1) {
      const rest = bytes.subarray(cut);
      const follows = ({ offset }: { readonly offset: number }) => offset >= cut;
      const moved = <One extends { readonly offset: number }>(one: One) => ({ ...one, offset: one.offset + cut });
      expect(frames(name, rest).map(moved)).toEqual(allFrames.filter(follows));
      expect(readings(name, rest).map(moved).slice(1)).toEqual(allReadings.filter(follows).slice(1));
      expect(decode(name, [rest]).decoded.filter((one) => 'rejected' in one)).toEqual([]);
    }
  },
);

test('a 7E1 scale read as 8N1 is read: parity is not part of a byte', () => {
  fc.assert(
    fc.property(anyName, anyDisplays, (name, displays) => {
      const bytes = stream(name, displays);
      const placed = (list: readonly Frame[]) => list.map(({ offset, said }) => ({ offset, said }));
      expect(placed(frames(name, bytes.map(withParity)))).toEqual(placed(frames(name, bytes)));
    }),
  );
});

/** Lamps of cas-22 have an eighth bit of their own. */
function withParity(byte: number): number {
  return byte < 0x80 && byte.toString(2).replaceAll('0', '').length % 2 === 1 ? byte | 0x80 : byte;
}

test.each(names)('any one flipped bit in a stream of %s: no weight that was not sent is believed', (name) => {
  const bytes = stream(name, someDisplays);
  const key = (one: { readonly grams: number; readonly net: boolean }) => `${one.grams} ${one.net}`;
  const weights = frames(name, bytes).flatMap(({ said }) => (said.kind === 'weight' ? [said] : []));
  const sent = new Set(weights.map(key));
  const sentAtRest = new Set(weights.filter(({ motion }) => motion !== 'moving').map(key));
  const spoilt = Buffer.from(bytes);
  const believed = new Set<string>();
  for (let at = 0; at < bytes.length; at += 1)
    for (let bit = 0; bit < 8; bit += 1) {
      spoilt[at] = bytes[at]! ^ (1 << bit);
      for (const reading of readings(name, spoilt)) {
        const isStable = reading.kind === 'stable' || reading.kind === 'zero';
        if (isStable && !sentAtRest.has(key(reading))) believed.add(`${at}.${bit}: ${JSON.stringify(reading)}`);
      }
      if (familyNamed(name).check === 'checksum')
        for (const { said } of frames(name, spoilt))
          if (said.kind === 'weight' && !sent.has(key(said))) believed.add(`${at}.${bit}: ${JSON.stringify(said)}`);
      spoilt[at] = bytes[at]!;
    }
  expect([...believed]).toEqual([]);
});

test.each(names)('after noise, %s is in step again with the second frame', (name) => {
  const good = scaleVoices[name].frame(shows(1234));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      const last = frames(name, Buffer.concat([noise, ...Array(5).fill(good)])).slice(-4);
      expect(last.map(({ said }) => said)).toEqual(Array(4).fill(frames(name, good)[0]!.said));
    }),
  );
});

test.each(names)('random bytes are no stable weight of %s, and no weight at all where frames have a checksum', (name) => {
  const noise = new Uint8Array(1_000_000);
  let seed = 20_261_122;
  for (let i = 0; i < noise.length; i += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    noise[i] = seed >>> 24;
  }
  expect(readings(name, noise).filter(({ kind }) => kind === 'stable' || kind === 'zero')).toEqual([]);
  if (familyNamed(name).check === 'checksum') expect(frames(name, noise).filter(({ said }) => said.kind === 'weight')).toEqual([]);
});

test.each(names)('a stream of %s without an end, NULs and beginnings without frames leave nothing behind', (name) => {
  for (const byte of [0x00, 0x02, 0x20, 0x30, 0x3d, 0x53, 0xff]) {
    let state = freshDecoder;
    let largest = 0;
    let heard = 0;
    for (let i = 0; i < 500; i += 1) {
      const step = familyNamed(name).decode(state, new Uint8Array(1 + (i % 100)).fill(byte), 'kg');
      state = step.state;
      largest = Math.max(largest, state.pending.length);
      heard += step.decoded.filter((one) => 'said' in one).length;
    }
    expect(largest).toBeLessThanOrEqual(64);
    expect(heard).toBe(0);
  }
});

/** Random bytes of which none ends or begins a frame of any family. */
function endlessNoise(length: number): Uint8Array {
  const endsAndBeginnings = new Set(Buffer.from('\x02\x03\r\nSUO='));
  const others = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !endsAndBeginnings.has(byte & 0x7f));
  const noise = new Uint8Array(length);
  let seed = 20_261_122;
  for (let i = 0; i < length; i += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    noise[i] = others[(seed >>> 16) % others.length]!;
  }
  return noise;
}

const tenMegabytes = endlessNoise(10_000_000);

test.each(names)('ten megabytes without the beginning or the end of a frame of %s are counted, and what comes next is read', (name) => {
  const good = Buffer.from(scaleVoices[name].frame(shows(1234)));
  for (const [before, storm] of [
    [Buffer.alloc(0), tenMegabytes],
    [good, new Uint8Array(tenMegabytes.length)],
  ] as const) {
    let { state } = decode(name, [before]);
    let rejects = 0;
    for (let at = 0; at < storm.length; at += 65_536) {
      const step = familyNamed(name).decode(state, storm.subarray(at, at + 65_536), 'kg');
      state = step.state;
      rejects += step.decoded.length;
      if (step.decoded.length > 66) break; // one a kibibyte, and no more
    }
    expect([rejects >= 9_765, rejects <= 9_767]).toEqual([true, true]);
    const after = familyNamed(name).decode(state, Buffer.concat([good, good]), unitOf(familyNamed(name)));
    expect(after.decoded.filter((one) => 'said' in one).length).toBeGreaterThanOrEqual(1);
  }
});

test('noise without an end is told the same however it is cut', () => {
  fc.assert(
    fc.property(
      anyName,
      fc.array(fc.tuple(fc.constantFrom('x', '\0', '\r', '\x02', '9', 'S', '='), fc.integer({ min: 1, max: 3_000 })), { maxLength: 5 }),
      anyDisplay,
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
      (name, storms, display, cuts) => {
        const frame = Buffer.from(scaleVoices[name].frame(display));
        const bytes = Buffer.concat(storms.flatMap(([character, length]) => [Buffer.alloc(length, character), frame]));
        expect(decode(name, cutUp(bytes, cuts))).toEqual(decode(name, [bytes]));
      },
    ),
    { numRuns: 300 },
  );
});

test('a line without an end is told once, and the line after its end is read', () => {
  const endless = Array.from({ length: 5 }, () => Buffer.alloc(70, 'x'));
  expect(
    decode('st-us', [...endless, Buffer.from(`${'x'.repeat(70)}\r\nST,GS,+  1.234kg\r\n`)]).decoded.map((one) =>
      'rejected' in one ? one : one.said,
    ),
  ).toEqual([{ offset: 0, rejected: 'too_long' }, weight(1234, 'stable')]);
});

test.each(names)('a day of %s, a frame a second, leaves a state no larger than a frame', (name) => {
  const minute = stream(
    name,
    Array.from({ length: 60 }, (_, second) => shows(second * 100, { isMoving: second % 7 === 0 })),
  );
  const family = familyNamed(name);
  let decoder = freshDecoder;
  let settling = freshSettling(family);
  let largest = 0;
  let heard = 0;
  for (let minutes = 0; minutes < 24 * 60; minutes += 1) {
    const cut = minutes % minute.length;
    for (const chunk of [minute.subarray(0, cut), minute.subarray(cut)]) {
      const step = family.decode(decoder, chunk, unitOf(family));
      decoder = step.state;
      heard += step.decoded.length;
      for (const one of step.decoded) if ('said' in one) settling = settle(settling, one, minutes * 60_000).state;
      largest = Math.max(largest, decoder.pending.buffer.byteLength);
    }
  }
  expect({ heard, bytes: decoder.offset + decoder.pending.length }).toEqual({ heard: 24 * 60 * 60, bytes: 24 * 60 * minute.length });
  expect(largest).toBeLessThanOrEqual(64);
  expect(JSON.stringify(settling).length).toBeLessThan(200);
});
