// The world of one run: the county, its kiosks, their machines and the network, with one true time. Moves one of them at a time, brings a
// machine that died back to life, and has the auditor look after every step. Chooses nothing: run.ts does.

import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createHash, hash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { putBack as putCountyBack } from '../../county/backup-commands.ts';
import type { CountyBook } from '../../county/book/county-book.ts';
import type { Callable } from '../../county/draws.ts';
import { activeAlarm } from '../../db/acks.ts';
import type { Book } from '../../db/book.ts';
import { readHome } from '../../db/home.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { openRestored } from '../../db/open-book.ts';
import { type ReadableDatabase, diskFault, prepared } from '../../db/sqlite.ts';
import { cutUpFile, fileNumber, mendUpFile, newestUpFile, unpostedUpFiles } from '../../db/up-files.ts';
import { guardDisk } from '../../electron/engine/disk-guard.ts';
import { runRound } from '../../electron/engine/round.ts';
import { SendError } from '../../electron/engine/send.ts';
import { type Engine, stopOnFault } from '../../electron/engine/till.ts';
import { CallError } from '../../electron/ipc/rpc.ts';
import { type Auditor, auditor } from './auditor.ts';
import { Violation } from './violation.ts';
import { type MachineClock, type VirtualTime, machineClock, virtualTime } from './clock.ts';
import { type AwardRows, type County, copyBook, countyOver, listInBook, listSha, runNight, startCounty } from './county.ts';
import { type Asked, startKiosk, takeInbox } from './kiosk.ts';
import { type Gates, newGates } from './gates.ts';
import { type Machine, PowerCut, machine, on, startAgain } from './machines.ts';
import { type KeptFile, type Network, type Weather, network } from './network.ts';
import { type PlantName, plantAfterNight, plantAtRest, plantInCounty, plantInKiosk, plantOnDisk } from './plants.ts';
import type { Random } from './random.ts';
import { type Template, countyAt, homeAt, kioskCap, linesMax, roamCap } from './template.ts';

/** A kiosk and what the run remembers of it. */
export interface Shop {
  readonly name: string;
  readonly clock: MachineClock;
  readonly machine: Machine;
  engine: Engine;
  isExchanging: boolean;
  /** Exchanges in a row that it was called to. */
  calls: number;
  /** What was asked over the network and not answered yet. */
  asked: Asked | null;
  /** Day until which it has no line. */
  offlineUntil: number;
  /** A copy of its disk, as it was. */
  image: string | null;
  readonly sales: string[];
  readonly credits: { readonly id: string; readonly points: number }[];
}

export interface World {
  readonly time: VirtualTime;
  readonly gates: Gates;
  readonly audit: Auditor;
  readonly net: Network;
  readonly shops: readonly Shop[];
  readonly countyMachine: Machine;
  readonly countyClock: MachineClock;
  readonly exceptions: Map<string, number>;
  day: number;
  steps(): number;
  /** What happened last, for people. */
  story(): string;
  /** Hash of all that was said and of the newest event of every shop: two lives that have the same were the same to the byte. */
  digest(): string;
  say(line: string): void;
  /** One step of a shop. Its answer, or the code of what ended it. */
  at(shop: Shop, what: string, work: (engine: Engine) => Promise<string> | string): Promise<string>;
  /** One step of the county; null where its machine failed. */
  atCounty<Value>(what: string, work: (county: County) => Promise<Value>): Promise<Value | null>;
  /**
   * Two clerks are about to let a list take effect: the auditor counts it from when the county's book has it, whatever the clerks hear.
   * `settled`: when they are done; whether it took effect.
   */
  expectAward(rows: AwardRows, reason: string): { settled(): boolean };
  /** Cuts, sends, fetches and applies. */
  exchange(shop: Shop): Promise<void>;
  night(): Promise<void>;
  /** A copy of the county's book is made, and of what lies beside it. */
  backUpCounty(): Promise<void>;
  /** The county's disk is lost and the newest copy put back: beside it lies what lay there, or what was copied with it. Nothing where there is no copy. */
  putCountyBack(beside: 'kept' | 'lost'): Promise<void>;
  /** The clerk brings the county's files that a shop has and the county has no more. How many. */
  bringDownFiles(shop: Shop): Promise<number>;
  takeImage(shop: Shop): void;
  /** Puts the image back: as a restoration, or in silence. */
  putBack(shop: Shop, how: 'restored' | 'silently'): void;
  /** Both sides must say the same now. `isSettled`: every shop has closed its day and settled. */
  checkRest(isSettled: boolean): Promise<void>;
  end(): Promise<void>;
}

