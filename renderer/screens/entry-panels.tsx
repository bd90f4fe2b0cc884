// Panels that take a number: how many, how many points, a barcode. All with the same pad in the same place.

import { type CSSProperties, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Points, onePoint, points } from '../../db/model/amounts.ts';
import { type QuotedLine, quantityMax } from '../../db/model/checkout.ts';
import { pointsText } from '../../db/model/format.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { hundredthsOf, typeKey } from '../parts/digits.ts';
import { LocalName } from '../parts/local-name.tsx';
import { NumberPad, type PadKey } from '../parts/number-pad.tsx';
import { PointsUsed } from '../parts/sale-amounts.tsx';
import styles from './entry-panels.module.css';

/** How many of one kind. Nothing is sent before OK: a 1 on the way to 12 is not an order. */
export function QuantityPanel({ line, onClose }: { readonly line: QuotedLine; readonly onClose: () => void }) {
  const { t } = useTranslation('till');
  const { run } = usePage();
  const [typed, setTyped] = useState('');
  const quantity = typed === '' ? line.quantity : Number(typed);
  const isRight = quantity >= 1 && quantity <= quantityMax;
  const done = async (): Promise<void> => {
    if (!isRight) return;
    onClose();
    await run((call) => call.setQuantity({ lineId: line.lineId, quantity }));
  };
  return (
    <EntryPanel
      title={t('quantityTitle')}
      about={<LocalName zh={line.zh} bo={line.bo} />}
      shown={String(quantity)}
      onPad={(key) => setTyped(typeKey(typed, key, { lengthMax: String(quantityMax).length, decimals: 0 }))}
      onDone={isRight ? () => void done() : null}
      onClose={onClose}
    />
  );
}

/**
 * How many points of those allowed. Each key goes to the engine at once, so that what is left to pay is always its own
 * figure; going back restores what was chosen before.
 */
export function PointsPanel({ snapshot, onClose }: { readonly snapshot: Snapshot; readonly onClose: () => void }) {
  const { t } = useTranslation(['till', 'common']);
  const { run } = usePage();
  const { quote } = snapshot.cart;
  const [before] = useState<Points | null>(quote.points === quote.maxPoints ? null : quote.points);
  const [typed, setTyped] = useState('');
  const step = snapshot.scheme?.pointsStep ?? onePoint;
  const wanted = hundredthsOf(typed);
  const isMany = wanted !== null && wanted > quote.maxPoints;
  const isFew = wanted !== null && wanted < quote.requiredPoints;

  const choose = (value: Points | null): void => void run((call) => call.setPoints({ points: value }));
  const press = (key: PadKey): void => {
    const next = typeKey(typed, key, { lengthMax: 7, decimals: step % onePoint === 0 ? 0 : 2 });
    setTyped(next);
    const value = hundredthsOf(next);
    if (value === null) choose(null);
    else if (value <= quote.maxPoints && value >= quote.requiredPoints) choose(points(value));
  };
  const preset = (text: string, value: Points | null): void => {
    setTyped(text);
    choose(value);
  };
  return (
    <EntryPanel
      title={t('till:pointsTitle')}
      about={
        <>
          <span className={isMany ? styles.wrong : ''}>{t('till:pointsMost', { n: pointsText(quote.maxPoints) })}</span>
          {quote.requiredPoints > 0 && (
            <span className={isFew ? styles.wrong : ''}>{t('till:pointsLeast', { n: pointsText(quote.requiredPoints) })}</span>
          )}
          {step !== onePoint && <span>{t('till:pointsStep', { n: pointsText(points(step)) })}</span>}
        </>
      }
      shown={typed === '' ? pointsText(quote.points) : typed}
      decimals={step % onePoint !== 0}
      onPad={press}
      onDone={isMany || isFew ? null : onClose}
      onClose={() => {
        choose(before);
        onClose();
      }}
    >
      <div className={styles.presets}>
        <Button onPress={() => preset('', null)}>{t('till:useMost')}</Button>
        {quote.requiredPoints === 0 && <Button onPress={() => preset('0', points(0))}>{t('till:useNone')}</Button>}
      </div>
      {/* beside a number that cannot be, the figures of the one before would be taken for its own */}
      {!isMany && !isFew && (
        <dl className={styles.live}>
          <div>
            <dt>{t('till:pointsUsed')}</dt>
            <dd>
              <PointsUsed {...quote} />
            </dd>
          </div>
          <div>
            <dt>{t('till:stillToPay')}</dt>
            <dd>
              <Yuan fen={quote.dueFen} size="huge" />
            </dd>
          </div>
        </dl>
      )}
    </EntryPanel>
  );
}

/** Longest barcode we know; the engine says what it means. */
const codeDigitsMax = 20;

/** A barcode typed by hand, for a torn label. */
export function CodePanel({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('till');
  const { run } = usePage();
  const [typed, setTyped] = useState('');
  const press = (key: PadKey): void => {
    if (key === 'delete' || key === 'clear') setTyped(typeKey(typed, key, { lengthMax: codeDigitsMax, decimals: 0 }));
    else if (key !== '.' && typed.length < codeDigitsMax) setTyped(typed + key);
  };
  const find = async (): Promise<void> => {
    const notice = await run((call) => call.scan({ text: typed }));
    if (notice?.code === 'line_added' || notice?.code === 'goods_to_weigh') onClose(); // otherwise what was typed stays, to be looked at
  };
  return (
    <EntryPanel
      title={t('codeTitle')}
      about={null}
      shown={typed}
      onPad={press}
      done={t('codeEnter')}
      onDone={typed === '' ? null : () => void find()}
      onClose={onClose}
    />
  );
}

interface EntryPanelProps {
  readonly title: string;
  readonly about: ReactNode;
  readonly shown: string;
  readonly decimals?: boolean;
  readonly done?: string;
  readonly onPad: (key: PadKey) => void;
  /** null: what was typed is not right yet. */
  readonly onDone: (() => void) | null;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

export function EntryPanel({ title, about, shown, decimals = false, done, onPad, onDone, onClose, children }: EntryPanelProps) {
  const { t } = useTranslation('common');
  useKeys('panel', { onPad, commands: { pay: () => onDone?.(), back: onClose } });
  return (
    <div className={styles.panel}>
      <header>
        <h2>{title}</h2>
        <p className={styles.about}>{about}</p>
      </header>
      <div className={styles.side}>{children}</div>
      <div className={styles.entry}>
        <p className={`${styles.shown} number`} style={{ '--characters': Math.max(1, shown.length) } as CSSProperties} aria-live="polite">
          {shown}
        </p>
        <NumberPad onKey={onPad} extra={decimals ? '.' : null} />
      </div>
      <div className={styles.buttons}>
        <Button size="large" onPress={onClose}>
          {t('back')}
        </Button>
        <Button kind="main" size="large" className={styles.done} disabled={onDone === null} onPress={() => onDone?.()}>
          {done ?? t('enter')}
        </Button>
      </div>
    </div>
  );
}
