// What every family of scales says, byte for byte, of what its display shows (hardware.md A.1): the mouth of the simulated
// scale. Shares nothing with the decoders, so that one cannot hide a mistake of the other.

import type { FamilyName } from '../scale/reading.ts';

/** What the display of a scale shows; the decimals are always three, of a kilogram. */
export type Display =
  | { readonly kind: 'weight'; readonly grams: number; readonly tareGrams: number; readonly isMoving: boolean }
  | { readonly kind: 'overload' }
  | { readonly kind: 'underload' };

/** How one family speaks. */
export interface ScaleVoice {
  /** The frame that says this; empty where the protocol has no word for it and real scales fall silent. */
  readonly frame: (display: Display) => Uint8Array;
  /** Null: it talks all the time. Else it answers these commands, each with its end, and others with `unknown`. */
  readonly asked: { readonly commands: readonly string[]; readonly end: string; readonly unknown: string } | null;
  /** A frame without a unit says the bare number on the display, whatever unit the display was set to. */
  readonly namesUnit: boolean;
}

/** The voices of all families. Every frame is written with its status, sign, decimals and check as the manuals say. */
export const scaleVoices: Readonly<Record<FamilyName, ScaleVoice>> = {
  'st-us': streaming(stUs),
  'cas-22': streaming(cas22),
  kunhong: { frame: kunhong, asked: { commands: ['RG15\r\n'], end: '\n', unknown: '' }, namesUnit: true },
  'stx-block': streaming(stxBlock),
  'yaohua-a9': { ...streaming(yaohuaA9), namesUnit: false },
  'yaohua-ww': streaming(yaohuaWw),
  reversed: { ...streaming(reversed), namesUnit: false },
  dahua: { ...streaming(dahua), namesUnit: false },
  'mettler-8217': { frame: mettler8217, asked: { commands: ['W'], end: '', unknown: '' }, namesUnit: false },
  'mt-sics': { frame: mtSics, asked: { commands: ['S\r\n', 'SI\r\n'], end: '\n', unknown: 'ES\r\n' }, namesUnit: true },
  'toledo-continuous': streaming(toledoContinuous),
  'nci-ecr': { frame: nciEcr, asked: { commands: ['W\r'], end: '\r', unknown: '\n?\r\x03' }, namesUnit: true },
  ohaus: streaming(ohaus),
};

function streaming(frame: ScaleVoice['frame']): ScaleVoice {
  return { frame, asked: null, namesUnit: true };
}

const silence = new Uint8Array();

/** `ST,GS,+  1.234kg`, as Excell and most ACS scales write it. */
function stUs(display: Display): Uint8Array {
  if (display.kind === 'underload') return text('UL,GS,-       kg\r\n');
  if (display.kind === 'overload') return text('OL,GS,+       kg\r\n');
  return text(`${stOrUs(display)},${grossOrNet(display)},${sign(display, '+')}${kilograms(display).padStart(7)}kg\r\n`);
}

/** 22 bytes with a lamp byte, whose bit 7 is always set. */
function cas22(display: Display): Uint8Array {
  if (display.kind === 'underload') return text('UL,GS,\x01\x80,         kg\r\n');
  if (display.kind === 'overload') return text('OL,GS,\x01\x80,         kg\r\n');
  const isNet = display.tareGrams > 0;
  const lamps = 0x80 | bit(6, !display.isMoving) | bit(2, !isNet) | bit(1, isNet) | bit(0, display.grams === 0);
  const weight = `${sign(display, ' ')}${kilograms(display).padStart(7)}`;
  return text(`${stOrUs(display)},${grossOrNet(display)},\x01${String.fromCharCode(lamps)},${weight} kg\r\n`);
}

/** The XOR of all before it, in two hexadecimal digits, before the end. */
function kunhong(display: Display): Uint8Array {
  if (display.kind === 'underload') return silence;
  const said =
    display.kind === 'overload'
      ? 'OV,GS,       ,kg'
      : `${stOrUs(display)},${grossOrNet(display)},${sign(display, ' ')}${kilograms(display).padStart(7)},kg`;
  return text(`${said}${hexadecimal(exclusiveOr(text(said)))}\r\n`);
}

/** SOH STX status sign six digits `kg` BCC ETX EOT. */
function stxBlock(display: Display): Uint8Array {
  if (display.kind === 'underload') return silence;
  const said =
    display.kind === 'overload'
      ? 'SFFFFFFFkg'
      : `${display.isMoving ? 'U' : 'S'}${sign(display, ' ')}${kilograms(display).padStart(6, '0')}kg`;
  return text(`\x01\x02${said}${String.fromCharCode(exclusiveOr(text(said)))}\x03\x04`);
}

/** Six digits and the number of decimals: no unit, no motion, no overload. */
function yaohuaA9(display: Display): Uint8Array {
  if (display.kind !== 'weight') return silence;
  const said = `${sign(display, '+')}${String(Math.abs(display.grams)).padStart(6, '0')}3`;
  return text(`\x02${said}${hexadecimal(exclusiveOr(text(said)))}\x03`);
}

