// The sale just paid: change, points left, where the receipt stands. Stays until the next scan.

import { useTranslation } from 'react-i18next';
import type { PaidView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { keyMap } from '../keyboard.ts';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { PointsUsed, SaleTotal } from '../parts/sale-amounts.tsx';
import { ApprovalPanel, useReprint } from './approval.tsx';
import { DonePanel } from './done-panel.tsx';
import { isDown } from './printing.tsx';
import styles from './paid.module.css';

interface PaidPanelProps {
  readonly sale: PaidView;
  readonly snapshot: Pick<Snapshot, 'printer' | 'printJobs'>;
  readonly onNext: () => void;
}

export function PaidPanel({ sale, snapshot: { printer, printJobs }, onNext }: PaidPanelProps) {
  const { t } = useTranslation(['paid', 'printing']);
  const { asked, reprint, close } = useReprint();
  const { print, saleId } = sale;
  // the strip above asks about this receipt and offers to print it: not twice
  const isAsked = printJobs.some((job) => job.actId === saleId);
  const isPrinterDown = isDown(printer);
  const cash = sale.payments.find((payment) => payment.kind === 'cash');
  const other = sale.payments.find((payment) => payment.kind === 'other');
  const isBadPrint = print.kind === 'failed' || print.kind === 'unknown';
  if (asked?.saleId === saleId)
    return (
      <ApprovalPanel act={asked} number={sale.receiptNumber} onApproved={(approvalId) => reprint(saleId, approvalId)} onClose={close} />
    );
  return (
    <DonePanel
      title={t('paid:title')}
      facts={
        <>
          <div className={styles.main}>
            <dt>{t('paid:change')}</dt>
            <dd>{cash && cash.changeFen > 0 ? <Yuan fen={cash.changeFen} size="giant" /> : <strong>{t('paid:noChange')}</strong>}</dd>
          </div>
          {sale.usableAfter !== null && (
            <div className={styles.main}>
              <dt>{t('paid:pointsLeft')}</dt>
              <dd>
                <PointsAmount points={sale.usableAfter} size="giant" />
              </dd>
            </div>
          )}
          <div>
            <dt>{t('paid:total')}</dt>
            <dd>
              <SaleTotal {...sale} />
            </dd>
          </div>
          {sale.points > 0 && (
            <div>
              <dt>{t('paid:pointsUsed')}</dt>
              <dd>
                <PointsUsed {...sale} />
              </dd>
            </div>
          )}
          {cash && (
            <div>
              <dt>{t('paid:received')}</dt>
              <dd>
                <Yuan fen={cash.tenderedFen} size="large" />
              </dd>
            </div>
          )}
          {other && (
            <div>
              <dt>{t('paid:otherReceived')}</dt>
              <dd>
                <Yuan fen={other.fen} size="large" />
              </dd>
            </div>
          )}
          <div>
            <dt>{t('paid:receipt')}</dt>
            <dd className={styles.receipt}>{sale.receiptNumber}</dd>
          </div>
        </>
      }
      print={
        <>
          {t(`paid:print_${print.kind}`)}
          {print.kind === 'failed' && <> · {t(`printing:failure_${print.cause}.what`)}</>}
        </>
      }
      isBadPrint={isBadPrint}
      buttons={
        <>
          {!isAsked && (
            <Button size="large" onPress={() => reprint(saleId)}>
              {isPrinterDown ? t('paid:reprintLater') : t('paid:reprint')}
            </Button>
          )}
          <Button kind="main" size="large" className={styles.next} onPress={onNext}>
            <span>
              {t('paid:next')} <kbd>{keyMap.pay.shown}</kbd>
            </span>
          </Button>
        </>
      }
      // what the strip above asks comes first, and its line takes the room of this one
      hint={isAsked ? null : t('paid:nextHint')}
    />
  );
}
