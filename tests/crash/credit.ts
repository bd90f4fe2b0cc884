// Crediting while being killed: the kiosk whose desk is worked, when its engine dies, and what must be in the book afterwards.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { points } from '../../db/model/amounts.ts';
import type { BookEvent, ScaleSetBody } from '../../db/model/event.ts';
import { never } from '../../db/model/result.ts';
import { businessDate } from '../../db/model/time.ts';
import { type WritableDatabase, openWritable } from '../../db/sqlite.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import { card, enrol, makeKiosk, resident } from '../support/county.ts';
import { misread } from '../support/read-frames.ts';
import { deskLines } from '../support/recycling.ts';
import { readJournal } from './journal.ts';
import { newLedger } from './ledger.ts';
import type { Act, Finding, Life } from './loop.ts';
import type { Random } from './random.ts';
import type { BagUnits, CreditArgs, DeskDeed, DeskEntry, DeskMark, DeskSeen, WeigherOrder } from './weigher.ts';

export const credit: Act = {
  things: 'credits',
  process: new URL('./weigher.ts', import.meta.url).pathname,
  async newKiosk(directory, random, { acknowledgeEarly }) {
    const { home, book } = makeKiosk(join(directory, 'home'), { wallMs: () => Date.now(), monoMs: () => performance.now() });
    const people = bringers.map((id) => ({ t: 'RESIDENT', resident: resident(id) }) as const);
    await enrol(home, book, [...people, ...(await deskLines(2, rules))]);
    const scaleSetId = uuidv7(Date.now());
    const when = { day: businessDate(Date.now()), op: ownerId, command: 'scale' };
    book.transact(({ append }) => {
      append({ ...when, kind: 'SCALE_SET', body: scaleSet, id: scaleSetId });
      const body = { scaleSetId, zeroGrams: 0, knownGrams: 1_000, readGrams: 1_000, toleranceGrams: 10, isGood: true };
      append({ ...when, kind: 'SCALE_CHECKED', body, id: uuidv7(Date.now()) });
    });
    book.close();
    const config = join(home.directory, 'kiosk.json');
    const said = JSON.parse(readFileSync(config, 'utf8')) as object;
    writeFileSync(config, JSON.stringify({ ...said, scale: scaleSet.address }));
    const journal = join(directory, 'journal');
    const memory = remember();

    return {
      home: home.directory,
      nextLife() {
        rmSync(journal, { force: true });
        const order: WeigherOrder = {
          home: home.directory,
          journal,
          seed: random.below(2 ** 31),
          inFlight: memory.inFlight,
          cards: bringers.map((residentId) => ({ residentId, text: card(residentId, { expiresOn: '2099-12-31' }) })),
          byWeight: ['plastic-bottle', 'can', 'paper'],
          byCount: ['battery'],
          ownerId,
          isPrinterSlow: random.below(4) === 0,
          acknowledgeEarly,
        };
        return Promise.resolve({ order, kill: killAt(random) });
      },
      judge(copyOfBook) {
        const findings: Finding[] = [];
        const acknowledged = memory.hear(readJournal(journal) as readonly DeskEntry[], findings); // written by weigher.ts
        const db = openWritable(copyOfBook, { mustExist: true });
        try {
          memory.compareCredits(db, findings);
          memory.compareDesk(db, findings);
          compareChain(db, findings);
        } finally {
          db.close();
        }
        return { acknowledged, findings };
      },
    };
  },
};

/** Residents who bring something. */
const bringers = Array.from({ length: 40 }, (_, i) => String(10 + i));
const ownerId = 'op2';

/** No cap that a loop would reach; one credit in some needs the owner. The same weight may come again at once. */
const rules = {
  materials: qiongjie.scheme.recycling!.materials.map((each) => ({ ...each, dayCap: null })), // its desk takes six
  accountDayCap: null,
  operatorDayCap: null,
  kioskDayCap: null,
  approvalAbove: points(35_000),
  sameBag: { minutes: 0, grams: 0 },
} as const;

const scaleSet: ScaleSetBody = {
  address: 'simulated:?family=st-us',
  line: null,
  family: 'st-us',
  unit: 'kg',
  model: '模拟',
  serialNumber: '模拟',
  verifiedOn: '2026-03-01',
  knownGrams: 1_000,
  readGrams: 1_000,
  toleranceGrams: 10,
  framesHex: [],
  isSimulated: true,
};

