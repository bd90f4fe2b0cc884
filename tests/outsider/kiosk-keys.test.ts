// The second golden county is what it was and both implementations read it alike; a change of key that is not the kiosk's own, or goes back,
// both call a lie, and the county posts nothing of it.

import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { takeIn } from '../../county/book/intake.ts';
import { checkFiles } from '../../db/check-files.ts';
import type { Book } from '../../db/book.ts';
import { type Home, readSigner, readSigners } from '../../db/home.ts';
import { ownKeyInForce, rotateOwnKey } from '../../db/kiosk-keys.ts';
import { canonical, type Plain } from '../../db/model/canonical.ts';
import type { KeyRotatedBody } from '../../db/model/event.ts';
import { rotationBody } from '../../db/model/kiosk-key.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { ackOf, aPair, cut, uploadOf } from '../support/county-book.ts';
import { temporary } from '../support/county.ts';
import { layOut } from '../support/outsider-folder.ts';
import { today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';
import { run, saidByPython, verdictsOn } from './both.ts';

const golden = join(import.meta.dirname, '../vectors/golden-keys');

/** Every file by its path; packed ones unpacked. */
function contentOf(directory: string): { readonly [path: string]: string } {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  const read = (path: string): Buffer => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path));
  return Object.fromEntries(paths.map((path) => [path.slice(directory.length + 1), read(path).toString('utf8')]));
}

test('making it again gives the same bytes, and both implementations make the same report of it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'jifen-again-'));
  try {
    await run(process.execPath, [join(import.meta.dirname, '../vectors/make-keys.ts'), directory]);
    expect(contentOf(directory)).toEqual(contentOf(golden));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const verdict = await checkFiles(golden, join(golden, 'keys.json'), () => {});
  if (verdict.kind !== 'true') throw new Error(JSON.stringify(verdict));
  expect((await saidByPython({ files: golden, keys: join(golden, 'keys.json') })).stdout).toBe(
    `${canonical(verdict.report as unknown as Plain)}\n`,
  ); // plain by its type
  expect(verdict.report.kiosks.map(({ inc, files, events, answers }) => ({ inc, files, events, answers }))).toEqual([
    { inc: 1, files: 3, events: 9, answers: 3 },
    { inc: 2, files: 5, events: 18, answers: 5 },
  ]);
});

const folder = 'civicpos/540526';
const fileOf = (number: number) => String(number).padStart(8, '0');

test('both tell what a person took by a printed notice: the key that no key before it named, the file without its false signature', async () => {
  const lines: string[] = [];
  await checkFiles(golden, join(golden, 'keys.json'), (line) => lines.push(line));
  const { stdout } = await run('python3', [join(import.meta.dirname, 'verify.py'), '--files', golden, '--keys', join(golden, 'keys.json')]);
  const told = (each: readonly string[]) => each.filter((line) => line.startsWith('ok  county notices: qj-05/2: '));
  const event = (file: number) => `${folder}/up/qj-05/2/${fileOf(file)}.jsonl.gz, line 4: `;
  for (const each of [told(lines), told(stdout.split('\n'))])
    expect(each).toEqual([
      expect.stringContaining(`${event(4)}the key 县监督委员会 of the committee was taken by a printed notice`),
      expect.stringContaining(`${event(5)}${folder}/down/qj-05/${fileOf(7)}.jsonl.gz, line 1 `),
    ]);
});

test('without the notice of a person the file with the false signature is a lie to both', async () => {
  const directory = temporary(onTestFinished);
  cpSync(golden, directory, { recursive: true });
  for (const ending of ['jsonl.gz', 'checkpoint', 'note']) rmSync(join(directory, folder, 'up/qj-05/2', `${fileOf(5)}.${ending}`));
  rmSync(join(directory, folder, 'ack/qj-05/2', `${fileOf(5)}.ack`));
  const lie = { kind: 'lie', place: `${folder}/down/qj-05/${fileOf(7)}.jsonl.gz, line 1` };
  expect(await verdictsOn([directory])).toEqual([{ ours: lie, python: lie }]);
});

test('a notice of a key that waits for none is a lie to both, and so is the kiosk’s own book', async () => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  const body = { about: 'committee', name: 'committee', key: ownKeyInForce(book.db), by: '扎西' } as const;
  book.transact(({ append }) => append({ kind: 'NOTICE_TAKEN', body, id: uuidv7(0), day: today, op: null, command: {} }));
  const { seq } = book.head();
  const { verdict } = ackOf((await takeIn(county, uploadOf(home, await cut(home, book)))).note);
  expect(verdict).toBe('ACCEPTED'); // it is the shop's to say, and moves nothing
  const directory = temporary(onTestFinished);
  await layOut(directory, county, home);
  const [told] = await verdictsOn([directory]);
  expect([told!.ours.kind, told!.python]).toEqual(['lie', told!.ours]);
  book.close();
  expect(await verdictOn(home.directory)).toMatchObject({ kind: 'lie', check: 'county roots', place: `event ${seq}` });
});

