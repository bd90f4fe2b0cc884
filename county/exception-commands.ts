// `exceptions` lists what a person must look at, `answer` writes down what came of one; as the clerk's page does. Decides nothing.

import type { CountyBook } from './book/county-book.ts';
import { answerException, openExceptions } from './book/exceptions.ts';
import type { Terminal } from './log/commands.ts';
import { detailInChinese } from './pages/detail-words.ts';
import { ownerName } from './pages/exceptions.ts';
import { meaningOf } from './pages/words.ts';
import { type BookCommand, type CommandOptions, numberSaid } from './serve/command.ts';

export const exceptionUsage = `       npm run county -- exceptions --data DIR
       npm run county -- answer --data DIR --exception N --by NAME --text TEXT
`;

export const exceptionCommands: Readonly<Record<'exceptions' | 'answer', BookCommand>> = { exceptions, answer };

async function exceptions(book: CountyBook, _options: CommandOptions, terminal: Terminal): Promise<number> {
  for (const { number, kiosk, inc, fileSeq, seq, code, detail, owner } of await book.read(openExceptions)) {
    const about = detailInChinese({ code, detail });
    const where = `${kiosk}/${inc}/${fileSeq}${seq === 0 ? '' : ` event ${seq}`}`;
    terminal.say(`${number}  ${ownerName(owner)}  ${where}  ${meaningOf(code).name}（${code}）  ${about === '' ? detail : about}\n`);
  }
  return 0;
}

async function answer(book: CountyBook, { exception, by, text }: CommandOptions, terminal: Terminal): Promise<number> {
  if (exception === undefined || by === undefined || text === undefined) {
    terminal.complain(`usage:\n${exceptionUsage}`);
    return 2;
  }
  const done = await answerException(book, { number: numberSaid(exception), by, text });
  terminal.say(done.ok ? `answered\n` : `not answered: ${answerReasons[done.code]}\n`);
  return done.ok ? 0 : 1;
}

const answerReasons = {
  unknown: 'no exception has this number',
  answered: 'it was answered before',
  unheard: 'the county’s book was put back since, and this kiosk was not heard: wait for its next file',
} as const;
