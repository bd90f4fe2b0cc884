// A county's book is copied, lost and put back, for tests that have shops: as the clerk types it, with what the commands said.

import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { backup, putBack } from '../../county/backup-commands.ts';
import { openCounty } from '../../county/book/county-book.ts';
import { takeIn } from '../../county/book/intake.ts';
import { prepared } from '../../db/sqlite.ts';
import { cutUpFile } from '../../db/up-files.ts';
import { runRound } from '../../electron/engine/round.ts';
import { temporary } from './county.ts';
import { CountyShops } from './county-shops.ts';

type OnTestFinished = Parameters<typeof temporary>[0];

/** Copies the book into a new folder; the path of the copy. */
export async function copyOf(onTestFinished: OnTestFinished, { county }: CountyShops): Promise<string> {
  const place = temporary(onTestFinished);
  const said = heard();
  if ((await backup(county, { to: place, words: [] }, said)) !== 0) throw new Error(said.text());
  return join(
    place,
    readdirSync(place).find((name) => name.endsWith('.countybook'))!,
  ); // it was said to be there
}

/** The book is lost, and a copy put back; `without`: folders beside it that were lost with it. */
export async function putBackFrom(
  onTestFinished: OnTestFinished,
  shops: CountyShops,
  { copy, kiosks, without = [] }: { readonly copy?: string; readonly kiosks: readonly string[]; readonly without?: readonly string[] },
): Promise<{ readonly shops: CountyShops; readonly said: string }> {
  const { directory } = shops.county.folder;
  let now = shops.county.wallMs();
  await shops.county.close();
  for (const name of without) if (existsSync(join(directory, name))) renameSync(join(directory, name), join(directory, `lost-${name}`));
  const said = heard();
  const clock = { wallMs: () => (now += 1_000) };
  if ((await putBack(directory, { ...(copy === undefined ? {} : { from: copy }), words: [] }, said, clock)) !== 0)
    throw new Error(said.text());
  const opened = openCounty(directory, clock);
  if (!opened.ok) throw new Error(opened.code);
  onTestFinished(() => opened.value.close());
  return { shops: new CountyShops(opened.value, new Map(kiosks.map((kiosk) => [kiosk, shops.shop(kiosk)]))), said: said.text() };
}

/**
 * A round of the kiosk's own code, without the network: it cuts what is new, if anything is, and sends what the county wants. The county's
 * verdicts, and how the round ended where that was a fault.
 */
export async function sendRound(shops: CountyShops, kiosk: string): Promise<readonly string[]> {
  const { county } = shops;
  const { home, book } = shops.shop(kiosk);
  const idle = (): Promise<void> => Promise.resolve();
  await cutUpFile(book, home, { software: 'test', idle });
  const verdicts: string[] = [];
  const end = await runRound({
    book,
    home,
    idle,
    line: {
      ackOf: ({ inc, fileSeq }) =>
        county.read(
          (db) =>
            prepared<[string, number, number], { note: string }>(
              db,
              'SELECT note FROM answer WHERE kiosk = ? AND inc = ? AND file_seq = ? ORDER BY number DESC LIMIT 1',
            ).get(kiosk, inc, fileSeq)?.note ?? null,
        ),
      async upload({ inc, fileSeq }, { dataPath, checkpoint, note }) {
        const taken = await takeIn(county, { kiosk, inc, fileSeq, data: dataPath, checkpoint, note });
        verdicts.push(`${fileSeq} ${taken.verdict}`);
        return taken.note;
      },
      downNote: () => Promise.resolve(null),
      downData: () => Promise.reject(new Error('not asked')),
      close() {},
    },
  });
  return end === null ? verdicts : [...verdicts, end.fault];
}

function heard(): { say(text: string): void; complain(text: string): void; text(): string } {
  const lines: string[] = [];
  return { say: (text) => void lines.push(text), complain: (text) => void lines.push(text), text: () => lines.join('') };
}
