// What the demo and training can make simulated devices do. On real devices these calls are refused.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { virtualPrinterFaults } from '../../hardware/virtual/printer.ts';
import { type VirtualScaleFault, virtualScaleFaults } from '../../hardware/virtual/scale.ts';
import { never } from '../../db/model/result.ts';
import { CallError } from '../ipc/rpc.ts';
import type { SimulatedScaleView, SimulatedThings } from '../ipc/snapshot.ts';
import type { Engine } from './till.ts';

export const printerFaults = virtualPrinterFaults;
export const scaleFaults = virtualScaleFaults;

/** A pan that was taken away, and more than it can carry. */
export const scaleLoadMin = -2_000;
export const scaleLoadMax = 40_000;

const text = z.string().max(600);
const shape = z.object({
  cards: z.array(z.object({ zh: text, bo: text, en: text, text })).max(100),
  goods: z.array(z.object({ zh: text, bo: text.nullable(), en: text, text })).max(100),
}) satisfies z.ZodType<SimulatedThings>;

/** Cards and goods to hold under the simulated scanner; empty where the home brings none. */
export function things(engine: Engine): SimulatedThings {
  if (engine.home === null || engine.devices?.virtualScanner == null) return { cards: [], goods: [] };
  try {
    return shape.parse(JSON.parse(readFileSync(engine.home.simulated, 'utf8')));
  } catch {
    return { cards: [], goods: [] }; // a shop without a demo file has nothing to show; nothing is lost
  }
}

/** Reads a code; '' is a garbled read. */
export function scan(engine: Engine, { text: code }: { readonly text: string }): void {
  const scanner = engine.devices?.virtualScanner;
  if (scanner == null) throw new CallError('not_allowed', 'simulateScan');
  if (code === '') scanner.garble();
  else scanner.scan(code);
}

export async function printerFault(engine: Engine, { fault }: { readonly fault: (typeof printerFaults)[number] }): Promise<void> {
  const printer = engine.devices?.virtualPrinter;
  if (printer == null) throw new CallError('not_allowed', 'simulatePrinter');
  await printer.setFault(fault);
}

/** Puts so many grams on the pan in all, presses the scale's own tare key, or breaks it. */
export function scale(
  engine: Engine,
  request:
    | { readonly act: 'look' | 'tare' }
    | { readonly act: 'load'; readonly grams: number }
    | { readonly act: 'fault'; readonly fault: VirtualScaleFault },
): SimulatedScaleView | null {
  const virtual = engine.devices?.scale.virtual ?? null;
  if (virtual === null) {
    if (request.act === 'look') return null;
    throw new CallError('not_allowed', 'simulateScale');
  }
  switch (request.act) {
    case 'look':
      break;
    case 'tare':
      virtual.pressTare();
      break;
    case 'load':
      virtual.set(request.grams);
      break;
    case 'fault':
      virtual.setFault(request.fault);
      break;
    default:
      never(request);
  }
  return { display: virtual.display(), fault: virtual.fault() };
}
