// The credit: the one moment in which the kiosk makes points. All of it is in the book when this returns, or none of it is.

import { commandHash } from '../../db/book.ts';
import {
  type CreditEvent,
  creditsBefore,
  disputedAfter,
  findCredit,
  isDisputed,
  isReversed,
  lastTicketCounter,
  newestCreditOf,
  rightsOf,
} from '../../db/credits.ts';
import { writeDeskDraft } from '../../db/drafts.ts';
import { addFirstPrintJob, newestPrintJob } from '../../db/print-jobs.ts';
import { lastDown, restoredSeq } from '../../db/reference.ts';
import { findScaleSet, wasScaleGoodOn } from '../../db/scales.ts';
import { points } from '../../db/model/amounts.ts';
import type { ActToApprove } from '../../db/model/approval.ts';
import type { Plain } from '../../db/model/canonical.ts';
import { maskName } from '../../db/model/catalogue.ts';
import type { CreditBody } from '../../db/model/event.ts';
import { paperNumber } from '../../db/model/paper-number.ts';
import type { ReversalReason } from '../../db/model/reasons.ts';
import type { CreditProblem, CreditQuote } from '../../db/model/recycling.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { allowance } from '../../db/model/spending.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { CreditedView, CreditSummary } from '../ipc/snapshot.ts';
import { useApproval } from './approval.ts';
import { cardProblem, refuseCard } from './card.ts';
import { creditLineView, dropRefusedBags } from './desk.ts';
import { emptyDeskDraft } from './desk-draft.ts';
import { creditDigest, currentCreditQuote, deskAccount, wasCredited } from './desk-quote.ts';
import { printSoon } from './printing.ts';
import { currentResident } from './quote.ts';
import { type Engine, currentDay, earlierEvent, selling } from './till.ts';

/** Why nothing was credited. */
export type CreditRefusal =
  | CreditProblem
  | 'credit_unknown' // another credit is open by now
  | 'other_content' // this credit was already given, with other content
  | 'changed' // a rate, a cap or a bag changed since the operator looked
  | 'resident_needed'
  | 'resident_refused' // the notice says why
  | 'scale_check_due' // the newest check on this date of a scale that weighed a bag was not good, or there was none
  | 'bag_seen_before' // weighed before the card came, and like one of this account's: weighed again, it is asked about
  | 'approval_needed'
  | 'approval_void';

/**
 * Credits the bags of the desk to its resident. The same credit id again gives the first answer and credits nothing (R6, 6).
 * What the page says it saw is compared and never used.
 */
export function credit(
  engine: Engine,
  args: {
    readonly creditId: string;
    readonly shown: { readonly points: number; readonly digest: string };
    readonly approvalId?: string | undefined;
  },
): Result<CreditedView, CreditRefusal> {
  const { book, reference } = selling(engine);
  const { creditId, shown, approvalId } = args;
  const command: Plain = { credit: creditId, shown, approvalId };
  const before = findCredit(book.db, creditId);
  if (before !== null)
    return before.event.cmdHash === commandHash(command) ? ok(creditedView(engine, before.event)) : fail('other_content');
  if (engine.desk.creditId !== creditId) return fail('credit_unknown');

  const rules = reference.scheme.recycling;
  if (dropRefusedBags(engine) || rules === null) return fail('changed');
  const card = engine.desk.resident;
  const who = currentResident(engine, card);
  if (card === null) return fail('resident_needed');
  const problem = cardProblem(engine, card);
  if (problem !== null || who === null) {
    refuseCard(engine, problem ?? 'card_unknown', card.id);
    return fail('resident_refused');
  }
  const quote = currentCreditQuote(engine, rules);
  if (quote.problem !== null) return fail(quote.problem);
  const digest = creditDigest(engine, quote);
  if (shown.digest !== digest || shown.points !== quote.points) return fail('changed');
  const { bags } = engine.desk;
  const weighings = bags.flatMap(({ measure }) => (measure.kind === 'weighed' ? [measure.proof] : []));
  if (weighings.some(({ scaleSetId }) => !wasScaleGoodOn(book.db, scaleSetId, currentDay(engine)))) return fail('scale_check_due');
  const accountId = deskAccount(engine);
  if (bags.some((bag) => bag.otherFor !== accountId && wasCredited(engine, rules, bag))) return fail('bag_seen_before');
  if (quote.needsApproval) {
    const act: ActToApprove = { kind: 'credit', creditId, points: quote.points, digest };
    if (approvalId === undefined) return fail('approval_needed');
    if (!useApproval(engine, approvalId, act).ok) return fail('approval_void');
  }
  return ok(give(engine, { creditId, command, quote, who, approvalId: quote.needsApproval ? (approvalId ?? null) : null }));
}

