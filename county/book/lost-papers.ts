// Papers of what a kiosk lost before it sent it: entered by what their signature proves, once, as an act of the county (reconciliation.md
// R2 "receipts double as a backup", R8 2). Never believes a paper without its kiosk's signature, and never takes one for an event.

import { verify } from 'node:crypto';
import { publicKeyFromRaw } from '../../db/model/keys.ts';
import { type Result, assert, fail, never, ok } from '../../db/model/result.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import { findChain, newestChain } from './chains.ts';
import { isStolen, keyAfter } from './kiosk-keys.ts';
import type { CountyAct } from './county-book.ts';
import { type Place, balanceOf, moved } from './ledger.ts';
import { reclaimedOf } from './reclaimed.ts';
import { isRevoked } from './revoke.ts';
import { givenUp, isGivenUp, spendUnsent, unpayWithdrawn } from './rights.ts';

/** What the paper says it is, above its code: a receipt, a ticket (R), a return (T). The code does not tell. */
export type PaperKind = 'sale' | 'credit' | 'return';

export interface GivenPaper {
  /** The text of its code. */
  readonly text: string;
  readonly kind: PaperKind;
  /** What the paper says that points paid, or gave back: the code proves points only, so two persons read it. 0 of a ticket. */
  readonly fen: number;
  /** Whose it is, where the clerk knows: it must be who the code's tag names. */
  readonly account: string | null;
}

/** A paper that may be entered. */
export interface LostPaper {
  readonly kiosk: string;
  readonly inc: number;
  readonly seq: number;
  readonly leaf: string;
  readonly kind: PaperKind;
  readonly account: string;
  readonly points: number;
  readonly fen: number;
}

export type PaperRefusal =
  | 'malformed'
  | 'foreign' // of another county or kiosk
  | 'forged'
  | 'revoked' // whoever has the key can write such papers
  | 'stolen' // and so can who stole it
  | 'not_lost' // of the incarnation that goes on: the kiosk has it, and sends it
  | 'posted'
  | 'entered'
  | 'nothing' // no points: nothing of it is the county's
  | 'unknown_resident' // its tag is nobody's
  | 'other_account'
  | 'money'; // a ticket has none, and no paper a million yuan

/** CP1|county|kiosk|inc|seq|at|tag|points|leaf|prev8|signature (docs/files.md E7 and Q). */
const fields = 11;
const signatureBytes = 64;
/** A million yuan. */
const worthMax = 100_000_000;
const whole = /^(0|[1-9]\d{0,14})$/;

/** What a paper proves, or why it is none to enter. `of`: the county, and the kiosk that the clerk named. */
export function judgePaper(
  db: ReadableDatabase,
  of: { readonly county: string; readonly kiosk: string },
  given: GivenPaper,
): Result<LostPaper, PaperRefusal> {
  const parts = given.text.trim().split('|');
  const [mark, county, kiosk = '', incText = '', seqText = '', , tag = '', pointsText = '', leaf = ''] = parts;
  const signature = Buffer.from(parts.at(-1) ?? '', 'base64url');
  const isWhole =
    parts.length === fields &&
    mark === 'CP1' &&
    signature.length === signatureBytes &&
    [incText, seqText, pointsText].every((text) => whole.test(text));
  if (!isWhole) return fail('malformed');
  if (county !== of.county || kiosk !== of.kiosk) return fail('foreign');
  const { key } = prepared<[string], { key: string | null }>(db, 'SELECT key FROM kiosk WHERE kiosk = ?').get(kiosk) ?? { key: null };
  if (key === null) return fail('foreign');
  if (isRevoked(db, kiosk)) return fail('revoked');
  const [inc, seq, points] = [Number(incText), Number(seqText), Number(pointsText)];
  const due = keyOfPaper(db, { kiosk, inc, seq, inForce: key });
  const signed = Buffer.from(parts.slice(0, -1).join('|'));
  if (!verify(null, signed, publicKeyFromRaw(Buffer.from(due, 'base64url')), signature)) return fail('forged');
  if (isStolen(db, { kiosk, key: due })) return fail('stolen');
  const lost = whyNotLost(db, { kiosk, inc, seq, leaf });
  if (lost !== null) return fail(lost);
  if (points === 0) return fail('nothing');
  if (given.fen > worthMax || (given.kind === 'credit' && given.fen !== 0)) return fail('money');
  const account = accountOfTag(db, tag);
  if (account === null) return fail('unknown_resident');
  if (given.account !== null && given.account !== account) return fail('other_account');
  return ok({ kiosk, inc, seq, leaf, kind: given.kind, account, points, fen: given.fen });
}

