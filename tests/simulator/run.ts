// One run: a small county, its kiosks and its people over some weeks of virtual time, from one seed. Chooses who does what and what goes
// wrong, brings everything to rest in the end, and tells what came of it.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { activeAlarm } from '../../db/acks.ts';
import type { Verdict } from '../../db/model/up-file.ts';
import { prepared } from '../../db/sqlite.ts';
import { type Peaks, Violation } from './auditor.ts';
import { answerAll, award, giveVoucher, isAwarded, moveAway, proposedAndForged } from './county.ts';
import { type FaultName, swarm } from './faults.ts';
import { beginWork, bring, endDay, giveBack, payAgain, scanned, sell, settle, takeBack, takenBy } from './kiosk.ts';
import { type Machine } from './machines.ts';
import { type Weather, calm } from './network.ts';
import type { PlantName } from './plants.ts';
import { type Random, randomOf } from './random.ts';
import { type Resident, type Template, copyTemplate } from './template.ts';
import { type Shop, type World, isHeard, isQuiet, newWorld } from './world.ts';

export interface RunChoices {
  readonly seed: number;
  readonly days: number;
  /** Null: the seed's own swarm. */
  readonly faults: ReadonlySet<FaultName> | null;
  /** A bug on purpose; null: none. */
  readonly plant: PlantName | null;
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
  /** Of residents who had the points county-wide: how often they were sold what they wished, and how often less. */
  readonly honest: { readonly served: number; readonly declined: number };
  /** Rounds of everybody after the last day until nothing moved any more; null: it never came to rest. */
  readonly quietAfter: number | null;
  readonly verdicts: { readonly [Name in Verdict]?: number };
  readonly injected: { readonly [name: string]: number };
  readonly exceptions: { readonly [code: string]: number };
  readonly violation: { readonly invariant: number; readonly step: number; readonly what: string } | null;
}

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
/** Of all people at one kiosk, in the mean. */
const actsEachDay = 4;
/** Rounds of everybody that a healed county may need: there and back for a file, for what it asked back, for what that funded, for a new home. */
const quietRoundsMax = 10;
/** What a sale takes at most, TX. */
const saleCap = 10_000;

/** Runs one seed. Never rejects for what the simulated world does: a violation is in the report. */
export async function run(template: Template, choices: RunChoices): Promise<RunReport> {
  const { seed, directory, plant, trace } = choices;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  copyTemplate(template, directory);
  const random = randomOf(seed);
  const faults = choices.faults ?? swarm(random.split('swarm'));
  const world = await newWorld({ template, directory, random, weather: weatherOf(faults), plant, trace });
  const life = newLife(template, { world, faults, random: random.split('life') });
  let violation: RunReport['violation'] = null;
  try {
    await life.live(choices.days);
    await life.rest();
  } catch (error) {
    const what = error instanceof Violation ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    violation = {
      invariant: error instanceof Violation ? error.invariant : unexpected,
      step: world.steps(),
      what: `${what}\n${world.story()}`,
    };
  } finally {
    await world.end();
    rmSync(directory, { recursive: true, force: true });
  }
  const injected = new Map(world.net.injected);
  for (const { suffered } of [...world.shops.map((shop) => shop.machine), world.countyMachine])
    for (const [name, n] of suffered) injected.set(name, (injected.get(name) ?? 0) + n);
  for (const [name, n] of life.done) injected.set(name, n);
  return {
    seed,
    faults: [...faults],
    steps: world.steps(),
    events: world.audit.events(),
    peaks: world.audit.peaks,
    ...life.figures(),
    verdicts: Object.fromEntries(world.net.verdicts),
    injected: Object.fromEntries(injected),
    exceptions: Object.fromEntries(world.exceptions),
    violation,
  };
}

/** Stands for the invariant where the code itself threw: an assertion of production, or a fault nobody expects. */
const unexpected = -1;

interface Life {
  live(days: number): Promise<void>;
  rest(): Promise<void>;
  figures(): Pick<RunReport, 'sales' | 'honest' | 'quietAfter'>;
  /** What was done on purpose, by name. */
  readonly done: Map<string, number>;
}

