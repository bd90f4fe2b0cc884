// Selling while being killed: the kiosk that is sold at, when its seller dies, and what must be in the book afterwards.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PayArgs } from '../../electron/engine/pay.ts';
import { fen, points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { never } from '../../db/model/result.ts';
import { type WritableDatabase, openWritable } from '../../db/sqlite.ts';
import { card, deliver, enrol, goods, header, makeKiosk, resident, writeDown } from '../support/county.ts';
import { type CartSeen, type Deed, type Entry, type Quantities, readJournal } from './journal.ts';
import { newLedger } from './ledger.ts';
import type { Act, Finding, Life } from './loop.ts';
import type { Random } from './random.ts';
import type { Mark, SellerOrder } from './seller.ts';

export const sale: Act = {
  things: 'sales',
  process: new URL('./seller.ts', import.meta.url).pathname,
  async newKiosk(directory, random, { acknowledgeEarly }) {
    const { home, book } = makeKiosk(join(directory, 'home'), { wallMs: () => Date.now(), monoMs: () => performance.now() });
    let sha = await enrol(home, book, [...shelf, ...spenders.flatMap((id) => rightsOf(id, 1))]);
    book.close();
    let delivered = 1;
    const journal = join(directory, 'journal');
    const memory = remember();

    return {
      home: home.directory,
      async nextLife() {
        const moment = drawMoment(random);
        if (moment === 'applying') {
          delivered += 1;
          const file = await writeDown(join(directory, 'from-county'), header(delivered, sha), nightly(delivered));
          deliver(home, file.path);
          sha = file.sha256;
        }
        rmSync(journal, { force: true });
        const order: SellerOrder = {
          home: home.directory,
          journal,
          seed: random.below(2 ** 31),
          inFlight: memory.inFlight,
          cards: cardsOf(spenders),
          goods: forSale,
          isPrinterSlow: random.below(4) === 0,
          acknowledgeEarly,
        };
        return { order, kill: killAt(moment, random) };
      },
      judge(copyOfBook) {
        const findings: Finding[] = [];
        const acknowledged = memory.hear(readJournal(journal) as readonly Entry[], findings); // written by seller.ts
        const db = openWritable(copyOfBook, { mustExist: true });
        try {
          memory.compareSales(db, findings);
          memory.compareCart(db, findings);
          memory.compareDownFiles(db, delivered, findings);
          compareChain(db, findings);
        } finally {
          db.close();
        }
        return { acknowledged, findings };
      },
    };
  },
};

/** Residents with rights that no loop uses up. */
const spenders = Array.from({ length: 40 }, (_, i) => String(10 + i));
/** So many lines make a file that is applied in several breaths of the engine. */
const strangersPerFile = 5_000;
const firstStranger = 100_000;

const shelf: readonly DownLine[] = [
  { t: 'GOODS', goods: goods('4', { zh: '食盐', size: '400g', initials: 'sy', priceFen: fen(350) }) },
  { t: 'GOODS', goods: goods('5', { zh: '菜籽油', size: '5L', initials: 'czy', priceFen: fen(6990) }) },
  { t: 'GOODS', goods: goods('6', { zh: '毛巾', size: '', initials: 'mj', priceFen: fen(999), pricePoints: points(900) }) },
];
/** Goods 3 are priced in points only: who has no card cannot take them. */
const forSale = ['1', '2', '3', '4', '5', '6'].map((id) => ({ goodsId: id, code: goods(id).codes[0]!, forAll: id !== '3' }));

function cardsOf(ids: readonly string[]): SellerOrder['cards'] {
  return ids.map((residentId) => ({ residentId, text: card(residentId, { expiresOn: '2099-12-31' }) }));
}

function grantedBy(downSeq: number): number {
  return 100_000_000 + downSeq * 1_000;
}

function rightsOf(id: string, downSeq: number): readonly DownLine[] {
  const granted = points(grantedBy(downSeq));
  return [
    { t: 'RESIDENT', resident: resident(id) },
    { t: 'BAL', a: `a${id}`, balance: granted },
    { t: 'GRANT', a: `a${id}`, g: granted },
  ];
}

/** A file of one night: more rights for everybody, and many residents who never come. Prices stay. */
function nightly(downSeq: number): readonly DownLine[] {
  const strangers = Array.from({ length: strangersPerFile }, (_, i): DownLine => ({
    t: 'RESIDENT',
    resident: resident(String(firstStranger + i)),
  }));
  return [...spenders.flatMap((id) => rightsOf(id, downSeq)), ...strangers];
}

type Moment = 'starting' | 'applying' | 'printing' | 'selling';

function drawMoment(random: Random): Moment {
  const fraction = random.next();
  if (fraction < 0.12) return 'starting';
  if (fraction < 0.22) return 'applying';
  return fraction < 0.4 ? 'printing' : 'selling';
}

/** When a seller dies. The times are about twice what each thing takes on a quiet machine, so that some kills come late. */
function killAt(moment: Moment, random: Random): Life['kill'] {
  switch (moment) {
    case 'starting':
      return { after: 'told', times: 1, withinMs: 150 };
    case 'applying':
      return { after: mark('opened'), times: 1, withinMs: 250 };
    case 'printing':
      return { after: mark('sold'), times: 1 + random.below(3), withinMs: 100 };
    case 'selling':
      return random.below(8) === 0
        ? { after: mark('selling'), times: 1, withinMs: 40 }
        : { after: mark('sold'), times: 1 + random.below(salesMax), withinMs: 20 };
    default:
      return never(moment);
  }
}

/** Most sales of one life. */
const salesMax = 16;

function mark(name: Mark): Mark {
  return name;
}

/** A cart as it must be in the book. `saleId` null: a new one, whose id is not stored before its first deed, or not yet known. */
interface Cart {
  readonly saleId: string | null;
  readonly residentId: string | null;
  readonly quantities: Quantities;
}
const newCart: Cart = { saleId: null, residentId: null, quantities: {} };

/** Everything sellers wrote down, kept over all their lives, and its comparison with the book. */
function remember() {
  const sales = newLedger({ act: 'sale', paper: 'receipt', done: 'paid', written: 'sold' });
  let cart: Cart = newCart;
  let deedInFlight: Deed | null = null; // of the seller just killed
  let inFlight: PayArgs | null = null;
  let downSeq = 1;

  return {
    /** The payment that was asked for and not answered, by whichever seller. */
    get inFlight(): PayArgs | null {
      return inFlight;
    },

    /** Takes in what one seller wrote; returns the sales it was told were paid. */
    hear(entries: readonly Entry[], findings: Finding[]): number {
      let acknowledged = 0;
      deedInFlight = null;
      for (const entry of entries) {
        switch (entry.kind) {
          case 'opened': {
            const fault = differs(cart, entry.cart);
            if (fault !== null) findings.push({ kind: 'other', text: `the cart that came back: ${fault}` });
            break;
          }
          case 'doing':
            deedInFlight = entry.deed;
            if (entry.deed.do !== 'pay') break;
            sales.submit(entry.deed.saleId);
            inFlight = entry.deed.args;
            break;
          case 'refused':
            deedInFlight = null;
            inFlight = null;
            break;
          case 'done':
            if (entry.deed.do === 'pay') {
              inFlight = null;
              const answer = { id: entry.deed.saleId, number: entry.receiptNumber ?? null };
              if (sales.acknowledge(answer, findings)) acknowledged += 1;
            }
            cart = after(cart, entry.deed);
            deedInFlight = null;
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

    /** Nothing acknowledged is missing, nothing is there twice, nothing is there that nobody asked for. */
    compareSales(db: WritableDatabase, findings: Finding[]): void {
      const events = db.prepare<[], { id: string }>(`SELECT id FROM event WHERE kind = 'SALE' ORDER BY seq`).all();
      const rows = db
        .prepare<[], { id: string; number: string }>('SELECT sale_id AS id, receipt_number AS number FROM sale ORDER BY seq')
        .all();
      sales.compare({ events: events.map(({ id }) => id), rows }, findings);
      const gap = rows.findIndex((row, i) => Number(row.number.split('-').at(-1)) !== i + 1);
      if (gap >= 0) findings.push({ kind: 'other', text: `receipt ${rows[gap]!.number} is number ${gap + 1} in the book` });
    },

    /** The stored cart is the one last acknowledged, or that with the deed that was in flight. */
    compareCart(db: WritableDatabase, findings: Finding[]): void {
      const stored = storedCart(db);
      const possible = deedInFlight === null ? [cart] : [cart, after(cart, deedInFlight)];
      const faults = possible.map(
        (each) => differs(each, { ...stored, hasResident: stored.residentId !== null }) ?? differsInResident(each, stored),
      );
      if (faults.every((fault) => fault !== null)) findings.push({ kind: 'other', text: `the stored cart: ${faults.join('; or ')}` });
      cart = stored;
    },

    /** A county's file is applied whole or not at all, and never forgotten. */
    compareDownFiles(db: WritableDatabase, delivered: number, findings: Finding[]): void {
      const applied = db.prepare<[], { n: number }>('SELECT coalesce(max(down_seq), 0) AS n FROM down_file').get()!.n;
      if (applied < downSeq || applied > delivered)
        findings.push({ kind: 'lost', text: `county file ${downSeq} was applied; the book is at ${applied}` });
      downSeq = applied;
      const rights = db.prepare<[string], { granted: number }>('SELECT granted FROM counter WHERE account_id = ?');
      const half = spenders.filter((id) => rights.get(`a${id}`)?.granted !== grantedBy(applied));
      if (half.length > 0) findings.push({ kind: 'other', text: `county file ${applied} did not reach residents ${half.join(', ')}` });
      const strangers = db
        .prepare<[number, number], { n: number }>('SELECT count(*) AS n FROM resident WHERE id >= ? AND down_seq = ?')
        .get(firstStranger, applied)!.n;
      if (strangers !== (applied === 1 ? 0 : strangersPerFile))
        findings.push({ kind: 'other', text: `county file ${applied} brought ${strangers} strangers` });
    },
  };
}

/** What the chain and its projections must say of themselves at any moment; the whole proof is verify's. */
function compareChain(db: WritableDatabase, findings: Finding[]): void {
  const claims: readonly (readonly [string, string])[] = [
    ['event numbers have a gap', 'SELECT count(*) AS n FROM event HAVING count(*) <> max(seq)'],
    [
      'sales without their receipt’s print job',
      'SELECT count(*) AS n FROM sale WHERE seq NOT IN (SELECT act_seq FROM print_job WHERE copy = 0)',
    ],
    [
      'accounts whose counters are not the sum of their sales',
      `SELECT count(*) AS n FROM counter LEFT JOIN (SELECT account_id, sum(points) AS used FROM sale GROUP BY account_id) USING (account_id)
       WHERE spent + roamed <> coalesce(used, 0)`,
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

function after(cart: Cart, deed: Deed): Cart {
  const { saleId } = deed;
  switch (deed.do) {
    case 'card':
      return { ...cart, saleId, residentId: deed.residentId };
    case 'goods':
      return { ...cart, saleId, quantities: { ...cart.quantities, [deed.goodsId]: (cart.quantities[deed.goodsId] ?? 0) + 1 } };
    case 'remove':
      return {
        ...cart,
        saleId,
        quantities: Object.fromEntries(Object.entries(cart.quantities).filter(([goodsId]) => goodsId !== deed.goodsId)),
      };
    case 'pay':
      return newCart;
    default:
      return never(deed);
  }
}

function storedCart(db: WritableDatabase): Cart {
  const row = db.prepare<[], { body: string }>('SELECT body FROM draft WHERE id = 1').get();
  if (row === undefined) return newCart;
  const draft = JSON.parse(row.body) as {
    readonly saleId: string;
    readonly resident: { readonly id: string } | null;
    readonly lines: readonly { readonly goodsId: string; readonly quantity: number }[];
  }; // electron/engine/draft.ts
  return {
    saleId: draft.saleId,
    residentId: draft.resident?.id ?? null,
    quantities: Object.fromEntries(draft.lines.map((line) => [line.goodsId, line.quantity])),
  };
}

function differs(expected: Cart, found: Omit<CartSeen, 'saleId'> & { readonly saleId: string | null }): string | null {
  const inOrder = (quantities: Quantities): string =>
    Object.keys(quantities)
      .toSorted((a, b) => a.localeCompare(b))
      .map((goodsId) => `${quantities[goodsId]} × goods ${goodsId}`)
      .join(', ') || 'no goods';
  if (expected.saleId !== null && expected.saleId !== found.saleId) return `sale ${expected.saleId} became ${found.saleId}`;
  if ((expected.residentId !== null) !== found.hasResident) return `resident ${expected.residentId} expected`;
  if (inOrder(expected.quantities) !== inOrder(found.quantities))
    return `${inOrder(expected.quantities)} became ${inOrder(found.quantities)}`;
  return null;
}

function differsInResident(expected: Cart, stored: Cart): string | null {
  return expected.residentId === stored.residentId ? null : `resident ${expected.residentId} became ${stored.residentId}`;
}
