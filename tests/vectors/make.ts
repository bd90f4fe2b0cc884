// Makes the golden county (docs/files.md, "Test vectors"): two kiosks that live three days in the real book, what they sent up, what
// the county answered and sent down. `node tests/vectors/make.ts DIR`; the same bytes every time. Its keys are worthless.

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDownFile } from '../../county/down-writer.ts';
import { demoTagKey, publicText, residentTag } from '../../county/keys.ts';
import { qiongjie } from '../../county/schemes/qiongjie.ts';
import type { Book } from '../../db/book.ts';
import { applyDownFile } from '../../db/down.ts';
import { writeFileDurably } from '../../db/files.ts';
import { type Home, makeHome } from '../../db/home.ts';
import { ackText } from '../../db/model/ack.ts';
import { type Fen, amountMax, fen, points } from '../../db/model/amounts.ts';
import type { DownHeader, DownLine } from '../../db/model/down-file.ts';
import { type BookEvent, type EventKind, signedText } from '../../db/model/event.ts';
import { privateKeyFromSeed } from '../../db/model/keys.ts';
import { signNote } from '../../db/model/note.ts';
import { hashPin } from '../../db/model/pin.ts';
import { settlementOf } from '../../db/model/settlement.ts';
import { dayMs } from '../../db/model/time.ts';
import { type Voucher, sealVoucher } from '../../db/model/voucher.ts';
import { createBook } from '../../db/open-book.ts';
import { currentScheme, currentShop } from '../../db/reference.ts';
import type { SaleEvent } from '../../db/sales.ts';
import { lastSettlementNumber, openAdjustments, openClosings } from '../../db/settlements.ts';
import { cutUpFile, fileNumber, upFilePath } from '../../db/up-files.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { takeVoucher } from '../../db/vouchers.ts';
import { isDateAsked, withSignIns } from '../support/at-work.ts';
import { type CloseOptions, closeDay } from '../support/closing.ts';
import { counted } from '../support/credit.ts';
import { goods, handClock, resident, scheme, shop } from '../support/county.ts';
import { recycled, takenBack } from '../support/recycling.ts';
import { brought } from '../support/return-sale.ts';
import { type SellOptions, sell } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';
import { makeGolden } from './golden-maker.ts';

const county = '540525';
const countyName = `civicpos/${county}`;
const firstKey = privateKeyFromSeed(Buffer.alloc(32, 41));
/** Told by the second file of each kiosk; signs from the third on. */
const secondKey = privateKeyFromSeed(Buffer.alloc(32, 42));
const cardKey = privateKeyFromSeed(Buffer.alloc(32, 43));
const kioskKeys = { 'qj-01': privateKeyFromSeed(Buffer.alloc(32, 51)), 'qj-03': privateKeyFromSeed(Buffer.alloc(32, 53)) } as const;
const days = ['2026-11-21', '2026-11-22', '2026-11-23'] as const;
const firstMorning = Date.parse(`${days[0]}T09:00:00+08:00`);
const software = 'golden 1';

type KioskName = keyof typeof kioskKeys;

/** A kiosk, and what the county knows of it. */
interface Kiosk {
  readonly name: KioskName;
  readonly home: Home;
  readonly book: Book;
  readonly clock: ReturnType<typeof handClock>;
  /** Of the newest files: number, and hash or newest event. */
  readonly down: { seq: number; sha256: string };
  readonly up: { seq: number; toSeq: number; leaf: string };
}

