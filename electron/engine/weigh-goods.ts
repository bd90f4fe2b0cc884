// Loose goods on the scale: what is to be weighed, what the vessel weighs, and the line that comes of it. Each weighing is a
// line of its own, with the scale's bytes; prices no line.

import { isDeepStrictEqual } from 'node:util';
import { priceOfWeight, takesTare } from '../../db/model/checkout.ts';
import { type Tare, gramsMax, unitsOf } from '../../db/model/recycling.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import type { WeighingView } from '../ipc/snapshot.ts';
import { addWeighed, store } from './cart.ts';
import { tileOf } from './goods-tile.ts';
import { type StableWeight, type WeighRefusal, weighNow } from './scale.ts';
import { type Engine, selling, whenFree } from './till.ts';

export type WeighGoodsRefusal =
  | WeighRefusal
  | 'not_weighing' // these goods are not on the scale: another cart is open, or other goods or another tare were chosen meanwhile
  | 'pan_not_clear' // what was weighed before still lies on it
  | 'double_tare' // the scale has taken a tare off, and so would we
  | 'container_unknown'
  | 'too_light' // nothing left without the vessel, or it would cost nothing
  | 'too_large';

/** What the cashier may take off for the vessel: nothing, one of the county's list, or what is on the pan now. */
export type GoodsTare = { readonly by: 'none' } | { readonly by: 'pan' } | { readonly by: 'container'; readonly id: string };

/** Puts the scale away: the goods that were to be weighed are not sold. */
export function stopWeighing(engine: Engine): void {
  store(engine, { ...engine.draft, weighing: null });
}

/** Chooses the tare of this one weighing. An empty vessel is weighed now, for at most ten seconds. */
export async function setGoodsTare(
  engine: Engine,
  { goodsId, tare }: { readonly goodsId: string; readonly tare: GoodsTare },
): Promise<Result<null, WeighGoodsRefusal>> {
  const chosen = await chosenTare(engine, goodsId, tare);
  if (!chosen.ok) return chosen;
  store(engine, { ...engine.draft, weighing: { goodsId, tare: chosen.value } });
  return ok(null);
}

async function chosenTare(
  engine: Engine,
  goodsId: string,
  tare: GoodsTare,
): Promise<Result<Exclude<Tare, { by: 'scale' }>, WeighGoodsRefusal>> {
  if (engine.draft.weighing?.goodsId !== goodsId) return fail('not_weighing');
  if (tare.by === 'none') return ok(tare);
  if (tare.by === 'container') {
    const container = selling(engine).reference.scheme.recycling?.containers.find(({ id }) => id === tare.id);
    if (container === undefined) return fail('container_unknown');
    if (engine.devices?.scale.weight().isNet === true) return fail('double_tare');
    return ok({ by: 'container', id: container.id, grams: container.grams });
  }
  const weighed = await weighUnchanged(engine);
  if (!weighed.ok) return weighed;
  const { grams, isNet } = weighed.value;
  if (isNet) return fail('double_tare');
  if (grams > gramsMax) return fail('overload');
  return grams <= 0 ? fail('too_light') : ok({ by: 'pan', grams });
}

/**
 * Weighs the goods that were chosen and adds them: waits for a weight at rest that comes after this call, at most ten seconds.
 * The same line id again is the same line. One load is one line: the pan must have been seen empty since the last weighing.
 */
export async function weighGoods(
  engine: Engine,
  { saleId, lineId, goodsId }: { readonly saleId: string; readonly lineId: string; readonly goodsId: string },
): Promise<Result<null, WeighGoodsRefusal>> {
  if (engine.draft.saleId !== saleId) return fail('not_weighing');
  if (isThere(engine, lineId)) return ok(null);
  if (engine.draft.weighing?.goodsId !== goodsId) return fail('not_weighing');
  if (!engine.desk.isPanClear) return fail('pan_not_clear');
  const weighed = await weighUnchanged(engine);
  if (isThere(engine, lineId)) return ok(null); // the same press, asked twice
  if (!weighed.ok) return weighed;
  if (!engine.desk.isPanClear) return fail('pan_not_clear'); // another page was quicker
  const { scheme, goods } = selling(engine).reference;
  const { grams, isNet, proof } = weighed.value;
  const { tare: ours } = engine.draft.weighing; // weighUnchanged saw that it is the same
  if (isNet && ours.by !== 'none') return fail('double_tare');
  if (grams > gramsMax) return fail('overload');
  if (!takesTare(scheme, ours)) return fail('container_unknown');
  const tare: Tare = isNet ? { by: 'scale' } : ours;
  const netGrams = unitsOf({ kind: 'weighed', readGrams: grams, tare, proof });
  const { priceFen } = goods.get(goodsId)!; // dropGoneLines would have put the scale away
  if (netGrams <= 0 || priceOfWeight(priceFen!, netGrams) === 0) return fail('too_light'); // loose goods have a price in yuan
  return addWeighed(engine, {
    lineId,
    goodsId,
    quantity: 1,
    pricedIn: 'yuan',
    weighed: { by: 'scale', readGrams: grams, tare, netGrams, proof },
  });
}

/** What is to be weighed, as the page shows it, or null. */
export function weighingView(engine: Engine): WeighingView | null {
  const { goods, scheme } = selling(engine).reference;
  const { weighing } = engine.draft;
  const found = weighing === null ? undefined : goods.get(weighing.goodsId);
  if (weighing === null || found?.soldBy !== 'weight') return null;
  return { goods: tileOf(found), tare: weighing.tare, containers: scheme.recycling?.containers ?? [], isPanClear: engine.desk.isPanClear };
}

/** A weight at rest, if the same operator still weighs the same goods for the same sale with the same tare. */
async function weighUnchanged(engine: Engine): Promise<Result<StableWeight, WeighRefusal | 'not_weighing'>> {
  const before = standing(engine);
  const weighed = await weighNow(engine);
  if (!weighed.ok) return weighed;
  await whenFree(engine); // a county's file may have begun
  selling(engine); // throws where the till was stopped meanwhile
  return isDeepStrictEqual(standing(engine), before) ? weighed : fail('not_weighing');
}

function standing({ operator, shift, draft }: Engine): unknown {
  return [operator?.id, shift?.businessDate, draft.saleId, draft.weighing];
}

function isThere({ draft }: Engine, lineId: string): boolean {
  return draft.lines.some((line) => line.lineId === lineId);
}
