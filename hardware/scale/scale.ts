// The scale of this kiosk: keeps its link open, asks where it must be asked, and tells what is on the pan with the bytes that
// say so. Never writes anything but the family's question for the weight, and never lets a reading outlive two seconds.

import { parseDeviceUrl, type DeviceUrl } from '../device-url.ts';
import type { ListPorts } from '../find-port.ts';
import { keepLink, type Link, type LinkFailure, type OpenLink } from '../link.ts';
import { openTcp } from '../link-tcp.ts';
import { openSerialPort } from '../serial-port.ts';
import { familyNamed } from './families.ts';
import {
  type Decoded,
  type Family,
  type FamilyName,
  type Frame,
  type Reading,
  type RejectCode,
  type Step,
  type WeightUnit,
  bytesOf,
  freshDecoder,
} from './reading.ts';
import { freshSettling, settle } from './settle.ts';

/** A reading, and what proves it. */
export interface ScaleReading {
  readonly reading: Reading;
  /**
   * The bytes of the equal frames in a row that made it, the newest last, at most 16; none where a reading ran out. Where they
   * only say that nothing changed, the first is the one that told the weight.
   */
  readonly frames: readonly Uint8Array[];
  /** When its last byte came, on the monotonic clock of performance.now(). */
  readonly receivedAtMs: number;
  /** Grows with every reading of this scale, across links too. */
  readonly sequence: number;
  /** How it is known whether the pan rests: the scale's own flag, or frames that stay equal. Null where nothing is weighed. */
  readonly source: 'flag' | 'inferred' | null;
}

/**
 * Where a scale stands, by the age of its last good frame, not by its cable. `silent`: the link stands, and nothing comes;
 * usually it is switched off. `garbled`: bytes come, but no frame of its family: another line setting, another family.
 * `none`: the address names no scale that this program can open.
 */
export type ScaleState = 'connecting' | 'ready' | 'silent' | 'garbled' | 'lost' | 'busy' | 'denied' | 'ambiguous' | 'none';

/** How often bytes were no reading since the scale was opened, by reason. */
export type RejectCounts = Readonly<Partial<Record<RejectCode, number>>>;

/** What a scale tells. Nothing is told after close(). */
export interface ScaleHandlers {
  /** The newest reading, whenever bytes brought one, and once `none` when it ran out or its link is gone. */
  readonly onReading: (reading: ScaleReading) => void;
  /** Called with every change, the first time before openScale returns. */
  readonly onState: (state: ScaleState) => void;
  /** At most once a second, when there are more. */
  readonly onRejects?: (counts: RejectCounts) => void;
  /** Everything that came, for who commissions the scale. */
  readonly onBytes?: (bytes: Uint8Array) => void;
}

export interface ScaleOptions {
  readonly address: string;
  readonly family: FamilyName;
  /** What commissioning found the bare numbers to be; used only by families whose frames name no unit. */
  readonly unit: WeightUnit;
  /** Instead of the address: how a simulated scale is opened. */
  readonly openLink?: OpenLink;
  /** What ports there are, for an address that names an adapter. */
  readonly listPorts?: ListPorts;
}

export interface Scale {
  /** The newest reading; null before the first. */
  latest(): ScaleReading | null;
  state(): ScaleState;
  close(): Promise<void>;
}

/** Older than this, a reading says nothing of the pan (hardware.md A.0, 2). */
export const staleMs = 2_000;

/** So long without one good frame, and the port may hang (hardware.md D): it is opened anew, quietly, for ever. */
const reopenMs = 10_000;

/** So many questions without an answer in a row mean the same. */
const missesMax = 3;

/** Never more often than five times a second (hardware.md A.5). */
const shortestPeriodMs = 200;

/** Serial servers keep what a scale said while nobody listened, and send it to the next caller: all that comes this early is old. */
const oldNewsMs = 300;

/** Frames further apart prove nothing of the time between them: what must stay equal starts anew, and no weight is unchanged. */
const gapMs = 1_000;

/** A second of equal frames, as they are usually sent. */
const provingFramesMax = 16;