function give(
  engine: Engine,
  {
    creditId,
    command,
    quote,
    who,
    approvalId,
  }: {
    readonly creditId: string;
    readonly command: Plain;
    readonly quote: CreditQuote;
    readonly who: NonNullable<ReturnType<typeof currentResident>>;
    readonly approvalId: string | null;
  },
): CreditedView {
  const { book, reference } = selling(engine);
  const { scheme, shop } = reference;
  const now = engine.clock.wallMs();
  const { resident, input } = who;
  const after = allowance({
    ...input,
    counters: { ...input.counters, credited: points(input.counters.credited + quote.points) },
    county: { ...input.county, creditedHereSince: input.county.creditedHereSince + quote.points },
  });
  const body: CreditBody = {
    ticketNumber: paperNumber({ kiosk: shop.kiosk, inc: book.head().inc }, 'R', lastTicketCounter(book.db) + 1),
    accountId: resident.accountId,
    schemeVersion: scheme.version,
    ruleVersion: lastDown(book.db)?.downSeq ?? 0,
    lines: quote.lines,
    usableBefore: who.allowance.usable,
    usableAfter: after.usable,
    countyAfter: after.countyBalance,
    countyAsOf: input.county.asOf,
    approvalId,
    printed: {
      language: resident.language,
      residentMasked: maskName(resident.name),
      operatorName: engine.operator?.name ?? '',
      shop: { zh: shop.zh, bo: shop.bo, countyZh: shop.countyZh, countyBo: shop.countyBo },
      scale: scaleOf(engine, quote),
    },
  };
  const next = emptyDeskDraft(now, engine.desk);
  const jobId = uuidv7(now);
  const event = book.transact(({ db, append }) => {
    const given = append({
      kind: 'CREDIT',
      body,
      id: creditId,
      day: currentDay(engine),
      op: engine.operator?.id ?? null,
      res: resident.tag,
      amt: quote.points,
      command,
    });
    addFirstPrintJob(db, { jobId, act: given });
    writeDeskDraft(book, next);
    return given;
  });
  assert(event.kind === 'CREDIT', 'the credit was written');
  engine.desk = next;
  engine.lastCredit = viewOf(event, { isReversed: false, print: { kind: 'queued' } }); // as it was just written
  engine.notice = null;
  engine.changed();
  printSoon(engine, jobId);
  return engine.lastCredit;
}

/** The scale that weighed the newest weighed bag; null where all were counted. */
function scaleOf(engine: Engine, { lines }: CreditQuote): CreditBody['printed']['scale'] {
  const proofs = lines.flatMap(({ bags }) => bags.flatMap(({ measure }) => (measure.kind === 'weighed' ? [measure.proof] : [])));
  const newest = proofs.toSorted((a, b) => a.weighedAt - b.weighedAt).at(-1);
  if (newest === undefined) return null;
  const set = findScaleSet(selling(engine).book.db, newest.scaleSetId);
  assert(set !== null, 'a weighing names the scale that was set up');
  const { serialNumber, verifiedOn, isSimulated } = set;
  return { serialNumber, verifiedOn, isSimulated };
}

const creditsMax = 20;

/**
 * The newest 20 credits before an event number (null: the newest of all), newest first; `pictures` by material id, of
 * materials that are no longer taken, too.
 */
