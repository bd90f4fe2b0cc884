// The golden county is what it was, and both implementations make the same report of it, to the fen (reconciliation.md R7, T7 and T8).

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { checkFiles } from '../../db/check-files.ts';
import { outcomeText } from '../../db/files-unchecked.ts';
import { canonical, type Plain } from '../../db/model/canonical.ts';
import { openVoucher } from '../../db/model/voucher.ts';
import { golden, run, saidByPython } from './both.ts';

/** Every file by its path. Packed ones unpacked: how well a processor packs is its own affair. */
function contentOf(directory: string): { readonly [path: string]: string } {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const read = (path: string): Buffer => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path));
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .toSorted()
      .map((path) => [path.slice(directory.length + 1), read(path).toString('utf8')]),
  );
}

test('making the golden county again gives the same bytes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'jifen-again-'));
  try {
    await run(process.execPath, [join(import.meta.dirname, '../vectors/make.ts'), directory]);
    expect(contentOf(directory)).toEqual(contentOf(golden));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('both implementations make the same report of it, byte for byte', async () => {
  const verdict = await checkFiles(golden, join(golden, 'keys.json'), () => {});
  if (verdict.kind !== 'true') throw new Error(JSON.stringify(verdict));
  const { stdout, stderr } = await saidByPython({ files: golden, keys: join(golden, 'keys.json') });
  expect(stdout).toBe(`${canonical(verdict.report as unknown as Plain)}\n`); // plain by its type
  expect(outcomeText(verdict.notChecked)).toBe('every check that could be made holds; not checked: county log, awards (see above)');
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(outcomeText(verdict.notChecked));
});

test('neither says that all holds where there was nothing to check, or no keys to check it by', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'jifen-nothing-'));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  const good = join(golden, 'keys.json');
  const withKeys = (name: string, text: string): { readonly files: string; readonly keys: string } => {
    writeFileSync(join(scratch, name), text);
    return { files: golden, keys: join(scratch, name) };
  };
  const cases = [
    { files: join(scratch, 'nothing'), keys: good },
    { files: join(golden, 'civicpos'), keys: good }, // one level too deep
    withKeys('another.json', '{"name": "package"}'),
    withKeys('deep.json', '['.repeat(200_000)),
  ];
  const said = await Promise.all(cases.map((each) => saidByPython(each)));
  for (const [i, { files, keys }] of cases.entries()) {
    const ours = await checkFiles(files, keys, (line) => expect(line).toBe('nothing'));
    const noKeys = keys === good ? '' : `${keys} is not a keys.json`;
    expect([i, ours]).toEqual([i, { kind: 'unchecked', what: expect.stringMatching(`^${noKeys}`) as string }]);
    expect([i, said[i]]).toMatchObject([
      i,
      { code: 2, stdout: '', stderr: expect.stringMatching(`^not checked: ${noKeys}.*\n$`) as string },
    ]);
  }
});

test('what it says: two kiosks, three closed days and three settlements each, all answered', async () => {
  const said: string[] = [];
  const verdict = await checkFiles(golden, join(golden, 'keys.json'), (line) => said.push(line));
  if (verdict.kind !== 'true') throw new Error(JSON.stringify(verdict));
  const { county, kiosks, totals } = verdict.report;
  expect({
    county,
    kiosks: kiosks.map(({ kiosk, inc, files, answers, days, settlements }) => ({
      kiosk,
      inc,
      files,
      answers,
      days: days.map(({ day }) => day),
      owed: settlements.map(({ owedFen }) => owedFen),
    })),
  }).toMatchInlineSnapshot(`
    {
      "county": "540525",
      "kiosks": [
        {
          "answers": 3,
          "days": [
            "2026-11-21",
            "2026-11-22",
            "2026-11-23",
          ],
          "files": 3,
          "inc": 1,
          "kiosk": "qj-01",
          "owed": [
            2000,
            0,
            1250,
          ],
        },
        {
          "answers": 3,
          "days": [
            "2026-11-21",
            "2026-11-22",
            "2026-11-23",
          ],
          "files": 3,
          "inc": 1,
          "kiosk": "qj-03",
          "owed": [
            1591,
            558,
            68,
          ],
        },
      ],
    }
  `);
  expect(sumsOf(totals)).toEqual({ PTS: 0, CNY: 0 });
  expect(said.filter((line) => !line.startsWith('ok  '))).toEqual([
    'not checked  county log: no folder log is here, so nothing tells whether the county left out, changed or held back a file',
    'not checked  awards: no folder log is here, so nothing tells whether more points were given than awarded',
  ]);
});

test('the voucher of the page is the one that a kiosk took', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/files.md'), 'utf8');
  const [, key] = /public key\n`([\w-]{43})`/.exec(page)!;
  const [text] = /CV1\|\d.*/.exec(page)!;
  expect(openVoucher(text, [Buffer.from(key!, 'base64url')])).toEqual({
    ok: true,
    value: { county: '540525', kiosk: 'qj-01', accountId: 'a3', number: 1, amount: 500 },
  });
  expect(contentOf(golden)['civicpos/540525/up/qj-01/1/00000003.jsonl.gz']).toContain(`"text":"${text}"`);
});

function sumsOf(totals: { readonly [account: string]: number }): { readonly PTS: number; readonly CNY: number } {
  const sum = (commodity: string): number =>
    Object.entries(totals).reduce((total, [name, amount]) => (name.endsWith(`/${commodity}`) ? total + amount : total), 0);
  return { PTS: sum('PTS'), CNY: sum('CNY') };
}
