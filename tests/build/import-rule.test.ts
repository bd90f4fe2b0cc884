// Plants a break of every folder's import rule in a tree of the same layout, and asks the real linter with the real config.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'kiosk-lint-'));
  mkdirSync(join(tree, 'build'));
  cpSync(join(root, 'build/oxlint.json'), join(tree, 'build/oxlint.json'));
});
afterEach(() => rmSync(tree, { recursive: true }));

/** From each folder: what it may import, and what it may not. */
const rules = [
  {
    from: 'db/model/points.ts',
    may: ['./fen.ts'],
    mayNot: ['../book.ts', '../migrations/001.ts', '../../hardware/a.ts', '../../county/a.ts', 'node:fs', 'better-sqlite3', 'react'],
  },
  {
    from: 'db/sales.ts',
    may: ['./model/fen.ts', 'better-sqlite3', 'node:fs'],
    mayNot: [
      '../electron/ipc/wire.ts',
      '../hardware/a.ts',
      '../renderer/a.ts',
      '../county/a.ts',
      '../build/a.ts',
      'serialport',
      'electron',
    ],
  },
  { from: 'db/migrations/002.ts', may: ['../sqlite.ts'], mayNot: ['../../hardware/a.ts', '../../electron/engine/a.ts'] },
  {
    from: 'hardware/printer/link.ts',
    may: ['../../db/model/receipt.ts', 'serialport', '../device-url.ts'],
    mayNot: ['../../db/book.ts', '../../db/migrations/001.ts', '../../electron/ipc/wire.ts', '../../renderer/a.ts', 'better-sqlite3'],
  },
  {
    from: 'renderer/screens/pay.tsx',
    may: ['../../electron/ipc/rpc.ts', '../../db/model/amounts.ts', 'react'],
    mayNot: [
      '../../electron/engine/a.ts',
      '../../electron/main/a.ts',
      '../../db/book.ts',
      '../../hardware/a.ts',
      'node:fs',
      'electron',
      'ws',
    ],
  },
  {
    from: 'electron/ipc/contract.ts',
    may: ['../../db/model/fen.ts', './wire.ts'],
    mayNot: ['../engine/handlers.ts', '../main/a.ts', '../browser/a.ts', '../../db/book.ts', '../../hardware/a.ts', '../../renderer/a.ts'],
  },
  {
    from: 'electron/engine/pay.ts',
    may: ['../../db/book.ts', '../../hardware/a.ts', '../ipc/wire.ts', './cart.ts'],
    mayNot: [
      '../main/a.ts',
      '../browser/a.ts',
      '../../renderer/a.ts',
      '../../county/a.ts',
      'electron',
      'better-sqlite3',
      '../../tests/a.ts',
    ],
  },
  {
    from: 'electron/main/window.ts',
    may: ['../ipc/log.ts', 'electron', './keys.ts'],
    mayNot: [
      '../engine/pay.ts',
      '../browser/a.ts',
      '../../db/model/fen.ts',
      '../../db/book.ts',
      '../../renderer/a.ts',
      '../../hardware/a.ts',
    ],
  },
  { from: 'electron/preload.ts', may: ['electron'], mayNot: ['../db/model/fen.ts', './engine/pay.ts', '../renderer/a.ts'] },
  {
    from: 'electron/browser/host.ts',
    may: ['../ipc/relay.ts', 'ws'],
    mayNot: [
      '../main/a.ts',
      '../engine/a.ts',
      '../../db/book.ts',
      '../../renderer/a.ts',
      '../../hardware/a.ts',
      'electron',
      'better-sqlite3',
    ],
  },
  {
    from: 'county/settle.ts',
    may: ['../db/model/fen.ts', './schemes/a.ts', '../db/sqlite.ts', 'fastify'],
    mayNot: [
      '../db/migrations/001.ts',
      '../electron/ipc/wire.ts',
      '../hardware/a.ts',
      '../renderer/a.ts',
      '../build/a.ts',
      '../tests/a.ts',
      'better-sqlite3',
    ],
  },
] as const;

test.each(rules)('$from imports what its folder may, and nothing else', async ({ from, may, mayNot }) => {
  plant(from, [...may, ...mayNot].map((source, i) => `import { a${i} } from '${source}';\nexport const b${i} = a${i};`).join('\n'));
  const found = await lint();
  expect(
    found.filter(({ rule }) => rule === 'eslint(no-restricted-imports)').map(({ message }) => /'([^']+)' import/.exec(message)?.[1]),
  ).toEqual(mayNot);
});

test('the contract may take the engine as a type', async () => {
  plant('electron/ipc/contract.ts', `import type { handlers } from '../engine/handlers.ts';\nexport type Calls = typeof handlers;`);
  expect(await lint()).toEqual([]);
});

test('tests may import everything', async () => {
  plant(
    'tests/hardware/a.test.ts',
    `import { a } from '../../db/book.ts';\nimport { b } from '../../renderer/b.ts';\nexport const c = [a, b];`,
  );
  expect(await lint()).toEqual([]);
});

test('two files that import each other are found', async () => {
  plant('db/one.ts', `import { two } from './two.ts';\nexport const one = (): unknown => two;`);
  plant('db/two.ts', `import { one } from './one.ts';\nexport const two = (): unknown => one;`);
  expect((await lint()).map(({ rule }) => rule)).toEqual(['import(no-cycle)', 'import(no-cycle)']);
});

test.each([
  ['renderer/a.tsx', 'export const a = <p dangerouslySetInnerHTML={{ __html: "x" }} />;', 'react(no-danger)'],
  ['db/a.ts', 'export const a = eval("1");', 'eslint(no-eval)'],
  ['db/a.ts', 'export const a = new Function("return 1");', 'eslint(no-new-func)'],
  ['db/a.ts', 'export const a = (b: any): unknown => b;', 'typescript(no-explicit-any)'],
  ['db/a.ts', 'const a = 1;\nexport default a;', 'import(no-default-export)'],
])('%s: %s is found', async (file, source, rule) => {
  plant(file, source);
  expect((await lint()).map((found) => found.rule)).toContain(rule);
});

function plant(file: string, source: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), `${source}\n`);
}

async function lint(): Promise<readonly { readonly rule: string; readonly message: string }[]> {
  const oxlint = join(root, 'node_modules/.bin/oxlint');
  const run = promisify(execFile)(oxlint, ['-c', 'build/oxlint.json', '--format', 'json'], { cwd: tree });
  const { stdout } = await run.catch((error: { stdout: string }) => error); // it exits with 1 when it found something
  const report = JSON.parse(stdout) as { diagnostics: { code: string; message: string }[] };
  return report.diagnostics.map(({ code, message }) => ({ rule: code, message }));
}
