// Checks the events of a kiosk's files one after the other: that they are chained, and that what they say of money and points is what
// the events before them make. Who worked by whose leave, scales and prices are asked where the book is (verify.ts).

import { leafOf, noLeaf } from './book.ts';
import type { CountyWord } from './check-county-files.ts';
import { otherForm } from './check-event-form.ts';
import type { Acts } from './check-named-acts.ts';
import type { FilesFold } from './files-fold.ts';
import { type Line, valueOf } from './files-lines.ts';
import { canonical, type Plain } from './model/canonical.ts';
import type { DayFigure } from './model/day-figures.ts';
import { type BookEvent, type EventKind, type Figures, type SettlementBody, signedText } from './model/event.ts';
import { points } from './model/amounts.ts';
import { pointValueOf } from './model/figures.ts';
import { paperNumber } from './model/paper-number.ts';
import { returnQuote } from './model/returns.ts';
import { type ClosedDay, settlementOf } from './model/settlement.ts';
import type { UpHeader } from './model/up-file.ts';
import type { Tree } from './tree.ts';
import { Lie } from './verify-lie.ts';
import { rightsChecks } from './verify-rights.ts';

/** What stands before the next event. */
export interface ChainHead {
  readonly seq: number;
  /** base64url. */
  readonly leaf: string;
  readonly at: number;
  readonly inc: number;
}

/** An event that is canonical, of its kiosk and in its place; not yet known to be signed. */
export interface ReadEvent {
  readonly event: BookEvent;
  readonly leaf: Buffer;
  /** What its signature is of. */
  readonly signed: Buffer;
}

/** A closed day by its events. */
export interface DayReport {
  readonly number: number;
  readonly day: string;
  readonly seq: number;
  readonly figures: Figures;
  readonly rows: readonly DayFigure[];
}

/** Without what the paper is called. */
export type SettlementReport = Omit<SettlementBody, 'printed'>;

export interface ChainChecks {
  before(): ChainHead;
  /** Reads the line of the next event. Throws Lie. */
  read(line: Line, header: UpHeader): ReadEvent;
  /** What it does, and whether that is what it says. Throws Lie. */
  take(read: ReadEvent, place: string): Promise<void>;
  days(): readonly DayReport[];
  settlements(): readonly SettlementReport[];
}

type Of<Kind extends EventKind['kind']> = BookEvent & { readonly kind: Kind };

