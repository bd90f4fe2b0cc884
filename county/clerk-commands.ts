// What the office's clerk types: lists of awards, payments, residents and goods, and changes of shops, operators, rules and cards one at a
// time. Each shows what it would do until a name is given with --by. Says what was done; decides nothing itself.

import { createSecretKey } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { never } from '../db/model/result.ts';
import { businessDate } from '../db/model/time.ts';
import { type ReadableDatabase, prepared } from '../db/sqlite.ts';
import {
  type AwardPreview,
  type AwardRow,
  type BatchState,
  type ReleaseRefusal,
  awardColumns,
  previewAwards,
  proposeAwards,
  releaseAwards,
  seeBatch,
  withdrawAwards,
} from './book/awards.ts';
import type { Twin } from './book/award-twins.ts';
import type { CountyBook } from './book/county-book.ts';
import { goodsColumns, listGoods } from './book/goods.ts';
import { type NextCard, cardHolders, cardKeyOf, denyCards, issueCard, nextCard, residentsAt, sealOf } from './book/issued-cards.ts';
import { openVouchersOf } from './book/lapsed-vouchers.ts';
import { type Column, type ListRefusal, type RowFault, listBytesMax, rowTold, whyNoList } from './book/list-file.ts';
import { masterLine } from './book/master.ts';
import { paymentColumns, takePayments } from './book/payments.ts';
import { type ListOutcome, listResidents, residentColumns } from './book/residents.ts';
import { moveHome } from './book/rights.ts';
import { changeOperator, changeScheme, changeShop, operatorsAt, roles } from './book/shops.ts';
import { type Progress, type Tell, sliceRows } from './book/slices.ts';
import { noAccount, type Statement, type StatementRow, statementOf } from './book/statement.ts';
import { writeCardSheet } from './cards.ts';
import type { Terminal } from './log/commands.ts';
import { foundBy, openVoucherText, partName, rowName } from './pages/statement-words.ts';
import { type BookCommand, type CommandOptions, numberSaid } from './serve/command.ts';

export const clerkUsage = `       lists are CSV (UTF-8 or GB18030) or XLSX; without --by NAME they are only looked at
       npm run county -- award --data DIR --file LIST [--by NAME]          proposes it
       npm run county -- award --data DIR --release N [--by NAME]          shows it; releases it by another person's name
       npm run county -- award --data DIR --withdraw N --by NAME           it is never released then
       npm run county -- paid --data DIR --file LIST                       what the bank paid
       npm run county -- residents --data DIR --file LIST [--by NAME]
       npm run county -- goods --data DIR --file LIST [--by NAME]
       npm run county -- scheme --data DIR --file SCHEME.json [--kiosk ID] [--from DAY] --by NAME
       npm run county -- operators --data DIR --kiosk ID
       npm run county -- operators add|change|remove --data DIR --kiosk ID --operator ID [--name NAME] [--role ROLE] [--pin PIN] --by NAME
       npm run county -- cards issue --data DIR (--resident ID | --home KIOSK) [--until DAY] --by NAME
       npm run county -- cards replace|deny --data DIR --resident ID [--until DAY] --by NAME
       npm run county -- cards sheet --data DIR (--resident ID | --home KIOSK) --out FILE.html
       npm run county -- kiosks --data DIR
       npm run county -- kiosks set --data DIR --kiosk ID [--store ID] [--zh NAME] [--bo NAME] [--share PERMILLE] [--name COUNTY] --by NAME
       npm run county -- statement --data DIR --account ID [--from DAY] [--until DAY] [--json]
       npm run county -- move-home --data DIR --account ID --to KIOSK --by NAME
`;

export const clerkCommands: Readonly<Record<string, BookCommand>> = {
  award,
  paid,
  residents,
  goods,
  scheme,
  operators,
  cards,
  kiosks,
  statement,
  'move-home': moveHomeCommand,
};

