// Watches the room on the disk, so that selling stops in words before SQLite can fail, and goes on when there is room.

import { statfsSync } from 'node:fs';
import { openTill } from './opening.ts';
import { type Engine, stop } from './till.ts';

/** How often the disk is looked at: a receipt is 10 KB and a sale 2 KB, so nothing fills in between. */
const lookMs = 10_000;

/** Starts watching; a till that a person's hand can bring back (room, rights, the other process closed) opens by itself. */
export function startDiskGuard(engine: Engine): { stop(): void } {
  const timer = setInterval(() => guardDisk(engine), lookMs);
  return { stop: () => clearInterval(timer) };
}

/** One look: stops a selling till that is short of room, reopens a stopped one that has it again. */
export function guardDisk(engine: Engine): void {
  const { home, status } = engine;
  if (home === null) return;
  const isFull = status.kind === 'stopped' && status.code === 'disk_full';
  const hasRoom = isRoomEnough(freeBytes(home.directory), home.config.diskReserveBytes, isFull);
  if (engine.book?.db.inTransaction === true) return; // a long work is not cut off: SQLite undoes it itself if room runs out
  if (engine.book !== null && !hasRoom) return stop(engine, 'disk_full', `less than ${home.config.diskReserveBytes} bytes free`);
  if (engine.book !== null || status.kind !== 'stopped' || !hasRoom) return;
  if (status.code === 'disk_full' || status.code === 'disk_read_only' || status.code === 'book_busy' || status.code === 'internal')
    reopen(engine);
}

/** The scale is opened as the book says: without one it was not. */
function reopen(engine: Engine): void {
  openTill(engine);
  void engine.devices?.scale.refresh();
}

/** At the edge of the reserve a till would stop and start at every look: to begin again it wants a quarter more. */
const roomToBeginAgain = 1.25;

/** Whether a till may sell with so many bytes free, `isFull`: after it stopped for want of them. */
export function isRoomEnough(freeBytes: number, reserveBytes: number, isFull: boolean): boolean {
  return freeBytes >= (isFull ? reserveBytes * roomToBeginAgain : reserveBytes);
}

function freeBytes(directory: string): number {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return 0; // a disk that cannot be asked is not one to sell on
  }
}
