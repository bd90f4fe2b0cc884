// The credit just given: for whom, how many points, what can be used now, where the ticket stands. Stays until the next card
// or the next bag.

import { useTranslation } from 'react-i18next';
import type { CreditedView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { keyMap } from '../keyboard.ts';
import { PointsAmount } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { ApprovalPanel, useReprint } from './approval.tsx';
import { useAmountText } from './desk-bags.tsx';
import { DonePanel } from './done-panel.tsx';
import { isDown } from './printing.tsx';
import styles from './paid.module.css';

interface CreditedPanelProps {
  readonly credited: CreditedView;
  readonly snapshot: Pick<Snapshot, 'printer' | 'printJobs'>;
  readonly onNext: () => void;
}

export function CreditedPanel({ credited, snapshot: { printer, printJobs }, onNext }: CreditedPanelProps) {
  const { t } = useTranslation(['desk', 'printing']);
  const { asked, reprint, close } = useReprint();
  const amount = useAmountText();
  const { creditId, ticketNumber, print } = credited;
  // the strip above asks about this ticket and offers to print it: not twice
  const isAsked = printJobs.some((job) => job.actId === creditId);
  const isBadPrint = print.kind === 'failed' || print.kind === 'unknown';
  if (asked?.saleId === creditId)
    return <ApprovalPanel act={asked} number={ticketNumber} onApproved={(approvalId) => reprint(creditId, approvalId)} onClose={close} />;
  return (
    <DonePanel
      title={t('desk:credited')}
      facts={
        <>
          <div className={styles.main}>
            <dt>{t('desk:creditedTo', { name: credited.residentMasked })}</dt>
            <dd className={styles.gain}>
              + <PointsAmount points={credited.points} size="giant" />
            </dd>
          </div>
          <div className={styles.main}>
            <dt>{t('desk:usableNow')}</dt>
            <dd>
              <PointsAmount points={credited.usableBefore} size="large" /> → <PointsAmount points={credited.usableAfter} size="huge" />
            </dd>
          </div>
          {credited.lines.map((line) => (
            <div key={line.materialId}>
              <dt>
                <LocalName zh={line.zh} bo={line.bo} />
              </dt>
              <dd>
                {amount(line.measuredBy, line.units)} = <PointsAmount points={line.points} />
              </dd>
            </div>
          ))}
        </>
      }
      print={
        <>
          {t('desk:ticket')} <span className={styles.receipt}>{ticketNumber}</span> · {t(`desk:print_${print.kind}`)}
          {print.kind === 'failed' && <> · {t(`printing:failure_${print.cause}.what`)}</>}
        </>
      }
      isBadPrint={isBadPrint}
      buttons={
        <>
          {!isAsked && (
            <Button size="large" onPress={() => reprint(creditId)}>
              {isDown(printer) ? t('desk:reprintLater') : t('desk:reprint')}
            </Button>
          )}
          <Button kind="main" size="large" className={styles.next} onPress={onNext}>
            <span>
              {t('desk:next')} <kbd>{keyMap.pay.shown}</kbd>
            </span>
          </Button>
        </>
      }
      hint={t('desk:nextHint')}
    />
  );
}
