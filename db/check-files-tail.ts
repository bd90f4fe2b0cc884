// Checks what stands in a kiosk's file after its events: closings, counters, trailer, each against what the events made.

import type { FilesFold } from './files-fold.ts';
import { type Line, formOf } from './files-lines.ts';
import { canonical } from './model/canonical.ts';
import type { BookEvent } from './model/event.ts';
import { counterStepOf } from './model/postings.ts';
import { type UpClosing, type UpTrailer, upClosing, upCounter, upTrailer } from './model/up-file.ts';
import type { Tree } from './tree.ts';
import { Lie } from './verify-lie.ts';

export interface TailChecks {
  /** An event of the file, folded already. */
  take(event: BookEvent, leaf: Uint8Array): void;
  /** A line after the events. */
  line(line: Line): void;
  /** There are no more lines. */
  end(): void;
}

/** Σ of the tags' first 48 bits, and the tag's first eight letters that hold them. */
const hashTotalModulus = 2n ** 48n;
const tagBytes = 6;

/** Before the first event of a file. */
export function tailChecks(of: { readonly place: string; readonly fold: FilesFold; readonly tree: Tree }): TailChecks {
  const { place, fold, tree } = of;
  const closings: UpClosing[] = [];
  const touched = new Set<string>();
  const kinds = new Map<string, { count: number; amt: number }>();
  let hashTotal = 0n;
  let events = 0;
  let headLeaf = '';
  let counterBefore = '';
  let trailer: UpTrailer | null = null;

  const takeTrailer = (line: Line): void => {
    trailer = formOf(line, upTrailer);
    const expected: UpTrailer = {
      t: 'T',
      lines: line.n - 1,
      events,
      kinds: Object.fromEntries(kinds) as UpTrailer['kinds'], // sums of points
      hashTotal: String(hashTotal % hashTotalModulus),
      size: tree.size(),
      root: tree.root().toString('base64url'),
      headLeaf,
    };
    for (const name of Object.keys(expected) as (keyof UpTrailer)[])
      // the members of a literal type
      if (canonical(trailer[name]) !== canonical(expected[name]))
        throw new Lie('trailer', line.place, `says ${name} ${canonical(trailer[name])}; the lines make ${canonical(expected[name])}`);
    const first = closings[0];
    if (first !== undefined) throw new Lie('trailer', line.place, `comes before closing ${first.number}`);
    const left = [...touched][0];
    // a file of a backlog has no counters: they are kept as they stand now, after events that come in the next one
    if (left !== undefined && counterBefore !== '') throw new Lie('trailer', line.place, `comes before the counters of ${left}`);
  };

  return {
    take(event, leaf) {
      headLeaf = Buffer.from(leaf).toString('base64url');
      events += 1;
      const kind = kinds.get(event.kind) ?? { count: 0, amt: 0 };
      const amt = kind.amt + event.amt;
      if (!Number.isSafeInteger(amt)) throw new Lie('trailer', place, `sums of ${event.kind} are beyond counting`);
      kinds.set(event.kind, { count: kind.count + 1, amt });
      if (event.res !== null) hashTotal += BigInt(Buffer.from(event.res, 'base64url').readUIntBE(0, tagBytes));
      const step = counterStepOf(event);
      if (step !== null) touched.add(step.accountId);
      if (event.kind !== 'DAY_CLOSED') return;
      const { number, accounts, checkpoint } = event.body; // compared with the events when it was taken
      const red = accounts['red/PTS'] ?? { opening: 0, closing: 0 };
      closings.push({ t: 'Z', number, day: event.day, seq: event.seq, red, ...checkpoint });
    },
    line(line) {
      if (trailer !== null) throw new Lie('trailer', line.place, 'stands after the trailer');
      if (line.text.endsWith('"t":"Z"}')) {
        const closing = closings.shift();
        if (closing === undefined || canonical(formOf(line, upClosing)) !== canonical(closing))
          throw new Lie('days', line.place, 'is not the closing that the events have next');
        return;
      }
      // members stand in code order: of a counter and a trailer `t` is not the last
      if (line.text.startsWith('{"a":')) {
        const { t: _, a, ...counter } = formOf(line, upCounter);
        if (a <= counterBefore) throw new Lie('counters', line.place, 'is not in the order of the accounts');
        const found = fold.counter(a);
        if (found === null || canonical({ ...found }) !== canonical(counter))
          throw new Lie('counters', line.place, `says other of ${a} than the events make`);
        counterBefore = a;
        touched.delete(a);
        return;
      }
      takeTrailer(line);
    },
    end() {
      if (trailer === null) throw new Lie('trailer', place, 'has no trailer');
    },
  };
}
