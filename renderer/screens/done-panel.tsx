// What was just done, in facts that scroll behind a foot which never does. How many of them lie behind it is said: a list that looks whole
// and is not would be believed.

import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import styles from './paid.module.css';

interface DonePanelProps {
  readonly title: string;
  /** Each a `div` of a `dl`. */
  readonly facts: ReactNode;
  /** Where the paper of it stands. */
  readonly print: ReactNode;
  readonly isBadPrint: boolean;
  readonly buttons: ReactNode;
  readonly hint: string | null;
}

export function DonePanel({ title, facts, print, isBadPrint, buttons, hint }: DonePanelProps) {
  const { t } = useTranslation('common');
  const list = useRef<HTMLDListElement>(null);
  const foot = useRef<HTMLDivElement>(null);
  const below = useBelow(list, foot);
  return (
    <div className={styles.panel}>
      <h2>
        <span className={styles.sign} aria-hidden="true">
          ✓
        </span>
        {title}
      </h2>
      <dl className={styles.facts} ref={list}>
        {facts}
      </dl>
      <div className={styles.foot} ref={foot}>
        <p className={isBadPrint ? styles.badPrint : styles.print} role="status">
          {print}
        </p>
        <div className={styles.buttons}>
          {below > 0 && (
            <Button size="large" onPress={() => behind(list.current, foot.current)[0]?.scrollIntoView({ block: 'start' })}>
              ▾ {t('moreBelow', { n: below })}
            </Button>
          )}
          {buttons}
        </div>
      </div>
      {hint !== null && <p className={styles.hint}>{hint}</p>}
    </div>
  );
}

/** How many facts of the list are not wholly in sight above the foot. */
function useBelow(list: RefObject<HTMLElement | null>, foot: RefObject<HTMLElement | null>): number {
  const [below, setBelow] = useState(0);
  // outside world: what of the page is in sight
  useEffect(() => {
    const look = (): void => setBelow(behind(list.current, foot.current).length);
    const sizes = new ResizeObserver(look); // looks at once, too
    for (const each of [list.current, foot.current]) if (each !== null) sizes.observe(each);
    document.addEventListener('scroll', look, { capture: true, passive: true }); // whichever box scrolls
    window.addEventListener('resize', look);
    return () => {
      sizes.disconnect();
      document.removeEventListener('scroll', look, { capture: true });
      window.removeEventListener('resize', look);
    };
  }, [list, foot]);
  return below;
}

function behind(list: HTMLElement | null, foot: HTMLElement | null): readonly Element[] {
  if (list === null || foot === null) return [];
  const edge = foot.getBoundingClientRect().top;
  return [...list.children].filter((fact) => fact.getBoundingClientRect().bottom > edge + 1); // pixels are parts of one on some screens
}
