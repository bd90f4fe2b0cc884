// Goes along the events of a kiosk's file and posts each: where they go on, which were posted before, and where a restored kiosk begins
// anew (reconciliation.md R2 and R4). Knows no signature and no answer.

import { noLeaf } from '../../db/book.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type Posting, counterStepOf } from '../../db/model/postings.ts';
import { assert } from '../../db/model/result.ts';
import type { UpClosing, UpHeader } from '../../db/model/up-file.ts';
import { prepared } from '../../db/sqlite.ts';
import { newSums } from '../../db/up-files.ts';
import {
  type Chain,
  type Growth,
  findChain,
  firstChain,
  grow,
  growthOf,
  keepChain,
  newestChain,
  storedEvent,
  toldInc,
  treeThrough,
} from './chains.ts';
import { addRow } from '../store/held-rows.ts';
import type { CountyAct } from './county-book.ts';
import { BeyondCounting } from './ledger.ts';
import { growthThrough } from './growth-through.ts';
import { events } from './held-tables.ts';
import { keyAfter } from './kiosk-keys.ts';
import { type Folding, checkTouched, foldEvent, standingOf } from './fold.ts';
import { BadFile } from './read-up.ts';
import type { ReadEvent } from './up-ahead.ts';
import { type Totals, closeDay, closingLine } from './intake-end.ts';

/** One file's way through the book. */
interface Walk {
  /** Finds where the first event goes on; of later ones, nothing. Throws BadFile where that is not posted. */
  begin(event: BookEvent, place: string): void;
  take(event: BookEvent, of: ReadEvent): void;
  end(): Totals;
}

/**
 * Goes along the events of a file. Those that were posted before (a restored kiosk sends some again, and late files of an incarnation
 * that ended may) must be the very same, or two histories are told; the others are posted.
 */
