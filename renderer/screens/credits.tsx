// Credits already given: a list, the ticket as it was printed, a marked copy of it, and taking one back with a reason and an
// owner's leave. Decides nothing: whether the points are still there the engine knows.

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { minuteText } from '../../db/model/format.ts';
import { type ReversalReason, reversalReasons } from '../../db/model/event.ts';
import type { CreditSummary } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { PointsAmount } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { Pictogram } from '../parts/pictogram.tsx';
import { ApprovalPanel, useReprint } from './approval.tsx';
import { isDown } from './printing.tsx';
import { ReceiptPicture } from './recent.tsx';
import styles from './recent.module.css';
import own from './credits.module.css';

interface CreditsPage {
  readonly credits: readonly CreditSummary[];
  /** Of materials, by id. */
  readonly pictures: { readonly [materialId: string]: string };
  readonly nextBeforeSeq: number | null;
  /** Of the snapshot it belongs to. */
  readonly revision: number;
}

/** `revision` of the snapshot: a reprint, a credit or its taking back changes what the list says. */
export function CreditsScreen({ revision, onClose }: { readonly revision: number; readonly onClose: () => void }) {
  const { t } = useTranslation(['credits', 'recent', 'common']);
  const { run, language, known } = usePage();
  const [beforeSeq, setBeforeSeq] = useState<number | null>(null);
  const [page, setPage] = useState<CreditsPage | null>(null);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const isThere = known.link === 'connected';
  // outside world: the book
  useEffect(() => {
    if (!isThere) return undefined;
    let isWanted = true;
    void run((call) => call.recentCredits({ beforeSeq })).then((answer) => {
      if (isWanted && answer !== null) setPage({ ...answer, revision });
    });
    return () => {
      isWanted = false;
    };
  }, [run, beforeSeq, revision, isThere]);
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined, quantity: () => undefined } });
  const chosen = page?.credits.find((credit) => credit.creditId === chosenId) ?? null;
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('credits:title')}</h1>
        {beforeSeq !== null && <Button onPress={() => setBeforeSeq(null)}>{t('recent:newest')}</Button>}
        {page !== null && page.nextBeforeSeq !== null && (
          <Button onPress={() => setBeforeSeq(page.nextBeforeSeq)}>{t('recent:older')} ›</Button>
        )}
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      <section className={styles.list}>
        {page === null ? (
          <p className={styles.note}>{t('recent:loading')}</p>
        ) : page.credits.length === 0 ? (
          <p className={styles.note}>{t('credits:none')}</p>
        ) : (
          <ul>
            {page.credits.map((credit) => (
              <li key={credit.creditId}>
                <Button chosen={credit.creditId === chosenId} className={styles.sale} onPress={() => setChosenId(credit.creditId)}>
                  <span className={styles.when}>
                    {minuteText(credit.at, language)}
                    <small>{credit.ticketNumber}</small>
                  </span>
                  <span className={styles.sums}>
                    <span>
                      {credit.residentMasked} <PointsAmount points={credit.points} />
                    </span>
                    {credit.standing !== 'given' && <small className={own.undone}>{t(`credits:${credit.standing}`)}</small>}
                    <span className={own.pictures}>
                      {credit.lines.map(({ materialId }) => (
                        <Pictogram key={materialId} name={page.pictures[materialId] ?? 'box'} />
                      ))}
                    </span>
                  </span>
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className={styles.receipt}>
        {chosen === null ? (
          <p className={styles.note}>{page !== null && page.credits.length > 0 && t('credits:choose')}</p>
        ) : (
          <Credit key={chosen.creditId} credit={chosen} />
        )}
      </section>
    </main>
  );
}

type Doing = { readonly kind: 'look' } | { readonly kind: 'why' } | { readonly kind: 'leave'; readonly reason: ReversalReason };

function Credit({ credit: { creditId, ticketNumber, points, standing, copies } }: { readonly credit: CreditSummary }) {
  const { t } = useTranslation('credits');
  const { run, known } = usePage();
  const [copy, setCopy] = useState<number | null>(null);
  const [doing, setDoing] = useState<Doing>({ kind: 'look' });
  const [outcome, setOutcome] = useState<'reversed' | 'disputed' | null>(null);
  const { asked, reprint, close } = useReprint(setCopy);
  const look = (): void => setDoing({ kind: 'look' });
  // the strip above asks about this ticket and offers to print it: not twice
  const isAsked = known.snapshot?.printJobs.some((job) => job.actId === creditId) === true;
  const isPrinterDown = known.snapshot !== null && isDown(known.snapshot.printer);

  const takeBack = async (reason: ReversalReason, approvalId: string): Promise<void> => {
    const answer = await asOneAct(`take back ${creditId} ${reason} ${approvalId}`, (actId) =>
      run((call) => call.reverseCredit({ actId, creditId, reason, approvalId })),
    );
    look();
    if (answer?.ok === true) setOutcome(answer.value);
  };
  if (asked?.saleId === creditId)
    return <ApprovalPanel act={asked} number={ticketNumber} onApproved={(approvalId) => reprint(creditId, approvalId)} onClose={close} />;
  if (doing.kind === 'leave')
    return (
      <ApprovalPanel
        act={{ kind: 'reverse_credit', creditId, points }}
        number={ticketNumber}
        onApproved={(approvalId) => void takeBack(doing.reason, approvalId)}
        onClose={look}
      />
    );
  if (doing.kind === 'why')
    return (
      <div className={own.why}>
        <h2>{t('why')}</h2>
        {reversalReasons.map((reason) => (
          <Button key={reason} size="large" onPress={() => setDoing({ kind: 'leave', reason })}>
            {t(`reason_${reason}`)}
          </Button>
        ))}
        <Button size="large" onPress={look}>
          {t('back', { ns: 'common' })}
        </Button>
      </div>
    );
  return (
    <>
      <div className={styles.act}>
        <span>{t('copies', { ns: 'recent', n: copies })}</span>
        {isAsked ? (
          <span>{t('asked')}</span>
        ) : (
          <Button kind="main" size="large" onPress={() => reprint(creditId)}>
            {isPrinterDown ? t('reprintLater') : t('reprint')}
          </Button>
        )}
        {standing === 'given' && (
          <Button kind="danger" size="large" onPress={() => setDoing({ kind: 'why' })}>
            {t('takeBack')}
          </Button>
        )}
      </div>
      <p role="status" className={styles.sent}>
        {outcome !== null ? t(`done_${outcome}`) : copy === null ? '' : t('reprinted', { n: copy })}
      </p>
      <ReceiptPicture saleId={creditId} number={ticketNumber} />
    </>
  );
}
