// Receipts of every kind a shop prints, for the gallery and the tests: figures come from the same rule as at the till.

import { type Points, fen, points } from '../db/model/amounts.ts';
import type { Goods, Language, Shop } from '../db/model/catalogue.ts';
import { type CartLine, type CartWeight, quote } from '../db/model/checkout.ts';
import type { Payment } from '../db/model/event.ts';
import type { Receipt } from '../db/model/receipt.ts';
import type { Scheme } from '../db/model/scheme.ts';

/** The sales shown, by name: what a shop sells, and the shapes that break a narrow paper. */
export const samples = {
  /** A passer-by without a card. */
  cash: (language) => sample({ language, cart: [detergent(2), noodles(3)], usable: null, tenderedFen: 10_000 }),
  /** Half the price by points, cash rounded down. */
  mixed: (language) => sample({ language, cart: [detergent(1), tea(2), salt(4)], usable: points(12_500), tenderedFen: 5_000 }),
  /** A scheme that prices goods in points only, and halves them. */
  points: (language) =>
    sample({ language, cart: [towel(1), soap(3)], usable: points(18_750), scheme: { pointValueFen: null, pointsStep: points(50) } }),
  /** Goods priced in points beside goods priced in yuan, which points pay in part. */
  both: (language) => sample({ language, cart: [soap(2), detergent(1)], usable: points(12_950), tenderedFen: 1_000 }),
  /** Part by points, the rest by a phone; the sale ran past midnight. */
  phone: (language) => ({
    ...sample({ language, cart: [oil(1)], usable: points(30_000), tenderedFen: null }),
    day: '2026-11-20',
  }),
  /** Loose goods: from the scale, from a label with a weight and from one with a price; points pay a part. */
  loose: (language) =>
    sample({
      language,
      cart: [
        loose(barley, { by: 'scale', readGrams: 632, tare: { by: 'pan', grams: 120 }, netGrams: 512 }),
        loose(potatoes, { by: 'label', code: '2100086012503', netGrams: 1_250 }),
        loose(cabbage, { by: 'price-label', code: '2200088009607' }),
        salt(1),
      ],
      usable: points(5_000),
      tenderedFen: 2_000,
      scheme: { labels: [{ prefix: '22', embeds: 'fen', goodsDigits: 5, valueDigits: 5 }] },
    }),
  /** Forty kinds of goods. */
  forty: (language) =>
    sample({
      language,
      cart: Array.from({ length: 40 }, (_, i) => shelf[i % shelf.length]!((i % 4) + 1)),
      usable: points(200_000),
      tenderedFen: 300_000,
    }),
  /** Names that need several lines, stacks that reach far, and an amount as wide as the paper. */
  long: (language) => sample({ language, cart: [butterTea(1), stacks(9_999), freezer(300)], usable: points(5), tenderedFen: 100_000_000 }),
} satisfies { readonly [name: string]: (language: Language) => Receipt };

export type SampleName = keyof typeof samples;

interface Sale {
  readonly language: Language;
  readonly cart: readonly ((lineId: string) => CartLine)[];
  readonly usable: Points | null;
  /** Cash put down; null: paid by phone. Of no use where points pay it all. */
  readonly tenderedFen?: number | null;
  readonly scheme?: Partial<Scheme>;
}

function sample({ language, cart, usable, tenderedFen = 0, scheme = {} }: Sale): Receipt {
  const lines = cart.map((line, i) => line(`line ${i}`));
  const price = quote({ scheme: { ...qiongjie, ...scheme }, lines, usable, chosenPoints: null });
  if (price.problem !== null) throw new Error(`a sample that cannot be sold: ${price.problem}`);
  return {
    language,
    shop,
    receiptNumber: '琼结-03-000123',
    day: '2026-11-21',
    at: Date.UTC(2026, 10, 20, 16, 5),
    operatorName: '次仁卓玛',
    residentMasked: usable === null ? null : '格***',
    lines: price.lines,
    totalFen: price.totalFen,
    redemption:
      usable === null
        ? null
        : {
            fromRights: price.points,
            fromRoaming: points(0),
            worthFen: price.worthFen,
            usableBefore: usable,
            usableAfter: points(usable - price.points),
            countyAfter: points(usable - price.points + 104_000),
            countyAsOf: Date.UTC(2026, 10, 19, 19, 30),
          },
    points: price.points,
    payments: paymentOf(price.dueFen, price.dueCashFen, tenderedFen),
    roundingFen: tenderedFen === null ? fen(0) : price.roundingFen,
    qr: signed,
  };
}

function paymentOf(dueFen: number, dueCashFen: number, tenderedFen: number | null): readonly Payment[] {
  if (dueFen === 0) return [];
  if (tenderedFen === null) return [{ kind: 'other', fen: fen(dueFen) }];
  return [{ kind: 'cash', fen: fen(dueCashFen), tenderedFen: fen(tenderedFen), changeFen: fen(tenderedFen - dueCashFen) }];
}

