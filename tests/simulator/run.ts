// One run: a small county, its kiosks and its people over some weeks of virtual time, from one seed. Chooses who does what and what goes
// wrong, brings everything to rest in the end, and tells what came of it.

import { type KeyObject, createPrivateKey } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { activeAlarm } from '../../db/acks.ts';
import { neededKeys } from '../../db/kiosk-keys.ts';
import { sealCard } from '../../db/model/card.ts';
import type { Verdict } from '../../db/model/up-file.ts';
import { prepared } from '../../db/sqlite.ts';
import { unpostedUpFiles } from '../../db/up-files.ts';
import { cardKey, shop } from '../support/county.ts';
import type { Peaks } from './auditor.ts';
import { Violation } from './violation.ts';
import {
  type Cheat,
  type UpName,
  allowOldKey,
  answerAll,
  award,
  bankSays,
  cheat as cheatHow,
  cheats,
  disallowCredit,
  expirePoints,
  giveVoucher,
  isCalledFork,
  listSha,
  moveAway,
  payable,
  retire,
  rightlyReleased,
  rotate,
  takeAwardBack,
} from './county.ts';
import { type FaultName, swarm } from './faults.ts';
import { filesParked } from './forlorn.ts';
import {
  beginWork,
  bring,
  changeKey,
  drawQuestion,
  drawn,
  endDay,
  giveBack,
  payAgain,
  scanned,
  sell,
  settle,
  takeBack,
  takenBy,
} from './kiosk.ts';
import { type Machine } from './machines.ts';
import { type Weather, calm } from './network.ts';
import type { PlantName } from './plants.ts';
import { type Random, randomOf } from './random.ts';
import { type Resident, type Template, copyTemplate } from './template.ts';
import { newVisits } from './visits.ts';
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
  /** Hears when a day is over. */
  readonly dayOver: () => void;
}

export interface RunReport {
  readonly seed: number;
  readonly faults: readonly FaultName[];
  readonly steps: number;
  readonly events: number;
  readonly peaks: Peaks;
  readonly sales: number;
  /** Of residents who had county-wide what they wished to spend (reconciliation.md A5): how often they were sold that, and how often less. */
  readonly honest: { readonly served: number; readonly declined: number };
  readonly kiosks: number;
  /** Rounds of everybody after the last day, with a night of the county in each, until nothing moved any more; null: it never came to rest. */
  readonly quietAfter: number | null;
  readonly verdicts: { readonly [Name in Verdict]?: number };
  readonly injected: { readonly [name: string]: number };
  readonly exceptions: { readonly [code: string]: number };
  readonly violation: { readonly invariant: number; readonly step: number; readonly what: string } | null;
  /** The same where a seed's life was the same (world.ts). */
  readonly digest: string;
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
  let digest: string;
  try {
    await life.live(choices.days, choices.dayOver);
    await life.rest();
  } catch (error) {
    const what = error instanceof Violation ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    violation = {
      invariant: error instanceof Violation ? error.invariant : unexpected,
      step: world.steps(),
      what: `${what}\n${world.story()}`,
    };
  } finally {
    digest = world.digest();
    await world.end();
    rmSync(directory, { recursive: true, force: true });
  }
  const injected = new Map(world.net.injected);
  for (const { suffered } of [...world.shops.map((shop) => shop.machine), world.countyMachine])
    for (const [name, n] of suffered) injected.set(name, (injected.get(name) ?? 0) + n);
  for (const [name, n] of life.done) injected.set(name, n);
  return {
    seed,
    kiosks: template.kiosks.length,
    faults: [...faults],
    steps: world.steps(),
    events: world.audit.events(),
    peaks: world.audit.peaks,
    ...life.figures(),
    verdicts: Object.fromEntries(world.net.verdicts),
    injected: Object.fromEntries(injected),
    exceptions: Object.fromEntries(world.exceptions),
    violation,
    digest,
  };
}

