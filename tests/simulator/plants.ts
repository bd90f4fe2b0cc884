// Bugs that are planted on purpose, each of a kind that would cost a county money: an auditor that lets one of them pass sees nothing
// (reconciliation.md R7, must-fail controls). They lie in triggers of one connection, or are done by the world between two steps, so that no
// code of the product has them.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CountyAct } from '../../county/book/county-book.ts';
import { moved } from '../../county/book/ledger.ts';
import { type WritableDatabase, prepared } from '../../db/sqlite.ts';

export const plantNames = [
  'rearm', // the county arms a roaming line again when the kiosk's file came, funded or not: this broke the bound in R3's first simulation
  'twice', // what a file of the county grants takes effect twice
  'liar', // a kiosk's disk says that it wrote, and did not
  'unpaid', // a shop is not paid for what a resident could not pay
  'unbatched', // a shop is credited with points that no settlement has
  'unawarded', // points are issued that nobody awarded
  'overcharged', // an account owes more than was taken back of it
  'rewritten', // the county signs another log than it has
  'forgetful', // the county's counters of a kiosk are not the kiosk's
  'unkept', // the county's book forgets a file that it answered to have
] as const;
export type PlantName = (typeof plantNames)[number];

/** Into a county's book that was just opened. */
export function plantInCounty(db: WritableDatabase, plant: PlantName | null): void {
  if (plant === 'rewritten')
    db.exec(`DROP TRIGGER IF EXISTS log_root_no_update;
      CREATE TEMP TRIGGER planted AFTER INSERT ON main.log_root BEGIN UPDATE log_root SET root = '${'A'.repeat(43)}' WHERE size = NEW.size; END`);
  if (plant !== 'rearm') return;
  db.exec(`CREATE TEMP TRIGGER planted AFTER INSERT ON main.answer WHEN NEW.verdict = 'ACCEPTED' BEGIN
    UPDATE given SET funded = roamed, changed_entry = (SELECT 1 + max(entry) FROM act) WHERE kiosk = NEW.kiosk AND funded < roamed;
  END`);
}

/** Into a kiosk's book that was just opened. */
export function plantInKiosk(db: WritableDatabase, plant: PlantName | null): void {
  if (plant !== 'twice') return;
  db.exec('CREATE TEMP TABLE doubling (n INTEGER)'); // or the trigger's own update would fire it again
  db.exec(`CREATE TEMP TRIGGER planted AFTER UPDATE OF granted ON main.counter
    WHEN NEW.granted > OLD.granted AND NOT EXISTS (SELECT 1 FROM doubling) BEGIN
      INSERT INTO doubling VALUES (1);
      UPDATE counter SET granted = 2 * NEW.granted - OLD.granted WHERE account_id = NEW.account_id;
      DELETE FROM doubling;
  END`);
}

/** After each night, as an act of the county's own. */
export function plantAfterNight(act: CountyAct, plant: PlantName | null): void {
  const { db } = act;
  const some = prepared<[], { kiosk: string; store: string }>(
    db,
    `SELECT kiosk.kiosk AS kiosk, store FROM kiosk JOIN balance ON balance.kiosk = kiosk.kiosk WHERE account = 'red' AND amount >= 100 LIMIT 1`,
  ).get();
  if (plant === 'unawarded') {
    act.enter('planted', '');
    act.post(moved({ account: 'issuance' }, { account: 'main', holder: 'a1' }, 100));
  }
  if (plant === 'overcharged') {
    act.enter('planted', '');
    act.post(moved({ account: 'overdraft', holder: 'a1' }, { account: 'writeoff' }, 100));
  }
  if (some === undefined || (plant !== 'unpaid' && plant !== 'unbatched')) return;
  act.enter('planted', '');
  const to = plant === 'unpaid' ? ({ account: 'writeoff' } as const) : ({ account: 'merchant', holder: some.store } as const);
  act.post(moved({ account: 'red', at: some.kiosk }, to, 100));
}

/** When everything is said to be at rest. */
export function plantAtRest({ db }: CountyAct, plant: PlantName | null): void {
  if (plant === 'forgetful') db.exec('UPDATE counter SET s = s + 100 WHERE s > 0');
  if (plant === 'unkept')
    db.exec('DROP TRIGGER up_file_no_delete; DELETE FROM up_file WHERE received_at = (SELECT max(received_at) FROM up_file)');
}

/** Into the folder of a machine whose power went. */
export function plantOnDisk(folder: string, plant: PlantName | null): void {
  if (plant === 'liar') rmSync(join(folder, 'book.db-wal'), { force: true });
}
