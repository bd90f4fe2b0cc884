// Calls over a wire: one request, one reply, a deadline; and events that only tell. Knows no call by name.

import type { Wire } from './wire.ts';

/** Largest message a page may send: a cart of 200 lines is 20 KB. */
export const messageBytesMax = 256 * 1024;
/** A call that the engine has not answered by then is reported as lost; a durable commit on a hard disk takes 0.4 s. */
const callDeadlineMs = 15_000;
/** More calls than this at once from one page is a fault, not a cashier. */
const callsInFlightMax = 64;

interface CallMessage {
  readonly type: 'call';
  readonly id: number;
  readonly name: string;
  readonly args: unknown;
}
interface ReplyMessage {
  readonly type: 'reply';
  readonly id: number;
  readonly ok: boolean;
  readonly value?: unknown;
  readonly code?: string;
}
interface EventMessage {
  readonly type: 'event';
  readonly name: string;
  readonly payload: unknown;
}

/** Why a call came back without the engine's answer. What the engine refuses is a value, not one of these. */
export type CallErrorCode = 'bad_call' | 'too_large' | 'too_many' | 'not_allowed' | 'failed' | 'busy' | 'lost' | 'deadline';

/** A call that was not answered. `failed` means the engine logged the cause; no detail crosses the wire. */
export class CallError extends Error {
  readonly code: CallErrorCode;
  constructor(code: CallErrorCode, name: string) {
    super(`${name}: ${code}`);
    this.name = 'CallError';
    this.code = code;
  }
}

/** Every call of a contract, as the page sees it. */
export type Client<Contract> = {
  readonly [Name in keyof Contract]: Contract[Name] extends { readonly args: infer Args; readonly value: infer Value }
    ? (...args: [Args] extends [undefined] ? [] : [args: Args]) => Promise<Value>
    : never;
};

export interface Connection<Contract, Events> {
  readonly call: Client<Contract>;
  /** Returns the function that stops listening. */
  on<Name extends keyof Events & string>(name: Name, listener: (payload: Events[Name]) => void): () => void;
  onClose(listener: () => void): void;
}

/** The page's end of a wire. Calls fail with CallError when the wire closes or the deadline passes. */
export function connect<Contract, Events>(wire: Wire): Connection<Contract, Events> {
  const pending = new Map<
    number,
    {
      readonly resolve: (value: unknown) => void;
      readonly reject: (error: CallError) => void;
      readonly name: string;
      readonly timer: ReturnType<typeof setTimeout>;
    }
  >();
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const closers = new Set<() => void>();
  let nextId = 1;
  let closed = false;

  wire.onMessage((raw) => {
    const message = raw as ReplyMessage | EventMessage; // the engine is ours; the page trusts it
    if (message.type === 'event') {
      for (const listener of listeners.get(message.name) ?? []) listener(message.payload as never);
      return;
    }
    const waiting = pending.get(message.id);
    if (!waiting) return;
    pending.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.ok) waiting.resolve(message.value);
    else waiting.reject(new CallError((message.code ?? 'failed') as CallErrorCode, waiting.name));
  });
  wire.onClose(() => {
    closed = true;
    for (const waiting of pending.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new CallError('lost', waiting.name));
    }
    pending.clear();
    for (const closer of closers) closer();
  });

  const send = (name: string, args: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new CallError('lost', name));
      if (pending.size >= callsInFlightMax) return reject(new CallError('too_many', name));
      const id = nextId++;
      const timer = setTimeout(() => {
        pending.delete(id);
        reject(new CallError('deadline', name));
      }, callDeadlineMs);
      pending.set(id, { resolve, reject, name, timer });
      wire.send({ type: 'call', id, name, args } satisfies CallMessage);
    });

  return {
    call: new Proxy({}, { get: (_, name) => (args: unknown) => send(String(name), args) }) as Client<Contract>, // the contract's type is the engine's table
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      set.add(listener);
      listeners.set(name, set);
      return () => set.delete(listener);
    },
    onClose(listener) {
      closers.add(listener);
    },
  };
}

/** What the engine does with one call: checks the shape, obeys, answers. Throws CallError to refuse. */
export type Dispatch = (name: string, args: unknown) => unknown;

/** Asked before each message: whether it comes within the rate. */
export type CallLimit = () => boolean;

/**
 * The engine's end of a wire. Bounds size and rate, and lets no exception or stack reach the page. An engine gives all its
 * wires one limit, so that a page which connects anew has no more calls than one which stays.
 */
export function serve(
  wire: Wire,
  dispatch: Dispatch,
  log: (message: string, error: unknown) => void,
  isWithinRate: CallLimit = callLimit(),
): { emit(name: string, payload: unknown): void } {
  wire.onMessage((raw) => {
    const isAllowed = isWithinRate();
    const call = asCall(raw);
    // Beyond the rate not even a line in the log: what is worth reading there must not be pushed out of it.
    if (call === null) return isAllowed ? log('a message that is not a call was dropped', null) : undefined;
    const reply = (rest: Omit<ReplyMessage, 'type' | 'id'>): void =>
      wire.send({ type: 'reply', id: call.id, ...rest } satisfies ReplyMessage);
    if (!isAllowed) return reply({ ok: false, code: 'too_many' });
    if (sizeOf(raw) > messageBytesMax) return reply({ ok: false, code: 'too_large' });
    void answer(call, dispatch, log).then(reply);
  });
  return {
    emit(name, payload) {
      wire.send({ type: 'event', name, payload } satisfies EventMessage);
    },
  };
}

async function answer(
  call: CallMessage,
  dispatch: Dispatch,
  log: (message: string, error: unknown) => void,
): Promise<Omit<ReplyMessage, 'type' | 'id'>> {
  try {
    return { ok: true, value: await dispatch(call.name, call.args) };
  } catch (error) {
    if (error instanceof CallError) return { ok: false, code: error.code };
    log(`call ${call.name} failed`, error);
    return { ok: false, code: 'failed' };
  }
}

function asCall(raw: unknown): CallMessage | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const { type, id, name, args } = raw as Partial<Record<keyof CallMessage, unknown>>;
  if (type !== 'call' || typeof id !== 'number' || !Number.isSafeInteger(id) || typeof name !== 'string' || name.length > 100) return null;
  return { type, id, name, args };
}

/** Bytes as JSON in UTF-8, in the page's gallery too, where there is no Buffer; what has no JSON form is over any bound. */
function sizeOf(value: unknown): number {
  try {
    const json = JSON.stringify(value);
    return json.length > messageBytesMax ? json.length : new TextEncoder().encode(json).length; // at least a byte each
  } catch {
    return Number.POSITIVE_INFINITY; // cycles and BigInts: no page of ours sends them
  }
}

/** Token bucket: bursts of 120 (a wedge scan is one call, a fast cashier 5 a second), 40 a second sustained. `now` is in ms. */
export function callLimit(now: () => number = () => performance.now()): CallLimit {
  const burst = 120;
  const perMs = 40 / 1000;
  let tokens = burst;
  let last = now();
  return () => {
    const time = now();
    tokens = Math.min(burst, tokens + (time - last) * perMs);
    last = time;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
