// Turns a statement of the county's book, as SQLite reads it, into PostgreSQL's. Knows the portable part of SQL that the county keeps to,
// and the county column that leads every key; understands no statement's meaning.

/** A statement in PostgreSQL's words; what stands between two texts is a parameter. */
export interface Translated {
  readonly pieces: readonly (string | Parameter)[];
  /** Parameters in order: a number is the place of a value, a text its name. */
  readonly parameters: readonly (number | string)[];
  /** Whether it writes one row that it names itself: it changes one or fails. */
  readonly isPlainInsert: boolean;
}

export interface Parameter {
  /** From 1, as PostgreSQL counts. */
  readonly number: number;
  /** Stands before IS, where PostgreSQL must be told a type even of a null. */
  readonly isBare: boolean;
}

/** What a value is to PostgreSQL. */
export type ValueKind = 'null' | 'integer' | 'text' | 'bytes';

const casts: Readonly<Record<ValueKind, string>> = { null: '', integer: '::bigint', text: '::text', bytes: '::bytea' };

/** Translates one statement, or several without parameters. */
export function translate(sql: string): Translated {
  const tokens = lex(sql);
  const pieces: (string | Parameter)[] = [];
  const parameters: (number | string)[] = [];
  let text = '';
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]!;
    const name = parameterName(token, parameters);
    if (name !== null) {
      let at = parameters.indexOf(name);
      if (at === -1) at = parameters.push(name) - 1;
      pieces.push(text, { number: at + 1, isBare: wordAt(tokens, i, 1) === 'IS' });
      text = '';
    } else if (token === 'IS' && !isFixed(afterIs(tokens, i))) {
      const not = wordAt(tokens, i, 1) === 'NOT';
      text += not ? 'IS DISTINCT FROM' : 'IS NOT DISTINCT FROM';
      if (not) i = indexAfter(tokens, i, 1);
    } else if (token === '+' && isSign(tokens, i, parameters)) {
      // tells SQLite not to plan by the value (db/sqlite.ts); a text has no sign here
    } else if (token === 'IMMEDIATE' && wordAt(tokens, i, -1) === 'BEGIN') {
      // one writer of a county has the county's lock: nothing is left to be immediate about
    } else if (token === '(' && wordAt(tokens, i, -1) === 'CONFLICT') {
      text += '(county, ';
    } else {
      text += isMixed(token) ? `"${token}"` : token;
    }
  }
  return { pieces: [...pieces, text], parameters, isPlainInsert: isPlainInsert(tokens) };
}

/** The text for values of these kinds, each named to PostgreSQL so that it never guesses a smaller one. */
export function textFor({ pieces }: Translated, kinds: readonly ValueKind[]): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const kind = kinds[piece.number - 1]!; // one for each parameter
      return `$${piece.number}${piece.isBare && kind === 'null' ? '::text' : casts[kind]}`;
    })
    .join('');
}

/** Words, numbers, quoted texts, parameters, space and comments, single signs. */
export function lex(sql: string): readonly string[] {
  return sql.match(/--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|[@?]?[A-Za-z_]\w*|\?\d*|\d+|\s+|[^]/g) ?? [];
}

/** Space and comments. */
export function isBlank(token: string): boolean {
  return /^(?:\s|--)/.test(token);
}

function parameterName(token: string, before: readonly (number | string)[]): number | string | null {
  if (token === '?') return before.filter((each) => typeof each === 'number').length;
  return token.startsWith('@') ? token.slice(1) : null;
}

/** Whether a plus stands right before a parameter and after no value: it adds nothing. */
function isSign(tokens: readonly string[], at: number, parameters: readonly (number | string)[]): boolean {
  const before = tokens[at - 1] ?? '';
  return parameterName(tokens[at + 1] ?? '', parameters) !== null && (isBlank(before) || before === '(');
}

/** The nearest word, so many to the right or to the left. */
function wordAt(tokens: readonly string[], at: number, steps: 1 | -1): string {
  return (tokens[indexAfter(tokens, at, steps)] ?? '').toUpperCase();
}

function indexAfter(tokens: readonly string[], at: number, step: 1 | -1): number {
  let i = at + step;
  while (i >= 0 && i < tokens.length && isBlank(tokens[i]!)) i += step;
  return i;
}

function afterIs(tokens: readonly string[], at: number): string {
  const word = wordAt(tokens, at, 1);
  return word === 'NOT' ? wordAt(tokens, indexAfter(tokens, at, 1), 1) : word;
}

/** What PostgreSQL lets follow IS; SQLite compares any two values with it. */
function isFixed(word: string): boolean {
  return ['NULL', 'TRUE', 'FALSE', 'DISTINCT'].includes(word);
}

/** PostgreSQL folds a name that is not quoted to small letters; keywords are written in capitals. */
function isMixed(token: string): boolean {
  return /^[a-z_]\w*$/.test(token) && /[A-Z]/.test(token);
}

function isPlainInsert(tokens: readonly string[]): boolean {
  const words = tokens.filter((token) => !isBlank(token));
  const has = (word: string): boolean => words.includes(word);
  return words[0] === 'INSERT' && has('VALUES') && !has('CONFLICT') && !has('RETURNING') && !has('SELECT');
}
