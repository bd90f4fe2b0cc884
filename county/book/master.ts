// What the county's office keeps for its kiosks to know: schemes, shops, keys, operators, goods, residents, denied cards. Keeps the newest
// line for each key and the entry that said it; what moves points is not here.

import { canonical } from '../../db/model/canonical.ts';
import type { Resident, Shop } from '../../db/model/catalogue.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { assert, never } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyAct } from './county-book.ts';

/** In the order in which a file tells them: the rules before what they rule. */
const masterKinds = ['SCHEME', 'SHOP', 'KEY', 'OPERATOR', 'GOODS', 'RESIDENT', 'DENY'] as const;
type MasterKind = (typeof masterKinds)[number];

/** A line that says how something is, whatever it was before. */
export type MasterLine = Extract<DownLine, { t: MasterKind }>;

/** For every kiosk of the county; else the scope is one kiosk. */
export const everyKiosk = '';

export function isMasterLine(line: DownLine): line is MasterLine {
  return (masterKinds as readonly string[]).includes(line.t);
}

/** Writes a line down as the newest of its key. False: it said nothing new, and keeps the entry that said it first. */
export function putMaster(
  { db }: CountyAct,
  line: MasterLine,
  { scope, entry }: { readonly scope: string; readonly entry: number },
): boolean {
  keepRate(db, line, { scope, entry });
  const { changes } = prepared(
    db,
    `INSERT INTO master (scope, t, key, line, entry) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (scope, t, key) DO UPDATE SET line = excluded.line, entry = excluded.entry WHERE master.line <> excluded.line`,
  ).run(scope, line.t, masterKey(line), canonical(line), entry);
  if (changes === 1) obey(db, line, { scope, entry });
  return changes === 1;
}

/** What a line replaces of what kiosks reckon money by: some go by it for a while yet (told-worth.ts). Rules are told by versions, which all stay. */
function keepRate(db: CountyAct['db'], line: MasterLine, { scope, entry }: { readonly scope: string; readonly entry: number }): void {
  const rate = rateOf(line);
  if (rate === undefined) return;
  const before = masterLine(db, { scope, t: line.t, key: masterKey(line) });
  const was = before === null ? null : rateOf(before);
  if (was == null || was === rate) return;
  prepared(db, 'INSERT INTO rate_before (scope, t, key, rate, until) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING').run(
    scope,
    line.t,
    masterKey(line),
    was,
    entry,
  );
}

/** A shop's share in thousandths, the settlement price of goods in fen, or null where they have none; undefined: the line tells no such thing. */
function rateOf(line: MasterLine): number | null | undefined {
  if (line.t === 'SHOP') return line.shop.merchantSharePermille ?? 0;
  return line.t === 'GOODS' ? (line.goods.settlementFen ?? null) : undefined;
}

/** The newest line of a key, or null. */
export function masterLine<Kind extends MasterKind>(
  db: ReadableDatabase,
  { scope, t, key }: { readonly scope: string; readonly t: Kind; readonly key: string },
): Extract<MasterLine, { t: Kind }> | null {
  const row = prepared<[string, string, string], { line: string }>(db, 'SELECT line FROM master WHERE scope = ? AND t = ? AND key = ?').get(
    scope,
    t,
    key,
  );
  return row === undefined ? null : (JSON.parse(row.line) as Extract<MasterLine, { t: Kind }>); // putMaster wrote it
}

/** Every line of a kind, by the entries that said them; a page at a time. */
export function* masterOfKind<Kind extends MasterKind>(
  db: ReadableDatabase,
  { scope, t, afterEntry = 0 }: { readonly scope: string; readonly t: Kind; readonly afterEntry?: number },
): Generator<Extract<MasterLine, { t: Kind }>> {
  const page = prepared<[string, string, number, string, number], { key: string; line: string; entry: number }>(
    db,
    'SELECT key, line, entry FROM master WHERE scope = ? AND t = ? AND (entry, key) > (?, ?) ORDER BY entry, key LIMIT ?',
  );
  let last = { entry: afterEntry + 1, key: '' };
  for (;;) {
    const rows = page.all(scope, t, last.entry, last.key, pageRows);
    for (const { line } of rows) yield JSON.parse(line) as Extract<MasterLine, { t: Kind }>; // putMaster wrote it
    if (rows.length < pageRows) return;
    last = rows.at(-1)!; // a full page has one
  }
}

/** Read a page at a time and not with one open cursor: between pages the same transaction may write. */
const pageRows = 1_000;

/**
 * What a kiosk must be told, in an order that it accepts and in flat memory: what changed after an entry, or all of it (`isWhole`: its
 * first file, and a snapshot). Of the schemes a whole file tells the one in force.
 */
export function* masterLines(
  db: ReadableDatabase,
  { kiosk, afterEntry, isWhole }: { readonly kiosk: string; readonly afterEntry: number; readonly isWhole: boolean },
): Generator<MasterLine> {
  for (const t of masterKinds) {
    if (isWhole && t === 'SCHEME') {
      const newest = schemeOf(db, kiosk);
      if (newest !== null) yield newest;
      continue;
    }
    for (const scope of [everyKiosk, kiosk]) yield* masterOfKind(db, { scope, t, afterEntry: isWhole ? 0 : afterEntry });
  }
}

