// The commands of a county's server and clerk, on its data folder: serve, night, enrol, award, paid, exceptions, answer, import-demo. Says
// what was done; decides nothing itself.

import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { enrolmentShape } from '../db/home.ts';
import { rawPublicKey } from '../db/model/keys.ts';
import { previewAwards, proposeAwards, releaseAwards } from './book/awards.ts';
import { type CountyBook, makeCounty, openCounty } from './book/county-book.ts';
import type { RowFault } from './book/csv.ts';
import { enrolByKey, expectByCode } from './book/enrol.ts';
import { answerException, openExceptions } from './book/exceptions.ts';
import { addAccount, expectKiosk, importDownFiles } from './book/import-files.ts';
import { takePayments } from './book/payments.ts';
import type { Terminal } from './log/commands.ts';
import { startLog } from './log/steps.ts';
import { night } from './night.ts';
import { serverIdentity } from './server/certificate.ts';
import { countyServer } from './server/server.ts';

export const dataUsage = `       npm run county -- import-demo DEMO --data DIR
       npm run county -- serve --data DIR [--port N] [--host ADDRESS]
       npm run county -- night --data DIR
       npm run county -- enrol --data DIR --store ID --kiosk ID [--key KEY]
       npm run county -- award --data DIR --file awards.csv [--by NAME]    shows it; with a name, proposes it
       npm run county -- award --data DIR --release N --by NAME            another person's
       npm run county -- paid --data DIR --file paid.csv
       npm run county -- exceptions --data DIR
       npm run county -- answer --data DIR --exception N --by NAME --text TEXT
`;

const commands = {
  'import-demo': importDemo,
  serve,
  night: nightCommand,
  enrol,
  award,
  paid,
  exceptions,
  answer,
} as const;

type Options = NonNullable<ReturnType<typeof optionsOf>>;
interface Work {
  readonly options: Options['values'];
  readonly words: readonly string[];
  readonly terminal: Terminal;
}

/** Runs the command that the words name and returns its exit code; null where they name none of these. */
export async function runDataCommand(words: readonly string[], terminal: Terminal): Promise<number | null> {
  const [name = '', ...rest] = words;
  if (!Object.hasOwn(commands, name)) return null;
  const read = optionsOf(rest);
  if (read === null || read.values.data === undefined) {
    terminal.complain(`usage:\n${dataUsage}`);
    return 2;
  }
  return await commands[name as keyof typeof commands]({ options: read.values, words: read.positionals, terminal }); // asked just before
}

function optionsOf(words: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        data: text,
        port: text,
        host: text,
        store: text,
        kiosk: text,
        key: text,
        file: text,
        by: text,
        release: text,
        exception: text,
        text,
      },
    });
  } catch {
    return null; // the usage says what there is
  }
}

const clock = { wallMs: () => Date.now() };

/** Opens the folder's book for one command. */
async function withBook(work: Work, use: (book: CountyBook) => Promise<number>): Promise<number> {
  const opened = openCounty(resolve(work.options.data!), clock); // asked by runDataCommand
  if (!opened.ok) {
    work.terminal.complain(`${work.options.data} holds no county's book (${opened.code}); import-demo makes one\n`);
    return 1;
  }
  try {
    return await use(opened.value);
  } finally {
    await opened.value.close();
  }
}

const usualPort = 8443;

function serve(work: Work): Promise<number> {
  const { terminal, options } = work;
  return withBook(work, async (book) => {
    for (const each of await startLog(book)) terminal.complain(`the log is contradicted: ${each.code}\n`);
    const identity = serverIdentity(book.folder.keys, `civicpos ${book.code}`);
    const app = await countyServer(book, { identity, complain: (line) => terminal.complain(`${line}\n`) });
    const port = Number(options.port ?? usualPort);
    const address = await app.listen({ port, host: options.host ?? '0.0.0.0' });
    terminal.say(`${address}\nkiosks know this server by its key: "countyServer": { "url": "${address}", "pin": "${identity.pin}" }\n`);
    await new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
    });
    await app.close();
    return 0;
  });
}

function nightCommand(work: Work): Promise<number> {
  return withBook(work, async (book) => {
    for (const outcome of await night(book))
      work.terminal.say(
        outcome.kind === 'written'
          ? `${outcome.kiosk}: file ${outcome.downSeq}, ${outcome.lines} lines\n`
          : `${outcome.kiosk}: no file, ${outcome.kind === 'held' ? outcome.why : 'it never had its first'}\n`,
      );
    return 0;
  });
}

function enrol(work: Work): Promise<number> {
  const { terminal, options } = work;
  const { store = '', kiosk = '', key } = options;
  if (!enrolmentShape.shape.store.safeParse(store).success || !enrolmentShape.shape.kiosk.safeParse(kiosk).success) {
    terminal.complain(`usage:\n${dataUsage}`);
    return Promise.resolve(2);
  }
  return withBook(work, async (book) => {
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
  });
}

function award(work: Work): Promise<number> {
  const { terminal, options } = work;
  const { by, file, release } = options;
  return withBook(work, async (book) => {
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
  });
}

function paid(work: Work): Promise<number> {
  const { terminal, options } = work;
  return withBook(work, async (book) => {
    const text = readGiven(options.file, terminal);
    if (text === null) return 2;
    const taken = await takePayments(book, text);
    if (taken.ok) terminal.say(`${taken.value.rows} payments, ${taken.value.fen / 100} yuan\n`);
    else if (taken.code === 'faulty') sayFaults(taken.faults, terminal);
    else terminal.complain('the first line must be: kiosk,inc,settlement,yuan,day,reference\n');
    return taken.ok ? 0 : 1;
  });
}

function exceptions(work: Work): Promise<number> {
  return withBook(work, async (book) => {
    for (const { number, kiosk, inc, fileSeq, seq, code, detail, owner } of await book.read(openExceptions))
      work.terminal.say(`${number}  ${owner}  ${kiosk}/${inc}/${fileSeq}${seq === 0 ? '' : ` event ${seq}`}  ${code}  ${detail}\n`);
    return 0;
  });
}

function answer(work: Work): Promise<number> {
  const { exception, by, text } = work.options;
  if (exception === undefined || by === undefined || text === undefined) {
    work.terminal.complain(`usage:\n${dataUsage}`);
    return Promise.resolve(2);
  }
  return withBook(work, async (book) => {
    const done = await answerException(book, { number: Number(exception), by, text });
    work.terminal.say(done.ok ? `answered\n` : `not answered: ${done.code}\n`);
    return done.ok ? 0 : 1;
  });
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
async function importDemo(work: Work): Promise<number> {
  const { terminal, words, options } = work;
  const demo = resolve(words[0] ?? '');
  const data = resolve(options.data!); // asked by runDataCommand
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
    terminal.complain(`${options.data} holds a county's book already: nothing was touched\n`);
    return 1;
  }
  return withBook(work, async (book) => {
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
