// Whether a sale is as quick after years of sales as in the first week: the same payment on two books, turn by turn.

import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { migrations } from '../../db/migrate.ts';
import { addPrintJob, setPrintState } from '../../db/print-jobs.ts';
import { findSale } from '../../db/sales.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { Engine } from '../../electron/engine/till.ts';
import { firstResident, makeBenchHome, openBenchTill, payNow, ringUp } from './bench-till.ts';
import { type Bench, type BenchOptions, figuresOf, timed } from './measure.ts';

const few = 1_000;
const many = 1_000_000;
const residents = 20_000;
/** A book of five years at 500 sales a day. */
const salesPerDay = 548;
const firstDay = Date.UTC(2021, 10, 22);
const dayMs = 24 * 60 * 60 * 1000;
const salesPerTransaction = 5_000;

export const saleOfAMillion: Bench = {
  name: 'sale-1m',
  async run(options) {
    const { quick } = options;
    const home = await homeOfAMillion(options);
    if (home === null) return [{ kind: 'skipped', name: 'sale-1m', why: 'the book of a million sales is not made yet, and takes minutes' }];
    const old = await openBenchTill(home);
    const young = await openBenchTill(await bookOf(few, options));
    const [inOld, inYoung]: [number[], number[]] = [[], []];
    const samples = quick ? 200 : 1_000;
    for (let i = -50; i < samples; i += 1) {
      const resident = (Math.abs(i) * 7_919) % residents; // a prime: residents who did not come lately
      const inOldMs = pay(old, resident);
      const inYoungMs = pay(young, resident);
      if (i < 0) continue;
      inOld.push(inOldMs);
      inYoung.push(inYoungMs);
    }
    for (const till of [old, young]) till.book!.close();
    return [
      {
        kind: 'measured',
        name: 'sale-1m',
        measures: 'payment with 1,000,000 sales in the book ÷ with 1,000',
        unit: 'ms',
        figures: figuresOf(inOld),
        against: figuresOf(inYoung),
        goals: [{ of: 'p50', is: 'ratio', atMost: 1.2 }],
      },
    ];
  },
};

function pay(till: Engine, resident: number): number {
  const args = ringUp(till, resident);
  return timed(() => payNow(till, args));
}

/** The home of such a book, made once, and again when the tables have changed. Benches add their own sales to it. */
async function bookOf(sales: number, options: BenchOptions): Promise<string> {
  const home = homeOf(sales, options);
  if (existsSync(home)) return home;
  const started = performance.now();
  options.say(`making a book of ${sales.toLocaleString('en')} sales, once; a million takes minutes, and 2 GB of .cache/bench`);
  const part = `${home}.part`;
  rmSync(part, { recursive: true, force: true });
  await fill(part, sales, (done) => options.say(`${done.toLocaleString('en')} sales`));
  renameSync(part, home);
  options.say(`made in ${Math.round((performance.now() - started) / 1000)} s`);
  return home;
}

/** The book of a million sales; null: a look is no reason to make it. */
export async function homeOfAMillion(options: BenchOptions): Promise<string | null> {
  return options.quick && !existsSync(homeOf(many, options)) ? null : await bookOf(many, options);
}

function homeOf(sales: number, { cache }: BenchOptions): string {
  const tables = createHash('sha256').update(migrations.join('')).digest('hex').slice(0, 12);
  return join(cache, `book-${sales}-${tables}`);
}

/** Sells so many times what one real sale sold, by the book's own append: signed, chained, posted; many in a transaction. */
async function fill(directory: string, sales: number, progress: (done: number) => void): Promise<void> {
  await makeBenchHome(directory, { residents });
  const till = await openBenchTill(directory);
  const args = ringUp(till, 0);
  payNow(till, args);
  const book = till.book!;
  const { event } = findSale(book.db, args.saleId)!; // sold just before
  for (let from = 1; from < sales; from += salesPerTransaction) {
    book.transact(({ db, append }) => {
      for (let done = from; done < Math.min(sales, from + salesPerTransaction); done += 1) {
        const id = firstResident + (done % residents);
        const saleId = uuidv7(Date.now());
        append({
          kind: 'SALE',
          body: { ...event.body, accountId: `a${id}`, receiptNumber: `qj-03-${String(done + 1).padStart(6, '0')}` },
          id: saleId,
          day: new Date(firstDay + Math.floor(done / salesPerDay) * dayMs).toISOString().slice(0, 10),
          op: event.op,
          res: `tag${String(id).padStart(8, '0')}`,
          amt: event.amt,
          command: { bench: done },
        });
        const jobId = uuidv7(Date.now());
        addPrintJob(db, { jobId, actId: saleId, copy: 0 });
        setPrintState(db, jobId, { kind: 'printed' });
      }
    });
    if (from % 100_000 === 1 && from > 1) progress(from - 1);
  }
  book.db.pragma('wal_checkpoint(TRUNCATE)');
  book.close();
}
