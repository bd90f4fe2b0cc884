// Checks what the book says of its own upkeep: a check or a backup reached an event that is in the chain before it, and a
// restoration is told. Whether a backup was made and is good only its own file can say: here is no word on it.

import type { BackedUpBody, BookEvent } from './model/event.ts';
import { type ReadableDatabase, prepared } from './sqlite.ts';
import { Lie, counted } from './verify-lie.ts';

export interface UpkeepChecks {
  /** The next event of the chain. */
  take(event: BookEvent, place: string): void;
  report(): string;
}

export function upkeepChecks(db: ReadableDatabase): UpkeepChecks {
  const counts = { checks: 0, backups: 0, restorations: 0 };
  return {
    take(event, place) {
      if (event.kind === 'RESTORED') counts.restorations += 1; // that it follows what it names, the chain's own check has seen
      if (event.kind !== 'VERIFIED' && event.kind !== 'BACKED_UP') return;
      if (event.kind === 'VERIFIED') counts.checks += 1;
      else counts.backups += 1;
      const { throughSeq, leaf } = event.body;
      const row = prepared<[number], { leaf: Buffer }>(db, 'SELECT leaf FROM event WHERE seq = ?').get(throughSeq);
      if (throughSeq >= event.seq || row?.leaf.toString('base64url') !== leaf)
        throw new Lie('upkeep', place, `reached an event ${throughSeq} that is not in the chain before it`);
      if (event.kind === 'BACKED_UP' && !isFile(event.body)) throw new Lie('upkeep', place, 'describes no file that a backup can be');
    },
    report: () =>
      `${counted(counts.checks, 'check')} and ${counted(counts.backups, 'backup')} said to be of what was in the book (that a copy is there and good, only reading it tells), put back ${counted(counts.restorations, 'time')}`,
  };
}

/** As backup.ts writes them; SHA-256 in base64url. */
function isFile({ file, bytes, sha256 }: BackedUpBody): boolean {
  return file.endsWith('.jifenbackup') && bytes > 0 && /^[\w-]{43}$/.test(sha256);
}
