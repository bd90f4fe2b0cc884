// Which programs of the system the tests need, and how they come: by apt where that is allowed, else by a line to type.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { run } from './run.ts';

/** Debian's packages; a name after | is what a later Debian calls it. Chromium and the Electron for tests share the libraries. */
const packages: readonly string[] = [
  'chromium',
  'e2fsprogs', // mkfs: small disks that the tests fill
  'jq', // checks a settlement as docs/check-a-settlement.md tells outsiders to
  'mount', // they are mounted, and losetup with it
  'openssl', // and so does this
  'postgresql', // a county's book lies in it, too
  'poppler-utils', // reads the settlement sheet's PDF back
  'python3', // the second implementation of the checks (tests/outsider)
  'socat', // pairs of ptys stand for serial ports
  'udev', // SerialPort.list() asks udevadm
  'unzip',
  'xvfb',
  'libasound2|libasound2t64',
  'libatk-bridge2.0-0|libatk-bridge2.0-0t64',
  'libcups2|libcups2t64',
  'libgbm1',
  'libgtk-3-0|libgtk-3-0t64',
  'libnss3',
  'libxss1',
  'libxtst6|libxtst6t64',
];

const updateDeadlineMs = 3 * 60_000;
/** Chromium and its friends are 150 MB. */
const installDeadlineMs = 10 * 60_000;
const tries = 3;

export type System = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Makes sure that the packages are there. Installs them only when asked to, and only as root. */
export async function ensureSystem(options: { readonly install: boolean; readonly say: (line: string) => void }): Promise<System> {
  const { install, say } = options;
  if (process.platform !== 'linux') return { ok: false, why: 'the tests run on Linux: Debian 12 or later' };
  const missing = await missingPackages();
  if (missing === null) return { ok: true }; // Not a Debian: what is missing will show by its name.
  if (missing.length === 0) return { ok: true };
  const names = missing.map((name) => name.split('|')[0]!);
  if (!install)
    return { ok: false, why: `packages are missing. Type:\n  sudo apt-get install -y --no-install-recommends ${names.join(' ')}` };
  say(`installing ${names.join(' ')}`);
  if (missing.includes('postgresql')) withoutCluster();
  let output = '';
  for (let i = 0; i < tries; i++) {
    const update = await apt(['update'], updateDeadlineMs);
    const chosen = await Promise.all(missing.map(availableName));
    const done = await apt(['install', '-y', '--no-install-recommends', ...chosen], installDeadlineMs);
    if (done.code === 0) return { ok: true };
    output = `${update.output}\n${done.output}`;
    say(`apt-get failed, try ${i + 1} of ${tries}`);
  }
  return { ok: false, why: `apt-get install ${names.join(' ')} failed:\n${output.slice(-3_000)}` };
}

/** Debian's package makes a server of the whole machine and starts it; the tests start one of their own, and want no other. */
function withoutCluster(): void {
  if (existsSync(clusterSettings)) return; // somebody's choice, or an installation before this one
  mkdirSync(dirname(clusterSettings), { recursive: true });
  writeFileSync(clusterSettings, 'create_main_cluster = false\n');
}

const clusterSettings = '/etc/postgresql-common/createcluster.conf';

/** Null where there is no dpkg. */
async function missingPackages(): Promise<readonly string[] | null> {
  const { code, output } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Abbrev}\\n'], { deadlineMs: 30_000 });
  if (code === null) return null;
  const installed = new Set(
    output.split('\n').flatMap((line) => (line.endsWith(' ii ') || line.endsWith(' ii') ? [line.split(' ')[0]!] : [])),
  );
  return packages.filter((names) => !names.split('|').some((name) => installed.has(name)));
}

async function availableName(names: string): Promise<string> {
  const all = names.split('|');
  for (const name of all) {
    const { output } = await run('apt-cache', ['policy', name], { deadlineMs: 30_000 });
    if (/Candidate: (?!\(none\))/.test(output)) return name;
  }
  return all[0]!;
}

function apt(args: readonly string[], deadlineMs: number): ReturnType<typeof run> {
  return run('apt-get', ['-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    deadlineMs,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

if (import.meta.main) {
  const system = await ensureSystem({
    install: process.argv.includes('--install') && process.getuid?.() === 0,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  if (!system.ok) process.stderr.write(`${system.why}\n`);
  process.exitCode = system.ok ? 0 : 1;
}
