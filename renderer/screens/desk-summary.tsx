// What the bags come to, and the one big key. Always bottom right; the figures are the engine's quote.

import { useTranslation } from 'react-i18next';
import { type Points, points } from '../../db/model/amounts.ts';
import { pointsText } from '../../db/model/format.ts';
import type { CreditLineView, DeskView } from '../../electron/ipc/snapshot.ts';
import { keyMap } from '../keyboard.ts';
import { PointsAmount } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import type { CreditState } from './desk-credit.ts';
import styles from './desk-summary.module.css';

interface DeskSummaryProps {
  readonly desk: DeskView;
  readonly state: CreditState;
  /** A bag is on the scale and not noted yet. */
  readonly isWeighing: boolean;
  readonly onCredit: () => void;
}

export function DeskSummary({ desk, state, isWeighing, onCredit }: DeskSummaryProps) {
  const { t } = useTranslation(['desk', 'refused']);
  const { quote, resident } = desk;
  const isWorking = state === 'working';
  const cap = capToTell(quote);
  return (
    <div className={styles.summary}>
      <div className={styles.sum}>
        <p className={styles.total}>
          <span>{t('desk:total')}</span> <PointsAmount points={quote.points} size="giant" />
        </p>
        {cap !== null && (
          <p className={cap.amount > cap.left ? styles.over : ''}>
            {cap.line !== null && (
              <>
                <LocalName zh={cap.line.zh} bo={cap.line.bo} /> ·{' '}
              </>
            )}
            {t(`desk:left_${cap.whose}`, { n: pointsText(cap.left) })}
            {cap.amount > cap.left && <> · {t('desk:overBy', { n: pointsText(points(cap.amount - cap.left)) })}</>}
          </p>
        )}
        {quote.needsApproval && quote.problem === null && <p className={styles.leave}>{t('desk:approvalAhead')}</p>}
      </div>
      <div className={styles.credit}>
        <Button
          kind="main"
          size="large"
          className={styles.button}
          disabled={isWorking || isWeighing || quote.problem !== null || resident === null}
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

interface Cap {
  readonly whose: 'account' | 'operator' | 'kiosk' | 'material';
  /** Of which material the cap is; null: of all. */
  readonly line: CreditLineView | null;
  /** Before this credit. */
  readonly left: Points;
  /** What this credit would take of it. */
  readonly amount: Points;
}

/** The cap of today that blocks; where none does, the tightest under which the same once more would not fit. */
function capToTell({ left, points: total, lines, problem }: DeskView['quote']): Cap | null {
  const caps = [
    ...lines.map((line, i) => ({ whose: 'material' as const, line, left: left.materials[i] ?? null, amount: line.points })),
    ...(['account', 'operator', 'kiosk'] as const).map((whose) => ({ whose, line: null, left: left[whose], amount: total })),
  ].flatMap((cap): Cap[] => (cap.left === null ? [] : [{ ...cap, left: cap.left }]));
  if (problem === null) return caps.filter((cap) => cap.left < 2 * cap.amount).toSorted((a, b) => a.left - b.left)[0] ?? null;
  return caps.find((cap) => problem === `${cap.whose}_cap` && cap.amount > cap.left) ?? null;
}
