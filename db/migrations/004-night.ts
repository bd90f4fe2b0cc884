// Version 4 of the book's tables: what went up to the county and what it answered, and whose settlements its words are of. Never edited after it shipped: a change is a new
// migration.

/**
 * A row of up_file is the word that its bytes are final: they lie in the home under the same numbers and are sent as they are, however
 * often (reconciliation.md R4). An ack is kept as the county signed it; one that contradicts this book never gets a row (acks.ts).
 */
export const night = `
-- Words of the county are of one incarnation's settlements: a lost one may have made others of the same number.
ALTER TABLE settlement_state ADD COLUMN inc INTEGER NOT NULL DEFAULT 1 CHECK (inc > 0);

-- Asked for at every sale; a book that was never put back has none.
CREATE INDEX event_restored ON event (seq) WHERE kind = 'RESTORED';

CREATE TABLE up_file (
  inc INTEGER NOT NULL CHECK (inc > 0),
  file_seq INTEGER NOT NULL CHECK (file_seq > 0),
  from_seq INTEGER NOT NULL REFERENCES event (seq),
  to_seq INTEGER NOT NULL UNIQUE REFERENCES event (seq),
  -- Of the uncompressed bytes, base64url, and how many they are.
  sha256 TEXT NOT NULL CHECK (length(sha256) = 43),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  -- Wall clock, epoch ms: shown to people, obeyed by nothing.
  cut_at INTEGER NOT NULL CHECK (cut_at >= 0),
  CHECK (from_seq <= to_seq),
  PRIMARY KEY (inc, file_seq)
) STRICT, WITHOUT ROWID;

-- Every different answer, in the order in which they came: a file that waited for another has two.
CREATE TABLE ack (
  n INTEGER PRIMARY KEY,
  inc INTEGER NOT NULL,
  file_seq INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('ACCEPTED', 'DUPLICATE', 'FORK', 'GAP', 'OUT_OF_BALANCE', 'REJECTED')),
  -- Posted through this event, and its leaf as the county has it: both null where nothing is posted.
  to_seq INTEGER REFERENCES event (seq),
  head_leaf TEXT CHECK (length(head_leaf) = 43),
  note TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL CHECK (at >= 0),
  CHECK ((to_seq IS NULL) = (head_leaf IS NULL)),
  FOREIGN KEY (inc, file_seq) REFERENCES up_file (inc, file_seq)
) STRICT;
CREATE INDEX ack_of_file ON ack (inc, file_seq);

-- Roots of the county's log as its files carried them, each proved to continue the one before (county-roots.ts). Kept for ever: they
-- contradict a county that tells another history.
CREATE TABLE county_root (
  down_seq INTEGER PRIMARY KEY REFERENCES down_file (down_seq),
  size INTEGER NOT NULL CHECK (size > 0),
  root TEXT NOT NULL CHECK (length(root) = 43),
  -- The checkpoint as signed, with every signature that came with it.
  note TEXT NOT NULL,
  -- JSON: hashes in base64url, from the root of the row before.
  proof TEXT NOT NULL
) STRICT;
CREATE TRIGGER county_root_grows BEFORE INSERT ON county_root
  WHEN NEW.size < (SELECT max(size) FROM county_root)
  BEGIN SELECT RAISE(ABORT, 'county_root: never shrinks'); END;
CREATE TRIGGER county_root_no_update BEFORE UPDATE ON county_root BEGIN SELECT RAISE(ABORT, 'county_root: append only'); END;
CREATE TRIGGER county_root_no_delete BEFORE DELETE ON county_root BEGIN SELECT RAISE(ABORT, 'county_root: append only'); END;

CREATE TRIGGER up_file_next BEFORE INSERT ON up_file
  WHEN NEW.from_seq IS NOT (SELECT coalesce(max(to_seq), 0) + 1 FROM up_file)
  BEGIN SELECT RAISE(ABORT, 'up_file: does not follow the one before'); END;
CREATE TRIGGER up_file_no_update BEFORE UPDATE ON up_file BEGIN SELECT RAISE(ABORT, 'up_file: append only'); END;
CREATE TRIGGER up_file_no_delete BEFORE DELETE ON up_file BEGIN SELECT RAISE(ABORT, 'up_file: append only'); END;
CREATE TRIGGER ack_no_update BEFORE UPDATE ON ack BEGIN SELECT RAISE(ABORT, 'ack: append only'); END;
CREATE TRIGGER ack_no_delete BEFORE DELETE ON ack BEGIN SELECT RAISE(ABORT, 'ack: append only'); END;
`;
