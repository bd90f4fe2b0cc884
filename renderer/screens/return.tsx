// Goods of one sale that come back: which and how many, what goes back for them, why, and the owner's leave. Computes no money: what
// goes back is the engine's figure, and what it refuses is told.

import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fen, points } from '../../db/model/amounts.ts';
import { kilogramsText, pointsText, yuanText } from '../../db/model/format.ts';
import type { ReturnReason } from '../../db/model/reasons.ts';
import { never } from '../../db/model/result.ts';
import type { ReturnQuoteView, ReturnableLine, ReturnableSale, ReturnedView } from '../../electron/ipc/day-views.ts';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { Pictogram } from '../parts/pictogram.tsx';
import { ApprovalPanel, useReprint } from './approval.tsx';
import { ReturnReasons } from './return-reasons.tsx';
import styles from './return.module.css';

interface ReturnScreenProps {
  readonly sale: ReturnableSale;
  readonly onClose: () => void;
}

/** How far it has come. The leave is used once: what nobody answered is asked again with the same one. */
type Step =
  | { readonly kind: 'choosing' }
  | { readonly kind: 'why'; readonly quote: ReturnQuoteView }
  | { readonly kind: 'leave'; readonly quote: ReturnQuoteView; readonly reason: ReturnReason }
  | {
      readonly kind: 'working' | 'unanswered';
      readonly quote: ReturnQuoteView;
      readonly reason: ReturnReason;
      readonly approvalId: string;
    }
  | { readonly kind: 'done'; readonly returned: ReturnedView };

export function ReturnScreen({ sale: asFound, onClose }: ReturnScreenProps) {
  const { t } = useTranslation(['returns', 'common', 'refused']);
  const { run, known } = usePage();
  const [step, setStep] = useState<Step>({ kind: 'choosing' });
  const [wanted, setWanted] = useState<{ readonly [n: number]: number }>({});
  const { saleId } = asFound;
  const revision = known.snapshot?.revision ?? 0;
  const found = useLook(`${saleId} ${revision}`, (call) => call.findReceipt({ saleId }));
  const sale = found?.value.ok === true ? found.value.value : asFound;
  const chosen = sale.lines.flatMap((line) => {
    const quantity = Math.min(wanted[line.n] ?? 0, leftOf(line));
    return quantity === 0 || sale.isBeforeRestore ? [] : [{ n: line.n, quantity }];
  });
  const asked = `${JSON.stringify(chosen)} ${revision}`;
  const quoted = useLook(asked, (call) => (chosen.length === 0 ? null : call.quoteReturn({ saleId, lines: chosen })));
  const quote = chosen.length > 0 && quoted?.of === asked && quoted.value.ok ? quoted.value.value : null;
  const chooseAll = (): void => setWanted(Object.fromEntries(sale.lines.map((line) => [line.n, leftOf(line)])));
  const toChoosing = (): void => setStep({ kind: 'choosing' });
  useKeys('panel', {
    commands: {
      back: onClose,
      pay: () => {
        if (step.kind !== 'choosing') return;
        if (chosen.length === 0) chooseAll();
        else if (quote !== null) setStep({ kind: 'why', quote });
      },
      undo: () => undefined,
      quantity: () => undefined,
    },
  });

  const giveBack = async ({ digest, ...amounts }: ReturnQuoteView, reason: ReturnReason, approvalId: string): Promise<void> => {
    const { points: back, cashFen, otherFen } = amounts;
    const now = { quote: { ...amounts, digest }, reason, approvalId };
    setStep({ kind: 'working', ...now });
    const answer = await asOneAct(`return ${saleId} ${digest} ${reason} ${approvalId}`, (actId) =>
      run((call) =>
        call.returnGoods({ actId, saleId, lines: chosen, reason, shown: { points: back, cashFen, otherFen, digest }, approvalId }),
      ),
    );
    if (answer === null) return setStep({ kind: 'unanswered', ...now });
    if (answer.ok) return setStep({ kind: 'done', returned: answer.value });
    setStep(answer.code === 'approval_void' ? { kind: 'leave', quote: now.quote, reason } : { kind: 'choosing' });
  };

  switch (step.kind) {
    case 'choosing':
      return (
        <main className={styles.screen}>
          <header>
            <h1>
              {t('returns:title')} <span className="number">{sale.receiptNumber}</span>
            </h1>
            {!sale.isBeforeRestore && sale.lines.some((line) => leftOf(line) > 0) && (
              <Button onPress={chooseAll}>{t('returns:all')}</Button>
            )}
            <Button onPress={onClose}>{t('common:back')}</Button>
          </header>
          <section className={styles.lines}>
            <p className={styles.about}>
              {t('returns:soldOn', { day: sale.day, name: sale.operatorName })}
              {sale.residentMasked !== null && <strong> {sale.residentMasked}</strong>}
              {sale.returns.length > 0 && <span> {t('returns:earlier', { n: sale.returns.length })}</span>}
            </p>
            <ul>
              {sale.lines.map((line) => (
                <Line
                  key={line.n}
                  line={line}
                  mayReturn={!sale.isBeforeRestore}
                  quantity={Math.min(wanted[line.n] ?? 0, leftOf(line))}
                  onQuantity={(quantity) => setWanted({ ...wanted, [line.n]: quantity })}
                />
              ))}
            </ul>
          </section>
          <section className={styles.sums}>
            {sale.isBeforeRestore ? (
              <p className={styles.nothing} role="alert">
                {t('refused:receipt_before_restore.what')} {t('refused:receipt_before_restore.action')}
              </p>
            ) : chosen.length === 0 ? (
              <p className={styles.nothing}>{t('returns:nothing')}</p>
            ) : (
              quote !== null && <Amounts quote={quote} />
            )}
            <Button kind="main" size="large" disabled={quote === null} onPress={() => quote !== null && setStep({ kind: 'why', quote })}>
              {t('returns:chooseReason')}
            </Button>
          </section>
        </main>
      );
    case 'why':
      return (
        <ReturnReasons
          isOfResident={sale.residentMasked !== null}
          onReason={(reason) => setStep({ kind: 'leave', quote: step.quote, reason })}
          onBack={toChoosing}
        />
      );
    case 'leave': {
      const { digest, points: back, cashFen, otherFen } = step.quote;
      return (
        <main className={styles.leave}>
          <ApprovalPanel
            act={{ kind: 'return', saleId, digest, points: back, moneyFen: cashFen + otherFen }}
            number={sale.receiptNumber}
            onApproved={(approvalId) => void giveBack(step.quote, step.reason, approvalId)}
            onClose={toChoosing}
          />
        </main>
      );
    }
    case 'working':
    case 'unanswered':
      return (
        <main className={styles.done}>
          <p role="status">{t(`returns:${step.kind}`)}</p>
          <Button
            kind="main"
            size="large"
            disabled={step.kind === 'working'}
            onPress={() => void giveBack(step.quote, step.reason, step.approvalId)}
          >
            {t('common:pressAgain')}
          </Button>
        </main>
      );
    case 'done':
      return (
        <Returned
          {...step.returned}
          print={sale.returns.find(({ returnId }) => returnId === step.returned.returnId)?.print ?? step.returned.print}
          onClose={onClose}
        />
      );
    default:
      return never(step);
  }
}

