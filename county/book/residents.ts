// The list of residents as the office keeps it: who is new, changed, or left. Takes a list whole or not at all; moves no points.

import { hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Resident } from '../../db/model/catalogue.ts';
import { type DownLine, downLine } from '../../db/model/down-file.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { residentTag } from '../keys.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { addAccount } from './import-files.ts';
import { type Column, type List, type ListRefusal, type ListRow, type RowFault, faultsOfLine, readList } from './list-file.ts';
import { everyKiosk, masterLine, putMaster, schemeOf } from './master.ts';
import { type Tell, sliceRows, slicesOf } from './slices.ts';

type ResidentColumn = 'resident' | 'account' | 'name' | 'group' | 'village' | 'language' | 'home' | 'active';
export const residentColumns: readonly Column<ResidentColumn>[] = [
  { name: 'resident', zh: ['编号', '居民编号'], isNeeded: true },
  { name: 'account', zh: ['账户', '积分账户'], isNeeded: false },
  { name: 'name', zh: ['姓名'], isNeeded: false },
  { name: 'group', zh: ['类别', '群体'], isNeeded: false },
  { name: 'village', zh: ['村', '村居', '社区'], isNeeded: false },
  { name: 'language', zh: ['语言'], isNeeded: false },
  { name: 'home', zh: ['归属终端', '归属'], isNeeded: false },
  { name: 'active', zh: ['在册'], isNeeded: false },
];

/** What a list does, or would do. */
export interface ListOutcome {
  readonly added: number;
  readonly changed: number;
  readonly left: number;
  /** Rows that say what is known. */
  readonly unchanged: number;
  readonly faults: readonly RowFault[];
  /** Rows, from the first on. With a fault: those that were taken before the book changed so that the list does not fit it any more. */
  readonly taken: number;
  readonly format: List<string>['format'];
}

/**
 * Reads a list of residents and, where `by` says whose it is and no row is at fault, takes it: a new resident with an account and its
 * home, a change of what a cell says, a leave with 否 under 在册. An empty cell leaves as it was. A list of more than a slice is looked at
 * whole and then taken in slices, so that kiosks and other clerks have their turns: what a server that dies had not taken, and what changed
 * in the book meanwhile, the same list given again does, of which the rest then says nothing new.
 */
export async function listResidents(
  book: CountyBook,
  { list, by, tagKey }: { readonly list: Uint8Array | string; readonly by: string | null; readonly tagKey: KeyObject },
  tell: Tell = () => {},
): Promise<Result<ListOutcome, ListRefusal>> {
  const read = await readList(list, residentColumns, { tell });
  if (!read.ok) return read;
  const { rows, format } = read.value;
  const about = `${hash('sha256', list, 'base64url')} by ${by}`;
  const takeRows = (act: CountyAct, plans: readonly Plan[]): void => {
    if (plans.every(({ what }) => what === 'unchanged')) return;
    const entry = act.enter('residents', about); // of each slice its own: a file made between two tells what was taken by then
    for (const plan of plans) take(act, plan, entry);
  };
  const faults = [...read.value.faults];
  if (rows.length <= sliceRows)
    return book.transact((act) => {
      const seen = newSight();
      const plans = planRows(act.db, rows, faults, { tagKey, seen });
      const isTaken = by !== null && faults.length === 0;
      if (isTaken) takeRows(act, plans);
      return ok({ ...seen.count, faults: inOrder(faults), taken: isTaken ? rows.length : 0, format });
    });
  const seen = newSight();
  for await (const slice of slicesOf(rows)) {
    await book.read((db) => planRows(db, slice, faults, { tagKey, seen }));
    tell({ step: 'checking', done: seen.residents.size, of: rows.length });
  }
  let taken = 0;
  if (by !== null && faults.length === 0)
    for await (const slice of slicesOf(rows)) {
      await book.transact((act) => {
        const plans = planRows(act.db, slice, faults, { tagKey, seen: newSight() });
        if (faults.length === 0) takeRows(act, plans);
      });
      if (faults.length > 0) break; // since it was looked at, another clerk moved a home or changed the scheme
      taken += slice.length;
      tell({ step: 'taking', done: taken, of: rows.length });
    }
  return ok({ ...seen.count, faults: inOrder(faults), taken, format });
}

function inOrder(faults: readonly RowFault[]): readonly RowFault[] {
  return faults.toSorted((a, b) => a.row - b.row);
}

/** What was seen of a list. */
interface Sight {
  readonly residents: Set<string>;
  /** Of accounts that its rows make. */
  readonly homes: Map<string, string>;
  readonly count: Record<Plan['what'], number>;
}

function newSight(): Sight {
  return { residents: new Set(), homes: new Map(), count: { added: 0, changed: 0, left: 0, unchanged: 0 } };
}

interface Plan {
  readonly what: 'added' | 'changed' | 'left' | 'unchanged';
  readonly line: Extract<DownLine, { t: 'RESIDENT' }>;
  /** Of a new account. */
  readonly home: string | null;
}

function take(act: CountyAct, { what, line, home }: Plan, entry: number): void {
  if (what === 'unchanged') return;
  if (home !== null) addAccount(act, { account: line.resident.accountId, home, isActive: line.resident.active });
  putMaster(act, line, { scope: everyKiosk, entry });
}