/** Before the first event. */
export function chainChecks(of: {
  readonly fold: FilesFold;
  readonly tree: Tree;
  readonly county: CountyWord;
  readonly acts: Acts;
}): ChainChecks {
  const { fold, tree, county, acts } = of;
  const rights = rightsChecks();
  const beside = {
    held(accountId: string) {
      const counter = fold.counter(accountId);
      if (counter === null) return { rights: 0, returned: 0 };
      const { g, b, c, u, s, v, f } = counter;
      return { rights: g - b + c - u - s + v + f, returned: b };
    },
    keys: () => county.keysInForce(),
    isRostered: () => true, // the roster of 800,000 is not kept for it: the book's own check asks (verify.ts)
  };
  const days: DayReport[] = [];
  const settlements: SettlementReport[] = [];
  const settledIds = new Set<string>();
  /** Ids of credits that were taken back, and what came back of each sale. */
  const reversed = new Set<string>();
  const returned = new Map<string, Of<'RETURNED'>['body'][]>();
  let restoredSeq = 0;
  let open: ClosedDay[] = [];
  let fromSeq = 1;
  let before: ChainHead = { seq: 0, leaf: noLeaf, at: 0, inc: 1 };

  const effects = async (event: BookEvent, place: string): Promise<void> => {
    switch (event.kind) {
      case 'DOWN_APPLIED':
        return county.apply(event, place, fold, rights);
      case 'NOTICE_TAKEN':
        return county.notice(event, place);
      case 'CREDIT_REVERSED':
        return takeReversal(event, place);
      case 'RETURNED':
        return takeReturn(event, place);
      case 'SALE':
        return checkPointValue(event, place);
      default:
        return;
    }
  };

  const takeReversal = ({ body, amt, res, seq }: Of<'CREDIT_REVERSED'>, place: string): void => {
    const credit = acts.credit(body.creditId);
    const isOf =
      credit !== null && credit.seq < seq && credit.body.accountId === body.accountId && credit.amt === amt && credit.res === res;
    if (!isOf) throw new Lie('reversals', place, `takes back no credit ${body.creditId} of that account and amount`);
    if (reversed.has(body.creditId)) throw new Lie('reversals', place, `takes credit ${body.creditId} back again`);
    if (credit.seq < restoredSeq) throw new Lie('reversals', place, 'takes back what was given before a backup was put back');
    reversed.add(body.creditId);
  };

  /** Rule D4. */
  const checkPointValue = ({ body, amt }: Of<'SALE'>, place: string): void => {
    if (!Number.isSafeInteger(pointValueOf(body, amt) ?? 0)) throw new Lie('postings', place, 'takes points that are not worth whole fen');
  };

  const takeReturn = ({ body, amt, res, seq }: Of<'RETURNED'>, place: string): void => {
    const sale = acts.sale(body.saleId);
    const scheme = county.scheme();
    if (sale === null || sale.seq >= seq || sale.body.accountId !== body.accountId || sale.res !== res || scheme === null)
      throw new Lie('returns', place, `gives back of no sale ${body.saleId} to that account`);
    if (sale.seq < restoredSeq) throw new Lie('returns', place, 'gives back what was sold before a backup was put back');
    const earlier = returned.get(body.saleId) ?? [];
    const { accountId, redemption } = body;
    const unsettled = points(accountId === null ? 0 : fold.unsettled(accountId) + (redemption?.toRoaming ?? 0)); // taken above
    const { cashRounding } = scheme;
    const quoted = returnQuote({ sale: sale.body, used: sale.amt, before: earlier, chosen: body.lines, cashRounding, unsettled });
    if (!quoted.ok) throw new Lie('returns', place, quoted.code === 'too_many' ? 'gives back more than was bought' : 'gives nothing back');
    const { points: back, redemption: due, ...money } = quoted.value;
    const { lines, totalFen, payments, roundingFen } = body;
    const isShare =
      back === amt &&
      same({ lines, totalFen, payments, roundingFen }, money) &&
      (redemption === null ? due === null : due !== null && same(due, pick(redemption, Object.keys(due))));
    if (!isShare) throw new Lie('returns', place, 'gives back other than the share of the sale that the pieces are');
    returned.set(body.saleId, [...earlier, body]);
  };

  const takeClosing = ({ body, seq, day, kiosk, inc }: Of<'DAY_CLOSED'>, place: string): void => {
    const lie = (what: string): never => {
      throw new Lie('days', place, what);
    };
    const number = days.length + 1;
    const closingNumber = paperNumber({ kiosk, inc }, 'Z', number);
    if (body.number !== number || body.closingNumber !== closingNumber)
      return lie(`is closing ${body.closingNumber}, not ${closingNumber}`);
    if (day <= (days.at(-1)?.day ?? '')) return lie(`closes ${day} after ${days.at(-1)?.day ?? ''}`);
    if (body.fromSeq !== fromSeq) return lie(`begins with event ${body.fromSeq}, not ${fromSeq}`);
    if (body.checkpoint.size !== tree.size() || body.checkpoint.root !== tree.root().toString('base64url'))
      return lie('has another checkpoint than the tree of the events before it');
    const { figures, accounts, perpetual, rows } = fold.endPeriod();
    if (body.sharePermille !== (county.shop()?.merchantSharePermille ?? 0))
      return lie('has another merchant’s share than the county’s files');
    const wrong = otherMember(body.figures, figures) ?? otherMember(body.accounts, accounts) ?? otherMember(body.perpetual, perpetual);
    if (wrong !== null) return lie(`says other of ${wrong} than its events make`);
    days.push({ number, day, seq, figures, rows });
    open.push({ number, day, figures, sharePermille: body.sharePermille });
    fromSeq = seq + 1;
  };

  /** X: what its period came to so far. A printed report is not part of what it reports. */
  const checkReport = ({ body }: Of<'REPORT_PRINTED'>, place: string): void => {
    const { figures, accounts } = fold.report();
    const wrong = body.fromSeq === fromSeq ? (otherMember(body.figures, figures) ?? otherMember(body.accounts, accounts)) : 'beginning';
    if (wrong !== null) throw new Lie('days', place, `says other of ${wrong} than its events make`);
  };

  const takeSettlement = ({ body, kiosk, inc }: Of<'SETTLED'>, place: string): void => {
    const scheme = county.scheme();
    if (scheme === null || open.length === 0) throw new Lie('settlements', place, 'settles nothing');
    const expected = settlementOf({
      kiosk,
      inc,
      number: settlements.length + 1,
      closings: open,
      scheme,
      adjustments: county.adjustments().filter(({ id }) => !settledIds.has(id)),
      printed: body.printed,
    });
    const wrong = otherMember(body as unknown as Members, expected as unknown as Members); // parts of an event, which are plain
    if (wrong !== null) throw new Lie('settlements', place, `has other ${wrong} than its days and the county's files make`);
    const { printed: _, ...rest } = expected;
    settlements.push(rest);
    for (const { id } of body.adjustments) settledIds.add(id);
    open = open.slice(body.closings.length);
  };

  return {
    before: () => before,
    days: () => days,
    settlements: () => settlements,
    read(line, header) {
      const lie = (what: string): never => {
        throw new Lie('chain', line.place, what);
      };
      const event = valueOf(line) as unknown as BookEvent; // what it is not is told here and by the rules it must pass
      if (!isEnvelope(event)) return lie('is no event');
      const fault = otherForm(event);
      if (fault !== null) throw new Lie('form', line.place, fault);
      const inc = event.kind === 'RESTORED' ? before.inc + 1 : before.inc;
      const said = [event.v, event.county, event.store, event.kiosk, event.inc, event.seq, event.prev];
      const due = [1, header.county, header.store, header.kiosk, inc, before.seq + 1, before.leaf];
      if (canonical(said) !== canonical(due)) return lie(`is ${canonical(said)} where ${canonical(due)} is due`);
      if (event.clk !== (event.at < before.at ? 'back' : 'ok')) return lie(`says its clock was ${event.clk}`);
      if ((event.seq === 1) !== (event.kind === 'START' && before.seq === 0)) return lie('a book begins with START');
      if (event.kind === 'START' && event.body.kioskKey !== header.kioskKey) return lie('started with another key');
      if (
        event.kind === 'RESTORED' &&
        (event.body.fromInc !== before.inc || event.body.throughSeq !== before.seq || event.body.leaf !== before.leaf)
      )
        return lie('was put back after another event than the one before it');
      const leaf = leafOf(line.text);
      return { event, leaf, signed: Buffer.from(signedText(event, leaf.toString('base64url'))) };
    },
    async take({ event, leaf }, place) {
      try {
        fold.take(event, place);
        await effects(event, place);
        rights.take(event, place, beside);
        if (event.kind === 'RESTORED') {
          restoredSeq = event.seq;
          county.restored(leaf.toString('base64url'));
        }
        if (event.kind === 'REPORT_PRINTED') checkReport(event, place);
        fold.endEvent(event);
        if (event.kind === 'DAY_CLOSED') takeClosing(event, place);
        if (event.kind === 'SETTLED') takeSettlement(event, place);
      } catch (error) {
        if (error instanceof Lie || isOfDisk(error)) throw error;
        throw new Lie('postings', place, error instanceof Error ? error.message : String(error)); // the rules of the model refuse it
      }
      tree.add(leaf);
      before = { seq: event.seq, leaf: leaf.toString('base64url'), at: event.at, inc: event.inc };
    },
  };
}

