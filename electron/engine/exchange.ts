// Watches the inbox for the county's files and applies them in order, between sales. Refuses in words, deletes nothing.

import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { applyDownFile, notePathOf } from '../../db/down.ts';
import { lastDown } from '../../db/reference.ts';
import { type Engine, currentDay, loadReference, stop, stopOnFault } from './till.ts';

/** How often the inbox is looked at; a stick or a copied file is noticed within this. */
const lookMs = 5_000;

/** Starts watching. Files are applied when no call is in work; calls wait meanwhile. */
export function startExchange(engine: Engine): { stop(): void } {
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      await applyInbox(engine);
    } catch (error) {
      engine.log('the inbox', error);
    } finally {
      isLooking = false;
    }
  };
  void look();
  const looking = setInterval(() => void look(), lookMs);
  return {
    stop() {
      clearInterval(looking);
    },
  };
}

/** Applies what lies in the inbox, lowest number first, until one is refused or nothing is left. */
export async function applyInbox(engine: Engine): Promise<void> {
  for (let next = nextFile(engine); next !== null; next = nextFile(engine)) {
    const file = next;
    const work = apply(engine, file);
    engine.busy = work.then(
      () => {},
      () => {},
    );
    if (!(await work)) return;
  }
}

async function apply(engine: Engine, file: string): Promise<boolean> {
  const { book, home } = engine;
  if (book === null || home === null) return false;
  const path = join(home.inbox, file);
  try {
    const outcome = await applyDownFile(book, home, path, currentDay(engine), (percent) => {
      engine.exchange = { ...engine.exchange, applyingPercent: percent };
      engine.changed();
    });
    engine.exchange = { refused: outcome.kind === 'refused' ? { file, code: outcome.code } : null, applyingPercent: null };
    engine.log(`county file ${file}: ${outcome.kind}${outcome.kind === 'refused' ? ` ${outcome.code} ${outcome.detail}` : ''}`);
    if (outcome.kind === 'refused') return false;
    for (const done of [path, notePathOf(path)]) renameSync(done, `${done}.done`);
    loadReference(engine, book);
    return true;
  } catch (error) {
    engine.exchange = { ...engine.exchange, applyingPercent: null };
    stopOnFault(engine, error);
    if (engine.book !== null) stop(engine, 'internal', String(error));
    return false;
  } finally {
    engine.changed();
  }
}

/** The lowest-numbered file that has its note and is due; a file beyond the next waits, one applied before is passed. */
function nextFile(engine: Engine): string | null {
  const { book, home } = engine;
  if (book === null || home === null || !existsSync(home.inbox)) return null;
  const files = readdirSync(home.inbox)
    .filter((name) => /^\d{8}\.jsonl\.gz$/.test(name) && existsSync(notePathOf(join(home.inbox, name))))
    .toSorted();
  const due = (lastDown(book.db)?.downSeq ?? 0) + 1;
  const known = files.find((name) => Number(name.slice(0, 8)) < due);
  const wanted = known ?? files.find((name) => Number(name.slice(0, 8)) === due);
  if (wanted === undefined && files.length > 0) engine.exchange = { ...engine.exchange, refused: { file: files[0]!, code: 'gap' } };
  return wanted ?? null;
}
