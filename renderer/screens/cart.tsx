// The lines of the sale. The newest is open for + and −; touching another opens that one.

import { memo, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { fen, points } from '../../db/model/amounts.ts';
import type { QuotedLine } from '../../db/model/checkout.ts';
import { quantityMax } from '../../db/model/checkout.ts';
import { kilogramsText } from '../../db/model/format.ts';
import type { HeldCartView } from '../../electron/ipc/day-views.ts';
import type { CartView } from '../../electron/ipc/snapshot.ts';
import { keyMap } from '../keyboard.ts';
import { type Page, usePage, useRun } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button, TwiceButton } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { Pictogram } from '../parts/pictogram.tsx';
import styles from './cart.module.css';
import { HeldCarts } from './held.tsx';

interface CartProps {
  readonly cart: CartView;
  /** Put aside: shown where the empty cart is. */
  readonly held: readonly HeldCartView[];
  readonly selectedId: string | null;
  readonly onSelect: (lineId: string) => void;
  readonly onQuantity: (lineId: string) => void;
  readonly onUndo: () => void;
  readonly onHold: () => void;
}

export function Cart({ cart, held, selectedId, onSelect, onQuantity, onUndo, onHold }: CartProps) {
  const { t } = useTranslation(['till', 'hold']);
  const { run } = usePage();
  const { lines } = cart.quote;
  return (
    <>
      <div className={styles.lines}>
        {lines.length === 0 ? (
          <>
            {held.length > 0 && <HeldCarts held={held} />}
            <p className={styles.empty}>
              <strong>{t('till:scanFirst')}</strong>
              <br />
              {t('till:scanHint')}
            </p>
          </>
        ) : (
          <ul>
            {lines.map((line) => (
              <Line
                key={line.lineId}
                {...line}
                picture={cart.pictures[line.lineId] ?? 'box'}
                isSelected={line.lineId === selectedId}
                isSwitchable={cart.switchable.includes(line.lineId)}
                onSelect={onSelect}
                onQuantity={onQuantity}
              />
            ))}
          </ul>
        )}
      </div>
      <div className={styles.foot}>
        <Button onPress={onUndo} disabled={lines.length === 0}>
          {t('till:undo')} <kbd>{keyMap.undo.shown}</kbd>
        </Button>
        <Button onPress={onHold} disabled={lines.length === 0}>
          {t('hold:hold')} <kbd>{keyMap.hold.shown}</kbd>
          {held.length > 0 && lines.length > 0 && (
            <span className="number" role="img" aria-label={t('hold:waiting', { n: held.length })}>
              · {held.length}
            </span>
          )}
        </Button>
        <TwiceButton onPress={() => void run((call) => call.clearCart())} disabled={lines.length === 0}>
          {t('till:clearCart')}
        </TwiceButton>
      </div>
    </>
  );
}

/** Takes a line off. One that is gone already is what was wanted: a second touch says nothing. */
export async function removeLine(run: Page['run'], lineId: string): Promise<void> {
  await asOneAct(`remove ${lineId}`, (actId) => run((call) => call.removeLine({ actId, lineId }).then(() => true)));
}

interface LineProps extends Pick<
  QuotedLine,
  'lineId' | 'zh' | 'bo' | 'size' | 'quantity' | 'pricedIn' | 'unitPrice' | 'totalFen' | 'weighed'
> {
  readonly picture: string;
  readonly isSelected: boolean;
  readonly isSwitchable: boolean;
  readonly onSelect: (lineId: string) => void;
  readonly onQuantity: (lineId: string) => void;
}

/** Remembered by its amounts: of a hundred lines a scan redraws one (U1). */
const Line = memo(
  function Line(line: LineProps) {
    const { t } = useTranslation('till');
    const run = useRun(); // not usePage: it changes with every snapshot, and with it all lines
    const item = useRef<HTMLLIElement>(null);
    const { lineId, quantity, pricedIn, unitPrice, weighed, isSelected } = line;
    // outside world: where the list is scrolled to
    useEffect(() => {
      if (isSelected) item.current?.scrollIntoView({ block: 'nearest' });
    }, [isSelected]);
    const change = (quantity: number): void => void run((call) => call.setQuantity({ lineId, quantity }));
    return (
      <li ref={item} className={isSelected ? styles.selected : styles.line}>
        <button type="button" className={styles.row} data-target="cashier" aria-expanded={isSelected} onClick={() => line.onSelect(lineId)}>
          <span className={styles.picture}>
            <Pictogram name={line.picture} />
          </span>
          <span className={styles.name}>
            <LocalName zh={line.zh} bo={line.bo} /> <small>{line.size}</small>
          </span>
          <span className={styles.times}>
            {weighed === undefined ? (
              <span className="number">× {quantity}</span>
            ) : weighed.by === 'price-label' ? (
              t('byLabel')
            ) : (
              <span className="number">{t('kilograms', { n: kilogramsText(weighed.netGrams) })}</span>
            )}
          </span>
          <span className={styles.price}>
            {pricedIn === 'yuan' ? <Yuan fen={line.totalFen} /> : <PointsAmount points={points(unitPrice * quantity)} />}
          </span>
        </button>
        {isSelected && (
          <div className={styles.tools}>
            {weighed === undefined && (
              <>
                <Button label={t('fewer')} disabled={quantity <= 1} onPress={() => change(quantity - 1)}>
                  −
                </Button>
                <Button label={`${t('quantity')} ${quantity}`} onPress={() => line.onQuantity(lineId)}>
                  <span className="number">{quantity}</span>
                </Button>
                <Button label={t('more')} disabled={quantity >= quantityMax} onPress={() => change(quantity + 1)}>
                  +
                </Button>
              </>
            )}
            <span className={styles.unit}>
              {weighed !== undefined && `${t('perKilogram')} `}
              {pricedIn === 'yuan' ? <Yuan fen={fen(unitPrice)} /> : <PointsAmount points={points(unitPrice)} />}
            </span>
            {line.isSwitchable && (
              <Button onPress={() => void run((call) => call.setPricing({ lineId, pricedIn: pricedIn === 'yuan' ? 'points' : 'yuan' }))}>
                {pricedIn === 'yuan' ? t('payInPoints') : t('payInYuan')}
              </Button>
            )}
            <Button kind="danger" className={styles.remove} onPress={() => void removeLine(run, lineId)}>
              {t('removeLine')}
            </Button>
          </div>
        )}
      </li>
    );
  },
  (before, after) =>
    before.lineId === after.lineId &&
    before.quantity === after.quantity &&
    before.pricedIn === after.pricedIn &&
    before.unitPrice === after.unitPrice &&
    before.totalFen === after.totalFen &&
    before.isSelected === after.isSelected &&
    before.isSwitchable === after.isSwitchable &&
    before.zh === after.zh &&
    before.size === after.size,
);
