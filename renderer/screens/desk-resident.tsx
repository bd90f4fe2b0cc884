// Who the bags of the desk are credited to; before anybody is known, what to do first. Decides nothing.

import { useTranslation } from 'react-i18next';
import type { ResidentView } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { PointsAmount } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import styles from './resident.module.css';

export function DeskResident({ resident, hasBags }: { readonly resident: ResidentView | null; readonly hasBags: boolean }) {
  const { t } = useTranslation(['desk', 'till']);
  const { run } = usePage();
  if (resident === null)
    return (
      <div className={`${styles.strip} ${styles.none}`}>
        <span className={styles.card} aria-hidden="true" />
        <p>
          <strong>{t('till:scanCard')}</strong>
          <br />
          {hasBags ? t('desk:cardNow') : t('desk:eitherFirst')}
        </p>
      </div>
    );
  return (
    <div className={styles.strip}>
      <div className={styles.who}>
        <p>
          <strong className={styles.name}>{resident.masked}</strong>{' '}
          <span>
            <LocalName {...resident.group} /> · {resident.village}
          </span>
          {!resident.isHome && <span className={styles.away}>{t('till:away')}</span>}
        </p>
        <Button onPress={() => void run((call) => call.dropDeskResident())}>{t('till:removeCard')}</Button>
      </div>
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
