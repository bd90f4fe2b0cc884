// A sale's total in what it is owed in, yuan and points, and what its points were used for. Adds nothing to anything: the
// figures are the engine's.

import { useTranslation } from 'react-i18next';
import { type Fen, type Points, points as pointsOf } from '../../db/model/amounts.ts';
import type { Quote } from '../../db/model/checkout.ts';
import { pointsText, yuanText } from '../../db/model/format.ts';
import { PointsAmount, Yuan } from './amount.tsx';

interface SaleAmounts {
  readonly totalFen: Fen;
  /** Price in points of the goods priced so. */
  readonly requiredPoints: Points;
  /** All points of the sale, required ones included. */
  readonly points: Points;
  /** What the points beyond the required ones took off totalFen. */
  readonly worthFen: Fen;
}

/** 7.90 元 + 200 积分: the two never change into each other. */
export function SaleTotal({ totalFen, requiredPoints }: Pick<SaleAmounts, 'totalFen' | 'requiredPoints'>) {
  if (requiredPoints === 0) return <Yuan fen={totalFen} size="large" />;
  return (
    <>
      {totalFen > 0 && (
        <>
          <Yuan fen={totalFen} size="large" />
          {' + '}
        </>
      )}
      <PointsAmount points={requiredPoints} size="large" />
    </>
  );
}

/** All points used, and of them what the goods cost and what the discount is worth. */
export function PointsUsed({ requiredPoints, points, worthFen }: Omit<SaleAmounts, 'totalFen'>) {
  const { t } = useTranslation('till');
  const yuan = yuanText(worthFen);
  return (
    <span>
      <PointsAmount points={points} size="large" />
      {worthFen > 0 && (
        <small>
          {' '}
          {requiredPoints === 0
            ? t('pointsSaved', { yuan })
            : t('pointsSplit', { goods: pointsText(requiredPoints), discount: pointsText(pointsOf(points - requiredPoints)), yuan })}
        </small>
      )}
    </span>
  );
}

/** What the big button says, for the button and for whoever names it. */
export function payWord(quote: Quote): 'pay' | 'payNothing' {
  return quote.problem === null && quote.dueFen === 0 ? 'payNothing' : 'pay';
}
