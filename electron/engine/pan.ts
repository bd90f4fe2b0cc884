// The pan, which is one for the desk and the till: of one reading comes one bag, one line or one tare, whoever asks. Weighs
// nothing itself.

import { type Result, fail } from '../../db/model/result.ts';
import type { Engine } from './till.ts';

/** Who waits for a weight, and what they will be told. `act` names the press: the same press again waits for the same answer. */
interface Weighing {
  readonly act: string;
  readonly answer: Promise<Result<null, string>>;
}

const weighings = new WeakMap<Engine, Weighing>();

/**
 * Runs one weighing at a time, from the wait for a weight to what is stored of it. The same act again gets the answer of the
 * first; another meanwhile is refused (`pan_not_clear`), since its reading would be that of the first.
 */
export async function onPan<Code extends string>(
  engine: Engine,
  act: string,
  work: () => Promise<Result<null, Code>>,
): Promise<Result<null, Code | 'pan_not_clear'>> {
  const running = weighings.get(engine);
  if (running !== undefined) return running.act === act ? (running.answer as ReturnType<typeof work>) : fail('pan_not_clear'); // the same act is the same work
  const answer = work().finally(() => weighings.delete(engine));
  weighings.set(engine, { act, answer });
  return answer;
}