function planRows(
  db: ReadableDatabase,
  rows: readonly ListRow<ResidentColumn>[],
  faults: RowFault[],
  { tagKey, seen }: { readonly tagKey: KeyObject; readonly seen: Sight },
): readonly Plan[] {
  const groupsOf = rememberedGroups(db);
  return rows.flatMap(({ row, cells }) => {
    const fault = (what: string): readonly [] => {
      faults.push({ row, what });
      return [];
    };
    const id = cells.resident;
    if (seen.residents.has(id)) return fault(`${id.slice(0, 40)} stands twice in this list`);
    seen.residents.add(id);
    const before = masterLine(db, { scope: everyKiosk, t: 'RESIDENT', key: id })?.resident ?? null;
    const home = homeFor(db, seen.homes, cells, before);
    if (!home.ok) return fault(home.code);
    const groups = groupsOf(home.value.kiosk);
    const language = cells.language === '' ? (before?.language ?? 'zh') : languageOf[cells.language.toLowerCase()];
    const active = cells.active === '' ? (before?.active ?? true) : isActiveOf[cells.active.toLowerCase()];
    const group = cells.group === '' ? before?.group : groups.get(cells.group);
    if (language === undefined) return fault(`${cells.language.slice(0, 40)} is no language: 汉语 zh, 藏语 bo, 英语 en`);
    if (active === undefined) return fault(`${cells.active.slice(0, 40)} is neither 是 nor 否`);
    if (group === undefined)
      return fault(cells.group === '' ? 'a new resident needs a group' : `${cells.group.slice(0, 40)} is no group of the scheme`);
    const line = downLine.safeParse({
      t: 'RESIDENT',
      resident: {
        id,
        accountId: home.value.account,
        name: cells.name === '' ? before?.name : cells.name,
        group,
        village: cells.village === '' ? before?.village : cells.village,
        language,
        tag: before?.tag ?? residentTag(tagKey, id),
        active,
      },
    });
    if (!line.success) {
      faults.push(...faultsOfLine(row, line.error));
      return [];
    }
    if (home.value.isNew) seen.homes.set(home.value.account, home.value.kiosk);
    const plan = line.data as Plan['line']; // a line of the kind that it says
    const what = whatOf(before, plan.resident);
    seen.count[what] += 1;
    return [{ what, line: plan, home: home.value.isNew ? home.value.kiosk : null }];
  });
}

function whatOf(before: Resident | null, after: Resident): Plan['what'] {
  if (before === null) return 'added';
  if (before.active && !after.active) return 'left';
  const isSame = (Object.keys(after) as (keyof Resident)[]).every((name) => before[name] === after[name]); // its own names
  return isSame ? 'unchanged' : 'changed';
}

/** The account of a row and where it is at home. A home that is known changes by move-home only: rights lie there. */
function homeFor(
  db: ReadableDatabase,
  newHomes: ReadonlyMap<string, string>,
  cells: ListRow<ResidentColumn>['cells'],
  before: Resident | null,
): Result<{ readonly account: string; readonly kiosk: string; readonly isNew: boolean }, string> {
  const account = cells.account === '' ? before?.accountId : cells.account;
  if (account === undefined) return fail('a new resident needs an account');
  const known =
    prepared<[string], { home: string }>(db, 'SELECT home FROM account WHERE account = ?').get(account)?.home ?? newHomes.get(account);
  if (known !== undefined)
    return cells.home === '' || cells.home === known
      ? ok({ account, kiosk: known, isNew: false })
      : fail(`${account} is at home at ${known}: move-home moves its points, too`);
  if (cells.home === '') return fail(`${account.slice(0, 40)} is new and needs a home`);
  const isKiosk = prepared<[string], object>(db, 'SELECT 1 FROM kiosk WHERE kiosk = ?').get(cells.home) !== undefined;
  return isKiosk ? ok({ account, kiosk: cells.home, isNew: true }) : fail(`no kiosk ${cells.home.slice(0, 40)}`);
}

/** Groups of the scheme at a kiosk by id and by Chinese name; read once for each kiosk. */
function rememberedGroups(db: ReadableDatabase): (kiosk: string) => ReadonlyMap<string, string> {
  const known = new Map<string, ReadonlyMap<string, string>>();
  return (kiosk) => {
    let groups = known.get(kiosk);
    if (groups === undefined) {
      groups = new Map(schemeOf(db, kiosk)?.scheme.groups.flatMap(({ id, zh }) => [[id, id] as const, [zh, id] as const]));
      known.set(kiosk, groups);
    }
    return groups;
  };
}

const languageOf: { readonly [word: string]: Resident['language'] | undefined } = {
  zh: 'zh',
  汉语: 'zh',
  中文: 'zh',
  bo: 'bo',
  藏语: 'bo',
  藏文: 'bo',
  en: 'en',
  英语: 'en',
};

const isActiveOf: { readonly [word: string]: boolean | undefined } = {
  是: true,
  在册: true,
  yes: true,
  true: true,
  否: false,
  离开: false,
  注销: false,
  no: false,
  false: false,
};
