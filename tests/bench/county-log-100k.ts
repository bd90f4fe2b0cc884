// What an entry of the county's log, and a proof, cost where 100,000 entries are before it, against the same in a log of a thousand.

import { join } from 'node:path';
import { appendEntry, logConsistency, logSize } from '../../county/log/log.ts';
import { logTables } from '../../county/log/tables.ts';
import { type WritableDatabase, openWritable } from '../../db/sqlite.ts';
import { type Bench, figuresOf, timed } from './measure.ts';

const entries = 100_000;
const few = 1_000;
const goals = [{ of: 'p50', is: 'ratio', atMost: 2 }] as const;

export const countyLog100k: Bench = {
  name: 'county-log-100k',
  run({ quick, scratch }) {
    const long = logOf(quick ? entries / 10 : entries, join(scratch, 'long.db'));
    const short = logOf(few, join(scratch, 'short.db'));
    try {
      const samples = quick ? 5 : 21;
      const append = { ours: [] as number[], theirs: [] as number[] };
      const prove = { ours: [] as number[], theirs: [] as number[] };
      for (let i = 0; i < samples; i += 1) {
        append.theirs.push(timed(() => grow(short, nightly)));
        append.ours.push(timed(() => grow(long, nightly)));
        prove.theirs.push(timed(() => proveMany(short)));
        prove.ours.push(timed(() => proveMany(long)));
      }
      const size = logSize(long).toLocaleString('en');
      return Promise.resolve([
        {
          kind: 'measured',
          name: 'county-log-100k append',
          measures: `${nightly} entries in one transaction at ${size} ÷ the same from ${few.toLocaleString('en')}`,
          unit: 'ms',
          figures: figuresOf(append.ours),
          against: figuresOf(append.theirs),
          goals,
        },
        {
          kind: 'measured',
          name: 'county-log-100k proof',
          measures: `${proofs} consistency proofs at ${size} ÷ the same from ${few.toLocaleString('en')}`,
          unit: 'ms',
          figures: figuresOf(prove.ours),
          against: figuresOf(prove.theirs),
          goals,
        },
      ]);
    } finally {
      long.close();
      short.close();
    }
  },
};

/** Entries of one small county's night. */
const nightly = 200;
const proofs = 200;

function logOf(size: number, path: string): WritableDatabase {
  const db = openWritable(path, { mustExist: false });
  db.exec(logTables);
  grow(db, size);
  return db;
}

function grow(db: WritableDatabase, count: number): void {
  db.exec('BEGIN IMMEDIATE');
  for (let i = 0; i < count; i += 1) appendEntry(db, { t: 'FILE', note: `note ${logSize(db)}` });
  db.exec('COMMIT');
}

function proveMany(db: WritableDatabase): void {
  const to = logSize(db);
  for (let i = 1; i <= proofs; i += 1) {
    const proof = logConsistency(db, { from: Math.floor((to * i) / (proofs + 1)), to });
    if (!proof.ok) throw new Error(proof.code);
  }
}
