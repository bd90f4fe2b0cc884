// The events behind one figure, newest first and page by page, what they come to together, and the paper of the one that is touched.
// The sum is compared with the figure only once all are listed.

import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { minuteText } from '../../db/model/format.ts';
import type { EventBehind } from '../../electron/ipc/day-views.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { FigureAmount } from './figure-amount.tsx';
import { kindLabel } from './figure-label.ts';
import { Paper } from './past-list.tsx';
import type { FigureUnit } from './period-figures.ts';
import styles from './period.module.css';

interface EventsBehindProps {
  readonly number: number | null;
  readonly figure: string;
  readonly title: string;
  /** Of the figure, as the report has it. */
  readonly amount: number;
  readonly unit: FigureUnit;
  readonly onClose: () => void;
}

/** What was listed so far, and where to go on; null: all is listed. */
interface Listed {
  readonly events: readonly EventBehind[];
  readonly nextBeforeSeq: number | null;
}

export function EventsBehind({ number, figure, title, amount, unit, onClose }: EventsBehindProps) {
  const { t } = useTranslation(['period', 'common', 'recent']);
  const { known, run, language } = usePage();
  const [listed, setListed] = useState<Listed | null>(null);
  const [isListing, setListing] = useState(false);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const isShown = useRef(true);
  const isThere = known.link === 'connected';
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined } });

  const pageAfter = async (before: Listed | null): Promise<Listed | null> => {
    const page = await run((call) => call.eventsBehind({ number, figure, beforeSeq: before?.nextBeforeSeq ?? null }));
    return page === null ? null : { events: [...(before?.events ?? []), ...page.events], nextBeforeSeq: page.nextBeforeSeq };
  };
  const firstPage = useRef(pageAfter);
  // outside world: the book
  useEffect(() => {
    if (!isThere) return undefined;
    isShown.current = true;
    void firstPage.current(null).then((page) => {
      if (isShown.current && page !== null) setListed((before) => before ?? page);
    });
    return () => {
      isShown.current = false;
    };
  }, [isThere]);

  const more = async (isAll: boolean): Promise<void> => {
    if (isListing || listed === null) return;
    setListing(true);
    let last: Listed | null = await pageAfter(listed);
    while (last !== null && isShown.current) {
      setListed(last);
      last = isAll && last.nextBeforeSeq !== null ? await pageAfter(last) : null; // null also where a call failed: the notice line tells
    }
    if (isShown.current) setListing(false);
  };

  const sum = listed?.events.reduce((total, event) => total + event.amount, 0) ?? 0;
  const isWhole = listed !== null && listed.nextBeforeSeq === null;
  const chosen = listed?.events.find(({ id }) => id === chosenId) ?? null;
  return (
    <main className={`${styles.screen} ${styles.behind}`}>
      <header>
        <h1>{title}</h1>
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      <div className={styles.sums}>
        <p>
          <span>{t('period:figureIs')}</span> <FigureAmount amount={amount} unit={unit} size="huge" />
        </p>
        {listed !== null && (
          <p>
            <span>{t('period:listed', { n: listed.events.length })}</span> <FigureAmount amount={sum} unit={unit} size="huge" />
          </p>
        )}
        {isWhole &&
          (sum === amount ? (
            <p className={styles.agrees}>✓ {t('period:agrees')}</p>
          ) : (
            <p className={styles.disagrees} role="alert">
              ! {t('period:disagrees')}
            </p>
          ))}
        {listed !== null && !isWhole && (
          <>
            <Button disabled={isListing} onPress={() => void more(false)}>
              {t('recent:older')} ›
            </Button>
            <Button disabled={isListing} onPress={() => void more(true)}>
              {t('period:allRows')}
            </Button>
          </>
        )}
      </div>
      <section className={styles.list} tabIndex={0}>
        {listed === null ? (
          <p className={styles.note}>{t('recent:loading')}</p>
        ) : listed.events.length === 0 ? (
          <p className={styles.note}>{t('period:noRows')}</p>
        ) : (
          <ul>
            {listed.events.map((event) => (
              <li key={event.id}>
                <Button chosen={event.id === chosenId} className={styles.event} onPress={() => setChosenId(event.id)}>
                  <span className={styles.what}>
                    {kindLabel(t, event.kind)} {event.number !== '' && <span>{event.number}</span>}
                    <small>
                      {minuteText(event.at, language)} {event.operatorName}
                    </small>
                  </span>
                  <FigureAmount amount={event.amount} unit={unit} />
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className={styles.chosen}>
        {chosen === null ? (
          <p className={styles.note}>{listed !== null && listed.events.length > 0 && t('period:chooseRow')}</p>
        ) : chosen.hasPaper ? (
          <Paper key={chosen.id} actId={chosen.id} number={chosen.number} copies={null} />
        ) : (
          <p className={styles.note}>{t('period:noPaper')}</p>
        )}
      </section>
    </main>
  );
}
