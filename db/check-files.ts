// Checks a folder of files between kiosks and their county as an outsider can: no book, no home, nothing but the files and the public
// keys (docs/files.md; reconciliation.md R5, R6 27). Every sum is made again from the events. Writes nothing.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type KioskReport, checkKiosk, checkUnheard } from './check-kiosk-files.ts';
import { readBounded } from './carried-files.ts';
import { awardsText, beyondLog, checkOneLog } from './check-log-whole.ts';
import { checkLog } from './check-log.ts';
import { type NotChecked, besideLog, withoutLog } from './files-unchecked.ts';
import type { Evidence } from './files-evidence.ts';
import { checkReceipts } from './check-receipts.ts';
import { namesIn } from './files-lines.ts';
import { parseAck } from './model/ack.ts';
import { hashForm } from './model/base64url.ts';
import { noteText } from './model/note.ts';
import { Lie, counted } from './verify-lie.ts';

/** Who may have signed what: given to an outsider by those whom the outsider trusts. */
const keysShape = z.strictObject({
  county: z.string().regex(/^\d{6}$/),
  /** Under which the county signs its files and its answers. */
  countyKeyName: z.string().regex(/^[^\s+]{1,100}$/),
  /** Ed25519, raw in base64url, of the county's first files: later ones name their followers. */
  countyKeys: z.array(z.string().regex(hashForm)).min(1),
  /** A kiosk that has none yet has files of the county alone. */
  kiosks: z.record(z.string().regex(/^[A-Za-z0-9._-]{1,40}$/), z.array(z.string().regex(hashForm))),
});
export type OutsiderKeys = z.infer<typeof keysShape>;

/** What the files say, all of it made from the events; the same from every true program (docs/files.md, V). */
export interface FilesReport {
  readonly county: string;
  readonly kiosks: readonly KioskReport[];
  /** Of the newest incarnation of each kiosk, added up over kiosks and holders. */
  readonly totals: { readonly [account: string]: number };
}

export type FilesVerdict =
  /** Nothing that was checked is a lie; `notChecked`: what was not. */
  | { readonly kind: 'true'; readonly report: FilesReport; readonly notChecked: readonly NotChecked[] }
  | { readonly kind: 'lie'; readonly check: string; readonly place: string; readonly what: string }
  /** Nothing can be said: the folder or the keys are not there. */
  | { readonly kind: 'unchecked'; readonly what: string };

/**
 * Checks `directory`, a folder as a stick carries it (docs/files.md, S), by the keys in `keysPath`. `say` hears one line for each check
 * that holds, and one for each that could not be made. Memory grows with accounts and files, not with events. Throws only what the disk
 * says, and our own faults.
 */
export async function checkFiles(directory: string, keysPath: string, say: (line: string) => void): Promise<FilesVerdict> {
  const keys = readKeys(keysPath);
  if (typeof keys === 'string') return { kind: 'unchecked', what: keys };
  const root = `civicpos/${keys.county}`;
  if (!existsSync(join(directory, root))) return { kind: 'unchecked', what: `${directory} has no ${root}` };
  try {
    const folder = { directory, root, keys };
    const found = await checkKiosks(folder, say);
    const { reports, signers } = found;
    if (reports.length === 0) return { kind: 'unchecked', what: `${directory} has no file of any kiosk` };
    const receipts = await checkReceipts({ ...folder, signers });
    if (receipts > 0) say(`ok  receipts: ${counted(receipts, 'code')} of papers, each signed, of an event in the files`);
    const notChecked = [...(await checkBeside(folder, found, say)), ...refusedIn(directory, root)];
    const report: FilesReport = { county: keys.county, kiosks: reports, totals: totalsOf(reports) };
    say(`ok  totals: ${counted(Object.keys(report.totals).length, 'account')} over all kiosks, the sum zero in points and in yuan`);
    for (const { check, why } of notChecked) say(`not checked  ${check}: ${why}`);
    return { kind: 'true', report, notChecked };
  } catch (error) {
    if (error instanceof Lie) return { kind: 'lie', check: error.check, place: error.place, what: error.what };
    throw error;
  }
}

interface Folder {
  readonly directory: string;
  readonly root: string;
  readonly keys: OutsiderKeys;
}

interface Found {
  readonly reports: readonly KioskReport[];
  /** Keys that the files of each kiosk are signed with. */
  readonly signers: ReadonlyMap<string, ReadonlySet<string>>;
  /** By kiosk, of all that have any file here. */
  readonly shown: ReadonlyMap<string, readonly Evidence[]>;
}

async function checkKiosks(folder: Folder, say: (line: string) => void): Promise<Found> {
  const reports: KioskReport[] = [];
  const signers = new Map<string, ReadonlySet<string>>();
  const shown = new Map<string, readonly Evidence[]>();
  for (const kiosk of kiosksIn(folder)) {
    const unheard = await checkUnheard({ ...folder, kiosk });
    if (unheard !== null && unheard.downs.length > 0) {
      shown.set(kiosk, [unheard]);
      const files = counted(unheard.downs.length, 'file');
      say(`ok  files: ${kiosk}: none of its own is here; ${files} of the county without a gap, signed and whole`);
    }
    for await (const { report, signedBy, notices, evidence } of checkKiosk({ ...folder, kiosk })) {
      reports.push(report);
      shown.set(kiosk, [...(shown.get(kiosk) ?? []), evidence]);
      signers.set(kiosk, new Set([...(signers.get(kiosk) ?? []), ...signedBy]));
      for (const line of told(report)) say(line);
      for (const notice of notices) say(`ok  county notices: ${kiosk}/${report.inc}: ${notice}`);
    }
  }
  return { reports, signers, shown };
}

