// Sales already made: what was paid in what, the receipt as it was printed, and a marked copy of it; and where goods begin to come
// back: of the sale that was chosen, of a receipt under the scanner, or by the last digits of its number.

import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { Client } from '../../electron/ipc/rpc.ts';
import type { ReturnableSale } from '../../electron/ipc/day-views.ts';
import type { SaleSummary } from '../../electron/ipc/snapshot.ts';
import { dateText } from '../../db/model/format.ts';
import { useLanguage, usePage } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import type { PadKey } from '../parts/number-pad.tsx';
import { EntryPanel } from './entry-panels.tsx';
import { Paper, PastList, type PastListFrame, type PastPage } from './past-list.tsx';
import { ReturnScreen } from './return.tsx';
import styles from './recent.module.css';

/** The list, a number that is typed, or goods of one sale that come back. */
type At = { readonly kind: 'list' | 'typing' } | { readonly kind: 'return'; readonly sale: ReturnableSale };

export function RecentSales(frame: PastListFrame) {
  const { t } = useTranslation(['recent', 'returns']);
  const { run, known } = usePage();
  const [at, setAt] = useState<At>({ kind: 'list' });
  const notice = known.snapshot?.notice ?? null;
  const heard = useRef(notice?.id ?? null);
  const toList = (): void => setAt({ kind: 'list' });
  const begin = async (by: { readonly text: string } | { readonly saleId: string }): Promise<void> => {
    const found = await run((call) => call.findReceipt(by));
    if (found?.ok === true) setAt({ kind: 'return', sale: found.value });
  };
  // outside world: the scanner, which the engine hears; a return that has begun is not taken off the screen by it
  useEffect(() => {
    if (notice === null || notice.id === heard.current) return;
    heard.current = notice.id;
    if (notice.code !== 'receipt_scanned' || at.kind === 'return') return;
    void run((call) => call.findReceipt({ text: notice.subject })).then((found) => {
      if (found?.ok === true) setAt({ kind: 'return', sale: found.value });
    });
  }, [notice, at.kind, run]);

  if (at.kind === 'return') return <ReturnScreen key={at.sale.saleId} sale={at.sale} onClose={toList} />;
  if (at.kind === 'typing')
    return (
      <main className={styles.typing}>
        <ReceiptNumberPanel onFind={(text) => void begin({ text })} onClose={toList} />
      </main>
    );
  return (
    <PastList
      {...frame}
      ask={salesBefore}
      none={t('recent:none')}
      choose={t('recent:choose')}
      factsOf={({ saleId, at: soldAt, receiptNumber }) => ({ id: saleId, at: soldAt, number: receiptNumber })}
      also={<Button onPress={() => setAt({ kind: 'typing' })}>{t('returns:byNumber')}</Button>}
      renderRow={(sale) => (
        <span className={styles.sums}>
          <Parts {...sale} />
          {sale.returned !== 'none' && <strong className={styles.returned}>↩ {t(`recent:returned_${sale.returned}`)}</strong>}
        </span>
      )}
      renderChosen={(sale) => <ChosenSale key={sale.saleId} sale={sale} onReturn={() => void begin({ saleId: sale.saleId })} />}
    />
  );
}

/** The sale's receipt, and the slip of each return that was made of it. */
function ChosenSale({ sale, onReturn }: { readonly sale: SaleSummary; readonly onReturn: () => void }) {
  const { t } = useTranslation(['recent', 'returns']);
  const language = useLanguage();
  const [returnId, setReturnId] = useState<string | null>(null);
  const { saleId, receiptNumber, copies, returned, returns } = sale;
  const chosen = returns.find((each) => each.returnId === returnId) ?? null;
  const papers = returns.length > 0 && (
    <ul className={styles.papers}>
      <li>
        <Button chosen={chosen === null} onPress={() => setReturnId(null)}>
          {t('recent:saleItself')}
        </Button>
      </li>
      {returns.map((each) => (
        <li key={each.returnId}>
          <Button chosen={each === chosen} onPress={() => setReturnId(each.returnId)}>
            {t('recent:returnOn', { day: dateText(each.day, language) })} <small>{each.returnNumber}</small>
          </Button>
        </li>
      ))}
    </ul>
  );
  if (chosen !== null)
    return (
      <Paper key={chosen.returnId} actId={chosen.returnId} number={chosen.returnNumber} copies={null}>
        {papers}
      </Paper>
    );
  return (
    <Paper
      actId={saleId}
      number={receiptNumber}
      copies={copies}
      also={
        returned !== 'all' && (
          <Button kind="danger" size="large" onPress={onReturn}>
            {t('returns:open')}
          </Button>
        )
      }
    >
      {papers}
    </Paper>
  );
}

/** Of a receipt's number a person types the last digits, the kiosk's name before them is known. */
const digitsMax = 8;

function ReceiptNumberPanel({ onFind, onClose }: { readonly onFind: (digits: string) => void; readonly onClose: () => void }) {
  const { t } = useTranslation('returns');
  const [typed, setTyped] = useState('');
  const press = (key: PadKey): void => {
    if (key === 'delete' || key === 'clear') setTyped(key === 'clear' ? '' : typed.slice(0, -1));
    else if (key !== '.' && typed.length < digitsMax) setTyped(typed + key); // zeros before the number are digits of it
  };
  return (
    <EntryPanel
      title={t('numberTitle')}
      about={t('numberHint')}
      shown={typed}
      onPad={press}
      done={t('find')}
      onDone={typed === '' ? null : () => onFind(typed)}
      onClose={onClose}
    />
  );
}

async function salesBefore(call: Client<Contract>, beforeSeq: number | null): Promise<PastPage<SaleSummary>> {
  const { sales, nextBeforeSeq } = await call.recentSales({ beforeSeq });
  return { rows: sales, nextBeforeSeq };
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