async function award(book: CountyBook, { by, file, release, withdraw }: CommandOptions, terminal: Terminal): Promise<number> {
  if (withdraw !== undefined) {
    if (by === undefined || release !== undefined) return askedWrongly(terminal);
    const done = await withdrawAwards(book, { batch: numberSaid(withdraw), by });
    terminal.say(done.ok ? `batch ${withdraw} is withdrawn: nobody can release it\n` : `not withdrawn: ${releaseReasons[done.code]}\n`);
    return done.ok ? 0 : 1;
  }
  if (release !== undefined) return releaseShown(book, { batch: numberSaid(release), by }, terminal);
  const list = readGiven(file, terminal);
  if (list === null) return 2;
  const seen = await previewAwards(book, list, tellTo(terminal));
  if (!seen.ok) return refused(seen.code, awardColumns, terminal);
  if (!saidFaultless(seen.value.faults, terminal)) return 1;
  sayAwards(seen.value, terminal);
  if (by === undefined) return 0;
  const kept = await proposeAwards(book, { text: list, by, seen: seen.value });
  terminal.say(
    kept.ok
      ? `batch ${kept.value.batch} waits for another person's --release ${kept.value.batch}\n`
      : `not kept: ${keptReasons(kept.code)}\n`,
  );
  return kept.ok ? 0 : 1;
}

/** Shows the kept list of a batch, and releases that very list where a name is given. */
async function releaseShown(
  book: CountyBook,
  { batch, by }: { readonly batch: number; readonly by: string | undefined },
  terminal: Terminal,
): Promise<number> {
  const seen = await seeBatch(book, batch);
  if (seen === null) return refuse(terminal, `not released: ${releaseReasons.unknown}`);
  const { id, rows, points, proposedBy, sha256, state } = seen.batch;
  if (!seen.first.ok) return refuse(terminal, `not released: ${keptReasons(seen.first.code)}`);
  terminal.say(`batch ${id} of ${proposedBy}: ${rows} awards, ${points / 100} points, list ${sha256}\n`);
  if (seen.largest !== null) terminal.say(`the largest: ${awardLine(seen.largest)}\n`);
  for (const row of seen.first.value.slice(0, rowsSaid)) terminal.say(`  ${awardLine(row)}\n`);
  if (rows > rowsSaid)
    terminal.say(`  and ${rows - rowsSaid} more: the list itself is ${String(id).padStart(8, '0')}.list in the folder awards\n`);
  sayTwins(seen.twins, terminal);
  if (by === undefined) {
    terminal.say(state.is === 'waiting' ? 'it waits: another person releases it with --by NAME\n' : `${stateText(state)}\n`);
    return 0;
  }
  const done = await releaseAwards(book, { batch, by, shown: sha256 }, tellTo(terminal));
  terminal.say(
    done.ok ? `batch ${id} is released: it reaches the kiosks with the next night\n` : `not released: ${releaseReasons[done.code]}\n`,
  );
  return done.ok ? 0 : 1;
}

/** What becomes of a batch that does not wait any more. */
function stateText(state: Exclude<BatchState, { readonly is: 'waiting' }>): string {
  switch (state.is) {
    case 'releasing':
      return `${state.by} released it; ${state.rows} rows are posted so far`;
    case 'released':
      return `it is released, by ${state.by}`;
    case 'withdrawn':
      return state.by === null ? 'it is withdrawn' : `it is withdrawn, by ${state.by}`;
    default:
      return never(state);
  }
}

const releaseReasons: { readonly [code in ReleaseRefusal]: string } = {
  unknown: 'no batch has this number',
  released: 'it is released already',
  withdrawn: 'it was withdrawn',
  same_person: 'who proposed it does not release it: another person does',
  not_shown: 'the list is another than the one that was shown',
  changed: 'the list that is kept is not the one that was proposed: call the technician',
  nobody: 'say who with --by',
};

function keptReasons(code: ListRefusal | 'faulty' | 'empty' | 'known' | 'nobody' | 'changed'): string {
  switch (code) {
    case 'changed':
    case 'nobody':
      return releaseReasons[code];
    case 'faulty':
      return 'the list has faults';
    case 'empty':
      return 'the list has no row';
    case 'known':
      return 'this very list was proposed before';
    default:
      return whyNoList(code, awardColumns);
  }
}

/** Says where a long list is; of a short one nothing. */
function tellTo({ say }: Terminal): Tell {
  return ({ step, done, of }) => {
    if (done > 0 && done < of && done % rowsBetween === 0) say(`${stepNames[step]} ${done} of ${of} rows\n`);
  };
}

