// Whether the county's log has all that the files show the county took and gave before a root (docs/files.md, L8 to L14): whoever leaves
// something out of it contradicts a file that comes after. Asks no signature: check-log.ts did.

import type { DownEvidence, Evidence, UpEvidence } from './files-evidence.ts';
import { type MissingFiles, listed } from './files-unchecked.ts';
import { Lie } from './verify-lie.ts';

const check = 'county log';

/** Where things stand in the log, from 0; only what is under a root. */
export interface LogPlaces {
  /** First entry of each file, by the name that fileKey gives it. */
  readonly files: ReadonlyMap<string, number>;
  /** First entry of a settlement, by kiosk and number. */
  readonly settlements: ReadonlyMap<string, number>;
  /** First entry of each of the county's own batches, by the name that batchKey gives it. */
  readonly batches: ReadonlyMap<string, number>;
  /** Where the log first says that the county's book was of an epoch above all that it said before, the oldest word first. */
  readonly epochs: readonly { readonly at: number; readonly serverEpoch: number }[];
  /** Σ of all lists of awards, in hundredths. */
  readonly awarded: bigint;
  /** The county's newest word on what it gave out beyond those. Null: it said none. */
  readonly beyond: { readonly points: number; readonly serverEpoch: number } | null;
  /** Roots (base64url) of those sizes that files down carry. */
  readonly rootAt: ReadonlyMap<number, string>;
}

/** A file, as the log and the folder both name it. */
export function fileKey(
  direction: 'up' | 'down',
  { kiosk, inc, fileSeq, sha256 }: Pick<UpEvidence, 'kiosk' | 'inc' | 'fileSeq' | 'sha256'>,
): string {
  return `${direction} ${kiosk} ${inc} ${fileSeq} ${sha256}`;
}

/** Of a settlement in LogPlaces. */
export function settlementKey(kiosk: string, number: number): string {
  return `${kiosk} ${number}`;
}

/** Of a batch of the county's own in LogPlaces: whose it is, and what is owed for it. */
export function batchKey({ batch, kiosk, fen }: { readonly batch: number; readonly kiosk: string; readonly fen: number }): string {
  return `${batch} ${kiosk} ${fen}`;
}

interface Whole {
  readonly log: LogPlaces;
  /** By kiosk and incarnation. */
  readonly ups: readonly UpEvidence[];
  readonly bases: readonly { readonly kiosk: string; readonly inc: number; readonly base: NonNullable<Evidence['base']> }[];
  readonly downs: readonly DownEvidence[];
}

/** Throws Lie where the log lacks what the files show. */
export function checkNamed(log: LogPlaces, evidence: ReadonlyMap<string, readonly Evidence[]>): void {
  const all = wholeOf(log, evidence);
  checkRoots(all);
  checkUpRows(all);
  checkAcknowledged(all);
  checkDownRows(all);
  checkNewest(all);
  checkSettlements(all);
  checkBatches(all);
  checkEpochs(all);
}

/** Rule L8, also where no log lies beside the files: of one size there is one root, whichever kiosk was given it. Throws Lie. */
export function checkOneLog(evidence: ReadonlyMap<string, readonly Evidence[]>): void {
  const known = new Map<number, { readonly root: string; readonly place: string }>();
  for (const { root, place } of downsOf(evidence)) {
    if (root === null) continue;
    const other = known.get(root.size);
    if (other === undefined) known.set(root.size, { root: root.root, place });
    else if (other.root !== root.root) throw new Lie(check, place, `carries another root of ${root.size} entries than ${other.place}`);
  }
}

/** How many files carry a root of more entries than lie in the log. */
export function beyondLog(evidence: ReadonlyMap<string, readonly Evidence[]>, entries: number): number {
  return downsOf(evidence).filter(({ root }) => root !== null && root.size > entries).length;
}

/** Files down in force, of each kiosk in their row. */
export function downsOf(evidence: ReadonlyMap<string, readonly Evidence[]>): readonly DownEvidence[] {
  return [...evidence.values()].flatMap((incs) => incs.at(-1)?.downs ?? []);
}

function wholeOf(log: LogPlaces, evidence: ReadonlyMap<string, readonly Evidence[]>): Whole {
  const each = [...evidence.entries()];
  return {
    log,
    ups: each.flatMap(([, incs]) => incs.flatMap(({ ups }) => ups)),
    bases: each.flatMap(([kiosk, incs]) =>
      incs.flatMap(({ ups, base }) => (base === null || ups[0] === undefined ? [] : [{ kiosk, inc: ups[0].inc, base }])),
    ),
    downs: downsOf(evidence),
  };
}

function upAt({ files }: LogPlaces, up: UpEvidence): number | null {
  return files.get(fileKey('up', up)) ?? null;
}

function downAt({ files }: LogPlaces, down: DownEvidence): number | null {
  return files.get(fileKey('down', { ...down, fileSeq: down.downSeq })) ?? null;
}

/** Whether something is in the log, and before that entry. */
function isBefore(at: number | null | undefined, entry: number): boolean {
  return at !== null && at !== undefined && at < entry;
}

