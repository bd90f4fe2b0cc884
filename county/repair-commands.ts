// What the office types after a kiosk was lost or put back from a backup: lost papers, a shop's money put right, a kiosk given up. One
// person's word does nothing: it waits for another's --release. Says what was done; decides nothing itself.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { repayableAt } from './book/advances.ts';
import type { CountyBook } from './book/county-book.ts';
import { pointsText } from './book/invariants.ts';
import { hadOtherKey } from './book/kiosk-keys.ts';
import { type Column, hundredths, listBytesMax, readList, rowTold, whyNoList } from './book/list-file.ts';
import type { GivenPaper, PaperKind } from './book/lost-papers.ts';
import {
  type PaperFault,
  type ReleaseRefusal,
  type Repair,
  awaitedKiosks,
  checkRepair,
  proposeRepair,
  releaseRepair,
  strandedKiosks,
  waitingRepairs,
  withdrawRepair,
} from './book/repairs.ts';
import type { ReadableDatabase } from '../db/sqlite.ts';
import type { Terminal } from './log/commands.ts';
import { type BookCommand, type CommandOptions, numberSaid } from './serve/command.ts';

export const repairUsage = `       npm run county -- lost-paper --data DIR --kiosk ID --text CODE --kind sale|credit|return [--yuan N] [--account ID] [--by NAME]
       npm run county -- lost-paper --data DIR --kiosk ID --file LIST [--by NAME]     many, before the exception is answered
       npm run county -- adjust --data DIR --kiosk ID --yuan N --text ZH --by NAME    a shop's next settlement; less: --yuan=-N
       npm run county -- release-kiosk --data DIR --kiosk ID --to KIOSK --by NAME     it does not come back
       npm run county -- last-days --data DIR --kiosk ID --by NAME                    after revoke: what it never settled is paid
       npm run county -- write-off --data DIR --kiosk ID [--account ID] [--by NAME]   advances that nothing will give once more
       npm run county -- lost-paper|adjust|release-kiosk|last-days|write-off --data DIR --release N --by NAME     another person's
       npm run county -- lost-paper|adjust|release-kiosk|last-days|write-off --data DIR --withdraw N --by NAME    what is not released yet
`;

export const repairCommands: Readonly<Record<string, BookCommand>> = {
  'lost-paper': lostPaper,
  adjust,
  'release-kiosk': releaseKiosk,
  'last-days': lastDays,
  'write-off': writeOff,
};

async function lostPaper(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const decided = await decide(book, 'lost_papers', options, terminal);
  if (decided !== null) return decided;
  const { kiosk, by } = options;
  if (kiosk === undefined) return askedWrongly(terminal);
  const given = options.file === undefined ? onePaper(options) : await listedPapers(options.file, terminal);
  if (given === null) return askedWrongly(terminal);
  if (given === 'said') return 1;
  const papers = given.map(({ paper }) => paper);
  const repair: Repair = { kind: 'lost_papers', kiosk, papers };
  const checked = await book.read((db) => checkRepair(db, book.code, repair));
  if (!checked.ok) {
    for (const { row, code } of checked.faults) terminal.complain(`${whereOf(given, row)}${paperReasons[code]}\n`);
    if (checked.faults.length === 0) terminal.complain(`${reasons[checked.code]}\n`);
    return 1;
  }
  terminal.say(`${papers.length} papers of ${checked.value.points / 100} points\n`);
  if (await book.read((db) => hadOtherKey(db, kiosk)))
    terminal.say(`the key of ${kiosk} was replaced before: whoever has an older one writes papers of its time, so see each on its own paper, and ask its resident
`);
  return by === undefined ? 0 : propose(book, repair, by, terminal);
}

/** `row`: of its list; null: it was typed. */
interface Given {
  readonly paper: GivenPaper;
  readonly row: number | null;
}

/** Of the paper of that number, from 1: the row of the spreadsheet that has it. */
function whereOf(given: readonly Given[], number: number): string {
  const row = given[number - 1]?.row ?? null;
  return row === null ? '' : `row ${rowTold({ row })}: `;
}

function onePaper({ text, kind, yuan, account }: CommandOptions): readonly Given[] | null {
  const paper = text === undefined ? null : paperOf({ text, kind: kind ?? '', yuan: yuan ?? '', account: account ?? '' });
  return paper === null ? null : [{ paper, row: null }];
}

type PaperColumn = 'text' | 'kind' | 'yuan' | 'account';
const paperColumns: readonly Column<PaperColumn>[] = [
  { name: 'text', zh: ['二维码', '小票码'], isNeeded: true },
  { name: 'kind', zh: ['类别', '种类'], isNeeded: true },
  { name: 'yuan', zh: ['金额', '抵扣金额', '金额(元)', '金额（元）'], isNeeded: false },
  { name: 'account', zh: ['账户', '账号', '积分账户'], isNeeded: false },
];

