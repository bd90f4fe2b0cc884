// Acts that are past, newest first and page by page: a list on the left, the one that was chosen on the right with its paper
// as it was printed and a marked copy of it. What the acts are, and what else may be done with one, is the screens' that use it.

import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { minuteText } from '../../db/model/format.ts';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { ApprovalPanel, useReprint } from './approval.tsx';
import { isDown } from './printing.tsx';
import styles from './past-list.module.css';

/** One page, and the number to ask the next one with; null: there is none. */
export interface PastPage<Row> {
  readonly rows: readonly Row[];
  readonly nextBeforeSeq: number | null;
}

/** What was told, and of which snapshot. */
type Seen<Row> = PastPage<Row> & { readonly revision: number };

/** What is the same whatever is listed. */
export interface PastListFrame {
  readonly title: ReactNode;
  /** Of the snapshot: what happened since may have changed the list. */
  readonly revision: number;
  readonly onClose: () => void;
}

interface PastListProps<Row> extends PastListFrame {
  /** The same function at every drawing: another one asks anew. */
  readonly ask: (call: Client<Contract>, beforeSeq: number | null) => Promise<PastPage<Row>>;
  readonly none: string;
  readonly choose: string;
  readonly factsOf: (row: Row) => { readonly id: string; readonly at: number; readonly number: string };
  /** Beside the way back. */
  readonly also?: ReactNode;
  readonly renderRow: (row: Row) => ReactNode;
  readonly renderChosen: (row: Row) => ReactNode;
}

export function PastList<Row>(props: PastListProps<Row>) {
  const { ask, revision, title, none, choose, factsOf, also, renderRow, renderChosen, onClose } = props;
  const { t } = useTranslation(['recent', 'common']);
  const { run, language, known } = usePage();
  const [beforeSeq, setBeforeSeq] = useState<number | null>(null);
  const [page, setPage] = useState<Seen<Row> | null>(null);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const isThere = known.link === 'connected';
  // outside world: the book
  useEffect(() => {
    if (!isThere) return undefined;
    let isWanted = true;
    void run((call) => ask(call, beforeSeq)).then((answer) => {
      if (isWanted && answer !== null) setPage({ ...answer, revision });
    });
    return () => {
      isWanted = false;
    };
  }, [run, ask, beforeSeq, revision, isThere]);
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined, quantity: () => undefined } });

  const chosen = page?.rows.find((row) => factsOf(row).id === chosenId) ?? null;
  return (
    <main className={styles.screen}>
      <header>
        <h1 className={styles.title}>{title}</h1>
        {beforeSeq !== null && <Button onPress={() => setBeforeSeq(null)}>{t('recent:newest')}</Button>}
        {page !== null && page.nextBeforeSeq !== null && (
          <Button onPress={() => setBeforeSeq(page.nextBeforeSeq)}>{t('recent:older')} ›</Button>
        )}
        {also}
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      <section className={styles.list}>
        {page === null ? (
          <p className={styles.note}>{t('recent:loading')}</p>
        ) : page.rows.length === 0 ? (
          <p className={styles.note}>{none}</p>
        ) : (
          <ul>
            {page.rows.map((row) => {
              const { id, at, number } = factsOf(row);
              return (
                <li key={id}>
                  <Button chosen={id === chosenId} className={styles.row} onPress={() => setChosenId(id)}>
                    <span className={styles.when}>
                      {minuteText(at, language)}
                      <small>{number}</small>
                    </span>
                    {renderRow(row)}
                  </Button>
                </li>
              );
            })}
          </ul>
        )}
      </section>
      <section className={styles.chosen}>
        {chosen === null ? <p className={styles.note}>{page !== null && page.rows.length > 0 && choose}</p> : renderChosen(chosen)}
      </section>
    </main>
  );
}

interface PaperProps {
  /** The sale or the credit whose paper it is. */
  readonly actId: string;
  readonly number: string;
  /** Made so far; null where that is not known. */
  readonly copies: number | null;
  /** What else may be done with the act, beside the copy. */
  readonly also?: ReactNode;
  /** What has become of it, over the picture. */
  readonly children?: ReactNode;
}

/** The paper of one act as it was printed, and the way to a marked copy. Another act is another Paper: give it a key. */
export function Paper({ actId, number, copies, also, children }: PaperProps) {
  const { t } = useTranslation('recent');
  const { known } = usePage();
  const [copy, setCopy] = useState<number | null>(null);
  const { asked, reprint, close } = useReprint(setCopy);
  if (asked !== null)
    return <ApprovalPanel act={asked} number={number} onApproved={(approvalId) => reprint(actId, approvalId)} onClose={close} />;
  // the strip above asks about this paper and offers to print it: not twice
  const isAsked = known.snapshot?.printJobs.some((job) => job.actId === actId) === true;
  const isPrinterDown = known.snapshot !== null && isDown(known.snapshot.printer);
  return (
    <>
      <div className={styles.act}>
        <span>{copies !== null && t('copies', { n: copies })}</span>
        {also}
        {isAsked ? (
          <span>{t('asked')}</span>
        ) : (
          <Button kind="main" size="large" onPress={() => reprint(actId)}>
            {isPrinterDown ? t('reprintLater') : t('reprint')}
          </Button>
        )}
      </div>
      {children}
      <p role="status" className={styles.sent}>
        {copy === null ? '' : copy === 0 ? t('printedFirst') : t('reprinted', { n: copy })}
      </p>
      <PaperPicture actId={actId} number={number} />
    </>
  );
}

function PaperPicture({ actId, number }: { readonly actId: string; readonly number: string }) {
  const { t } = useTranslation('recent');
  const { run } = usePage();
  const [png, setPng] = useState<{ readonly base64: string | null } | null>(null);
  // outside world: the archive of receipts and tickets
  useEffect(() => {
    let isWanted = true;
    void run((call) => call.receiptPicture({ saleId: actId })).then((answer) => {
      if (isWanted) setPng({ base64: answer });
    });
    return () => {
      isWanted = false;
    };
  }, [run, actId]);
  if (png === null) return <p className={styles.note}>{t('loading')}</p>;
  if (png.base64 === null) return <p className={styles.note}>{t('noPicture')}</p>;
  return <img className={styles.picture} src={`data:image/png;base64,${png.base64}`} alt={number} />;
}