/**
 * The one key that counts at the paper's place: an older one may be in other hands. What the county never saw of an incarnation is of the
 * newest key that it knows there, and an incarnation that it never heard of is of the kiosk's.
 */
function keyOfPaper(
  db: ReadableDatabase,
  { kiosk, inc, seq, inForce }: { readonly kiosk: string; readonly inc: number; readonly seq: number; readonly inForce: string },
): string {
  const chain = findChain(db, kiosk, inc);
  return chain === null ? inForce : keyAfter(db, { kiosk, chain, seq: seq - 1, inForce });
}

/**
 * Of an incarnation that two machines lived, what the county refused of one is as lost as what nobody sent. What a kiosk still has is not
 * lost, unless people gave the kiosk up.
 */
function whyNotLost(
  db: ReadableDatabase,
  { kiosk, inc, seq, leaf }: Pick<LostPaper, 'kiosk' | 'inc' | 'seq' | 'leaf'>,
): PaperRefusal | null {
  if (prepared(db, 'SELECT 1 FROM lost_paper WHERE kiosk = ? AND inc = ? AND seq = ?').get(kiosk, inc, seq) !== undefined) return 'entered';
  const posted = prepared<[string, number, number], { leaf: Buffer }>(
    db,
    'SELECT leaf FROM event WHERE kiosk = ? AND inc = ? AND seq = ?',
  ).get(kiosk, inc, seq);
  if (posted?.leaf.toString('base64url') === leaf) return 'posted';
  const newest = newestChain(db, kiosk);
  if (inc < (newest?.inc ?? 0)) return null;
  const isBeyond = inc === (newest?.inc ?? 1) && seq > (newest?.toSeq ?? 0);
  return isBeyond && isGivenUp(db, kiosk) ? null : 'not_lost';
}

/** Whom the county's newest word gives that tag; null: nobody. */
function accountOfTag(db: ReadableDatabase, tag: string): string | null {
  if (!/^[A-Za-z0-9_-]{8,22}$/.test(tag)) return null;
  const rows = prepared<[string], { line: string }>(
    db,
    `SELECT line FROM master WHERE t = 'RESIDENT' AND line LIKE ? ORDER BY scope, key`,
  ).all(
    `%"${tag}"%`, // an underscore of the tag stands for any letter there: compared below
  );
  for (const { line } of rows) {
    const { resident } = JSON.parse(line) as { readonly resident: { readonly tag: string; readonly accountId: string } }; // the kind was asked for
    if (resident.tag === tag) return resident.accountId;
  }
  return null;
}

/**
 * Enters a paper. A sale takes the rights that the county still has at the kiosk, while nobody has answered for it; what is beyond, or
 * comes later, is paid like roaming: out of what lies unallocated, and the rest is due. A ticket's points and a return's wait unallocated
 * for the night. The shop's side goes into the next county batch (forgotten.ts).
 */
