// Makes a book once, opens it ever after. A book that is missing, newer, foreign, damaged or rolled back is refused with
// a reason; an empty one is never started in its place.

import { verify } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Head, readAnchor } from './anchor.ts';
import { type Book, type Clock, bookOver, leafOf, noLeaf } from './book.ts';
import { type Home, finishHome, readSigner, readSigners } from './home.ts';
import { ownKeyInForce, ownKeys, signerOf } from './kiosk-keys.ts';
import { bookVersion, createTables, inspect, migrateFile, migrations, schemaOf } from './migrate.ts';
import { type BookEvent, signedText } from './model/event.ts';
import { publicKeyFromRaw } from './model/keys.ts';
import { rotationFault } from './model/kiosk-key.ts';
import { assert } from './model/result.ts';
import { businessDate } from './model/time.ts';
import { lastDown } from './reference.ts';
import { misheld, misposted } from './refold.ts';
import { type DiskFault, type ReadableDatabase, type WritableDatabase, diskFault, openMemory, openWritable, setFull } from './sqlite.ts';
import { uuidv7 } from './uuid.ts';

export type OpenFailureCode = 'book_missing' | 'book_newer' | 'book_rolled_back' | 'key_missing' | DiskFault;

export type OpenedBook =
  | { readonly ok: true; readonly book: Book }
  | { readonly ok: false; readonly code: OpenFailureCode; readonly detail: string };

/** Of an Ed25519 public key. */
const rawKeyBytes = 32;
/** Events re-checked at every start; `npm run verify` checks the whole book. */
const tailEvents = 500;

/** Makes the book of a new kiosk, which is the last thing its home needs. Throws when there is one. */
export function createBook(home: Home, clock: Clock, software: string): Book {
  assert(!existsSync(home.book), 'a book is made once');
  const signer = readSigner(home);
  assert(signer !== null, 'a home has its key before its book');
  const db = openWritable(home.book, { mustExist: false });
  createTables(db);
  const { county, store, kiosk, countyKey } = home.config.enrolment;
  const meta = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)');
  db.transaction(() => {
    for (const [name, value] of Object.entries({ county, store, kiosk, kioskKey: signer.publicKey, countyKey })) meta.run(name, value);
  })();
  setFull(db);
  const book = bookOver({
    db,
    identity: { county, store, kiosk },
    signer: signer.privateKey,
    signerOf: (key) => signerOf(home, key),
    clock,
    anchorPath: home.anchor,
    head: { inc: 1, seq: 0, leaf: noLeaf },
    newestAt: 0,
    lastAt: 0,
  });
  appendStart(book, signer.publicKey, countyKey, software);
  finishHome(home);
  return book;
}

/**
 * Opens the book in `home`, brings an older one up to date, checks it, and records the start. Takes about a second for
 * five years of sales: quick_check, the newest events' chain, signatures and postings, the sums, every account's rights, the schema, and the anchor.
 */
export function openBook(home: Home, clock: Clock, software: string): OpenedBook {
  return open(home, clock, {
    anchored: true,
    begin: (book, kioskKey) => appendStart(book, kioskKey, home.config.enrolment.countyKey, software),
  });
}

/**
 * Opens a book that was taken out of a backup, and makes its restoration the first event of a new incarnation (reconciliation.md
 * R4): never a silent rewind. Not held against an anchor, which remembers what is lost. `past`: an incarnation that the county has already,
 * of the same backup put back before; the one that begins is a later one, and those between hold nothing.
 */
export function openRestored(home: Home, clock: Clock, backupSha256: string, past = 0): OpenedBook {
  const begin = (book: Book): void => {
    do appendRestored(book, backupSha256);
    while (book.head().inc <= past);
  };
  return open(home, clock, { anchored: false, begin });
}

function open(
  home: Home,
  clock: Clock,
  how: { readonly anchored: boolean; readonly begin: (book: Book, kioskKey: string) => void },
): OpenedBook {
  if (!existsSync(home.book)) return refuse('book_missing', home.book);
  if (readSigners(home).size === 0) return refuse('key_missing', home.key);
  let db: WritableDatabase | null = null;
  let book: Book | null = null;
  try {
    const found = inspect(home.book);
    if (found.kind === 'foreign' || found.version < 1) return refuse('book_foreign', home.book);
    if (found.version > bookVersion) return refuse('book_newer', `version ${found.version}, this program knows ${bookVersion}`);
    if (found.version < bookVersion) migrateFile(home.book);
    db = openWritable(home.book, { mustExist: true });
    const fault = checkBook(db, home) ?? (how.anchored ? checkAnchor(db, home.anchor) : null);
    if (fault !== null) {
      db.close();
      return fault;
    }
    const { county, store, kiosk } = home.config.enrolment;
    const { head, newestAt, lastAt } = headOf(db);
    const key = ownKeyInForce(db);
    book = bookOver({
      db,
      identity: { county, store, kiosk },
      signer: signerOf(home, key),
      signerOf: (each) => signerOf(home, each),
      clock,
      anchorPath: home.anchor,
      head,
      newestAt,
      lastAt,
    });
    how.begin(book, key);
    setFull(db); // the pragma can only be believed after a write (reconciliation.md D2, 1)
    return { ok: true, book };
  } catch (error) {
    if (book !== null) book.close(); // the anchor, too: a till on a full disk tries again every ten seconds
    else if (db?.open === true) db.close();
    const code = diskFault(error);
    if (code === null) throw error;
    return refuse(code, String(error));
  }
}

