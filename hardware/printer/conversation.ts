// The talk with a printer over one open link: questions with deadlines, and every message to who listens. Never decides
// what a silence means.

import { within, type Link } from '../link.ts';
import { encodeRealTimeQuestion } from './encode.ts';
import { decode, nothingDecoded, realTimeStatus, type Message, type Question, type Status } from './status.ts';

export interface Conversation {
  /** False: nothing can ever be heard. */
  readonly answers: boolean;
  /** Aborted when the link is gone. */
  readonly gone: AbortSignal;
  /** Hands bytes to the link; false when it is gone, or did not take them in time. */
  send(bytes: Uint8Array, deadlineMs: number): Promise<boolean>;
  /** Calls for every message until the returned function is called. */
  listen(listener: (message: Message) => void): () => void;
  /** The first message that `pick` makes something of; null after the deadline, or when the link is gone. */
  wait<Value>(pick: (message: Message) => Value | null, deadlineMs: number): Promise<Value | null>;
  /** Asks DLE EOT 2 and 4, and 3 where there is an error; null: no answer. */
  readStatus(deadlineMs: number): Promise<Partial<Status> | null>;
  /** For the owner of the link: what it received, and that it went. */
  hear(bytes: Uint8Array): void;
  end(): void;
  /** Lets the link go, so that a new one is opened. */
  close(): Promise<void>;
}

/** Starts a talk over a link that was just opened. */
export function converse(link: Link): Conversation {
  const ending = new AbortController();
  const listeners = new Set<(message: Message) => void>();
  let decoding = nothingDecoded;

  const conversation: Conversation = {
    answers: link.answers,
    gone: ending.signal,
    send: (bytes, deadlineMs) => within(deadlineMs, link.write(bytes), false),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wait(pick, deadlineMs) {
      return new Promise((resolve) => {
        const finish = (value: ReturnType<typeof pick>) => {
          clearTimeout(timer);
          stop();
          ending.signal.removeEventListener('abort', giveUp);
          resolve(value);
        };
        const giveUp = () => finish(null);
        const timer = setTimeout(giveUp, deadlineMs);
        const stop = conversation.listen((message) => {
          const value = pick(message);
          if (value !== null) finish(value);
        });
        if (ending.signal.aborted) giveUp();
        else ending.signal.addEventListener('abort', giveUp);
      });
    },
    async readStatus(deadlineMs) {
      const why = await ask(2, deadlineMs);
      const paper = why && (await ask(4, deadlineMs));
      if (!why || !paper) return null;
      const kind = why.error ? await ask(3, deadlineMs) : null;
      return {
        coverOpen: why.coverOpen === true,
        nearEnd: paper.nearEnd === true,
        paperOut: why.paperOut === true || paper.paperOut === true,
        cutter: kind?.cutter === true,
        overheated: kind?.overheated === true,
        error: why.error === true,
      };
    },
    hear(bytes) {
      const heard = decode(decoding, bytes);
      decoding = heard.decoding;
      for (const message of heard.messages) for (const listener of listeners) listener(message);
    },
    end() {
      ending.abort();
      listeners.clear();
    },
    close: () => link.close(),
  };

  /** One question at a time: answers do not name their question, so two at once could be taken for each other. */
  async function ask(question: Question, deadlineMs: number): Promise<Partial<Status> | null> {
    const answer = conversation.wait((message) => (message.kind === 'real_time' ? message.byte : null), deadlineMs);
    await conversation.send(encodeRealTimeQuestion(question), deadlineMs);
    const byte = await answer;
    return byte === null ? null : realTimeStatus(question, byte);
  }

  return conversation;
}