/** When an engine dies. Most kills fall between a weight at rest and the commit of its credit, and just after that. */
function killAt(random: Random): Life['kill'] {
  const fraction = random.next();
  const [first, some] = [1, 1 + random.below(creditsMax)];
  if (fraction < 0.1) return { after: 'told', times: first, withinMs: 150 };
  if (fraction < 0.4) return { after: mark('weighing'), times: 1 + random.below(2), withinMs: 800 };
  if (fraction < 0.75) return { after: mark('crediting'), times: some, withinMs: 15 };
  return { after: mark('credited'), times: some, withinMs: fraction < 0.85 ? 100 : 20 };
}

/** Most credits of one life. */
const creditsMax = 8;

function mark(name: DeskMark): DeskMark {
  return name;
}

/** A desk as it must be in the book. `creditId` null: a new one, whose id is not stored before its first deed, or not yet known. */
interface Desk {
  readonly creditId: string | null;
  readonly residentId: string | null;
  readonly bags: BagUnits;
}
const newDesk: Desk = { creditId: null, residentId: null, bags: {} };

/** Everything the processes wrote down, kept over all their lives, and its comparison with the book. */
function remember() {
  const credits = newLedger({ act: 'credit', paper: 'ticket', done: 'given', written: 'credited' });
  let desk: Desk = newDesk;
  let deedInFlight: DeskDeed | null = null; // of the process just killed
  let inFlight: CreditArgs | null = null;

  const finish = (deed: DeskDeed, ticket: string | undefined, findings: Finding[]): boolean => {
    desk = after(desk, deed);
    deedInFlight = null;
    if (deed.do !== 'credit') return false;
    inFlight = null;
    return credits.acknowledge({ id: deed.creditId, number: ticket ?? null }, findings);
  };

  return {
    /** The credit that was asked for and not answered, by whichever process. */
    get inFlight(): CreditArgs | null {
      return inFlight;
    },

    /** Takes in what one process wrote; returns the credits it was told were given. */
    hear(entries: readonly DeskEntry[], findings: Finding[]): number {
      let acknowledged = 0;
      deedInFlight = null;
      for (const entry of entries) {
        switch (entry.kind) {
          case 'opened': {
            const fault = differs(desk, entry.desk);
            if (fault !== null) findings.push({ kind: 'other', text: `the desk that came back: ${fault}` });
            break;
          }
          case 'doing':
            deedInFlight = entry.deed;
            if (entry.deed.do !== 'credit') break;
            credits.submit(entry.deed.creditId);
            inFlight = entry.deed.args;
            break;
          case 'refused':
            deedInFlight = null;
            inFlight = null;
            break;
          case 'done':
            if (finish(entry.deed, entry.ticketNumber, findings)) acknowledged += 1;
            break;
          case 'fault':
            findings.push({ kind: 'other', text: entry.detail });
            break;
          default:
            never(entry);
        }
      }
      return acknowledged;
    },

    /** Nothing acknowledged is missing, nothing is there twice, nothing is there that nobody asked for; every weight is what its frames say. */
    compareCredits(db: WritableDatabase, findings: Finding[]): void {
      const events = db
        .prepare<[], { line: string }>(`SELECT line FROM event WHERE kind IN ('SCALE_SET', 'CREDIT') ORDER BY seq`)
        .all()
        .map(({ line }) => JSON.parse(line) as BookEvent); // the book's own lines
      const given = events.filter((event) => event.kind === 'CREDIT');
      const rows = db
        .prepare<[], { id: string; number: string }>('SELECT credit_id AS id, ticket_number AS number FROM credit ORDER BY seq')
        .all();
      credits.compare({ events: given.map(({ id }) => id), rows }, findings);
      const bags = given.flatMap(({ body }) => body.lines.flatMap((line) => line.bags.map(({ id }) => id)));
      if (new Set(bags).size !== bags.length) findings.push({ kind: 'doubled', text: 'a bag is in two credits' });
      for (const text of misread(events)) findings.push({ kind: 'other', text });
    },

    /** The stored desk is the one last acknowledged, or that with the deed that was in flight: no bag is gone, none is new. */
    compareDesk(db: WritableDatabase, findings: Finding[]): void {
      const stored = storedDesk(db);
      const possible = deedInFlight === null ? [desk] : [desk, after(desk, deedInFlight)];
      const faults = possible.map(
        (each) => differs(each, { ...stored, hasResident: stored.residentId !== null }) ?? differsInResident(each, stored),
      );
      if (faults.every((fault) => fault !== null)) findings.push({ kind: 'lost', text: `the stored desk: ${faults.join('; or ')}` });
      desk = stored;
    },
  };
}

