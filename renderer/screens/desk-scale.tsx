// The scale of the desk: the live weight, what to do next, the tare, and the key that weighs. Where the scale cannot be used
// it says why and what can be done. Weighs nothing itself.

import { useTranslation } from 'react-i18next';
import { kilogramsText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import type { DeskView, MaterialTile, ScaleView, WeightView } from '../../electron/ipc/snapshot.ts';
import { keyMap } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { LiveWeight, isEmptyNet, useWeight } from '../parts/weight.tsx';
import type { Weighing } from './desk-weighing.ts';
import styles from './desk-scale.module.css';

interface DeskScaleProps {
  readonly desk: DeskView;
  readonly scale: ScaleView;
  readonly material: MaterialTile | null;
  readonly weighing: Weighing;
  /** Weighs, or asks how many. */
  readonly onStart: () => void;
  readonly onGiveUp: () => void;
  readonly onCheck: () => void;
  /** null: it is not this operator who may. */
  readonly onSetUp: (() => void) | null;
}

export function DeskScale({ desk, scale, material, weighing, onStart, onGiveUp, onCheck, onSetUp }: DeskScaleProps) {
  const { t } = useTranslation(['desk', 'refused']);
  const weight = useWeight();
  const isCounted = material?.measuredBy === 'count';
  const trouble = isCounted ? null : scaleTrouble(scale);
  const isWaiting = weighing === 'waiting';
  const kind = desk.quote.lines.length === 0 ? 'main' : 'plain'; // afterwards the way on is to credit
  return (
    <section className={styles.scale} aria-label={t('desk:scale')}>
      <LiveWeight scale={scale} tareGrams={isCounted ? 0 : gramsOff(desk.tare, ownTare(scale, weight))} />
      <div className={styles.act}>
        <p className={trouble === null && !isUrgent(desk, weight, isCounted) ? styles.hint : styles.urgent} role="status">
          {trouble === null ? (
            t(`desk:next_${nextStep(desk, material, scale, weight, isWaiting)}`)
          ) : (
            <>
              <strong>{t(`refused:${trouble}.what`)}</strong> {t(`refused:${trouble}.action`)}
            </>
          )}
        </p>
        {isCounted ? (
          <Button kind={kind} size="large" className={styles.start} onPress={onStart}>
            <span>
              {t('desk:count')} <kbd>{keyMap.quantity.shown}</kbd>
            </span>
          </Button>
        ) : trouble === 'scale_check_due' ? (
          <Button kind={kind} size="large" className={styles.start} onPress={onCheck}>
            {t('desk:checkScale')}
          </Button>
        ) : trouble === 'scale_not_set' && onSetUp !== null ? (
          <Button kind={kind} size="large" className={styles.start} onPress={onSetUp}>
            {t('desk:setUpScale')}
          </Button>
        ) : isWaiting ? (
          <div className={styles.waiting} role="status">
            <span>{t('desk:waiting')}</span>
            <span className={styles.progress} aria-hidden="true" />
          </div>
        ) : (
          <Button kind={kind} size="large" className={styles.start} disabled={material === null || trouble !== null} onPress={onStart}>
            <span>
              {t('desk:weigh')} <kbd>{keyMap.quantity.shown}</kbd>
            </span>
          </Button>
        )}
      </div>
      {!isCounted && trouble === null && (isWaiting ? <GiveUp onGiveUp={onGiveUp} /> : <Tares desk={desk} own={ownTare(scale, weight)} />)}
    </section>
  );
}

function GiveUp({ onGiveUp }: { readonly onGiveUp: () => void }) {
  const { t } = useTranslation('desk');
  return (
    <div className={styles.tares}>
      <Button onPress={onGiveUp}>{t('giveUp')}</Button>
    </div>
  );
}

/** What is taken off the next weighing: one of them, and nothing of ours where the scale took its own, or may have. */
function Tares({ desk, own }: { readonly desk: DeskView; readonly own: OwnTare }) {
  const { t } = useTranslation('desk');
  const { run } = usePage();
  const { tare, containers } = desk;
  return (
    <div className={styles.tares} role="group" aria-label={t('tare')}>
      <span className={own !== 'off' && tare.by !== 'none' ? styles.twice : styles.word}>{t(tareWord(own, tare.by !== 'none'))}</span>
      <Button chosen={tare.by === 'none'} onPress={() => void run((call) => call.setTare({ tare: { by: 'none' } }))}>
        {t('noTare')}
      </Button>
      {containers.map(({ id, zh, bo, grams }) => (
        <Button
          key={id}
          chosen={tare.by === 'container' && tare.id === id}
          disabled={own !== 'off'}
          onPress={() => void run((call) => call.setTare({ tare: { by: 'container', id } }))}
        >
          <span>
            <LocalName zh={zh} bo={bo} /> <small className="number">{kilogramsText(grams)}</small>
          </span>
        </Button>
      ))}
      <Button chosen={tare.by === 'pan'} disabled={own !== 'off'} onPress={() => void run((call) => call.setTare({ tare: { by: 'pan' } }))}>
        <span>
          {t('tareOfPan')} {tare.by === 'pan' && <small className="number">{kilogramsText(tare.grams)}</small>}
        </span>
      </Button>
    </div>
  );
}

/** Whether the scale's own tare is on; many scales do not say. */
export type OwnTare = 'off' | 'on' | 'untold';

export function ownTare({ setUp }: ScaleView, { isNet }: WeightView): OwnTare {
  if (setUp?.tellsNet === false) return 'untold';
  return isNet ? 'on' : 'off';
}

/** What stands before the tares: why none of them can be chosen, or which must be left. */
export function tareWord(own: OwnTare, hasOurs: boolean): 'tare' | 'tareOfScale' | 'tareTwice' | 'tareUntold' {
  if (own === 'untold') return 'tareUntold';
  if (own === 'off') return 'tare';
  return hasOurs ? 'tareTwice' : 'tareOfScale';
}

/** What we take off a weighing; nothing where the scale may have taken its own. */
export function gramsOff(tare: DeskView['tare'], own: OwnTare): number {
  return own === 'off' && tare.by !== 'none' ? tare.grams : 0;
}

type Trouble = 'scale_simulated' | 'scale_not_set' | 'scale_check_due' | 'scale_away';

/** Why nothing can be weighed now; null: it can. */
export function scaleTrouble({ isForbidden, setUp, isCheckedToday, state }: ScaleView): Trouble | null {
  if (isForbidden) return 'scale_simulated';
  if (setUp === null) return 'scale_not_set';
  if (state !== 'ready') return 'scale_away';
  return isCheckedToday ? null : 'scale_check_due';
}

type Step = 'choose' | 'count' | 'clear' | 'twice' | 'put' | 'weigh' | 'light' | 'rest' | 'wait' | 'net_empty' | NoWeight;
type NoWeight = 'overload' | 'negative' | 'underload' | 'none';

/** One step at a time, in the order in which hands do them. */
function nextStep(desk: DeskView, material: MaterialTile | null, scale: ScaleView, weight: WeightView, isWaiting: boolean): Step {
  if (isWaiting) return 'wait';
  if (material === null) return 'choose';
  if (material.measuredBy === 'count') return 'count';
  if (!desk.isPanClear) return 'clear';
  const own = ownTare(scale, weight);
  if (own !== 'off' && desk.tare.by !== 'none') return 'twice';
  if (isEmptyNet(weight)) return 'net_empty';
  switch (weight.kind) {
    case 'stable':
      return weight.grams !== null && weight.grams <= gramsOff(desk.tare, own) ? 'light' : 'weigh';
    case 'moving':
      return 'rest';
    case 'zero':
      return 'put';
    case 'overload':
    case 'negative':
    case 'underload':
    case 'none':
      return weight.kind;
    default:
      return never(weight.kind);
  }
}

/** The pan must be emptied first: said so that it is seen. */
function isUrgent(desk: DeskView, weight: WeightView, isCounted: boolean): boolean {
  return !isCounted && desk.material !== null && !desk.isPanClear && weight.kind !== 'zero';
}
