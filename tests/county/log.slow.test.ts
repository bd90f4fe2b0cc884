// A log of 100,000 entries on the disk: a proof reads a few heads, whatever the size, and an entry writes two rows and no more.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { appendEntry, logRootAt, logSize, sealLog, storedHeads } from '../../county/log/log.ts';
import { logTables } from '../../county/log/tables.ts';
import { openWritable } from '../../db/sqlite.ts';
import { type HeadOf, consistencyProof, headAt, inclusionProof, isConsistent, isIncluded } from '../../db/tree-proofs.ts';
import { fileKey, temporary } from '../support/county.ts';

const entries = 100_000;
/** A county of 172 kiosks enters about so many in a night. */
const nightly = 1_000;

test('proofs in a log of 100,000 hold and read no more heads than twice its levels; entries make as many rows as there are', () => {
  const db = openWritable(
    join(
      temporary((work) => onTestFinished(work)),
      'county.db',
    ),
    { mustExist: false },
  );
  onTestFinished(() => void db.close());
  db.exec(logTables);
  for (let done = 0; done < entries; done += nightly) {
    db.exec('BEGIN IMMEDIATE');
    for (let i = done; i < done + nightly; i += 1) appendEntry(db, { t: 'FILE', note: `note ${i}` });
    sealLog(db, { county: '540525', fileKey, day: '2026-11-21' });
    db.exec('COMMIT');
  }
  expect(logSize(db)).toBe(entries);
  const { nodes, roots } = db
    .prepare<[], { nodes: number; roots: number }>(
      'SELECT (SELECT count(*) FROM log_node) AS nodes, (SELECT count(*) FROM log_root) AS roots',
    )
    .get()!;
  expect([nodes < entries, roots]).toEqual([true, entries / nightly]);

  const stored = storedHeads(db);
  let reads = 0;
  const headOf: HeadOf = (level, index) => {
    reads += 1;
    return stored(level, index);
  };
  const newest = { size: entries, root: headAt(headOf, entries) };
  const levels = Math.ceil(Math.log2(entries));
  const wrong: string[] = [];
  let most = 0;
  for (let size = 1; size < entries; size += 997) {
    const older = { size, root: Buffer.from(logRootAt(db, size), 'base64url') };
    reads = 0;
    const consistency = consistencyProof(headOf, { from: size, to: entries });
    most = Math.max(most, reads);
    reads = 0;
    const inclusion = inclusionProof(headOf, { index: size, size: entries });
    most = Math.max(most, reads);
    if (!isConsistent(older, newest, consistency)) wrong.push(`consistency of ${size}`);
    if (!isIncluded({ index: size, hash: stored(0, size) }, newest, inclusion)) wrong.push(`entry ${size}`);
  }
  expect([wrong, most <= 2 * levels]).toEqual([[], true]);
});
