// Bugs that are planted on purpose, each of a kind that would cost a county money: an auditor that lets one of them pass sees nothing
// (reconciliation.md R7, must-fail controls). They lie in triggers of one connection, so that no code and no file has them.

import type { WritableDatabase } from '../../db/sqlite.ts';

export const plantNames = [
  'rearm', // the county arms a roaming line again when the kiosk's file came, funded or not: this broke the bound in R3's first simulation
  'twice', // what a file of the county grants takes effect twice
] as const;
export type PlantName = (typeof plantNames)[number];

/** Into a county's book that was just opened. */
export function plantInCounty(db: WritableDatabase, plant: PlantName | null): void {
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
