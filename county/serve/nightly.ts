// Runs the county's night and writes down that it ran, so that a server knows after a power cut whether it missed one. What a night does,
// county/night.ts says.

import type { ReadableDatabase } from '../../db/sqlite.ts';
import { prepared } from '../../db/sqlite.ts';
import { businessDate } from '../../db/model/time.ts';
import type { CountyBook } from '../book/county-book.ts';
import { type NightOutcome, night } from '../night.ts';

/**
 * The night, and the act that says so after its last file: one that is cut short, or that waits for the clock, is owed still, and goes on
 * where it stopped.
 */
export async function runNight(book: CountyBook): Promise<readonly NightOutcome[]> {
  const outcomes = await night(book);
  if (isClockWrong(outcomes)) return outcomes;
  await book.transact((act) => act.enter(nightKind, businessDate(book.wallMs())));
  return outcomes;
}

/** Writes down a start of the server: before the first night it says since when one can be missed. */
export async function enterStart(book: CountyBook): Promise<void> {
  await book.transact((act) => act.enter(startKind, ''));
}

/** When the newest night ran, or where none did, when the server started first; epoch ms; null before that. */
export function lastNight(db: ReadableDatabase): number | null {
  const ran = prepared<[string], { at: number }>(db, 'SELECT at FROM act WHERE kind = ? ORDER BY entry DESC LIMIT 1').get(nightKind);
  return (
    ran?.at ?? prepared<[string], { at: number }>(db, 'SELECT at FROM act WHERE kind = ? ORDER BY entry LIMIT 1').get(startKind)?.at ?? null
  );
}

/** Whether the night waits for a person to put the clock right, or to confirm it. */
export function isClockWrong(outcomes: readonly NightOutcome[]): boolean {
  return outcomes.some((each) => each.kind === 'held' && each.why === 'clock');
}

/** One line for the server's journal and for who ran it by hand. */
export function nightLine(outcomes: readonly NightOutcome[]): string {
  const written = outcomes.filter((each) => each.kind === 'written');
  const lines = written.reduce((sum, each) => sum + each.lines, 0);
  const held = outcomes.filter((each) => each.kind === 'held').length;
  const failed = outcomes.filter((each) => each.kind === 'failed').length;
  const others = outcomes.length - written.length - held - failed;
  return `${written.length} files, ${lines} lines${held === 0 ? '' : `, ${held} held`}${failed === 0 ? '' : `, ${failed} failed`}${others === 0 ? '' : `, ${others} not begun`}`;
}

const nightKind = 'night';
const startKind = 'start';
