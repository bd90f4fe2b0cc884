// The gallery's pages of loose goods at the till: on the scale in each of its states, and in the cart. Shows what is possible.

import { fen, points } from '../db/model/amounts.ts';
import type { Goods } from '../db/model/catalogue.ts';
import { type CartWeight, quote } from '../db/model/checkout.ts';
import type { LabelLayout } from '../db/model/sale-label.ts';
import type { Scheme } from '../db/model/scheme.ts';
import type { CartView, ScaleView, Snapshot, WeighingView, WeightView } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';

function loose(id: string, zh: string, bo: string | null, picture: string, perKilogram: number): Goods {
  return {
    id,
    zh,
    bo,
    size: '散装',
    picture,
    soldBy: 'weight',
    codes: [],
    initials: '',
    category: 'food',
    priceFen: fen(perKilogram),
    pricePoints: null,
    pointsAllowed: true,
    onSale: true,
  };
}

const barley = loose('l1', '青稞', 'ནས།', 'barley', 1_200);
const potatoes = loose('l2', '土豆', 'ཞོག་ཁོག', 'vegetable', 430);
const cabbage = loose('l3', '高原有机大白菜', 'པད་ཚལ།', 'vegetable', 380);

const labels: readonly LabelLayout[] = [{ prefix: '22', embeds: 'fen', goodsDigits: 5, valueDigits: 5 }];
const containers: WeighingView['containers'] = [
  { id: 'sack', zh: '编织袋', bo: 'ཕད་ཚེ', grams: 120 },
  { id: 'basket', zh: '背篓', bo: 'སླེ་པོ', grams: 1_500 },
];

const bags: readonly (readonly [Goods, CartWeight])[] = [
  [potatoes, { by: 'label', code: '2100086012503', netGrams: 1_250 }],
  [cabbage, { by: 'price-label', code: '2200088009607' }],
  [barley, { by: 'scale', readGrams: 25_632, tare: { by: 'pan', grams: 120 }, netGrams: 25_512 }],
];

function cartOf(cart: CartView, scheme: Scheme): CartView {
  const lines = bags.map(([goods, weighed], i) => ({
    lineId: `00000000-0000-7000-8000-0000000002${String(i).padStart(2, '0')}`,
    goods,
    quantity: 1,
    pricedIn: 'yuan' as const,
    weighed,
  }));
  return {
    ...cart,
    quote: quote({ scheme: { ...scheme, labels }, lines, usable: points(64_000), chosenPoints: null }),
    pictures: Object.fromEntries(lines.map(({ lineId, goods }) => [lineId, goods.picture])),
    switchable: [],
  };
}

const atRest = (grams: number, isNet = false): WeightView => ({ kind: 'stable', grams, isNet });

/** The pages, over a snapshot of the till with something in its cart, and a scale that may weigh. */
export function weighCases(till: Snapshot, scheme: Scheme, scale: ScaleView): { readonly [name: string]: GalleryCase } {
  const { soldBy = 'piece', id, zh, bo, size, category, picture, priceFen, pricePoints } = barley;
  const goods = { id, zh, bo, size, category, picture, soldBy, priceFen, pricePoints };
  const chosen: WeighingView = { goods, tare: { by: 'none' }, containers, isPanClear: true };
  const at = (weighing: Partial<WeighingView> = {}, change: Partial<ScaleView> = {}): Snapshot => ({
    ...till,
    scale: { ...scale, ...change },
    cart: { ...cartOf(till.cart, scheme), weighing: { ...chosen, ...weighing } },
    notice: { id: 41, code: 'goods_to_weigh', subject: zh },
  });
  return {
    'till-weighed': { snapshot: { ...till, cart: cartOf(till.cart, scheme), notice: { id: 42, code: 'line_added', subject: zh } } },
    'weigh-empty': { snapshot: at(), weight: { kind: 'zero', grams: 0, isNet: false } },
    'weigh-moving': { snapshot: at(), weight: { kind: 'moving', grams: 480, isNet: false } },
    'weigh-rest': { snapshot: at(), weight: atRest(512) },
    'weigh-tare': { snapshot: at({ tare: { by: 'pan', grams: 120 } }), weight: atRest(25_632) },
    'weigh-tare-of-scale': { snapshot: at(), weight: atRest(512, true) },
    'weigh-tare-twice': { snapshot: at({ tare: { by: 'container', id: 'sack', grams: 120 } }), weight: atRest(512, true) },
    'weigh-not-clear': { snapshot: at({ isPanClear: false }), weight: atRest(512) },
    'weigh-waiting': { snapshot: at(), weight: { kind: 'moving', grams: 480, isNet: false }, engine: 'silent', presses: ['Enter'] },
    'weigh-too-light': {
      snapshot: at(),
      weight: atRest(1),
      answers: { weighGoods: { ok: false, code: 'too_light' } },
      presses: ['Enter'],
    },
    'weigh-check-due': { snapshot: at({}, { isCheckedToday: false }), weight: atRest(512) },
    'weigh-away': { snapshot: at({}, { state: 'lost' }) },
    'weigh-not-set-up': { snapshot: at({}, { state: 'none', setUp: null }) },
  };
}
