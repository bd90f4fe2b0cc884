// Who the points belong to, and the two numbers a resident asks for: usable here now, and in the whole county with its age.

import { useTranslation } from 'react-i18next';
import { minuteText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import type { ResidentView } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { PointsAmount } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import styles from './resident.module.css';

export function ResidentStrip({ resident }: { readonly resident: ResidentView | null }) {
  const { t } = useTranslation('till');
  const { run, language } = usePage();
  if (resident === null)
    return (
      <div className={`${styles.strip} ${styles.none}`}>
        <span className={styles.card} aria-hidden="true" />
        <p>
          <strong>{t('scanCard')}</strong>
          <br />
          {t('noCard')}
        </p>
      </div>
    );
  const { allowance, countyAsOf } = resident;
  const limit = limitText(allowance.limitedBy);
  return (
    <div className={styles.strip}>
      <div className={styles.who}>
        <p>
          <strong className={styles.name}>{resident.masked}</strong>{' '}
          <span>
            <LocalName {...resident.group} /> · {resident.village}
          </span>
          {!resident.isHome && <span className={styles.away}>{t('away')}</span>}
        </p>
        <Button onPress={() => void run((call) => call.dropResident())}>{t('removeCard')}</Button>
      </div>
      <dl className={styles.numbers}>
        <div>
          <dt>{t('usableHere')}</dt>
          <dd>
            <PointsAmount points={allowance.usable} size="huge" />
          </dd>
          {limit !== null && <dd className={styles.note}>{limit}</dd>}
        </div>
        <div>
          <dt>{t('countyBalance')}</dt>
          <dd>
            <PointsAmount points={allowance.countyBalance} size="large" />
          </dd>
          <dd className={styles.note}>{countyAsOf === null ? t('asOfNever') : t('asOf', { time: minuteText(countyAsOf, language) })}</dd>
        </div>
      </dl>
    </div>
  );

  function limitText(limitedBy: typeof allowance.limitedBy): string | null {
    switch (limitedBy) {
      case 'balance':
        return null;
      case 'sale-cap':
        return t('limited_saleCap');
      case 'day-cap':
        return t('limited_dayCap');
      case 'roaming':
        return t('limited_roaming');
      default:
        return never(limitedBy);
    }
  }
}
