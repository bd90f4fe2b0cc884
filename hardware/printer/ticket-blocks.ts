// What stands where on the ticket of a recycling credit, from its shop's name to its signed code. Draws nothing.

import { kilogramsText, pointsText } from '../../db/model/format.ts';
import { type CreditLine, type Measure, unitsOf } from '../../db/model/recycling.ts';
import type { Ticket } from '../../db/model/receipt.ts';
import { never } from '../../db/model/result.ts';
import type { Block, Part } from './layout.ts';
import {
  type DrawOptions,
  balanceBlocks,
  bodyStrong,
  centred,
  codeBlocks,
  copyBlocks,
  gap,
  headBlocks,
  largeBlocks,
  lineGapDots,
  row,
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
    ...(ticket.isReversed ? reversedBlocks(words) : []),
    ...shopBlocks(ticket),
    thickRule,
    ...headBlocks(ticket, { title: words.title, numberLabel: words.ticketNumber, number: ticket.ticketNumber }, words),
    ...(ticket.isApproved ? [text(words.approved, bodyStrong)] : []),
    thinRule,
    ...ticket.lines.flatMap((line) => [...materialBlocks(line, ticket, words), gap(lineGapDots)]),
    ...largeBlocks(words.given, words.points(ticket.points)), // the number a resident looks for, whatever their eyes
    ...balanceBlocks({ ...ticket, usable: [usableRow(ticket, words)] }, words),
    ...scaleBlocks(ticket.scale, words),
    ...codeBlocks(ticket.qr, dots, words.scanToCheckTicket),
  ];
}

/** Both languages where there are two. */
function reversedBlocks(words: Words): readonly Block[] {
  const said = new Set([words.reversed, ticketWords.zh.reversed]);
  return [{ kind: 'frame', dots: 4, blocks: [...said].map((each) => centred(each, strong)) }, gap(6)];
}

/** Most bags with a row of their own, over all materials: 100 of them would be a metre of paper. */
const bagRowsMax = 18;

/** One material: name, rate and points, its weight or count and what of it gave nothing, and under several bags each of them. */
function materialBlocks(line: CreditLine, ticket: Ticket, words: Words): readonly Block[] {
  const { bags, rate } = line;
  const [units, rateText] = line.measuredBy === 'weight' ? [words.kilograms, words.rateByWeight] : [words.counted, words.rateByCount];
  const [only, ...more] = bags;
  const sum =
    only !== undefined && more.length === 0
      ? measureText(only.measure, units(line.units), ticket, words)
      : words.bagsTogether(bags.length, units(line.units));
  const parts = [
    ...nameParts(line, ticket.language),
    ...(line.hazardous ? [{ text: `⚠\u00a0${words.hazardous}`, style: strong }] : []),
    { text: rateText(rate.per, words.points(rate.points)), style: small },
    { text: sum, style: small },
    ...(line.remainderUnits === 0 ? [] : [{ text: words.remainder(units(line.remainderUnits)), style: small }]),
  ];
  return [
    row(parts, { text: words.points(line.points), style: bodyStrong }),
    ...(more.length === 0 ? [] : bagBlocks(line, units, ticket, words)),
  ];
}

/** In Tibetan the county's word, and the Chinese of the desk's tiles beside it. */
function nameParts({ zh, bo }: CreditLine, language: Ticket['language']): readonly Part[] {
  if (language !== 'bo' || bo === null) return [{ text: zh, style: bodyStrong }];
  return [
    { text: bo, style: bodyStrong },
    { text: zh, style: small },
  ];
}

/** A row for each bag, and one for those beyond the material's share of the rows. */
function bagBlocks({ bags }: CreditLine, units: (count: number) => string, ticket: Ticket, words: Words): readonly Block[] {
  const rowsMax = Math.max(2, Math.floor(bagRowsMax / ticket.lines.length));
  const shown = bags.length <= rowsMax ? bags : bags.slice(0, rowsMax - 1);
  const others = bags.slice(shown.length);
  const otherUnits = others.reduce((sum, bag) => sum + unitsOf(bag.measure), 0);
  return [
    ...shown.map(({ measure }, i) => text(`${i + 1})\u00a0${measureText(measure, bagFigure(measure, units), ticket, words)}`, small)),
    ...(others.length === 0 ? [] : [text(words.otherBags(others.length, units(otherUnits)), small)]),
  ];
}

/** A bag among others needs no unit where it is a weight: their sum above has it. */
function bagFigure(measure: Measure, units: (count: number) => string): string {
  return measure.kind === 'weighed' ? kilogramsText(unitsOf(measure)) : units(measure.pieces);
}

/** What a bag counts for, and how: what the scale said less which vessel. A weight without a sum had nothing taken off. */
function measureText(measure: Measure, figure: string, { containers, language }: Ticket, words: Words): string {
  if (measure.kind === 'counted') return figure;
  const { readGrams, tare } = measure;
  const less = (vessel: string, grams: number): string =>
    `${kilogramsText(readGrams)}\u00a0−\u00a0${kilogramsText(grams)}\u00a0${vessel} = ${figure}`;
  switch (tare.by) {
    case 'none':
      return figure;
    case 'scale':
      return words.taredByScale(figure); // what it read is net: nobody told us the gross
    case 'pan':
      return less(words.weighedVessel, tare.grams);
    case 'container': {
      const container = containers.find(({ id }) => id === tare.id);
      return less((language === 'bo' ? container?.bo : null) ?? container?.zh ?? words.container, tare.grams);
    }
    default:
      return never(tare);
  }
}

/** The label says the unit of both figures. */
function usableRow({ usableBefore, usableAfter }: Ticket, words: Words): Block {
  return row(
    [
      { text: words.usableHere, style: bodyStrong },
      { text: `${words.before}\u00a0${pointsText(usableBefore)}`, style: small },
    ],
    { text: pointsText(usableAfter), style: strong },
  );
}

/** Whose word the weights are: the scale's number and mark, or plainly that nothing was weighed. */
function scaleBlocks(scale: Ticket['scale'], words: Words): readonly Block[] {
  if (scale === null) return [];
  return [
    ...(scale.isSimulated ? [{ kind: 'frame', dots: 3, blocks: [centred(words.simulatedScale, strong)] } as const, gap(6)] : []),
    row([
      { text: `${words.scaleNumber}\u00a0${scale.serialNumber}`, style: small },
      { text: `${words.verifiedOn}\u00a0${scale.verifiedOn}`, style: small },
    ]),
  ];
}
