// The commands of a county's server and clerk, on its data folder: those of the server itself and of its first days are here, the clerk's
// others in clerk-commands.ts. While a server runs on the folder, it runs them. Says what was done; decides nothing itself.

import { createPrivateKey } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { enrolmentShape } from '../db/home.ts';
import { rawPublicKey } from '../db/model/keys.ts';
import { never } from '../db/model/result.ts';
import { localMinute } from '../db/model/time.ts';
import { checkCommands, checkUsage } from './check-command.ts';
import { backup, backupUsage, openReasons, putBack } from './backup-commands.ts';
import { checkAfterNight } from './book/after-night.ts';
import { clockLeap, confirmClock } from './book/clock.ts';
import { type CountyBook, makeCounty, openCounty } from './book/county-book.ts';
import { enrolByKey, expectByCode } from './book/enrol.ts';
import { addAccount, expectKiosk, importDownFiles } from './book/import-files.ts';
import { keepCard } from './book/issued-cards.ts';
import { carryCommands, carryUsage } from './carry-command.ts';
import { clerkCommands, clerkUsage } from './clerk-commands.ts';
import { createCounty } from './create.ts';
import { exceptionCommands, exceptionUsage } from './exception-commands.ts';
import { exportCommands, exportUsage } from './export-command.ts';
import { keyCommands, keyUsage } from './key-commands.ts';
import { keyIds } from './keys.ts';
import type { Terminal } from './log/commands.ts';
import { unsignedLine, whyUnsigned } from './log/unsigned.ts';
import type { HeldBy, NightOutcome } from './night.ts';
import { clerk } from './pages/clerk-command.ts';
import { paymentCommands, paymentUsage } from './payment-command.ts';
import { repairCommands, repairUsage } from './repair-commands.ts';
import { disallowCommands, disallowUsage } from './disallow-command.ts';
import { expireCommands, expireUsage } from './expire-command.ts';
import { takeBackCommands, takeBackUsage } from './take-back-command.ts';
import { type BookCommand, type CommandOptions, readOptions } from './serve/command.ts';
import { askServer } from './serve/local.ts';
import { runNight } from './serve/nightly.ts';
import type { StoreChoice } from './store/county-store.ts';
import { isBusy } from './store/store.ts';

export const dataUsage = `       npm run county -- create --data DIR --county CODE        a new county: keys of its own, an empty book
       npm run county -- import-demo DEMO --data DIR
       npm run county -- serve --data DIR [--port N] [--host ADDRESS] [--night HH:MM]
       npm run county -- night --data DIR                       the night, now: with what the shops have sent, and asks them for nothing
       npm run county -- clock --data DIR [--day TODAY --by NAME]     what the server takes for today; confirms it after a long pause
       npm run county -- enrol --data DIR --store ID --kiosk ID [--key KEY]
       npm run county -- clerk add --data DIR --name NAME --role clerk|releaser|committee
       npm run county -- clerk reset|remove --data DIR --name NAME
       npm run county -- clerk list --data DIR
${exceptionUsage}${paymentUsage}${carryUsage}${backupUsage}${exportUsage}${checkUsage}${clerkUsage}${takeBackUsage}${disallowUsage}${expireUsage}${repairUsage}${keyUsage}`;

/** Those that work on an open book, here or in the server. The one place where a command is made known. */
const bookCommands: Readonly<Record<string, BookCommand>> = {
  night: nightCommand,
  clock: clockCommand,
  enrol,
  ...paymentCommands,
  ...exceptionCommands,
  backup,
  ...carryCommands,
  ...exportCommands,
  ...checkCommands,
  clerk,
  ...clerkCommands,
  ...repairCommands,
  ...takeBackCommands,
  ...disallowCommands,
  ...expireCommands,
  ...keyCommands,
};

/** Runs the command that the words name and returns its exit code; null where they name none of these. */
export async function runDataCommand(words: readonly string[], terminal: Terminal, store: StoreChoice = {}): Promise<number | null> {
  const [name = '', ...rest] = words;
  const isOfBook = Object.hasOwn(bookCommands, name);
  if (!isOfBook && name !== 'serve' && name !== 'import-demo' && name !== 'create' && name !== 'put-back') return null;
  const read = readOptions(rest, process.cwd());
  if (!read.ok || read.value.data === undefined) {
    terminal.complain(`usage:\n${dataUsage}`);
    return 2;
  }
  const { data } = read.value;
  if (name === 'create') return create(data, read.value, terminal, store);
  if (name === 'import-demo') return importDemo(data, read.value, terminal, store);
  if (name === 'put-back') return putBack(data, read.value, terminal, clock);
  if (name === 'serve') return serveFolder(data, read.value, terminal, store);
  for (const triedUntil = performance.now() + startingMs; ;) {
    const exit = await askServer(data, { words, workingDirectory: process.cwd() }, terminal);
    if (exit !== null) return exit;
    try {
      return await withBook(data, store, terminal, (book) => bookCommands[name]!(book, read.value, terminal)); // asked above
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() > triedUntil) {
        terminal.complain(`another program has the book of ${data} open\n`);
        return 1;
      }
    }
  }
}

/** A server that has opened the book answers on its socket soon after. */
const startingMs = 5_000;

async function serveFolder(data: string, options: CommandOptions, terminal: Terminal, store: StoreChoice): Promise<number> {
  try {
    return await withBook(data, store, terminal, (book) => serveUntilToldToEnd(book, options, terminal));
  } catch (error) {
    if (!isBusy(error)) throw error;
    terminal.complain(`another program has the book of ${data} open: a server of it runs already?\n`);
    return 1;
  }
}

