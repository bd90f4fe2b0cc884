// One run: a small county, its kiosks and its people over some weeks of virtual time, from one seed. Moves everybody in turn, and asks the
// auditor after every step.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { activeAlarm } from '../../db/acks.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { Verdict } from '../../db/model/up-file.ts';
import { prepared } from '../../db/sqlite.ts';
import { cutUpFile, fileNumber, mendUpFile, unpostedUpFiles } from '../../db/up-files.ts';
import { runRound } from '../../electron/engine/round.ts';
import type { Engine } from '../../electron/engine/till.ts';
import { type Auditor, type Peaks, Violation, auditor } from './auditor.ts';
import { type MachineClock, machineClock, virtualTime } from './clock.ts';
import { type County, answerAll, award, runNight, startCounty } from './county.ts';
import { type FaultName, swarm } from './faults.ts';
import { beginWork, bring, endDay, giveBack, payAgain, sell, settle, startKiosk, takeBack, takeInbox, takenBy } from './kiosk.ts';
import { type Network, type Weather, calm, network } from './network.ts';
import { type Random, randomOf } from './random.ts';
import { type Resident, type Template, copyTemplate, countyAt, homeAt, linesMax, roamCap } from './template.ts';

export interface RunChoices {
  readonly seed: number;
  readonly days: number;
  /** Null: the seed's own swarm. */
  readonly faults: ReadonlySet<FaultName> | null;
  /** Where the run may make its folders: emptied before and after. */
  readonly directory: string;
  readonly trace: ((line: string) => void) | null;
}

export interface RunReport {
  readonly seed: number;
  readonly faults: readonly FaultName[];
  readonly steps: number;
  readonly events: number;
  readonly peaks: Peaks;
  readonly sales: number;
  /** Of residents who had the points county-wide: how often they were sold everything, and how often less. */
  readonly honest: { readonly served: number; readonly declined: number };
  /** Rounds of everybody after the last day until nothing moved any more; null: it never came to rest. */
  readonly quietAfter: number | null;
  readonly verdicts: { readonly [Name in Verdict]?: number };
  readonly injected: { readonly [name: string]: number };
  readonly exceptions: { readonly [code: string]: number };
  readonly violation: { readonly invariant: number; readonly step: number; readonly what: string } | null;
}

const hourMs = 60 * 60 * 1000;
const actsEachDay = 4;
/** Rounds of everybody that a clean county may need to come to rest: two there and back, and one more for what came of it. */
const quietRoundsMax = 6;

interface Shop {
  readonly name: string;
  readonly clock: MachineClock;
  engine: Engine;
  /** Day until which it has no line. */
  offlineUntil: number;
  readonly sales: string[];
  readonly credits: { readonly id: string; readonly points: number }[];
}

