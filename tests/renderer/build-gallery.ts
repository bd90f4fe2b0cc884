// Builds the gallery once for all the slow tests of a run that look at it: side by side they would empty each other's folder.

import { build } from 'vite';

export async function setup(): Promise<void> {
  await build({ configFile: new URL('../../build/vite.renderer.config.ts', import.meta.url).pathname, mode: 'gallery', logLevel: 'error' });
}
