// Sales already made, and where there is a desk the credits already given: which of the two lists is looked at. A sale shows
// what was paid in what, and its receipt.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import type { Place, SaleSummary } from '../../electron/ipc/snapshot.ts';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { Paper, PastList, type PastListFrame, type PastPage } from './past-list.tsx';
import { RecentCredits } from './recent-credits.tsx';
import styles from './recent.module.css';

interface RecentProps {
  readonly revision: number;
  /** Where the operator comes from: what was done there is shown first. */
  readonly place: Place;
  readonly hasDesk: boolean;
  readonly onClose: () => void;
}

export function RecentScreen({ revision, place, hasDesk, onClose }: RecentProps) {
  const { t } = useTranslation(['recent', 'credits']);
  const [shown, setShown] = useState<Place>(place);
  const titles = { till: t('recent:title'), desk: t('credits:title') };
  const title = hasDesk
    ? (['till', 'desk'] as const).map((each) => (
        <Button key={each} chosen={each === shown} onPress={() => setShown(each)}>
          {titles[each]}
        </Button>
      ))
    : titles.till;
  const List = hasDesk && shown === 'desk' ? RecentCredits : RecentSales;
  return <List title={title} revision={revision} onClose={onClose} />;
}

function RecentSales(frame: PastListFrame) {
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
