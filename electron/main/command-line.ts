// What the command line may say. Anything it does not know is ignored, and some switches of Chromium are refused in a shop.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface CommandLine {
  /** The kiosk's home; null: the default below the user's data. */
  readonly home: string | null;
  /** A window on a desk instead of the whole screen. */
  readonly windowed: boolean;
}

/** Reads the arguments after the executable. Chromium's own switches and stray words are no error. */
export function readCommandLine(args: readonly string[], workingDirectory: string): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: { home: { type: 'string' }, windowed: { type: 'boolean' } },
  });
  const { home } = values;
  const isPath = typeof home === 'string' && home !== '' && !home.startsWith('--') && !home.includes('\0');
  return { home: isPath ? resolve(workingDirectory, home) : null, windowed: values['windowed'] === true };
}

/** Switches that open the app to debuggers, or take its walls down. Who can edit the shortcut is told, not obeyed. */
export const refusedSwitches = [
  'remote-debugging-port',
  'remote-debugging-pipe',
  'inspect',
  'inspect-brk',
  'js-flags',
  'no-sandbox',
  'disable-web-security',
  'load-extension',
  'allow-file-access-from-files',
  'ignore-certificate-errors',
  'host-rules',
  'proxy-server',
  'user-data-dir',
] as const;

/** The first switch that keeps a packaged app from starting; null when there is none. In development all are allowed. */
export function refusedSwitch(hasSwitch: (name: string) => boolean, isPackaged: boolean): string | null {
  return isPackaged ? (refusedSwitches.find(hasSwitch) ?? null) : null;
}
