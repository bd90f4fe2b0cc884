// Version 2 of the book's tables: credits of the recycling desk, scales, and what was handed over. Never edited after it
// shipped: a change is a new migration.

/**
 * Counters gain U, the credits taken back, so that C never decreases; print jobs belong to any act that has a paper of its
 * own, a sale or a credit. The events are not touched.
 */
export const credits = `
CREATE TABLE counter_2 (
  account_id TEXT PRIMARY KEY,
  granted INTEGER NOT NULL DEFAULT 0 CHECK (granted BETWEEN 0 AND 9007199254740991),
  returned INTEGER NOT NULL DEFAULT 0 CHECK (returned >= 0),
  spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
  credited INTEGER NOT NULL DEFAULT 0 CHECK (credited BETWEEN 0 AND 9007199254740991),
  uncredited INTEGER NOT NULL DEFAULT 0 CHECK (uncredited BETWEEN 0 AND credited),
  roamed INTEGER NOT NULL DEFAULT 0 CHECK (roamed >= 0),
  roamed_settled INTEGER NOT NULL DEFAULT 0 CHECK (roamed_settled BETWEEN 0 AND roamed),
  CHECK (granted - returned + credited - uncredited - spent >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO counter_2 (account_id, granted, returned, spent, credited, roamed, roamed_settled)
  SELECT account_id, granted, returned, spent, credited, roamed, roamed_settled FROM counter;
DROP TRIGGER counter_no_delete;
DROP TABLE counter;
ALTER TABLE counter_2 RENAME TO counter;
CREATE TRIGGER counter_only_grows BEFORE UPDATE ON counter
  WHEN NEW.granted < OLD.granted OR NEW.returned < OLD.returned OR NEW.spent < OLD.spent OR NEW.credited < OLD.credited
    OR NEW.uncredited < OLD.uncredited OR NEW.roamed < OLD.roamed OR NEW.roamed_settled < OLD.roamed_settled
  BEGIN SELECT RAISE(ABORT, 'counter: never decreases'); END;
CREATE TRIGGER counter_no_delete BEFORE DELETE ON counter BEGIN SELECT RAISE(ABORT, 'counter: never deleted'); END;

CREATE TABLE print_job_2 (
  job_id TEXT PRIMARY KEY,
  -- The sale or the credit.
  act_seq INTEGER NOT NULL REFERENCES event (seq),
  copy INTEGER NOT NULL CHECK (copy >= 0),
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'printed', 'unknown', 'given_up', 'failed')),
  cause TEXT,
  UNIQUE (act_seq, copy)
) STRICT;
INSERT INTO print_job_2 (job_id, act_seq, copy, state, cause) SELECT job_id, sale_seq, copy, state, cause FROM print_job;
DROP TABLE print_job;
ALTER TABLE print_job_2 RENAME TO print_job;
CREATE INDEX print_job_open ON print_job (act_seq) WHERE state NOT IN ('printed', 'sent', 'given_up');

CREATE TABLE credit (
  seq INTEGER PRIMARY KEY REFERENCES event (seq),
  credit_id TEXT NOT NULL UNIQUE,
  ticket_number TEXT NOT NULL UNIQUE,
  day TEXT NOT NULL,
  at INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  operator_id TEXT,
  points INTEGER NOT NULL CHECK (points > 0)
) STRICT;
-- Holds all that the day's caps are asked of.
CREATE INDEX credit_by_day ON credit (day, account_id, operator_id, points);
CREATE INDEX credit_by_account ON credit (account_id, seq);

-- What a credit took in, one row a material; all that was collected is their sum.
CREATE TABLE credit_line (
  seq INTEGER NOT NULL REFERENCES credit (seq),
  n INTEGER NOT NULL,
  material_id TEXT NOT NULL,
  units INTEGER NOT NULL CHECK (units > 0),
  points INTEGER NOT NULL CHECK (points >= 0),
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE credit_reversal (
  seq INTEGER PRIMARY KEY REFERENCES event (seq),
  credit_seq INTEGER NOT NULL UNIQUE REFERENCES credit (seq)
) STRICT;

CREATE TABLE handed_over_line (
  seq INTEGER NOT NULL REFERENCES event (seq),
  n INTEGER NOT NULL,
  material_id TEXT NOT NULL,
  book_units INTEGER NOT NULL,
  hauled_units INTEGER NOT NULL CHECK (hauled_units >= 0),
  left_units INTEGER NOT NULL CHECK (left_units >= 0),
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX handed_over_by_material ON handed_over_line (material_id, seq);

CREATE TABLE scale_set (seq INTEGER PRIMARY KEY REFERENCES event (seq)) STRICT;
CREATE TABLE scale_check (
  seq INTEGER PRIMARY KEY REFERENCES event (seq),
  scale_set_id TEXT NOT NULL,
  day TEXT NOT NULL,
  is_good INTEGER NOT NULL CHECK (is_good IN (0, 1))
) STRICT;
CREATE INDEX scale_check_by_day ON scale_check (scale_set_id, day, seq);

-- The credit being prepared, beside the cart: a customer may be waiting at each.
CREATE TABLE desk_draft (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  body TEXT NOT NULL
) STRICT;

-- As postings: a row comes with its event, or somebody else wrote it. The chain is the proof.
CREATE TRIGGER sale_newest BEFORE INSERT ON sale
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'sale: only with its event'); END;
CREATE TRIGGER credit_newest BEFORE INSERT ON credit
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'credit: only with its event'); END;
CREATE TRIGGER credit_line_newest BEFORE INSERT ON credit_line
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'credit_line: only with its event'); END;
CREATE TRIGGER credit_reversal_newest BEFORE INSERT ON credit_reversal
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'credit_reversal: only with its event'); END;
CREATE TRIGGER scale_set_newest BEFORE INSERT ON scale_set
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'scale_set: only with its event'); END;
CREATE TRIGGER scale_check_newest BEFORE INSERT ON scale_check
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'scale_check: only with its event'); END;
CREATE TRIGGER handed_over_line_newest BEFORE INSERT ON handed_over_line
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'handed_over_line: only with its event'); END;
CREATE TRIGGER credit_no_update BEFORE UPDATE ON credit BEGIN SELECT RAISE(ABORT, 'credit: append only'); END;
CREATE TRIGGER credit_no_delete BEFORE DELETE ON credit BEGIN SELECT RAISE(ABORT, 'credit: append only'); END;
CREATE TRIGGER credit_line_no_update BEFORE UPDATE ON credit_line BEGIN SELECT RAISE(ABORT, 'credit_line: append only'); END;
CREATE TRIGGER credit_line_no_delete BEFORE DELETE ON credit_line BEGIN SELECT RAISE(ABORT, 'credit_line: append only'); END;
CREATE TRIGGER credit_reversal_no_update BEFORE UPDATE ON credit_reversal BEGIN SELECT RAISE(ABORT, 'credit_reversal: append only'); END;
CREATE TRIGGER credit_reversal_no_delete BEFORE DELETE ON credit_reversal BEGIN SELECT RAISE(ABORT, 'credit_reversal: append only'); END;
CREATE TRIGGER scale_set_no_update BEFORE UPDATE ON scale_set BEGIN SELECT RAISE(ABORT, 'scale_set: append only'); END;
CREATE TRIGGER scale_set_no_delete BEFORE DELETE ON scale_set BEGIN SELECT RAISE(ABORT, 'scale_set: append only'); END;
CREATE TRIGGER scale_check_no_update BEFORE UPDATE ON scale_check BEGIN SELECT RAISE(ABORT, 'scale_check: append only'); END;
CREATE TRIGGER scale_check_no_delete BEFORE DELETE ON scale_check BEGIN SELECT RAISE(ABORT, 'scale_check: append only'); END;
CREATE TRIGGER handed_over_no_update BEFORE UPDATE ON handed_over_line BEGIN SELECT RAISE(ABORT, 'handed_over_line: append only'); END;
CREATE TRIGGER handed_over_no_delete BEFORE DELETE ON handed_over_line BEGIN SELECT RAISE(ABORT, 'handed_over_line: append only'); END;
`;
