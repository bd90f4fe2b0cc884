// The smallest folder of files that has one of each: a kiosk's file with a sale on points, the county's answer, the county's first file and
// the next with a root of its log, a receipt's code. Every byte of it can be looked at within seconds.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeIn } from '../../county/book/intake.ts';
import { night } from '../../county/night.ts';
import type { Book } from '../../db/book.ts';
import { points } from '../../db/model/amounts.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { type BookEvent, signedText } from '../../db/model/event.ts';
import { aCounty, cut, introduce, uploadOf } from './county-book.ts';
import {
  apply,
  cardKey,
  cashier,
  fileKey,
  goods,
  handClock,
  header,
  makeKiosk,
  resident,
  scheme,
  shop,
  temporary,
  writeDown,
} from './county.ts';
import { layOut, textOf } from './outsider-folder.ts';
import { sell } from './sell.ts';

type OnTestFinished = Parameters<typeof temporary>[0];

/** Where it lies, removed when the test ends. */
export async function smallFolder(onTestFinished: OnTestFinished): Promise<string> {
  const county = aCounty(onTestFinished);
  const clock = handClock();
  const { home, book } = makeKiosk(temporary(onTestFinished), clock, { isBare: true }); // an outsider does not ask who was signed in
  onTestFinished(() => Promise.resolve(book.close()));
  const lines: readonly DownLine[] = [
    { t: 'SCHEME', scheme },
    { t: 'SHOP', shop },
    { t: 'KEY', kid: 1, use: 'card', key: textOf(cardKey), active: true },
    { t: 'KEY', kid: 1, use: 'file', key: textOf(fileKey), active: true },
    { t: 'OPERATOR', operator: await cashier() },
    { t: 'GOODS', goods: goods('1') },
    { t: 'RESIDENT', resident: resident('1') },
    { t: 'GRANT', a: 'a1', g: points(20_000) },
  ];
  const { path } = await writeDown(join(home.directory, 'from-county'), header(1, ''), lines);
  const applied = await apply(home, book, path);
  if (applied.kind !== 'applied') throw new Error(JSON.stringify(applied));
  await introduce(county, home);
  sell(book, { resident: '1', goods: [['1', 2]], chosenPoints: 10_000 });
  await takeIn(county, uploadOf(home, await cut(home, book)));
  await night(county);
  const next = await apply(home, book, join(county.folder.down, shop.kiosk, '00000002.jsonl.gz'));
  if (next.kind !== 'applied') throw new Error(JSON.stringify(next));
  const directory = temporary(onTestFinished, 'jifen-small-');
  await layOut(directory, county, home);
  writeFileSync(join(directory, 'receipts.txt'), receiptOf(book));
  return directory;
}

function receiptOf(book: Book): string {
  const row = book.db
    .prepare<[], { line: string; leaf: Buffer; sig: Buffer }>(`SELECT line, leaf, sig FROM event WHERE kind = 'SALE'`)
    .get()!;
  const event = JSON.parse(row.line) as BookEvent; // the book's own line
  return `${signedText(event, row.leaf.toString('base64url'))}|${row.sig.toString('base64url')}\n`;
}
