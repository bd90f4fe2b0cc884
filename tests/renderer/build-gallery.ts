// Builds the gallery once for all the slow tests of a run that look at it: side by side they would empty each other's folder.

import { build } from 'vite';

export async function setup(): Promise<void> {
  const { NODE_ENV } = process.env;
  process.env['NODE_ENV'] = 'production'; // as what ships: under a test's own React draws several times as slowly
  try {
    await build({
      configFile: new URL('../../build/vite.renderer.config.ts', import.meta.url).pathname,
      mode: 'gallery',
      logLevel: 'error',
    });
  } finally {
    process.env['NODE_ENV'] = NODE_ENV;
  }
}
