// What the county took upon itself for residents when its book was put back: a kiosk had been told of points that nothing in the book gives
// them. Whatever brings those points home, because it is done or sent once more, repays that first, so that nobody has them twice; two persons
// may say that it never will be.

import { hash } from 'node:crypto';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { type Place, balanceOf, moved } from './ledger.ts';
import { wasPutBack } from './taken-up.ts';

const advancedKind = 'advanced';
const repaidKind = 'repaid';
const writtenOffKind = 'written_off';

/** Points of an account that a kiosk was told of, and that nothing has repaid yet; hundredths. */
export interface Advance {
  readonly account: string;
  readonly kiosk: string;
  readonly amount: number;
}

/** Points of several accounts that one file told a kiosk of, in one sentence, for people; pages/detail-words.ts says it in Chinese. */
export function advancedText(
  { kiosk, downSeq }: { readonly kiosk: string; readonly downSeq: number },
  advances: readonly Advance[],
): string {
  const { sum, names } = summed(advances);
  return `file ${downSeq} told ${kiosk} of ${sum} hundredths for ${advances.length} accounts and nothing in the book says why (${names}): the county advanced them; do again what was lost and award nothing for it, that repays them`;
}

function summed(amounts: readonly Pick<Advance, 'account' | 'amount'>[]): { readonly sum: number; readonly names: string } {
  const first = amounts.slice(0, accountsNamed).map(({ account, amount }) => `${account} ${amount}`);
  return {
    sum: amounts.reduce((total, { amount }) => total + amount, 0),
    names: `${first.join(', ')}${amounts.length > accountsNamed ? ', …' : ''}`,
  };
}

const accountsNamed = 3; // of the longest names that a file has; an exception has 500 letters

/** Takes what is missing upon the county: it lies unallocated. */
export function advance(act: CountyAct, { account, kiosk, amount }: Advance): void {
  act.enter(advancedKind, placeOf({ kiosk, account }));
  act.post(moved({ account: 'writeoff', holder: account, at: kiosk }, { account: 'main', holder: account }, amount));
}

/** What lies unallocated repays what was advanced, as part of the entry that brought it. Nothing in a book that was never put back. */
export function repayAdvances(act: CountyAct, account: string): void {
  for (const { kiosk, amount } of advancesOf(act.db, account)) {
    const back = Math.min(amount, balanceOf(act.db, { account: 'main', holder: account }));
    act.post(moved({ account: 'main', holder: account }, { account: 'writeoff', holder: account, at: kiosk }, back));
  }
}

/** The same, as an act of its own, where there is anything to repay. */
export function repayAdvancesByNight(act: CountyAct, account: string): void {
  if (advancesOf(act.db, account).length === 0) return;
  act.enter(repaidKind, account);
  repayAdvances(act, account);
}

/** What lies unallocated and is nobody else's: the rest repays what was advanced, by the next night. */
export function unclaimed(db: ReadableDatabase, account: string): number {
  const lying = balanceOf(db, { account: 'main', holder: account });
  return lying === 0 ? 0 : Math.max(0, lying - advancedTo(db, account));
}

/** What nothing has repaid yet of an account, all kiosks together; hundredths. */
export function advancedTo(db: ReadableDatabase, account: string): number {
  return advancesOf(db, account).reduce((sum, { amount }) => sum + amount, 0);
}

/** The same of each account between two names, both inclusive, to which anything was. */
export function advancedBetween(
  db: ReadableDatabase,
  { first, last }: { readonly first: string; readonly last: string },
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  if (!wasPutBack(db)) return sums;
  const open = prepared<[string, string], Advance>(db, `${advanced} AND posting.holder BETWEEN ? AND ? ${grouped}`).all(first, last);
  for (const { account, amount } of open) sums.set(account, (sums.get(account) ?? 0) + amount);
  return sums;
}

/** Every advance that is not repaid, by kiosk and account. */
export function openAdvances(db: ReadableDatabase): readonly Advance[] {
  return wasPutBack(db) ? prepared<[], Advance>(db, `${advanced} ${grouped}`).all() : [];
}

function advancesOf(db: ReadableDatabase, account: string): readonly Advance[] {
  return wasPutBack(db) ? prepared<[string], Advance>(db, `${advanced} AND posting.holder = ? ${grouped}`).all(account) : [];
}

/** What people may write off: an advance, and how much of what was advanced something has repaid; hundredths. */
export interface Repayable {
  readonly account: string;
  readonly open: number;
  readonly repaid: number;
}