async function make(out: string, work: string): Promise<void> {
  const root = join(out, 'civicpos', county);
  const people = await firstLines();
  const kiosks = [await aKiosk('qj-01', work), await aKiosk('qj-03', work)] as const;
  const [one, three] = kiosks;

  await send(root, one, [
    ...people,
    { t: 'SHOP', shop: { ...shop, kiosk: 'qj-01' } },
    { t: 'GRANT', a: 'a2', g: points(30_000) },
    { t: 'ROAM', a: 'a1', c: points(5_000), xs: points(0) },
  ]);
  await send(root, three, [
    ...people,
    { t: 'SHOP', shop: { ...shop, merchantSharePermille: 30 } },
    { t: 'GRANT', a: 'a1', g: points(20_000) },
    { t: 'GRANT', a: 'a3', g: points(700) },
    { t: 'ROAM', a: 'a2', c: points(5_000), xs: points(0) },
  ]);

  // the first day: points and cash at both, roaming and a credit at the second
  open(one, 0, 10_000);
  sold(one, 0, { resident: '2', goods: [['2', 1]], chosenPoints: 20_000 });
  sold(one, 0, { goods: [['1', 3]] });
  close(one, 0);
  open(three, 0, 20_000);
  sold(three, 0);
  const sale = sold(three, 0, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  sold(three, 0, { resident: '2', goods: [['2', 1]], chosenPoints: 3_000 });
  const cup = sold(three, 0, {
    resident: '1',
    goods: [
      ['3', 2],
      ['1', 1],
    ],
    chosenPoints: 4_000,
    pay: 'other',
  });
  recycled(three.book, { resident: '1', bags: [counted('battery', 20)], day: days[0] });
  close(three, 0);
  for (const kiosk of kiosks) await cut(root, kiosk);

  // the second: half of the roaming is settled, goods come back, a credit is taken back, the drawer is short
  const newKey: DownLine = { t: 'KEY', kid: 2, use: 'file', key: publicText(secondKey), active: true };
  const adjusted: DownLine = { t: 'ADJUST', id: 'adj-1', zh: '上月更正', fen: fen(-150) };
  await nextDay(root, one, [newKey, { t: 'BAL', a: 'a2', balance: points(7_000) }]);
  await nextDay(root, three, [newKey, adjusted, { t: 'ROAM', a: 'a2', c: points(5_000), xs: points(1_500) }]);
  open(one, 1);
  close(one, 1);
  open(three, 1);
  back(three, 1, sale, 0);
  back(three, 1, cup, 0);
  const credit = recycled(three.book, { resident: '3', bags: [counted('battery', 30)], day: days[1] });
  if (typeof credit === 'string') throw new Error(credit);
  takenBack(three.book, credit, days[1]);
  append(three, 1, { kind: 'CASH_MOVED', body: { direction: 'in', fen: fen(5_000), reason: 'change', note: '零钱', approvalId: null } });
  append(three, 1, { kind: 'NO_SALE', body: { reason: 'change' } });
  sold(three, 1, { resident: '1', goods: [['2', 1]] });
  close(three, 1, -50);
  for (const kiosk of kiosks) await cut(root, kiosk);

  // the third: settled more than is left to settle, since some came back; a settlement was paid; the new key signs
  await nextDay(root, one, [{ t: 'GRANT', a: 'a2', g: points(35_000) }, paid(1, 2_000, days[1])]);
  const asksBack: DownLine = { t: 'RETURN_REQ', a: 'a1', b: points(5_000) };
  await nextDay(root, three, [asksBack, { t: 'ROAM', a: 'a2', c: points(5_000), xs: points(3_000) }, paid(1, 2_000, days[1])]);
  open(one, 2);
  const away = sold(one, 2, { resident: '1', goods: [['2', 1]], chosenPoints: 2_000 });
  back(one, 2, away, 0);
  sold(one, 2, { resident: '2', goods: [['1', 1]] });
  // two vouchers; the county's next file counts the first, and asks rights back: all of some, of one who holds none
  vouched(one, 2, { accountId: 'a3', number: 1, amount: points(500) }, firstKey);
  vouched(one, 2, { accountId: 'a3', number: 2, amount: points(250) }, secondKey);
  await send(root, one, [
    { t: 'RETURN_REQ', a: 'a2', b: points(amountMax) },
    { t: 'RETURN_REQ', a: 'a1', b: points(100) },
    { t: 'RETURN_REQ', a: 'a3', b: points(600) },
    { t: 'GRANT', a: 'a3', g: points(500), v: 1 },
  ]);
  close(one, 2);
  open(three, 2);
  three.clock.set(three.clock.wallMs() - 20 * 60_000); // somebody put the clock back
  sold(three, 2, { resident: '3', goods: [['1', 1]] });
  close(three, 2, 100);
  for (const kiosk of kiosks) await cut(root, kiosk);
  for (const kiosk of kiosks) await send(root, kiosk, [], { apply: false });

  writeFileSync(join(out, 'receipts.txt'), receipts(kiosks));
  writeFileSync(join(out, 'keys.json'), `${JSON.stringify(keys(), null, 2)}\n`);
  for (const { name, home, book } of kiosks) {
    book.close();
    const verdict = await verdictOn(home.directory);
    if (verdict.kind !== 'true') throw new Error(`${name}: ${JSON.stringify(verdict)}`); // a golden county that lies is none
  }
}

/** What an outsider is given besides the files. */
function keys(): object {
  return {
    county,
    countyKeyName: countyName,
    countyKeys: [publicText(firstKey)],
    kiosks: Object.fromEntries(Object.entries(kioskKeys).map(([name, key]) => [name, [publicText(key)]])),
  };
}

async function aKiosk(name: KioskName, work: string): Promise<Kiosk> {
  const clock = handClock(firstMorning);
  const home = makeHome(join(work, name), {
    enrolment: { county, store: shop.store, kiosk: name, countyKey: publicText(firstKey), countyKeyName: countyName },
    diskReserveBytes: 0,
  });
  writeFileDurably(home.key, kioskKeys[name].export({ format: 'pem', type: 'pkcs8' }), 0o600); // instead of the one just made
  const book = withSignIns(createBook(home, clock, software));
  return { name, home, book, clock, down: { seq: 0, sha256: '' }, up: { seq: 0, toSeq: 0, leaf: '' } };
}

/** Everything both shops know alike. */
async function firstLines(): Promise<readonly DownLine[]> {
  const pinHash = await hashPin('258036', Buffer.alloc(16, 7));
  const tags = demoTagKey(county, 5);
  const who = (id: string, name: string): DownLine => ({ t: 'RESIDENT', resident: resident(id, { name, tag: residentTag(tags, id) }) });
  return [
    { t: 'SCHEME', scheme: { ...scheme, recycling: qiongjie.scheme.recycling, settlement: { cycle: 'day' } } },
    { t: 'KEY', kid: 1, use: 'card', key: publicText(cardKey), active: true },
    { t: 'KEY', kid: 1, use: 'file', key: publicText(firstKey), active: true },
    { t: 'OPERATOR', operator: { id: 'op1', name: '卓玛', role: 'cashier', pinHash, active: true } },
    { t: 'OPERATOR', operator: { id: 'op2', name: '次仁', role: 'owner', pinHash, active: true } },
    { t: 'GOODS', goods: goods('1') },
    {
      t: 'GOODS',
      goods: goods('2', { zh: '青稞', size: '5kg', initials: 'qk', category: 'grain', picture: 'barley', priceFen: fen(3000) }),
    },
    {
      t: 'GOODS',
      goods: goods('3', {
        zh: '水杯',
        size: '',
        initials: 'sb',
        category: 'kitchen',
        picture: 'cup',
        priceFen: null,
        pricePoints: points(1500),
        settlementFen: fen(120),
      }),
    },
    who('1', '格桑卓玛'),
    who('2', '扎西'),
    who('3', '央金'),
    { t: 'BAL', a: 'a1', balance: points(20_000) },
    { t: 'BAL', a: 'a2', balance: points(30_000) },
    { t: 'BAL', a: 'a3', balance: points(700) },
  ];
}

function paid(number: number, paidFen: number, day: string): DownLine {
  return { t: 'SETTLEMENT', number, state: 'paid', day, paidFen: fen(paidFen), reference: `农行 ${number}` };
}

/** The county's next file for a kiosk, written where a stick carries it, and applied. */
async function send(root: string, kiosk: Kiosk, lines: readonly DownLine[], { apply = true } = {}): Promise<void> {
  const { name, down, up, home, book, clock } = kiosk;
  down.seq += 1;
  const header: DownHeader = {
    t: 'H',
    fmt: 'civicpos-down-v1',
    county,
    kiosk: name,
    downSeq: down.seq,
    prevDownSha: down.sha256,
    serverEpoch: 1,
    asOf: clock.wallMs() - 60_000,
    snapshot: down.seq === 1,
    ackThrough: up.seq === 0 ? null : { inc: 1, seq: up.toSeq, leaf: up.leaf },
  };
  const directory = join(root, 'down', name);
  mkdirSync(directory, { recursive: true });
  const privateKey = down.seq <= 2 ? firstKey : secondKey;
  const { sha256 } = await writeDownFile(directory, header, lines, { name: countyName, privateKey });
  down.sha256 = sha256;
  if (!apply) return;
  const path = join(directory, `${fileNumber(down.seq)}.jsonl.gz`);
  const outcome = await applyDownFile(book, home, path, days[0], () => {});
  if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
}

async function nextDay(root: string, kiosk: Kiosk, lines: readonly DownLine[]): Promise<void> {
  kiosk.clock.turn(firstMorning + kiosk.up.seq * dayMs - kiosk.clock.wallMs());
  await send(root, kiosk, lines);
}

function append({ book }: Kiosk, day: number, entry: EventKind, op = 'op1'): void {
  const id = uuidv7(book.clock.wallMs());
  book.transact(({ append }) => append({ ...entry, id, day: days[day]!, op, command: { act: id } }));
}

function open(kiosk: Kiosk, day: number, floatFen?: number): void {
  const drawer = drawerOf(kiosk.book);
  const isDateConfirmed = isDateAsked(kiosk.book, days[day]!);
  append(kiosk, day, {
    kind: 'SHIFT_OPEN',
    body: { floatFen: fen(floatFen ?? drawer), drawerBeforeFen: drawer, reason: null, approvalId: null, isDateConfirmed },
  });
}

function sold(kiosk: Kiosk, day: number, options: SellOptions = {}): SaleEvent {
  kiosk.clock.turn(5 * 60_000);
  const sale = sell(kiosk.book, { ...options, day: days[day]! });
  if (typeof sale === 'string') throw new Error(sale);
  return sale;
}

function back(kiosk: Kiosk, day: number, sale: SaleEvent, n: number): void {
  kiosk.clock.turn(5 * 60_000);
  const event = brought(kiosk.book, sale, [{ n, quantity: 1 }], { day: days[day]! });
  if (typeof event === 'string') throw new Error(event);
}

/** Somebody brings a voucher of the county. */
function vouched(
  { name, book, clock }: Kiosk,
  day: number,
  voucher: Pick<Voucher, 'accountId' | 'number' | 'amount'>,
  key: typeof firstKey,
): void {
  clock.turn(5 * 60_000);
  const text = sealVoucher({ county, kiosk: name, ...voucher }, key);
  const taken = takeVoucher(book, { text, by: 'scan', op: 'op1', day: days[day]! });
  if (!taken.ok) throw new Error(taken.code);
}

/** The owner counts, closes and, since this county settles daily, settles. */
function close(kiosk: Kiosk, day: number, overFen = 0): void {
  const { book, clock } = kiosk;
  clock.turn(firstMorning + day * dayMs + 9 * 60 * 60_000 - clock.wallMs());
  const options: CloseOptions = { day: days[day]!, countedFen: drawerOf(book) + overFen };
  closeDay(book, options);
  const { zh, bo, countyZh, countyBo } = currentShop(book.db)!;
  const body = settlementOf({
    kiosk: kiosk.name,
    inc: 1,
    number: lastSettlementNumber(book.db) + 1,
    closings: openClosings(book.db),
    scheme: currentScheme(book.db)!,
    adjustments: openAdjustments(book.db),
    printed: { language: 'zh', operatorName: '次仁', shop: { zh, bo, countyZh, countyBo } },
  });
  append(kiosk, day, { kind: 'SETTLED', body }, 'op2');
}

function drawerOf(book: Book): Fen {
  const row = book.db.prepare<[], { amount: number }>(`SELECT amount FROM balance WHERE account = 'cash/drawer'`).get();
  return fen(row?.amount ?? 0);
}

/** Cuts the next file of a kiosk as it does at night, lays it where a stick carries it, and answers it as the county does. */
async function cut(root: string, kiosk: Kiosk): Promise<void> {
  const { name, book, home, up } = kiosk;
  const file = await cutUpFile(book, home, { software, idle: () => Promise.resolve() });
  if (file === null) throw new Error('there was nothing to cut');
  const directory = join(root, 'up', name, String(file.inc));
  mkdirSync(directory, { recursive: true });
  for (const ending of ['jsonl.gz', 'checkpoint', 'note'] as const)
    copyFileSync(upFilePath(home, file, ending), join(directory, `${fileNumber(file.fileSeq)}.${ending}`));
  const { inc, seq, leaf } = book.head();
  Object.assign(up, { seq: file.fileSeq, toSeq: seq, leaf });
  const text = ackText({
    county,
    kiosk: name,
    inc,
    fileSeq: file.fileSeq,
    sha256: file.sha256,
    verdict: 'ACCEPTED',
    posted: { toSeq: seq, headLeaf: leaf },
    want: null,
    exceptions: 0,
    detail: '',
  });
  const answers = join(root, 'ack', name, String(inc));
  mkdirSync(answers, { recursive: true });
  const privateKey = up.seq <= 2 ? firstKey : secondKey;
  writeFileSync(join(answers, `${fileNumber(file.fileSeq)}.ack`), signNote(text, { name: countyName, privateKey }));
}

interface EventRow {
  readonly line: string;
  readonly leaf: Buffer;
  readonly sig: Buffer;
}

/** The codes of every paper: what a receipt's QR says. */
function receipts(kiosks: readonly Kiosk[]): string {
  return kiosks
    .flatMap(({ book }) => book.db.prepare<[], EventRow>(`SELECT line, leaf, sig FROM event WHERE kind IN ('SALE', 'CREDIT')`).all())
    .map(({ line, leaf, sig }) => {
      const event = JSON.parse(line) as BookEvent; // the book's own line
      return `${signedText(event, leaf.toString('base64url'))}|${sig.toString('base64url')}\n`;
    })
    .join('');
}

await makeGolden('golden', make);
