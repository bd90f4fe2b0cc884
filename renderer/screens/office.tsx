// What is done with the accounts rather than with a customer: the tiles that lead to closing, reports, settlements and the drawer,
// and which of those screens stands. Every operator reaches it; tiles that are only the owner's are shown to the owner.

import { useTranslation } from 'react-i18next';
import { dateText } from '../../db/model/format.ts';
import { businessDate } from '../../db/model/time.ts';
import { never } from '../../db/model/result.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { useLanguage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { useNow } from '../parts/use-now.ts';
import { ClosingScreen } from './closing.tsx';
import { DrawerScreen } from './drawer.tsx';
import styles from './office.module.css';
import type { OfficeView } from './office-view.ts';
import { OwnerScreen } from './owner.tsx';
import { ClosingsScreen } from './period-list.tsx';
import { PeriodScreen } from './period.tsx';
import { SettlementsScreen } from './settlement.tsx';
import { UploadScreen } from './upload.tsx';
import { UpkeepScreen } from './upkeep.tsx';

type Tile = Exclude<OfficeView, 'office'>;

const tiles: readonly Tile[] = ['closing', 'drawer', 'period', 'closings', 'settlements', 'owner', 'upload', 'upkeep'];
const ownersTiles: ReadonlySet<Tile> = new Set<Tile>(['owner', 'upkeep']);

interface OfficeProps {
  readonly snapshot: Snapshot;
  readonly view: OfficeView;
  readonly onView: (view: OfficeView) => void;
  readonly onPlace: (place: Snapshot['place']) => void;
  readonly onClose: () => void;
}

export function OfficeScreen({ snapshot, view, onView, onPlace, onClose }: OfficeProps) {
  const toHub = (): void => onView('office');
  switch (view) {
    case 'office':
      return <Hub snapshot={snapshot} onView={onView} onClose={onClose} />;
    case 'closing':
      return <ClosingScreen snapshot={snapshot} onPlace={onPlace} onClose={onClose} />;
    case 'period':
      return <PeriodScreen number={null} onClose={toHub} />;
    case 'closings':
      return <ClosingsScreen revision={snapshot.revision} onClose={toHub} />;
    case 'settlements':
      return <SettlementsScreen snapshot={snapshot} onClose={toHub} />;
    case 'drawer':
      return <DrawerScreen snapshot={snapshot} onClose={toHub} />;
    case 'owner':
      return <OwnerScreen snapshot={snapshot} onClose={toHub} />;
    case 'upload':
      return <UploadScreen snapshot={snapshot} onClose={toHub} />;
    case 'upkeep':
      return <UpkeepScreen snapshot={snapshot} onClose={toHub} />;
    default:
      return never(view);
  }
}

function Hub({ snapshot, onView, onClose }: Pick<OfficeProps, 'snapshot' | 'onView' | 'onClose'>) {
  const { t } = useTranslation(['office', 'common']);
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined } });
  const language = useLanguage();
  const now = useNow(30_000);
  const isOwner = snapshot.operator?.role === 'owner';
  const date = snapshot.shift?.businessDate ?? null;
  const ahead = date === businessDate(now) ? null : date; // a day after the one that was closed is called by its date
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('office:title')}</h1>
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      <ul className={styles.tiles}>
        {tiles
          .filter((tile) => (isOwner || !ownersTiles.has(tile)) && (tile !== 'drawer' || snapshot.shift !== null))
          .map((tile) => (
            <li key={tile}>
              <Button size="large" className={styles.tile} onPress={() => onView(tile)}>
                <TileSign tile={tile} />
                <span className={styles.words}>
                  <strong>
                    {tile === 'period' && ahead !== null ? t('office:periodOf', { date: dateText(ahead, language) }) : t(`office:${tile}`)}
                  </strong>
                  <small>{t(`office:${tile}Text`)}</small>
                </span>
              </Button>
            </li>
          ))}
      </ul>
    </main>
  );
}

/** A padlock on a day, an open drawer, a page with lines, pages behind one another, a page with a stamp, bars that rise, an arrow out of a tray. */
const signs: { readonly [tile in Tile]: string } = {
  closing: 'M8 10h32v32H8zM8 18h32M16 5v9M32 5v9M18 29l5 5 8-9',
  drawer: 'M6 10h36v16H6zM3 26h42l-4 14H7zM19 33h10',
  period: 'M10 5h28v38H10zM17 15h14M17 23h14M17 31h9',
  closings: 'M6 14h26v29H6zM12 14V9h26v29h-6M18 9V4h26v29h-6M12 23h14M12 31h14',
  settlements: 'M9 5h26v18M9 5v38h12M15 14h14M15 22h9M34 43a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM30 34l3 3 5-6',
  owner: 'M6 6v36h36M14 36V24M23 36V14M32 36V20M41 36V9',
  upload: 'M24 33V6M13 17L24 6l11 11M6 30v12h36V30',
  upkeep: 'M24 4l17 6v12c0 11-7 18-17 22C14 40 7 33 7 22V10zM16 24l6 6 11-13',
};

function TileSign({ tile }: { readonly tile: Tile }) {
  return (
    <svg className={styles.sign} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path d={signs[tile]} />
    </svg>
  );
}
