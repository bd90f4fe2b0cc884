// Days, weeks or months as bars, each a key that leads further, and the same as a table. A bar is stacked by how was paid, told apart
// by hatching as well as by colour. Drawn by CSS: nothing of it runs or styles what the page's policy would stop.

import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import type { Fen } from '../../db/model/amounts.ts';
import type { Step } from '../../db/model/calendar.ts';
import { countText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import type { OwnerBucket, OwnerFigures, OwnerReport } from '../../electron/ipc/owner-views.ts';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import styles from './owner.module.css';

interface TrendProps {
  readonly report: OwnerReport;
  readonly onOpen: (bucket: OwnerBucket) => void;
}

/** As many as fingers can tell apart on a narrow screen; more are looked at, and the table leads on. */
const keysMax = 12;

const parts = ['cash', 'points', 'other'] as const;

export function OwnerChart({ report, onOpen }: TrendProps) {
  const { t } = useTranslation('owner');
  const label = useBucketLabel();
  const { buckets, by } = report;
  const isSplit = report.total.cashFen !== null;
  const most = Math.max(1, ...buckets.map(({ figures }) => figures.netFen));
  const areKeys = buckets.length <= keysMax;
  return (
    <figure className={styles.chart}>
      <figcaption>
        <span>{t('chartUnit')}</span>
        {isSplit &&
          parts.map((part) => (
            <span key={part} className={styles.legend}>
              <i className={styles[part]} aria-hidden="true" /> {t(`pay_${part}`)}
            </span>
          ))}
      </figcaption>
      <ol className={areKeys ? styles.bars : `${styles.bars} ${styles.narrow}`}>
        {buckets.map((bucket, i) => {
          const bar = (
            <>
              {areKeys && (
                <span className={`number ${styles.value}`}>{isEmpty(bucket.figures) ? '' : shortYuan(bucket.figures.netFen)}</span>
              )}
              <span className={styles.room}>
                <Bar figures={bucket.figures} most={most} />
              </span>
              <span className={styles.label}>{areKeys || i % 5 === 0 ? label(bucket, by, areKeys) : ''}</span>
            </>
          );
          return (
            <li key={bucket.from}>
              {areKeys && canOpen(bucket, by) ? (
                <Button className={styles.bar} onPress={() => onOpen(bucket)}>
                  {bar}
                </Button>
              ) : (
                <span className={styles.bar}>{bar}</span>
              )}
            </li>
          );
        })}
      </ol>
    </figure>
  );
}

function Bar({ figures, most }: { readonly figures: OwnerFigures; readonly most: number }) {
  const { cashFen, worthFen, otherFen, netFen } = figures;
  const amounts =
    cashFen === null
      ? [['cash', netFen] as const]
      : ([
          ['other', otherFen ?? 0],
          ['points', worthFen ?? 0],
          ['cash', cashFen],
        ] as const);
  return amounts.map(([part, amount]) =>
    amount > 0 ? <i key={part} className={styles[part]} style={{ '--share': amount / most } as CSSProperties} /> : null,
  );
}

export function OwnerTable({ report, onOpen }: TrendProps) {
  const { t } = useTranslation('owner');
  const label = useBucketLabel();
  const { buckets, by } = report;
  return (
    <ul className={styles.table}>
      {buckets.toReversed().map((bucket) => (
        <li key={bucket.from}>
          <span>
            {canOpen(bucket, by) ? (
              <Button onPress={() => onOpen(bucket)}>
                {label(bucket, by, true)} <span aria-hidden="true">›</span>
              </Button>
            ) : (
              <span className={styles.date}>{label(bucket, by, true)}</span>
            )}
            {bucket.isOpen && <small> {t('isOpen')}</small>}
          </span>
          <Row figures={bucket.figures} />
        </li>
      ))}
      <li className={styles.total}>
        <span className={styles.date}>{t('total')}</span>
        <Row figures={report.total} />
      </li>
    </ul>
  );
}

function Row({ figures }: { readonly figures: OwnerFigures }) {
  const { t } = useTranslation('owner');
  const money = (term: string, fen: Fen | null) =>
    fen !== null && (
      <div>
        <dt>{term}</dt>
        <dd>
          <Yuan fen={fen} />
        </dd>
      </div>
    );
  return (
    <dl>
      {money(t('sold'), figures.netFen)}
      {figures.sales !== null && <Count term={t('sales')} n={figures.sales} />}
      {figures.sales === null && figures.pieces !== null && <Count term={t('pieces')} n={figures.pieces} />}
      {money(t('pay_cash'), figures.cashFen)}
      {money(t('worth'), figures.worthFen)}
      {money(t('pay_other'), figures.otherFen)}
      {money(t('returned'), figures.returnedFen)}
      {figures.creditPoints !== null && (
        <div>
          <dt>{t('credited')}</dt>
          <dd>
            <PointsAmount points={figures.creditPoints} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function Count({ term, n }: { readonly term: string; readonly n: number }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd className="number">{countText(n)}</dd>
    </div>
  );
}

/** A week or a month leads to its days, a day to its closing, or to what has happened so far. */
function canOpen({ closing, isOpen, figures }: OwnerBucket, by: Step): boolean {
  return by === 'day' ? closing !== null || isOpen : !isEmpty(figures);
}

function isEmpty({ soldFen, returnedFen, sales, credits, points }: OwnerFigures): boolean {
  return soldFen === 0 && returnedFen === 0 && (sales ?? 0) === 0 && (credits ?? 0) === 0 && (points ?? 0) === 0;
}

/** Whole yuan: what fits over a bar. The table has the fen. */
function shortYuan(fen: Fen): string {
  return countText(Math.round(fen / 100));
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** How a bucket is called: 周一 11-16, the Monday of a week, 2026-11. */
function useBucketLabel(): (bucket: OwnerBucket, by: Step, isLong: boolean) => string {
  const { t } = useTranslation('owner');
  return ({ from, to }, by, isLong) => {
    switch (by) {
      case 'day':
        return isLong ? `${t(weekdays[new Date(from).getUTCDay()]!)} ${from.slice(5)}` : from.slice(5); // 0 to 6
      case 'week':
        return `${from.slice(5)}–${to.slice(5)}`;
      case 'month':
        return from.slice(0, 7);
      default:
        return never(by);
    }
  };
}
