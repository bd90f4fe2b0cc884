// Canned states of the scale's set-up, its daily check and the simulated one, for the gallery. Not real data.

import type { ScaleFamilyView, ScaleTrialView, ScaleView, Snapshot } from '../electron/ipc/snapshot.ts';
import type { GalleryCase } from './gallery-cases.ts';

const families: readonly ScaleFamilyView[] = [
  {
    family: 'st-us',
    models: ['台衡 T-Scale QHW/NHB/JSC', '英展 Excell XK3150W', '宝衡/博途 BT418', 'A&D', 'Dini Argeo', 'ACS-xx RS232'],
    unit: 'frame',
    line: { baudRate: 9_600, frame: '8N1' },
  },
  { family: 'cas-22', models: ['CAS NT-200/PDS/CI-600D', 'Caston'], unit: 'frame', line: { baudRate: 9_600, frame: '8N1' } },
  { family: 'kunhong', models: ['苏州坤宏 Kunhong'], unit: 'frame', line: { baudRate: 9_600, frame: '8N1' } },
  { family: 'yaohua-a9', models: ['耀华 XK3190-A9/A6', '柯力 D2008 (tF=0)'], unit: 'kg', line: { baudRate: 9_600, frame: '8N1' } },
  { family: 'dahua', models: ['大华 Dahua ACS-A/ACS-15Ab', '宝华'], unit: 'g', line: { baudRate: 9_600, frame: '8N1' } },
  {
    family: 'mettler-8217',
    models: ['Mettler Toledo Ariva/Viva/Diva (8217)', 'PSC/Datalogic Magellan', 'ER-A520'],
    unit: 'kg',
    line: { baudRate: 9_600, frame: '7E1' },
  },
  {
    family: 'toledo-continuous',
    models: ['Mettler Toledo 8142/8530/IND/Jaguar', '柯力 Keli (tF)', 'Liden', 'Vector'],
    unit: 'frame',
    line: { baudRate: 4_800, frame: '7E1' },
  },
];

const serial = 'serial:/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0?baud=9600&frame=8N1&flow=none';

const notSetUp: ScaleView = {
  address: serial,
  simulated: false,
  isForbidden: false,
  state: 'none',
  setUpElsewhere: null,
  setUp: null,
  isCheckedToday: false,
};

const setUp: ScaleView = {
  ...notSetUp,
  state: 'ready',
  setUp: {
    scaleSetId: '01938f6e-0000-7000-8000-000000000031',
    family: 'st-us',
    tellsNet: true,
    model: '英展 Excell XK3150W',
    serialNumber: 'XK3150W-2011-08832',
    verifiedOn: '2025-03-01',
    knownGrams: 5_000,
    toleranceGrams: 10,
  },
};

const rows = Array.from({ length: 8 }, () => [
  { hex: '53 54 2c 47 53 2c 2b 20', text: 'ST,GS,+ ' },
  { hex: '20 31 2e 32 33 34 6b 67', text: ' 1.234kg' },
]).flat();

const tried: Omit<ScaleTrialView, 'trialId'> = {
  doing: {
    kind: 'trying',
    state: 'ready',
    weight: { kind: 'stable', grams: 1_234, isNet: false },
    rejects: {},
    isEmptySeen: false,
    suggests7E1: false,
  },
  rows,
};

const heard: Omit<ScaleTrialView, 'trialId'> = {
  doing: {
    kind: 'heard',
    candidates: [
      { family: 'st-us', frames: 14, rejects: 0, grams: 1_234 },
      { family: 'toledo-continuous', frames: 3, rejects: 1, grams: 12_340 },
    ],
    line: { baudRate: 9_600, frame: '8N1' },
    suggests7E1: false,
    hasBytes: true,
  },
  rows,
};

/** What the gallery's engine answers. */
export const scaleAnswers: { readonly [call: string]: unknown } = {
  scaleFamilies: families,
  listenToScale: { ok: true, value: null },
  tryScale: { ok: true, value: null },
  keepScaleTrial: { ok: true, value: null },
  readEmptyPan: { ok: true, value: null },
  setScale: { ok: true, value: null },
  simulateScale: { display: { kind: 'weight', grams: 2_480, tareGrams: 120, isMoving: true }, fault: 'none' },
};