export function enterPaper(act: CountyAct, paper: LostPaper): void {
  const { db } = act;
  const { kiosk, inc, seq, leaf, kind, account, points, fen } = paper;
  const entry = act.enter('lost_paper', `${kiosk}/${inc}/${seq} ${kind}`);
  const red: Place = { account: 'red', at: kiosk };
  const main: Place = { account: 'main', holder: account };
  let roamed = 0;
  switch (kind) {
    case 'sale': {
      const esc: Place = { account: 'esc', holder: account, at: kiosk };
      const held = Math.min(points, givenUp(db, { kiosk, account }));
      act.post(moved(esc, red, held));
      roamed = points - held;
      spendUnsent(act, { kiosk, account }, { amount: roamed, entry });
      break;
    }
    case 'credit':
      act.post(moved({ account: 'recycling_issue', at: kiosk }, main, points));
      break;
    case 'return':
      act.post(moved(red, main, points));
      break;
    default:
      never(kind);
  }
  const { changes } = prepared(
    db,
    'INSERT INTO lost_paper (kiosk, inc, seq, leaf, kind, account, points, fen, roamed, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(kiosk, inc, seq, leaf, kind, account, points, fen, roamed, entry);
  assert(changes === 1, 'a paper is written down');
}

interface FoundPaper extends Pick<LostPaper, 'inc' | 'seq' | 'kind' | 'account' | 'points'> {
  /** Of its event. */
  readonly entry: number;
}

interface NamedPaper extends FoundPaper {
  /** As the paper names it, base64url, and as the event of its place has it: another machine's, perhaps. */
  readonly leaf: string;
  readonly posted: Buffer;
}

/**
 * The old disk was found, and events came of which a paper was entered: then the event counts and the paper does not. What the county had
 * written off for the event, since it had given those rights away, comes back to it; the resident is charged once.
 */
export function undoFoundPapers(act: CountyAct, kiosk: string): void {
  const { db } = act;
  const rows = prepared<[string], NamedPaper>(
    db,
    `SELECT paper.inc AS inc, paper.seq AS seq, paper.kind AS kind, paper.account AS account, points, event.entry AS entry,
         paper.leaf AS leaf, event.leaf AS posted FROM lost_paper AS paper
       JOIN event ON event.kiosk = paper.kiosk AND event.inc = paper.inc AND event.seq = paper.seq
      WHERE paper.kiosk = ? AND NOT EXISTS (SELECT 1 FROM lost_paper_found AS found
        WHERE found.kiosk = paper.kiosk AND found.inc = paper.inc AND found.seq = paper.seq) ORDER BY paper.inc, paper.seq`,
  ).all(kiosk);
  for (const row of rows) if (row.posted.toString('base64url') === row.leaf) undoPaper(act, kiosk, row);
}

function undoPaper(act: CountyAct, kiosk: string, { inc, seq, kind, account, points, entry: event }: FoundPaper): void {
  const { db } = act;
  const entry = act.enter('paper_found', `${kiosk}/${inc}/${seq} ${kind}`);
  const main: Place = { account: 'main', holder: account };
  const writeoff: Place = { account: 'writeoff', holder: account, at: kiosk };
  if (kind === 'sale') {
    const { lost } = prepared<[number], { lost: number }>(
      db,
      `SELECT coalesce(-sum(amount), 0) AS lost FROM posting WHERE entry = ? AND account = 'writeoff'`,
    ).get(event)!; // an aggregate has a row
    const red: Place = { account: 'red', at: kiosk };
    const back = Math.min(points, lost);
    act.post(moved(red, writeoff, back));
    act.post(moved(red, main, points - back));
  } else {
    // The event brought them a second time; those that went on already are the county's loss.
    const to: Place = kind === 'credit' ? { account: 'recycling_issue', at: kiosk } : { account: 'red', at: kiosk };
    const lacking = points - balanceOf(db, main);
    if (kind === 'credit' && lacking > 0) unpayWithdrawn(act, account, Math.min(lacking, reclaimedOf(db, { kiosk, inc, seq }))); // they had paid for its own disallowing
    const there = Math.min(points, balanceOf(db, main));
    act.post(moved(main, to, there));
    act.post(moved(writeoff, to, points - there));
  }
  const { changes } = prepared(db, 'INSERT INTO lost_paper_found (kiosk, inc, seq, entry) VALUES (?, ?, ?, ?)').run(kiosk, inc, seq, entry);
  assert(changes === 1, 'a paper is undone once');
}