/** Of either sign: what has a date and an hour anywhere. */
const momentMax = 8_000_000_000_000_000;

/** Members that every event has; what its kind adds is asked by the rules. */
function isEnvelope(event: BookEvent): boolean {
  const value = event as unknown as Plain; // still only what JSON gave
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const { kind, body, amt, res, at, id, day, op } = event;
  const isText = (each: unknown): boolean => typeof each === 'string';
  return (
    [kind, id, day, event.county, event.store, event.kiosk, event.prev].every(isText) &&
    [event.v, event.inc, event.seq].every(Number.isSafeInteger) &&
    typeof body === 'object' &&
    (body as unknown) !== null &&
    !Array.isArray(body) &&
    Number.isSafeInteger(amt) &&
    amt >= 0 &&
    Number.isSafeInteger(at) &&
    Math.abs(at) <= momentMax &&
    /^\d{4}-\d\d-\d\d$/.test(day) &&
    (res === null || (isText(res) && /^[A-Za-z0-9_-]{8,22}$/.test(res))) &&
    (op === null || isText(op))
  );
}

function isOfDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

type Members = { readonly [name: string]: Plain };

/** The first member that differs or that only one has, or null. */
function otherMember(found: Members, expected: Members): string | null {
  const text = (value: Plain | undefined): string => (value === undefined ? '' : canonical(value));
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])].find((name) => text(found[name]) !== text(expected[name])) ?? null;
}

function same(a: object, b: object): boolean {
  return canonical(a as Plain) === canonical(b as Plain); // parts of events, which are plain
}

function pick(from: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}
