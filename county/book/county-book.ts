// A county's book: its folder and its store (county/store), written by one act at a time. Decides nothing: intake.ts, night.ts and
// awards.ts do.

import { type KeyObject, createPrivateKey } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '../../db/files.ts';
import { type Result, assert, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, type WritableDatabase, prepared } from '../../db/sqlite.ts';
import { type OpenRefusal, type StoreChoice, bookPath, makeStore, openStore } from '../store/county-store.ts';
import { addRow, holdRows } from '../store/held-rows.ts';
import { commitAct } from '../store/store.ts';
import { acts } from './held-tables.ts';
import { type CountyPosting, assertBalanced, newEntry } from './ledger.ts';
import { type Turns, newTurns } from './turns.ts';

/** Where things lie in a county's folder. */
export interface CountyFolder {
  readonly directory: string;
  /** The book itself, where it does not lie in PostgreSQL. */
  readonly book: string;
  /** Files of kiosks as they came: the evidence. Never removed. */
  readonly files: string;
  /** Uploads that are not whole yet. */
  readonly incoming: string;
  /** Files to kiosks, a folder each. */
  readonly down: string;
  /** Files that were made for an incarnation that ended, and never took effect. */
  readonly superseded: string;
  readonly awards: string;
  /** Roots of the log, for everybody, and what the committee signs (county/log/published.ts). */
  readonly log: string;
  readonly keys: string;
}

export interface CountyBook {
  readonly folder: CountyFolder;
  readonly code: string;
  /** Under which the county signs. */
  readonly name: string;
  readonly isDemo: boolean;
  readonly serverEpoch: number;
  /** Its first file key (keys/file.pem). Which key signs what, county-keys.ts says. */
  readonly signer: KeyObject;
  /** Epoch ms: shown to people; no rule believes it (R6, 30). */
  wallMs(): number;
  /** One act: all of it is on the disk when this settles, or none of it is in the book. Acts wait for one another. */
  transact<Value>(work: (act: CountyAct) => Value | Promise<Value>): Promise<Value>;
  /** Reads what is committed. */
  read<Value>(work: (db: ReadableDatabase) => Value): Promise<Value>;
  close(): Promise<void>;
}

/** Inside one transaction. */
export interface CountyAct {
  /** Rows that the act holds (held-tables.ts) are there for whoever asks it. */
  readonly db: WritableDatabase;
  /** When it began by the county's clock, epoch ms. */
  readonly at: number;
  /** The number of the next entry; what is posted from here on is of it. */
  nextEntry(): number;
  /** An entry of the county's own, written down. */
  enter(kind: string, about: string): number;
  post(rows: readonly CountyPosting[]): void;
}

export function countyFolder(directory: string): CountyFolder {
  const at = (name: string): string => join(directory, name);
  return {
    directory,
    book: bookPath(directory),
    files: at('files'),
    incoming: at('incoming'),
    down: at('down'),
    superseded: at('superseded'),
    awards: at('awards'),
    log: at('log'),
    keys: at('keys'),
  };
}

/** Makes the folder and the store of a county, which must not be there yet. Throws what the disk or the server says. */
export function makeCounty(
  directory: string,
  of: { readonly code: string; readonly name: string; readonly isDemo: boolean; readonly fileKeyPem: string },
  choice: StoreChoice = {},
): Result<null, 'exists'> {
  const folder = countyFolder(directory);
  return makeStore(
    {
      directory,
      code: of.code,
      prepare() {
        for (const each of [folder.files, folder.incoming, folder.down, folder.awards]) mkdirSync(each, { recursive: true });
        mkdirSync(folder.keys, { recursive: true, mode: 0o700 });
        writeFileDurably(join(folder.keys, 'file.pem'), of.fileKeyPem, 0o600);
      },
      fill(db) {
        prepared(db, 'INSERT INTO county (id, code, name, server_epoch, is_demo) VALUES (1, ?, ?, 1, ?)').run(
          of.code,
          of.name,
          Number(of.isDemo),
        );
      },
    },
    choice,
  );
}

/** Opens the book of a county's folder, alone: a second server of the same county is refused as busy. Throws what the disk or the server says. */
export function openCounty(directory: string, clock: { wallMs(): number }, choice: StoreChoice = {}): Result<CountyBook, OpenRefusal> {
  const opened = openStore(directory, choice);
  if (!opened.ok) return opened;
  const db = opened.value;
  try {
    return ok(bookOver(countyFolder(directory), db, clock));
  } catch (error) {
    db.close();
    throw error;
  }
}

function bookOver(folder: CountyFolder, db: WritableDatabase, clock: { wallMs(): number }): CountyBook {
  const county = prepared<[], { code: string; name: string; server_epoch: number; is_demo: number }>(db, 'SELECT * FROM county').get();
  assert(county !== undefined, 'a county’s book says whose it is');
  assertBalanced(db);
  const signer = createPrivateKey(readFileSync(join(folder.keys, 'file.pem'), 'utf8'));
  const turns: Turns = newTurns();
  let kept = newestEntry(db);
  const held = holdRows(db);
  return {
    folder,
    code: county.code,
    name: county.name,
    isDemo: county.is_demo === 1,
    serverEpoch: county.server_epoch,
    signer,
    wallMs: () => Math.trunc(clock.wallMs()),
    read: (work) => turns.take(() => work(db)),
    transact: (work) =>
      turns.take(async () => {
        db.exec('BEGIN IMMEDIATE');
        try {
          let newest = newestEntry(db); // asked each time: of an act whose COMMIT was not answered nobody knows here whether it is in the book
          assert(newest >= kept, 'a server that comes back has every entry that it kept before');
          held.begin();
          const entry = newEntry(held.db);
          const next = (): number => {
            entry.begin((newest += 1));
            return newest;
          };
          const value = await work({
            db: held.db,
            at: Math.trunc(clock.wallMs()),
            nextEntry: next,
            enter(kind, about) {
              const number = next();
              addRow(held.db, acts, { entry: number, kind, about, at: Math.trunc(clock.wallMs()) });
              return number;
            },
            post: (rows) => entry.post(rows),
          });
          entry.end();
          held.end();
          await commitAct(db);
          kept = newest;
          return value;
        } catch (error) {
          if (db.inTransaction) db.exec('ROLLBACK');
          throw error;
        }
      }),
    async close() {
      await turns.end();
      db.close();
    },
  };
}

/** Events and acts share their numbers. */
function newestEntry(db: ReadableDatabase): number {
  const { entry } = prepared<[], { entry: number }>(
    db,
    `SELECT coalesce(max(newest.entry), 0) AS entry FROM (SELECT max(entry) AS entry FROM event UNION ALL SELECT max(entry) FROM act) AS newest`,
  ).get()!; // an aggregate has a row
  return entry;
}
