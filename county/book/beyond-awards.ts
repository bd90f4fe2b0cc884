// What the county gave out beyond its lists of awards, as its book stands: papers of lost acts, rights of kiosks that were put back or given
// up, what it advanced; less what came home of points that it took back, or that expired, and less lists of its log that it lost. The log says
// so with each root, so that outsiders can add up what kiosks were given (docs/files.md, L14). Gives nothing out.

import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import type { LogEntry } from '../../db/model/log-entry.ts';
import { appendEntry, entriesOf, logSize } from '../log/log.ts';
import { balanceOf } from './ledger.ts';
import { serverEpoch } from './put-back.ts';
import { wasPutBack } from './taken-up.ts';

/**
 * Enters the figure before a root is signed, where the log does not say so already: what the newest of these entries says is so under every root
 * after it. All files and awards that stand before are posted, or begun to be.
 */
export function enterBeyondAwards(db: WritableDatabase): void {
  enterBegunAwards(db);
  const [entries, points, epoch] = [logSize(db), beyondAwards(db), serverEpoch(db)];
  const said = newestSaid(db);
  const isSaid = said === null ? entries === 0 && points === 0 : said.points === points && said.serverEpoch === epoch;
  if (!isSaid && Number.isSafeInteger(points)) appendEntry(db, { t: 'BEYOND_AWARDS', entries, points, serverEpoch: epoch });
}

/** Lists that were decided, and are being posted, by a server that entered them with their last row only. */
function enterBegunAwards(db: WritableDatabase): void {
  const begun = prepared<[], { batch: number; rows: number; points: number; sha256: string }>(
    db,
    `SELECT award_batch.id AS batch, award_batch.rows AS rows, award_batch.points AS points, sha256
       FROM award_releasing JOIN award_batch ON award_batch.id = batch ORDER BY batch`,
  ).all();
  for (const list of begun) appendEntry(db, { t: 'AWARDS', ...list });
}

function newestSaid(db: ReadableDatabase): Pick<LogEntry & { readonly t: 'BEYOND_AWARDS' }, 'points' | 'serverEpoch'> | null {
  const row = prepared<[], { entry: string }>(
    db,
    `SELECT entry FROM log_leaf WHERE entry LIKE '%"t":"BEYOND_AWARDS"%' ORDER BY n DESC LIMIT 1`,
  ).get();
  return row === undefined ? null : (JSON.parse(row.entry) as LogEntry & { readonly t: 'BEYOND_AWARDS' }); // appendEntry wrote it
}

/**
 * What kiosks were given or are to be, and what lies unallocated, less what was awarded and what came home as rights, in hundredths: the rest
 * came from nothing that an outsider sees. Below zero where more came home of points that were taken back, or expired, and where a list that
 * the log names was lost with the book: what was advanced for it was given by it, and what is awarded for it once more comes from another list.
 */
export function beyondAwards(db: ReadableDatabase): number {
  const given = sumOf(db, 'SELECT coalesce(sum(granted), 0) + coalesce(sum(funded), 0) AS points FROM given');
  const lying = sumOf(db, `SELECT coalesce(sum(amount), 0) AS points FROM balance WHERE account = 'main' AND commodity = 'PTS'`);
  const takenBack = sumOf(db, 'SELECT coalesce(sum(points), 0) AS points FROM taken_back');
  const expired = sumOf(
    db,
    `SELECT coalesce(sum(points), 0) AS points FROM (
       SELECT reclaimed.points AS points FROM reclaimed JOIN reclaim ON reclaim.number = reclaimed.number WHERE reclaim.kind = 'expiry'
       UNION ALL SELECT -points FROM reclaimed_twice WHERE kiosk = '') AS parts`,
  );
  const awarded = takenBack + expired - balanceOf(db, { account: 'issuance' });
  return given + lying - awarded - lostLists(db) - cameHome(db);
}

/** Σ of the lists that the log names and the book does not have. None where it was never put back. */
function lostLists(db: ReadableDatabase): number {
  if (!wasPutBack(db)) return 0;
  const known = prepared<[number, string], object>(
    db,
    `SELECT 1 FROM award_batch WHERE id = ? AND sha256 = ? AND (EXISTS (SELECT 1 FROM award_release WHERE batch = id)
       OR EXISTS (SELECT 1 FROM award_releasing WHERE batch = id))`,
  );
  return entriesOf(db, 'AWARDS')
    .filter(({ batch, sha256 }) => known.get(batch, sha256) === undefined)
    .reduce((sum, { points }) => sum + points, 0);
}

/** By RIGHTS_RETURNED of all incarnations. Where no kiosk was put back its counters have nothing else. */
function cameHome(db: ReadableDatabase): number {
  const restored = 'SELECT kiosk FROM chain WHERE inc <> 1';
  return (
    sumOf(db, `SELECT coalesce(sum(b), 0) AS points FROM counter WHERE kiosk NOT IN (${restored})`) +
    sumOf(db, `SELECT coalesce(sum(amt), 0) AS points FROM event WHERE kind = 'RIGHTS_RETURNED' AND kiosk IN (${restored})`)
  );
}

function sumOf(db: ReadableDatabase, sql: string): number {
  return prepared<[], { points: number }>(db, sql).get()!.points; // an aggregate has a row
}
