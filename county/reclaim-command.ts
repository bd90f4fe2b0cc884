// What the office types to show, release or withdraw what is reclaimed, of whatever kind: one person's word does nothing, it waits for
// another's --release. Says what it would do until a name is given, and what was done; decides nothing itself.

import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Result } from '../db/model/result.ts';
import type { CountyBook } from './book/county-book.ts';
import { type Column, type ListRefusal, type RowFault, listBytesMax, rowTold, whyNoList } from './book/list-file.ts';
import type { Outlook, ReclaimPreview } from './book/reclaim-outlook.ts';
import type { ReclaimRow } from './book/reclaim-rows.ts';
import {
  type JudgeRefusal,
  type Reclaim,
  type ReclaimKind,
  type ReclaimRefusal,
  type SeenReclaim,
  reclaimReasonMax,
  releaseReclaim,
  seeReclaim,
  withdrawReclaim,
} from './book/reclaims.ts';
import type { Terminal } from './log/commands.ts';
import { type CommandOptions, numberSaid } from './serve/command.ts';

/** A kind as its command speaks of it. */
export interface ReclaimSpoken<Row extends ReclaimRow> {
  readonly kind: ReclaimKind<Row>;
  readonly usage: string;
  /** How its rows are called: 2 awards. */
  readonly rows: string;
  /** What one is of, after who proposed it: of awards 3. */
  aboutOf(reclaim: Reclaim): string;
  /** What else is said of one that is shown, in lines. */
  alsoOf?(book: CountyBook, reclaim: Reclaim): Promise<string>;
}

/** --release N [--by NAME], --withdraw N --by NAME; null: neither was asked for. */
export async function decideByCommand<Row extends ReclaimRow>(
  book: CountyBook,
  spoken: ReclaimSpoken<Row>,
  { release, withdraw, by }: CommandOptions,
  terminal: Terminal,
): Promise<number | null> {
  if (release !== undefined && withdraw !== undefined) return askedWrongly(spoken, terminal);
  if (release !== undefined) return await releaseShown(book, spoken, { number: numberSaid(release), by }, terminal);
  if (withdraw === undefined) return null;
  if (by === undefined) return askedWrongly(spoken, terminal);
  const done = await withdrawReclaim(book, spoken.kind, { number: numberSaid(withdraw), by });
  if (!done.ok) return refuse(terminal, `not withdrawn: ${reclaimReasons[done.code]}`);
  terminal.say(`${withdraw} is withdrawn: nobody releases it\n`);
  return 0;
}

async function releaseShown<Row extends ReclaimRow>(
  book: CountyBook,
  spoken: ReclaimSpoken<Row>,
  { number, by }: { readonly number: number; readonly by: string | undefined },
  terminal: Terminal,
): Promise<number> {
  const found = await seeReclaim(book, spoken.kind, number);
  if (found === null) return refuse(terminal, reclaimReasons.unknown);
  const { reclaim, seen } = found;
  if (!seen.ok) return refuse(terminal, reclaimReasons[seen.code]);
  terminal.say(`${reclaim.number} of ${reclaim.proposedBy}, ${spoken.aboutOf(reclaim)}: ${reclaim.reason}\n`);
  sayPreview(seen.value, spoken, terminal);
  terminal.say((await spoken.alsoOf?.(book, reclaim)) ?? '');
  if (by === undefined) {
    terminal.say(`${stateText(reclaim)}\n`);
    return 0;
  }
  const done = await releaseReclaim(book, spoken.kind, { number, by, shown: reclaim.sha256 });
  if (!done.ok) return refuse(terminal, `not released: ${reclaimReasons[done.code]}`);
  terminal.say(`${number} is done: the next night asks the shops for what lies there\n`);
  return 0;
}

function stateText({ state }: Reclaim): string {
  switch (state.is) {
    case 'waiting':
      return 'it waits: another person releases it with --by NAME';
    case 'replaced':
      return reclaimReasons.replaced;
    case 'withdrawn':
      return `${state.by} withdrew it`;
    case 'released':
      return `it is done: ${state.by} released it`;
    default:
      return `${state.by} released it; ${state.rows} rows are posted so far`;
  }
}

/** What fits a screen of the terminal. */
const rowsSaid = 20;

