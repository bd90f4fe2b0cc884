// What closing a long day costs beyond reading it: the engine's whole closing of 10,000 events, with its sums, its tree, its rows and its
// commit, against one bare pass that reads the same rows and parses their lines.

import { randomUUID } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { drawerFen } from '../../db/operators.ts';
import type { WritableDatabase } from '../../db/sqlite.ts';
import { closeDay } from '../../electron/engine/closing.ts';
import { countDrawer } from '../../electron/engine/drawer.ts';
import { piecesOf } from '../support/closing.ts';
import { openBenchTill } from './bench-till.ts';
import { bookOfDays } from './closed-days.ts';
import { type Bench, figuresOf, timed, timedAsync } from './measure.ts';

const eventsPerDay = 10_000;

export const closing10k: Bench = {
  name: 'closing-10k',
  async run(options) {
    const made = await bookOfDays({ days: 1, eventsPerDay, isLastOpen: true }, options);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let i = -1; i < (options.quick ? 3 : 9); i += 1) {
      const home = join(options.scratch, 'home');
      cpSync(made, home, { recursive: true });
      const { own, bare } = await closeOnce(home, i % 2 === 0);
      rmSync(home, { recursive: true });
      if (i < 0) continue; // code is compiled
      ours.push(own);
      theirs.push(bare);
    }
    return [
      {
        kind: 'measured',
        name: 'closing-10k',
        measures: 'closing a day of 10,000 events ÷ one bare pass over their rows, lines parsed',
        unit: 'ms',
        figures: figuresOf(ours),
        against: figuresOf(theirs),
        goals: [{ of: 'p50', is: 'ratio', atMost: 3 }],
      },
    ];
  },
};

/** Turn by turn in who comes first: the second finds the pages in memory. */
async function closeOnce(home: string, isBareFirst: boolean): Promise<{ readonly own: number; readonly bare: number }> {
  const engine = await openBenchTill(home);
  const { db } = engine.book!;
  try {
    engine.operator = { id: 'op2', name: '次仁', role: 'owner' };
    const countId = randomUUID();
    const counted = countDrawer(engine, { actId: countId, purpose: 'closing', counts: piecesOf(drawerFen(db)) });
    if (!counted.ok) throw new Error(counted.code);
    const first = isBareFirst ? timed(() => barePass(db)) : null;
    const own = await timedAsync(async () => {
      const closed = await closeDay(engine, { actId: randomUUID(), countId, reason: null });
      if (!closed.ok) throw new Error(closed.code);
    });
    return { own, bare: first ?? timed(() => barePass(db)) };
  } finally {
    engine.book?.close();
  }
}

/** Keeps one figure, so that nothing of it is left out. */
function barePass(db: WritableDatabase): number {
  let sum = 0;
  for (const { line } of db.prepare<[], { line: string }>('SELECT seq, line, leaf FROM event ORDER BY seq').iterate())
    sum += (JSON.parse(line) as { readonly amt: number }).amt;
  for (const { amount } of db
    .prepare<[], { amount: number }>('SELECT seq, account, commodity, amount FROM posting ORDER BY seq, n')
    .iterate())
    sum += amount;
  return sum;
}
