// A county's book for tests: of the small county, knowing the kiosk of tests/support/county.ts and what its files granted; and that
// kiosk's up-files, cut by the real code.

import { join } from 'node:path';
import { addAccount, expectKiosk, importDownFiles } from '../../county/book/import-files.ts';
import { type CountyBook, makeCounty, openCounty } from '../../county/book/county-book.ts';
import { type Upload } from '../../county/book/intake.ts';
import type { Book } from '../../db/book.ts';
import type { Home } from '../../db/home.ts';
import { type Ack } from '../../db/model/up-file.ts';
import { parseAck } from '../../db/model/ack.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { openNote } from '../../db/model/note.ts';
import { cutUpFile, readUpText, type UpFile, upFilePath } from '../../db/up-files.ts';
import { aKiosk, type TestKiosk } from './book.ts';
import { countyName, fileKey, morning, shop, temporary } from './county.ts';
import { aStore, tableNames } from './county-store.ts';

type OnTestFinished = Parameters<typeof temporary>[0];

/** An empty county, open; closed when the test ends. */
export function aCounty(onTestFinished: OnTestFinished, isDemo = true, wallMs: () => number = () => morning): CountyBook {
  const directory = temporary(onTestFinished, 'jifen-county-');
  return openedCounty(onTestFinished, join(directory, 'county'), { isDemo, wallMs });
}

function openedCounty(
  onTestFinished: OnTestFinished,
  directory: string,
  { isDemo, wallMs }: { readonly isDemo: boolean; readonly wallMs: () => number },
): CountyBook {
  const fileKeyPem = fileKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const store = aStore(onTestFinished);
  const made = makeCounty(directory, { code: shop.county, name: countyName, isDemo, fileKeyPem }, store);
  if (!made.ok) throw new Error(made.code);
  const opened = openCounty(directory, { wallMs }, store);
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

export interface Pair {
  readonly county: CountyBook;
  readonly kiosk: TestKiosk;
}

/** A kiosk that took its first file, and the county that knows so. Account a2 is at home elsewhere. */
export async function aPair(onTestFinished: OnTestFinished): Promise<Pair> {
  const county = aCounty(onTestFinished);
  const kiosk = await aKiosk(onTestFinished);
  await introduce(county, kiosk.home);
  return { county, kiosk };
}

/** The county hears of the test kiosk and of the files it was sent. */
export async function introduce(county: CountyBook, home: Home): Promise<void> {
  await county.transact((act) => {
    expectKiosk(act, { kiosk: shop.kiosk, store: shop.store });
    expectKiosk(act, { kiosk: 'qj-04', store: 'elsewhere' });
    for (const [account, at] of [
      ['a1', shop.kiosk],
      ['a2', 'qj-04'],
      ['a3', shop.kiosk],
    ] as const)
      addAccount(act, { account, home: at, isActive: true });
  });
  await importDownFiles(county, shop.kiosk, home.down);
}

/** Cuts the next file of a kiosk. */
export async function cut(home: Home, book: Book): Promise<UpFile> {
  const file = await cutUpFile(book, home, { software: 'test', idle: () => Promise.resolve() });
  if (file === null) throw new Error('nothing to cut');
  return file;
}

/** A file of the kiosk as it is sent. */
export function uploadOf(home: Home, file: Pick<UpFile, 'inc' | 'fileSeq'>): Upload {
  return {
    kiosk: home.config.enrolment.kiosk,
    inc: file.inc,
    fileSeq: file.fileSeq,
    data: upFilePath(home, file, 'jsonl.gz'),
    note: readUpText(home, file, 'note'),
    checkpoint: readUpText(home, file, 'checkpoint'),
  };
}

/** What the county signed. */
export function ackOf(note: string): Ack {
  const opened = openNote(note, [{ name: countyName, publicKey: rawPublicKey(fileKey) }]);
  if (!opened.ok) throw new Error(opened.code);
  const ack = parseAck(opened.value.text);
  if (!ack.ok) throw new Error(ack.code);
  return ack.value;
}

/** Every row of every table but the notes of answers, which have their own test. */
export function dumpCounty(county: CountyBook): Promise<string> {
  return county.read((db) =>
    tableNames
      .map((name) => {
        const rows = db.prepare<[], object>(`SELECT * FROM ${name}`).all();
        return `${name}\n${rows.map((row) => JSON.stringify(row)).join('\n')}`;
      })
      .join('\n\n'),
  );
}
