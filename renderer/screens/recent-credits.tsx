// Credits already given: who brought what, the ticket, and taking one back with a reason and an owner's leave. Decides nothing:
// whether the points are still there the engine knows.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ReversalReason, reversalReasons } from '../../db/model/reasons.ts';
import { pointsText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import type { CreditSummary } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { PointsAmount } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { Pictogram } from '../parts/pictogram.tsx';
import { ReasonKeys } from '../parts/reason-keys.tsx';
import { ApprovalPanel } from './approval.tsx';
import { useAmountText } from './desk-bags.tsx';
import { Paper, PastList, type PastListFrame, type PastPage } from './past-list.tsx';
import styles from './recent-credits.module.css';

/** A credit with what its materials look like. */
type Credit = CreditSummary & { readonly pictures: readonly string[] };

export function RecentCredits(frame: PastListFrame) {
  const { t } = useTranslation('credits');
  return (
    <PastList
      {...frame}
      ask={creditsBefore}
      none={t('none')}
      choose={t('choose')}
      factsOf={({ creditId, at, ticketNumber }) => ({ id: creditId, at, number: ticketNumber })}
      renderRow={(credit) => <Brought credit={credit} />}
      renderChosen={(credit) => <ChosenCredit key={credit.creditId} credit={credit} />}
    />
  );
}

async function creditsBefore(call: Client<Contract>, beforeSeq: number | null): Promise<PastPage<Credit>> {
  const { credits, pictures, nextBeforeSeq } = await call.recentCredits({ beforeSeq });
  const rows = credits.map((credit) => ({ ...credit, pictures: credit.lines.map(({ materialId }) => pictures[materialId] ?? 'box') }));
  return { rows, nextBeforeSeq };
}

function Brought({ credit: { residentMasked, lines, pictures, points, standing } }: { readonly credit: Credit }) {
  const { t } = useTranslation('credits');
  const amount = useAmountText();
  return (
    <>
      <span className={styles.given}>
        <span className={standing === 'reversed' ? styles.gone : ''}>
          <PointsAmount points={points} />
        </span>
        {standing !== 'given' && <strong className={styles.standing}>{t(`standing_${standing}`)}</strong>}
      </span>
      <span className={styles.brought}>
        <strong>{residentMasked}</strong>
        {lines.map(({ materialId, measuredBy, units }, i) => (
          <span key={materialId} className={styles.material}>
            <span className={styles.picture}>
              <Pictogram name={pictures[i]!} />
            </span>
            {amount(measuredBy, units)}
          </span>
        ))}
      </span>
    </>
  );
}

/** How far taking back has come. The leave is used once: what nobody answered is asked again with the same one. */
type TakingBack =
  | { readonly kind: 'no' }
  | { readonly kind: 'why' }
  | { readonly kind: 'leave'; readonly reason: ReversalReason }
  | { readonly kind: 'working' | 'unanswered'; readonly reason: ReversalReason; readonly approvalId: string };

function ChosenCredit({ credit: { creditId, ticketNumber, residentMasked, points, copies, ...credit } }: { readonly credit: Credit }) {
  const { t } = useTranslation(['credits', 'common']);
  const { run } = usePage();
  const [taking, setTaking] = useState<TakingBack>({ kind: 'no' });
  const [answered, setAnswered] = useState<'reversed' | 'disputed' | null>(null);
  const standing = answered ?? credit.standing; // the list that says so comes a moment later
  const stop = (): void => setTaking({ kind: 'no' });

  const takeBack = async (reason: ReversalReason, approvalId: string): Promise<void> => {
    setTaking({ kind: 'working', reason, approvalId });
    const answer = await asOneAct(`take back ${creditId} ${reason} ${approvalId}`, (actId) =>
      run((call) => call.reverseCredit({ actId, creditId, reason, approvalId })),
    );
    if (answer === null) return setTaking({ kind: 'unanswered', reason, approvalId });
    if (answer.ok) setAnswered(answer.value);
    setTaking(!answer.ok && answer.code === 'approval_void' ? { kind: 'leave', reason } : { kind: 'no' });
  };
  switch (taking.kind) {
    case 'no':
      return (
        <Paper
          actId={creditId}
          number={ticketNumber}
          copies={copies}
          also={
            standing === 'given' && (
              <Button kind="danger" size="large" onPress={() => setTaking({ kind: 'why' })}>
                {t('credits:takeBack')}
              </Button>
            )
          }
        >
          {standing !== 'given' && (
            <p className={styles.told} role="status">
              <strong>{t(`credits:told_${standing}.what`, { points: pointsText(points), name: residentMasked })}</strong>{' '}
              {t(`credits:told_${standing}.action`, { name: residentMasked })}
            </p>
          )}
        </Paper>
      );
    case 'why':
      return (
        <div className={styles.why}>
          <h2>{t('credits:why')}</h2>
          <ReasonKeys
            reasons={reversalReasons}
            signs={reasonSigns}
            wordsOf={(reason) => t(`credits:reason_${reason}`)}
            onReason={(reason) => setTaking({ kind: 'leave', reason })}
          />
          <Button size="large" onPress={stop}>
            {t('common:back')}
          </Button>
        </div>
      );
    case 'leave':
      return (
        <ApprovalPanel
          act={{ kind: 'reverse_credit', creditId, points }}
          number={ticketNumber}
          onApproved={(approvalId) => void takeBack(taking.reason, approvalId)}
          onClose={stop}
        />
      );
    case 'working':
    case 'unanswered':
      return (
        <div className={styles.why}>
          <p role="status">{t(`credits:${taking.kind}`)}</p>
          <Button
            kind="main"
            size="large"
            disabled={taking.kind === 'working'}
            onPress={() => void takeBack(taking.reason, taking.approvalId)}
          >
            {t('common:pressAgain')}
          </Button>
        </div>
      );
    default:
      return never(taking);
  }
}

const cross = 'M33 7l10 10M43 7L33 17';
/** A person, a bottle and a scale, each with a cross beside it; a sack that is carried away. */
const reasonSigns: { readonly [reason in ReversalReason]: string } = {
  wrong_resident: `M11 14a7 7 0 1 0 14 0a7 7 0 1 0-14 0zM4 43v-5q0-11 14-11t14 11v5z${cross}`,
  wrong_material: `M14 5h8v8c0 3 5 4 5 10v17q0 3-3 3H12q-3 0-3-3V23c0-6 5-7 5-10zM9 27h18M9 36h18${cross}`,
  wrong_amount: `M4 16h24M16 16v7M8 23h16l4 20H4zM16 37l5-6${cross}`,
  not_handed_in: 'M5 18h22v25H5zM10 18q0-9 6-9t6 9M20 31h24M37 24l7 7-7 7',
};
