// Six digits of one person, wherever a PIN is asked for: dots, the answer to the last try, the pad. Shows no PIN and keeps none.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useKeys } from '../keyboard.ts';
import { typeKey } from './digits.ts';
import { NumberPad, type PadKey } from './number-pad.tsx';
import styles from './pin-pad.module.css';
import { useNow } from './use-now.ts';

const pinDigits = 6;

export type PinAnswer = { readonly kind: 'wrong' } | { readonly kind: 'locked'; readonly untilMs: number };

interface PinPadProps {
  /** Whose PIN; null: nobody was chosen yet. What was typed and answered is that person's alone. */
  readonly personId: string | null;
  readonly prompt: string;
  /** The engine's word on a whole PIN: it counts the tries and says how long to wait; this only shows it. */
  readonly ask: (personId: string, pin: string) => Promise<object | null>;
  /** For the gallery. */
  readonly initial?: PinAnswer | null;
}

export function PinPad({ personId, prompt, ask, initial = null }: PinPadProps) {
  const { t } = useTranslation('signIn');
  const [typed, setTyped] = useState({ personId, pin: '', answer: initial });
  const [isAsking, setAsking] = useState(false);
  const now = useNow(500);
  const { pin, answer } = typed.personId === personId ? typed : { pin: '', answer: null };
  const secondsLeft = answer?.kind === 'locked' ? Math.max(0, Math.ceil((answer.untilMs - now) / 1000)) : 0;
  const isDisabled = personId === null || isAsking || secondsLeft > 0;

  const askAbout = async (personId: string, pin: string): Promise<void> => {
    setAsking(true);
    const reply = await ask(personId, pin);
    setAsking(false);
    setTyped({ personId, pin: '', answer: answerIn(reply) });
  };
  const press = (key: PadKey): void => {
    if (isDisabled) return;
    const next = typePin(pin, key);
    setTyped({ personId, pin: next, answer: null });
    if (next.length === pinDigits) void askAbout(personId, next);
  };
  useKeys('panel', { onPad: press });

  return (
    <section className={styles.pin} data-asks-pin="">
      <p className={styles.prompt}>{prompt}</p>
      <p className={styles.dots} role="img" aria-label={`${pin.length} / ${pinDigits}`}>
        {Array.from({ length: pinDigits }, (_, i) => (
          <span key={i} className={i < pin.length ? styles.full : styles.empty} />
        ))}
      </p>
      <p className={styles.answer} role="alert">
        {secondsLeft > 0 ? t('locked', { n: secondsLeft }) : answer?.kind === 'wrong' ? t('wrong') : ''}
      </p>
      <NumberPad onKey={press} disabled={isDisabled} />
    </section>
  );
}

function answerIn(reply: object | null): PinAnswer | null {
  if (reply === null || !('code' in reply)) return null;
  if (reply.code === 'pin_locked' && 'waitMs' in reply) return { kind: 'locked', untilMs: Date.now() + Number(reply.waitMs) };
  return reply.code === 'pin_wrong' ? { kind: 'wrong' } : null;
}

function typePin(pin: string, key: PadKey): string {
  if (key === 'delete' || key === 'clear') return typeKey(pin, key, { lengthMax: pinDigits, decimals: 0 });
  return key === '.' || key === '00' || pin.length >= pinDigits ? pin : pin + key; // a PIN may begin with 0
}
