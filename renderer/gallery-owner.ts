// Canned answers for the gallery: what days, weeks and months came to, much and nothing. Not real data.

import { fen, points } from '../db/model/amounts.ts';
import { cut, spanBefore } from '../db/model/calendar.ts';
import type { OwnerAnswer, OwnerBucket, OwnerFigures, OwnerReport } from '../electron/ipc/owner-views.ts';
import type { Snapshot } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';

type Asked = Pick<OwnerReport, 'from' | 'to' | 'by' | 'filter'>;

const today = '2026-11-21';

/** The pages, over a snapshot of the till. */
export function ownerCases(till: Snapshot): { readonly [name: string]: GalleryCase } {
  const owner = till.operators.find(({ role }) => role === 'owner')!; // the gallery's shop has one
  const shift = till.shift === null ? null : { ...till.shift, businessDate: today };
  const screen: GalleryCase = {
    snapshot: { ...till, operator: owner, shift },
    beginning: { view: 'owner' },
    answers: { ownerReport: (asked: Asked): OwnerAnswer => ({ kind: 'report', report: reportOf(asked) }) },
  };
  const answer = (change: Partial<OwnerReport>): GalleryCase => ({
    ...screen,
    answers: { ownerReport: (asked: Asked): OwnerAnswer => ({ kind: 'report', report: { ...reportOf(asked), ...change } }) },
  });
  const tab = (n: number): GalleryCase => ({ ...screen, touch: `main nav button:nth-child(${n})` });
  return {
    owner: screen,
    'owner-weeks': { ...screen, touch: 'main header div:first-of-type button:nth-child(2)' },
    'owner-months': { ...screen, touch: 'main header div:first-of-type button:nth-child(3)' },
    'owner-table': { ...screen, touch: 'main nav button:last-child' },
    'owner-hours': tab(2),
    'owner-goods': tab(3),
    'owner-materials': tab(4),
    'owner-operators': tab(5),
    'owner-filter': { ...screen, touch: 'main header > button' },
    'owner-less': answer({ before: { from: '2026-11-09', to: '2026-11-14', figures: figuresOf(9_000_000, 60) } }),
    'owner-none-before': answer({ before: null, weekAgo: null, since: '2026-11-18' }),
    'owner-huge': answer({ ofToday: figuresOf(1_234_567_890, 99_999), total: figuresOf(9_876_543_210, 999_999) }),
    'owner-empty': answer({ since: null }),
    'owner-counting': { ...screen, answers: { ownerReport: countingOnce() } },
  };
}

/** Says how far it is, and then nothing more. */
function countingOnce(): () => OwnerAnswer | Promise<never> {
  let asked = 0;
  return () => {
    asked += 1;
    return asked === 1 ? { kind: 'counting', percent: 37 } : new Promise(() => undefined);
  };
}

/** Of so much sold in so many sales: three tenths by points, a tenth by telephone, a little come back. */
function figuresOf(soldFen: number, sales: number): OwnerFigures {
  const returnedFen = sales % 5 === 0 && sales > 0 ? 1_250 : 0;
  const netFen = soldFen - returnedFen;
  const [worthFen, otherFen] = [Math.floor(netFen * 0.3), Math.floor(netFen * 0.1)];
  return {
    sales,
    pieces: sales * 3,
    soldFen: fen(soldFen),
    returns: returnedFen === 0 ? 0 : 1,
    returnedFen: fen(returnedFen),
    netFen: fen(netFen),
    worthFen: fen(worthFen),
    cashFen: fen(netFen - worthFen - otherFen),
    otherFen: fen(otherFen),
    points: points(worthFen * 10),
    pointsPermille: netFen > 0 ? Math.round((worthFen * 1_000) / netFen) : null,
    credits: Math.floor(sales / 7),
    creditPoints: points(sales * 310),
  };
}