/** 'said': what is wrong with the list was told. */
async function listedPapers(file: string, terminal: Terminal): Promise<readonly Given[] | 'said'> {
  if (!existsSync(file) || statSync(file).size > listBytesMax) {
    terminal.complain(`${file} is not there, or too large for a list\n`);
    return 'said';
  }
  const read = await readList(readFileSync(file), paperColumns);
  if (!read.ok) {
    terminal.complain(`${whyNoList(read.code, paperColumns)}\n`);
    return 'said';
  }
  const faults = [...read.value.faults];
  const papers: Given[] = [];
  for (const { row, cells } of read.value.rows) {
    const paper = paperOf(cells);
    if (paper === null) faults.push({ row, what: 'a kind (sale, credit, return) and, but for a ticket, the yuan that the paper says' });
    else papers.push({ paper, row });
  }
  if (papers.length > papersMax) faults.push({ row: papers[papersMax]!.row!, what: `more than ${papersMax} papers: give them in parts` });
  for (const fault of faults) terminal.complain(`row ${rowTold(fault)}: ${fault.what}\n`);
  return faults.length > 0 ? 'said' : papers;
}

/** As many as two persons compare with a pile of paper in one go. */
const papersMax = 500;

const kinds: { readonly [word: string]: PaperKind | undefined } = {
  sale: 'sale',
  credit: 'credit',
  return: 'return',
  销售: 'sale',
  小票: 'sale',
  回收: 'credit',
  退货: 'return',
};

/** Null: something is not said. The yuan of a ticket are none, those of the others must be told. */
function paperOf({ text, kind, yuan, account }: { readonly [name in PaperColumn]: string }): GivenPaper | null {
  const is = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  const worth = yuan === '' && is === 'credit' ? 0 : hundredths(yuan);
  return is === undefined || worth === null ? null : { text, kind: is, fen: worth, account: account === '' ? null : account };
}

async function adjust(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const decided = await decide(book, 'adjust', options, terminal);
  if (decided !== null) return decided;
  const { kiosk, yuan = '', text, by } = options;
  const amount = hundredths(yuan.replace(/^-/, ''));
  if (kiosk === undefined || text === undefined || by === undefined || amount === null) return askedWrongly(terminal);
  return propose(book, { kind: 'adjust', kiosk, fen: yuan.startsWith('-') ? -amount : amount, zh: text }, by, terminal);
}

async function releaseKiosk(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const decided = await decide(book, 'release_kiosk', options, terminal);
  if (decided !== null) return decided;
  const { kiosk, to, by } = options;
  if (kiosk === undefined || to === undefined || by === undefined) return askedWrongly(terminal);
  return propose(book, { kind: 'release_kiosk', kiosk, to }, by, terminal);
}

async function lastDays(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const decided = await decide(book, 'last_days', options, terminal);
  if (decided !== null) return decided;
  const { kiosk, by } = options;
  if (kiosk === undefined || by === undefined) return askedWrongly(terminal);
  return propose(book, { kind: 'last_days', kiosk }, by, terminal);
}

/** Without --by it only says what would be written off, and what goes back. */
async function writeOff(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const decided = await decide(book, 'write_off', options, terminal);
  if (decided !== null) return decided;
  const { kiosk, account = null, by } = options;
  if (kiosk === undefined) return askedWrongly(terminal);
  const repair: Repair = { kind: 'write_off', kiosk, account };
  const checked = await book.read((db) => checkRepair(db, book.code, repair));
  if (!checked.ok) return refuse(terminal, await reasonOf(book, checked.code, repair));
  const advances = await book.read((db) => repayableAt(db, repair));
  const open = advances.reduce((sum, each) => sum + each.open, 0);
  terminal.say(`${advances.length} accounts: ${pointsText(open)} points advanced and not repaid stay the county's loss; ${pointsText(checked.value.points)} that something repaid go back to the residents
only where what was lost will never be done again, and was not what repaid it: else they have it twice
`);
  return by === undefined ? 0 : propose(book, repair, by, terminal);
}

async function propose(book: CountyBook, repair: Repair, by: string, terminal: Terminal): Promise<number> {
  const kept = await proposeRepair(book, { repair, by });
  if (!kept.ok) return refuse(terminal, await reasonOf(book, kept.code, repair));
  terminal.say(`${kept.value} waits for another person's --release ${kept.value}\n`);
  return 0;
}

/** --release N or --withdraw N, with --by NAME; null: neither was asked for. */
async function decide(
  book: CountyBook,
  kind: Repair['kind'],
  { release, withdraw, by }: CommandOptions,
  terminal: Terminal,
): Promise<number | null> {
  if (release === undefined && withdraw === undefined) return null;
  if (by === undefined || (release !== undefined && withdraw !== undefined)) return askedWrongly(terminal);
  if (release !== undefined) return await releaseIt(book, { number: numberSaid(release), kind, by }, terminal);
  const done = await withdrawRepair(book, { number: numberSaid(withdraw ?? ''), kind, by });
  if (!done.ok) return refuse(terminal, `not withdrawn: ${reasons[done.code]}`);
  terminal.say(`${withdraw} is withdrawn: nobody releases it\n`);
  return 0;
}

