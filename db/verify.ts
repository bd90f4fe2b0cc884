// Re-checks a kiosk's whole book from its stored bytes and stops at the first lie, naming the place. Works on a copy in
// the temporary folder and never writes into the home.

import { copyFileSync, existsSync, mkdtempSync, openSync, readSync, closeSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readAnchor } from './anchor.ts';
import { noLeaf } from './book.ts';
import { type Home, keyFilesIn, readHome, readSigners } from './home.ts';
import { ownKeys } from './kiosk-keys.ts';
import { bookVersion, migrateFile, migrations, schemaOf, versionOf } from './migrate.ts';
import { canonical, type Plain } from './model/canonical.ts';
import type { BookEvent } from './model/event.ts';
import { publicKeyFromRaw } from './model/keys.ts';
import { rotationFault } from './model/kiosk-key.ts';
import { fen } from './model/amounts.ts';
import { priceOfWeight } from './model/checkout.ts';
import { paperNumber } from './model/paper-number.ts';
import { unitsOf } from './model/recycling.ts';
import { counterStepOf, postingsOf } from './model/postings.ts';
import { besideAnchor, missingFrom, notSigned, readChained } from './open-book.ts';
import { type ReadableDatabase, applicationId, diskFault, openMemory, openReadable } from './sqlite.ts';
import { type CountyFiles, countyFiles } from './verify-county.ts';
import { newLeaves } from './verify-approval.ts';
import { newClock } from './verify-clock.ts';
import { closingChecks } from './verify-closing.ts';
import { deskChecks } from './verify-desk.ts';
import { drawerChecks } from './verify-drawer.ts';
import { type Fold, compareBalances, compareCounters, newFold } from './verify-fold.ts';
import { Lie, besideChain, counted, rowsOf } from './verify-lie.ts';
import { paperChecks } from './verify-papers.ts';
import { returnChecks } from './verify-returns.ts';
import { type RightsChecks, rightsChecks } from './verify-rights.ts';
import { type DecodeFrames, scaleChecks } from './verify-scales.ts';
import { sessionChecks } from './verify-session.ts';
import { upChecks } from './verify-up.ts';
import { upkeepChecks } from './verify-upkeep.ts';
import { settlementChecks } from './verify-settlement.ts';
import { type Signatures, signaturesOf } from './verify-signatures.ts';

export type Verdict =
  | { readonly kind: 'true' }
  | { readonly kind: 'lie'; readonly check: string; readonly place: string; readonly what: string }
  /** Nothing can be said: the kiosk is running, or the disk would not let us look. */
  | { readonly kind: 'unchecked'; readonly what: string };

/**
 * Checks everything in `directory` that can be checked without the county: file, schema, chain, signatures, the county's
 * kept files, postings, balances, counters, sales, prices, credits, scales, approvals, reference tables, anchor (reconciliation.md R6, 27). `report`
 * hears one line for each check that holds. `decode` reads the bytes of weighings; without it they are not read, and `report` hears
 * so. `isCopy`: nobody else has the folder, so its book is read where it lies, and no anchor speaks of it. `progress` hears which part
 * of the events is done, 0 to 1. Memory grows with accounts, not with events. Throws only on our own faults.
 */
