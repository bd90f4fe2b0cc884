// Money and points as text on the page, with their unit in the page's language. Computes nothing. A cart of a hundred lines
// holds as many: they read their unit from the page's context, since as many listeners of i18next made a switch of language slow.

import type { Fen, Points } from '../../db/model/amounts.ts';
import { pointsText, yuanText } from '../../db/model/format.ts';
import { texts } from '../languages/languages.ts';
import { useLanguage } from '../page.tsx';
import styles from './amount.module.css';

interface Size {
  /** `huge` for what must be read across the counter. */
  readonly size?: 'normal' | 'large' | 'huge' | 'giant';
}

/** 12.50 元 */
export function Yuan({ fen, size = 'normal' }: Size & { readonly fen: Fen }) {
  const language = useLanguage();
  return <Amount kind="yuan" text={yuanText(fen)} unit={texts[language].common.yuan} size={size} />;
}

/** 200 积分 */
export function PointsAmount({ points, size = 'normal' }: Size & { readonly points: Points }) {
  const language = useLanguage();
  return <Amount kind="points" text={pointsText(points)} unit={texts[language].common.points} size={size} />;
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
