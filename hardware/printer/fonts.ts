// Which bundled font draws which character of a receipt, and how large the ink of a line is. Never a system font: what a
// bundled font does not hold is drawn as 〓 and can be asked for, so that every machine draws the same dots.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliDecompressSync } from 'node:zlib';
import type { SKRSContext2D } from '@napi-rs/canvas';
import { drawingLibrary } from './drawing-library.ts';

/** How a text is set: em of the Chinese face in dots, and weight. Tibetan is set larger to look equal. */
export interface TextStyle {
  readonly px: number;
  readonly weight: 'regular' | 'bold';
}

/** One line of text, measured: what to draw where, and how far its ink reaches from the baseline. */
export interface MeasuredLine {
  readonly runs: readonly { readonly text: string; readonly font: string; readonly x: number }[];
  readonly width: number;
  readonly ascent: number;
  readonly descent: number;
}

/** Measures one line, in dots. Characters no bundled font holds are measured, and drawn, as 〓. */
export function measureLine(text: string, style: TextStyle): MeasuredLine {
  const key = `${style.px} ${style.weight} ${text}`;
  const known = measured.get(key);
  if (known !== undefined) return known;
  const line = measureRuns(text, style);
  if (measured.size >= measuredMax) measured.clear();
  measured.set(key, line);
  return line;
}

/** The characters of a text that no bundled font holds, each once. */
export function missingCharacters(text: string): string[] {
  return [...new Set(printable(text))].filter((character) => !isSpace(character) && faceOf(character) === null);
}

/** The text on one line: breaks and tabs are spaces, and characters that only steer (zero-width, direction) are gone. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').replace(/[\p{Default_Ignorable_Code_Point}\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** Whether the character is a space of any kind; a no-break space does not end a line but draws nothing either. */
function isSpace(character: string): boolean {
  return character === ' ' || character === '\u00a0';
}

/** Labels and units come again on every receipt: measured once. Cleared when full, which costs one slow receipt. */
const measured = new Map<string, MeasuredLine>();
const measuredMax = 4_000;

function measureRuns(text: string, style: TextStyle): MeasuredLine {
  const { pen, faces } = drawingTools();
  const runs: { text: string; font: string; x: number }[] = [];
  let x = 0;
  let right = 0;
  let ascent = Math.ceil(style.px * 0.86); // a Chinese character's ink, so that lines of digits stand as far apart
  let descent = Math.ceil(style.px * 0.1);
  for (const { face, text: part } of splitByFace(printable(text), faces.latin)) {
    const font = fontOf(face, style);
    pen.font = font;
    const ink = pen.measureText(part);
    if (runs.length === 0) x = Math.max(0, ink.actualBoundingBoxLeft); // a vowel sign may reach left of its stack
    runs.push({ text: part, font, x: Math.round(x) });
    right = Math.max(x + ink.width, x + ink.actualBoundingBoxRight);
    x += ink.width;
    ascent = Math.max(ascent, Math.ceil(ink.actualBoundingBoxAscent));
    descent = Math.max(descent, Math.ceil(ink.actualBoundingBoxDescent));
  }
  return { runs, width: Math.ceil(right), ascent, descent };
}

/** Cuts a text where the font changes, so that no drawing library has to choose one. Spaces stay with what they follow. */
function splitByFace(text: string, initial: Face): { readonly face: Face; readonly text: string }[] {
  const runs: { face: Face; text: string }[] = [];
  for (const character of text) {
    const last = runs.at(-1);
    const face = isSpace(character) ? spaceFace(last?.face ?? initial, initial) : faceOf(character);
    const drawn = face === null ? missingMark : character;
    const drawnFace = face ?? faceOf(missingMark)!; // the Chinese face holds it: asserted when the fonts are loaded
    if (last !== undefined && last.face === drawnFace) last.text += drawn;
    else runs.push({ face: drawnFace, text: drawn });
  }
  return runs;
}