/** Stands for the invariant where the code itself threw: an assertion of production, or a fault nobody expects. */
const unexpected = -1;

interface Life {
  live(days: number, dayOver: () => void): Promise<void>;
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
  const visits = newVisits(template, random);
  const drills = random.split('drills');
  const errors = random.split('errors');
  const desks = random.split('desks');
  const years = random.split('years');
  /** A life in which answers are lost with the county's book. */
  const losesAnswers = faults.has('county') && faults.has('restore') && drills.chance(0.3);
  /** Spends the roaming line wherever there is one, as a thief of points would (R3). */
  const tourer = random.pick(residents);
  const vouchers: string[] = [];
  /** Lists of awards that took effect, by their digests. */
  const released: string[] = [];
  const honest = { served: 0, declined: 0 };
  const done = new Map<string, number>();
  let sales = 0;
  let cheated = 0;
  let banked = 0;
  let quietAfter: number | null = null;

  /** Card keys of the county, by number; cards are sealed with them anew, and nobody throws an old card away. */
  const cardKeys = new Map<number, KeyObject>([[1, cardKey]]);
  const sealed = new Map<string, string>();
  const cardsOf = ({ id }: Resident): readonly string[] =>
    [...cardKeys].toReversed().map(([kid, key]) => {
      const name = `${kid} ${id}`;
      const text = sealed.get(name) ?? sealCard({ kid, county: shop.county, residentId: id, issue: 1, expiresOn: '2199-01-01' }, key);
      sealed.set(name, text);
      return text;
    });

  const count = (what: string): void => void done.set(what, (done.get(what) ?? 0) + 1);
  const passes = (): void => world.time.move(random.between(1, 15) * 60_000);

  const sellTo = (shop: Shop, resident: Resident, wanted: number | null): Promise<string> =>
    world.at(shop, `sell to ${resident.account}`, (engine) => {
      const goods = [[random.pick(['1', '1', '3']), random.between(1, 3)]] as const;
      const had = audit.balance(resident.account);
      const sale = sell(engine, { cards: cardsOf(resident), goods, points: wanted });
      const wish = Math.min(wanted ?? sale.worth, sale.worth, saleCap);
      if (resident !== tourer && wish > 0 && had >= wish) honest[sale.usable >= wish ? 'served' : 'declined'] += 1;
      if (sale.kind === 'refused') return sale.code;
      sales += 1;
      shop.sales.push(sale.saleId);
      audit.promised(shop.name, sale.saleId);
      if (random.chance(0.1)) {
        const again = payAgain(engine, sale.args);
        if (again !== 'same other_content') throw new Violation(6, `confirmed again, it said ${again}`);
      }
      const taken = takenBy(engine, sale.saleId);
      return `${taken?.fromRights ?? 0} of rights, ${taken?.fromRoaming ?? 0} roaming`;
    });

  /** Somebody comes to some shop: in a large county a resident where residents shop, and the tourer anywhere. */
  const visit = async (): Promise<void> => {
    if (!visits.isByHome) return act(random.pick(shops));
    const resident = random.pick(residents);
    const name = resident === tourer ? null : visits.shopOf(resident);
    await act(shops.find((each) => each.name === name) ?? random.pick(shops), resident);
  };

