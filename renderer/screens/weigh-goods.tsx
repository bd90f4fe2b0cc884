// Loose goods on the scale: the live weight, what it would cost, the tare of this one weighing, and the key that weighs. Weighs
// nothing itself: the line is the engine's.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Fen, fen } from '../../db/model/amounts.ts';
import { priceOfWeight } from '../../db/model/checkout.ts';
import { kilogramsText } from '../../db/model/format.ts';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import type { CartView, ScaleView, WeighingView, WeightView } from '../../electron/ipc/snapshot.ts';
import { keyMap, useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { Pictogram } from '../parts/pictogram.tsx';
import { LiveWeight, isEmptyNet, useWeight } from '../parts/weight.tsx';
import { type OwnTare, gramsOff, ownTare, scaleTrouble, tareWord } from './desk-scale.tsx';
import { ScaleCheck } from './scale-check.tsx';
import styles from './weigh-goods.module.css';

interface WeighGoodsPanelProps {
  readonly cart: CartView;
  readonly weighing: WeighingView;
  readonly scale: ScaleView;
}

export function WeighGoodsPanel({ cart, weighing, scale }: WeighGoodsPanelProps) {
  const { t } = useTranslation(['till', 'desk', 'refused']);
  const { run } = usePage();
  const weight = useWeight();
  const [isWaiting, setWaiting] = useState(false);
  const [isChecking, setChecking] = useState(false);
  const { goods } = weighing;
  const trouble = scaleTrouble(scale);
  const own = ownTare(scale, weight);
  const cost = costOf(weighing, weight);

  const weigh = async (): Promise<void> => {
    if (isWaiting || trouble !== null) return;
    setWaiting(true);
    const { saleId, quote } = cart;
    // a line more is another bag: only a press that nobody answered, over the same lines, is the same one
    await asOneAct(`weigh goods ${saleId} ${goods.id} ${quote.lines.length}`, (lineId) =>
      run((call) => call.weighGoods({ saleId, lineId, goodsId: goods.id })),
    );
    setWaiting(false);
  };
  const stop = (): void => void run((call) => call.stopWeighing());
  useKeys('panel', isChecking ? {} : { commands: { pay: () => void weigh(), quantity: () => void weigh(), back: stop } });

  if (isChecking) return <ScaleCheck onDone={() => setChecking(false)} onClose={() => setChecking(false)} />;
  return (
    <div className={styles.panel}>
      <header className={styles.goods}>
        <span className={styles.picture}>
          <Pictogram name={goods.picture} />
        </span>
        <h2>
          <LocalName zh={goods.zh} bo={goods.bo} /> <small>{goods.size}</small>
        </h2>
        <p className={styles.price}>
          <small>{t('till:perKilogram')}</small> <Yuan fen={goods.priceFen ?? fen(0)} size="large" />
        </p>
      </header>
      <LiveWeight scale={scale} tareGrams={gramsOff(weighing.tare, own)} />
      <p className={styles.cost}>
        <span>{t('till:weighedCost')}</span> {cost === null ? <span className="number">– – –</span> : <Yuan fen={cost} size="huge" />}
      </p>
      {trouble === null && <Tares weighing={weighing} own={own} isWaiting={isWaiting} />}
      <p className={trouble === null && weighing.isPanClear ? styles.hint : styles.urgent} role="status">
        {trouble === null ? (
          t(`desk:next_${nextStep(weighing, own, weight, isWaiting)}`)
        ) : (
          <>
            <strong>{t(`refused:${trouble}.what`)}</strong> {t(`refused:${trouble}.action`)}
          </>
        )}
      </p>
      <div className={styles.buttons}>
        <Button size="large" onPress={stop}>
          {t('till:stopWeighing')} <kbd>{keyMap.back.shown}</kbd>
        </Button>
        {trouble === 'scale_check_due' ? (
          <Button kind="main" size="large" className={styles.weigh} onPress={() => setChecking(true)}>
            {t('desk:checkScale')}
          </Button>
        ) : (
          <Button kind="main" size="large" className={styles.weigh} disabled={trouble !== null || isWaiting} onPress={() => void weigh()}>
            <span>
              {isWaiting ? t('desk:waiting') : t('desk:weigh')} <kbd>{keyMap.pay.shown}</kbd>
            </span>
          </Button>
        )}
      </div>
    </div>
  );
}

type ChosenTare = Parameters<Client<Contract>['setGoodsTare']>[0]['tare'];

/** What is taken off this weighing: one of them, and nothing of ours where the scale took its own, or may have. */
function Tares({ weighing, own, isWaiting }: { readonly weighing: WeighingView; readonly own: OwnTare; readonly isWaiting: boolean }) {
  const { t } = useTranslation('desk');
  const { run } = usePage();
  const { tare, containers, goods } = weighing;
  const [isTaring, setTaring] = useState(false);
  const choose = async (chosen: ChosenTare): Promise<void> => {
    setTaring(true);
    await run((call) => call.setGoodsTare({ goodsId: goods.id, tare: chosen }));
    setTaring(false);
  };
  const isBusy = isWaiting || isTaring;
  return (
    <div className={styles.tares} role="group" aria-label={t('tare')}>
      <span className={own !== 'off' && tare.by !== 'none' ? styles.twice : styles.word}>{t(tareWord(own, tare.by !== 'none'))}</span>
      <Button chosen={tare.by === 'none'} disabled={isBusy} onPress={() => void choose({ by: 'none' })}>
        {t('noTare')}
      </Button>
      {containers.map(({ id, zh, bo, grams }) => (
        <Button
          key={id}
          chosen={tare.by === 'container' && tare.id === id}
          disabled={own !== 'off' || isBusy}
          onPress={() => void choose({ by: 'container', id })}
        >
          <span>
            <LocalName zh={zh} bo={bo} /> <small className="number">{kilogramsText(grams)}</small>
          </span>
        </Button>
      ))}
      <Button chosen={tare.by === 'pan'} disabled={own !== 'off' || isBusy} onPress={() => void choose({ by: 'pan' })}>
        <span>
          {t('tareOfPan')} {tare.by === 'pan' && <small className="number">{kilogramsText(tare.grams)}</small>}
        </span>
      </Button>
    </div>
  );
}

type Step = 'clear' | 'twice' | 'put' | 'weigh' | 'light' | 'rest' | 'wait' | 'net_empty';

/** One step at a time, in the order in which hands do them. */
function nextStep({ isPanClear, tare }: WeighingView, own: OwnTare, weight: WeightView, isWaiting: boolean): Step {
  if (isWaiting) return 'wait';
  if (!isPanClear) return 'clear';
  if (own !== 'off' && tare.by !== 'none') return 'twice';
  if (isEmptyNet(weight)) return 'net_empty';
  if (weight.kind === 'moving') return 'rest';
  if (weight.kind !== 'stable' || weight.grams === null) return 'put';
  return weight.grams <= gramsOff(tare, own) ? 'light' : 'weigh';
}

/** What the weight on the pan would cost, for the customer to see; null where nothing rests on it. The engine prices the line. */
function costOf({ goods, tare, isPanClear }: WeighingView, { kind, grams, isNet }: WeightView): Fen | null {
  if (kind !== 'stable' || grams === null || goods.priceFen === null || !isPanClear) return null;
  if (isNet && tare.by !== 'none') return null;
  const net = grams - (tare.by === 'none' ? 0 : tare.grams);
  return net <= 0 ? null : priceOfWeight(goods.priceFen, net);
}
