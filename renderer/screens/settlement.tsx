// What the county owes the shop for closed days: the sheets with their state, one of them line by line as it is reckoned, and its way to
// paper and into files. Reckons nothing: what stands here is the sheet's own.

import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Fen, fen } from '../../db/model/amounts.ts';
import { dateText, pointsText, yuanText } from '../../db/model/format.ts';
import { paymentsOf } from '../../db/model/settlement.ts';
import type { OpenSettlementView, SettlementView } from '../../electron/ipc/day-views.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { useAnswer } from '../parts/use-answer.ts';
import { ApprovalPanel, useReprint } from './approval.tsx';
import { PeriodScreen } from './period.tsx';
import { SettlementStateSign } from './settlement-state.tsx';
import styles from './settlement.module.css';

interface SettlementsProps {
  readonly snapshot: Pick<Snapshot, 'revision' | 'operator'>;
  /** The one that is shown first; null: the newest. */
  readonly number?: number | null;
  readonly onClose: () => void;
}

/** What is true where there is none yet. */
const noneOf = { day: 'settlement:none', month: 'settlement:noneMonthly', unsaid: 'settlement:noneUnsaid' } as const;

export function SettlementsScreen({ snapshot, number = null, onClose }: SettlementsProps) {
  const { t } = useTranslation(['settlement', 'common', 'recent']);
  const { run, language } = usePage();
  const [beforeNumber, setBeforeNumber] = useState<number | null>(null);
  const [chosenNumber, setChosenNumber] = useState(number);
  const [dayOpened, setDayOpened] = useState<number | null>(null);
  const [isPreparing, setPreparing] = useState(false);
  const page = useAnswer(`${snapshot.revision} ${beforeNumber}`, (call) => call.settlements({ beforeNumber }))?.value ?? null;
  useKeys('panel', { commands: { back: isPreparing ? () => setPreparing(false) : onClose, pay: () => undefined, undo: () => undefined } });
  const isOwner = snapshot.operator?.role === 'owner';
  const prepare = async (): Promise<void> => {
    setPreparing(false);
    const answer = await asOneAct(`settle ${page?.openClosings}`, (actId) => run((call) => call.prepareSettlement({ actId })));
    if (answer?.ok === true) {
      setBeforeNumber(null);
      setChosenNumber(answer.value.number);
    }
  };
  if (dayOpened !== null) return <PeriodScreen number={dayOpened} onClose={() => setDayOpened(null)} />;
  if (isPreparing && page !== null && page.open !== null)
    return <Prepare open={page.open} onPrepare={() => void prepare()} onClose={() => setPreparing(false)} />;
  const all = page?.settlements ?? [];
  const chosen = all.find((each) => each.number === chosenNumber) ?? all[0] ?? null;
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('settlement:title')}</h1>
        {page !== null && page.openClosings > 0 && (
          <>
            <span>{t('settlement:open', { n: page.openClosings })}</span>
            {isOwner && page.open !== null && <Button onPress={() => setPreparing(true)}>{t('settlement:prepare')}</Button>}
          </>
        )}
        {beforeNumber !== null && <Button onPress={() => setBeforeNumber(null)}>{t('recent:newest')}</Button>}
        {page !== null && page.nextBeforeNumber !== null && (
          <Button onPress={() => setBeforeNumber(page.nextBeforeNumber)}>{t('recent:older')} ›</Button>
        )}
        <Button onPress={onClose}>{t('common:back')}</Button>
        {page !== null && page.strayWords.length > 0 && (
          <p className={styles.stray} role="alert">
            ! {t('settlement:stray', { n: page.strayWords.length })}
          </p>
        )}
      </header>
      {page === null || chosen === null ? (
        <p className={styles.note}>{page === null ? t('recent:loading') : t(noneOf[page.cycle ?? 'unsaid'])}</p>
      ) : (
        <>
          <ul className={styles.list} tabIndex={0}>
            {all.map((each) => (
              <li key={each.number}>
                <Button chosen={each.number === chosen.number} className={styles.row} onPress={() => setChosenNumber(each.number)}>
                  <span className={styles.which}>
                    {dateText(each.closings.at(-1)?.day ?? each.at, language)}
                    <small>{each.settlementNumber}</small>
                  </span>
                  <Yuan fen={each.owedFen} size="large" />
                  <SettlementStateSign {...each} paidFen={paidOf(each)} />
                </Button>
              </li>
            ))}
          </ul>
          <Sheet key={chosen.number} settlement={chosen} onDay={setDayOpened} />
        </>
      )}
    </main>
  );
}

