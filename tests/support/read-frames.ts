// Whether the bytes kept with a weighing say the weight that was credited, of a book that is not verified: the crash loop asks it
// after every kill.

import type { BookEvent } from '../../db/model/event.ts';
import { readKeptFrames } from '../../hardware/scale/kept-frames.ts';

/** What is wrong with the weighings of these events, in their order, a sentence for each. */
export function misread(events: readonly BookEvent[]): readonly string[] {
  const units = new Map<string, string>();
  const faults: string[] = [];
  for (const event of events) {
    if (event.kind === 'SCALE_SET') units.set(event.id, event.body.unit);
    if (event.kind !== 'CREDIT') continue;
    for (const { id, measure } of event.body.lines.flatMap(({ bags }) => bags)) {
      if (measure.kind !== 'weighed') continue;
      const { family, framesHex, scaleSetId } = measure.proof;
      const told = readKeptFrames({ family, unit: units.get(scaleSetId) ?? 'kg', framesHex });
      if (told?.grams !== measure.readGrams)
        faults.push(`bag ${id} was read as ${measure.readGrams} g, its frames say ${told?.grams ?? 'no weight at rest'}`);
    }
  }
  return faults;
}
