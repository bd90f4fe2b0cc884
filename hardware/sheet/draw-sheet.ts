// A settlement sheet as PDF on A4, its letters shaped by the fonts of the receipts. Every sheet can be read in Chinese, since the county
// does; computes no amount.

import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Language } from '../../db/model/catalogue.ts';
import { countText, pointsText, yuanText } from '../../db/model/format.ts';
import { checkDrawing } from '../printer/drawing-check.ts';
import { drawingLibrary } from '../printer/drawing-library.ts';
import { type TextStyle, measureLine } from '../printer/fonts.ts';
import { wrapText } from '../printer/layout.ts';
import { type Sheet, type SheetRow, periodOf, sheetRows } from './sheet.ts';
import { type SheetText, sheetTexts } from './sheet-text.ts';

/** Draws the sheet in its own language. Throws where the fonts or the shaping of this machine are not what they must be. */
export function drawSheet(sheet: Sheet): Buffer {
  checkDrawing();
  const pages = layOut(sheet);
  const { number, settlementNumber } = sheet.body;
  const document = new (drawingLibrary().PDFDocument)({ title: `结算单 ${settlementNumber}`, subject: String(number) });
  for (const [i, marks] of pages.entries()) {
    // its type says less than it is: what a page gives is the context of every canvas
    const pen = document.beginPage(pageWidth / unitsInPoint, pageHeight / unitsInPoint) as SKRSContext2D;
    pen.scale(1 / unitsInPoint, 1 / unitsInPoint);
    pen.lang = 'zh'; // the figures of other languages are shaped to glyphs that a reader program could not turn into text again
    for (const mark of marks) draw(mark, pen);
    draw(pageNumber(i + 1, pages.length, sheet), pen);
    document.endPage();
  }
  return document.close();
}

/** Letters are measured in whole units: a quarter of a point, which the eye does not see. */
const unitsInPoint = 4;
/** A4. */
const pageWidth = 2_380;
const pageHeight = 3_368;
const margin = 160;
const left = margin;
const right = pageWidth - margin;
/** Above the page's number. */
const bottom = pageHeight - margin - 60;

const title: TextStyle = { px: 80, weight: 'bold' };
const strong: TextStyle = { px: 44, weight: 'bold' };
const plain: TextStyle = { px: 40, weight: 'regular' };
const small: TextStyle = { px: 34, weight: 'regular' };
const figure: TextStyle = { px: 84, weight: 'bold' };

/** What is drawn, in units from the top left of its page. */
type Mark =
  | { readonly kind: 'text'; readonly text: string; readonly style: TextStyle; readonly x: number; readonly baseline: number }
  | { readonly kind: 'box'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly kind: 'frame'; readonly x: number; readonly y: number; readonly width: number; readonly height: number };

function draw(mark: Mark, pen: SKRSContext2D): void {
  if (mark.kind === 'box') pen.fillRect(mark.x, mark.y, mark.width, mark.height);
  else if (mark.kind === 'frame') {
    pen.lineWidth = frameUnits;
    pen.strokeRect(mark.x, mark.y, mark.width, mark.height);
  } else
    for (const run of measureLine(mark.text, mark.style).runs) {
      pen.font = run.font;
      pen.fillText(run.text, mark.x + run.x, mark.baseline);
    }
}

const frameUnits = 4;

/** Pages as they fill: what does not fit begins the next. */
interface Flow {
  readonly pages: Mark[][];
  y: number;
  put(mark: Mark): void;
  /** So much room from here on one page; tells whether a new one was begun. */
  need(height: number): boolean;
}

function newFlow(): Flow {
  const pages: Mark[][] = [[]];
  return {
    pages,
    y: margin,
    put(mark) {
      pages.at(-1)!.push(mark); // there is always one
    },
    need(height) {
      if (this.y + height <= bottom) return false;
      pages.push([]);
      this.y = margin;
      return true;
    },
  };
}

function layOut(sheet: Sheet): readonly (readonly Mark[])[] {
  const flow = newFlow();
  const { language } = sheet.body.printed;
  const rows = sheetRows(sheet);
  const of = (part: SheetRow['part']): readonly SheetRow[] => rows.filter((row) => row.part === part);
  layTitle(sheet, flow);
  for (const row of of('head')) layFact(row, language, flow);
  flow.y += 30;
  layTable([sheetTexts.item, sheetTexts.points, sheetTexts.yuan], of('figures').filter(isTabled), language, flow);
  layOwed(rows, language, flow);
  layTable(null, of('county'), language, flow);
  laySignatures(language, flow);
  layDays(sheet, of('days'), language, flow);
  for (const row of of('proof')) layFact(row, language, flow, small);
  return flow.pages;
}

