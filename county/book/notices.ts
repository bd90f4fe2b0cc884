// Which shops took a printed notice (docs/files.md, B5), by their own NOTICE_TAKEN events. A kiosk's word, signed by it: nothing is moved by it,
// and what it says is shown to people as it was said.

import { z } from 'zod';
import { noticeNumber } from '../../db/notices.ts';
import { memberName } from '../../db/model/committee.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { findChain, newestChain } from './chains.ts';
import { committeeTold } from './committee.ts';

/** A notice that a person at a shop took. */
export interface NoticeTaken {
  readonly kiosk: string;
  readonly inc: number;
  readonly seq: number;
  /** Of the kiosk's clock; epoch ms. */
  readonly at: number;
  /** Who compared it. */
  readonly by: string;
  /** What was taken, and the number of its paper; null: its event says nothing that we know. */
  readonly about: { readonly text: string; readonly number: string } | null;
  /** The county gave such a notice, or such a file. */
  readonly isOurs: boolean;
  /** It is in force in the newest incarnation of the kiosk: a backup from before it asks again. */
  readonly isInForce: boolean;
}

const key = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const by = z.string().min(1).max(100);
const bodyShape = z.discriminatedUnion('about', [
  z.object({ about: z.literal('committee'), name: z.string().regex(memberName), key, by }),
  z.object({ about: z.literal('file'), downSeq: z.int().positive(), sha256: key, by }),
]);
const lineShape = z.object({ at: z.number().catch(0), body: bodyShape.nullable().catch(null) });

/** More than shops ever take; a kiosk's key can sign any number, of any length. */
const shownMax = 500;

/** Those that kiosks took, the newest five hundred, in the order in which they were posted. */
export function noticesTaken(db: ReadableDatabase, county: string): readonly NoticeTaken[] {
  return prepared<[], { kiosk: string; inc: number; seq: number; line: string }>(
    db,
    `SELECT kiosk, inc, seq, CASE WHEN octet_length(line) <= 8192 THEN line ELSE '{}' END AS line FROM event
      WHERE kind = 'NOTICE_TAKEN' ORDER BY entry DESC LIMIT ${shownMax}`,
  )
    .all()
    .toReversed()
    .map(({ line, ...of }) => {
      const { at, body } = lineShape.parse(JSON.parse(line));
      const told = body === null ? { about: null, by: '', isOurs: false } : toldOf(db, { county, kiosk: of.kiosk, body });
      return { ...of, at, ...told, isInForce: isOfNewest(db, of) };
    });
}

function toldOf(
  db: ReadableDatabase,
  { county, kiosk, body }: { readonly county: string; readonly kiosk: string; readonly body: z.infer<typeof bodyShape> },
): Pick<NoticeTaken, 'about' | 'by' | 'isOurs'> {
  const number = noticeNumber({ county, kiosk }, body);
  if (body.about === 'committee') {
    const isOurs = (committeeTold(db) ?? []).some((each) => each.notice === true && each.name === body.name && each.key === body.key);
    return { about: { text: `committee ${body.name}`, number }, by: body.by, isOurs };
  }
  const file = prepared(db, 'SELECT 1 FROM down_file WHERE kiosk = ? AND down_seq = ? AND sha256 = ?').get(
    kiosk,
    body.downSeq,
    body.sha256,
  );
  return { about: { text: `file ${body.downSeq}`, number }, by: body.by, isOurs: file !== undefined };
}

/** Whether the newest incarnation of the kiosk has that event, itself or in what it goes on from. */
function isOfNewest(
  db: ReadableDatabase,
  { kiosk, inc, seq }: { readonly kiosk: string; readonly inc: number; readonly seq: number },
): boolean {
  let through = Number.MAX_SAFE_INTEGER;
  for (let of = newestChain(db, kiosk); of !== null; of = of.baseInc === null ? null : findChain(db, kiosk, of.baseInc)) {
    if (of.inc === inc) return seq <= through;
    through = Math.min(through, of.baseSeq);
  }
  return false;
}

/** Kiosks at work that have not taken the notice of the committee's newest key, by name; null: no notice was given of it. */
export function withoutNotice(db: ReadableDatabase, county: string): { readonly name: string; readonly kiosks: readonly string[] } | null {
  const newest = committeeTold(db)?.at(-1);
  if (newest?.notice !== true) return null;
  const number = noticeNumber({ county, kiosk: '' }, { about: 'committee', name: newest.name, key: newest.key });
  const taken = noticesTaken(db, county).filter((each) => each.isInForce && each.about?.number === number);
  const kiosks = prepared<[], { kiosk: string }>(
    db,
    `SELECT kiosk FROM kiosk WHERE state IN ('active', 'quarantined') ORDER BY kiosk`,
  ).all();
  return { name: newest.name, kiosks: kiosks.map(({ kiosk }) => kiosk).filter((kiosk) => !taken.some((each) => each.kiosk === kiosk)) };
}