/** As long as a signed text is (reconciliation.md R2): 230 characters. */
const signed = [
  'CP1|qiongjie|qj-03-1|1|123456|1795191900000|mB3kV0w2yQ8nRz1T|12500',
  'k3Zl8pQwN5x0tYbHcV7rMfUeJ2sGdA9iL4oP6qWzXhE|k3Zl8pQw',
  'Vn8mQxT2rLkJpW5yHsDfGzXcVbNmQwErTyUiOpAsDfGhJkLzXcVbNm1234567890QWERTYuiopASDFGHjklzxA',
].join('|');

const shop: Shop = {
  county: 'qiongjie',
  countyZh: '琼结县',
  countyBo: 'འཕྱོངས་རྒྱས་རྫོང་།',
  store: 'qj-03',
  zh: '幸福积分超市',
  bo: 'བདེ་སྐྱིད་སྐར་གྲངས་ཚོང་ཁང་།',
  kiosk: 'qj-03-1',
};

const qiongjie: Scheme = {
  id: 'qiongjie',
  version: 1,
  zh: '琼结县积分办法',
  bo: null,
  pointValueFen: 10,
  pointsStep: points(10),
  cashRounding: { unitFen: fen(10), mode: 'down' },
  saleCapPoints: null,
  dayCapPoints: null,
  accountKind: 'household',
  redemptionWindow: null,
  groups: [],
  roaming: { saleCapPoints: points(0), staleDays: 7, halfAfterDays: 3, kioskCapPoints: points(0) },
  recycling: null,
  labels: [],
};

type Named = Pick<Goods, 'zh' | 'bo' | 'size'>;
type OnShelf = (quantity: number) => (lineId: string) => CartLine;

const detergent = inYuan({ zh: '立白柠檬洗洁精', bo: 'སྡེར་མ་འཁྲུ་རྫས།', size: '500ml' }, 990);
const noodles = inYuan({ zh: '康师傅红烧牛肉面', bo: 'མྱུར་ཟས་ཐུག་པ།', size: '5连包' }, 1_550);
const tea = inYuan({ zh: '康砖茶', bo: 'ཇ་སྦག', size: '500g' }, 1_880);
const salt = inYuan({ zh: '加碘食盐', bo: 'ཚྭ།', size: '400g' }, 203);
const oil = inYuan({ zh: '菜籽油', bo: 'པད་ཁའི་སྣུམ།', size: '5L' }, 6_890);
const towel = inPoints({ zh: '纯棉毛巾', bo: 'ཨ་ཅོར།', size: '34×74cm' }, 5_050);
const soap = inPoints({ zh: '舒肤佳香皂', bo: 'གླང་རྩི།', size: '115g' }, 2_525);
const butterTea = inYuan(
  {
    zh: '西藏特产高原圣谷纯牦牛奶酥油茶粉独立小包装礼盒（咸味）',
    bo: 'བོད་ལྗོངས་ཀྱི་ཐོན་སྐྱེད་མཐོ་སྒང་གཡག་གི་འོ་མའི་མར་གྱིས་བསྒྲུབས་པའི་བོད་ཇ་ཕྱེ་མ།',
    size: '20g×24袋',
  },
  12_800,
);
const stacks = inYuan({ zh: '青稞糌粑', bo: 'ཧྐླྀ་བསྒྲུབས་སྐྱེས་རྒྱལ་ཧཱུྃ་སྤྱི་རྩམ་པ།', size: '2.5kg' }, 4);
const freezer = inYuan({ zh: '海尔卧式冷柜', bo: null, size: '200L' }, 239_900);
const barley = { zh: '青稞', bo: 'ནས།', size: '散装', perKilogram: 1_200 };
const potatoes = { zh: '土豆', bo: 'ཞོག་ཁོག', size: '散装', perKilogram: 430 };
const cabbage = { zh: '白菜', bo: 'པད་ཚལ།', size: '散装', perKilogram: 380 };
const shelf = [detergent, noodles, tea, salt, oil, stacks];

function inYuan(named: Named, priceFen: number): OnShelf {
  return (quantity) => (lineId) => ({
    lineId,
    goods: goods(named, { priceFen: fen(priceFen), pricePoints: null }),
    quantity,
    pricedIn: 'yuan',
  });
}

function loose({ perKilogram, ...named }: Named & { readonly perKilogram: number }, weighed: CartWeight): (lineId: string) => CartLine {
  return (lineId) => ({ ...inYuan(named, perKilogram)(1)(lineId), weighed });
}

function inPoints(named: Named, pricePoints: number): OnShelf {
  return (quantity) => (lineId) => ({
    lineId,
    goods: goods(named, { priceFen: null, pricePoints: points(pricePoints) }),
    quantity,
    pricedIn: 'points',
  });
}

function goods(named: Named, price: Pick<Goods, 'priceFen' | 'pricePoints'>): Goods {
  return { id: named.zh, ...named, ...price, codes: [], initials: '', category: 'other', picture: '', pointsAllowed: true, onSale: true };
}
