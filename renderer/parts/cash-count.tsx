// Counting cash by pieces: every kind with − and +, and the number pad for the one that is chosen. Knows what was counted and
// nothing of what should be there: a count is blind.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CashCount as Counts, denominations } from '../../db/model/event.ts';
import { fen } from '../../db/model/amounts.ts';
import { yuanText } from '../../db/model/format.ts';
import { useKeys } from '../keyboard.ts';
import { Yuan } from './amount.tsx';
import { Button } from './button.tsx';
import styles from './cash-count.module.css';
import { typeKey } from './digits.ts';
import { countedFen, piecesMax } from './money.ts';
import { NumberPad, type PadKey } from './number-pad.tsx';

/** Nothing counted yet. */
export const nothingCounted: Counts = denominations.map(() => 0);

interface CashCountProps {
  readonly counts: Counts;
  readonly onCounts: (counts: Counts) => void;
  readonly disabled?: boolean;
}

/** The pieces and what they come to. On the keyboard: digits for the chosen kind, the point for the next one. */
export function CashCount({ counts, onCounts, disabled = false }: CashCountProps) {
  const { t } = useTranslation(['count', 'common']);
  const named = (worth: number): string => `${yuanText(fen(worth))} ${t('common:yuan')}`;
  const [row, setRow] = useState(0);
  const change = (i: number, to: number): void => {
    setRow(i);
    if (to >= 0 && to <= piecesMax) onCounts(counts.map((count, each) => (each === i ? to : count)));
  };
  const press = (key: PadKey): void => {
    if (disabled) return;
    if (key === '.') return setRow((row + 1) % denominations.length);
    const before = counts[row] === 0 ? '' : String(counts[row]);
    change(row, Number(typeKey(before, key, { lengthMax: String(piecesMax).length, decimals: 0 })));
  };
  useKeys('screen', { onPad: press });

  return (
    <div className={styles.count} data-part="cash-count">
      <ul className={styles.rows}>
        {denominations.map((worth, i) => (
          <li key={worth} className={styles.row}>
            <Button
              size="large"
              label={`${t('count:fewer')} ${named(worth)}`}
              disabled={disabled || counts[i] === 0}
              onPress={() => change(i, counts[i]! - 1)}
            >
              −
            </Button>
            <Button size="large" chosen={row === i} disabled={disabled} className={styles.kind} onPress={() => setRow(i)}>
              <Yuan fen={fen(worth)} />
              <span className={`${styles.pieces} number`}>× {counts[i]}</span>
            </Button>
            <Button
              size="large"
              label={`${t('count:more')} ${named(worth)}`}
              disabled={disabled || counts[i] === piecesMax}
              onPress={() => change(i, counts[i]! + 1)}
            >
              +
            </Button>
          </li>
        ))}
      </ul>
      <div className={styles.side}>
        <p className={styles.total}>
          {t('count:counted')} <Yuan fen={countedFen(counts)} size="huge" />
        </p>
        <NumberPad onKey={press} disabled={disabled} />
        <p className={styles.hint}>{t('count:nextKind')}</p>
      </div>
    </div>
  );
}