/** What the chain and its projections must say of themselves at any moment; the whole proof is verify's. */
function compareChain(db: WritableDatabase, findings: Finding[]): void {
  const claims: readonly (readonly [string, string])[] = [
    ['event numbers have a gap', 'SELECT count(*) AS n FROM event HAVING count(*) <> max(seq)'],
    [
      'credits without their ticket’s print job',
      'SELECT count(*) AS n FROM credit WHERE seq NOT IN (SELECT act_seq FROM print_job WHERE copy = 0)',
    ],
    [
      'accounts whose rights are not the sum of their credits',
      `SELECT count(*) AS n FROM counter LEFT JOIN (SELECT account_id, sum(points) AS given FROM credit GROUP BY account_id) USING (account_id)
        JOIN balance ON account = 'esc' AND holder = account_id
       WHERE credited <> coalesce(given, 0) OR amount <> granted + credited`,
    ],
    [
      'commodities whose balances do not sum to zero',
      'SELECT count(*) AS n FROM (SELECT 1 FROM balance GROUP BY commodity HAVING sum(amount) <> 0)',
    ],
  ];
  for (const [text, sql] of claims) {
    const n = db.prepare<[], { n: number }>(sql).get()?.n ?? 0;
    if (n > 0) findings.push({ kind: 'other', text: `${n} ${text}` });
  }
}

function after(desk: Desk, deed: DeskDeed): Desk {
  const { creditId } = deed;
  switch (deed.do) {
    case 'card':
      return { ...desk, creditId, residentId: deed.residentId };
    case 'bag':
      return { ...desk, creditId, bags: { ...desk.bags, [deed.bagId]: deed.units } };
    case 'remove':
      return { ...desk, creditId, bags: Object.fromEntries(Object.entries(desk.bags).filter(([bagId]) => bagId !== deed.bagId)) };
    case 'credit':
      return newDesk;
    default:
      return never(deed);
  }
}

function storedDesk(db: WritableDatabase): Desk {
  const row = db.prepare<[], { body: string }>('SELECT body FROM desk_draft WHERE id = 1').get();
  if (row === undefined) return newDesk;
  const draft = JSON.parse(row.body) as {
    readonly creditId: string;
    readonly resident: { readonly id: string } | null;
    readonly bags: readonly {
      readonly pressId: string;
      readonly measure: { readonly kind: 'weighed'; readonly readGrams: number } | { readonly kind: 'counted'; readonly pieces: number };
    }[];
  }; // electron/engine/desk-draft.ts; no tare is taken here
  const units = draft.bags.map(({ pressId, measure }) => [pressId, measure.kind === 'weighed' ? measure.readGrams : measure.pieces]);
  return { creditId: draft.creditId, residentId: draft.resident?.id ?? null, bags: Object.fromEntries(units) as BagUnits };
}

function differs(expected: Desk, found: Omit<DeskSeen, 'creditId'> & { readonly creditId: string | null }): string | null {
  const inOrder = (bags: BagUnits): string =>
    Object.keys(bags)
      .toSorted((a, b) => a.localeCompare(b))
      .map((bagId) => `${bags[bagId]} in bag ${bagId}`)
      .join(', ') || 'no bags';
  if (expected.creditId !== null && expected.creditId !== found.creditId) return `credit ${expected.creditId} became ${found.creditId}`;
  if ((expected.residentId !== null) !== found.hasResident) return `resident ${expected.residentId} expected`;
  return inOrder(expected.bags) === inOrder(found.bags) ? null : `${inOrder(expected.bags)} became ${inOrder(found.bags)}`;
}

function differsInResident(expected: Desk, stored: Desk): string | null {
  return expected.residentId === stored.residentId ? null : `resident ${expected.residentId} became ${stored.residentId}`;
}
