// Which tests run: `fast` in seconds with `npm run check`, all of them with `npm test`.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['tests/{db,hardware,renderer,electron,county,build}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.slow.test.*'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: ['tests/**/*.slow.test.{ts,tsx}', 'tests/{e2e,crash}/**/*.test.{ts,tsx}'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
