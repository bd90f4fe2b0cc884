// Who the points belong to, the two numbers a resident asks for, and the question when a second card comes. Decides nothing.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { minuteText, pointsText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import type { CartView, OfferedCardView, ResidentView } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { PointsAmount } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import styles from './resident.module.css';

export function ResidentStrip({ resident, isCardMissing }: Pick<CartView, 'resident' | 'isCardMissing'>) {
  const { t } = useTranslation('till');
  const { run, language } = usePage();
  if (resident === null && isCardMissing) return <CardMissing onWithout={() => void run((call) => call.dropResident())} />;
  if (resident === null) return <NoCard>{t('noCard')}</NoCard>;
  const { allowance, countyAsOf, isCountyZero } = resident;
  const limit = limitText();
  return (
    <div className={styles.strip}>
      <Who resident={resident} onDrop={() => void run((call) => call.dropResident())} />
      <dl className={styles.numbers}>
        <div>
          <dt>{t('usableHere')}</dt>
          <dd>
            <PointsAmount points={allowance.usable} size="huge" />
          </dd>
          {limit !== null && <dd className={styles.note}>{limit}</dd>}
        </div>
        <div>
          <dt>{t('countyBalance')}</dt>
          {countyAsOf !== null && (
            <dd className={styles.county}>
              <PointsAmount points={allowance.countyBalance} size="large" />
              {resident.mayDraw && <DrawKey />}
            </dd>
          )}
          <dd className={styles.note}>{countyAsOf === null ? t('asOfNever') : t('asOf', { time: minuteText(countyAsOf, language) })}</dd>
          {isCountyZero && <dd className={styles.note}>{t('countyZero')}</dd>}
        </div>
      </dl>
    </div>
  );

  function limitText(): string | null {
    const { limitedBy, usable, countyBalance, rights, roaming } = allowance;
    switch (limitedBy) {
      case 'balance':
        return usable === 0 && countyBalance > 0 ? t('limited_none') : null;
      case 'sale-cap':
        return t('limited_saleCap');
      case 'day-cap':
        return t('limited_dayCap');
      case 'roaming':
        // rights are certain, the rest is by what the county said then: after a draw both are here
        if (rights > 0) return t('limited_both', { rights: pointsText(rights), roaming: pointsText(roaming) });
        return usable < countyBalance ? t('limited_roaming') : null; // else all that there is can be used: the balance says so
      case 'frozen':
        return t('limited_frozen');
      default:
        return never(limitedBy);
    }
  }
}

/** Asks the county over the network for what the resident has beyond this shop's share of it. What came of it the notice line tells. */
function DrawKey() {
  const { t } = useTranslation('till');
  const { run } = usePage();
  const [isAsking, setAsking] = useState(false);
  const draw = async (): Promise<void> => {
    setAsking(true);
    await run((call) => call.drawPoints());
    setAsking(false);
  };
  return (
    <>
      <Button disabled={isAsking} onPress={() => void draw()}>
        {t(isAsking ? 'drawing' : 'draw')}
      </Button>
      {isAsking && (
        <small role="status" className={styles.drawing}>
          {t('drawingNote')}
        </small>
      )}
    </>
  );
}

/** No card was scanned yet: to scan one, and what can be done without. */
export function NoCard({ children }: { readonly children: string }) {
  const { t } = useTranslation('till');
  return (
    <div className={`${styles.strip} ${styles.none}`}>
      <span className={styles.card} aria-hidden="true" />
      <p>
        <strong>{t('scanCard')}</strong>
        <br />
        {children}
      </p>
    </div>
  );
}

/** These goods had a card when they were put aside or the till locked: it is scanned again, or somebody says that it is not used. */
function CardMissing({ onWithout }: { readonly onWithout: () => void }) {
  const { t } = useTranslation('till');
  return (
    <div role="alert" className={`${styles.strip} ${styles.missing}`}>
      <span className={styles.card} aria-hidden="true" />
      <p>
        <strong>{t('cardMissing')}</strong>
      </p>
      <Button onPress={onWithout}>{t('withoutCard')}</Button>
    </div>
  );
}

/** Whose card was scanned, and the key that takes it off. */
export function Who({ resident, onDrop }: { readonly resident: ResidentView; readonly onDrop: () => void }) {
  const { t } = useTranslation('till');
  return (
    <div className={styles.who}>
      <p>
        <strong className={styles.name}>{resident.masked}</strong>{' '}
        <span>
          <LocalName {...resident.group} /> · {resident.village}
        </span>
        {!resident.isHome && <span className={styles.away}>{t('away')}</span>}
      </p>
      <Button onPress={onDrop}>{t('removeCard')}</Button>
    </div>
  );
}

/** Enough to tell two people apart whose masked names may be the same. */
type Shown = Pick<ResidentView, 'masked' | 'group' | 'village'>;

/** Which of two cards pays. Keeping the first is what Enter and Esc do: the second may be the next customer's. */
export function PayerQuestion({ resident, offered }: { readonly resident: Shown; readonly offered: OfferedCardView }) {
  const { t } = useTranslation('till');
  const { run } = usePage();
  const answer = (answer: 'keep' | 'change'): void => void run((call) => call.answerOffer({ offerId: offered.offerId, answer }));
  const keep = (): void => answer('keep');
  useKeys('panel', { commands: { pay: keep, back: keep } });
  return (
    <section className={styles.question} aria-labelledby="payer-question">
      <h2 id="payer-question">{t('payerQuestion')}</h2>
      <p>{t('payerUnchanged')}</p>
      <Button kind="main" size="large" className={styles.payer} onPress={keep}>
        <Payer word={t('payerKeep')} who={resident} />
      </Button>
      <Button size="large" className={styles.payer} onPress={() => answer('change')}>
        <Payer word={t('payerChange')} who={offered} />
      </Button>
    </section>
  );
}

function Payer({ word, who }: { readonly word: string; readonly who: Shown }) {
  return (
    <span>
      {word} <strong className={styles.name}>{who.masked}</strong>
      <br />
      <small>
        <LocalName {...who.group} /> · {who.village}
      </small>
    </span>
  );
}