async function serveUntilToldToEnd(book: CountyBook, options: CommandOptions, terminal: Terminal): Promise<number> {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
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
async function withBook(data: string, store: StoreChoice, terminal: Terminal, use: (book: CountyBook) => Promise<number>): Promise<number> {
  const opened = openCounty(data, clock, store);
  if (!opened.ok) {
    terminal.complain(
      opened.code === 'elsewhere'
        ? `the book of ${data} lies ${store.databaseUrl === undefined ? 'in PostgreSQL: give its address as DATABASE_URL' : 'in its folder: without DATABASE_URL it is found'}\n`
        : `${data} ${openReasons[opened.code]}\n`,
    );
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
        : `${outcome.kiosk}: no file, ${noFileText(outcome)}\n`,
    );
  const unsigned = await book.read(whyUnsigned);
  if (unsigned !== null) terminal.say(`${unsignedLine(unsigned)}\n`);
  for (const line of await checkAfterNight(book)) terminal.say(`${line}\n`);
  return 0;
}

function noFileText(outcome: Exclude<NightOutcome, { readonly kind: 'written' }>): string {
  switch (outcome.kind) {
    case 'not_begun':
      return 'it never had its first';
    case 'failed':
      return outcome.why;
    case 'held':
      return heldTexts[outcome.why];
    default:
      return never(outcome);
  }
}

/** Why the county says nothing to a kiosk, and what ends it. */
const heldTexts: { readonly [why in HeldBy]: string } = {
  quarantined: 'two histories of it came: answer that exception first',
  revoked: 'its key is revoked',
  restored: 'it was put back from a backup: answer that exception first',
  restored_behind: 'it was put back from a backup and forgot what the county has: answer that exception first',
  put_back: 'the county’s book was put back, and this kiosk was not heard since: it comes with its next file',
  log_contradicted: 'it holds a root that the county’s log contradicts: answer that exception first',
  clock: 'the server’s clock is not believed: see county -- clock',
};

async function clockCommand(book: CountyBook, { day, by }: CommandOptions, terminal: Terminal): Promise<number> {
  const leap = await book.read((db) => clockLeap(book, db));
  terminal.say(
    leap === null
      ? `the server's clock says ${localMinute(book.wallMs())}\n`
      : `the server's clock says ${localMinute(book.wallMs())}, nothing that the book knows is later than ${leap.known}: no night runs\n`,
  );
  if (day === undefined && by === undefined) return leap === null ? 0 : 1;
  const done = await confirmClock(book, { day: day ?? '', by: by ?? '' });
  if (done.ok) terminal.say('confirmed: the night runs at its hour, or now by county -- night\n');
  else terminal.complain(done.code === 'nobody' ? 'say who\n' : 'that is not the day on the clock: put the clock right\n');
  return done.ok ? 0 : 1;
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
    terminal.say(done.ok ? `${kiosk} is enrolled\n` : done.code === 'no_key' ? 'that is no public key\n' : `${kiosk} has a key already\n`);
    return done.ok ? 0 : 1;
  }
  const made = await expectByCode(book, { kiosk, store });
  terminal.say(made.ok ? `one-time code of ${kiosk}, good for 14 days: ${made.value.code}\n` : `${kiosk} has a key already\n`);
  return made.ok ? 0 : 1;
}

/** Makes the data folder of a new county, with keys that are nobody else's. */
async function create(data: string, { county = '' }: CommandOptions, terminal: Terminal, store: StoreChoice): Promise<number> {
  if (!/^\d{6}$/.test(county)) {
    terminal.complain(`usage:\n${dataUsage}`);
    return 2;
  }
  const made = await createCounty(data, { code: county, clock, store });
  if (!made.ok) {
    terminal.complain(`${data} holds a county's book already: nothing was touched\n`);
    return 1;
  }
  terminal.say(`${data} is the county ${county}. What lies in ${join(data, 'keys')} exists nowhere else: keep a copy under lock and key
every kiosk's enrolment.json says: ${JSON.stringify(made.value)}
next: kiosks set, scheme, operators add, goods, residents, cards issue; then enrol
`);
  return 0;
}

/** Makes the data folder of a demo county: its worthless key, its residents, what its kiosks were sent. */
async function importDemo(data: string, { words }: CommandOptions, terminal: Terminal, store: StoreChoice): Promise<number> {
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
  const made = makeCounty(data, { code: first.county, name: first.countyKeyName, isDemo: true, fileKeyPem }, store);
  if (!made.ok) {
    terminal.complain(`${data} holds a county's book already: nothing was touched\n`);
    return 1;
  }
  for (const name of ['card.pem', 'tag.key']) copyFileSync(join(demo, 'county', 'keys', name), join(data, 'keys', name));
  const expiresOn = cardsExpireOn(demo);
  return withBook(data, store, terminal, async (book) => {
    await book.transact((act) => {
      const entry = act.enter('cards', 'of the demo');
      for (const { kiosk, store } of enrolments) expectKiosk(act, { kiosk, store });
      const accounts = new Map<string, { home: string; isActive: boolean }>();
      for (const row of readFileSync(roster, 'utf8').split('\n').slice(1, -1)) {
        const cells = row.split(','); // county/demo.ts: no name holds a comma
        const [resident = '', account = '', home = '', issue = '', active = ''] = [cells[0], cells[1], cells[6], cells[8], cells[9]];
        keepCard(act, { resident, issue: Number(issue), kid: keyIds.card, expiresOn, entry });
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

/** The last day of a demo's cards: three years after the year of its newest file (county/demo.ts). */
function cardsExpireOn(demo: string): string {
  const { choices } = JSON.parse(readFileSync(join(demo, 'demo.json'), 'utf8')) as { readonly choices: { readonly asOf: string } }; // the demo's marker
  return `${Number(choices.asOf.slice(0, 4)) + 3}-12-31`;
}
