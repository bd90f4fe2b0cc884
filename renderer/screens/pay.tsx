// The second step: what came in, what goes back, and one large confirm. Pressed twice it is the same sale.

import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fen } from '../../db/model/amounts.ts';
import { yuanText } from '../../db/model/format.ts';
import type { CartView } from '../../electron/ipc/snapshot.ts';
import { keyMap, useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { hundredthsOf, typeKey } from '../parts/digits.ts';
import { likelyTenders } from '../parts/money.ts';
import { NumberPad, type PadKey } from '../parts/number-pad.tsx';
import { PointsUsed, SaleTotal } from '../parts/sale-amounts.tsx';
import styles from './pay.module.css';

interface PayPanelProps {
  readonly cart: CartView;
  readonly onBack: () => void;
  readonly onPoints: () => void;
  readonly onPaid: () => void;
  /** For the gallery. */
  readonly initial?: { readonly way?: 'cash' | 'other'; readonly typed?: string };
}

export function PayPanel({ cart, onBack, onPoints, onPaid, initial = {} }: PayPanelProps) {
  const { t } = useTranslation(['pay', 'common']);
  const { run } = usePage();
  const [way, setWay] = useState(initial.way ?? 'cash');
  const [typed, setTyped] = useState(initial.typed ?? '');
  const [state, setState] = useState<'ready' | 'working' | 'unanswered'>('ready');
  const inFlight = useRef(false); // two presses within one frame see the same state; this they see at once
  const { quote, saleId } = cart;
  const isFree = quote.dueFen === 0;
  const payFen = way === 'cash' ? quote.dueCashFen : quote.dueFen;
  const tenderedFen = fen(hundredthsOf(typed) ?? payFen);
  const changeFen = fen(tenderedFen - payFen);
  const isShort = way === 'cash' && changeFen < 0;

  const confirm = async (): Promise<void> => {
    if (inFlight.current || isShort) return;
    inFlight.current = true;
    setState('working');
    const answer = await run((call) =>
      call.pay({
        saleId,
        shown: { totalFen: quote.totalFen, points: quote.points, payFen, digest: cart.digest },
        payment: way === 'cash' ? { kind: 'cash', tenderedFen } : { kind: 'other' },
      }),
    );
    inFlight.current = false;
    setState(answer === null ? 'unanswered' : 'ready');
    if (answer?.ok === true) onPaid();
  };
  const press = (key: PadKey): void => {
    if (way === 'cash' && !isFree) setTyped(typeKey(typed, key, { lengthMax: 6, decimals: 2 }));
  };
  const isWorking = state === 'working';
  useKeys('panel', {
    onPad: press,
    commands: { pay: () => void confirm(), back: () => !isWorking && onBack(), points: () => !isWorking && cart.resident && onPoints() },
  });

  return (
    <div className={styles.panel}>
      <dl className={styles.sums}>
        <div>
          <dt>{t('pay:total')}</dt>
          <dd>
            <SaleTotal {...quote} />
          </dd>
        </div>
        {quote.points > 0 && (
          <div>
            <dt>{t('pay:points')}</dt>
            <dd>
              <PointsUsed {...quote} />
            </dd>
          </div>
        )}
        {way === 'cash' && quote.roundingFen !== 0 && (
          <div>
            <dt>{t('pay:rounding')}</dt>
            <dd>
              <Yuan fen={quote.roundingFen} />
            </dd>
          </div>
        )}
        <div className={styles.due}>
          <dt>{t('pay:due')}</dt>
          <dd>
            <Yuan fen={payFen} size="huge" />
          </dd>
        </div>
      </dl>

      {isFree ? (
        <p className={styles.free}>{t('pay:nothingLeft')}</p>
      ) : (
        <>
          <div className={styles.ways}>
            <Button chosen={way === 'cash'} disabled={isWorking} onPress={() => setWay('cash')}>
              {t('pay:cash')}
            </Button>
            <Button chosen={way === 'other'} disabled={isWorking} onPress={() => setWay('other')}>
              {t('pay:other')}
            </Button>
          </div>
          {way === 'other' ? (
            <p className={styles.free}>{t('pay:otherText', { yuan: yuanText(payFen) })}</p>
          ) : (
            <div className={styles.tender}>
              <div className={styles.received}>
                <p>
                  {t('pay:tendered')}
                  <br />
                  {typed === '' ? (
                    <strong className={styles.exact}>{t('pay:exact')}</strong>
                  ) : (
                    <span className={styles.typed}>
                      <span className="number">{typed}</span> <small>{t('common:yuan')}</small>
                    </span>
                  )}
                </p>
                <p className={isShort ? styles.short : styles.change} role="status">
                  {isShort ? (
                    t('pay:short', { yuan: yuanText(fen(-changeFen)) })
                  ) : (
                    <>
                      {t('pay:changeDue')}
                      <br />
                      <Yuan fen={changeFen} size="huge" />
                    </>
                  )}
                </p>
                <div className={styles.quick}>
                  <Button disabled={isWorking} onPress={() => setTyped('')} chosen={typed === ''}>
                    {t('pay:exact')}
                  </Button>
                  {likelyTenders(payFen).map((amount) => (
                    <Button
                      key={amount}
                      disabled={isWorking}
                      onPress={() => setTyped(String(amount / 100))}
                      chosen={typed === String(amount / 100)}
                    >
                      <span className="number">{amount / 100}</span>
                    </Button>
                  ))}
                </div>
              </div>
              <NumberPad onKey={press} extra="." disabled={isWorking} />
            </div>
          )}
        </>
      )}

      {state === 'unanswered' && (
        <p className={styles.short} role="alert">
          {t('pay:lost')}
        </p>
      )}
      <div className={styles.buttons}>
        <Button size="large" disabled={isWorking} onPress={onBack}>
          {t('common:back')}
        </Button>
        {cart.resident !== null && quote.maxPoints > 0 && (
          <Button size="large" disabled={isWorking} onPress={onPoints}>
            {t('pay:editPoints')}
          </Button>
        )}
        <Button kind="main" size="large" className={styles.confirm} disabled={isWorking || isShort} onPress={() => void confirm()}>
          <span>
            {isWorking
              ? t('pay:working')
              : isFree
                ? t('pay:confirmPoints')
                : way === 'other'
                  ? t('pay:confirmOther', { yuan: yuanText(payFen) })
                  : t('pay:confirm')}{' '}
            <kbd>{keyMap.pay.shown}</kbd>
          </span>
        </Button>
      </div>
    </div>
  );
}
