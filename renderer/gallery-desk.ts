// Canned snapshots of the recycling desk for the gallery: every state a bag and a scale can bring it to. Not real data.

import { points } from '../db/model/amounts.ts';
import {
  type Bag,
  type CreditLine,
  creditQuote,
  type Material,
  type Measure,
  type RecyclingRules,
  unitsOf,
} from '../db/model/recycling.ts';
import type { CreditedView, CreditLineView, DeskView, ResidentView, ScaleView, Snapshot, WeightView } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';
import { pastCases } from './gallery-past.ts';

function material(
  id: string,
  zh: string,
  bo: string | null,
  picture: string,
  measuredBy: Material['measuredBy'],
  rate: readonly [hundredths: number, per: number],
  change: Partial<Material> = {},
): Material {
  const [maximum, minimum] = measuredBy === 'weight' ? [200_000, 10] : [20_000, 1];
  const [given, per] = rate;
  return {
    id,
    zh,
    bo,
    picture,
    measuredBy,
    rate: { points: points(given), per },
    hazardous: false,
    minimum,
    maximum,
    dayCap: null,
    active: true,
    ...change,
  };
}

const rules: RecyclingRules = {
  materials: [
    material('plastic-bottle', '塑料瓶', 'འགྱིག་དམ', 'plastic-bottle', 'weight', [15_00, 1_000]),
    material('can', '易拉罐', null, 'can', 'weight', [60_00, 1_000]),
    material('paper', '纸板和废纸', 'ཤོག་རྙིང', 'cardboard', 'weight', [8_00, 1_000]),
    material('glass', '玻璃瓶', 'ཤེལ་དམ', 'glass-bottle', 'weight', [1_00, 1_000]),
    material('iron', '废铁', 'ལྕགས་རྙིང', 'scrap-iron', 'weight', [15_00, 1_000]),
    material('film', '农用薄膜', null, 'film', 'weight', [5_00, 1_000]),
    material('battery', '废电池', null, 'battery', 'count', [1_00, 2], { hazardous: true, maximum: 500, dayCap: points(50_00) }),
    material('pesticide-bottle', '农药瓶', null, 'pesticide-bottle', 'count', [1_00, 1], { hazardous: true }),
  ],
  containers: [
    { id: 'sack', zh: '编织袋', bo: 'ཕད་ཚེ', grams: 120 },
    { id: 'basket', zh: '背篓', bo: 'སླེ་པོ', grams: 1_500 },
  ],
  creditStep: points(100),
  accountDayCap: points(13_000_00),
  operatorDayCap: null,
  kioskDayCap: points(20_000_00),
  approvalAbove: points(200_00),
  typeTwiceAbove: 200,
  sameBag: { minutes: 5, grams: 20 },
};

const uuid = (n: number): string => `01938f6e-0000-7000-8000-0000000002${String(n).padStart(2, '0')}`;
const proof = { scaleSetId: uuid(90), family: 'st-us', stableBy: 'flag', framesHex: [], weighedAt: 0 } as const;
const weighed = (readGrams: number, tareGrams = 0): Measure => ({
  kind: 'weighed',
  readGrams,
  tare: tareGrams === 0 ? { by: 'none' } : { by: 'container', id: 'sack', grams: tareGrams },
  proof,
});
const counted = (pieces: number): Measure => ({ kind: 'counted', pieces, isTypedTwice: true });

function withoutBags(line: CreditLine): CreditLineView {
  const { materialId, zh, bo, measuredBy, hazardous, rate, units, points: given, remainderUnits } = line;
  return { materialId, zh, bo, measuredBy, hazardous, rate, units, points: given, remainderUnits };
}

type Brought = readonly (readonly [materialId: string, measure: Measure])[];

function deskOf(brought: Brought, change: Partial<DeskView> = {}, usedToday = 0): DeskView {
  const bags: readonly Bag[] = brought.map(([materialId, measure], i) => ({ id: uuid(i), materialId, measure }));
  const today = { account: points(usedToday), operator: points(0), kiosk: points(usedToday), byMaterial: new Map(), typedOnce: new Map() };
  const quote = creditQuote({ rules, bags, today });
  return {
    creditId: uuid(80),
    resident: null,
    materials: rules.materials,
    containers: rules.containers,
    material: null,
    tare: { by: 'none' },
    isPanClear: true,
    bags: bags.map(({ id, materialId, measure }) => ({
      bagId: id,
      materialId,
      measuredBy: measure.kind === 'counted' ? 'count' : 'weight',
      units: unitsOf(measure),
      readGrams: measure.kind === 'counted' ? null : measure.readGrams,
      tareGrams: measure.kind === 'counted' ? 0 : measure.readGrams - unitsOf(measure),
    })),
    quote: { ...quote, lines: quote.lines.map(withoutBags) },
    digest: JSON.stringify([brought, change.resident?.masked]),
    typeTwiceAbove: rules.typeTwiceAbove,
    lastCredit: null,
    ...change,
  };
}

