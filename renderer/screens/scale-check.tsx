// The daily check of the scale: first the empty pan, then its known weight, and whether the scale is right. Judges nothing: the
// engine reads the scale, and writes what it read.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countText, kilogramsText } from '../../db/model/format.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { ScalePicture } from '../parts/scale-picture.tsx';
import { playSound } from '../parts/sound.ts';
import { LiveWeight } from '../parts/weight.tsx';
import styles from './scale-check.module.css';

interface ScaleCheckProps {
  /** The check was good. */
  readonly onDone: () => void;
  readonly onClose: () => void;
}

type Step =
  | { readonly kind: 'empty'; readonly readGrams: number | null }
  | { readonly kind: 'known' }
  | { readonly kind: 'checked'; readonly isGood: boolean; readonly knownGrams: number; readonly readGrams: number };

const atFirst: Step = { kind: 'empty', readGrams: null };

export function ScaleCheck({ onDone, onClose }: ScaleCheckProps) {
  const { t } = useTranslation('scaleCheck');
  const { run, known: page } = usePage();
  const [step, setStep] = useState<Step>(atFirst);
  const [isReading, setReading] = useState(false);
  const scale = page.snapshot?.scale;

  const seeEmpty = async (): Promise<void> => {
    setReading(true);
    const answer = await asOneAct('check the empty scale', (actId) => run((call) => call.checkScale({ actId, step: 'empty' })));
    setReading(false);
    if (answer?.ok === true) setStep({ kind: 'known' });
    else if (answer?.code === 'not_zero') setStep({ kind: 'empty', readGrams: answer.readGrams });
  };
  const seeKnown = async (): Promise<void> => {
    setReading(true);
    const answer = await asOneAct('check the loaded scale', (actId) => run((call) => call.checkScale({ actId, step: 'known' })));
    setReading(false);
    if (answer?.ok === true && answer.value !== null) {
      playSound(answer.value.isGood ? 'done' : 'attention');
      setStep({ kind: 'checked', ...answer.value });
    } else if (answer?.ok === false && answer.code === 'empty_first') setStep(atFirst);
  };
  const goOn = (): void => {
    if (isReading) return;
    if (step.kind === 'empty') void seeEmpty();
    else if (step.kind === 'known') void seeKnown();
    else if (step.isGood) onDone();
    else setStep(atFirst);
  };
  useKeys('panel', { commands: { pay: goOn, back: onClose, undo: () => undefined, quantity: () => undefined } });

  if (scale === undefined) return null;
  return (
    <section className={styles.check} aria-labelledby="scale-check">
      <header>
        <h2 id="scale-check">{t('title')}</h2>
        <Button onPress={onClose}>{t('later')}</Button>
      </header>
      <LiveWeight scale={scale} />
      {step.kind !== 'checked' && (
        <p className={styles.todo}>
          <ScalePicture load={step.kind} />
          {t(step.kind)}
        </p>
      )}
      {step.kind === 'empty' && (
        <>
          {step.readGrams !== null && (
            <p className={styles.bad} role="alert">
              {t('notZero', { n: kilogramsText(step.readGrams) })}
            </p>
          )}
          <p className={styles.why}>{t('text')}</p>
        </>
      )}
      {step.kind === 'known' && scale.setUp !== null && (
        <>
          <p className={styles.weight}>
            {t('knownGrams')} <strong className="number">{t('grams', { n: countText(scale.setUp.knownGrams) })}</strong>{' '}
            <small>{t('tolerance', { n: scale.setUp.toleranceGrams })}</small>
          </p>
          <p className={styles.why}>{t('knownLost')}</p>
        </>
      )}
      {step.kind === 'checked' && (
        <p className={step.isGood ? styles.good : styles.bad} role="alert">
          <strong>
            {step.isGood
              ? t('good', { read: kilogramsText(step.readGrams) })
              : t('bad', { known: kilogramsText(step.knownGrams), read: kilogramsText(step.readGrams) })}
          </strong>
          {!step.isGood && <span>{t('badAction')}</span>}
        </p>
      )}
      <Button kind="main" size="large" disabled={isReading} onPress={goOn} className={styles.on}>
        {isReading ? t('working') : t(mainKey(step))}
      </Button>
    </section>
  );
}

function mainKey(step: Step): 'emptyDone' | 'knownDone' | 'finish' | 'again' {
  if (step.kind === 'checked') return step.isGood ? 'finish' : 'again';
  return step.kind === 'empty' ? 'emptyDone' : 'knownDone';
}