/** Advances at a kiosk, of one account or of all (null), that nobody wrote off yet. */
export function repayableAt(
  db: ReadableDatabase,
  { kiosk, account }: { readonly kiosk: string; readonly account: string | null },
): readonly Repayable[] {
  const all = repayables(db, account).filter((each) => each.kiosk === kiosk);
  return all.map(({ account: of, open, repaid }) => ({ account: of, open, repaid }));
}

/** The same of each kiosk that has any. */
export function everyRepayable(db: ReadableDatabase): ReadonlyMap<string, readonly Repayable[]> {
  return Map.groupBy(repayables(db, null), ({ kiosk }) => kiosk);
}

/** What two persons see of these: another digest as soon as one of them is another. base64url. */
export function shownRepayable(advances: readonly Repayable[]): string {
  return hash('sha256', JSON.stringify(advances), 'base64url');
}

type RepayableAt = Repayable & { readonly kiosk: string };

/** All at once: a county that lost a list of awards advanced to all of its accounts. */
function repayables(db: ReadableDatabase, account: string | null): readonly RepayableAt[] {
  if (!wasPutBack(db)) return [];
  const [whose, of] = account === null ? [`IN (${everAdvanced})`, []] : ['= ?', [account]];
  const taken = prepared<string[], RepayableAt>(
    db,
    `SELECT posting.kiosk AS kiosk, posting.holder AS account, -sum(amount) AS open,
        sum(CASE WHEN act.kind IN ('${advancedKind}', '${writtenOffKind}') THEN 0 ELSE amount END) AS repaid
       ${ofAdvances} AND posting.holder ${whose} GROUP BY posting.kiosk, posting.holder ORDER BY posting.kiosk, posting.holder`,
  ).all(...of);
  const returned = new Map(
    prepared<string[], { about: string; amount: number }>(
      db,
      `SELECT about, sum(amount) AS amount FROM posting JOIN act ON act.entry = posting.entry
        WHERE posting.account = 'main' AND act.kind = '${writtenOffKind}' AND posting.holder <> '' AND posting.holder ${whose} GROUP BY about`,
    )
      .all(...of)
      .map(({ about, amount }) => [about, amount] as const),
  );
  return taken
    .map((each) => ({ ...each, repaid: each.repaid - (returned.get(placeOf(each)) ?? 0) }))
    .filter(({ open, repaid }) => open > 0 || repaid > 0);
}

/** What the acts of an advance, and of its writing off, are about. */
function placeOf({ kiosk, account }: Pick<Advance, 'kiosk' | 'account'>): string {
  return `${kiosk} ${account}`;
}

/** Accounts to which something was ever advanced. */
const everAdvanced = `SELECT first.holder FROM act AS given CROSS JOIN posting AS first
   WHERE first.entry = given.entry AND given.kind = '${advancedKind}' AND first.account = 'writeoff'`;

/**
 * Two persons say that nothing will give these points a second time: they stay the county's loss, which lies at no kiosk from then on, and
 * what had repaid them was the residents' own and is theirs again.
 */
export function writeOffAdvances(act: CountyAct, of: { readonly kiosk: string; readonly account: string | null }): void {
  for (const { account, open, repaid } of repayableAt(act.db, of)) {
    act.enter(writtenOffKind, placeOf({ kiosk: of.kiosk, account }));
    const forGood: Place = { account: 'writeoff', holder: account };
    act.post(moved(forGood, { ...forGood, at: of.kiosk }, open));
    act.post(moved(forGood, { account: 'main', holder: account }, repaid));
  }
}

/**
 * A list of before the loss was found after all: as much of each of its awards as was written off of the account since then was given already.
 * `epoch`: the book's when the list was released; what was written off under that one, or before, was never for this list. Returns what each
 * repaid. Of an account with another lost list the book does not know for which of them that was: people are told (repaidText).
 */
export function repayWrittenOff(
  act: CountyAct,
  awards: readonly { readonly account: string; readonly points: number }[],
  epoch: number,
): readonly Pick<Advance, 'account' | 'amount'>[] {
  const concerned = awards.filter(({ account }) => balanceOf(act.db, { account: 'writeoff', holder: account }) < 0);
  if (concerned.length === 0) return [];
  const epochOf = epochsOf(act.db);
  return concerned
    .map(({ account, points }) => ({ account, amount: repayOne(act, { account, points, epoch, epochOf }) }))
    .filter(({ amount }) => amount > 0);
}

