// A simulated scale with a knob instead of a pan: for the demo, for training and for tests. It says the real bytes of its
// family over links like those of real ones, and fails as they do. Never hands a weight to the engine directly.

import { fail, ok } from '../../db/model/result.ts';
import type { OpenLink } from '../link.ts';
import type { FamilyName } from '../scale/reading.ts';
import { scaleVoices, type Display } from './scale-frames.ts';

/** What a simulated scale can be made to do. */
export const virtualScaleFaults = [
  'none',
  'unplugged', // no link, and no new one
  'held', // another program has the port
  'silent', // the link stands and nothing comes: switched off
  'frozen', // says its last frame for ever, whatever is on the pan
  'moving', // never comes to rest
  'overload',
  'underload',
  'garbage', // bytes without sense, as at another baud rate
  'wrong_parity', // bit 7 is even parity, as a 7E1 scale sounds at 8N1
  'endless', // digits without the end of a frame
  'slow', // takes almost a second for every answer
  'in_jin', // somebody switched its display to 斤: frames without a unit say twice the kilograms
] as const;

export type VirtualScaleFault = (typeof virtualScaleFaults)[number];

export interface VirtualScaleOptions {
  readonly family: FamilyName;
  /** `says_once`: answers a weight once, and then that nothing changed, as some of family 8217 do (hardware.md A.4). */
  readonly model?: 'usual' | 'says_once';
}

export interface VirtualScale {
  readonly family: FamilyName;
  /** A link in memory, for openScale; a second one at the same time is busy. */
  readonly openLink: OpenLink;
  /** Another device that carries its bytes: a socket, a pty. Null while it is unplugged or held. */
  connect(line: ScaleLine): ScaleSide | null;
  /** Puts so many whole grams on the pan in all; the scale moves for 600 ms and then rests. Beyond 30 kg it is overloaded. */
  set(grams: number): void;
  /** Its own tare key: takes what is on the pan off; on an empty pan it ends that. Nothing happens while it moves. */
  pressTare(): void;
  /** A draught: what it shows wavers by up to so many grams, and never rests until it is 0. */
  setNoise(grams: number): void;
  setFault(fault: VirtualScaleFault): void;
  fault(): VirtualScaleFault;
  /** What its display shows now. */
  display(): Display;
  /** The most requests that ever waited for their answers at once. */
  mostRequestsWaiting(): number;
  close(): void;
}

/** The till's end of a line, as the scale sees it. */
export interface ScaleLine {
  readonly say: (bytes: Uint8Array) => void;
  /** The plug is pulled. */
  readonly drop: () => void;
}

/** The scale's end of a line. */
export interface ScaleSide {
  hear(bytes: Uint8Array): void;
  leave(): void;
}

/** Eight times a second, as most do. */
const frameMs = 125;

/** Between the last touch and the stable flag. */
const settleMs = 600;

const answerMs = 30;

/** Just within the second that a polled scale is given (hardware.md A.5). */
const slowAnswerMs = 900;

const capacityGrams = 30_000;

/** A pan that was taken away. */
const lowestGrams = -1_000;

/** Longer than any command. */
const commandMax = 16;

