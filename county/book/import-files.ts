// Brings files that were sent to a kiosk before there was a county's book: what they granted becomes awards and rights of the book, so
// that both fit together from the first up-file on. Believes a file only with the county's own signature.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '../../db/files.ts';
import { type DownLine, downHeader, downLine } from '../../db/model/down-file.ts';
import { openNote, parseFileNote } from '../../db/model/note.ts';
import { assert } from '../../db/model/result.ts';
import { prepared } from '../../db/sqlite.ts';
import { takeAdjustment } from './adjustments.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { everyFileKey } from './county-keys.ts';
import { moved } from './ledger.ts';
import { type MasterLine, everyKiosk, isMasterLine, putMaster } from './master.ts';
import { allowRoaming, givenTo, grantUnallocated, keepRoamLine } from './rights.ts';
import { unpackDown } from './unpack.ts';

/** Adds a kiosk that may enrol, or changes nothing where it is there. */
export function expectKiosk({ db }: CountyAct, { kiosk, store }: { readonly kiosk: string; readonly store: string }): void {
  prepared(db, `INSERT INTO kiosk (kiosk, store, state) VALUES (?, ?, 'expected') ON CONFLICT DO NOTHING`).run(kiosk, store);
}

/** Adds an account at its home, with the lines of its neighbours, or changes nothing where it is there. `isActive`: somebody of it may spend. */
export function addAccount(
  act: CountyAct,
  { account, home, isActive }: { readonly account: string; readonly home: string; readonly isActive: boolean },
): void {
  const { db } = act;
  const { changes } = prepared(db, 'INSERT INTO account (account, home, is_active) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
    account,
    home,
    Number(isActive),
  );
  if (changes === 0) return;
  const lines = prepared<[string], { kiosk: string; cap: number }>(db, 'SELECT kiosk, cap FROM roam_set WHERE home = ? ORDER BY kiosk').all(
    home,
  );
  if (lines.length === 0) return;
  const entry = act.enter('lines', account);
  for (const { kiosk, cap } of lines) allowRoaming(act, { kiosk, account }, { cap, entry });
}

/** Imports the next files of `kiosk` from a folder, in order; returns how many there were. Accounts must be in the book. */
export function importDownFiles(book: CountyBook, kiosk: string, directory: string): Promise<number> {
  return book.transact((act) => {
    let imported = 0;
    for (;;) {
      const last = prepared<[string], { n: number | null }>(act.db, 'SELECT max(down_seq) AS n FROM down_file WHERE kiosk = ?').get(
        kiosk,
      )!.n; // an aggregate has a row
      const path = join(directory, `${String((last ?? 0) + 1).padStart(8, '0')}.jsonl.gz`);
      if (!existsSync(path)) return imported;
      importOne(book, act, kiosk, path);
      imported += 1;
    }
  });
}

function importOne(book: CountyBook, act: CountyAct, kiosk: string, path: string): void {
  const note = readFileSync(path.replace(/\.jsonl\.gz$/, '.note'), 'utf8');
  const trusted = everyFileKey(book, act.db).map((publicKey) => ({ name: book.name, publicKey }));
  const opened = openNote(note, trusted);
  const said = opened.ok ? parseFileNote(opened.value.text) : opened;
  const bytes = said.ok && said.value.kiosk === kiosk ? unpackDown(path, said.value.sha256) : null; // what nobody signed is not unpacked
  if (!said.ok || bytes === null) throw new Error(`${path} is not a file of this county for ${kiosk}`);
  const lines = bytes.toString('utf8').split('\n').slice(0, -1);
  const header = downHeader.parse(JSON.parse(lines[0]!)); // split gives one at least
  const entry = act.enter('import', `${kiosk} ${header.downSeq}`);
  let paidFen = 0;
  for (const text of lines.slice(1, -1)) {
    const line = downLine.parse(JSON.parse(text));
    if (line.t === 'SETTLEMENT') paidFen += line.paidFen ?? 0;
    keepLine(act, { kiosk, downSeq: header.downSeq, inc: header.inc ?? 1, entry }, line);
  }
  keepDownFile(act, {
    kiosk,
    downSeq: header.downSeq,
    inc: header.inc ?? 1,
    sha256: said.value.sha256,
    asOf: header.asOf,
    paidFen,
    entry,
    tells: true,
  });
  keepBytes(join(book.folder.down, kiosk), header.downSeq, { packed: readFileSync(path), note });
}

/** The county keeps what it sent, also before it had a book: an outsider asks for every file from the first on. */
function keepBytes(directory: string, downSeq: number, { packed, note }: { readonly packed: Uint8Array; readonly note: string }): void {
  const path = join(directory, String(downSeq).padStart(8, '0'));
  if (existsSync(`${path}.note`)) return;
  mkdirSync(directory, { recursive: true });
  writeFileDurably(`${path}.jsonl.gz`, packed);
  writeFileDurably(`${path}.note`, note);
}

