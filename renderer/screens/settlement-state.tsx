// How far a settlement is, as a picture and its word. Never colour alone.

import { useTranslation } from 'react-i18next';
import type { Fen } from '../../db/model/amounts.ts';
import type { SettlementState } from '../../db/model/settlement.ts';
import styles from './settlement.module.css';

interface SettlementStateProps {
  readonly state: SettlementState;
  /** All that was paid of it by then; null before it was paid anything. */
  readonly paidFen: Fen | null;
  readonly owedFen: Fen;
}

export function SettlementStateSign({ state: told, paidFen, owedFen }: SettlementStateProps) {
  const { t } = useTranslation('settlement');
  const state = told === 'paid' && paidFen !== null && paidFen < owedFen ? 'part' : told;
  return (
    <span className={`${styles.state} ${styles[state]}`}>
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d={signs[state]} />
      </svg>
      {t(`state_${state}`)}
    </span>
  );
}

/** A clock, an arrow out of a tray, a stamp, half a coin, a coin with a tick. */
const signs: { readonly [state in SettlementState | 'part']: string } = {
  prepared: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l4 2',
  sent: 'M12 15V3M7 8l5-5 5 5M4 14v7h16v-7',
  accepted: 'M9 3h6v5l-1 4h5v5H5v-5h5L9 8zM4 21h16',
  part: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 7h5M12 12h8M12 17h5',
  paid: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12l3 3 5-6',
};
