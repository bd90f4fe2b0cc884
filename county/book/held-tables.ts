// The tables whose rows an act keeps at hand (county/store/held-rows.ts): those that every event of a file asks for or adds to. Only the
// columns that are asked for; the tables themselves are in tables.ts.

import type { HeldTable } from '../store/held-rows.ts';
import type { CountyPosting } from './ledger.ts';
import type { At, Given, PostedCounters } from './rights.ts';

export interface ActRow {
  readonly entry: number;
  readonly kind: string;
  readonly about: string;
  readonly at: number;
}

export const acts: HeldTable<ActRow> = {
  name: 'act',
  columns: { entry: 'integer', kind: 'text', about: 'text', at: 'integer' },
  key: ['entry'],
  changing: [],
};

export interface EventRow {
  readonly entry: number;
  readonly kiosk: string;
  readonly inc: number;
  readonly seq: number;
  readonly file_inc: number;
  readonly file_seq: number;
  readonly id: string;
  readonly kind: string;
  readonly account: string | null;
  readonly refers: string | null;
  readonly amt: number;
  readonly line: string;
  readonly leaf: Uint8Array;
  readonly sig: Uint8Array;
}

/** Each event is posted once (R6, 18): the table refuses a second. */
export const events: HeldTable<EventRow> = {
  name: 'event',
  columns: {
    entry: 'integer',
    kiosk: 'text',
    inc: 'integer',
    seq: 'integer',
    file_inc: 'integer',
    file_seq: 'integer',
    id: 'text',
    kind: 'text',
    account: 'text',
    refers: 'text',
    amt: 'integer',
    line: 'text',
    leaf: 'bytes',
    sig: 'bytes',
  },
  key: ['entry'],
  changing: [],
};

export type PostingRow = CountyPosting & { readonly entry: number; readonly n: number };

export const postings: HeldTable<PostingRow> = {
  name: 'posting',
  columns: { entry: 'integer', n: 'integer', account: 'text', holder: 'text', kiosk: 'text', commodity: 'text', amount: 'integer' },
  key: ['entry', 'n'],
  changing: [],
};

export const balances: HeldTable<CountyPosting> = {
  name: 'balance',
  columns: { account: 'text', holder: 'text', kiosk: 'text', commodity: 'text', amount: 'integer' },
  key: ['account', 'holder', 'kiosk', 'commodity'],
  changing: ['amount'],
};

export interface AccountRow {
  readonly account: string;
  readonly home: string;
  readonly is_active: number;
  readonly changed_entry: number;
}

export const accounts: HeldTable<AccountRow> = {
  name: 'account',
  columns: { account: 'text', home: 'text', is_active: 'integer', changed_entry: 'integer' },
  key: ['account'],
  changing: ['changed_entry'],
};

/** A kiosk's own counters (R3). */
export type CounterRow = PostedCounters & { readonly kiosk: string; readonly inc: number; readonly account: string };

export const counters: HeldTable<CounterRow> = {
  name: 'counter',
  columns: {
    kiosk: 'text',
    inc: 'integer',
    account: 'text',
    g: 'integer',
    b: 'integer',
    s: 'integer',
    v: 'integer',
    c: 'integer',
    u: 'integer',
    x: 'integer',
    w: 'integer',
    xs: 'integer',
    f: 'integer',
  },
  key: ['kiosk', 'inc', 'account'],
  changing: ['g', 'b', 's', 'v', 'c', 'u', 'x', 'w', 'xs', 'f'],
};

/** Held to be asked for; written by statements of their own. */
export const givens: HeldTable<Given & At> = {
  name: 'given',
  columns: {
    kiosk: 'text',
    account: 'text',
    granted: 'integer',
    vouchers: 'integer',
    cap: 'integer',
    funded: 'integer',
    roamed: 'integer',
    asked: 'integer',
    astray: 'integer',
  },
  key: ['kiosk', 'account'],
  changing: [],
};

export interface CreditedRow {
  readonly kiosk: string;
  readonly day: string;
  readonly cap: string;
  readonly holder: string;
  readonly points: number;
}

/** What was credited on a business date, as the caps of the day count it (credit-caps.ts). */
export const creditedRows: HeldTable<CreditedRow> = {
  name: 'credited',
  columns: { kiosk: 'text', day: 'text', cap: 'text', holder: 'text', points: 'integer' },
  key: ['kiosk', 'day', 'cap', 'holder'],
  changing: ['points'],
};

/** How far an incarnation is posted (chains.ts). */
export interface ChainRow {
  readonly kiosk: string;
  readonly inc: number;
  readonly base_inc: number | null;
  readonly base_seq: number;
  readonly file_seq: number;
  readonly file_sha: string;
  readonly to_seq: number;
  readonly head_leaf: string;
  readonly edge: Uint8Array;
  readonly figures: string;
  readonly red: number;
}

/** Held to be asked for; written by a statement of its own. */
export const chains: HeldTable<ChainRow> = {
  name: 'chain',
  columns: {
    kiosk: 'text',
    inc: 'integer',
    base_inc: 'integer',
    base_seq: 'integer',
    file_seq: 'integer',
    file_sha: 'text',
    to_seq: 'integer',
    head_leaf: 'text',
    edge: 'bytes',
    figures: 'text',
    red: 'integer',
  },
  key: ['kiosk', 'inc'],
  changing: [],
};
