// What the sale comes to, and the one big button. Always bottom right; the figures are the engine's quote.

import { useTranslation } from 'react-i18next';
import { type Points, points } from '../../db/model/amounts.ts';
import { pointsText } from '../../db/model/format.ts';
import type { CartView } from '../../electron/ipc/snapshot.ts';
import { keyMap } from '../keyboard.ts';
import { Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { PointsUsed, payWord, SaleTotal } from '../parts/sale-amounts.tsx';
import styles from './summary.module.css';

interface SummaryProps {
  readonly cart: CartView;
  readonly onPoints: () => void;
  readonly onPay: () => void;
}

export function Summary({ cart, onPoints, onPay }: SummaryProps) {
  const { t } = useTranslation('till');
  const { quote, resident } = cart;
  return (
    <div className={styles.summary}>
      <dl className={styles.amounts}>
        <div>
          <dt>{t('total')}</dt>
          <dd>
            <SaleTotal {...quote} />
          </dd>
        </div>
        {resident !== null && (
          <div>
            <dt>{t('pointsUsed')}</dt>
            <dd className={styles.points}>
              <PointsUsed {...quote} />
              <Button onPress={onPoints} disabled={quote.problem !== null || quote.maxPoints === 0}>
                {t('change')} <kbd>{keyMap.points.shown}</kbd>
              </Button>
            </dd>
          </div>
        )}
      </dl>
      <div className={styles.pay}>
        <p>
          <span>{t('stillToPay')}</span> <Yuan fen={quote.dueFen} size="huge" />
        </p>
        <Button kind="main" size="large" className={styles.button} disabled={quote.problem !== null} onPress={onPay}>
          {t(payWord(quote))}
        </Button>
        {quote.problem !== null && quote.problem !== 'empty' && (
          <p className={styles.problem} role="alert">
            {t(`problem_${quote.problem}`, { n: pointsText(missingPoints(cart)) })}
          </p>
        )}
      </div>
    </div>
  );
}

/** How many points the goods priced in points want beyond what the card has. */
function missingPoints({ quote, resident }: CartView): Points {
  return points(Math.max(0, quote.requiredPoints - (resident?.allowance.usable ?? 0)));
}
