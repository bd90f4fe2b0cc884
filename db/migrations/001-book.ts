// Version 1 of the book's tables. Never edited after it shipped: a change is a new migration.

/**
 * The event is the record; posting, balance, counter and sale are projections of it, written in the same transaction
 * and rebuildable. Triggers are a seat belt (reconciliation.md D2, 2); the chain is the proof.
 */
export const book = `
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  line TEXT NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  sig BLOB NOT NULL CHECK (length(sig) = 64)
) STRICT;

CREATE TABLE posting (
  seq INTEGER NOT NULL REFERENCES event (seq),
  n INTEGER NOT NULL,
  account TEXT NOT NULL,
  holder TEXT NOT NULL,
  commodity TEXT NOT NULL CHECK (commodity IN ('PTS', 'CNY')),
  amount INTEGER NOT NULL CHECK (amount <> 0 AND abs(amount) <= 9007199254740991),
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE balance (
  account TEXT NOT NULL,
  holder TEXT NOT NULL,
  commodity TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (abs(amount) <= 9007199254740991),
  PRIMARY KEY (account, holder, commodity),
  CHECK (account <> 'esc' OR amount >= 0)
) STRICT, WITHOUT ROWID;

-- Cumulative per account (reconciliation.md R3): none ever decreases.
CREATE TABLE counter (
  account_id TEXT PRIMARY KEY,
  granted INTEGER NOT NULL DEFAULT 0 CHECK (granted BETWEEN 0 AND 9007199254740991),
  returned INTEGER NOT NULL DEFAULT 0 CHECK (returned >= 0),
  spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
  credited INTEGER NOT NULL DEFAULT 0 CHECK (credited >= 0),
  roamed INTEGER NOT NULL DEFAULT 0 CHECK (roamed >= 0),
  roamed_settled INTEGER NOT NULL DEFAULT 0 CHECK (roamed_settled BETWEEN 0 AND roamed),
  CHECK (granted - returned + credited - spent >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale (
  seq INTEGER PRIMARY KEY REFERENCES event (seq),
  sale_id TEXT NOT NULL UNIQUE,
  receipt_number TEXT NOT NULL UNIQUE,
  day TEXT NOT NULL,
  account_id TEXT,
  points INTEGER NOT NULL CHECK (points >= 0),
  total_fen INTEGER NOT NULL CHECK (total_fen >= 0)
) STRICT;
CREATE INDEX sale_by_account ON sale (account_id, seq) WHERE account_id IS NOT NULL;

-- What the printer owes a person. Commits with the sale; its state is not money.
CREATE TABLE print_job (
  job_id TEXT PRIMARY KEY,
  sale_seq INTEGER NOT NULL REFERENCES sale (seq),
  copy INTEGER NOT NULL CHECK (copy >= 0),
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'printed', 'unknown', 'given_up', 'failed')),
  cause TEXT,
  UNIQUE (sale_seq, copy)
) STRICT;
CREATE INDEX print_job_open ON print_job (sale_seq) WHERE state NOT IN ('printed', 'sent', 'given_up');

-- The act being prepared: one cart, its id made before it starts.
CREATE TABLE draft (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  body TEXT NOT NULL
) STRICT;

CREATE TABLE down_file (
  down_seq INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL,
  as_of INTEGER NOT NULL,
  -- Events the county had posted when it wrote the file.
  ack_seq INTEGER NOT NULL,
  event_seq INTEGER NOT NULL REFERENCES event (seq)
) STRICT;

-- Reference data: only ever written by a down-file. down_seq says which.
CREATE TABLE scheme (version INTEGER PRIMARY KEY, doc TEXT NOT NULL, down_seq INTEGER NOT NULL) STRICT;
CREATE TABLE shop (id INTEGER PRIMARY KEY CHECK (id = 1), doc TEXT NOT NULL, down_seq INTEGER NOT NULL) STRICT;
CREATE TABLE county_key (
  kid INTEGER NOT NULL, use TEXT NOT NULL, key TEXT NOT NULL, active INTEGER NOT NULL, down_seq INTEGER NOT NULL,
  PRIMARY KEY (use, kid)
) STRICT, WITHOUT ROWID;
CREATE TABLE operator (id TEXT PRIMARY KEY, doc TEXT NOT NULL, down_seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE goods (id TEXT PRIMARY KEY, doc TEXT NOT NULL, down_seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE goods_code (code TEXT PRIMARY KEY, goods_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE resident (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  group_id TEXT NOT NULL,
  village TEXT NOT NULL,
  language TEXT NOT NULL,
  tag TEXT NOT NULL,
  active INTEGER NOT NULL,
  down_seq INTEGER NOT NULL
) STRICT;
CREATE TABLE county_balance (account_id TEXT PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0), down_seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE roaming (account_id TEXT PRIMARY KEY, cap INTEGER NOT NULL CHECK (cap >= 0), down_seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE denied_card (resident_id INTEGER PRIMARY KEY, issue INTEGER NOT NULL, down_seq INTEGER NOT NULL) STRICT;

-- Failed PINs: survives a restart. A sign-in attempt is also an event.
CREATE TABLE pin_lockout (operator_id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TRIGGER event_next BEFORE INSERT ON event
  WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event)
  BEGIN SELECT RAISE(ABORT, 'event: seq is not the next'); END;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event: append only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event: append only'); END;
CREATE TRIGGER posting_newest BEFORE INSERT ON posting
  WHEN NEW.seq IS NOT (SELECT max(seq) FROM event)
  BEGIN SELECT RAISE(ABORT, 'posting: only with its event'); END;
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'posting: append only'); END;
CREATE TRIGGER posting_no_delete BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'posting: append only'); END;
CREATE TRIGGER sale_no_update BEFORE UPDATE ON sale BEGIN SELECT RAISE(ABORT, 'sale: append only'); END;
CREATE TRIGGER sale_no_delete BEFORE DELETE ON sale BEGIN SELECT RAISE(ABORT, 'sale: append only'); END;
CREATE TRIGGER down_file_no_update BEFORE UPDATE ON down_file BEGIN SELECT RAISE(ABORT, 'down_file: append only'); END;
CREATE TRIGGER down_file_no_delete BEFORE DELETE ON down_file BEGIN SELECT RAISE(ABORT, 'down_file: append only'); END;
CREATE TRIGGER counter_only_grows BEFORE UPDATE ON counter
  WHEN NEW.granted < OLD.granted OR NEW.returned < OLD.returned OR NEW.spent < OLD.spent
    OR NEW.credited < OLD.credited OR NEW.roamed < OLD.roamed OR NEW.roamed_settled < OLD.roamed_settled
  BEGIN SELECT RAISE(ABORT, 'counter: never decreases'); END;
CREATE TRIGGER counter_no_delete BEFORE DELETE ON counter BEGIN SELECT RAISE(ABORT, 'counter: never deleted'); END;
`;
