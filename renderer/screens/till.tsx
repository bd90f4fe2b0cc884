// The screen a cashier looks at all day: cart left, goods right, total and Pay bottom right. Computes no amount: every
// figure is the engine's quote.

import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { never } from '../../db/model/result.ts';
import type { CartView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Cart, removeLine } from './cart.tsx';
import { CodePanel, PointsPanel, QuantityPanel } from './entry-panels.tsx';
import { GoodsPanel, SearchPanel } from './goods.tsx';
import { holdCart, resumeCart } from './held.tsx';
import { PaidPanel } from './paid.tsx';
import { PayPanel } from './pay.tsx';
import { PayerQuestion, ResidentStrip } from './resident.tsx';
import { type Paper, SimulatedPanel } from './simulated.tsx';
import { Summary } from './summary.tsx';
import { WeighGoodsPanel } from './weigh-goods.tsx';
import styles from './till.module.css';

/** What stands on the right. */
export type Side =
  | { readonly kind: 'goods' | 'search' | 'code' | 'points' | 'pay' }
  | { readonly kind: 'quantity'; readonly lineId: string };

interface TillProps {
  readonly snapshot: Snapshot;
  /** Whether the simulated devices are shown, and what their printer gave out. */
  readonly isSimulatedShown: boolean;
  readonly papers: readonly Paper[];
  /** For the gallery: where to begin. */
  readonly initialSide?: Side;
}

