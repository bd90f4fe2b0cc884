// Brings files that were sent to a kiosk before there was a county's book: what they granted becomes awards and rights of the book, so
// that both fit together from the first up-file on. Believes a file only with the county's own signature.

import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type DownLine, downHeader, downLine } from '../../db/model/down-file.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { openNote, parseFileNote } from '../../db/model/note.ts';
import { assert } from '../../db/model/result.ts';
import { prepared } from '../../db/sqlite.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { moved } from './ledger.ts';
import { type MasterLine, everyKiosk, isMasterLine, putMaster } from './master.ts';

/** Adds a kiosk that may enrol, or changes nothing where it is there. */
export function expectKiosk({ db }: CountyAct, { kiosk, store }: { readonly kiosk: string; readonly store: string }): void {
  prepared(db, `INSERT INTO kiosk (kiosk, store, state) VALUES (?, ?, 'expected') ON CONFLICT DO NOTHING`).run(kiosk, store);
}

/** Adds an account at its home, or changes nothing where it is there. `isActive`: somebody of it may spend. */
export function addAccount(
  { db }: CountyAct,
  { account, home, isActive }: { readonly account: string; readonly home: string; readonly isActive: boolean },
): void {
  prepared(db, 'INSERT INTO account (account, home, is_active) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
    account,
    home,
    Number(isActive),
  );
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
  const bytes = gunzipSync(readFileSync(path));
  const note = readFileSync(path.replace(/\.jsonl\.gz$/, '.note'), 'utf8');
  const opened = openNote(note, [{ name: book.name, publicKey: rawPublicKey(book.signer) }]);
  const said = opened.ok ? parseFileNote(opened.value.text) : opened;
  const sha256 = hash('sha256', bytes, 'base64url');
  if (!said.ok || said.value.sha256 !== sha256 || said.value.kiosk !== kiosk)
    throw new Error(`${path} is not a file of this county for ${kiosk}`);
  const lines = bytes.toString('utf8').split('\n').slice(0, -1);
  const header = downHeader.parse(JSON.parse(lines[0]!)); // split gives one at least
  const entry = act.enter('import', `${kiosk} ${header.downSeq}`);
  let paidFen = 0;
  for (const text of lines.slice(1, -1)) {
    const line = downLine.parse(JSON.parse(text));
    if (line.t === 'SETTLEMENT') paidFen += line.paidFen ?? 0;
    keepLine(act, { kiosk, downSeq: header.downSeq, entry }, line);
  }
  prepared(act.db, 'INSERT INTO down_file (kiosk, down_seq, inc, sha256, as_of, paid_fen) VALUES (?, ?, ?, ?, ?, ?)').run(
    kiosk,
    header.downSeq,
    header.inc ?? 1,
    sha256,
    header.asOf,
    paidFen,
  );
}

function keepLine(act: CountyAct, of: { readonly kiosk: string; readonly downSeq: number; readonly entry: number }, line: DownLine): void {
  const { db } = act;
  const { kiosk, downSeq, entry } = of;
  if (isMasterLine(line)) putMaster(act, line, { scope: isOfOneShop(line) ? kiosk : everyKiosk, entry });
  else if (line.t === 'ADJUST')
    prepared(db, 'INSERT INTO adjustment (kiosk, id, fen) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(kiosk, line.id, line.fen);
  else if (line.t === 'GRANT') {
    const step = line.g - grantedTo(act, kiosk, line.a);
    assert(step >= 0, 'what was granted never falls');
    act.post(moved({ account: 'issuance' }, { account: 'main', holder: line.a }, step));
    act.post(moved({ account: 'main', holder: line.a }, { account: 'esc', holder: line.a, at: kiosk }, step));
    give(act, { kiosk, account: line.a, granted: line.g, cap: null, entry });
    keepMoving(act, { kiosk, downSeq, account: line.a, granted: line.g, cap: null, settled: null });
  } else if (line.t === 'ROAM') {
    importRoaming(act, of, line);
  }
}

/** A shop, who works there and, where a county has more than one kind of shop, its rules; goods, people and keys are the whole county's. */
function isOfOneShop({ t }: MasterLine): boolean {
  return t === 'SCHEME' || t === 'SHOP' || t === 'OPERATOR';
}

/** A line that says that some was settled: the county had funded so much of it then. */
function importRoaming(
  act: CountyAct,
  { kiosk, downSeq, entry }: { readonly kiosk: string; readonly downSeq: number; readonly entry: number },
  line: DownLine & { readonly t: 'ROAM' },
): void {
  give(act, { kiosk, account: line.a, granted: null, cap: line.c, entry });
  prepared(act.db, 'UPDATE given SET funded = max(funded, ?) WHERE kiosk = ? AND account = ?').run(line.xs, kiosk, line.a);
  keepMoving(act, { kiosk, downSeq, account: line.a, granted: null, cap: line.c, settled: line.xs });
}

function grantedTo({ db }: CountyAct, kiosk: string, account: string): number {
  return (
    prepared<[string, string], { granted: number }>(db, 'SELECT granted FROM given WHERE kiosk = ? AND account = ?').get(kiosk, account)
      ?.granted ?? 0
  );
}

/** Writes down what a kiosk is given; null leaves it as it is. */
export function give(
  { db }: CountyAct,
  of: {
    readonly kiosk: string;
    readonly account: string;
    readonly granted: number | null;
    readonly cap: number | null;
    readonly entry: number;
  },
): void {
  prepared(
    db,
    `INSERT INTO given (kiosk, account, granted, cap, changed_entry) VALUES (@kiosk, @account, coalesce(@granted, 0), @cap, @entry)
     ON CONFLICT DO UPDATE SET granted = coalesce(@granted, granted), cap = coalesce(@cap, cap), changed_entry = @entry`,
  ).run(of);
}

/** Writes down a line that moves a kiosk's counters once it applies the file. */
export function keepMoving(
  { db }: CountyAct,
  of: {
    readonly kiosk: string;
    readonly downSeq: number;
    readonly account: string;
    readonly granted: number | null;
    readonly cap: number | null;
    readonly settled: number | null;
  },
): void {
  prepared(
    db,
    `INSERT INTO down_line (kiosk, down_seq, account, granted, cap, settled) VALUES (@kiosk, @downSeq, @account, @granted, @cap, @settled)`,
  ).run(of);
}
