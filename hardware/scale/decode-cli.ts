// `npm run scale -- decode`: what a capture of a scale says, one reading a line, and what in it was none. Never opens a port.

import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { families } from './families.ts';
import { type Family, type RejectCode, type WeightUnit, freshDecoder } from './reading.ts';
import { freshSettling, settle } from './settle.ts';

const units: readonly WeightUnit[] = ['g', 'kg', 'jin', 'lb', 't'];

export const decodeUsage = `npm run scale -- decode --family NAME [--unit UNIT] < CAPTURE

  --family NAME  ${[...families.keys()].join(', ')}
  --unit UNIT    what numbers without a unit are counts of: ${units.join(', ')}; else what is usual in the family`;

/** Reads the capture from standard input in pieces, keeping none. Returns 0; 2 where family or unit is none; 1 where it cannot be read. */
export async function decodeCommand(args: readonly string[]): Promise<number> {
  const asked = askedOf(args);
  if (typeof asked === 'string') {
    console.error(`${asked}\n\nusage: ${decodeUsage}`);
    return 2;
  }
  process.stdout.once('error', () => process.exit(0)); // whoever reads our lines has had enough
  try {
    await decode(asked);
    return 0;
  } catch (error) {
    console.error(`The capture cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function decode({ family, unit }: Asked): Promise<void> {
  const rejected: Partial<Record<RejectCode, number>> = {};
  let accepted = 0;
  let bytes = 0;
  let decoder = freshDecoder;
  let settling = freshSettling(family);
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    const step = family.decode(decoder, chunk, unit);
    decoder = step.state;
    const lines: string[] = [];
    for (const decoded of step.decoded) {
      if ('rejected' in decoded) {
        rejected[decoded.rejected] = (rejected[decoded.rejected] ?? 0) + 1;
      } else {
        accepted += 1;
        const settled = settle(settling, decoded, null); // a capture has no clock
        settling = settled.state;
        lines.push(JSON.stringify(settled.reading));
      }
    }
    if (lines.length > 0) await print(lines);
  }
  await print([JSON.stringify({ accepted, rejected, bytes, unit: family.unit === 'frame' ? null : unit })]);
}

interface Asked {
  readonly family: Family;
  readonly unit: WeightUnit;
}

/** Family and unit that the arguments name, or a sentence on why they name none. */
function askedOf(args: readonly string[]): Asked | string {
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options: { family: { type: 'string' }, unit: { type: 'string' } } }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const list = [...families.keys()].join(', ');
  if (values.family === undefined) return `Name the family of the scale, one of: ${list}.`;
  const family = [...families.values()].find((known) => known.name === values.family);
  if (family === undefined) return `There is no family ${values.family}. There are: ${list}.`;
  const usual = family.unit === 'frame' ? 'kg' : family.unit.usual;
  const unit = values.unit === undefined ? usual : units.find((known) => known === values.unit);
  return unit === undefined ? `There is no unit ${values.unit}. There are: ${units.join(', ')}.` : { family, unit };
}

/** Waits where the reader of our output is slow. */
async function print(lines: readonly string[]): Promise<void> {
  if (!process.stdout.write(`${lines.join('\n')}\n`)) await once(process.stdout, 'drain');
}
