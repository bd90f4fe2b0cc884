// Closing the day: what stands in the way, a blind count of the drawer, what it was over or short by, and what came of the day. A few
// touches, one after the other. Computes nothing and waits for no printer.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fen as asFen, points as asPoints } from '../../db/model/amounts.ts';
import type { CashCount as Counts } from '../../db/model/event.ts';
import type { DifferenceReason } from '../../db/model/reasons.ts';
import { dateText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import type { ClosingObstacle, ClosingStateView, CountedView } from '../../electron/ipc/day-views.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { CashCount, nothingCounted } from '../parts/cash-count.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { useAnswer } from '../parts/use-answer.ts';
import { ApprovalPanel, useReprint } from './approval.tsx';
import { Counted } from './counted.tsx';
import { Difference } from './difference.tsx';
import { PeriodScreen } from './period.tsx';
import { isDown } from './printing.tsx';
import { SettlementsScreen } from './settlement.tsx';
import styles from './closing.module.css';

interface ClosingProps {
  readonly snapshot: Snapshot;
  readonly onPlace: (place: Snapshot['place']) => void;
  readonly onClose: () => void;
}

/** `look` only where there is something to look at before counting. */
type Stage =
  | { readonly kind: 'look' }
  | { readonly kind: 'count' }
  | { readonly kind: 'compare'; readonly counted: CountedView }
  | { readonly kind: 'approve'; readonly counted: CountedView; readonly reason: DifferenceReason | null }
  | { readonly kind: 'done'; readonly closed: Closed };

interface Closed {
  readonly number: number;
  readonly closingNumber: string;
  readonly settlementNumber: number | null;
}

export function ClosingScreen({ snapshot, onPlace, onClose }: ClosingProps) {
  const { t } = useTranslation(['closing', 'common']);
  const { run, language } = usePage();
  const [chosen, setStage] = useState<Stage | null>(null);
  const [counts, setCounts] = useState<Counts>(nothingCounted);
  const [isAsking, setAsking] = useState(false);
  const [isUnanswered, setUnanswered] = useState(false);
  const isDone = chosen?.kind === 'done';
  const state = useAnswer(isDone ? 'done' : String(snapshot.revision), (call) => call.closingState())?.value ?? null;

  const count = async (): Promise<void> => {
    if (isAsking) return;
    setAsking(true);
    const answer = await asOneAct(`count to close ${counts.join()}`, (actId) =>
      run((call) => call.countDrawer({ actId, purpose: 'closing', counts: [...counts] })),
    );
    setAsking(false);
    setUnanswered(false);
    if (answer?.ok === true) setStage({ kind: 'compare', counted: answer.value });
  };
  const close = async (counted: CountedView, reason: DifferenceReason | null, approvalId?: string): Promise<void> => {
    if (isAsking) return;
    setAsking(true);
    setUnanswered(false);
    const { countId } = counted;
    const answer = await asOneAct(`close by ${countId} ${reason} ${approvalId ?? ''}`, (actId) =>
      run((call) => call.closeDay({ actId, countId, reason, approvalId })),
    );
    setAsking(false);
    if (answer === null) return setUnanswered(true);
    if (answer.ok) return setStage({ kind: 'done', closed: answer.value });
    switch (answer.code) {
      case 'approval_needed':
      case 'approval_void':
        return setStage({ kind: 'approve', counted, reason });
      case 'reason_needed':
        return setStage({ kind: 'compare', counted });
      case 'count_stale':
        return setStage({ kind: 'count' });
      case 'nothing_open':
      case 'cart_open':
      case 'desk_open':
      case 'held_carts':
        return setStage({ kind: 'look' });
      default:
        return never(answer.code);
    }
  };

  const stage: Stage = chosen ?? (state !== null && isClear(state) ? { kind: 'count' } : { kind: 'look' });
  const isCounting = stage.kind === 'count';
  // nothing else can be done before: there is no way back to it
  const isForced = snapshot.shift === null && snapshot.days.forgotten !== null;
  useKeys('panel', {
    commands: { back: onClose, pay: () => isCounting && void count(), undo: () => undefined },
  });

  if (stage.kind === 'done') return <ClosedDay closed={stage.closed} snapshot={snapshot} onClose={onClose} />;
  const day = state?.day ?? null;
  return (
    <main className={styles.screen}>
      <header>
        <h1>{stage.kind === 'count' ? t('closing:countTitle') : t('closing:title')}</h1>
        {state !== null && day !== null && <Day state={state} day={dateText(day, language)} />}
        {stage.kind === 'compare' && (
          <Button disabled={isAsking} onPress={() => setStage({ kind: 'count' })}>
            {t('closing:recount')}
          </Button>
        )}
        {!isForced && (
          <Button disabled={isAsking} onPress={onClose}>
            {t('common:back')}
          </Button>
        )}
      </header>
      {draw()}
    </main>
  );

  function draw() {
    switch (stage.kind) {
      case 'look':
        if (state === null) return <p className={styles.note}>{t('closing:loading')}</p>;
        return <Look state={state} held={snapshot.held.length} onPlace={onPlace} onStart={() => setStage({ kind: 'count' })} />;
      case 'count':
        return (
          <>
            {state?.isBrokenOff === true && (
              <p className={styles.brokenOff} role="alert">
                ! {t('closing:brokenOff')}
              </p>
            )}
            <p className={styles.large}>{t('closing:countText')}</p>
            <CashCount counts={counts} onCounts={setCounts} disabled={isAsking} />
            <div className={styles.keys}>
              <Button kind="main" size="large" disabled={isAsking} onPress={() => void count()} className={styles.next}>
                {t('closing:counted')}
              </Button>
            </div>
          </>
        );
      case 'compare':
        return (
          <Compare
            key={stage.counted.countId}
            counted={stage.counted}
            isAsking={isAsking}
            isUnanswered={isUnanswered}
            percent={snapshot.days.summingPercent}
            onCloseDay={(reason) => void close(stage.counted, reason)}
          />
        );
      case 'approve':
        if (isAsking || isUnanswered)
          return (
            <Compare
              counted={stage.counted}
              isAsking={isAsking}
              isUnanswered={isUnanswered}
              percent={snapshot.days.summingPercent}
              initialReason={stage.reason}
              onCloseDay={(reason) => void close(stage.counted, reason)}
            />
          );
        return (
          <ApprovalPanel
            act={{ kind: 'close_day', day: day ?? '', countId: stage.counted.countId }}
            number=""
            onApproved={(approvalId) => void close(stage.counted, stage.reason, approvalId)}
            onClose={() => setStage({ kind: 'compare', counted: stage.counted })}
          />
        );
      default:
        return null;
    }
  }
}

/** Nothing to say before the count. */
function isClear({ day, isForgotten, obstacles, openPrintJobs }: ClosingStateView): boolean {
  return day !== null && !isForgotten && obstacles.length === 0 && openPrintJobs === 0;
}

/** Which day it is, large where it is not today's. */
function Day({ state: { isForgotten, sales, credits }, day }: { readonly state: ClosingStateView; readonly day: string }) {
  const { t } = useTranslation('closing');
  return (
    <p className={isForgotten ? styles.forgotten : styles.day}>
      <strong>{day}</strong> <span>{t('happened', { sales, credits })}</span>
    </p>
  );
}

interface LookProps {
  readonly state: ClosingStateView;
  readonly held: number;
  readonly onPlace: (place: Snapshot['place']) => void;
  readonly onStart: () => void;
}

/** What must be done first, each with the key that leads to it; and what is only told. */
function Look({ state: { day, isForgotten, isBrokenOff, obstacles, openPrintJobs }, held, onPlace, onStart }: LookProps) {
  const { t } = useTranslation('closing');
  if (day === null) return <p className={styles.note}>{t('nothing')}</p>;
  const inTheWay = obstacles.flatMap((each) => (each === 'nothing_open' ? [] : [each]));
  return (
    <div className={styles.look}>
      {isForgotten && (
        <div className={styles.told}>
          <h2>{t('forgotten')}</h2>
          <p>{t('forgottenText')}</p>
        </div>
      )}
      {isBrokenOff && (
        <p className={styles.brokenOff} role="alert">
          ! {t('brokenOff')}
        </p>
      )}
      {inTheWay.length > 0 && (
        <>
          <h2>{t('inTheWay')}</h2>
          <ul className={styles.obstacles}>
            {inTheWay.map((each) => (
              <li key={each}>
                <span>{t(each, { n: held })}</span>
                <Button kind="main" size="large" onPress={() => onPlace(placeOf(each))}>
                  {t(`go_${each}`)}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
      {openPrintJobs > 0 && <p className={styles.large}>{t('prints', { n: openPrintJobs })}</p>}
      {inTheWay.length === 0 && (
        <div className={styles.keys}>
          <Button kind="main" size="large" onPress={onStart} className={styles.next}>
            {t('start')}
          </Button>
        </div>
      )}
    </div>
  );
}

function placeOf(obstacle: Exclude<ClosingObstacle, 'nothing_open'>): Snapshot['place'] {
  return obstacle === 'desk_open' ? 'desk' : 'till';
}

interface CompareProps {
  readonly counted: CountedView;
  readonly isAsking: boolean;
  readonly isUnanswered: boolean;
  /** How far a long day is summed; null: it is short. */
  readonly percent: number | null;
  readonly initialReason?: DifferenceReason | null;
  readonly onCloseDay: (reason: DifferenceReason | null) => void;
}

function Compare({ counted, isAsking, isUnanswered, percent, initialReason = null, onCloseDay }: CompareProps) {
  const { t } = useTranslation(['closing', 'count']);
  const [reason, setReason] = useState<DifferenceReason | null>(initialReason);
  const isOff = counted.differenceFen !== 0;
  const isReady = !isAsking && (!isOff || reason !== null);
  const close = (): void => onCloseDay(isOff ? reason : null);
  useKeys('panel', { commands: { pay: () => isReady && close() } });
  return (
    <>
      <Counted counted={counted} asked={isOff ? { reason, onReason: setReason } : null} isAsking={isAsking}>
        <div role="status" className={styles.status}>
          {isAsking
            ? percent === null
              ? t('closing:working')
              : t('closing:workingPercent', { n: percent })
            : isUnanswered
              ? t('closing:unanswered')
              : isOff && reason === null
                ? t('closing:chooseReason')
                : t('closing:onceOnly')}
          {isAsking && <progress className={styles.progress} max={100} {...(percent !== null && { value: percent })} />}
        </div>
      </Counted>
      <div className={styles.keys}>
        <Button kind="main" size="large" disabled={!isReady} onPress={close} className={styles.next}>
          {t('closing:close')}
        </Button>
      </div>
    </>
  );
}

/** What came of the day, and where to go from here. */
function ClosedDay({ closed, snapshot, onClose }: { readonly closed: Closed } & Pick<ClosingProps, 'snapshot' | 'onClose'>) {
  const { t } = useTranslation(['closing', 'count', 'owner', 'period', 'printing']);
  const [shown, setShown] = useState<'done' | 'report' | 'settlement'>('done');
  const { number, closingNumber, settlementNumber } = closed;
  const period = useAnswer(`closing ${number}`, (call) => call.period({ number }))?.value ?? null;
  const settled = useAnswer(`settlement ${settlementNumber}`, (call) => call.settlements({ beforeNumber: null }))?.value ?? null;
  const { asked, reprint, close } = useReprint();
  useKeys('panel', { commands: { back: onClose, pay: onClose, undo: () => undefined } });
  const toDone = (): void => setShown('done');
  if (shown === 'report') return <PeriodScreen number={number} onClose={toDone} />;
  if (shown === 'settlement') return <SettlementsScreen snapshot={snapshot} number={settlementNumber} onClose={toDone} />;
  if (asked !== null)
    return (
      <main className={styles.screen}>
        <ApprovalPanel act={asked} number={closingNumber} onApproved={(approvalId) => reprint(asked.saleId, approvalId)} onClose={close} />
      </main>
    );
  const actId = period?.actId ?? null;
  const owed = settled?.settlements.find((each) => each.number === settlementNumber)?.owedFen ?? null;
  const figures = period?.figures ?? {};
  const drawer = period?.closing?.drawer ?? null;
  const { running } = snapshot.upkeep;
  const isAskedAbove = snapshot.printJobs.some((job) => job.actId === actId);
  return (
    <main className={styles.screen}>
      <h1 className={styles.title}>
        <span className={styles.sign} aria-hidden="true">
          ✓
        </span>
        {t('closing:done')}
      </h1>
      <dl className={styles.results}>
        <div>
          <dt>{t('closing:number')}</dt>
          <dd className="number">{closingNumber}</dd>
        </div>
        <div className={styles.owed}>
          <dt>
            {t('closing:owed')} {settlementNumber !== null && <strong>{t('closing:provisional')}</strong>}
          </dt>
          <dd>{settlementNumber === null ? t('closing:owedLater') : owed !== null && <Yuan fen={owed} size="giant" />}</dd>
        </div>
        <div>
          <dt>{t('closing:sold')}</dt>
          <dd>
            <Yuan fen={asFen(figures['sale.fen'] ?? 0)} size="huge" />{' '}
            <small>{t('closing:times', { n: figures['sale.count'] ?? 0 })}</small>
          </dd>
        </div>
        <div>
          <dt>{t('closing:points')}</dt>
          <dd>
            <PointsAmount points={asPoints(figures['sale.points'] ?? 0)} size="huge" />
            {(figures['pointsGoods.points'] ?? 0) !== 0 && (
              <small>
                {t(figures['return.points'] ? 'period:goodsPointsNet' : 'period:goodsPoints')}{' '}
                <PointsAmount points={asPoints(figures['pointsGoods.points'] ?? 0)} />
              </small>
            )}
          </dd>
        </div>
        {(figures['return.count'] ?? 0) > 0 && (
          <div>
            <dt>{t('closing:returned')}</dt>
            <dd>
              <Yuan fen={asFen(figures['return.fen'] ?? 0)} size="huge" />{' '}
              <small>{t('owner:returnsCount', { n: figures['return.count'] })}</small>
            </dd>
          </div>
        )}
        {drawer !== null && (
          <>
            <div>
              <dt>{t('count:counted')}</dt>
              <dd>
                <Yuan fen={drawer.countedFen} size="huge" />
              </dd>
            </div>
            <div>
              <dt>{t('closing:difference')}</dt>
              <dd>
                <Difference fen={drawer.differenceFen} />
              </dd>
            </div>
          </>
        )}
      </dl>
      <p role="status" className={styles.large}>
        {isAskedAbove ? t('closing:slipAsked') : isDown(snapshot.printer) ? t('closing:slipDown') : t('closing:slipSent')}{' '}
        {running !== null && <span>{t(`closing:upkeep_${running.step}`, { n: running.percent })}</span>}
      </p>
      <div className={styles.keys}>
        {actId !== null && !isAskedAbove && (
          <Button size="large" onPress={() => reprint(actId)}>
            {t('closing:printSlip')}
          </Button>
        )}
        {settlementNumber !== null && (
          <Button size="large" onPress={() => setShown('settlement')}>
            {t('closing:settlement')}
          </Button>
        )}
        <Button size="large" onPress={() => setShown('report')}>
          {t('closing:report')}
        </Button>
        <Button kind="main" size="large" onPress={onClose} className={styles.next}>
          {t('closing:finish')}
        </Button>
      </div>
    </main>
  );
}
