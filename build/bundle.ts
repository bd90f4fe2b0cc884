// Builds dist/: the page, Electron's main (ESM), the preload (one CommonJS file), the engine (one ESM file) and the thread
// in which it checks and backs up (another). Packs nothing.

import { readdirSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { InlineConfig } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Packages with native code or data files: loaded from node_modules, everything else is inside the bundle. */
export const enginePackages = ['better-sqlite3', 'serialport', '@napi-rs/canvas'] as const;

/** What can be built, and the folders each is built from. */
const parts = {
  page: { output: 'dist/renderer/index.html', sources: ['renderer', 'electron/ipc', 'db/model'] },
  main: { output: 'dist/main/main.js', sources: ['electron/main', 'electron/ipc'] },
  preload: { output: 'dist/preload/preload.cjs', sources: ['electron/preload.ts'] },
  engine: { output: 'dist/engine/main.js', sources: ['electron/engine', 'electron/ipc', 'db', 'hardware'] },
} as const;

export type Part = keyof typeof parts;

/** Builds the parts named, or all. Throws with the builder's own words. */
export async function bundle(names: readonly Part[] = ['page', 'main', 'preload', 'engine']): Promise<void> {
  const { NODE_ENV: before } = process.env;
  process.env['NODE_ENV'] = 'production'; // a test runner's own 'test' would build the page with React for developers: six times slower
  try {
    for (const name of names) for (const config of configsOf(name)) await build(config);
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}

/** The parts whose output is missing or older than a source. */
export function staleParts(names: readonly Part[]): readonly Part[] {
  return names.filter((name) => {
    const { output, sources } = parts[name];
    const shared = ['package-lock.json', 'build/bundle.ts', 'build/vite.renderer.config.ts'];
    return modifiedAt(join(root, output)) < Math.max(...[...sources, ...shared].map((source) => newest(join(root, source))));
  });
}

function configsOf(name: Part): readonly InlineConfig[] {
  return {
    page: () => [{ configFile: join(root, 'build/vite.renderer.config.ts'), logLevel: 'warn' } as const],
    main: () => [nodeConfig('electron/main/main.ts', 'dist/main', 'main.js', 'es')],
    preload: () => [nodeConfig('electron/preload.ts', 'dist/preload', 'preload.cjs', 'cjs')],
    // the thread beside the engine, which finds it by this name; last the engine, whose time says how old both are
    engine: () => [
      nodeConfig('electron/engine/upkeep-worker.ts', 'dist/engine', 'upkeep-worker.js', 'es'),
      keptBeside(nodeConfig('electron/engine/main.ts', 'dist/engine', 'main.js', 'es')),
    ],
  }[name]();
}

/** Leaves what was built into the same folder. */
function keptBeside(config: InlineConfig): InlineConfig {
  return { ...config, build: { ...config.build, emptyOutDir: false } };
}

/** One readable file per process: a stack trace from a shop names functions, and an asar holds few files. */
export function nodeConfig(entry: string, folder: string, file: string, format: 'es' | 'cjs'): InlineConfig {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external: ['electron', ...enginePackages] },
    build: {
      ssr: true,
      target: 'node20', // the test runtime's Electron 33; shops have Node 24
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: resolve(root, entry),
        external: ['electron', ...enginePackages, ...builtinModules, /^node:/],
        output: { format, entryFileNames: file, codeSplitting: false },
      },
    },
  };
}

function newest(path: string): number {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return modifiedAt(path);
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...files.map((entry) => modifiedAt(join(entry.parentPath, entry.name))));
}

/** 0: there is no such file. */
function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (import.meta.main) {
  await bundle();
}