export function recentCredits(
  engine: Engine,
  { beforeSeq }: { readonly beforeSeq: number | null },
): {
  readonly credits: readonly CreditSummary[];
  readonly pictures: { readonly [materialId: string]: string };
  readonly nextBeforeSeq: number | null;
} {
  const { book, reference } = selling(engine);
  const rows = creditsBefore(book.db, beforeSeq ?? Number.MAX_SAFE_INTEGER, creditsMax);
  const oldest = rows.at(-1);
  const disputed = oldest === undefined ? new Set<string>() : disputedAfter(book.db, oldest.seq);
  const credits = rows.map(({ creditId, line, isReversed, copies }): CreditSummary => {
    const standing = isReversed === 1 ? 'reversed' : disputed.has(creditId) ? 'disputed' : 'given';
    return { ...factsOf(JSON.parse(line) as CreditEvent), standing, copies }; // the book's own line
  });
  const materials = reference.scheme.recycling?.materials ?? [];
  return {
    credits,
    pictures: Object.fromEntries(materials.map(({ id, picture }) => [id, picture])),
    nextBeforeSeq: rows.length === creditsMax ? oldest!.seq : null,
  };
}

/**
 * Takes back the account's newest credit while its points are still here; one that is spent, or older, becomes an exception
 * of the county's: `disputed`, and nothing moves, then or later; so does one from before a backup was put back, which may have been
 * taken back in the time that was lost. Needs a reason and an approval.
 */
export function reverseCredit(
  engine: Engine,
  args: { readonly actId: string; readonly creditId: string; readonly reason: ReversalReason; readonly approvalId?: string | undefined },
): Result<'reversed' | 'disputed', 'credit_unknown' | 'already_reversed' | 'approval_needed' | 'approval_void'> {
  const { book } = selling(engine);
  const { actId, creditId, reason, approvalId } = args;
  const command = { reverseCredit: creditId, reason, approvalId };
  const earlier = earlierEvent(engine, actId, command);
  if (earlier !== null) return ok(earlier.kind === 'CREDIT_REVERSED' ? 'reversed' : 'disputed');
  const stored = findCredit(book.db, creditId);
  if (stored === null) return fail('credit_unknown');
  if (isReversed(book.db, creditId)) return fail('already_reversed');
  if (isDisputed(book.db, stored.event)) return ok('disputed'); // the county decides: taken back here as well, it would be lost twice
  if (approvalId === undefined) return fail('approval_needed');
  const { amt, res, seq, body } = stored.event;
  if (!useApproval(engine, approvalId, { kind: 'reverse_credit', creditId, points: amt }).ok) return fail('approval_void');

  const { accountId } = body;
  const heldPoints = points(rightsOf(book.db, accountId));
  const isHere = newestCreditOf(book.db, accountId) === creditId && heldPoints >= amt && seq > restoredSeq(book.db);
  const entry = { id: actId, day: currentDay(engine), op: engine.operator?.id ?? null, res, command };
  book.transact(({ append }) =>
    isHere
      ? append({ ...entry, kind: 'CREDIT_REVERSED', body: { creditId, accountId, reason, approvalId }, amt })
      : append({ ...entry, kind: 'CREDIT_DISPUTED', body: { creditId, accountId, reason, approvalId, heldPoints } }),
  );
  engine.changed();
  return ok(isHere ? 'reversed' : 'disputed');
}

/** A credit as the page shows it, with what has become of it since. */
function creditedView(engine: Engine, event: CreditEvent): CreditedView {
  const { db } = selling(engine).book;
  return viewOf(event, { isReversed: isReversed(db, event.id), print: newestPrintJob(db, event.id)?.state ?? { kind: 'queued' } });
}

function viewOf(event: CreditEvent, now: Pick<CreditedView, 'isReversed' | 'print'>): CreditedView {
  const { usableBefore, usableAfter } = event.body;
  return { ...factsOf(event), usableBefore, usableAfter, ...now };
}

function factsOf({ id, at, amt, body }: CreditEvent): Omit<CreditSummary, 'standing' | 'copies'> {
  return {
    creditId: id,
    ticketNumber: body.ticketNumber,
    at,
    residentMasked: body.printed.residentMasked,
    lines: body.lines.map(creditLineView),
    points: amt,
  };
}
