// Checks what the book says of its own upkeep: a check or a backup reached an event that is in the chain before it, and a
// restoration is told. Whether the backup itself is good only its own reading can say.

import type { BookEvent } from './model/event.ts';
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
    },
    report: () =>
      `${counted(counts.checks, 'check')} and ${counted(counts.backups, 'backup')} of what was in the book, put back ${counted(counts.restorations, 'time')}`,
  };
}
