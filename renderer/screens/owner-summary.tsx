// Today at a glance, and a span in words: what it came to, whether that is more or less than before, what points paid, when it was
// busiest. Adds nothing up.

import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { countText, dateText, yuanText } from '../../db/model/format.ts';
import { businessDate } from '../../db/model/time.ts';
import { useNow } from '../parts/use-now.ts';
import { never } from '../../db/model/result.ts';
import type { OwnerFilter, OwnerReport } from '../../electron/ipc/owner-views.ts';
import { usePage } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import styles from './owner.module.css';

export function OwnerToday({ report }: { readonly report: OwnerReport }) {
  const { t } = useTranslation('owner');
  const { language } = usePage();
  const { ofToday, weekAgo } = report;
  const date = dateText(report.today, language);
  const isToday = report.today === businessDate(useNow(30_000));
  return (
    <section className={styles.today} aria-label={isToday ? t('today') : t('dayOf', { date })}>
      <h2>
        {isToday ? (
          <>
            {t('today')} <small>{date}</small>
          </>
        ) : (
          t('dayOf', { date })
        )}
      </h2>
      <ul>
        <Tile term={t('net')}>
          <Yuan fen={ofToday.netFen} size="huge" />
          {weekAgo !== null && <small>{t('weekAgo', { yuan: yuanText(weekAgo.netFen) })}</small>}
        </Tile>
        <Tile term={t('sales')}>
          <strong className={`number ${styles.count}`}>{countText(ofToday.sales ?? 0)}</strong>
          {(ofToday.returns ?? 0) > 0 && <small>{t('returnsCount', { n: ofToday.returns })}</small>}
        </Tile>
        <Tile term={t('pay_cash')}>{ofToday.cashFen !== null && <Yuan fen={ofToday.cashFen} size="huge" />}</Tile>
        <Tile term={t('points')}>
          {ofToday.points !== null && <PointsAmount points={ofToday.points} size="huge" />}
          {ofToday.worthFen !== null && <small>{t('worthText', { yuan: yuanText(ofToday.worthFen) })}</small>}
        </Tile>
        <Tile term={t('credited')}>{ofToday.creditPoints !== null && <PointsAmount points={ofToday.creditPoints} size="huge" />}</Tile>
      </ul>
    </section>
  );
}

function Tile({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <li>
      <span>{term}</span>
      {children}
    </li>
  );
}

export function OwnerSummary({ report }: { readonly report: OwnerReport }) {
  const { t } = useTranslation('owner');
  const { language } = usePage();
  const filtered = useFilterText(report.filter);
  const { total, before, hours } = report;
  const dates = (span: { readonly from: string; readonly to: string }) => ({
    from: dateText(span.from, language),
    to: dateText(span.to, language),
  });
  const busiest = (hours ?? []).toSorted((a, b) => b.sales - a.sales)[0];
  const isNothing = total.soldFen === 0 && total.returnedFen === 0 && (total.points ?? 0) === 0 && (total.credits ?? 0) === 0;
  return (
    <p className={styles.summary}>
      {filtered !== '' && <strong>{filtered} </strong>}
      {isNothing
        ? t('nothing', dates(report))
        : total.sales === null
          ? t('saidFen', { ...dates(report), yuan: yuanText(total.netFen) })
          : t('said', { ...dates(report), yuan: yuanText(total.netFen), n: countText(total.sales) })}{' '}
      <Comparison report={report} />{' '}
      {before !== null && <span>{t('beforeText', { ...dates(before), yuan: yuanText(before.figures.netFen) })} </span>}
      {total.pointsPermille !== null && <span>{t('share', { percent: percentText(total.pointsPermille) })} </span>}
      {busiest !== undefined && busiest.sales > 0 && <span>{t('busiest', { from: busiest.hour, to: busiest.hour + 1 })} </span>}
      {report.since !== null && report.since > report.from && <span>{t('since', { date: dateText(report.since, language) })}</span>}
    </p>
  );
}

/** By word and arrow: no colour says it alone. */
function Comparison({ report: { total, before } }: { readonly report: OwnerReport }) {
  const { t } = useTranslation('owner');
  if (before === null) return null;
  const [now, then] = [total.netFen, before.figures.netFen];
  if (now === then) return <strong className={styles.same}>＝ {t('same')}</strong>;
  const kind = now > then ? 'more' : 'less';
  const sign = kind === 'more' ? '▲' : '▼';
  // of nothing, or of less than nothing, there is no part
  const text = then <= 0 ? t(`${kind}Yuan`, { yuan: yuanText(differenceOf(now, then)) }) : t(kind, { percent: shareText(now, then) });
  return (
    <strong className={styles[kind]}>
      {sign} {text}
    </strong>
  );
}

function differenceOf<Amount extends number>(a: Amount, b: Amount): Amount {
  return Math.abs(a - b) as Amount; // of one unit, as both are
}

function shareText(now: number, then: number): string {
  const share = Math.round((Math.abs(now - then) * 100) / then);
  return share === 0 ? '<1' : countText(share);
}

/** Thousandths as hundredths: 182 is 18.2. */
function percentText(permille: number): string {
  return permille % 10 === 0 ? String(permille / 10) : (permille / 10).toFixed(1);
}

/** What the filter leaves, in words; '' for all. */
function useFilterText(filter: OwnerFilter): string {
  const { t } = useTranslation(['owner', 'till']);
  const { known } = usePage();
  switch (filter.kind) {
    case 'all':
      return '';
    case 'operator':
      return t('owner:only', { what: known.snapshot?.operators.find(({ id }) => id === filter.id)?.name ?? filter.id });
    case 'category':
      return t('owner:only', { what: t(`till:category_${filter.category}`) });
    case 'payment':
      return t('owner:only', { what: t(`owner:pay_${filter.payment}`) });
    default:
      return never(filter);
  }
}