/** Tibetan has its own space, between clauses; every other space is the Latin one. */
function spaceFace(before: Face, latin: Face): Face {
  return before.family === tibetanFamily ? before : latin;
}

/** Stands for a character that cannot be drawn: the printer's old mark for a missing letter. */
const missingMark = '〓';

interface Face {
  readonly family: string;
  readonly scale: number;
  readonly cssWeight: { readonly [weight in TextStyle['weight']]: number };
  readonly holds: ReadonlySet<number>;
}

function fontOf(face: Face, style: TextStyle): string {
  return `${face.cssWeight[style.weight]} ${Math.round(style.px * face.scale)}px "${face.family}"`;
}

/** The font that draws a character, or null where none does. */
function faceOf(character: string): Face | null {
  const code = character.codePointAt(0)!;
  const { latin, chinese, tibetan } = drawingTools().faces;
  if (code < 0x2000 && latin.holds.has(code)) return latin;
  if (chinese.holds.has(code)) return chinese;
  if (tibetan.holds.has(code)) return tibetan;
  if (latin.holds.has(code)) return latin;
  return rareFace(code);
}

interface DrawingTools {
  readonly pen: SKRSContext2D;
  readonly faces: { readonly latin: Face; readonly chinese: Face; readonly tibetan: Face };
}

let tools: DrawingTools | null = null;

/** Loads the bundled fonts at first use. Throws where one is missing or is not what we know how to read. */
function drawingTools(): DrawingTools {
  if (tools !== null) return tools;
  const sansFile = (subset: string, weight: number): string =>
    `@fontsource/noto-sans-sc/files/noto-sans-sc-${subset}-${weight}-normal.woff2`;
  const serifFile = (weight: number): string => `@fontsource/noto-serif-tibetan/files/noto-serif-tibetan-tibetan-${weight}-normal.woff2`;
  const faces = {
    latin: loadFace('Kiosk Latin', 1, { regular: 500, bold: 700 }, (weight) => sansFile('latin', weight)),
    chinese: loadFace('Kiosk Chinese', 1, { regular: 500, bold: 700 }, (weight) => sansFile('chinese-simplified', weight)),
    // Thin strokes of weight 400 break up on worn print heads (hardware.md F).
    tibetan: loadFace(tibetanFamily, tibetanScale, { regular: 600, bold: 700 }, serifFile),
  };
  if (!faces.chinese.holds.has(missingMark.codePointAt(0)!)) throw new Error(`the Chinese font does not hold ${missingMark}`);
  tools = { pen: drawingLibrary().createCanvas(1, 1).getContext('2d'), faces };
  return tools;
}

const tibetanFamily = 'Kiosk Tibetan';
/** A Tibetan letter fills less of its em than a Chinese one: 26 dots of Chinese go with 30 of Tibetan. */
const tibetanScale = 1.15;

function loadFace(family: string, scale: number, cssWeight: Face['cssWeight'], fileOf: (weight: number) => string): Face {
  const regular = registerFont(fileOf(cssWeight.regular), family);
  const bold = registerFont(fileOf(cssWeight.bold), family);
  return { family, scale, cssWeight, holds: new Set([...regular].filter((code) => bold.has(code))) };
}

/** Registers one bundled file and tells the characters it holds. Read by us: the drawing library cannot see into an asar. */
function registerFont(file: string, family: string): Set<number> {
  const bytes = readFileSync(resolve(file));
  if (drawingLibrary().GlobalFonts.register(bytes, family) === null) throw new Error(`the font ${file} cannot be used`);
  return charactersOf(bytes);
}

const { resolve } = createRequire(import.meta.url);

/**
 * The common Chinese file lacks a thousand characters of GB 2312, surnames among them. The hundred slices made for web
 * pages hold them: the one slice needed is loaded when it is.
 */