/** Switched on, with an empty pan at rest. */
export function openVirtualScale({ family, model = 'usual' }: VirtualScaleOptions): VirtualScale {
  const voice = scaleVoices[family];
  const lines = new Map<ScaleLine, { command: string; isNew: boolean }>();
  const answers = new Set<NodeJS.Timeout>();
  const random = seeded();
  let fault: VirtualScaleFault = 'none';
  let load = { fromGrams: 0, toGrams: 0, movedAt: Number.NEGATIVE_INFINITY };
  let tareGrams = 0;
  let noiseGrams = 0;
  let lastFrame: Uint8Array = new Uint8Array();
  let saidOnce: string | null = null;
  let mostWaiting = 0;
  let talking: NodeJS.Timeout | undefined;
  let isLinked = false;

  const gross = () => {
    const passed = Math.min((performance.now() - load.movedAt) / settleMs, 1);
    const wavering = noiseGrams === 0 ? 0 : Math.round((random() * 2 - 1) * noiseGrams);
    return {
      grams: Math.round(load.fromGrams + (load.toGrams - load.fromGrams) * (1 - (1 - passed) ** 2)) + wavering,
      isAtRest: passed === 1,
    };
  };
  const display = (): Display => {
    const { grams, isAtRest } = gross();
    if (fault === 'overload' || grams > capacityGrams) return { kind: 'overload' };
    if (fault === 'underload' || grams < lowestGrams) return { kind: 'underload' };
    return { kind: 'weight', grams: grams - tareGrams, tareGrams, isMoving: !isAtRest || noiseGrams > 0 || fault === 'moving' };
  };
  const frame = (): Uint8Array => {
    if (fault !== 'frozen') lastFrame = voice.frame(inUnitShown(display()));
    return lastFrame;
  };
  /** A number without a unit is whatever the display shows: 斤 are twice as many as kilograms. */
  const inUnitShown = (shown: Display): Display =>
    fault !== 'in_jin' || voice.namesUnit || shown.kind !== 'weight' ? shown : { ...shown, grams: 2 * shown.grams };
  const say = (line: ScaleLine, bytes: Uint8Array) => {
    if (bytes.length > 0 && lines.has(line)) line.say(fault === 'wrong_parity' ? bytes.map(withEvenParity) : bytes);
  };

  const talk = () => {
    if (fault === 'silent') return;
    const noise = fault === 'garbage' ? Uint8Array.from({ length: 20 }, () => random() * 256) : fault === 'endless' ? endless : null;
    if (noise === null && voice.asked !== null) return;
    const said = noise ?? frame();
    for (const [line, state] of lines) {
      // Who plugs in hears the end of a frame first.
      say(line, state.isNew ? said.subarray(said.length >> 1) : said);
      state.isNew = false;
    }
  };
  const talkWhileHeard = () => {
    clearInterval(talking);
    talking = undefined;
    if (lines.size > 0) talking = setInterval(talk, frameMs).unref();
  };

  const answerTo = (command: string): Uint8Array => {
    const { asked } = voice;
    if (asked === null || fault === 'silent' || fault === 'garbage' || fault === 'endless') return new Uint8Array();
    if (!asked.commands.includes(command)) return Buffer.from(asked.unknown, 'latin1');
    const said = frame();
    if (model === 'usual') return said;
    const isRepeat = saidOnce === Buffer.from(said).toString('latin1');
    saidOnce = Buffer.from(said).toString('latin1');
    return isRepeat ? nothingChanged : said;
  };
  const hear = (line: ScaleLine, bytes: Uint8Array) => {
    const state = lines.get(line);
    if (state === undefined || voice.asked === null) return;
    for (const character of Buffer.from(bytes).toString('latin1')) {
      state.command = (state.command + character).slice(-commandMax);
      if (!state.command.endsWith(voice.asked.end)) continue;
      const { command } = state;
      state.command = '';
      const answer = setTimeout(
        () => {
          answers.delete(answer);
          say(line, answerTo(command));
        },
        fault === 'slow' ? slowAnswerMs : answerMs,
      ).unref();
      answers.add(answer);
      mostWaiting = Math.max(mostWaiting, answers.size);
    }
  };

  const connect = (line: ScaleLine): ScaleSide | null => {
    if (fault === 'unplugged' || fault === 'held') return null;
    lines.set(line, { command: '', isNew: true });
    saidOnce = null;
    talkWhileHeard();
    return {
      hear: (bytes) => hear(line, bytes),
      leave() {
        lines.delete(line);
        talkWhileHeard();
      },
    };
  };
  const dropAll = () => {
    for (const line of lines.keys()) {
      lines.delete(line);
      line.drop();
    }
    talkWhileHeard();
  };

  return {
    family,
    connect,
    async openLink(events) {
      if (fault === 'held' || isLinked) return fail('busy');
      let isOpen = true;
      const end = () => {
        if (!isOpen) return;
        isOpen = false;
        isLinked = false;
        events.onClosed();
      };
      const side = connect({ say: events.onBytes, drop: end });
      if (side === null) return fail('missing');
      isLinked = true;
      return ok({
        answers: true,
        async write(bytes) {
          if (isOpen) side.hear(bytes);
          return isOpen;
        },
        async close() {
          side.leave();
          end();
        },
      });
    },
    set(grams) {
      if (!Number.isSafeInteger(grams)) throw new Error(`not whole grams: ${grams}`);
      if (grams !== load.toGrams) load = { fromGrams: gross().grams, toGrams: grams, movedAt: performance.now() };
    },
    pressTare() {
      const shown = display();
      if (shown.kind === 'weight' && !shown.isMoving) tareGrams = Math.max(shown.grams + shown.tareGrams, 0);
    },
    setNoise(grams) {
      noiseGrams = grams;
    },
    setFault(next) {
      if (next === 'frozen') frame(); // what it says from now on
      fault = next;
      if (next === 'unplugged' || next === 'held') dropAll();
    },
    fault: () => fault,
    display,
    mostRequestsWaiting: () => mostWaiting,
    close() {
      dropAll();
      for (const answer of answers) clearTimeout(answer);
      answers.clear();
    },
  };
}

const nothingChanged = Buffer.from('\x02?\x00\r', 'latin1');

const endless = Buffer.from('0123456789', 'latin1');

/** The parity bit that a 7E1 line puts above seven bits of data. */
function withEvenParity(byte: number): number {
  let ones = 0;
  for (let place = 0; place < 7; place += 1) ones += (byte >> place) & 1;
  return (byte & 0x7f) | ((ones & 1) << 7);
}

/** The same numbers from 0 to 1 in every run (a linear congruence), so that what went wrong goes wrong again. */
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
