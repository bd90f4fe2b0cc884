// Reads an up-file ahead of its posting, some hundreds of events or some MB at a time: while these are posted, the next ones are parsed and
// their signatures checked elsewhere; of a shop's day all is read before its turn in the book comes. Few files are read at one time, one of
// each kiosk. Compares nothing with a book.

import { type BookEvent, signedText } from '../../db/model/event.ts';
import { type UpHeader, upHeader } from '../../db/model/up-file.ts';
import { BadFile, type UpLines, eventOfLine, readUpLines, shapedLine, signatureOfLine } from './read-up.ts';
import { signaturesOf } from './signatures.ts';
import { TooManyWaiting } from './turns.ts';

/** An event as it came: its line, its leaf also as text, its signature, and where it stands. */
export interface ReadEvent {
  readonly event: BookEvent;
  readonly text: string;
  readonly leaf: Buffer;
  readonly leafText: string;
  readonly sig: Buffer;
  readonly place: string;
}

export interface UpAhead {
  /** Throws BadFile. */
  header(): UpHeader;
  /** The next events; none: the header names no more. Throws BadFile where the line after those that were given is not of its form. */
  next(): Promise<readonly ReadEvent[]>;
  /** What stands after the events, once next() gave none. */
  after(): UpLines;
  /** The first line whose signature is wrong, of all events; null: none is. */
  wrongSignature(): Promise<number | null>;
  close(): void;
}

/** Events that are read at once: between two of these, others have their turn. */
const eventsAhead = 500;
/** Letters of their lines: a line may be a MB (up-file.ts), and parsed it is many times that. A shop's event has one or two thousand. */
const lettersAhead = 4 * 1024 * 1024;
/** Files that are read ahead at one time: the book takes one after the other, and more of them would only fill the memory. */
const filesAhead = 4;
/** Files that wait to be read: of one kiosk as many as it may have under way (server/uploads.ts), of all as many as wait for a book. */
const waitingOfKioskMax = 8;
const waitingMax = 1_000;

interface Part {
  readonly events: readonly ReadEvent[];
  /** What is wrong with the line after them. */
  readonly fault: BadFile | null;
}

/**
 * Reads the beginning once there is room; from then until it is closed, no other file of the kiosk is read. `key`: the one that signs, raw
 * in base64url. Throws TooManyWaiting.
 */
export async function readUpAhead(path: string, { kiosk, key }: { readonly kiosk: string; readonly key: string }): Promise<UpAhead> {
  const leave = await roomFor(kiosk);
  try {
    return readingOf(path, key, leave);
  } catch (error) {
    leave();
    throw error;
  }
}

function readingOf(path: string, key: string, leave: () => void): UpAhead {
  const signatures = signaturesOf(key);
  const opened = orFault(() => readUpLines(path));
  const header = 'fault' in opened ? opened : orFault(() => shapedLine(upHeader, opened.value.next(), 'line 1'));
  let left = 'fault' in header ? 0 : header.value.toSeq - header.value.fromSeq + 1;
  const read = (): Part => {
    const events: ReadEvent[] = [];
    if ('fault' in opened || 'fault' in header) return { events, fault: null };
    const lines = opened.value;
    for (let letters = 0; left > 0 && events.length < eventsAhead && letters < lettersAhead; left -= 1) {
      const one = orFault(() => readEvent(lines));
      if ('fault' in one) return { events, fault: one.fault };
      const { event, text, leafText, signature } = one.value;
      letters += text.length;
      signatures.add(lines.number(), signedText(event, leafText), signature);
      events.push(one.value);
    }
    return { events, fault: null };
  };
  let ahead = read();
  return {
    header: () => valueOf(header),
    async next() {
      const { events, fault } = ahead;
      if (events.length === 0 && fault !== null) throw fault;
      await signatures.room();
      await new Promise((resolve) => setImmediate(resolve)); // others breathe
      ahead = fault === null ? read() : { events: [], fault };
      return events;
    },
    after: () => valueOf(opened),
    wrongSignature: () => signatures.end(),
    close: () => {
      try {
        if ('value' in opened) opened.value.close();
      } finally {
        leave();
      }
    },
  };
}

/** Kiosks of which a file is read, and whoever waits. Of this process, whose memory it is. */
const reading = new Set<string>();
const waiting: { readonly kiosk: string; readonly begin: () => void }[] = [];

/** Settles when a file of the kiosk may be read; `leave` is to be called once it is posted, or not. */
async function roomFor(kiosk: string): Promise<() => void> {
  if (reading.has(kiosk) || reading.size >= filesAhead) {
    if (waiting.length >= waitingMax || waiting.filter((each) => each.kiosk === kiosk).length >= waitingOfKioskMax)
      throw new TooManyWaiting('too many files wait to be read');
    await new Promise<void>((begin) => waiting.push({ kiosk, begin })); // who leaves lets it in
  } else reading.add(kiosk);
  return () => {
    reading.delete(kiosk);
    const next = waiting.findIndex((each) => !reading.has(each.kiosk)); // that others of its kiosk wait keeps no kiosk out
    const [one] = next === -1 ? [] : waiting.splice(next, 1);
    if (one === undefined) return;
    reading.add(one.kiosk);
    one.begin();
  };
}

function readEvent(lines: UpLines): ReadEvent & { readonly signature: string } {
  const text = lines.next();
  const place = `line ${lines.number()}`;
  const event = eventOfLine(text, place);
  const leaf = lines.leaf();
  const signature = signatureOfLine(lines.next(), `line ${lines.number()}`);
  return { event, text, leaf, leafText: leaf.toString('base64url'), sig: Buffer.from(signature, 'base64url'), signature, place };
}

type OrFault<Value> = { readonly value: Value } | { readonly fault: BadFile };

/** What is wrong with a file is told when its turn comes: what was posted before may be worse. */
function orFault<Value>(work: () => Value): OrFault<Value> {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof BadFile) return { fault: error };
    throw error;
  }
}

function valueOf<Value>(of: OrFault<Value>): Value {
  if ('fault' in of) throw of.fault;
  return of.value;
}
