// A book of many days for benches: each opened, sold on, counted and closed by the book's own append, so that verify holds it true.
// One sale in five is paid with points. Asserts nothing of the product.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Book } from '../../db/book.ts';
import { migrations } from '../../db/migrate.ts';
import { type Points, points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { SaleBody } from '../../db/model/event.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import { addPrintJob, setPrintState } from '../../db/print-jobs.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { closeDay, openDay } from '../support/closing.ts';
import { cashier, enrol, handClock, makeKiosk, resident } from '../support/county.ts';
import { type SellOptions, sell } from '../support/sell.ts';
import type { BenchOptions } from './measure.ts';

export interface Days {
  readonly days: number;
  /** Each day has so many; three of them open, count and close it. */
  readonly eventsPerDay: number;
  /** The last day is left open, for a bench to close. */
  readonly isLastOpen?: boolean;
}

/** The home of such a book, made once, and again when the tables or what fills them have changed. */
export async function bookOfDays(of: Days, { cache, say }: BenchOptions): Promise<string> {
  const makers = ['closed-days.ts', '../support/at-work.ts', '../support/closing.ts', '../support/county.ts', '../support/sell.ts'];
  const made = [...migrations, ...makers.map((path) => readFileSync(new URL(path, import.meta.url), 'utf8'))];
  const tables = createHash('sha256').update(made.join('')).digest('hex').slice(0, 12);
  const home = join(cache, `days-${of.days}-${of.eventsPerDay}${of.isLastOpen === true ? '-open' : ''}-${tables}`);
  if (existsSync(home)) return home;
  say(`making a book of ${(of.days * of.eventsPerDay).toLocaleString('en')} events, once`);
  const part = `${home}.part`;
  rmSync(part, { recursive: true, force: true });
  await fill(part, of);
  renameSync(part, home);
  return home;
}

const residents = 500;
/** More than any of them uses up. */
const rights = points(1_000_000_000);
const firstMorning = Date.parse('2026-11-21T08:00:00+08:00');

async function fill(directory: string, { days, eventsPerDay, isLastOpen = false }: Days): Promise<void> {
  const clock = handClock();
  clock.set(firstMorning);
  const { home, book } = makeKiosk(directory, clock);
  const people = Array.from({ length: residents }, (_, i): readonly DownLine[] => [
    { t: 'RESIDENT', resident: resident(String(i + 10)) },
    { t: 'BAL', a: `a${i + 10}`, balance: rights },
    { t: 'GRANT', a: `a${i + 10}`, g: rights },
  ]);
  await enrol(home, book, [
    { t: 'OPERATOR', operator: { ...(await cashier()), id: 'op2', name: '次仁', role: 'owner' } },
    ...people.flat(),
  ]);
  const write = newSeller(book);
  for (let day = 0; day < days; day += 1) {
    const date = businessDate(clock.wallMs());
    openDay(book, date);
    write(date, eventsPerDay - 3, () => clock.turn(Math.floor((10 * 60 * 60 * 1000) / eventsPerDay)));
    if (isLastOpen && day === days - 1) break;
    closeDay(book, { day: date });
    clock.turn(firstMorning + (day + 1) * dayMs - clock.wallMs());
  }
  book.db.pragma('wal_checkpoint(TRUNCATE)');
  book.close();
}

/** Sells again and again what one sale in cash and one in points sold, many in a transaction. */
function newSeller(book: Book): (day: string, sales: number, next: () => void) => void {
  let counter = 0;
  const used = new Map<string, number>();
  const templates = new Map<string, { readonly body: SaleBody; readonly amt: Points }>();
  const once = (name: string, day: string, options: SellOptions): { readonly body: SaleBody; readonly amt: Points } => {
    let known = templates.get(name);
    if (known === undefined) {
      const sale = sell(book, { ...options, day });
      if (typeof sale === 'string') throw new Error(sale);
      if (sale.body.accountId !== null) used.set(sale.body.accountId, sale.amt);
      counter += 1;
      templates.set(name, (known = { body: sale.body, amt: sale.amt }));
    }
    return known;
  };
  return (day, sales, next) => {
    const before = counter;
    const cash = once('cash', day, { goods: [['1', 2], ['2', 1]] }); // prettier-ignore
    const paid = once('points', day, { resident: '10', goods: [['1', 1], ['2', 1], ['3', 1]] }); // prettier-ignore
    book.transact(({ db, append }) => {
      while (counter - before < sales) {
        const { body, amt } = counter % 5 === 0 ? paid : cash;
        const id = counter % 5 === 0 ? String(10 + (counter % residents)) : null;
        counter += 1;
        const saleId = uuidv7(book.clock.wallMs());
        append({
          kind: 'SALE',
          body: { ...(id === null ? body : ofAccount(body, `a${id}`)), receiptNumber: `qj-03-${String(counter).padStart(6, '0')}` },
          id: saleId,
          day,
          op: 'op1',
          res: id === null ? null : resident(id).tag,
          amt,
          command: { bench: counter },
        });
        const jobId = uuidv7(book.clock.wallMs());
        addPrintJob(db, { jobId, actId: saleId, copy: 0 });
        setPrintState(db, jobId, { kind: 'printed' });
        next();
      }
    });
  };

  function ofAccount(body: SaleBody, accountId: string): SaleBody {
    const before = rights - (used.get(accountId) ?? 0);
    const amt = body.lines.reduce((sum, line) => sum + line.points, 0);
    used.set(accountId, (used.get(accountId) ?? 0) + amt);
    const after = points(before - amt);
    return {
      ...body,
      accountId,
      redemption: { ...body.redemption!, usableBefore: points(before), usableAfter: after, countyAfter: after },
    };
  }
}