export function newWalk(file: Omit<Folding, 'inc' | 'standing'>, header: UpHeader): Walk {
  const { act, kiosk, raise } = file;
  const { db } = act;
  const sums = newSums();
  const closings: UpClosing[] = [];
  const touched = new Set<string>();
  let headLeaf = header.prevLeaf;
  let chain: Chain | null = null;
  let folding: Folding | null = null;
  let growth: Growth | null = null;
  let tree = { size: 0, root: '' };
  let overlap: ReturnType<typeof treeThrough> | null = null;

  const foldingOf = (inc: number): Folding => ({ ...file, inc, standing: standingOf(db, kiosk.kiosk, inc) });

  const mustFollow = (event: BookEvent, place: string): void => {
    if (event.prev !== headLeaf) throw new BadFile('OUT_OF_BALANCE', `${place}: does not follow the event before it`);
  };

  const beginningOf = (event: BookEvent): Chain => {
    const inc = event.kind === 'RESTORED' ? event.body.fromInc : event.inc;
    const found = findChain(db, kiosk.kiosk, inc) ?? (header.fromSeq === 1 ? firstChain(inc) : null);
    if (found === null || header.fromSeq > found.toSeq + 1)
      throw new BadFile(
        'GAP',
        `events before ${header.fromSeq} of incarnation ${inc} are missing`,
        ((found ?? newestChain(db, kiosk.kiosk))?.fileSeq ?? 0) + 1,
      );
    const before = header.fromSeq === 1 ? noLeaf : storedEvent(db, kiosk.kiosk, found, header.fromSeq - 1)?.leaf.toString('base64url');
    if (before !== header.prevLeaf) throw new BadFile('FORK', `event ${header.fromSeq - 1} is another than the one that was posted`);
    const due = keyAfter(db, { kiosk: kiosk.kiosk, chain: found, seq: header.fromSeq - 1, inForce: header.kioskKey });
    if (due !== header.kioskKey) throw new BadFile('REJECTED', 'line 1: not the key that is due after the event before');
    if (header.fromSeq > found.toSeq) growth = growthOf(db, kiosk.kiosk, found);
    else overlap = treeThrough(db, kiosk.kiosk, found, header.fromSeq - 1);
    return found;
  };

  /** Under which number an incarnation that begins is written down: its own; one that another had is passed over, and holds nothing. */
  const freeInc = (inc: number): number | null => [inc, -inc].find((each) => findChain(db, kiosk.kiosk, each) === null) ?? null;

  const restore = (event: BookEvent & { readonly kind: 'RESTORED' }, from: Chain, place: string): Chain => {
    const { fromInc, throughSeq, leaf } = event.body;
    if (fromInc !== toldInc(from) || event.inc <= fromInc || event.inc > header.inc || throughSeq !== event.seq - 1 || leaf !== headLeaf)
      throw new BadFile('OUT_OF_BALANCE', `${place}: goes on from another event than the one before it`);
    const inc = freeInc(event.inc);
    if (inc === null || (inc < 0 && event.inc === header.inc))
      throw new BadFile('FORK', `${place}: a second beginning of incarnation ${event.inc}`);
    if (growth === null) {
      growth = growthThrough(foldingOf(inc), from, throughSeq);
      raise(
        event.seq,
        'restored_behind',
        `${from.toSeq - throughSeq} events after ${throughSeq} are in the county's book and not in the kiosk's`,
      );
    } else {
      const known = findChain(db, kiosk.kiosk, from.inc);
      if (known === null || known.toSeq < throughSeq) keepChain(db, kiosk.kiosk, { ...from, toSeq: throughSeq, headLeaf }, growth);
      copyIncarnation(act, kiosk.kiosk, { from: from.inc, to: inc });
      if (inc > 0) raise(event.seq, 'restored', `incarnation ${event.inc} goes on after event ${throughSeq}`);
      else raise(event.seq, 'restored_behind', `a second incarnation ${event.inc}, which held nothing, goes on after event ${throughSeq}`);
    }
    overlap = null;
    return { inc, baseInc: from.inc, baseSeq: throughSeq, fileSeq: 0, fileSha: '', toSeq: throughSeq, headLeaf };
  };

  const post = (event: BookEvent, into: Folding, grown: Growth, of: Parameters<Walk['take']>[1]): void => {
    const entry = act.nextEntry();
    insertEvent(act, event, { ...of, entry, inc: into.inc, fileInc: header.inc, fileSeq: header.fileSeq });
    const postings = folded(into, event, { entry, place: of.place });
    const head = event.kind === 'DAY_CLOSED' ? { size: grown.tree.size(), root: grown.tree.root().toString('base64url') } : null;
    try {
      grow(grown, event, of.leaf, postings);
    } catch (error) {
      // a body that no kiosk of ours writes, in a part that only the day's figures read
      throw new BadFile('OUT_OF_BALANCE', `${of.place}: ${event.kind} has no figures: ${String(error)}`);
    }
    if (event.kind === 'DAY_CLOSED') closeDay(act, event, { entry, inc: into.inc, growth: grown, head: head!, place: of.place });
  };

  return {
    begin(event, place) {
      if (chain !== null) return;
      mustFollow(event, place);
      chain = beginningOf(event);
    },
    take(event, of) {
      mustFollow(event, of.place);
      assert(chain !== null, 'a walk has begun');
      folding ??= foldingOf(chain.inc);
      if (event.kind === 'RESTORED') {
        checkTouched(folding); // by what stood before it
        chain = restore(event, chain, of.place);
        folding = foldingOf(chain.inc);
      } else if (chain.inc < 0) throw new BadFile('FORK', `${of.place}: a second history of incarnation ${toldInc(chain)}`);
      if (event.inc !== toldInc(chain))
        throw new BadFile('OUT_OF_BALANCE', `${of.place}: of incarnation ${event.inc}, not ${toldInc(chain)}`);
      try {
        sums.add(event);
      } catch {
        throw new BadFile('OUT_OF_BALANCE', `${of.place}: the points of the file are beyond 2^53`);
      }
      const step = counterStepOf(event);
      if (step !== null && event.amt > 0) touched.add(step.accountId);
      if (event.kind === 'DAY_CLOSED') closings.push(closingLine(event));
      if (growth === null) {
        const stored = storedEvent(db, kiosk.kiosk, chain, event.seq);
        if (stored?.leaf.equals(of.leaf) !== true) throw new BadFile('FORK', `${of.place}: another event ${event.seq} was posted before`);
        assert(overlap !== null, 'events posted before have their tree');
        overlap.add(of.leaf);
        if (event.seq === chain.toSeq) growth = growthOf(db, kiosk.kiosk, chain);
      } else {
        post(event, folding, growth, of);
        chain = { ...chain, toSeq: event.seq, headLeaf: of.leafText };
      }
      headLeaf = of.leafText;
    },
    end() {
      assert(chain !== null && folding !== null, 'a file has an event');
      if (chain.inc !== header.inc) throw new BadFile('OUT_OF_BALANCE', `ends in incarnation ${toldInc(chain)}, not ${header.inc}`);
      checkTouched(folding);
      const isWhole = growth !== null;
      const over = growth?.tree ?? overlap;
      assert(over !== null, 'a walk has a tree');
      tree = { size: over.size(), root: over.root().toString('base64url') };
      growth ??= growthOf(db, kiosk.kiosk, chain);
      return { chain, growth, headLeaf, ...tree, sums: sums.totals(), closings, touched, isWhole };
    },
  };
}

