// Packs the built kiosk for shops with electron-builder: `node build/pack.ts --target dir|deb|nsis [--electron-dist DIR]`.
// Downloads nothing when it is given an Electron; builds no native code ever (N-API prebuilds are inside the packages).

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Arch, Platform, build } from 'electron-builder';
import type { Configuration } from 'electron-builder';
import { bundle, enginePackages } from './bundle.ts';
import { findElectron } from './find-electron.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export type Target = 'dir' | 'deb' | 'nsis';

/** security.md 3. Wasm traps keep Electron's default. */
export const fuses = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
} as const;

/** Packs for one target into `output`; `electronDist` is a folder with Electron, without it electron-builder downloads one. */
export async function pack(options: { readonly target: Target; readonly output: string; readonly electronDist?: string }): Promise<void> {
  const { target, output, electronDist } = options;
  const platform = target === 'nsis' ? Platform.WINDOWS : Platform.LINUX;
  await build({
    projectDir: root,
    targets: platform.createTarget(target, Arch.x64),
    publish: 'never',
    config: { ...configuration(target === 'nsis' ? 'win32' : 'linux', output), ...(electronDist === undefined ? {} : { electronDist }) },
  });
}

function configuration(system: 'win32' | 'linux', output: string): Configuration {
  return {
    appId: 'cn.jifen.kiosk',
    productName: 'jifen-kiosk',
    copyright: 'Apache-2.0',
    directories: { output, buildResources: 'build/icons' },
    asar: true,
    asarUnpack: ['**/*.node', 'node_modules/@napi-rs/canvas-*/**'], // the drawing library looks for its data beside itself
    npmRebuild: false,
    buildDependenciesFromSource: false,
    nodeGypRebuild: false,
    electronLanguages: ['zh-CN', 'en-US'],
    electronFuses: { ...fuses, resetAdHocDarwinSignature: false },
    files: [
      'dist/{main,preload,engine,renderer}/**',
      'package.json',
      'LICENSE',
      '!node_modules/**',
      ...runtimePackages().map((name) => `node_modules/${name}/**`),
      ...leftOut(system),
      // The receipt's fonts: two weights of Chinese and of Tibetan, and the slices for rare characters.
      'node_modules/@fontsource/noto-sans-sc/{package.json,LICENSE}',
      'node_modules/@fontsource/noto-sans-sc/files/noto-sans-sc-{chinese-simplified,latin,latin-ext}-{500,700}-normal.woff2',
      'node_modules/@fontsource/noto-serif-tibetan/{package.json,LICENSE}',
      'node_modules/@fontsource/noto-serif-tibetan/files/noto-serif-tibetan-tibetan-{400,500,600,700,800,900}-normal.woff2',
      'node_modules/@fontsource-variable/noto-sans-sc/{package.json,LICENSE,unicode.json}',
      'node_modules/@fontsource-variable/noto-sans-sc/files/noto-sans-sc-*-wght-normal.woff2',
    ],
    linux: {
      target: ['deb'],
      category: 'Office',
      maintainer: 'Jifen Kiosk',
      synopsis: 'Point-of-sale kiosk of civic-points shops',
      desktop: { entry: { Name: 'Jifen Kiosk', 'Name[zh_CN]': '积分终端' } },
    },
    deb: { depends: ['libgtk-3-0 | libgtk-3-0t64', 'libnss3', 'libasound2 | libasound2t64', 'libgbm1', 'udev'] },
    win: { target: ['nsis'] },
    nsis: { oneClick: false, perMachine: true, allowToChangeInstallationDirectory: false, deleteAppDataOnUninstall: false },
  };
}

/** What native packages carry for building and for other systems. */
function leftOut(system: 'win32' | 'linux'): readonly string[] {
  return [
    '!node_modules/better-sqlite3/{deps,src,binding.gyp}',
    '!node_modules/better-sqlite3/{deps,src}/**',
    `!node_modules/better-sqlite3/prebuilds/!(${system}-x64).node`,
    '!node_modules/@serialport/bindings-cpp/{src,binding.gyp}',
    '!node_modules/@serialport/bindings-cpp/src/**',
    `!node_modules/@serialport/bindings-cpp/prebuilds/!(${system}-x64)`,
    `!node_modules/@serialport/bindings-cpp/prebuilds/!(${system}-x64)/**`,
    '!**/*.musl.node',
    '!**/*.{map,md,d.ts,d.mts,d.cts}',
    '!**/{test,tests,__tests__,example,examples}/**',
  ];
}

/** The engine's native packages and all they need, from what npm installed. */
function runtimePackages(): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    const file = join(root, 'node_modules', name, 'package.json');
    if (found.has(name) || !existsSync(file)) return; // optional ones of other systems are not installed
    found.add(name);
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as {
      dependencies?: object;
      optionalDependencies?: object;
    };
    for (const needed of [...Object.keys(dependencies), ...Object.keys(optionalDependencies)]) visit(needed);
  };
  for (const name of enginePackages) visit(name);
  found.delete('node-addon-api'); // headers for building
  return [...found];
}

/** Packs, or says in one sentence what is missing. */
async function packOrSay(target: Target, output: string, given: string | undefined): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const remedy = 'Give a folder with Electron (--electron-dist DIR), or a network that reaches its server (ELECTRON_MIRROR names another).';
  let electronDist = given;
  if (electronDist === undefined && (target === 'nsis') === (process.platform === 'win32')) {
    const electron = await findElectron(say);
    if (electron.kind === 'missing') {
      process.stderr.write(`nothing was packed: ${electron.why}. ${remedy}\n`);
      return 1;
    }
    electronDist = dirname(electron.executable);
  }
  await bundle();
  try {
    await pack({ target, output, ...(electronDist === undefined ? {} : { electronDist }) });
    return 0;
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
    process.stderr.write(`nothing was packed: ${reason}.${electronDist === undefined ? ` ${remedy}` : ''}\n`);
    return 1;
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: 'dir' },
      output: { type: 'string', default: join(root, 'dist/packed') },
      'electron-dist': { type: 'string' },
    },
  });
  const { target, output, 'electron-dist': electronDist } = values;
  if (target !== 'dir' && target !== 'deb' && target !== 'nsis') throw new Error(`--target is dir, deb or nsis, not ${target}`);
  process.exitCode = await packOrSay(target, output, electronDist);
}
