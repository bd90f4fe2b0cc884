// The page's buttons: sizes in millimetres, pressed at once, and one that wants a second touch. Opens no dialog.

import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './button.module.css';

interface ButtonProps {
  readonly children: ReactNode;
  readonly onPress: () => void;
  /** One main button on a screen; danger is outlined and stands apart from it. */
  readonly kind?: 'main' | 'plain' | 'quiet' | 'danger';
  /** `large` is at least 16 mm, `cashier` 12 mm (experience.md U9). */
  readonly size?: 'cashier' | 'large';
  readonly disabled?: boolean;
  /** For a choice among several: whether this one is chosen. */
  readonly chosen?: boolean;
  /** What a screen reader says where the button shows only a sign. */
  readonly label?: string;
  readonly className?: string | undefined;
}

export function Button({ children, onPress, kind = 'plain', size = 'cashier', disabled = false, chosen, label, className }: ButtonProps) {
  return (
    <button
      type="button"
      className={`${styles.button} ${styles[kind]} ${styles[size]} ${className ?? ''}`}
      data-target={size}
      disabled={disabled}
      aria-pressed={chosen}
      aria-label={label}
      onClick={onPress}
    >
      {children}
    </button>
  );
}

/** How long the second touch may take. */
const secondTouchMs = 4_000;

/** For what cannot be undone: the first touch asks, the second within four seconds does. */
export function TwiceButton({ children, onPress, ...rest }: ButtonProps) {
  const { t } = useTranslation('common');
  const [isAsking, setAsking] = useState(false);
  // outside world: the clock takes the question back
  useEffect(() => {
    if (!isAsking) return undefined;
    const timer = setTimeout(() => setAsking(false), secondTouchMs);
    return () => clearTimeout(timer);
  }, [isAsking]);
  return (
    <Button
      {...rest}
      kind="danger"
      onPress={() => {
        setAsking(!isAsking);
        if (isAsking) onPress();
      }}
    >
      {isAsking ? t('pressAgain') : children}
    </Button>
  );
}
