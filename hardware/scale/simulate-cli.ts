// `npm run scale -- simulate`: a simulated scale behind a TCP port or a pty, with its knob on the keyboard: to try a kiosk and
// `listen` without hardware. Never opens anything but what it was told to.

import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { plugVirtualScale, serveVirtualScale } from '../virtual/serve-scale.ts';
import { openVirtualScale, virtualScaleFaults, type VirtualScale } from '../virtual/scale.ts';
import { families } from './families.ts';
import type { FamilyName } from './reading.ts';

export const simulateUsage = `npm run scale -- simulate --family NAME [--port N | --pty PATH] [--grams N]

  --family NAME  whose bytes it says
  --port N       the TCP port of this machine; any free one unless told
  --pty PATH     instead: the device's end of a pair of ptys, as socat makes them
  --grams N      what lies on its pan at first
  Lines typed are its knob: whole grams, tare, noise N, or a fault (${virtualScaleFaults.join(', ')})`;

/** Serves until Ctrl-C. Returns 0, 1 where port or pty cannot be had, 2 where the words are wrong. */
export async function simulateCommand(args: readonly string[]): Promise<number> {
  const asked = askedOf(args);
  if (typeof asked === 'string') {
    console.error(`${asked}\n\nusage: ${simulateUsage}`);
    return 2;
  }
  const scale = openVirtualScale({ family: asked.family });
  scale.set(asked.grams);
  const served = await serve(scale, asked);
  if (typeof served === 'string') {
    console.error(served);
    scale.close();
    return 1;
  }
  console.log(`${asked.family} with ${asked.grams} g at ${served.address}`);
  const keyboard = createInterface({ input: process.stdin }).on('line', (line) => {
    console.log(turn(scale, line.trim()));
  });
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  keyboard.close();
  process.stdin.destroy();
  await served.close();
  scale.close();
  return 0;
}

interface Asked {
  readonly family: FamilyName;
  readonly port: number;
  readonly pty: string | null;
  readonly grams: number;
}

/** What the arguments ask for, or a sentence on what is wrong with them. */
function askedOf(args: readonly string[]): Asked | string {
  let values;
  try {
    const options = { family: { type: 'string' }, port: { type: 'string' }, pty: { type: 'string' }, grams: { type: 'string' } } as const;
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const family = families.get((values.family ?? '') as FamilyName); // any text may be asked for
  const port = wholeIn(values.port ?? '0');
  const grams = wholeIn(values.grams ?? '0');
  if (family === undefined) return `Name a family, one of: ${[...families.keys()].join(', ')}.`;
  if (port === null || port < 0 || port > 65_535) return '--port is a number up to 65535.';
  if (grams === null) return '--grams is a whole number.';
  if (values.port !== undefined && values.pty !== undefined) return 'Name a port or a pty, not both.';
  return { family: family.name, port, pty: values.pty ?? null, grams };
}

/** Where it can be reached and how that ends, or a sentence on why it cannot. */
async function serve(scale: VirtualScale, { port, pty }: Asked): Promise<{ readonly address: string; close(): Promise<void> } | string> {
  try {
    if (pty === null) return await serveVirtualScale(scale, { port });
    return { address: pty, ...(await plugVirtualScale(scale, pty)) };
  } catch (error) {
    return `It cannot be there: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Does what a line says, and answers what was done. */
function turn(scale: VirtualScale, line: string): string {
  const [word = '', amount] = line.split(/\s+/);
  const grams = wholeIn(word);
  const fault = virtualScaleFaults.find((name) => name === word);
  const noise = word === 'noise' ? wholeIn(amount ?? '') : null;
  if (grams !== null) scale.set(grams);
  else if (word === 'tare') scale.pressTare();
  else if (noise !== null) scale.setNoise(noise);
  else if (fault !== undefined) scale.setFault(fault);
  else return `whole grams, tare, noise N, or one of: ${virtualScaleFaults.join(', ')}`;
  return line;
}

function wholeIn(text: string): number | null {
  return /^-?\d{1,6}$/.test(text) ? Number(text) : null;
}
