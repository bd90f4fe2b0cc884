// What people bring to the recycling desks of the demo, and the vessels they bring it in: names for all counties, and the two
// ways to rate a thing. Knows no county's rates. Tibetan awaits a native reader; where we know no word there is none.

import { type Points, points } from '../../db/model/amounts.ts';
import type { Container, Material } from '../../db/model/recycling.ts';

type Thing = Pick<Material, 'id' | 'zh' | 'bo' | 'picture' | 'hazardous'>;

export const plasticBottle: Thing = { id: 'plastic-bottle', zh: '塑料瓶', bo: 'འགྱིག་དམ', picture: 'plastic-bottle', hazardous: false };
export const drinkBottle: Thing = { id: 'drink-bottle', zh: '饮料瓶', bo: null, picture: 'plastic-bottle', hazardous: false };
export const can: Thing = { id: 'can', zh: '易拉罐', bo: null, picture: 'can', hazardous: false };
export const paper: Thing = { id: 'paper', zh: '纸板和废纸', bo: 'ཤོག་རྙིང', picture: 'cardboard', hazardous: false };
export const glass: Thing = { id: 'glass', zh: '玻璃瓶', bo: 'ཤེལ་དམ', picture: 'glass-bottle', hazardous: false };
export const iron: Thing = { id: 'iron', zh: '废铁', bo: 'ལྕགས་རྙིང', picture: 'scrap-iron', hazardous: false };
export const film: Thing = { id: 'film', zh: '农用薄膜', bo: null, picture: 'film', hazardous: false };
export const battery: Thing = { id: 'battery', zh: '废电池', bo: null, picture: 'battery', hazardous: true };
export const pesticideBottle: Thing = { id: 'pesticide-bottle', zh: '农药瓶', bo: null, picture: 'pesticide-bottle', hazardous: true };

/** Weights of vessels are assumed: a county weighs its own. */
export const containers: readonly Container[] = [
  { id: 'sack', zh: '编织袋', bo: 'ཕད་ཚེ', grams: 120 },
  { id: 'basket', zh: '背篓', bo: 'སླེ་པོ', grams: 1_500 },
];

/** A material that earns so much a kilogram. */
export function byWeight(thing: Thing, perKilogram: Points): Material {
  const [minimum, maximum] = [10, 200_000]; // two empty bottles, and what a platform scale of a village bears
  return { ...thing, measuredBy: 'weight', rate: { points: perKilogram, per: 1_000 }, minimum, maximum, dayCap: null, active: true };
}

/** A material that earns a point for every `pieces`, of which one bag has at most `maximum`. */
export function byCount(thing: Thing, pieces: number, maximum: number): Material {
  return { ...thing, measuredBy: 'count', rate: { points: points(1_00), per: pieces }, minimum: 1, maximum, dayCap: null, active: true };
}
