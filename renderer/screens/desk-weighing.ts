// One weighing of the desk, from the press to the bag: the wait for a weight at rest, the wish not to wait any longer, and
// the question whether it is the same bag. Reads no weight: the engine weighs.

import { useRef, useState } from 'react';
import type { DeskView } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { playSound } from '../parts/sound.ts';
import { removeBag } from './desk-bags.tsx';

export type Weighing = 'idle' | 'waiting' | 'same_bag';

export function useWeighing(desk: DeskView) {
  const { run } = usePage();
  const [weighing, setWeighing] = useState<Weighing>('idle');
  /** What the engine waits for now; two presses within one frame see the same state, this they see at once. */
  const running = useRef<{ isWanted: boolean } | null>(null);

  const weigh = async (isOtherBag: boolean): Promise<void> => {
    setWeighing('waiting');
    if (running.current !== null) {
      running.current.isWanted = true; // the engine still waits for the one that was given up
      return;
    }
    const own = { isWanted: true };
    running.current = own;
    let bagId = '';
    // a bag more on the desk is another bag: only a press that nobody answered, over the same bags, is the same one
    const intent = `weigh ${desk.creditId} ${desk.material} ${desk.bags.length} ${isOtherBag}`;
    const answer = await asOneAct(intent, (actId) => {
      bagId = actId;
      return run((call) => call.weigh({ bagId, isOtherBag }));
    });
    running.current = null;
    if (!own.isWanted) {
      if (answer?.ok === true) await removeBag(run, bagId); // it came to rest after all, and nobody wanted it any more
      return;
    }
    const isAsked = answer !== null && !answer.ok && answer.code === 'same_bag';
    if (isAsked) playSound('attention');
    setWeighing(isAsked ? 'same_bag' : 'idle');
  };
  return {
    weighing,
    weigh: (): void => void weigh(false),
    giveUp: (): void => {
      if (running.current !== null) running.current.isWanted = false;
      setWeighing('idle');
    },
    answerSameBag: (isOther: boolean): void => {
      if (isOther) void weigh(true);
      else setWeighing('idle');
    },
  };
}
