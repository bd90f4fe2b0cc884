// Every kind of points that the county reclaims, for who goes on with all of them: a start, the night, a book that is put back. Knows none of
// them closer.

import type { ReadableDatabase } from '../../db/sqlite.ts';
import { type Result } from '../../db/model/result.ts';
import type { CountyAct, CountyBook } from './county-book.ts';
import { disallowing } from './disallowed.ts';
import { expiry } from './expiry.ts';
import {
  type AgainRefusal,
  type ReclaimKind,
  type ReclaimName,
  findReclaims,
  finishReclaims,
  isReleased,
  raiseReclaimFault,
  reclaimAgain,
  reclaimsByLog,
  withdrawAgain,
} from './reclaims.ts';
import { takingBack } from './take-backs.ts';
import { wasPutBack } from './taken-up.ts';
import { TooManyWaiting } from './turns.ts';

const kinds: readonly ReclaimKind[] = [takingBack, disallowing, expiry];

/**
 * Posts what is left of all that was released, whatever kind. In a book that was put back also what waited, by its papers, for something that
 * the book did not have then (reclaimAgain).
 */
export async function finishEveryReclaim(book: CountyBook): Promise<void> {
  for (const kind of kinds) {
    await finishReclaims(book, kind);
    const waiting = await book.read((db) => (wasPutBack(db) ? foundOf(book, db, kind) : []));
    for (const { number } of waiting)
      try {
        await reclaimAgain(book, kind, number);
      } catch (error) {
        if (error instanceof TooManyWaiting) return; // the book is closing, or its people wait: the next start or night goes on
        await raiseReclaimFault(book, kind, number, error);
      }
  }
}

/** One whose release is proven by what lies beside the book. */
export interface FoundReclaim {
  readonly kind: ReclaimName;
  readonly number: number;
  /** When it was released, epoch ms. */
  readonly at: number;
}

function foundOf(book: CountyBook, db: ReadableDatabase, kind: ReclaimKind): readonly FoundReclaim[] {
  return findReclaims(book, db, kind)
    .filter(({ number }) => !isReleased(db, kind, number))
    .map((each) => ({ kind: kind.name, ...each }));
}

/** All of them, also those that the book has, the oldest of each kind first. */
export function findEveryReclaim(book: CountyBook, db: ReadableDatabase): readonly FoundReclaim[] {
  return kinds.flatMap((kind) => findReclaims(book, db, kind).map((each) => ({ kind: kind.name, ...each })));
}

/** Takes away what waits in a book that was put back and a person took away since the copy, by what lies beside it. */
export function withdrawEveryFound(book: CountyBook, act: CountyAct): void {
  for (const kind of kinds) withdrawAgain(book, act, kind);
}

/** Takes points of one once more in a book that was put back. 'first': of what is missing nobody is told yet. */
export function reclaimFound(
  book: CountyBook,
  { kind, number }: Pick<FoundReclaim, 'kind' | 'number'>,
  time: 'first' | 'last',
): Promise<Result<null, AgainRefusal>> {
  return reclaimAgain(book, kindOf(kind), number, time);
}

/** What the log says took effect, and neither the book nor a paper beside it proves: by kind and number. */
export function unprovenReclaims(book: CountyBook, db: ReadableDatabase): readonly Pick<FoundReclaim, 'kind' | 'number'>[] {
  return kinds.flatMap((kind) => {
    const proven = new Set(findReclaims(book, db, kind).map(({ number }) => number)); // why one of these is not taken up was said
    return reclaimsByLog(db, kind)
      .filter((number) => !proven.has(number) && !isReleased(db, kind, number))
      .map((number) => ({ kind: kind.name, number }));
  });
}

function kindOf(name: ReclaimName): ReclaimKind {
  return kinds.find((each) => each.name === name)!; // every name has its kind
}
