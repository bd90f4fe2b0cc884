// How much the county stands to lose now, and at most (reconciliation.md R3 theorem, R6 12, R8): roaming that nothing funded yet, what the
// open lines let residents roam more, what they owe, and rights that lie where nobody hears from. Figures for people; decides nothing.

import { dayMs } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { nowhere } from './rights.ts';

export interface KioskExposure {
  readonly kiosk: string;
  readonly store: string;
  readonly state: 'expected' | 'active' | 'quarantined' | 'revoked';
  /** Posted roaming that the home shop is to give back, hundredths of a point. */
  readonly due: number;
  /** What residents owe for roaming here that nothing covers: spent twice, after a strike. */
  readonly overdraft: number;
  /** Both: posted roaming that nothing funded. It is what the bound bounds. */
  readonly unsettled: number;
  /** Lines that may be in force here, and their sum Σ c. */
  readonly lines: number;
  readonly lineSum: number;
  /** G_k: the kiosk's bound; null: none. */
  readonly roamingCap: number | null;
  /** The most that can be unsettled here by roaming within the rules: the lines, or what is unsettled where that is more, within G_k. */
  readonly bound: number;
  /** Rights of residents that lie here. */
  readonly rights: number;
  /** When its newest file came, epoch ms; null: none ever. */
  readonly heardAt: number | null;
  /** It has said nothing for longer than a kiosk may roam without the county (R3, D). */
  readonly isSilent: boolean;
}

export interface Exposure {
  readonly kiosks: readonly KioskExposure[];
  readonly due: number;
  readonly overdraft: number;
  /** due + overdraft. */
  readonly unsettled: number;
  readonly bound: number;
  /** Of what was taken back of awards and credits, or expired: what shops are asked for, and what residents owe. On no line, and within no bound but what they had. */
  readonly takenBack: TakenBackOpen;
  /** m and c of the county: an account's own bound is m · c. */
  readonly linesMax: number;
  readonly lineCap: number;
  /** Of the kiosks that ever spoke, the one that has been silent longest. */
  readonly oldestSilent: { readonly kiosk: string; readonly heardAt: number } | null;
  /** Rights at kiosks that are quarantined, revoked or silent. */
  readonly strandedRights: number;
}

export interface TakenBackOpen {
  readonly due: number;
  readonly overdraft: number;
}

/** What was taken back of awards and credits, or expired, and nothing has paid yet; hundredths. */
export function takenBackOpen(db: ReadableDatabase): TakenBackOpen {
  return prepared<[string], TakenBackOpen>(
    db,
    `SELECT coalesce(sum(CASE WHEN account = 'due' THEN -amount ELSE 0 END), 0) AS due,
        coalesce(sum(CASE WHEN account = 'overdraft' THEN -amount ELSE 0 END), 0) AS overdraft
       FROM balance WHERE account IN ('due', 'overdraft') AND kiosk = ? AND commodity = 'PTS'`,
  ).get(nowhere)!; // an aggregate has a row
}

/** Of what took effect, and of all that was taken of the same accounts. */
export interface TakenBackLeft extends TakenBackOpen {
  /** Nothing else was taken of these accounts: what is open is all of this one. */
  readonly isAlone: boolean;
}

/**
 * What the accounts of one taking back, of one list of credits or of one expiry still owe for all that was taken of them; hundredths. The book
 * keeps it by account, not by list. `table`: that has its rows.
 */
export function takenBackLeft(
  db: ReadableDatabase,
  { table, number }: { readonly table: 'taken_back' | 'reclaimed'; readonly number: number },
): TakenBackLeft {
  const own = `SELECT account FROM ${table} WHERE number = ? AND points > 0`; // of 0 nothing was there any more
  const open = prepared<[string, number], TakenBackOpen>(
    db,
    `SELECT coalesce(sum(CASE WHEN account = 'due' THEN -amount ELSE 0 END), 0) AS due,
        coalesce(sum(CASE WHEN account = 'overdraft' THEN -amount ELSE 0 END), 0) AS overdraft
       FROM balance WHERE account IN ('due', 'overdraft') AND kiosk = ? AND commodity = 'PTS' AND holder IN (${own})`,
  ).get(nowhere, number)!; // an aggregate has a row
  const other = table === 'taken_back' ? 'reclaimed' : 'taken_back';
  const another = prepared<[number, number, number], object>(
    db,
    `SELECT 1 FROM ${table} WHERE number <> ? AND points > 0 AND account IN (${own})
     UNION ALL SELECT 1 FROM ${other} WHERE points > 0 AND account IN (${own}) LIMIT 1`,
  ).get(number, number, number);
  return { ...open, isAlone: another === undefined };
}

