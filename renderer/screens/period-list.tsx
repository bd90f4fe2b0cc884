// The days that were closed, newest first: what was sold, what the drawer was over or short by, the slip as it was printed, and the way
// into the day's figures.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dateText } from '../../db/model/format.ts';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { ClosingSummary } from '../../electron/ipc/day-views.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import { useLanguage } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { Difference } from './difference.tsx';
import { Paper, PastList, type PastPage } from './past-list.tsx';
import { PeriodScreen } from './period.tsx';
import styles from './period.module.css';

interface ClosingsProps {
  /** Of the snapshot: a day may have been closed since. */
  readonly revision: number;
  readonly onClose: () => void;
}

export function ClosingsScreen({ revision, onClose }: ClosingsProps) {
  const { t } = useTranslation(['period', 'office']);
  const language = useLanguage();
  const [opened, setOpened] = useState<number | null>(null);
  if (opened !== null) return <PeriodScreen number={opened} onClose={() => setOpened(null)} />;
  return (
    <PastList
      title={t('office:closings')}
      revision={revision}
      onClose={onClose}
      ask={closingsBefore}
      none={t('period:none')}
      choose={t('period:chooseClosing')}
      factsOf={({ actId, at, closingNumber }) => ({ id: actId, at, number: closingNumber })}
      renderRow={({ day, totalFen, points, differenceFen }) => (
        <>
          <strong className={styles.day}>{t('period:dayOf', { date: dateText(day, language) })}</strong>
          <span className={styles.amounts}>
            <Yuan fen={totalFen} />
            <PointsAmount points={points} />
            {differenceFen !== 0 && <Difference fen={differenceFen} />}
          </span>
        </>
      )}
      renderChosen={({ actId, closingNumber, number }) => (
        <Paper
          key={actId}
          actId={actId}
          number={closingNumber}
          copies={null}
          also={<Button onPress={() => setOpened(number)}>{t('period:open')}</Button>}
        />
      )}
    />
  );
}

async function closingsBefore(call: Client<Contract>, beforeNumber: number | null): Promise<PastPage<ClosingSummary>> {
  const { closings, nextBeforeNumber } = await call.closings({ beforeNumber });
  return { rows: closings, nextBeforeSeq: nextBeforeNumber };
}
