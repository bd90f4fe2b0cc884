// Who works now: touch a name, type six digits. Shows no PIN and keeps none.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { typeKey } from '../parts/digits.ts';
import { NumberPad, type PadKey } from '../parts/number-pad.tsx';
import { useNow } from '../parts/use-now.ts';
import styles from './sign-in.module.css';

const pinDigits = 6;

type Answer = { readonly kind: 'wrong' } | { readonly kind: 'locked'; readonly untilMs: number };

/** The engine counts the tries and says how long to wait; this only shows it. */
export function SignInScreen({
  snapshot,
  initial = {},
}: {
  readonly snapshot: Snapshot;
  readonly initial?: { readonly operatorId?: string; readonly answer?: Answer };
}) {
  const { t } = useTranslation(['signIn', 'common']);
  const { run } = usePage();
  const [operatorId, setOperatorId] = useState(initial.operatorId ?? null);
  const [pin, setPin] = useState('');
  const [isAsking, setAsking] = useState(false);
  const [answer, setAnswer] = useState<Answer | null>(initial.answer ?? null);
  const now = useNow(500);
  const chosen =
    snapshot.operators.find((operator) => operator.id === operatorId) ?? (snapshot.operators.length === 1 ? snapshot.operators[0]! : null);
  const secondsLeft = answer?.kind === 'locked' ? Math.max(0, Math.ceil((answer.untilMs - now) / 1000)) : 0;
  const isDisabled = chosen === null || isAsking || secondsLeft > 0;

  const ask = async (operator: OperatorView, pin: string): Promise<void> => {
    setAsking(true);
    const reply = await run((call) => call.signIn({ operatorId: operator.id, pin }));
    setAsking(false);
    setPin('');
    if (reply?.ok === false)
      setAnswer(reply.code === 'pin_locked' ? { kind: 'locked', untilMs: Date.now() + reply.waitMs } : { kind: 'wrong' });
  };
  const press = (key: PadKey): void => {
    if (isDisabled) return;
    const next = typePin(pin, key);
    setPin(next);
    setAnswer(null);
    if (next.length === pinDigits) void ask(chosen, next);
  };
  useKeys('screen', { onPad: press });

  return (
    <main className={styles.screen}>
      <section className={styles.names}>
        <h1>{t('signIn:title')}</h1>
        {snapshot.operators.length === 0 && <p>{t('signIn:noOperators')}</p>}
        <ul className={styles.tiles}>
          {snapshot.operators.map((operator) => (
            <li key={operator.id}>
              <Button
                size="large"
                chosen={operator.id === chosen?.id}
                className={styles.tile}
                onPress={() => {
                  setOperatorId(operator.id);
                  setPin('');
                  setAnswer(null);
                }}
              >
                <span className={styles.name}>{operator.name}</span>
                <span className={styles.role}>{t(`common:role_${operator.role}`)}</span>
              </Button>
            </li>
          ))}
        </ul>
      </section>
      <section className={styles.pin} data-asks-pin="">
        <p className={styles.prompt}>{chosen === null ? t('signIn:chooseName') : t('signIn:enterPin', { name: chosen.name })}</p>
        <p className={styles.dots} role="img" aria-label={`${pin.length} / ${pinDigits}`}>
          {Array.from({ length: pinDigits }, (_, i) => (
            <span key={i} className={i < pin.length ? styles.full : styles.empty} />
          ))}
        </p>
        <p className={styles.answer} role="alert">
          {secondsLeft > 0 ? t('signIn:locked', { n: secondsLeft }) : answer?.kind === 'wrong' ? t('signIn:wrong') : ''}
        </p>
        <NumberPad onKey={press} disabled={isDisabled} />
      </section>
    </main>
  );
}

function typePin(pin: string, key: PadKey): string {
  if (key === 'delete' || key === 'clear') return typeKey(pin, key, { lengthMax: pinDigits, decimals: 0 });
  return key === '.' || key === '00' || pin.length >= pinDigits ? pin : pin + key; // a PIN may begin with 0
}
