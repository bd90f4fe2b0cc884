// What the office types to let points of a year expire; reclaim-command.ts shows, releases and withdraws it. Decides nothing itself.

import type { CountyBook } from './book/county-book.ts';
import { type ExpiryRefusal, type LeftOut, expiry, leftOutOf, previewExpiry, proposeExpiry, unheardNow } from './book/expiry.ts';
import { type Reclaim, takenBy } from './book/reclaims.ts';
import type { Terminal } from './log/commands.ts';
import { askedWrongly, decideByCommand, reclaimReasons, refuse, sayPreview, sayWaiting } from './reclaim-command.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const expireUsage = `       npm run county -- expire --data DIR --through YYYY-MM-DD [--text REASON --by NAME]     what was given through that day and is not used
       npm run county -- expire --data DIR --release N [--by NAME]       shows it; another person's name lets the points expire
       npm run county -- expire --data DIR --withdraw N --by NAME        what is not released yet
`;

export const expireCommands: Readonly<Record<string, BookCommand>> = { expire };

const spoken = {
  kind: expiry,
  usage: expireUsage,
  rows: 'accounts',
  aboutOf: ({ about }: { readonly about: string }) => `through ${about}`,
  alsoOf: async (book: CountyBook, reclaim: Reclaim) => {
    const { state, about, number, rows, points } = reclaim;
    const unheard = await unheardNow(book, about);
    const shops = unheard.length === 0 ? '' : `not heard since ${about} by now: ${unheard.join(', ')}\n`;
    if (state.is === 'waiting') return leftOutText(leftOutOf(reclaim)) + shops + oweText;
    if (state.is !== 'released') return '';
    const taken = await book.read((db) => takenBy(db, number));
    if (taken.rows === rows && taken.points === points) return '';
    return `of that ${taken.points / 100} points of ${taken.rows} accounts expired: the rest was spent before, or waits for a shop\n`;
  },
};

async function expire(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const decided = await decideByCommand(book, spoken, options, terminal);
  if (decided !== null) return decided;
  const { through, text, by } = options;
  if (through === undefined || (by !== undefined && text === undefined)) return askedWrongly(spoken, terminal);
  if (by !== undefined && text !== undefined) return propose(book, { through, reason: text, by }, terminal);
  const seen = await previewExpiry(book, through);
  if (!seen.ok) return refuse(terminal, refusals[seen.code]);
  sayPreview(seen.value, spoken, terminal);
  terminal.say(leftOutText(seen.value.leftOut) + oweText);
  return 0;
}

async function propose(
  book: CountyBook,
  of: { readonly through: string; readonly reason: string; readonly by: string },
  terminal: Terminal,
): Promise<number> {
  const kept = await proposeExpiry(book, of);
  if (!kept.ok) return refuse(terminal, refusalOf(kept, of.through));
  const { rows, points } = kept.value;
  terminal.say(`${rows} accounts, ${points / 100} points\n${leftOutText(leftOutOf(kept.value))}`);
  sayWaiting(kept.value, terminal);
  return 0;
}

function refusalOf(refused: Extract<Awaited<ReturnType<typeof proposeExpiry>>, { ok: false }>, through: string): string {
  if (refused.code === 'left_out') return `nothing expires through ${through} by now\n${leftOutText(refused.leftOut).trimEnd()}`;
  const { code } = refused;
  return code === 'nothing' ? `nothing expires through ${through}` : refusals[code];
}

function leftOutText({ accounts, points, shops }: LeftOut): string {
  if (accounts === 0) return 'nobody is left out\n';
  const named = shops.map((each) => `${each.kiosk} (${each.accounts})`).join(', ');
  return `left out: ${accounts} accounts with ${points / 100} points, for these shops were not heard since: ${named}; propose it again when they were; one that does not come back: release-kiosk\n`;
}

const oweText =
  'what the county has heard of by the release does not expire; who spends what it has not heard of, until the home shop has given it back, may come to owe: at most what expired of the account\n';

const refusals: { readonly [code in ExpiryRefusal | 'nobody' | 'no_reason']: string } = {
  not_over: '--through is a day, YYYY-MM-DD, that is over',
  unfinished: reclaimReasons.unfinished,
  nobody: reclaimReasons.nobody,
  no_reason: reclaimReasons.no_reason,
};
