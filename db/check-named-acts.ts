// Finds the sales and credits that later acts of a kiosk name, before they are checked: a return or a reversal says whose it is by an
// id, and few are ever named. Believes nothing: whether they are true is asked when the chain comes to them.

import { join } from 'node:path';
import type { OfKiosk } from './check-county-files.ts';
import { linesOf, namesIn } from './files-lines.ts';
import type { BookEvent } from './model/event.ts';
import { upFileBytesMax, upLineBytesMax } from './model/up-file.ts';
import { Lie } from './verify-lie.ts';

/** What an act names but does not hold. */
export interface Acts {
  readonly sale: (id: string) => (BookEvent & { readonly kind: 'SALE' }) | null;
  readonly credit: (id: string) => (BookEvent & { readonly kind: 'CREDIT' }) | null;
}

/** Those that events of these incarnations name. Reads the files twice, and keeps only what was named. */
export async function actsNamed(of: OfKiosk, incs: readonly number[]): Promise<Acts> {
  const named = new Set<string>();
  await eachEvent(of, incs, ['CREDIT_REVERSED', 'RETURNED'], (event) => {
    if (event.kind === 'CREDIT_REVERSED') named.add(event.body.creditId);
    if (event.kind === 'RETURNED') named.add(event.body.saleId);
  });
  const found = new Map<string, BookEvent>();
  if (named.size > 0)
    await eachEvent(of, incs, ['SALE', 'CREDIT'], (event) => {
      if (named.has(event.id) && !found.has(event.id)) found.set(event.id, event);
    });
  return {
    sale(id) {
      const event = found.get(id);
      return event?.kind === 'SALE' ? event : null;
    },
    credit(id) {
      const event = found.get(id);
      return event?.kind === 'CREDIT' ? event : null;
    },
  };
}

async function eachEvent(of: OfKiosk, incs: readonly number[], kinds: readonly string[], take: (event: BookEvent) => void): Promise<void> {
  // in canonical JSON no text holds this: its quotation marks would be escaped
  const marks = kinds.map((kind) => `"kind":"${kind}"`);
  for (const inc of incs) {
    const place = `${of.root}/up/${of.kiosk}/${inc}`;
    const folder = join(of.directory, place);
    for (const name of namesIn({ path: folder, place }).filter((each) => each.endsWith('.jsonl.gz')))
      try {
        const reader = linesOf(
          { path: join(folder, name), place: `${place}/${name}` },
          { lineBytesMax: upLineBytesMax, fileBytesMax: upFileBytesMax },
        );
        for await (const { text } of reader) if (marks.some((mark) => text.includes(mark))) take(JSON.parse(text) as BookEvent);
      } catch (error) {
        if (!(error instanceof Lie || error instanceof SyntaxError || error instanceof TypeError)) throw error; // told when it is checked
      }
  }
}