  /** Something is done at a shop; `visitor` null: by whoever comes there. */
  const act = async (shop: Shop, visitor: Resident | null = null): Promise<void> => {
    passes();
    if ((await world.at(shop, 'begin', beginWork)) !== 'at_work') return;
    const resident = visitor ?? visits.visitorOf(shop.name);
    const kind = random.below(20);
    if (kind < 5 && world.day >= shop.offlineUntil && random.chance(0.4)) await drawAt(shop, resident);
    if (kind < 13) await sellTo(shop, resident, random.chance(0.3) ? null : random.between(1, 60) * 100);
    else if (kind < 16)
      await world.at(shop, `credit ${resident.account}`, (engine) => {
        const given = bring(engine, { cards: cardsOf(resident), pieces: random.between(1, 20) });
        if (typeof given === 'string') return given;
        audit.promised(shop.name, given.creditId);
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

  /** Rights over the network, for a resident who stands there; what was asked and not answered is asked again as it was. */
  const drawAt = async (shop: Shop, { account }: Resident): Promise<void> => {
    let asked = shop.asked;
    await world.at(shop, `asks for ${account}`, (engine) => {
      asked ??= drawQuestion(engine, { account, want: random.between(1, 30) * 100 });
      return asked.question.nonce;
    });
    if (asked === null) return;
    shop.asked = asked;
    const answer = await world.net.draw(asked);
    if (answer === null) return; // no line: asked again later
    shop.asked = null;
    if (!answer.ok) return world.say(`${shop.name} draws nothing: ${answer.code}`);
    const { account: of } = asked.question;
    const { text, number, amount } = answer.value;
    audit.issued(shop.name, { account: of, number, amount });
    vouchers.push(text);
    count('drawn over the network');
    if (random.chance(0.9))
      await world.at(shop, `draws ${amount} of ${of}`, (engine) => (engine.operator === null ? 'nobody' : drawn(engine, text)));
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
    if (errors.chance(0.2)) await takeBackAward();
    if (desks.chance(0.2)) await disallow();
    if (years.chance(0.3)) await expire();
    if (faults.has('clerk') && random.chance(0.4)) await cheat();
    if (faults.has('keys') && random.chance(0.3)) await keys();
    if (random.chance(0.3)) await bank();
    if (faults.has('home') && random.chance(0.1)) {
      const { account } = random.pick(residents);
      const to = random.pick(shops).name;
      count('home moved');
      const said = await world.atCounty(`${account} moves to ${to}`, (county) => moveAway(county, account, to));
      if (said === 'moved') visits.moved(account, to);
    }
    if (random.chance(0.5)) await world.atCounty('answers', answerAll);
  };
  const awardRows = async (rows: readonly (readonly [string, number])[], name: string): Promise<void> => {
    const list = world.expectAward(rows, name);
    await world.atCounty(`awards ${name}`, (county) => award(county, rows, name));
    if (list.settled()) released.push(listSha(rows, name));
  };
  /** A list was wrong: it is taken back, or some of every row, or some of one; spent or not, and some of it perhaps once more. */
  const takeBackAward = async (): Promise<void> => {
    if (released.length === 0) return;
    const sha256 = errors.pick(released);
    const { account } = errors.pick(residents);
    const points = errors.between(1, 40) * 50;
    const list = `account,points\n${account},${points / 100}\n`;
    const wanted = errors.pick([{ is: 'all' }, { is: 'each', points }, { is: 'list', list }] as const);
    await world.atCounty('awards are taken back', async (county) => {
      const taken = await takeAwardBack(county, { sha256, wanted, reason: `day ${world.day}` });
      if (typeof taken === 'string') return taken;
      for (const [of, amount] of taken) audit.takenBack(of, amount);
      count('awards taken back');
      return `of ${taken.size} accounts`;
    });
  };
  /** A desk cheated: a credit that it gave is disallowed, wholly or in part; the till may take it back as well, before or after. */
  const disallow = async (): Promise<void> => {
    const { credits } = desks.pick(shops);
    if (credits.length === 0) return;
    const { id } = desks.pick(credits);
    const points = desks.chance(0.5) ? null : desks.between(1, 20) * 10;
    await world.atCounty('a credit is disallowed', async (county) => {
      const taken = await disallowCredit(county, { id, points, reason: `day ${world.day}` });
      if (typeof taken === 'string') return taken;
      audit.disallowed(taken.account, taken.points);
      count('credit disallowed');
      return `${taken.points} of ${taken.account}`;
    });
  };
  /** Points of some days ago and before expire: as of a year, which no life here has. */
  const expire = async (): Promise<void> => {
    const days = years.between(1, 4);
    await world.atCounty('points expire', async (county) => {
      const expired = await expirePoints(county, { days, reason: `day ${world.day}` });
      if (typeof expired === 'string') return expired;
      count('points expired');
      return `of ${expired} accounts`;
    });
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
  /** One of the ways of a clerk who cheats, or a voucher with another amount: none of it may take effect. */
  const cheat = async (): Promise<void> => {
    const { account } = random.pick(residents);
    const text = vouchers.at(-1);
    if (text !== undefined && random.chance(0.2)) {
      const forged = text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
      const shop = random.pick(shops);
      const said = await world.at(shop, 'a forged voucher', (engine) => (engine.operator === null ? 'nobody' : scanned(engine, forged)));
      count('forged voucher');
      if (said === 'voucher_taken') throw new Violation(16, `a forged voucher was taken: ${forged}`);
      return;
    }
    const how = random.pick(Object.keys(cheats) as Cheat[]); // its own keys
    const rows = [[account, 100]] as const;
    const reason = `${how} day ${world.day} ${(cheated += 1)}`;
    const list = rightlyReleased.includes(how) ? world.expectAward(rows, reason) : null;
    const forge = (path: string, list: string): void => writeFileSync(path, list.replaceAll(/,\d+/g, ',999'));
    const earlier = released.length > 0 ? random.pick(released) : null;
    const said = await world.atCounty(`a clerk cheats: ${how}`, (county) => cheatHow(county, { how, rows, reason, forge, earlier }));
    list?.settled();
    if (said === null) return;
    count(`cheated: ${how}`);
    if (said !== cheats[how]) throw new Violation(27, `${how}: the county says ${said}`);
  };

  /** The bank pays, in parts or whole, and its answer comes twice: the second is a fault, whole. */
  const bank = async (): Promise<void> => {
    const rows = await world.atCounty('what is to be paid', payable);
    const paid = (rows ?? [])
      .filter(() => random.chance(0.7))
      .map((row) => ({ ...row, fen: random.chance(0.3) ? Math.ceil(row.fen / 2) : row.fen }));
    if (paid.length === 0) return;
    const reference = `B${world.day}-${(banked += 1)}`;
    const said = await world.atCounty(`the bank pays ${paid.length}`, (county) => bankSays(county, paid, reference));
    if (said === null || said === 'held back') return; // a night came between, and the county takes some of it back
    if (said !== 'taken') throw new Violation(24, `the bank's answer is refused: ${said}`);
    count('paid by the bank');
    const again = await world.atCounty('the same answer again', (county) => bankSays(county, paid, reference));
    if (again === 'taken') throw new Violation(24, 'the same payments were taken twice');
  };

  /** Keys of kiosks and of the county change, and old ones end. */
  const keys = async (): Promise<void> => {
    if (random.chance(0.4)) {
      const said = await world.at(random.pick(shops), 'a new key', changeKey);
      if (said === 'changed') count('kiosk key changed');
      return;
    }
    const use = random.pick(['file', 'card'] as const);
    if (random.chance(0.4)) {
      const said = await world.atCounty(`an old ${use} key ends`, (county) => retire(county, use));
      if (said === 'ended') count(`${use} key ended`);
      return;
    }
    const made = await world.atCounty(`a new ${use} key`, async (county) => {
      const kid = await rotate(county, use);
      if (use === 'card' && typeof kid === 'number')
        cardKeys.set(kid, createPrivateKey(readFileSync(join(county.book.folder.keys, `card-${kid}.pem`), 'utf8')));
      return kid;
    });
    if (typeof made === 'number') count(`${use} key changed`);
  };

  /** The county's disk is lost; the clerk had copied its book, and puts that back. */
  const countyLoss = async (): Promise<void> => {
    if (random.chance(0.4)) await world.backUpCounty();
    if (!random.chance(0.12)) return;
    const beside = random.chance(0.6) ? 'kept' : 'lost';
    await world.putCountyBack(beside);
    count(`county put back, beside it ${beside}`);
  };

  /**
   * A kiosk is restored, a person answers for it, and the county's book is lost with that answer: it comes once more, the rights that it gave
   * do not.
   */
  const answerLoss = async (): Promise<void> => {
    if (!drills.chance(0.25)) return;
    const shop = drills.pick(shops);
    if (shop.image === null && isHeard(shop)) world.takeImage(shop);
    if (shop.image === null) return;
    await act(shop); // which it forgets
    await world.backUpCounty();
    world.putBack(shop, 'restored');
    count('backup put back');
    await world.exchange(shop);
    await world.atCounty('answers', answerAll);
    for (let nights = 0; nights < 2; nights += 1) {
      await world.night();
      await world.exchange(shop);
    }
    await world.putCountyBack('kept');
    count('answer lost with the county’s book');
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
        world.putBack(shop, 'restored');
        count('backup put back');
      } else if (shop.image !== null && sometimes('image', 0.04)) {
        world.putBack(shop, 'silently');
        count('image put back');
      }
    }
    if (sometimes('clock', 0.06)) {
      world.countyClock.skewMs = random.pick([0, -hourMs, 26 * hourMs, -10 * 365 * dayMs, 10 * 365 * dayMs]);
      count('county clock wrong');
    }
    for (const each of [...shops.map((shop) => shop.machine), world.countyMachine]) mayFail(each, sometimes);
  };
  const mayFail = (each: Machine, sometimes: (name: FaultName, probability: number) => boolean): void => {
    if (sometimes('crash', 0.3)) each.diesIn = random.below(300);
    if (sometimes('full', 0.1)) each.full = { after: random.below(200), times: random.between(1, 15) };
  };

  /** What goes on when the shops close: one after the other, or all at once, as chance has it. */
  const evening = async (): Promise<void> => {
    const exchanges = (probability: number): (() => Promise<void>)[] =>
      shops.filter(() => random.chance(probability)).map((shop) => () => world.exchange(shop));
    const night = random.chance(0.9) ? [() => world.night()] : [];
    if (random.chance(0.5)) {
      for (const work of [office, ...exchanges(0.8), ...night, ...exchanges(0.6)]) await work();
      return;
    }
    const late = shops.filter(() => random.chance(0.4)).map((shop) => () => act(shop));
    await world.gates.together([office, ...exchanges(0.8), ...night, ...late]);
    for (const work of exchanges(0.6)) await work();
  };

  const wentBack = new Set<Shop>();
  /** A kiosk whose old disk is back signs with a key that it gave up: the committee gives leave, and somebody types the code there. */
  const believeAgain = async (): Promise<void> => {
    for (const shop of shops) {
      const { book } = shop.engine;
      if (book === null) continue;
      const [key] = neededKeys(book.db); // as the till names it (electron/engine/enrol.ts)
      const said = await world.atCounty(`is ${shop.name} to be believed by another key`, (county) => allowOldKey(county, shop.name, key));
      if (said !== 'believed') continue;
      wentBack.add(shop);
      count('kiosk went back to an old key');
    }
  };

  /**
   * The county answered that a kiosk's file is of a second history, and signed that with a key that an old image knows nothing of: it keeps no
   * alarm (seed 19014 of 5 kiosks and 9 days). Both sides tell people all the same, by its file refused and by an exception.
   */
  const isSecondUnheard = async ({ name, engine: { book } }: Shop): Promise<boolean> => {
    const [file] = book === null ? [] : unpostedUpFiles(book.db, 1);
    if (file === undefined) return false;
    return (await world.atCounty(`is ${name} at a second history`, (county) => isCalledFork(county, name, file))) === true;
  };

  /** Where a kiosk has two histories people say so first, and then put its backup back: it begins a new one. */
  const mendForks = async (): Promise<readonly Shop[]> => {
    const mended: Shop[] = [];
    if (faults.has('keys')) await believeAgain();
    for (const shop of shops) {
      const { home } = shop.engine;
      if (home === null || shop.image === null) continue;
      // leave alone lets an old image sign no file of the incarnation in which it gave that key up: it has to be put back, too
      const isRefused = shop.engine.exchange.refused?.code === 'fork';
      const isOldImage = isRefused && activeAlarm(home) === null && (wentBack.has(shop) || (await isSecondUnheard(shop)));
      if (activeAlarm(home) === null && !isOldImage) continue;
      await world.atCounty('answers', answerAll);
      world.putBack(shop, 'restored');
      count('fork mended');
      mended.push(shop);
    }
    return mended;
  };
  /** Shops close their day and settle; whether all of them could. */
  const settleUp = async (of: readonly Shop[]): Promise<boolean> => {
    let isSettled = true;
    for (const shop of of) {
      await world.at(shop, 'begin', beginWork);
      const closed = await world.at(shop, 'close', endDay);
      const settled = await world.at(shop, 'settle', settle);
      isSettled &&= closed === 'closed' && (settled === 'settled' || settled === 'nothing_to_settle');
    }
    return isSettled;
  };

  return {
    done,
    figures: () => ({ sales, honest, quietAfter }),
    async live(days, dayOver) {
      for (world.day = 1; world.day <= days; world.day += 1) {
        mishap();
        for (let n = 0; n < actsEachDay * shops.length; n += 1) {
          await visit();
          if (random.chance(0.03)) await world.exchange(random.pick(shops));
        }
        if (random.chance(0.3)) await tour();
        for (const shop of shops) {
          if (random.chance(0.7)) await world.at(shop, 'close', endDay);
          if (random.chance(0.05)) await world.at(shop, 'settle', settle);
        }
        await world.net.deliver(world.day);
        await evening();
        if (faults.has('county')) await countyLoss();
        if (losesAnswers) await answerLoss();
        await mendForks();
        world.time.move(dayMs - (world.time.now() % dayMs) + hourMs); // nine in the morning in China
        dayOver();
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
      world.countyClock.skewMs = 0;
      let isSettled = await settleUp(shops);
      for (let n = 1; n <= quietRoundsMax && quietAfter === null; n += 1) {
        for (const shop of shops) await world.exchange(shop);
        const mended = await mendForks();
        isSettled = (await settleUp(mended)) && isSettled; // a backup has forgotten that its days were settled
        if (faults.has('county')) for (const shop of shops) await world.bringDownFiles(shop);
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
      await world.checkRest(isSettled);
    },
  };
}

function heal(each: Machine): void {
  each.diesIn = null;
  each.full = null;
}

/**
 * What a county at rest has none of: files that wait, dues that nothing funded and nobody struck, requests without an answer. Asked in words
 * of its own, as auditor.ts does.
 */
async function open(world: World): Promise<string> {
  const found = await world.atCounty('what is open', (county) =>
    county.book.read((db) => {
      const { directory } = county.book.folder;
      const homeOf = (kiosk: string): string | null => world.shops.find(({ name }) => name === kiosk)?.engine.home?.directory ?? null;
      const others = prepared<[], { what: string; n: number }>(
        db,
        `SELECT 'dues' AS what, count(*) AS n FROM balance WHERE account = 'due' AND amount <> 0
         UNION ALL SELECT 'unallocated', count(*) FROM balance WHERE account = 'main' AND amount > 0
         UNION ALL SELECT 'exceptions', count(*) FROM exception WHERE number NOT IN (SELECT exception FROM exception_answer)`,
      ).all();
      const came = (file: UpName): boolean =>
        [...world.net.kept.values()].some(
          ({ kiosk, inc, fileSeq }) => kiosk === file.kiosk && inc === file.inc && fileSeq === file.fileSeq,
        );
      return [{ what: 'files parked', n: filesParked(db, { directory, homeOf, came }) }, ...others]
        .filter(({ n }) => n > 0)
        .map(({ what, n }) => `${n} ${what}`)
        .join(', ');
    }),
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
