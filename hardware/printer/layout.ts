// Sets a column of texts, figures, rules and codes on paper of a given width, one bit a dot. Cuts no text short and
// clips no ink: what does not fit goes on the next line.

import type { PaperDots, Raster } from '../../db/model/receipt.ts';
import { assert, never } from '../../db/model/result.ts';
import { type MeasuredLine, type TextStyle, measureLine, printable } from './fonts.ts';
import { inkOf } from './ink.ts';

/** What can stand on a receipt, from top to bottom. */
export type Block =
  | { readonly kind: 'text'; readonly text: string; readonly style: TextStyle; readonly align: 'start' | 'centre' }
  /** Centred, in the first of these styles in which it stands on one line; in the last where it does so in none. */
  | { readonly kind: 'fitted'; readonly text: string; readonly styles: readonly [TextStyle, ...TextStyle[]] }
  /** A label on the left and its figure on the right, on one line where both fit. */
  | { readonly kind: 'pair'; readonly label: string; readonly value: string; readonly style: TextStyle }
  /** Texts one after another in as few lines as they need, each whole where a line can hold it; `end` at the right edge. */
  | { readonly kind: 'row'; readonly parts: readonly Part[]; readonly end: Part | null; readonly align: 'start' | 'centre' }
  | { readonly kind: 'rule'; readonly dots: number; readonly dashed: boolean }
  | { readonly kind: 'gap'; readonly dots: number }
  | { readonly kind: 'frame'; readonly dots: number; readonly blocks: readonly Block[] }
  /** A square of modules, row by row, centred, each `dots` wide. */
  | { readonly kind: 'code'; readonly size: number; readonly isDark: (x: number, y: number) => boolean; readonly dots: number };

/** A text of a row, in its own letters. */
export interface Part {
  readonly text: string;
  readonly style: TextStyle;
}

/** Draws the blocks; the raster is as high as they need. Throws where a font is missing or a code is wider than the paper. */
export function drawBlocks(blocks: readonly Block[], width: PaperDots): Raster {
  const sheet: Sheet = { lines: [], boxes: [] };
  const height = place(blocks, { left: edgeDots, right: width - edgeDots }, 0, sheet);
  const bits = new Uint8Array((width / 8) * height);
  for (const line of sheet.lines) inkLine(line, width, bits);
  for (const box of sheet.boxes) inkBox(box, width, bits);
  return { width, height, bits };
}

/**
 * Cuts a text into lines no wider than `width` dots. Tibetan is cut only after tsheg and shad or at spaces, never before
 * them and never after U+0F0C (hardware.md F); Chinese between characters, closing marks staying with what they close;
 * other words at spaces. A word wider than the paper is cut between graphemes: no text is ever lost.
 */
