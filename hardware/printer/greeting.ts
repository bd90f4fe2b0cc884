// Makes sure that a printer reads commands before a job is sent (hardware.md B.3, step 2), and learns what it can say.
// Prints nothing.

import type { PrintFailure } from '../../db/model/receipt.ts';
import { pause } from '../link.ts';
import type { Conversation } from './conversation.ts';
import { encodeEndMarker, encodeHello, encodeRecovery } from './encode.ts';
import { markerOf } from './job.ts';
import { failureOf, type Status } from './status.ts';

/** What is known of a printer from what it said. */
export interface Acquaintance {
  /** It answers GS ( H: only that means printed. Clones answer no more than GS r. */
  readonly saysMarkers: boolean;
  /** It sends automatic status; null: not tried yet. */
  readonly saysStatus: boolean | null;
  /** No answer to an earlier job can still come. */
  readonly isSettled: boolean;
}

export const stranger: Acquaintance = { saysMarkers: false, saysStatus: null, isSettled: false };

export interface GreetingDeadlines {
  readonly helloMs: number;
  readonly recoveredMs: number;
  readonly quietMs: number;
  /** How long the link takes for so many bytes. */
  readonly bytesMs: (bytes: number) => number;
}

export interface Greeted {
  readonly known: Acquaintance;
  /** Why it does not print; null: it would. */
  readonly cause: PrintFailure | null;
}

/** Says hello; if that is not answered, completes a picture that may have been broken off, and says it again. null: no answer. */
export async function greet(conversation: Conversation, known: Acquaintance, deadlines: GreetingDeadlines): Promise<Greeted | null> {
  const hello = await sayHello(conversation, known, [], deadlines.helloMs, deadlines);
  if (hello !== null || conversation.gone.aborted) return hello;
  return sayHello(conversation, known, [encodeRecovery()], deadlines.recoveredMs, deadlines);
}

/**
 * Hello follows a marker of its own. Its answers come in order with the printing: they show that commands are read, that
 * this printer says markers, and that the answers to earlier jobs are all in.
 */
async function sayHello(
  conversation: Conversation,
  known: Acquaintance,
  before: readonly Uint8Array[],
  deadlineMs: number,
  deadlines: GreetingDeadlines,
): Promise<Greeted | null> {
  hellos += 1;
  const marker = markerOf(`hello ${hellos}`);
  const bytes = Buffer.concat([...before, encodeEndMarker(marker), encodeHello()]);
  const budgetMs = deadlineMs + deadlines.bytesMs(bytes.length);
  const heard: { status: Status | null; answer: 'none' | 'paper' | 'marker' } = { status: null, answer: 'none' };
  const enough = conversation.wait((message) => {
    if (message.kind === 'printed' && message.id === marker) heard.answer = 'marker';
    if (message.kind === 'paper' && heard.answer === 'none') heard.answer = 'paper';
    // Offline without a cause is a pressed feed button or a cover just closed: it says more in a moment.
    if (message.kind === 'status' && (!message.status.offline || failureOf(message.status) !== null)) heard.status = message.status;
    if (heard.status !== null && failureOf(heard.status) !== null) return true;
    return heard.answer !== 'none' && (heard.status !== null || known.saysStatus === false) ? true : null;
  }, budgetMs);
  await conversation.send(bytes, budgetMs);
  await enough;
  if (heard.status === null && heard.answer === 'none') return null;
  const cause = heard.status === null ? null : failureOf(heard.status);
  const saysMarkers = known.saysMarkers || heard.answer === 'marker';
  const isSettled = heard.answer === 'marker' || (heard.answer === 'paper' && known.isSettled);
  // Answers to GS r bear no name: those that an earlier job is still owed must have come before ours can be told apart.
  if (cause === null && !isSettled) await pause(deadlines.quietMs, conversation.gone);
  return { known: { saysMarkers, saysStatus: heard.status !== null, isSettled: cause === null || isSettled }, cause };
}

/** Distinguishes the markers of one program's hellos. */
let hellos = 0;
