// The owner's figures and charts, loaded when the owner first looks: a till that sells does without them. Draws only the waiting.

import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import styles from './owner.module.css';

const Report = lazy(async () => ({ default: (await import('./owner-report.tsx')).OwnerReportScreen }));

interface OwnerProps {
  readonly snapshot: Snapshot;
  readonly onClose: () => void;
}

export function OwnerScreen(props: OwnerProps) {
  const { t } = useTranslation('owner');
  return (
    <Suspense
      fallback={
        <main className={styles.screen} aria-busy="true">
          <p className={styles.note}>{t('loading')}</p>
        </main>
      }
    >
      <Report {...props} />
    </Suspense>
  );
}
