// Checks the acts of the recycling desk as the chain passes by: credits by the rules and caps in force, the scale behind every
// weighing, credits taken back, what was handed over. Trusts no row: each is compared with its event before it is asked.

import { creditDigest, type CreditEvent } from './credits.ts';
import { type Points, points } from './model/amounts.ts';
import { canonical, type Plain } from './model/canonical.ts';
import type { BookEvent, EventKind } from './model/event.ts';
import { paperNumber } from './model/paper-number.ts';
import { reversalReasons } from './model/reasons.ts';
import { type Bag, type CreditInput, type CreditQuote, type RecyclingRules, bagProblem, creditQuote } from './model/recycling.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import type { Leaves } from './verify-approval.ts';
import type { RulesInForce } from './verify-county.ts';
import type { Fold } from './verify-fold.ts';
import { Lie, besideChain, counted } from './verify-lie.ts';
import type { ScaleChecks } from './verify-scales.ts';
import { proofsOf, ticketFault } from './verify-ticket.ts';

export interface DeskChecks {
  /** The next event of the chain, its postings folded already. */
  take(event: BookEvent, place: string, inForce: RulesInForce): void;
  /** The tables hold nothing more than the events made. */
  end(): void;
  close(): void;
  /** What was checked, a line for each. */
  report(): readonly (readonly [check: string, text: string])[];
}

type Of<Kind extends EventKind['kind']> = BookEvent & { readonly kind: Kind };

