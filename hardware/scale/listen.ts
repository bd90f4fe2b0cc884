// Finds out what speaks at an address, for commissioning: listens at the usual line settings, then asks for the weight in the
// ways there are (hardware.md A.5). Never sends a byte that acts on a scale, such as zero or tare, and never decides.

import { fail, ok, type Result } from '../../db/model/result.ts';
import { parseDeviceUrl, type SerialUrl } from '../device-url.ts';
import type { ListPorts } from '../find-port.ts';
import { pause, within, type Link, type LinkFailure, type OpenLink } from '../link.ts';
import type { Family } from './reading.ts';
import { scaleOpener } from './scale.ts';
import { sniff, type Sniffed } from './sniff.ts';

export type Line = Family['line'];

/** One thing that is tried. The line is null where there is none to set: a serial server, a simulated scale. */
export interface ListenStep {
  readonly line: Line | null;
  /** Sent at its beginning, and once more halfway where nothing fits by then; null: only listens. */
  readonly question: Uint8Array | null;
}

export interface ListenProgress extends ListenStep {
  /** From 1 to `steps`. */
  readonly step: number;
  readonly steps: number;
  /** The last 512 bytes or fewer that came in this step. */
  readonly tail: Uint8Array;
}

/** What was heard: in the step whose bytes fit a family, else in the last one that heard anything, else in the last. */
export interface Heard extends ListenStep, Sniffed {
  readonly tail: Uint8Array;
}

/** `cancelled`: the signal said so. `bad_address`: no scale can be at such an address. */
export type ListenFailure = LinkFailure | 'bad_address' | 'cancelled';

export interface ListenOptions {
  readonly signal?: AbortSignal;
  /** Told at the beginning of each step, and while bytes come at most four times a second. */
  readonly onProgress?: (progress: ListenProgress) => void;
  /** Everything that came. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** Instead of the address: how a simulated scale is opened. */
  readonly openLink?: OpenLink;
  readonly listPorts?: ListPorts;
  /** Other lengths of the steps, for tests over real links. */
  readonly hearMs?: number;
  readonly askMs?: number;
}

/** A scale that sends once a second is heard three times. */
const usualHearMs = 3_500;

const usualAskMs = 1_200;

/** So many whole frames, and hardly anything else, are enough of a stream: more of them would say the same. */
const enoughFrames = 5;

const lookEveryMs = 250;

/** Kept of a step; at 9600 baud more than all of it. */
const captureBytesMax = 16_384;

const tailBytesMax = 512;

const usualLine: Line = { baudRate: 9_600, frame: '8N1' };
const evenParityLine: Line = { baudRate: 9_600, frame: '7E1' };

const linesToHear: readonly Line[] = [
  usualLine,
  evenParityLine,
  { baudRate: 4_800, frame: '8N1' },
  { baudRate: 2_400, frame: '7E1' },
  { baudRate: 1_200, frame: '8N1' },
];

/** Each asks for a weight and nothing else, at the line of the scales that know it. Z and T would act: they are not here. */
const questions: readonly { readonly text: string; readonly line: Line }[] = [
  { text: 'W', line: evenParityLine }, // Toledo 8217
  { text: 'W\r', line: evenParityLine }, // NCI
  { text: 'SI\r\n', line: usualLine }, // MT-SICS
  { text: '\x05', line: usualLine }, // ENQ: CAS
  { text: 'P\r\n', line: { baudRate: 4_800, frame: '8N1' } }, // Adam
  { text: 'RG15\r\n', line: usualLine }, // Kunhong
];

/**
 * Listens until something fits a family, or all was tried (half a minute on a serial port, else 11 s). A serial URL with
 * another line than 9600 8N1 is listened to at that line first, and asked at it. The link is closed when this resolves, also
 * after the signal. The scale must not be open meanwhile: it has one owner.
 */
export async function listenForScale(address: string, options: ListenOptions = {}): Promise<Result<Heard, ListenFailure>> {
  const plan = planFor(address, options);
  if (plan === null) return fail('bad_address');
  const signal = options.signal ?? new AbortController().signal;
  let ear: Ear | null = null;
  let heard: Heard = { line: null, question: null, candidates: [], suggests7E1: false, tail: new Uint8Array() };
  try {
    for (const [place, step] of plan.steps.entries()) {
      if (ear === null || ear.line !== step.line) {
        await ear?.link.close();
        const opened = await openEar(plan.opener(step.line), step.line, options.onBytes);
        if (!opened.ok) return opened;
        ear = opened.value;
      }
      const progress = { ...step, step: place + 1, steps: plan.steps.length };
      const ended = await take(ear, step, signal, options, (tail) => options.onProgress?.({ ...progress, tail }));
      if (!ended.ok) return ended;
      if (ended.value.tail.length > 0 || heard.tail.length === 0) heard = ended.value;
      if (heard.candidates.length > 0) break;
    }
    return ok(heard);
  } finally {
    await ear?.link.close();
  }
}

interface Plan {
  readonly steps: readonly ListenStep[];
  readonly opener: (line: Line | null) => OpenLink;
}

