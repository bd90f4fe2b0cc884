// The card of keys, to be read here or printed and laid beside the till; and one sale in four steps.

import { useTranslation } from 'react-i18next';
import { commands, keyMap, useKeys } from '../keyboard.ts';
import { Button } from '../parts/button.tsx';
import styles from './help.module.css';

const steps = ['step1', 'step2', 'step3', 'step4'] as const;

export function HelpScreen({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(['help', 'common']);
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined } });
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('help:title')}</h1>
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      <section>
        <h2>{t('help:stepsTitle')}</h2>
        <ol className={styles.steps}>
          {steps.map((step, i) => (
            <li key={step}>
              <span className={styles.count} aria-hidden="true">
                {i + 1}
              </span>
              {t(`help:${step}`)}
            </li>
          ))}
        </ol>
      </section>
      <section>
        <dl className={styles.keys}>
          {commands.map((command) => (
            <div key={command}>
              <dt>
                <kbd lang="en">{keyMap[command].shown}</kbd>
              </dt>
              <dd>{t(`help:key_${command}`)}</dd>
            </div>
          ))}
        </dl>
        <p className={styles.note}>{t('help:text')}</p>
        <p className={styles.note}>{t('help:upload')}</p>
      </section>
    </main>
  );
}
