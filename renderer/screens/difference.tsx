// What a count of the drawer was over or short by: a sign, the word and the amount. Never colour alone.

import { useTranslation } from 'react-i18next';
import { fen as asFen, type Fen } from '../../db/model/amounts.ts';
import { Yuan } from '../parts/amount.tsx';
import styles from './difference.module.css';

interface DifferenceProps {
  /** Counted less expected. */
  readonly fen: Fen;
  readonly size?: 'normal' | 'giant';
}

export function Difference({ fen, size = 'normal' }: DifferenceProps) {
  const { t } = useTranslation('count');
  if (fen === 0)
    return (
      <span className={`${styles.difference} ${styles.even}`}>
        <span aria-hidden="true">✓</span> {t('exact')}
      </span>
    );
  return (
    <span className={`${styles.difference} ${fen > 0 ? styles.over : styles.short}`}>
      <span>
        <span aria-hidden="true">{fen > 0 ? '▲' : '▼'}</span> {t(fen > 0 ? 'over' : 'short')}
      </span>{' '}
      <Yuan fen={asFen(Math.abs(fen))} size={size} />
    </span>
  );
}
