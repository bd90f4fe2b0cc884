// Which acts with a paper a killed process asked for and was told were done, kept over all its lives, beside what the book has
// of them. Knows neither sales nor credits nor closings.

import type { Finding } from './loop.ts';

/** How findings speak of it. */
interface Words {
  readonly act: 'sale' | 'credit' | 'closing';
  readonly paper: 'receipt' | 'ticket' | 'slip';
  readonly done: 'paid' | 'given' | 'closed';
  readonly written: 'sold' | 'credited' | 'closed';
}

/** An act as it lies in the book, or as it was answered; number null: done, but nobody was told its number. */
interface Papered {
  readonly id: string;
  readonly number: string | null;
}

export function newLedger({ act, paper, done, written }: Words) {
  const acknowledged = new Map<string, string | null>();
  const submitted = new Set<string>();
  return {
    submit: (id: string): void => void submitted.add(id),

    /** Takes in an answer; whether it was the first for this act. The same act answered with another number was done twice. */
    acknowledge({ id, number }: Papered, findings: Finding[]): boolean {
      const before = acknowledged.get(id);
      if (before !== undefined && before !== null && before !== number)
        findings.push({ kind: 'doubled', text: `${id} was ${paper} ${before} and is now ${number}` });
      acknowledged.set(id, number === 'claimed' ? null : number);
      return before === undefined;
    },

    /** Nothing acknowledged is missing, nothing is there twice, nothing is there that nobody asked for. */
    compare({ events, rows }: { readonly events: readonly string[]; readonly rows: readonly Papered[] }, findings: Finding[]): void {
      const inBook = new Map(rows.map(({ id, number }) => [id, number]));
      for (const [id, number] of acknowledged) {
        const there = inBook.get(id);
        if (there !== undefined && (number === null || there === number)) continue;
        findings.push({ kind: 'lost', text: `${id} was acknowledged as ${number ?? done}; the book has ${there ?? 'nothing'}` });
        acknowledged.delete(id); // said once
      }
      if (new Set(events).size !== events.length) findings.push({ kind: 'doubled', text: `two events have one ${act} id` });
      if (inBook.size !== rows.length || rows.length !== events.length || events.some((id) => !inBook.has(id)))
        findings.push({ kind: 'doubled', text: `${events.length} ${act} events, ${rows.length} ${act}s` });
      for (const { id } of rows)
        if (!submitted.has(id)) findings.push({ kind: 'doubled', text: `${id} was ${written} and never asked for` });
    },
  };
}
