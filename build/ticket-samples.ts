// Tickets of every kind a recycling desk prints, for the gallery and the tests: figures come from the rules of real counties.

import { byCount, drinkBottle } from '../county/schemes/materials.ts';
import { qiongjie } from '../county/schemes/qiongjie.ts';
import { tongyu } from '../county/schemes/tongyu.ts';
import { zhenlai } from '../county/schemes/zhenlai.ts';
import { points } from '../db/model/amounts.ts';
import type { Language } from '../db/model/catalogue.ts';
import type { Ticket } from '../db/model/receipt.ts';
import { type Bag, type CreditLine, type RecyclingRules, type ShownTare, creditQuote, earned, unitsOf } from '../db/model/recycling.ts';
import { samples } from './receipt-samples.ts';

const qj = qiongjie.scheme.recycling!; // these three counties take things in
const zl = zhenlai.scheme.recycling!;
const ty = tongyu.scheme.recycling!;

/** The credits shown, by name: what people bring, and the shapes that break a narrow paper. */
export const ticketSamples = {
  /** 昌嘎: a sack of bottles on the scale. */
  bottles: (language) => sample({ language, rules: qj, bags: [weighed('plastic-bottle', 1_354, sack)] }),
  /** 望海: the largest credit that is known, hazardous, counted, approved. */
  pesticide: (language) =>
    sample({ language, rules: zl, bags: [counted('pesticide-bottle', 12_700)], isApproved: true, day: '2026-11-20', scale: null }),
  /** Several materials, every way to take a vessel off, half points, and what earned nothing; on a simulated scale. */
  mixed: (language) =>
    sample({
      language,
      rules: qj,
      bags: [
        weighed('plastic-bottle', 2_404, { by: 'pan', grams: 85 }),
        weighed('can', 731, { by: 'scale' }),
        weighed('plastic-bottle', 640, none),
        weighed('iron', 12, none),
        weighed('iron', 1_091, none),
        counted('battery', 7),
        weighed('paper', 13_206, { by: 'container', id: 'basket', grams: 1_500 }),
      ],
      scale: { ...scale, isSimulated: true },
    }),
  /** What a household brings after a month: four materials, each in a vessel. */
  four: (language) =>
    sample({
      language,
      rules: qj,
      bags: [
        weighed('plastic-bottle', 2_404, sack),
        weighed('plastic-bottle', 1_890, sack),
        weighed('can', 731, { by: 'pan', grams: 85 }),
        weighed('glass', 4_215, sack),
        weighed('paper', 13_206, { by: 'container', id: 'basket', grams: 1_500 }),
      ],
    }),
  /** One point for thirty, in half points; taken back since. */
  thirty: (language) =>
    sample({
      language,
      rules: { ...ty, materials: [byCount(drinkBottle, 30, 5_000)] },
      bags: [counted(drinkBottle.id, 110)],
      isReversed: true,
      scale: null,
    }),
  /** As many bags as a credit may have. */
  hundred: (language) =>
    sample({
      language,
      rules: qj,
      bags: Array.from({ length: 100 }, (_, i) => weighed(i % 3 === 0 ? 'glass' : 'plastic-bottle', 1_000 + 37 * i, sack)),
    }),
  /** Names that need several lines, and figures as wide as the paper. */
  long: (language) => {
    const ticket = sample({ language, rules: zl, bags: [counted('pesticide-bottle', 19_999)], scale: longScale, isApproved: true });
    const given = points(ticket.points + longLine.points);
    return {
      ...ticket,
      lines: [...ticket.lines, longLine],
      points: given,
      usableAfter: points(ticket.usableBefore + given),
      countyAfter: points(12_345_678_50),
    };
  },
} satisfies { readonly [name: string]: (language: Language) => Ticket };

export type TicketSampleName = keyof typeof ticketSamples;

interface Credit {
  readonly language: Language;
  readonly rules: RecyclingRules;
  readonly bags: readonly Measured[];
  readonly isApproved?: boolean;
  readonly isReversed?: boolean;
  readonly day?: string;
  readonly scale?: Ticket['scale'];
}

function sample({
  language,
  rules,
  bags,
  isApproved = false,
  isReversed = false,
  day = '2026-11-21',
  scale: weighedBy = scale,
}: Credit): Ticket {
  const { lines, points: given } = creditQuote({
    rules,
    bags: bags.map((bag, i): Bag => ({ id: `bag ${i}`, ...bag })),
    today: { account: points(0), operator: points(0), kiosk: points(0), byMaterial: new Map(), typedOnce: new Map() },
  });
  const { shop, at, operatorName, qr } = samples.cash(language);
  const [usableBefore, elsewhere] = [points(125_00), points(1_040_00)];
  return {
    language,
    shop,
    ticketNumber: '琼结-03-R000123',
    day,
    at,
    operatorName,
    residentMasked: '格***',
    lines,
    containers: rules.containers,
    points: given,
    usableBefore,
    usableAfter: points(usableBefore + given),
    countyAfter: points(usableBefore + given + elsewhere),
    countyAsOf: Date.UTC(2026, 10, 19, 19, 30),
    isApproved,
    isReversed,
    scale: weighedBy,
    qr,
  };
}

const none: ShownTare = { by: 'none' };
const sack: ShownTare = { by: 'container', id: 'sack', grams: 120 };
const scale = { serialNumber: 'XK3190-20517', verifiedOn: '2026-03-01', isSimulated: false };
const longScale = { ...scale, serialNumber: '上海耀华称重系统有限公司 XK3190-A9+P 0123456789 号' };

type Measured = Omit<Bag, 'id'>;

function weighed(materialId: string, readGrams: number, tare: ShownTare): Measured {
  const proof = { scaleSetId: 'set', family: 'st-us', stableBy: 'flag', framesHex: [], weighedAt: 0 } as const;
  return { materialId, measure: { kind: 'weighed', readGrams, tare: tare.by === 'pan' ? { ...tare, proof } : tare, proof } };
}

function counted(materialId: string, pieces: number): Measured {
  return { materialId, measure: { kind: 'counted', pieces, isTypedTwice: true } };
}

const longRate = { points: points(1_234_50), per: 45_678 };
const longBag = { id: 'long', ...weighed('long', 3_000_000, { by: 'pan', grams: 123_456 }) };
const longLine: CreditLine = {
  materialId: 'long',
  zh: '西藏特产高原圣谷农用聚乙烯地膜及其他塑料薄膜（含泥沙，未清洗）',
  bo: 'ཧཐླྀ་བསྒྲུབས་སྐྱེས་རྒྱལ་ཧཱུྃ་སྤྱི་ཞིང་ལས་ལ་བེད་སྤྱོད་པའི་འགྱིག་ཤོག་རྙིང་པ་གཙང་བཤེར་བྱས་མེད་པ།',
  measuredBy: 'weight',
  hazardous: true,
  rate: longRate,
  bags: [longBag],
  units: unitsOf(longBag.measure),
  ...earned(longRate, unitsOf(longBag.measure), points(50)),
};
