// What the county took upon itself for residents when its book was put back: a kiosk had been told of points that nothing in the book gives
// them. Whatever brings those points home, because it is done or sent once more, repays that first, so that nobody has them twice.

import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';
import { balanceOf, moved } from './ledger.ts';

const advancedKind = 'advanced';
const repaidKind = 'repaid';

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
  const sum = advances.reduce((total, { amount }) => total + amount, 0);
  const first = advances.slice(0, accountsNamed).map(({ account, amount }) => `${account} ${amount}`);
  const names = `${first.join(', ')}${advances.length > accountsNamed ? ', …' : ''}`;
  return `file ${downSeq} told ${kiosk} of ${sum} hundredths for ${advances.length} accounts and nothing in the book says why (${names}): the county advanced them; do again what was lost and award nothing for it, that repays them`;
}

const accountsNamed = 3; // of the longest names that a file has; an exception has 500 letters

/** Takes what is missing upon the county: it lies unallocated. */
export function advance(act: CountyAct, { account, kiosk, amount }: Advance): void {
  act.enter(advancedKind, `${kiosk} ${account}`);
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

/** Every advance that is not repaid, by kiosk and account. */
export function openAdvances(db: ReadableDatabase): readonly Advance[] {
  return wasPutBack(db) ? prepared<[], Advance>(db, `${advanced} ${grouped}`).all() : [];
}

function advancesOf(db: ReadableDatabase, account: string): readonly Advance[] {
  return wasPutBack(db) ? prepared<[string], Advance>(db, `${advanced} AND posting.holder = ? ${grouped}`).all(account) : [];
}

function wasPutBack(db: ReadableDatabase): boolean {
  return prepared<[], object>(db, 'SELECT 1 FROM county WHERE put_back_entry > 0').get() !== undefined;
}

/** Taken by its own act; repaid by another, or as rights come home (payDebts of rights.ts). None of them writes anything else off. */
const advanced = `SELECT posting.holder AS account, posting.kiosk AS kiosk, -sum(amount) AS amount FROM posting
    LEFT JOIN act ON act.entry = posting.entry LEFT JOIN event ON event.entry = posting.entry
   WHERE posting.account = 'writeoff' AND commodity = 'PTS' AND (act.kind IN ('${advancedKind}', '${repaidKind}') OR event.kind = 'RIGHTS_RETURNED')`;
const grouped = 'GROUP BY posting.holder, posting.kiosk HAVING sum(amount) < 0 ORDER BY posting.kiosk, posting.holder';
