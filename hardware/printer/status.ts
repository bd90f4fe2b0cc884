// What a printer says: its mixed stream of answers becomes messages, whatever the chunks (hardware.md B.1, B.2). Asks nothing.

import type { PrintFailure } from '../../db/model/receipt.ts';
import { never } from '../../db/model/result.ts';

export type Question = 1 | 2 | 3 | 4;

/** What can be known of a printer's state; an answer says only a part of it. */
export interface Status {
  /** It does not print now, for whatever reason, also while the feed button is pressed. */
  readonly offline: boolean;
  readonly coverOpen: boolean;
  readonly nearEnd: boolean;
  readonly paperOut: boolean;
  readonly cutter: boolean;
  readonly overheated: boolean;
  /** Any other error, recoverable or not. */
  readonly error: boolean;
  /** Level of the drawer's contact; what it means differs per drawer. */
  readonly drawerHigh: boolean;
}

export type Message =
  /** Answer to DLE EOT; the byte does not say to which question. */
  | { readonly kind: 'real_time'; readonly byte: number }
  /** Automatic status: the whole state, sent by itself when it changes. */
  | { readonly kind: 'status'; readonly status: Status }
  /** Answer to GS r 1, given in order with the printing. */
  | { readonly kind: 'paper'; readonly nearEnd: boolean; readonly paperOut: boolean }
  /** Answer to GS ( H: all before this marker is on paper. */
  | { readonly kind: 'printed'; readonly id: string }
  /** Answer to GS I: maker or model. */
  | { readonly kind: 'name'; readonly text: string };

/** Bytes of an answer that has begun, at most nameMax + 2 of them. */
export interface Decoding {
  readonly begun: readonly number[];
}

export const nothingDecoded: Decoding = { begun: [] };

/** Maker and model names are shorter; more without an end is no name. */
const nameMax = 80;

/**
 * Folds bytes into messages. First bytes tell the kinds apart: status (b & 0x93) = 0x10, real time 0x12, marker 0x37 0x22,
 * name 0x5F, paper (b & 0x90) = 0. What fits none is dropped, and a byte that breaks an answer off begins the next.
 */
export function decode(decoding: Decoding, bytes: Uint8Array): { readonly decoding: Decoding; readonly messages: readonly Message[] } {
  const messages: Message[] = [];
  let begun = decoding.begun;
  for (const byte of bytes) {
    const next = begun.length > 0 && continues(begun, byte) ? [...begun, byte] : [byte];
    const step = meaning(next);
    if (step === 'more') begun = next;
    else {
      begun = [];
      if (step !== 'noise') messages.push(step);
    }
  }
  return { decoding: { begun }, messages };
}

/** Whether the byte may follow in the answer that has begun. */
function continues(begun: readonly number[], byte: number): boolean {
  const [first] = begun;
  if (first === markerFirst) {
    if (begun.length === 1) return byte === markerSecond;
    return begun.length < 6 ? isText(byte) : byte === 0;
  }
  if (first === nameFirst) return byte === 0 || (isText(byte) && begun.length <= nameMax);
  return (byte & 0x90) === 0; // bytes 2 to 4 of automatic status
}

/** The message that these bytes are, or that more must come, or that they are none. */
function meaning(bytes: readonly number[]): Message | 'more' | 'noise' {
  const [first = 0] = bytes;
  if (first === markerFirst) return bytes.length < 7 ? 'more' : { kind: 'printed', id: text(bytes.slice(2, 6)) };
  if (first === nameFirst) return bytes.length > 1 && bytes.at(-1) === 0 ? { kind: 'name', text: text(bytes.slice(1, -1)) } : 'more';
  if ((first & 0x93) === 0x10) return bytes.length < 4 ? 'more' : { kind: 'status', status: automaticStatus(bytes) };
  if ((first & 0x93) === 0x12) return { kind: 'real_time', byte: first };
  if ((first & 0x90) === 0) return { kind: 'paper', nearEnd: (first & 0x03) !== 0, paperOut: (first & 0x0c) !== 0 };
  return 'noise';
}

const markerFirst = 0x37;
const markerSecond = 0x22;
const nameFirst = 0x5f;

function isText(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}

function text(bytes: readonly number[]): string {
  return String.fromCharCode(...bytes);
}

function automaticStatus(bytes: readonly number[]): Status {
  const [printer = 0, errors = 0, paper = 0] = bytes;
  return {
    offline: (printer & 0x08) !== 0,
    coverOpen: (printer & 0x20) !== 0,
    nearEnd: (paper & 0x03) !== 0,
    paperOut: (paper & 0x0c) !== 0,
    cutter: (errors & 0x08) !== 0,
    overheated: (errors & 0x40) !== 0,
    error: (errors & 0x24) !== 0,
    drawerHigh: (printer & 0x04) !== 0,
  };
}

/** What the answer to one real-time question says; the answer to 2 names an error of which only 3 tells the kind. */
export function realTimeStatus(question: Question, byte: number): Partial<Status> {
  switch (question) {
    case 1:
      return { drawerHigh: (byte & 0x04) !== 0, offline: (byte & 0x08) !== 0 };
    case 2:
      return { coverOpen: (byte & 0x04) !== 0, paperOut: (byte & 0x20) !== 0, error: (byte & 0x40) !== 0 };
    case 3:
      return { cutter: (byte & 0x08) !== 0, overheated: (byte & 0x40) !== 0, error: (byte & 0x24) !== 0 };
    case 4:
      return { nearEnd: (byte & 0x0c) !== 0, paperOut: (byte & 0x60) !== 0 };
    default:
      return never(question);
  }
}

/** Why this printer does not print, first what a person at the counter can mend; null: nothing keeps it from printing. */
export function failureOf(status: Partial<Status>): PrintFailure | null {
  if (status.coverOpen) return 'cover_open';
  if (status.paperOut) return 'paper_out';
  if (status.cutter) return 'cutter';
  if (status.overheated) return 'overheated';
  if (status.error) return 'error';
  return null;
}
