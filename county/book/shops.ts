// Shops, who works in them, and the rules of the county, as the office changes them one at a time. Draws a PIN where none is given, and
// keeps only its hash.

import { randomInt } from 'node:crypto';
import { type Operator, type Shop, operatorRoles } from '../../db/model/catalogue.ts';
import { downLine } from '../../db/model/down-file.ts';
import { hashPin, isWeakPin } from '../../db/model/pin.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { checkScheme } from '../../db/model/scheme.ts';
import { businessDate } from '../../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import { expectKiosk } from './import-files.ts';
import { type MasterLine, everyKiosk, masterLine, masterOfKind, planScheme, putDueSchemes, putMaster, schemeOf } from './master.ts';

/** A change that the form of a kiosk's file refuses, and why. */
export type Malformed = { readonly ok: false; readonly code: 'malformed'; readonly why: string };

export interface OperatorChange {
  readonly kiosk: string;
  readonly id: string;
  /** null: as it was. */
  readonly name: string | null;
  readonly role: string | null;
  readonly pin: string | null;
  /** They may work there no longer. */
  readonly isRemoved: boolean;
  readonly by: string;
}

/** Adds, changes or removes who works at a kiosk. Returns the PIN where one was drawn: it is told once and kept nowhere. */
export async function changeOperator(
  book: CountyBook,
  change: OperatorChange,
): Promise<Result<{ readonly drawnPin: string | null }, 'unknown_kiosk' | 'unknown_operator' | 'weak_pin' | 'last_owner'> | Malformed> {
  const { kiosk, id, by } = change;
  const isNew = (await book.read((db) => masterLine(db, { scope: kiosk, t: 'OPERATOR', key: id }))) === null;
  if (change.pin !== null && !/^\d{6}$/.test(change.pin)) return { ok: false, code: 'malformed', why: 'a PIN has six digits' };
  if (change.pin !== null && isWeakPin(change.pin)) return fail('weak_pin');
  const drawnPin = isNew && change.pin === null ? drawPin() : null;
  const pin = change.pin ?? drawnPin;
  const pinHash = pin === null ? null : await hashPin(pin); // 0.2 s: before the book is taken
  return book.transact((act) => {
    const { db } = act;
    if (!isKiosk(db, kiosk)) return fail('unknown_kiosk');
    const before = masterLine(db, { scope: kiosk, t: 'OPERATOR', key: id })?.operator ?? null;
    if (before === null && (change.isRemoved || pinHash === null)) return fail('unknown_operator');
    const line = downLine.safeParse({
      t: 'OPERATOR',
      operator: {
        id,
        name: change.name ?? before?.name,
        role: change.role ?? before?.role,
        pinHash: pinHash ?? before?.pinHash,
        active: !change.isRemoved,
      },
    });
    if (!line.success) return malformed(line.error);
    const after = line.data as Extract<MasterLine, { t: 'OPERATOR' }>; // a line of the kind that it says
    const wasOwner = before?.role === 'owner' && before.active;
    const isOwner = after.operator.role === 'owner' && after.operator.active;
    const owners = [...operatorsAt(db, kiosk)].filter((each) => each.role === 'owner' && each.active);
    if (wasOwner && !isOwner && owners.length === 1) return fail('last_owner'); // nobody could close its days or let a new one in
    putMaster(act, after, { scope: kiosk, entry: act.enter('operator', `${kiosk} ${id} by ${by}`) });
    return ok({ drawnPin });
  });
}

/** Who works, or worked, at a kiosk. */
export function* operatorsAt(db: ReadableDatabase, kiosk: string): Generator<Operator> {
  for (const { operator } of masterOfKind(db, { scope: kiosk, t: 'OPERATOR' })) yield operator;
}

export const roles: readonly string[] = operatorRoles;

/** A PIN that nobody guesses first: of a million a few hundred are weak. */
function drawPin(): string {
  for (;;) {
    const pin = String(randomInt(1_000_000)).padStart(6, '0');
    if (!isWeakPin(pin)) return pin;
  }
}

export interface ShopChange {
  readonly kiosk: string;
  readonly store: string | null;
  readonly zh: string | null;
  readonly bo: string | null;
  readonly sharePermille: number | null;
  /** The county's name, where no shop has it yet. */
  readonly countyZh: string | null;
  readonly by: string;
}

