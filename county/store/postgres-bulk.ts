// Says in PostgreSQL's words how rows are written, or found by their keys, many at a time: a list for each column, so that the statement
// is the same however many there are. Runs nothing.

import { assert } from '../../db/model/result.ts';
import { type BulkTable, type ColumnType, type StoreRow, type StoreValue, conflictText } from './bulk.ts';
import type { Value } from './postgres-worker.ts';

/** A statement and its values, as the session sends it. */
export interface BulkStatement {
  readonly text: string;
  readonly values: readonly Value[];
}

/** Writes rows in their order, at least one. */
export function insertStatement(table: BulkTable, rows: readonly StoreRow[]): BulkStatement {
  const names = Object.keys(table.columns);
  const types = Object.values(table.columns);
  return {
    text: `INSERT INTO ${table.name} (${names.join(', ')}) SELECT * FROM ${unnest(types)}${conflictText(table, ['county'])}`,
    values: names.map((name, i) => listOf(types[i]!, rows.map((row) => row[name]!))), // prettier-ignore
  };
}

/** Finds rows by whole keys, at least one. Each is looked up by itself, whatever the server believes of the size of its tables. */
export function findStatement(table: BulkTable, keys: readonly (readonly StoreValue[])[]): BulkStatement {
  const types = table.key.map((name) => table.columns[name]!);
  const isKey = table.key.map((name) => `${table.name}.${name} = wanted.${name}`).join(' AND ');
  const row = `SELECT ${Object.keys(table.columns).join(', ')} FROM ${table.name} WHERE ${isKey} LIMIT 1`;
  return {
    text: `SELECT found.* FROM ${unnest(types)} AS wanted (${table.key.join(', ')}) CROSS JOIN LATERAL (${row}) AS found`,
    values: types.map((type, i) => listOf(type, keys.map((key) => key[i]!))), // prettier-ignore
  };
}

const arrayTypes: Readonly<Record<ColumnType, string>> = { integer: 'bigint[]', text: 'text[]', bytes: 'bytea[]' };

function unnest(types: readonly ColumnType[]): string {
  return `unnest(${types.map((type, i) => `$${i + 1}::${arrayTypes[type]}`).join(', ')})`;
}

/** Of PostgreSQL's pg_type: what an array says that its elements are. */
const elementTypes: Readonly<Record<ColumnType, number>> = { integer: 20, text: 25, bytes: 17 };
/** One dimension, whether there are nulls, the type, how many, from which number. */
const headBytes = 20;
const lengthBytes = 4;
const integerBytes = 8;
const lengthOfNull = -1;

/**
 * An array as PostgreSQL sends and takes it in binary (its array_recv): any value goes into one as it is, and nothing is read out of text
 * there. In memory of its own, which a message between threads copies whole.
 */
function listOf(type: ColumnType, values: readonly StoreValue[]): Buffer {
  const list = Buffer.allocUnsafeSlow(values.reduce<number>((size, value) => size + lengthBytes + bytesAtMost(value), headBytes));
  let at = 0;
  for (const number of [1, Number(values.includes(null)), elementTypes[type], values.length, 1]) at = put(list, number, at);
  for (const value of values) {
    if (value === null) at = put(list, lengthOfNull, at);
    else {
      const end = putValue(list, value, at + lengthBytes);
      put(list, end - at - lengthBytes, at);
      at = end;
    }
  }
  return list.subarray(0, at);
}

/** Letters of a short text: names and numbers. To call for each what encodes a line of JSON takes twice as long. */
const shortMax = 40;
/** Of a letter in UTF-8. */
const letterBytesMax = 3;
const asciiMax = 0x7f;

function bytesAtMost(value: StoreValue): number {
  if (typeof value === 'string') return value.length <= shortMax ? value.length * letterBytesMax : Buffer.byteLength(value);
  return typeof value === 'number' ? integerBytes : (value?.length ?? 0);
}

/** Each of these returns where the next thing stands. */
function putValue(list: Buffer, value: string | number | Uint8Array, at: number): number {
  if (typeof value === 'string') return putText(list, value, at);
  if (typeof value !== 'number') {
    list.set(value, at);
    return at + value.length;
  }
  assert(Number.isSafeInteger(value), 'a number is whole and within 2^53');
  return put(list, value, put(list, Math.floor(value / 2 ** 32), at)); // its two halves: no BigInt is made of it
}

function putText(list: Buffer, text: string, at: number): number {
  if (text.length > shortMax) return at + list.write(text, at);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > asciiMax) return at + list.write(text, at);
    list[at + i] = code;
  }
  return at + text.length;
}

/** The lowest 32 bits of a whole number. */
function put(list: Buffer, number: number, at: number): number {
  list[at] = number >>> 24;
  list[at + 1] = number >>> 16;
  list[at + 2] = number >>> 8;
  list[at + 3] = number;
  return at + 4;
}