/** What a restoration names as its source; the run has no backup's bytes to hash. */
const noBackupSha = 'A'.repeat(43);

export async function newWorld(of: {
  readonly template: Template;
  readonly directory: string;
  readonly random: Random;
  readonly weather: Weather;
  readonly plant: PlantName | null;
  readonly trace: ((line: string) => void) | null;
}): Promise<World> {
  const { template, directory, plant } = of;
  const time = virtualTime();
  const gates = newGates(of.random.split('gates'));
  const audit = auditor({ ...template, bounds: { lines: linesMax, cap: roamCap, kioskCap }, isBlind: plant === 'rearm' });
  const countyClock = machineClock(time);
  const countyFolder = countyAt(directory);
  const countyMachine = machine('county', true);
  /** Whom the county calls: a shop that has a line, and is not at an exchange already, exchanges; what it cut after is another file. */
  const callable: Callable = {
    canBeCalled: (kiosk) => shopOf(kiosk).offlineUntil <= world.day && !shopOf(kiosk).isExchanging,
    /** The county looks into its book between these two: the shop moves with the second, since one goes on at a time. */
    nextFile: (kiosk) =>
      new Promise((heard, failed) => {
        waiters.push({ kiosk, heard, failed });
      }),
    ask(kiosks) {
      for (const kiosk of kiosks) {
        const waiting = waiters.filter((each) => each.kiosk === kiosk);
        for (const each of waiting) waiters.splice(waiters.indexOf(each), 1);
        exchangeCalled(shopOf(kiosk)).then(
          (came) => waiting.forEach(({ heard }) => heard(came)),
          // the till lost its power, or the server that asked: whoever still waits hears that nothing came
          (error: unknown) => waiting.forEach(({ heard, failed }) => (error instanceof PowerCut ? heard(false) : failed(error))),
        );
      }
    },
  };
  /** Who waits for the next file of a kiosk. */
  const waiters: { readonly kiosk: string; readonly heard: (came: boolean) => void; readonly failed: (error: unknown) => void }[] = [];
  const exchangeCalled = async (shop: Shop): Promise<boolean> => {
    if (shop.isExchanging || shop.calls >= callsMax) {
      shop.calls = 0;
      return false;
    }
    shop.calls += 1;
    await world.exchange(shop);
    return true;
  };
  const shopOf = (name: string): Shop => shops.find((shop) => shop.name === name)!; // of this county
  const openCounty = async (): Promise<County> => {
    const book = await startCounty(countyFolder, countyClock);
    if (plant !== null) await book.transact(({ db }) => plantInCounty(db, plant));
    const inTurn = gated(book, countyMachine, () => gates.pass());
    return countyOver(inTurn, { callable, clock: countyClock, gates });
  };
  let county = await openCounty();
  let step = 0;
  const lines: string[] = [];
  const exceptions = new Map<string, number>();
  /** Files to kiosks that the auditor has heard of, and the newest act of the county that made one. */
  const heardOf = new Set<string>();
  let heardEntry = 0;

  const told = createHash('sha256');
  const say = (line: string): void => {
    lines.push(`day ${world.day} step ${step} ${line}`);
    told.update(`${line.replaceAll(directory, '').replaceAll(/\n +at .*/g, '')}\n`); // neither a name of chance nor where the sources lie
    if (lines.length > storyLines) lines.shift();
    of.trace?.(lines.at(-1)!); // just pushed
  };

  const lookAtCounty = (): Promise<void> =>
    on(null, async () => {
      await county.book.read((db) => {
        hearAwards(db);
        hearFiles(db);
        hearRoots();
        audit.lookAtCounty(db);
        for (const { code, n } of prepared<[], { code: string; n: number }>(
          db,
          'SELECT code, count(*) AS n FROM exception GROUP BY code',
        ).all())
          exceptions.set(code, n);
      });
    });

  /** Lists that clerks are at, by their digests. */
  const expected = new Map<string, AwardRows>();

  /** Those of them that took effect. */
  const hearAwards = (db: Parameters<Auditor['lookAtCounty']>[0]): void => {
    for (const [sha256, rows] of expected) {
      if (listInBook(db, sha256)?.isReleased !== true) continue;
      expected.delete(sha256);
      for (const [account, points] of rows) audit.awarded(account, points);
    }
  };

  /** Every file that the county signed since: a kiosk may have it from now on. */
  const hearFiles = (db: Parameters<Auditor['lookAtCounty']>[0]): void => {
    const rows = prepared<[number], { kiosk: string; downSeq: number; sha256: string; entry: number }>(
      db,
      'SELECT kiosk, down_seq AS downSeq, sha256, entry FROM down_file WHERE entry > ? ORDER BY entry',
    ).all(heardEntry);
    let isAllThere = true; // the county may have died before a file had its name
    for (const { kiosk, downSeq, sha256, entry } of rows) {
      const name = `${kiosk}/${downSeq}/${sha256}`;
      const path = join(countyFolder, 'down', kiosk, `${fileNumber(downSeq)}.jsonl.gz`);
      const isNews = downSeq > 1 && !heardOf.has(name);
      isAllThere &&= !isNews || existsSync(path);
      if (isAllThere) heardEntry = entry;
      if (!isNews || !existsSync(path)) continue;
      const text = gunzipSync(readFileSync(path)).toString('utf8');
      if (hash('sha256', text, 'base64url') !== sha256) continue; // of another incarnation; this one was set aside
      heardOf.add(name);
      const told = text.trimEnd().split('\n').slice(1, -1);
      audit.signed(
        kiosk,
        downSeq,
        sha256,
        told.map((line) => JSON.parse(line) as DownLine),
      );
    }
  };

  /** The committee takes each day's root as soon as it is published, and what lies beside it: it is signed before that. */
  const hearRoots = (): void => {
    const from = join(countyFolder, 'log');
    const newest = newestRootIn(from);
    if (newest === null || newest === newestRootIn(committeeLog)) return;
    cpSync(from, committeeLog, { recursive: true });
  };
  const committeeLog = join(directory, 'committee');

  /**
   * The folder as a power cut leaves it: every file as it lies there while somebody still has it open. To be called before that one closes
   * it; what it gives back, after. Closing writes the book alone, and that lies in no folder of its own: those stay as they are.
   */
  const asItLies = (folder: string): (() => void) => {
    const image = `${folder}.image`;
    mkdirSync(image);
    for (const name of filesIn(folder)) copyFileSync(join(folder, name), join(image, name));
    return () => {
      for (const name of filesIn(folder)) rmSync(join(folder, name));
      for (const name of filesIn(image)) renameSync(join(image, name), join(folder, name));
      rmSync(image, { recursive: true });
    };
  };

  const restartCounty = (): Promise<void> =>
    on(null, async () => {
      const putBack = asItLies(countyFolder);
      await county.book.close();
      putBack();
      startAgain(countyMachine);
      county = await openCounty();
      say('the county started again');
    });

  let countyCopy: string | null = null;
  /** What the county had taken in by then. */
  let keptThen: typeof net.kept = new Map();

  /** The clerk ends the server, puts its book back or takes up what lies beside it, and starts it again. `prepare`: the copy; null: none. */
  const renewCounty = (what: string, beside: 'kept' | 'lost', prepare: () => string | null): Promise<void> =>
    on(null, async () => {
      step += 1;
      await county.book.close();
      const from = prepare();
      const told: string[] = [];
      const tell = (text: string): void => void told.push(text.replaceAll(directory, '')); // whose name is of chance: it is cut short below
      const options = { words: [], ...(from === null ? {} : { from }) };
      if ((await putCountyBack(countyFolder, options, { say: tell, complain: tell }, countyClock)) !== 0)
        throw new Violation(23, `the county's book is not put back: ${told.join('')}`);
      for (const name of readdirSync(countyFolder)) if (name.startsWith('book-replaced-')) rmSync(join(countyFolder, name)); // a book each time
      startAgain(countyMachine);
      county = await openCounty();
      say(`${what}: ${told.join('').slice(0, 300)}`);
      heardEntry = 0;
      audit.countyPutBack(beside);
      await lookAtCounty();
    });

  /** Runs work of the county on its machine; throws what failed, once the machine lives again. */
  const onCounty = async <Value>(work: (county: County) => Promise<Value>): Promise<Value> => {
    try {
      const value = await on(countyMachine, () => work(county));
      if (countyMachine.isDead) throw new PowerCut('county');
      return value;
    } finally {
      if (countyMachine.isDead) await restartCounty();
    }
  };

  const net = network({
    ask: async (request) => {
      try {
        return await onCounty(request);
      } catch (error) {
        if (error instanceof PowerCut) throw new SendError('broken_off', 'the county died');
        if (diskFault(error) === null) throw error;
        throw new SendError('server_fault', String(error));
      }
    },
    random: of.random.split('network'),
    today: () => world.day,
    weather: of.weather,
    say,
    post: join(directory, 'post'),
    afterIntake: lookAtCounty,
  });

  const start = ({ name, clock }: Pick<Shop, 'name' | 'clock'>): Engine => {
    const engine = startKiosk(homeAt(directory, name), clock, (line) => say(`${name}: ${line}`));
    if (engine.book !== null) plantInKiosk(engine.book.db, plant);
    return engine;
  };
  const shops = template.kiosks.map((name): Shop => {
    const clock = machineClock(time);
    return {
      name,
      clock,
      machine: machine(name),
      engine: start({ name, clock }),
      isExchanging: false,
      calls: 0,
      asked: null,
      offlineUntil: 0,
      image: null,
      sales: [],
      credits: [],
    };
  });

  const revive = (shop: Shop): void => {
    const { engine, name } = shop;
    const folder = homeAt(directory, name);
    const putBack = asItLies(folder);
    engine.book?.close();
    putBack();
    plantOnDisk(folder, plant);
    startAgain(shop.machine);
    shop.engine = start(shop);
    say(`${name} started again: ${shop.engine.status.kind}`);
    if (shop.engine.status.kind !== 'selling')
      throw new Violation(7, `${name} does not open after a power cut: ${inspect(shop.engine.status)}`);
  };

  /** What a shop did before its disk was full is seen before its disk is another. */
  const seen = (shop: Shop): void => {
    if (shop.engine.book === null) guardDisk(shop.engine);
    const { book } = shop.engine;
    if (book === null) throw new Violation(7, `${shop.name} does not open: ${inspect(shop.engine.status)}`);
    audit.lookAtKiosk(shop.name, book.db);
  };

  /** What the engine makes of what a call threw (engine.ts, dispatch). */
  const faultOf = (shop: Shop, error: unknown): string => {
    if (error instanceof Violation) throw error;
    if (shop.machine.isDead || error instanceof PowerCut) return 'power cut';
    if (error instanceof Gone) return error.message;
    if (error instanceof CallError) return error.code;
    if (diskFault(error) === null) throw error;
    stopOnFault(shop.engine, error);
    return `stopped: ${String(error)}`;
  };

  const exchangeOf = async (shop: Shop): Promise<void> => {
    /** As the night's: what goes on beside it may have closed the book. */
    const idleOf = (engine: Engine, was: Book) => async (): Promise<void> => {
      await gates.pass();
      if (engine.book !== was) throw new Gone('the book was closed');
    };
    await world.at(shop, 'cut', async (engine) => {
      const { book, home } = engine;
      if (book === null || home === null) return 'closed';
      mendUpFile(book, home);
      const file = await cutUpFile(book, home, { software: 'simulator', idle: idleOf(engine, book) });
      return file === null ? 'nothing' : `${file.inc}/${file.fileSeq} to ${file.toSeq}`;
    });
    const { book, home } = shop.engine;
    // whoever asked for the exchange: a stick is no machine, and has its own power
    if (book !== null && home !== null) await on(null, () => net.fillStick(home, shop.name, unpostedUpFiles(book.db, 100)));
    if (world.day >= shop.offlineUntil)
      await world.at(shop, 'round', async (engine) => {
        if (engine.book === null || engine.home === null) return 'closed';
        const { book, home } = engine;
        const end = await runRound({ book, home, line: net.lineOf(shop.name), idle: idleOf(engine, book) });
        return end === null ? 'done' : `${end.fault} ${end.detail}`;
      });
    await on(null, () =>
      county.book.read((db) => {
        hearAwards(db);
        hearFiles(db);
      }),
    );
    await world.at(shop, 'inbox', async (engine) => {
      await takeInbox(engine);
      return engine.exchange.refused?.code ?? 'ok';
    });
  };

  const world: World = {
    time,
    gates,
    audit,
    net,
    shops,
    countyMachine,
    countyClock,
    exceptions,
    day: 0,
    steps: () => step,
    story: () => lines.slice(-storyShown).join('\n'),
    digest() {
      const digest = told.copy();
      for (const { engine } of shops) digest.update(engine.book?.head().leaf ?? engine.status.kind);
      return digest.digest('base64url');
    },
    say,
    async at(shop, what, work) {
      step += 1;
      let said: string;
      try {
        said = await on(shop.machine, async () => {
          if (shop.engine.book === null) guardDisk(shop.engine);
          return shop.engine.book === null ? shop.engine.status.kind : await work(shop.engine);
        });
      } catch (error) {
        said = faultOf(shop, error);
      }
      say(`${shop.name} ${what}: ${said}`);
      if (shop.machine.isDead) await on(null, () => revive(shop)); // whoever called the shop does not write its disk
      const { status } = shop.engine;
      if (status.kind === 'stopped' && status.code !== 'disk_full')
        throw new Violation(7, `${shop.name} stopped: ${status.code} ${status.detail}`);
      if (shop.engine.book !== null) audit.lookAtKiosk(shop.name, shop.engine.book.db);
      return said;
    },
    async atCounty(what, work) {
      step += 1;
      let value: Awaited<ReturnType<typeof work>> | null = null;
      try {
        value = await onCounty(work);
        say(`${what}: ${inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 3 })}`);
      } catch (error) {
        if (!(error instanceof PowerCut) && diskFault(error) === null) throw error;
        say(`${what}: ${String(error)}`);
      }
      await lookAtCounty();
      return value;
    },
    expectAward(rows, reason) {
      const sha256 = listSha(rows, reason);
      expected.set(sha256, rows);
      return { settled: () => !expected.delete(sha256) };
    },
    async exchange(shop) {
      if (shop.isExchanging) return; // one at a time (night.ts)
      shop.isExchanging = true;
      try {
        await exchangeOf(shop);
      } finally {
        shop.isExchanging = false;
      }
    },
    async night() {
      await world.atCounty('night', async (at) => {
        const outcomes = await runNight(at);
        if (plant !== null) await at.book.transact((act) => plantAfterNight(act, plant));
        return outcomes.map(({ kiosk, kind }) => `${kiosk} ${kind}`).join(', ');
      });
    },
    async backUpCounty() {
      const place = join(directory, 'copies', `county-${step}`);
      mkdirSync(place, { recursive: true });
      const path = await world.atCounty('backup', (at) => copyBook(at, place));
      if (path === null) return;
      if (countyCopy !== null) rmSync(dirname(countyCopy), { recursive: true, force: true });
      cpSync(countyFolder, join(place, 'beside'), { recursive: true, filter: (from) => !/book\.db/.test(from) });
      countyCopy = path;
      keptThen = new Map(net.kept);
    },
    async putCountyBack(beside) {
      const copy = countyCopy;
      if (copy === null) return;
      await renewCounty(`the county's book is put back, what lay beside it ${beside}`, beside, () => {
        if (beside === 'lost') {
          const keys = join(directory, 'keys'); // the clerk has a copy of them under lock and key
          renameSync(join(countyFolder, 'keys'), keys);
          rmSync(countyFolder, { recursive: true, force: true });
          cpSync(join(dirname(copy), 'beside'), countyFolder, { recursive: true });
          rmSync(join(countyFolder, 'keys'), { recursive: true, force: true });
          renameSync(keys, join(countyFolder, 'keys'));
          if (existsSync(committeeLog)) cpSync(committeeLog, join(countyFolder, 'log'), { recursive: true });
          net.kept.clear(); // the files that came since are lost with the disk
          for (const [name, file] of keptThen) net.kept.set(name, file);
        } else for (const name of readdirSync(countyFolder)) if (name.startsWith('book.db')) rmSync(join(countyFolder, name));
        return copy;
      });
    },
    async bringDownFiles({ name, engine }) {
      if (engine.home === null) return 0;
      const from = join(engine.home.directory, 'down');
      const to = join(countyFolder, 'down', name);
      mkdirSync(to, { recursive: true });
      for (const file of existsSync(from) ? readdirSync(from) : [])
        moveOther(file, { from, to, aside: join(countyFolder, 'superseded', name) });
      const missing = (existsSync(from) ? readdirSync(from) : []).filter((file) => !existsSync(join(to, file)));
      for (const file of missing) copyFileSync(join(from, file), join(to, file));
      if (missing.length > 0) await renewCounty(`${missing.length} files of ${name} are brought to the county`, 'lost', () => null);
      return missing.length;
    },
    takeImage(shop) {
      seen(shop);
      shop.image = join(directory, 'images', `${shop.name}-${step}`);
      cpSync(homeAt(directory, shop.name), shop.image, { recursive: true });
      say(`${shop.name}: an image is taken`);
    },
    putBack(shop, how) {
      const { image, name, clock } = shop;
      if (image === null) return;
      seen(shop);
      const folder = homeAt(directory, name);
      shop.engine.book?.close();
      rmSync(folder, { recursive: true, force: true });
      cpSync(image, folder, { recursive: true });
      if (how === 'restored') {
        const found = readHome(folder);
        if (!found.ok) throw new Violation(7, `${name}: ${found.detail}`);
        const opened = openRestored(found.home, clock, noBackupSha);
        if (!opened.ok) throw new Violation(7, `${name}: ${opened.code} ${opened.detail}`);
        opened.book.close();
        rmSync(join(folder, 'up', 'alarm.json'), { force: true });
        rmSync(image, { recursive: true, force: true }); // a backup that is put back twice would begin one incarnation twice
        shop.image = null;
      }
      shop.sales.length = 0;
      shop.credits.length = 0;
      shop.engine = start(shop);
      say(`${name}: the image is put back ${how}: ${shop.engine.status.kind}`);
      const { book } = shop.engine;
      if (book === null) throw new Violation(7, `${name} does not open: ${inspect(shop.engine.status)}`);
      audit.rolledBack(name, book.db);
      audit.lookAtKiosk(name, book.db);
    },
    async checkRest(isSettled) {
      if (plant !== null) await county.book.transact((act) => plantAtRest(act, plant));
      for (const { name, engine } of shops)
        if (engine.exchange.refused?.code === 'fork')
          throw new Violation(21, `${name} takes ${engine.exchange.refused.file} of the county for a second history, and all is at rest`);
      await world.atCounty('all at rest', ({ book: at }) =>
        at.read((db) => {
          checkKept(db, [...net.kept.values()]);
          audit.atRest(db, isSettled);
        }),
      );
    },
    async end() {
      for (const { engine } of shops) engine.book?.close();
      await county.book.close();
    },
  };
  await lookAtCounty();
  return world;
}

