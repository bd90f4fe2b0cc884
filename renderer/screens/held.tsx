// Carts that were put aside, where the empty cart is: touched once and taken up again, or given up with two touches.

import { useTranslation } from 'react-i18next';
import { clockText } from '../../db/model/format.ts';
import type { HeldCartView } from '../../electron/ipc/day-views.ts';
import { type Page, usePage } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button, TwiceButton } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { Pictogram } from '../parts/pictogram.tsx';
import { useNow } from '../parts/use-now.ts';
import styles from './held.module.css';

/** The list; there is at least one. */
export function HeldCarts({ held }: { readonly held: readonly HeldCartView[] }) {
  const { t } = useTranslation('hold');
  const { run } = usePage();
  const now = useNow(60_000);
  return (
    <section className={styles.held} aria-label={t('held')}>
      <h2>{t('held')}</h2>
      <ul>
        {held.map((cart) => (
          <li key={cart.heldId} className={styles.cart}>
            <Button size="large" className={styles.resume} onPress={() => resumeCart(run, cart.heldId)}>
              <span className={styles.picture}>
                <Pictogram name={cart.picture === '' ? 'box' : cart.picture} />
              </span>
              <span className={styles.name}>
                <LocalName zh={cart.zh} bo={cart.bo} /> <small>{t('pieces', { n: cart.lines })}</small>
                <br />
                <small className="number">{clockText(cart.at, now)}</small>
              </span>
              <span className={styles.amount}>
                {cart.totalFen === null ? (
                  t('again')
                ) : (
                  <>
                    {(cart.totalFen > 0 || cart.requiredPoints === 0) && <Yuan fen={cart.totalFen} />}
                    {cart.requiredPoints > 0 && <PointsAmount points={cart.requiredPoints} />}
                  </>
                )}
                <strong>{t('resume')}</strong>
              </span>
            </Button>
            <TwiceButton size="large" onPress={() => dropCart(run, cart.heldId)}>
              {t('drop')}
            </TwiceButton>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Puts the cart of this sale aside. */
export function holdCart(run: Page['run'], saleId: string): void {
  void asOneAct(`hold ${saleId}`, (heldId) => run((call) => call.holdSale({ heldId })));
}

export function resumeCart(run: Page['run'], heldId: string): void {
  void run((call) => call.resumeSale({ heldId }));
}

function dropCart(run: Page['run'], heldId: string): void {
  void asOneAct(`drop the held cart ${heldId}`, (actId) => run((call) => call.dropHeld({ actId, heldId })));
}
