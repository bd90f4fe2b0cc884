// The recycling desk: who and which bags on the left; the scale, the materials and the credit on the right. Computes no
// amount: every figure is the engine's quote.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { never } from '../../db/model/result.ts';
import type { DeskView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { ApprovalPanel } from './approval.tsx';
import { DeskBags, removeBag } from './desk-bags.tsx';
import { CountPanel } from './desk-count.tsx';
import { useCredit } from './desk-credit.ts';
import { CreditedPanel } from './desk-credited.tsx';
import { MaterialTiles } from './desk-materials.tsx';
import { DeskResident } from './desk-resident.tsx';
import { SameBagQuestion } from './desk-same-bag.tsx';
import { DeskScale } from './desk-scale.tsx';
import { DeskSummary } from './desk-summary.tsx';
import { useWeighing } from './desk-weighing.ts';
import { ScaleCheck } from './scale-check.tsx';
import { ScaleSetup } from './scale-setup.tsx';
import { type Paper, SimulatedPanel } from './simulated.tsx';
import styles from './till.module.css';

/** What stands on the right. */
type Side = 'measure' | 'count' | 'approval' | 'check' | 'set_up';

interface DeskProps {
  readonly snapshot: Snapshot;
  readonly desk: DeskView;
  /** Whether the simulated devices are shown, and what their printer gave out. */
  readonly isSimulatedShown: boolean;
  readonly papers: readonly Paper[];
}

export function DeskScreen({ snapshot, desk, isSimulatedShown, papers }: DeskProps) {
  const { t } = useTranslation('desk');
  const { known, run } = usePage();
  const [asked, setSide] = useState<Side>('measure');
  /** The credit whose visitor has gone. */
  const [seenOff, setSeenOff] = useState<string | null>(null);
  const { weighing, weigh, giveUp, answerSameBag } = useWeighing(desk);
  const { state, credit } = useCredit(desk);
  const material = desk.materials.find(({ id }) => id === desk.material) ?? null;
  const { quote, lastCredit } = desk;
  const side = sideThatFits(asked, desk);
  const isSeen = lastCredit !== null && lastCredit.creditId !== seenOff && !lastCredit.isReversed;
  const isOver = isSeen && desk.bags.length === 0 && desk.resident === null && weighing === 'idle';
  /** Where there is room for one column only, the right one stands alone. */
  const isAlone = isOver ? !isSimulatedShown : side !== 'measure' || weighing === 'same_bag';
  /** A bag that is still being weighed belongs to this credit: Enter struck over it must not leave it to the next household. */
  const isReady = quote.problem === null && desk.resident !== null && weighing === 'idle';
  const measure = (): void => setSide('measure');

  const choose = (id: string): void => {
    void run((call) => call.chooseMaterial({ materialId: id }));
    setSide(desk.materials.find((each) => each.id === id)?.measuredBy === 'count' ? 'count' : 'measure');
  };
  const start = (): void => {
    if (material?.measuredBy === 'count') setSide('count');
    else if (material !== null) weigh();
  };
  const give = (): void => {
    if (!isReady) return;
    if (quote.needsApproval) setSide('approval');
    else void credit(null).then((answer) => answer === 'approval_needed' && setSide('approval'));
  };
  const next = (): void => {
    measure();
    setSeenOff(lastCredit?.creditId ?? null);
  };
  const newest = desk.bags.at(-1);
  useKeys('screen', {
    commands: {
      quantity: start,
      back: measure,
      ...(newest && { undo: () => void removeBag(run, newest.bagId) }),
      pay: isOver ? next : give,
    },
  });

  if (side === 'set_up') return <ScaleSetup onClose={measure} />;
  return (
    <main
      className={`${styles.till} ${isAlone ? styles.alone : ''} ${known.link === 'lost' ? styles.away : ''}`}
      inert={known.link === 'lost'}
    >
      <section className={styles.left} aria-label={t('bags')}>
        <DeskResident resident={desk.resident} hasBags={desk.bags.length > 0} />
        {isSimulatedShown && <SimulatedPanel snapshot={snapshot} papers={papers} />}
        <DeskBags desk={desk} />
      </section>
      <section className={styles.right}>{rightPanel()}</section>
    </main>
  );

  function rightPanel() {
    if (weighing === 'same_bag') return <SameBagQuestion material={material} onAnswer={answerSameBag} />;
    if (isOver) return <CreditedPanel credited={lastCredit} snapshot={snapshot} onNext={next} />;
    switch (side) {
      case 'count':
        // another material, another count: what was typed for the one before is gone
        return <CountPanel key={desk.material} desk={desk} material={material!} onClose={measure} />; // sideThatFits saw it
      case 'approval':
        return (
          <ApprovalPanel
            key={desk.digest}
            act={{ kind: 'credit', creditId: desk.creditId, points: quote.points, digest: desk.digest }}
            number=""
            onApproved={(approvalId) => void credit(approvalId).then((answer) => answer !== 'unanswered' && measure())}
            onClose={measure}
          />
        );
      case 'check':
        return <ScaleCheck onDone={measure} onClose={measure} />;
      case 'set_up': // has the whole screen
      case 'measure':
        return (
          <>
            <DeskScale
              desk={desk}
              scale={snapshot.scale}
              material={material}
              weighing={weighing}
              onStart={start}
              onGiveUp={giveUp}
              onCheck={() => setSide('check')}
              onSetUp={snapshot.operator?.role === 'owner' ? () => setSide('set_up') : null}
            />
            <MaterialTiles desk={desk} isWaiting={weighing === 'waiting'} onChoose={choose} />
            <DeskSummary desk={desk} state={state} isWeighing={weighing !== 'idle'} onCredit={give} />
          </>
        );
      default:
        return never(side);
    }
  }
}

/** What was asked for, or the scale where it makes no sense any more: nothing chosen that is counted, nothing to approve. */
function sideThatFits(asked: Side, { materials, material, quote, resident }: DeskView): Side {
  const fits =
    asked === 'count'
      ? materials.find(({ id }) => id === material)?.measuredBy === 'count'
      : asked === 'approval'
        ? quote.problem === null && resident !== null
        : true;
  return fits ? asked : 'measure';
}
