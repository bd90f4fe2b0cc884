// The simulated scale: a knob instead of a pan, its display, its own tare key, and its faults.

import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countText, kilogramsText } from '../../db/model/format.ts';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { ScaleView, SimulatedScaleView } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import styles from './simulated-scale.module.css';

type Act = Contract['simulateScale']['args'];
export type ScaleFault = Extract<Act, { readonly act: 'fault' }>['fault'];

/** In the order of a lesson: mended, what happens to a cable and a pan, the technician's troubles. */
const scaleFaults = [
  'none',
  'unplugged',
  'silent',
  'moving',
  'overload',
  'underload',
  'frozen',
  'held',
  'in_jin',
  'garbage',
  'wrong_parity',
  'endless',
  'slow',
] as const satisfies readonly ScaleFault[];

/** A handful of bottles, a bag, a sack. */
const bags = [50, 350, 2_480, 12_600] as const;

const knobMax = 30_000;
const knobStep = 10;

/** The display of a scale changes eight times a second; a person reads half of that. */
const lookEveryMs = 400;

/** `children` stand between the pan, where the hand is, and the faults, which are for a lesson. */
export function SimulatedScale({ scale, children }: { readonly scale: ScaleView; readonly children?: ReactNode }) {
  const { t } = useTranslation('simulated');
  const { store } = usePage();
  const [seen, setSeen] = useState<SimulatedScaleView | null>(null);
  const [grams, setGrams] = useState(0);
  // apart from page.run: a look four times a second must not wipe the notice line
  const ask = useCallback(
    (act: Act) =>
      store.call.simulateScale(act).then(
        (view) => {
          setSeen(view);
          return view;
        },
        () => null, // the engine is away, which is told elsewhere
      ),
    [store],
  );
  // outside world: what the simulated scale shows
  useEffect(() => {
    // the knob begins where it was left
    void ask({ act: 'look' }).then((view) => {
      if (view?.display.kind === 'weight') setGrams(Math.max(view.display.grams + view.display.tareGrams, 0));
    });
    const looking = setInterval(() => void ask({ act: 'look' }), lookEveryMs);
    return () => clearInterval(looking);
  }, [ask]);
  const load = (next: number): void => {
    const within = Math.min(Math.max(Math.trunc(next), 0), knobMax);
    setGrams(within);
    void ask({ act: 'load', grams: within });
  };
  const knownGrams = scale.setUp?.knownGrams ?? 1_000;
  return (
    <section className={styles.scale} data-part="simulated-scale">
      <p className={styles.display}>
        <strong>{t('scale')}</strong> <span className={styles.label}>{t('scaleDisplay')}</span> <Display seen={seen} />
      </p>
      <label className={styles.knob}>
        {t('knob')}
        <input type="range" min={0} max={knobMax} step={knobStep} value={grams} onChange={(event) => load(event.target.valueAsNumber)} />
      </label>
      <div className={styles.choices}>
        <Button onPress={() => load(grams - knobStep)} label={`− ${knobStep}`}>
          −
        </Button>
        <input
          className={styles.typed}
          type="number"
          min={0}
          max={knobMax}
          value={grams}
          aria-label={t('knob')}
          onChange={(event) => {
            if (!Number.isNaN(event.target.valueAsNumber)) load(event.target.valueAsNumber);
          }}
        />
        <Button onPress={() => load(grams + knobStep)} label={`+ ${knobStep}`}>
          +
        </Button>
        <Button onPress={() => load(0)}>{t('emptyPan')}</Button>
        {[...new Set([...bags, knownGrams])].map((each) => (
          <Button key={each} onPress={() => load(each)}>
            {t('bag', { n: countText(each) })}
          </Button>
        ))}
        <Button onPress={() => void ask({ act: 'tare' })}>{t('tareKey')}</Button>
      </div>
      {children}
      <h3>{t('scale')}</h3>
      <div className={styles.choices}>
        {scaleFaults.map((fault) => (
          <Button key={fault} chosen={fault !== 'none' && fault === seen?.fault} onPress={() => void ask({ act: 'fault', fault })}>
            {t(`scale_${fault}`)}
          </Button>
        ))}
      </div>
    </section>
  );
}

function Display({ seen }: { readonly seen: SimulatedScaleView | null }) {
  const { t } = useTranslation('simulated');
  const display = seen?.display;
  if (display === undefined) return <output className={styles.figure}>–</output>;
  if (display.kind !== 'weight') return <output className={styles.figure}>{t(`display_${display.kind}`)}</output>;
  return (
    <>
      <output className={`${styles.figure} number`}>{kilogramsText(display.grams)}</output>
      {display.tareGrams > 0 && <span>{t('display_tare', { n: kilogramsText(display.tareGrams) })}</span>}
      {display.isMoving && <span>{t('display_moving')}</span>}
    </>
  );
}