/** Nothing has happened at the desk yet. `leaves` are the approvals, and `scales` the scales, which other acts use, too. */
export function deskChecks(
  db: ReadableDatabase,
  { fold, leaves, scales }: { readonly fold: Fold; readonly leaves: Leaves; readonly scales: ScaleChecks },
): DeskChecks {
  const tables = {
    credits: besideChain(db, 'credits', 'credit', 'seq, credit_id, ticket_number, day, at, account_id, operator_id, points'),
    creditLines: besideChain(db, 'credits', 'credit_line', 'seq, n, material_id, units, points'),
    reversals: besideChain(
      db,
      'credits',
      'credit_reversal',
      'seq, (SELECT credit_id FROM credit WHERE credit.seq = credit_seq) AS credit_id',
    ),
    scales: besideChain(db, 'scales', 'scale_set', 'seq'),
    scaleChecks: besideChain(db, 'scales', 'scale_check', 'seq, scale_set_id, day, is_good'),
    handedOver: besideChain(db, 'handed over', 'handed_over_line', 'seq, n, material_id, book_units, hauled_units, left_units'),
  };
  const onHand = new Map<string, number>();
  const disputed = new Set<string>();
  let restoredSeq = 0;
  const today = newCreditDay();
  const count = { credits: 0, simulated: 0, reversals: 0, handOvers: 0 };

  const takeCredit = (event: Of<'CREDIT'>, place: string, inForce: RulesInForce): void => {
    const { seq, id, day, at, op, amt, body } = event;
    count.credits += 1;
    const [credit_id, ticket_number, account_id] = [id, body.ticketNumber, body.accountId];
    tables.credits.next({ seq, credit_id, ticket_number, day, at, account_id, operator_id: op, points: amt }, place);
    for (const [n, { materialId, units, points }] of body.lines.entries())
      tables.creditLines.next({ seq, n, material_id: materialId, units, points }, place);
    const ticket = paperNumber(event, 'R', count.credits);
    if (body.ticketNumber !== ticket) throw new Lie('credits', place, `has ticket ${body.ticketNumber}, not ${ticket}`);
    for (const { id: bagId, measure } of body.lines.flatMap(({ bags }) => bags)) {
      const fault = scales.isNewBag(bagId) ? null : 'was paid for before';
      const weighed = fault === null && measure.kind === 'weighed' ? scales.weighingFault(event, measure) : fault;
      if (weighed !== null) throw new Lie('credits', `${place}, bag ${bagId}`, weighed);
    }
    const fault = creditFault(event, inForce, today.before(event)) ?? ticketFault(event, { db, fold, inForce, setUp: scales.setUp });
    if (fault !== null) throw new Lie('credits', place, fault);
    if (proofsOf(body).some(({ scaleSetId }) => scales.setUp(scaleSetId)?.isSimulated)) count.simulated += 1;
    if (body.approvalId !== null) {
      const digest = creditDigest({ creditId: id, residentId: inForce.residentOf(event.res ?? '')?.id ?? null, lines: body.lines });
      leaves.use(body.approvalId, { kind: 'credit', creditId: id, points: amt, digest }, event, place);
    }
    today.add(event);
    for (const { materialId, units } of body.lines) onHand.set(materialId, (onHand.get(materialId) ?? 0) + units);
  };

  /** The credit that a reversal or a dispute names, and which may be taken back. */
  const named = (event: Of<'CREDIT_REVERSED' | 'CREDIT_DISPUTED'>, place: string): CreditEvent => {
    const { creditId, accountId, reason, approvalId } = event.body;
    if (!reversalReasons.includes(reason)) throw new Lie('credits', place, `has the reason ${reason}`);
    const credit = creditBefore(db, creditId, event.seq);
    if (credit === null) throw new Lie('credits', place, `names a credit ${creditId} that was not given`);
    if (credit.body.accountId !== accountId) throw new Lie('credits', place, 'names a credit of another account');
    if (wasReversed(db, creditId, event.seq)) throw new Lie('credits', place, 'names a credit that was taken back before');
    if (disputed.has(creditId)) throw new Lie('credits', place, 'names a credit that was left to the county');
    leaves.use(approvalId, { kind: 'reverse_credit', creditId, points: credit.amt }, event, place);
    return credit;
  };

  const takeReversal = (event: Of<'CREDIT_REVERSED'>, place: string): void => {
    const { creditId, accountId } = event.body;
    tables.reversals.next({ seq: event.seq, credit_id: creditId }, place);
    const credit = named(event, place);
    count.reversals += 1;
    if (event.amt !== credit.amt) throw new Lie('credits', place, `takes back ${event.amt} of a credit of ${credit.amt}`);
    if (newestBefore(db, accountId, event.seq) !== creditId)
      throw new Lie('credits', place, 'takes back another than the account’s newest');
    if (credit.seq < restoredSeq) throw new Lie('credits', place, 'takes back what was given before a backup was put back');
    today.takeBack(credit);
    for (const { materialId, units } of credit.body.lines) onHand.set(materialId, (onHand.get(materialId) ?? 0) - units);
  };

  const takeDispute = (event: Of<'CREDIT_DISPUTED'>, place: string): void => {
    const { creditId, accountId, heldPoints } = event.body;
    const credit = named(event, place);
    disputed.add(creditId);
    if (event.amt !== 0) throw new Lie('credits', place, 'moves points, which is the county’s to do');
    const held = fold.rights(accountId);
    if (heldPoints !== held) throw new Lie('credits', place, `says the account held ${heldPoints}, it held ${held}`);
    if (newestBefore(db, accountId, event.seq) === creditId && held >= credit.amt && credit.seq > restoredSeq)
      throw new Lie('credits', place, 'leaves to the county what could be taken back here');
  };

  return {
    take(event, place, inForce) {
      scales.take(event, place, inForce.isDemo());
      switch (event.kind) {
        case 'RESTORED':
          restoredSeq = event.seq;
          return;
        case 'CREDIT':
          return takeCredit(event, place, inForce);
        case 'CREDIT_REVERSED':
          return takeReversal(event, place);
        case 'CREDIT_DISPUTED':
          return takeDispute(event, place);
        case 'SALE':
          for (const [i, { weighed }] of event.body.lines.entries()) {
            if (weighed?.by !== 'scale') continue;
            const fault = scales.weighingFault(event, weighed);
            if (fault !== null) throw new Lie('sales', `${place}, line ${i + 1}`, fault);
          }
          return;
        case 'SCALE_SET':
          return tables.scales.next({ seq: event.seq }, place);
        case 'SCALE_CHECKED': {
          const { scaleSetId, isGood } = event.body;
          return tables.scaleChecks.next({ seq: event.seq, scale_set_id: scaleSetId, day: event.day, is_good: isGood ? 1 : 0 }, place);
        }
        case 'HANDED_OVER': {
          count.handOvers += 1;
          const { lines } = event.body;
          if (new Set(lines.map(({ materialId }) => materialId)).size !== lines.length)
            throw new Lie('handed over', place, 'names a material twice');
          for (const [n, { materialId, bookUnits, hauledUnits, leftUnits }] of lines.entries()) {
            const [book_units, hauled_units, left_units] = [bookUnits, hauledUnits, leftUnits];
            tables.handedOver.next({ seq: event.seq, n, material_id: materialId, book_units, hauled_units, left_units }, place);
            const there = onHand.get(materialId) ?? 0;
            if (bookUnits !== there)
              throw new Lie('handed over', place, `says ${bookUnits} of ${materialId} were on hand, there were ${there}`);
            onHand.set(materialId, leftUnits);
          }
          return;
        }
        default:
          return;
      }
    },
    end() {
      for (const table of Object.values(tables)) table.end();
    },
    close() {
      for (const table of Object.values(tables)) table.close();
    },
    report: () => [
      [
        'credits',
        `${counted(count.credits, 'credit')} and their ticket numbers without a gap, at the rates and caps in force; ${count.simulated} weighed on a simulated scale, ${count.reversals} taken back`,
      ],
      ['scales', scales.report()],
      ['handed over', `${counted(count.handOvers, 'hand-over')}, each of what was on hand`],
    ],
  };
}

