// Canned states for the gallery: how well the book is kept, where backups can go, the recovery code, and what the bar says of it
// while people sell. Not real data.

import type { BackupPlaceView, UpkeepView } from '../electron/ipc/day-views.ts';
import type { Snapshot } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The owner's screen over a snapshot of a till. */
export function upkeepCases(selling: Snapshot): { readonly [name: string]: GalleryCase } {
  const now = Date.now();
  const fine: UpkeepView = {
    running: null,
    place: '/media/KINGSTON/jifen-backup',
    backedUpAt: now - 3 * hourMs,
    backupFault: null,
    verifiedAt: now - 3 * hourMs,
    freeBytes: 37_400_000_000,
    daysLeft: 412,
    isCodeKept: true,
    isFrozen: false,
  };
  const owner: Snapshot = { ...selling, operator: { id: 'op9', name: '次仁旺堆', role: 'owner' } };
  const at = (change: Partial<UpkeepView>, more: Omit<GalleryCase, 'snapshot'> = {}): GalleryCase => ({
    snapshot: { ...owner, upkeep: { ...fine, ...change } },
    beginning: { view: 'upkeep' },
    answers,
    ...more,
  });
  const never = { place: null, backedUpAt: null, backupFault: 'no_place', verifiedAt: null, isCodeKept: false } as const;
  const short = { freeBytes: 2_700_000_000, daysLeft: 5 };
  const late = { backedUpAt: now - 9 * dayMs, verifiedAt: now - 9 * dayMs };
  const chooses = 'main section:nth-of-type(1) button:last-child';
  const showsCode = 'main section:nth-of-type(4) button';
  return {
    upkeep: at({}),
    'upkeep-never': at({ ...never, daysLeft: null }),
    'upkeep-pulled': at({ ...late, backupFault: 'place_missing', ...short }),
    'upkeep-full': at({ backupFault: 'place_full', daysLeft: 21 }),
    'upkeep-same-disk': at({ backupFault: 'same_disk' }),
    'upkeep-failed': at({ backupFault: 'failed' }),
    'upkeep-no-room': at({ backupFault: 'no_room', ...short }),
    'upkeep-read-only': at({ backupFault: 'place_read_only' }),
    'upkeep-running': at({ running: { step: 'checking', percent: 43 } }),
    'upkeep-places': at(never, { touch: chooses }),
    'upkeep-places-none': at(never, { touch: chooses, answers: { ...answers, backupPlaces: [] } }),
    'upkeep-code-pin': at(never, { touch: showsCode }),
    'upkeep-code': at(never, { touch: showsCode, presses: Array.from({ length: 6 }, () => 'Digit1') }),
    'till-upkeep-warned': { snapshot: { ...selling, upkeep: { ...fine, ...late, ...short } } },
    'till-upkeep-no-place': { snapshot: { ...selling, upkeep: { ...fine, ...never, daysLeft: null } } },
    'till-upkeep-frozen': { snapshot: { ...selling, upkeep: { ...fine, isFrozen: true } } },
  };
}

const places: readonly BackupPlaceView[] = [
  { folder: '/media/KINGSTON/jifen-backup', name: 'KINGSTON', freeBytes: 28_900_000_000, isSameDisk: false },
  { folder: '/mnt/data/jifen-backup', name: 'data', freeBytes: 612_000_000_000, isSameDisk: true },
];

const answers = {
  backupPlaces: places,
  setBackupPlace: { ok: false, code: 'place_read_only' },
  backUpNow: { ok: true, value: null },
  checkNow: { ok: true, value: null },
  recoveryCode: { ok: true, value: { code: '7KMP-2XQR-9TBN-4HWD-C6VJ-3FYL-A8GE' } },
  keepRecoveryCode: null,
};