/** All that the county said it paid of it, which counts up. */
function paidOf({ states }: SettlementView): Fen | null {
  return states.findLast(({ state }) => state === 'paid')?.paidFen ?? null;
}

interface PrepareProps {
  readonly open: OpenSettlementView;
  readonly onPrepare: () => void;
  readonly onClose: () => void;
}

/** What would be settled, before it is: a settlement is not taken apart. */
function Prepare({ open: { closings, fromDay, toDay, owedFen }, onPrepare, onClose }: PrepareProps) {
  const { t } = useTranslation('settlement');
  const { language } = usePage();
  const [from, to] = [dateText(fromDay, language), dateText(toDay, language)];
  return (
    <main className={styles.prepare}>
      <h1>{t('prepareTitle')}</h1>
      <p>{closings === 1 ? t('oneDay', { from }) : t('prepareDays', { from, to, n: closings })}</p>
      <p>
        {owedFen < 0 ? t('owedBack') : t('owed')} <Yuan fen={fen(Math.abs(owedFen))} size="giant" />
      </p>
      <p>{t('prepareText')}</p>
      <div className={styles.keys}>
        <Button size="large" onPress={onClose}>
          {t('prepareLater')}
        </Button>
        <Button kind="main" size="large" onPress={onPrepare}>
          {t('prepareNow')}
        </Button>
      </div>
    </main>
  );
}

interface SheetProps {
  readonly settlement: SettlementView;
  /** A day of it was touched: the number of its closing. */
  readonly onDay: (number: number) => void;
}