function appendStart(book: Book, kioskKey: string, countyKey: string, software: string): void {
  const now = book.clock.wallMs();
  book.transact((transaction) => {
    transaction.append({
      kind: 'START',
      body: { software, kioskKey, countyKey },
      id: uuidv7(now),
      day: businessDate(Math.max(now, book.lastAt())),
      op: null,
      command: 'start',
    });
  });
}

function appendRestored(book: Book, backupSha256: string): void {
  const { inc, seq, leaf } = book.head();
  const now = book.clock.wallMs();
  book.transact(({ append }) => {
    append({
      kind: 'RESTORED',
      body: { fromInc: inc, throughSeq: seq, leaf, backupSha256 },
      id: uuidv7(now),
      day: businessDate(Math.max(now, book.lastAt())),
      op: null,
      command: { restore: backupSha256 },
    });
  });
}

function checkBook(db: WritableDatabase, home: Home): (OpenedBook & { readonly ok: false }) | null {
  const sound = db.pragma('quick_check(1)', { simple: true });
  if (sound !== 'ok') return refuse('book_damaged', String(sound));
  const schema = missingFrom(schemaOf(db), expectedSchema());
  if (schema !== null) return refuse('book_damaged', `schema: ${schema}`);
  const { county, store, kiosk, countyKey } = home.config.enrolment;
  const meta = new Map(
    db
      .prepare<[], { name: string; value: string }>('SELECT name, value FROM meta')
      .all()
      .map((row) => [row.name, row.value]),
  );
  for (const [name, value] of Object.entries({ county, store, kiosk, countyKey }))
    if (meta.get(name) !== value) return refuse('book_foreign', `the book’s ${name} is ${meta.get(name)}, kiosk.json says ${value}`);
  const keys = ownKeys(db);
  const nameless = keys.find(({ key }) => Buffer.from(key, 'base64url').length !== rawKeyBytes);
  if (nameless !== undefined) return refuse('book_damaged', `event ${nameless.fromSeq - 1}: names no key`);
  if (!readSigners(home).has(keys.at(-1)!.key)) return refuse('key_missing', 'no key in this home is the one that signs this book'); // one at least
  const lie = checkTail(db, keys);
  if (lie !== null) return refuse('book_damaged', lie);
  const sums = db.prepare<[], { commodity: string }>('SELECT commodity FROM balance GROUP BY commodity HAVING sum(amount) <> 0').all();
  if (sums.length > 0) return refuse('book_damaged', `balances in ${sums[0]!.commodity} do not sum to zero`);
  const held = misheld(db);
  if (held !== null) return refuse('book_damaged', held);
  return null;
}

/** The newest events: whole chain, right leaves, right signatures, and the postings they make. Null where all is well. */
function checkTail(db: WritableDatabase, keys: ReturnType<typeof ownKeys>): string | null {
  const keyAt = (seq: number): string => keys.findLast(({ fromSeq }) => fromSeq <= seq)!.key; // the first is of event 1
  const keyObjects = new Map(keys.map(({ key }) => [key, publicKeyFromRaw(Buffer.from(key, 'base64url'))]));
  const rows = db
    .prepare<[number], { seq: number; line: string; leaf: Buffer; sig: Buffer }>(
      'SELECT seq, line, leaf, sig FROM event ORDER BY seq DESC LIMIT ?',
    )
    .all(tailEvents + 1);
  const events = rows.map(({ line }) => parseEvent(line)); // once each: an event is looked at from both sides
  for (const [i, row] of rows.slice(0, tailEvents).entries()) {
    const before = rows[i + 1];
    const prev = before === undefined ? noLeaf : before.leaf.toString('base64url');
    const read = readChained(row, prev, before === undefined ? 1 : before.seq + 1, events[i]);
    if (typeof read === 'string') return `event ${row.seq}: ${read}`;
    const { event, signed } = read;
    if (!verify(null, signed, keyObjects.get(keyAt(row.seq))!, row.sig)) return `event ${row.seq}: ${notSigned}`;
    const incarnation = checkIncarnation(event, events[i + 1] ?? null);
    if (incarnation !== null) return `event ${row.seq}: ${incarnation}`;
    const rotation = event.kind === 'KEY_ROTATED' ? rotationFault(event, keyAt(row.seq)) : null;
    if (rotation !== null) return `event ${row.seq}: ${rotation}`;
    const posted = misposted(db, event);
    if (posted !== null) return `event ${row.seq}: ${posted}`;
  }
  return rows.length === 0 ? 'the book has no events' : null;
}

