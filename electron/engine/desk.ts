// The credit being prepared: resident, material, tare, bags. Every change is stored before the page sees it.

import { isDeepStrictEqual } from 'node:util';
import type { Entry } from '../../db/book.ts';
import { isReversed } from '../../db/credits.ts';
import { writeDeskDraft, writeDraft } from '../../db/drafts.ts';
import { newestPrintJob } from '../../db/print-jobs.ts';
import { looksLikeCard } from '../../db/model/card.ts';
import {
  type BagProblem,
  type CreditLine,
  type Material,
  type RecyclingRules,
  bagProblem,
  bagsMax,
  shownTare,
  unitsOf,
} from '../../db/model/recycling.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { ScaleReading } from '../../hardware/scale/scale.ts';
import { CallError } from '../ipc/rpc.ts';
import type { BagView, CreditLineView, CreditedView, DeskView, MaterialTile, Notice, Place } from '../ipc/snapshot.ts';
import { cardProblem, readCard, refuseCard } from './card.ts';
import { type DeskDraft, type DraftBag, emptyDeskDraft } from './desk-draft.ts';
import { creditDigest, currentCreditQuote, deskAccount, isOnDesk, takenBags, wasCredited } from './desk-quote.ts';
import { machineBoot } from './draft.ts';
import { onPan } from './pan.ts';
import { isProven, isProvenTare } from './proven.ts';
import { residentView } from './resident-view.ts';
import { type WeighRefusal, takesOurTare, weighNow } from './scale.ts';
import { type Engine, currentDay, earlierEvent, notify, selling, whenFree, writeWhenFree } from './till.ts';

export type DeskRefusal =
  | BagProblem
  | 'no_material' // chosen for the next bag
  | 'too_many_bags'
  | 'other_credit'; // by now another credit is open, or the operator, the resident, the material, the tare or the bags are others

type WeighAnswer = Result<
  null,
  DeskRefusal | WeighRefusal | 'not_by_weight' | 'pan_not_clear' | 'double_tare' | 'tare_untold' | 'same_bag'
>;

/** Goes to the till or to the desk: what a scanned card is for. The cart and the bags stay where they are. */
export function goTo(engine: Engine, { place }: { readonly place: Place }): Result<null, 'no_desk'> {
  if (place === 'desk' && selling(engine).reference.scheme.recycling === null) return fail('no_desk');
  if (place !== engine.place) engine.notice = null; // it was said of the other place
  engine.place = place;
  engine.changed();
  return ok(null);
}

/**
 * A code scanned at the desk. A card is the resident's who brought the bags, before them or after. Over bags of one resident
 * another's card changes nothing: whoever they are credited to was chosen by dropping the first, not by a card that passed by.
 */
export function scanAtDesk(engine: Engine, code: string): Notice {
  if (!looksLikeCard(code)) {
    const goods = selling(engine).reference.index.byCode.get(code);
    return goods === undefined ? notify(engine, 'goods_unknown', code.slice(0, 40)) : notify(engine, 'goods_at_desk', goods.zh);
  }
  const card = readCard(engine, code);
  if (!card.ok) return refuseCard(engine, card.code);
  const problem = cardProblem(engine, card.value);
  if (problem !== null) return refuseCard(engine, problem, card.value.id);
  const { resident, bags } = engine.desk;
  const isAnother = resident !== null && resident.id !== card.value.id;
  if (isAnother && bags.length > 0) return notify(engine, 'bags_of_another');
  engine.lastCredit = null;
  store(engine, { ...engine.desk, resident: card.value });
  return notify(engine, isAnother ? 'card_replaced' : 'card_accepted');
}

/** Chooses what the next bag is of. */
export function chooseMaterial(engine: Engine, { materialId }: { readonly materialId: string }): Result<null, BagProblem> {
  const material = selling(engine).reference.scheme.recycling?.materials.find(({ id }) => id === materialId);
  if (material === undefined) return fail('material_unknown');
  if (!material.active) return fail('material_inactive');
  store(engine, { ...engine.desk, materialId });
  return ok(null);
}

type ChosenTare = { readonly by: 'none' } | { readonly by: 'pan' } | { readonly by: 'container'; readonly id: string };

type TareAnswer = Result<
  null,
  WeighRefusal | 'container_unknown' | 'double_tare' | 'tare_untold' | 'not_by_weight' | 'tare_negative' | 'other_credit' | 'pan_not_clear'
>;

/**
 * What to take off the next weighings, until the credit is given: nothing, a container of the county's list, or what is on the
 * pan now. Never together with the scale's own tare (`double_tare`), and never the load that is being weighed (`pan_not_clear`).
 */
