// The change money in the drawer when a shift begins: counted by pieces, or typed. What the book has is told once that was said, and
// only where it differs. Decides no date.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Fen, fen } from '../../db/model/amounts.ts';
import { dayAfter } from '../../db/model/calendar.ts';
import { dateText, yuanText } from '../../db/model/format.ts';
import { type DifferenceReason, differenceReasons } from '../../db/model/reasons.ts';
import { businessDate } from '../../db/model/time.ts';
import { useKeys } from '../keyboard.ts';
import type { DaysView } from '../../electron/ipc/day-views.ts';
import { usePage } from '../page.tsx';
import { Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { hundredthsOf, typeKey } from '../parts/digits.ts';
import { countedFen, denominations, piecesMax } from '../parts/money.ts';
import { NumberPad, type PadKey } from '../parts/number-pad.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { useNow } from '../parts/use-now.ts';
import { ApprovalPanel } from './approval.tsx';
import styles from './open-shift.module.css';

/**
 * Neither the scheme nor a setting bounds a float. More than fifty notes of a hundred is change money nowhere, and is a digit too many
 * oftener than it is there: it is asked about once.
 */
const largeFloatFen = fen(500_000);

/** A drawer holds no more than this many digits of yuan. */
const yuanDigits = 5;

/** What the engine says of a float that is not what the book has in the drawer. */
interface Differs {
  readonly floatFen: Fen;
  readonly bookFen: Fen;
  /** Over or short since the hand-over, which needs a reason; or the owner's cash taken out, which needs a leave. */
  readonly asks: 'reason' | 'leave';
}

export function OpenShiftScreen({ handedOver, closedThrough }: Pick<DaysView, 'handedOver' | 'closedThrough'>) {
  const { t } = useTranslation(['shift', 'drawer', 'count']);
  const { run, language } = usePage();
  const [way, setWay] = useState<'pieces' | 'amount'>('pieces');
  const [pieces, setPieces] = useState<readonly number[]>(denominations.map(() => 0));
  const [row, setRow] = useState(0);
  const [typed, setTyped] = useState('');
  const [isAsking, setAsking] = useState(false);
  /** The date the engine wants a person's word on; ahead of the machine's where days up to it were closed. */
  const [answered, setAsked] = useState<{ readonly date: string; readonly isAhead: boolean } | null>(null);
  const now = useNow(30_000);
  // known before it is asked: nothing is wrong with the date, and the key says what it is
  const next = closedThrough !== null && closedThrough >= businessDate(now) ? { date: dayAfter(closedThrough, 1), isAhead: true } : null;
  const asked = answered ?? next;
  const askedDate = asked?.date ?? null;
  const [told, setTold] = useState<Differs | null>(null);
  const [reason, setReason] = useState<DifferenceReason | null>(null);
  /** The large sum that was asked about. */
  const [askedSum, setAskedSum] = useState<Fen | null>(null);
  const [isApproving, setApproving] = useState(false);
  const floatFen = way === 'pieces' ? countedFen(pieces) : fen(hundredthsOf(typed) ?? 0);

  const isLarge = floatFen > largeFloatFen && floatFen !== handedOver?.countedFen; // what was handed over was counted
  const isSumAsked = isLarge && askedSum === floatFen;
  const differs = told?.floatFen === floatFen ? told : null; // of this float: another one is asked anew

  const press = (key: PadKey): void => {
    if (way === 'amount') return setTyped(typeKey(typed, key, { lengthMax: yuanDigits, decimals: 2 }));
    const text = typeKey(pieces[row] ? String(pieces[row]) : '', key, { lengthMax: String(piecesMax).length, decimals: 0 });
    setPieces(pieces.map((count, i) => (i === row ? Number(text) : count)));
  };
  /** What the shift before counted: the float of this one, unless somebody counts anew. */
  const takeOver = (countedFen: Fen): void => {
    setWay('amount');
    setTyped(yuanText(countedFen).replaceAll(',', '')); // as it would be typed
  };
  const open = async (approvalId?: string): Promise<void> => {
    if (isAsking) return;
    if (isLarge && !isSumAsked) return setAskedSum(floatFen);
    if (differs?.asks === 'reason' && reason === null) return;
    if (differs?.asks === 'leave' && approvalId === undefined) return setApproving(true);
    setAsking(true);
    setApproving(false);
    const why = differs?.asks === 'reason' ? reason : null;
    const answer = await asOneAct(`open the shift ${floatFen} ${askedDate} ${why} ${approvalId ?? ''}`, (actId) =>
      run((call) => call.openShift({ actId, floatFen, confirmedDate: askedDate, reason: why, approvalId })),
    );
    setAsking(false);
    if (answer === null || answer.ok) return;
    if (answer.code === 'confirm_date') setAsked({ date: answer.businessDate, isAhead: isAheadOfClock(answer.businessDate) });
    if (answer.code === 'reason_needed') setTold({ floatFen, bookFen: answer.bookFen, asks: 'reason' });
    if (answer.code === 'approval_needed') setTold({ floatFen, bookFen: answer.bookFen, asks: 'leave' });
  };
  useKeys('screen', { onPad: press, commands: { pay: () => void open() } });

  if (isApproving && differs !== null)
    return (
      <main className={styles.approval}>
        <ApprovalPanel
          act={{ kind: 'pay_out', fen: differs.bookFen - differs.floatFen, reason: 'bank' }}
          number=""
          onApproved={(approvalId) => void open(approvalId)}
          onClose={() => setApproving(false)}
        />
      </main>
    );
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('shift:title')}</h1>
        <p>{t('shift:text')}</p>
        <Button onPress={() => void run((call) => call.signOut())}>
          {t(asked?.isAhead === true ? 'shift:notToday' : 'shift:signOut')}
        </Button>
      </header>
      {asked?.isAhead === true && closedThrough !== null && (
        <div className={styles.handedOver}>
          <p>{t('shift:ahead', { closed: dateText(closedThrough, language), date: dateText(asked.date, language) })}</p>
        </div>
      )}
      {handedOver !== null && (
        <div className={styles.handedOver}>
          <p>{t('drawer:handedOver', { yuan: yuanText(handedOver.countedFen) })}</p>
          <Button size="large" chosen={floatFen === handedOver.countedFen} onPress={() => takeOver(handedOver.countedFen)}>
            {t('drawer:takeOver', { yuan: yuanText(handedOver.countedFen) })}
          </Button>
        </div>
      )}
      <section className={styles.count}>
        <div className={styles.ways}>
          <Button chosen={way === 'pieces'} onPress={() => setWay('pieces')}>
            {t('shift:byPieces')}
          </Button>
          <Button chosen={way === 'amount'} onPress={() => setWay('amount')}>
            {t('shift:byAmount')}
          </Button>
        </div>
        {way === 'pieces' ? (
          <ul className={styles.rows}>
            {denominations.map((value, i) => (
              <li key={value}>
                <Button chosen={row === i} className={styles.row} onPress={() => setRow(i)}>
                  <Yuan fen={value} />
                  <span className="number">× {pieces[i]}</span>
                </Button>
              </li>
            ))}
          </ul>
        ) : (
          <p className={`${styles.typed} number`}>{typed === '' ? yuanText(fen(0)) : typed}</p>
        )}
        {isSumAsked && differs === null && (
          <div role="alert" className={styles.differs}>
            <p>{t('shift:isItSo', { yuan: yuanText(floatFen) })}</p>
            <p>{t('shift:isItSoText')}</p>
          </div>
        )}
        {differs !== null && (
          <div role="alert" className={styles.differs}>
            <p>{t('shift:inBook', { yuan: yuanText(differs.bookFen), counted: yuanText(floatFen) })}</p>
            {differs.asks === 'leave' ? (
              <p>{t('shift:taken', { yuan: yuanText(fen(differs.bookFen - floatFen)) })}</p>
            ) : (
              <>
                <p>{t('shift:whyDiffers')}</p>
                <ul>
                  {differenceReasons.map((each) => (
                    <li key={each}>
                      <Button disabled={isAsking} chosen={each === reason} onPress={() => setReason(each)}>
                        {t(`count:reason_${each}`)}
                      </Button>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </div>
        )}
      </section>
      <section className={styles.side}>
        <p>
          {t('shift:total')} <Yuan fen={floatFen} size="huge" />
        </p>
        <NumberPad onKey={press} extra={way === 'amount' ? '.' : null} />
        <Button
          kind="main"
          size="large"
          disabled={isAsking || (differs?.asks === 'reason' && reason === null)}
          onPress={() => void open()}
          className={styles.open}
        >
          {openText()}
        </Button>
      </section>
    </main>
  );

  function openText(): string {
    if (differs?.asks === 'leave') return t('shift:askOwner');
    if (isSumAsked && answered === null) return t('shift:openSum', { yuan: yuanText(floatFen) });
    if (asked !== null) return t(asked.isAhead ? 'shift:openAhead' : 'shift:openOn', { date: dateText(asked.date, language) });
    return floatFen === 0 ? t('shift:openEmpty') : t('shift:open');
  }
}

/** The engine's clock is this machine's. */
function isAheadOfClock(date: string): boolean {
  return date > businessDate(Date.now());
}