/** Rule L8: kiosks were given roots of this log and of no other. */
function checkRoots({ log, downs }: Whole): void {
  for (const { root, place } of downs) {
    const here = root === null ? undefined : log.rootAt.get(root.size);
    if (here !== undefined && here !== root?.root)
      throw new Lie(check, place, `carries a root of ${root?.size} entries that this log does not have`);
  }
}

/** Rule L9: files up are taken in their order. */
function checkUpRows({ log, ups, bases }: Whole): void {
  const rows = Map.groupBy(ups, ({ kiosk, inc }) => `${kiosk} ${inc}`);
  for (const up of ups) {
    const at = upAt(log, up);
    const before = beforeOf(up, rows, bases);
    if (at === null || before === null || isBefore(upAt(log, before), at)) continue;
    throw new Lie(check, before.place, `is in no entry of the log before the one of ${up.place}, which goes on from it`);
  }
}

/** The file that has the event before the first of this one; null: it begins the book, or that file is not here. */
function beforeOf(up: UpEvidence, rows: ReadonlyMap<string, readonly UpEvidence[]>, bases: Whole['bases']): UpEvidence | null {
  const of = (inc: number): readonly UpEvidence[] => rows.get(`${up.kiosk} ${inc}`) ?? [];
  if (up.fileSeq > 1) return of(up.inc)[up.fileSeq - 2] ?? null; // from 1 without a gap
  const base = bases.find(({ kiosk, inc }) => kiosk === up.kiosk && inc === up.inc)?.base;
  return base === undefined ? null : (of(base.inc).find(({ toSeq }) => toSeq >= base.throughSeq) ?? null);
}

/** Rule L10: what a file down acknowledges was taken before that file was made. */
function checkAcknowledged({ log, ups, downs }: Whole): void {
  const byEnd = new Map(ups.map((up) => [`${up.kiosk} ${up.inc} ${up.toSeq}`, up]));
  for (const down of downs) {
    const at = downAt(log, down);
    const acked = down.ackThrough === null ? undefined : byEnd.get(`${down.kiosk} ${down.ackThrough.inc} ${down.ackThrough.seq}`);
    if (at === null || acked === undefined || isBefore(upAt(log, acked), at)) continue;
    throw new Lie(check, acked.place, `is in no entry of the log before the one of ${down.place}, which acknowledges it`);
  }
}

/** Rule L11: files down are made in their order, each entered with what it says. Those from before there was a log carry no root. */
function checkDownRows({ log, downs }: Whole): void {
  for (const [i, down] of downs.entries()) {
    const next = downs[i + 1];
    const after = next?.kiosk === down.kiosk ? downAt(log, next) : null;
    if (down.root === null || next === undefined || after === null || isBefore(downAt(log, down), after)) continue;
    throw new Lie(check, down.place, `is in no entry of the log before the one of ${next.place}, which follows it`);
  }
}

/**
 * Rule L12: a root that nobody co-signed is the newest there was, so the file that carries it is under the next one; and that one a later file
 * of the same book carries, where any does.
 */
function checkNewest({ log, downs }: Whole): void {
  const carried = new Map([...Map.groupBy(downs, ({ serverEpoch }) => serverEpoch)].map(([epoch, of]) => [epoch, sizesOf(of)]));
  for (const down of downs) {
    const { root, serverEpoch } = down;
    if (root === null || root.isCosigned) continue;
    const next = carried.get(serverEpoch)?.find((size) => size > root.size);
    if (next === undefined || !log.rootAt.has(next) || isBefore(downAt(log, down), next)) continue;
    throw new Lie(check, down.place, `is in no entry of the log under the root of ${next} entries, which came after it`);
  }
}

/** Sizes of the roots that files carry, ascending. */
function sizesOf(downs: readonly DownEvidence[]): readonly number[] {
  return [...new Set(downs.flatMap(({ root }) => root?.size ?? []))].toSorted((a, b) => a - b);
}

/** Rule L13: a settlement is accepted when its file was taken, and before a file down says so. */
function checkSettlements({ log, ups, downs }: Whole): void {
  const made = new Map<string, UpEvidence[]>();
  for (const up of ups)
    for (const number of up.settled) {
      const key = settlementKey(up.kiosk, number);
      made.set(key, [...(made.get(key) ?? []), up]);
    }
  for (const [key, at] of log.settlements) {
    const of = made.get(key) ?? [];
    if (of.length > 0 && !of.some((up) => isBefore(upAt(log, up), at)))
      throw new Lie(check, of[0]!.place, `is in no entry of the log before the one of its settlement`); // it has one
  }
  const newest = newestEpoch(downs);
  for (const down of downs) {
    const at = downAt(log, down);
    if (at === null || down.serverEpoch !== newest) continue; // a book that was put back accepts again what it lost
    for (const { inc, number } of down.accepted) {
      const key = settlementKey(down.kiosk, number);
      if ((made.get(key) ?? []).some((up) => up.inc === inc) && !isBefore(log.settlements.get(key), at))
        throw new Lie(check, down.place, `speaks of settlement ${number}, which is in no entry of the log before it`);
    }
  }
}