export async function verifyHome(
  directory: string,
  report: (line: string) => void,
  decode: DecodeFrames | null = null,
  { isCopy = false, progress = () => undefined }: { readonly isCopy?: boolean; readonly progress?: (part: number) => void } = {},
): Promise<Verdict> {
  const found = readHome(directory);
  if (!found.ok && found.code === 'not_enrolled')
    return { kind: 'unchecked', what: `no kiosk lives in ${directory}: kiosk.json is missing` };
  const say: Say = (check, text) => report(`ok  ${check}: ${text}`);
  let scratch: string | null = null;
  let db: ReadableDatabase | null = null;
  let before: string | null = null;
  try {
    if (!found.ok) throw new Lie('home', 'kiosk.json', found.detail);
    const { home } = found;
    if (!existsSync(home.book)) throw new Lie('file', 'book.db', 'is missing');
    if (!isCopy && isRunning(home.book)) return running(home);
    scratch = mkdtempSync(join(isCopy ? directory : tmpdir(), 'jifen-verify-'));
    before = stamp(home.book);
    const copy = isCopy ? home.book : copyBook(home.book, scratch);
    if (!isCopy && (stamp(home.book) !== before || isRunning(home.book))) return running(home);
    db = openCopy(copy, say);
    checkFile(db, say);
    const key = checkIdentity(db, home, say);
    const files = countyFiles(home, scratch);
    try {
      await walk(db, { home, key, files, scratch, decode, say, progress });
      files.compareReference(db, say);
    } finally {
      files.close();
    }
    if (!isCopy) checkAnchor(db, home, say);
    return { kind: 'true' };
  } catch (error) {
    // the copy is checked beside files and an anchor that go on when the kiosk is started meanwhile: what is amiss then may be that alone
    if (error instanceof Lie && found.ok && before !== null && !isCopy && (isRunning(found.home.book) || stamp(found.home.book) !== before))
      return running(found.home);
    if (error instanceof Lie) return { kind: 'lie', check: error.check, place: error.place, what: error.what };
    const fault = diskFault(error);
    if (fault === 'book_damaged' || fault === 'book_foreign') return { kind: 'lie', check: 'file', place: 'book.db', what: String(error) };
    if (fault !== null) return { kind: 'unchecked', what: String(error) };
    throw error;
  } finally {
    db?.close();
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
  }
}

/** Events between two words on how far it is. */
const eventsPerWord = 2_000;

/** Tells one check that holds. */
type Say = (check: string, text: string) => void;

function running(home: Home): Verdict {
  return {
    kind: 'unchecked',
    what: `the kiosk is running and holds ${home.book}: stop it, and start it again when this is done; or touch 现在备份 under 账目 → 备份 there, which checks the whole book while it sells`,
  };
}

/**
 * Whether a kiosk holds the book. A read-only handle that wants the file for itself fails either way: with BUSY where
 * another has it, otherwise before it would make a file beside the book.
 */
function isRunning(path: string): boolean {
  const db = openReadable(path);
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('schema_version');
    return false;
  } catch (error) {
    return diskFault(error) === 'book_busy'; // any other fault is told when the copy is opened
  } finally {
    db.close();
  }
}

/** Changes when somebody writes: a copy made meanwhile is worth nothing. */
function stamp(path: string): string {
  return [path, `${path}-wal`].map((each) => (existsSync(each) ? `${statSync(each).mtimeMs}/${statSync(each).size}` : 'none')).join(' ');
}

/** The book with the log that a crash left beside it. SQLite makes files next to what it reads, so it reads a copy. */
function copyBook(path: string, directory: string): string {
  const copy = join(directory, basename(path));
  for (const suffix of ['', '-wal', '-journal']) if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
  return copy;
}

const sqliteMagic = 'SQLite format 3\0';

