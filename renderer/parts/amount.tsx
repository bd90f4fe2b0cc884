// Money and points as text on the page, with their unit in the page's language. Computes nothing.

import { useTranslation } from 'react-i18next';
import type { Fen, Points } from '../../db/model/amounts.ts';
import { pointsText, yuanText } from '../../db/model/format.ts';
import styles from './amount.module.css';

interface Size {
  /** `huge` for what must be read across the counter. */
  readonly size?: 'normal' | 'large' | 'huge' | 'giant';
}

/** 12.50 元 */
export function Yuan({ fen, size = 'normal' }: Size & { readonly fen: Fen }) {
  const { t } = useTranslation('common');
  return <Amount kind="yuan" text={yuanText(fen)} unit={t('yuan')} size={size} />;
}

/** 200 积分 */
export function PointsAmount({ points, size = 'normal' }: Size & { readonly points: Points }) {
  const { t } = useTranslation('common');
  return <Amount kind="points" text={pointsText(points)} unit={t('points')} size={size} />;
}

function Amount({
  kind,
  text,
  unit,
  size,
}: Required<Size> & { readonly kind: 'yuan' | 'points'; readonly text: string; readonly unit: string }) {
  return (
    <span className={`${styles.amount} ${styles[kind]} ${styles[size]}`}>
      <span className="number">{text}</span> <span className={styles.unit}>{unit}</span>
    </span>
  );
}
