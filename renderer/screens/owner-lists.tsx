// What a span was made of: hours, goods, materials and operators, most first. Adds nothing up.

import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { countText } from '../../db/model/format.ts';
import type { OwnerReport } from '../../electron/ipc/owner-views.ts';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { Pictogram } from '../parts/pictogram.tsx';
import { useAmountText } from './desk-bags.tsx';
import styles from './owner.module.css';

export function OwnerHours({ hours }: Pick<OwnerReport, 'hours'>) {
  const { t } = useTranslation('owner');
  return (
    <List
      rows={hours}
      keyOf={({ hour }) => String(hour)}
      amountOf={({ sales }) => sales}
      renderName={({ hour }) => <strong className="number">{`${clock(hour)}–${clock(hour + 1)}`}</strong>}
      renderFigures={({ sales, soldFen, credits }) => (
        <>
          <span>{t('salesCount', { n: countText(sales) })}</span>
          <Yuan fen={soldFen} />
          {credits > 0 && <small>{t('creditsCount', { n: countText(credits) })}</small>}
        </>
      )}
    />
  );
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}

export function OwnerGoodsList({ goods }: Pick<OwnerReport, 'goods'>) {
  const { t } = useTranslation('owner');
  return (
    <List
      rows={goods}
      keyOf={({ goodsId }) => goodsId}
      amountOf={({ comesToFen }) => comesToFen}
      renderName={({ goodsId, name }) =>
        name === null ? (
          <span>{t('unnamed', { id: goodsId })}</span>
        ) : (
          <>
            <Pictogram name={name.picture} />
            <span>
              <LocalName zh={name.zh} bo={name.bo} /> <small>{name.size}</small>
            </span>
          </>
        )
      }
      renderFigures={({ pieces, fen, points }) => (
        <>
          <span>{t('piecesCount', { n: countText(pieces) })}</span>
          {(fen > 0 || points === 0) && <Yuan fen={fen} />}
          {points > 0 && <PointsAmount points={points} />}
        </>
      )}
    />
  );
}

export function OwnerMaterials({ materials }: Pick<OwnerReport, 'materials'>) {
  const { t } = useTranslation('owner');
  const amount = useAmountText();
  return (
    <List
      rows={materials}
      keyOf={({ materialId }) => materialId}
      amountOf={({ points }) => points}
      renderName={({ materialId, name }) =>
        name === null ? (
          <span>{t('unnamed', { id: materialId })}</span>
        ) : (
          <>
            <Pictogram name={name.picture} />
            <LocalName zh={name.zh} bo={name.bo} />
          </>
        )
      }
      renderFigures={({ name, units, points }) => (
        <>
          <span>{name === null ? countText(units) : amount(name.measuredBy, units)}</span>
          <PointsAmount points={points} />
        </>
      )}
    />
  );
}

export function OwnerOperators({ operators }: Pick<OwnerReport, 'operators'>) {
  const { t } = useTranslation('owner');
  return (
    <List
      rows={operators}
      keyOf={({ id }) => id}
      amountOf={({ soldFen }) => soldFen}
      renderName={({ name }) => <strong>{name === '' ? t('nobody') : name}</strong>}
      renderFigures={({ sales, soldFen, returns, credits, creditPoints }) => (
        <>
          <span>{t('salesCount', { n: countText(sales) })}</span>
          <Yuan fen={soldFen} />
          {returns > 0 && <small>{t('returnsCount', { n: countText(returns) })}</small>}
          {credits > 0 && (
            <small>
              {t('creditsCount', { n: countText(credits) })} <PointsAmount points={creditPoints} />
            </small>
          )}
        </>
      )}
    />
  );
}

interface ListProps<Row> {
  /** Null: the filter leaves none to tell. */
  readonly rows: readonly Row[] | null;
  readonly keyOf: (row: Row) => string;
  /** What the bar behind the row is as long as. */
  readonly amountOf: (row: Row) => number;
  readonly renderName: (row: Row) => ReactNode;
  readonly renderFigures: (row: Row) => ReactNode;
}

function List<Row>({ rows, keyOf, amountOf, renderName, renderFigures }: ListProps<Row>) {
  const { t } = useTranslation('owner');
  if (rows === null) return <p className={styles.note}>{t('notOfFilter')}</p>;
  if (rows.length === 0) return <p className={styles.note}>{t('none')}</p>;
  const most = Math.max(1, ...rows.map(amountOf));
  return (
    <ol className={styles.list}>
      {rows.map((row) => (
        <li key={keyOf(row)}>
          <span className={styles.name}>{renderName(row)}</span>
          <span className={styles.track} aria-hidden="true">
            <i style={{ '--share': Math.max(0, amountOf(row)) / most } as CSSProperties} />
          </span>
          <span className={styles.figures}>{renderFigures(row)}</span>
        </li>
      ))}
    </ol>
  );
}