/** The scheme in force at a kiosk, its own or everybody's: the highest version (docs/files.md W6). Null: none was ever said. */
export function schemeOf(db: ReadableDatabase, kiosk: string): Extract<MasterLine, { t: 'SCHEME' }> | null {
  let newest: Extract<MasterLine, { t: 'SCHEME' }> | null = null;
  for (const scope of [everyKiosk, kiosk])
    for (const line of masterOfKind(db, { scope, t: 'SCHEME' }))
      if (newest === null || line.scheme.version > newest.scheme.version) newest = line;
  return newest;
}

/** Rules that were written down for a later day, and whose day has come, become the county's word. `day`: the night's business date. */
export function putDueSchemes(act: CountyAct, day: string): void {
  const due = prepared<[string], { scope: string; version: number; line: string }>(
    act.db,
    'SELECT scope, version, line FROM scheme_plan WHERE from_day <= ? ORDER BY scope, version',
  ).all(day);
  for (const { scope, version, line } of due) {
    if (masterLine(act.db, { scope, t: 'SCHEME', key: String(version) }) !== null) continue;
    const entry = act.enter('scheme', `${version} in force`);
    putMaster(act, JSON.parse(line) as MasterLine, { scope, entry }); // planScheme wrote it
  }
}

/** Writes a scheme down that the night of `fromDay` puts in force; a version is written once. */
export function planScheme(
  { db }: CountyAct,
  line: Extract<MasterLine, { t: 'SCHEME' }>,
  { scope, entry, fromDay }: { readonly scope: string; readonly entry: number; readonly fromDay: string },
): void {
  const { changes } = prepared(db, 'INSERT INTO scheme_plan (scope, version, from_day, line, entry) VALUES (?, ?, ?, ?, ?)').run(
    scope,
    line.scheme.version,
    fromDay,
    canonical(line),
    entry,
  );
  assert(changes === 1, 'a scheme is written down');
}

/** What is one thing: a newer line of the same key replaces the older one. */
export function masterKey(line: MasterLine): string {
  switch (line.t) {
    case 'SCHEME':
      return String(line.scheme.version);
    case 'SHOP':
      return line.shop.kiosk;
    case 'KEY':
      return `${line.use} ${line.kid}`;
    case 'OPERATOR':
      return line.operator.id;
    case 'GOODS':
      return line.goods.id;
    case 'RESIDENT':
      return line.resident.id;
    case 'DENY':
      return line.resident;
    default:
      return never(line);
  }
}

/** The county judges what a kiosk sends by the rules that it told it, and by who may use an account. */
function obey(db: CountyAct['db'], line: MasterLine, { scope, entry }: { readonly scope: string; readonly entry: number }): void {
  if (line.t === 'SHOP') obeyShop(db, line.shop);
  if (line.t === 'SCHEME') obeyScheme(db, scope);
  if (line.t === 'KEY') obeyKey(db, line, entry);
  if (line.t === 'RESIDENT') obeyResident(db, line.resident);
}

function obeyShop(db: CountyAct['db'], { store, kiosk, merchantSharePermille }: Shop): void {
  prepared(db, 'UPDATE kiosk SET store = ?, share_permille = ? WHERE kiosk = ?').run(store, merchantSharePermille ?? 0, kiosk);
}

/** Which key was told when, for what is signed until everybody has heard of it (county-keys.ts). */
function obeyKey(db: CountyAct['db'], { use, kid, key, active }: MasterLine & { readonly t: 'KEY' }, entry: number): void {
  prepared(
    db,
    `INSERT INTO county_key (use, kid, key, began, ended) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (use, kid) DO UPDATE SET key = excluded.key, ended = excluded.ended`,
  ).run(use, kid, key, entry, active ? null : entry);
}

function obeyScheme(db: CountyAct['db'], scope: string): void {
  const kiosks = prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk').all();
  for (const { kiosk } of kiosks.filter((each) => scope === everyKiosk || each.kiosk === scope)) {
    const inForce = schemeOf(db, kiosk)!.scheme; // one was put just now
    prepared(db, 'UPDATE kiosk SET sale_cap = ?, roaming_cap = ? WHERE kiosk = ?').run(
      inForce.saleCapPoints,
      inForce.roaming.kioskCapPoints,
      kiosk,
    );
  }
}

/** An account may be used while somebody of it may. */
function obeyResident(db: CountyAct['db'], { id, accountId, active }: Resident): void {
  const before = prepared<[string], { account: string }>(db, 'SELECT account FROM resident WHERE resident = ?').get(id)?.account;
  prepared(
    db,
    `INSERT INTO resident (resident, account, is_active) VALUES (?, ?, ?)
     ON CONFLICT (resident) DO UPDATE SET account = excluded.account, is_active = excluded.is_active`,
  ).run(id, accountId, Number(active));
  for (const account of new Set([accountId, before ?? accountId]))
    prepared(
      db,
      'UPDATE account SET is_active = (SELECT coalesce(max(is_active), 0) FROM resident WHERE resident.account = ?) WHERE account = ?',
    ).run(account, account);
}