function reportOf({ from, to, by, filter }: Asked): OwnerReport {
  const buckets = cut({ from, to }, by).map((part, i): OwnerBucket => {
    const isToCome = part.from > today;
    const days = by === 'day' ? 1 : by === 'week' ? 7 : 30;
    const sales = isToCome || (by === 'day' && i === 2) ? 0 : (23 + ((i * 17) % 40)) * days;
    const isNow = !isToCome && part.to >= today;
    return {
      ...part,
      figures: figuresOf(sales * 4_330, sales),
      closing: by === 'day' && !isNow && sales > 0 ? 300 + i : null,
      isOpen: isNow,
    };
  });
  const sold = buckets.reduce((sum, { figures }) => sum + figures.soldFen, 0);
  const sales = buckets.reduce((sum, { figures }) => sum + (figures.sales ?? 0), 0);
  return {
    from,
    to,
    by,
    filter,
    today,
    ofToday: figuresOf(184_350, 45),
    weekAgo: figuresOf(201_780, 52),
    buckets,
    total: figuresOf(sold, sales),
    before: { ...spanBefore({ from, to }, today), figures: figuresOf(Math.floor(sold * 0.89), sales) },
    hours: [8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19].map((hour, i) => ({
      hour,
      sales: 8 + ((i * 13) % 29),
      soldFen: fen((8 + ((i * 13) % 29)) * 4_330),
      credits: i % 3,
    })),
    goods: goods.map(([goodsId, zh, bo, size, picture, pieces, yuan, own]) => ({
      goodsId,
      name: zh === '' ? null : { zh, bo, size, picture },
      pieces,
      fen: fen(yuan),
      points: points(own),
      comesToFen: fen(yuan + own / 10),
    })),
    materials: [
      {
        materialId: 'plastic-bottle',
        name: { zh: '塑料瓶', bo: 'འགྱིག་དམ།', picture: 'plastic-bottle', measuredBy: 'weight' },
        units: 84_350,
        points: points(126_500),
      },
      {
        materialId: 'battery',
        name: { zh: '废电池', bo: 'གློག་རྫས་ཧྲུལ་པོ།', picture: 'battery', measuredBy: 'count' },
        units: 118,
        points: points(5_900),
      },
    ],
    operators: [
      {
        id: 'op1',
        name: '卓玛',
        sales: 188,
        soldFen: fen(814_040),
        returns: 2,
        returnedFen: fen(2_500),
        credits: 31,
        creditPoints: points(96_100),
      },
      {
        id: 'op2',
        name: 'བསྟན་འཛིན་སྒྲོལ་མ།',
        sales: 40,
        soldFen: fen(173_200),
        returns: 0,
        returnedFen: fen(0),
        credits: 0,
        creditPoints: points(0),
      },
    ],
    choices: {
      operators: [
        { id: 'op1', name: '卓玛' },
        { id: 'op2', name: 'བསྟན་འཛིན་སྒྲོལ་མ།' },
      ],
      categories: ['grain', 'oil', 'cleaning', 'paper', 'food', 'farm', 'other'],
    },
    since: '2025-03-02',
  };
}

/** By id: names, size, picture, pieces, fen, hundredths of a point. The last is listed no more. */
const goods: readonly (readonly [string, string, string | null, string, string, number, number, number])[] = [
  ['g5', '东北大米', 'འབྲས།', '10kg', 'rice', 61, 426_390, 0],
  ['g6', '菜籽油', 'སྣུམ།', '5L', 'oil', 37, 268_250, 0],
  ['g9', '电饭煲', 'གློག་སླང་།', '4L', 'appliance', 3, 0, 720_000],
  ['g13', '超浓缩天然皂粉薰衣草香型家庭装', 'ཤིན་ཏུ་གར་བའི་རང་བྱུང་གློག་རྫས་ཕྱེ་མ་ཁྱིམ་ཚང་ཐུམ་ཆེན།', '3.05kg', 'washing-powder', 9, 44_910, 0],
  ['g10', '加碘食用盐', 'ཚྭ།', '400g', 'salt', 140, 28_000, 0],
  ['g77', '', null, '', 'paper', 4, 2_400, 0],
];