const scale: ScaleView = {
  address: 'serial:/dev/ttyUSB0',
  simulated: false,
  isForbidden: false,
  state: 'ready',
  setUpElsewhere: null,
  setUp: {
    scaleSetId: uuid(90),
    family: 'st-us',
    tellsNet: true,
    model: '友声 XK3100-B2+',
    serialNumber: '2103-0456',
    verifiedOn: '2026-06-01',
    knownGrams: 1_000,
    toleranceGrams: 5,
  },
  isCheckedToday: true,
};

const empty: WeightView = { kind: 'zero', grams: 0, isNet: false };
const atRest = (grams: number): WeightView => ({ kind: 'stable', grams, isNet: false });
const bottles: Brought = [['plastic-bottle', weighed(5_320, 120)]];
const three: Brought = [...bottles, ['plastic-bottle', weighed(2_460, 120)], ['battery', counted(7)], ['can', weighed(860)]];
const many: Brought = [['pesticide-bottle', counted(12_700)]];

/** The desk's pages, over a snapshot of the till and one of its residents. */
export function deskCases(till: Snapshot, resident: ResidentView): { readonly [name: string]: GalleryCase } {
  const at = (desk: DeskView, change: Partial<Snapshot> = {}): Snapshot => ({ ...till, place: 'desk', desk, scale, ...change });
  const credited: CreditedView = {
    creditId: uuid(81),
    ticketNumber: '琼结-03-R000045',
    at: Date.now(),
    residentMasked: resident.masked,
    lines: deskOf(three).quote.lines,
    points: deskOf(three).quote.points,
    usableBefore: resident.allowance.usable,
    usableAfter: points(resident.allowance.usable + deskOf(three).quote.points),
    isReversed: false,
    print: { kind: 'printed' },
  };
  const chosen = { material: 'plastic-bottle', resident } as const;
  const states = {
    moving: { kind: 'moving', grams: 4_870, isNet: false },
    negative: { kind: 'negative', grams: -120, isNet: false },
    overload: { kind: 'overload', grams: null, isNet: false },
    underload: { kind: 'underload', grams: null, isNet: false },
    none: { kind: 'none', grams: null, isNet: false },
    net: { kind: 'stable', grams: 5_200, isNet: true },
    'net-empty': { kind: 'negative', grams: -200, isNet: true },
  } as const satisfies { readonly [name: string]: WeightView };
  const troubles = {
    'not-set': { setUp: null, isCheckedToday: false, state: 'none' },
    forbidden: { isForbidden: true, setUp: null, isCheckedToday: false, state: 'none' },
    'check-due': { isCheckedToday: false },
    away: { state: 'lost' },
  } as const satisfies { readonly [name: string]: Partial<ScaleView> };
  return {
    'desk-empty': { snapshot: at(deskOf([])), weight: empty },
    'desk-resident': { snapshot: at(deskOf([], { resident })), weight: empty },
    'desk-chosen': { snapshot: at(deskOf([], chosen)), weight: atRest(5_320) },
    'desk-bags': { snapshot: at(deskOf(three, { material: 'can', isPanClear: false })), weight: atRest(860) },
    'desk-ready': { snapshot: at(deskOf(three, { ...chosen, tare: { by: 'container', id: 'sack', grams: 120 } })), weight: empty },
    'desk-weighing': {
      snapshot: at(deskOf(bottles, chosen)),
      weight: states.moving,
      engine: 'silent',
      presses: ['F4'],
    },
    ...Object.fromEntries(
      Object.entries(states).map(([name, weight]) => [`desk-scale-${name}`, { snapshot: at(deskOf(bottles, chosen)), weight }]),
    ),
    ...Object.fromEntries(
      Object.entries(troubles).map(([name, change]) => [
        `desk-scale-${name}`,
        { snapshot: at(deskOf(bottles, chosen), { scale: { ...scale, ...change } }) },
      ]),
    ),
    'desk-tare-untold': {
      snapshot: at(deskOf([], chosen), { scale: { ...scale, setUp: { ...scale.setUp!, family: 'dahua', tellsNet: false } } }),
      weight: atRest(2_480),
    },
    'desk-tare-twice': {
      snapshot: at(deskOf([], { ...chosen, tare: { by: 'pan', grams: 340 } })),
      weight: states.net,
    },
    'desk-tare-ours': {
      snapshot: at(deskOf(bottles, { ...chosen, material: 'can', tare: { by: 'container', id: 'sack', grams: 120 } })),
      weight: atRest(1_350),
    },
    'desk-tare-heavy': {
      snapshot: at(deskOf([], { ...chosen, tare: { by: 'container', id: 'basket', grams: 1_500 } })),
      weight: atRest(1_400),
    },
    'desk-count': {
      snapshot: at(deskOf([], { material: 'pesticide-bottle' })),
      presses: ['F4', 'Digit1', 'Digit5', 'Digit0'],
    },
    'desk-count-many': {
      snapshot: at(deskOf([], { material: 'battery', resident })),
      presses: ['F4', 'Digit6', 'Digit0', 'Digit0'],
    },
    'desk-count-again': {
      snapshot: at(deskOf([], { material: 'pesticide-bottle', resident })),
      answers: { countBag: { ok: false, code: 'typed_otherwise' } },
      presses: ['F4', 'Digit2', 'Digit5', 'Digit0', 'Enter', 'Digit2', 'Digit5'],
    },
    'desk-same-bag': {
      snapshot: at(deskOf(bottles, chosen)),
      weight: atRest(5_320),
      answers: { weigh: { ok: false, code: 'same_bag' } },
      presses: ['F4'],
    },
    'desk-refused': {
      snapshot: at(deskOf(bottles, chosen)),
      weight: atRest(5_320),
      answers: { weigh: { ok: false, code: 'pan_not_clear' } },
      presses: ['F4'],
    },
    'desk-nothing-earned': { snapshot: at(deskOf([['glass', weighed(740)]], { ...chosen, material: 'glass' })), weight: empty },
    'desk-near-cap': { snapshot: at(deskOf(three, chosen, 12_800_00)), weight: empty },
    'desk-cap': { snapshot: at(deskOf(three, chosen, 12_990_00)), weight: empty },
    'desk-cap-material': {
      snapshot: at(deskOf([...bottles, ['battery', counted(140)]], { ...chosen, material: 'battery' }, 12_900_00)),
      weight: empty,
    },
    'desk-approval-ahead': { snapshot: at(deskOf(many, { resident, material: 'pesticide-bottle' })), weight: empty },
    'desk-approval': {
      snapshot: at(deskOf(many, { resident, material: 'pesticide-bottle' })),
      weight: empty,
      presses: ['Enter', 'Digit2', 'Digit5'],
    },
    'desk-busy': { snapshot: at(deskOf(three, chosen)), weight: empty, engine: 'silent', presses: ['Enter'] },
    'desk-credited': { snapshot: at(deskOf([], { lastCredit: credited })), weight: empty },
    'desk-credited-many': {
      snapshot: at(
        deskOf([], {
          lastCredit: {
            ...credited,
            lines: ['', '-a', '-b', '-c'].flatMap((each) =>
              credited.lines.map((line) => ({ ...line, materialId: `${line.materialId}${each}` })),
            ),
          },
        }),
      ),
      weight: empty,
    },
    'desk-credited-simulated': {
      snapshot: at(deskOf([], { lastCredit: { ...credited, lines: credited.lines.slice(0, 1) } }), {
        scanner: { ...till.scanner, simulated: true },
      }),
      weight: empty,
    },
    'desk-ticket-failed': {
      snapshot: at(deskOf([], { lastCredit: { ...credited, print: { kind: 'failed', cause: 'paper_out' } } }), {
        printer: { ...till.printer, state: 'paper_out' },
        printJobs: [
          {
            jobId: uuid(82),
            actId: credited.creditId,
            number: credited.ticketNumber,
            copy: 0,
            state: { kind: 'failed', cause: 'paper_out' },
            progress: null,
          },
        ],
      }),
      weight: empty,
    },
    'desk-card-refused': {
      snapshot: at(deskOf(three, { material: 'can' }), { notice: { id: 91, code: 'card_expired', subject: '' } }),
      weight: empty,
    },
    'desk-simulated': {
      snapshot: at(deskOf(bottles, chosen), { scale: { ...scale, simulated: true }, scanner: { ...till.scanner, simulated: true } }),
      weight: atRest(5_320),
      beginning: { isSimulatedShown: true },
    },
    ...pastCases(at(deskOf([])), rules.materials, credited.lines),
    'desk-lost': { snapshot: at(deskOf(three, chosen)), engine: 'lost' },
    'till-beside-desk': { snapshot: { ...till, desk: deskOf(three), scale } },
  };
}
