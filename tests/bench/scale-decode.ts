// What decoding a scale costs beyond looking at each byte once: a megabyte of every family's frames against a bare loop over
// the same bytes. Checks that every frame was read, and judges nothing else.

import { families } from '../../hardware/scale/families.ts';
import { type Family, freshDecoder } from '../../hardware/scale/reading.ts';
import { scaleVoices } from '../../hardware/virtual/scale-frames.ts';
import { type Bench, type Row, figuresOf, timed } from './measure.ts';

const streamBytes = 1_000_000;

/** What a link hands over that was not heard for four seconds at 9600 baud; usually it is one frame. */
const chunkBytes = 4096;

export const scaleDecode: Bench = {
  name: 'scale-decode',
  async run({ quick }) {
    return [...families.values()].map((family) => decodeOf(family, quick ? 20 : 100));
  },
};

/** Most of it is the objects that every frame becomes, whatever its length: the shortest, of seven and eight bytes, cost most a byte. */
function decodeOf(family: Family, samples: number): Row {
  const { chunks, frames, bytes } = streamOf(family);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = -20; i < samples; i += 1) {
    let heard = 0;
    const decoded = timed(() => (heard = decodeAll(family, chunks)));
    if (heard !== frames) throw new Error(`${family.name}: ${heard} of ${frames} frames`);
    const looped = timed(() => (sink += sumOf(chunks)));
    if (i < 0) continue; // until the code is compiled
    ours.push(decoded / (bytes / 1e6));
    theirs.push(looped / (bytes / 1e6));
  }
  const [figures, against] = [figuresOf(ours), figuresOf(theirs)];
  const rate = (ms: number): string => `${(1000 / ms).toFixed(0)} MB/s`;
  return {
    kind: 'measured',
    name: `scale-decode-${family.name}`,
    measures: `1 MB of frames decoded (${rate(figures.p50)}) ÷ a bare loop over the bytes (${rate(against.p50)})`,
    unit: 'ms',
    figures,
    against,
    goals: [{ of: 'p50', is: 'ratio', atMost: 10 }],
  };
}

/** Weights go up and down, as on a pan. */
function streamOf({ name }: Family): { readonly chunks: readonly Uint8Array[]; readonly frames: number; readonly bytes: number } {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (; bytes < streamBytes; bytes += parts.at(-1)!.length)
    parts.push(scaleVoices[name].frame({ kind: 'weight', grams: (parts.length * 7) % 15_000, tareGrams: 0, isMoving: false }));
  const stream = new Uint8Array(Buffer.concat(parts));
  const chunks = Array.from({ length: Math.ceil(bytes / chunkBytes) }, (_, i) => stream.subarray(i * chunkBytes, (i + 1) * chunkBytes));
  return { chunks, frames: parts.length, bytes };
}

function decodeAll({ decode }: Family, chunks: readonly Uint8Array[]): number {
  let state = freshDecoder;
  let frames = 0;
  for (const chunk of chunks) {
    const step = decode(state, chunk, 'kg');
    state = step.state;
    for (const one of step.decoded) if ('said' in one) frames += 1;
  }
  return frames;
}

/** Keeps the bare loop from being left out as useless. */
let sink = 0;

function sumOf(chunks: readonly Uint8Array[]): number {
  let sum = 0;
  for (const chunk of chunks) for (let i = 0; i < chunk.length; i += 1) sum += chunk[i]!;
  return sum;
}