/** What is wrong with a credit by the rules in force and what was credited on its date before, or null. */
function creditFault(event: Of<'CREDIT'>, inForce: RulesInForce, today: CreditInput['today']): string | null {
  const { body, amt } = event;
  const { scheme, fileNumber } = inForce;
  if (scheme === null || body.schemeVersion !== scheme.version)
    return `names rules ${body.schemeVersion}, in force were ${scheme?.version ?? 'none'}`;
  if (body.ruleVersion !== fileNumber) return `names file ${body.ruleVersion}, in force was ${fileNumber}`;
  if (scheme.recycling === null) return 'is of a county that takes nothing in';
  const bags = body.lines.flatMap((line) => line.bags);
  const unfit = bagsFault(scheme.recycling, bags);
  if (unfit !== null) return unfit;
  const quote = creditQuote({ rules: scheme.recycling, bags, today });
  const line = quote.lines.findIndex(
    (each, i) => canonical(each as unknown as Plain) !== canonical((body.lines[i] ?? null) as unknown as Plain),
  ); // lines are plain data
  if (line !== -1 || quote.lines.length !== body.lines.length)
    return `line ${(line === -1 ? quote.lines.length : line) + 1} is not what its bags earn`;
  if (quote.points !== amt) return `gives ${amt} where its bags earn ${quote.points}`;
  return capFault(quote, event, today) ?? residentFault(event, inForce) ?? approvalFault(quote, event);
}

function bagsFault(rules: RecyclingRules, bags: readonly Bag[]): string | null {
  if (new Set(bags.map(({ id }) => id)).size !== bags.length) return 'pays a bag twice';
  for (const bag of bags) {
    const problem = bagProblem(rules, bag);
    if (problem !== null) return `bag ${bag.id}: ${problem}`;
  }
  return null;
}

function capFault({ problem, left }: CreditQuote, { amt, body, day, op }: Of<'CREDIT'>, today: CreditInput['today']): string | null {
  switch (problem) {
    case null:
      return null;
    case 'account_cap':
      return `brings the account to ${today.account + amt} on ${day}, ${today.account + left.account!} are allowed`; // over a cap, so there is one
    case 'operator_cap':
      return `brings ${op} to ${today.operator + amt} on ${day}, ${today.operator + left.operator!} are allowed`; // likewise
    case 'kiosk_cap':
      return `brings the kiosk to ${today.kiosk + amt} on ${day}, ${today.kiosk + left.kiosk!} are allowed`; // likewise
    case 'material_cap': {
      const over = body.lines.find((line, i) => left.materials[i] !== null && line.points > left.materials[i]!)!; // the rule found one
      return `gives ${over.points} more for ${over.materialId} on ${day} than is allowed`;
    }
    default:
      return problem;
  }
}

