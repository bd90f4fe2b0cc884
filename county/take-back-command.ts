// What the office types to take points of a released list of awards back. One person's word does nothing: it waits for another's --release.
// Says what it would do until a name is given, and what was done; decides nothing itself.

import { existsSync, readFileSync, statSync } from 'node:fs';
import type { CountyBook } from './book/county-book.ts';
import { hundredths, listBytesMax, whyNoList } from './book/list-file.ts';
import {
  type BackPreview,
  type BackRefusal,
  type BackReleaseRefusal,
  type Outlook,
  type TakeBack,
  type Wanted,
  backColumns,
  backReasonMax,
  previewTakeBack,
  proposeTakeBack,
  releaseTakeBack,
  seeTakeBack,
} from './book/take-backs.ts';
import type { Terminal } from './log/commands.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const takeBackUsage = `       npm run county -- take-back --data DIR --number BATCH [--points N] [--text REASON --by NAME]     all of every row, or N of each
       npm run county -- take-back --data DIR --number BATCH --account ID --points N [--text REASON --by NAME]
       npm run county -- take-back --data DIR --number BATCH --file LIST [--text REASON --by NAME]     account, points
       npm run county -- take-back --data DIR --release N [--by NAME]      shows it; another person's name takes the points back
`;

export const takeBackCommands: Readonly<Record<string, BookCommand>> = { 'take-back': takeBack };

async function takeBack(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const { number, text, by, release } = options;
  if (release !== undefined) return await releaseShown(book, { number: Number(release), by }, terminal);
  const wanted = wantedOf(options);
  if (number === undefined || wanted === null || (by !== undefined && text === undefined)) return askedWrongly(terminal);
  const batch = Number(number);
  const seen = await previewTakeBack(book, { batch, wanted });
  if (!seen.ok) return refuse(terminal, refusedText(seen.code));
  for (const { row, what } of seen.value.faults.slice(0, rowsSaid)) terminal.complain(`row ${row}: ${what}\n`);
  if (seen.value.faults.length > 0) return refuse(terminal, reasons.faulty);
  sayPreview(seen.value, terminal);
  if (by === undefined || text === undefined) return 0;
  const kept = await proposeTakeBack(book, { batch, wanted, reason: text, by });
  if (!kept.ok) return refuse(terminal, refusedText(kept.code));
  terminal.say(`${kept.value.number} waits for another person's --release ${kept.value.number}\n`);
  return 0;
}

function wantedOf({ account, points, file }: CommandOptions): Wanted | null {
  if (file !== undefined) {
    if (account !== undefined || points !== undefined || !existsSync(file) || statSync(file).size > listBytesMax) return null;
    return { is: 'list', list: readFileSync(file) };
  }
  if (points === undefined) return account === undefined ? { is: 'all' } : null;
  const amount = hundredths(points);
  if (amount === null || amount === 0) return null;
  return account === undefined ? { is: 'each', points: amount } : { is: 'list', list: `account,points\n${account},${points}\n` };
}

async function releaseShown(
  book: CountyBook,
  { number, by }: { readonly number: number; readonly by: string | undefined },
  terminal: Terminal,
): Promise<number> {
  const found = await seeTakeBack(book, number);
  if (found === null) return refuse(terminal, reasons.unknown);
  const { back, seen } = found;
  if (!seen.ok) return refuse(terminal, reasons[seen.code]);
  terminal.say(`${back.number} of ${back.proposedBy}, of awards ${back.batch}: ${back.reason}\n`);
  sayPreview(seen.value, terminal);
  if (by === undefined) {
    terminal.say(`${stateText(back)}\n`);
    return 0;
  }
  const done = await releaseTakeBack(book, { number, by, shown: back.sha256 });
  if (!done.ok) return refuse(terminal, `not taken back: ${reasons[done.code]}`);
  terminal.say(`${number} is done: the next night asks the shops for what lies there\n`);
  return 0;
}

function stateText({ state }: TakeBack): string {
  if (state.is === 'waiting') return 'it waits: another person releases it with --by NAME';
  if (state.is === 'replaced') return reasons.replaced;
  return state.is === 'released' ? `it is taken back, by ${state.by}` : `${state.by} released it; ${state.rows} rows are posted so far`;
}

/** What fits a screen of the terminal. */
const rowsSaid = 20;

function sayPreview({ rows, points, outlook, first }: Omit<BackPreview, 'faults'>, { say }: Terminal): void {
  say(`${rows} awards, ${points / 100} points\n${outlookText(outlook)}\n`);
  for (const { account, names, points: each } of first.slice(0, rowsSaid)) say(`  ${account}  ${names}  ${each / 100}\n`);
  if (rows > rowsSaid) say(`  and ${rows - rowsSaid} more\n`);
}

function outlookText({ unallocated, home, elsewhere, spent }: Outlook): string {
  return `by what the county heard: ${unallocated / 100} lie at no shop and come back at once, ${home / 100} at home shops, ${elsewhere / 100} at others, ${spent / 100} are perhaps spent and become overdraft`;
}

function refusedText(code: keyof typeof reasons | BackRefusal): string {
  return code in reasons ? reasons[code as keyof typeof reasons] : whyNoList(code as Parameters<typeof whyNoList>[0], backColumns); // the others are of a list
}

const reasons: {
  readonly [code in BackReleaseRefusal | 'not_released' | 'faulty' | 'nothing' | 'no_reason']: string;
} = {
  unknown: 'no such number',
  not_released: 'this list did not take effect: withdraw it instead (award --withdraw)',
  released: 'it is done already',
  replaced: 'another was proposed of the same list since: release that one',
  same_person: 'who proposed it does not release it: another person does',
  nobody: 'say who with --by',
  not_shown: 'it is another than the one that was shown',
  changed: 'what is kept is not what was proposed: call the technician',
  busy: 'other long lists are being read: try again in a minute',
  unfinished: 'another of this list is being posted: wait for its end',
  beyond: 'more than is left of these awards by now: propose it anew',
  faulty: 'the list has faults: nothing was kept',
  nothing: 'nothing is left of these awards',
  no_reason: `say why with --text, in at most ${backReasonMax} letters: the residents read it`,
};

function askedWrongly(terminal: Terminal): number {
  terminal.complain(`usage:\n${takeBackUsage}`);
  return 2;
}

function refuse(terminal: Terminal, reason: string): number {
  terminal.complain(`${reason}\n`);
  return 1;
}
