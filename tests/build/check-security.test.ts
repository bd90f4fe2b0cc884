// Plants each break in a copy of nothing but the window factory, and asks the scan; and scans the product itself.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { excuses, findBreaks } from '../../build/check-security.ts';

const root = join(import.meta.dirname, '../..');
const factory = 'electron/main/window.ts';
let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'kiosk-scan-'));
  for (const folder of ['electron/main', 'renderer', 'db', 'hardware', 'county']) mkdirSync(join(tree, folder), { recursive: true });
  cpSync(join(root, factory), join(tree, factory));
});
afterEach(() => rmSync(tree, { recursive: true }));

test('S01, S11: the product has no break', () => {
  expect(findBreaks(root)).toEqual([]);
});

test('every excuse is still needed', () => {
  expect(excuses.filter(({ file, has }) => !readFileSync(join(root, file), 'utf8').includes(has))).toEqual([]);
});

test.each([
  ['electron/main/display.ts', 'const w = new BrowserWindow({});', 'windows are made in electron/main/window.ts alone'],
  ['electron/main/display.ts', 'const options = { webPreferences: {} };', 'windows are made in electron/main/window.ts alone'],
  ['renderer/a.tsx', 'element.innerHTML = name;', 'no text becomes HTML'],
  ['renderer/a.tsx', 'const a = <p dangerouslySetInnerHTML={x} />;', 'no text becomes HTML'],
  ['renderer/a.tsx', 'element.insertAdjacentHTML("beforeend", x);', 'no text becomes HTML'],
  ['renderer/a.tsx', 'document.write(x);', 'no text becomes HTML'],
  ['county/a.ts', 'eval (x);', 'no text becomes code'],
  ['county/a.ts', 'const f = new Function(x);', 'no text becomes code'],
  ['renderer/a.tsx', 'setTimeout("pay()", 1);', 'no text becomes code'],
  ['electron/main/a.ts', 'contents.executeJavaScript(x);', 'no text becomes code'],
  ['electron/main/a.ts', "import { app, shell } from 'electron';", 'nothing opens outside the app'],
  ['electron/main/a.ts', 'void shell.openExternal(url);', 'nothing opens outside the app'],
  ['hardware/a.ts', "import { exec } from 'node:child_process';", 'no command goes through a shell'],
  ['hardware/a.ts', "spawn('lp', [file], { shell: true });", 'no command goes through a shell'],
  ['db/a.ts', 'db.prepare(`SELECT * FROM sale WHERE id = ${id}`).get();', 'SQL has parameters, never ${'],
  ['county/a.ts', 'db.exec(\n  `DELETE FROM ${table}`,\n);', 'SQL has parameters, never ${'],
  ['electron/main/a.ts', 'const a = { contextIsolation: false };', 'the walls of Electron stay up'],
  ['electron/main/a.ts', 'const a = { nodeIntegrationInWorker: true };', 'the walls of Electron stay up'],
  ['electron/preload.ts', "contextBridge.exposeInMainWorld('ipc', ipcRenderer);", 'the bridge passes no Electron object on'],
])('%s: %s is found', (file, source, rule) => {
  plant(file, `// first line\n${source}\n`);
  expect(findBreaks(tree)).toEqual([{ file, line: 2, rule }]);
});

test('a comment may name what is forbidden, and SQL with parameters is no break', () => {
  plant('db/a.ts', "// never innerHTML\n/* nor eval(x) */\nexport const a = db.prepare('SELECT 1 WHERE 1 = ?').get(`${id}`);\n");
  expect(findBreaks(tree)).toEqual([]);
});

test('a second window in the factory, and a flag that was left out, are found', () => {
  const text = readFileSync(join(root, factory), 'utf8');
  plant(factory, `${text.replace('      sandbox: true,\n', '')}\nconst other = new BrowserWindow(secureOptions({}));\n`);
  expect(findBreaks(tree)).toEqual([
    { file: factory, line: 1, rule: 'one window is made in the factory, not 2' },
    { file: factory, line: 1, rule: 'the factory says sandbox: true once' },
  ]);
});

function plant(file: string, source: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), source);
}