/** D of R3: after so many days without the county a kiosk lets nobody roam. */
const silentDays = 7;

interface Row extends Omit<KioskExposure, 'due' | 'bound' | 'isSilent'> {
  /** Σ over accounts of the greater of the line and what is unsettled. */
  readonly reach: number;
}

/** The county's exposure. `now`: epoch ms, for who is silent and nothing else. */
export function exposureOf(db: ReadableDatabase, now: number): Exposure {
  const kiosks = prepared<[], Row>(
    db,
    `SELECT kiosk.kiosk AS kiosk, store, state, roaming_cap AS "roamingCap", coalesce(reach.unsettled, 0) AS unsettled, coalesce(reach.overdraft, 0) AS overdraft,
        coalesce(reach.n, 0) AS lines, coalesce(reach.cap, 0) AS "lineSum", coalesce(reach.reach, 0) AS reach, coalesce(held.rights, 0) AS rights, heard.at AS "heardAt"
       FROM kiosk
       LEFT JOIN (SELECT kiosk, sum(unsettled) AS unsettled, sum(overdraft) AS overdraft, sum(CASE WHEN cap > 0 THEN 1 ELSE 0 END) AS n, sum(cap) AS cap,
                    sum(CASE WHEN cap > unsettled THEN cap ELSE unsettled END) AS reach
                    FROM (${perAccount}) AS of_account GROUP BY kiosk) AS reach ON reach.kiosk = kiosk.kiosk
       LEFT JOIN (SELECT kiosk, sum(amount) AS rights FROM balance WHERE account = 'esc' GROUP BY kiosk) AS held ON held.kiosk = kiosk.kiosk
       LEFT JOIN (SELECT kiosk, max(received_at) AS at FROM up_file GROUP BY kiosk) AS heard ON heard.kiosk = kiosk.kiosk
      ORDER BY kiosk.kiosk`,
  )
    .all()
    .map(({ reach, ...row }) => ({
      ...row,
      due: row.unsettled - row.overdraft,
      bound: Math.max(row.unsettled, row.roamingCap === null ? reach : Math.min(reach, row.roamingCap)),
      isSilent: row.state !== 'expected' && now - (row.heardAt ?? 0) > silentDays * dayMs,
    }));
  const { linesMax, lineCap } = prepared<[], { linesMax: number; lineCap: number }>(
    db,
    'SELECT roam_lines AS "linesMax", roam_cap AS "lineCap" FROM county',
  ).get()!; // a county's book has its row
  const sum = (of: (kiosk: KioskExposure) => number): number => kiosks.reduce((total, kiosk) => total + of(kiosk), 0);
  return {
    kiosks,
    due: sum(({ due }) => due),
    overdraft: sum(({ overdraft }) => overdraft),
    unsettled: sum(({ unsettled }) => unsettled),
    bound: sum(({ bound }) => bound),
    takenBack: takenBackOpen(db),
    linesMax,
    lineCap,
    oldestSilent: oldestOf(kiosks),
    strandedRights: sum(({ state, isSilent, rights }) => (state === 'quarantined' || state === 'revoked' || isSilent ? rights : 0)),
  };
}

/** Each account at each kiosk: its greatest line that may be in force, what is unsettled, and how much of that it owes. */
const perAccount = `SELECT kiosk, account, sum(cap) AS cap, sum(unsettled) AS unsettled, sum(overdraft) AS overdraft FROM (
    SELECT kiosk, account, max(cap) AS cap, 0 AS unsettled, 0 AS overdraft FROM roam_line GROUP BY kiosk, account
    UNION ALL SELECT kiosk, holder AS account, 0 AS cap, -amount AS unsettled, CASE WHEN account = 'overdraft' THEN -amount ELSE 0 END AS overdraft
      FROM balance WHERE account IN ('due', 'overdraft')) AS parts GROUP BY kiosk, account`;

function oldestOf(kiosks: readonly KioskExposure[]): Exposure['oldestSilent'] {
  let oldest: Exposure['oldestSilent'] = null;
  for (const { kiosk, heardAt } of kiosks)
    if (heardAt !== null && (oldest === null || heardAt < oldest.heardAt)) oldest = { kiosk, heardAt };
  return oldest;
}
