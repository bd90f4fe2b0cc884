// Follows what the county asked back and what vouchers brought, event by event (reconciliation.md R3, R6 16): every request of an
// applied file is answered at once and in order, nothing else goes back, every voucher counts once. Reads no table but to compare it.

import { type Points, amountMax, points } from './model/amounts.ts';
import type { DownLine } from './model/down-file.ts';
import type { BookEvent, EventKind } from './model/event.ts';
import { openVoucher } from './model/voucher.ts';
import type { ReadableDatabase } from './sqlite.ts';
import { Lie, counted } from './verify-lie.ts';

type Of<Kind extends EventKind['kind']> = BookEvent & { readonly kind: Kind };
type LineOf<T extends DownLine['t']> = DownLine & { readonly t: T };

export interface RightsChecks {
  /** G after a GRANT of the applied file `downSeq`: what it says, and the vouchers that it does not count yet. Throws Lie. */
  grant(line: LineOf<'GRANT'>, downSeq: number, place: string): Points;
  /** A line of an applied file that asks rights back. Throws Lie. */
  ask(line: LineOf<'RETURN_REQ'>, downSeq: number, place: string): void;
  /** An event, after the fold has it and its file's lines were told. Throws Lie. */
  take(event: BookEvent, place: string, beside: Beside): void;
  /** The book has no more events: nothing asked for is left. Throws Lie. */
  end(): void;
  /** The table of counters says through which vouchers and by which file grants count; throws Lie where it does not. */
  compare(db: ReadableDatabase): void;
  report(): string;
}

/** What is known where an event stands. */
interface Beside {
  /** Rights of an account here and B, what the county has back of it, as the event left them. */
  readonly held: (accountId: string) => { readonly rights: number; readonly returned: number };
  /** The county's file keys in force. */
  readonly keys: () => readonly Uint8Array[];
  /** Whether somebody of the roster has the account. */
  readonly isRostered: (accountId: string) => boolean;
}

/** What a file asks back, in the order of its lines. */
interface Requests {
  readonly downSeq: number;
  readonly lines: { readonly accountId: string; readonly b: Points }[];
  readonly accounts: Set<string>;
  answered: number;
}

interface Vouchers {
  /** Those that were taken and that no GRANT counts yet. */
  readonly beyond: ReadonlyMap<number, Points>;
  /** Through which number a GRANT counts them. */
  readonly covered: number;
  /** The file of the newest GRANT; null: none came. */
  readonly grantedIn: number | null;
}

const noVouchers: Vouchers = { beyond: new Map(), covered: 0, grantedIn: null };

