// The county's statements and tables in PostgreSQL's words.

import { expect, test } from 'vitest';
import { postgresSchema } from '../../../county/store/postgres-schema.ts';
import { type ValueKind, textFor, translate } from '../../../county/store/translate.ts';

function translated(sql: string, ...kinds: readonly ValueKind[]) {
  const made = translate(sql);
  return [textFor(made, kinds), made.parameters];
}

test('parameters by place are numbered and named to the server by what they are', () => {
  expect(translated('SELECT a FROM t WHERE b = ? AND c = ? LIMIT ?', 'text', 'bytes', 'integer')).toEqual([
    'SELECT a FROM t WHERE b = $1::text AND c = $2::bytea LIMIT $3::bigint',
    [0, 1, 2],
  ]);
});

test('a plus that keeps SQLite from planning by a value is not said: a text has no sign', () => {
  expect(translated('SELECT a + ? FROM t WHERE b > +? AND c IN (+?, a) LIMIT +?', 'integer', 'text', 'text', 'integer')).toEqual([
    'SELECT a + $1::bigint FROM t WHERE b > $2::text AND c IN ($3::text, a) LIMIT $4::bigint',
    [0, 1, 2, 3],
  ]);
});

test('a named parameter that stands twice is one', () => {
  expect(translated('UPDATE t SET a = coalesce(@given, a), b = @given WHERE c = @key', 'null', 'text')).toEqual([
    'UPDATE t SET a = coalesce($1, a), b = $1 WHERE c = $2::text',
    ['given', 'key'],
  ]);
});

test('a conflict is of one county', () => {
  expect(translated('INSERT INTO t (a) VALUES (?) ON CONFLICT (a, b) DO UPDATE SET a = excluded.a', 'text')).toEqual([
    'INSERT INTO t (a) VALUES ($1::text) ON CONFLICT (county, a, b) DO UPDATE SET a = excluded.a',
    [0],
  ]);
  expect(translated('INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING')).toEqual([
    'INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING',
    [],
  ]);
});

test('IS compares any two values', () => {
  expect(translated('SELECT 1 WHERE a IS ? AND b IS NOT ? AND c IS NULL AND d IS NOT NULL AND ? IS NULL', 'null', 'text', 'null')).toEqual([
    'SELECT 1 WHERE a IS NOT DISTINCT FROM $1 AND b IS DISTINCT FROM $2::text AND c IS NULL AND d IS NOT NULL AND $3::text IS NULL',
    [0, 1, 2],
  ]);
});

test('names keep their capitals; texts and comments stay as they are', () => {
  expect(translated(`SELECT file_seq AS fileSeq, 'it''s ? @x fileSeq' FROM t -- is it ?\nWHERE a = ?`, 'text')).toEqual([
    `SELECT file_seq AS "fileSeq", 'it''s ? @x fileSeq' FROM t -- is it ?\nWHERE a = $1::text`,
    [0],
  ]);
});

test('only an insert of rows it names is known to change one', () => {
  const plain = (sql: string) => translate(sql).isPlainInsert;
  expect(plain('INSERT INTO t (a) VALUES (?)')).toBe(true);
  expect(plain('INSERT INTO t (a) VALUES (?) ON CONFLICT DO NOTHING')).toBe(false);
  expect(plain('INSERT INTO t (a) SELECT a FROM u')).toBe(false);
  expect(plain('UPDATE t SET a = ?')).toBe(false);
});

test('the county leads every key, and a number that nobody names is the next of its county', () => {
  const made = postgresSchema(`
-- A comment; with a semicolon.
CREATE TABLE child (
  number INTEGER PRIMARY KEY,
  parent TEXT NOT NULL UNIQUE REFERENCES parent (name), -- whose
  bytes BLOB CHECK (length(bytes) IN (1, 2)),
  UNIQUE (parent, bytes)
) STRICT;
CREATE UNIQUE INDEX child_named ON child (bytes) WHERE parent = 'a';
CREATE TRIGGER child_no_delete BEFORE DELETE ON child BEGIN SELECT RAISE(ABORT, 'child: append only'); END;
`);
  expect(made.filter((each) => !/_p[0-7] /.test(each) && !each.startsWith('CREATE FUNCTION next_number'))).toEqual([
    `CREATE TABLE child (county TEXT COLLATE "C" NOT NULL DEFAULT current_setting('civicpos.county'), number BIGINT DEFAULT next_number('child', 'number'), parent TEXT COLLATE "C" NOT NULL, bytes BYTEA CHECK (length(bytes) IN (1, 2)), PRIMARY KEY (county, number), UNIQUE (county, parent), UNIQUE (county, parent, bytes)) PARTITION BY HASH (county)`,
    'ALTER TABLE child ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
    `CREATE POLICY own_county ON child USING (county = current_setting('civicpos.county'))`,
    `CREATE UNIQUE INDEX child_named ON child (county, bytes) WHERE parent = 'a'`,
    `CREATE FUNCTION child_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TRUE THEN RAISE EXCEPTION USING MESSAGE = 'child: append only', ERRCODE = 'integrity_constraint_violation'; END IF; RETURN OLD; END $$`,
    'CREATE TRIGGER child_no_delete BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION child_no_delete()',
    'ALTER TABLE child ADD FOREIGN KEY (county, parent) REFERENCES parent (county, name)',
    'REVOKE TRUNCATE ON ALL TABLES IN SCHEMA civicpos FROM CURRENT_USER',
  ]);
  expect(made.filter((each) => each.startsWith('CREATE TABLE child_p'))).toHaveLength(8);
});

test('a definition that has no translation is refused, not guessed', () => {
  expect(() => postgresSchema('CREATE VIEW v AS SELECT 1;')).toThrow('no translation');
  expect(() => postgresSchema('CREATE TABLE t (a REAL) STRICT;')).toThrow('a column is known: a REAL');
});