function newLife(
  template: Template,
  of: { readonly world: World; readonly faults: ReadonlySet<FaultName>; readonly random: Random },
): Life {
  const { world, faults, random } = of;
  const { shops, audit } = world;
  const { residents } = template;
  /** Spends the roaming line wherever there is one, as a thief of points would (R3). */
  const tourer = random.pick(residents);
  const vouchers: string[] = [];
  const honest = { served: 0, declined: 0 };
  const done = new Map<string, number>();
  let sales = 0;
  let quietAfter: number | null = null;

  const count = (what: string): void => void done.set(what, (done.get(what) ?? 0) + 1);
  const passes = (): void => world.time.move(random.between(1, 15) * 60_000);

  const sellTo = (shop: Shop, resident: Resident, wanted: number | null): Promise<string> =>
    world.at(shop, `sell to ${resident.account}`, (engine) => {
      const goods = [[random.pick(['1', '1', '3']), random.between(1, 3)]] as const;
      const had = audit.balance(resident.account);
      const sale = sell(engine, { resident: resident.id, goods, points: wanted });
      const wish = Math.min(wanted ?? sale.worth, sale.worth, had, saleCap);
      if (resident !== tourer && wish > 0) honest[sale.usable >= wish ? 'served' : 'declined'] += 1;
      if (sale.kind === 'refused') return sale.code;
      sales += 1;
      shop.sales.push(sale.saleId);
      if (random.chance(0.1)) {
        const again = payAgain(engine, sale.args);
        if (again !== 'same other_content') throw new Violation(6, `confirmed again, it said ${again}`);
      }
      const taken = takenBy(engine, sale.saleId);
      return `${taken?.fromRights ?? 0} of rights, ${taken?.fromRoaming ?? 0} roaming`;
    });

  const act = async (shop: Shop): Promise<void> => {
    passes();
    if ((await world.at(shop, 'begin', beginWork)) !== 'at_work') return;
    const resident = random.pick(residents);
    const kind = random.below(20);
    if (kind < 13) await sellTo(shop, resident, random.chance(0.3) ? null : random.between(1, 60) * 100);
    else if (kind < 16)
      await world.at(shop, `credit ${resident.account}`, (engine) => {
        const given = bring(engine, { resident: resident.id, pieces: random.between(1, 20) });
        if (typeof given === 'string') return given;
        shop.credits.push({ id: given.creditId, points: engine.lastCredit?.points ?? 0 });
        return 'credited';
      });
    else if (kind < 18 && shop.sales.length > 0) {
      const sale = random.pick(shop.sales);
      await world.at(shop, 'return', (engine) => giveBack(engine, sale));
    } else if (kind === 18 && shop.credits.length > 0) {
      const { id, points } = shop.credits.at(-1)!; // there is one
      await world.at(shop, 'take a credit back', (engine) => takeBack(engine, { creditId: id, points }));
    } else if (vouchers.length > 0) {
      const text = random.pick(vouchers); // perhaps of another kiosk, perhaps scanned before
      await world.at(shop, `scan ${text.slice(0, 30)}`, (engine) => scanned(engine, text));
    }
  };

  const tour = async (): Promise<void> => {
    for (const shop of shops) {
      passes();
      if ((await world.at(shop, 'begin', beginWork)) === 'at_work') await sellTo(shop, tourer, null);
    }
  };

  /** Clerks: awards, vouchers, moves, answers; and one who cheats. */
  const office = async (): Promise<void> => {
    if (random.chance(0.4)) {
      const rows = residents.filter(() => random.chance(0.3)).map(({ account }) => [account, random.between(1, 40) * 100] as const);
      const name = `day ${world.day}`;
      if (rows.length > 0) await awardRows(rows, name);
      if (rows.length > 0 && random.chance(0.5)) await vouch(rows.map(([account]) => account));
    }
    if (faults.has('clerk') && random.chance(0.15)) await cheat();
    if (faults.has('home') && random.chance(0.1)) {
      const { account } = random.pick(residents);
      const to = random.pick(shops).name;
      count('home moved');
      await world.atCounty(`${account} moves to ${to}`, (county) => moveAway(county, account, to));
    }
    if (random.chance(0.5)) await world.atCounty('answers', answerAll);
  };
  const awardRows = async (rows: readonly (readonly [string, number])[], name: string): Promise<void> => {
    let isTold = false; // a machine may die when all is done
    const tell = (isReleased: boolean): boolean => {
      if (isReleased && !isTold) for (const [account, points] of rows) audit.awarded(account, points);
      isTold ||= isReleased;
      return isReleased;
    };
    await world.atCounty(
      `awards ${name}`,
      async (county) => tell(await award(county, rows, name)),
      async (county) => void tell(await isAwarded(county, rows, name)),
    );
  };
  const vouch = async (accounts: readonly string[]): Promise<void> => {
    const account = random.pick(accounts);
    const shop = random.pick(shops);
    const want = random.between(1, 30) * 100;
    await world.atCounty(`voucher of ${account} at ${shop.name}`, async (county) => {
      const given = await giveVoucher(county, { account, kiosk: shop.name, want });
      if (typeof given === 'string') return given;
      audit.issued(shop.name, { account, ...given });
      vouchers.push(given.text);
      count('voucher given');
      return `number ${given.number}, ${given.amount}`;
    });
  };
  /** Changes a list after it was signed, or a file on its way: neither may take effect. */
  const cheat = async (): Promise<void> => {
    const { account } = random.pick(residents);
    const said = await world.atCounty('a clerk cheats', (county) =>
      proposedAndForged(county, account, (path, text) => writeFileSync(path, text.replaceAll(/,\d+/g, ',999'))),
    );
    if (said === null) return;
    count('forged list');
    if (said !== 'changed') throw new Violation(27, `a list that was changed after it was signed is ${said}`);
  };

  const mishap = (): void => {
    const sometimes = (name: FaultName, probability: number): boolean => faults.has(name) && random.chance(probability);
    for (const shop of shops) {
      if (sometimes('offline', 0.06)) {
        shop.offlineUntil = world.day + random.between(1, 30);
        count('days offline');
      }
      if (sometimes('clock', 0.06)) {
        shop.clock.skewMs = random.pick([0, -hourMs, 26 * hourMs, -10 * 365 * dayMs, 10 * 365 * dayMs]);
        count('clock wrong');
      }
      if (shop.image === null && random.chance(0.15) && isHeard(shop)) world.takeImage(shop);
      else if (shop.image !== null && sometimes('restore', 0.04)) {
        putBack(shop, 'restored');
        count('backup put back');
      } else if (shop.image !== null && sometimes('image', 0.04)) {
        putBack(shop, 'silently');
        count('image put back');
      }
    }
    for (const each of [...shops.map((shop) => shop.machine), world.countyMachine]) mayFail(each, sometimes);
  };
  const mayFail = (each: Machine, sometimes: (name: FaultName, probability: number) => boolean): void => {
    if (sometimes('crash', 0.3)) each.diesIn = random.below(300);
    if (sometimes('full', 0.1)) each.full = { after: random.below(200), times: random.between(1, 15) };
  };

  /** Where a kiosk has two histories people say so first, and then put its backup back: it begins a new one. */
  const mendForks = async (): Promise<void> => {
    for (const shop of shops) {
      const { home } = shop.engine;
      if (home === null || activeAlarm(home) === null || shop.image === null) continue;
      await world.atCounty('answers', answerAll);
      putBack(shop, 'restored');
      count('fork mended');
    }
  };
  /** What was put back is a backup no more: one that is put back twice would begin one incarnation twice. */
  const putBack = (shop: Shop, how: 'restored' | 'silently'): void => {
    world.putBack(shop, how);
    if (how === 'restored') shop.image = null;
  };

  return {
    done,
    figures: () => ({ sales, honest, quietAfter }),
    async live(days) {
      for (world.day = 1; world.day <= days; world.day += 1) {
        mishap();
        for (let n = 0; n < actsEachDay * shops.length; n += 1) {
          await act(random.pick(shops));
          if (random.chance(0.03)) await world.exchange(random.pick(shops));
        }
        if (random.chance(0.3)) await tour();
        for (const shop of shops) {
          if (random.chance(0.7)) await world.at(shop, 'close', endDay);
          if (random.chance(0.05)) await world.at(shop, 'settle', settle);
        }
        await office();
        await world.net.deliver(world.day);
        for (const shop of shops) if (random.chance(0.8)) await world.exchange(shop);
        if (random.chance(0.9)) await world.night();
        for (const shop of shops) if (random.chance(0.6)) await world.exchange(shop);
        await mendForks();
        world.time.move(dayMs - (world.time.now() % dayMs) + hourMs); // nine in the morning in China
      }
    },
    /** Everything heals and everybody exchanges until nothing moves: then all must say the same (23). */
    async rest() {
      world.net.setWeather(calm);
      world.net.forget();
      for (const shop of shops) {
        shop.clock.skewMs = 0;
        shop.offlineUntil = 0;
        heal(shop.machine);
      }
      heal(world.countyMachine);
      for (let n = 1; n <= quietRoundsMax && quietAfter === null; n += 1) {
        for (const shop of shops) await world.exchange(shop);
        await mendForks();
        await world.atCounty('answers', answerAll);
        await world.night();
        for (let times = 0; times < 2; times += 1) for (const shop of shops) await world.exchange(shop); // that it took the file is news, too
        world.time.move(hourMs);
        if (shops.every(isQuiet) && (await open(world)) === '') quietAfter = n;
      }
      if (quietAfter === null)
        throw new Violation(
          23,
          `never at rest: ${shops
            .filter((shop) => !isQuiet(shop))
            .map(({ name }) => name)
            .join(', ')} ${await open(world)}`,
        );
      await world.atCounty('all at rest', (county) =>
        county.book.read((db) => {
          for (const { name } of shops) audit.atRest(name, db);
        }),
      );
    },
  };
}