export function wrapText(text: string, style: TextStyle, width: number): string[] {
  const whole = printable(text).trim();
  if (measureLine(whole, style).width <= width) return [whole];
  const lines: string[] = [];
  let line = '';
  const add = (piece: string): void => {
    if (line !== '' && measureLine((line + piece).trimEnd(), style).width > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += line === '' ? piece.trimStart() : piece;
  };
  for (const piece of breakablePieces(whole)) {
    if (measureLine(piece.trimEnd(), style).width <= width) add(piece);
    else for (const part of narrowPieces(piece, style, width)) add(part);
  }
  return [...lines, line.trimEnd()].filter((part) => part !== '');
}

/** Dots kept white at both edges: print heads are seldom mounted straight. */
const edgeDots = 2;
/** Between the lowest ink of a line and the highest of the next (hardware.md F). */
const leadingDots = 4;
const columnGapDots = 14;
/** More than the leading, above and below a rule: a rule must not look like an underline. */
const ruleGapDots = 3;
const framePaddingDots = 8;
interface Sheet {
  readonly lines: { readonly line: MeasuredLine; readonly x: number; readonly baseline: number }[];
  readonly boxes: Box[];
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Column {
  readonly left: number;
  readonly right: number;
}

/** Places blocks under `top` and tells where they end. */
function place(blocks: readonly Block[], column: Column, top: number, sheet: Sheet): number {
  return blocks.reduce((y, block) => placeBlock(block, column, y, sheet), top);
}

function placeBlock(block: Block, column: Column, top: number, sheet: Sheet): number {
  const width = column.right - column.left;
  switch (block.kind) {
    case 'gap':
      return top + block.dots;
    case 'text':
      return placeText(block, column, top, sheet);
    case 'fitted': {
      const { text, styles } = block;
      const style = styles.find((each) => wrapText(text, each, width).length === 1) ?? styles.at(-1)!; // there is a first
      return placeText({ kind: 'text', text, style, align: 'centre' }, column, top, sheet);
    }
    case 'pair':
      return placePair(block, column, top, sheet);
    case 'row':
      return placeRow(block, column, top, sheet);
    case 'rule':
      placeRule(block, column, top + ruleGapDots, sheet);
      return top + block.dots + leadingDots + 2 * ruleGapDots;
    case 'frame': {
      const inset = block.dots + framePaddingDots;
      const inner = { left: column.left + inset, right: column.right - inset };
      const bottom = place(block.blocks, inner, top + inset, sheet) - leadingDots + inset;
      sheet.boxes.push(
        { x: column.left, y: top, width, height: block.dots },
        { x: column.left, y: bottom - block.dots, width, height: block.dots },
        { x: column.left, y: top, width: block.dots, height: bottom - top },
        { x: column.right - block.dots, y: top, width: block.dots, height: bottom - top },
      );
      return bottom + leadingDots;
    }
    case 'code':
      return placeCode(block, column, top, sheet);
    default:
      return never(block);
  }
}

function placeText(block: Extract<Block, { kind: 'text' }>, column: Column, top: number, sheet: Sheet): number {
  const width = column.right - column.left;
  return wrapText(block.text, block.style, width).reduce((y, text) => {
    const line = measureLine(text, block.style);
    const x = block.align === 'centre' ? column.left + Math.floor((width - line.width) / 2) : column.left;
    return placeLine([{ line, x }], y, sheet);
  }, top);
}

/** Lines side by side on one baseline. */
function placeLine(parts: readonly { readonly line: MeasuredLine; readonly x: number }[], top: number, sheet: Sheet): number {
  const ascent = Math.max(...parts.map(({ line }) => line.ascent));
  const descent = Math.max(...parts.map(({ line }) => line.descent));
  for (const { line, x } of parts) sheet.lines.push({ line, x, baseline: top + ascent });
  return top + ascent + descent + leadingDots;
}

/** The figure stands right of the label's last line where there is room for both, else alone under it. */
function placePair(block: Extract<Block, { kind: 'pair' }>, column: Column, top: number, sheet: Sheet): number {
  const width = column.right - column.left;
  const toTheRight = (line: MeasuredLine) => ({ line, x: column.right - line.width });
  const labels = wrapText(block.label, block.style, width).map((text) => measureLine(text, block.style));
  const values = wrapText(block.value, block.style, width).map((text) => measureLine(text, block.style));
  const lastLabel = labels.at(-1);
  const firstValue = values[0];
  const share = lastLabel !== undefined && firstValue !== undefined && lastLabel.width + columnGapDots + firstValue.width <= width;
  const rows = share
    ? [
        ...labels.slice(0, -1).map((line) => [{ line, x: column.left }]),
        [{ line: lastLabel, x: column.left }, toTheRight(firstValue)],
        ...values.slice(1).map((line) => [toTheRight(line)]),
      ]
    : [...labels.map((line) => [{ line, x: column.left }]), ...values.map((line) => [toTheRight(line)])];
  return rows.reduce((y, row) => placeLine(row, y, sheet), top);
}

/** The end stands on the first line whose first text leaves it room, and keeps that room from the texts after; else alone, last. */
function placeRow({ parts, end, align }: Extract<Block, { kind: 'row' }>, column: Column, top: number, sheet: Sheet): number {
  const width = column.right - column.left;
  const measured = ({ text, style }: Part) => wrapText(text, style, width).map((line) => measureLine(line, style));
  const [firstEnd, ...moreEnds] = end === null ? [] : measured(end);
  const lines: MeasuredLine[][] = [];
  let endAt: number | null = null;
  for (const text of parts.flatMap(measured)) {
    const line = lines.at(-1);
    const isKept = firstEnd !== undefined && endAt === lines.length - 1;
    if (line !== undefined && lineWidth(isKept ? [...line, text, firstEnd] : [...line, text]) <= width) line.push(text);
    else {
      if (endAt === null && firstEnd !== undefined && lineWidth([text, firstEnd]) <= width) endAt = lines.length;
      lines.push([text]);
    }
  }
  const toTheRight = (line: MeasuredLine) => ({ line, x: column.right - line.width });
  const rows = lines.flatMap((line, i) => {
    const left = align === 'centre' ? column.left + Math.floor((width - lineWidth(line)) / 2) : column.left;
    const row = line.map((each, n) => ({ line: each, x: left + lineWidth(line.slice(0, n)) + (n === 0 ? 0 : columnGapDots) }));
    return firstEnd !== undefined && endAt === i ? [[...row, toTheRight(firstEnd)], ...moreEnds.map((more) => [toTheRight(more)])] : [row];
  });
  const alone = endAt === null && firstEnd !== undefined ? [firstEnd, ...moreEnds].map((line) => [toTheRight(line)]) : [];
  return [...rows, ...alone].reduce((y, row) => placeLine(row, y, sheet), top);
}

/** Of texts side by side, with the white between them. */
function lineWidth(line: readonly MeasuredLine[]): number {
  return line.reduce((sum, { width }, i) => sum + width + (i === 0 ? 0 : columnGapDots), 0);
}

function placeRule(block: Extract<Block, { kind: 'rule' }>, column: Column, top: number, sheet: Sheet): void {
  const width = column.right - column.left;
  if (!block.dashed) sheet.boxes.push({ x: column.left, y: top, width, height: block.dots });
  else for (let x = column.left; x + 8 <= column.right; x += 12) sheet.boxes.push({ x, y: top, width: 8, height: block.dots });
}

function placeCode(block: Extract<Block, { kind: 'code' }>, column: Column, top: number, sheet: Sheet): number {
  const { size, dots, isDark } = block;
  const left = column.left + Math.floor((column.right - column.left - size * dots) / 2);
  if (left < 0) throw new RangeError(`a code of ${size} modules of ${dots} dots is wider than the paper`);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (isDark(x, y)) sheet.boxes.push({ x: left + x * dots, y: top + y * dots, width: dots, height: dots });
    }
  }
  return top + size * dots;
}

