// What versions of the county's book have come after the first, each as definitions that are added to the tables of the version before.
// Shipped ones are never edited. They make tables and columns only: what an older book never wrote, the code reads as it was then.

import { onlyGrows } from '../book/tables.ts';

/**
 * [0] makes version 2 out of version 1 (book/tables.ts and log/tables.ts), and so on. SQLite's words; postgres-schema.ts turns them. A
 * table that is a record gets the triggers of `onlyGrows` (book/tables.ts).
 */
export const countyUpgrades: readonly string[] = [
  `
-- 0: a file between two nights that only asked for rights (night.ts), and told the kiosk nothing of what was said up to its entry.
ALTER TABLE down_file ADD COLUMN tells INTEGER NOT NULL DEFAULT 1 CHECK (tells IN (0, 1));

-- The key that a person wants a kiosk to replace; null: none.
ALTER TABLE kiosk ADD COLUMN key_asked TEXT CHECK (length(key_asked) = 43);

-- How often its key changed since it was enrolled: the log tells each change by its number.
ALTER TABLE kiosk ADD COLUMN key_number INTEGER NOT NULL DEFAULT 0 CHECK (key_number >= 0);

-- The key that signed its notes; null: it came to a book of version 1, whose kiosks had one each.
ALTER TABLE up_file ADD COLUMN key TEXT CHECK (length(key) = 43);

-- The act whose down-file it took last that told it something: the rules that its county had put by then are in force there. 0: none since
-- this is written down.
ALTER TABLE kiosk ADD COLUMN taken_entry INTEGER NOT NULL DEFAULT 0 CHECK (taken_entry >= 0);

-- What a kiosk credited on a business date and did not take back, as each of the day's caps counts it. holder: an account, an operator, an
-- account and a material; '' for the kiosk.
CREATE TABLE credited (
  kiosk TEXT NOT NULL,
  day TEXT NOT NULL,
  cap TEXT NOT NULL CHECK (cap IN ('material', 'account', 'operator', 'kiosk')),
  holder TEXT NOT NULL,
  points INTEGER NOT NULL CHECK (points BETWEEN 0 AND 9007199254740991),
  PRIMARY KEY (kiosk, day, cap, holder)
) STRICT, WITHOUT ROWID;

-- Where a kiosk's own event made another key its own: old_key signed that event and what came before it.
CREATE TABLE kiosk_key (
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  -- Of the KEY_ROTATED event.
  seq INTEGER NOT NULL,
  old_key TEXT NOT NULL CHECK (length(old_key) = 43),
  new_key TEXT NOT NULL CHECK (length(new_key) = 43),
  PRIMARY KEY (kiosk, inc, seq)
) STRICT, WITHOUT ROWID;
${onlyGrows('kiosk_key')}

-- The committee's keys as kiosks are told them; word: the note by which the key before named this one, '' for the first.
CREATE TABLE committee_key (
  number INTEGER PRIMARY KEY CHECK (number > 0),
  name TEXT NOT NULL,
  key TEXT NOT NULL CHECK (length(key) = 43),
  word TEXT NOT NULL,
  UNIQUE (name)
) STRICT;
${onlyGrows('committee_key')}

-- What the county's own statement of a kiosk that does not come back holds of what it put right (book/last-days.ts). entry: of that act.
CREATE TABLE last_adjustment (
  kiosk TEXT NOT NULL,
  id TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES act (entry),
  PRIMARY KEY (kiosk, id),
  FOREIGN KEY (kiosk, id) REFERENCES adjustment (kiosk, id)
) STRICT, WITHOUT ROWID;
${onlyGrows('last_adjustment')}

-- 1: the one-time code was given since the machine with the key in force was stolen.
ALTER TABLE kiosk ADD COLUMN code_stolen INTEGER NOT NULL DEFAULT 0 CHECK (code_stolen IN (0, 1));

-- Keys that a person said were stolen when their kiosk went back to one that it had: nothing that they sign is believed. entry: of that act.
CREATE TABLE stolen_key (
  kiosk TEXT NOT NULL,
  key TEXT NOT NULL CHECK (length(key) = 43),
  entry INTEGER NOT NULL REFERENCES act (entry),
  PRIMARY KEY (kiosk, key)
) STRICT, WITHOUT ROWID;
${onlyGrows('stolen_key')}

-- A batch that is released, and whose rows are posted a slice at a time: so many are, of so many points. Gone with the last slice.
CREATE TABLE award_releasing (
  batch INTEGER PRIMARY KEY REFERENCES award_batch (id),
  released_by TEXT NOT NULL CHECK (released_by <> ''),
  at INTEGER NOT NULL,
  rows INTEGER NOT NULL CHECK (rows >= 0),
  points INTEGER NOT NULL CHECK (points >= 0)
) STRICT;
CREATE TRIGGER award_withdrawal_not_releasing BEFORE INSERT ON award_withdrawal
  WHEN EXISTS (SELECT 1 FROM award_releasing WHERE batch = NEW.batch)
  BEGIN SELECT RAISE(ABORT, 'award_withdrawal: it is being released'); END;

-- Vouchers of this kiosk up to this act were looked at, whether it took them (book/lapsed-vouchers.ts).
ALTER TABLE kiosk ADD COLUMN lapsed_entry INTEGER NOT NULL DEFAULT 0 CHECK (lapsed_entry >= 0);

-- Each time that a kiosk's question had another shop asked for rights (draws.ts): how often it may between two nights is counted here.
CREATE TABLE fetched (
  entry INTEGER PRIMARY KEY REFERENCES act (entry),
  kiosk TEXT NOT NULL,
  source TEXT NOT NULL,
  account TEXT NOT NULL
) STRICT;
CREATE INDEX fetched_for ON fetched (kiosk, entry);
${onlyGrows('fetched')}

-- What kiosks reckon money by that a newer line of master replaced: a shop's share in thousandths, the settlement price of goods in fen.
-- until: of the act that replaced it; a kiosk may go by it until it takes a file of after that.
CREATE TABLE rate_before (
  scope TEXT NOT NULL,
  t TEXT NOT NULL CHECK (t IN ('SHOP', 'GOODS')),
  key TEXT NOT NULL,
  rate INTEGER NOT NULL CHECK (rate >= 0),
  until INTEGER NOT NULL,
  PRIMARY KEY (scope, t, key, rate, until)
) STRICT, WITHOUT ROWID;
${onlyGrows('rate_before')}

-- Printed notices that shops took (book/notices.ts): a handful among years of events.
CREATE INDEX event_notice_taken ON event (entry) WHERE kind = 'NOTICE_TAKEN';

-- Files to kiosks that a book which was put back made under numbers of files that it did not know, and its kiosk had applied (down-void.ts).
-- They leave the row for those. entry: of the act that found so.
CREATE TABLE down_void (
  kiosk TEXT NOT NULL,
  down_seq INTEGER NOT NULL,
  inc INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES act (entry),
  PRIMARY KEY (kiosk, down_seq, inc, sha256)
) STRICT, WITHOUT ROWID;
${onlyGrows('down_void')}
DROP TRIGGER down_file_no_delete;
CREATE TRIGGER down_file_void_delete BEFORE DELETE ON down_file
  WHEN NOT EXISTS (SELECT 1 FROM down_void
    WHERE kiosk = OLD.kiosk AND down_seq = OLD.down_seq AND inc = OLD.inc AND sha256 = OLD.sha256)
  BEGIN SELECT RAISE(ABORT, 'down_file: append only'); END;
DROP TRIGGER down_line_no_delete;
CREATE TRIGGER down_line_void_delete BEFORE DELETE ON down_line
  WHEN EXISTS (SELECT 1 FROM down_file WHERE kiosk = OLD.kiosk AND down_seq = OLD.down_seq AND inc = OLD.inc)
  BEGIN SELECT RAISE(ABORT, 'down_line: append only'); END;
DROP TRIGGER log_given_no_delete;
CREATE TRIGGER log_given_void_delete BEFORE DELETE ON log_given
  WHEN EXISTS (SELECT 1 FROM down_file WHERE kiosk = OLD.kiosk AND down_seq = OLD.down_seq AND inc = OLD.inc)
  BEGIN SELECT RAISE(ABORT, 'log_given: append only'); END;

-- What a file told its kiosk that a book which was put back took up again: words about settlements (its incarnation and number), adjustments
-- (their id). Not all that the book says by then: the next file tells the rest (settlement-words.ts).
CREATE TABLE taken_word (
  kiosk TEXT NOT NULL,
  down_seq INTEGER NOT NULL,
  inc INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('accepted', 'paid', 'adjusted')),
  about TEXT NOT NULL,
  -- All that was paid of it by then: a file may say so after each of two payments.
  paid_fen INTEGER NOT NULL,
  PRIMARY KEY (kiosk, down_seq, inc, state, about, paid_fen)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER taken_word_no_update BEFORE UPDATE ON taken_word BEGIN SELECT RAISE(ABORT, 'taken_word: append only'); END;
CREATE TRIGGER taken_word_void_delete BEFORE DELETE ON taken_word
  WHEN EXISTS (SELECT 1 FROM down_file WHERE kiosk = OLD.kiosk AND down_seq = OLD.down_seq AND inc = OLD.inc)
  BEGIN SELECT RAISE(ABORT, 'taken_word: append only'); END;
`,
  `
-- What the county said of a settlement: every night asks it of every settlement of every kiosk, and read all words for each.
CREATE INDEX settlement_word_of ON settlement_word (kiosk, inc, number);

-- What is owed at a kiosk, over all accounts: asked with each sale that roams, which read what is and was owed in the whole county.
CREATE INDEX balance_owed ON balance (kiosk) WHERE account IN ('due', 'overdraft');
`,
  `
-- Points of a released list of awards that are to be taken back, as one person proposes it and another releases it. sha256: of its rows,
-- which lie beside the list.
CREATE TABLE take_back (
  number INTEGER PRIMARY KEY,
  batch INTEGER NOT NULL REFERENCES award_batch (id),
  sha256 TEXT NOT NULL,
  rows INTEGER NOT NULL CHECK (rows > 0),
  points INTEGER NOT NULL CHECK (points > 0),
  reason TEXT NOT NULL CHECK (reason <> ''),
  proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX take_back_of ON take_back (batch);
${onlyGrows('take_back')}
CREATE TABLE take_back_release (
  number INTEGER PRIMARY KEY REFERENCES take_back (number),
  released_by TEXT NOT NULL CHECK (released_by <> ''),
  at INTEGER NOT NULL
) STRICT;
${onlyGrows('take_back_release')}
-- What was taken back of each account, hundredths; a long one a slice after the other. entry: of that act.
CREATE TABLE taken_back (
  number INTEGER NOT NULL REFERENCES take_back (number),
  account TEXT NOT NULL,
  batch INTEGER NOT NULL,
  points INTEGER NOT NULL CHECK (points BETWEEN 1 AND 9007199254740991),
  entry INTEGER NOT NULL UNIQUE REFERENCES act (entry),
  PRIMARY KEY (number, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX taken_back_of ON taken_back (account, batch);
${onlyGrows('taken_back')}
`,
  `
-- Points that are the county's again for another reason than a wrong award, as one person proposes it and another releases it: of
-- recycling credits that it disallows, or of which a year passed. about: of an expiry the date through which it is; of one credit the number
-- of its ticket; '' of a list. left_out: of an expiry what did not expire with it, as JSON; '' of nothing. sha256: of its rows, which lie
-- beside the lists of awards.
CREATE TABLE reclaim (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('credits', 'expiry')),
  about TEXT NOT NULL,
  left_out TEXT NOT NULL DEFAULT '',
  sha256 TEXT NOT NULL,
  rows INTEGER NOT NULL CHECK (rows > 0),
  points INTEGER NOT NULL CHECK (points > 0),
  reason TEXT NOT NULL CHECK (reason <> ''),
  proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
  at INTEGER NOT NULL
) STRICT;
${onlyGrows('reclaim')}
CREATE TABLE reclaim_release (
  number INTEGER PRIMARY KEY REFERENCES reclaim (number),
  released_by TEXT NOT NULL CHECK (released_by <> ''),
  at INTEGER NOT NULL
) STRICT;
${onlyGrows('reclaim_release')}
-- Its rows as they are posted, n from 1, with what was taken: hundredths, 0 where nothing was there any more. kiosk, inc, seq: of the
-- credit, or of the paper that stands for it; '' and 0 of an expiry. entry: of that act.
CREATE TABLE reclaimed (
  number INTEGER NOT NULL REFERENCES reclaim (number),
  n INTEGER NOT NULL CHECK (n > 0),
  account TEXT NOT NULL,
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  points INTEGER NOT NULL CHECK (points BETWEEN 0 AND 9007199254740991),
  entry INTEGER NOT NULL UNIQUE REFERENCES act (entry),
  PRIMARY KEY (number, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX reclaimed_of ON reclaimed (account);
CREATE INDEX reclaimed_credit ON reclaimed (kiosk, inc, seq) WHERE seq > 0;
${onlyGrows('reclaimed')}
-- What was reclaimed of a credit and its till took back as well: the account has it again. entry: of the till's event, or of the act that
-- came after it.
CREATE TABLE reclaimed_twice (
  entry INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  kiosk TEXT NOT NULL,
  inc INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  points INTEGER NOT NULL CHECK (points BETWEEN 1 AND 9007199254740991)
) STRICT;
CREATE INDEX reclaimed_twice_of ON reclaimed_twice (kiosk, inc, seq);
CREATE INDEX reclaimed_twice_account ON reclaimed_twice (account);
${onlyGrows('reclaimed_twice')}
-- Proposals that never take effect: one is released, or withdrawn, or waits.
CREATE TABLE take_back_withdrawal (
  number INTEGER PRIMARY KEY REFERENCES take_back (number),
  withdrawn_by TEXT NOT NULL CHECK (withdrawn_by <> ''),
  at INTEGER NOT NULL
) STRICT;
${onlyGrows('take_back_withdrawal')}
CREATE TRIGGER take_back_release_not_withdrawn BEFORE INSERT ON take_back_release
  WHEN EXISTS (SELECT 1 FROM take_back_withdrawal WHERE number = NEW.number)
  BEGIN SELECT RAISE(ABORT, 'take_back_release: it is withdrawn'); END;
CREATE TABLE reclaim_withdrawal (
  number INTEGER PRIMARY KEY REFERENCES reclaim (number),
  withdrawn_by TEXT NOT NULL CHECK (withdrawn_by <> ''),
  at INTEGER NOT NULL
) STRICT;
${onlyGrows('reclaim_withdrawal')}
CREATE TRIGGER reclaim_release_not_withdrawn BEFORE INSERT ON reclaim_release
  WHEN EXISTS (SELECT 1 FROM reclaim_withdrawal WHERE number = NEW.number)
  BEGIN SELECT RAISE(ABORT, 'reclaim_release: it is withdrawn'); END;
`,
];

/** The version that this program keeps. */
export const countyBookVersion = 1 + countyUpgrades.length;
