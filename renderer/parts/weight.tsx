// What is on the pan now, large enough to be read across the counter, and how the scale stands: a picture, a word, a
// colour. Takes no weight: what is credited or sold the engine weighs itself.

import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { kilogramsText } from '../../db/model/format.ts';
import type { ScaleView, WeightView } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import styles from './weight.module.css';

/** The newest weight of the scale, `none` where there is none. */
export function useWeight(): WeightView {
  const { store } = usePage();
  return useSyncExternalStore(store.weight.subscribe, store.weight.current);
}

interface LiveWeightProps {
  readonly scale: ScaleView;
  /** What we take off the next weighing; 0: nothing. */
  readonly tareGrams?: number;
}

/** The live weight, or what keeps the scale from saying one; where we take a tare off it, also what will be noted. */
export function LiveWeight({ scale, tareGrams = 0 }: LiveWeightProps) {
  return <WeightFigure state={scale.state} weight={useWeight()} tareGrams={tareGrams} />;
}

interface WeightFigureProps {
  readonly state: ScaleView['state'];
  readonly weight: WeightView;
  readonly tareGrams?: number;
}

/** A weight and how its scale stands; a scale on trial is shown like the till's own. */
export function WeightFigure({ state, weight, tareGrams = 0 }: WeightFigureProps) {
  const { t } = useTranslation('weight');
  const isThere = state === 'ready';
  const kind = isThere ? weight.kind : 'none';
  const grams = isThere ? weight.grams : null;
  /** What would be noted; nothing is, where nothing heavier than the tare is on the pan. */
  const net = kind === 'stable' || kind === 'moving' ? (grams ?? 0) - tareGrams : 0;
  return (
    <div className={`${styles.weight} ${styles[kind]}`}>
      <p className={styles.figure}>
        {/* a dash keeps the place of the figure: nothing below it moves when the scale comes back */}
        <span className="number">{grams === null ? '– – –' : kilogramsText(grams)}</span>{' '}
        <span className={styles.unit}>{t('kilograms')}</span>
      </p>
      <p className={styles.state}>
        {isThere && weight.isNet && <span className={styles.net}>{t('net')}</span>}
        {isThere && tareGrams > 0 && !weight.isNet && (
          <span className={styles.net}>{t('taking', { tare: kilogramsText(tareGrams), net: net > 0 ? kilogramsText(net) : '– – –' })}</span>
        )}
        <ScaleSign kind={kind} />
        <strong>{state !== 'ready' ? t(`scale_${state}`) : isEmptyNet(weight) ? t('netEmpty') : t(`is_${kind}`)}</strong>
      </p>
    </div>
  );
}

/** Nothing is on the pan, and the scale still takes its own tare off that nothing: no fault, and the next bag may come. */
export function isEmptyNet({ kind, isNet }: WeightView): boolean {
  return kind === 'negative' && isNet;
}

const platform = 'M4 34h40M10 34v8M38 34v8';
/** A platform scale and what is on it, told apart without colour. */
const signs: { readonly [kind in WeightView['kind']]: string } = {
  stable: `${platform}M13 14h22v20H13zM18 24l5 5 8-9`,
  moving: `${platform}M15 15l21-3 2 19-21 3zM8 12q-4 8 0 16M43 8q4 7 1 15`,
  zero: `${platform}M24 12a6 8 0 1 0 .1 0z`,
  negative: `${platform}M14 22h20`,
  overload: `${platform}M10 6h28v28H10zM24 11v12M24 28v1`,
  underload: 'M4 30l40 8M10 36v7M38 40v3M24 8v12M24 26v1',
  none: `${platform}M15 10l18 18M33 10L15 28`,
};

function ScaleSign({ kind }: { readonly kind: WeightView['kind'] }) {
  return (
    <svg className={styles.sign} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path d={signs[kind]} />
    </svg>
  );
}