/** Lays the dots of a line on the paper, whichever bit of a byte they start at. */
function inkLine({ line, x, baseline }: Sheet['lines'][number], width: PaperDots, bits: Uint8Array): void {
  assert(x >= 0 && x + line.width <= width, 'a line fits the paper: wrapText sees to it');
  const { rowBytes, rows, bits: ink } = inkOf(line);
  const shift = x & 7;
  for (let row = 0; row < rows; row++) {
    let at = ((baseline - line.ascent + row) * width + x) >> 3;
    for (let i = row * rowBytes; i < (row + 1) * rowBytes; i++, at++) {
      const byte = ink[i]!;
      if (byte === 0) continue;
      bits[at]! |= byte >> shift;
      bits[at + 1]! |= byte << (8 - shift); // what spills over the edge of the paper is 0: the line fits
    }
  }
}

function inkBox(box: Box, width: PaperDots, bits: Uint8Array): void {
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) bits[(y * width + x) >> 3]! |= 0x80 >> (x & 7);
  }
}

/** The text cut at every place where a line may end; joined again it is the same. */
function breakablePieces(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let before = '';
  for (const character of text) {
    if (piece !== '' && mayBreak(before, character)) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
    before = character;
  }
  return [...pieces, piece];
}

/** A word wider than the paper, by graphemes; even here a tsheg or closing mark stays with its letter where it can. */
function narrowPieces(word: string, style: TextStyle, width: number): string[] {
  const pieces: string[] = [];
  for (const { segment } of graphemes.segment(word)) {
    const joined = `${pieces.at(-1) ?? ''}${segment}`;
    if (pieces.length > 0 && neverStarts.test(String.fromCodePoint(segment.codePointAt(0)!)) && measureLine(joined, style).width <= width) {
      pieces[pieces.length - 1] = joined;
    } else pieces.push(segment);
  }
  return pieces;
}

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

function mayBreak(before: string, after: string): boolean {
  if (neverStarts.test(after) || neverEnds.test(before)) return false;
  return endsPiece.test(before) || ideograph.test(before) || ideograph.test(after);
}

/** Space, tsheg, shad and its kin; not U+0F0C, the tsheg that keeps a name together. */
const endsPiece = /^[ \u0f0b\u0f0d-\u0f11]$/u;
const ideograph = /^[\p{Script=Han}\u3001-\u3030\uff01-\uff60]$/u;
/** Spaces, Tibetan marks that follow a syllable, combining marks, closing marks. */
const neverStarts = /^[ \u00a0\u0f0b-\u0f14\p{M},.;:!?)\]}%、。，．：；！？）》」』】〉”’…*]$/u;
const neverEnds = /^[\u00a0\u0f0c([{（《「『【〈“‘]$/u;
