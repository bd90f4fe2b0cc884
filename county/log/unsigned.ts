// Why the county signs no root of its log these nights: what people are told of it. Judges nothing: sealDay of steps.ts does.

import { mayLogBeLonger, unheardKiosks } from '../book/put-back.ts';
import { isUnanswered } from '../book/unanswered.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';

/** kiosks: they were not heard since the book was put back, and may hold a longer log. contradicted: somebody holds another root, and nobody answered. */
export type Unsigned = { readonly why: 'put_back'; readonly kiosks: readonly string[] } | { readonly why: 'contradicted' };

/** null: the night signs one where something came. */
export function whyUnsigned(db: ReadableDatabase): Unsigned | null {
  const contradicted = prepared<[], object>(
    db,
    `SELECT 1 FROM exception WHERE code = 'log_contradicted' AND ${isUnanswered} LIMIT 1`,
  ).get();
  if (contradicted !== undefined) return { why: 'contradicted' };
  return mayLogBeLonger(db) ? { why: 'put_back', kiosks: unheardKiosks(db) } : null;
}

/** For the server's journal and for who runs a night by hand. */
export function unsignedLine(unsigned: Unsigned): string {
  const why =
    unsigned.why === 'contradicted'
      ? 'somebody holds a root that the county’s log contradicts: answer that exception first'
      : `the county’s book was put back, and ${unsigned.kiosks.length} kiosks that were not heard since may hold a longer log: it ends with a file of each, or when the committee answers that exception`;
  return `no root of the log is signed: ${why}`;
}