/** The two rows of what is owed stand in a frame of their own. */
function isTabled({ code }: SheetRow): boolean {
  return code !== 'owed' && code !== 'capitals';
}

function layTitle({ body, state }: Sheet, flow: Flow): void {
  const { language } = body.printed;
  const isProvisional = state === 'prepared' || state === 'sent';
  const stamp = isProvisional ? both(sheetTexts.provisional, language) : both(sheetTexts.states[state], language);
  const widest = Math.max(...stamp.map((text) => measureLine(text, strong).width));
  const height = 40 + stamp.length * lineHeight(strong);
  flow.put({ kind: 'frame', x: right - widest - 60, y: flow.y, width: widest + 60, height });
  for (const [i, text] of stamp.entries())
    flow.put({ kind: 'text', text, style: strong, x: right - widest - 30, baseline: flow.y + 20 + (i + 0.75) * lineHeight(strong) });
  const width = right - left - widest - 100;
  const top = flow.y;
  for (const [i, text] of both(sheetTexts.title, language).entries()) layLines(text, i === 0 ? title : strong, { x: left, width }, flow);
  if (isProvisional) for (const text of both(sheetTexts.provisionalNote, language)) layLines(text, small, { x: left, width }, flow);
  flow.y = Math.max(flow.y, top + height) + 40;
}

/** A label and a text beside it. */
function layFact(row: SheetRow, language: Language, flow: Flow, style = plain): void {
  const label = both(row.label, language).join(' ');
  const labels = wrapText(label, small, factLabelWidth);
  const details = wrapText(row.detail, style, right - left - factLabelWidth - 30);
  const height = Math.max(labels.length * lineHeight(small), details.length * lineHeight(style));
  flow.need(height);
  putLines(labels, small, left, flow);
  putLines(details, style, left + factLabelWidth + 30, flow);
  flow.y += height;
}

const factLabelWidth = 620;
/** Right edges of the two columns of amounts. */
const pointsEdge = 1_700;
const itemWidth = 1_120;
/** White above the letters of a row and under its rule. */
const rowGap = 14;

/** What, how many points, how much money; a rule under each. */
function layTable(
  headings: readonly [SheetText, SheetText, SheetText] | null,
  rows: readonly SheetRow[],
  language: Language,
  flow: Flow,
): void {
  if (headings !== null) layHeadings(headings, language, flow);
  for (const row of rows) {
    const labels = wrapText(both(row.label, language)[0], plain, itemWidth);
    const count = row.count === null ? '' : `× ${countText(row.count)}`;
    const facts = [...both(row.label, language).slice(1), row.points === null ? '' : count, row.day, row.detail];
    const under = wrapText(facts.filter((text) => text !== '').join('　'), small, itemWidth).filter((text) => text !== '');
    const height = labels.length * lineHeight(plain) + under.length * lineHeight(small) + rowGap;
    if (flow.need(height) && headings !== null) layHeadings(headings, language, flow);
    putLines(labels, plain, left, flow);
    putAtEdge(row.points === null ? count : pointsText(row.points), plain, pointsEdge, flow);
    if (row.fen !== null) putAtEdge(yuanText(row.fen), row.code === 'gross' ? strong : plain, right, flow);
    flow.y += labels.length * lineHeight(plain);
    putLines(under, small, left, flow);
    flow.y += under.length * lineHeight(small) + rowGap;
    layRule(2, flow);
  }
}

function layHeadings([item, middle, end]: readonly [SheetText, SheetText, SheetText], language: Language, flow: Flow): void {
  layRule(6, flow);
  const lines = Math.max(...[item, middle, end].map((each) => both(each, language).length));
  putLines(both(item, language), small, left, flow);
  for (const [texts, edge] of [
    [both(middle, language), pointsEdge],
    [both(end, language), right],
  ] as const)
    for (const [i, text] of texts.entries()) putAtEdge(text, small, edge, { ...flow, y: flow.y + i * lineHeight(small) });
  flow.y += lines * lineHeight(small) + rowGap;
  layRule(4, flow);
}

