// Loose goods on the scale: what is to be weighed, what the vessel weighs, and the line that comes of it. Each weighing is a
// line of its own, with the scale's bytes; prices no line.

import { isDeepStrictEqual } from 'node:util';
import { priceOfWeight, takesTare } from '../../db/model/checkout.ts';
import { type Tare, gramsMax, shownTare, unitsOf } from '../../db/model/recycling.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import type { WeighingView } from '../ipc/snapshot.ts';
import { addWeighed, store } from './cart.ts';
import { tileOf } from './goods-tile.ts';
import { onPan } from './pan.ts';
import { type WeighRefusal, takesOurTare, weighNow } from './scale.ts';
import { type Engine, selling, whenFree } from './till.ts';

export type WeighGoodsRefusal =
  | WeighRefusal
  | 'not_weighing' // these goods are not on the scale: another cart is open, or other goods or another tare were chosen meanwhile
  | 'pan_not_clear' // what was weighed before still lies on it, or is being weighed
  | 'double_tare' // the scale has taken a tare off, and so would we
  | 'tare_untold' // this scale does not say whether it has
  | 'container_unknown'
  | 'too_light' // nothing left without the vessel, or it would cost nothing
  | 'too_large';

/** What the cashier may take off for the vessel: nothing, one of the county's list, or what is on the pan now. */
export type GoodsTare = { readonly by: 'none' } | { readonly by: 'pan' } | { readonly by: 'container'; readonly id: string };

type OurTare = Exclude<Tare, { by: 'scale' }>;

/** Puts the scale away: the goods that were to be weighed are not sold. */
export function stopWeighing(engine: Engine): void {
  store(engine, { ...engine.draft, weighing: null });
}

/**
 * Chooses the tare of this one weighing. An empty vessel is weighed now, for at most ten seconds, and is never the load that is
 * being weighed at the till or at the desk (`pan_not_clear`).
 */
export async function setGoodsTare(
  engine: Engine,
  { goodsId, tare }: { readonly goodsId: string; readonly tare: GoodsTare },
): Promise<Result<null, WeighGoodsRefusal>> {
  if (engine.draft.weighing?.goodsId !== goodsId) return fail('not_weighing');
  if (tare.by !== 'none' && !takesOurTare(engine)) return fail('tare_untold');
  if (tare.by === 'pan') return onPan(engine, `tare of ${goodsId}`, () => weighTare(engine, goodsId));
  const { recycling } = selling(engine).reference.scheme;
  const chosen = tare.by === 'none' ? tare : recycling?.containers.find(({ id }) => id === tare.id);
  if (chosen === undefined) return fail('container_unknown');
  if (tare.by === 'container' && engine.devices?.scale.weight().isNet === true) return fail('double_tare');
  chooseTare(engine, goodsId, 'id' in chosen ? { by: 'container', id: chosen.id, grams: chosen.grams } : chosen);
  return ok(null);
}

async function weighTare(engine: Engine, goodsId: string): Promise<Result<null, WeighGoodsRefusal>> {
  const before = standing(engine);
  const weighed = await weighNow(engine);
  if (!weighed.ok) return weighed;
  await whenFree(engine); // a county's file may have begun
  selling(engine); // throws where the till was stopped meanwhile
  if (!isDeepStrictEqual(standing(engine), before)) return fail('not_weighing');
  const { grams, isNet, proof } = weighed.value;
  if (isNet) return fail('double_tare');
  if (grams > gramsMax) return fail('overload');
  if (grams <= 0) return fail('too_light');
  chooseTare(engine, goodsId, { by: 'pan', grams, proof });
  return ok(null);
}

function chooseTare(engine: Engine, goodsId: string, tare: OurTare): void {
  store(engine, { ...engine.draft, weighing: { goodsId, tare } });
}

/**
 * Weighs the goods that were chosen and adds them: waits for a weight at rest that comes after this call, at most ten seconds.
 * The same line id again is the same line. One load is one line: the pan must have been seen empty since the last weighing.
 */
export async function weighGoods(
  engine: Engine,
  args: { readonly saleId: string; readonly lineId: string; readonly goodsId: string },
): Promise<Result<null, WeighGoodsRefusal>> {
  if (engine.draft.saleId !== args.saleId) return fail('not_weighing');
  if (engine.draft.lines.some(({ lineId }) => lineId === args.lineId)) return ok(null);
  return onPan(engine, `line ${args.lineId}`, () => weighOnce(engine, args));
}

async function weighOnce(
  engine: Engine,
  { lineId, goodsId }: { readonly lineId: string; readonly goodsId: string },
): Promise<Result<null, WeighGoodsRefusal>> {
  const { weighing } = engine.draft;
  if (weighing?.goodsId !== goodsId) return fail('not_weighing');
  if (!engine.desk.isPanClear) return fail('pan_not_clear');
  const before = standing(engine);
  const weighed = await weighNow(engine);
  if (!weighed.ok) return weighed;
  await whenFree(engine); // a county's file may have begun
  const { scheme, goods } = selling(engine).reference; // throws where the till was stopped meanwhile
  if (!isDeepStrictEqual(standing(engine), before)) return fail('not_weighing');
  const { grams, isNet, proof } = weighed.value;
  const { tare: ours } = weighing; // it stands as it stood
  if (isNet && ours.by !== 'none') return fail('double_tare');
  if (ours.by !== 'none' && !takesOurTare(engine)) return fail('tare_untold'); // chosen before another scale was set up
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
  return {
    goods: tileOf(found),
    tare: shownTare(weighing.tare),
    containers: scheme.recycling?.containers ?? [],
    isPanClear: engine.desk.isPanClear,
  };
}

/** What must not have changed while the scale was waited for: who weighs what, for which sale, with which tare. */
function standing({ operator, shift, draft }: Engine): unknown {
  return [operator?.id, shift?.businessDate, draft.saleId, draft.weighing];
}
