// Closing the day while being killed: the shop whose days are closed and settled, when its engine dies, and what must be in the book
// afterwards: one closing of each number and date, with all that belongs to it.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { never } from '../../db/model/result.ts';
import { type WritableDatabase, openWritable } from '../../db/sqlite.ts';
import { cashier, enrol, handClock, makeKiosk, morning, scheme } from '../support/county.ts';
import type { CloseArgs, CloserEntry, CloserMark, CloserOrder } from './closer.ts';
import { readJournal } from './journal.ts';
import { newLedger } from './ledger.ts';
import type { Act, Finding, Life } from './loop.ts';
import type { Random } from './random.ts';

export const closing: Act = {
  things: 'closings',
  process: new URL('./closer.ts', import.meta.url).pathname,
  async newKiosk(directory, random, { acknowledgeEarly }) {
    const { home, book } = makeKiosk(join(directory, 'home'), handClock());
    await enrol(home, book, [
      { t: 'SCHEME', scheme: { ...scheme, version: 2, settlement: { cycle: 'day' } } },
      { t: 'OPERATOR', operator: { ...(await cashier()), id: ownerId, name: '次仁', role: 'owner' } },
    ]);
    book.close();
    const journal = join(directory, 'journal');
    const ledger = newLedger({ act: 'closing', paper: 'slip', done: 'closed', written: 'closed' });
    let inFlight: CloseArgs | null = null;
    let startAt = morning;

    return {
      home: home.directory,
      nextLife() {
        rmSync(journal, { force: true });
        const order: CloserOrder = {
          home: home.directory,
          journal,
          seed: random.below(2 ** 31),
          ownerId,
          startAt,
          inFlight,
          isPrinterSlow: random.below(4) === 0,
          acknowledgeEarly,
        };
        return Promise.resolve({ order, kill: killAt(random) });
      },
      judge(copyOfBook) {
        const findings: Finding[] = [];
        let acknowledged = 0;
        for (const entry of readJournal(journal) as readonly CloserEntry[])
          switch (
            entry.kind // written by closer.ts
          ) {
            case 'opened':
              break;
            case 'doing':
              ledger.submit(entry.args.actId);
              inFlight = entry.args;
              break;
            case 'refused':
              inFlight = null;
              break;
            case 'done':
              if (ledger.acknowledge({ id: entry.args.actId, number: entry.closingNumber }, findings)) acknowledged += 1;
              inFlight = null;
              break;
            case 'fault':
              findings.push({ kind: 'other', text: entry.detail });
              break;
            default:
              never(entry);
          }
        const db = openWritable(copyOfBook, { mustExist: true });
        try {
          const rows = db
            .prepare<[], { id: string; number: string }>(
              `SELECT id, line ->> '$.body.closingNumber' AS number FROM closing JOIN event USING (seq) ORDER BY seq`,
            )
            .all();
          const events = db.prepare<[], { id: string }>(`SELECT id FROM event WHERE kind = 'DAY_CLOSED'`).all();
          ledger.compare({ events: events.map(({ id }) => id), rows }, findings);
          compareChain(db, findings);
          startAt = db.prepare<[], { at: number }>(`SELECT line ->> 'at' AS at FROM event ORDER BY seq DESC LIMIT 1`).get()!.at + 1_000; // it has its START
        } finally {
          db.close();
        }
        return { acknowledged, findings };
      },
    };
  },
};

const ownerId = 'op2';

/** When an engine dies. Most kills fall between the count and the commit of the closing, and just after that. */
function killAt(random: Random): Life['kill'] {
  const fraction = random.next();
  const some = 1 + random.below(closingsMax);
  if (fraction < 0.1) return { after: 'told', times: 1, withinMs: 300 };
  if (fraction < 0.3) return { after: mark('counting'), times: some, withinMs: 15 };
  if (fraction < 0.8) return { after: mark('closing'), times: some, withinMs: 25 };
  return { after: mark('closed'), times: some, withinMs: fraction < 0.9 ? 150 : 15 };
}

/** Most closings of one life. */
const closingsMax = 4;

function mark(name: CloserMark): CloserMark {
  return name;
}

/** What the chain and its rows must say of themselves at any moment; the whole proof is verify's. */
function compareChain(db: WritableDatabase, findings: Finding[]): void {
  const claims: readonly (readonly [string, string])[] = [
    ['event numbers have a gap', 'SELECT count(*) AS n FROM event HAVING count(*) <> max(seq)'],
    ['closing numbers have a gap', 'SELECT count(*) AS n FROM closing HAVING count(*) <> coalesce(max(number), 0)'],
    ['dates closed twice', 'SELECT count(*) AS n FROM (SELECT 1 FROM closing GROUP BY day HAVING count(*) > 1)'],
    ['closings without their tree', 'SELECT count(*) AS n FROM closing WHERE seq NOT IN (SELECT closing_seq FROM tree_edge)'],
    ['closings without their slip’s print job', 'SELECT count(*) AS n FROM closing WHERE seq NOT IN (SELECT act_seq FROM print_job WHERE copy = 0)'],
    ['closings that no settlement followed', `SELECT count(*) AS n FROM closing WHERE number NOT IN (SELECT through_closing FROM settlement WHERE settlement.seq = closing.seq + 1)`],
    ['settlements of no closing', 'SELECT count(*) AS n FROM settlement HAVING count(*) <> (SELECT count(*) FROM closing)'],
    [
      'commodities whose balances do not sum to zero',
      'SELECT count(*) AS n FROM (SELECT 1 FROM balance GROUP BY commodity HAVING sum(amount) <> 0)',
    ],
  ]; // prettier-ignore
  for (const [text, sql] of claims) {
    const n = db.prepare<[], { n: number }>(sql).get()?.n ?? 0;
    if (n > 0) findings.push({ kind: 'other', text: `${n} ${text}` });
  }
}
