// The commands of a county's server and clerk, on its data folder: those of the server itself and of its first days are here, the clerk's
// others in clerk-commands.ts. While a server runs on the folder, it runs them. Says what was done; decides nothing itself.

import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { enrolmentShape } from '../db/home.ts';
import { rawPublicKey } from '../db/model/keys.ts';
import { diskFault } from '../db/sqlite.ts';
import { previewAwards, proposeAwards, releaseAwards } from './book/awards.ts';
import { type CountyBook, makeCounty, openCounty } from './book/county-book.ts';
import type { RowFault } from './book/list-file.ts';
import { enrolByKey, expectByCode } from './book/enrol.ts';
import { answerException, openExceptions } from './book/exceptions.ts';
import { addAccount, expectKiosk, importDownFiles } from './book/import-files.ts';
import { takePayments } from './book/payments.ts';
import type { Terminal } from './log/commands.ts';
import { clerk } from './pages/clerk-command.ts';
import { type BookCommand, type CommandOptions, readOptions } from './serve/command.ts';
import { askServer } from './serve/local.ts';
import { runNight } from './serve/nightly.ts';

export const dataUsage = `       npm run county -- import-demo DEMO --data DIR
       npm run county -- serve --data DIR [--port N] [--host ADDRESS] [--night HH:MM]
       npm run county -- night --data DIR
       npm run county -- enrol --data DIR --store ID --kiosk ID [--key KEY]
       npm run county -- award --data DIR --file awards.csv [--by NAME]    shows it; with a name, proposes it
       npm run county -- award --data DIR --release N --by NAME            another person's
       npm run county -- paid --data DIR --file paid.csv
       npm run county -- exceptions --data DIR
       npm run county -- clerk add --data DIR --name NAME --role clerk|releaser|committee
       npm run county -- clerk reset|remove --data DIR --name NAME
       npm run county -- clerk list --data DIR
       npm run county -- answer --data DIR --exception N --by NAME --text TEXT
`;

/** Those that work on an open book, here or in the server. The one place where a command is made known. */
const bookCommands: Readonly<Record<string, BookCommand>> = {
  night: nightCommand,
  enrol,
  award,
  paid,
  exceptions,
  answer,
  clerk,
};

/** Runs the command that the words name and returns its exit code; null where they name none of these. */
export async function runDataCommand(words: readonly string[], terminal: Terminal): Promise<number | null> {
  const [name = '', ...rest] = words;
  const isOfBook = Object.hasOwn(bookCommands, name);
  if (!isOfBook && name !== 'serve' && name !== 'import-demo') return null;
  const read = readOptions(rest, process.cwd());
  if (!read.ok || read.value.data === undefined) {
    terminal.complain(`usage:\n${dataUsage}`);
    return 2;
  }
  const { data } = read.value;
  if (name === 'import-demo') return importDemo(data, read.value, terminal);
  if (name === 'serve') return serveFolder(data, read.value, terminal);
  for (const triedUntil = performance.now() + startingMs; ;) {
    const exit = await askServer(data, { words, workingDirectory: process.cwd() }, terminal);
    if (exit !== null) return exit;
    try {
      return await withBook(data, terminal, (book) => bookCommands[name]!(book, read.value, terminal)); // asked above
    } catch (error) {
      if (diskFault(error) !== 'book_busy') throw error;
      if (performance.now() > triedUntil) {
        terminal.complain(`another program has the book of ${data} open\n`);
        return 1;
      }
    }
  }
}

/** A server that has opened the book answers on its socket soon after. */
const startingMs = 5_000;

async function serveFolder(data: string, options: CommandOptions, terminal: Terminal): Promise<number> {
  try {
    return await withBook(data, terminal, (book) => serveUntilToldToEnd(book, options, terminal));
  } catch (error) {
    if (diskFault(error) !== 'book_busy') throw error;
    terminal.complain(`another program has the book of ${data} open: a server of it runs already?\n`);
    return 1;
  }
}

