// What is shown before the engine has said anything, and the banner while it is away. Dims nothing that is safe.

import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '../parts/language-switch.tsx';
import styles from './connecting.module.css';

/** The whole screen before the first snapshot. `isUsed`: the address let another window in, and lets nobody in again. */
export function ConnectingScreen({ isUsed }: { readonly isUsed: boolean }) {
  const { t } = useTranslation(['connecting', 'common']);
  return (
    <main className={styles.screen}>
      <h1>{t('common:product')}</h1>
      {isUsed ? (
        <p className={styles.large} role="alert">
          {t('connecting:used')}
        </p>
      ) : (
        <>
          <p className={styles.large}>{t('connecting:title')}…</p>
          <p>{t('connecting:text')}</p>
        </>
      )}
      <LanguageSwitch />
    </main>
  );
}

/** Across the whole width while the engine is away: what happened, and that nothing is lost. */
export function LostBanner() {
  const { t } = useTranslation('connecting');
  return (
    <div className={styles.banner} role="alert">
      <strong>{t('lost')}</strong> <span>{t('lostText')}</span>
    </div>
  );
}