function openCopy(copy: string, say: Say): ReadableDatabase {
  const head = Buffer.alloc(sqliteMagic.length);
  const file = openSync(copy, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  if (head.toString('latin1') !== sqliteMagic) throw new Lie('file', 'book.db', 'is not a SQLite database');
  const db = openReadable(copy);
  try {
    if (db.pragma('application_id', { simple: true }) !== applicationId) throw new Lie('file', 'book.db', 'is a database but no book');
    const version = versionOf(db);
    if (version < 1 || version > bookVersion)
      throw new Lie('file', 'book.db', `has version ${version}, this program checks ${bookVersion}`);
    say('file', `book.db, ${counted(statSync(copy).size, 'byte')}, version ${version}`);
    if (version === bookVersion) return db;
    db.close();
    return migratedCopy(copy);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A book that an older program left is read as the one that opens it next will read it. */
function migratedCopy(copy: string): ReadableDatabase {
  try {
    migrateFile(copy);
  } catch (error) {
    throw new Lie('file', 'book.db', `cannot be read as version ${bookVersion}: ${String(error)}`);
  }
  return openReadable(copy);
}

function checkFile(db: ReadableDatabase, say: Say): void {
  const fault = String(db.pragma('integrity_check(1)', { simple: true }));
  if (fault !== 'ok') throw new Lie('integrity', 'book.db', fault);
  const orphans = db.pragma('foreign_key_check') as readonly {
    readonly table: string;
    readonly rowid: number | null;
    readonly parent: string;
  }[]; // as SQLite documents
  const orphan = orphans[0];
  if (orphan !== undefined)
    throw new Lie('integrity', `table ${orphan.table}, row ${orphan.rowid ?? '?'}`, `belongs to no row of ${orphan.parent}`);
  say('integrity', 'every page, index and reference is whole');
  const here = schemaOf(db);
  const difference = missingFrom(here, expectedSchema());
  if (difference !== null) throw new Lie('schema', difference, 'is missing, changed or not ours');
  say('schema', `${here.length} tables, indexes and triggers, as this program makes them`);
}

function expectedSchema(): readonly string[] {
  const db = openMemory();
  try {
    for (const step of migrations) db.exec(step);
    return schemaOf(db);
  } finally {
    db.close();
  }
}

/** The book, kiosk.json and the key files must speak of one kiosk. Returns the key (raw, base64url) that the first event is signed with. */
function checkIdentity(db: ReadableDatabase, home: Home, say: Say): string {
  const { county, store, kiosk, countyKey } = home.config.enrolment;
  const meta = Object.fromEntries(
    db
      .prepare<[], { name: string; value: string }>('SELECT name, value FROM meta')
      .all()
      .map((row) => [row.name, row.value]),
  );
  for (const [name, value] of Object.entries({ county, store, kiosk, countyKey }))
    if (meta[name] !== value) throw new Lie('identity', `table meta, ${name}`, `is ${meta[name] ?? 'missing'}; kiosk.json says ${value}`);
  const { kioskKey } = meta;
  if (kioskKey === undefined || Buffer.from(kioskKey, 'base64url').length !== 32)
    throw new Lie('identity', 'table meta, kioskKey', 'is no key');
  const inForce = ownKeys(db).at(-1)!.key; // one at least
  const [signers, files] = [readSigners(home), keyFilesIn(home)];
  const strange = files.find(({ path }) => ![...signers.values()].some((each) => each.path === path));
  if (strange !== undefined) throw new Lie('identity', strange.name, 'is no key');
  if (files.length > 0 && !signers.has(inForce)) throw new Lie('identity', files.at(-1)!.name, 'is not the key of this book');
  say('identity', `${county}/${store}/${kiosk}, key ${inForce}${files.length === 0 ? ' (the key file is not here)' : ''}`);
  return kioskKey;
}

function publicKeyOf(key: string): ReturnType<typeof publicKeyFromRaw> {
  return publicKeyFromRaw(Buffer.from(key, 'base64url'));
}

interface EventRow {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly line: string;
  readonly leaf: Buffer;
  readonly sig: Buffer;
}

interface SaleRow {
  readonly seq: number;
  readonly sale_id: string;
  readonly receipt_number: string;
  readonly day: string;
  readonly account_id: string | null;
  readonly points: number;
  readonly total_fen: number;
}

/** One pass over the events in order, with the postings and sales beside them. */
async function walk(
  db: ReadableDatabase,
  {
    home,
    key,
    files,
    scratch,
    decode,
    say,
    progress,
  }: {
    readonly home: Home;
    readonly key: string;
    readonly files: CountyFiles;
    readonly scratch: string;
    readonly decode: DecodeFrames | null;
    readonly say: Say;
    readonly progress: (part: number) => void;
  },
): Promise<void> {
  const fold = newFold(db);
  const sales = rowsOf<SaleRow>(db, 'SELECT seq, sale_id, receipt_number, day, account_id, points, total_fen FROM sale ORDER BY seq');
  const signatures = signaturesOf(publicKeyOf(key));
  let kiosk: Kiosk = { ...home.config.enrolment, signatures, kioskKey: key };
  const keys = new Set([key]);
  const leaves = newLeaves();
  const clock = newClock();
  const scales = scaleChecks({ clock, scratch, decode });
  const desk = deskChecks(db, { fold, leaves, scales });
  const returns = returnChecks(db, { fold, leaves });
  const rights = rightsChecks();
  const vouchers = besideChain(db, 'vouchers', 'voucher', 'seq, account_id, number, amount');
  const beside = {
    held: (id: string) => ({ rights: fold.rights(id), returned: fold.counters.get(id)?.returned ?? 0 }),
    keys: () => files.fileKeys(),
    isRostered: (id: string) => files.isRostered(id),
  };
  const settlements = settlementChecks(db);
  const upkeep = upkeepChecks(db);
  const up = upChecks(db, { home, fold });
  const newestSeq = db.prepare<[], { seq: number }>('SELECT coalesce(max(seq), 1) AS seq FROM event').get()!.seq;
  const closings = closingChecks(db, { fold, leaves });
  const drawer = drawerChecks({ fold, leaves });
  const session = sessionChecks();
  const papers = paperChecks(db, leaves);
  let inForce = files.inForce();
  let before: Before = { leaf: noLeaf, seq: 0, at: 0, inc: 1 };
  let receipts = 0;
  try {
    for (const row of db.prepare<[], EventRow>('SELECT seq, id, kind, line, leaf, sig FROM event ORDER BY seq').iterate()) {
      const event = await checkLink(row, before, kiosk);
      const place = `event ${event.seq}`;
      clock.take(event, place);
      await checkEffects(event, place, { fold, files, rights });
      rights.take(event, place, beside);
      if (event.kind === 'VOUCHER_IN')
        vouchers.next({ seq: event.seq, account_id: event.body.accountId, number: event.body.number, amount: event.amt }, place);
      if (event.kind === 'RESTORED') files.restored(row.leaf.toString('base64url'));
      if (event.kind === 'NOTICE_TAKEN') files.notice(event, place);
      if (event.kind === 'DOWN_APPLIED' || event.kind === 'RESTORED') inForce = files.inForce();
      session.take(event, place, inForce);
      if (event.kind === 'SALE') {
        receipts += 1;
        checkSale(event, sales.next(), receipts, place);
        files.checkSale(event, place, fold);
      }
      leaves.take(event, place, inForce);
      desk.take(event, place, inForce);
      drawer.take(event, place, inForce);
      returns.take(event, place, inForce);
      if (event.kind === 'RETURNED') files.takeReturn(event);
      closings.take(event, place, { leaf: row.leaf, inForce });
      settlements.take(event, place, inForce);
      upkeep.take(event, place);
      await up.take(event, row, kiosk.kioskKey);
      papers.take(event, place);
      fold.endEvent(event);
      if (event.kind === 'KEY_ROTATED') {
        const { newKey } = event.body;
        const fault = rotationFault(event, kiosk.kioskKey) ?? (keys.has(newKey) ? 'goes back to a key that was given up' : null);
        if (fault !== null) throw new Lie('chain', place, fault);
        keys.add(newKey);
        kiosk = { ...kiosk, kioskKey: newKey };
        signatures.turnTo(publicKeyOf(newKey));
      }
      before = { leaf: row.leaf.toString('base64url'), seq: event.seq, at: event.at, inc: event.inc };
      if (event.seq % eventsPerWord === 0) progress(event.seq / newestSeq);
    }
    const extraSale = sales.next();
    if (extraSale !== null) throw new Lie('sales', `table sale, row ${extraSale.seq}`, 'is of no sale in the chain');
    desk.end();
    returns.end();
    rights.end();
    vouchers.end();
    closings.end();
    settlements.end();
    up.end();
    papers.end();
    fold.end();
    await checkSigned(signatures);
  } catch (error) {
    await checkSigned(signatures); // an event that nobody signed comes before whatever it says
    throw error;
  } finally {
    sales.close();
    desk.close();
    returns.close();
    vouchers.close();
    closings.close();
    settlements.close();
    up.close();
    papers.close();
    scales.close();
    fold.close();
  }
  const { seq } = before;
  if (seq === 0) throw new Lie('chain', 'table event', 'has no events');
  files.end(db);
  say('chain', `${counted(seq, 'event')}, 1 to ${seq.toLocaleString('en')} without a gap, each canonical and bound to the one before`);
  say('signatures', `${counted(seq, 'signature')} of this kiosk${keys.size === 1 ? '' : `, by ${keys.size} keys one after the other`}`);
  say('business dates', clock.report());
  say('operators', session.report());
  say('county files', `${counted(files.count(), 'file')} kept, signed, whole and in order`);
  say('postings', `${counted(fold.postings(), 'row')}, each what its event says; every event sums to zero`);
  say('balances', compareBalances(db, fold));
  say('counters', compareCounters(db, fold));
  rights.compare(db);
  say('rights and vouchers', rights.report());
  say('sales', `${counted(receipts, 'sale')} and their receipt numbers without a gap, at the prices and rules in force`);
  say('returns', returns.report());
  for (const [check, text] of desk.report()) say(check, text);
  say('closings', closings.report());
  say('settlements', settlements.report());
  say('drawer', drawer.report());
  say('approvals', leaves.report());
  say('upkeep', upkeep.report());
  say('up files', up.report());
  for (const text of up.refused()) say('refused files', text);
  say('print jobs', papers.report());
  say('left out', 'wrong PINs (pin_lockout) and carts put aside (held_cart): no money or points hang on them, so no rule is about them');
}

/** Every event up to here is signed by this kiosk; else the first that is not is the lie. */
async function checkSigned(signatures: Signatures): Promise<void> {
  const wrong = await signatures.end();
  if (wrong !== null) throw new Lie('chain', `event ${wrong}`, notSigned);
}

interface Kiosk {
  readonly county: string;
  readonly store: string;
  readonly kiosk: string;
  readonly countyKey: string;
  /** In force at the event. */
  readonly kioskKey: string;
  readonly signatures: Signatures;
}

/** The event before: what the next one must follow. */
interface Before {
  readonly leaf: string;
  readonly seq: number;
  readonly at: number;
  readonly inc: number;
}

/**
 * The event of a row that is canonical, chained, of this kiosk, and in its columns what its line says. Whether it is signed is known
 * later: until then it is no more than what somebody wrote.
 */
async function checkLink(
  row: EventRow,
  before: Before,
  { county, store, kiosk, countyKey, kioskKey, signatures }: Kiosk,
): Promise<BookEvent> {
  const lie = (what: string): never => {
    throw new Lie('chain', `event ${row.seq}`, what);
  };
  const read = readChained(row, before.leaf, before.seq + 1);
  if (typeof read === 'string') return lie(read);
  const { event } = read;
  const many = signatures.add(event.seq, read.signed, row.sig);
  if (many !== null) await many;
  if (!isCanonical(row.line, event)) return lie('its line is not canonical');
  if (row.id !== event.id || row.kind !== event.kind) return lie('its columns are not what its line says');
  const found = canonical([event.v, event.county, event.store, event.kiosk, event.inc]);
  const inc = event.kind === 'RESTORED' ? before.inc + 1 : before.inc;
  if (found !== canonical([1, county, store, kiosk, inc])) return lie(`is of another kiosk: ${found}`);
  if (event.clk !== (event.at < before.at ? 'back' : 'ok')) return lie(`says its clock was ${event.clk}`);
  if (row.seq === 1 && event.kind !== 'START') return lie('a book begins with START');
  if (event.kind === 'START' && (event.body.kioskKey !== kioskKey || event.body.countyKey !== countyKey))
    return lie('started with other keys');
  if (event.kind === 'RESTORED') {
    const { fromInc, throughSeq, leaf } = event.body;
    if (fromInc !== before.inc || throughSeq !== before.seq || leaf !== before.leaf)
      return lie('was put back after another event than the one before it');
  }
  return event;
}

/** What the event did to the accounts, beside what the tables say it did. */
async function checkEffects(
  event: BookEvent,
  place: string,
  { fold, files, rights }: { readonly fold: Fold; readonly files: CountyFiles; readonly rights: RightsChecks },
): Promise<void> {
  let step: ReturnType<typeof counterStepOf>;
  try {
    for (const posting of postingsOf(event)) fold.post(event.seq, posting);
    step = counterStepOf(event);
  } catch (error) {
    if (error instanceof Lie) throw error;
    throw new Lie('postings', place, error instanceof Error ? error.message : String(error)); // the rules of postings.ts refuse it
  }
  if (step !== null) fold.step(step, place);
  if (event.kind === 'RESTORED') fold.giveUp(event.seq, place);
  if (event.kind === 'DOWN_APPLIED') await files.apply(event, place, fold, rights);
}

function checkSale(event: BookEvent & { readonly kind: 'SALE' }, row: SaleRow | null, receipts: number, place: string): void {
  const { body } = event;
  const expected: SaleRow = {
    seq: event.seq,
    sale_id: event.id,
    receipt_number: body.receiptNumber,
    day: event.day,
    account_id: body.accountId,
    points: event.amt,
    total_fen: body.totalFen,
  };
  if (row === null || canonical({ ...row }) !== canonical({ ...expected }))
    throw new Lie('sales', `table sale, row ${row?.seq ?? event.seq}`, `is not what ${place} says`);
  const receipt = paperNumber(event, '', receipts);
  if (body.receiptNumber !== receipt) throw new Lie('sales', place, `has receipt ${body.receiptNumber}, not ${receipt}`);
  for (const [i, line] of body.lines.entries()) {
    const { weighed } = line;
    // a label that says its price is held against its digits by the county's layouts (verify-county.ts)
    const priced =
      weighed === undefined
        ? line.quantity * line.unitPrice
        : weighed.by === 'price-label'
          ? line.totalFen
          : priceOfWeight(fen(line.unitPrice), weighed.netGrams);
    const isRight =
      (weighed === undefined ? line.quantity > 0 : line.quantity === 1 && line.pricedIn === 'yuan' && line.totalFen > 0) &&
      line.points >= 0 &&
      line.pointsFen >= 0 &&
      (line.pricedIn === 'yuan'
        ? line.totalFen === priced && line.pointsFen <= priced
        : line.totalFen === 0 && line.points === priced && line.pointsFen === 0);
    if (!isRight) throw new Lie('sales', `${place}, line ${i + 1}`, 'does not multiply out');
    if (weighed?.by !== 'scale') continue;
    if (weighed.netGrams <= 0 || weighed.netGrams !== unitsOf({ kind: 'weighed', ...weighed }))
      throw new Lie('sales', `${place}, line ${i + 1}`, 'weighs other than was read less the tare');
  }
  const paid = body.lines.reduce((sum, line) => sum + line.pointsFen, 0);
  if (paid !== (body.redemption?.worthFen ?? 0)) throw new Lie('sales', place, 'its points are worth other than its lines say');
}

function checkAnchor(db: ReadableDatabase, home: Home, say: Say): void {
  const anchor = readAnchor(home.anchor);
  if (anchor === null) return say('anchor', 'none is kept');
  const event = `event ${anchor.seq.toLocaleString('en')}`;
  switch (besideAnchor(db, anchor)) {
    case 'missing':
      throw new Lie('anchor', `event ${anchor.seq}`, 'was once in this book: the book was put back or cut');
    case 'other':
      throw new Lie('anchor', `event ${anchor.seq}`, 'is another than was once in this book');
    case 'given_up':
      return say('anchor', `${event} was lost when a backup was put back, as the book says`);
    case 'in_book':
      return say('anchor', `${event} is in the book`);
  }
}

function isCanonical(line: string, event: BookEvent): boolean {
  try {
    return canonical(event as unknown as Plain) === line; // plain data: it came out of JSON.parse
  } catch {
    return false; // a fraction or text that is not NFC: canonical says which, the place is what matters here
  }
}