/** What the county said that it keeps is in its book: a file of a history that ended is asked for by nobody else (23). */
function checkKept(db: ReadableDatabase, kept: readonly KeptFile[]): void {
  const row = prepared<[string, number, number, string], object>(
    db,
    'SELECT 1 FROM up_file WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 = ?',
  );
  for (const { kiosk, inc, fileSeq, sha256 } of kept)
    if (row.get(kiosk, inc, fileSeq, sha256) === undefined)
      throw new Violation(23, `the county answered that it has ${kiosk}/${inc}/${fileSeq}, and its book has forgotten it`);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) => (each.isFile() ? [each.name] : []));
}

/** The name of the newest root in a folder of the log. */
function newestRootIn(log: string): string | null {
  if (!existsSync(log)) return null;
  return (
    readdirSync(log)
      .filter((name) => name.endsWith('.checkpoint'))
      .toSorted()
      .at(-1) ?? null
  );
}

/**
 * Where the county has another file of that name, to an incarnation that the kiosk has ended since or made since it was put back, the clerk
 * moves it away, as a night does that makes another of its number: the data with its note.
 */
function moveOther(file: string, { from, to, aside }: { readonly from: string; readonly to: string; readonly aside: string }): void {
  const [own, countys] = [incOf(join(from, file)), incOf(join(to, file))];
  if (own === undefined || countys === undefined || countys > own) return;
  if (readFileSync(join(from, file)).equals(readFileSync(join(to, file)))) return;
  const place = join(aside, String(countys));
  mkdirSync(place, { recursive: true });
  for (const name of [file, file.replace('jsonl.gz', 'note')])
    if (existsSync(join(to, name))) renameSync(join(to, name), join(place, name));
}