/** Adds a shop with its kiosk, or changes what a shop is called and leaves to the scheme. null: as it was. */
export function changeShop(book: CountyBook, change: ShopChange): Promise<{ readonly ok: true } | Malformed> {
  return book.transact((act) => {
    const { db } = act;
    const before = masterLine(db, { scope: change.kiosk, t: 'SHOP', key: change.kiosk })?.shop ?? null;
    const pattern = before ?? anyShop(db);
    const share = change.sharePermille ?? before?.merchantSharePermille;
    const line = downLine.safeParse({
      t: 'SHOP',
      shop: {
        county: book.code,
        countyZh: change.countyZh ?? pattern?.countyZh,
        countyBo: pattern?.countyBo ?? null,
        store: change.store ?? before?.store,
        zh: change.zh ?? before?.zh,
        bo: change.bo ?? before?.bo ?? null,
        kiosk: change.kiosk,
        ...(book.isDemo ? { isDemo: true } : {}),
        ...(share === undefined ? {} : { merchantSharePermille: share }),
      },
    });
    if (!line.success) return malformed(line.error);
    const shop = line.data as Extract<MasterLine, { t: 'SHOP' }>; // a line of the kind that it says
    expectKiosk(act, { kiosk: change.kiosk, store: shop.shop.store });
    putMaster(act, shop, { scope: change.kiosk, entry: act.enter('shop', `${change.kiosk} by ${change.by}`) });
    return { ok: true } as const;
  });
}

function anyShop(db: ReadableDatabase): Shop | null {
  for (const { kiosk } of prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk ORDER BY kiosk').all()) {
    const line = masterLine(db, { scope: kiosk, t: 'SHOP', key: kiosk });
    if (line !== null) return line.shop;
  }
  return null;
}

/**
 * Writes rules down for a day: the night of that day sends them. The version must be above every one that the kiosk, or with none
 * named any kiosk, was ever told or is to be told.
 */
export function changeScheme(
  book: CountyBook,
  change: { readonly scheme: unknown; readonly kiosk: string | null; readonly fromDay: string; readonly by: string },
): Promise<Result<{ readonly version: number }, 'unknown_kiosk' | 'old_version'> | Malformed> {
  const line = downLine.safeParse({ t: 'SCHEME', scheme: change.scheme });
  if (!line.success) return Promise.resolve(malformed(line.error));
  const scheme = line.data as Extract<MasterLine, { t: 'SCHEME' }>; // a line of the kind that it says
  try {
    checkScheme(scheme.scheme);
  } catch (error) {
    return Promise.resolve({ ok: false, code: 'malformed', why: error instanceof Error ? error.message : String(error) });
  }
  return book.transact((act) => {
    const { db } = act;
    if (change.kiosk !== null && !isKiosk(db, change.kiosk)) return fail('unknown_kiosk');
    const { version } = scheme.scheme;
    if (version <= newestVersion(db, change.kiosk)) return fail('old_version');
    const entry = act.enter('scheme', `${version} from ${change.fromDay} by ${change.by}`);
    planScheme(act, scheme, { scope: change.kiosk ?? everyKiosk, entry, fromDay: change.fromDay });
    putDueSchemes(act, businessDate(book.wallMs())); // of today: what the office writes next is by these rules
    return ok({ version });
  });
}

function newestVersion(db: ReadableDatabase, kiosk: string | null): number {
  const kiosks = kiosk === null ? prepared<[], { kiosk: string }>(db, 'SELECT kiosk FROM kiosk').all() : [{ kiosk }];
  const told = kiosks.map((each) => schemeOf(db, each.kiosk)?.scheme.version ?? 0);
  const planned = prepared<[], { scope: string; version: number }>(db, 'SELECT scope, version FROM scheme_plan').all();
  const reaching = planned.filter(({ scope }) => kiosk === null || scope === everyKiosk || scope === kiosk);
  return Math.max(0, ...told, ...reaching.map(({ version }) => version));
}

function isKiosk(db: ReadableDatabase, kiosk: string): boolean {
  return prepared<[string], object>(db, 'SELECT 1 FROM kiosk WHERE kiosk = ?').get(kiosk) !== undefined;
}

function malformed({
  issues,
}: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): Malformed {
  return { ok: false, code: 'malformed', why: issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ') };
}
