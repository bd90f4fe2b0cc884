// A county that has no room: how that is known from an error, and how a clerk is told of it. Nothing that found no room is half done.

import { diskFault } from '../../db/sqlite.ts';
import { StoreFault } from '../store/store.ts';
import type { CountyBook } from './county-book.ts';
import { raiseAgain } from './exceptions.ts';

/** Whether the disk, or the server that keeps the book, said that it is full. */
export function isFull(error: unknown): boolean {
  return error instanceof StoreFault ? error.code === 'store_full' : diskFault(error) === 'disk_full';
}

/** What the exception says: how often is not told, since the disk was too full to keep count. */
const detail = 'files of kiosks found no room';

export interface FullDisk {
  /** Something was refused for want of room. */
  found(): Promise<void>;
  /** Something fitted. */
  fits(): Promise<void>;
}

/**
 * Raises the exception as soon as there is room for it: at once where only a large file found none, else with the first file that fits, or it
 * would be told to nobody that shops could not send. One is open at a time (raiseAgain).
 */
export function fullDisk(book: CountyBook, complain: (line: string) => void): FullDisk {
  let isFullNow = false;
  let isToTell = false;
  let isTelling = false;
  const tell = async (): Promise<void> => {
    if (!isToTell || isTelling) return;
    isTelling = true;
    try {
      await book.transact(({ db }) =>
        raiseAgain(db, { kiosk: '', inc: 0, fileSeq: 0, seq: 0, code: 'disk_full', detail, at: book.wallMs() }),
      );
      isToTell = false;
    } catch (error) {
      if (!isFull(error)) complain(`the full disk is told later: ${String(error)}`); // what asked has its own answer
    } finally {
      isTelling = false;
    }
  };
  return {
    async found() {
      if (!isFullNow) complain('the disk is full: files of kiosks are refused until there is room');
      isFullNow = true;
      isToTell = true;
      await tell();
    },
    async fits() {
      isFullNow = false;
      await tell();
    },
  };
}
