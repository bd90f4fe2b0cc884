// What the bar over every screen says of upkeep: nothing while all is well. Never blocks selling.

import { useTranslation } from 'react-i18next';
import type { UpkeepView } from '../../electron/ipc/day-views.ts';
import { useNow } from '../parts/use-now.ts';
import { backupLevel, daysSince, roomDaysMin } from './upkeep-level.ts';

/** A sentence for each thing that is about to hurt. */
export function UpkeepWarning({
  upkeep,
  closedThrough,
  className,
}: {
  readonly upkeep: UpkeepView;
  /** A shop that has closed a day has something to lose: without a place for backups it is told so. */
  readonly closedThrough: string | null;
  readonly className: string | undefined;
}) {
  const { t } = useTranslation('upkeep');
  const now = useNow(60_000);
  const { backedUpAt, daysLeft, isFrozen, place } = upkeep;
  const isUnsaved = backupLevel(upkeep, now) === 'bad';
  return (
    <>
      {isFrozen && <span className={className}>! {t('warn_frozen')}</span>}
      {isUnsaved && backedUpAt !== null && <span className={className}>! {t('warn_backup_bad', { n: daysSince(backedUpAt, now) })}</span>}
      {isUnsaved && backedUpAt === null && (place !== null || closedThrough !== null) && (
        <span className={className}>! {t(place === null ? 'warn_no_place' : 'warn_backup_never')}</span>
      )}
      {daysLeft !== null && daysLeft < roomDaysMin && <span className={className}>! {t('warn_room_bad', { n: daysLeft })}</span>}
    </>
  );
}
