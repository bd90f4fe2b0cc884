// Turns the county's tables, written for SQLite, into PostgreSQL's: the county leads every row and key, each table is partitioned by it,
// and rows of another county are not there. Writes nothing; throws at a definition that it does not know.

import { assert } from '../../db/model/result.ts';
import { isBlank, lex } from './translate.ts';

/** By hash of the county: some hundred counties of a province in each; Citus distributes by the same column. */
const partitions = 8;

/** The statements that make the tables, in the empty schema civicpos, which is first in search_path. */
export function postgresSchema(sqlite: string): readonly string[] {
  return [nextNumber, ...postgresUpgrade(sqlite)];
}

/** The statements that add to the tables of a version before. */
export function postgresUpgrade(sqlite: string): readonly string[] {
  const statements = statementsOf(sqlite).map(postgresOf);
  return [
    ...statements.flatMap(({ now }) => now),
    ...statements.flatMap(({ later }) => later), // foreign keys, when all tables are there
    'REVOKE TRUNCATE ON ALL TABLES IN SCHEMA civicpos FROM CURRENT_USER', // no trigger of a row sees it, nor any policy
  ];
}

/** What SQLite gives to an INTEGER PRIMARY KEY that nobody named: one more than the largest, of this county. One session writes it. */
const nextNumber = `CREATE FUNCTION next_number(named TEXT, number_column TEXT) RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE following BIGINT;
BEGIN
  EXECUTE format('SELECT coalesce(max(%I), 0) + 1 FROM %I', number_column, named) INTO following;
  RETURN following;
END $$`;

interface Made {
  readonly now: readonly string[];
  readonly later: readonly string[];
}

