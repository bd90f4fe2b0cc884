// Canned states for the gallery: what waits to go up to the county, what went wrong on its way, sticks, and the bar over the till.
// Not real data.

import type { ExchangeView, Snapshot } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The screen of the files that go up, over a snapshot of a till. */
export function uploadCases(selling: Snapshot): { readonly [name: string]: GalleryCase } {
  const now = Date.now();
  const fine: ExchangeView = {
    ...selling.exchange,
    lastDownAsOf: now - 9 * hourMs,
    unsentEvents: 12,
    oldestUnsentAt: now - 5 * hourMs,
    up: {
      running: null,
      filesWaiting: 0,
      waitingSince: null,
      lastAnswer: { fileSeq: 41, verdict: 'ACCEPTED', at: now - 9 * hourMs },
      fault: null,
      alarmAt: null,
      hasServer: true,
      stick: null,
    },
  };
  const at = (
    change: Partial<ExchangeView>,
    up: Partial<ExchangeView['up']> = {},
    more: Omit<GalleryCase, 'snapshot'> = {},
  ): GalleryCase => ({
    snapshot: { ...selling, exchange: { ...fine, ...change, up: { ...fine.up, ...up } } },
    beginning: { view: 'upload' },
    answers: answersWith([]),
    ...more,
  });
  const late = { unsentEvents: 214, oldestUnsentAt: now - 30 * hourMs };
  const veryLate = { unsentEvents: 1_822, oldestUnsentAt: now - 9 * dayMs };
  const waiting = { filesWaiting: 9, waitingSince: now - 9 * dayMs };
  const noServer = { hasServer: false, ...waiting };
  const withStick = { answers: answersWith(sticks) };
  const copies = 'main section:nth-of-type(2) button:nth-child(2)'; // the first is another before the sticks are found
  return {
    upload: at({}),
    'upload-never': at({ lastDownAsOf: null, unsentEvents: 3 }, { lastAnswer: null }),
    'upload-four-days': at(
      { unsentEvents: 600, oldestUnsentAt: now - 4 * dayMs - hourMs, lastDownAsOf: now - 4 * dayMs, roaming: 'half' },
      { fault: 'unreachable', filesWaiting: 4, waitingSince: now - 4 * dayMs },
    ),
    'upload-eight-days': at({ ...veryLate, lastDownAsOf: now - 9 * dayMs, roaming: 'none' }, { fault: 'unreachable', ...waiting }),
    'upload-refused': at(late, { fault: 'refused', filesWaiting: 2, waitingSince: now - 30 * hourMs }),
    'upload-disk-full': at(late, { fault: 'disk_full', filesWaiting: 1, waitingSince: now - 30 * hourMs }),
    'upload-restored-county': at({ refused: { file: '00000008.jsonl.gz', code: 'fork' } }),
    'upload-all-there': at({ unsentEvents: 0, oldestUnsentAt: null }),
    'upload-unreachable': at({}, { fault: 'unreachable', filesWaiting: 1, waitingSince: now - hourMs }),
    'upload-late': at(late, { fault: 'unreachable', filesWaiting: 2, waitingSince: now - 30 * hourMs }),
    'upload-very-late': at(veryLate, { fault: 'server_fault', ...waiting }),
    'upload-wrong-key': at(late, { fault: 'wrong_key', filesWaiting: 1, waitingSince: now - 30 * hourMs }),
    'upload-not-posted': at(late, {
      fault: 'not_posted',
      filesWaiting: 1,
      waitingSince: now - 30 * hourMs,
      lastAnswer: { fileSeq: 42, verdict: 'OUT_OF_BALANCE', at: now - hourMs },
    }),
    'upload-alarm': at(late, { alarmAt: now - hourMs, fault: 'not_posted', filesWaiting: 3, waitingSince: now - 30 * hourMs }),
    'upload-notice-committee': at({ notice: 'committee' }),
    'upload-notice-file': at({ notice: 'file', refused: { file: 'down-000008', code: 'log_forked' } }),
    'upload-sending': at({}, { running: 'sending', filesWaiting: 1, waitingSince: now - hourMs }),
    'upload-no-server': at(veryLate, noServer),
    'upload-stick': at(veryLate, { ...noServer, stick: sticks[0]! }, withStick),
    'upload-stick-copied': at(veryLate, { ...noServer, stick: sticks[0]! }, { ...withStick, touch: copies }),
    'upload-stick-again': at(
      veryLate,
      { ...noServer, stick: sticks[0]! },
      { answers: { ...answersWith(sticks), copyToStick: { ok: true, value: { ...copied, files: 0, countyFiles: 0 } } }, touch: copies },
    ),
    'upload-stick-full': at(
      veryLate,
      { ...noServer, stick: sticks[0]! },
      { answers: { ...answersWith(sticks), copyToStick: { ok: true, value: { ...copied, fault: 'stick_full' } } }, touch: copies },
    ),
    'till-upload-alarm': { snapshot: { ...selling, exchange: { ...fine, up: { ...fine.up, alarmAt: now - hourMs } } } },
    'till-upload-stick': { snapshot: { ...selling, exchange: { ...fine, ...late, up: { ...fine.up, ...waiting, stick: sticks[0]! } } } },
  };
}

const sticks = [
  { folder: '/media/KINGSTON', name: 'KINGSTON', freeBytes: 28_900_000_000 },
  { folder: '/media/清风', name: '清风', freeBytes: 3_000_000_000 },
];

const copied = { files: 9, answers: 0, countyFiles: 1, fault: null };

function answersWith(found: typeof sticks) {
  return {
    sticks: found,
    sendUpNow: { ok: true, value: null },
    copyToStick: { ok: true, value: copied },
  };
}