function heal(each: Machine): void {
  each.diesIn = null;
  each.full = null;
}

/** What a county at rest has none of: files that wait, dues that nothing funded and nobody struck, requests without an answer. */
async function open(world: World): Promise<string> {
  const found = await world.atCounty('what is open', (county) =>
    county.book.read((db) =>
      prepared<[], { what: string; n: number }>(
        db,
        `SELECT 'files parked' AS what, count(*) AS n FROM up_file WHERE NOT EXISTS (
           SELECT 1 FROM answer WHERE answer.kiosk = up_file.kiosk AND answer.inc = up_file.inc AND answer.file_seq = up_file.file_seq
             AND answer.sha256 = up_file.sha256 AND verdict <> 'GAP')
         UNION ALL SELECT 'dues', count(*) FROM balance WHERE account = 'due' AND amount <> 0
         UNION ALL SELECT 'unallocated', count(*) FROM balance WHERE account = 'main' AND amount > 0
         UNION ALL SELECT 'exceptions', count(*) FROM exception WHERE number NOT IN (SELECT exception FROM exception_answer)`,
      )
        .all()
        .filter(({ n }) => n > 0)
        .map(({ what, n }) => `${n} ${what}`)
        .join(', '),
    ),
  );
  return found ?? 'the county is down';
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