function yaohuaWw(display: Display): Uint8Array {
  if (display.kind !== 'weight') return silence;
  return text(`w${display.tareGrams > 0 ? 'n' : 'w'}${sign(display, '')}${kilograms(display).padStart(8, '0')}kg\r\n`);
}

/** Seven characters behind `=`, the last digit first. */
function reversed(display: Display): Uint8Array {
  if (display.kind !== 'weight') return silence;
  const forward = display.grams < 0 ? `-${kilograms(display).padStart(6, '0')}` : kilograms(display).padStart(7, '0');
  return text(`=${forward.split('').toReversed().join('')}`);
}

/** Grams in five characters; it has no sign. */
function dahua(display: Display): Uint8Array {
  if (display.kind !== 'weight' || display.grams < 0) return silence;
  return text(`${String(display.grams).padStart(5)}\n\r`);
}

/** A weight, or a status byte where there is none to give: in motion, over, below zero. */
function mettler8217(display: Display): Uint8Array {
  if (display.kind === 'overload') return text('\x02?\x02\r');
  if (display.kind === 'underload') return text('\x02?\x04\r');
  const isNet = display.tareGrams > 0;
  const status = bit(0, display.isMoving) | bit(2, display.grams < 0) | bit(5, isNet);
  if (display.isMoving || display.grams < 0) return text(`\x02?${String.fromCharCode(status)}\r`);
  return text(`\x02${kilograms(display).padStart(6, '0')}${isNet ? 'N' : ''}\r`);
}

function mtSics(display: Display): Uint8Array {
  if (display.kind === 'overload') return text('S +\r\n');
  if (display.kind === 'underload') return text('S -\r\n');
  const weight = `${sign(display, '')}${kilograms(display)}`.padStart(10);
  return text(`S ${display.isMoving ? 'D' : 'S'} ${weight} kg\r\n`);
}

/** Three status bytes, six digits of weight, six of tare, and the two's complement of the sum of seven bits each. */
function toledoContinuous(display: Display): Uint8Array {
  const isWeight = display.kind === 'weight';
  const tareGrams = isWeight ? display.tareGrams : 0;
  const isBelowZero = isWeight ? display.grams < 0 : display.kind === 'underload';
  const threeDecimals = 0x2d;
  const status = 0x30 | bit(0, tareGrams > 0) | bit(1, isBelowZero) | bit(2, !isWeight) | bit(3, isWeight && display.isMoving);
  const digits = (grams: number) => String(Math.abs(grams)).padStart(6);
  const said = text(
    `\x02${String.fromCharCode(threeDecimals, status)} ${isWeight ? digits(display.grams) : '      '}${digits(tareGrams)}\r`,
  );
  const sum = said.reduce((total, byte) => total + (byte & 0x7f), 0);
  return Uint8Array.of(...said, -sum & 0x7f);
}

/** A third status byte follows where bit 6 of the second is set. */
function nciEcr(display: Display): Uint8Array {
  const isOver = display.kind === 'overload';
  const isUnder = display.kind === 'underload' || (display.kind === 'weight' && display.grams < 0);
  const isWeight = display.kind === 'weight' && !isUnder;
  const isNet = isWeight && display.tareGrams > 0;
  const first = 0x30 | bit(0, display.kind === 'weight' && display.isMoving) | bit(1, isWeight && display.grams === 0);
  const second = 0x30 | bit(0, isUnder) | bit(1, isOver) | bit(6, isNet);
  const status = isNet ? [first, second, 0x34] : [first, second];
  const weight = isOver ? '^^^^^^' : isUnder ? '______' : isWeight ? kilograms(display).padStart(6, '0') : '';
  return text(`\n${weight}KG\r\nS${String.fromCharCode(...status)}\r\x03`);
}

/** Polarity, seven digits, unit of five, `?` while it moves, and the legend. */
function ohaus(display: Display): Uint8Array {
  if (display.kind !== 'weight') return silence;
  const legend = display.tareGrams > 0 ? 'N' : 'G';
  return text(`${sign(display, ' ')}${kilograms(display).padStart(7)} kg   ${display.isMoving ? '?' : ' '}${legend}\r\n`);
}

interface Weight {
  readonly grams: number;
  readonly tareGrams: number;
  readonly isMoving: boolean;
}

function stOrUs(weight: Weight): string {
  return weight.isMoving ? 'US' : 'ST';
}

function grossOrNet(weight: Weight): string {
  return weight.tareGrams > 0 ? 'NT' : 'GS';
}

function sign(weight: Weight, positive: string): string {
  return weight.grams < 0 ? '-' : positive;
}

/** 1234 as `1.234`, without a sign. */
function kilograms(weight: Weight): string {
  const grams = Math.abs(weight.grams);
  return `${Math.floor(grams / 1_000)}.${String(grams % 1_000).padStart(3, '0')}`;
}

function bit(place: number, isSet: boolean): number {
  return isSet ? 1 << place : 0;
}

function exclusiveOr(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0);
}

function hexadecimal(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function text(characters: string): Uint8Array {
  return Uint8Array.from(Buffer.from(characters, 'latin1'));
}
