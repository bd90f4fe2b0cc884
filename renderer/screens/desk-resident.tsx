// Who the bags of the desk are credited to; before anybody is known, what to do first. Decides nothing.

import { useTranslation } from 'react-i18next';
import type { ResidentView } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { PointsAmount } from '../parts/amount.tsx';
import { NoCard, Who } from './resident.tsx';
import styles from './resident.module.css';

export function DeskResident({ resident, hasBags }: { readonly resident: ResidentView | null; readonly hasBags: boolean }) {
  const { t } = useTranslation(['desk', 'till']);
  const { run } = usePage();
  if (resident === null) return <NoCard>{hasBags ? t('desk:cardNow') : t('desk:eitherFirst')}</NoCard>;
  return (
    <div className={styles.strip}>
      <Who resident={resident} onDrop={() => void run((call) => call.dropDeskResident())} />
      <dl className={styles.numbers}>
        <div>
          <dt>{t('till:usableHere')}</dt>
          <dd>
            <PointsAmount points={resident.allowance.usable} size="large" />
          </dd>
        </div>
      </dl>
    </div>
  );
}
