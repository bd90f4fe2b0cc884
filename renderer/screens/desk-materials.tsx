// What the county takes in, as pictures to touch, each with what it earns. Knows no price of anything.

import { useTranslation } from 'react-i18next';
import { countText, kilogramsText, pointsText } from '../../db/model/format.ts';
import type { DeskView, MaterialTile } from '../../electron/ipc/snapshot.ts';
import { LocalName } from '../parts/local-name.tsx';
import { HazardMark, Pictogram } from '../parts/pictogram.tsx';
import styles from './desk-materials.module.css';

interface MaterialTilesProps {
  readonly desk: Pick<DeskView, 'materials' | 'material'>;
  /** A bag is being weighed: of what, is settled until it is. */
  readonly isWaiting?: boolean;
  readonly onChoose: (materialId: string) => void;
}

export function MaterialTiles({ desk, isWaiting = false, onChoose }: MaterialTilesProps) {
  const { t } = useTranslation('desk');
  return (
    <ul className={styles.tiles} aria-label={t('materials')}>
      {desk.materials.map((material) => (
        <li key={material.id}>
          <button
            type="button"
            className={`${styles.tile} ${material.hazardous ? styles.hazardous : ''}`}
            data-target="cashier"
            aria-pressed={material.id === desk.material}
            aria-disabled={isWaiting}
            onClick={() => !isWaiting && onChoose(material.id)}
          >
            <span className={styles.picture}>
              <Pictogram name={material.picture} />
            </span>
            {material.hazardous && (
              <span className={styles.hazard}>
                <HazardMark />
                {t('hazardous')}
              </span>
            )}
            <span className={styles.name}>
              <LocalName zh={material.zh} bo={material.bo} />
            </span>
            <RateText {...material} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** 1 公斤 = 15 积分, 2 个 = 1 积分. */
export function RateText({ measuredBy, rate }: Pick<MaterialTile, 'measuredBy' | 'rate'>) {
  const { t } = useTranslation('desk');
  const n = measuredBy === 'weight' ? kilogramsText(rate.per).replace(/\.?0+$/, '') : countText(rate.per);
  return (
    <span className={styles.rate}>
      {measuredBy === 'weight' ? t('kilograms', { n }) : t('pieces', { n })} <span>= {t('earns', { n: pointsText(rate.points) })}</span>
    </span>
  );
}
