// An amount of a figure with its unit, as the figure's name says what it is in. Computes nothing.

import { useTranslation } from 'react-i18next';
import { fen, points } from '../../db/model/amounts.ts';
import { countText, kilogramsText } from '../../db/model/format.ts';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import type { FigureUnit } from './period-figures.ts';
import styles from './period.module.css';

interface FigureAmountProps {
  readonly amount: number;
  readonly unit: FigureUnit;
  readonly size?: 'normal' | 'large' | 'huge';
}

export function FigureAmount({ amount, unit, size = 'large' }: FigureAmountProps) {
  const { t } = useTranslation('period');
  switch (unit) {
    case 'fen':
      return <Yuan fen={fen(amount)} size={size} />;
    case 'points':
      return <PointsAmount points={points(amount)} size={size} />;
    default:
      return (
        <span className={`${styles.amount} ${styles[size]}`}>
          <span className="number">{unit === 'grams' ? kilogramsText(amount) : countText(amount)}</span>
          {unit !== 'count' && <small> {t(unit === 'grams' ? 'kilograms' : 'pieces')}</small>}
        </span>
      );
  }
}
