// Sales already made: a list, the receipt as it was printed, and a marked copy of it.

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { minuteText } from '../../db/model/format.ts';
import type { SaleSummary } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { ApprovalPanel, useReprint } from './approval.tsx';
import { isDown } from './printing.tsx';
import styles from './recent.module.css';

interface SalesPage {
  readonly sales: readonly SaleSummary[];
  readonly nextBeforeSeq: number | null;
  /** Of the snapshot it belongs to. */
  readonly revision: number;
}

/** `revision` of the snapshot: a reprint or a sale changes what the list says. */
export function RecentScreen({ revision, onClose }: { readonly revision: number; readonly onClose: () => void }) {
  const { t } = useTranslation(['recent', 'common']);
  const { run, language, known } = usePage();
  const [beforeSeq, setBeforeSeq] = useState<number | null>(null);
  const [page, setPage] = useState<SalesPage | null>(null);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [copy, setCopy] = useState<number | null>(null);
  const { asked, reprint, close } = useReprint(setCopy);
  const isThere = known.link === 'connected';
  // outside world: the book
  useEffect(() => {
    if (!isThere) return undefined;
    let isWanted = true;
    void run((call) => call.recentSales({ beforeSeq })).then((answer) => {
      if (isWanted && answer !== null) setPage({ ...answer, revision });
    });
    return () => {
      isWanted = false;
    };
  }, [run, beforeSeq, revision, isThere]);
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined } });

  const chosen = page?.sales.find((sale) => sale.saleId === chosenId) ?? null;
  // the strip above asks about this receipt and offers to print it: not twice
  const isAsked = known.snapshot?.printJobs.some((job) => job.actId === chosenId) === true;
  const isPrinterDown = known.snapshot !== null && isDown(known.snapshot.printer);
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('recent:title')}</h1>
        {beforeSeq !== null && <Button onPress={() => setBeforeSeq(null)}>{t('recent:newest')}</Button>}
        {page !== null && page.nextBeforeSeq !== null && (
          <Button onPress={() => setBeforeSeq(page.nextBeforeSeq)}>{t('recent:older')} ›</Button>
        )}
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      <section className={styles.list}>
        {page === null ? (
          <p className={styles.note}>{t('recent:loading')}</p>
        ) : page.sales.length === 0 ? (
          <p className={styles.note}>{t('recent:none')}</p>
        ) : (
          <ul>
            {page.sales.map((sale) => (
              <li key={sale.saleId}>
                <Button
                  chosen={sale.saleId === chosenId}
                  className={styles.sale}
                  onPress={() => {
                    setChosenId(sale.saleId);
                    close();
                    setCopy(null);
                  }}
                >
                  <span className={styles.when}>
                    {minuteText(sale.at, language)}
                    <small>{sale.receiptNumber}</small>
                  </span>
                  <span className={styles.sums}>
                    <Parts {...sale} />
                  </span>
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className={styles.receipt}>
        {chosen === null ? (
          <p className={styles.note}>{page !== null && page.sales.length > 0 && t('recent:choose')}</p>
        ) : asked?.saleId === chosen.saleId ? (
          <ApprovalPanel
            act={asked}
            number={chosen.receiptNumber}
            onApproved={(approvalId) => reprint(chosen.saleId, approvalId)}
            onClose={close}
          />
        ) : (
          <>
            <div className={styles.act}>
              <span>{t('recent:copies', { n: chosen.copies })}</span>
              {isAsked ? (
                <span>{t('recent:asked')}</span>
              ) : (
                <Button kind="main" size="large" onPress={() => reprint(chosen.saleId)}>
                  {isPrinterDown ? t('recent:reprintLater') : t('recent:reprint')}
                </Button>
              )}
            </div>
            <p role="status" className={styles.sent}>
              {copy === null ? '' : t('recent:reprinted', { n: copy })}
            </p>
            <ReceiptPicture key={chosen.saleId} saleId={chosen.saleId} number={chosen.receiptNumber} />
          </>
        )}
      </section>
    </main>
  );
}

/** What was paid in what: never one sum that another already holds. */
function Parts({ cashFen, otherFen, points }: Pick<SaleSummary, 'cashFen' | 'otherFen' | 'points'>) {
  const { t } = useTranslation('recent');
  return (
    <>
      {(cashFen > 0 || (otherFen === 0 && points === 0)) && (
        <span>
          <small>{t('cash')}</small> <Yuan fen={cashFen} />
        </span>
      )}
      {otherFen > 0 && (
        <span>
          <small>{t('other')}</small> <Yuan fen={otherFen} />
        </span>
      )}
      {points > 0 && (
        <span>
          <small>{t('points')}</small> <PointsAmount points={points} />
        </span>
      )}
    </>
  );
}

export function ReceiptPicture({ saleId, number }: { readonly saleId: string; readonly number: string }) {
  const { t } = useTranslation('recent');
  const { run } = usePage();
  const [png, setPng] = useState<{ readonly base64: string | null } | null>(null);
  // outside world: the archive of receipts
  useEffect(() => {
    let isWanted = true;
    void run((call) => call.receiptPicture({ saleId })).then((answer) => {
      if (isWanted) setPng({ base64: answer });
    });
    return () => {
      isWanted = false;
    };
  }, [run, saleId]);
  if (png === null) return <p className={styles.note}>{t('loading')}</p>;
  if (png.base64 === null) return <p className={styles.note}>{t('noPicture')}</p>;
  return <img className={styles.picture} src={`data:image/png;base64,${png.base64}`} alt={number} />;
}
