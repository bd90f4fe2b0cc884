// What the office types to take points of a released list of awards back; reclaim-command.ts shows, releases and withdraws it. Decides
// nothing itself.

import type { CountyBook } from './book/county-book.ts';
import { hundredths } from './book/list-file.ts';
import { type Wanted, backColumns, previewTakeBack, proposeTakeBack, takingBack } from './book/take-backs.ts';
import type { Terminal } from './log/commands.ts';
import { askedWrongly, decideByCommand, listBytes, proposeByCommand } from './reclaim-command.ts';
import { type BookCommand, type CommandOptions, numberSaid } from './serve/command.ts';

export const takeBackUsage = `       npm run county -- take-back --data DIR --number BATCH [--points N] [--text REASON --by NAME]     all of every row, or N of each
       npm run county -- take-back --data DIR --number BATCH --account ID --points N [--text REASON --by NAME]
       npm run county -- take-back --data DIR --number BATCH --file LIST [--text REASON --by NAME]     account, points
       npm run county -- take-back --data DIR --release N [--by NAME]      shows it; another person's name takes the points back
       npm run county -- take-back --data DIR --withdraw N --by NAME       what is not released yet
`;

export const takeBackCommands: Readonly<Record<string, BookCommand>> = { 'take-back': takeBack };

const spoken = {
  kind: takingBack,
  usage: takeBackUsage,
  rows: 'awards',
  aboutOf: ({ about }: { readonly about: string }) => `of awards ${about}`,
};

async function takeBack(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const decided = await decideByCommand(book, spoken, options, terminal);
  if (decided !== null) return decided;
  const { number, text, by } = options;
  const wanted = wantedOf(options);
  if (number === undefined || wanted === null || (by !== undefined && text === undefined)) return askedWrongly(spoken, terminal);
  const batch = numberSaid(number);
  const preview = () => previewTakeBack(book, { batch, wanted });
  return proposeByCommand(
    { preview, propose: (of) => proposeTakeBack(book, { batch, wanted, ...of }), columns: backColumns },
    spoken,
    options,
    terminal,
  );
}

function wantedOf({ account, points, file }: CommandOptions): Wanted | null {
  if (file !== undefined) {
    const list = account === undefined && points === undefined ? listBytes(file) : null;
    return list === null ? null : { is: 'list', list };
  }
  if (points === undefined) return account === undefined ? { is: 'all' } : null;
  const amount = hundredths(points);
  if (amount === null || amount === 0) return null;
  return account === undefined ? { is: 'each', points: amount } : { is: 'list', list: `account,points\n${account},${points}\n` };
}
