// Version 3 of the book's tables: returns, held carts, closings, settlements. Never edited after it shipped: a change is a new
// migration.

/**
 * Counters gain V and W, what returns gave back, and F, what the county funded although it had come back: so that none of the
 * others decreases. A print job keeps the number on its paper, whatever act that is of, and how much of a long paper is out. The
 * events are not touched.
 */
export const closings = `
CREATE TABLE counter_3 (
  account_id TEXT PRIMARY KEY,
  granted INTEGER NOT NULL DEFAULT 0 CHECK (granted BETWEEN 0 AND 9007199254740991),
  returned INTEGER NOT NULL DEFAULT 0 CHECK (returned >= 0),
  spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
  unspent INTEGER NOT NULL DEFAULT 0 CHECK (unspent BETWEEN 0 AND spent + roamed),
  credited INTEGER NOT NULL DEFAULT 0 CHECK (credited BETWEEN 0 AND 9007199254740991),
  uncredited INTEGER NOT NULL DEFAULT 0 CHECK (uncredited BETWEEN 0 AND credited),
  roamed INTEGER NOT NULL DEFAULT 0 CHECK (roamed >= 0),
  unroamed INTEGER NOT NULL DEFAULT 0 CHECK (unroamed BETWEEN 0 AND roamed),
  roamed_settled INTEGER NOT NULL DEFAULT 0 CHECK (roamed_settled BETWEEN 0 AND roamed),
  -- Of roamed_settled: funded although it had come back, and so rights here.
  overfunded INTEGER NOT NULL DEFAULT 0 CHECK (overfunded BETWEEN 0 AND unroamed),
  CHECK (roamed - unroamed - roamed_settled + overfunded >= 0),
  CHECK (granted - returned + credited - uncredited - spent + unspent + overfunded >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO counter_3 (account_id, granted, returned, spent, credited, uncredited, roamed, roamed_settled)
  SELECT account_id, granted, returned, spent, credited, uncredited, roamed, roamed_settled FROM counter;
DROP TRIGGER counter_no_delete;
DROP TABLE counter;
ALTER TABLE counter_3 RENAME TO counter;
CREATE TRIGGER counter_only_grows BEFORE UPDATE ON counter
  WHEN NEW.granted < OLD.granted OR NEW.returned < OLD.returned OR NEW.spent < OLD.spent OR NEW.unspent < OLD.unspent
    OR NEW.credited < OLD.credited OR NEW.uncredited < OLD.uncredited OR NEW.roamed < OLD.roamed OR NEW.unroamed < OLD.unroamed
    OR NEW.roamed_settled < OLD.roamed_settled OR NEW.overfunded < OLD.overfunded
  BEGIN SELECT RAISE(ABORT, 'counter: never decreases'); END;
CREATE TRIGGER counter_no_delete BEFORE DELETE ON counter BEGIN SELECT RAISE(ABORT, 'counter: never deleted'); END;

CREATE TABLE print_job_3 (
  job_id TEXT PRIMARY KEY,
  -- The act whose paper it is.
  act_seq INTEGER NOT NULL REFERENCES event (seq),
  -- On that paper.
  number TEXT NOT NULL,
  copy INTEGER NOT NULL CHECK (copy >= 0),
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'printed', 'unknown', 'given_up', 'failed')),
  cause TEXT,
  -- Rows of dots of a long sheet that was begun, and of those the rows known to be on paper: it goes on from there. Null: it was
  -- not begun, or is printed in one piece.
  "rows" INTEGER CHECK ("rows" > 0),
  rows_done INTEGER NOT NULL DEFAULT 0 CHECK (rows_done >= 0),
  CHECK (rows_done <= coalesce("rows", 0)),
  UNIQUE (act_seq, copy)
) STRICT;
INSERT INTO print_job_3 (job_id, act_seq, number, copy, state, cause)
  SELECT job_id, act_seq,
      coalesce((SELECT receipt_number FROM sale WHERE sale.seq = act_seq), (SELECT ticket_number FROM credit WHERE credit.seq = act_seq)),
      copy, state, cause FROM print_job;
DROP TABLE print_job;
ALTER TABLE print_job_3 RENAME TO print_job;
CREATE INDEX print_job_open ON print_job (act_seq) WHERE state NOT IN ('printed', 'sent', 'given_up');

CREATE TABLE sale_return (
  seq INTEGER PRIMARY KEY REFERENCES event (seq),
  return_id TEXT NOT NULL UNIQUE,
  return_number TEXT NOT NULL UNIQUE,
  day TEXT NOT NULL,
  sale_seq INTEGER NOT NULL REFERENCES sale (seq),
  account_id TEXT,
  points INTEGER NOT NULL CHECK (points >= 0),
  total_fen INTEGER NOT NULL CHECK (total_fen >= 0)
) STRICT;
CREATE INDEX sale_return_by_sale ON sale_return (sale_seq, seq);
CREATE INDEX sale_return_by_account ON sale_return (account_id, seq) WHERE account_id IS NOT NULL;

-- What came back, one row a line of the sale: n is that line's place in it.
CREATE TABLE return_line (
  seq INTEGER NOT NULL REFERENCES sale_return (seq),
  n INTEGER NOT NULL CHECK (n >= 0),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  total_fen INTEGER NOT NULL CHECK (total_fen >= 0),
  points_fen INTEGER NOT NULL CHECK (points_fen BETWEEN 0 AND total_fen),
  settlement_fen INTEGER NOT NULL CHECK (settlement_fen >= 0),
  points INTEGER NOT NULL CHECK (points >= 0),
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;

-- Where the shifts and days begin and end: asked for at every change of the screen.
CREATE INDEX event_of_shifts ON event (seq) WHERE kind IN ('SHIFT_OPEN', 'SHIFT_CLOSED', 'DAY_CLOSED');

-- Carts that were put aside: they touch no balance, and the kiosk's seal lies in each.
CREATE TABLE held_cart (
  held_id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE closing (
  seq INTEGER PRIMARY KEY REFERENCES event (seq),
  number INTEGER NOT NULL UNIQUE CHECK (number > 0),
  day TEXT NOT NULL UNIQUE,
  from_seq INTEGER NOT NULL
) STRICT;

-- A closed day by hour, goods, material, operator and kind of payment, so that two years are read at once. Made with the closing
-- and never changed; verify makes it again.
CREATE TABLE day_figure (
  closing_seq INTEGER NOT NULL REFERENCES closing (seq),
  dimension TEXT NOT NULL CHECK (dimension IN ('day', 'hour', 'goods', 'material', 'operator', 'payment')),
  key TEXT NOT NULL,
  count INTEGER NOT NULL,
  units INTEGER NOT NULL,
  fen INTEGER NOT NULL,
  points INTEGER NOT NULL,
  PRIMARY KEY (closing_seq, dimension, key)
) STRICT, WITHOUT ROWID;

-- The right-hand edge of the Merkle tree over the leaves before a closing, so that the next root costs only what is new.
CREATE TABLE tree_edge (
  closing_seq INTEGER PRIMARY KEY REFERENCES closing (seq),
  size INTEGER NOT NULL CHECK (size > 0),
  hashes BLOB NOT NULL
) STRICT;

CREATE TABLE settlement (
  seq INTEGER PRIMARY KEY REFERENCES event (seq),
  number INTEGER NOT NULL UNIQUE CHECK (number > 0),
  through_closing INTEGER NOT NULL UNIQUE REFERENCES closing (number),
  owed_fen INTEGER NOT NULL
) STRICT;

-- What the county said of a settlement, and what it put right: only its files write here. Every word that says something new is
-- a row, also of a number that this book has not, or of a state that had passed: n is the order in which they were said.
CREATE TABLE settlement_state (
  n INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sent', 'accepted', 'paid')),
  day TEXT NOT NULL,
  paid_fen INTEGER,
  reference TEXT NOT NULL,
  down_seq INTEGER NOT NULL,
  CHECK ((state = 'paid') = (paid_fen IS NOT NULL))
) STRICT;
CREATE INDEX settlement_state_by_number ON settlement_state (number, n);
CREATE TABLE adjustment (
  id TEXT PRIMARY KEY,
  zh TEXT NOT NULL,
  fen INTEGER NOT NULL CHECK (fen <> 0),
  down_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE settled_adjustment (
  adjustment_id TEXT PRIMARY KEY REFERENCES adjustment (id),
  settlement_seq INTEGER NOT NULL REFERENCES settlement (seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER sale_return_newest BEFORE INSERT ON sale_return
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'sale_return: only with its event'); END;
CREATE TRIGGER return_line_newest BEFORE INSERT ON return_line
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'return_line: only with its event'); END;
CREATE TRIGGER closing_newest BEFORE INSERT ON closing
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'closing: only with its event'); END;
CREATE TRIGGER day_figure_newest BEFORE INSERT ON day_figure
  WHEN NEW.closing_seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'day_figure: only with its event'); END;
CREATE TRIGGER tree_edge_newest BEFORE INSERT ON tree_edge
  WHEN NEW.closing_seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'tree_edge: only with its event'); END;
CREATE TRIGGER settlement_newest BEFORE INSERT ON settlement
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'settlement: only with its event'); END;
CREATE TRIGGER sale_return_no_update BEFORE UPDATE ON sale_return BEGIN SELECT RAISE(ABORT, 'sale_return: append only'); END;
CREATE TRIGGER sale_return_no_delete BEFORE DELETE ON sale_return BEGIN SELECT RAISE(ABORT, 'sale_return: append only'); END;
CREATE TRIGGER return_line_no_update BEFORE UPDATE ON return_line BEGIN SELECT RAISE(ABORT, 'return_line: append only'); END;
CREATE TRIGGER return_line_no_delete BEFORE DELETE ON return_line BEGIN SELECT RAISE(ABORT, 'return_line: append only'); END;
CREATE TRIGGER closing_no_update BEFORE UPDATE ON closing BEGIN SELECT RAISE(ABORT, 'closing: append only'); END;
CREATE TRIGGER closing_no_delete BEFORE DELETE ON closing BEGIN SELECT RAISE(ABORT, 'closing: append only'); END;
CREATE TRIGGER day_figure_no_update BEFORE UPDATE ON day_figure BEGIN SELECT RAISE(ABORT, 'day_figure: append only'); END;
CREATE TRIGGER day_figure_no_delete BEFORE DELETE ON day_figure BEGIN SELECT RAISE(ABORT, 'day_figure: append only'); END;
CREATE TRIGGER tree_edge_no_update BEFORE UPDATE ON tree_edge BEGIN SELECT RAISE(ABORT, 'tree_edge: append only'); END;
CREATE TRIGGER tree_edge_no_delete BEFORE DELETE ON tree_edge BEGIN SELECT RAISE(ABORT, 'tree_edge: append only'); END;
CREATE TRIGGER settlement_no_update BEFORE UPDATE ON settlement BEGIN SELECT RAISE(ABORT, 'settlement: append only'); END;
CREATE TRIGGER settlement_no_delete BEFORE DELETE ON settlement BEGIN SELECT RAISE(ABORT, 'settlement: append only'); END;
CREATE TRIGGER settlement_state_no_update BEFORE UPDATE ON settlement_state BEGIN SELECT RAISE(ABORT, 'settlement_state: append only'); END;
CREATE TRIGGER settlement_state_no_delete BEFORE DELETE ON settlement_state BEGIN SELECT RAISE(ABORT, 'settlement_state: append only'); END;
CREATE TRIGGER adjustment_no_update BEFORE UPDATE ON adjustment BEGIN SELECT RAISE(ABORT, 'adjustment: append only'); END;
CREATE TRIGGER adjustment_no_delete BEFORE DELETE ON adjustment BEGIN SELECT RAISE(ABORT, 'adjustment: append only'); END;
CREATE TRIGGER settled_adjustment_no_update BEFORE UPDATE ON settled_adjustment BEGIN SELECT RAISE(ABORT, 'settled_adjustment: append only'); END;
CREATE TRIGGER settled_adjustment_no_delete BEFORE DELETE ON settled_adjustment BEGIN SELECT RAISE(ABORT, 'settled_adjustment: append only'); END;
-- The newest of each is asked for at every look.
CREATE INDEX event_upkeep ON event (kind, seq) WHERE kind IN ('VERIFIED', 'BACKED_UP', 'RESTORED');
`;
