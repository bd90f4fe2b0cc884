// The press that gives the points: once, whatever is pressed twice. Knows no rule: the engine credits or says why not.

import { useRef, useState } from 'react';
import type { DeskView } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';

export type CreditState = 'ready' | 'working' | 'unanswered';

export function useCredit(desk: DeskView) {
  const { run } = usePage();
  const [tried, setTried] = useState<{ readonly creditId: string; readonly state: CreditState } | null>(null);
  const inFlight = useRef(false); // two presses within one frame see the same state; this they see at once
  /** An approval whose answer was lost is used with the next press: it is of this credit and of these bags. */
  const leave = useRef<{ readonly digest: string; readonly approvalId: string } | null>(null);
  const { creditId, digest, quote } = desk;

  const credit = async (given: string | null): Promise<'credited' | 'refused' | 'approval_needed' | 'unanswered'> => {
    if (inFlight.current) return 'unanswered';
    inFlight.current = true;
    if (given !== null) leave.current = { digest, approvalId: given };
    const approvalId = leave.current?.digest === digest ? leave.current.approvalId : undefined;
    setTried({ creditId, state: 'working' });
    const answer = await run((call) => call.credit({ creditId, shown: { points: quote.points, digest }, approvalId }));
    inFlight.current = false;
    setTried({ creditId, state: answer === null ? 'unanswered' : 'ready' });
    if (answer === null) return 'unanswered';
    leave.current = null;
    return answer.ok ? 'credited' : answer.code === 'approval_needed' ? 'approval_needed' : 'refused';
  };
  return {
    credit,
    state: tried?.creditId === creditId ? tried.state : 'ready',
  };
}
