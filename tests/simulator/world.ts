// The world of one run: the county, its kiosks, their machines and the network, with one true time. Moves one of them at a time, brings a
// machine that died back to life, and has the auditor look after every step. Chooses nothing: run.ts does.

import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { activeAlarm } from '../../db/acks.ts';
import { readHome } from '../../db/home.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { openRestored } from '../../db/open-book.ts';
import { diskFault, prepared } from '../../db/sqlite.ts';
import { cutUpFile, fileNumber, mendUpFile, newestUpFile, unpostedUpFiles } from '../../db/up-files.ts';
import { guardDisk } from '../../electron/engine/disk-guard.ts';
import { runRound } from '../../electron/engine/round.ts';
import { SendError } from '../../electron/engine/send.ts';
import { type Engine, stopOnFault } from '../../electron/engine/till.ts';
import { CallError } from '../../electron/ipc/rpc.ts';
import { type Auditor, Violation, auditor } from './auditor.ts';
import { type MachineClock, type VirtualTime, machineClock, virtualTime } from './clock.ts';
import { type County, runNight, startCounty } from './county.ts';
import { startKiosk, takeInbox } from './kiosk.ts';
import { type Machine, PowerCut, machine, on } from './machines.ts';
import { type Network, type Weather, network } from './network.ts';
import { type PlantName, plantInCounty, plantInKiosk } from './plants.ts';
import type { Random } from './random.ts';
import { type Template, countyAt, homeAt, kioskCap, linesMax, roamCap } from './template.ts';

/** A kiosk and what the run remembers of it. */
export interface Shop {
  readonly name: string;
  readonly clock: MachineClock;
  readonly machine: Machine;
  engine: Engine;
  /** Day until which it has no line. */
  offlineUntil: number;
  /** A copy of its disk, as it was. */
  image: string | null;
  readonly sales: string[];
  readonly credits: { readonly id: string; readonly points: number }[];
}

export interface World {
  readonly time: VirtualTime;
  readonly audit: Auditor;
  readonly net: Network;
  readonly shops: readonly Shop[];
  readonly countyMachine: Machine;
  readonly exceptions: Map<string, number>;
  day: number;
  steps(): number;
  /** What happened last, for people. */
  story(): string;
  say(line: string): void;
  /** One step of a shop. Its answer, or the code of what ended it. */
  at(shop: Shop, what: string, work: (engine: Engine) => Promise<string> | string): Promise<string>;
  /** One step of the county; null where its machine failed. `failed`: looks then, before the auditor does, at what took effect all the same. */
  atCounty<Value>(
    what: string,
    work: (county: County) => Promise<Value>,
    failed?: (county: County) => Promise<void>,
  ): Promise<Value | null>;
  /** Cuts, sends, fetches and applies. */
  exchange(shop: Shop): Promise<void>;
  night(): Promise<void>;
  takeImage(shop: Shop): void;
  /** Puts the image back: as a restoration, or in silence. */
  putBack(shop: Shop, how: 'restored' | 'silently'): void;
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
  const audit = auditor({ ...template, bounds: { lines: linesMax, cap: roamCap, kioskCap }, isBlind: plant === 'rearm' });
  const countyClock = machineClock(time);
  const countyFolder = countyAt(directory);
  const countyMachine = machine('county');
  const openCounty = async (): Promise<County> => {
    const opened = await startCounty(countyFolder, countyClock);
    if (plant !== null) await opened.book.transact(({ db }) => plantInCounty(db, plant));
    return opened;
  };
  let county = await openCounty();
  let step = 0;
  const lines: string[] = [];
  const exceptions = new Map<string, number>();
  /** Newest act of the county whose files the auditor has heard of. */
  let heardEntry = 0;

  const say = (line: string): void => {
    lines.push(`day ${world.day} step ${step} ${line}`);
    if (lines.length > storyLines) lines.shift();
    of.trace?.(lines.at(-1)!); // just pushed
  };

  const lookAtCounty = (): Promise<void> =>
    on(null, async () => {
      await county.book.read((db) => {
        hearFiles(db);
        audit.lookAtCounty(db);
        for (const { code, n } of prepared<[], { code: string; n: number }>(
          db,
          'SELECT code, count(*) AS n FROM exception GROUP BY code',
        ).all())
          exceptions.set(code, n);
      });
    });

