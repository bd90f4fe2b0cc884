// The receipt printer of this till: keeps its link open, knows its condition, prints one job at a time and says what became
// of it (hardware.md B.3). Never prints a job twice by itself, and never calls "sent" printed.

import type { PrintFailure, PrintState, Raster } from '../../db/model/receipt.ts';
import { never } from '../../db/model/result.ts';
import { parseDeviceUrl, type DeviceUrl } from '../device-url.ts';
import { backOffMs, keepLink, pause, within, type LinkEvents, type LinkFailure, type OpenLink } from '../link.ts';
import { openTcp } from '../link-tcp.ts';
import { openSerialPort } from '../serial-port.ts';
import { converse, type Conversation } from './conversation.ts';
import { encodeClear, encodeDrawerKick, encodeDrawerKickNow, encodeEndMarker, encodeHello, encodeReceipt } from './encode.ts';
import { followJob, type FollowedJob } from './follow-job.ts';
import { greet, stranger } from './greeting.ts';
import { startJob } from './job.ts';
import { openFile } from './link-file.ts';
import { failureOf, type Status } from './status.ts';

export type PrinterCondition = 'ready' | 'near_end' | 'connecting' | PrintFailure;

export interface PrintJob {
  readonly id: string;
  readonly raster: Raster;
  /** Cut behind it; false: feed to where it tears. */
  readonly cut: boolean;
  /** The next job is the next part of the same paper: neither cut nor fed behind this one. */
  readonly more?: boolean;
}

export type KickResult = { readonly ok: true } | { readonly ok: false; readonly code: PrintFailure };

export interface Printer {
  readonly address: string;
  condition(): PrinterCondition;
  /** Calls whenever the condition changed, until the returned function is called. */
  onCondition(listener: (condition: PrinterCondition) => void): () => void;
  /**
   * Prints, and resolves with how it ended: `printed`, `sent` (a link that cannot answer), `failed` (nothing was printed),
   * `unknown` (ask a person) or `given_up` (cancelled). `sending` is told before the first byte goes out; if the listener
   * throws then, nothing is sent. `failed` told on the way is not the end: the printer may hold the job, and print it when
   * paper or cover are mended. A second job meanwhile fails as `busy`. Throws when the picture is none of a receipt.
   */
  print(job: PrintJob, onState: (state: PrintState) => void): Promise<PrintState>;
  /**
   * Ends the job in flight as `given_up` and empties the printer's buffers, as far as it listens. Resolves when the printer
   * has answered, or a deadline passed.
   */
  cancel(): Promise<void>;
  /** Opens the drawer, also while there is no paper. `ok` says that the printer reads commands, not that the drawer moved. */
  kickDrawer(): Promise<KickResult>;
  /** A job in flight ends as `unknown`. */
  close(): Promise<void>;
}

export interface PrinterOptions {
  /** The contact of the drawer: 2 is the usual one. */
  readonly drawerPin?: 2 | 5;
  /** Other deadlines, for tests over real links. */
  readonly timing?: Partial<PrinterTiming>;
}

/** Every wait for a printer, in milliseconds, and how fast it prints. */
export interface PrinterTiming {
  /** For the answer to a real-time question. */
  readonly answerMs: number;
  /** For the answer to hello (hardware.md B.3). */
  readonly helloMs: number;
  /** For the same after a recovery; with helloMs the 10 s of B.3. */
  readonly recoveredMs: number;
  /** For printing, besides the time that the bytes take. */
  readonly printMs: number;
  /** For a person to put in paper, before the job is asked about. */
  readonly heldMs: number;
  /** For a marker, after the answer to GS r. */
  readonly markerMs: number;
  /** Silence after which answers to an earlier job are not expected any more. */
  readonly quietMs: number;
  /** For the first link to open, before a job fails as offline. */
  readonly linkMs: number;
  /** For a job to have its turn behind the drawer or a look at the status. */
  readonly turnMs: number;
  /** For the drawer to have its turn behind a job that is being sent. */
  readonly kickMs: number;
  /** Between looks at an idle printer. */
  readonly pollMs: number;
  /** Between attempts to open the link. */
  readonly backOffMs: readonly number[];
  /** Deadlines grow by the bytes at this rate, or at that of the link where it is slower. */
  readonly bytesPerSecond: number;
}