async function releaseIt(book: CountyBook, of: Parameters<typeof releaseRepair>[1], terminal: Terminal): Promise<number> {
  const done = await releaseRepair(book, of);
  if (!done.ok) {
    const repair = await book.read((db) => waitingRepairs(db).find(({ number }) => number === of.number)?.repair ?? null);
    return refuse(terminal, `not released: ${await reasonOf(book, done.code, repair)}`);
  }
  terminal.say(`${of.number} is done: ${doneText(done.value)}\n`);
  return 0;
}

function doneText(repair: Repair): string {
  if (repair.kind === 'lost_papers') return `${repair.papers.length} papers of ${repair.kiosk} are entered; a county batch pays the shop`;
  if (repair.kind === 'last_days') return `what ${repair.kiosk} never settled is accepted: to-pay lists it`;
  if (repair.kind === 'write_off')
    return `what was advanced at ${repair.kiosk} is written off; what had repaid it goes home with the next night`;
  if (repair.kind === 'adjust') return `the next night tells ${repair.kiosk}`;
  return `who was at home at ${repair.kiosk} is at ${repair.to}, and has the rights from there with the next night`;
}

/** With the shops that are waited for, or are to be given up. */
async function reasonOf(book: CountyBook, code: ReleaseRefusal, repair: Repair | null): Promise<string> {
  const kiosks = await book.read((db) => shopsMeant(db, code, repair));
  if (kiosks.length === 0) return reasons[code];
  const more = kiosks.length - kiosksNamed;
  return `${reasons[code]}: ${kiosks.slice(0, kiosksNamed).join(', ')}${more > 0 ? ` and ${more} others` : ''}`;
}

function shopsMeant(db: ReadableDatabase, code: ReleaseRefusal, repair: Repair | null): readonly string[] {
  if (code === 'unheard') return awaitedKiosks(db);
  return code === 'stranded' && repair?.kind === 'write_off' ? strandedKiosks(db, repair) : [];
}

/** As many as a line has room for; the others come up as these are done. */
const kiosksNamed = 20;

const reasons: { readonly [code in ReleaseRefusal]: string } = {
  unknown_kiosk: 'no such kiosk',
  untellable: 'no amount, or words that no file can tell (1 to 80 letters)',
  is_home: 'that is the kiosk itself',
  faulty: 'papers of it cannot be entered any more: look at them anew',
  nothing: 'no paper',
  not_revoked: 'withdraw its key first (revoke): what still comes of it would be settled twice',
  frozen: 'it was put back from a backup, and nobody has answered what it forgot',
  differs: 'answer first what differs: which of its settlements are to be paid, and what it reckoned as the county never told it',
  in_doubt: 'answer first whose files came with a key that was not in force',
  closed: 'its last days are closed already',
  no_more_settlements:
    'its last days are closed, and no settlement of it comes that could have this: adjust the shop’s new kiosk, or pay by hand outside this book',
  no_advance: 'nothing was advanced there, or people wrote it off',
  waits: 'one of these accounts waits for another person already: release or withdraw that',
  unheard:
    'what shops still send of before the book was put back may repay this: each of these is to send, to take the file of the night after that, and to send once more; answer what is open about it; one that never comes: revoke or release-kiosk',
  stranded:
    'rights of these residents still lie at a shop that does not come back, and may be the same points: release-kiosk it first, which brings them home and repays this',
  may_be_told:
    'this book was put back, and a file that it lost may have told this shop the same: it is to send, to take the file of the night after that, and to send once more; look then at what it was told. One that never comes: revoke or release-kiosk',
  unknown: 'no such number waits here',
  released: 'it is done already',
  withdrawn: 'it was withdrawn',
  not_shown: 'it is another than was shown',
  same_person: 'who proposed it does not release it',
  nobody: 'say who',
};

const paperReasons: { readonly [code in PaperFault['code']]: string } = {
  malformed: 'this is no code of a paper of ours',
  foreign: 'of another county or another kiosk',
  forged: 'this kiosk did not sign it',
  revoked: 'the key of this kiosk was withdrawn: its papers prove nothing any more',
  not_lost: 'the kiosk has this one and sends it',
  posted: 'the county has it from the kiosk’s own file',
  entered: 'entered before',
  nothing: 'no points: nothing of it is the county’s',
  stolen: 'its key was stolen: such papers prove nothing any more',
  unknown_resident: 'its tag is nobody’s in the county',
  other_account: 'its tag is of another account',
  money: 'a ticket has no yuan, and no paper a million',
  twice: 'stands twice in the list',
};

function askedWrongly(terminal: Terminal): number {
  terminal.complain(`usage:\n${repairUsage}`);
  return 2;
}

function refuse(terminal: Terminal, reason: string): number {
  terminal.complain(`${reason}\n`);
  return 1;
}
