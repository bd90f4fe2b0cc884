// Cards: issued, denied and replaced by number, and sealed again for printing. A card is what the county signed; that it was lost is a
// line that every kiosk gets.

import type { KeyObject } from 'node:crypto';
import type { Card } from '../../db/model/card.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CardHolder } from '../cards.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { countyKeys, hasCardKey, privateKeyOf } from './county-keys.ts';
import { everyKiosk, masterLine, putMaster } from './master.ts';

/** The key that seals cards, and the number by which kiosks know it. */
export interface CardKey {
  readonly key: KeyObject;
  readonly kid: number;
}

/**
 * The card key that new cards are sealed with: the newest in force, of those that every kiosk which may sell was sent. A card of a key
 * that a shop has not heard of is refused there.
 */
export function cardKeyOf({ folder }: CountyBook, db: ReadableDatabase): Result<CardKey, 'no_card_key' | 'card_key_unknown'> {
  const own = countyKeys(db, 'card').flatMap(({ kid, key, began, ended }) => {
    const privateKey = privateKeyOf(folder, 'card', key);
    return privateKey === null || ended !== null ? [] : [{ kid, began, key: privateKey }];
  });
  const { told } = prepared<[], { told: number | null }>(
    db,
    `SELECT min(told_entry) AS told FROM kiosk WHERE state = 'active' AND told_entry > 0`,
  ).get()!; // an aggregate has a row
  const newest = own.filter(({ began }) => told === null || began <= told).at(-1) ?? own[0];
  if (newest !== undefined) return ok({ key: newest.key, kid: newest.kid });
  return fail(hasCardKey(folder) ? 'card_key_unknown' : 'no_card_key');
}

/** The key that a card says it was sealed with, to print that card again: the folder has it, or the county never had. */
export function sealOf({ folder }: CountyBook, db: ReadableDatabase): (kid: number) => KeyObject | null {
  const keys = new Map(countyKeys(db, 'card').map(({ kid, key }) => [kid, privateKeyOf(folder, 'card', key)]));
  return (kid) => keys.get(kid) ?? null;
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
  if (row === null || row.issue <= deniedThrough(db, resident) || isEnded(db, row.kid)) return null;
  return { kid: row.kid, county, residentId: resident, issue: row.issue, expiresOn: row.expires_on };
}

/** A card that may be issued, and up to which number those before it are denied by that; 0: none. */
export interface NextCard {
  readonly resident: string;
  readonly issue: number;
  readonly denies: number;
}

/** The next card of a resident. While one is in force it must be said to be replaced; with its key every card of it ended. */
export function nextCard(
  db: ReadableDatabase,
  { resident, replaces }: { readonly resident: string; readonly replaces: boolean },
): Result<NextCard, 'unknown_resident' | 'left' | 'has_card' | 'no_card' | 'no_more_numbers'> {
  const known = masterLine(db, { scope: everyKiosk, t: 'RESIDENT', key: resident });
  if (known === null) return fail('unknown_resident');
  if (!known.resident.active) return fail('left');
  const denied = deniedThrough(db, resident);
  const newest = newestCard(db, resident);
  const last = Math.max(newest?.issue ?? 0, denied);
  if (last > denied && !replaces && !isEnded(db, newest!.kid)) return fail('has_card'); // above what is denied stands only a card
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

/** Whether kiosks are told to believe no card that was sealed with it. */
function isEnded(db: ReadableDatabase, kid: number): boolean {
  return prepared(db, `SELECT 1 FROM county_key WHERE use = 'card' AND kid = ? AND ended IS NOT NULL`).get(kid) !== undefined;
}

/** Cards of a resident up to this number are refused; 0: none is. */
export function deniedThrough(db: ReadableDatabase, resident: string): number {
  return masterLine(db, { scope: everyKiosk, t: 'DENY', key: resident })?.issue ?? 0;
}
