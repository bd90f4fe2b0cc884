// The change money in the drawer when a shift begins: counted by pieces, or typed. Decides no date.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Fen, fen } from '../../db/model/amounts.ts';
import { dateText, yuanText } from '../../db/model/format.ts';
import { useKeys } from '../keyboard.ts';
import type { DaysView } from '../../electron/ipc/day-views.ts';
import { usePage } from '../page.tsx';
import { Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { hundredthsOf, typeKey } from '../parts/digits.ts';
import { countedFen, denominations, piecesMax } from '../parts/money.ts';
import { NumberPad, type PadKey } from '../parts/number-pad.tsx';
import { asOneAct } from '../parts/one-act.ts';
import styles from './open-shift.module.css';

/** A drawer holds no more than this many digits of yuan. */
const yuanDigits = 5;

export function OpenShiftScreen({ handedOver }: Pick<DaysView, 'handedOver'>) {
  const { t } = useTranslation(['shift', 'drawer']);
  const { run, language } = usePage();
  const [way, setWay] = useState<'pieces' | 'amount'>('pieces');
  const [pieces, setPieces] = useState<readonly number[]>(denominations.map(() => 0));
  const [row, setRow] = useState(0);
  const [typed, setTyped] = useState('');
  const [isAsking, setAsking] = useState(false);
  /** The date the engine wants a person's word on. */
  const [askedDate, setAskedDate] = useState<string | null>(null);
  const floatFen = way === 'pieces' ? countedFen(pieces) : fen(hundredthsOf(typed) ?? 0);

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
  const open = async (): Promise<void> => {
    if (isAsking) return;
    setAsking(true);
    const answer = await asOneAct(`open the shift ${floatFen} ${askedDate}`, (actId) =>
      run((call) => call.openShift({ actId, floatFen, confirmedDate: askedDate })),
    );
    if (answer !== null && !answer.ok && answer.code === 'confirm_date') setAskedDate(answer.businessDate);
    setAsking(false);
  };
  useKeys('screen', { onPad: press, commands: { pay: () => void open() } });

  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('shift:title')}</h1>
        <p>{t('shift:text')}</p>
        <Button onPress={() => void run((call) => call.signOut())}>{t('shift:signOut')}</Button>
      </header>
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
      </section>
      <section className={styles.side}>
        <p>
          {t('shift:total')} <Yuan fen={floatFen} size="huge" />
        </p>
        <NumberPad onKey={press} extra={way === 'amount' ? '.' : null} />
        <Button kind="main" size="large" disabled={isAsking} onPress={() => void open()} className={styles.open}>
          {askedDate !== null
            ? t('shift:openOn', { date: dateText(askedDate, language) })
            : floatFen === 0
              ? t('shift:openEmpty')
              : t('shift:open')}
        </Button>
      </section>
    </main>
  );
}