const stepNames: Readonly<Record<Progress['step'], string>> = { reading: 'read', checking: 'looked at', taking: 'took' };

/** Some seconds' work; slices are a part of it. */
const rowsBetween = 50 * sliceRows;

/** What fits a screen of the terminal. */
const rowsSaid = 20;

function awardLine({ account, names, points, reason }: AwardRow): string {
  return [account, names, String(points / 100), reason].filter((each) => each !== '').join('  ');
}

function sayAwards({ rows, points, format, known, twins }: AwardPreview, terminal: Terminal): void {
  sayFormat(format, terminal);
  terminal.say(`${rows} awards, ${points / 100} points\n`);
  if (known !== null) terminal.say(`this very list is batch ${known}\n`);
  sayTwins(twins, terminal);
}

/** Perhaps another month, perhaps one list sent twice. */
function sayTwins(twins: readonly Twin[], terminal: Terminal): void {
  for (const { batch, proposedBy, reason } of twins)
    terminal.say(
      `the same accounts and points as batch ${batch} of ${proposedBy} (${reason}): make sure that it is not one list sent twice\n`,
    );
}

async function paid(book: CountyBook, { file }: CommandOptions, terminal: Terminal): Promise<number> {
  const list = readGiven(file, terminal);
  if (list === null) return 2;
  const taken = await takePayments(book, list);
  if (taken.ok) terminal.say(`${taken.value.rows} payments, ${taken.value.fen / 100} yuan\n`);
  else if (taken.code === 'faulty') saidFaultless(taken.faults, terminal);
  else refused(taken.code, paymentColumns, terminal);
  return taken.ok ? 0 : 1;
}

async function residents(book: CountyBook, { file, by }: CommandOptions, terminal: Terminal): Promise<number> {
  const list = readGiven(file, terminal);
  if (list === null) return 2;
  const path = join(book.folder.keys, 'tag.key');
  if (!existsSync(path)) return refuse(terminal, `${path} is not there: without it nobody can be named on paper`);
  const tagKey = createSecretKey(readFileSync(path, 'utf8').trim(), 'base64url');
  const done = await listResidents(book, { list, by: by ?? null, tagKey }, tellTo(terminal));
  return done.ok ? sayList(done.value, by, terminal) : refused(done.code, residentColumns, terminal);
}

async function goods(book: CountyBook, { file, by }: CommandOptions, terminal: Terminal): Promise<number> {
  const list = readGiven(file, terminal);
  if (list === null) return 2;
  const done = await listGoods(book, { list, by: by ?? null });
  return done.ok ? sayList(done.value, by, terminal) : refused(done.code, goodsColumns, terminal);
}

function sayList(
  { added, changed, left, unchanged, faults, taken, format }: ListOutcome,
  by: string | undefined,
  terminal: Terminal,
): number {
  const outcome =
    taken === 0 ? nothingTaken : `the first ${taken} rows were taken; then the book changed: mend the list and give it again\n`;
  if (!saidFaultless(faults, terminal, outcome)) return 1;
  sayFormat(format, terminal);
  const figures = `${added} new, ${changed} changed, ${left} left, ${unchanged} as they were`;
  terminal.say(by === undefined ? `${figures}; give your name with --by to take it\n` : `${figures}: the next night tells the kiosks\n`);
  return 0;
}

async function scheme(book: CountyBook, { file, kiosk, from, by }: CommandOptions, terminal: Terminal): Promise<number> {
  const bytes = by === undefined || (from !== undefined && !isDay(from)) ? asked(terminal) : readGiven(file, terminal);
  if (bytes === null || by === undefined) return 2;
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse(terminal, `${file} is not JSON in UTF-8`);
  }
  const fromDay = from ?? businessDate(book.wallMs());
  const done = await changeScheme(book, { scheme: read, kiosk: kiosk ?? null, fromDay, by });
  if (!done.ok) return refuse(terminal, 'why' in done ? done.why : schemeReasons[done.code]);
  terminal.say(`version ${done.value.version} of the rules is sent by the night of ${fromDay}\n`);
  return 0;
}

const schemeReasons = {
  unknown_kiosk: 'no such kiosk',
  old_version: 'its version is not above every one that was told or is to be told: a kiosk would never take it',
} as const;