  /** Every file that the county signed since: a kiosk may have it from now on. */
  const hearFiles = (db: Parameters<Auditor['lookAtCounty']>[0]): void => {
    const rows = prepared<[number], { kiosk: string; downSeq: number; sha256: string; entry: number }>(
      db,
      'SELECT kiosk, down_seq AS downSeq, sha256, entry FROM down_file WHERE entry > ? ORDER BY entry',
    ).all(heardEntry);
    for (const { kiosk, downSeq, sha256, entry } of rows) {
      heardEntry = entry;
      if (downSeq === 1) continue;
      const text = gunzipSync(readFileSync(join(countyFolder, 'down', kiosk, `${fileNumber(downSeq)}.jsonl.gz`))).toString('utf8');
      const told = text.trimEnd().split('\n').slice(1, -1);
      audit.signed(
        kiosk,
        downSeq,
        sha256,
        told.map((line) => JSON.parse(line) as DownLine),
      );
    }
  };

  /** The folder as a power cut leaves it: every file as it lies there while somebody still has it open. */
  const asItLies = (folder: string, close: () => void): void => {
    cpSync(folder, `${folder}.image`, { recursive: true });
    close();
    rmSync(folder, { recursive: true, force: true });
    renameSync(`${folder}.image`, folder);
  };

  const restartCounty = (): Promise<void> =>
    on(null, async () => {
      const { book } = county;
      cpSync(countyFolder, `${countyFolder}.image`, { recursive: true });
      await book.close();
      rmSync(countyFolder, { recursive: true, force: true });
      renameSync(`${countyFolder}.image`, countyFolder);
      countyMachine.isDead = false;
      county = await openCounty();
      say('the county started again');
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
    return { name, clock, machine: machine(name), engine: start({ name, clock }), offlineUntil: 0, image: null, sales: [], credits: [] };
  });

  const revive = (shop: Shop): void => {
    const { engine, name } = shop;
    asItLies(homeAt(directory, name), () => engine.book?.close());
    shop.machine.isDead = false;
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
    if (shop.machine.isDead) return 'power cut';
    if (error instanceof CallError) return error.code;
    if (diskFault(error) === null) throw error;
    stopOnFault(shop.engine, error);
    return `stopped: ${String(error)}`;
  };

  const world: World = {
    time,
    audit,
    net,
    shops,
    countyMachine,
    exceptions,
    day: 0,
    steps: () => step,
    story: () => lines.slice(-storyShown).join('\n'),
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
      if (shop.machine.isDead) revive(shop);
      const { status } = shop.engine;
      if (status.kind === 'stopped' && status.code !== 'disk_full')
        throw new Violation(7, `${shop.name} stopped: ${status.code} ${status.detail}`);
      if (shop.engine.book !== null) audit.lookAtKiosk(shop.name, shop.engine.book.db);
      return said;
    },
    async atCounty(what, work, failed) {
      step += 1;
      let value: Awaited<ReturnType<typeof work>> | null = null;
      try {
        value = await onCounty(work);
        say(`${what}: ${inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 3 })}`);
      } catch (error) {
        if (!(error instanceof PowerCut) && diskFault(error) === null) throw error;
        say(`${what}: ${String(error)}`);
        await on(null, async () => failed?.(county));
      }
      await lookAtCounty();
      return value;
    },
    async exchange(shop) {
      const idle = (): Promise<void> => Promise.resolve();
      await world.at(shop, 'cut', async ({ book, home }) => {
        if (book === null || home === null) return 'closed';
        mendUpFile(book, home);
        const file = await cutUpFile(book, home, { software: 'simulator', idle });
        return file === null ? 'nothing' : `${file.inc}/${file.fileSeq} to ${file.toSeq}`;
      });
      const { book, home } = shop.engine;
      if (book !== null && home !== null) await net.fillStick(home, shop.name, unpostedUpFiles(book.db, 100));
      if (world.day >= shop.offlineUntil)
        await world.at(shop, 'round', async (engine) => {
          if (engine.book === null || engine.home === null) return 'closed';
          const end = await runRound({ book: engine.book, home: engine.home, line: net.lineOf(shop.name), idle });
          return end === null ? 'done' : `${end.fault} ${end.detail}`;
        });
      await world.at(shop, 'inbox', async (engine) => {
        await takeInbox(engine);
        return engine.exchange.refused?.code ?? 'ok';
      });
    },
    async night() {
      await world.atCounty('night', async (at) => (await runNight(at)).map(({ kiosk, kind }) => `${kiosk} ${kind}`).join(', '));
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
    async end() {
      for (const { engine } of shops) engine.book?.close();
      await county.book.close();
    },
  };
  await lookAtCounty();
  return world;
}

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
