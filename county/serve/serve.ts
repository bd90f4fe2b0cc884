// The county's server as one process: HTTPS for kiosks and people, the night at its hour, commands over the local socket, and a journal of
// one line for each act. Ends when it is told to, with what is going on finished first.

import { join } from 'node:path';
import { dayMs, localMinute } from '../../db/model/time.ts';
import { checkAfterNight } from '../book/after-night.ts';
import { finishReleases } from '../book/awards.ts';
import { finishEveryReclaim } from '../book/reclaim-kinds.ts';
import { openExceptions } from '../book/exceptions.ts';
import type { CountyBook } from '../book/county-book.ts';
import type { Terminal } from '../log/commands.ts';
import { startLog } from '../log/steps.ts';
import { unsignedLine, whyUnsigned } from '../log/unsigned.ts';
import { finishDownFiles } from '../down-finish.ts';
import { clerkPages } from '../pages/app.ts';
import { addDemoClerks, demoPassword, demoPeople, listClerks } from '../pages/clerks.ts';
import { serverIdentity } from '../server/certificate.ts';
import { newPresence } from '../server/presence.ts';
import { countyServer } from '../server/server.ts';
import type { CommandOptions } from './command.ts';
import { demoNight } from './demo-night.ts';
import { type Run, answerLocally } from './local.ts';
import { dropLeftParts } from './left-parts.ts';
import { enterStart, isClockWrong, lastNight, nightLine, runNight } from './nightly.ts';
import { isNightDue, lastDue, nightHour } from './schedule.ts';

const usualPort = 8443;
const usualNight = '04:30';
/** How often the clock is looked at: a timer of a day would not see a clock that was put right, or a machine that slept. */
const lookMs = 15_000;
/** A night that failed by a fault is tried again; the journal has a line for each try. */
const retryMs = 10 * 60_000;

/** Serves until the signal comes. `run`: runs a command on the open book. Returns the exit code. */
export async function serve(
  book: CountyBook,
  options: CommandOptions,
  { terminal, run, until }: { readonly terminal: Terminal; readonly run: Run; readonly until: AbortSignal },
): Promise<number> {
  const port = Number(options.port ?? usualPort);
  const hourMs = nightHour(options.night ?? usualNight);
  if (hourMs === null || !Number.isInteger(port) || port < 0 || port > 65_535) {
    terminal.complain('--night is a time like 04:30, --port a number up to 65535\n');
    return 2;
  }
  const log = (line: string): void => terminal.say(`${localMinute(Date.now())} ${line}\n`);
  const fault = (what: string) => (error: unknown) =>
    terminal.complain(`${localMinute(Date.now())} ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  const unexpected = fault('a promise nobody waited for');
  process.on('unhandledRejection', unexpected); // a command's slip must not end the server
  const local = await answerLocally(
    book.folder.directory,
    async (asked, to) => {
      const exit = await run(asked, to);
      log(`command ${asked.words[0]} ${exit === 0 ? 'done' : `exit ${exit}`}`); // its other words may name people
      return exit;
    },
    fault('command'),
  );
  if (!local.ok)
    terminal.complain(
      `the path of ${join(book.folder.directory, 'serve.sock')} is too long for a socket: no other command works meanwhile\n`,
    );
  await finishDownFiles(book);
  for (const each of await startLog(book)) terminal.complain(`the log is contradicted: ${each.code}\n`);
  await enterStart(book);
  finishReleases(book)
    .then(() => finishEveryReclaim(book))
    .catch(fault('release')); // beside the serving: kiosks and clerks have their turns between
  const tidied = dropLeftParts(book.folder.files, Date.now()) // beside it, too: a county of years has many files
    .then((dropped) => (dropped > 0 ? log(`${dropped} parts of files that a killed server left are removed`) : undefined))
    .catch(fault('left parts'));
  const identity = serverIdentity(book.folder.keys, `civicpos ${book.code}`);
  const monoMs = (): number => performance.now();
  const presence = newPresence(monoMs);
  const button = book.isDemo ? demoNight(book, { presence, monoMs, log, fault: fault('night') }) : null;
  if (book.isDemo) await addDemoClerks(book);
  const complain = (line: string): void => terminal.complain(`${localMinute(Date.now())} ${line}\n`);
  const nextNight = (): number => lastDue(book.wallMs(), hourMs) + dayMs;
  const pages = clerkPages({ book, presence, demoNight: button, nextNight, monoMs }, complain);
  const app = await countyServer(book, { identity, presence, pages, tell: log, complain });
  const address = await app.listen({ port, host: options.host ?? '0.0.0.0' });
  terminal.say(`${address}\nkiosks know this server by its key: "countyServer": { "url": "${address}", "pin": "${identity.pin}" }\n`);
  terminal.say(await pagesLine(book, address));
  const nights = nightly(book, { hourMs, log, fault: fault('night'), until });
  log(`serving, the night at ${options.night ?? usualNight}, ${(await book.read(openExceptions)).length} open exceptions`);
  await new Promise<void>((done) => {
    if (until.aborted) done();
    else until.addEventListener('abort', () => done(), { once: true });
  });
  log('ending');
  await app.close();
  if (local.ok) await local.value.close();
  await nights.end();
  await button?.end();
  await tidied;
  process.off('unhandledRejection', unexpected);
  log('ended');
  return 0;
}

/** Where the clerk's pages are; of a demo whom they offer. */
async function pagesLine(book: CountyBook, address: string): Promise<string> {
  const [people, offered] = [await book.read(listClerks), await demoPeople(book)];
  const who = people.length === 0 ? 'nobody may sign in yet: npm run county -- clerk add' : 'the people of clerk add';
  return `clerk's pages: ${address}/clerk  ${offered.length === 0 ? who : `${offered.map(({ name }) => name).join(', ')}  ${demoPassword}`}\n`;
}

/** Runs each night that is due, one at a time. `end` waits for the one that runs; its look at the book is broken off by `until`. */
function nightly(
  book: CountyBook,
  {
    hourMs,
    log,
    fault,
    until,
  }: {
    readonly hourMs: number;
    readonly log: (line: string) => void;
    readonly fault: (error: unknown) => void;
    readonly until: AbortSignal;
  },
): { end(): Promise<void> } {
  let running: Promise<void> | null = null;
  let notBefore = 0;
  const look = async (): Promise<void> => {
    try {
      if (!isNightDue({ now: book.wallMs(), hourMs, ran: await book.read(lastNight) })) return;
      const outcomes = await runNight(book);
      log(`night: ${nightLine(outcomes)}`);
      const unsigned = await book.read(whyUnsigned);
      if (unsigned !== null) log(unsignedLine(unsigned));
      if (isClockWrong(outcomes)) {
        fault(new Error('the clock is far ahead of all that the book knows: put it right, or confirm it (county -- clock)'));
        notBefore = performance.now() + retryMs;
        return;
      }
      for (const line of await checkAfterNight(book, until)) log(line);
    } catch (error) {
      if (until.aborted) return log('the look at the whole book is broken off: the next night looks');
      fault(error);
      notBefore = performance.now() + retryMs;
    }
  };
  const tick = (): void => {
    if (running === null && performance.now() >= notBefore)
      running = look().finally(() => {
        running = null;
      });
  };
  const timer = setInterval(tick, lookMs);
  tick();
  return {
    async end() {
      clearInterval(timer);
      await running;
    },
  };
}
