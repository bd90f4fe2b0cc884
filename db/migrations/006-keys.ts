// Version 6 of the book's tables: the kiosk's own keys, and the committee that watches the county. Never edited after it shipped: a change
// is a new migration.

/** Which key the kiosk signs with is asked of the events alone: no row beside the chain can say otherwise. */
export const keys = `
CREATE INDEX event_key_rotated ON event (seq) WHERE kind = 'KEY_ROTATED';
CREATE INDEX event_notice_taken ON event (seq) WHERE kind = 'NOTICE_TAKEN';

-- The committee's keys as the county's files told them, each but the first named by the one before, or by notice: that one is in force
-- where an event says that a person took it.
CREATE TABLE committee_key (
  n INTEGER PRIMARY KEY CHECK (n > 0),
  name TEXT NOT NULL UNIQUE,
  key TEXT NOT NULL CHECK (length(key) = 43),
  by_notice INTEGER NOT NULL CHECK (by_notice IN (0, 1)),
  down_seq INTEGER NOT NULL REFERENCES down_file (down_seq)
) STRICT;
CREATE TRIGGER committee_key_next BEFORE INSERT ON committee_key
  WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM committee_key)
  BEGIN SELECT RAISE(ABORT, 'committee_key: does not follow the one before'); END;
CREATE TRIGGER committee_key_no_update BEFORE UPDATE ON committee_key BEGIN SELECT RAISE(ABORT, 'committee_key: append only'); END;
CREATE TRIGGER committee_key_no_delete BEFORE DELETE ON committee_key BEGIN SELECT RAISE(ABORT, 'committee_key: append only'); END;

-- Roots that the committee signed, each larger than the one before; proof: that the county's root of the same file continues it.
CREATE TABLE cosigned_root (
  down_seq INTEGER PRIMARY KEY REFERENCES down_file (down_seq),
  size INTEGER NOT NULL CHECK (size > 0),
  root TEXT NOT NULL CHECK (length(root) = 43),
  note TEXT NOT NULL,
  proof TEXT NOT NULL
) STRICT;
CREATE TRIGGER cosigned_root_grows BEFORE INSERT ON cosigned_root
  WHEN NEW.size <= (SELECT max(size) FROM cosigned_root)
  BEGIN SELECT RAISE(ABORT, 'cosigned_root: only grows'); END;
CREATE TRIGGER cosigned_root_no_update BEFORE UPDATE ON cosigned_root BEGIN SELECT RAISE(ABORT, 'cosigned_root: append only'); END;
CREATE TRIGGER cosigned_root_no_delete BEFORE DELETE ON cosigned_root BEGIN SELECT RAISE(ABORT, 'cosigned_root: append only'); END;
`;
