// What the shop chose of language, paper, text size and colours. Not money: a small file, replaced whole.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileDurably } from '../../db/files.ts';
import type { Home } from '../../db/home.ts';
import { languages } from '../../db/model/catalogue.ts';
import type { Settings } from '../ipc/snapshot.ts';

const shape = z.object({
  language: z.enum(languages).catch('zh'),
  paperDots: z.literal([384, 576]).catch(384),
  textPercent: z.literal([100, 125, 150]).catch(100),
  theme: z.enum(['normal', 'sunlight']).catch('normal'),
});

/** The stored settings; a missing or damaged file gives the defaults, since nothing of value is in it. */
export function readSettings(home: Home | null): Settings {
  if (home === null) return shape.parse({});
  try {
    return shape.parse(JSON.parse(readFileSync(home.settings, 'utf8')));
  } catch {
    return shape.parse({});
  }
}

export function writeSettings(home: Home, settings: Settings): void {
  writeFileDurably(home.settings, `${JSON.stringify(settings)}\n`);
}
