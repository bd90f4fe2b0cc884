// Makes a small demo county for a test.

import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoChoices, makeDemo } from '../../county/demo.ts';
import { silent } from '../../county/progress.ts';
import type { CardSample } from '../../county/samples.ts';
import type { SimulatedThings } from '../../electron/ipc/snapshot.ts';
import type { Enrolment } from './read-down.ts';

export const smallChoices: DemoChoices = {
  scheme: 'qiongjie',
  stores: 6,
  residents: 400,
  goods: 310,
  seed: 1,
  asOf: '2026-11-21',
  cards: 'samples',
};

/** An empty folder, removed by `cleanUp`. */
export function emptyFolder(cleanUp: (work: () => Promise<void>) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'county-'));
  cleanUp(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A demo in a folder of its own. */
export async function aDemo(cleanUp: (work: () => Promise<void>) => void, change: Partial<DemoChoices> = {}): Promise<string> {
  const out = emptyFolder(cleanUp);
  const made = await makeDemo(out, { ...smallChoices, ...change }, silent);
  if (!made.ok) throw new Error(made.code);
  return out;
}

/** A demo that several tests of a file only read; made once for the choices, removed by removeShared. */
export function sharedDemo(change: Partial<DemoChoices> = {}): Promise<string> {
  const name = JSON.stringify(change);
  const made = shared.get(name) ?? aDemo((work) => leftovers.push(work), change);
  shared.set(name, made);
  return made;
}

/** For afterAll of a file that shares demos. */
export async function removeShared(): Promise<void> {
  for (const work of leftovers.splice(0)) await work();
  shared.clear();
}

const shared = new Map<string, Promise<string>>();
const leftovers: (() => Promise<void>)[] = [];

export interface Simulated extends SimulatedThings {
  readonly pins: readonly { readonly operator: string; readonly name: string; readonly role: string; readonly pin: string }[];
}

export function readEnrolment(out: string, kiosk: string): Enrolment {
  return readJson(out, 'kiosks', kiosk, 'enrolment.json') as Enrolment; // the demo wrote it
}

export function readSimulated(out: string, kiosk: string): Simulated {
  return readJson(out, 'kiosks', kiosk, 'simulated.json') as Simulated; // the demo wrote it
}

export function readSamples(out: string, kiosk: string): readonly CardSample[] {
  const all = readJson(out, 'county', 'samples.json') as readonly { readonly kiosk: string; readonly cards: readonly CardSample[] }[]; // the demo wrote it
  return all.find((each) => each.kiosk === kiosk)!.cards;
}

function readJson(...path: readonly string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}
