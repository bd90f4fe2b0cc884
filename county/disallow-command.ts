// What the office types for recycling credits that the county does not allow; reclaim-command.ts shows, releases and withdraws it. Decides
// nothing itself.

import type { CountyBook } from './book/county-book.ts';
import { type WantedCredits, creditColumns, disallowing, previewDisallowing, proposeDisallowing } from './book/disallowed.ts';
import { hundredths } from './book/list-file.ts';
import type { Terminal } from './log/commands.ts';
import { askedWrongly, decideByCommand, listBytes, proposeByCommand } from './reclaim-command.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const disallowUsage = `       npm run county -- disallow --data DIR --paper TICKET [--points N] [--text REASON --by NAME]     a recycling credit, all that is left of it or N
       npm run county -- disallow --data DIR --file LIST [--text REASON --by NAME]     ticket, points (none: all that is left)
       npm run county -- disallow --data DIR --release N [--by NAME]       shows it; another person's name takes the points back
       npm run county -- disallow --data DIR --withdraw N --by NAME        what is not released yet
`;

export const disallowCommands: Readonly<Record<string, BookCommand>> = { disallow };

const spoken = {
  kind: disallowing,
  usage: disallowUsage,
  rows: 'recycling credits',
  aboutOf: ({ about }: { readonly about: string }) => (about === '' ? 'of a list of tickets' : `of ticket ${about}`),
};

async function disallow(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const decided = await decideByCommand(book, spoken, options, terminal);
  if (decided !== null) return decided;
  const wanted = wantedOf(options);
  if (wanted === null || (options.by !== undefined && options.text === undefined)) return askedWrongly(spoken, terminal);
  const preview = () => previewDisallowing(book, wanted);
  return proposeByCommand(
    { preview, propose: (of) => proposeDisallowing(book, { wanted, ...of }), columns: creditColumns },
    spoken,
    options,
    terminal,
  );
}

function wantedOf({ paper, points, file }: CommandOptions): WantedCredits | null {
  if (file !== undefined) {
    const list = paper === undefined && points === undefined ? listBytes(file) : null;
    return list === null ? null : { is: 'list', list };
  }
  const amount = points === undefined ? null : hundredths(points);
  if (paper === undefined || amount === 0 || (points !== undefined && amount === null)) return null;
  return { is: 'one', ticket: paper, points: amount };
}