/** Rows, points, of what is not decided where they would come from, and the first of them. */
export function sayPreview(
  { rows, points, outlook, first }: SeenReclaim,
  spoken: Pick<ReclaimSpoken<ReclaimRow>, 'rows'>,
  { say }: Terminal,
): void {
  say(`${rows} ${spoken.rows}, ${points / 100} points\n${outlook === null ? '' : `${outlookText(outlook)}\n`}`);
  for (const { account, names, points: each, reason } of first.slice(0, rowsSaid))
    say(`  ${account}  ${names}  ${each / 100}${reason === '' ? '' : `  ${reason}`}\n`);
  if (rows > rowsSaid) say(`  and ${rows - rowsSaid} more\n`);
}

function outlookText({ unallocated, home, elsewhere, spent, expired }: Outlook): string {
  const before = expired === 0 ? '' : `; ${expired / 100} expired before, and nobody owes those`;
  return `by what the county heard: ${unallocated / 100} lie at no shop and come back at once, ${home / 100} at home shops, ${elsewhere / 100} at others, ${spent / 100} are perhaps spent and become overdraft${before}`;
}

/** Rows as an office gave them: shown, and with a reason and a name proposed. */
export interface WantedByCommand {
  preview(): Promise<Result<ReclaimPreview & { readonly faults: readonly RowFault[] }, ProposeRefusal | ListRefusal>>;
  propose(of: { readonly reason: string; readonly by: string }): Promise<Result<Reclaim, ProposeRefusal | ListRefusal>>;
  /** Of a list. */
  readonly columns: readonly Column<string>[];
}

/** --text REASON --by NAME; without them it is only shown. */
export async function proposeByCommand(
  wanted: WantedByCommand,
  spoken: Pick<ReclaimSpoken<ReclaimRow>, 'rows'>,
  { text, by, file }: CommandOptions,
  terminal: Terminal,
): Promise<number> {
  const seen = await wanted.preview();
  if (!seen.ok) return refuse(terminal, refusedText(seen.code, wanted.columns));
  if (complainOfRows(seen.value.faults, file !== undefined, terminal)) return refuse(terminal, reclaimReasons.faulty);
  sayPreview(seen.value, spoken, terminal);
  if (by === undefined || text === undefined) return 0;
  const kept = await wanted.propose({ reason: text, by });
  if (!kept.ok) return refuse(terminal, refusedText(kept.code, wanted.columns));
  sayWaiting(kept.value, terminal);
  return 0;
}

export function sayWaiting({ number }: Reclaim, terminal: Terminal): void {
  terminal.say(`${number} waits for another person's --release ${number}\n`);
}

/** The bytes of a list that an office names; null: there is none, or it is too large. */
export function listBytes(file: string): Uint8Array | null {
  return existsSync(file) && statSync(file).size <= listBytesMax ? readFileSync(file) : null;
}

/** Says the faults of a list; what was typed is no row of one. Whether there are any. */
function complainOfRows(faults: readonly RowFault[], isList: boolean, { complain }: Terminal): boolean {
  for (const fault of faults.slice(0, rowsSaid)) complain(`${isList ? `row ${rowTold(fault)}: ` : ''}${fault.what}\n`);
  return faults.length > 0;
}

/** Why nothing was proposed, for people. */
function refusedText(code: ProposeRefusal | ListRefusal, columns: readonly Column<string>[]): string {
  return code in reclaimReasons ? reclaimReasons[code as ProposeRefusal] : whyNoList(code as ListRefusal, columns); // the others are of a list
}

type ProposeRefusal = ReclaimRefusal | JudgeRefusal | 'faulty' | 'nothing' | 'no_reason';

export const reclaimReasons: { readonly [code in ProposeRefusal]: string } = {
  unknown: 'no such number',
  not_released: 'this list did not take effect: withdraw it instead (award --withdraw)',
  released: 'it is done already',
  replaced: 'another was proposed of the same since: release that one',
  withdrawn: 'it was withdrawn',
  same_person: 'who proposed it does not release it: another person does',
  nobody: 'say who with --by',
  not_shown: 'it is another than the one that was shown',
  changed: 'what is kept is not what was proposed: call the technician',
  busy: 'other long lists are being read: try again in a minute',
  unfinished: 'another of these is being posted: wait for its end',
  beyond: 'more than is left by now: propose it anew',
  faulty: 'the list has faults: nothing was kept',
  nothing: 'nothing is left to take back',
  no_reason: `say why with --text, in at most ${reclaimReasonMax} letters: the residents read it`,
};

export function askedWrongly({ usage }: { readonly usage: string }, terminal: Terminal): number {
  terminal.complain(`usage:\n${usage}`);
  return 2;
}

export function refuse(terminal: Terminal, reason: string): number {
  terminal.complain(`${reason}\n`);
  return 1;
}