/** What the event posts, in the kiosk's own chart. */
function folded(into: Folding, event: BookEvent, { entry, place }: { readonly entry: number; readonly place: string }): readonly Posting[] {
  try {
    return foldEvent(into, event, entry) ?? [];
  } catch (error) {
    if (error instanceof BeyondCounting) throw new BadFile('OUT_OF_BALANCE', `${place}: ${error.message}`);
    throw error;
  }
}

function insertEvent(
  { db }: CountyAct,
  event: BookEvent,
  of: ReadEvent & { readonly entry: number; readonly inc: number; readonly fileInc: number; readonly fileSeq: number },
): void {
  const { kiosk, seq, id, kind, amt } = event;
  const { account, refers } = concerns(event);
  addRow(db, events, {
    entry: of.entry,
    kiosk,
    inc: of.inc,
    seq,
    file_inc: of.fileInc,
    file_seq: of.fileSeq,
    id,
    kind,
    account,
    refers,
    amt,
    line: of.text,
    leaf: of.leaf,
    sig: of.sig,
  });
}

/** Whose account an event is about, and which event before it. */
export function concerns(event: BookEvent): { readonly account: string | null; readonly refers: string | null } {
  switch (event.kind) {
    case 'SALE':
    case 'CREDIT':
    case 'RIGHTS_RETURNED':
    case 'VOUCHER_IN':
      return { account: event.body.accountId, refers: null };
    case 'RETURNED':
      return { account: event.body.accountId, refers: event.body.saleId };
    case 'CREDIT_REVERSED':
      return { account: event.body.accountId, refers: event.body.creditId };
    default:
      return { account: null, refers: null };
  }
}

/** A restored kiosk goes on where the county is: its counters and closed days are those of the incarnation before. */
function copyIncarnation({ db }: CountyAct, kiosk: string, of: { readonly from: number; readonly to: number }): void {
  prepared(
    db,
    `INSERT INTO counter (kiosk, inc, account, g, b, s, v, c, u, x, w, xs, f)
     SELECT kiosk, ?, account, g, b, s, v, c, u, x, w, xs, f FROM counter WHERE kiosk = ? AND inc = ?`,
  ).run(of.to, kiosk, of.from);
  prepared(
    db,
    `INSERT INTO voucher_taken (kiosk, inc, account, number, amount)
     SELECT kiosk, CAST(? AS INTEGER), account, number, amount FROM voucher_taken WHERE kiosk = ? AND inc = ?`,
  ).run(of.to, kiosk, of.from);
  prepared(
    db,
    'INSERT INTO closing (kiosk, inc, number, day, entry, red) SELECT kiosk, ?, number, day, entry, red FROM closing WHERE kiosk = ? AND inc = ?',
  ).run(of.to, kiosk, of.from);
}
