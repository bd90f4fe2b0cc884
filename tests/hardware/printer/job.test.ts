// The state machine of a running job, step by step, without a printer: what each event means in each state.

import { describe, expect, test } from 'vitest';
import { markerOf, startJob, stateOf, stepJob, type Job, type JobEvent } from '../../../hardware/printer/job.ts';
import type { Message, Status } from '../../../hardware/printer/status.ts';
import { fc } from '../../support/property.ts';

const fine: Status = {
  offline: false,
  coverOpen: false,
  nearEnd: false,
  paperOut: false,
  cutter: false,
  overheated: false,
  error: false,
  drawerHigh: false,
};

const heard = (message: Message): JobEvent => ({ kind: 'message', message });
const status = (changes: Partial<Status> = {}): JobEvent => heard({ kind: 'status', status: { ...fine, ...changes } });
const paper = (paperOut = false): JobEvent => heard({ kind: 'paper', nearEnd: paperOut, paperOut });
const marker = (id: string): JobEvent => heard({ kind: 'printed', id: markerOf(id) });
const [marking, handedOver, noMarker, overdue, linkLost, cancelled] = (
  ['marking', 'handed_over', 'no_marker', 'overdue', 'link_lost', 'cancelled'] as const
).map((kind): JobEvent => ({ kind })) as [JobEvent, JobEvent, JobEvent, JobEvent, JobEvent, JobEvent]; // as many as named

/** The states after each event. */
function statesOf(events: readonly JobEvent[], options = { saysMarkers: false, isOneWay: false }): readonly string[] {
  let job: Job = startJob('mine', options);
  return events.map((event) => {
    job = stepJob(job, event);
    const state = stateOf(job);
    return state.kind === 'failed' ? `failed: ${state.cause}` : state.kind;
  });
}

test('its own marker means printed', () => {
  expect(statesOf([marking, handedOver, marker('mine')])).toEqual(['sending', 'sent', 'printed']);
});

test('the marker of another job means nothing', () => {
  expect(statesOf([marking, handedOver, marker('another'), overdue])).toEqual(['sending', 'sent', 'sent', 'unknown']);
});

describe('the answer to GS r', () => {
  test('means printed when no marker follows', () => {
    expect(statesOf([marking, handedOver, paper(), noMarker])).toEqual(['sending', 'sent', 'sent', 'printed']);
  });
  test('before the end marker was sent belongs to an earlier job', () => {
    expect(statesOf([paper(), noMarker, marking, handedOver, noMarker])).toEqual(['sending', 'sending', 'sending', 'sent', 'sent']);
  });
  test('means nothing from a printer that says markers', () => {
    expect(statesOf([marking, handedOver, paper(), noMarker, overdue], { saysMarkers: true, isOneWay: false }).slice(2)).toEqual([
      'sent',
      'sent',
      'unknown',
    ]);
  });
  test('that tells of no paper is no success', () => {
    expect(statesOf([marking, handedOver, paper(true), noMarker, overdue]).slice(2)).toEqual([
      'failed: paper_out',
      'failed: paper_out',
      'unknown',
    ]);
  });
  test('counts no more when the printer stood still after it', () => {
    expect(statesOf([marking, handedOver, paper(), status({ coverOpen: true }), noMarker, status(), noMarker]).slice(2)).toEqual([
      'sent',
      'failed: cover_open',
      'failed: cover_open',
      'sent',
      'sent',
    ]);
  });
});

test.each([
  ['coverOpen', 'cover_open'],
  ['paperOut', 'paper_out'],
  ['cutter', 'cutter'],
  ['overheated', 'overheated'],
  ['error', 'error'],
] as const)('a standstill for %s is told, and the marker after it still means printed', (flag, cause) => {
  expect(statesOf([status({ [flag]: true }), marking, handedOver, status(), marker('mine')])).toEqual([
    `failed: ${cause}`,
    `failed: ${cause}`,
    `failed: ${cause}`,
    'sent',
    'printed',
  ]);
});

test('offline without a cause is the feed button: no failure', () => {
  expect(statesOf([status({ offline: true })])).toEqual(['sending']);
});

test('a lost link and a passed deadline are unknown, a cancelled job is given up', () => {
  expect([statesOf([linkLost]), statesOf([marking, handedOver, overdue]), statesOf([cancelled])]).toEqual([
    ['unknown'],
    ['sending', 'sent', 'unknown'],
    ['given_up'],
  ]);
});

test('one way ends as sent', () => {
  expect(statesOf([marking, handedOver, overdue], { saysMarkers: false, isOneWay: true })).toEqual(['sending', 'sent', 'sent']);
});

test('an end is the end, and printed is said only after a sign of the printer', () => {
  const event = fc.constantFrom(
    marking,
    handedOver,
    noMarker,
    overdue,
    linkLost,
    cancelled,
    status(),
    status({ paperOut: true }),
    paper(),
    paper(true),
    marker('mine'),
    marker('other'),
  );
  const ends = new Set(['printed', 'unknown', 'given_up']);
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const states = statesOf(events);
      const end = states.findIndex((state) => ends.has(state));
      if (end === -1) return;
      expect(new Set(states.slice(end)).size).toBe(1);
      if (states[end] !== 'printed') return;
      const signs = events.slice(0, end + 1);
      expect(signs.at(-1) === noMarker || signs.at(-1)?.kind === 'message').toBe(true);
      expect(signs.some((sign) => sign.kind === 'message' && ['paper', 'printed'].includes(sign.message.kind))).toBe(true);
    }),
  );
});

test('markers are four letters or digits, and differ', () => {
  const markers = Array.from({ length: 1_000 }, (_, id) => markerOf(`job ${id}`));
  expect(markers.every((each) => /^[0-9A-Z]{4}$/.test(each))).toBe(true);
  expect(new Set(markers).size).toBeGreaterThan(995);
});
