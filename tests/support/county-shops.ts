// A county with several real kiosks for tests of rights: awards, nights, and what each shop sells, sends and hears, when the test says so.

import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CountyBook } from '../../county/book/county-book.ts';
import { enrolByKey } from '../../county/book/enrol.ts';
import { addAccount, expectKiosk } from '../../county/book/import-files.ts';
import { takeIn } from '../../county/book/intake.ts';
import { balanceOf, moved } from '../../county/book/ledger.ts';
import { everyKiosk, isMasterLine, putMaster } from '../../county/book/master.ts';
import { allowRoaming } from '../../county/book/rights.ts';
import { type NightOutcome, night } from '../../county/night.ts';
import type { Book } from '../../db/book.ts';
import { type Home, makeHome, readHome } from '../../db/home.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { Ack } from '../../db/model/up-file.ts';
import { createBook, openRestored } from '../../db/open-book.ts';
import { lastDown } from '../../db/reference.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { readDown } from '../county/read-down.ts';
import { withSignIns } from './at-work.ts';
import { openDay } from './closing.ts';
import { aCounty, ackOf, cut, uploadOf } from './county-book.ts';
import { apply, countyName, fileKey, firstLines, handClock, shop as firstShop, temporary } from './county.ts';
import { sell, today } from './sell.ts';

type OnTestFinished = Parameters<typeof temporary>[0];

export interface TestShop {
  readonly kiosk: string;
  readonly directory: string;
  readonly clock: ReturnType<typeof handClock>;
  home: Home;
  book: Book;
  /** Of its shift, once it opened another than the first. */
  day?: string;
}

export interface ShopsChoices {
  /** Home kiosk of each account; account aN is resident N's. */
  readonly homes: Readonly<Record<string, string>>;
  /** Kiosks where every account may roam, and how far. */
  readonly roamAt: readonly string[];
  readonly roamCap: number;
  readonly kiosks: readonly string[];
  /** The county's own clock; a morning that stays, unless it is said. */
  readonly wallMs?: () => number;
}

/** The kiosks have their first file and an open day. */
export async function aCountyOfShops(onTestFinished: OnTestFinished, choices: ShopsChoices): Promise<CountyShops> {
  const county = aCounty(onTestFinished, true, choices.wallMs);
  const shops = new Map(choices.kiosks.map((kiosk) => [kiosk, aShop(onTestFinished, kiosk)]));
  for (const { kiosk, book } of shops.values()) {
    const { key } = prepared<[], { key: string }>(book.db, `SELECT value AS key FROM meta WHERE name = 'kioskKey'`).get()!; // made with the book
    await enrolByKey(county, { kiosk, store: `store-${kiosk}`, key });
  }
  const told = await firstLines();
  await county.transact((act) => {
    const entry = act.enter('start', 'test');
    for (const line of told) if (isMasterLine(line) && line.t !== 'SHOP') putMaster(act, line, { scope: everyKiosk, entry });
    for (const kiosk of shops.keys())
      putMaster(act, { t: 'SHOP', shop: { ...firstShop, kiosk, store: `store-${kiosk}` } }, { scope: kiosk, entry });
    for (const [account, home] of Object.entries(choices.homes)) {
      expectKiosk(act, { kiosk: home, store: `store-${home}` });
      addAccount(act, { account, home, isActive: true });
      for (const kiosk of choices.roamAt) allowRoaming(act, { kiosk, account }, { cap: choices.roamCap, entry });
    }
  });
  const all = new CountyShops(county, shops);
  await all.night();
  for (const kiosk of shops.keys()) {
    await all.hear(kiosk);
    openDay(all.shop(kiosk).book, today);
  }
  return all;
}

/** A kiosk that nobody enrolled yet. */
export function aShop(onTestFinished: OnTestFinished, kiosk: string): TestShop {
  const directory = join(temporary(onTestFinished), kiosk);
  const clock = handClock();
  const countyKey = Buffer.from(rawPublicKey(fileKey)).toString('base64url');
  const enrolment = { county: firstShop.county, store: `store-${kiosk}`, kiosk, countyKey, countyKeyName: countyName };
  const home = makeHome(directory, { enrolment, diskReserveBytes: 0 });
  const shop: TestShop = { kiosk, directory, clock, home, book: withSignIns(createBook(home, clock, 'test')) };
  onTestFinished(() => Promise.resolve(shop.book.db.open ? shop.book.close() : undefined));
  return shop;
}

/** What a test does with them. */
export class CountyShops {
  readonly county: CountyBook;
  private readonly shops: ReadonlyMap<string, TestShop>;
  constructor(county: CountyBook, shops: ReadonlyMap<string, TestShop>) {
    this.county = county;
    this.shops = shops;
  }

