// Scans the source for what security.md forbids (S01, S11): a second window factory, sinks of HTML and code, the shell,
// SQL put together from strings. Reads files only; `npm run check` and `npm test` run it.

import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One place where a rule is broken. */
export interface Break {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
}

interface Rule {
  readonly name: string;
  /** Files of the product in which the pattern is forbidden. */
  readonly applies: (file: string) => boolean;
  readonly pattern: RegExp;
}

const everywhere = (): boolean => true;
const inMain = (file: string): boolean => file.startsWith('electron/main/') || file === 'electron/preload.ts';

const rules: readonly Rule[] = [
  {
    name: 'windows are made in electron/main/window.ts alone',
    applies: (file) => file !== 'electron/main/window.ts',
    pattern: /\bnew\s+(?:BrowserWindow|BaseWindow|BrowserView|WebContentsView)\b|\bwebPreferences\b/,
  },
  {
    name: 'no text becomes HTML',
    applies: everywhere,
    pattern: /\b(?:innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|createContextualFragment|srcdoc)\b|document\.write/,
  },
  {
    name: 'no text becomes code',
    applies: everywhere,
    pattern: /\beval\s*\(|\bnew\s+Function\b|\bsetTimeout\s*\(\s*['"`]|\bexecuteJavaScript\b|node:vm\b/,
  },
  {
    name: 'nothing opens outside the app',
    applies: everywhere,
    pattern: /\bopenExternal\b|\bopenPath\b|import\s*\{[^}]*\bshell\b[^}]*\}\s*from\s*'electron'/,
  },
  {
    name: 'no command goes through a shell',
    applies: everywhere,
    pattern: /\bexecSync\s*\(|\bshell:\s*true\b|import\s*\{[^}]*\bexec\b[^}]*\}\s*from\s*'node:child_process'/,
  },
  {
    name: 'SQL has parameters, never ${',
    applies: (file) => file.startsWith('db/') || file.startsWith('county/'),
    pattern: /(?:\.prepare|\.exec)\(\s*`[^`]*\$\{[^`]*`/,
  },
  {
    name: 'the walls of Electron stay up',
    applies: inMain,
    pattern:
      /(?:webSecurity|contextIsolation|sandbox):\s*false|(?:nodeIntegration\w*|webviewTag|allowRunningInsecureContent|experimentalFeatures|bypassCSP):\s*true|enableBlinkFeatures|disableBlinkFeatures/,
  },
  {
    name: 'the bridge passes no Electron object on',
    applies: (file) => file === 'electron/preload.ts',
    pattern: /exposeInMainWorld\([^,]*,\s*(?:ipcRenderer|electron)\b|[:{,]\s*ipcRenderer\s*[,}]\s*(?!from|\s*from)[^;]*\)/,
  },
];

/** Breaks that are none, each with its reason. A pragma takes no parameters, so it is no SQL here. */
export const excuses = [
  { file: 'db/down.ts', has: 'INSERT INTO ${table}', why: 'tables and columns are words of that file; the values are parameters' },
  { file: 'db/down.ts', has: 'DELETE FROM ${table}', why: 'the tables are words of that line' },
] as const;

/** What a window must say in words, each exactly once. */
const windowFlags = [
  'sandbox: true',
  'contextIsolation: true',
  'nodeIntegration: false',
  'nodeIntegrationInWorker: false',
  'nodeIntegrationInSubFrames: false',
  'webSecurity: true',
  'allowRunningInsecureContent: false',
  'experimentalFeatures: false',
  'webviewTag: false',
  'navigateOnDragDrop: false',
] as const;

const folders = ['electron', 'renderer', 'db', 'hardware', 'county'] as const;

/** Every break in the product's source below `root`, in the order of files and lines. */
export function findBreaks(root: string): readonly Break[] {
  const files = folders.flatMap((folder) => sources(root, folder));
  const broken = files.flatMap((file) => breaksIn(file, readFileSync(join(root, file), 'utf8')));
  return [...broken, ...factoryBreaks(root, files)];
}

function breaksIn(file: string, text: string): readonly Break[] {
  const code = withoutComments(text);
  return rules
    .filter((rule) => rule.applies(file))
    .flatMap((rule) => {
      const all = code.matchAll(new RegExp(rule.pattern, 'g'));
      const excused = excuses.filter((excuse) => excuse.file === file);
      const broken = [...all].filter((match) => !excused.some(({ has }) => match[0].includes(has)));
      return broken.map((match) => ({ file, line: code.slice(0, match.index).split('\n').length, rule: rule.name }));
    });
}

function factoryBreaks(root: string, files: readonly string[]): readonly Break[] {
  const file = 'electron/main/window.ts';
  if (!files.includes(file)) return [{ file, line: 1, rule: 'the window factory is missing' }];
  const code = withoutComments(readFileSync(join(root, file), 'utf8'));
  const made = code.match(/\bnew\s+BrowserWindow\b/g)?.length ?? 0;
  return [
    ...(made === 1 ? [] : [{ file, line: 1, rule: `one window is made in the factory, not ${made}` }]),
    ...windowFlags
      .filter((flag) => code.split(flag).length !== 2)
      .map((flag) => ({ file, line: 1, rule: `the factory says ${flag} once` })),
  ];
}

/** Comments may name what is forbidden. Line numbers stay. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/(^|\s)\/\/[^\n]*/g, '$1');
}

function sources(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted((a, b) => a.localeCompare(b));
}

if (import.meta.main) {
  const found = findBreaks(fileURLToPath(new URL('..', import.meta.url)));
  for (const { file, line, rule } of found) process.stderr.write(`${file}:${line}: ${rule}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
