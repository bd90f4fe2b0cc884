// Reasons to choose from, each a large key with a picture, for people who would rather look than read. Knows no reason itself.

import { Button } from './button.tsx';
import styles from './reason-keys.module.css';

interface ReasonKeysProps<Reason extends string> {
  readonly reasons: readonly Reason[];
  /** Path of an SVG of 48 by 48, drawn in strokes. */
  readonly signs: { readonly [reason in Reason]: string };
  readonly wordsOf: (reason: Reason) => string;
  /** Each says the digit that presses it, too. */
  readonly isNumbered?: boolean;
  readonly onReason: (reason: Reason) => void;
}

export function ReasonKeys<Reason extends string>({ reasons, signs, wordsOf, isNumbered = false, onReason }: ReasonKeysProps<Reason>) {
  return (
    <ul className={styles.reasons}>
      {reasons.map((reason, i) => (
        <li key={reason}>
          <Button size="large" className={styles.reason} onPress={() => onReason(reason)}>
            <svg className={styles.sign} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
              <path d={signs[reason]} />
            </svg>
            {wordsOf(reason)} {isNumbered && <kbd aria-hidden="true">{i + 1}</kbd>}
          </Button>
        </li>
      ))}
    </ul>
  );
}
