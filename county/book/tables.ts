// The tables of a county's book. Append-only where it is a record (events, postings, answers, exceptions); what is not a record can be
// made again from those.

/** A table that only grows: a row once written is never changed nor removed (reconciliation.md R6, 4 and 17). */
const records = [
  'act', 'event', 'posting', 'up_file', 'answer', 'exception', 'exception_answer', 'closing', 'settlement', 'settlement_word', 'settled_day',
  'down_file', 'down_line', 'scheme_plan', 'card', 'adjustment', 'award_batch', 'award_release', 'award_withdrawal', 'voucher', 'draw',
  'clerk_act', 'repair', 'repair_release', 'lost_paper', 'lost_paper_found', 'county_batch', 'county_batch_line',
]; // prettier-ignore

export const countyTables = `
-- One row: whose book this is. server_epoch rises when the book was put back from an old copy (R4).
CREATE TABLE county (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  code TEXT NOT NULL CHECK (length(code) = 6),
  name TEXT NOT NULL,
  server_epoch INTEGER NOT NULL CHECK (server_epoch >= 1),
  is_demo INTEGER NOT NULL CHECK (is_demo IN (0, 1)),
  -- m and c (R3): at how many kiosks an account may roam at once, and how far at each.
  roam_lines INTEGER NOT NULL DEFAULT 3 CHECK (roam_lines >= 0),
  roam_cap INTEGER NOT NULL DEFAULT 5000 CHECK (roam_cap >= 0),
  -- After which entry kiosks are heard anew, where the book was put back (book/put-back.ts); 0: it never was.
  put_back_entry INTEGER NOT NULL DEFAULT 0
) STRICT;

-- key: Ed25519, raw in base64url; null until it is enrolled. Limits are those of its newest scheme; null: none.
CREATE TABLE kiosk (
  kiosk TEXT PRIMARY KEY,
  store TEXT NOT NULL,
  key TEXT CHECK (length(key) = 43),
  code_hash TEXT,
  code_until INTEGER,
  state TEXT NOT NULL CHECK (state IN ('expected', 'active', 'quarantined', 'revoked')),
  sale_cap INTEGER,
  roaming_cap INTEGER,
  share_permille INTEGER NOT NULL DEFAULT 0,
  told_entry INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- is_active: somebody of it may spend. changed_entry: newest entry that moved its county-wide balance.
CREATE TABLE account (
  account TEXT PRIMARY KEY,
  home TEXT NOT NULL REFERENCES kiosk (kiosk),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  changed_entry INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX account_changed ON account (changed_entry);

-- What the county decided itself: awards, grants, payments. Numbers are shared with event.entry.
CREATE TABLE act (
  entry INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  about TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- Each event once (R6, 18), its bytes as they were signed. refers: the sale or credit that it takes something back of.
CREATE TABLE event (
  entry INTEGER PRIMARY KEY,
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  -- The file that brought it: of its own incarnation, or of the one that goes on from it.
  file_inc INTEGER NOT NULL,
  file_seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  account TEXT,
  refers TEXT,
  amt INTEGER NOT NULL CHECK (amt BETWEEN 0 AND 9007199254740991),
  line TEXT NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  sig BLOB NOT NULL CHECK (length(sig) = 64),
  UNIQUE (kiosk, inc, seq)
) STRICT;
CREATE INDEX event_named ON event (id) WHERE kind IN ('SALE', 'CREDIT');
CREATE INDEX event_refers ON event (refers) WHERE refers IS NOT NULL;
CREATE INDEX event_account ON event (account) WHERE account IS NOT NULL;

-- Double entry (R1): what leaves an account is negative, what arrives positive. holder: a resident's account or a merchant.
CREATE TABLE posting (
  entry INTEGER NOT NULL,
  n INTEGER NOT NULL,
  account TEXT NOT NULL,
  holder TEXT NOT NULL,
  kiosk TEXT NOT NULL,
  commodity TEXT NOT NULL CHECK (commodity IN ('PTS', 'CNY')),
  amount INTEGER NOT NULL CHECK (amount <> 0 AND amount BETWEEN -9007199254740991 AND 9007199254740991),
  PRIMARY KEY (entry, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX posting_holder ON posting (holder, entry) WHERE holder <> '';

CREATE TABLE balance (
  account TEXT NOT NULL,
  holder TEXT NOT NULL,
  kiosk TEXT NOT NULL,
  commodity TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount BETWEEN -9007199254740991 AND 9007199254740991),
  -- R1: rights and what is not allocated are never negative; what was spent beyond is a due, an overdraft or in suspense.
  CHECK (account NOT IN ('main', 'esc') OR amount >= 0),
  PRIMARY KEY (account, holder, kiosk, commodity)
) STRICT, WITHOUT ROWID;

-- A kiosk's own counters (R3), folded from its events and from the files that it applied: each C line must say the same.
CREATE TABLE counter (
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  account TEXT NOT NULL,
  g INTEGER NOT NULL DEFAULT 0 CHECK (g >= 0),
  b INTEGER NOT NULL DEFAULT 0 CHECK (b >= 0),
  s INTEGER NOT NULL DEFAULT 0 CHECK (s >= 0),
  v INTEGER NOT NULL DEFAULT 0 CHECK (v >= 0),
  c INTEGER NOT NULL DEFAULT 0 CHECK (c >= 0),
  u INTEGER NOT NULL DEFAULT 0 CHECK (u >= 0),
  x INTEGER NOT NULL DEFAULT 0 CHECK (x >= 0),
  w INTEGER NOT NULL DEFAULT 0 CHECK (w >= 0),
  xs INTEGER NOT NULL DEFAULT 0 CHECK (xs >= 0),
  f INTEGER NOT NULL DEFAULT 0 CHECK (f >= 0),
  PRIMARY KEY (kiosk, inc, account)
) STRICT, WITHOUT ROWID;

-- What the county gave: rights G at a kiosk, the roaming line that the account is to have there while nothing speaks against it (cap),
-- and how much of the roaming is funded (R3, re-arm rule). told_…: as the newest file said.
CREATE TABLE given (
  kiosk TEXT NOT NULL,
  account TEXT NOT NULL,
  granted INTEGER NOT NULL DEFAULT 0 CHECK (granted >= 0),
  cap INTEGER,
  funded INTEGER NOT NULL DEFAULT 0 CHECK (funded >= 0),
  -- Newest voucher, whose amount is in granted like those before it: what the next GRANT line says as v.
  vouchers INTEGER NOT NULL DEFAULT 0 CHECK (vouchers >= 0),
  -- X over all incarnations: a kiosk that was put back forgot some of it.
  roamed INTEGER NOT NULL DEFAULT 0 CHECK (roamed >= 0),
  -- What B is to become, by a RETURN_REQ that the kiosk has not answered; null: nothing is asked.
  asked INTEGER CHECK (asked > 0),
  -- Rights that the kiosk may hold and the county has taken from there already, by a person's leave.
  astray INTEGER NOT NULL DEFAULT 0 CHECK (astray >= 0),
  told_granted INTEGER NOT NULL DEFAULT 0,
  told_cap INTEGER,
  told_funded INTEGER NOT NULL DEFAULT 0,
  changed_entry INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kiosk, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX given_to ON given (account);
CREATE INDEX given_changed ON given (kiosk, changed_entry);

-- Roaming lines that may be in force (R3, "a line is a right"): one goes when the kiosk's own event says that a later one of the same
-- account took effect. entry: of the file that told it.
CREATE TABLE roam_line (
  kiosk TEXT NOT NULL,
  account TEXT NOT NULL,
  entry INTEGER NOT NULL,
  cap INTEGER NOT NULL CHECK (cap >= 0),
  PRIMARY KEY (kiosk, account, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX roam_line_of ON roam_line (account);

-- Where accounts of a home may roam, and how far: the lines of a new account.
CREATE TABLE roam_set (
  home TEXT NOT NULL,
  kiosk TEXT NOT NULL,
  cap INTEGER NOT NULL CHECK (cap > 0),
  PRIMARY KEY (home, kiosk)
) STRICT, WITHOUT ROWID;

-- Vouchers that an incarnation of a kiosk took in.
CREATE TABLE voucher_taken (
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  account TEXT NOT NULL,
  number INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (kiosk, inc, account, number)
) STRICT, WITHOUT ROWID;

-- How far an incarnation of a kiosk is posted. figures: of its open period; edge: of the tree over its events.
CREATE TABLE chain (
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  base_inc INTEGER,
  base_seq INTEGER NOT NULL,
  file_seq INTEGER NOT NULL,
  file_sha TEXT NOT NULL,
  to_seq INTEGER NOT NULL,
  head_leaf TEXT NOT NULL,
  edge BLOB NOT NULL,
  figures TEXT NOT NULL,
  red INTEGER NOT NULL,
  PRIMARY KEY (kiosk, inc)
) STRICT, WITHOUT ROWID;

-- Every file that a key of ours signed, once for each content; its bytes lie under files/.
CREATE TABLE up_file (
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  file_seq INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (kiosk, inc, file_seq, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE answer (
  number INTEGER PRIMARY KEY,
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  file_seq INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  verdict TEXT NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX answer_to ON answer (kiosk, inc, file_seq);
CREATE UNIQUE INDEX answer_posted ON answer (kiosk, inc, file_seq) WHERE verdict = 'ACCEPTED';

-- What a person must look at, whose it is, and what they said.
CREATE TABLE exception (
  number INTEGER PRIMARY KEY,
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  file_seq INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  owner TEXT NOT NULL CHECK (owner <> ''),
  raised_at INTEGER NOT NULL,
  UNIQUE (kiosk, inc, file_seq, seq, code, detail)
) STRICT;
CREATE TABLE exception_answer (
  number INTEGER PRIMARY KEY,
  exception INTEGER NOT NULL UNIQUE REFERENCES exception (number),
  by TEXT NOT NULL CHECK (by <> ''),
  text TEXT NOT NULL CHECK (text <> ''),
  at INTEGER NOT NULL
) STRICT;

-- Closed days as the county recomputed them, and the batches of them that kiosks settled.
CREATE TABLE closing (
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  number INTEGER NOT NULL,
  day TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES event (entry),
  red INTEGER NOT NULL,
  PRIMARY KEY (kiosk, inc, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE settlement (
  kiosk TEXT NOT NULL,
  number INTEGER NOT NULL,
  merchant TEXT NOT NULL,
  inc INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  through_closing INTEGER NOT NULL,
  points INTEGER NOT NULL,
  owed_fen INTEGER NOT NULL,
  is_agreed INTEGER NOT NULL CHECK (is_agreed IN (0, 1)),
  PRIMARY KEY (kiosk, inc, number)
) STRICT, WITHOUT ROWID;
-- Each closed day is settled once (R6, 24), whatever a restored kiosk remembers.
CREATE TABLE settled_day (
  entry INTEGER PRIMARY KEY REFERENCES event (entry),
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  number INTEGER NOT NULL
) STRICT;
CREATE TABLE settlement_word (
  entry INTEGER PRIMARY KEY,
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  number INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('accepted', 'paid')),
  day TEXT NOT NULL,
  paid_fen INTEGER,
  reference TEXT NOT NULL,
  FOREIGN KEY (kiosk, inc, number) REFERENCES settlement (kiosk, inc, number)
) STRICT;

-- Files to kiosks, and of their lines those that move rights: what an applied file does to the kiosk's counters. They are one row
-- through all incarnations: what was made for one that ended, and never took effect, has another file of its number.
CREATE TABLE down_file (
  kiosk TEXT NOT NULL,
  down_seq INTEGER NOT NULL,
  inc INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  as_of INTEGER NOT NULL,
  -- What its SETTLEMENT lines add to what was paid.
  paid_fen INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (kiosk, down_seq, inc)
) STRICT, WITHOUT ROWID;
CREATE TABLE down_line (
  kiosk TEXT NOT NULL,
  down_seq INTEGER NOT NULL,
  inc INTEGER NOT NULL,
  account TEXT NOT NULL,
  -- Of a GRANT line: g, and v.
  granted INTEGER,
  vouchers INTEGER NOT NULL DEFAULT 0,
  -- Of a ROAM line: c, and xs.
  cap INTEGER,
  settled INTEGER,
  -- An account may have both.
  CHECK ((granted IS NULL) = (settled IS NOT NULL)),
  UNIQUE (kiosk, down_seq, inc, account, settled)
) STRICT;
CREATE INDEX down_line_settled ON down_line (kiosk, down_seq) WHERE settled IS NOT NULL;

-- Vouchers, as they were signed: 1, 2, 3 … of an account at a kiosk. asked_by: a clerk, or the kiosk itself.
CREATE TABLE voucher (
  kiosk TEXT NOT NULL,
  account TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
  text TEXT NOT NULL,
  asked_by TEXT NOT NULL CHECK (asked_by <> ''),
  entry INTEGER NOT NULL UNIQUE REFERENCES act (entry),
  PRIMARY KEY (kiosk, account, number)
) STRICT, WITHOUT ROWID;
-- What a kiosk asked for over the network and was given: the same question again has the same answer.
CREATE TABLE draw (
  kiosk TEXT NOT NULL,
  nonce TEXT NOT NULL,
  account TEXT NOT NULL,
  want INTEGER NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (kiosk, nonce),
  FOREIGN KEY (kiosk, account, number) REFERENCES voucher (kiosk, account, number)
) STRICT, WITHOUT ROWID;

-- What kiosks are told as it is: the newest line for each key, and the entry that said it. scope: one kiosk, or '' for all of them.
CREATE TABLE master (
  scope TEXT NOT NULL,
  t TEXT NOT NULL CHECK (t IN ('SCHEME', 'SHOP', 'KEY', 'OPERATOR', 'GOODS', 'RESIDENT', 'DENY')),
  key TEXT NOT NULL CHECK (key <> ''),
  line TEXT NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (scope, t, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX master_told ON master (scope, t, entry, key);

-- The county's keys by the KEY lines of master: the entry that first said each, and the one that ended it; null: in force. key: Ed25519,
-- raw in base64url.
CREATE TABLE county_key (
  use TEXT NOT NULL CHECK (use IN ('card', 'file')),
  kid INTEGER NOT NULL CHECK (kid BETWEEN 0 AND 255),
  key TEXT NOT NULL CHECK (length(key) = 43),
  began INTEGER NOT NULL,
  ended INTEGER,
  PRIMARY KEY (use, kid)
) STRICT, WITHOUT ROWID;

-- Whose account a resident may use, by the newest RESIDENT line.
CREATE TABLE resident (
  resident TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX resident_of ON resident (account);

-- Rules that come into force on a later day: the night of that day makes them a line of master.
CREATE TABLE scheme_plan (
  scope TEXT NOT NULL,
  version INTEGER NOT NULL,
  from_day TEXT NOT NULL,
  line TEXT NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (scope, version)
) STRICT, WITHOUT ROWID;

-- Every card that was ever issued. Which of them are refused is a DENY line of master.
CREATE TABLE card (
  resident TEXT NOT NULL,
  issue INTEGER NOT NULL CHECK (issue BETWEEN 1 AND 255),
  kid INTEGER NOT NULL,
  expires_on TEXT NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (resident, issue)
) STRICT, WITHOUT ROWID;

-- What the county put right: an ADJUST line of the next file, and in the kiosk's next settlement. entry: of what put it right.
CREATE TABLE adjustment (
  kiosk TEXT NOT NULL,
  id TEXT NOT NULL,
  fen INTEGER NOT NULL,
  zh TEXT NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (kiosk, id)
) STRICT, WITHOUT ROWID;

-- What a clerk wants done by hand, as JSON, and that another person agreed to it: it is done once, in the same transaction.
CREATE TABLE repair (
  number INTEGER PRIMARY KEY,
  what TEXT NOT NULL,
  proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE repair_release (
  number INTEGER PRIMARY KEY REFERENCES repair (number),
  released_by TEXT NOT NULL CHECK (released_by <> ''),
  at INTEGER NOT NULL
) STRICT;

-- Papers of events that a kiosk lost before it sent them: no event, but an act with its postings. roamed: of a sale, what no rights were
-- held for. fen: worth to the shop, as two persons read it on the paper.
CREATE TABLE lost_paper (
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  leaf TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('sale', 'credit', 'return')),
  account TEXT NOT NULL,
  points INTEGER NOT NULL CHECK (points > 0),
  fen INTEGER NOT NULL CHECK (fen >= 0),
  roamed INTEGER NOT NULL CHECK (roamed >= 0),
  entry INTEGER NOT NULL UNIQUE REFERENCES act (entry),
  PRIMARY KEY (kiosk, inc, seq)
) STRICT, WITHOUT ROWID;
-- Those whose event came after all. entry: what undid the paper.
CREATE TABLE lost_paper_found (
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  entry INTEGER NOT NULL UNIQUE REFERENCES act (entry),
  PRIMARY KEY (kiosk, inc, seq),
  FOREIGN KEY (kiosk, inc, seq) REFERENCES lost_paper (kiosk, inc, seq)
) STRICT, WITHOUT ROWID;

-- What the county settles itself, since the kiosk forgot it (county/book/forgotten.ts). owed_fen: gross less share, less what settlements
-- owe that were forgotten with it and are made again. adjustment: how the kiosk is told; '' where there is nothing to pay.
CREATE TABLE county_batch (
  number INTEGER PRIMARY KEY,
  kiosk TEXT NOT NULL,
  merchant TEXT NOT NULL,
  points INTEGER NOT NULL,
  gross_fen INTEGER NOT NULL,
  share_fen INTEGER NOT NULL,
  owed_fen INTEGER NOT NULL,
  adjustment TEXT NOT NULL,
  entry INTEGER NOT NULL UNIQUE REFERENCES act (entry)
) STRICT;
CREATE INDEX county_batch_of ON county_batch (kiosk);
-- Each event, or act of a paper, is in one batch (R6, 24).
CREATE TABLE county_batch_line (
  entry INTEGER PRIMARY KEY,
  batch INTEGER NOT NULL REFERENCES county_batch (number),
  points INTEGER NOT NULL,
  fen INTEGER NOT NULL
) STRICT;
CREATE INDEX county_batch_line_of ON county_batch_line (batch);


CREATE TABLE award_batch (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  rows INTEGER NOT NULL,
  points INTEGER NOT NULL,
  proposed_by TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
-- Who may use the clerk's pages. hash: scrypt of the password; tries: those since the last right one (db/model/pin.ts).
CREATE TABLE clerk (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  role TEXT NOT NULL CHECK (role IN ('clerk', 'releaser', 'committee')),
  hash TEXT NOT NULL,
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  tries TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- What people did on the pages. name: who was signed in.
CREATE TABLE clerk_act (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  what TEXT NOT NULL,
  about TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE award_release (
  batch INTEGER PRIMARY KEY REFERENCES award_batch (id),
  released_by TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
-- Batches that never take effect: a batch is released, or withdrawn, or waits.
CREATE TABLE award_withdrawal (
  batch INTEGER PRIMARY KEY REFERENCES award_batch (id),
  withdrawn_by TEXT NOT NULL CHECK (withdrawn_by <> ''),
  at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER award_release_not_withdrawn BEFORE INSERT ON award_release
  WHEN EXISTS (SELECT 1 FROM award_withdrawal WHERE batch = NEW.batch)
  BEGIN SELECT RAISE(ABORT, 'award_release: it is withdrawn'); END;
CREATE TRIGGER award_withdrawal_not_released BEFORE INSERT ON award_withdrawal
  WHEN EXISTS (SELECT 1 FROM award_release WHERE batch = NEW.batch)
  BEGIN SELECT RAISE(ABORT, 'award_withdrawal: it is released'); END;

${records.map(onlyGrows).join('\n')}
`;

/** Triggers of a table whose rows are never changed nor removed (D2, 2). */
export function onlyGrows(table: string): string {
  return `CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table}: append only'); END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table}: append only'); END;`;
}