/** The log beside the files. Returns what it leaves open. */
async function checkBeside(
  folder: Folder,
  { reports, signers, shown }: Found,
  say: (line: string) => void,
): Promise<readonly NotChecked[]> {
  checkOneLog(shown);
  const log = await checkLog({ ...folder, reports, signers, evidence: shown });
  if (log === null) {
    const named = Object.keys(folder.keys.kiosks).toSorted();
    return withoutLog(named.filter((kiosk) => !shown.has(kiosk)));
  }
  say(
    `ok  county log: ${counted(log.roots, 'root')} over ${log.entries.toLocaleString('en')} entries, each going on from the one before; ${counted(log.signatures, 'signature')} of the committee; the files are those that it names, and it names what they show the county took and gave`,
  );
  const { unknown } = log.awards;
  const reckoned = awardsText(log.awards);
  if (unknown.length === 0) say(`ok  awards: ${reckoned}`);
  return besideLog({ missing: log.missing, longer: beyondLog(shown, log.entries), unknown, reckoned });
}

function readKeys(path: string): OutsiderKeys | string {
  try {
    const parsed = keysShape.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : `${path} is not a keys.json${whereOf(parsed.error)}`;
  } catch (error) {
    return error instanceof SyntaxError || error instanceof RangeError
      ? `${path} is not a keys.json`
      : `${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** '' where it is no object at all. */
function whereOf({ issues: [first] }: z.ZodError): string {
  const name = first?.code === 'unrecognized_keys' ? first.keys[0] : first?.path.join('.');
  return name === undefined || name === '' ? '' : `: ${name.slice(0, 60)}`;
}

/** In code order. A folder of a kiosk that the keys do not name is a lie: somebody made it up, or the keys are not all. */
function kiosksIn({ directory, root, keys }: Folder): readonly string[] {
  const found = new Set<string>();
  for (const part of ['up', 'down', 'ack']) {
    for (const name of namesIn({ path: join(directory, root, part), place: `${root}/${part}` })) {
      const isNamed = Object.hasOwn(keys.kiosks, name) && (part === 'down' || keys.kiosks[name]!.length > 0); // is there
      if (!isNamed) throw new Lie('keys', `${root}/${part}/${name}`, 'is of a kiosk that the keys do not name');
      found.add(name);
    }
  }
  return [...found].toSorted();
}

/** What the county kept and did not post, by its answers: no figure is made of it. Who judges it reads its note and that answer. */
function refusedIn(directory: string, root: string): readonly NotChecked[] {
  const folder = join(directory, root, 'refused');
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const acks = names.filter((name) => /^[A-Za-z0-9._-]{1,40}\/\d+\/\d{8,}-[A-Za-z0-9_-]{43}\.\d+\.ack$/.test(name.replaceAll('\\', '/')));
  return acks.toSorted().map((name) => {
    const read = parseAck(noteText(readBounded(join(folder, name), ackBytesMax) ?? ''));
    const said = read.ok ? `${read.value.verdict} ${read.value.detail}` : 'nothing that can be read';
    return { check: 'refused', why: `${root}/refused/${name}: no book holds it: the county says ${said}` };
  });
}

/** As any note (N, F9). */
const ackBytesMax = 16 * 1024;

function told({ kiosk, inc, ...report }: KioskReport): readonly string[] {
  const of = `${kiosk}/${inc}`;
  return [
    `ok  files: ${of}: ${counted(report.files, 'file')} without a gap, signed, whole and canonical; ${counted(report.appliedDownSeq, 'file')} of the county applied, in order`,
    `ok  chain: ${of}: ${counted(report.events, 'event')} without a gap, each signed and naming the one before; head ${report.headLeaf}`,
    `ok  tree: ${of}: checkpoints of every file and day are the roots (RFC 6962) of the events before them, ${report.root}`,
    `ok  postings: ${of}: each event sums to zero; ${counted(Object.keys(report.balances).length, 'balance')}, no rights below zero`,
    `ok  counters: ${of}: ${counted(Object.keys(report.counters).length, 'account')}, as the files say`,
    `ok  days: ${of}: ${counted(report.days.length, 'closing')} without a gap, each figure as its events make it`,
    `ok  settlements: ${of}: ${counted(report.settlements.length, 'settlement')}, each owed as its days make it`,
    `ok  answers: ${of}: ${counted(report.answers, 'answer')} of the county, ${report.acked === null ? 'none of them posts' : `posted through event ${report.acked.toSeq.toLocaleString('en')}`}`,
  ];
}

function totalsOf(reports: readonly KioskReport[]): { readonly [account: string]: number } {
  const newest = reports.filter(({ kiosk, inc }) => !reports.some((other) => other.kiosk === kiosk && other.inc > inc));
  const sums = new Map<string, number>();
  for (const { balances } of newest)
    for (const [name, amount] of Object.entries(balances)) {
      const [account, , commodity] = name.split(' ') as [string, string, string]; // as files-fold.ts names them
      const total = `${account}/${commodity}`;
      sums.set(total, (sums.get(total) ?? 0) + amount);
    }
  return Object.fromEntries([...sums].filter(([, amount]) => amount !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