const rejectsEveryMs = 1_000;

/**
 * Opens the scale at `serial:…` or `tcp://…`, or the one behind `openLink`, and keeps it open until close(). Every link begins
 * with a fresh decoder. The scale must have been commissioned: family and unit are not checked here, and could not be.
 */
export function openScale(options: ScaleOptions, handlers: ScaleHandlers): Scale {
  const open = options.openLink ?? openerOf(options);
  if (open === null) {
    handlers.onState('none');
    return { latest: () => null, state: () => 'none', close: async () => {} };
  }
  const family = familyNamed(options.family);
  const oldMs = options.openLink === undefined && options.address.startsWith('tcp:') ? oldNewsMs : 0;

  let state: ScaleState = 'connecting';
  let latest: ScaleReading | null = null;
  let talk: Talk | null = null;
  const rejects: Partial<Record<RejectCode, number>> = {};
  let tellingRejects: NodeJS.Timeout | undefined;

  const become = (next: ScaleState) => {
    if (next === state) return;
    state = next;
    handlers.onState(next);
  };
  const tell = (reading: Omit<ScaleReading, 'sequence'>) => {
    latest = { ...reading, sequence: (latest?.sequence ?? 0) + 1 };
    handlers.onReading(latest);
  };
  const forget = () => {
    if (latest !== null && latest.reading.kind !== 'none')
      tell({ reading: { kind: 'none' }, frames: [], receivedAtMs: performance.now(), source: null });
  };
  const reject = (code: RejectCode) => {
    rejects[code] = (rejects[code] ?? 0) + 1;
    tellingRejects ??= setTimeout(() => {
      tellingRejects = undefined;
      handlers.onRejects?.({ ...rejects });
    }, rejectsEveryMs);
  };

  const link = keepLink(open, {
    onUp(opened) {
      talk = startTalk(opened, family, options.unit, oldMs, {
        onReading(reading) {
          become('ready');
          tell(reading);
        },
        onReject: reject,
        onStale(hasBytes) {
          forget();
          become(hasBytes ? 'garbled' : 'silent');
        },
      });
    },
    onBytes(bytes) {
      handlers.onBytes?.(bytes);
      talk?.bytes(bytes);
    },
    onDown(code) {
      const isOurs = talk?.end() === 'given_up';
      talk = null;
      forget();
      if (!isOurs) become(stateWithout(code));
    },
  });
  handlers.onState(state);

  return {
    latest: () => latest,
    state: () => state,
    async close() {
      talk?.end();
      talk = null;
      clearTimeout(tellingRejects);
      await link.close();
    },
  };
}

interface TalkEvents {
  readonly onReading: (reading: Omit<ScaleReading, 'sequence'>) => void;
  readonly onReject: (code: RejectCode) => void;
  /** No good frame for two seconds, and again after every further two. */
  readonly onStale: (hasBytes: boolean) => void;
}

interface Talk {
  bytes(bytes: Uint8Array): void;
  /** `given_up`: it had closed the link itself, to open a new one. */
  end(): 'given_up' | 'standing';
}

