// `npm run scale -- listen`: what a scale says, live, in bytes, text and readings, and which families it could be. Asks a scale
// for its weight at most; never sends what acts on it.

import { parseArgs } from 'node:util';
import { never } from '../../db/model/result.ts';
import { parseDeviceUrl, type DeviceUrl } from '../device-url.ts';
import type { OpenLink } from '../link.ts';
import { openVirtualScale } from '../virtual/scale.ts';
import { families, familyNamed } from './families.ts';
import { listenForScale, type Heard, type Line, type ListenFailure, type ListenProgress } from './listen.ts';
import type { FamilyName, Frame, Reading } from './reading.ts';
import { openScale, type RejectCounts, type ScaleState } from './scale.ts';
import { sniff, type Candidate, type Sniffed } from './sniff.ts';

export const listenUsage = `npm run scale -- listen URL [--family NAME] [--seconds N]

  URL            serial:/dev/ttyUSB0?baud=9600&frame=8N1, serial:usb=1a86:7523, tcp://192.168.1.60:4001, or
                 simulated:?family=st-us for one with 1234 g on it
  --family NAME  shows its readings at once; else all usual line settings and questions are tried to find the family
  --seconds N    ends after so long; else Ctrl-C ends it`;

/** Shows until Ctrl-C or the time is over. Returns 0, 1 where nothing could be opened or fits, 2 where the words are wrong. */
export async function listenCommand(args: readonly string[]): Promise<number> {
  const asked = askedOf(args);
  if (typeof asked === 'string') {
    console.error(`${asked}\n\nusage: ${listenUsage}`);
    return 2;
  }
  const ending = new AbortController();
  const end = () => ending.abort();
  process.on('SIGINT', end); // more than once: npm passes on what the terminal has sent already
  process.on('SIGTERM', end);
  process.stdout.once('error', end); // nobody reads on: `| head`
  const timer = asked.seconds === null ? undefined : setTimeout(end, asked.seconds * 1_000);
  const simulated = asked.url.kind === 'simulated' ? openVirtualScale({ family: asked.url.family ?? 'st-us' }) : null;
  simulated?.set(simulatedGrams);
  const screen = openScreen();
  try {
    return await show(asked, simulated?.openLink, screen, ending.signal);
  } finally {
    screen.close();
    simulated?.close();
    clearTimeout(timer);
  }
}

const simulatedGrams = 1_234;

interface Asked {
  readonly address: string;
  readonly url: DeviceUrl;
  readonly family: FamilyName | null;
  readonly seconds: number | null;
}

/** What the arguments ask for, or a sentence on what is wrong with them. */
function askedOf(args: readonly string[]): Asked | string {
  let parsed;
  try {
    const options = { family: { type: 'string' }, seconds: { type: 'string' } } as const;
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0) return 'Name one address of a scale.';
  const url = parseDeviceUrl(address);
  if (!url.ok || url.value.kind === 'file') return `${address} is no address of a scale.`;
  const named = values.family ?? url.value.family ?? null;
  const family = named === null ? null : families.get(named as FamilyName); // any text may be asked for
  if (family === undefined) return `There is no family ${named}. There are: ${[...families.keys()].join(', ')}.`;
  const seconds = values.seconds === undefined ? null : Number(values.seconds);
  if (seconds !== null && !(seconds > 0 && seconds <= secondsMax)) return `--seconds is a number from 1 to ${secondsMax}.`;
  return { address, url: url.value, family: family?.name ?? null, seconds };
}

const secondsMax = 86_400;

/** Finds the family first where none was named, then shows its readings. */
async function show(asked: Asked, openLink: OpenLink | undefined, screen: Screen, signal: AbortSignal): Promise<number> {
  if (asked.family !== null) {
    await showReadings({ address: asked.address, family: asked.family, openLink }, screen, signal);
    return 0;
  }
  let heard: Uint8Array = new Uint8Array();
  const found = await listenForScale(asked.address, {
    signal,
    onProgress: (progress) => screen.step(progress),
    onBytes(bytes) {
      heard = Buffer.concat([heard, bytes]).subarray(-keptBytesMax);
      screen.bytes(bytes);
    },
    ...(openLink === undefined ? {} : { openLink }),
  });
  if (!found.ok && found.code === 'cancelled') {
    for (const line of guess(sniff(heard))) screen.say(line);
    return 0;
  }
  if (!found.ok) {
    screen.say(sentenceOf(found.code));
    return 1;
  }
  for (const line of guess(found.value)) screen.say(line);
  const [best] = found.value.candidates;
  if (best === undefined) return 1;
  const address = addressAt(asked, found.value);
  screen.say(`showing ${best.family} at ${address}`);
  await showReadings({ address, family: best.family, openLink }, screen, signal);
  return 0;
}

/** Enough for a guess. */
const keptBytesMax = 4_096;

interface Shown {
  readonly address: string;
  readonly family: FamilyName;
  readonly openLink: OpenLink | undefined;
}

