// The number pad of the page: same keys, same place on every screen that takes a number. Touches and keyboard digits
// both arrive here; what the digits mean is the screen's.

import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';
import styles from './number-pad.module.css';

export type PadKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '00' | '.' | 'delete' | 'clear';

interface NumberPadProps {
  readonly onKey: (key: PadKey) => void;
  /** The key left of 0: hundreds for money, the decimal point for points, nothing for pieces and PINs. */
  readonly extra?: '00' | '.' | null;
  readonly disabled?: boolean;
}

export function NumberPad({ onKey, extra = null, disabled = false }: NumberPadProps) {
  const { t } = useTranslation('common');
  const digits: readonly PadKey[] = ['7', '8', '9', '4', '5', '6', '1', '2', '3'];
  return (
    <div className={styles.pad} data-part="number-pad">
      {digits.map((key) => (
        <Button key={key} size="large" disabled={disabled} onPress={() => onKey(key)} className={styles.key}>
          {key}
        </Button>
      ))}
      {extra === null ? (
        <Button
          size="large"
          disabled={disabled}
          label={t('clear')}
          onPress={() => onKey('clear')}
          className={`${styles.key} ${styles.word}`}
        >
          {t('clear')}
        </Button>
      ) : (
        <Button size="large" disabled={disabled} onPress={() => onKey(extra)} className={styles.key}>
          {extra}
        </Button>
      )}
      <Button size="large" disabled={disabled} onPress={() => onKey('0')} className={styles.key}>
        0
      </Button>
      <Button size="large" disabled={disabled} label={t('delete')} onPress={() => onKey('delete')} className={styles.key}>
        ⌫
      </Button>
    </div>
  );
}