/** Runs one seed. Never throws for what the simulated world does: a violation is in the report. */
export async function run(template: Template, choices: RunChoices): Promise<RunReport> {
  const { seed, directory } = choices;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  copyTemplate(template, directory);
  const random = randomOf(seed);
  const faults = choices.faults ?? swarm(random.split('swarm'));
  const world = await newWorld(template, { ...choices, faults, random });
  try {
    await world.live();
    await world.rest();
    return world.report(null);
  } catch (error) {
    if (error instanceof Violation) return world.report({ invariant: error.invariant, step: world.steps(), what: error.message });
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return world.report({ invariant: -1, step: world.steps(), what: text });
  } finally {
    await world.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function newWorld(template: Template, choices: RunChoices & { readonly faults: ReadonlySet<FaultName>; readonly random: Random }) {
  const { random, faults, directory, days } = choices;
  const time = virtualTime();
  const chance = random.split('schedule');
  const audit: Auditor = auditor({ ...template, bounds: { lines: linesMax, cap: roamCap, kioskCap: 20_000 } });
  const countyClock = machineClock(time);
  let county: County | null = await startCounty(countyAt(directory), countyClock);
  let day = 0;
  let step = 0;
  let sales = 0;
  const honest = { served: 0, declined: 0 };
  let quietAfter: number | null = null;
  const exceptions = new Map<string, number>();
  const log: string[] = [];
  const trace = (line: string): void => {
    log.push(`${day} ${step} ${line}`);
    if (log.length > 400) log.shift();
    choices.trace?.(`day ${day} step ${step} ${line}`);
  };
  const shops: readonly Shop[] = template.kiosks.map((name) => {
    const clock = machineClock(time);
    return {
      name,
      clock,
      engine: startKiosk(homeAt(directory, name), clock, (line) => trace(`${name}: ${line}`)),
      offlineUntil: 0,
      sales: [],
      credits: [],
    };
  });
  const lookAtCounty = async (): Promise<void> => {
    await county?.book.read((db) => {
      audit.lookAtCounty(db);
      const rows = prepared<[], { code: string; n: number }>(db, 'SELECT code, count(*) AS n FROM exception GROUP BY code').all();
      for (const { code, n } of rows) exceptions.set(code, n);
    });
  };
  const net: Network = network({
    county: () => county,
    random: random.split('network'),
    today: () => day,
    weather: weatherOf(faults),
    post: join(directory, 'post'),
    afterIntake: lookAtCounty,
  });
  const look = (shop: Shop): void => {
    if (shop.engine.book !== null) audit.lookAtKiosk(shop.name, shop.engine.book.db);
  };

  /** One step of one shop; what it says is traced, and the auditor looks. */
  const at = async (shop: Shop, what: string, work: () => Promise<string> | string): Promise<string> => {
    step += 1;
    time.move(chance.between(1, 20) * 60_000);
    const said = await work();
    trace(`${shop.name} ${what}: ${said}`);
    look(shop);
    return said;
  };

  const act = async (shop: Shop): Promise<void> => {
    const { engine } = shop;
    const begun = await at(shop, 'begin', () => beginWork(engine));
    if (begun !== 'at_work') return;
    const resident = chance.pick(template.residents);
    const kind = chance.below(10);
    if (kind < 7) await at(shop, `sell to ${resident.account}`, () => sellTo(shop, resident));
    else if (kind === 7)
      await at(shop, `credit ${resident.account}`, () => {
        const given = bring(engine, { resident: resident.id, pieces: chance.between(1, 20) });
        if (typeof given === 'string') return given;
        shop.credits.push({ id: given.creditId, points: engine.lastCredit?.points ?? 0 });
        return 'credited';
      });
    else if (kind === 8 && shop.sales.length > 0) await at(shop, 'return', () => giveBack(engine, chance.pick(shop.sales)));
    else if (shop.credits.length > 0) {
      const { id, points } = shop.credits.at(-1)!; // there is one
      await at(shop, 'take a credit back', () => takeBack(engine, { creditId: id, points }));
    }
  };

  const sellTo = (shop: Shop, resident: Resident): string => {
    const wanted = chance.chance(0.3) ? null : chance.between(1, 60) * 100;
    const goods = [[chance.pick(['1', '1', '3']), chance.between(1, 3)]] as const;
    const had = audit.balance(resident.account);
    const sale = sell(shop.engine, { resident: resident.id, goods, points: wanted });
    const wish = Math.min(wanted ?? sale.worth, sale.worth, had, 10_000);
    if (sale.usable >= wish) honest.served += 1;
    else honest.declined += 1;
    if (sale.kind === 'refused') return sale.code;
    sales += 1;
    shop.sales.push(sale.saleId);
    if (chance.chance(0.1)) {
      const again = payAgain(shop.engine, sale.args);
      if (again !== 'same other_content') throw new Violation(6, `confirmed again, it said ${again}`);
    }
    const taken = takenBy(shop.engine, sale.saleId);
    return `sold for ${sale.points}: ${taken?.fromRights ?? 0} + ${taken?.fromRoaming ?? 0}`;
  };

  const exchange = async (shop: Shop): Promise<void> => {
    const { engine } = shop;
    if (engine.book === null || engine.home === null) return;
    const { book, home } = engine;
    const idle = (): Promise<void> => Promise.resolve();
    await at(shop, 'cut', async () => {
      mendUpFile(book, home);
      const file = await cutUpFile(book, home, { software: 'simulator', idle });
      return file === null ? 'nothing' : `${file.inc}/${file.fileSeq} to ${file.toSeq}`;
    });
    net.fillStick(home, shop.name, unpostedUpFiles(book.db, 100));
    if (day < shop.offlineUntil) return;
    await at(shop, 'round', async () => {
      const end = await runRound({ book, home, line: net.lineOf(shop.name), idle });
      return end === null ? 'done' : `${end.fault} ${end.detail}`;
    });
    await at(shop, 'inbox', async () => {
      await takeInbox(engine);
      return engine.exchange.refused?.code ?? 'ok';
    });
  };

  const nightOf = async (): Promise<void> => {
    if (county === null) return;
    step += 1;
    for (const outcome of await runNight(county)) {
      trace(`night ${outcome.kiosk} ${outcome.kind}`);
      if (outcome.kind === 'written') tellAuditor(county, outcome.kiosk, outcome.downSeq);
    }
    await lookAtCounty();
  };
  const tellAuditor = (at_: County, kiosk: string, downSeq: number): void => {
    const base = join(at_.book.folder.down, kiosk, fileNumber(downSeq));
    const note = readFileSync(`${base}.note`, 'utf8');
    const lines = gunzipSync(readFileSync(`${base}.jsonl.gz`))
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .slice(1, -1);
    const sha256 = note.split('\n').find((line) => /^[A-Za-z0-9_-]{43}$/.test(line)) ?? '';
    audit.signed(
      kiosk,
      downSeq,
      sha256,
      lines.map((line) => JSON.parse(line) as DownLine),
    );
  };
  const awardSome = async (): Promise<void> => {
    if (county === null) return;
    const rows = template.residents.filter(() => chance.chance(0.3)).map(({ account }) => [account, chance.between(1, 40) * 100] as const);
    if (rows.length === 0) return;
    step += 1;
    // the truth first: a release that the auditor has not heard of would be points from nowhere
    if (await award(county, rows, `day ${day}`)) for (const [account, points] of rows) audit.awarded(account, points);
    trace(`award ${rows.map(([account, points]) => `${account} ${points}`).join(', ')}`);
    await lookAtCounty();
  };

  const wake = (): void => {
    for (const shop of shops) {
      if (faults.has('offline') && chance.chance(0.06)) shop.offlineUntil = day + chance.between(1, 30);
      if (faults.has('clock') && chance.chance(0.05))
        shop.clock.skewMs = chance.pick([0, -hourMs, 26 * hourMs, -3_653 * 24 * hourMs, 3_653 * 24 * hourMs]);
    }
  };

  return {
    steps: () => step,
    async live(): Promise<void> {
      for (day = 1; day <= days; day += 1) {
        wake();
        for (let n = 0; n < actsEachDay * shops.length; n += 1) {
          await act(chance.pick(shops));
          if (chance.chance(0.03)) await exchange(chance.pick(shops));
        }
        for (const shop of shops) if (chance.chance(0.7)) await at(shop, 'close', () => endDay(shop.engine));
        for (const shop of shops) if (chance.chance(0.05)) await at(shop, 'settle', () => settle(shop.engine));
        if (chance.chance(0.3)) await awardSome();
        await net.deliver(day);
        for (const shop of shops) if (chance.chance(0.8)) await exchange(shop);
        if (chance.chance(0.9)) await nightOf();
        for (const shop of shops) if (chance.chance(0.6)) await exchange(shop);
        if (chance.chance(0.5) && county !== null) await answerAll(county);
        time.move(24 * hourMs - ((time.now() + 8 * hourMs - 9 * hourMs) % (24 * hourMs)));
      }
    },
    /** Everything heals, everybody comes together: then all must say the same (23). */
    async rest(): Promise<void> {
      net.setWeather(calm);
      net.forget();
      for (const shop of shops) {
        shop.clock.skewMs = 0;
        shop.offlineUntil = 0;
      }
      for (let n = 1; n <= quietRoundsMax && quietAfter === null; n += 1) {
        for (const shop of shops) await exchange(shop);
        if (county !== null) await answerAll(county);
        await nightOf();
        for (const shop of shops) await exchange(shop);
        for (const shop of shops) await exchange(shop); // that it took the file is news, too
        time.move(hourMs);
        if (shops.every(isQuiet)) quietAfter = n;
      }
      if (quietAfter === null)
        throw new Violation(
          23,
          `never at rest: ${shops
            .filter((shop) => !isQuiet(shop))
            .map(({ name }) => name)
            .join(', ')}`,
        );
      for (const shop of shops) await county?.book.read((db) => audit.atRest(shop.name, db));
      await county?.book.read((db) => {
        const parked = prepared<[], { n: number }>(
          db,
          `SELECT count(*) AS n FROM up_file WHERE NOT EXISTS (SELECT 1 FROM answer WHERE answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc
             AND answer.file_seq = up_file.file_seq AND answer.sha256 = up_file.sha256 AND verdict = 'ACCEPTED')`,
        ).get()!.n; // an aggregate has a row
        if (parked > 0) throw new Violation(23, `${parked} files are parked`);
      });
    },
    report: (violation: RunReport['violation']): RunReport => ({
      seed: choices.seed,
      faults: [...faults],
      steps: step,
      events: audit.events(),
      peaks: audit.peaks,
      sales,
      honest,
      quietAfter,
      verdicts: Object.fromEntries(net.verdicts),
      injected: Object.fromEntries(net.injected),
      exceptions: Object.fromEntries(exceptions),
      violation: violation === null ? null : { ...violation, what: `${violation.what}\n${log.slice(-12).join('\n')}` },
    }),
    async end(): Promise<void> {
      for (const { engine } of shops) engine.book?.close();
      await county?.book.close();
      county = null;
    },
  };

  function isQuiet({ engine }: Shop): boolean {
    if (engine.book === null || engine.home === null) return false;
    return unpostedUpFiles(engine.book.db, 1).length === 0 && activeAlarm(engine.home) === null;
  }
}

function weatherOf(faults: ReadonlySet<FaultName>): Weather {
  return {
    lose: faults.has('lose') ? 0.15 : 0,
    truncate: faults.has('truncate') ? 0.1 : 0,
    flip: faults.has('flip') ? 0.05 : 0,
    repeat: faults.has('repeat') ? 0.2 : 0,
    stick: faults.has('stick') ? 0.1 : 0,
  };
}
