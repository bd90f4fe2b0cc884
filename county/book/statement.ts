// The statement of an account (可查询、可追溯): every act that touched it, with the day it happened, the moment the county posted it, what it
// moved and what was left. Reads the book and adds up; decides nothing.

import { type BookEvent } from '../../db/model/event.ts';
import { hasPaper, numberOnPaper } from '../../db/model/paper-number.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { reasonOf } from './award-reasons.ts';
import { masterLine } from './master.ts';
import { disallowKind, expireKind, takeBackKind } from './reclaimed.ts';

/** Where a part of the account's points lies: the sum of all is its balance in the county. */
type Part = 'main' | 'esc' | 'due' | 'overdraft';

export interface StatementRow {
  /** Its number in the county's book. */
  readonly entry: number;
  /** The kind of the kiosk's event, or of the county's own act: award, allocate, ask, home … */
  readonly kind: string;
  /** Business date at the kiosk; of the county's own acts the day that they were made. */
  readonly day: string;
  /** When it was done, epoch ms: by the kiosk's clock; the county's own acts by the county's. */
  readonly doneAt: number;
  /** When the county posted it, epoch ms. */
  readonly postedAt: number;
  /** Where it happened; null: at the county. */
  readonly at: { readonly kiosk: string; readonly shop: string; readonly inc: number; readonly seq: number } | null;
  /** True where it was not at the home of then: spent on the roaming line. */
  readonly isRoaming: boolean;
  /** What it added to the account's points, hundredths; 0 where it only moved rights, or paid in cash. */
  readonly moved: number;
  /** Where its points went from and to. */
  readonly parts: readonly { readonly part: Part; readonly kiosk: string; readonly amount: number }[];
  /** What the account had after it and all that stands before it. */
  readonly balance: number;
  /** The number on the paper of it, which the resident holds: a receipt's, a ticket's, of a ticket taken back the ticket's; null: none. */
  readonly paper: string | null;
  /** Of a voucher, given or taken: whether the kiosk asked for it over the network, or a person carries it; null: the book cannot tell, or it is none. */
  readonly isDrawn: boolean | null;
  /** What it was about: the county's own words; of an event its id. */
  readonly about: string;
}

export interface Statement {
  readonly account: string;
  readonly home: string;
  readonly residents: readonly string[];
  readonly opening: number;
  /** In the order of their doing: a sale after the day's closing is of the next business date, and stands where it was made. */
  readonly rows: readonly StatementRow[];
  /** opening + Σ moved. */
  readonly closing: number;
  /** What the closing consists of: rights at each kiosk, what is not allocated, due and owed. */
  readonly held: readonly { readonly part: Part; readonly kiosk: string; readonly amount: number }[];
  /** What waits for a person's decision and is not in the balance. */
  readonly suspense: number;
}

/** Of an account, the acts posted on the days from `from` through `until` (business dates of the posting; null: no bound). */
export function statementOf(
  db: ReadableDatabase,
  { account, from = null, until = null }: { readonly account: string; readonly from?: string | null; readonly until?: string | null },
): Result<Statement, 'unknown_account'> {
  const home = prepared<[string], { home: string }>(db, 'SELECT home FROM account WHERE account = ?').get(account)?.home;
  if (home === undefined) return fail('unknown_account');
  let opening = 0;
  const acts: Omit<StatementRow, 'balance'>[] = [];
  for (const entry of entriesOf(db, account)) {
    const parts = partsOf(db, account, entry);
    const moved = parts.reduce((sum, { amount }) => sum + amount, 0);
    const act = { ...actOf(db, entry), entry, moved, parts };
    const posted = businessDate(act.postedAt);
    if (until !== null && posted > until) break;
    if (from !== null && posted < from) opening += moved;
    else acts.push(act);
  }
  let balance = opening;
  const rows = acts
    .toSorted((a, b) => a.doneAt - b.doneAt || a.entry - b.entry)
    .map((act): StatementRow => ({ ...act, balance: (balance += act.moved) }));
  const held = until === null ? heldBy(db, account) : [];
  assert(
    until !== null || held.reduce((sum, { amount }) => sum + amount, 0) === balance,
    'a statement closes with the balance of the book',
  );
  const suspense = prepared<[string], { amount: number | null }>(
    db,
    `SELECT sum(amount) AS amount FROM balance WHERE account = 'suspense' AND holder = ? AND commodity = 'PTS'`,
  ).get(account)!.amount; // an aggregate has a row
  const residents = prepared<[string], { resident: string }>(db, 'SELECT resident FROM resident WHERE account = ? ORDER BY resident').all(
    account,
  );
  return ok({
    account,
    home,
    residents: residents.map(({ resident }) => resident),
    opening,
    rows,
    closing: balance,
    held,
    suspense: suspense ?? 0,
  });
}

