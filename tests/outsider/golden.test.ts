// The golden county is what it was, and both implementations make the same report of it, to the fen (reconciliation.md R7, T7 and T8).

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { checkFiles } from '../../db/check-files.ts';
import { canonical, type Plain } from '../../db/model/canonical.ts';
import { openVoucher } from '../../db/model/voucher.ts';
import { golden, reportOfPython, run } from './both.ts';

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
  const python = await reportOfPython(golden);
  expect(python).toBe(`${canonical(verdict.report as unknown as Plain)}\n`); // plain by its type
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
  expect(said.every((line) => line.startsWith('ok  '))).toBe(true);
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
