// What moved between two nights of the county's book, as figures: what each shop sent up, what goes back down, and the accounts concerned.
// For people to look at; decides and changes nothing.

import { amountMax } from '../../db/model/amounts.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { countyBalance } from '../book/ledger.ts';
import { everyKiosk, masterOfKind } from '../book/master.ts';
import { countersAt, nowhere } from '../book/rights.ts';
import type { NightOutcome } from '../night.ts';

/** Points in hundredths. */
export interface Up {
  readonly kiosk: string;
  readonly files: readonly number[];
  readonly events: number;
  readonly sales: number;
  readonly redeemed: number;
  readonly credited: number;
  /** Given back by returns of goods and taken back of credits. */
  readonly returned: number;
  readonly reversed: number;
  /** Rights given back to the county. */
  readonly handedBack: number;
}

export interface Down {
  readonly kiosk: string;
  /** Null: no file, because the kiosk is held or never began. */
  readonly downSeq: number | null;
  readonly lines: number;
  /** New rights, and for how many accounts. */
  readonly granted: number;
  readonly grants: number;
  /** Roaming that the county funded, so that the shop's line is whole again. */
  readonly roamingSettled: number;
  /** Rights that the file asks back, and of how many accounts. */
  readonly askedBack: number;
  readonly asks: number;
  readonly settlements: readonly { readonly number: number; readonly state: 'accepted' | 'paid'; readonly paidFen: number | null }[];
}

export interface AccountMoved {
  readonly account: string;
  readonly name: string | null;
  readonly before: number;
  readonly after: number;
  /** Rights by kiosk, after. */
  readonly rights: readonly { readonly kiosk: string; readonly amount: number }[];
  /** Spent on roaming and not funded yet. */
  readonly due: number;
  /** Taken back of awards, and shops are asked for it still. */
  readonly takenBackDue: number;
}

export interface Moved {
  readonly up: readonly Up[];
  readonly down: readonly Down[];
  readonly accounts: readonly AccountMoved[];
  /** Accounts concerned beyond those that are listed. */
  readonly more: number;
}

/** On one page; a demo's evening concerns a few. */
const accountsShown = 20;

/** `before`: the newest entry of the night before; `night`: the newest before this one began. */
export function whatMoved(
  db: ReadableDatabase,
  { before, night, outcomes }: { readonly before: number; readonly night: number; readonly outcomes: readonly NightOutcome[] },
): Moved {
  const concerned = prepared<[number, number], { holder: string }>(
    db,
    `SELECT DISTINCT holder FROM posting WHERE entry > ? AND account IN ('main', 'esc', 'due', 'overdraft')
      UNION SELECT DISTINCT account FROM event WHERE entry > ? AND account IS NOT NULL ORDER BY 1`,
  ).all(before, before);
  const shown = concerned.slice(0, accountsShown).map(({ holder }) => holder);
  const names = namesOf(db, new Set(shown));
  return {
    up: upOf(db, before),
    down: outcomes.map((outcome) => downOf(db, outcome, night)),
    accounts: shown.map((account) => accountMoved(db, { account, before, name: names.get(account) ?? null })),
    more: concerned.length - shown.length,
  };
}

function upOf(db: ReadableDatabase, before: number): readonly Up[] {
  const kinds = prepared<[number], { kiosk: string; kind: string; n: number; amt: number }>(
    db,
    'SELECT kiosk, kind, count(*) AS n, sum(amt) AS amt FROM event WHERE entry > ? GROUP BY kiosk, kind',
  ).all(before);
  const files = prepared<[number], { kiosk: string; file: number }>(
    db,
    'SELECT DISTINCT kiosk, file_inc, file_seq AS file FROM event WHERE entry > ? ORDER BY kiosk, file_inc, file_seq',
  ).all(before);
  return [...new Set(files.map(({ kiosk }) => kiosk))].map((kiosk) => {
    const of = kinds.filter((each) => each.kiosk === kiosk);
    const sum = (kind: string): number => of.find((each) => each.kind === kind)?.amt ?? 0;
    return {
      kiosk,
      files: files.filter((each) => each.kiosk === kiosk).map(({ file }) => file),
      events: of.reduce((all, { n }) => all + n, 0),
      sales: of.find(({ kind }) => kind === 'SALE')?.n ?? 0,
      redeemed: sum('SALE'),
      credited: sum('CREDIT'),
      returned: sum('RETURNED'),
      reversed: sum('CREDIT_REVERSED'),
      handedBack: sum('RIGHTS_RETURNED'),
    };
  });
}

