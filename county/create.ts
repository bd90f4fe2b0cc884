// Makes the data folder of a county that is none yet: its keys, drawn at random, and an empty book that tells kiosks which keys to believe.
// Never touches a folder that holds a book. What it makes in keys/ exists nowhere else.

import { type KeyObject, generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { writeFileDurably } from '../db/files.ts';
import { type Result, ok } from '../db/model/result.ts';
import { makeCounty, openCounty } from './book/county-book.ts';
import { everyKiosk, putMaster } from './book/master.ts';
import { countySignerName, keyIds, publicText } from './keys.ts';
import type { StoreChoice } from './store/county-store.ts';

const secretMode = 0o600;
const tagKeyBytes = 32;

/** What an enrolment.json of its kiosks says of it. */
export interface NewCounty {
  readonly county: string;
  readonly countyKey: string;
  readonly countyKeyName: string;
}

/** Makes the county of a GB/T 2260 code in `directory`. Throws what the disk or the server says. */
export async function createCounty(
  directory: string,
  { code, clock, store = {} }: { readonly code: string; readonly clock: { wallMs(): number }; readonly store?: StoreChoice },
): Promise<Result<NewCounty, 'exists'>> {
  const file = newKey();
  const card = newKey();
  const name = countySignerName(code);
  const made = makeCounty(directory, { code, name, isDemo: false, fileKeyPem: pemOf(file) }, store);
  if (!made.ok) return made;
  writeFileDurably(join(directory, 'keys', 'card.pem'), pemOf(card), secretMode);
  writeFileDurably(join(directory, 'keys', 'tag.key'), `${randomBytes(tagKeyBytes).toString('base64url')}\n`, secretMode);
  const opened = openCounty(directory, clock, store);
  if (!opened.ok) throw new Error(`a county that was made just now does not open: ${opened.code}`);
  const book = opened.value;
  try {
    await book.transact((act) => {
      const entry = act.enter('keys', 'of a new county');
      for (const [use, key] of [
        ['card', card],
        ['file', file],
      ] as const)
        putMaster(act, { t: 'KEY', kid: keyIds[use], use, key: publicText(key), active: true }, { scope: everyKiosk, entry });
    });
  } finally {
    await book.close();
  }
  return ok({ county: code, countyKey: publicText(file), countyKeyName: name });
}

function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}
