// What was brought so far, material by material: bags as they were weighed or counted, what each material earns and what of
// it earned nothing. Every figure is the engine's quote.

import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { countText, kilogramsText } from '../../db/model/format.ts';
import type { BagView, CreditLineView, DeskView } from '../../electron/ipc/snapshot.ts';
import { keyMap } from '../keyboard.ts';
import { type Page, usePage } from '../page.tsx';
import { PointsAmount } from '../parts/amount.tsx';
import { Button, TwiceButton } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { HazardMark, Pictogram } from '../parts/pictogram.tsx';
import styles from './desk-bags.module.css';

export function DeskBags({ desk }: { readonly desk: DeskView }) {
  const { t } = useTranslation('desk');
  const { run } = usePage();
  const newest = desk.bags.at(-1);
  const removeNewest = (): void => {
    if (newest) void removeBag(run, newest.bagId);
  };
  return (
    <>
      <div className={styles.bags}>
        {desk.bags.length === 0 ? (
          <p className={styles.empty}>
            <strong>{t('noBags')}</strong>
            <br />
            {t('noBagsHint')}
          </p>
        ) : (
          <ul>
            {desk.quote.lines.map((line) => (
              <Material
                key={line.materialId}
                line={line}
                picture={desk.materials.find(({ id }) => id === line.materialId)?.picture ?? 'box'}
                bags={desk.bags.filter(({ materialId }) => materialId === line.materialId)}
                newestId={newest?.bagId ?? null}
              />
            ))}
          </ul>
        )}
      </div>
      <div className={styles.foot}>
        <Button onPress={removeNewest} disabled={newest === undefined}>
          {t('removeNewest')} <kbd>{keyMap.undo.shown}</kbd>
        </Button>
        <TwiceButton onPress={() => void run((call) => call.clearDesk())} disabled={newest === undefined && desk.resident === null}>
          {t('clear')}
        </TwiceButton>
      </div>
    </>
  );
}

/** Takes a bag off. One that is gone already is what was wanted: a second touch says nothing. */
export async function removeBag(run: Page['run'], bagId: string): Promise<void> {
  await asOneAct(`remove bag ${bagId}`, (actId) => run((call) => call.removeBag({ actId, bagId }).then(() => true)));
}

interface MaterialProps {
  readonly line: CreditLineView;
  readonly picture: string;
  readonly bags: readonly BagView[];
  readonly newestId: string | null;
}

function Material({ line, picture, bags, newestId }: MaterialProps) {
  const { t } = useTranslation('desk');
  const amount = useAmountText();
  return (
    <li className={styles.material}>
      <div className={styles.head}>
        <span className={styles.picture}>
          <Pictogram name={picture} />
        </span>
        <span className={styles.name}>
          <LocalName zh={line.zh} bo={line.bo} />
          {line.hazardous && (
            <span className={styles.hazard}>
              <HazardMark />
              {t('hazardous')}
            </span>
          )}
        </span>
        <span className={styles.earned}>
          <PointsAmount points={line.points} size="large" />
        </span>
      </div>
      <ol className={styles.list}>
        {bags.map((bag, i) => (
          <Bag key={bag.bagId} isNewest={bag.bagId === newestId}>
            <span className={styles.count}>{t('bag', { n: i + 1 })}</span>
            <span className={styles.net}>{amount(bag.measuredBy, bag.units)}</span>
            <span className={styles.tare}>
              {bag.readGrams !== null &&
                bag.tareGrams !== 0 &&
                t('lessTare', { read: kilogramsText(bag.readGrams), tare: kilogramsText(bag.tareGrams) })}
            </span>
            <RemoveBag bagId={bag.bagId} what={amount(bag.measuredBy, bag.units)} />
          </Bag>
        ))}
      </ol>
      {(bags.length > 1 || line.remainderUnits > 0) && (
        <p className={styles.sum}>
          {bags.length > 1 && <span>{t('together', { amount: amount(line.measuredBy, line.units) })}</span>}
          {line.remainderUnits > 0 && <span>{t('remainder', { amount: amount(line.measuredBy, line.remainderUnits) })}</span>}
        </p>
      )}
    </li>
  );
}

function Bag({ isNewest, children }: { readonly isNewest: boolean; readonly children: ReactNode }) {
  const item = useRef<HTMLLIElement>(null);
  // outside world: where the list is scrolled to
  useEffect(() => {
    if (isNewest) item.current?.scrollIntoView({ block: 'nearest' });
  }, [isNewest]);
  return (
    <li ref={item} className={styles.bag}>
      {children}
    </li>
  );
}

function RemoveBag({ bagId, what }: { readonly bagId: string; readonly what: string }) {
  const { t } = useTranslation('desk');
  const { run } = usePage();
  return (
    <Button kind="danger" label={t('removeBag', { what })} onPress={() => void removeBag(run, bagId)}>
      ✕
    </Button>
  );
}

/** Grams as kilograms, or pieces, with the unit in the page's language. */
export function useAmountText(): (measuredBy: 'weight' | 'count', units: number) => string {
  const { t } = useTranslation('desk');
  return (measuredBy, units) =>
    measuredBy === 'weight' ? t('kilograms', { n: kilogramsText(units) }) : t('pieces', { n: countText(units) });
}
