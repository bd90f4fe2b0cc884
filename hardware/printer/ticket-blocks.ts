// What stands where on the ticket of a recycling credit, from its shop's name to its signed code. Draws nothing.

import { kilogramsText, pointsText } from '../../db/model/format.ts';
import { type CreditLine, type Measure, unitsOf } from '../../db/model/recycling.ts';
import type { Ticket } from '../../db/model/receipt.ts';
import { never } from '../../db/model/result.ts';
import type { TextStyle } from './fonts.ts';
import type { Block } from './layout.ts';
import {
  type DrawOptions,
  balanceBlocks,
  bodyStrong,
  centred,
  codeBlocks,
  copyBlocks,
  gap,
  headBlocks,
  heading,
  lineGapDots,
  nameBlocks,
  pair,
  shopBlocks,
  small,
  strong,
  text,
  thickRule,
  thinRule,
} from './paper-blocks.ts';
import { type ReceiptWords, receiptWords } from './receipt-text.ts';
import { type TicketWords, ticketWords } from './ticket-text.ts';

type Words = ReceiptWords & TicketWords;

/**
 * The rows of a ticket in its own language, a band above them on a copy. Weights and points carry their units, and nothing
 * names the resident but the mask. Throws RangeError where the signed text does not fit the paper as a QR.
 */
export function ticketBlocks(ticket: Ticket, { dots, copy }: DrawOptions): readonly Block[] {
  const words: Words = { ...receiptWords[ticket.language], ...ticketWords[ticket.language] };
  return [
    gap(8),
    ...copyBlocks(copy, words),
    ...(ticket.isReversed ? [{ kind: 'frame', dots: 4, blocks: [centred(words.reversed, strong)] } as const, gap(6)] : []),
    ...shopBlocks(ticket),
    thickRule,
    centred(words.title, heading),
    gap(4),
    ...headBlocks(ticket, { label: words.ticketNumber, value: ticket.ticketNumber }, words),
    ...(ticket.isApproved ? [text(words.approved, bodyStrong)] : []),
    thinRule,
    ...ticket.lines.flatMap((line) => [...materialBlocks(line, ticket, words), gap(lineGapDots)]),
    ...givenBlocks(ticket, words),
    ...balanceBlocks({ ...ticket, before: [[words.before, pointsText(ticket.usableBefore)]], after: ticket.usableAfter }, words),
    ...scaleBlocks(ticket.scale, words),
    ...codeBlocks(ticket.qr, dots, words.scanToCheckTicket),
  ];
}

/** Most bags with a row of their own, over all materials: 100 of them would be a metre of paper. */
const bagRowsMax = 18;

/** One material: its bags, those beyond its share of the rows in one, their sum, the rate with what it gave, and what gave nothing. */
function materialBlocks(line: CreditLine, { language, lines }: Ticket, words: Words): readonly Block[] {
  const rowsMax = Math.max(2, Math.floor(bagRowsMax / lines.length));
  const { bags, rate } = line;
  const [units, bagText, rateText] =
    line.measuredBy === 'weight'
      ? [words.kilograms, words.weighedBag, words.rateByWeight]
      : [words.counted, words.countedBag, words.rateByCount];
  const shown = bags.length <= rowsMax ? bags : bags.slice(0, rowsMax - 1);
  const others = bags.slice(shown.length);
  const otherUnits = others.reduce((sum, bag) => sum + unitsOf(bag.measure), 0);
  return [
    ...nameBlocks(line, language),
    ...(line.hazardous ? [text(`⚠ ${words.hazardous}`, strong)] : []),
    ...shown.flatMap(({ measure }, i) => [pair(bagText(i + 1), units(unitsOf(measure))), ...tareBlocks(measure, words)]),
    ...(others.length === 0 ? [] : [pair(words.otherBags(others.length), units(otherUnits))]),
    ...(bags.length === 1 ? [] : [pair(words.total, units(line.units), bodyStrong)]),
    pair(rateText(rate.per, words.points(rate.points)), words.points(line.points), bodyStrong),
    ...(line.remainderUnits === 0 ? [] : [pair(words.remainder, units(line.remainderUnits), small)]),
  ];
}

/** What the scale said and what was taken off it; nothing under a count. */
function tareBlocks(measure: Measure, words: Words): readonly Block[] {
  return measure.kind === 'counted' ? [] : [text(tareText(measure, words), small)];
}

function tareText({ readGrams, tare }: Measure & { readonly kind: 'weighed' }, words: Words): string {
  const gross = kilogramsText(readGrams);
  switch (tare.by) {
    case 'none':
      return words.untared(gross);
    case 'scale':
      return words.taredByScale; // what it read is net: nobody told us the gross
    case 'pan':
      return words.taredByPan(gross, kilogramsText(tare.grams));
    case 'container':
      return words.taredByContainer(gross, kilogramsText(tare.grams));
    default:
      return never(tare);
  }
}

/** The number a resident looks for: the largest letters on the paper, whatever their eyes. */
const totalStyles: readonly [TextStyle, ...TextStyle[]] = [
  { px: 72, weight: 'bold' },
  { px: 60, weight: 'bold' },
  { px: 48, weight: 'bold' },
  { px: 40, weight: 'bold' },
  { px: 36, weight: 'bold' },
];

function givenBlocks(ticket: Ticket, words: Words): readonly Block[] {
  const total: Block = { kind: 'fitted', text: words.points(ticket.points), styles: totalStyles };
  return [{ kind: 'frame', dots: 5, blocks: [centred(words.given, strong), gap(4), total] }, gap(6)];
}

/** Whose word the weights are: the scale's number and mark, or plainly that nothing was weighed. */
function scaleBlocks(scale: Ticket['scale'], words: Words): readonly Block[] {
  if (scale === null) return [];
  return [
    ...(scale.isSimulated ? [{ kind: 'frame', dots: 3, blocks: [centred(words.simulatedScale, strong)] } as const, gap(6)] : []),
    pair(words.scaleNumber, scale.serialNumber),
    pair(words.verifiedOn, scale.verifiedOn),
  ];
}