export async function setTare(engine: Engine, { tare }: { readonly tare: ChosenTare }): Promise<TareAnswer> {
  const rules = selling(engine).reference.scheme.recycling;
  if (tare.by !== 'none' && materialOf(engine, rules)?.measuredBy === 'count') return fail('not_by_weight');
  if (tare.by !== 'none' && !takesOurTare(engine)) return fail('tare_untold');
  if (tare.by === 'pan') return onPan(engine, 'tare', () => weighTare(engine));
  const chosen = tare.by === 'none' ? tare : rules?.containers.find(({ id }) => id === tare.id);
  if (chosen === undefined) return fail('container_unknown');
  if (tare.by === 'container' && engine.devices?.scale.weight().isNet === true) return fail('double_tare');
  store(engine, { ...engine.desk, tare: 'id' in chosen ? { by: 'container', id: chosen.id, grams: chosen.grams } : chosen });
  return ok(null);
}

async function weighTare(engine: Engine): Promise<TareAnswer> {
  const before = standing(engine);
  const weighed = await weighNow(engine);
  if (!weighed.ok) return weighed;
  await whenFree(engine);
  selling(engine); // throws where the till was stopped meanwhile
  if (!isDeepStrictEqual(standing(engine), before)) return fail('other_credit');
  const { grams, isNet, proof } = weighed.value;
  if (isNet) return fail('double_tare');
  if (grams < 0) return fail('tare_negative');
  store(engine, { ...engine.desk, tare: { by: 'pan', grams, proof } });
  return ok(null);
}

/**
 * Weighs a bag: waits for a weight at rest that comes after this call, at most ten seconds. The same bag id again is the same
 * bag; another while one is being weighed is refused, since its frames would be those of the first. `same_bag` asks whether it
 * was weighed before; `isOtherBag` answers that it is another.
 */
export async function weigh(engine: Engine, args: { readonly bagId: string; readonly isOtherBag: boolean }): Promise<WeighAnswer> {
  if (bagOf(engine, args.bagId, 'weighed') !== null) return ok(null);
  return onPan(engine, `bag ${args.bagId}`, () => weighOnce(engine, args));
}

async function weighOnce(
  engine: Engine,
  { bagId, isOtherBag }: { readonly bagId: string; readonly isOtherBag: boolean },
): Promise<WeighAnswer> {
  const wanted = nextBag(engine);
  if (!wanted.ok) return wanted;
  if (wanted.value.material.measuredBy !== 'weight') return fail('not_by_weight');
  if (!engine.desk.isPanClear) return fail('pan_not_clear');
  const before = standing(engine);
  const weighed = await weighNow(engine);
  if (!weighed.ok) return weighed;
  await whenFree(engine); // a county's file may have begun
  const rules = selling(engine).reference.scheme.recycling;
  if (rules === null || !isDeepStrictEqual(standing(engine), before)) return fail('other_credit');
  const { grams, isNet, proof } = weighed.value;
  const { materialId, tare, bags } = engine.desk;
  if (isNet && tare.by !== 'none') return fail('double_tare');
  if (tare.by !== 'none' && !takesOurTare(engine)) return fail('tare_untold'); // chosen before another scale was set up
  const bag: DraftBag = {
    id: uuidv7(engine.clock.wallMs()),
    pressId: bagId,
    materialId: materialId!, // nextBag found it, and it is the same still
    measure: { kind: 'weighed', readGrams: grams, tare: isNet ? { by: 'scale' } : tare, proof },
    otherFor: isOtherBag ? deskAccount(engine) : null,
  };
  const problem = bagProblem(rules, bag);
  if (problem !== null) return fail(problem);
  if (bags.length >= bagsMax) return fail('too_many_bags');
  if (!isOtherBag && (isOnDesk(engine, rules, bag) || wasCredited(engine, rules, bag))) return fail('same_bag');
  engine.lastCredit = null;
  store(engine, { ...engine.desk, bags: [...bags, bag], isPanClear: false });
  return ok(null);
}

/**
 * Adds a counted bag. A count above the county's limit is typed twice, or the credit needs approval: `again` is the second,
 * null where it was typed once.
 */
export function countBag(
  engine: Engine,
  { bagId, pieces, again }: { readonly bagId: string; readonly pieces: number; readonly again: number | null },
): Result<null, DeskRefusal | 'not_by_count' | 'typed_otherwise'> {
  const earlier = bagOf(engine, bagId, 'counted');
  if (earlier !== null) {
    if (unitsOf(earlier.measure) !== pieces) throw new CallError('bad_call', 'the id of another bag');
    return ok(null);
  }
  const wanted = nextBag(engine);
  if (!wanted.ok) return wanted;
  const { rules, material } = wanted.value;
  if (material.measuredBy !== 'count') return fail('not_by_count');
  if (again !== null && again !== pieces) return fail('typed_otherwise');
  const measure = { kind: 'counted', pieces, isTypedTwice: again !== null } as const;
  const bag: DraftBag = { id: uuidv7(engine.clock.wallMs()), pressId: bagId, materialId: material.id, measure, otherFor: null };
  const problem = bagProblem(rules, bag);
  if (problem !== null) return fail(problem);
  engine.lastCredit = null;
  store(engine, { ...engine.desk, bags: [...engine.desk.bags, bag] });
  return ok(null);
}