function rareFace(code: number): Face | null {
  slices ??= readSlices();
  const slice = slices.find(({ ranges }) => ranges.some(([from, to]) => from <= code && code <= to));
  if (slice === undefined) return null;
  let face = rareFaces.get(slice.name);
  if (face === undefined) {
    const family = `Kiosk Chinese ${slice.name}`;
    const holds = registerFont(`@fontsource-variable/noto-sans-sc/files/noto-sans-sc-${slice.name}-wght-normal.woff2`, family);
    face = { family, scale: 1, cssWeight: { regular: 500, bold: 700 }, holds };
    rareFaces.set(slice.name, face);
  }
  return face.holds.has(code) ? face : null;
}

interface Slice {
  readonly name: string;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

let slices: readonly Slice[] | null = null;
/** At most one for each slice of the package: about a hundred. */
const rareFaces = new Map<string, Face>();

/** Slices and the characters they are for: {"[4]": "U+4e0b,U+4e0d-4e10"}. Only the numbered ones hold Chinese. */
function readSlices(): readonly Slice[] {
  const table = JSON.parse(readFileSync(resolve('@fontsource-variable/noto-sans-sc/unicode.json'), 'utf8')) as { [name: string]: string };
  return Object.entries(table)
    .filter(([name]) => /^\[\d+\]$/.test(name))
    .map(([name, ranges]) => ({
      name: name.slice(1, -1),
      ranges: ranges.split(',').map((range) => {
        const [from = '', to = from] = range.replace(/^U\+/i, '').split('-');
        return [Number.parseInt(from, 16), Number.parseInt(to, 16)] as const;
      }),
    }));
}

/** The characters a WOFF2 font holds: its cmap table, format 4 or 12 (W3C WOFF2 4.1, OpenType cmap). */
function charactersOf(font: Buffer): Set<number> {
  const cmap = cmapOf(font);
  const held = new Set<number>();
  const hold = (from: number, to: number): void => {
    for (let code = from; code <= to; code++) held.add(code);
  };
  for (let record = 0; record < cmap.readUInt16BE(2); record++) {
    const start = cmap.readUInt32BE(4 + record * 8 + 4);
    const format = cmap.readUInt16BE(start);
    if (format === 4) {
      const segments = cmap.readUInt16BE(start + 6) / 2;
      for (let i = 0; i < segments; i++) {
        const last = cmap.readUInt16BE(start + 14 + i * 2);
        if (last !== 0xffff) hold(cmap.readUInt16BE(start + 16 + segments * 2 + i * 2), last); // 0xffff only ends the list
      }
    }
    if (format === 12) {
      for (let i = 0; i < cmap.readUInt32BE(start + 12); i++) {
        hold(cmap.readUInt32BE(start + 16 + i * 12), cmap.readUInt32BE(start + 20 + i * 12));
      }
    }
  }
  if (held.size === 0) throw new Error('a font without characters');
  return held;
}

/** The cmap table of a WOFF2 file: its tables are one Brotli stream, in the order of the directory. */
function cmapOf(font: Buffer): Buffer {
  if (font.toString('latin1', 0, 4) !== 'wOF2') throw new Error('not a WOFF2 font');
  const tables = font.readUInt16BE(12);
  const compressedBytes = font.readUInt32BE(20);
  let at = 48;
  let offset = 0;
  let found: { readonly start: number; readonly end: number } | null = null;
  const base128 = (): number => {
    let value = 0;
    for (;;) {
      const byte = font.readUInt8(at++);
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
  };
  for (let table = 0; table < tables; table++) {
    const flags = font.readUInt8(at++);
    const tag = flags & 0x3f;
    const transform = flags >> 6;
    if (tag === 63) at += 4; // a tag of its own, in four letters
    let bytes = base128();
    // glyf (10) and loca (11) are transformed unless they say 3; all others are not unless they say so.
    if (tag === 10 || tag === 11 ? transform !== 3 : transform !== 0) bytes = base128();
    if (tag === 0) found = { start: offset, end: offset + bytes };
    offset += bytes;
  }
  if (found === null) throw new Error('a font without a cmap');
  return brotliDecompressSync(font.subarray(at, at + compressedBytes), { maxOutputLength: offset }).subarray(found.start, found.end);
}