/** The golden files with other keys given to the outsider. */
function withKeys(change: (keys: string) => string): string {
  const directory = temporary(onTestFinished);
  cpSync(golden, directory, { recursive: true });
  const path = join(directory, 'keys.json');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return directory;
}

test('who is given a later key instead of the first believes nothing; who is given more of them believes the same', async () => {
  const line = contentOf(golden)['civicpos/540526/up/qj-05/1/00000003.jsonl.gz']!.split('\n')[0]!;
  const { kioskKey } = JSON.parse(line) as { readonly kioskKey: string };
  const first = (JSON.parse(contentOf(golden)['keys.json']!) as { readonly kiosks: { readonly 'qj-05': readonly [string] } }).kiosks[
    'qj-05'
  ][0];
  const directories = [
    withKeys((keys) => keys.replace(first, kioskKey)),
    withKeys((keys) => keys.replace(`"${first}"`, `"${kioskKey}", "${first}"`)),
  ];
  const place = 'civicpos/540526/up/qj-05/1/00000001.note';
  const lie = { kind: 'lie', place };
  const isTrue = { kind: 'true', place: '' };
  expect(await verdictsOn(directories)).toEqual([
    { ours: lie, python: lie },
    { ours: isTrue, python: isTrue },
  ]);
});

test('under a key of small order nothing holds for the outsider’s program either', async () => {
  const points = ['0100', 'ecff', '0000', '26e8', 'c717'];
  const said = await run('python3', [
    '-c',
    `import sys; sys.path.insert(0, sys.argv[1]); import verify as v
order8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
p, weak = v.point_of(order8), {order8}
for _ in range(8):
    p = v.add(p, v.point_of(order8)); z = pow(p[2], v.P - 2, v.P); x, y = p[0] * z % v.P, p[1] * z % v.P
    weak.add((y | (x & 1) << 255).to_bytes(32, "little"))
forged = bytes([0x58] + [0x66] * 31 + [1] + [0] * 31)
print(sorted({k.hex()[:4] for k in weak}), len(weak), any(v.is_signed(k, b"sale %d" % n, forged) for k in weak for n in range(40)))`,
    import.meta.dirname,
  ]);
  expect(said.stdout).toBe(
    `[${points
      .toSorted()
      .map((each) => `'${each}'`)
      .join(', ')}] 8 False\n`,
  );
});

/** Writes a change of key as no program of ours would. */
function write(book: Book, body: KeyRotatedBody): void {
  book.transact(({ append }) => append({ kind: 'KEY_ROTATED', body, id: uuidv7(book.clock.wallMs()), day: today, op: null, command: {} }));
}

test.each<[string, (book: Book, home: Home) => void, string]>([
  [
    'that the new key has not signed',
    (book, home) => {
      if (!rotateOwnKey({ ...book, transact: () => 'x' as never }, home, 'hand').ok) throw new Error('no key was drawn'); // its file stays
      const drawn = keysIn(home).find((key) => key !== ownKeyInForce(book.db))!;
      write(book, { oldKey: ownKeyInForce(book.db), newKey: drawn, proof: 'A'.repeat(86), by: 'hand' });
    },
    'does not prove that the kiosk has its new key',
  ],
  [
    'back to a key that was given up',
    (book, home) => {
      const oldest = readSigner(home)!.privateKey;
      if (!rotateOwnKey(book, home, 'hand').ok) throw new Error('not changed');
      const { inc, seq } = book.head();
      write(book, rotationBody({ ...book.identity, inc, seq: seq + 1 }, { oldKey: ownKeyInForce(book.db), next: oldest, by: 'hand' }));
    },
    'its new key was known before',
  ],
])('a change %s is a lie to both, and the county posts nothing of it', async (_what, change, why) => {
  const { county, kiosk } = await aPair(onTestFinished);
  const { home, book } = kiosk;
  change(book, home);
  const answers = [];
  for (const head = book.head().seq; ;) {
    const file = await cut(home, book);
    const { verdict, detail } = ackOf((await takeIn(county, uploadOf(home, file))).note);
    answers.push(`${verdict} ${detail}`);
    if (file.toSeq === head) break;
  }
  expect(answers.at(-1)).toMatch(new RegExp(`^OUT_OF_BALANCE .*${why}$`));
  const directory = temporary(onTestFinished);
  await layOut(directory, county, home);
  const [told] = await verdictsOn([directory]);
  expect([told!.ours.kind, told!.python]).toEqual(['lie', told!.ours]);
});

function keysIn(home: Home): readonly string[] {
  return [...readSigners(home).keys()];
}