/** The incarnation that a file of the county speaks to; undefined: there is none of that path. */
function incOf(path: string): number | undefined {
  if (!existsSync(path) || !path.endsWith('.jsonl.gz')) return undefined;
  const [header = ''] = gunzipSync(readFileSync(path)).toString('utf8').split('\n');
  return (JSON.parse(header) as { readonly inc?: number }).inc ?? 1; // the county's own code wrote it
}

/** A till stopped for its own reason while it sent (night.ts). */
class Gone extends Error {}

/** A county's book whose awaits are gates: before each act and each reading somebody else may come. It ends with its machine. */
function gated(book: CountyBook, of: Machine, pass: () => Promise<void>): CountyBook {
  const { life } = of;
  const turn = async (): Promise<void> => {
    await pass();
    if (of.life !== life) throw new PowerCut(of.name);
  };
  /** Reading holds the book as an act does: who awaits the disk in it lets nobody in who waits for the book. */
  const inTurn = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    await turn();
    of.acts += 1; // an upload writes its files side by side, so that another may be in its act when this one comes
    try {
      return await work();
    } finally {
      if (of.life === life) of.acts -= 1;
    }
  };
  return {
    ...book,
    read: (work) => inTurn(() => book.read(work)),
    transact: (work) => inTurn(() => book.transact(work)),
  };
}

/** Exchanges that one call of the county may begin in a row: what it asked for is in the second file. */
const callsMax = 2;

/** Kept of what happened, and shown where it went wrong. */
const storyLines = 400;
const storyShown = 14;

/** Whether nothing of a shop waits to be posted, and nobody sounded an alarm. */
export function isQuiet({ engine }: Shop): boolean {
  if (engine.book === null || engine.home === null) return false;
  return unpostedUpFiles(engine.book.db, 1).length === 0 && activeAlarm(engine.home) === null;
}

/** Whether the county has all of the shop's newest incarnation: a backup made before would begin that one twice. */
export function isHeard(shop: Shop): boolean {
  const { book } = shop.engine;
  return book !== null && isQuiet(shop) && newestUpFile(book.db)?.inc === book.head().inc;
}