async function serveUntilToldToEnd(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  process.once('disconnect', () => ending.abort()); // of a parent that keeps a channel open as long as it lives
  const { serve } = await import('./serve/serve.ts'); // a second of loading that no other command needs
  return serve(book, options, {
    terminal,
    until: ending.signal,
    async run({ words: [name = '', ...rest], workingDirectory }, to) {
      const read = readOptions(rest, workingDirectory);
      if (read.ok && Object.hasOwn(bookCommands, name)) return bookCommands[name]!(book, read.value, to); // asked just before
      to.complain(`usage:\n${dataUsage}`);
      return 2;
    },
  });
}

const clock = { wallMs: () => Date.now() };

/** Opens the folder's book for one command. */
async function withBook(data: string, terminal: Terminal, use: (book: CountyBook) => Promise<number>): Promise<number> {
  const opened = openCounty(data, clock);
  if (!opened.ok) {
    terminal.complain(`${data} holds no county's book (${opened.code}); import-demo makes one\n`);
    return 1;
  }
  try {
    return await use(opened.value);
  } finally {
    await opened.value.close();
  }
}

async function nightCommand(book: CountyBook, _options: CommandOptions, terminal: Terminal): Promise<number> {
  for (const outcome of await runNight(book))
    terminal.say(
      outcome.kind === 'written'
        ? `${outcome.kiosk}: file ${outcome.downSeq}, ${outcome.lines} lines\n`
        : `${outcome.kiosk}: no file, ${outcome.kind === 'held' ? outcome.why : 'it never had its first'}\n`,
    );
  return 0;
}

async function enrol(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const { store = '', kiosk = '', key } = options;
  if (!enrolmentShape.shape.store.safeParse(store).success || !enrolmentShape.shape.kiosk.safeParse(kiosk).success) {
    terminal.complain(`usage:\n${dataUsage}`);
    return 2;
  }
  if (key !== undefined) {
    if (!/^[A-Za-z0-9_-]{43}$/.test(key)) {
      terminal.complain('a public key has 43 letters\n');
      return 2;
    }
    const done = await enrolByKey(book, { kiosk, store, key });
    terminal.say(done.ok ? `${kiosk} is enrolled\n` : `${kiosk} has a key already\n`);
    return done.ok ? 0 : 1;
  }
  const made = await expectByCode(book, { kiosk, store });
  terminal.say(made.ok ? `one-time code of ${kiosk}, good for 14 days: ${made.value.code}\n` : `${kiosk} has a key already\n`);
  return made.ok ? 0 : 1;
}

async function award(book: CountyBook, { by, file, release }: CommandOptions, terminal: Terminal): Promise<number> {
  if (release !== undefined && by !== undefined) {
    const done = await releaseAwards(book, { batch: Number(release), by });
    terminal.say(done.ok ? `batch ${release} is released: it reaches the kiosks with the next night\n` : `not released: ${done.code}\n`);
    return done.ok ? 0 : 1;
  }
  const text = readGiven(file, terminal);
  if (text === null) return 2;
  const seen = await previewAwards(book, text);
  if (!seen.ok) {
    terminal.complain('the first line must be: account,points,reason\n');
    return 1;
  }
  const { rows, points, faults } = seen.value;
  sayFaults(faults, terminal);
  if (faults.length > 0) return 1;
  terminal.say(`${rows} awards, ${points / 100} points\n`);
  if (by === undefined) return 0;
  const kept = await proposeAwards(book, { text, by });
  terminal.say(
    kept.ok ? `batch ${kept.value.batch} waits for another person's --release ${kept.value.batch}\n` : `not kept: ${kept.code}\n`,
  );
  return kept.ok ? 0 : 1;
}

async function paid(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const text = readGiven(options.file, terminal);
  if (text === null) return 2;
  const taken = await takePayments(book, text);
  if (taken.ok) terminal.say(`${taken.value.rows} payments, ${taken.value.fen / 100} yuan\n`);
  else if (taken.code === 'faulty') sayFaults(taken.faults, terminal);
  else terminal.complain('the first line must be: kiosk,inc,settlement,yuan,day,reference\n');
  return taken.ok ? 0 : 1;
}

