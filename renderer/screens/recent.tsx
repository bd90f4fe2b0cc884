// Sales already made: what was paid in what, the receipt as it was printed, and a marked copy of it.

import { useTranslation } from 'react-i18next';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import type { SaleSummary } from '../../electron/ipc/snapshot.ts';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Paper, PastList, type PastListFrame, type PastPage } from './past-list.tsx';
import styles from './recent.module.css';

export function RecentSales(frame: PastListFrame) {
  const { t } = useTranslation('recent');
  return (
    <PastList
      {...frame}
      ask={salesBefore}
      none={t('none')}
      choose={t('choose')}
      factsOf={({ saleId, at, receiptNumber }) => ({ id: saleId, at, number: receiptNumber })}
      renderRow={(sale) => (
        <span className={styles.sums}>
          <Parts {...sale} />
        </span>
      )}
      renderChosen={({ saleId, receiptNumber, copies }) => <Paper key={saleId} actId={saleId} number={receiptNumber} copies={copies} />}
    />
  );
}

async function salesBefore(call: Client<Contract>, beforeSeq: number | null): Promise<PastPage<SaleSummary>> {
  const { sales, nextBeforeSeq } = await call.recentSales({ beforeSeq });
  return { rows: sales, nextBeforeSeq };
}

/** What was paid in what: never one sum that another already holds. */
function Parts({ cashFen, otherFen, points }: Pick<SaleSummary, 'cashFen' | 'otherFen' | 'points'>) {
  const { t } = useTranslation('recent');
  return (
    <>
      {(cashFen > 0 || (otherFen === 0 && points === 0)) && (
        <span>
          <small>{t('cash')}</small> <Yuan fen={cashFen} />
        </span>
      )}
      {otherFen > 0 && (
        <span>
          <small>{t('other')}</small> <Yuan fen={otherFen} />
        </span>
      )}
      {points > 0 && (
        <span>
          <small>{t('points')}</small> <PointsAmount points={points} />
        </span>
      )}
    </>
  );
}
