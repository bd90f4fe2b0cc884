// The book beside its model, longer (reconciliation.md R7, T2).

import { expect, test } from 'vitest';
import { runLives } from '../support/book-model.ts';

test('three hundred long lives of a kiosk keep every invariant', async () => {
  await expect(runLives(300, 60)).resolves.toBeUndefined();
});