function repayOne(
  act: CountyAct,
  {
    account,
    points,
    epoch,
    epochOf,
  }: { readonly account: string; readonly points: number; readonly epoch: number; readonly epochOf: EpochOf },
): number {
  const writtenOff = writtenOffSince(act.db, { account, epoch, epochOf });
  const back = Math.min(points, writtenOff, balanceOf(act.db, { account: 'main', holder: account }));
  if (back <= 0) return 0;
  act.enter(repaidKind, `${account}${ofEpoch}${epoch}`);
  act.post(moved({ account: 'main', holder: account }, { account: 'writeoff', holder: account }, back));
  return back;
}

/** What a list that was found repaid of what people had written off, for people; pages/detail-words.ts says it in Chinese. */
export function repaidText(batch: number, repaid: readonly Pick<Advance, 'account' | 'amount'>[]): string {
  const { sum, names } = summed(repaid);
  return `awards ${batch} of before the loss repaid ${sum} hundredths of ${repaid.length} accounts (${names}) that people had written off: if that was for another list, which nobody finds any more, award those points by a new list; if it is found, it gives them itself`;
}

/** Between an account and the epoch of the list that repaid what was written off of it. */
const ofEpoch = ' by a list of epoch ';

/** What was written off of an account under later epochs than that, less what lists have repaid of it: each the oldest that it can be of. */
function writtenOffSince(
  db: ReadableDatabase,
  { account, epoch, epochOf }: { readonly account: string; readonly epoch: number; readonly epochOf: EpochOf },
): number {
  const acts = prepared<[string], { entry: number; about: string; kind: string; amount: number }>(
    db,
    `SELECT act.entry AS entry, act.about AS about, act.kind AS kind, sum(amount) AS amount FROM posting JOIN act ON act.entry = posting.entry
      WHERE posting.account = 'writeoff' AND holder = ? AND holder <> '' AND kiosk = '' AND commodity = 'PTS'
        AND act.kind IN ('${writtenOffKind}', '${repaidKind}')
      GROUP BY act.entry, act.about, act.kind ORDER BY act.entry`,
  ).all(account);
  const open: { readonly epoch: number; left: number }[] = [];
  for (const { entry, about, kind, amount } of acts)
    if (kind === writtenOffKind) open.push({ epoch: epochOf(entry), left: -amount });
    else takeOldest(open, { after: Number(about.split(ofEpoch)[1] ?? 1), amount });
  return open.reduce((sum, each) => sum + (each.epoch > epoch ? each.left : 0), 0);
}

function takeOldest(
  open: readonly { readonly epoch: number; left: number }[],
  { after, amount }: { readonly after: number; readonly amount: number },
): void {
  let rest = amount;
  for (const each of open.filter((one) => one.epoch > after)) {
    const taken = Math.min(rest, each.left);
    each.left -= taken;
    rest -= taken;
  }
}

/** The epoch under which an act was entered. */
type EpochOf = (entry: number) => number;

/** By the acts by which the book was put back, which say theirs (county/evidence.ts). Reads every act of the county once. */
function epochsOf(db: ReadableDatabase): EpochOf {
  const told = prepared<[], { entry: number; about: string }>(db, `SELECT entry, about FROM act WHERE kind = 'put_back'`)
    .all()
    .map(({ entry, about }) => ({ entry, epoch: Number(/^epoch (\d+)/.exec(about)?.[1] ?? 1) }));
  return (entry) => Math.max(1, ...told.filter((each) => each.entry < entry).map(({ epoch }) => epoch));
}

/**
 * Taken by its own act; repaid or written off by another, or repaid as rights come home (payDebts of rights.ts). None of them writes anything
 * else off. That somebody holds it is said for the index of postings by their holder, which has no others.
 */
const ofAdvances = `FROM posting LEFT JOIN act ON act.entry = posting.entry LEFT JOIN event ON event.entry = posting.entry
   WHERE posting.account = 'writeoff' AND commodity = 'PTS' AND posting.kiosk <> '' AND posting.holder <> ''
     AND (act.kind IN ('${advancedKind}', '${repaidKind}', '${writtenOffKind}') OR event.kind = 'RIGHTS_RETURNED')`;
const advanced = `SELECT posting.holder AS account, posting.kiosk AS kiosk, -sum(amount) AS amount ${ofAdvances}`;
const grouped = 'GROUP BY posting.holder, posting.kiosk HAVING sum(amount) < 0 ORDER BY posting.kiosk, posting.holder';
