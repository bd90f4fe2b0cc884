// Who works now: touch a name, type six digits. Shows no PIN and keeps none.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../../db/model/format.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { type PinAnswer, PinPad } from '../parts/pin-pad.tsx';
import { useNow } from '../parts/use-now.ts';
import { nameOf } from './shift-of-another.tsx';
import styles from './sign-in.module.css';

export function SignInScreen({
  snapshot,
  initial = {},
}: {
  readonly snapshot: Snapshot;
  readonly initial?: { readonly operatorId?: string; readonly answer?: PinAnswer };
}) {
  const { t } = useTranslation(['signIn', 'common']);
  const { run } = usePage();
  const [operatorId, setOperatorId] = useState(initial.operatorId ?? null);
  const chosen =
    snapshot.operators.find((operator) => operator.id === operatorId) ?? (snapshot.operators.length === 1 ? snapshot.operators[0]! : null);

  return (
    <main className={styles.screen}>
      <section className={styles.names}>
        <h1>{t('signIn:title')}</h1>
        <Left snapshot={snapshot} />
        {snapshot.operators.length === 0 && <p>{t('signIn:noOperators')}</p>}
        <ul className={styles.tiles}>
          {snapshot.operators.map((operator) => (
            <li key={operator.id}>
              <Button size="large" chosen={operator.id === chosen?.id} className={styles.tile} onPress={() => setOperatorId(operator.id)}>
                <span className={styles.name}>{operator.name}</span>
                <span className={styles.role}>{t(`common:role_${operator.role}`)}</span>
              </Button>
            </li>
          ))}
        </ul>
      </section>
      {snapshot.operators.length > 0 && (
        <PinPad
          personId={chosen?.id ?? null}
          prompt={chosen === null ? t('signIn:chooseName') : t('signIn:enterPin', { name: chosen.name })}
          ask={(operatorId, pin) => run((call) => call.signIn({ operatorId, pin }))}
          initial={initial.answer ?? null}
        />
      )}
    </main>
  );
}

/** What the one before left: whose shift goes on, and what waits in the cart and on the desk. */
function Left({ snapshot: { left, operators, cart, desk } }: { readonly snapshot: Snapshot }) {
  const { t } = useTranslation('signIn');
  const now = useNow(60_000);
  if (left === null) return null;
  const { shift, lockedAt } = left;
  const goods = cart.quote.lines.length;
  const bags = desk?.bags.length ?? 0;
  if (shift === null && goods + bags === 0) return null;
  return (
    <div role="status" className={styles.left}>
      {lockedAt !== null && <p>{t('lockedItself', { time: clockText(lockedAt, now) })}</p>}
      {shift !== null && (
        <p>
          <strong>{t('shiftOf', { name: nameOf(operators, shift.openedBy), time: clockText(shift.openedAt, now) })}</strong>
        </p>
      )}
      {goods > 0 && <p>{t('goodsWait', { n: goods })}</p>}
      {bags > 0 && <p>{t('bagsWait', { n: bags })}</p>}
    </div>
  );
}