  shop(kiosk: string): TestShop {
    const found = this.shops.get(kiosk);
    if (found === undefined) throw new Error(`no shop ${kiosk}`);
    return found;
  }

  award(account: string, amount: number): Promise<void> {
    return this.county.transact((act) => {
      act.enter('award', account);
      act.post(moved({ account: 'issuance' }, { account: 'main', holder: account }, amount));
    });
  }

  night(): Promise<readonly NightOutcome[]> {
    return night(this.county);
  }

  /** Sells as much for so many hundredths of a point; what the till says where it refuses. */
  spend(
    kiosk: string,
    account: string,
    amount: number,
    day = today,
  ): string | { readonly fromRights: number; readonly fromRoaming: number } {
    const { book, clock } = this.shop(kiosk);
    clock.turn(1_000);
    const sold = sell(book, { resident: account.slice(1), goods: [['2', 10]], chosenPoints: amount, day });
    if (typeof sold === 'string' || !('body' in sold)) return JSON.stringify(sold);
    const { fromRights = 0, fromRoaming = 0 } = sold.body.redemption ?? {};
    return { fromRights, fromRoaming };
  }

  /** The kiosk's next file, cut and taken in; null where it has nothing to say. */
  async send(kiosk: string): Promise<Ack> {
    const { home, book } = this.shop(kiosk);
    return ackOf((await takeIn(this.county, uploadOf(home, await cut(home, book)))).note);
  }

  /** The kiosk applies every file that is there for it. How many. */
  async hear(kiosk: string): Promise<number> {
    const { home, book, clock, day } = this.shop(kiosk);
    for (let applied = 0; ; applied += 1) {
      const path = this.downPath(kiosk, (lastDown(book.db)?.downSeq ?? 0) + 1);
      if (!existsSync(path)) return applied;
      clock.turn(1_000);
      const outcome = await apply(home, book, path, day);
      if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
    }
  }

  /** An image of the shop's computer, as a backup is. */
  image(kiosk: string): string {
    const {
      book,
      home: { directory },
    } = this.shop(kiosk);
    book.db.pragma('wal_checkpoint(TRUNCATE)');
    const image = `${directory}-image`;
    cpSync(directory, image, { recursive: true });
    return image;
  }

  /** The computer is lost, and its image put back: what was done since is forgotten. `past`: an incarnation that the county has of another. */
  restore(kiosk: string, image: string, past = 0): void {
    const shop = this.shop(kiosk);
    shop.book.close();
    const found = readHome(image);
    if (!found.ok) throw new Error(found.code);
    const opened = openRestored(found.home, shop.clock, 'A'.repeat(43), past);
    if (!opened.ok) throw new Error(`${opened.code} ${opened.detail}`);
    shop.home = found.home;
    shop.book = withSignIns(opened.book);
  }

  downPath(kiosk: string, downSeq: number): string {
    return join(this.county.folder.down, kiosk, `${String(downSeq).padStart(8, '0')}.jsonl.gz`);
  }

  /** Lines of the newest file to a kiosk. */
  async newest(kiosk: string): Promise<readonly DownLine[]> {
    const { n } = await this.county.read(
      (db) => prepared<[string], { n: number }>(db, 'SELECT max(down_seq) AS n FROM down_file WHERE kiosk = ?').get(kiosk)!, // an aggregate has a row
    );
    return readDown(join(this.county.folder.down, kiosk), this.shop(kiosk).home.config.enrolment, n).lines;
  }

  /** Balances of an account at the county. */
  at(account: string): Promise<{
    readonly main: number;
    readonly due: number;
    readonly overdraft: number;
    readonly rights: Readonly<Record<string, number>>;
  }> {
    return this.county.read((db) => {
      const kiosks = [...this.shops.keys()];
      const rights = kiosks.map((at) => [at, balanceOf(db, { account: 'esc', holder: account, at })] as const);
      return {
        main: balanceOf(db, { account: 'main', holder: account }),
        due: sumOf(db, 'due', account),
        overdraft: sumOf(db, 'overdraft', account),
        rights: Object.fromEntries(rights.filter(([, amount]) => amount !== 0)),
      };
    });
  }
}

function sumOf(db: ReadableDatabase, name: string, account: string): number {
  return prepared<[string, string], { amount: number }>(
    db,
    `SELECT coalesce(sum(amount), 0) AS amount FROM balance WHERE account = ? AND holder = ? AND commodity = 'PTS'`,
  ).get(name, account)!.amount; // an aggregate has a row
}
