// Returns for tests: a sale at a real till, goods of it brought back with the owner's leave, the code of its receipt.

import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActToApprove } from '../../db/model/approval.ts';
import type { Operator } from '../../db/model/catalogue.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import { type ReadableDatabase, openReadable } from '../../db/sqlite.ts';
import { cheapHash } from './cheap-pin.ts';
import { card } from './county.ts';
import type { Till } from './till.ts';

const ownerPin = '864209';
const ownerHash = cheapHash(ownerPin);

/** The shop's owner, whose leave a return needs. */
export function anOwner(change: Partial<Operator> = {}): Promise<DownLine> {
  return Promise.resolve({
    t: 'OPERATOR',
    operator: { id: 'boss', name: '央金', role: 'owner', pinHash: ownerHash, active: true, ...change },
  });
}

/** The owner's leave for an act. */
export async function leaveFor(till: Till, act: ActToApprove): Promise<string> {
  const approvalId = randomUUID();
  const answer = await till.call.approve({ approvalId, act, operatorId: 'boss', pin: ownerPin });
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return approvalId;
}

interface Sold {
  readonly resident?: string;
  readonly goods: readonly (readonly [goodsId: string, quantity: number])[];
  readonly points?: number;
  readonly pay?: 'cash' | 'other';
}

/** Sells at the till, paid exactly; the sale's id. */
export async function soldAt(till: Till, { resident, goods, points, pay = 'cash' }: Sold): Promise<string> {
  if (resident !== undefined) await till.call.scan({ text: card(resident) });
  for (const [goodsId, quantity] of goods) {
    await till.call.addGoods({ goodsId });
    const lineId = (await till.call.snapshot()).cart.quote.lines.at(-1)!.lineId;
    if (quantity > 1) await till.call.setQuantity({ lineId, quantity });
  }
  if (points !== undefined) await till.call.setPoints({ points });
  const { saleId, quote, digest } = (await till.call.snapshot()).cart;
  const payFen = pay === 'cash' ? quote.dueCashFen : quote.dueFen;
  const shown = { totalFen: quote.totalFen, points: quote.points, payFen, digest };
  const paid = await till.call.pay({ saleId, shown, payment: pay === 'cash' ? { kind: 'cash', tenderedFen: payFen } : { kind: 'other' } });
  if (!paid.ok) throw new Error(JSON.stringify(paid));
  return saleId;
}

type Lines = { n: number; quantity: number }[];

/** What the page sends for these pieces, with the owner's leave for exactly that. */
export async function askedBack(till: Till, saleId: string, lines: Lines) {
  const quoted = await till.call.quoteReturn({ saleId, lines });
  if (!quoted.ok) throw new Error(JSON.stringify(quoted));
  const { points, cashFen, otherFen, digest } = quoted.value;
  const approvalId = await leaveFor(till, { kind: 'return', saleId, digest, points, moneyFen: cashFen + otherFen });
  const shown = { points, cashFen, otherFen, digest };
  return { actId: randomUUID(), saleId, lines, reason: 'faulty' as const, shown, approvalId };
}

/** Brings pieces back; what the till answered. */
export async function broughtBack(till: Till, saleId: string, lines: Lines) {
  return till.call.returnGoods(await askedBack(till, saleId, lines));
}

/** The code on the paper of an act: what the kiosk signed of it. */
export function codeOf(till: Pick<Till, 'directory'>, actId: string): string {
  return inCopy(till, (db) => {
    const row = db
      .prepare<[string], { line: string; leaf: Buffer; sig: Buffer }>('SELECT line, leaf, sig FROM event WHERE id = ?')
      .get(actId)!;
    const event = JSON.parse(row.line) as BookEvent; // the book's own line
    return `${signedText(event, row.leaf.toString('base64url'))}|${row.sig.toString('base64url')}`;
  });
}

/** Every balance that is not zero, by account, holder and commodity. */
export function balancesOf(till: Pick<Till, 'directory'>): { readonly [account: string]: number } {
  return inCopy(till, balancesIn);
}

export function balancesIn(db: ReadableDatabase): { readonly [account: string]: number } {
  const rows = db
    .prepare<[], { name: string; amount: number }>(
      `SELECT account || ' ' || holder || ' ' || commodity AS name, amount FROM balance WHERE amount <> 0 ORDER BY name`,
    )
    .all();
  return Object.fromEntries(rows.map(({ name, amount }) => [name, amount]));
}

/** Reads a copy of the book as it lies on the disk: an engine that runs lets nobody else read. */
export function inCopy<Value>({ directory }: Pick<Till, 'directory'>, read: (db: ReadableDatabase) => Value): Value {
  const copy = mkdtempSync(join(tmpdir(), 'jifen-copy-'));
  try {
    for (const name of ['book.db', 'book.db-wal'])
      if (existsSync(join(directory, name))) copyFileSync(join(directory, name), join(copy, name));
    const db = openReadable(join(copy, 'book.db'));
    try {
      return read(db);
    } finally {
      db.close();
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
