// Where Electron's program is for `npm start`: installed, or downloaded now if its server can be reached. Waits for neither long.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { run } from './run.ts';

export type Found = { readonly kind: 'found'; readonly executable: string } | { readonly kind: 'missing'; readonly why: string };

/** Where Electron comes from; in China people set a mirror. */
const defaultServer = 'https://github.com/electron/electron/releases/download/';
/** A server that does not answer a small question by then will not send 110 MB. */
const probeDeadlineMs = 5_000;
const downloadDeadlineMs = 10 * 60_000;

/** Finds Electron in its package's folder, or downloads it there once. Never throws: without Electron there is the browser host. */
export async function findElectron(say: (line: string) => void, folder = electronPackage()): Promise<Found> {
  const installed = installedIn(folder);
  if (installed !== null) return { kind: 'found', executable: installed };
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const server = process.env['ELECTRON_MIRROR'] ?? process.env['npm_config_electron_mirror'] ?? defaultServer;
  const refusal = await probe(`${server}v${version}/SHASUMS256.txt`);
  if (refusal !== null) return { kind: 'missing', why: `Electron ${version} is not installed, and ${new URL(server).host} ${refusal}` };
  say(`downloading Electron ${version} from ${new URL(server).host}, once (110 MB)`);
  const { code, output } = await run(process.execPath, [join(folder, 'install.js')], { deadlineMs: downloadDeadlineMs });
  const downloaded = code === 0 ? installedIn(folder) : null;
  if (downloaded === null)
    return { kind: 'missing', why: `Electron ${version} could not be downloaded: ${output.trim().split('\n').at(-1) ?? ''}` };
  return { kind: 'found', executable: downloaded };
}

function electronPackage(): string {
  return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
}

/** Its own install script writes the name of the program into path.txt. */
function installedIn(folder: string): string | null {
  const note = join(folder, 'path.txt');
  if (!existsSync(note)) return null;
  const executable = join(folder, 'dist', readFileSync(note, 'utf8'));
  return existsSync(executable) ? executable : null;
}

/** Null when the server has the file, else why not. */
async function probe(address: string): Promise<string | null> {
  try {
    const answer = await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(probeDeadlineMs) });
    return answer.ok ? null : `answers ${answer.status}`;
  } catch {
    return 'cannot be reached';
  }
}