/** Listen, take the best guess, and see that it reads right. */
const toTry = ['Enter', 'Enter'];
const typed = (text: string): readonly string[] => text.split('').map((digit) => `Digit${digit}`);

/** The pages, over a till and over a desk whose scale is to be checked. */
export function scaleCases(selling: Snapshot, atDesk: Snapshot): { readonly [name: string]: GalleryCase } {
  const owner: Snapshot = { ...selling, operator: { id: 'o3', name: 'བསྟན་འཛིན་བློ་གྲོས་རྒྱ་མཚོ།', role: 'owner' }, scale: notSetUp };
  const settings = { view: 'settings' } as const;
  const wizard = (change: Partial<GalleryCase>): GalleryCase => ({
    snapshot: owner,
    beginning: settings,
    touch: '[data-part="scale"] button',
    heard,
    tried,
    ...change,
  });
  const check = (change: Partial<GalleryCase>): GalleryCase => ({
    snapshot: atDesk,
    touch: 'button[class*="start"]',
    weight: { kind: 'zero', grams: 0, isNet: false },
    ...change,
  });
  const checked = (isGood: boolean, readGrams: number): GalleryCase =>
    check({
      answers: { checkScale: { ok: true, value: { isGood, readGrams, knownGrams: 1_000, toleranceGrams: 10 } } },
      weight: { kind: 'stable', grams: readGrams, isNet: false },
      presses: ['Enter', 'Enter'],
    });
  return {
    'scale-settings': { snapshot: { ...owner, scale: setUp }, beginning: settings },
    'scale-set-up': wizard({ snapshot: { ...owner, scale: { ...notSetUp, setUpElsewhere: 'tcp://192.168.1.60:4001' } } }),
    'scale-set-up-again': wizard({ snapshot: { ...owner, scale: setUp } }),
    'scale-listening': wizard({
      heard: {
        doing: { kind: 'listening', step: 7, steps: 11, line: { baudRate: 9_600, frame: '7E1' }, question: 'W.' },
        rows: rows.slice(0, 3),
      },
      presses: ['Enter'],
    }),
    'scale-heard': wizard({ presses: ['Enter'] }),
    'scale-heard-nothing': wizard({
      heard: { doing: { kind: 'heard', candidates: [], line: null, suggests7E1: false, hasBytes: false }, rows: [] },
      presses: ['Enter'],
    }),
    'scale-unheard': wizard({ heard: { doing: { kind: 'unheard', code: 'busy' }, rows: [] }, presses: ['Enter'] }),
    'scale-try': wizard({ presses: toTry }),
    'scale-try-garbled': wizard({
      heard: {
        ...heard,
        doing: {
          kind: 'heard',
          candidates: [{ family: 'yaohua-a9', frames: 5, rejects: 0, grams: 23_960 }],
          line: null,
          suggests7E1: true,
          hasBytes: true,
        },
      },
      tried: {
        doing: {
          kind: 'trying',
          state: 'garbled',
          weight: { kind: 'none', grams: null, isNet: false },
          rejects: { checksum: 17, format: 4 },
          isEmptySeen: false,
          suggests7E1: true,
        },
        rows,
      },
      presses: toTry,
    }),
    'scale-plate': wizard({ presses: [...toTry, 'Enter', ...typed('2011'), 'KeyA'] }),
    'scale-over': wizard({ tried: { doing: { kind: 'over' }, rows }, presses: toTry }),
    'scale-check': check({ answers: { checkScale: { ok: false, code: 'not_zero', readGrams: 40 } }, presses: ['Enter'] }),
    'scale-check-known': check({
      answers: { checkScale: { ok: true, value: null } },
      weight: { kind: 'stable', grams: 5_000, isNet: false },
      presses: ['Enter'],
    }),
    'scale-check-good': checked(true, 1_004),
    'scale-check-bad': checked(false, 1_130),
    'scale-simulated': {
      snapshot: { ...selling, scale: { ...setUp, address: 'simulated:?family=st-us', simulated: true } },
      beginning: { isSimulatedShown: true },
    },
  };
}