interface OfFile {
  readonly kiosk: string;
  readonly downSeq: number;
  readonly inc: number;
  readonly entry: number;
}

function keepLine(act: CountyAct, of: OfFile, line: DownLine): void {
  const { db } = act;
  const { kiosk, entry } = of;
  if (isMasterLine(line)) putMaster(act, line, { scope: isOfOneShop(line) ? kiosk : everyKiosk, entry });
  else if (line.t === 'ADJUST') takeAdjustment(act, { kiosk, id: line.id, fen: line.fen, zh: line.zh, entry });
  else if (line.t === 'GRANT') {
    const step = line.g - givenTo(db, { kiosk, account: line.a }).granted;
    assert(step >= 0, 'what was granted never falls');
    act.post(moved({ account: 'issuance' }, { account: 'main', holder: line.a }, step));
    grantUnallocated(act, { kiosk, account: line.a }, entry);
    if (line.v !== undefined) prepared(db, 'UPDATE given SET vouchers = ? WHERE kiosk = ? AND account = ?').run(line.v, kiosk, line.a);
    keepGrant(act, of, { account: line.a, granted: line.g, vouchers: line.v ?? 0 });
  } else if (line.t === 'ROAM') {
    importRoaming(act, of, line);
  }
}

/** A shop, who works there and, where a county has more than one kind of shop, its rules; goods, people and keys are the whole county's. */
export function isOfOneShop({ t }: MasterLine): boolean {
  return t === 'SCHEME' || t === 'SHOP' || t === 'OPERATOR';
}

/** A line that the county signed is one that it allows; and what it says is settled was funded then. */
function importRoaming(act: CountyAct, of: OfFile, { a, c, xs }: DownLine & { readonly t: 'ROAM' }): void {
  prepared(act.db, 'UPDATE county SET roam_cap = ? WHERE roam_cap < ?').run(c, c);
  prepared(
    act.db,
    `INSERT INTO roam_set (home, kiosk, cap) SELECT home, ?, CAST(? AS INTEGER) FROM account WHERE account = ? AND ? > 0
     ON CONFLICT (home, kiosk) DO UPDATE SET cap = excluded.cap WHERE roam_set.cap < excluded.cap`,
  ).run(of.kiosk, c, a, c);
  prepared(
    act.db,
    `INSERT INTO given (kiosk, account, cap, funded, changed_entry) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (kiosk, account) DO UPDATE SET cap = excluded.cap, funded = excluded.funded, changed_entry = excluded.changed_entry`,
  ).run(of.kiosk, a, c, xs, of.entry);
  keepRoam(act, of, { account: a, cap: c, settled: xs });
}

/** Writes down a file to a kiosk. `tells`: whether the kiosk knows by it what was said up to its entry; else it only asked. */
export function keepDownFile(
  { db }: CountyAct,
  of: OfFile & { readonly sha256: string; readonly asOf: number; readonly paidFen: number; readonly tells: boolean },
): void {
  const { changes } = prepared(
    db,
    'INSERT INTO down_file (kiosk, down_seq, inc, sha256, as_of, paid_fen, entry, tells) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(of.kiosk, of.downSeq, of.inc, of.sha256, of.asOf, of.paidFen, of.entry, Number(of.tells));
  assert(changes === 1, 'a file has its row');
}

/** Writes down a GRANT line of a file: it moves the kiosk's counters once it applies the file. */
export function keepGrant(
  { db }: CountyAct,
  { kiosk, downSeq, inc }: OfFile,
  { account, granted, vouchers }: { readonly account: string; readonly granted: number; readonly vouchers: number },
): void {
  prepared(db, 'INSERT INTO down_line (kiosk, down_seq, inc, account, granted, vouchers) VALUES (?, ?, ?, ?, ?, ?)').run(
    kiosk,
    downSeq,
    inc,
    account,
    granted,
    vouchers,
  );
  prepared(db, 'UPDATE given SET told_granted = ? WHERE kiosk = ? AND account = ?').run(granted, kiosk, account);
}

/** Writes down a ROAM line of a file. */
export function keepRoam(
  act: CountyAct,
  { kiosk, downSeq, inc, entry }: OfFile,
  { account, cap, settled }: { readonly account: string; readonly cap: number; readonly settled: number },
): void {
  prepared(act.db, 'INSERT INTO down_line (kiosk, down_seq, inc, account, cap, settled) VALUES (?, ?, ?, ?, ?, ?)').run(
    kiosk,
    downSeq,
    inc,
    account,
    cap,
    settled,
  );
  prepared(act.db, 'UPDATE given SET told_cap = ?, told_funded = ? WHERE kiosk = ? AND account = ?').run(cap, settled, kiosk, account);
  keepRoamLine(act, { kiosk, account }, { cap, entry });
}