function Sheet({ settlement, onDay }: SheetProps) {
  const { t } = useTranslation('settlement');
  const { language } = usePage();
  const { actId, settlementNumber, asked, reprint, close } = { ...settlement, ...useReprint() };
  if (asked !== null)
    return (
      <section className={styles.sheet}>
        <ApprovalPanel act={asked} number={settlementNumber} onApproved={(approvalId) => reprint(actId, approvalId)} onClose={close} />
      </section>
    );
  const { closings, redeemed, pointsGoods, shares, adjustments, credited, budget, states, owedFen } = settlement;
  const payments = paymentsOf(states);
  const from = dateText(closings[0]?.day ?? settlement.at, language);
  const to = dateText(closings.at(-1)?.day ?? settlement.at, language);
  return (
    <section className={styles.sheet} tabIndex={0}>
      <div className={styles.head}>
        <h2>{closings.length === 1 ? t('oneDay', { from }) : t('period', { from, to, n: closings.length })}</h2>
        <SettlementStateSign {...settlement} paidFen={paidOf(settlement)} />
      </div>
      {settlement.state === 'prepared' && <p className={styles.provisional}>{t('provisional')}</p>}
      {settlement.doubts.map((doubt) => (
        <p key={doubt} className={styles.warn} role="alert">
          ! {t(`doubt_${doubt}`)}
        </p>
      ))}
      <dl className={styles.formula}>
        {redeemed.map(({ pointValueFen, points, fen: worth }) => (
          <Line
            key={pointValueFen}
            name={t('redeemed')}
            how={t('times', { points: pointsText(points), yuan: yuanText(fen(pointValueFen)) })}
            amount={worth}
          />
        ))}
        {redeemed.length === 0 && <Line name={t('redeemed')} amount={fen(0)} />}
        {(pointsGoods.points !== 0 || pointsGoods.fen !== 0) && (
          <Line name={t('pointsGoods')} how={<PointsAmount points={pointsGoods.points} />} amount={pointsGoods.fen} />
        )}
        <Line name={t('gross')} amount={settlement.grossFen} isSum />
        {shares
          .filter(({ permille }) => permille > 0)
          .map(({ permille, grossFen, shareFen }) => (
            <Line
              key={permille}
              name={t('share', { percent: permilleText(permille) })}
              how={shares.length === 1 ? undefined : t('shareOf', { yuan: yuanText(grossFen) })}
              amount={fen(-shareFen)}
            />
          ))}
        {adjustments.map(({ id, zh, fen: amount }) => (
          <Line key={id} name={zh} amount={amount} />
        ))}
        <div className={styles.owed}>
          <dt>{owedFen < 0 ? t('owedBack') : t('owed')}</dt>
          <dd>
            <Yuan fen={fen(Math.abs(owedFen))} size="giant" />
          </dd>
        </div>
      </dl>
      {pointsGoods.unpriced > 0 && <p className={styles.warn}>! {t('unpriced', { n: pointsGoods.unpriced })}</p>}
      <Keys number={settlement.number} isPrinted={settlement.isPrinted} onPrint={() => reprint(actId)} />
      <dl className={styles.beside}>
        <div>
          <dt>{t('credited')}</dt>
          <dd>{t('creditedText', { n: credited.count, points: pointsText(credited.points) })}</dd>
        </div>
        {budget !== null && (
          <div>
            <dt>{t('budgetAsOf', { date: dateText(budget.asOf, language) })}</dt>
            <dd>{t('budget', { name: budget.zh, year: yuanText(budget.yearFen), used: yuanText(budget.usedFen) })}</dd>
          </div>
        )}
        {states.map(({ state, day, reference, paidFen }, n) => (
          <div key={n}>
            <dt>{dateText(day, language)}</dt>
            <dd>
              <SettlementStateSign {...{ state, paidFen, owedFen }} /> {reference !== '' && t('reference', { reference })}{' '}
              {paidFen !== null && (
                <>
                  {t('paid')} <Yuan fen={payments[n]!} />
                  {payments[n] !== paidFen && <> {t('paidInAll', { yuan: yuanText(paidFen) })}</>}
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <h3>{t('days')}</h3>
      <ul className={styles.days}>
        {closings.map(({ number, day, points, fen: worth }) => (
          <li key={number}>
            <Button className={styles.day} onPress={() => onDay(number)}>
              <span>{dateText(day, language)}</span>
              <PointsAmount points={points} />
              <Yuan fen={worth} />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface LineProps {
  readonly name: string;
  readonly how?: ReactNode;
  readonly amount: Fen;
  readonly isSum?: boolean;
}

function Line({ name, how = null, amount, isSum = false }: LineProps) {
  return (
    <div className={isSum ? styles.sum : ''}>
      <dt>
        {name} {how !== null && <small>{how}</small>}
      </dt>
      <dd>
        <Yuan fen={amount} size="large" />
      </dd>
    </div>
  );
}

/** Paper, and files for the county's office: where they lie is told, since somebody must find them there. */
function Keys({ number, isPrinted, onPrint }: { readonly number: number; readonly isPrinted: boolean; readonly onPrint: () => void }) {
  const { t } = useTranslation('settlement');
  const { run } = usePage();
  const [isExporting, setExporting] = useState(false);
  const [exported, setExported] = useState<{ readonly folder: string; readonly files: readonly string[] } | null>(null);
  const save = (place: 'home' | 'stick') => (): void => {
    setExporting(true);
    setExported(null);
    void run((call) => call.exportSettlement({ number, place })).then((answer) => {
      setExporting(false);
      if (answer?.ok === true) setExported(answer.value);
    });
  };
  return (
    <>
      <div className={styles.keys}>
        <Button kind="main" size="large" onPress={onPrint}>
          {t(isPrinted ? 'reprint' : 'print')}
        </Button>
        <Button size="large" disabled={isExporting} onPress={save('stick')}>
          {t('toStick')}
        </Button>
        <Button size="large" disabled={isExporting} onPress={save('home')}>
          {t('toHome')}
        </Button>
      </div>
      <div role="status" className={styles.exported}>
        {isExporting && t('exporting')}
        {exported !== null && (
          <div ref={intoSight}>
            <p>✓ {t('exported')}</p>
            <p className={styles.folder}>{exported.folder}</p>
            <ul>
              {exported.files.map((file) => (
                <li key={file}>{file}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </>
  );
}

/** Where the files lie stands under the keys, and the sheet scrolls. */
function intoSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}

/** Thousandths as per cent, without a needless decimal: 5, 12.5. */
function permilleText(permille: number): string {
  return permille % 10 === 0 ? String(permille / 10) : `${Math.floor(permille / 10)}.${permille % 10}`;
}
