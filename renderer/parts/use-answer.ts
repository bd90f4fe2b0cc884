// What a call answers, asked anew whenever the page says so and whenever the engine comes back. Keeps the last answer on screen.

import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import { usePage } from '../page.tsx';

/** An answer, and which asking it belongs to. */
export interface Answered<Value> {
  readonly value: Value;
  readonly of: string;
}

/** Null until the first answer. Another `of` asks again; an answer that comes after a newer asking is dropped. */
export function useAnswer<Value>(of: string, ask: (call: Client<Contract>) => Promise<Value>): Answered<Value> | null {
  const { known, run } = usePage();
  const [answered, setAnswered] = useState<Answered<Value> | null>(null);
  const isThere = known.link === 'connected';
  const newest = useRef(ask);
  useLayoutEffect(() => {
    newest.current = ask;
  });
  // outside world: the book
  useEffect(() => {
    if (!isThere) return undefined;
    let isWanted = true;
    void run((call) => newest.current(call)).then((value) => {
      if (isWanted && value !== null) setAnswered({ value, of });
    });
    return () => {
      isWanted = false;
    };
  }, [run, of, isThere]);
  return answered;
}
