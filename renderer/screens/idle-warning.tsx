// Tells the engine that a person is there, and a person that the till is about to lock itself. Locks nothing.

import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { useNow } from '../parts/use-now.ts';
import styles from './idle-warning.module.css';

/** Touches that ask nothing of the engine (a number being typed, a list being read) are told it no more often than this. */
const tellEveryMs = 30_000;

export function IdleWarning({ locksAt }: { readonly locksAt: number | null }) {
  const { run } = usePage();
  const toldAt = useRef(0);
  // outside world: hands on the screen and the keyboard
  useEffect(() => {
    toldAt.current = performance.now(); // who signed in is there
    const touched = (): void => {
      if (locksAt === null && performance.now() - toldAt.current < tellEveryMs) return;
      toldAt.current = performance.now();
      void run((call) => call.stillHere().catch(() => undefined)); // nobody asked for anything, so nothing is said to have failed
    };
    window.addEventListener('pointerdown', touched, true);
    window.addEventListener('keydown', touched, true);
    return () => {
      window.removeEventListener('pointerdown', touched, true);
      window.removeEventListener('keydown', touched, true);
    };
  }, [run, locksAt]);
  return locksAt === null ? null : <Warning locksAt={locksAt} />;
}

function Warning({ locksAt }: { readonly locksAt: number }) {
  const { t } = useTranslation('drawer');
  const now = useNow(1_000);
  return (
    <div role="alert" className={styles.warning}>
      <p>{t('locks', { n: Math.max(0, Math.ceil((locksAt - now) / 1_000)) })}</p>
      {/* any touch says it; this is where a finger goes */}
      <Button kind="main" size="large" onPress={() => undefined}>
        {t('stillHere')}
      </Button>
    </div>
  );
}