/** Rule L13: the county's own batches are entered before a kiosk is told of them. */
function checkBatches({ log, downs }: Whole): void {
  const newest = newestEpoch(downs);
  for (const down of downs) {
    const at = downAt(log, down);
    const missing =
      at === null || down.serverEpoch !== newest
        ? undefined
        : down.batches.find((each) => !isBefore(log.batches.get(batchKey({ ...each, kiosk: down.kiosk })), at));
    if (missing !== undefined)
      throw new Lie(
        check,
        down.place,
        `pays ${missing.fen} fen for batch ${missing.batch} of the county, which is in no entry of the log before it`,
      );
  }
}

/** Rule L14: whoever was given a root was given it by the book that signed it, or by one that was put back since. */
function checkEpochs({ log, downs }: Whole): void {
  for (const { root, serverEpoch, place } of downs) {
    const later = log.epochs.find((said) => root !== null && said.at < root.size && said.serverEpoch > serverEpoch);
    if (later !== undefined)
      throw new Lie(
        check,
        place,
        `is of epoch ${serverEpoch} and carries a root over an entry that says the book was of epoch ${later.serverEpoch}`,
      );
  }
}

function newestEpoch(downs: readonly DownEvidence[]): number {
  return downs.reduce((most, { serverEpoch }) => Math.max(most, serverEpoch), 0);
}

/** What kiosks were given and where it comes from, in hundredths of a point. */
export interface Awards {
  /** Ever, by the files up that the log has, less what their events gave back. */
  readonly given: bigint;
  readonly awarded: bigint;
  /** What the county says it gave out beyond that; below zero where more came home of what it took back. */
  readonly beyond: bigint;
  /** By files from before there was a log. */
  readonly before: bigint;
  /** Why it proves nothing that more was given than that; none: it must not be. */
  readonly unknown: readonly string[];
}

/** Rule L14. `missing`: files that the log names. Throws Lie where more was given than was awarded, and than the county says it gave out beyond that. */
export function checkAwards(
  log: LogPlaces,
  evidence: ReadonlyMap<string, readonly Evidence[]>,
  missing: ReadonlyMap<string, MissingFiles>,
): Awards {
  const { ups, downs } = wholeOf(log, evidence);
  const { points: beyond, serverEpoch } = log.beyond ?? { points: 0, serverEpoch: 1 };
  const entered = Map.groupBy(
    ups.filter((up) => upAt(log, up) !== null),
    ({ kiosk }) => kiosk,
  );
  const given =
    sumOf([...entered.values()].map((of) => of.at(-1)!.given)) - // none is empty
    sumOf([...entered.values()].flatMap((of) => of.map(({ cameHome }) => cameHome)));
  const before = sumOf([...evidence.keys()].map((kiosk) => givenBefore(log, downs, kiosk)));
  const unheard = [...entered].filter(([, of]) => serverEpoch > 1 && of.at(-1)!.serverEpoch < serverEpoch).map(([kiosk]) => kiosk);
  const silent = [...missing].flatMap(([kiosk, { up }]) => (up > 0 ? [kiosk] : [])).toSorted();
  const unknown = [
    ...(log.beyond === null ? ['the log does not say what the county gave out beyond its lists'] : []),
    ...(silent.length > 0 ? [`files of ${listed(silent)} that the log names are not here`] : []),
    ...unheard.map((kiosk) => `${kiosk} had taken no file since the county's book was put back`),
  ];
  const awards = { given, awarded: log.awarded, beyond: BigInt(beyond), before, unknown };
  if (unknown.length === 0 && given > log.awarded + awards.beyond + before)
    throw new Lie('awards', 'log', `${awardsText(awards)}: nobody awarded the rest`);
  return awards;
}

/** What a kiosk was ever given by its newest file from before there was a log: one that carries no root and is not entered. */
function givenBefore(log: LogPlaces, downs: readonly DownEvidence[], kiosk: string): number {
  const old = downs.filter((down) => down.kiosk === kiosk && down.root === null && downAt(log, down) === null);
  return old.reduce((most, { given }) => Math.max(most, given), 0);
}

/** Whatever lists a log claims, no hundredth is lost in rounding. */
function sumOf(amounts: readonly number[]): bigint {
  return amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);
}

/** In a sentence, for people. */
export function awardsText({ given, awarded, beyond, before }: Awards): string {
  const sources = [
    `${pointsText(awarded)} awarded`,
    ...(beyond === 0n ? [] : [`${pointsText(beyond)} given out beyond that, less what came home of what was taken back`]),
    ...(before === 0n ? [] : [`${pointsText(before)} given before there was a log`]),
  ];
  return `${pointsText(given)} points given to kiosks, less what came back; ${sources.join(', ')}`;
}

/** Hundredths as points, however many: 811,496 or -0.05. */
function pointsText(hundredths: bigint): string {
  const whole = hundredths < 0n ? -hundredths : hundredths;
  const decimals = `.${String(whole % 100n).padStart(2, '0')}`.replace(/\.?0+$/, '');
  return `${hundredths < 0n ? '-' : ''}${(whole / 100n).toLocaleString('en')}${decimals}`;
}