function leftOf({ quantity, returned }: ReturnableLine): number {
  return quantity - returned;
}

interface LineProps {
  readonly line: ReturnableLine;
  /** Of this sale anything comes back here. */
  readonly mayReturn: boolean;
  /** Of it that come back now. */
  readonly quantity: number;
  readonly onQuantity: (quantity: number) => void;
}

function Line({ line, mayReturn, quantity, onQuantity }: LineProps) {
  const { t } = useTranslation(['returns', 'till']);
  const left = leftOf(line);
  return (
    <li className={quantity > 0 ? styles.chosen : styles.line}>
      <span className={styles.picture}>
        <Pictogram name={line.picture} />
      </span>
      <span className={styles.name}>
        <LocalName zh={line.zh} bo={line.bo} /> <small>{line.size}</small>
        <small className={styles.facts}>
          {line.netGrams === null ? t('returns:bought', { n: line.quantity }) : t('till:kilograms', { n: kilogramsText(line.netGrams) })}{' '}
          {line.returned > 0 && left > 0 && t('returns:returned', { n: line.returned })}{' '}
          {line.pricedIn === 'yuan' ? <Yuan fen={fen(line.unitPrice)} /> : <PointsAmount points={points(line.unitPrice)} />}
        </small>
      </span>
      {!mayReturn ? null : left === 0 ? (
        <strong className={styles.gone}>{t('returns:gone')}</strong>
      ) : (
        <span className={styles.stepper}>
          <Button size="large" label={t('returns:fewer')} disabled={quantity === 0} onPress={() => onQuantity(quantity - 1)}>
            −
          </Button>
          <output className={`${styles.count} number`}>
            {quantity}
            <small> / {left}</small>
          </output>
          <Button size="large" label={t('returns:more')} disabled={quantity >= left} onPress={() => onQuantity(quantity + 1)}>
            +
          </Button>
        </span>
      )}
    </li>
  );
}

