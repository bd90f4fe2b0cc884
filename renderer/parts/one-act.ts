// One press, one act: the id that is made for a press goes with every try of it until one was answered, so that an answer
// that was lost and a second press do nothing twice. Stores nothing beyond the page.

/** An unanswered press this old is no longer the one that is pressed again. */
const sameMs = 2 * 60 * 1000;

const unanswered = new Map<string, { readonly actId: string; readonly since: number }>();

/**
 * Asks with the act's id. `intent` names what is wanted in all that matters to it: the same words within two minutes of a
 * try that nobody answered are the same act. `ask` answers null where no answer came, as page.run does.
 */
export async function asOneAct<Value>(intent: string, ask: (actId: string) => Promise<Value | null>): Promise<Value | null> {
  const now = performance.now();
  for (const [known, { since }] of unanswered) if (now - since > sameMs) unanswered.delete(known);
  const act = unanswered.get(intent) ?? { actId: crypto.randomUUID(), since: now };
  unanswered.set(intent, act);
  const answer = await ask(act.actId);
  if (answer !== null && unanswered.get(intent) === act) unanswered.delete(intent);
  return answer;
}
