// The tables of the county's log, in the file of its book. A row once written is never changed nor removed.

const tables = ['log_leaf', 'log_node', 'log_root', 'log_cosignature', 'log_given', 'log_echo'] as const;

export const logTables = `
-- Entries in order, from 0: their canonical bytes (db/model/log-entry.ts) and RFC 6962 leaf hash. No entry stands twice.
CREATE TABLE log_leaf (
  n INTEGER PRIMARY KEY CHECK (n >= 0),
  entry TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER log_leaf_next BEFORE INSERT ON log_leaf
  WHEN NEW.n IS NOT (SELECT coalesce(max(n), -1) + 1 FROM log_leaf)
  BEGIN SELECT RAISE(ABORT, 'log_leaf: does not follow the one before'); END;

-- Heads of whole subtrees of 2^level leaves, level 1 and up: as many as leaves, so that a proof reads a few of them.
CREATE TABLE log_node (
  level INTEGER NOT NULL CHECK (level >= 1),
  n INTEGER NOT NULL CHECK (n >= 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, n)
) STRICT, WITHOUT ROWID;

-- Checkpoints that the county signed: one a day, none where nothing came.
CREATE TABLE log_root (
  size INTEGER PRIMARY KEY CHECK (size > 0),
  root TEXT NOT NULL CHECK (length(root) = 43),
  day TEXT NOT NULL,
  note TEXT NOT NULL
) STRICT;

-- Signature lines that others put under a checkpoint.
CREATE TABLE log_cosignature (
  size INTEGER NOT NULL REFERENCES log_root (size),
  name TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (size, name)
) STRICT, WITHOUT ROWID;

-- Which root went down in which file: the proof in the next one starts there.
CREATE TABLE log_given (
  kiosk TEXT NOT NULL,
  down_seq INTEGER NOT NULL,
  inc INTEGER NOT NULL,
  size INTEGER NOT NULL REFERENCES log_root (size),
  note TEXT NOT NULL,
  proof TEXT NOT NULL,
  PRIMARY KEY (kiosk, down_seq, inc)
) STRICT, WITHOUT ROWID;

-- Roots that kiosks said they hold, also those that this log contradicts; file_seq below 0: that a lost file to the kiosk gave it.
CREATE TABLE log_echo (
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  file_seq INTEGER NOT NULL,
  size INTEGER NOT NULL,
  root TEXT NOT NULL,
  PRIMARY KEY (kiosk, inc, file_seq)
) STRICT, WITHOUT ROWID;

${tables
  .map(
    (table) => `CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table}: append only'); END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table}: append only'); END;`,
  )
  .join('\n')}
`;
