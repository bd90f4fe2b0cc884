// What the bags come to, and the one big key. Always bottom right; the figures are the engine's quote.

import { useTranslation } from 'react-i18next';
import type { Points } from '../../db/model/amounts.ts';
import { pointsText } from '../../db/model/format.ts';
import type { DeskView } from '../../electron/ipc/snapshot.ts';
import { keyMap } from '../keyboard.ts';
import { PointsAmount } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import type { CreditState } from './desk-credit.ts';
import styles from './desk-summary.module.css';

interface DeskSummaryProps {
  readonly desk: DeskView;
  readonly state: CreditState;
  readonly onCredit: () => void;
}

export function DeskSummary({ desk, state, onCredit }: DeskSummaryProps) {
  const { t } = useTranslation(['desk', 'refused']);
  const { quote, resident } = desk;
  const isWorking = state === 'working';
  const isCap = quote.problem !== null && quote.problem.endsWith('_cap');
  const near = nearCap(quote);
  return (
    <div className={styles.summary}>
      <div className={styles.sum}>
        <p className={styles.total}>
          <span>{t('desk:total')}</span> <PointsAmount points={quote.points} size="giant" />
        </p>
        {near !== null && <p className={isCap ? styles.over : ''}>{t(`desk:left_${near.whose}`, { n: pointsText(near.left) })}</p>}
        {quote.needsApproval && quote.problem === null && <p className={styles.leave}>{t('desk:approvalAhead')}</p>}
      </div>
      <div className={styles.credit}>
        <Button
          kind="main"
          size="large"
          className={styles.button}
          disabled={isWorking || quote.problem !== null || resident === null}
          onPress={onCredit}
        >
          <span>
            {isWorking ? t('desk:working') : t('desk:credit')} <kbd>{keyMap.pay.shown}</kbd>
          </span>
        </Button>
        {quote.problem !== null && quote.problem !== 'empty' ? (
          <p className={styles.problem} role="alert">
            {t(`refused:${quote.problem}.what`)} {t(`refused:${quote.problem}.action`)}
          </p>
        ) : state === 'unanswered' ? (
          <p className={styles.problem} role="alert">
            {t('desk:unanswered')}
          </p>
        ) : quote.problem === null && resident === null ? (
          <p className={styles.problem}>{t('desk:needsCard')}</p>
        ) : null}
      </div>
    </div>
  );
}

interface NearCap {
  readonly whose: 'account' | 'operator' | 'kiosk' | 'material';
  readonly left: Points;
}

/** Caps of today under which the same once more would not fit: near enough to be spoken of. The tightest. */
function nearCap({ left, points, lines, problem }: DeskView['quote']): NearCap | null {
  if (problem === 'empty') return null;
  const all: (readonly [NearCap['whose'], Points | null, number])[] = [
    ['account', left.account, points],
    ['operator', left.operator, points],
    ['kiosk', left.kiosk, points],
    ...lines.map((line, i) => ['material', left.materials[i] ?? null, line.points] as const),
  ];
  const near = all.flatMap(([whose, cap, amount]) => (cap !== null && cap < 2 * amount ? [{ whose, left: cap }] : []));
  return near.toSorted((a, b) => a.left - b.left)[0] ?? null;
}