/** Before the first event. */
export function rightsChecks(): RightsChecks {
  const accounts = new Map<string, Vouchers>();
  let asked: Requests = { downSeq: 0, lines: [], accounts: new Set(), answered: 0 };
  /** The newest file before a backup was last put back. */
  let restoredAfter: number | null = null;
  let applied = 0;
  let [answers, taken] = [0, 0];
  const of = (accountId: string): Vouchers => accounts.get(accountId) ?? noVouchers;

  const takeAnswer = ({ body, amt }: Of<'RIGHTS_RETURNED'>, place: string, held: Beside['held']): void => {
    const due = asked.lines[asked.answered];
    if (due === undefined) throw new Lie('returned rights', place, `gives back rights of ${body.accountId} that no file asked for`);
    if (body.accountId !== due.accountId || body.asked !== due.b || body.downSeq !== asked.downSeq)
      throw new Lie('returned rights', place, `is no answer to file ${asked.downSeq}, which asks for ${due.b} of ${due.accountId} here`);
    const after = held(due.accountId);
    const [rights, returned] = [after.rights + amt, after.returned - amt];
    const expected = Math.max(0, Math.min(due.b - returned, rights));
    if (amt !== expected) throw new Lie('returned rights', place, `gives back ${amt} where ${expected} was due of ${rights} held`);
    asked.answered += 1;
    answers += 1;
  };
  const checkAnswered = (event: BookEvent, place: string): void => {
    const due = asked.lines[asked.answered];
    if (due === undefined || event.kind === 'RIGHTS_RETURNED') return;
    if (event.kind === 'DOWN_APPLIED' && event.body.downSeq === asked.downSeq) return;
    throw new Lie(
      'returned rights',
      place,
      `stands where the answer to file ${asked.downSeq} was due, which asks for rights of ${due.accountId}`,
    );
  };
  const takeVoucher = (event: Of<'VOUCHER_IN'>, place: string, { keys, isRostered }: Beside): void => {
    const { accountId, number, text } = event.body;
    const lie: (what: string) => never = (what) => {
      throw new Lie('vouchers', place, what);
    };
    const opened = openVoucher(text, keys());
    if (!opened.ok || text.trim() !== text) return lie('takes a text that is no voucher signed by the county');
    const { value } = opened;
    if (value.county !== event.county || value.kiosk !== event.kiosk) return lie(`takes a voucher for ${value.county}/${value.kiosk}`);
    if (value.accountId !== accountId || value.number !== number || value.amount !== event.amt)
      return lie(`is not what its voucher says: ${value.amount} for ${value.accountId}, number ${value.number}`);
    if (!isRostered(accountId)) return lie(`takes a voucher of ${accountId}, whom the county does not know here`);
    const { beyond, covered, grantedIn } = of(accountId);
    if (number <= covered) return lie(`takes voucher ${number} of ${accountId}, which file ${grantedIn} has counted`);
    if (beyond.has(number)) return lie(`takes voucher ${number} of ${accountId} again`);
    if (restoredAfter !== null && (grantedIn ?? 0) <= restoredAfter)
      return lie(`takes a voucher of ${accountId}, whose rights the county has not told since a backup was put back`);
    accounts.set(accountId, { beyond: new Map([...beyond, [number, event.amt]]), covered, grantedIn });
    taken += 1;
  };

  return {
    grant({ a, g, v: covered = 0 }, downSeq, place) {
      const before = of(a);
      if (covered < before.covered) throw new Lie('vouchers', place, `the vouchers of ${a} that were granted fell`);
      const beyond = new Map([...before.beyond].filter(([number]) => number > covered));
      accounts.set(a, { beyond, covered, grantedIn: downSeq });
      const sum = [...beyond.values()].reduce((total, amount) => total + amount, g as number);
      if (sum > amountMax) throw new Lie('counters', place, `the rights of ${a} are beyond counting`);
      return points(sum);
    },
    ask({ a, b }, downSeq, place) {
      if (asked.downSeq !== downSeq && asked.answered === asked.lines.length)
        asked = { downSeq, lines: [], accounts: new Set(), answered: 0 };
      if (asked.accounts.has(a)) throw new Lie('returned rights', place, `asks rights of ${a} back twice`);
      asked.lines.push({ accountId: a, b });
      asked.accounts.add(a);
    },
    take(event, place, beside) {
      checkAnswered(event, place);
      if (event.kind === 'DOWN_APPLIED') applied = event.body.downSeq;
      else if (event.kind === 'RESTORED') restoredAfter = applied;
      else if (event.kind === 'RIGHTS_RETURNED') takeAnswer(event, place, beside.held);
      else if (event.kind === 'VOUCHER_IN') takeVoucher(event, place, beside);
    },
    end() {
      const due = asked.lines[asked.answered];
      if (due !== undefined)
        throw new Lie(
          'returned rights',
          `file ${asked.downSeq} of the county`,
          `asks for rights of ${due.accountId}, and no event answers`,
        );
    },
    compare(db) {
      const rows = db
        .prepare<[], { id: string; covered: number; grantedIn: number | null }>(
          'SELECT account_id AS id, covered, granted_in AS grantedIn FROM counter',
        )
        .iterate();
      for (const { id, covered, grantedIn } of rows) {
        const expected = of(id);
        if (covered !== expected.covered)
          throw new Lie('vouchers', `table counter, ${id}, covered`, `says ${covered}, the county's files make ${expected.covered}`);
        // null also where the file came before there were vouchers: it only keeps some out
        if (grantedIn !== null && grantedIn !== expected.grantedIn)
          throw new Lie(
            'vouchers',
            `table counter, ${id}, granted_in`,
            `says ${grantedIn}, the county's files make ${expected.grantedIn ?? 'none'}`,
          );
      }
    },
    report: () =>
      `${counted(taken, 'voucher')}, each the county's and counted once; ${counted(answers, 'request')} for rights, each answered at once`,
  };
}
