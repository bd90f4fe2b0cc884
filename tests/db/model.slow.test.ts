// The book beside its model, longer (reconciliation.md R7, T2).

import { expect, test } from 'vitest';
import { runLives } from '../support/book-model.ts';

test('a hundred and fifty long lives of a kiosk keep every invariant', { timeout: 600_000 }, async () => {
  await expect(runLives(150, 60)).resolves.toBeUndefined();
});
