// What the shop chose is there after a restart; a file that is older, damaged or missing gives the usual.

import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../../electron/engine/settings.ts';
import { aTill, startTill } from '../../support/till.ts';

const usual = { language: 'zh', paperDots: 384, textPercent: 100, theme: 'normal' };

test('colours and text size chosen on one day are there on the next', async () => {
  const till = await aTill(onTestFinished);
  expect(till.snapshot().settings).toEqual(usual);
  await till.call.setSettings({ theme: 'sunlight' });
  await till.call.setSettings({ textPercent: 125 });
  await till.stop();
  const next = await startTill(onTestFinished, till.directory, till.clock);
  expect(next.snapshot().settings).toEqual({ ...usual, theme: 'sunlight', textPercent: 125 });
});

test('a file from before a setting was there, or with a value nobody knows, loses nothing else', async () => {
  const { home } = await aTill(onTestFinished);
  const read = (text: string) => {
    writeFileSync(home.settings, text);
    return readSettings(home);
  };
  expect([
    read('{"language":"bo","paperDots":576,"textPercent":150}'),
    read('{"language":"bo","paperDots":576,"textPercent":150,"theme":"neon"}'),
    read('{"language":"bo"'),
  ]).toEqual([
    { language: 'bo', paperDots: 576, textPercent: 150, theme: 'normal' },
    { language: 'bo', paperDots: 576, textPercent: 150, theme: 'normal' },
    usual,
  ]);
});
