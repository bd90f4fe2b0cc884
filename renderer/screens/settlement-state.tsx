// How far a settlement is, as a picture and its word. Never colour alone.

import { useTranslation } from 'react-i18next';
import type { SettlementState } from '../../db/model/settlement.ts';
import styles from './settlement.module.css';

export function SettlementStateSign({ state }: { readonly state: SettlementState }) {
  const { t } = useTranslation('settlement');
  return (
    <span className={`${styles.state} ${styles[state]}`}>
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d={signs[state]} />
      </svg>
      {t(`state_${state}`)}
    </span>
  );
}

/** A clock, an arrow out of a tray, a stamp, a coin with a tick. */
const signs: { readonly [state in SettlementState]: string } = {
  prepared: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l4 2',
  sent: 'M12 15V3M7 8l5-5 5 5M4 14v7h16v-7',
  accepted: 'M9 3h6v5l-1 4h5v5H5v-5h5L9 8zM4 21h16',
  paid: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12l3 3 5-6',
};