async function operators(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const { kiosk, operator, name = null, role = null, pin = null, by, words } = options;
  const [what] = words;
  if (kiosk === undefined) return askedWrongly(terminal);
  if (what === undefined) {
    for (const each of await book.read((db) => [...operatorsAt(db, kiosk)]))
      terminal.say(`${each.id}  ${each.name}  ${each.role}${each.active ? '' : '  removed'}\n`);
    return 0;
  }
  if (!['add', 'change', 'remove'].includes(what) || operator === undefined || by === undefined) return askedWrongly(terminal);
  const isKnown = await book.read((db) => masterLine(db, { scope: kiosk, t: 'OPERATOR', key: operator }) !== null);
  if (isKnown === (what === 'add'))
    return refuse(terminal, isKnown ? `${operator} works there already: change` : `no operator ${operator} there`);
  const done = await changeOperator(book, { kiosk, id: operator, name, role, pin, isRemoved: what === 'remove', by });
  if (!done.ok) return refuse(terminal, 'why' in done ? done.why : operatorReasons[done.code]);
  terminal.say(`${operator}: ${what === 'add' ? 'added' : `${what}d`}; the next night tells ${kiosk}\n`);
  if (done.value.drawnPin !== null) terminal.say(`PIN ${done.value.drawnPin}: it is told this once and kept nowhere\n`);
  return 0;
}

const operatorReasons = {
  unknown_kiosk: 'no such kiosk',
  unknown_operator: 'no such operator',
  weak_pin: 'a colleague guesses this PIN first: no runs, dates, columns of keys or repeated digits',
  last_owner: `the last owner of a shop stays: add another first (roles: ${roles.join(', ')})`,
} as const;

async function cards(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const { resident, home, until, by, out, words } = options;
  const [what] = words;
  if ((resident === undefined) === (home === undefined) || (until !== undefined && !isDay(until))) return askedWrongly(terminal);
  const of = resident === undefined ? { home: home! } : { resident }; // one of them, asked just before
  if (what === 'sheet' && out !== undefined) return sheet(book, of, out, terminal);
  if (by === undefined) return askedWrongly(terminal);
  if (what === 'deny' && resident !== undefined) return deny(book, { resident, by }, terminal);
  if (what === 'issue' || (what === 'replace' && resident !== undefined))
    return issue(book, { of, expiresOn: until ?? usualExpiry(book), replaces: what === 'replace', by }, terminal);
  return askedWrongly(terminal);
}

/** Cards are good for three years, to the end of the last. */
function usualExpiry(book: CountyBook): string {
  return `${Number(businessDate(book.wallMs()).slice(0, 4)) + 3}-12-31`;
}

async function issue(
  book: CountyBook,
  work: {
    readonly of: { readonly resident: string } | { readonly home: string };
    readonly expiresOn: string;
    readonly replaces: boolean;
    readonly by: string;
  },
  terminal: Terminal,
): Promise<number> {
  const { of, expiresOn, replaces, by } = work;
  return book.transact((act) => {
    const key = cardKeyOf(book, act.db);
    if (!key.ok) return refuse(terminal, cardReasons[key.code]);
    const next: NextCard[] = [];
    for (const resident of 'resident' in of ? [of.resident] : residentsAt(act.db, of.home)) {
      const card = nextCard(act.db, { resident, replaces });
      if (card.ok) next.push(card.value);
      else if ('resident' in of || card.code !== 'has_card') terminal.complain(`${resident}: ${cardReasons[card.code]}\n`);
    }
    if (next.length === 0) return refuse(terminal, 'no card was issued');
    const entry = act.enter('cards', `${next.length} ${replaces ? 'replaced' : 'issued'} by ${by}`);
    for (const card of next) issueCard(act, card, { kid: key.value.kid, expiresOn, entry });
    const [first] = next;
    const what = 'resident' in of ? `card ${first!.issue} of ${of.resident}` : `${next.length} cards`; // one at least
    terminal.say(`${what}, good until ${expiresOn}${replaces ? '; those before it are denied' : ''}\n`);
    return 0;
  });
}

