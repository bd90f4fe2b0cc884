// What the bar over every screen says of upkeep: nothing while all is well. Never blocks selling.

import { useTranslation } from 'react-i18next';
import type { UpkeepView } from '../../electron/ipc/day-views.ts';
import { useNow } from '../parts/use-now.ts';
import { backupLevel, daysSince, roomDaysMin } from './upkeep-level.ts';

/** A sentence for each thing that is about to hurt. */
export function UpkeepWarning({ upkeep, className }: { readonly upkeep: UpkeepView; readonly className: string | undefined }) {
  const { t } = useTranslation('upkeep');
  const now = useNow(60_000);
  const { backedUpAt, daysLeft, isFrozen, place } = upkeep;
  const isUnsaved = backupLevel(upkeep, now) === 'bad';
  return (
    <>
      {isFrozen && <span className={className}>! {t('warn_frozen')}</span>}
      {isUnsaved && backedUpAt !== null && <span className={className}>! {t('warn_backup_bad', { n: daysSince(backedUpAt, now) })}</span>}
      {isUnsaved && backedUpAt === null && place !== null && <span className={className}>! {t('warn_backup_never')}</span>}
      {daysLeft !== null && daysLeft < roomDaysMin && <span className={className}>! {t('warn_room_bad', { n: daysLeft })}</span>}
    </>
  );
}
