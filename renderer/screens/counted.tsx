// A count of the drawer beside what the book expected, and the reasons for a difference where one is asked. Knows no way on: that is
// the screen's, and stands in its place.

import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type DifferenceReason, differenceReasons } from '../../db/model/reasons.ts';
import type { CountedView } from '../../electron/ipc/day-views.ts';
import { Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import styles from './counted.module.css';
import { Difference } from './difference.tsx';

interface CountedProps {
  readonly counted: CountedView;
  /** A reason is asked, and which was chosen; null: none is asked. */
  readonly asked: { readonly reason: DifferenceReason | null; readonly onReason: (reason: DifferenceReason) => void } | null;
  readonly isAsking: boolean;
  readonly children: ReactNode;
}

export function Counted({ counted, asked, isAsking, children }: CountedProps) {
  const { t } = useTranslation('count');
  return (
    <div className={styles.compare}>
      <div className={styles.sums}>
        <dl>
          <div>
            <dt>{t('expected')}</dt>
            <dd>
              <Yuan fen={counted.expectedFen} size="giant" />
            </dd>
          </div>
          <div>
            <dt>{t('counted')}</dt>
            <dd>
              <Yuan fen={counted.countedFen} size="giant" />
            </dd>
          </div>
        </dl>
        <p className={styles.difference}>
          <Difference fen={counted.differenceFen} size="giant" />
        </p>
      </div>
      <div className={styles.side}>
        {asked !== null && (
          <>
            <h2>{t('why')}</h2>
            <ul className={styles.reasons}>
              {differenceReasons.map((each) => (
                <li key={each}>
                  <Button size="large" disabled={isAsking} chosen={each === asked.reason} onPress={() => asked.onReason(each)}>
                    {t(`reason_${each}`)}
                  </Button>
                </li>
              ))}
            </ul>
          </>
        )}
        {children}
      </div>
    </div>
  );
}