/** Entries that moved the account's points, and events at tills that named it without moving any, in the order of posting. */
function entriesOf(db: ReadableDatabase, account: string): readonly number[] {
  return prepared<[string, string], { entry: number }>(
    db,
    `SELECT entry FROM posting WHERE holder = ? AND holder <> '' AND commodity = 'PTS'
     UNION SELECT entry FROM event WHERE account = ? AND account IS NOT NULL ORDER BY entry`,
  )
    .all(account, account)
    .map(({ entry }) => entry);
}

function partsOf(db: ReadableDatabase, account: string, entry: number): StatementRow['parts'] {
  return prepared<[string, number], { part: Part; kiosk: string; amount: number }>(
    db,
    `SELECT account AS part, kiosk, sum(amount) AS amount FROM posting
      WHERE holder = ? AND holder <> '' AND entry = ? AND commodity = 'PTS' AND account IN ('main', 'esc', 'due', 'overdraft')
      GROUP BY account, kiosk HAVING sum(amount) <> 0 ORDER BY account, kiosk`,
  ).all(account, entry);
}

function heldBy(db: ReadableDatabase, account: string): Statement['held'] {
  return (['main', 'esc', 'due', 'overdraft'] as const).flatMap((part) =>
    prepared<[string, string], { part: Part; kiosk: string; amount: number }>(
      db,
      `SELECT account AS part, kiosk, amount FROM balance WHERE account = ? AND holder = ? AND commodity = 'PTS' AND amount <> 0 ORDER BY kiosk`,
    ).all(part, account),
  );
}

/** A book that was put back posts an award once more, days after it was released: it stands where it was done, before what it was spent on. */
function releasedAt(db: ReadableDatabase, about: string, postedAt: number): number {
  const batch = Number(about.split(' ', 1)[0]); // awards.ts wrote it
  const row = prepared<[number], { at: number }>(db, 'SELECT at FROM award_release WHERE batch = ?').get(batch);
  return row?.at ?? postedAt; // one of a long list that is half released has none yet
}

/** And so does what was taken back of it. */
function takenBackAt(db: ReadableDatabase, entry: number, postedAt: number): number {
  const row = prepared<[number, number], { at: number }>(
    db,
    `SELECT at FROM taken_back JOIN take_back_release ON take_back_release.number = taken_back.number WHERE entry = ?
     UNION ALL SELECT at FROM reclaimed JOIN reclaim_release ON reclaim_release.number = reclaimed.number WHERE entry = ?`,
  ).get(entry, entry);
  return row?.at ?? postedAt;
}

const reclaimedKinds: readonly string[] = [takeBackKind, disallowKind, expireKind];

type Act = Pick<StatementRow, 'kind' | 'day' | 'doneAt' | 'postedAt' | 'at' | 'isRoaming' | 'paper' | 'isDrawn' | 'about'>;

function actOf(db: ReadableDatabase, entry: number): Act {
  const event = prepared<[number], { kiosk: string; inc: number; seq: number; line: string; received_at: number | null }>(
    db,
    `SELECT event.kiosk AS kiosk, event.inc AS inc, event.seq AS seq, event.line AS line,
            (SELECT min(received_at) FROM up_file WHERE up_file.kiosk = event.kiosk AND up_file.inc = event.file_inc AND up_file.file_seq = event.file_seq) AS received_at
       FROM event WHERE event.entry = ?`,
  ).get(entry);
  if (event === undefined) {
    const own = prepared<[number], { kind: string; about: string; at: number }>(db, 'SELECT kind, about, at FROM act WHERE entry = ?').get(
      entry,
    );
    assert(own !== undefined, 'an entry is an event or an act of the county');
    const { kind, about, at } = own;
    const doneAt = kind === 'award' ? releasedAt(db, about, at) : reclaimedKinds.includes(kind) ? takenBackAt(db, entry, at) : at;
    const [first = '', account = '', number = ''] = about.split(' '); // of a voucher its kiosk, of an award its batch
    const isDrawn = kind === 'voucher' ? isDrawnVoucher(db, { kiosk: first, account, number: Number(number) }) : null;
    const reason = kind === 'award' ? reasonOf(db, { batch: first, entry }) : '';
    const said = reason === '' ? about : `${about} ${reason}`;
    return { kind, day: businessDate(doneAt), doneAt, postedAt: at, at: null, isRoaming: false, paper: null, isDrawn, about: said };
  }
  const said = JSON.parse(event.line) as BookEvent; // posted, so it was checked
  const shop = masterLine(db, { scope: event.kiosk, t: 'SHOP', key: event.kiosk })?.shop.zh ?? event.kiosk;
  return {
    kind: said.kind,
    day: said.day,
    doneAt: said.at,
    postedAt: event.received_at ?? said.at,
    at: { kiosk: event.kiosk, shop, inc: event.inc, seq: event.seq },
    isRoaming: said.kind === 'SALE' && (said.body.redemption?.fromRoaming ?? 0) > 0,
    paper: paperOf(db, said),
    isDrawn:
      said.kind === 'VOUCHER_IN'
        ? isDrawnVoucher(db, { kiosk: event.kiosk, account: said.body.accountId, number: said.body.number })
        : null,
    about: said.id,
  };
}