/** What is said over one link, from its first byte to its last. */
function startTalk(link: Link, family: Family, unit: WeightUnit, oldMs: number, events: TalkEvents): Talk {
  const upAt = performance.now();
  let decoder = freshDecoder;
  let settling = freshSettling(family);
  let proving: readonly Uint8Array[] = [];
  let lastFrameAt = upAt;
  /** Since the last good frame, or the last time that there was none for two seconds. */
  let hasBytes = false;
  let isGivenUp = false;

  const giveUp = () => {
    isGivenUp = true;
    void link.close();
  };
  const reopening = setTimeout(giveUp, reopenMs);
  const expiring = setInterval(() => {
    events.onStale(hasBytes);
    hasBytes = false;
  }, staleMs);
  /** What the scale may have told meanwhile did not reach us. */
  const forgetTold = () => {
    decoder = { ...decoder, told: null };
  };
  const questions = family.mode.kind === 'poll' ? askAgainAndAgain(link, family.mode, oldMs, forgetTold, giveUp) : null;

  const takeFrame = (step: Step, frame: Frame, now: number): Omit<ScaleReading, 'sequence'> => {
    if (now - lastFrameAt > gapMs) settling = freshSettling(family);
    lastFrameAt = now;
    const settled = settle(settling, frame, now);
    settling = settled.state;
    const isOneMore = settling.run?.frames === 2;
    proving = [...(isOneMore ? proving : []), bytesOf(step, frame)].slice(-provingFramesMax);
    const { offset: _offset, ...reading } = settled.reading;
    const frames = frame.telling === undefined ? proving : [frame.telling, ...proving.slice(1 - provingFramesMax)];
    return { reading, frames, receivedAtMs: now, source: sourceOf(frame) };
  };

  return {
    bytes(bytes) {
      const now = performance.now();
      if (now - upAt < oldMs) return;
      hasBytes = true;
      if (now - lastFrameAt > gapMs) forgetTold();
      const step = family.decode(decoder, bytes, unit);
      decoder = step.state;
      let newest: Omit<ScaleReading, 'sequence'> | null = null;
      for (const decoded of step.decoded) {
        if ('rejected' in decoded) events.onReject(decoded.rejected);
        else newest = takeFrame(step, decoded, now);
      }
      if (step.decoded.some(hasEnd)) questions?.answered();
      if (newest === null) return;
      hasBytes = false;
      reopening.refresh();
      expiring.refresh();
      events.onReading(newest); // what came before it in the same bytes is past
    },
    end() {
      clearTimeout(reopening);
      clearInterval(expiring);
      questions?.end();
      return isGivenUp ? 'given_up' : 'standing';
    },
  };
}

/**
 * Asks for the weight, one question at a time: the next goes out when the last was answered and its period is over, or was not
 * answered in time. An answer is anything with an end, also one that says no weight.
 */
function askAgainAndAgain(
  link: Link,
  mode: Extract<Family['mode'], { readonly kind: 'poll' }>,
  firstAfterMs: number,
  onMiss: () => void,
  giveUp: () => void,
): { answered(): void; end(): void } {
  let askedAt = 0;
  let misses = 0;
  const ask = () => {
    askedAt = performance.now();
    timer = setTimeout(miss, mode.timeoutMs);
    void link.write(mode.request); // a link that does not take it tells its loss itself
  };
  const miss = () => {
    misses += 1;
    onMiss();
    if (misses >= missesMax) giveUp();
    else ask();
  };
  let timer = setTimeout(ask, firstAfterMs);
  return {
    answered() {
      misses = 0;
      clearTimeout(timer);
      timer = setTimeout(ask, Math.max(askedAt + Math.max(mode.everyMs, shortestPeriodMs) - performance.now(), 0));
    },
    end() {
      clearTimeout(timer);
    },
  };
}

function hasEnd(decoded: Decoded): boolean {
  return !('rejected' in decoded && decoded.rejected === 'too_long');
}

function sourceOf({ said }: Frame): ScaleReading['source'] {
  if (said.kind !== 'weight') return null;
  return said.motion === 'unflagged' ? 'inferred' : 'flag';
}

function openerOf({ address, listPorts }: ScaleOptions): OpenLink | null {
  const url = parseDeviceUrl(address);
  return url.ok ? scaleOpener(url.value, listPorts) : null;
}

/** How a scale at this address is opened; null where no scale can be. */
export function scaleOpener(url: DeviceUrl, listPorts?: ListPorts): OpenLink | null {
  switch (url.kind) {
    case 'serial':
      return (events) => openSerialPort(url, events, listPorts);
    case 'tcp':
      return (events) => openTcp(url, events);
    case 'file':
    case 'simulated':
      return null;
    default:
      return url satisfies never;
  }
}

/** What a person can do about it is not the same: plug it in, close the other program, ask the technician. */
function stateWithout(code: LinkFailure): ScaleState {
  switch (code) {
    case 'busy':
    case 'denied':
    case 'ambiguous':
      return code;
    case 'missing':
    case 'lost':
    case 'failed':
      return 'lost';
    default:
      return code satisfies never;
  }
}