export function TillScreen({ snapshot, isSimulatedShown, papers, initialSide = { kind: 'goods' } }: TillProps) {
  const { t } = useTranslation('till');
  const { known, run } = usePage();
  const [asked, setSide] = useState<Side>(initialSide);
  const [chosen, setChosen] = useState<{ readonly lineId: string; readonly ofLines: number } | null>(null);
  const { cart, lastSale } = snapshot;
  const { lines } = cart.quote;
  // a panel that takes the points of one resident is not handed on to another
  const [seenCart, setSeenCart] = useState(cart);
  if (seenCart.digest !== cart.digest) {
    setSeenCart(cart);
    if ((asked.kind === 'pay' || asked.kind === 'points') && isOtherResident(seenCart, cart)) setSide({ kind: 'goods' });
  }
  const isOver = lastSale !== null && lines.length === 0 && cart.resident === null;
  const side = sideThatFits(asked, snapshot);
  // looking for goods by hand begins the next sale as a scan does
  const isPaid = isOver && side.kind !== 'search' && side.kind !== 'code';
  /** Where there is room for one column only, the right one stands alone. */
  const { weighing } = cart;
  const isAlone = isPaid || weighing !== null ? !isSimulatedShown : side.kind !== 'goods' || cart.offered !== null;
  const last = lines.at(-1);
  // a touched line stays open until another line comes or goes; then it is the newest again
  const selected = (chosen?.ofLines === lines.length && lines.find((line) => line.lineId === chosen.lineId)) || last;
  const goods = (): void => setSide({ kind: 'goods' });

  const select = useCallback((lineId: string): void => setChosen({ lineId, ofLines: lines.length }), [lines.length]);
  const askQuantity = useCallback((lineId: string): void => setSide({ kind: 'quantity', lineId }), []);
  const undo = (): void => {
    if (last) void removeLine(run, last.lineId);
  };
  const hold = (): void => {
    goods();
    holdCart(run, cart.saleId);
  };
  const newestHeld = snapshot.held.at(-1);
  const next = (): void => {
    goods();
    void run((call) => call.nextCustomer());
  };
  useKeys('screen', {
    commands: {
      search: () => setSide({ kind: 'search' }),
      code: () => setSide({ kind: 'code' }),
      undo,
      back: goods,
      ...(lines.length > 0 ? { hold } : newestHeld && { hold: () => resumeCart(run, newestHeld.heldId) }),
      ...(selected && selected.weighed === undefined && { quantity: () => setSide({ kind: 'quantity', lineId: selected.lineId }) }),
      ...(cart.resident && { points: () => setSide({ kind: 'points' }) }),
      pay: isPaid ? next : () => setSide({ kind: 'pay' }),
    },
  });

  return (
    <main
      className={`${styles.till} ${isAlone ? styles.alone : ''} ${known.link === 'lost' ? styles.away : ''}`}
      inert={known.link === 'lost'}
    >
      <section className={styles.left} aria-label={t('total')}>
        {(isPaid || weighing !== null) && isSimulatedShown ? (
          <SimulatedPanel snapshot={snapshot} papers={papers} />
        ) : (
          <>
            <ResidentStrip resident={cart.resident} isCardMissing={cart.isCardMissing} />
            <Cart
              cart={cart}
              held={snapshot.held}
              selectedId={selected?.lineId ?? null}
              onSelect={select}
              onQuantity={askQuantity}
              onUndo={undo}
              onHold={hold}
            />
          </>
        )}
      </section>
      <section className={styles.right}>{isPaid ? <PaidPanel sale={lastSale} snapshot={snapshot} onNext={next} /> : rightPanel()}</section>
    </main>
  );

  function rightPanel() {
    if (cart.resident !== null && cart.offered !== null)
      return <PayerQuestion key={cart.offered.offerId} resident={cart.resident} offered={cart.offered} />;
    if (weighing !== null) return <WeighGoodsPanel key={weighing.goods.id} cart={cart} weighing={weighing} scale={snapshot.scale} />;
    switch (side.kind) {
      case 'pay':
        return (
          <PayPanel
            // other amounts, another tender: what was typed for the old ones is gone
            key={`${cart.saleId} ${cart.quote.totalFen} ${cart.quote.points}`}
            cart={cart}
            onBack={goods}
            onPoints={() => setSide({ kind: 'points' })}
            onPaid={goods}
          />
        );
      case 'quantity': {
        const line = lines.find((each) => each.lineId === side.lineId)!; // sideThatFits saw it
        return <QuantityPanel line={line} onClose={goods} />;
      }
      case 'points':
        return <PointsPanel snapshot={snapshot} onClose={goods} />;
      case 'code':
        return <CodePanel onClose={goods} />;
      case 'goods':
      case 'search':
        return (
          <>
            {side.kind === 'search' ? (
              <SearchPanel version={snapshot.exchange.lastDownSeq} onClose={goods} />
            ) : isSimulatedShown ? (
              <SimulatedPanel snapshot={snapshot} papers={papers} />
            ) : (
              <GoodsPanel
                version={snapshot.exchange.lastDownSeq}
                onSearch={() => setSide({ kind: 'search' })}
                onCode={() => setSide({ kind: 'code' })}
              />
            )}
            <Summary cart={cart} onPoints={() => setSide({ kind: 'points' })} onPay={() => setSide({ kind: 'pay' })} />
          </>
        );
      default:
        return never(side);
    }
  }
}

/**
 * Whether the card on the screen changed between two views of the cart. Two residents may look the same on it: then the
 * digest, which tells them apart, changed over the same goods.
 */
export function isOtherResident(before: CartView, now: CartView): boolean {
  if (before.digest === now.digest) return false;
  if (before.saleId !== now.saleId || shownOf(before) !== shownOf(now)) return true;
  return goodsOf(before) === goodsOf(now);
}

function shownOf({ resident }: CartView): string {
  return resident === null ? '' : JSON.stringify([resident.masked, resident.group.zh, resident.village, resident.isHome]);
}

function goodsOf({ quote }: CartView): string {
  return JSON.stringify(quote.lines.map((line) => [line.lineId, line.quantity, line.pricedIn, line.unitPrice]));
}

/** What was asked for, or the goods where it makes no sense any more: the line is gone, the card was taken, nothing to pay. */
function sideThatFits(asked: Side, { cart }: Snapshot): Side {
  const fits =
    asked.kind === 'quantity'
      ? cart.quote.lines.some((line) => line.lineId === asked.lineId && line.weighed === undefined)
      : asked.kind === 'points'
        ? cart.resident !== null
        : asked.kind === 'pay'
          ? cart.quote.problem === null
          : true;
  return fits ? asked : { kind: 'goods' };
}
