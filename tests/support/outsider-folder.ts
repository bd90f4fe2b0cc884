// Lays what a kiosk and its county exchanged where an outsider finds it (docs/files.md, S), with the keys that the outsider is given.

import { copyFileSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CountyBook } from '../../county/book/county-book.ts';
import { layOutForOutsiders } from '../../county/outsiders-folder.ts';
import { prepared } from '../../db/sqlite.ts';
import { type Home, readSigner } from '../../db/home.ts';
import { rawPublicKey } from '../../db/model/keys.ts';
import { fileNumber } from '../../db/up-files.ts';

/** What an outsider is given besides the files. */
interface Outsider {
  readonly county: string;
  readonly countyKeyName: string;
  readonly countyKeys: readonly string[];
  readonly kiosks: { readonly [kiosk: string]: readonly string[] };
}

export const textOf = (key: Parameters<typeof rawPublicKey>[0]): string => Buffer.from(rawPublicKey(key)).toString('base64url');

/** Writes the files of one kiosk into `directory`, and keys.json beside them. */
export async function layOut(directory: string, county: CountyBook, home: Home): Promise<void> {
  const { kiosk } = home.config.enrolment;
  const root = join(directory, 'civicpos', county.code);
  for (const inc of readdirSync(home.up).filter((name) => /^\d+$/.test(name))) {
    mkdirSync(join(root, 'up', kiosk, inc), { recursive: true });
    mkdirSync(join(root, 'ack', kiosk, inc), { recursive: true });
    for (const name of readdirSync(join(home.up, inc)).filter((each) => /\.(jsonl\.gz|note|checkpoint)$/.test(each)))
      copyFileSync(join(home.up, inc, name), join(root, 'up', kiosk, inc, name));
  }
  const answers = await county.read((db) =>
    prepared<[string], { inc: number; fileSeq: number; note: string }>(
      db,
      `SELECT inc, file_seq AS "fileSeq", note FROM answer WHERE kiosk = ? AND verdict = 'ACCEPTED'`,
    ).all(kiosk),
  );
  for (const { inc, fileSeq, note } of answers) writeFileSync(join(root, 'ack', kiosk, String(inc), `${fileNumber(fileSeq)}.ack`), note);
  mkdirSync(join(root, 'down'), { recursive: true });
  cpSync(home.down, join(root, 'down', kiosk), { recursive: true });
  const keys: Outsider = {
    county: county.code,
    countyKeyName: county.name,
    countyKeys: [textOf(county.signer)],
    kiosks: { [kiosk]: [textOf(readSigner(home)!.privateKey)] },
  };
  writeFileSync(join(directory, 'keys.json'), JSON.stringify(keys));
}

/** The same of every kiosk, from what the county keeps and nothing else: as `county -- export` hands it to a committee. */
export async function layOutCounty(directory: string, county: CountyBook): Promise<void> {
  const done = await layOutForOutsiders(county, directory);
  if (!done.ok) throw new Error(`${done.code} ${done.path}`);
}
