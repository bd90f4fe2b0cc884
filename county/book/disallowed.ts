// Recycling credits that the county does not allow (reclaims.ts; reconciliation.md R3 and R8 11): of a desk that cheated, over its caps, or
// of which the till could take nothing back any more. By the ticket that the resident holds, wholly or in part.

import { type Result, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import { type Column, type List, type ListRefusal, type RowFault, hundredths, readList } from './list-file.ts';
import {
  type CreditPlace,
  type CreditState,
  creditAt,
  dayOfCredit,
  disallowKind,
  giveBackExpired,
  giveBackTwice,
  leftOfCredit,
} from './reclaimed.ts';
import { type ReclaimPreview, outlookOf } from './reclaim-outlook.ts';
import { type ReclaimRow, pointsCell, pointsOfCell } from './reclaim-rows.ts';
import { type Reclaim, type ReclaimKind, type WordRefusal, isUnfinished, postRow, proposeReclaim, wordRefusal } from './reclaims.ts';
import { findPaper } from './statement.ts';

type CreditColumn = 'ticket' | 'points';
/** Of a list that an office gives: no points are all that is left of the credit. */
export const creditColumns: readonly Column<CreditColumn>[] = [
  { name: 'ticket', zh: ['回收凭条', '凭条', '凭条号', '凭条编号'], isNeeded: true },
  { name: 'points', zh: ['积分', '分值', '收回积分'], isNeeded: false },
];

/** More are given in several lists: each is judged within the one act that releases it. */
const creditsMax = 5_000;

/** One credit by the number of its ticket, so much of it (hundredths) or all that is left (null); or as a list says. */
export type WantedCredits =
  | { readonly is: 'one'; readonly ticket: string; readonly points: number | null }
  | { readonly is: 'list'; readonly list: string | Uint8Array };

/** A credit, and what is taken back of it. */
export interface CreditRow extends ReclaimRow, CreditPlace {
  /** As the resident's paper names it, or by its place (placeOf). */
  readonly ticket: string;
}

/** Credits that the county disallows. */
export const disallowing: ReclaimKind<CreditRow> = {
  name: 'credits',
  columns: ['ticket', 'account', 'kiosk', 'inc', 'seq', 'points'],
  cellsOf: ({ ticket, account, kiosk, inc, seq, points }) => [ticket, account, kiosk, String(inc), String(seq), pointsCell(points)],
  rowOf: ({ ticket = '', account = '', kiosk = '', inc, seq, points = '' }) => ({
    ticket,
    account,
    kiosk,
    inc: Number(inc),
    seq: Number(seq),
    points: pointsOfCell(points),
  }),
  nameOf: ({ ticket }) => ticket,
  sourceOf: ({ kiosk, inc, seq }) => `${kiosk}/${inc}/${seq}`,
  givenOn: (db, row) => dayOfCredit(db, row),
  judge: () => Promise.resolve(ok({ of: barredOf })),
  post(act, { reclaim: { number, reason }, rows, n }) {
    for (const [i, row] of rows.entries()) {
      const { ticket, account, kiosk } = row;
      const about = `${ticket} ${account} ${number} ${reason}`;
      const to = { account: 'recycling_issue', at: kiosk } as const;
      const entry = postRow(act, { ...row, number, n: n + i, kind: disallowKind, about, to });
      const twice = giveBackTwice(act, row, entry); // its till may have taken it back since it was released, or before in a book that was put back
      giveBackExpired(act, account, { amount: row.points - twice, givenOn: dayOfCredit(act.db, row) });
    }
  },
  entryOf: ({ number, rows, points, sha256 }) => ({ t: 'CREDITS_TAKEN_BACK', number, rows, points, sha256 }),
  titleOf: ({ number }) => `disallowing ${number} of credits`,
};

/** What its till took back is no bar where it is done again: then what both take comes back (giveBackTwice). */
function barredOf(
  db: ReadableDatabase,
  slices: Iterable<readonly CreditRow[]>,
  is: 'first' | 'again',
): { readonly beyond: string[]; readonly missing: string[] } {
  const beyond: string[] = [];
  const missing: string[] = [];
  for (const row of [...slices].flat()) {
    const credit = creditAt(db, row);
    if (credit?.account !== row.account || !isKnown(db, row.account)) missing.push(row.ticket);
    else if (row.points > leftOfCredit(is === 'first' ? credit : { ...credit, reversed: 0, borne: 0 })) beyond.push(row.ticket);
  }
  return { beyond, missing };
}

function isKnown(db: ReadableDatabase, account: string): boolean {
  return prepared<[string], object>(db, 'SELECT 1 FROM account WHERE account = ?').get(account) !== undefined;
}

export interface CreditsPreview extends ReclaimPreview {
  readonly faults: readonly RowFault[];
}

export type CreditsRefusal = ListRefusal | 'unfinished';

/** What a wish would take back of credits. One with faults is proposed by nobody. */
export async function previewDisallowing(book: CountyBook, wanted: WantedCredits): Promise<Result<CreditsPreview, CreditsRefusal>> {
  const read = await wantedRows(book, wanted);
  if (!read.ok) return read;
  const { rows, faults } = read.value;
  return ok({ ...(await outlookOf(book, disallowing, { about: '', rows })), faults });
}

/** Keeps it until another person releases it; what waited of the same ticket before is replaced. Nothing moves. */
export async function proposeDisallowing(
  book: CountyBook,
  { wanted, reason, by }: { readonly wanted: WantedCredits; readonly reason: string; readonly by: string },
): Promise<Result<Reclaim, CreditsRefusal | 'faulty' | 'nothing' | WordRefusal>> {
  const wrong = wordRefusal({ reason, by });
  if (wrong !== null) return fail(wrong);
  const read = await wantedRows(book, wanted);
  if (!read.ok) return read;
  const { rows, faults } = read.value;
  if (faults.length > 0) return fail('faulty');
  const [first] = rows;
  const about = rows.length === 1 && first !== undefined ? first.ticket : '';
  return proposeReclaim(book, disallowing, { about, rows, reason, by });
}

async function wantedRows(
  book: CountyBook,
  wanted: WantedCredits,
): Promise<Result<{ readonly rows: readonly CreditRow[]; readonly faults: readonly RowFault[] }, CreditsRefusal>> {
  const list = wanted.is === 'list' ? await readList(wanted.list, creditColumns, { rowsMax: creditsMax }) : null;
  if (list?.ok === false) return list;
  return book.read((db) => {
    if (isUnfinished(db, disallowing, '')) return fail('unfinished');
    const given = wanted.is === 'one' ? oneListed(wanted) : (list?.value ?? { rows: [], faults: [] });
    return ok(listedRows(db, given));
  });
}

function oneListed({ ticket, points }: WantedCredits & { readonly is: 'one' }): Pick<List<CreditColumn>, 'rows' | 'faults'> {
  return { rows: [{ row: 1, cells: { ticket, points: points === null ? '' : pointsCell(points) } }], faults: [] };
}

function listedRows(
  db: ReadableDatabase,
  { rows: given, faults: unread }: Pick<List<CreditColumn>, 'rows' | 'faults'>,
): { readonly rows: readonly CreditRow[]; readonly faults: readonly RowFault[] } {
  const faults = [...unread];
  const rows: CreditRow[] = [];
  const seen = new Set<string>();
  for (const { row, cells } of given) {
    const read = rowOf(db, cells, seen);
    if ('what' in read) faults.push({ row, ...read });
    else rows.push(read);
  }
  return faults.length > 0 ? { rows: [], faults } : { rows, faults };
}

/** What a row means, or what is wrong with it. `seen`: places of the rows above. */
function rowOf(
  db: ReadableDatabase,
  { ticket, points }: { readonly ticket: string; readonly points: string },
  seen: Set<string>,
): CreditRow | Pick<RowFault, 'what'> {
  const found = findCredit(db, ticket.trim());
  if (found === null) return { what: `${ticket.slice(0, 40)} is no ticket of a credit that the county has` };
  const { place, credit } = found;
  const { account } = credit;
  if (!isKnown(db, account))
    return { what: `the county does not know account ${account.slice(0, 40)} of ticket ${ticket}: its points are in suspense` };
  const name = `${place.kiosk}/${place.inc}/${place.seq}`;
  if (seen.has(name)) return { what: `${ticket} stands twice in this list` };
  seen.add(name);
  const left = leftOfCredit(credit);
  const amount = points === '' ? left : hundredths(points);
  if (left === 0) return { what: `nothing is left of ticket ${ticket}` };
  if (amount === null || amount === 0) return { what: `${points.slice(0, 40)} is no amount of points` };
  return amount > left
    ? { what: `${amount / 100} points are more than are left of ticket ${ticket}: ${left / 100}` }
    : { ...place, ticket: ticket.trim(), account, points: amount };
}

/** kiosk/incarnation/event: of a credit whose event is lost, and that was entered by its paper. */
const placeShape = /^([^%/\s",]{1,40})\/(\d{1,9})\/(\d{1,15})$/;

/** The credit of a ticket, as it is printed; of one that was entered by its paper, by the place that its code names. Null: none. */
function findCredit(db: ReadableDatabase, ticket: string): { readonly place: CreditPlace; readonly credit: CreditState } | null {
  const place = placeOf(db, ticket);
  const credit = place === null ? null : creditAt(db, place);
  return place === null || credit === null ? null : { place, credit };
}

function placeOf(db: ReadableDatabase, ticket: string): CreditPlace | null {
  const [, kiosk, inc, seq] = placeShape.exec(ticket) ?? [];
  if (kiosk !== undefined) return { kiosk, inc: Number(inc), seq: Number(seq) };
  const paper = findPaper(db, ticket);
  return paper?.kind === 'CREDIT' ? { kiosk: paper.kiosk, inc: paper.inc, seq: paper.seq } : null;
}
