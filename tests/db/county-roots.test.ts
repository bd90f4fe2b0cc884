// The root of the county's log that each file brings: kept for ever where it continues the one before, else the file is refused by
// that name, and the book and what verify reads of it stay as they were.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newestCountyRoot } from '../../db/county-roots.ts';
import type { DownOutcome } from '../../db/down.ts';
import type { LogRoot } from '../../db/model/log-root.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import { type TestKiosk, aKiosk, dump, tamper } from '../support/book.ts';
import { type TestLog, aLog, entries } from '../support/county-log.ts';
import { apply, fileKey, header, writeDown } from '../support/county.ts';
import { Lie } from '../../db/verify-lie.ts';
import { countyRoots } from '../../db/verify-roots.ts';
import { verifyHome } from '../../db/verify.ts';
import { verdictOn } from '../support/verify.ts';

const log = aLog(entries('true', 40));
const otherKey = privateKeyFromSeed(Buffer.alloc(32, 9));

/** The county's next nights: each file brings what is given, or no root at all. Stops at the first that is not applied. */
async function nights(kiosk: TestKiosk, roots: readonly (LogRoot | undefined)[]): Promise<DownOutcome> {
  let before = kiosk.sha256;
  let outcome: DownOutcome | null = null;
  for (const [i, countyRoot] of roots.entries()) {
    const change = countyRoot === undefined ? {} : { countyRoot };
    const { path, sha256 } = await writeDown(join(kiosk.directory, 'from-county'), header(2 + i, before, change), []);
    const rows = dump(kiosk.book.db);
    outcome = await apply(kiosk.home, kiosk.book, path);
    if (outcome.kind !== 'applied') {
      expect(dump(kiosk.book.db)).toEqual(rows);
      return outcome;
    }
    before = sha256;
  }
  return outcome!;
}

test('roots that continue one another are kept, the newest is the one to be echoed, and verify proves each again', async () => {
  const kiosk = await aKiosk(onTestFinished);
  expect(newestCountyRoot(kiosk.book.db)).toBeNull();
  const roots = [undefined, log.carried(3, 0), log.carried(3, 3), log.carried(8, 3), log.carried(29, 8)];
  expect(await nights(kiosk, roots)).toEqual({ kind: 'applied', downSeq: 6 });
  expect(newestCountyRoot(kiosk.book.db)).toEqual({ size: 29, root: log.root(29) });
  expect(kiosk.book.db.prepare('SELECT down_seq, size, root, note, proof FROM county_root').all()).toEqual(
    [3, 3, 8, 29].map((size, i) => ({
      down_seq: 3 + i,
      size,
      root: log.root(size),
      note: roots[1 + i]!.note,
      proof: JSON.stringify(roots[1 + i]!.proof),
    })),
  );
  kiosk.book.close();
  const lines: string[] = [];
  expect(await verifyHome(kiosk.directory, (line) => lines.push(line))).toEqual({ kind: 'true' });
  expect(lines).toContain(
    "ok  county roots: 4 roots of the county's log, each signed and proved to continue the one before, through entry 29",
  );
});

const forked = aLog([...entries('true', 7), 'another', ...entries('true', 40).slice(8)]);

test.each<readonly [string, (at: TestLog) => LogRoot | undefined, string]>([
  ['of a history rewritten, with its own proof', () => forked.carried(20, 8), 'log_forked'],
  ['of a history rewritten, with the true proof', () => ({ ...forked.carried(20, 8), proof: log.carried(20, 8).proof }), 'log_forked'],
  ['of the same size and another history', () => forked.carried(8, 8), 'log_forked'],
  ['of a log put back from an older copy', () => log.carried(5, 0), 'log_forked'],
  ['without its proof', () => log.carried(20, 0), 'log_forked'],
  ['with the proof from another size', () => log.carried(20, 7), 'log_forked'],
  ['hidden', () => undefined, 'log_forked'],
  ['signed by somebody else', () => log.carried(20, 8, otherKey), 'signature'],
])('a root %s is refused', async (_, root, code) => {
  const kiosk = await aKiosk(onTestFinished);
  expect(await nights(kiosk, [log.carried(8, 0), root(log)])).toMatchObject({ kind: 'refused', code });
  expect(newestCountyRoot(kiosk.book.db)).toEqual({ size: 8, root: log.root(8) });
  kiosk.book.close();
  expect(await verdictOn(kiosk.directory)).toEqual({ kind: 'true' });
});

test('a first root comes without a proof, and is of a log that has something', async () => {
  const kiosk = await aKiosk(onTestFinished);
  expect(await nights(kiosk, [log.carried(8, 3)])).toMatchObject({ kind: 'refused', code: 'log_forked' });
  expect(await nights(kiosk, [aLog([]).carried(0, 0)])).toMatchObject({ kind: 'refused', code: 'malformed' });
});

test('the book refuses to change, forget or shrink a root; one changed behind its back is found by verify', async () => {
  const kiosk = await aKiosk(onTestFinished);
  await nights(kiosk, [log.carried(8, 0), log.carried(20, 8)]);
  const { db } = kiosk.book;
  expect(() => db.exec('DELETE FROM county_root')).toThrow('append only');
  expect(() => db.exec('UPDATE county_root SET size = 21')).toThrow('append only');
  kiosk.book.close();
  tamper(kiosk.home, (book) => book.exec("UPDATE county_root SET proof = '[]' WHERE down_seq = 3"));
  expect(await verdictOn(kiosk.directory)).toMatchObject({ kind: 'lie', check: 'reference', place: 'table county_root, row 3' });
});

test('verify names the file whose root does not continue the one before, though the kiosk took it', () => {
  const roots = countyRoots();
  const of = (place: string) => ({ fileKeys: [rawPublicKey(fileKey)], sha256: place, place });
  expect(roots.take(header(2, '', { countyRoot: log.carried(8, 0) }), of('file 2'))).toMatchObject({
    root: { size: 8, root: log.root(8) },
  });
  expect(() => roots.take(header(3, '', { countyRoot: forked.carried(20, 8) }), of('file 3'))).toThrow(
    new Lie('county roots', 'file 3', "brings a root that does not continue the one before: the county's log was forked"),
  );
});
