// The time, for ages and countdowns on the page. Obeyed by nothing: the engine keeps its own clock.

import { useEffect, useState } from 'react';

/** Epoch ms, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  // outside world: the clock
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
