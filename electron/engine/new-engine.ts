// What an engine is before it has opened anything, said once for the engine, the simulator and benches. Opens nothing.

import { uuidv7 } from '../../db/uuid.ts';
import { backupPlaces } from './backup-place.ts';
import { emptyDeskDraft } from './desk-draft.ts';
import { emptyDraft } from './draft.ts';
import { readSettings } from './settings.ts';
import type { Engine } from './till.ts';

/** A stopped engine over a home that is not read yet; `emit` and `changed` tell its pages. */
export function newEngine(of: Pick<Engine, 'directory' | 'clock' | 'log' | 'emit' | 'changed'> & Partial<Pick<Engine, 'drives'>>): Engine {
  const { clock } = of;
  return {
    drives: () => backupPlaces(of.directory),
    ...of,
    bootId: uuidv7(clock.wallMs()),
    home: null,
    book: null,
    status: { kind: 'stopped', code: 'internal', detail: 'starting' },
    reference: null,
    settings: readSettings(null),
    operator: null,
    shift: null,
    place: 'till',
    draft: emptyDraft(clock.wallMs()),
    desk: emptyDeskDraft(clock.wallMs()),
    lastCredit: null,
    lastSale: null,
    approval: null,
    locksAt: null,
    notice: null,
    devices: null,
    exchange: { refused: null, notice: null, applyingPercent: null },
    summingPercent: null,
    revision: 0,
    busy: Promise.resolve(),
  };
}
