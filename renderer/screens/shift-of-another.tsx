// Tells who signed in that the shift is another's, with the way to the hand-over. Refuses nothing: small shops share a drawer, and
// every event names who did it.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../../db/model/format.ts';
import type { OperatorView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { Button } from '../parts/button.tsx';
import { useNow } from '../parts/use-now.ts';
import styles from './idle-warning.module.css';

/** Once for each who signs in, until they say that they have read it. */
export function ShiftOfAnother({
  snapshot: { operators, operator, shift },
  onHandOver,
}: {
  readonly snapshot: Snapshot;
  readonly onHandOver: () => void;
}) {
  const { t } = useTranslation(['signIn', 'drawer']);
  const now = useNow(60_000);
  const [readBy, setReadBy] = useState<string | null>(null);
  if (operator === null || shift === null || shift.openedBy === null || shift.openedBy === operator.id) return null;
  const reader = `${operator.id} ${shift.openedAt}`;
  if (readBy === reader) return null;
  const read = (): void => setReadBy(reader);
  return (
    <div role="status" className={styles.warning}>
      <p className={styles.words}>
        {t('signIn:shiftOf', { name: nameOf(operators, shift.openedBy), time: clockText(shift.openedAt, now) })}{' '}
        {t('signIn:shareOrHandOver')}
      </p>
      <Button
        onPress={() => {
          read();
          onHandOver();
        }}
      >
        {t('drawer:handOver')}
      </Button>
      <Button onPress={read}>{t('signIn:goOn')}</Button>
    </div>
  );
}

/** As on the tiles of the sign-in; who works here no more is known by their number. */
export function nameOf(operators: readonly OperatorView[], id: string | null): string {
  return operators.find((operator) => operator.id === id)?.name ?? id ?? '';
}
