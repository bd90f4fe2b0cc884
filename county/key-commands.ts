// What is typed about keys: the county's take the place of one another, a kiosk's is withdrawn. Without --by NAME it is only looked at.
// Says what was done; decides nothing itself.

import { type KeyUse, type CountyKey, countyKeys } from './book/county-keys.ts';
import type { CountyBook } from './book/county-book.ts';
import { atRisk, revokeKiosk } from './book/revoke.ts';
import { cardsUnder, retireKey, rotateKey } from './book/rotation.ts';
import type { Terminal } from './log/commands.ts';
import type { BookCommand, CommandOptions } from './serve/command.ts';

export const keyUsage = `       npm run county -- keys --data DIR
       npm run county -- rotate-file-key --data DIR --by NAME              a new key; the old one stays in force beside it
       npm run county -- rotate-card-key --data DIR --by NAME
       npm run county -- end-key --data DIR --kind file|card --number KID [--by NAME]
       npm run county -- revoke --data DIR --kiosk ID --text REASON [--by NAME]
`;

export const keyCommands: Readonly<Record<string, BookCommand>> = {
  keys,
  'rotate-file-key': (book, options, terminal) => rotate(book, 'file', options, terminal),
  'rotate-card-key': (book, options, terminal) => rotate(book, 'card', options, terminal),
  'end-key': endKey,
  revoke,
};

async function keys(book: CountyBook, _options: CommandOptions, terminal: Terminal): Promise<number> {
  for (const use of ['file', 'card'] as const)
    for (const each of await book.read((db) => countyKeys(db, use))) terminal.say(`${use}  ${keyLine(each)}\n`);
  return 0;
}

function keyLine({ kid, key, began, ended }: CountyKey): string {
  return `${kid}  ${key}  since entry ${began}${ended === null ? '' : `, ended with ${ended}`}`;
}

async function rotate(book: CountyBook, use: KeyUse, { by }: CommandOptions, terminal: Terminal): Promise<number> {
  if (by === undefined) return askedWrongly(terminal);
  const made = await rotateKey(book, { use, by });
  if (!made.ok) {
    const why = { no_key: 'no kiosk was ever told a key of this use', no_more_numbers: 'the numbers of its keys are used up' }[made.code];
    return refuse(terminal, why);
  }
  const { kid, key } = made.value;
  terminal.say(`${use} key ${kid}: ${key}
it lies in ${book.folder.keys} and nowhere else: keep a copy under lock and key
each kiosk hears of it with its next file, and goes by it from the one after; the old key stays in force until end-key
`);
  if (use === 'file') terminal.say(`an enrolment.json that is written from now on says "countyKey":"${key}"\n`);
  return 0;
}

async function endKey(book: CountyBook, { kind, number, by }: CommandOptions, terminal: Terminal): Promise<number> {
  if ((kind !== 'file' && kind !== 'card') || number === undefined || !/^\d{1,3}$/.test(number)) return askedWrongly(terminal);
  const kid = Number(number);
  if (kind === 'card') {
    const cards = await book.read((db) => cardsUnder(db, kid));
    terminal.say(`${cards} cards in force were sealed with it: from the next files on no till takes them\n`);
  }
  if (by === undefined) return onlyLooked(terminal);
  const done = await retireKey(book, { use: kind, kid, by });
  if (!done.ok) return refuse(terminal, endReasons[done.code]);
  terminal.say(`${kind} key ${kid} ends with the next files\n`);
  return 0;
}

const endReasons = {
  unknown_key: 'no such key: look with keys',
  ended: 'it was ended before',
  last_key: 'no other key would be in force: make a new one first',
} as const;

async function revoke(book: CountyBook, { kiosk, by, text }: CommandOptions, terminal: Terminal): Promise<number> {
  if (kiosk === undefined || text === undefined || text.trim() === '') return askedWrongly(terminal);
  if (by === undefined) {
    const { rights, accounts } = await book.read((db) => atRisk(db, kiosk));
    terminal.say(`${kiosk} holds ${rights / 100} points of rights and is the home of ${accounts} accounts\n`);
    return onlyLooked(terminal);
  }
  const done = await revokeKiosk(book, { kiosk, by, reason: text.trim() });
  if (!done.ok) return refuse(terminal, done.code === 'revoked' ? `${kiosk} was revoked before` : 'no such kiosk');
  const { rights, accounts } = done.value;
  terminal.say(`${kiosk} is revoked, for ever: what it sends from now on is kept and not posted, and the committee is asked
${rights / 100} points of rights lie there and stay at risk; ${accounts} accounts want another home (move-home)
the shop begins anew under a new kiosk id: kiosks set, operators add, enrol
`);
  return 0;
}

function onlyLooked({ say }: Terminal): number {
  say('give your name with --by to do it\n');
  return 0;
}

function askedWrongly({ complain }: Terminal): number {
  complain(`usage:\n${keyUsage}`);
  return 2;
}

function refuse({ complain }: Terminal, reason: string): number {
  complain(`${reason}\n`);
  return 1;
}
