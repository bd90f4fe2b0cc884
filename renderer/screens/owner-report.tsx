// How the shop did: today at a glance, days, weeks and months beside the span before, and the way down to the figures of a closed
// day. Adds nothing up: the engine does.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Span, spanBeside, type Step, stepOf, steps, stepsUntil } from '../../db/model/calendar.ts';
import { businessDate } from '../../db/model/time.ts';
import type { OwnerBucket, OwnerFilter } from '../../electron/ipc/owner-views.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { keyMap, useKeys } from '../keyboard.ts';
import { Button } from '../parts/button.tsx';
import { useAnswer } from '../parts/use-answer.ts';
import { OwnerFilters } from './owner-filters.tsx';
import { OwnerGoodsList, OwnerHours, OwnerMaterials, OwnerOperators } from './owner-lists.tsx';
import { OwnerSummary, OwnerToday } from './owner-summary.tsx';
import { OwnerChart, OwnerTable } from './owner-trend.tsx';
import { PeriodScreen } from './period.tsx';
import styles from './owner.module.css';

/** What is looked at: a span in days, weeks or months. */
interface Place extends Span {
  readonly by: Step;
}

/** So many stand beside each other. Of days the last seven, today among them: on a Monday morning a calendar week is empty. */
const barsAtOnce = { day: 7, week: 12, month: 12 } as const satisfies { readonly [by in Step]: number };

const tabs = ['trend', 'hours', 'goods', 'materials', 'operators'] as const;
type Tab = (typeof tabs)[number];

interface ReportProps {
  readonly snapshot: Snapshot;
  readonly onClose: () => void;
}

export function OwnerReportScreen({ snapshot, onClose }: ReportProps) {
  const { t } = useTranslation(['owner', 'common']);
  const [date] = useState(() => businessDate(Date.now()));
  const today = snapshot.shift?.businessDate ?? date;
  const [place, setPlace] = useState<Place>(() => placeOf('day', today));
  /** Where a touch led down from: the way back up. */
  const [above, setAbove] = useState<readonly Place[]>([]);
  const [filter, setFilter] = useState<OwnerFilter>({ kind: 'all' });
  const [tab, setTab] = useState<Tab>('trend');
  const [isTable, setTable] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  /** A closing, or the open day (null), that is looked into. */
  const [period, setPeriod] = useState<{ readonly number: number | null } | null>(null);

  // a long book is read a piece at a time: each piece is asked for, so that who leaves stops it
  const [piece, setPiece] = useState(0);
  const asked = { from: place.from, to: place.to, by: place.by, filter };
  const of = `${JSON.stringify(asked)} ${snapshot.revision} ${piece}`;
  const answered = useAnswer(of, (call) => call.ownerReport(asked));
  if (answered?.of === of && answered.value.kind === 'counting') setPiece(piece + 1);
  const report = answered?.value.kind === 'report' ? answered.value.report : null;

  const isNewest = place.to >= today;
  const isOldest = report === null || report.since === null || place.from <= report.since;
  const choose = (by: Step): void => {
    setAbove([]);
    setPlace(placeOf(by, today));
  };
  const move = (side: 1 | -1): void => {
    if (side === 1 ? !isNewest : !isOldest) setPlace({ ...place, ...spanBeside(place, side) });
  };
  const up = (): void => {
    const last = above.at(-1);
    if (isChoosing) return setChoosing(false);
    if (last === undefined) return onClose();
    setAbove(above.slice(0, -1));
    setPlace(last);
  };
  const open = (bucket: OwnerBucket): void => {
    if (place.by === 'day') return setPeriod({ number: bucket.closing });
    setAbove([...above, place]);
    setPlace({ by: 'day', ...stepOf(bucket.from, place.by) });
  };
  useKeys('screen', {
    onPad: (key) => {
      const step = steps[Number(key) - 1];
      if (step !== undefined) choose(step);
      if (key === '4') move(-1);
      if (key === '6') move(1);
      if (key === '5' && tab === 'trend') setTable(!isTable);
    },
    commands: { back: up, pay: () => undefined, undo: () => undefined, search: () => setChoosing(!isChoosing) },
  });
  if (period !== null) return <PeriodScreen number={period.number} onClose={() => setPeriod(null)} />;
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('owner:title')}</h1>
        <div className={styles.keys}>
          {steps.map((by, i) => (
            <Button key={by} chosen={by === (above[0] ?? place).by} onPress={() => choose(by)}>
              {t(`owner:by_${by}`)} <kbd>{i + 1}</kbd>
            </Button>
          ))}
        </div>
        <div className={styles.keys}>
          <Button disabled={isOldest} onPress={() => move(-1)}>
            ‹ {t('owner:earlier')} <kbd>4</kbd>
          </Button>
          <Button disabled={isNewest} onPress={() => move(1)}>
            {t('owner:later')} › <kbd>6</kbd>
          </Button>
        </div>
        <Button chosen={filter.kind !== 'all' || isChoosing} onPress={() => setChoosing(!isChoosing)}>
          {t('owner:filter')} <kbd>{keyMap.search.shown}</kbd>
        </Button>
        <Button onPress={up}>{t('common:back')}</Button>
      </header>
      {report === null ? (
        <p className={styles.note} role="status">
          {answered?.value.kind === 'counting' ? t('owner:counting', { percent: answered.value.percent }) : t('owner:loading')}
        </p>
      ) : report.since === null ? (
        <p className={styles.note}>{t('owner:empty')}</p>
      ) : isChoosing ? (
        <OwnerFilters
          choices={report.choices}
          filter={filter}
          onChoose={(next) => {
            setFilter(next);
            setChoosing(false);
          }}
        />
      ) : (
        <div className={styles.body} tabIndex={0}>
          <OwnerToday report={report} />
          <OwnerSummary report={report} />
          <nav className={styles.keys}>
            {tabs.map((each) => (
              <Button key={each} chosen={each === tab} onPress={() => setTab(each)}>
                {t(`owner:tab_${each}`)}
              </Button>
            ))}
            {tab === 'trend' && (
              <Button className={styles.toggle} onPress={() => setTable(!isTable)}>
                {isTable ? t('owner:chart') : t('owner:table')} <kbd>5</kbd>
              </Button>
            )}
          </nav>
          {tab === 'trend' && (isTable ? <OwnerTable report={report} onOpen={open} /> : <OwnerChart report={report} onOpen={open} />)}
          {tab === 'hours' && <OwnerHours hours={report.hours} />}
          {tab === 'goods' && <OwnerGoodsList goods={report.goods} />}
          {tab === 'materials' && <OwnerMaterials materials={report.materials} />}
          {tab === 'operators' && <OwnerOperators operators={report.operators} />}
        </div>
      )}
    </main>
  );
}

/** Where a key leads: the last days, weeks or months. */
function placeOf(by: Step, today: string): Place {
  return { by, ...stepsUntil(today, by, barsAtOnce[by]) };
}