const usualTiming: PrinterTiming = {
  answerMs: 1_000,
  helloMs: 2_000,
  recoveredMs: 8_000,
  printMs: 5_000,
  heldMs: 600_000,
  markerMs: 1_000,
  quietMs: 500,
  linkMs: 5_000,
  turnMs: 20_000,
  kickMs: 5_000,
  pollMs: 5_000,
  backOffMs,
  bytesPerSecond: 10_000, // slower than any printer that is sold: 25 mm a second of 58 mm paper
};

/** A job is sent in pieces, so that a cancelled one stops within one of them. */
const pieceBytes = 4_096;

/** An idle printer that missed so many looks is offline; twice as many, and its link is opened anew. */
const missesMax = 2;

/**
 * Opens the printer that the address names and keeps it open until close(). An address that names none, or a simulated one
 * (whose own address the engine knows), makes a printer whose every job fails as `no_printer`.
 */
export function openPrinter(address: string, options: PrinterOptions = {}): Printer {
  const url = parseDeviceUrl(address);
  return url.ok && url.value.kind !== 'simulated' ? linkedPrinter(address, url.value, options) : noPrinter(address);
}

type LinkedUrl = Exclude<DeviceUrl, { readonly kind: 'simulated' }>;

function linkedPrinter(address: string, url: LinkedUrl, options: PrinterOptions): Printer {
  const timing = { ...usualTiming, ...options.timing };
  const drawerPin = options.drawerPin ?? 2;
  const rate = Math.min(timing.bytesPerSecond, linkBytesPerSecond(url));
  const bytesMs = (bytes: number) => (bytes * 1_000) / rate;
  const turns = takeTurns();

  let talk: Conversation | null = null;
  let whyDown: LinkFailure | 'connecting' = 'connecting';
  let status: Partial<Status> | null = null;
  let misses = 0;
  let known = stranger;
  let isPrinting = false;
  let isCancelled = false;
  let inFlight: FollowedJob | null = null;

  const condition = (): PrinterCondition => {
    if (talk === null) return whyDown === 'connecting' ? 'connecting' : downFailure(whyDown);
    if (!talk.answers) return 'ready';
    if (misses >= missesMax) return 'offline';
    if (status === null) return 'connecting';
    return failureOf(status) ?? (status.nearEnd === true ? 'near_end' : 'ready');
  };
  const listeners = new Set<(condition: PrinterCondition) => void>();
  let told: PrinterCondition = 'connecting';
  const tellCondition = () => {
    const now = condition();
    if (now === told) return;
    told = now;
    for (const listener of listeners) listener(now);
  };
  const learn = (news: Partial<Status>) => {
    status = { ...status, ...news };
    misses = 0;
    tellCondition();
  };

  let tried = () => {};
  const firstAttempt = new Promise<void>((resolve) => {
    tried = resolve;
  });
  const lose = (reason: LinkFailure) => {
    whyDown = reason;
    talk?.end();
    talk = null;
    inFlight?.step({ kind: 'link_lost' });
    tellCondition();
    tried();
  };
  const link = keepLink(
    opener(url),
    {
      onUp(opened) {
        const conversation = converse(opened);
        talk = conversation;
        status = null;
        misses = 0;
        conversation.listen((message) => {
          if (message.kind === 'status') learn(message.status);
        });
        tellCondition();
        tried();
        void watch(conversation);
      },
      onBytes: (bytes) => talk?.hear(bytes),
      onDown: lose,
    },
    timing.backOffMs,
  );

  /** Asks for the status; false: no answer. */
  const look = async (conversation: Conversation): Promise<boolean> => {
    const seen = await conversation.readStatus(timing.answerMs);
    if (seen !== null && !conversation.gone.aborted) learn(seen);
    return seen !== null;
  };

  /** Looks at an idle printer again and again, so that its condition is true before somebody prints. */
  const watch = async (conversation: Conversation) => {
    let hasAnswered = false;
    while (conversation.answers && !conversation.gone.aborted) {
      const release = isPrinting ? null : await turns.take(timing.pollMs);
      if (release !== null) {
        const isSeen = await look(conversation);
        release();
        hasAnswered ||= isSeen;
        // One that never answered this question is silent, unless it speaks by automatic status.
        if (!isSeen && hasAnswered) misses += 1;
        if (!isSeen && !hasAnswered && status === null) misses = missesMax;
        tellCondition();
        if (hasAnswered && misses >= 2 * missesMax) await conversation.close();
      }
      await pause(timing.pollMs, conversation.gone);
    }
  };

  /** Whether the printer reads commands and would print; nothing of a job is sent. null: it would. */
  const prepare = async (conversation: Conversation): Promise<PrintFailure | null> => {
    if (!conversation.answers) return null;
    const cause = (await look(conversation)) ? failureOf(status ?? {}) : null;
    if (cause !== null) return cause;
    const greeted = await greet(conversation, known, { ...timing, bytesMs });
    if (greeted === null || conversation.gone.aborted) return 'offline';
    known = greeted.known;
    return greeted.cause;
  };

  /** Sends a job piece by piece, until all is handed over or it is over. */
  const handOver = async (conversation: Conversation, bytes: Uint8Array, job: FollowedJob, deadlineMs: number) => {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      if (at + pieceBytes >= bytes.length) job.step({ kind: 'marking' });
      const sent = conversation.send(piece, deadlineMs);
      const isSent = await Promise.race([sent, job.ended.then(() => false)]);
      if (!isSent) return;
    }
    job.step({ kind: 'handed_over' });
  };

  const run = async (conversation: Conversation, job: PrintJob, receipt: Uint8Array, tell: (state: PrintState) => void) => {
    const running = startJob(job.id, { saysMarkers: known.saysMarkers, isOneWay: !conversation.answers });
    const bytes = Buffer.concat(conversation.answers ? [receipt, encodeEndMarker(running.marker)] : [encodeHello(), receipt]);
    const printMs = timing.printMs + bytesMs(bytes.length);
    const followed = followJob(running, { ...timing, printMs }, tell);
    inFlight = followed;
    const stop = conversation.listen((message) => followed.step({ kind: 'message', message }));
    await handOver(conversation, bytes, followed, printMs);
    return async () => {
      const { state, isSettled, isWhole } = await followed.ended;
      stop();
      inFlight = null;
      known = { ...known, isSettled };
      // What a printer did not take in all this time must not come out on some later day.
      if (state.kind === 'unknown' && !isWhole) await conversation.close();
      return state;
    };
  };

  const attempt = async (job: PrintJob, receipt: Uint8Array, onState: (state: PrintState) => void): Promise<PrintState> => {
    const end = (state: PrintState) => {
      onState(state);
      return state;
    };
    onState({ kind: 'queued' });
    if (talk === null && whyDown === 'connecting') await within(timing.linkMs, firstAttempt, undefined);
    const conversation = talk;
    if (conversation === null) return end(failed(downFailure(whyDown)));
    const release = await turns.take(timing.turnMs);
    if (release === null) return end(failed('busy'));
    let ending: () => Promise<PrintState>;
    try {
      const cause = await prepare(conversation);
      if (isCancelled) return end({ kind: 'given_up' });
      if (cause !== null) return end(failed(cause));
      if (conversation.gone.aborted) return end(failed('offline'));
      ending = await run(conversation, job, receipt, onState);
    } finally {
      release();
    }
    return ending();
  };

  return {
    address,
    condition,
    onCondition(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async print(job, onState) {
      const receipt = encodeReceipt(job.raster, { cut: job.cut, more: job.more === true });
      if (isPrinting) {
        onState(failed('busy'));
        return failed('busy');
      }
      isPrinting = true;
      isCancelled = false;
      try {
        return await attempt(job, receipt, onState);
      } finally {
        isPrinting = false;
      }
    },
    async cancel() {
      isCancelled = isPrinting;
      inFlight?.step({ kind: 'cancelled' });
      const conversation = talk;
      if (conversation?.answers !== true) return;
      await conversation.send(encodeClear(), timing.answerMs);
      const release = await turns.take(timing.kickMs);
      if (release !== null) await look(conversation); // its answer shows that the printer has heard
      release?.();
    },
    async kickDrawer() {
      const conversation = talk;
      if (conversation === null) return { ok: false, code: downFailure(whyDown) };
      const release = await turns.take(timing.kickMs);
      if (release === null) return { ok: false, code: 'busy' };
      try {
        const cause = inFlight === null ? await prepare(conversation) : failureOf(status ?? {});
        const bytes = kickFor(cause, drawerPin);
        if (bytes === null) return { ok: false, code: cause ?? 'error' };
        return (await conversation.send(bytes, timing.answerMs)) ? { ok: true } : { ok: false, code: 'offline' };
      } finally {
        release();
      }
    },
    async close() {
      await link.close();
      lose('lost');
    },
  };
}

