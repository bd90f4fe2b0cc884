// Which browser of this machine shows the page, and with which switches. Starts nothing itself.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'msedge'] as const;
/** Windows puts browsers under these, and not on the path. */
const windowsFolders = ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'] as const;
const windowsFiles = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'] as const;

/** The first browser found on the path or, in Windows, where its installer puts it; null when there is none. */
export function findChromium(
  environment: { readonly [name: string]: string | undefined } = process.env,
  platform: NodeJS.Platform = process.platform,
  exists: (file: string) => boolean = existsSync,
): string | null {
  const onPath = (environment['PATH'] ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const installed = windowsFolders.flatMap((folder) => windowsFiles.map((file) => `${environment[folder] ?? 'C:'}\\${file}`));
  return (platform === 'win32' ? installed : onPath).find(exists) ?? null;
}

/** A window without address bar, extensions, translation or sync, in a profile of its own. */
export function chromiumSwitches(options: {
  readonly url: string;
  readonly profile: string;
  readonly kiosk: boolean;
  readonly isRoot: boolean;
}): readonly string[] {
  return [
    ...(options.kiosk ? ['--kiosk', options.url] : [`--app=${options.url}`, '--window-size=1366,820']),
    `--user-data-dir=${options.profile}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-extensions',
    '--disable-sync',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-features=Translate,AutofillServerCommunication',
    '--disable-pinch',
    '--overscroll-history-navigation=0',
    '--hide-crash-restore-bubble',
    '--password-store=basic',
    ...(options.isRoot ? ['--no-sandbox'] : []), // Chromium refuses root otherwise; a shop's kiosk does not run as root.
  ];
}