/** Takes a bag off; the book records it. */
export function removeBag(engine: Engine, { actId, bagId }: { readonly actId: string; readonly bagId: string }): Result<null, 'bag_gone'> {
  if (earlierEvent(engine, actId, { removeBag: bagId }) !== null) return ok(null);
  const bag = engine.desk.bags.find((each) => namedByPage(each) === bagId);
  if (bag === undefined) return fail('bag_gone');
  store(engine, { ...engine.desk, bags: engine.desk.bags.filter((each) => each !== bag) }, [{ bag, actId }]);
  return ok(null);
}

/** Empties the desk for another visitor; every bag is recorded as removed. */
export function clearDesk(engine: Engine): void {
  engine.lastCredit = null;
  engine.notice = null;
  store(
    engine,
    emptyDeskDraft(engine.clock.wallMs(), engine.desk),
    engine.desk.bags.map((bag) => ({ bag })),
  );
}

export function dropDeskResident(engine: Engine): void {
  store(engine, { ...engine.desk, resident: null });
}

/**
 * Takes bags off that the county's rules do not take any more as they were measured, or whose bytes do not say their weight,
 * records them, and names one to the operator; called after a down-file and before a credit. Bytes that say another weight are no
 * fault that stops the till: a program that reads a scale otherwise than the one before it finds them, too. Says whether there
 * were any.
 */
export function dropRefusedBags(engine: Engine): boolean {
  const rules = selling(engine).reference.scheme.recycling;
  const { bags, tare, materialId } = engine.desk;
  const unproven = bags.filter(({ measure }) => measure.kind === 'weighed' && !isProven(engine, measure));
  const taken = new Set(rules === null ? [] : takenBags(engine, rules).map(({ id }) => id));
  for (const { id } of unproven) taken.delete(id);
  const refused = bags.filter(({ id }) => !taken.has(id));
  if (rules === null) engine.place = 'till';
  const isKnown = tare.by !== 'container' || rules?.containers.some(({ id, grams }) => id === tare.id && grams === tare.grams) === true;
  const desk: DeskDraft = {
    ...engine.desk,
    resident: rules === null ? null : engine.desk.resident,
    bags: bags.filter(({ id }) => taken.has(id)),
    materialId: materialOf(engine, rules)?.active === true ? materialId : null,
    tare: isKnown && isProvenTare(engine, tare) ? tare : { by: 'none' },
  };
  if (isDeepStrictEqual(desk, engine.desk)) return false;
  store(
    engine,
    desk,
    refused.map((bag) => ({ bag })),
  );
  if (refused.length === 0) return false;
  if (unproven.length > 0) engine.log(`${unproven.length} bags are not what their bytes say`);
  const first = refused[0]!;
  const name = rules?.materials.find(({ id }) => id === first.materialId)?.zh ?? first.materialId;
  notify(engine, unproven.includes(first) ? 'weighing_unproven' : 'bag_rules_changed', name);
  return true;
}

/**
 * Notices when the pan is empty after a bag; until then no other bag is weighed. Empty is what the scale calls zero at rest, or
 * below zero in two equal frames (a vessel that its own tare still takes off was lifted). Zero less the scale's own tare is not:
 * that key can be pressed with the bag on the pan. A weight near our tare is not: a light bag would look like the empty vessel.
 * So whoever empties a vessel lifts it.
 */
export function watchPan(engine: Engine): void {
  let isTelling = false;
  engine.devices?.scale.onReading((reading) => {
    if (engine.desk.isPanClear || isTelling || !isEmpty(reading)) return;
    isTelling = true;
    void writeWhenFree(engine, (book) => {
      const desk = { ...engine.desk, isPanClear: true };
      book.transact(() => writeDeskDraft(book, desk));
      engine.desk = desk;
      engine.changed();
    })
      .catch((error: unknown) => engine.log('the empty pan', error))
      .finally(() => {
        isTelling = false;
      });
  });
}

function isEmpty({ reading, frames }: ScaleReading): boolean {
  if (reading.kind === 'zero') return !reading.net;
  return reading.kind === 'negative' && frames.length >= 2;
}

