// Version 5 of the book's tables: vouchers of the county, and through which of them its files have counted. Never edited after it
// shipped: a change is a new migration.

/**
 * G of an account is what the newest GRANT said and the vouchers of numbers beyond `covered` (reconciliation.md R3). `granted_in` is
 * the file of that GRANT; null where none came, or none since this version: of such an account a restored book takes no voucher.
 */
export const rights = `
ALTER TABLE counter ADD COLUMN covered INTEGER NOT NULL DEFAULT 0 CHECK (covered >= 0);
ALTER TABLE counter ADD COLUMN granted_in INTEGER CHECK (granted_in > 0);
DROP TRIGGER counter_only_grows;
CREATE TRIGGER counter_only_grows BEFORE UPDATE ON counter
  WHEN NEW.granted < OLD.granted OR NEW.returned < OLD.returned OR NEW.spent < OLD.spent OR NEW.unspent < OLD.unspent
    OR NEW.credited < OLD.credited OR NEW.uncredited < OLD.uncredited OR NEW.roamed < OLD.roamed OR NEW.unroamed < OLD.unroamed
    OR NEW.roamed_settled < OLD.roamed_settled OR NEW.overfunded < OLD.overfunded
    OR NEW.covered < OLD.covered OR coalesce(NEW.granted_in, 0) < coalesce(OLD.granted_in, 0)
  BEGIN SELECT RAISE(ABORT, 'counter: never decreases'); END;

-- Those that were taken, each once: the county numbers them for an account at this kiosk.
CREATE TABLE voucher (
  account_id TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
  seq INTEGER NOT NULL UNIQUE REFERENCES event (seq),
  PRIMARY KEY (account_id, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER voucher_newest BEFORE INSERT ON voucher
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'voucher: only with its event'); END;
CREATE TRIGGER voucher_no_update BEFORE UPDATE ON voucher BEGIN SELECT RAISE(ABORT, 'voucher: append only'); END;
CREATE TRIGGER voucher_no_delete BEFORE DELETE ON voucher BEGIN SELECT RAISE(ABORT, 'voucher: append only'); END;
`;