async function showReadings({ address, family, openLink }: Shown, screen: Screen, signal: AbortSignal): Promise<void> {
  const { unit } = familyNamed(family);
  let kept: Uint8Array = new Uint8Array();
  let state: ScaleState = 'connecting';
  const scale = openScale(
    { address, family, unit: unit === 'frame' ? 'kg' : unit.usual, ...(openLink === undefined ? {} : { openLink }) },
    {
      onReading: ({ reading, frames }) => screen.reading(reading, frames.at(-1) ?? new Uint8Array()),
      onState(next) {
        state = next;
        screen.say(stateSentence(next));
        if (next === 'garbled') for (const line of guess(sniff(kept))) screen.say(line);
      },
      onRejects: (counts) => screen.say(`rejected so far: ${countsText(counts)}`),
      onBytes(bytes) {
        kept = Buffer.concat([kept, bytes]).subarray(-keptBytesMax);
        if (state !== 'ready') screen.bytes(bytes);
      },
    },
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await scale.close();
  for (const line of guess(sniff(kept))) screen.say(line);
}

/** The address with the line that was found. */
function addressAt({ address, url }: Asked, { line }: Heard): string {
  if (url.kind !== 'serial' || line === null) return address;
  return `serial:${url.path}?baud=${line.baudRate}&frame=${line.frame}&flow=${url.flow}`;
}

/** What bytes could be, a sentence a line. */
function guess({ candidates, suggests7E1 }: Sniffed): readonly string[] {
  const parity = suggests7E1 ? ['bit 7 of nearly every byte is even parity: the line is 7E1'] : [];
  if (candidates.length === 0) return [...parity, 'guess: nothing that came fits a family'];
  const warning = candidates.length > 1 ? ['several families fit: only a known weight on the pan tells which is right'] : [];
  return [...parity, ...candidates.map(candidateText), ...warning];
}

function candidateText({ family, frames, rejects, said }: Candidate): string {
  return `guess: ${family}, ${frames} frames, ${rejects} rejected, the last says ${saidText(said)}`;
}

function saidText(said: Frame['said']): string {
  return said.kind === 'weight' ? `${said.grams} g${said.net ? ' net' : ''}` : said.kind;
}

function readingText(reading: Reading): string {
  return 'grams' in reading ? `${reading.kind} ${reading.grams} g${reading.net ? ' net' : ''}` : reading.kind;
}

function countsText(counts: RejectCounts): string {
  return Object.entries(counts)
    .map(([code, count]) => `${code} ${count}`)
    .join(', ');
}

function stateSentence(state: ScaleState): string {
  switch (state) {
    case 'connecting':
      return 'opening';
    case 'ready':
      return 'frames come';
    case 'silent':
      return 'nothing comes: is the scale on, and set to send?';
    case 'garbled':
      return 'bytes come, but no frame of this family: another line setting, or another family';
    case 'lost':
      return 'no link: is it plugged in? Trying again and again';
    case 'none':
      return sentenceOf('bad_address');
    case 'busy':
    case 'denied':
    case 'ambiguous':
      return sentenceOf(state);
    default:
      return never(state);
  }
}

function sentenceOf(code: ListenFailure): string {
  switch (code) {
    case 'busy':
      return 'another program holds the port: close it, or stop the kiosk';
    case 'missing':
      return 'there is no such port, or nobody listens there';
    case 'denied':
      return 'this user may not open the port; on Linux, be in the group dialout';
    case 'ambiguous':
      return 'two such adapters are plugged in: name one by its path, /dev/serial/by-path/…';
    case 'lost':
      return 'the link went away';
    case 'failed':
      return 'the port could not be opened';
    case 'bad_address':
      return 'no scale can be at this address';
    case 'cancelled':
      return 'ended';
    default:
      return never(code);
  }
}

/** Lines to standard output, not more of them a second than a person can bear. */
interface Screen {
  say(line: string): void;
  step(progress: ListenProgress): void;
  bytes(bytes: Uint8Array): void;
  reading(reading: Reading, frame: Uint8Array): void;
  close(): void;
}

/** A noisy line brings thousands a second. */
const linesPerSecondMax = 40;

const bytesPerLine = 16;

function openScreen(): Screen {
  const since = performance.now();
  let printed = 0;
  let hidden = 0;
  let lastStep = 0;
  const say = (line: string) => console.log(`${((performance.now() - since) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  const nextSecond = () => {
    if (hidden > 0) say(`(${hidden} more lines not shown)`);
    printed = 0;
    hidden = 0;
  };
  const seconds = setInterval(nextSecond, 1_000).unref();
  const sayIfRoom = (line: string) => {
    printed += 1;
    if (printed <= linesPerSecondMax) say(line);
    else hidden += 1;
  };
  return {
    say,
    step({ step, steps, line, question }) {
      if (step === lastStep) return;
      lastStep = step;
      say(
        `step ${step} of ${steps}: ${question === null ? 'listening' : `asking ${JSON.stringify(Buffer.from(question).toString('latin1'))}`}${lineText(line)}`,
      );
    },
    bytes(bytes) {
      for (let at = 0; at < bytes.length; at += bytesPerLine) sayIfRoom(dumpOf(bytes.subarray(at, at + bytesPerLine)));
    },
    reading: (reading, frame) => sayIfRoom(`${readingText(reading).padEnd(bytesPerLine)}  ${dumpOf(frame)}`),
    close() {
      clearInterval(seconds);
      nextSecond();
    },
  };
}

function lineText(line: Line | null): string {
  return line === null ? '' : ` at ${line.baudRate} ${line.frame}`;
}

/** `53 54 2c  |ST,|` */
function dumpOf(bytes: Uint8Array): string {
  const hexadecimal = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `${hexadecimal.padEnd(3 * bytesPerLine - 1)}  |${textOf(bytes)}|`;
}

/** Seven bits a byte, and a dot for what has no shape. */
function textOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => ((byte & 0x7f) >= 0x20 && (byte & 0x7f) < 0x7f ? String.fromCharCode(byte & 0x7f) : '.')).join('');
}
