// The known weight a scale is proved with: one of the usual ones, or typed in grams; and how far off still counts as right.

import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countText } from '../../db/model/format.ts';
import { knownGramsMax, knownGramsMin, toleranceGramsOf } from '../../db/model/scale-check.ts';
import { useKeys } from '../keyboard.ts';
import { Button } from './button.tsx';
import { typeKey } from './digits.ts';
import { NumberPad, type PadKey } from './number-pad.tsx';
import styles from './known-weight.module.css';

/** Test weights, and what a shop has unopened. */
const usualGrams = [1_000, 2_000, 5_000, 10_000, 20_000];

/** What was chosen or typed; null where it is no weight that a scale can be proved with. */
export function useKnownWeight(firstGrams: number) {
  const [text, setText] = useState(String(firstGrams));
  /** Whether the next digit begins anew, as after a touch on a usual weight. */
  const [isChosen, setChosen] = useState(true);
  const press = (key: PadKey): void => {
    setText(typeKey(isChosen && key !== 'delete' ? '' : text, key, { lengthMax: String(knownGramsMax).length, decimals: 0 }));
    setChosen(false);
  };
  const choose = (chosen: number): void => {
    setText(String(chosen));
    setChosen(true);
  };
  const grams = Number(text);
  return { text, grams: grams >= knownGramsMin && grams <= knownGramsMax ? grams : null, press, choose, firstGrams };
}

interface KnownWeightProps {
  readonly known: ReturnType<typeof useKnownWeight>;
  readonly disabled: boolean;
  /** The key that goes on: above the pad, which is not needed every day. */
  readonly children: ReactNode;
}

export function KnownWeight({ known, disabled, children }: KnownWeightProps) {
  const { t } = useTranslation('scaleCheck');
  const { text, grams, press, choose, firstGrams } = known;
  useKeys('panel', disabled ? {} : { onPad: press });
  const offered = [...new Set([firstGrams, ...usualGrams])].toSorted((one, other) => one - other);
  return (
    <div className={styles.known}>
      <p className={styles.figure} aria-live="polite">
        <span>{t('knownGrams')}</span> <strong className="number">{t('grams', { n: text === '' ? '–' : countText(Number(text)) })}</strong>
        {grams !== null && <span className={styles.tolerance}>{t('tolerance', { n: toleranceGramsOf(grams) })}</span>}
      </p>
      {children}
      <NumberPad onKey={press} disabled={disabled} />
      <div className={styles.choices}>
        {offered.map((each) => (
          <Button key={each} chosen={each === grams} disabled={disabled} onPress={() => choose(each)}>
            {t('grams', { n: countText(each) })}
          </Button>
        ))}
      </div>
    </div>
  );
}