interface ChainRow {
  readonly seq: number;
  readonly line: string;
  readonly leaf: Buffer;
  readonly sig: Buffer;
}

/** What is said of an event whose signature does not hold. */
export const notSigned = 'its signature is not the kiosk’s';

/**
 * One stored event as its line says it and the text that its signature must be of, or what is wrong with it but for that
 * signature. Also the heart of `npm run verify`, which checks signatures apart. `event`: its line, where the caller has parsed it.
 */
export function readChained(
  row: ChainRow,
  prev: string,
  seq: number,
  event: BookEvent | null = parseEvent(row.line),
): { readonly event: BookEvent; readonly signed: Uint8Array } | string {
  if (row.seq !== seq) return `follows ${seq - 1}: a number is missing`;
  const leaf = leafOf(row.line);
  if (!leaf.equals(row.leaf)) return 'its leaf is not the hash of its line';
  if (event === null) return 'its line is not JSON';
  if (event.seq !== row.seq) return `its line says ${event.seq}`;
  if (event.prev !== prev) return 'does not chain to the event before';
  return { event, signed: Buffer.from(signedText(event, leaf.toString('base64url'))) };
}

/** A new incarnation begins with what was restored, and nothing else begins one. `last`: the event before; null: none, or none to be read. */
function checkIncarnation(event: BookEvent, last: BookEvent | null): string | null {
  if (last === null) return null; // the first of all, or a line that is told of when it is looked at itself
  const expected = last.inc + (event.kind === 'RESTORED' ? 1 : 0);
  return event.inc === expected ? null : `is of incarnation ${event.inc}, not ${expected}`;
}

function parseEvent(line: string): BookEvent | null {
  try {
    return JSON.parse(line) as BookEvent; // the leaf and the signature say who wrote it
  } catch {
    return null; // told to the caller as a fault of the line
  }
}

/** A book behind its anchor was put back from an image (R6, 28). A book ahead of it is an anchor not yet written. */
function checkAnchor(db: WritableDatabase, path: string): (OpenedBook & { readonly ok: false }) | null {
  const anchor = readAnchor(path);
  if (anchor === null) return null;
  const standing = besideAnchor(db, anchor);
  if (standing === 'missing') return refuse('book_rolled_back', `the book ends before event ${anchor.seq}, which was once in it`);
  if (standing === 'other') return refuse('book_rolled_back', `event ${anchor.seq} is not the one that was once in the book`);
  return null;
}

/**
 * How a book stands to a head it once had. `given_up`: that head came after a backup which was put back since, as the book itself
 * says; the disk of that anchor was away then.
 */
export function besideAnchor(db: ReadableDatabase, anchor: Head): 'in_book' | 'given_up' | 'missing' | 'other' {
  const restored = db
    .prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'RESTORED' ORDER BY seq`)
    .all()
    .map((row) => JSON.parse(row.line) as BookEvent);
  const isGivenUp = restored.some(
    (event) => event.kind === 'RESTORED' && event.body.fromInc === anchor.inc && anchor.seq > event.body.throughSeq,
  );
  if (isGivenUp) return 'given_up';
  const row = db.prepare<[number], { leaf: Buffer }>('SELECT leaf FROM event WHERE seq = ?').get(anchor.seq);
  if (row === undefined) return 'missing';
  return row.leaf.toString('base64url') === anchor.leaf ? 'in_book' : 'other';
}

function headOf(db: WritableDatabase): { readonly head: Head; readonly newestAt: number; readonly lastAt: number } {
  const row = db.prepare<[], { line: string; leaf: Buffer }>('SELECT line, leaf FROM event ORDER BY seq DESC LIMIT 1').get();
  assert(row !== undefined, 'an opened book has its START');
  const event = JSON.parse(row.line) as BookEvent; // checked just before by checkTail
  const head = { inc: event.inc, seq: event.seq, leaf: row.leaf.toString('base64url') };
  // The county's time is a floor that no clock of this kiosk can move; an event's would outlive a clock once set ahead.
  return { head, newestAt: event.at, lastAt: Math.max(event.at, lastDown(db)?.asOf ?? 0) };
}

/** Made once for a program's life: a till on a full disk opens its book every ten seconds. */
let madeSchema: readonly string[] | null = null;

function expectedSchema(): readonly string[] {
  if (madeSchema !== null) return madeSchema;
  const db = openMemory();
  try {
    for (const step of migrations) db.exec(step);
    return (madeSchema = schemaOf(db));
  } finally {
    db.close();
  }
}

/** The first difference between two schemas, or null. */
export function missingFrom(found: readonly string[], expected: readonly string[]): string | null {
  const here = new Set(found);
  const wanted = new Set(expected);
  const gone = expected.find((line) => !here.has(line)) ?? found.find((line) => !wanted.has(line));
  return gone === undefined ? null : gone.split(':')[0]!;
}

function refuse(code: OpenFailureCode, detail: string): { readonly ok: false; readonly code: OpenFailureCode; readonly detail: string } {
  return { ok: false, code, detail };
}
