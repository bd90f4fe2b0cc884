// The statement of an account (可查询、可追溯): every act that touched it, with the day it happened, the moment the county posted it, what it
// moved and what was left. Reads the book and adds up; decides nothing.

import { type BookEvent } from '../../db/model/event.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { masterLine } from './master.ts';

/** Where a part of the account's points lies: the sum of all is its balance in the county. */
type Part = 'main' | 'esc' | 'due' | 'overdraft';

export interface StatementRow {
  /** Its number in the county's book. */
  readonly entry: number;
  /** The kind of the kiosk's event, or of the county's own act: award, allocate, ask, home … */
  readonly kind: string;
  /** Business date at the kiosk; of the county's own acts the day that they were made. */
  readonly day: string;
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
  /** What the account had after it. */
  readonly balance: number;
  /** What it was about, in the county's own words. */
  readonly about: string;
}

export interface Statement {
  readonly account: string;
  readonly home: string;
  readonly residents: readonly string[];
  readonly opening: number;
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
  let balance = 0;
  let opening = 0;
  const rows: StatementRow[] = [];
  for (const entry of entriesOf(db, account)) {
    const parts = partsOf(db, account, entry);
    const moved = parts.reduce((sum, { amount }) => sum + amount, 0);
    balance += moved;
    const row: StatementRow = { ...actOf(db, entry), entry, moved, parts, balance };
    const posted = businessDate(row.postedAt);
    if (until !== null && posted > until) {
      balance -= moved;
      break;
    }
    if (from !== null && posted < from) opening = balance;
    else rows.push(row);
  }
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

type Act = Pick<StatementRow, 'kind' | 'day' | 'postedAt' | 'at' | 'isRoaming' | 'about'>;

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
    return { kind: own.kind, day: businessDate(own.at), postedAt: own.at, at: null, isRoaming: false, about: own.about };
  }
  const said = JSON.parse(event.line) as BookEvent; // posted, so it was checked
  const shop = masterLine(db, { scope: event.kiosk, t: 'SHOP', key: event.kiosk })?.shop.zh ?? event.kiosk;
  return {
    kind: said.kind,
    day: said.day,
    postedAt: event.received_at ?? said.at,
    at: { kiosk: event.kiosk, shop, inc: event.inc, seq: event.seq },
    isRoaming: said.kind === 'SALE' && (said.body.redemption?.fromRoaming ?? 0) > 0,
    about: said.id,
  };
}