/** Whose account it is: of the county's roster, and of those who may earn. Which card was held under the scanner it does not say. */
function residentFault({ res, body }: Of<'CREDIT'>, { scheme, residentOf }: RulesInForce): string | null {
  const resident = residentOf(res ?? '');
  if (resident === null) return 'names a resident whom the county does not know';
  if (resident.accountId !== body.accountId) return 'names a resident of another account';
  if (!resident.active) return 'names a resident whose account is closed';
  return scheme!.groups.find((group) => group.id === resident.group)?.mayRedeem === true ? null : 'names a resident who takes no part'; // creditFault asked for it
}

function approvalFault({ needsApproval }: CreditQuote, { body }: Of<'CREDIT'>): string | null {
  if (needsApproval === (body.approvalId !== null)) return null;
  return needsApproval ? 'needed an approval and has none' : 'names an approval that it did not need';
}

/** A credit as its event says, if it was given before event `seq`. */
function creditBefore(db: ReadableDatabase, creditId: string, seq: number): CreditEvent | null {
  const row = prepared<[string, number], { line: string }>(db, `SELECT line FROM event WHERE id = ? AND kind = 'CREDIT' AND seq < ?`).get(
    creditId,
    seq,
  );
  return row === undefined ? null : (JSON.parse(row.line) as CreditEvent); // of this kind, and checked when it passed by
}

function wasReversed(db: ReadableDatabase, creditId: string, seq: number): boolean {
  const row = prepared<[string, number], { n: number }>(
    db,
    'SELECT count(*) AS n FROM credit_reversal JOIN credit ON credit.seq = credit_seq WHERE credit_id = ? AND credit_reversal.seq < ?',
  ).get(creditId, seq);
  return row!.n > 0;
}

/** The account's newest credit that was not taken back before event `seq`. */
function newestBefore(db: ReadableDatabase, accountId: string, seq: number): string | null {
  const row = prepared<[string, number, number], { id: string }>(
    db,
    `SELECT credit_id AS id FROM credit WHERE account_id = ? AND seq < ?
        AND seq NOT IN (SELECT credit_seq FROM credit_reversal WHERE seq < ?) ORDER BY seq DESC LIMIT 1`,
  ).get(accountId, seq, seq);
  return row?.id ?? null;
}

interface CreditDay {
  /** Credited on this credit's date before it: to its account, by its operator, at this kiosk, for each material. */
  before(credit: Of<'CREDIT'>): CreditInput['today'];
  add(credit: Of<'CREDIT'>): void;
  takeBack(credit: CreditEvent): void;
}

/** Keeps one business date: a kiosk's never goes back (verify-clock.ts). */
function newCreditDay(): CreditDay {
  let day = '';
  const sums = new Map<string, number>();
  const of = (...key: readonly string[]): Points => points(sums.get(key.join('/')) ?? 0);
  const move = (credit: CreditEvent, sign: 1 | -1): void => {
    const step = (amount: number, ...key: readonly string[]): void => void sums.set(key.join('/'), of(...key) + sign * amount);
    step(credit.amt, 'kiosk');
    step(credit.amt, 'account', credit.body.accountId);
    step(credit.amt, 'operator', credit.op ?? '');
    for (const { materialId, points: given, bags } of credit.body.lines) {
      step(given, 'material', credit.body.accountId, materialId);
      for (const { measure } of bags)
        if (measure.kind === 'counted' && !measure.isTypedTwice) step(measure.pieces, 'typed', credit.body.accountId, materialId);
    }
  };
  return {
    before({ day: date, op, body }) {
      if (date !== day) sums.clear();
      day = date;
      const ofLines = (what: string) => new Map(body.lines.map(({ materialId }) => [materialId, of(what, body.accountId, materialId)]));
      return {
        account: of('account', body.accountId),
        operator: of('operator', op ?? ''),
        kiosk: of('kiosk'),
        byMaterial: ofLines('material'),
        typedOnce: ofLines('typed'),
      };
    },
    add: (credit) => move(credit, 1),
    takeBack(credit) {
      if (credit.day === day) move(credit, -1);
    },
  };
}