function postgresOf(statement: string): Made {
  const table = /^CREATE TABLE (\w+) \(([^]*)\) STRICT(?:, WITHOUT ROWID)?$/.exec(statement);
  if (table !== null) return tableOf(table[1]!, partsOf(table[2]!));
  const column = /^ALTER TABLE (\w+) ADD COLUMN ([^]*)$/.exec(statement);
  if (column !== null) return columnAdded(column[1]!, column[2]!);
  const index = /^CREATE (UNIQUE )?INDEX (\w+) ON (\w+) \(([^]*)$/.exec(statement);
  if (index !== null) return { now: [`CREATE ${index[1] ?? ''}INDEX ${index[2]} ON ${index[3]} (county, ${index[4]}`], later: [] };
  const trigger =
    /^CREATE TRIGGER (\w+) BEFORE (INSERT|UPDATE|DELETE) ON (\w+)(?: WHEN ([^]*?))? BEGIN SELECT RAISE\(ABORT, ('[^']*')\); END$/.exec(
      statement,
    );
  if (trigger !== null) return triggerOf(trigger as unknown as Parameters<typeof triggerOf>[0]); // what the pattern holds
  const dropped = /^DROP TRIGGER ((\w+)_no_delete)$/.exec(statement); // of onlyGrows
  if (dropped !== null) return { now: [`DROP TRIGGER ${dropped[1]} ON ${dropped[2]}`, `DROP FUNCTION ${dropped[1]}()`], later: [] };
  throw new Error(`no translation of: ${statement}`);
}

function tableOf(table: string, parts: readonly string[]): Made {
  const columns: string[] = [`county TEXT COLLATE "C" NOT NULL DEFAULT current_setting('civicpos.county')`];
  const constraints: string[] = [];
  const later: string[] = [];
  const refer = (own: string, other: string, theirs: string): void => {
    later.push(`ALTER TABLE ${table} ADD FOREIGN KEY (county, ${own}) REFERENCES ${other} (county, ${theirs})`);
  };
  for (const part of parts) {
    const foreign = /^FOREIGN KEY \(([^)]*)\) REFERENCES (\w+) \(([^)]*)\)$/.exec(part);
    const key = /^(PRIMARY KEY|UNIQUE) \(([^]*)\)$/.exec(part);
    if (foreign !== null) refer(foreign[1]!, foreign[2]!, foreign[3]!);
    else if (key !== null) constraints.push(`${key[1]} (county, ${key[2]})`);
    else if (part.startsWith('CHECK (')) constraints.push(part);
    else columns.push(columnOf(table, part, constraints, refer));
  }
  const name = (i: number): string => `${table}_p${i}`;
  return {
    now: [
      `CREATE TABLE ${table} (${[...columns, ...constraints].join(', ')}) PARTITION BY HASH (county)`,
      ...Array.from(
        { length: partitions },
        (_, i) => `CREATE TABLE ${name(i)} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${i})`,
      ),
      // No policy on the partitions themselves: nobody sees a row by going past the table.
      ...[table, ...Array.from({ length: partitions }, (_, i) => name(i))].map(
        (each) => `ALTER TABLE ${each} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      ),
      `CREATE POLICY own_county ON ${table} USING (county = current_setting('civicpos.county'))`,
    ],
    later,
  };
}

function columnAdded(table: string, part: string): Made {
  const constraints: string[] = [];
  const later: string[] = [];
  const column = columnOf(table, part, constraints, (own, other, theirs) => {
    later.push(`ALTER TABLE ${table} ADD FOREIGN KEY (county, ${own}) REFERENCES ${other} (county, ${theirs})`);
  });
  assert(constraints.length === 0, `${table}: a key is not added to a table`); // nor does SQLite
  return { now: [`ALTER TABLE ${table} ADD COLUMN ${column}`], later };
}

const types: Readonly<Record<string, string>> = { INTEGER: 'BIGINT', TEXT: 'TEXT COLLATE "C"', BLOB: 'BYTEA' }; // "C": SQLite's order, by bytes

function columnOf(table: string, part: string, constraints: string[], refer: (own: string, other: string, theirs: string) => void): string {
  const [, name, type, rest] = /^(\w+) (INTEGER|TEXT|BLOB)\b([^]*)$/.exec(part) ?? [];
  assert(name !== undefined && type !== undefined && rest !== undefined, `${table}: a column is known: ${part}`);
  let left = rest;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(left);
    if (found !== null) left = left.replace(found[0], '');
    return found;
  };
  const reference = take(/ REFERENCES (\w+) \((\w+)\)/);
  if (reference !== null) refer(name, reference[1]!, reference[2]!);
  if (take(/ UNIQUE\b/) !== null) constraints.push(`UNIQUE (county, ${name})`);
  if (take(/ PRIMARY KEY\b/) !== null) {
    constraints.push(`PRIMARY KEY (county, ${name})`);
    if (type === 'INTEGER') left += ` DEFAULT next_number('${table}', '${name}')`;
  }
  return `${name} ${types[type]}${left}`;
}

function triggerOf([, name, event, table, when, message]: readonly [string, string, string, string, string | undefined, string]): Made {
  const condition = when === undefined ? 'TRUE' : when.replace(/\bIS NOT \(/, 'IS DISTINCT FROM (');
  const row = event === 'DELETE' ? 'OLD' : 'NEW';
  const refusal = `RAISE EXCEPTION USING MESSAGE = ${message}, ERRCODE = 'integrity_constraint_violation'`;
  return {
    now: [
      `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ${condition} THEN ${refusal}; END IF; RETURN ${row}; END $$`,
      `CREATE TRIGGER ${name} BEFORE ${event} ON ${table} FOR EACH ROW EXECUTE FUNCTION ${name}()`,
    ],
    later: [],
  };
}

/** Without comments, every space one. A trigger holds a semicolon of its own. */
function statementsOf(sqlite: string): readonly string[] {
  const statements: string[] = [];
  let text = '';
  for (const token of lex(sqlite)) {
    if (token === ';' && (!text.includes('CREATE TRIGGER') || text.trimEnd().endsWith(' END'))) {
      statements.push(text.trim());
      text = '';
    } else if (isBlank(token)) {
      if (!text.endsWith(' ')) text += ' ';
    } else text += token;
  }
  assert(text.trim() === '', 'the last definition ends');
  return statements.map((each) => each.replaceAll('( ', '(').replaceAll(' )', ')'));
}

/** Columns and constraints: what stands between commas that are in no parentheses. */
function partsOf(body: string): readonly string[] {
  const parts: string[] = [];
  let text = '';
  let depth = 0;
  for (const token of lex(body)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === ',' && depth === 0) {
      parts.push(text.trim());
      text = '';
    } else text += token;
  }
  return [...parts, text.trim()];
}
