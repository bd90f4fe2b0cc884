// A worker of the simulator: makes its template once, then runs the seeds that it is sent (crew.ts).

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Crew } from './crew.ts';
import type { FaultName } from './faults.ts';
import { memoryFolder } from './folder.ts';
import { makeWorld } from './machines.ts';
import { randomOf } from './random.ts';
import { run } from './run.ts';
import { makeTemplate } from './template.ts';

const crew = JSON.parse(process.argv[2] ?? 'null') as Crew | null; // as crew.ts gave it
if (crew !== null && process.send !== undefined) {
  const base = memoryFolder();
  process.on('exit', () => rmSync(base, { recursive: true, force: true }));
  process.on('disconnect', () => process.exit(1)); // nobody would hear what comes of it
  process.on('SIGINT', () => {}); // of a terminal, to all at once: whoever started this one says when it ends
  process.on('SIGTERM', () => process.exit(1)); // its folder goes with it
  const setChance = makeWorld();
  const template = await makeTemplate(join(base, 'template'), crew.kiosks);
  const faults = crew.faults === null ? null : new Set(crew.faults as FaultName[]); // main.ts checked them
  process.on('message', (message: { readonly seed?: number }) => {
    if (message.seed === undefined) process.exit(0);
    setChance(randomOf(`ids of ${message.seed}`));
    const { days, plant } = crew;
    const dayOver = (): void => void process.send?.({ day: true });
    void run(template, { seed: message.seed, days, faults, plant, directory: join(base, 'run'), trace: null, dayOver }).then((report) =>
      process.send?.({ report }),
    );
  });
  process.send({ ready: true });
}