function planFor(address: string, { openLink, listPorts }: ListenOptions): Plan | null {
  if (openLink !== undefined) return { steps: stepsWithout, opener: () => openLink };
  const url = parseDeviceUrl(address);
  if (!url.ok) return null;
  const open = scaleOpener(url.value, listPorts);
  if (open === null) return null;
  if (url.value.kind !== 'serial') return { steps: stepsWithout, opener: () => open };
  const serial = url.value;
  return {
    steps: serialSteps(serial),
    opener: (line) => (line === null ? open : (scaleOpener({ ...serial, ...settingsOf(line) }, listPorts) ?? open)),
  };
}

const stepsWithout: readonly ListenStep[] = [
  { line: null, question: null },
  ...questions.map(({ text }) => ({ line: null, question: Buffer.from(text, 'latin1') })),
];

function serialSteps(url: SerialUrl): readonly ListenStep[] {
  const own = lineOf(url);
  const hear = (line: Line | null): ListenStep => ({ line, question: null });
  const ask = (text: string, line: Line | null): ListenStep => ({ line, question: Buffer.from(text, 'latin1') });
  if (own === usualLine) return [...linesToHear.map(hear), ...questions.map(({ text, line }) => ask(text, line))];
  return [...[own, ...linesToHear.filter((line) => line !== own)].map(hear), ...questions.map(({ text }) => ask(text, own))];
}

/** Null for a line that no scale has by itself: then it is opened as the URL says. */
function lineOf({ baudRate, dataBits, parity, stopBits }: SerialUrl): Line | null {
  const letter = { none: 'N', even: 'E', odd: 'O' }[parity];
  const name = `${dataBits}${letter}${stopBits}`;
  const frame = name === '8N1' || name === '7E1' ? name : null;
  if (frame === null) return null;
  return linesToHear.find((line) => line.baudRate === baudRate && line.frame === frame) ?? { baudRate, frame };
}

function settingsOf({ baudRate, frame }: Line): Pick<SerialUrl, 'baudRate' | 'dataBits' | 'parity' | 'stopBits'> {
  return frame === '7E1' ? { baudRate, dataBits: 7, parity: 'even', stopBits: 1 } : { baudRate, dataBits: 8, parity: 'none', stopBits: 1 };
}

/** An open link, and the newest bytes of the step that it is in. */
interface Ear {
  readonly line: Line | null;
  readonly link: Link;
  /** Aborted when the link is gone. */
  readonly gone: AbortSignal;
  /** Since the last call of forget(). */
  captured(): Uint8Array;
  forget(): void;
}

async function openEar(open: OpenLink, line: Line | null, onBytes: ListenOptions['onBytes']): Promise<Result<Ear, LinkFailure>> {
  const going = new AbortController();
  let captured: Uint8Array = new Uint8Array();
  const opened = await open({
    onBytes(bytes) {
      captured = Buffer.concat([captured, bytes]).subarray(-captureBytesMax);
      onBytes?.(bytes);
    },
    onClosed: () => going.abort(),
  });
  if (!opened.ok) return opened;
  return ok({
    line,
    link: opened.value,
    gone: going.signal,
    captured: () => captured,
    forget() {
      captured = new Uint8Array();
    },
  });
}

/** One step, to its end or until enough was heard. */
async function take(
  ear: Ear,
  step: ListenStep,
  signal: AbortSignal,
  { hearMs = usualHearMs, askMs = usualAskMs }: ListenOptions,
  tell: (tail: Uint8Array) => void,
): Promise<Result<Heard, ListenFailure>> {
  if (signal.aborted) return fail('cancelled');
  ear.forget();
  tell(new Uint8Array());
  const stopping = AbortSignal.any([signal, ear.gone]);
  let seen = ear.captured();
  const look = () => {
    const captured = ear.captured();
    if (captured === seen) return false;
    seen = captured;
    tell(captured.slice(-tailBytesMax));
    return isEnough(sniff(captured), step);
  };
  const { question } = step;
  if (question === null) {
    await passOrUntil(look, hearMs, stopping);
  } else {
    // Twice: an earlier question without an end may stand in the scale's buffer, and spoils the first of these.
    for (let asked = 0, isAnswered = false; asked < 2 && !isAnswered && !stopping.aborted; asked += 1) {
      await within(askMs / 2, ear.link.write(question), false); // flow control may hold it for ever
      isAnswered = await passOrUntil(look, askMs / 2, stopping);
    }
  }
  if (signal.aborted) return fail('cancelled');
  if (ear.gone.aborted) return fail('lost');
  const captured = ear.captured();
  const sniffed = sniff(captured);
  const isOtherLine = sniffed.suggests7E1 && sniffed.candidates.length > 0 && step.line !== null;
  const line = isOtherLine ? { ...step.line, frame: '7E1' as const } : step.line;
  return ok({ ...sniffed, line, question: step.question, tail: captured.slice(-tailBytesMax) });
}

/** Lets time pass; true as soon as `look` is. */
async function passOrUntil(look: () => boolean, ms: number, stopping: AbortSignal): Promise<boolean> {
  const until = performance.now() + ms;
  for (let left = ms; left > 0 && !stopping.aborted; left = until - performance.now()) {
    await pause(Math.min(left, lookEveryMs), stopping);
    if (look()) return true;
  }
  return false;
}

function isEnough({ candidates: [best] }: Sniffed, { question }: ListenStep): boolean {
  return best !== undefined && (question !== null || best.frames - best.rejects >= enoughFrames);
}