/** What goes back, each in what it was paid in: never one sum of both. */
function Amounts({ quote }: { readonly quote: Pick<ReturnQuoteView, 'totalFen' | 'points' | 'cashFen' | 'otherFen' | 'roundingFen'> }) {
  const { t } = useTranslation('returns');
  const { cashFen, otherFen } = quote;
  return (
    <dl className={styles.amounts}>
      {quote.totalFen > 0 && (
        <div className={styles.part}>
          <dt>{t('total')}</dt>
          <dd>
            <Yuan fen={quote.totalFen} size="large" />
          </dd>
        </div>
      )}
      {quote.roundingFen !== 0 && (
        <div className={styles.part}>
          <dt>{t('rounding')}</dt>
          <dd>
            <Yuan fen={quote.roundingFen} size="large" />
          </dd>
        </div>
      )}
      {(cashFen > 0 || (otherFen === 0 && quote.points === 0)) && (
        <div>
          <dt>{t('cash')}</dt>
          <dd>
            <Yuan fen={cashFen} size="giant" />
          </dd>
        </div>
      )}
      {otherFen > 0 && (
        <div>
          <dt>{t('other')}</dt>
          <dd>
            <Yuan fen={otherFen} size="giant" />
          </dd>
        </div>
      )}
      {quote.points > 0 && (
        <div>
          <dt>{t('points')}</dt>
          <dd>
            <PointsAmount points={quote.points} size="giant" />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** What is to be done by hand now, in the largest letters of the screen. */
function Returned({
  cashFen,
  otherFen,
  points: back,
  usableAfter,
  returnId,
  returnNumber,
  print,
  onClose,
}: ReturnedView & { readonly onClose: () => void }) {
  const { t } = useTranslation(['returns', 'common', 'printing']);
  const { known } = usePage();
  const { asked, reprint, close } = useReprint();
  if (asked !== null)
    return (
      <main className={styles.leave}>
        <ApprovalPanel act={asked} number={returnNumber} onApproved={(approvalId) => reprint(returnId, approvalId)} onClose={close} />
      </main>
    );
  // the strip above asks about this slip and offers to print it: not twice
  const isAsked = known.snapshot?.printJobs.some((job) => job.actId === returnId) === true;
  return (
    <main className={styles.done} role="status">
      <p className={styles.number}>
        ✓ {t('returns:done')} <span className="number">{returnNumber}</span>
      </p>
      {cashFen > 0 && <p className={styles.give}>{t('returns:giveCash', { yuan: yuanText(cashFen) })}</p>}
      {otherFen > 0 && <p className={styles.give}>{t('returns:giveOther', { yuan: yuanText(otherFen) })}</p>}
      {cashFen === 0 && otherFen === 0 && <p className={styles.give}>{t('returns:giveNothing')}</p>}
      {back > 0 && <p className={styles.back}>{t('returns:pointsBack', { n: pointsText(back) })}</p>}
      {usableAfter !== null && <p>{t('returns:usableNow', { n: pointsText(usableAfter) })}</p>}
      <p className={print.kind === 'failed' || print.kind === 'unknown' ? styles.badPrint : ''}>
        {t(`returns:print_${print.kind}`)}
        {print.kind === 'failed' && <> · {t(`printing:failure_${print.cause}.what`)}</>}
      </p>
      <div className={styles.ways}>
        {!isAsked && (
          <Button size="large" onPress={() => reprint(returnId)}>
            {t('returns:reprint')}
          </Button>
        )}
        <Button kind="main" size="large" className={styles.next} onPress={onClose}>
          {t('common:back')}
        </Button>
      </div>
    </main>
  );
}

/**
 * What the engine answers to a look, asked anew with another `of`; the last answer stays until then. Says nothing on the notice
 * line, where a refusal of the act before must stay.
 */
function useLook<Value>(
  of: string,
  ask: (call: Client<Contract>) => Promise<Value> | null,
): { readonly of: string; readonly value: Value } | null {
  const { store, known } = usePage();
  const [seen, setSeen] = useState<{ readonly of: string; readonly value: Value } | null>(null);
  const isThere = known.link === 'connected';
  const newest = useRef(ask);
  useLayoutEffect(() => {
    newest.current = ask;
  });
  // outside world: the book
  useEffect(() => {
    let isWanted = true;
    if (isThere)
      newest.current(store.call)?.then(
        (value) => isWanted && setSeen({ of, value }),
        () => undefined, // the link went: it is told over the whole page, and asked again when it is back
      );
    return () => {
      isWanted = false;
    };
  }, [store, of, isThere]);
  return seen;
}
