// What a kiosk itself says, out of the files that it signed and the county kept: closed days with their figures and settlements, by the
// bytes. Believes nothing of the county's tables but where a file lies.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { leafOf } from '../../db/book.ts';
import { parseAck } from '../../db/model/ack.ts';
import { openNote } from '../../db/model/note.ts';
import type { BookEvent, SettlementBody } from '../../db/model/event.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { type UpClosing, type Verdict, upFileBytesMax, upLineBytesMax } from '../../db/model/up-file.ts';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { CountyBook } from './county-book.ts';
import { everyFileKey } from './county-keys.ts';
import { worthOf } from './settling.ts';

/** A file that a kiosk signed, and what the county answered: ACCEPTED where it ever did, else its newest word; null: none. */
export interface KeptFile {
  readonly kiosk: string;
  readonly inc: number;
  readonly fileSeq: number;
  readonly sha256: string;
  /** Within the county's folder. */
  readonly path: string;
  readonly verdict: Verdict | null;
  readonly detail: string;
  readonly isQuarantined: boolean;
}

export interface SaidDay {
  readonly inc: number;
  readonly number: number;
  readonly day: string;
  /** By the kiosk's clock, epoch ms. */
  readonly at: number;
  /** Redeemed that day, hundredths of a point, and what the shop has of it. */
  readonly points: number;
  readonly fen: number;
  readonly leaf: string;
  readonly line: number;
  /** Whether the Z line of the file says the same as the closing's event. */
  readonly isTold: boolean;
}

export interface SaidSettlement {
  readonly inc: number;
  readonly number: number;
  readonly settlementNumber: string;
  readonly points: number;
  readonly owedFen: number;
  readonly closings: SettlementBody['closings'];
  readonly leaf: string;
  readonly line: number;
}

export interface Said {
  readonly days: readonly SaidDay[];
  readonly settlements: readonly SaidSettlement[];
}

/** Files that came since then, in order. */
export function keptFiles(db: ReadableDatabase, book: CountyBook, since: number): readonly KeptFile[] {
  const trusted = everyFileKey(book, db).map((publicKey) => ({ name: book.name, publicKey }));
  const answer = prepared<[string, number, number, string], { verdict: Verdict; note: string }>(
    db,
    `SELECT verdict, note FROM answer WHERE kiosk = ? AND inc = ? AND file_seq = ? AND sha256 = ?
      ORDER BY CASE WHEN verdict = 'ACCEPTED' THEN 0 ELSE 1 END, number DESC LIMIT 1`,
  );
  return prepared<[number], { kiosk: string; inc: number; file_seq: number; sha256: string; path: string; state: string }>(
    db,
    `SELECT up_file.kiosk AS kiosk, inc, file_seq, sha256, path, state FROM up_file JOIN kiosk ON kiosk.kiosk = up_file.kiosk
      WHERE received_at >= ? ORDER BY up_file.kiosk, inc, file_seq, sha256`,
  )
    .all(since)
    .map(({ kiosk, inc, file_seq, sha256, path, state }) => {
      const given = answer.get(kiosk, inc, file_seq, sha256);
      const opened = given === undefined ? null : openNote(given.note, trusted);
      const ack = opened?.ok === true ? parseAck(opened.value.text) : null;
      const detail = ack?.ok === true ? ack.value.detail : '';
      const isQuarantined = state === 'quarantined' && given?.verdict !== 'ACCEPTED';
      return { kiosk, inc, fileSeq: file_seq, sha256, path, verdict: given?.verdict ?? null, detail, isQuarantined };
    });
}

/** Reads a file's own words. A file whose bytes are not those that were signed says nothing. */
export async function readSaid(directory: string, { path, sha256 }: KeptFile): Promise<Result<Said, 'unreadable' | 'changed'>> {
  const sha = createHash('sha256');
  const decoder = new StringDecoder('utf8');
  const reading = newReading();
  let rest = '';
  let bytes = 0;
  try {
    await pipeline(createReadStream(join(directory, path)), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > upFileBytesMax || rest.length > upLineBytesMax) throw new Error('too large');
        sha.update(chunk);
        const lines = (rest + decoder.write(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) reading.take(line);
      }
    });
  } catch {
    return fail('unreadable'); // not there, not whole, or not of the form: the bytes say which
  }
  return sha.digest('base64url') === sha256 ? ok(reading.said()) : fail('changed');
}

function newReading(): { take(line: string): void; said(): Said } {
  const days: (Omit<SaidDay, 'isTold'> & { readonly seq: number })[] = [];
  const settlements: SaidSettlement[] = [];
  const told = new Map<number, UpClosing>();
  let number = 0;
  return {
    take(text) {
      number += 1;
      if (text.endsWith('"t":"Z"}')) {
        const closing = JSON.parse(text) as UpClosing; // compared with the event before it is believed
        told.set(closing.seq, closing);
      }
      const mayBe = text.includes('"kind":"DAY_CLOSED"') || text.includes('"kind":"SETTLED"');
      if (!mayBe) return;
      const event = JSON.parse(text) as BookEvent; // a file is compared only where the county posted it, or by its totals
      const { inc } = event;
      const leaf = leafOf(text).toString('base64url');
      if (event.kind === 'DAY_CLOSED') {
        const { body, day, at, seq } = event;
        const red = body.accounts['red/PTS'] ?? { opening: 0, closing: 0 };
        days.push({
          inc,
          number: body.number,
          day,
          at,
          seq,
          points: red.closing - red.opening,
          fen: worthOf(body.figures),
          leaf,
          line: number,
        });
      }
      if (event.kind !== 'SETTLED') return;
      const { body } = event;
      const points = body.closings.reduce((sum, each) => sum + each.points, 0);
      const { owedFen, closings, settlementNumber } = body;
      settlements.push({ inc, number: body.number, settlementNumber, points, owedFen, closings, leaf, line: number });
    },
    said: () => ({
      days: days.map(({ seq, ...day }) => {
        const closing = told.get(seq);
        const isTold =
          closing?.number === day.number && closing.day === day.day && closing.red.closing - closing.red.opening === day.points;
        return { ...day, isTold };
      }),
      settlements,
    }),
  };
}
