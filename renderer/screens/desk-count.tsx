// How many pieces a bag holds. A large number is typed twice, since one 0 too many is a sack of points. Adds nothing up.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countText } from '../../db/model/format.ts';
import { piecesMax } from '../../db/model/recycling.ts';
import type { DeskView, MaterialTile } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { typeKey } from '../parts/digits.ts';
import { LocalName } from '../parts/local-name.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { Pictogram } from '../parts/pictogram.tsx';
import { EntryPanel } from './entry-panels.tsx';
import { RateText } from './desk-materials.tsx';
import styles from './desk-count.module.css';

interface CountPanelProps {
  readonly desk: DeskView;
  readonly material: MaterialTile;
  readonly onClose: () => void;
}

export function CountPanel({ desk, material, onClose }: CountPanelProps) {
  const { t } = useTranslation('desk');
  const { run } = usePage();
  const [typed, setTyped] = useState('');
  /** What was typed first, while it is typed again. */
  const [first, setFirst] = useState<number | null>(null);
  const pieces = Number(typed);
  const isAgain = first !== null;
  const needsAgain = pieces > desk.typeTwiceAbove;
  const isMany = pieces > material.maximum;

  const take = async (count: number, again: number | null): Promise<void> => {
    const answer = await asOneAct(`count ${desk.creditId} ${material.id} ${desk.bags.length} ${count} ${again}`, (bagId) =>
      run((call) => call.countBag({ bagId, pieces: count, again })),
    );
    if (answer?.ok === true) return onClose();
    if (answer === null) return; // what was typed stays: the same key asks the same again
    setTyped('');
    setFirst(null);
  };
  const done = (): void => {
    if (isAgain) void take(first, pieces);
    else if (needsAgain) {
      setFirst(pieces);
      setTyped('');
    } else void take(pieces, null);
  };
  return (
    <EntryPanel
      title={isAgain ? t('countAgain') : t('countTitle')}
      about={
        isAgain ? (
          <strong className={styles.again}>{t('countAgainWhy', { n: countText(desk.typeTwiceAbove) })}</strong>
        ) : (
          <span className={isMany ? styles.many : ''}>{t('countMost', { n: countText(material.maximum) })}</span>
        )
      }
      shown={typed === '' ? '' : countText(pieces)}
      onPad={(key) => setTyped(typeKey(typed, key, { lengthMax: String(piecesMax).length, decimals: 0 }))}
      onDone={typed === '' || pieces === 0 || isMany ? null : done}
      onClose={onClose}
    >
      <div className={styles.what}>
        <span className={styles.picture}>
          <Pictogram name={material.picture} />
        </span>
        <strong>
          <LocalName zh={material.zh} bo={material.bo} />
        </strong>
        <RateText {...material} />
      </div>
    </EntryPanel>
  );
}