/** The desk as the page shows it; null where the county takes nothing in or the till is stopped. */
export function deskView(engine: Engine): DeskView | null {
  const { book, reference, status, desk } = engine;
  const rules = reference?.scheme.recycling ?? null;
  if (book === null || rules === null || status.kind !== 'selling') return null;
  const quote = currentCreditQuote(engine, rules);
  return {
    creditId: desk.creditId,
    resident: residentView(engine, desk.resident),
    materials: rules.materials.filter(({ active }) => active).map(tileOf),
    containers: rules.containers,
    material: desk.materialId,
    tare: shownTare(desk.tare),
    isPanClear: desk.isPanClear,
    bags: engine.desk.bags.filter((bag) => bagProblem(rules, bag) === null).map(bagView),
    quote: { ...quote, lines: quote.lines.map(creditLineView) },
    digest: creditDigest(engine, quote),
    typeTwiceAbove: rules.typeTwiceAbove,
    lastCredit: lastCreditView(engine),
  };
}

/** A line of a credit without its bags, and so without the scale's bytes. */
export function creditLineView(line: CreditLine): CreditLineView {
  const { bags: _, ...shown } = line;
  return shown;
}

function tileOf(material: Material): MaterialTile {
  const { active: _, ...tile } = material;
  return tile;
}

/** The credit just given, with what has become of it and of its ticket since. */
function lastCreditView({ book, lastCredit }: Engine): CreditedView | null {
  if (lastCredit === null || book === null) return null;
  const { creditId } = lastCredit;
  return {
    ...lastCredit,
    isReversed: isReversed(book.db, creditId),
    print: newestPrintJob(book.db, creditId)?.state ?? lastCredit.print,
  };
}

/** What a page calls a bag: by its own press. */
function namedByPage({ id, pressId }: DraftBag): string {
  return pressId ?? id;
}

function bagView(bag: DraftBag): BagView {
  const { materialId, measure } = bag;
  const bagId = namedByPage(bag);
  const units = unitsOf(measure);
  if (measure.kind === 'counted') return { bagId, materialId, measuredBy: 'count', units, readGrams: null, tareGrams: 0 };
  return { bagId, materialId, measuredBy: 'weight', units, readGrams: measure.readGrams, tareGrams: measure.readGrams - units };
}

/** What must not have changed while the scale was waited for. */
function standing({ operator, shift, desk }: Engine): unknown {
  return [operator?.id, shift?.businessDate, desk.creditId, desk.resident?.id, desk.materialId, desk.tare, desk.bags.length];
}

function materialOf({ desk }: Engine, rules: RecyclingRules | null): Material | undefined {
  return rules?.materials.find(({ id }) => id === desk.materialId);
}

/** The material of the next bag, where one can be added. */
function nextBag(engine: Engine): Result<{ readonly rules: RecyclingRules; readonly material: Material }, DeskRefusal> {
  if (engine.desk.materialId === null) return fail('no_material');
  const rules = selling(engine).reference.scheme.recycling;
  const material = materialOf(engine, rules);
  if (rules === null || material === undefined) return fail('material_unknown');
  if (!material.active) return fail('material_inactive');
  return engine.desk.bags.length >= bagsMax ? fail('too_many_bags') : ok({ rules, material });
}

/** The bag that this press brought where it is on the desk already: the same press again. */
function bagOf({ desk }: Engine, bagId: string, kind: DraftBag['measure']['kind']): DraftBag | null {
  const bag = desk.bags.find(({ pressId }) => pressId === bagId);
  if (bag !== undefined && bag.measure.kind !== kind) throw new CallError('bad_call', 'the id of another bag');
  return bag ?? null;
}

/** A bag that comes off; without an act of the page's, as one of many. */
interface Removed {
  readonly bag: DraftBag;
  readonly actId?: string;
}

/** Stores the desk, and that somebody is at work: an engine that comes back soon finds its operator by the cart's last touch. */
function store(engine: Engine, desk: DeskDraft, removed: readonly Removed[] = []): void {
  const { book } = selling(engine);
  const now = engine.clock.wallMs();
  const cart = { ...engine.draft, touchedAt: now, boot: machineBoot };
  book.transact(({ append }) => {
    for (const each of removed) append(bagRemoved(engine, each));
    writeDeskDraft(book, desk);
    writeDraft(book, cart);
  });
  engine.desk = desk;
  engine.draft = cart;
  engine.changed();
}

/** What the book says of a bag that came off. */
export function bagRemoved(engine: Engine, { bag, actId }: Removed): Entry {
  return {
    kind: 'BAG_REMOVED',
    body: { creditId: engine.desk.creditId, materialId: bag.materialId, units: unitsOf(bag.measure) },
    id: actId ?? uuidv7(engine.clock.wallMs()),
    day: currentDay(engine),
    op: engine.operator?.id ?? null,
    command: { removeBag: namedByPage(bag) },
  };
}
