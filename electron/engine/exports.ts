// Writes a settlement sheet for the county: PDF, XLSX and CSV, into the home or beside the backups. The book is only read; a sheet can
// be written again whenever the county's word on it changed.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from '../../db/backup.ts';
import { writeFileDurably } from '../../db/files.ts';
import { closingCheckpoint, findSettlement, wordsOf } from '../../db/settlements.ts';
import { diskFault } from '../../db/sqlite.ts';
import { stateOf } from '../../db/model/settlement.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { drawSheet } from '../../hardware/sheet/draw-sheet.ts';
import type { Sheet } from '../../hardware/sheet/sheet.ts';
import { sheetCsv, sheetWorkbook } from '../../hardware/sheet/write-table.ts';
import { type Engine, selling } from './till.ts';
import { upkeepView } from './upkeep.ts';

export interface Exported {
  readonly folder: string;
  readonly files: readonly string[];
}

/** Writes the three files; each is whole or not there. `stick` is the folder where the backups go, which the owner chose. */
export async function exportSettlement(
  engine: Engine,
  { number, place }: { readonly number: number; readonly place: 'home' | 'stick' },
): Promise<Result<Exported, 'settlement_unknown' | 'no_place' | 'place_full' | 'failed'>> {
  selling(engine);
  const sheet = sheetOf(engine, number);
  if (sheet === null) return fail('settlement_unknown');
  const parent = place === 'home' ? engine.directory : backupPlace(engine);
  if (parent === null) return fail('no_place');
  const folder = join(parent, 'exports');
  const name = `结算单-${sheet.body.settlementNumber}`;
  try {
    const contents = { pdf: drawSheet(sheet), xlsx: await sheetWorkbook(sheet), csv: sheetCsv(sheet) };
    if (place === 'home') mkdirSync(folder, { recursive: true, mode: 0o700 });
    else mkdirSync(folder, { recursive: true });
    const files = Object.entries(contents).map(([ending, content]) => {
      writeFileDurably(join(folder, `${name}.${ending}`), content);
      return `${name}.${ending}`;
    });
    return ok({ folder, files });
  } catch (error) {
    engine.log(`exporting settlement ${number}`, error);
    return fail(diskFault(error) === 'disk_full' ? 'place_full' : 'failed');
  }
}

function sheetOf(engine: Engine, number: number): Sheet | null {
  const { book } = selling(engine);
  const found = findSettlement(book.db, number);
  if (found === null) return null;
  const { event, leaf } = found;
  const words = wordsOf(book.db, number);
  return {
    body: event.body,
    county: event.county,
    kiosk: event.kiosk,
    at: event.at,
    state: stateOf(event.body.owedFen, words).state,
    states: words,
    head: { seq: event.seq, leaf },
    checkpoint: closingCheckpoint(book.db, event.body.closings.at(-1)!.number), // a settlement covers at least one closing
  };
}

/** Null where the owner chose no place for the backups, or the stick is not in: its folder would be made on this very disk. */
function backupPlace(engine: Engine): string | null {
  const { place } = upkeepView(engine);
  return place !== null && isFolder(place) ? place : null;
}