async function deny(
  book: CountyBook,
  { resident, by }: { readonly resident: string; readonly by: string },
  terminal: Terminal,
): Promise<number> {
  return book.transact((act) => {
    const done = denyCards(act, { resident, by });
    if (!done.ok) return refuse(terminal, `${resident}: ${cardReasons[done.code]}`);
    terminal.say(`cards of ${resident} up to ${done.value} are denied: the next night tells every kiosk\n`);
    return 0;
  });
}

async function sheet(
  book: CountyBook,
  of: { readonly resident: string } | { readonly home: string },
  out: string,
  terminal: Terminal,
): Promise<number> {
  const read = await book.read((db) => {
    const keyOf = sealOf(book, db);
    const shop = 'home' in of ? (masterLine(db, { scope: of.home, t: 'SHOP', key: of.home })?.shop.zh ?? of.home) : of.resident;
    return { keyOf, shop, holders: [...cardHolders(db, book.code, of)] };
  });
  if (read.holders.length === 0) return refuse(terminal, 'nobody there has a card: issue them first');
  const seals = new Map(read.holders.map(({ card }) => [card.kid, read.keyOf(card.kid)]));
  for (const [kid, key] of seals) if (key === null) return refuse(terminal, `the folder keys has no private half of card key ${kid}`);
  await writeCardSheet(out, read.shop, read.holders, (kid) => seals.get(kid)!); // none is null, see above
  terminal.say(`${read.holders.length} cards to print: ${out}\n`);
  return 0;
}

const cardReasons = {
  no_card_key: 'the folder keys has no card.pem',
  card_key_unknown: 'card.pem is none of the card keys that the kiosks are told',
  unknown_resident: 'no such resident',
  left: 'this resident left',
  has_card: 'has a card: replace it',
  no_card: 'has no card',
  denied: 'the cards are denied already',
  no_more_numbers: 'the 255 numbers of this resident are used up: ask for a new resident number',
} as const;

async function kiosks(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const { kiosk, store = null, zh = null, bo = null, share, name, by, words } = options;
  if (words[0] === 'set') {
    const permille = share === undefined ? null : /^\d{1,4}$/.test(share) ? Number(share) : NaN;
    if (kiosk === undefined || by === undefined) return askedWrongly(terminal);
    const done = await changeShop(book, { kiosk, store, zh, bo, sharePermille: permille, countyZh: name ?? null, by });
    if (!done.ok) return refuse(terminal, done.why);
    terminal.say(`${kiosk}: the next night tells it\n`);
    return 0;
  }
  for (const each of await book.read(allKiosks))
    terminal.say(
      `${each.kiosk}  ${each.zh}  ${each.store}  ${kioskStates[each.state] ?? each.state}  ${each.accounts} accounts  file ${each.files}\n`,
    );
  return 0;
}

const kioskStates: { readonly [state: string]: string | undefined } = {
  expected: 'expected, it has no key yet',
  active: 'at work',
  quarantined: 'quarantined: two histories of it came',
  revoked: 'its key is revoked',
};

function allKiosks(db: ReadableDatabase) {
  const rows = prepared<[], { kiosk: string; store: string; state: string; accounts: number; files: number }>(
    db,
    `SELECT kiosk, store, state, (SELECT count(*) FROM account WHERE home = kiosk.kiosk) AS accounts,
            (SELECT coalesce(max(down_seq), 0) FROM down_file WHERE down_file.kiosk = kiosk.kiosk) AS files
       FROM kiosk ORDER BY kiosk`,
  ).all();
  return rows.map((row) => ({ ...row, zh: masterLine(db, { scope: row.kiosk, t: 'SHOP', key: row.kiosk })?.shop.zh ?? '' }));
}

async function statement(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const { account, from, until, json } = options;
  if (account === undefined || [from, until].some((day) => day !== undefined && !isDay(day))) return askedWrongly(terminal);
  const read = await book.read((db) => statementOf(db, { account, from: from ?? null, until: until ?? null }));
  if (!read.ok) return refuse(terminal, await book.read((db) => noAccount(db, account)));
  if (json === undefined) {
    sayStatement(read.value, terminal);
    for (const voucher of await book.read((db) => openVouchersOf(db, account)))
      terminal.say(`${openVoucherText(voucher, voucher.kiosk)}\n`);
  } else terminal.say(`${JSON.stringify(read.value)}\n`);
  return 0;
}

