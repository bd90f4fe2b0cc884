// A recycling desk without a desk: a county that takes in what 琼结 does, a scale that was set up and checked, leaves of an
// owner, credits taken back, hand-overs. Each is written as the engine writes it; none is decided here.

import { type Book, type Entry, commandHash } from '../../db/book.ts';
import { type CreditEvent, creditDigest, creditedOn, newestCreditOf, rightsOf } from '../../db/credits.ts';
import { onHand } from '../../db/collected.ts';
import { currentScheme, findResident, restoredSeq } from '../../db/reference.ts';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import { points } from '../../db/model/amounts.ts';
import type { ActToApprove } from '../../db/model/approval.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { ScaleCheckedBody, ScaleSetBody } from '../../db/model/event.ts';
import { type Bag, type CreditQuote, type RecyclingRules, type ShownTare, creditQuote } from '../../db/model/recycling.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { cashier, scheme } from './county.ts';
import { type CreditOptions, credited, weighed } from './credit.ts';
import { today } from './sell.ts';

/** Lines of a county's file after which the desk works: version `version` of the scheme, and an owner besides the cashier. */
export async function deskLines(version = 2, change: Partial<RecyclingRules> = {}): Promise<readonly DownLine[]> {
  return [
    { t: 'SCHEME', scheme: { ...scheme, version, recycling: { ...qiongjie.scheme.recycling!, ...change } } }, // it takes six materials
    { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } },
  ];
}

/** Sets a scale up and checks it; returns the id that weighings name. */
export function aScale(book: Book, change: Partial<ScaleSetBody> = {}, check: Partial<ScaleCheckedBody> = {}): string {
  const id = uuidv7(book.clock.wallMs());
  const mark = { model: 'XK3190', serialNumber: 'XK3190-20517', verifiedOn: '2026-03-01' };
  const how = { address: 'serial:/dev/ttyUSB0', line: null, family: 'st-us', unit: 'kg', isSimulated: false };
  book.transact(({ append }) => {
    const body: ScaleSetBody = { ...how, ...mark, ...read, framesHex: framesHex(2_002), ...change };
    append({ kind: 'SCALE_SET', body, id, day: today, op: 'op2', command: { setScale: id } });
    append(aCheck(book, id, check));
  });
  return id;
}

/** The daily check of a scale that was set up so. */
export function checked(book: Book, scaleSetId: string, change: Partial<ScaleCheckedBody> = {}, day = today): void {
  book.transact(({ append }) => append(aCheck(book, scaleSetId, change, day)));
}

const read = { knownGrams: 2_000, readGrams: 2_002, toleranceGrams: 10 };

function aCheck(book: Book, scaleSetId: string, change: Partial<ScaleCheckedBody>, day = today): Entry {
  const body: ScaleCheckedBody = { scaleSetId, zeroGrams: 0, ...read, isGood: true, ...change };
  return { kind: 'SCALE_CHECKED', body, id: uuidv7(book.clock.wallMs()), day, op: 'op2', command: { check: scaleSetId } };
}

/** What is kept of an ST/US scale at rest: two lines, in kilograms, without their ends. */
function framesHex(grams: number, tare?: ShownTare): readonly string[] {
  const sign = grams < 0 ? '-' : '+';
  const line = `ST,${tare?.by === 'scale' ? 'NT' : 'GS'},${sign}${(Math.abs(grams) / 1000).toFixed(3).padStart(8, '0')}kg`;
  return Array<string>(2).fill(Buffer.from(line).toString('hex'));
}

/** A bag at rest on that scale, with the bytes that said so. */
export function onScale(book: Book, scaleSetId: string, materialId: string, grams: number, tare?: ShownTare): Bag {
  const bag = weighed(materialId, grams, tare);
  if (bag.measure.kind !== 'weighed') throw new Error('it was weighed');
  const told = { ...bag.measure.proof, scaleSetId, weighedAt: Math.trunc(book.clock.wallMs()) };
  const proof = { ...told, framesHex: framesHex(grams, tare) };
  const { tare: taken } = bag.measure;
  const proven = taken.by === 'pan' ? { ...taken, proof: { ...told, framesHex: framesHex(taken.grams) } } : taken;
  return { ...bag, measure: { ...bag.measure, tare: proven, proof } };
}

/** The owner's leave for one act; returns what the act names. */
export function leaveFor(book: Book, act: ActToApprove, day = today): string {
  const id = uuidv7(book.clock.wallMs());
  const body = { act: act.kind, digest: commandHash({ ...act }), approver: 'op2', isSelf: false };
  book.transact(({ append }) => append({ kind: 'APPROVED', body, id, day, op: 'op1', command: { approve: { ...act }, approver: 'op2' } }));
  return id;
}

/** Credits bags by the rules of the county, with the owner's leave where they ask for one. */
export function recycled(
  book: Book,
  options: CreditOptions & { readonly bags: readonly Bag[] },
): CreditEvent | NonNullable<CreditQuote['problem']> {
  const rules = currentScheme(book.db)!.recycling!; // deskLines brought it
  const { accountId } = findResident(book.db, options.resident ?? '1')!;
  const id = options.id ?? uuidv7(book.clock.wallMs());
  const day = options.day ?? today;
  const quote = creditQuote({ rules, bags: options.bags, today: creditedOn(book.db, { day, accountId, operatorId: 'op1' }) });
  if (quote.problem !== null) return quote.problem;
  const digest = creditDigest({ creditId: id, residentId: options.resident ?? '1', lines: quote.lines });
  const leave = quote.needsApproval
    ? { approvalId: leaveFor(book, { kind: 'credit', creditId: id, points: quote.points, digest }, day) }
    : {};
  return credited(book, { rules, ...leave, ...options, id });
}

/** Takes a credit back, or leaves it to the county where its points are not here any more. */
export function takenBack(book: Book, { id, seq, amt, res, body }: CreditEvent, day = today): 'reversed' | 'disputed' {
  const { accountId } = body;
  const approvalId = leaveFor(book, { kind: 'reverse_credit', creditId: id, points: amt }, day);
  const heldPoints = points(rightsOf(book.db, accountId));
  const isHere = newestCreditOf(book.db, accountId) === id && heldPoints >= amt && seq > restoredSeq(book.db);
  const entry = { id: uuidv7(book.clock.wallMs()), day, op: 'op1', res, command: { reverseCredit: id } };
  const about = { creditId: id, accountId, reason: 'wrong_amount', approvalId } as const;
  book.transact(({ append }) =>
    isHere
      ? append({ ...entry, kind: 'CREDIT_REVERSED', body: about, amt })
      : append({ ...entry, kind: 'CREDIT_DISPUTED', body: { ...about, heldPoints } }),
  );
  return isHere ? 'reversed' : 'disputed';
}

/** The hauler takes what is on hand of these materials but for `leftUnits` of each. */
export function handedOver(book: Book, materialIds: readonly string[], leftUnits = 0): void {
  const lines = materialIds.map((materialId) => {
    const bookUnits = onHand(book.db, materialId);
    return { materialId, bookUnits, hauledUnits: Math.max(0, bookUnits - leftUnits - 1), leftUnits };
  });
  const id = uuidv7(book.clock.wallMs());
  book.transact(({ append }) =>
    append({ kind: 'HANDED_OVER', body: { hauler: '扎西', lines }, id, day: today, op: 'op1', command: { handOver: id } }),
  );
}
