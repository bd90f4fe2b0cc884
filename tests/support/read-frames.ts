// Whether the bytes kept with a weighing say the weight that was credited. Only the families know, and the book knows no device,
// so verify cannot ask this: tests do.

import type { BookEvent } from '../../db/model/event.ts';
import { familyNamed } from '../../hardware/scale/families.ts';
import { type FamilyName, type WeightUnit, freshDecoder } from '../../hardware/scale/reading.ts';

/** What is wrong with the weighings of these events, in their order, a sentence for each. */
export function misread(events: readonly BookEvent[]): readonly string[] {
  const units = new Map<string, WeightUnit>();
  const faults: string[] = [];
  for (const event of events) {
    if (event.kind === 'SCALE_SET') units.set(event.id, event.body.unit as WeightUnit); // commissioning took it from the list
    if (event.kind !== 'CREDIT') continue;
    for (const { id, measure } of event.body.lines.flatMap(({ bags }) => bags)) {
      if (measure.kind !== 'weighed') continue;
      const { family, framesHex, scaleSetId } = measure.proof;
      const said = framesHex.map((frame) => gramsOf(family as FamilyName, units.get(scaleSetId) ?? 'kg', frame)); // a family of the list, likewise
      if (said.length === 0 || said.some((grams) => grams !== measure.readGrams))
        faults.push(`bag ${id} was read as ${measure.readGrams} g, its frames say ${said.join(', ') || 'nothing'}`);
    }
  }
  return faults;
}

/** The weight of one frame, which is kept without its end of line; null where it says none. */
function gramsOf(family: FamilyName, unit: WeightUnit, frameHex: string): number | null {
  const bytes = Buffer.concat([Buffer.from(frameHex, 'hex'), Buffer.from('\r\n')]);
  const { decoded } = familyNamed(family).decode(freshDecoder, bytes, unit);
  const told = decoded.find((each) => 'said' in each);
  return told !== undefined && 'said' in told && told.said.kind === 'weight' ? told.said.grams : null;
}