/** One that a put-back lost and took up again names its kiosk, too, and no question of it is left. */
function isDrawnVoucher(
  db: ReadableDatabase,
  { kiosk, account, number }: { readonly kiosk: string; readonly account: string; readonly number: number },
): boolean | null {
  const row = prepared<[string, string, number], { by: string; drawn: number }>(
    db,
    `SELECT asked_by AS by, (SELECT count(*) FROM draw WHERE draw.kiosk = voucher.kiosk AND draw.account = voucher.account AND draw.number = voucher.number) AS drawn
       FROM voucher WHERE kiosk = ? AND account = ? AND number = ?`,
  ).get(kiosk, account, number);
  if (row === undefined) return null;
  if (row.drawn > 0) return true;
  return row.by === kiosk ? null : false;
}

function paperOf(db: ReadableDatabase, said: BookEvent): string | null {
  if (hasPaper(said)) return numberOnPaper(said);
  if (said.kind !== 'CREDIT_REVERSED' && said.kind !== 'CREDIT_DISPUTED') return null;
  const credit = prepared<[string, string], { line: string }>(
    db,
    `SELECT line FROM event WHERE id = ? AND kiosk = ? AND kind = 'CREDIT' ORDER BY entry LIMIT 1`,
  ).get(said.body.creditId, said.kiosk);
  return credit === undefined ? null : paperOf(db, JSON.parse(credit.line) as BookEvent); // posted, so it was checked
}

export interface FoundPaper {
  readonly number: string;
  readonly kind: 'SALE' | 'CREDIT' | 'RETURNED';
  readonly day: string;
  readonly kiosk: string;
  /** Of its event, as the county has it. */
  readonly inc: number;
  readonly seq: number;
  /** null: nobody's points were concerned. */
  readonly account: string | null;
}

/** The act behind an event that the book has: its paper, and whose it was. null: the book has no such event. */
export function actOfEvent(
  db: ReadableDatabase,
  { kiosk, inc, seq }: { readonly kiosk: string; readonly inc: number; readonly seq: number },
): { readonly kind: string; readonly day: string; readonly paper: string | null; readonly account: string | null } | null {
  const row = prepared<[string, number, number], { line: string; account: string | null }>(
    db,
    'SELECT line, account FROM event WHERE kiosk = ? AND inc = ? AND seq = ?',
  ).get(kiosk, inc, seq);
  if (row === undefined) return null;
  const said = JSON.parse(row.line) as BookEvent; // posted, so it was checked
  return { kind: said.kind, day: said.day, paper: paperOf(db, said), account: row.account };
}

/** Kiosk, incarnation, kind, counter (paper-number.ts). A kiosk's name has neither sign that LIKE reads as any text. */
const paperNumberShape = /^([^%_\s"]{1,30}?)(?:\.(\d{1,6}))?-([RT]?)\d{6,12}$/;

const kindOfLetter = { '': 'SALE', R: 'CREDIT', T: 'RETURNED' } as const;

/** The act whose receipt, ticket or return slip has this number: whoever holds the paper finds the account. null: no such paper came. */
export function findPaper(db: ReadableDatabase, number: string): FoundPaper | null {
  const [, kiosk, inc = '1', letter = ''] = paperNumberShape.exec(number) ?? [];
  if (kiosk === undefined) return null;
  const kind = kindOfLetter[letter as keyof typeof kindOfLetter]; // the shape has no other
  const rows = prepared<[string, number, string, string], { line: string; account: string | null; seq: number }>(
    db,
    'SELECT line, account, seq FROM event WHERE kiosk = ? AND inc = ? AND kind = ? AND line LIKE ? ORDER BY seq',
  ).all(kiosk, Number(inc), kind, `%"${number}"%`); // a return names its sale's receipt, too: compared below
  for (const { line, account, seq } of rows) {
    const said = JSON.parse(line) as BookEvent; // posted, so it was checked
    if (hasPaper(said) && numberOnPaper(said) === number) return { number, kind, day: said.day, kiosk, inc: Number(inc), seq, account };
  }
  return null;
}

/** What is said where an account is asked for and there is none: the numbers of papers look alike, and one of ours says whose it is. */
export function noAccount(db: ReadableDatabase, account: string): string {
  const owner = findPaper(db, account)?.account ?? null;
  return `no account ${account}${owner === null ? '' : `: it is the number of a paper of account ${owner}`}`;
}