/**
 * The kick that works in this condition: one that waits behind a standstill would open the drawer when the paper is put in,
 * with nobody looking. null: none works.
 */
function kickFor(cause: PrintFailure | null, pin: 2 | 5): Uint8Array | null {
  if (cause === null) return encodeDrawerKick(pin);
  return cause === 'paper_out' || cause === 'cover_open' ? encodeDrawerKickNow(pin) : null;
}

function noPrinter(address: string): Printer {
  return {
    address,
    condition: () => 'no_printer',
    onCondition: () => () => {},
    async print(_job, onState) {
      onState(failed('no_printer'));
      return failed('no_printer');
    },
    async cancel() {},
    async kickDrawer() {
      return { ok: false, code: 'no_printer' };
    },
    async close() {},
  };
}

function opener(url: LinkedUrl): OpenLink {
  return (events: LinkEvents) => {
    switch (url.kind) {
      case 'tcp':
        return openTcp(url, events);
      case 'serial':
        return openSerialPort(url, events);
      case 'file':
        return openFile(url, events);
      default:
        return never(url);
    }
  };
}

function failed(cause: PrintFailure): PrintState {
  return { kind: 'failed', cause };
}

/** What a person is told of a link that is not there. */
function downFailure(reason: LinkFailure | 'connecting'): PrintFailure {
  switch (reason) {
    case 'busy':
      return 'busy';
    case 'denied':
    case 'ambiguous':
    case 'failed':
      return 'error';
    case 'missing':
    case 'lost':
    case 'connecting':
      return 'offline';
    default:
      return never(reason);
  }
}

/** Start bit, data, parity and stop bits are one byte; other links are faster than any printer. */
function linkBytesPerSecond(url: LinkedUrl): number {
  if (url.kind !== 'serial') return Number.POSITIVE_INFINITY;
  return url.baudRate / (1 + url.dataBits + (url.parity === 'none' ? 0 : 1) + url.stopBits);
}

/** One after the other: what is sent to a printer must not stand in the middle of something else. */
function takeTurns(): { take(deadlineMs: number): Promise<(() => void) | null> } {
  let last: Promise<void> = Promise.resolve();
  return {
    async take(deadlineMs) {
      let release = () => {};
      const mine = new Promise<void>((resolve) => {
        release = resolve;
      });
      const before = last;
      last = before.then(() => mine);
      const isMine = await within(
        deadlineMs,
        before.then(() => true),
        false,
      );
      if (isMine) return release;
      release();
      return null;
    },
  };
}