function sayStatement({ account, home, residents, opening, rows, closing, held, suspense }: Statement, { say }: Terminal): void {
  say(`账户 ${account}  归属 ${home}  居民 ${residents.join(' ')}\n期初 ${opening / 100}\n`);
  for (const row of rows) say(`${statementLine(row)}\n`);
  say(`期末 ${closing / 100}\n`);
  for (const { part, kiosk, amount } of held) say(`  ${partName({ part, kiosk }, spaced)} ${amount / 100}\n`);
  if (suspense !== 0) say(`待处理（不在余额内） ${suspense / 100}\n`);
}

/** A shop's name after what lies there. */
function spaced(kiosk: string): string {
  return ` ${kiosk}`;
}

function statementLine(row: StatementRow): string {
  const { day, doneAt, postedAt, at, isRoaming, moved, parts, balance, about } = row;
  const doneOn = businessDate(doneAt);
  const where = at === null ? '县' : `${at.shop}（${at.kiosk}/${at.inc}/${at.seq}）${isRoaming ? '漫游' : ''}`;
  const paper = foundBy(row);
  const rights = parts.map(({ part, kiosk, amount }) => `${partName({ part, kiosk }, spaced)} ${signed(amount)}`).join('，');
  return `${doneOn}${doneOn === day ? '' : `（营业日 ${day}）`}  入账 ${businessDate(postedAt)}  ${rowName(row)}  ${paper === '' ? '—' : paper}  ${where}  ${signed(moved)}  余 ${balance / 100}  ${rights}  ${about}`;
}

function signed(amount: number): string {
  return amount > 0 ? `+${amount / 100}` : String(amount / 100);
}

async function moveHomeCommand(book: CountyBook, { account, to, by }: CommandOptions, terminal: Terminal): Promise<number> {
  if (account === undefined || to === undefined || by === undefined) return askedWrongly(terminal);
  const done = await moveHome(book, { account, to, by });
  if (!done.ok)
    return refuse(terminal, done.code === 'unknown_account' ? await book.read((db) => noAccount(db, account)) : homeReason(done.code));
  terminal.say(`${account} is at home at ${to}; its points are asked back from where it was, and follow night by night\n`);
  return 0;
}

function homeReason(code: 'unknown_kiosk' | 'is_home'): string {
  switch (code) {
    case 'unknown_kiosk':
      return 'no such kiosk';
    case 'is_home':
      return 'it is at home there';
    default:
      return never(code);
  }
}

function readGiven(file: string | undefined, terminal: Terminal): Buffer | null {
  if (file === undefined) return asked(terminal);
  if (!existsSync(file)) terminal.complain(`${file} is not there\n`);
  else if (statSync(file).size > listBytesMax) terminal.complain(`${file} is too large for a list\n`);
  else return readFileSync(file);
  return null;
}

function asked({ complain }: Terminal): null {
  complain(`usage:\n${clerkUsage}`);
  return null;
}

function askedWrongly(terminal: Terminal): number {
  asked(terminal);
  return 2;
}

function refuse({ complain }: Terminal, reason: string): number {
  complain(`${reason}\n`);
  return 1;
}

function refused(code: ListRefusal, columns: readonly Column<string>[], terminal: Terminal): number {
  return refuse(terminal, whyNoList(code, columns));
}

function sayFormat(format: AwardPreview['format'], { say }: Terminal): void {
  if (format === 'GB18030') say('read as GB18030 (GBK), since it is no UTF-8: look whether the names are right\n');
}

const faultsShown = 20;
const nothingTaken = 'nothing was taken: mend the list and give it again\n';

/** Whether there are none; says the first of them. */
function saidFaultless(faults: readonly RowFault[], { complain }: Terminal, outcome = nothingTaken): boolean {
  for (const fault of faults.slice(0, faultsShown)) complain(`row ${rowTold(fault)}: ${fault.what}\n`);
  if (faults.length > faultsShown) complain(`and ${faults.length - faultsShown} more\n`);
  if (faults.length > 0) complain(outcome);
  return faults.length === 0;
}

/** A day that exists, within what a card's expiry can hold. */
function isDay(text: string): boolean {
  return /^20\d\d-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text);
}
