// Asks whether the bag on the scale was weighed a moment ago: same material, same household, as good as the same weight.
// Enter and Esc say that it was: then nothing is noted, and nothing is lost.

import { useTranslation } from 'react-i18next';
import { kilogramsText } from '../../db/model/format.ts';
import type { MaterialTile } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { Pictogram } from '../parts/pictogram.tsx';
import { useWeight } from '../parts/weight.tsx';
import styles from './desk-same-bag.module.css';

interface SameBagProps {
  readonly material: MaterialTile | null;
  readonly onAnswer: (isOther: boolean) => void;
}

export function SameBagQuestion({ material, onAnswer }: SameBagProps) {
  const { t } = useTranslation(['desk', 'weight']);
  const { grams } = useWeight();
  const same = (): void => onAnswer(false);
  useKeys('panel', { commands: { pay: same, back: same, quantity: () => undefined, undo: () => undefined } });
  return (
    <section className={styles.question} aria-labelledby="same-bag-question">
      <h2 id="same-bag-question">{t('desk:sameBag')}</h2>
      <p>{t('desk:sameBagWhy')}</p>
      <div className={styles.bag}>
        {material !== null && (
          <>
            <span className={styles.picture}>
              <Pictogram name={material.picture} />
            </span>
            <strong>
              <LocalName zh={material.zh} bo={material.bo} />
            </strong>
          </>
        )}
        {grams !== null && <span className={styles.grams}>{t('desk:kilograms', { n: kilogramsText(grams) })}</span>}
      </div>
      <div className={styles.buttons}>
        <Button kind="main" size="large" onPress={same}>
          {t('desk:sameBagYes')}
        </Button>
        <Button size="large" onPress={() => onAnswer(true)}>
          {t('desk:sameBagNo')}
        </Button>
      </div>
    </section>
  );
}
