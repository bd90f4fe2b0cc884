// The whole screen of a till that cannot sell: what happened, what to do, and what to read out on the telephone.

import { useTranslation } from 'react-i18next';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { LanguageSwitch } from '../parts/language-switch.tsx';
import styles from './stopped.module.css';

/** The support code names the reason, the program and the detail the engine gave; no sentence of it needs reading by a cashier. */
export function StoppedScreen({ snapshot }: { readonly snapshot: Snapshot }) {
  const { t } = useTranslation('stopped');
  const { status, software, shop } = snapshot;
  if (status.kind !== 'stopped') return null;
  return (
    <main className={styles.screen}>
      <h1>
        <span className={styles.sign} aria-hidden="true">
          !
        </span>
        {t('title')}
      </h1>
      <p className={styles.what}>{t(`${status.code}.what`)}</p>
      <section className={styles.action}>
        <h2>{t('todo')}</h2>
        <p>{t(`${status.code}.action`)}</p>
      </section>
      <section className={styles.support}>
        <h2>{t('support')}</h2>
        <p lang="en">
          {[status.code.toUpperCase().replaceAll('_', '-'), shop?.kiosk, software, status.detail].filter(Boolean).join(' · ')}
        </p>
      </section>
      <LanguageSwitch />
    </main>
  );
}
