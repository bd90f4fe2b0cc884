// From the bytes of a scanner to whole codes: a pure fold, so that a captured trace is a test. Never joins, cuts or repairs a
// code: what is not whole is told as garbled, and the cashier scans again.

import { isUtf8 } from 'node:buffer';
import { bareCode, isEan, sameScanMs } from '../../db/model/barcode.ts';
import { looksLikeCard } from '../../db/model/card.ts';
import { looksLikeVoucher } from '../../db/model/voucher.ts';

/** What the bytes so far add up to. */
export interface Frames {
  /** Bytes since the last end of a code, one character each. */
  readonly pending: string;
  /** True until the first end or silence of a link: its first bytes may be the tail of a code. */
  readonly startLost: boolean;
  /** The code seen last, to know it when it is seen twice. */
  readonly last: { readonly text: string; readonly atMs: number } | null;
}

export type Heard = { readonly kind: 'scan'; readonly text: string } | { readonly kind: 'garbled' };

interface Step {
  readonly frames: Frames;
  /** In the order of their bytes. */
  readonly heard: readonly Heard[];
}

/** A link that has just come up. */
export const newLink: Frames = { pending: '', startLost: true, last: null };

/** Far beyond a card's 130 and all that the engine takes of a scan; a longer run without an end is noise. */
const codeBytesMax = 512;

/**
 * Bytes came, in whatever pieces. CR, LF and CRLF end a code. The time, monotonic ms, is only for codes seen twice: how far
 * apart bytes arrive says how busy this process was, not what the scanner did.
 */
export function foldBytes(frames: Frames, bytes: Uint8Array, atMs: number): Step {
  const heard: Heard[] = [];
  let now = frames;
  for (const byte of bytes) {
    if (byte === carriageReturn || byte === lineFeed) {
      const ended = endCode(now, atMs, true);
      now = ended.frames;
      heard.push(...ended.heard);
    } else if (now.pending.length <= codeBytesMax) {
      now = { ...now, pending: now.pending + String.fromCharCode(byte) }; // one more than the longest marks it as too long
    }
  }
  return { frames: now, heard };
}

/**
 * The line has been silent. A scanner without a suffix ends its codes so; but so does a code that lost its end, and that
 * one must not count. What has no end must therefore prove itself: an EAN by its check digit, a card or a voucher by its signature.
 */
export function foldSilence(frames: Frames, atMs: number): Step {
  return endCode(frames, atMs, false);
}

/** The link is gone: a code cut short is garbled, and the next link starts anew. */
export function foldLost(frames: Frames): Step {
  return { frames: newLink, heard: frames.pending === '' ? [] : [{ kind: 'garbled' }] };
}

const carriageReturn = 0x0d;
const lineFeed = 0x0a;

function endCode(frames: Frames, atMs: number, hasEnd: boolean): Step {
  const rest: Frames = { pending: '', startLost: false, last: frames.last };
  if (frames.pending === '') return { frames: rest, heard: [] }; // the LF of a CRLF, or silence after silence
  const text = frames.startLost || frames.pending.length > codeBytesMax ? null : codeOf(frames.pending);
  if (text === null || !(hasEnd || isEan(text) || looksLikeCard(text) || looksLikeVoucher(text)))
    return { frames: rest, heard: [{ kind: 'garbled' }] };
  const isRepeat = frames.last?.text === text && atMs - frames.last.atMs < sameScanMs;
  return { frames: { ...rest, last: { text, atMs } }, heard: isRepeat ? [] : [{ kind: 'scan', text }] };
}

/** The text of a code; null where control characters or wrong UTF-8 tell of noise, a wrong baud rate or parity. */
function codeOf(pending: string): string | null {
  const bytes = Buffer.from(pending, 'latin1');
  const text = isUtf8(bytes) ? bareCode(bytes.toString('utf8')) : '';
  return text === '' || /\p{Cc}/u.test(text) ? null : text;
}
