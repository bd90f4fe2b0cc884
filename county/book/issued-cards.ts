// Cards: issued, denied and replaced by number, and sealed again for printing. A card is what the county signed; that it was lost is a
// line that every kiosk gets.

import { type KeyObject, createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Card } from '../../db/model/card.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CardHolder } from '../cards.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { everyKiosk, masterLine, masterOfKind, putMaster } from './master.ts';

/** The key that seals cards, and the number by which kiosks know it. */
export interface CardKey {
  readonly key: KeyObject;
  readonly kid: number;
}

/** The county's card key, where its public half is one that kiosks believe. */
export function cardKeyOf({ folder }: CountyBook, db: ReadableDatabase): Result<CardKey, 'no_card_key' | 'card_key_unknown'> {
  const path = join(folder.keys, 'card.pem');
  if (!existsSync(path)) return fail('no_card_key');
  const key = createPrivateKey(readFileSync(path, 'utf8'));
  const raw = Buffer.from(rawPublicKey(key)).toString('base64url');
  for (const line of masterOfKind(db, { scope: everyKiosk, t: 'KEY' }))
    if (line.use === 'card' && line.active && line.key === raw) return ok({ key, kid: line.kid });
  return fail('card_key_unknown');
}

/** Issue numbers are one byte (hardware.md E.4). */
const issueMax = 255;

interface CardRow {
  readonly issue: number;
  readonly kid: number;
  readonly expires_on: string;
}

/** The newest card of a resident that was issued and is not denied; null: there is none. */
function cardInForce(db: ReadableDatabase, county: string, resident: string): Card | null {
  const row = newestCard(db, resident);
  if (row === null || row.issue <= deniedThrough(db, resident)) return null;
  return { kid: row.kid, county, residentId: resident, issue: row.issue, expiresOn: row.expires_on };
}

/** A card that may be issued, and up to which number those before it are denied by that; 0: none. */
export interface NextCard {
  readonly resident: string;
  readonly issue: number;
  readonly denies: number;
}

/** The next card of a resident. While one is in force it must be said to be replaced. */
export function nextCard(
  db: ReadableDatabase,
  { resident, replaces }: { readonly resident: string; readonly replaces: boolean },
): Result<NextCard, 'unknown_resident' | 'left' | 'has_card' | 'no_card' | 'no_more_numbers'> {
  const known = masterLine(db, { scope: everyKiosk, t: 'RESIDENT', key: resident });
  if (known === null) return fail('unknown_resident');
  if (!known.resident.active) return fail('left');
  const denied = deniedThrough(db, resident);
  const last = Math.max(newestCard(db, resident)?.issue ?? 0, denied);
  if (last > denied && !replaces) return fail('has_card');
  if (last === 0 && replaces) return fail('no_card');
  if (last === issueMax) return fail('no_more_numbers');
  return ok({ resident, issue: last + 1, denies: last > denied ? last : 0 });
}

/** Issues it. Every card before it is denied from the next night's files on. */
export function issueCard(
  act: CountyAct,
  { resident, issue, denies }: NextCard,
  { kid, expiresOn, entry }: { readonly kid: number; readonly expiresOn: string; readonly entry: number },
): void {
  keepCard(act, { resident, issue, kid, expiresOn, entry });
  if (denies > 0) putMaster(act, { t: 'DENY', resident, issue: denies }, { scope: everyKiosk, entry });
}

/** Every card of a resident that was issued so far is refused, from the next night's files on. Returns the highest number. */
export function denyCards(
  act: CountyAct,
  { resident, by }: { readonly resident: string; readonly by: string },
): Result<number, 'unknown_resident' | 'no_card' | 'denied'> {
  const { db } = act;
  if (masterLine(db, { scope: everyKiosk, t: 'RESIDENT', key: resident }) === null) return fail('unknown_resident');
  const issue = newestCard(db, resident)?.issue ?? 0;
  if (issue === 0) return fail('no_card');
  if (issue <= deniedThrough(db, resident)) return fail('denied');
  putMaster(act, { t: 'DENY', resident, issue }, { scope: everyKiosk, entry: act.enter('cards', `${resident} denied by ${by}`) });
  return ok(issue);
}

/** Writes down a card that exists; the same once. */
export function keepCard(
  { db }: CountyAct,
  card: { readonly resident: string; readonly issue: number; readonly kid: number; readonly expiresOn: string; readonly entry: number },
): void {
  const { changes } = prepared(
    db,
    'INSERT INTO card (resident, issue, kid, expires_on, entry) VALUES (?, ?, ?, ?, ?) ON CONFLICT (resident, issue) DO NOTHING',
  ).run(card.resident, card.issue, card.kid, card.expiresOn, card.entry);
  assert(changes <= 1, 'a card has one row');
}

/** Those whose cards a sheet shows: of a resident, or of everybody at home at a kiosk. Whoever left or has no card is not among them. */
export function* cardHolders(
  db: ReadableDatabase,
  county: string,
  of: { readonly resident: string } | { readonly home: string },
): Generator<CardHolder> {
  for (const id of 'resident' in of ? [of.resident] : residentsAt(db, of.home)) {
    const card = cardInForce(db, county, id);
    const line = masterLine(db, { scope: everyKiosk, t: 'RESIDENT', key: id });
    if (card !== null && line !== null && line.resident.active) yield { resident: line.resident, card };
  }
}

const pageRows = 1_000;

/** Residents who may use an account that is at home there, in the order of their numbers. */
export function* residentsAt(db: ReadableDatabase, home: string): Generator<string> {
  const page = prepared<[string, string, number], { resident: string }>(
    db,
    `SELECT resident FROM resident JOIN account ON account.account = resident.account
      WHERE home = ? AND resident.is_active = 1 AND resident > ? ORDER BY resident LIMIT ?`,
  );
  for (let last = ''; ;) {
    const rows = page.all(home, last, pageRows);
    for (const { resident } of rows) yield resident;
    if (rows.length < pageRows) return;
    last = rows.at(-1)!.resident; // a full page has one
  }
}

function newestCard(db: ReadableDatabase, resident: string): CardRow | null {
  return (
    prepared<[string], CardRow>(db, 'SELECT issue, kid, expires_on FROM card WHERE resident = ? ORDER BY issue DESC LIMIT 1').get(
      resident,
    ) ?? null
  );
}

function deniedThrough(db: ReadableDatabase, resident: string): number {
  return masterLine(db, { scope: everyKiosk, t: 'DENY', key: resident })?.issue ?? 0;
}