/** What is looked for first: the amount owed in figures and in capitals, in a frame. */
function layOwed(rows: readonly SheetRow[], language: Language, flow: Flow): void {
  const owed = rows.find(({ code }) => code === 'owed')!; // every sheet has one of each
  const written = rows.find(({ code }) => code === 'capitals')!;
  const labels = both(owed.label, language);
  const letters = wrapText(written.detail, strong, right - left - 80);
  const height = 60 + lineHeight(figure) + (labels.length - 1) * lineHeight(small) + letters.length * lineHeight(strong);
  flow.y += 30;
  flow.need(height + 30);
  flow.put({ kind: 'frame', x: left, y: flow.y, width: right - left, height });
  flow.y += 20;
  putLines(labels.slice(0, 1), strong, left + 40, flow);
  putAtEdge(`${yuanText(owed.fen!)} 元`, figure, right - 40, flow); // the row of what is owed has an amount
  flow.y += lineHeight(figure);
  putLines(labels.slice(1), small, left + 40, { ...flow, y: flow.y - lineHeight(small) });
  flow.y += (labels.length - 1) * lineHeight(small);
  putLines(letters, strong, left + 40, flow);
  flow.y += letters.length * lineHeight(strong) + 70;
}

/** Room to sign and stamp, the three side by side and never parted by a page. */
function laySignatures(language: Language, flow: Flow): void {
  const height = 380;
  flow.y += 30;
  flow.need(height);
  const width = Math.floor((right - left) / 3);
  for (const [i, label] of [sheetTexts.signOwner, sheetTexts.signVillage, sheetTexts.signCounty].entries()) {
    const x = left + i * width;
    flow.put({ kind: 'frame', x, y: flow.y, width, height });
    putLines(both(label, language), small, x + 20, { ...flow, y: flow.y + 14 });
    putAtEdge(sheetTexts.signDate.zh, small, x + width - 20, { ...flow, y: flow.y + height - lineHeight(small) - 10 });
  }
  flow.y += height + 40;
}

function layDays({ body, kiosk }: Sheet, rows: readonly SheetRow[], language: Language, flow: Flow): void {
  const heading = [sheetTexts.days, sheetTexts.points, sheetTexts.yuan] as const;
  const height = lineHeight(plain) + rowGap;
  flow.need(height * 4);
  putLines([`${both(sheetTexts.days, language).join(' ')}　${periodOf(body)}`], strong, left, flow);
  flow.y += lineHeight(strong) + rowGap;
  layHeadings([sheetTexts.date, heading[1], heading[2]], language, flow);
  for (const row of rows) {
    if (flow.need(height)) layHeadings([sheetTexts.date, heading[1], heading[2]], language, flow);
    putLines([`${row.day}　${kiosk}-${row.detail}`], plain, left, flow);
    putAtEdge(pointsText(row.points!), plain, pointsEdge, flow); // rows of days have both amounts
    putAtEdge(yuanText(row.fen!), plain, right, flow);
    flow.y += height;
    layRule(2, flow);
  }
  flow.y += 30;
}

function pageNumber(page: number, pages: number, { body }: Sheet): Mark {
  const text = `${body.settlementNumber}　${both(sheetTexts.page, body.printed.language).join(' ')} ${page} / ${pages}`;
  return { kind: 'text', text, style: small, x: right - measureLine(text, small).width, baseline: pageHeight - margin };
}

/** In the sheet's language, and in Chinese where that is another. */
function both(text: SheetText, language: Language): readonly [string, ...string[]] {
  return language === 'zh' ? [text.zh] : [text[language], text.zh];
}

function layRule(height: number, flow: Flow): void {
  flow.put({ kind: 'box', x: left, y: flow.y, width: right - left, height });
  flow.y += height + 10;
}

/** Lines from here down, leaving the flow where it is. */
function putLines(lines: readonly string[], style: TextStyle, x: number, flow: Pick<Flow, 'y' | 'put'>): void {
  for (const [i, text] of lines.entries())
    flow.put({ kind: 'text', text, style, x, baseline: flow.y + Math.round((i + 0.75) * lineHeight(style)) });
}

function putAtEdge(text: string, style: TextStyle, edge: number, flow: Pick<Flow, 'y' | 'put'>): void {
  if (text !== '') putLines([text], style, edge - measureLine(text, style).width, flow);
}

function layLines(text: string, style: TextStyle, at: { readonly x: number; readonly width: number }, flow: Flow): void {
  const lines = wrapText(text, style, at.width);
  putLines(lines, style, at.x, flow);
  flow.y += lines.length * lineHeight(style);
}

/** Tibetan stacks reach far up and down: half as much again as the letters. */
function lineHeight({ px }: TextStyle): number {
  return Math.ceil(px * 1.6);
}