async function exceptions(book: CountyBook, _options: CommandOptions, terminal: Terminal): Promise<number> {
  for (const { number, kiosk, inc, fileSeq, seq, code, detail, owner } of await book.read(openExceptions))
    terminal.say(`${number}  ${owner}  ${kiosk}/${inc}/${fileSeq}${seq === 0 ? '' : ` event ${seq}`}  ${code}  ${detail}\n`);
  return 0;
}

async function answer(book: CountyBook, { exception, by, text }: CommandOptions, terminal: Terminal): Promise<number> {
  if (exception === undefined || by === undefined || text === undefined) {
    terminal.complain(`usage:\n${dataUsage}`);
    return 2;
  }
  const done = await answerException(book, { number: Number(exception), by, text });
  terminal.say(done.ok ? `answered\n` : `not answered: ${done.code}\n`);
  return done.ok ? 0 : 1;
}

function readGiven(file: string | undefined, { complain }: Terminal): string | null {
  if (file !== undefined && existsSync(file)) return readFileSync(file, 'utf8');
  complain(file === undefined ? `usage:\n${dataUsage}` : `${file} is not there\n`);
  return null;
}

const faultsShown = 20;

function sayFaults(faults: readonly RowFault[], { complain }: Terminal): void {
  for (const { row, what } of faults.slice(0, faultsShown)) complain(`row ${row}: ${what}\n`);
  if (faults.length > faultsShown) complain(`and ${faults.length - faultsShown} more\n`);
  if (faults.length > 0) complain('nothing was taken: mend the list and give it again\n');
}

/** Makes the data folder of a demo county: its worthless key, its residents, what its kiosks were sent. */
async function importDemo(data: string, { words }: CommandOptions, terminal: Terminal): Promise<number> {
  const demo = resolve(words[0] ?? '');
  const roster = join(demo, 'county', 'roster.csv');
  if (words.length !== 1 || !existsSync(roster)) {
    terminal.complain(`usage:\n${dataUsage}`);
    return 2;
  }
  const kiosks = readdirSync(join(demo, 'kiosks')).toSorted();
  const enrolments = kiosks.map((kiosk) =>
    enrolmentShape.parse(JSON.parse(readFileSync(join(demo, 'kiosks', kiosk, 'enrolment.json'), 'utf8'))),
  );
  const [first] = enrolments;
  const fileKeyPem = readFileSync(join(demo, 'county', 'keys', 'file.pem'), 'utf8');
  if (first === undefined || Buffer.from(rawPublicKey(createPrivateKey(fileKeyPem))).toString('base64url') !== first.countyKey) {
    terminal.complain(`${demo} is no demo county\n`);
    return 1;
  }
  const made = makeCounty(data, { code: first.county, name: first.countyKeyName, isDemo: true, fileKeyPem });
  if (!made.ok) {
    terminal.complain(`${data} holds a county's book already: nothing was touched\n`);
    return 1;
  }
  return withBook(data, terminal, async (book) => {
    await book.transact((act) => {
      for (const { kiosk, store } of enrolments) expectKiosk(act, { kiosk, store });
      const accounts = new Map<string, { home: string; isActive: boolean }>();
      for (const row of readFileSync(roster, 'utf8').split('\n').slice(1, -1)) {
        const cells = row.split(','); // county/demo.ts: no name holds a comma
        const [account = '', home = '', active = ''] = [cells[1], cells[6], cells[9]];
        accounts.set(account, { home, isActive: active === 'true' || accounts.get(account)?.isActive === true });
      }
      for (const [account, { home, isActive }] of accounts) addAccount(act, { account, home, isActive });
    });
    let files = 0;
    for (const kiosk of kiosks) files += await importDownFiles(book, kiosk, join(demo, 'kiosks', kiosk, 'down'));
    await book.transact(({ db }) => db.exec('UPDATE kiosk SET told_entry = (SELECT max(entry) FROM act)')); // the files told it all
    terminal.say(`${kiosks.length} kiosks, ${files} files; each kiosk's key is taken from its first file, since this is a demo\n`);
    return 0;
  });
}