function downOf(db: ReadableDatabase, outcome: NightOutcome, night: number): Down {
  const { kiosk } = outcome;
  if (outcome.kind !== 'written')
    return { kiosk, downSeq: null, lines: 0, granted: 0, grants: 0, roamingSettled: 0, askedBack: 0, asks: 0, settlements: [] };
  const told = prepared<[string, number], { account: string; granted: number | null; settled: number | null }>(
    db,
    'SELECT account, granted, settled FROM down_line WHERE kiosk = ? AND down_seq = ?',
  ).all(kiosk, outcome.downSeq);
  const earlier = prepared<[string, string, number], { granted: number | null; settled: number | null }>(
    db,
    'SELECT max(granted) AS granted, max(settled) AS settled FROM down_line WHERE kiosk = ? AND account = ? AND down_seq < ?',
  );
  let [granted, grants, roamingSettled] = [0, 0, 0];
  for (const line of told) {
    const was = earlier.get(kiosk, line.account, outcome.downSeq)!; // an aggregate has a row
    const more = line.granted === null ? 0 : line.granted - (was.granted ?? 0);
    granted += more;
    grants += more > 0 ? 1 : 0;
    roamingSettled += line.settled === null ? 0 : line.settled - (was.settled ?? 0);
  }
  const settlements = prepared<[string, number], Down['settlements'][number]>(
    db,
    'SELECT number, state, paid_fen AS "paidFen" FROM settlement_word WHERE kiosk = ? AND entry > ? ORDER BY entry',
  ).all(kiosk, Math.min(night, lastTold(db, kiosk, outcome.downSeq)));
  const asked = askedBackOf(db, kiosk, lastTold(db, kiosk, outcome.downSeq));
  return { kiosk, downSeq: outcome.downSeq, lines: outcome.lines, granted, grants, roamingSettled, ...asked, settlements };
}

/** What the RETURN_REQ lines of a file ask for that tells what changed after `told`, beyond what the kiosk gave back before. */
function askedBackOf(db: ReadableDatabase, kiosk: string, told: number): Pick<Down, 'askedBack' | 'asks'> {
  const rows = prepared<[string, number], { account: string; asked: number; held: number }>(
    db,
    `SELECT given.account AS account, asked, coalesce(amount, 0) AS held
       FROM given LEFT JOIN balance ON balance.account = 'esc' AND holder = given.account AND balance.kiosk = given.kiosk AND commodity = 'PTS'
      WHERE given.kiosk = ? AND asked IS NOT NULL AND changed_entry > ?`,
  ).all(kiosk, told);
  // amountMax: everything that lies there
  const amounts = rows.map(({ account, asked, held }) => (asked === amountMax ? held : asked - countersAt(db, { kiosk, account }).b));
  return { askedBack: amounts.reduce((sum, amount) => sum + Math.max(0, amount), 0), asks: rows.length };
}

/** A payment that came in during the day is told by this file, too: the entry of the one before it that told something. */
function lastTold(db: ReadableDatabase, kiosk: string, downSeq: number): number {
  return (
    prepared<[string, number], { entry: number | null }>(
      db,
      'SELECT max(entry) AS entry FROM down_file WHERE kiosk = ? AND down_seq < ? AND tells = 1',
    ).get(kiosk, downSeq)!.entry ?? 0
  ); // an aggregate has a row
}

function accountMoved(
  db: ReadableDatabase,
  { account, before, name }: { readonly account: string; readonly before: number; readonly name: string | null },
): AccountMoved {
  const since = prepared<[number, string], { amount: number | null }>(
    db,
    `SELECT sum(amount) AS amount FROM posting WHERE entry > ? AND holder = ? AND account IN ('main', 'esc', 'due', 'overdraft') AND commodity = 'PTS'`,
  ).get(before, account)!.amount; // an aggregate has a row
  const places = prepared<[string], { account: string; kiosk: string; amount: number }>(
    db,
    `SELECT account, kiosk, amount FROM balance WHERE holder = ? AND account IN ('esc', 'due') AND commodity = 'PTS' AND amount <> 0 ORDER BY kiosk`,
  ).all(account);
  const after = countyBalance(db, account);
  return {
    account,
    name,
    before: after - (since ?? 0),
    after,
    rights: places.filter((place) => place.account === 'esc').map(({ kiosk, amount }) => ({ kiosk, amount })),
    due: dueOf(places.filter(({ kiosk }) => kiosk !== nowhere)),
    takenBackDue: dueOf(places.filter(({ kiosk }) => kiosk === nowhere)),
  };
}

function dueOf(places: readonly { readonly account: string; readonly amount: number }[]): number {
  return places.reduce((sum, { account, amount }) => (account === 'due' ? sum - amount : sum), 0);
}

/** One name for each account, as the kiosks show it. */
function namesOf(db: ReadableDatabase, accounts: ReadonlySet<string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { resident } of masterOfKind(db, { scope: everyKiosk, t: 'RESIDENT' })) {
    const { accountId, name } = resident;
    if (accounts.has(accountId) && !names.has(accountId)) names.set(accountId, name);
  }
  return names;
}
