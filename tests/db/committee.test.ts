// The committee that watches the county, as a kiosk knows it: what it signed of the log comes with the county's files, is checked and kept;
// a signature that is none, or a committee that the one before did not name, stops the files by the name of a forked log.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watched } from '../../db/county-roots.ts';
import { type Committee, memberText } from '../../db/model/committee.ts';
import type { DownHeader } from '../../db/model/down-file.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import type { LogRoot } from '../../db/model/log-root.ts';
import { addSignature, signNote } from '../../db/model/note.ts';
import { verifyHome } from '../../db/verify.ts';
import { type TestKiosk, aKiosk, dump, tamper } from '../support/book.ts';
import { aLog, entries } from '../support/county-log.ts';
import { apply, header, writeDown } from '../support/county.ts';
import { verdictOn } from '../support/verify.ts';

const log = aLog(entries('true', 40));
const forked = aLog([...entries('true', 10), ...entries('false', 30)]);
const [first, second, stranger] = [61, 62, 63].map((seed) => privateKeyFromSeed(Buffer.alloc(32, seed))) as [Key, Key, Key];
type Key = ReturnType<typeof privateKeyFromSeed>;

const member = (name: string, key: Key) => ({ name, key: Buffer.from(rawPublicKey(key)).toString('base64url') });
const one: Committee = [{ ...member('committee', first), word: '' }];
const named = (by: Key, key = second, name = 'committee-2') =>
  signNote(memberText('540525', member(name, key)), { name: 'committee', privateKey: by });
const two: Committee = [...one, { ...member('committee-2', second), word: named(first) }];

/** The root of `size` with the committee's signature, proved to begin the one of `to`. */
function cosigned(size: number, to: number, by = { name: 'committee', privateKey: first }, of = log): LogRoot {
  return { note: addSignature(of.carried(size, 0).note, by), proof: of.carried(to, size).proof };
}

type Change = Partial<DownHeader>;

/** The county's next files to a kiosk; says how the last one ended, and that one which was refused left nothing. */
async function files(kiosk: TestKiosk, changes: readonly Change[]): Promise<string> {
  let before = kiosk.sha256;
  for (const [i, change] of changes.entries()) {
    const rows = dump(kiosk.book.db);
    const { path, sha256 } = await writeDown(join(kiosk.directory, 'from-county'), header(2 + i, before, change), []);
    const outcome = await apply(kiosk.home, kiosk.book, path);
    if (outcome.kind === 'refused') {
      expect(dump(kiosk.book.db)).toEqual(rows);
      return `${2 + i}: ${outcome.code}`;
    }
    before = sha256;
  }
  return 'applied';
}

test('its key and what it signed are kept; the next key is taken from its hand; verify says who signed through which entry, and when', async () => {
  const kiosk = await aKiosk(onTestFinished);
  const by2 = { name: 'committee-2', privateKey: second };
  const changes: Change[] = [
    { countyRoot: log.carried(5, 0) },
    { countyRoot: log.carried(8, 5), committee: one },
    { countyRoot: log.carried(12, 8), committee: one, cosigned: cosigned(8, 12) },
    { countyRoot: log.carried(12, 12), committee: one, cosigned: cosigned(8, 12) }, // nothing new
    { countyRoot: log.carried(20, 12), committee: two },
    { countyRoot: log.carried(20, 20), committee: two, cosigned: cosigned(20, 20, by2) },
  ];
  expect(await files(kiosk, changes)).toBe('applied');
  expect(watched(kiosk.book.db)).toEqual({
    held: { size: 20, root: log.root(20) },
    members: [member('committee', first), member('committee-2', second)].map((each) => ({ ...each, isBelieved: true })),
    cosigned: { size: 20, root: log.root(20) },
  });
  expect(kiosk.book.db.prepare('SELECT down_seq, size FROM cosigned_root').raw().all()).toEqual([
    [4, 8],
    [7, 20],
  ]);
  kiosk.book.close();
  const lines: string[] = [];
  expect(await verifyHome(kiosk.directory, (line) => lines.push(line))).toEqual({ kind: 'true' });
  expect(lines.filter((line) => line.startsWith('ok  committee'))).toEqual([
    'ok  committee: committee-2 signed with the county through entry 20, which came on 2026-11-20, 0 days before the newest file',
  ]);
  tamper(kiosk.home, (db) => db.prepare('UPDATE committee_key SET key = ? WHERE n = 1').run('A'.repeat(43)));
  expect(await verdictOn(kiosk.directory)).toMatchObject({ kind: 'lie', check: 'reference', place: 'table committee_key, row 1' });
});

test('a kiosk that missed the change follows it by the words that every file carries; a new one takes them all', async () => {
  for (const changes of [[{ committee: one }, { committee: two }], [{ committee: two }]])
    expect(await files(await aKiosk(onTestFinished), changes)).toBe('applied');
});

const root = { countyRoot: log.carried(12, 0) };
const told = { ...root, committee: one };
test.each<[string, readonly Change[]]>([
  ['is signed by another under its name', [{ ...told, cosigned: cosigned(8, 12, { name: 'committee', privateKey: stranger }) }]],
  ['is signed by nobody of it', [{ ...told, cosigned: { note: log.carried(8, 0).note, proof: log.carried(12, 8).proof } }]],
  ['is of another history than the root beside it', [{ ...told, cosigned: cosigned(12, 12, undefined, forked) }]],
  ['is larger than the root beside it', [{ ...told, cosigned: cosigned(20, 20) }]],
  ['is proved by nothing', [{ ...told, cosigned: { ...cosigned(8, 12), proof: [] } }]],
  ['comes without a committee', [{ ...root, cosigned: cosigned(8, 12) }]],
  [
    'stands falsely under the newest root',
    [
      {
        committee: one,
        countyRoot: { ...root.countyRoot, note: addSignature(root.countyRoot.note, { name: 'committee', privateKey: stranger }) },
      },
    ],
  ],
  ['is by the key before the one in force', [{ ...root, committee: two, cosigned: cosigned(8, 12) }]],
])('a co-signature that %s stops the files', async (_what, changes) => {
  expect(await files(await aKiosk(onTestFinished), changes)).toBe('2: log_forked');
});

test.each<[string, readonly Change[]]>([
  ['left out again', [{ committee: one }, {}]],
  ['another than before', [{ committee: one }, { committee: [{ ...member('committee', stranger), word: '' }] }]],
  ['followed without the old one’s word', [{ committee: one }, { committee: [...one, { ...member('committee-2', second), word: '' }] }]],
  [
    'followed by the word of a stranger',
    [{ committee: one }, { committee: [...one, { ...member('committee-2', second), word: named(stranger) }] }],
  ],
  [
    'followed by another than the word names',
    [{ committee: one }, { committee: [...one, { ...member('committee-3', second), word: named(first) }] }],
  ],
  [
    'followed under the same name',
    [{ committee: one }, { committee: [...one, { ...member('committee', second), word: named(first, second, 'committee') }] }],
  ],
  ['put back to the key before', [{ committee: two }, { committee: one }]],
])('a committee that is %s stops the files', async (_what, changes) => {
  expect(await files(await aKiosk(onTestFinished), changes)).toBe(`${1 + changes.length}: log_forked`);
});
